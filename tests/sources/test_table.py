"""A table: what it fills in, sorts, casts, and refuses."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab import sources
from mic2025lab.errors import LabError, SourceError, TableError
from mic2025lab.sources import columns
from mic2025lab.sources.reading import counted, entries, listed, read
from mic2025lab.sources.source import REDISTRIBUTABLE, Source, records, source
from mic2025lab.sources.table import coded, table
from mic2025lab.sources.table import columns as with_columns

OPEN = Source("open", "P", "T", "1", None, "L", "yes", "C", "2026-11-24", {"a.csv": "0" * 64})
CLOSED = Source("closed", "P", "T", "1", None, "L", "unclear", "C", "2026-11-24", {"b.csv": "1" * 64})


def made(frame, **about):
    """Make a table whose cleaning function returns the frame."""

    def small(raw):
        """Clean it."""
        return frame

    about = {"inputs": (OPEN, "a.csv"), "key": "economy year", "unit": "USD"} | about
    given = with_columns(
        year=columns.year(2000, 2030),
        economy=columns.text("Code"),
        value=columns.number("Value", "USD", missing="not_reported", ge=0),
        unit=columns.unit("USD"),
        flag=columns.flag("not_reported or empty", "not_reported"),
    )
    return table(*about.pop("inputs"), **about)(given(small))


def rows(**changes):
    frame = {
        "flag": ["", "not_reported"],
        "year": ["2021", "2020"],
        "economy": ["USA", "CHN"],
        "value": [1.0, None],
    }
    return pd.DataFrame(frame | changes)


def test_constants_are_filled_in_and_columns_and_rows_are_in_order():
    small = made(rows(extra=1))
    frame = small.validated(small(None))
    assert list(frame) == ["year", "economy", "value", "unit", "flag"]
    assert frame["economy"].tolist() == ["CHN", "USA"]
    assert frame["year"].dtype == "int64"
    assert set(frame["unit"]) == {"USD"}
    assert small.name == "small"
    assert small.built_by.endswith("small")
    assert made(rows(), order="").columns == small.columns
    assert made(rows(), order="")(None)["economy"].tolist() == ["USA", "CHN"]


@pytest.mark.parametrize(
    ("changes", "case"),
    [
        ({"value": [1.0, 2.0]}, "exactly where flag"),
        ({"value": [None, None]}, "exactly where flag"),
        ({"value": [-1.0, None]}, "-1.0"),
        ({"year": [2021.5, 2020.0]}, "year"),
        ({"year": ["1999", "2020"]}, "1999"),
        ({"economy": ["USA", "USA"], "year": ["2020", "2020"]}, "USA"),
        ({"flag": ["guess", "not_reported"]}, "guess"),
    ],
)
def test_what_a_schema_refuses(changes, case):
    small = made(rows(**changes))
    with pytest.raises(TableError, match=case):
        small.validated(small(None))


def test_checks_and_warnings_are_added_after_the_function():
    small = replace(made(rows(economy=["USA", "China"])), warnings=("Beware.",))
    small.warns(lambda frame: (f"{len(frame)} rows.",))
    frame = small(None)
    assert small.all_warnings(frame) == ["Beware.", "2 rows."]
    small.check("one economy")(lambda frame: frame["economy"].nunique() == 1)
    with pytest.raises(TableError, match="one economy"):
        small.validated(frame)
    message, function = coded("economy", "kind")
    assert "economy" in message
    assert function(frame.assign(kind="economy")).tolist() == [False, True]


def test_the_least_open_source_decides_on_redistribution():
    assert made(rows()).embedded
    both = made(rows(), inputs=(OPEN, "a.csv", CLOSED, "b.csv"))
    assert not both.embedded
    assert both.redistributable == "unclear"
    assert [origin.sha256 for origin in both.origins()] == [{"a.csv": "0" * 64}, {"b.csv": "1" * 64}]


FIRST = 2019


@table(OPEN, "a.csv", key="period")
@with_columns(
    year=columns.year(FIRST, 2030),
    period=columns.text("Month"),
    **columns.measured("Steel", "t", gt=0),
    note=columns.text("Note", missing=True),
)
def steel_by_month(raw):
    """Crude steel of the world,
    by month.

    From {FIRST}
    on.

    Warnings
    --------
    - Begins in {FIRST}; a gap is
      not zero.
    - Never add - compare.

    Notes
    -----
    {Not} read.
    """
    return pd.DataFrame({"period": ["2020-02", "2019-12"], "value": [1.0, 2.0], "note": ["", "estimate"]})


def test_the_docstring_has_title_description_and_warnings():
    assert steel_by_month.title == "Crude steel of the world, by month"
    assert steel_by_month.description == "From 2019 on."
    assert steel_by_month.warnings == ("Begins in 2019; a gap is not zero.", "Never add - compare.")
    assert steel_by_month.unit == "t"
    assert steel_by_month.coverage == ("year", "period")


def test_the_year_of_a_period_and_missing_text_are_filled_in():
    frame = steel_by_month.validated(steel_by_month(None))
    assert frame["year"].tolist() == [2019, 2020]
    assert frame["note"].isna().tolist() == [False, True]
    assert set(frame["unit"]) == {"t"}


@table(OPEN, "a.csv", key="economy kind")
@with_columns(
    economy=columns.economy("ISO3 code or WLD", ["WLD"]),
    aggregate=columns.truth("Whether the row is a group"),
    kind=columns.words("Kind", {"Old name": "old", "New name": "new"}),
    **columns.measured("Value", {"1000 t": "thousand t"}, missing=True),
    note=columns.text("Note", missing=True),
)
def text_of_a_file(raw):
    """Text."""
    return raw


def texts(**changes):
    row = {"economy": "China", "kind": "Old name", "value": "1,234.5", "unit": "1000 t"} | changes
    return pd.DataFrame([row, row | {"economy": "WLD", "kind": "new", "value": ""}])


def test_columns_read_the_text_of_files():
    frame = text_of_a_file.validated(text_of_a_file(texts()))
    assert frame["economy"].tolist() == ["CHN", "WLD"]
    assert frame["aggregate"].tolist() == [False, True]
    assert frame["kind"].tolist() == ["old", "new"]
    assert (frame["value"][0], frame["value"].isna()[1]) == (1234.5, True)
    assert set(frame["unit"]) == {"thousand t"}
    assert frame["note"].isna().all()
    pd.testing.assert_frame_equal(text_of_a_file(frame), frame)


@pytest.mark.parametrize(
    "changes", [{"kind": "Odd"}, {"value": "odd"}, {"economy": "Oddland"}, {"unit": "kg"}]
)
def test_text_that_a_column_cannot_read_is_named(changes):
    with pytest.raises(LabError, match=f"{next(iter(changes.values()))}"):
        text_of_a_file(texts(**changes))


def test_values_of_several_units_have_the_unit_of_their_row():
    several = columns.measured("Value", ["t", "kg"])
    assert several["value"].unit == "by row"
    assert several["unit"].checks == {"isin": ["t", "kg"]}


def test_every_publication_is_used_and_every_one_used_is_recorded():
    modules = Path(sources.__file__).parent.glob("*.py")
    named = [re.findall(r'= source\("(.+)"\)', path.read_text(encoding="utf-8")) for path in modules]
    assert sorted(key for keys in named for key in keys) == sorted(records())
    for key in records():
        assert source(key).redistributable in REDISTRIBUTABLE
        assert set(source(key).urls) <= set(source(key).files)


def test_columns_of_a_raw_file_are_checked_and_renamed(raw_files):
    raw = raw_files({"a.csv": "code,amount\n01,5\n02,7\n"})
    assert list(read(raw, OPEN, "code amount").frame) == ["code", "amount"]
    file = read(raw, OPEN, {"code": "product", "amount": "value"})
    assert file.frame["product"].tolist() == ["01", "02"]
    assert list(read(raw, OPEN, has={"amount": "value"}).frame) == ["code", "value"]
    file.within("product", ["01", "02", "03"])
    with pytest.raises(SourceError, match=r"unknown product: \['02'\]"):
        file.within("product", ["01"])
    with pytest.raises(SourceError, match="columns"):
        read(raw, OPEN, "amount code")


def test_labels_are_looked_up_counted_and_listed():
    labels = pd.Series(["b", "a", "b"])
    found = entries(labels, {"a": ("one", 1), "b": ("two", 2)}, "name", "number")
    assert found["name"].tolist() == ["two", "one", "two"]
    assert found["number"].tolist() == [2, 1, 2]
    assert counted(labels, ["a", "c"]) == "1 a, 0 c"
    assert listed(pd.Series({2015: 3.14, 2016: 4.0}), ".1f") == "2015 3.1, 2016 4.0"
