"""What differs between two runs: found, sized, said, and not confused with what they were made of."""

import json
import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.errors import RunError
from mic2025lab.runs.changes import compare, describe
from mic2025lab.runs.changes.describe import number_pair
from tests.runs.conftest import call, has

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


def test_the_same_results_of_other_code_are_no_change(pair):
    difference = pair(figures(x=1.5), figures(x=1.5) | {"package": {"version": "0.2.0", "sha256": "d" * 64}})
    assert not difference.changed
    assert difference.differ == ("code",)
    text = describe.summary(difference)
    has(text, "Same results", "mic2025lab: 0.1.0 cccccccc → 0.2.0 dddddddd")


def test_a_figure_has_its_change_in_its_unit_and_relative_to_what_it_was(pair):
    before = figures(share={"value": 25.0, "unit": "%"}, gone=1, text="rose", zero=0, debt=-4.0)
    after = figures(share={"value": 26.0, "unit": "%"}, new=2, text="fell", zero=3, debt=-5.0)
    difference = pair(before, after)
    by_name = {change.name: change for change in difference.figures}
    share = by_name["share"]
    assert (share.before, share.after, share.absolute, share.relative) == (25.0, 26.0, 1.0, 0.04)
    assert share.status == "changed"
    assert (
        by_name["debt"].relative == -0.25
    )  # a debt that grew went down: relative to its size, not to its sign
    assert (by_name["zero"].absolute, by_name["zero"].relative) == (3, None)
    assert (by_name["text"].absolute, by_name["text"].status) == (None, "changed")
    assert (by_name["new"].status, by_name["gone"].status) == ("added", "removed")
    text = describe.summary(difference)
    has(text, "Changed: 6 of 6 figures", "share (%)", "+1 (+4%)", "new", "no longer recorded")


def test_an_interval_or_a_note_that_moved_is_a_change_and_is_named(pair):
    entry = {"value": 1.0, "unit": "%", "low": 0.5, "high": 1.5}
    difference = pair(figures(x=entry), figures(x={**entry, "low": 0.4, "note": "provisional"}))
    (change,) = difference.figures
    assert (change.status, change.also, change.absolute) == ("changed", ("low", "note"), 0.0)
    assert difference.changed
    assert "also: low, note" in describe.summary(difference)


def test_numbers_of_unlike_units_are_not_subtracted(pair):
    (change,) = pair(
        figures(x={"value": 1.0, "unit": "%"}), figures(x={"value": 2.0, "unit": "points"})
    ).figures
    assert (change.status, change.also) == ("changed", ("unit",))
    assert (change.absolute, change.relative) == (None, None)


def test_sentences_that_came_and_went_are_shown(pair):
    difference = pair({"finding": ["It rose.", "Stays."]}, {"finding": ["It fell.", "Stays."]})
    assert [(c.status, c.before or c.after) for c in difference.findings] == [
        ("removed", "It rose."),
        ("added", "It fell."),
    ]
    assert difference.changed
    assert "  − It rose.\n  + It fell." in describe.summary(difference)


def test_data_parameters_and_libraries_are_told_apart(pair):
    table = {"sha256": "f" * 64, "vintages": ["2026-04"], "versions": ["Nobody (2)"]}
    inputs = {
        "parameters": {"economy": "DEU"},
        "environment": {"numpy": "2.1"},
        "files": {"firms.csv": "9" * 64},
    }
    difference = pair({}, {"sources": {"toy": table, "other": table}, **inputs})
    assert not difference.changed
    assert difference.differ == ("parameters", "data", "environment")
    data = {change.name: change for change in difference.data}
    before = {"sha256": "a" * 64, "vintages": [], "versions": ["Nobody (1)"]}
    after = {name: table[name] for name in before}
    assert (data["toy"].before, data["toy"].after) == (before, after)
    assert (data["other"].status, data["firms.csv"].status) == ("added", "added")
    text = describe.summary(difference)
    has(
        text,
        "economy: CHN → DEU",
        "toy: sha256 aaaaaaaa; Nobody (1) → sha256 ffffffff; 2026-04; Nobody (2)",
        "other: not used → sha256 ffffffff",
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


@pytest.mark.parametrize(("factor", "rounding"), [(1 + 1e-12, True), (1 + 1e-6, False)])
def test_rounding_is_told_from_change(pair, factor, rounding):
    table = "economy,value\nCHN,{!r}\n"
    difference = pair(
        figures(x=3.7) | {"tables": {"t": table.format(5.3)}},
        figures(x=3.7 * factor) | {"tables": {"t": table.format(5.3 * factor)}},
    )
    assert difference.changed
    assert difference.rounding is rounding


def test_a_sentence_or_a_new_figure_is_never_rounding(pair):
    assert not pair(figures(x=1.0), figures(x=1.0 + 1e-13, y=1.0)).rounding


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_numbers_that_differ_are_never_written_alike(x, y):
    before, after = number_pair(x, y)
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
