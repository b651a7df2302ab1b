"""`overcapacity`: export prices against volumes, and the monthly table that is built on the user's machine."""

import math

import pandas as pd
import pytest

import mic2025lab as lab


def test_the_price_of_exports_is_their_value_over_their_volume(run_once):
    """Computed by a loop over years for each economy."""
    table = lab.load("world_economy", vintage="all").query(
        "not aggregate and flag != 'forecast' and year <= 2024"
    )
    value, growth = (
        {
            economy: dict(zip(rows["year"], rows["value"], strict=True))
            for economy, rows in part.groupby("economy")
        }
        for part in (
            table[table["indicator"] == name] for name in ("merchandise_exports", "export_volume_growth")
        )
    )
    changes = {}
    for economy in set(value) & set(growth):
        try:
            volume = math.prod(1 + growth[economy][year] / 100 for year in range(2016, 2025))
            changes[economy] = 100 * math.log(value[economy][2024] / value[economy][2015] / volume)
        except (KeyError, ValueError, ZeroDivisionError):
            continue
    own = changes.pop("CHN")
    expected = own - pd.Series(changes).dropna().median()
    assert run_once("overcapacity").numbers["export_price_relative"] == pytest.approx(expected)


@pytest.mark.mirror
def test_months_in_which_prices_fell_and_exports_rose(run_once, run_cells, built):
    assert "falling_prices_rising_exports" not in run_once("overcapacity").numbers
    built("producer_prices_profits")
    found = run_cells("overcapacity", prices="producer_prices_profits").numbers
    monthly = lab.load("producer_prices_profits").set_index(["indicator", "month"])["value"]
    prices, exports = monthly["producer_prices"], monthly["exports"]
    months = sorted(set(prices.dropna().index) & set(exports.dropna().index))
    both = [prices[month] < 0 < exports[month] for month in months]
    history = [seen for month, seen in zip(months, both, strict=True) if "2016" <= month < "2020"]
    expected = 100 * (sum(both[-36:]) / 36 - sum(history) / len(history))
    assert found["falling_prices_rising_exports"] == pytest.approx(expected)
    losses = sum(
        math.log((100 + monthly["losses_year_to_date", f"{year}-12"]) / 100)
        - math.log((100 + monthly["profit_year_to_date", f"{year}-12"]) / 100)
        for year in range(2016, 2026)
    )
    assert found["losses_over_profits_change"] == pytest.approx(100 * losses)
