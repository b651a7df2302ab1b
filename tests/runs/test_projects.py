"""`mic2025lab init`, and the commands that find the project they are called in."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mic2025lab import __version__, analyses
from mic2025lab.cli import main
from mic2025lab.runs.plan import find_plan, read_plan
from tests.runs.conftest import unpacked


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
        "notebooks", "docs", "data", "plan.yml", "mic2025lab.yml", "README.md", "Makefile", "schedule.cron", ".gitignore",
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
    (project / "notebooks" / "mine.ipynb").write_text(json.dumps(_own()))
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


def test_the_folder_of_an_environment_becomes_a_project(tmp_path, monkeypatch):
    """`python -m venv .venv`, `git init`, and then `mic2025lab init .`; what is there stays."""
    monkeypatch.chdir(tmp_path)
    for name in (".git", ".venv", "venv"):
        (tmp_path / name).mkdir()
    (tmp_path / ".gitignore").write_text("mine")
    made = told("init", ".", "--only", "overcapacity")
    assert made.exit_code == 0, made.output
    assert made.output.endswith("Next: mic2025lab run overcapacity\n")
    assert (tmp_path / ".gitignore").read_text() == "mine"
    assert find_plan() == tmp_path / "plan.yml"
    assert f"# {tmp_path.name}" in (tmp_path / "README.md").read_text()
    again = told("init", ".")
    assert again.exit_code == 2
    assert f"{tmp_path.name}-2" in again.output


def test_every_analysis_makes_a_plan_of_its_own(tmp_path):
    from mic2025lab.cli import starting

    plan = find_plan(Path("default")).read_text(encoding="utf-8")
    for name in analyses.ANALYSES:
        (tmp_path / "plan.yml").write_text(starting._chosen(plan, [name]), encoding="utf-8")
        assert {request.analysis for request in read_plan(tmp_path / "plan.yml")} == {name}


@pytest.mark.parametrize("place", [".", "paper/study"])
def test_github_runs_the_plan_of_a_project_where_it_lies_in_the_repository(tmp_path, monkeypatch, place):
    """Nothing of a checkout of the package is asked for, and no path of this machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    assert told("init", place, "--only", "overcapacity").exit_code == 0
    monkeypatch.chdir(tmp_path / place / "notebooks")
    for words, plan in ((), "plan.yml"), (("default",), "default"), (("../plan.yml",), None):
        printed = told("schedule", "print", "github", *words)
        if plan is None:
            assert printed.exit_code == 2
            continue
        assert str(tmp_path) not in printed.output
        steps = yaml.safe_load(printed.output)["jobs"]["reports"]["steps"]
        assert f"python -m pip install 'mic2025lab[files]=={__version__}'" in [
            step.get("run") for step in steps
        ]
        (run,) = [step for step in steps if "batch" in step.get("run", "")]
        assert run["working-directory"] == place
        assert run["run"].startswith(f"mic2025lab batch {plan} --reports reports ")
        kept = {step["with"]["path"] for step in steps if "path" in step.get("with", {})}
        assert kept == {"reports" if place == "." else f"{place}/reports"}


@pytest.mark.parametrize("kind", ["cron", "systemd"])
def test_a_schedule_works_in_the_folder_of_the_project(project, kind):
    printed = told("schedule", "print", kind).output
    assert str(project / "plan.yml") in printed
    assert f"{project}/notebooks" not in printed


@pytest.mark.slow
def test_commands_know_the_runs_of_the_project_also_after_a_move(project, monkeypatch):
    """Run, compare, verify, share, and build the site from inside; then all of that under another name of the folder."""
    (project / "notebooks" / "mine.ipynb").write_text(json.dumps(_own()), encoding="utf-8")
    assert told("run", "mine").exit_code == 0
    for name in ("my-project", "moved"):
        folder = project.with_name(name)
        if not folder.exists():
            monkeypatch.chdir(project.parent)
            project.rename(folder)
            monkeypatch.chdir(folder / "data")
        assert "unchanged" in told("run", "mine").output
        assert "default" in told("history", "mine").output
        assert told("diff", "mine", "mine").exit_code == 0
        assert told("site", "build").exit_code == 0
        assert "What each design" in (folder / "reports" / "docs" / "designs.html").read_text(
            encoding="utf-8"
        )
        assert told("export", "mine", "-o", str(folder / "mine.html")).exit_code == 0
        verified = told("verify", "mine")
        assert verified.exit_code == 0, verified.output
        shared = told("share", "mine", "-o", str(folder / "mine.zip"))
        assert shared.exit_code == 0, shared.output


@pytest.mark.slow
def test_a_notebook_of_ones_own_is_run_again_from_what_is_shared(project, tmp_path, monkeypatch):
    (project / "notebooks" / "mine.ipynb").write_text(json.dumps(_own()), encoding="utf-8")
    assert told("run", "mine", "-p", "x=3").exit_code == 0
    (run,) = (project / "reports/runs/mine").iterdir()
    assert told("share", f"mine/{run.name}", "-o", str(tmp_path / "mine.zip")).exit_code == 0
    folder = unpacked(tmp_path / "mine.zip", tmp_path / "elsewhere")
    monkeypatch.chdir(folder)
    (command,) = re.findall(r"bin/mic2025lab (run .*)", (folder / "HOW_TO_RERUN.md").read_text())
    made = told(*shlex.split(command))
    assert made.exit_code == 0, made.output
    (results,) = folder.glob("reports/runs/mine/*/results.json")
    assert json.loads(results.read_text())["figures"]["twice"]["value"] == 6


def test_two_projects_keep_their_notebooks_and_reports_apart(project, tmp_path, monkeypatch):
    other = tmp_path / "other"
    assert told("init", str(other), "--only", "overcapacity").exit_code == 0
    (project / "notebooks" / "mine.ipynb").write_text(json.dumps(_own()), encoding="utf-8")
    assert told("run", "mine").exit_code == 0
    monkeypatch.chdir(other)
    assert "mine" not in analyses.available()
    assert "mine" not in told("history", "overcapacity").output
    assert not (other / "reports").exists()


def _own():
    texts = ["x: int = 1  # a number", 'import mic2025lab as lab\nlab.record("twice", 2 * x)']
    cells = [{"cell_type": "code", "id": f"c{n}", "metadata": {"tags": ["parameters"] if n == 0 else []}, "source": text,
              "outputs": [], "execution_count": None} for n, text in enumerate(texts)]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


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
