"""Runs in their order, and the run that a person means."""

import json

import pytest

from mic2025lab import analyses
from mic2025lab.errors import RunError, UnknownName
from mic2025lab.runs.changes import history
from tests.runs.conftest import call, has, write_notebook

FIRST, SECOND, THIRD, FAILED, GERMAN = (start + "0" * 10 for start in ("1a", "1b", "2c", "3d", "4e"))


def at(day):
    return {"started": f"2026-01-{day:02d}T00:00:00.000+00:00"}


def x(value, unit="%"):
    return {"figures": {"x": {"value": value, "unit": unit}}}


@pytest.fixture
def reports(write_run, tmp_path):
    """Three good runs and a failed one of the default, and one of another parameter; written out of order."""
    german = {"economy": "DEU"}
    write_run(tmp_path, THIRD, **at(9), **x(4.0), package={"version": "0.1.0", "sha256": "d" * 64})
    write_run(tmp_path, FIRST, **at(1), **x(2.0))
    write_run(tmp_path, FAILED, **at(5), status="failed", error="E: no")
    write_run(tmp_path, GERMAN, **at(4), **x(9.0), parameters=german, changed=german)
    write_run(tmp_path, SECOND, **at(3), **x(3.0), libraries={"numpy": "2.1"})
    return tmp_path


def test_runs_are_newest_last(reports):
    assert [run.run_id[:2] for run in history.runs(reports, "toy")] == ["1a", "1b", "4e", "3d", "2c"]
    default = history.runs(reports, "toy", {"economy": "CHN"})
    assert [run.run_id[:2] for run in default] == ["1a", "1b", "3d", "2c"]
    assert [run.good for run in default] == [True, True, False, True]
    assert history.runs(reports, "other") == []
    assert history.runs(reports / "nowhere") == []


def test_the_run_before_is_good_and_of_the_same_parameters(reports):
    folder = reports / "runs" / "toy"
    assert history.previous(folder / THIRD).folder == folder / SECOND
    assert history.previous(folder / f"{FAILED}.failed").folder == folder / SECOND
    assert history.previous(folder / SECOND).folder == folder / FIRST
    assert history.previous(folder / FIRST) is None
    assert history.previous(folder / GERMAN) is None


def test_a_folder_that_cannot_be_read_hides_no_other(reports):
    (reports / "runs" / "toy" / SECOND / "run.json").write_text("{")
    assert history.previous(reports / "runs" / "toy" / THIRD).folder == reports / "runs" / "toy" / FIRST


def test_a_series_says_what_moved_and_what_it_was_made_of(reports):
    table = history.series(reports, "toy", "x", {"economy": "CHN"})
    assert list(table["value"]) == [2.0, 3.0, 4.0]
    assert list(table["change"])[1:] == [1.0, 1.0]
    assert list(table["relative"])[1:] == [0.5, pytest.approx(1 / 3)]
    assert list(table["because"]) == ["", "environment", "code, environment"]
    every = history.series(reports, "toy", "x")
    assert list(every["parameters"]) == [{}, {}, {"economy": "DEU"}, {}]
    assert list(every["change"].fillna(-1)) == [-1, 1, -1, 1]  # each follows the run of its own parameters


def test_a_series_that_is_not_there_says_what_is(reports):
    with pytest.raises(UnknownName, match=r"Unknown figure 'y' of toy.*One of: x"):
        history.series(reports, "toy", "y")
    with pytest.raises(RunError, match=r"no good run of other.*mic2025lab run other"):
        history.series(reports, "other", "x")


@pytest.mark.parametrize(
    ("text", "found"),
    [("toy", THIRD), (FIRST, FIRST), ("1a", FIRST), ("2", THIRD), ("toy/1b", SECOND), ("4e", GERMAN),
     ("3d", f"{FAILED}.failed")],
)  # fmt: skip
def test_a_run_is_found_by_what_a_person_types(reports, text, found):
    assert history.find(text, reports).folder.name == found
    folder = reports / "runs" / "toy" / found
    assert history.find(folder, reports / "elsewhere").folder == folder  # a folder is a run wherever it is


def test_a_failed_attempt_beside_the_good_run_is_asked_for_by_its_name(reports, write_run):
    write_run(reports, FIRST, **at(12), status="failed", error="E")
    assert history.find("1a", reports).folder.name == FIRST
    assert history.find(f"{FIRST}.failed", reports).folder.name == f"{FIRST}.failed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1",
            r"'1' matches 2 runs. Give more of the id:\n  toy/1a0+ 2026-01-01 00:00\n  toy/1b0+ 2026-01-03",
        ),
        ("tpy", "no run 'tpy'.*Did you mean 'toy'"),
        ("zz", "no run 'zz'.*one of: toy"),
        ("", "Name a folder, a run id"),
    ],
)
def test_what_cannot_be_found_is_said_with_what_could(reports, text, message):
    with pytest.raises(RunError, match=message):
        history.find(text, reports)


def test_no_default_run_and_no_run_at_all(write_run, tmp_path):
    with pytest.raises(RunError, match="has no runs"):
        history.find("toy", tmp_path)
    write_run(tmp_path, FIRST, changed={"economy": "DEU"})
    with pytest.raises(RunError, match=r"no good run of toy with default.*\n  toy/1a0+ .* economy=DEU"):
        history.find("toy", tmp_path)


class TestCommand:
    """`mic2025lab history`."""

    @pytest.fixture(autouse=True)
    def _only_economy(self, monkeypatch, tmp_path):
        notebook = write_notebook(tmp_path / "toy.ipynb", [], parameters='economy = "CHN"')
        monkeypatch.setitem(analyses.ANALYSES, "toy", notebook)

    def test_a_figure_through_the_runs(self, reports):
        lines = call("history", "toy", "x", reports=reports).stdout.splitlines()
        assert lines[0].split() == ["started", "run", "parameters", "value", "change", "changed", "inputs"]
        assert len(lines) == 4
        assert "2 %" in lines[1]
        assert "+1 (+50%)" in lines[2]
        assert lines[3].endswith("code, environment")
        other = call("history", "toy", "x", "-p", "economy=DEU", reports=reports).stdout.splitlines()
        assert len(other) == 2
        assert "economy=DEU" in other[1]
        assert len(call("history", "toy", "x", "--all", reports=reports).stdout.splitlines()) == 5

    def test_the_runs_themselves(self, reports):
        has(call("history", "toy", reports=reports).stdout, "failed  E: no")
        rows = json.loads(call("history", "toy", "--json", reports=reports).stdout)
        assert [row["status"] for row in rows] == ["done", "done", "failed", "done"]

    def test_wrong_requests(self, reports):
        call("history", "tow", reports=reports, status=2)
        has(call("history", "toy", "y", reports=reports, status=2).stderr, "One of: x")
        none = call("history", "toy", "-p", "economy=USA", reports=reports)
        has(none.stdout, "List all runs with --all")
