"""`import_dependence` and `chokepoints`: estimands over their specifications, and what they say at unusual parameters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest


@pytest.fixture
def specifications(run_once: Callable) -> Callable:
    def run(analysis: str, figure: str, **parameters: object) -> tuple[dict, pd.DataFrame]:
        results = run_once(analysis, **parameters)
        return results, results.table(f"{figure}_specifications")

    return run


def test_the_change_of_the_import_share_hangs_on_the_base_year(specifications: Callable) -> None:
    results, found = specifications("import_dependence", "penetration_change")
    assert sorted(found["base_year"].unique()) == [2012, 2013, 2014, 2015, 2016]
    plain = found[
        (found["measure"] == "domestic use")
        & (found["average"] == "together")
        & (found["industries"] == "all")
    ]
    plain = plain[plain["end"] == 2018].set_index("base_year")["estimate"]
    known = {2012: 0.09, 2013: 0.18, 2014: 0.28, 2015: 1.88, 2016: 1.02}
    assert plain.to_dict() == pytest.approx(known, abs=0.01)
    assert results.numbers["penetration_change"] == pytest.approx(plain[2015])


def test_aircraft_ships_and_rail_count_once(specifications: Callable) -> None:
    results, found = specifications("import_dependence", "penetration_fell_less_rose")
    sectors = ("aerospace", "ships_ocean_engineering", "rail")
    assert len({results.numbers[f"penetration_{name}_change"] for name in sectors}) == 1
    assert ((found["estimate"] / 12.5) % 1 == 0).all()  # of eight industries, not of ten sectors


def test_imports_by_product_count_ten_distinct_sectors(specifications: Callable) -> None:
    results, found = specifications("import_dependence", "products_fell_less_rose")
    table = results.table("imports_by_product")
    assert len(table) == 10
    assert not table.duplicated(["2015", "2019"]).any()
    fell, rose = (table["change"] < -5).sum(), (table["change"] > 5).sum()
    assert results.numbers["products_fell_less_rose"] == pytest.approx(10 * (fell - rose))
    assert sorted(found["role"].unique()) == ["all", "goods", "inputs"]


def test_medical_equipment_is_shown_where_it_is_separate(run_once: Callable) -> None:
    results = run_once("import_dependence")
    assert results.numbers["medical_equipment_2018"] == pytest.approx(38.3, abs=0.05)
    assert results.numbers["medical_equipment_2020"] == pytest.approx(29.8, abs=0.05)
    assert any(
        "Medical equipment is a separate industry only from 2018" in said for said in results["finding"]
    )


def test_the_rare_earth_share_rose_from_the_trough_and_fell_from_2010(specifications: Callable) -> None:
    results, found = specifications("chokepoints", "rare_earth_metals_change")
    change = found[found["end"] == 2023].set_index("base_year")["estimate"]
    assert (
        change[2010] < -30 < 10 < change[2015] == pytest.approx(results.numbers["rare_earth_metals_change"])
    )


@pytest.mark.parametrize(
    "parameters",
    [{"supplier": "AUS"}, {"supplier": "USA"}, {"supplier": "LUX"}, {"importer": "IND", "share_above": 0.9}],
)
def test_what_chokepoints_says_where_there_is_little_to_say(run_once: Callable, parameters: dict) -> None:
    for said in run_once("chokepoints", **parameters)["finding"]:
        assert not re.search(r"\bnone of \d+ \w+ by every|of none\.|\bnan\b|’s’|  |−0\.0\b", said), said
        assert "Dominant exporters in 2023: ." not in said
