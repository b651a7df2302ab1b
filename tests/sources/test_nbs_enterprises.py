"""Industrial enterprises: what is taken of the two files, and what is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import nbs_enterprises

MAIN = "year,n_firms,total_assets_100m_yuan,total_liabilities,main_revenue,total_profit\n2010,5,100,60,200,10\n2014,4,150,80,300,12\n"


def build(raw_files: Callable, main: str = MAIN):
    raw = raw_files({nbs_enterprises.DATA: main})
    return nbs_enterprises.industrial_enterprises(raw).set_index(["indicator", "year"])


def test_a_row_a_year_and_indicator(raw_files: Callable) -> None:
    table = build(raw_files)
    assert table.loc["profit", "value"].to_dict() == {2010: 10, 2014: 12}
    assert table.loc["profit", "flag"].to_dict() == {2010: "", 2014: "new_threshold"}
    assert set(table.loc["enterprises", "unit"]) == {"enterprises"}


def test_an_empty_cell_stops_the_cleaning(raw_files: Callable) -> None:
    with pytest.raises(SourceError, match="an empty cell"):
        build(raw_files, MAIN.replace("2014,4,", "2014,,"))
