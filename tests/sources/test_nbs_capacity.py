"""Reconciling the two transcriptions of capacity utilization."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import nbs_capacity
from mic2025lab.sources.fetch import locate

A = "period,industry,rate_pct,yoy_pp,kind,source,freq\n"
B = "period,series,value,unit,verified,source,note\n"


def build(raw_files: Callable, a: str, b: str) -> tuple[pd.DataFrame, Callable]:
    raw = raw_files({"nbs_capacity_utilisation_a.csv": A + a, "nbs_capacity_utilisation_b.csv": B + b})
    return nbs_capacity.capacity_utilization(raw).set_index(["period", "industry"]), raw


def test_each_rule(raw_files: Callable) -> None:
    a = (
        "2019,automobiles,77.3,,reported,siteA,A\n"  # agree, under other names
        "2019Q1,coal,70.0,,derived_from_next_year_yoy,siteA,Q\n"  # agree, b saw it printed
        "2019Q2,coal,71.0,,reported,siteA,Q\n"  # only a
        "2019Q3,coal,72.0,,derived_from_next_year_yoy,siteA,Q\n"  # conflict, b printed
        "2019Q4,coal,73.0,,reported,siteA,Q\n"  # conflict, a printed
        "2020Q1,coal,60.0,,reported,siteA,Q\n"  # conflict, both printed
        "2020Q2,coal,61.0,,derived_from_next_year_yoy,siteA,Q\n"  # conflict, neither printed
    )
    b = (
        "2019A,autos,77.3,%,yes,siteB,\n2019Q1,coal,70.0,%,yes,siteB,\n2019Q3,coal,72.5,%,yes,siteB,\n"
        "2019Q4,coal,73.4,%,no,siteB,\n2020Q1,coal,60.5,%,yes,siteB,\n2020Q2,coal,61.5,%,derived,siteB,\n"
        '2013A,total,75.8,%,no,"memory, unverified",\n'
    )
    table, _ = build(raw_files, a, b)

    def row(period: str, industry: str) -> tuple:
        return tuple(table.loc[(period, industry), ["value", "flag", "status", "source"]])

    assert row("2019", "motor_vehicles") == (77.3, "reported", "agree", "siteA")
    assert row("2019Q1", "coal") == (70.0, "reported", "agree", "siteB")
    assert row("2019Q2", "coal") == (71.0, "reported", "only_a", "siteA")
    assert row("2019Q3", "coal") == (72.5, "reported", "conflict", "siteB")
    assert row("2019Q4", "coal") == (73.0, "reported", "conflict", "siteA")
    assert pd.isna(row("2020Q1", "coal")[0])
    assert pd.isna(row("2020Q2", "coal")[0])
    assert row("2013", "total") == (75.8, "unverified", "only_b", "memory, unverified")
    assert table.loc[("2019", "motor_vehicles"), "frequency"] == "year"


def test_an_unknown_industry_stops_the_cleaning(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="robots"):
        build(raw_files, "2019,robots,77.3,,reported,s,A\n", "")


def test_a_cell_that_stands_twice_stops_the_cleaning(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="twice"):
        build(raw_files, "2019,coal,77.3,,reported,s,A\n2019,coal,77.4,,reported,s,A\n", "")


@pytest.mark.mirror
def test_the_mirror_s_comparison_is_the_same(mirror: Path) -> None:
    theirs = pd.read_csv(mirror / "nbs-capacity-utilisation" / "comparison.csv", dtype={"period": "str"})
    theirs["industry"] = theirs["series"].map(nbs_capacity.INDUSTRIES)
    theirs["period"] = theirs["period"].str.removesuffix("A")
    ours = nbs_capacity.capacity_utilization(lambda source, path: locate(source, path, mirror=mirror))
    both = ours.merge(
        theirs, on=["period", "industry"], how="outer", suffixes=("", "_mirror"), validate="1:1"
    )
    assert len(both) == len(ours) == len(theirs)
    assert (both["value"] == both["value_mirror"]).all()
    assert (both["status"] == both["status_mirror"].str.replace("only_in", "only")).all()
