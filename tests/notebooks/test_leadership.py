"""`leadership`: shares and leads are those of the tables, and a missing figure is no zero."""

import pytest

import mic2025lab as lab


def test_an_economy_is_compared_by_what_it_has(run_once):
    """The EU has no figure in the solar chain: the measure is missing, and no zero takes its place."""
    results = run_once("leadership", economy="EU27", comparators=["USA"])
    table = results.table("measures")
    assert "solar modules" not in set(table["field"])
    assert "solar_module_share_end" not in results["figures"]
    assert results.numbers["fields_without_volume"] == 4
    assert results.numbers["aerospace_output_share_end"] > 0


def test_exports_and_vehicles_are_shares_of_the_source_s_world(run_once):
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


@pytest.mark.mirror
def test_optional_tables_add_fields(run_cells, built):
    built("robots", "world_ranking_firms")
    found = run_cells("leadership", robots="robots", rankings="world_ranking_firms").numbers
    assert (found["fields_led_by_volume"], found["fields_without_value"]) == (10, 10)
    assert "robots_installed_share_end" in found
    assert found["largest_firms_profit_lead"] < 0  # the United States' firms earn most
