"""`mic2025lab init`, and the commands that find the project they are called in."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from mic2025lab import __version__, analyses
from mic2025lab.runs.plan import find_plan, read_plan
from tests.runs.conftest import call, has, recorded, unpacked, write_notebook


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("init", "my-project", "--only", "overcapacity")
    monkeypatch.chdir(tmp_path / "my-project" / "notebooks")
    return tmp_path / "my-project"


@pytest.fixture
def mine(project):
    """A notebook of the user's own in the project."""
    cell, place = 'import mic2025lab as lab\nlab.record("twice", 2 * x)', project / "notebooks" / "mine.ipynb"
    return write_notebook(place, [cell], tables=None, parameters="x: int = 1  # a number")


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
    call("init", tmp_path / "all")
    assert {path.stem for path in (tmp_path / "all" / "notebooks").iterdir()} == set(analyses.ANALYSES)


def test_its_copy_of_a_notebook_is_the_one_that_runs(project):
    """An unchanged copy counts as the package's; an edited one does not, for the claims are judged by the package's method."""
    assert analyses.get("overcapacity").notebook == project / "notebooks" / "overcapacity.ipynb"
    assert analyses.get("overcapacity").packaged
    default = analyses.get("overcapacity").defaults()["history_end"]
    old, new = (f"history_end: int = {value}" for value in (default, default - 1))
    edit(project / "notebooks" / "overcapacity.ipynb", old, new)
    assert analyses.get("overcapacity").defaults()["history_end"] == default - 1
    assert not analyses.get("overcapacity").packaged


def test_a_new_notebook_in_it_has_a_name(mine):
    has(call("analyses").output, "mine: ")
    assert analyses.validate("mine", {"x": 2}).x == 2


def test_reports_go_to_the_project(project):
    has(call("history", "overcapacity").output, str(project / "reports"))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    has(call("init", tmp_path, status=2).output, "is not empty")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_folder_of_an_environment_becomes_a_project(tmp_path, monkeypatch):
    """`python -m venv .venv`, `git init`, and then `mic2025lab init .`; what is there stays."""
    monkeypatch.chdir(tmp_path)
    for name in (".git", ".venv", "venv"):
        (tmp_path / name).mkdir()
    (tmp_path / ".gitignore").write_text("mine")
    made = call("init", ".", "--only", "overcapacity")
    assert made.output.endswith("Next: mic2025lab run overcapacity\n")
    assert (tmp_path / ".gitignore").read_text() == "mine"
    assert find_plan() == tmp_path / "plan.yml"
    assert f"# {tmp_path.name}" in (tmp_path / "README.md").read_text()
    has(call("init", ".", status=2).output, f"{tmp_path.name}-2")


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
    call("init", place, "--only", "overcapacity")
    monkeypatch.chdir(tmp_path / place / "notebooks")
    for words, plan in ((), "plan.yml"), (("default",), "default"), (("../plan.yml",), None):
        printed = call("schedule", "print", "github", *words, status=0 if plan else 2)
        if plan is None:
            continue
        assert str(tmp_path) not in printed.output
        steps = yaml.safe_load(printed.output)["jobs"]["reports"]["steps"]
        install = f"python -m pip install 'mic2025lab[files]=={__version__}'"
        assert install in [step.get("run") for step in steps]
        (run,) = [step for step in steps if "batch" in step.get("run", "")]
        assert run["working-directory"] == place
        assert run["run"].startswith(f"mic2025lab batch {plan} --reports reports ")
        kept = {step["with"]["path"] for step in steps if "path" in step.get("with", {})}
        assert kept == {"reports" if place == "." else f"{place}/reports"}


@pytest.mark.parametrize("kind", ["cron", "systemd"])
def test_a_schedule_works_in_the_folder_of_the_project(project, kind):
    printed = call("schedule", "print", kind).output
    assert str(project / "plan.yml") in printed
    assert f"{project}/notebooks" not in printed


@pytest.mark.slow
def test_commands_know_the_runs_of_the_project_also_after_a_move(project, mine, monkeypatch):
    """Run, compare, verify, share, and build the site from inside; then all of that under another name of the folder."""
    call("run", "mine")
    for name in ("my-project", "moved"):
        folder = project.with_name(name)
        if not folder.exists():
            monkeypatch.chdir(project.parent)
            project.rename(folder)
            monkeypatch.chdir(folder / "data")
        has(call("run", "mine").output, "unchanged")
        has(call("history", "mine").output, "default")
        call("diff", "mine", "mine")
        call("site", "build")
        has((folder / "reports" / "docs" / "designs.html").read_text(encoding="utf-8"), "What each design")
        call("export", "mine", "-o", folder / "mine.html")
        call("verify", "mine")
        call("share", "mine", "-o", folder / "mine.zip")


@pytest.mark.slow
def test_a_notebook_of_ones_own_is_run_again_from_what_is_shared(project, mine, tmp_path, monkeypatch):
    call("run", "mine", "-p", "x=3")
    (run,) = (project / "reports/runs/mine").iterdir()
    call("share", f"mine/{run.name}", "-o", tmp_path / "mine.zip")
    folder = unpacked(tmp_path / "mine.zip", tmp_path / "elsewhere")
    monkeypatch.chdir(folder)
    (command,) = re.findall(r"bin/mic2025lab (run .*)", (folder / "HOW_TO_RERUN.md").read_text())
    call(*shlex.split(command))
    (made,) = folder.glob("reports/runs/mine/*")
    assert recorded(made) == {"twice": 6}


def test_two_projects_keep_their_notebooks_and_reports_apart(mine, tmp_path, monkeypatch):
    other = tmp_path / "other"
    call("init", other, "--only", "overcapacity")
    call("run", "mine")
    monkeypatch.chdir(other)
    assert "mine" not in analyses.available()
    assert "mine" not in call("history", "overcapacity").output
    assert not (other / "reports").exists()


def test_nothing_is_left_of_a_project_that_could_not_be_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    has(call("init", "mine", "--only", "overcap", status=2).output, "Did you mean 'overcapacity'")
    assert not list(tmp_path.iterdir())


def test_outside_a_project_a_batch_names_the_next_step(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    has(call("batch", status=2).output, "mic2025lab init")
    assert find_plan(Path("default")).name == "default.yml"
