"""`leadership`: shares and leads are those of the tables, and a missing figure is no zero."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import mic2025lab as lab


def test_an_economy_is_compared_by_what_it_has(run_once: Callable) -> None:
    """The EU has no figure in the solar chain: the measure is missing, and no zero takes its place."""
    results = run_once("leadership", economy="EU27", comparators=["USA"])
    table = results.table("measures")
    assert "solar modules" not in set(table["field"])
    assert "solar_module_share_end" not in results["figures"]
    assert results.numbers["fields_without_volume"] == 4
    assert results.numbers["aerospace_output_share_end"] > 0


def test_what_is_bought_at_home_is_no_lead(run_once: Callable) -> None:
    """China buys most electric cars and installs most solar and wind power; neither is counted as a field that it leads."""
    results = run_once("leadership")
    table = results.table("measures")
    home = table[table["kind"] == "home demand"]
    assert set(home["field"]) == {"electric cars", "solar and wind power"}
    assert home["leads"].all()
    assert results.numbers["fields_led_by_volume"] == table.query("kind == 'volume'")["leads"].sum()


def test_leads_are_computed_from_the_published_shares(run_once: Callable) -> None:
    """China's merchandise exports were 13.66% of the world's in 2015 and 14.29% in 2025, those of the United States 8.28%."""
    results = run_once("leadership")
    assert results.numbers["merchandise_exports_change"] == pytest.approx(14.29 - 13.66, abs=0.01)
    assert results.numbers["merchandise_exports_lead"] == pytest.approx(14.29 - 8.28, abs=0.01)
    table = results.table("merchandise_exports_change_specifications")
    assert set(table["base_year"]) == {2012, 2013, 2014, 2015, 2016}
    table = results.table("manufacturing_output_lead_specifications")
    union = table.query("rivals == 'economies+EU27' and data == 'newest' and end_year == 2022")[
        "estimate"
    ].item()
    assert union == pytest.approx(34.30 - 16.99, abs=0.01)  # the United States, not the union, is second


def test_exports_and_vehicles_are_shares_of_the_source_s_world(run_once: Callable) -> None:
    """Computed from the tables by other code; the union, which trades with itself, and the rest of the world are no rivals."""
    results = run_once("leadership")
    sold = lab.load("manufactures_exports").query("industry == 'kti_manufacturing'")
    sold = sold.pivot(index="year", columns="economy", values="value")
    sold = 100 * sold.div(sold["WLD"], axis=0)
    assert results.numbers["kti_exports_change"] == pytest.approx(
        sold.loc[2022, "CHN"] - sold.loc[2015, "CHN"]
    )
    others = sold.loc[2022].drop(["CHN", "WLD", "EU27"])
    assert results.numbers["kti_manufacturing_exports_lead"] == pytest.approx(
        sold.loc[2022, "CHN"] - others.max()
    )
    made = lab.load("motor_vehicles").query("measure == 'production' and year == 2022")
    made = made.groupby("economy")["value"].sum()
    lead = made["CHN"] - made["USA"]  # the second
    assert results.numbers["vehicles_made_lead"] == pytest.approx(100 * lead / made.sum())


def test_the_weight_of_the_currency_is_compared_with_that_in_trade(run_once: Callable) -> None:
    """The renminbi had 8.5% of foreign exchange turnover in April 2025, of 200%; no unverified month is used."""
    results = run_once("leadership")
    assert results.numbers["currency_share_gap"] == pytest.approx(8.5 / 2 - 14.29, abs=0.01)
    table = results.table("currency_share_gap_specifications").dropna(subset="estimate")
    assert set(table["end_year"]) == {2016, 2019, 2020, 2021, 2022, 2023, 2024, 2025}
    assert len(table) == 24


@pytest.mark.mirror
def test_optional_tables_add_fields(run_cells: Callable, built: Callable) -> None:
    built("robots", "world_ranking_firms")
    found = run_cells("leadership", robots="robots", rankings="world_ranking_firms").numbers
    assert (found["fields_led_by_volume"], found["fields_without_value"]) == (10, 10)
    assert "robots_installed_share_end" in found
    assert found["largest_firms_profit_lead"] < 0  # the United States' firms earn most
