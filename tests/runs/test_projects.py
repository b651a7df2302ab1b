"""`mic2025lab init`, and the commands that find the project they are called in."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.runs.plan import find_plan, read_plan


def told(*words):
    return CliRunner().invoke(main, words)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = told("init", "my-project", "--only", "overcapacity")
    assert made.exit_code == 0, made.output
    monkeypatch.chdir(tmp_path / "my-project" / "notebooks")
    return tmp_path / "my-project"


def edit(notebook, old, new):
    content = notebook.read_text(encoding="utf-8")
    assert old in content
    notebook.write_text(content.replace(old, new), encoding="utf-8")


def test_the_project_has_what_its_readme_names(project):
    assert {path.name for path in project.iterdir()} == {
        "notebooks", "data", "plan.yml", "mic2025lab.yml", "README.md", "Makefile", "schedule.cron", ".gitignore",
    }  # fmt: skip
    assert [path.name for path in (project / "notebooks").iterdir()] == ["overcapacity.ipynb"]
    assert str(project / "plan.yml") in (project / "schedule.cron").read_text()


def test_its_plan_is_found_from_inside(project):
    assert find_plan() == project / "plan.yml"
    assert [request.analysis for request in read_plan(find_plan())] == ["overcapacity"]


def test_all_notebooks_by_default(tmp_path):
    assert told("init", str(tmp_path / "all")).exit_code == 0
    assert {path.stem for path in (tmp_path / "all" / "notebooks").iterdir()} == set(analyses.ANALYSES)


def test_its_copy_of_a_notebook_is_the_one_that_runs(project):
    """An unchanged copy counts as the package's; an edited one does not, for the claims are judged by the package's method."""
    assert analyses.get("overcapacity").notebook == project / "notebooks" / "overcapacity.ipynb"
    assert analyses.get("overcapacity").packaged
    default = analyses.get("overcapacity").defaults()["history_end"]
    edit(
        project / "notebooks" / "overcapacity.ipynb",
        f"history_end: int = {default}",
        f"history_end: int = {default - 1}",
    )
    assert analyses.get("overcapacity").defaults()["history_end"] == default - 1
    assert not analyses.get("overcapacity").packaged


def test_a_new_notebook_in_it_has_a_name(project):
    cell = {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "source": "x: int = 1  # a number",
            "outputs": [], "execution_count": None}  # fmt: skip
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (project / "notebooks" / "mine.ipynb").write_text(json.dumps(content))
    assert "mine: " in told("analyses").output
    assert analyses.validate("mine", {"x": 2}).x == 2


def test_reports_go_to_the_project(project):
    shown = told("history", "overcapacity")
    assert str(project / "reports") in shown.output


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    made = told("init", str(tmp_path))
    assert made.exit_code == 2
    assert "is not empty" in made.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_nothing_is_left_of_a_project_that_could_not_be_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = told("init", "mine", "--only", "overcap")
    assert made.exit_code == 2
    assert "Did you mean 'overcapacity'" in made.output
    assert not list(tmp_path.iterdir())


def test_outside_a_project_a_batch_names_the_next_step(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = told("batch")
    assert asked.exit_code == 2
    assert "mic2025lab init" in asked.output
    assert find_plan(Path("default")).name == "default.yml"
