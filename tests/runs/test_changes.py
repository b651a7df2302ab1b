"""What differs between two runs: found, sized, said, and not confused with what they were made of; the runs that a person means."""

import json
import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import analyses
from mic2025lab.errors import RunError, UnknownName
from mic2025lab.results.run import Figure
from mic2025lab.runs.changes import compare, describe, history
from tests.runs.conftest import call, has, write_notebook

A, B = "a" * 12, "b" * 12


@pytest.fixture
def pair(write_run, tmp_path):
    """Compare two runs that differ in what is given: `pair({"figures": …}, {"figures": …})`."""

    def make(before, after):
        return compare.compare(write_run(tmp_path, A, **before), write_run(tmp_path, B, **after))

    return make


def figures(**values):
    entries = {name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()}
    return {"figures": entries}


SHARE = {"value": 25.0, "unit": "%", "low": 24.5, "high": 25.5}


@pytest.mark.parametrize(
    ("before", "after", "status", "absolute", "relative", "also"),
    [
        (SHARE, SHARE, "same", 0.0, 0.0, ()),
        (SHARE, {**SHARE, "value": 26.0}, "changed", 1.0, 0.04, ()),
        (SHARE, {**SHARE, "low": 24.0, "note": "provisional"}, "changed", 0.0, 0.0, ("low", "note")),
        (SHARE, {**SHARE, "value": 26.0, "unit": "points"}, "changed", None, None, ("unit",)),
        # A debt that grew went down: relative to its size, not to its sign.
        ({"value": -4.0}, {"value": -5.0}, "changed", -1.0, -0.25, ()),
        ({"value": 0}, {"value": 3}, "changed", 3, None, ()),
        ({"value": "rose"}, {"value": "fell"}, "changed", None, None, ()),
        (None, {"value": 2}, "added", None, None, ()),
        ({"value": 1}, None, "removed", None, None, ()),
    ],
)
def test_a_figure_has_its_change_in_its_unit_and_relative_to_what_it_was(
    before, after, status, absolute, relative, also
):
    change = compare.figure_change("x", *(each and Figure(**each) for each in (before, after)))
    assert (change.status, change.absolute, change.relative, change.also) == (
        status,
        absolute,
        relative,
        also,
    )
    assert [change.before, change.after] == [each and each["value"] for each in (before, after)]


def test_what_changed_is_told(pair):
    note = {"value": 1.0, "note": "provisional"}
    before = figures(share=SHARE, gone=1, noted=1.0, same=1) | {"finding": ["It rose.", "Stays."]}
    after = figures(share={**SHARE, "value": 26.0}, new=2, noted=note, same=1) | {
        "finding": ["It fell.", "Stays."]
    }
    difference = pair(before, after)
    assert difference.changed
    told = describe.summary(difference)
    has(told, "Changed: 4 of 5 figures", "share (%)", "+1 (+4%)", "new", "no longer recorded", "also: note")
    assert "  − It rose.\n  + It fell." in told
    assert "Stays." not in told


def test_data_code_parameters_and_libraries_are_told_apart_and_are_no_change_of_results(pair):
    table = {"sha256": "f" * 64, "vintages": ["2026-04"], "versions": ["Nobody (2)"]}
    inputs = {
        "parameters": {"economy": "DEU"},
        "environment": {"numpy": "2.1"},
        "files": {"firms.csv": "9" * 64},
        "package": {"version": "0.2.0", "sha256": "d" * 64},
    }
    difference = pair(figures(x=1.5), figures(x=1.5) | {"sources": {"toy": table, "other": table}, **inputs})
    assert not difference.changed
    assert difference.differ == ("parameters", "data", "code", "environment")
    data = {change.name: change for change in difference.data}
    before = {"sha256": "a" * 64, "vintages": [], "versions": ["Nobody (1)"]}
    assert (data["toy"].before, data["toy"].after) == (before, table)
    assert (data["other"].status, data["firms.csv"].status) == ("added", "added")
    has(
        describe.summary(difference),
        "Same results",
        "economy: CHN → DEU",
        "toy: sha256 aaaaaaaa; Nobody (1) → sha256 ffffffff; 2026-04; Nobody (2)",
        "other: not used → sha256 ffffffff",
        "mic2025lab: 0.1.0 cccccccc → 0.2.0 dddddddd",
        "numpy: 2.0 → 2.1",
    )


CASES = tomllib.loads(Path(__file__).with_name("table_changes.toml").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rows_are_matched_by_what_names_them_and_cells_compared_as_written(pair, case):
    kept = ({"tables": {"t": case[when]}} if when in case else {} for when in ("before", "after"))
    (change,) = pair(*kept).tables
    for name, value in {"status": "changed", **case["expected"]}.items():
        found = getattr(change, name)
        if isinstance(found, tuple):
            assert list(found) == value, name
        else:
            assert found == (
                None if value == "none" else pytest.approx(value) if name == "largest" else value
            ), name


@pytest.mark.parametrize(
    ("factor", "more", "rounding"),
    [
        (1 + 1e-12, {}, True),
        (1 + 1e-6, {}, False),
        (1 + 1e-12, figures(x=3.7, y=1.0), False),
        (1 + 1e-12, {"finding": ["It rose."]}, False),
    ],
)
def test_rounding_is_told_from_change(pair, factor, more, rounding):
    table = "economy,value\nCHN,{!r}\n"
    difference = pair(
        figures(x=3.7) | {"tables": {"t": table.format(5.3)}},
        figures(x=3.7 * factor) | {"tables": {"t": table.format(5.3 * factor)}} | more,
    )
    assert difference.changed
    assert difference.rounding is rounding


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_numbers_that_differ_are_never_written_alike(x, y):
    before, after = describe.number_pair(x, y)
    if x == y:
        assert math.copysign(1, x) != math.copysign(1, y) or before == after
    else:
        assert before != after


def test_runs_of_two_analyses_are_not_compared(write_run, tmp_path):
    with pytest.raises(RunError, match="of the same analysis"):
        compare.compare(write_run(tmp_path, A), write_run(tmp_path, B, analysis="other"))


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"status": "done"', '{"analysis": "toy"}', '{"status": ["done"]}']
)
def test_a_folder_that_is_no_run_is_refused(write_run, tmp_path, content):
    good, bad = write_run(tmp_path, A), write_run(tmp_path, B)
    (bad / "run.json").write_text(content)
    with pytest.raises(RunError, match=r"run\.json .*--force"):
        compare.compare(good, bad)
    with pytest.raises(RunError, match="is not the folder of a run"):
        compare.compare(good, tmp_path)


def test_the_exit_status_is_that_of_diff_and_json_holds_everything(write_run, tmp_path):
    for name, value, python in (("a1", 1.0, "3.11.2"), ("a2", 1.0, "3.12.0"), ("b1", 3.0, "3.11.2")):
        write_run(tmp_path, name + "0" * 10, **figures(x=value), python=python)
    call("diff", "a1", "a2", reports=tmp_path)
    has(call("diff", "a1", "b", reports=tmp_path, status=1).stdout, "x  1 → 3  +2 (+200%)")
    has(call("diff", "a", "b", reports=tmp_path, status=2).stderr, "matches 2 runs")
    told = json.loads(call("diff", "a1", "b", "--json", reports=tmp_path, status=1).stdout)
    assert told["changed"] is True
    assert told["before"]["run_id"] == "a1" + "0" * 10
    assert told["figures"] == [
        {"name": "x", "unit": None, "before": 1.0, "after": 3.0, "absolute": 2.0, "relative": 2.0, "status": "changed", "also": []}
    ]  # fmt: skip


# Runs in their order, and the run that a person means

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
        ("tpy", "Unknown run 'tpy' of .*Did you mean 'toy'"),
        ("zz", "Unknown run 'zz' of .*One of: toy"),
        ("", "name a folder, or a run id"),
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
