"""A table: what it fills in, sorts, casts, and refuses."""

from __future__ import annotations

import pandas as pd
import pytest

from mic2025lab.errors import TableError
from mic2025lab.sources import columns
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table, coded, table

OPEN = Source("open", "P", "T", "1", None, "L", "yes", "C", "2026-11-24", {"a.csv": "0" * 64})
CLOSED = Source("closed", "P", "T", "1", None, "L", "unclear", "C", "2026-11-24", {"b.csv": "1" * 64})


def made(frame: pd.DataFrame, **about: object) -> Table:
    """Make a table whose cleaning function returns the frame."""

    def small(raw: object) -> pd.DataFrame:
        """Clean it."""
        return frame

    settings = {
        "title": "T", "description": "D", "unit": "USD", "inputs": (OPEN, "a.csv"), "key": ("economy", "year"),
        "coverage": ("year",),
        "columns": {
            "year": columns.year(2000, 2030),
            "economy": columns.text("Code"),
            "value": columns.number("Value", "USD", missing="not_reported", ge=0),
            "unit": columns.unit("USD"),
            "flag": columns.flag("not_reported or empty", "not_reported"),
        },
    }  # fmt: skip
    return table(**(settings | about))(small)


def rows(**changes: object) -> pd.DataFrame:
    frame = {
        "flag": ["", "not_reported"],
        "year": ["2021", "2020"],
        "economy": ["USA", "CHN"],
        "value": [1.0, None],
    }
    return pd.DataFrame(frame | changes)


def test_constants_are_filled_in_and_columns_and_rows_are_in_order() -> None:
    small = made(rows(extra=1))
    frame = small.validated(small(None))
    assert list(frame) == ["year", "economy", "value", "unit", "flag"]
    assert frame["economy"].tolist() == ["CHN", "USA"]
    assert frame["year"].dtype == "int64"
    assert set(frame["unit"]) == {"USD"}
    assert small.name == "small"
    assert small.built_by.endswith("small")
    assert made(rows(), order=()).columns == small.columns
    assert made(rows(), order=())(None)["economy"].tolist() == ["USA", "CHN"]


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
def test_what_a_schema_refuses(changes: dict[str, object], case: str) -> None:
    small = made(rows(**changes))
    with pytest.raises(TableError, match=case):
        small.validated(small(None))


def test_checks_and_warnings_are_added_after_the_function() -> None:
    small = made(rows(economy=["USA", "China"]), warnings=("Beware.",))
    small.warns(lambda frame: (f"{len(frame)} rows.",))
    frame = small(None)
    assert small.all_warnings(frame) == ["Beware.", "2 rows."]
    small.check("one economy")(lambda frame: frame["economy"].nunique() == 1)
    with pytest.raises(TableError, match="one economy"):
        small.validated(frame)
    message, function = coded("economy", "kind")
    assert "economy" in message
    assert function(frame.assign(kind="economy")).tolist() == [False, True]


def test_the_least_open_source_decides_on_redistribution() -> None:
    assert made(rows()).embedded
    both = made(rows(), inputs=((OPEN, "a.csv"), (CLOSED, "b.csv")))
    assert not both.embedded
    assert both.redistributable == "unclear"
    assert [origin.sha256 for origin in both.origins()] == [{"a.csv": "0" * 64}, {"b.csv": "1" * 64}]
