"""What differs between two runs: found, sized, said, and not confused with what they were made of."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.cli import main
from mic2025lab.errors import RunError
from mic2025lab.runs.changes import compare, describe
from mic2025lab.runs.changes.describe import number_pair
from tests.runs.conftest import has

A, B = "a" * 12, "b" * 12


@pytest.fixture
def pair(write_run, tmp_path):
    """Compare two runs that differ in what is given: `pair({"figures": …}, {"figures": …})`."""

    def make(before: dict[str, Any], after: dict[str, Any]) -> compare.Difference:
        return compare.compare(write_run(tmp_path, A, **before), write_run(tmp_path, B, **after))

    return make


def figures(**values: Any) -> dict[str, Any]:
    return {
        "figures": {
            name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()
        }
    }


def test_the_same_results_of_other_code_are_no_change(pair):
    difference = pair(figures(x=1.5), figures(x=1.5) | {"package": {"version": "0.2.0", "sha256": "d" * 64}})
    assert not difference.changed
    assert difference.differ == ("code",)
    text = describe.summary(difference)
    assert "Same results" in text
    assert "mic2025lab: 0.1.0 cccccccc → 0.2.0 dddddddd" in text


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
    assert "Changed: 6 of 6 figures" in text
    assert "share (%)" in text
    assert "+1 (+4%)" in text
    assert "new" in text
    assert "no longer recorded" in text


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


class TestTables:
    """Rows are matched by what names them, and cells compared as written."""

    def one(self, pair: Any, before: str, after: str) -> Any:
        (change,) = pair({"tables": {"t": before}}, {"tables": {"t": after}}).tables
        return change

    def test_a_row_put_in_front_moves_no_other(self, pair):
        before = "year,economy,value\n2001,CHN,1.5\n2001,USA,9.0\n"
        after = "year,economy,value\n2000,CHN,1.0\n2001,CHN,1.5\n2001,USA,9.9\n"
        change = self.one(pair, before, after)
        assert (change.status, change.key) == ("changed", ("year", "economy"))
        assert (change.rows_before, change.rows_after, change.rows_added, change.rows_removed) == (2, 3, 1, 0)
        assert (change.cells, change.cells_changed) == (2, 1)
        assert change.largest is None  # not only numbers changed

    def test_an_order_that_changed_is_a_change_without_a_changed_cell(self, pair):
        change = self.one(pair, "economy,value\nCHN,1\nUSA,2\n", "economy,value\nUSA,2\nCHN,1\n")
        assert (change.status, change.largest) == ("changed", None)
        assert (change.cells_changed, change.rows_added) == (0, 0)

    def test_a_measure_names_no_row(self, pair):
        change = self.one(pair, "share,economy\n0.5,CHN\n0.6,USA\n", "share,economy\n0.51,CHN\n0.6,USA\n")
        assert change.key == ()
        assert (change.cells, change.cells_changed) == (4, 1)
        assert change.largest == pytest.approx(0.01 / 0.51)

    def test_columns_that_came_and_went(self, pair):
        change = self.one(pair, "economy,old,value\nCHN,1,2\n", "economy,value,new\nCHN,2,3\n")
        assert (change.columns_added, change.columns_removed, change.cells_changed) == (("new",), ("old",), 0)

    def test_a_text_that_changed_has_no_size(self, pair):
        change = self.one(pair, "economy,flag,value\nCHN,,1\n", "economy,flag,value\nCHN,estimated,2\n")
        assert (change.cells_changed, change.largest) == (2, None)

    def test_a_table_that_is_new_or_gone(self, pair):
        difference = pair({"tables": {"old": "a\n1\n"}}, {"tables": {"new": "a\n1\n2\n"}})
        assert [(c.name, c.status, c.rows_before, c.rows_after) for c in difference.tables] == [
            ("new", "added", 0, 2),
            ("old", "removed", 1, 0),
        ]

    def test_a_table_without_rows(self, pair):
        change = self.one(pair, "economy,value\nCHN,1\n", "economy,value\n")
        assert (change.rows_before, change.rows_after, change.rows_removed, change.cells) == (1, 0, 1, 0)


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


class TestCommand:
    """`mic2025lab diff`: exit status as of diff."""

    def call(self, tmp_path: Path, *arguments: str) -> Any:
        return CliRunner().invoke(main, ["diff", *arguments, "--reports", str(tmp_path)])

    def test_exit_status(self, write_run, tmp_path):
        write_run(tmp_path, "a1" + "0" * 10, **figures(x=1))
        write_run(tmp_path, "a2" + "0" * 10, **figures(x=1), python="3.12.0")
        write_run(tmp_path, "b1" + "0" * 10, **figures(x=2))
        assert self.call(tmp_path, "a1", "a2").exit_code == 0
        changed = self.call(tmp_path, "a1", "b")
        assert changed.exit_code == 1
        assert "x  1 → 2  +1 (+100%)" in changed.stdout
        wrong = self.call(tmp_path, "a", "b")
        assert wrong.exit_code == 2
        assert "matches 2 runs" in wrong.stderr

    def test_json_holds_everything(self, write_run, tmp_path):
        write_run(tmp_path, A, **figures(x=1.0))
        write_run(tmp_path, B, **figures(x=3.0))
        told = json.loads(self.call(tmp_path, A, B, "--json").stdout)
        assert told["changed"] is True
        assert told["before"]["run_id"] == A
        assert told["figures"] == [
            {"name": "x", "unit": None, "before": 1.0, "after": 3.0, "absolute": 2.0, "relative": 2.0, "status": "changed", "also": []}
        ]  # fmt: skip
