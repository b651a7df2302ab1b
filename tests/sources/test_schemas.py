"""Schemas: every table has one, and it refuses what it should."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import TableError
from mic2025lab.sources import TABLES

LARGEST = 2_500_000  # bytes of a table that the package carries


def test_every_column_is_described() -> None:
    for name, table in TABLES.items():
        assert set(table.key) | set(table.order or ()) <= set(table.columns), name
        for column, about in table.columns.items():
            assert about.description, (name, column)
            assert about.dtype in {"int64", "float64", "str", "bool"}


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name].embedded])
def test_the_committed_table_passes(name: str) -> None:
    frame = lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name)
    TABLES[name].validated(frame)
    entry = lab.describe(name)
    assert (entry.folder / entry.file).stat().st_size < LARGEST
    assert entry.warnings


def _set(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame.index[0], column] = value
        return frame

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("value_added", _set("industry", "robots")),
        ("value_added", _set("value", -1.0)),
        ("value_added", _set("value", float("nan"))),
        ("value_added", _set("economy", "XYZ")),
        ("value_added", _set("unit", "billion USD")),
        ("value_added", lambda frame: pd.concat([frame, frame.iloc[[0]]], ignore_index=True)),
        ("value_added", lambda frame: frame.assign(extra=1)),
        ("value_added", lambda frame: frame.astype({"year": "float64"})),
        (
            "value_added",
            lambda frame: frame.assign(value=frame["value"].where(frame["industry"] != "kti", 1.0)),
        ),
        ("capacity_utilization", _set("value", 120.0)),
        ("capacity_utilization", _set("value", float("nan"))),
        ("capacity_utilization", _set("period", "2019-07")),
        ("capacity_utilization", _set("flag", "guessed")),
        ("sectors", _set("industries", "robots")),
        ("sectors", _set("match", "none")),
        ("targets", _set("verified", "maybe")),
        ("benchmarks", _set("value", float("nan"))),
        (
            "research_spending",
            lambda frame: frame.assign(value=frame["value"].where(frame["prices"] == "current", 1.0)),
        ),
        ("industrial_profits", _set("use", "input")),
        (
            "industrial_profits",
            lambda frame: frame.assign(value=frame["value"].where(frame["use"] == "check", 1.0)),
        ),
        ("leadership_figures", _set("url", "a page")),
        ("leadership_figures", _set("verified", "perhaps")),
        ("industry_supply", _set("imports", -1.0)),
        ("industry_supply", _set("value_added", 1e12)),
    ],
)
def test_what_must_not_pass_does_not(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = change(lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name))
    with pytest.raises(TableError):
        TABLES[name].validated(frame)


def test_an_indicator_has_one_unit() -> None:
    frame = lab.load("world_economy", vintage="all", economy="CHN")
    frame.loc[frame.index[0], "unit"] = "other"
    with pytest.raises(TableError, match="one unit"):
        TABLES["world_economy"].validated(frame)
