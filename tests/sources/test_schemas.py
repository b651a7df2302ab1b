"""Schemas: every table has one, and it refuses what it should."""

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import TableError
from mic2025lab.sources import TABLES

LARGEST = 2_500_000  # bytes of a table that the package carries


def test_every_column_is_described():
    for name, table in TABLES.items():
        assert set(table.key) | set(table.order or ()) <= set(table.columns), name
        for column, about in table.columns.items():
            assert about.description, (name, column)
            assert about.dtype in {"int64", "float64", "str", "bool"}


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name].embedded])
def test_the_committed_table_passes(name):
    frame = lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name)
    TABLES[name].validated(frame)
    entry = lab.describe(name)
    assert (entry.folder / entry.file).stat().st_size < LARGEST
    assert entry.warnings


def _set(column, value):
    def change(frame):
        frame.loc[frame.index[0], column] = value
        return frame

    return change


def _where(rows, value):
    return lambda frame: frame.assign(value=frame["value"].mask(frame.eval(rows), value))


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
        ("value_added", _where("industry == 'kti'", 1.0)),
        ("capacity_utilization", _set("value", 120.0)),
        ("capacity_utilization", _set("value", float("nan"))),
        ("capacity_utilization", _set("period", "2019-07")),
        ("capacity_utilization", _set("flag", "guessed")),
        ("sectors", _set("industries", "robots")),
        ("sectors", _set("match", "none")),
        ("targets", _set("verified", "maybe")),
        ("benchmarks", _set("value", float("nan"))),
        ("research_spending", _where("prices != 'current'", 1.0)),
        ("industrial_profits", _set("use", "input")),
        ("industrial_profits", _where("use != 'check'", 1.0)),
        ("leadership_figures", _set("url", "a page")),
        ("leadership_figures", _set("verified", "perhaps")),
        ("industry_supply", _set("imports", -1.0)),
        ("industry_supply", _set("value_added", 1e12)),
        ("hs_products", lambda frame: frame[frame["code"] != "8507"]),
        ("hs_concordance", lambda frame: frame[(frame["weight"] == 1) | frame["to_code"].duplicated()]),
        ("hs_concordance", lambda frame: frame.assign(weight_main=frame["weight_main"] / 2)),
        ("hs_concordance", lambda frame: frame.assign(from_code=frame["from_code"].str.lstrip("0"))),
        ("sector_products", lambda frame: frame.assign(confidence="excluded")),
        ("sector_products", _set("description", None)),
        ("world_economy", _set("unit", "other")),
    ],
)
def test_what_must_not_pass_does_not(name, change):
    frame = change(lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name))
    with pytest.raises(TableError):
        TABLES[name].validated(frame)
