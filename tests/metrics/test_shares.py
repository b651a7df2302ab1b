"""Shares with totals that are rows, decompositions of growth and of shares, what is left of a total: in pandas, and as published."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from mic2025lab import catalog, metrics
from tests.metrics.strategies import INDUSTRIES, few, positive, tables, with_holes
from tests.metrics.test_formulas import over, same

TIMES = {"start": 2015, "end": 2022}
WITH_TOTALS = {
    "economy": ["CHN", "USA", "WLD"],
    "industry": ["aerospace", "machinery", "manufacturing"],
    "year": [2015, 2022],
}
MARKETS = {
    "economy": ["CHN", "USA", "JPN"],
    "industry": ["cars", "steel"],
    "partner": ["BRA", "FRA"],
    "year": [2015, 2022],
}


def wide(table, *keys):
    return table.pivot(index=list(keys), columns="year", values="value")


@given(tables(WITH_TOTALS, full=True))
def test_market_shares_of_a_world_row(table):
    x = table.set_index(["industry", "year", "economy"])["value"]
    world = x.xs("WLD", level="economy").reindex(x.index.droplevel("economy")).set_axis(x.index)
    same(metrics.market_share(table, world="WLD"), "share", over(x, world))


@pytest.mark.parametrize(
    ("world", "whole"), [("WLD", "manufacturing"), ("WLD", None), (None, "manufacturing")]
)
@few
@given(table=tables(WITH_TOTALS, full=True))
def test_location_quotients_of_rows_of_totals(world, whole, table):
    table = table[
        (table["economy"] != ("" if world else "WLD"))
        & (table["industry"] != ("" if whole else "manufacturing"))
    ]
    made = metrics.location_quotient(table, world=world, total=whole)
    for year, rows in table.groupby("year"):
        x = rows.pivot(index="industry", columns="economy", values="value")
        own = x.loc[whole] if whole else x.sum()
        market = x[world] if world else x.sum(axis=1)
        share = market / (own[world] if world else own.sum())
        quotient = x.div(own.where(own > 0)).div(share.where(np.isfinite(share) & (share > 0)), axis=0)
        expected = quotient.drop(index=whole or [], columns=world or []).stack(future_stack=True)
        same(made[made["year"] == year], "location_quotient", expected)


@few
@given(tables(INDUSTRIES, positive, full=True))
def test_displacement_with_the_rest_of_the_world(table):
    """The rest, what the economies do not add up to, is one more economy."""
    rest = table.groupby(["industry", "year"], as_index=False)["value"].max().assign(economy="ROW")
    every = pd.concat([table, rest])
    world = every.groupby(["industry", "year"], as_index=False)["value"].sum().assign(economy="WLD")
    expected = metrics.displacement(every, gainer="CHN", **TIMES)
    made = metrics.displacement(pd.concat([table, world]), gainer="CHN", world="WLD", **TIMES)
    keys = ["industry", "economy"]
    pd.testing.assert_frame_equal(
        made.sort_values(keys, ignore_index=True),
        expected.sort_values(keys, ignore_index=True),
        rtol=1e-6,
        atol=1e-6,
    )
    change = (
        metrics.share_change(every, **TIMES).query("economy == 'CHN'").set_index("industry")["share_change"]
    )
    assert np.allclose(expected.groupby("industry")["points"].sum(), change, atol=1e-9)
    options = {"of": "economy", "item": "industry", "weights": "midpoint"}
    midpoint = metrics.constant_market_share(every, **TIMES, **options).set_index("economy")["performance"]
    assert expected["displacement"].sum() == pytest.approx(midpoint["CHN"], abs=1e-9)


def test_shift_share_with_rows_of_world_and_total_by_hand():
    values = [10, 100, 50, 1000, 30, 150, 80, 1200]  # G = 0.2, cars 0.5: 2 + 3 + (30 - 15)
    keys = list(product((2015, 2022), ("cars", "manufacturing"), ("CHN", "WLD")))
    table = pd.DataFrame(keys, columns=["year", "industry", "economy"]).assign(value=np.array(values, float))
    made = metrics.shift_share(table, **TIMES, world="WLD", total="manufacturing")
    numbers = made.drop(columns=["initial", "growth"]).to_numpy().tolist()
    assert numbers == [["cars", "CHN", *(pytest.approx(part) for part in (2, 3, 15))]]


def effects(table, *keys, midpoint):
    """Structure, performance, and interaction over some markets, by economy, in percentage points."""
    x = table.groupby([*keys, "economy", "year"])["value"].sum().unstack().fillna(0)
    size = x.groupby(level=list(keys)).transform("sum")
    share = (
        (x / size.where(size > 0)).T.bfill().ffill().T
    )  # a market of one year only is compared with itself
    weight = size / x.sum()
    moved, changed = weight[2022] - weight[2015], share[2022] - share[2015]
    own, base = (pair.mean(axis=1) if midpoint else pair[2015] for pair in (share, weight))
    parts = {
        "structure": own * moved,
        "performance": changed * base,
        "interaction": 0 * moved if midpoint else changed * moved,
    }
    return 100 * pd.DataFrame(parts).groupby("economy").sum()


@pytest.mark.parametrize("weights", ["laspeyres", "midpoint"])
@few
@given(table=tables(MARKETS, positive))
def test_constant_market_share(weights, table):
    there = pd.DataFrame(
        {"economy": "USA", "industry": "cars", "partner": "BRA", "year": [2015, 2022], "value": 1.0}
    )
    table = pd.concat([table, there]).drop_duplicates(["economy", "industry", "partner", "year"])
    options = {
        "of": "economy",
        "item": "industry",
        "weights": weights,
        "absent": "zero",
        **TIMES,
    }
    made = metrics.constant_market_share(table, partner="partner", **options)
    midpoint = weights == "midpoint"
    expected = effects(table, "industry", "partner", midpoint=midpoint)
    by_product, by_destination = (
        effects(table, name, midpoint=midpoint)["structure"] for name in ("industry", "partner")
    )
    for name in ("structure", "performance", "interaction"):
        same(made, name, expected[name])
    same(made, "structure_product", by_product)
    same(made, "structure_destination", by_destination)
    same(made, "structure_joint", expected["structure"] - by_product - by_destination)
    x = table.pivot_table(index="economy", columns="year", values="value", aggfunc="sum").fillna(0)
    share = x / x.sum()
    same(made, "share_start", share[2015])
    same(made, "share_change", 100 * (share[2022] - share[2015]))
    assert np.allclose(expected.sum(axis=1), made.set_index("economy")["share_change"], rtol=0, atol=1e-10)
    world = (
        table.groupby(["industry", "partner", "year"], as_index=False)["value"].sum().assign(economy="WLD")
    )
    with_world = metrics.constant_market_share(
        pd.concat([table, world]), partner="partner", world="WLD", **options
    )
    pd.testing.assert_frame_equal(with_world, made, rtol=1e-9, atol=1e-9)


@given(tables({**INDUSTRIES, "economy": ["WLD", "CHN", "USA", "DEU"]}, with_holes))
def test_remainder(table):
    if not {"WLD", "CHN", "USA"} <= set(table["economy"]):
        return
    x = table.pivot(index=["industry", "year"], columns="economy", values="value")
    # A missing part stays in the remainder; a cell without a row of the total has none.
    expected = (x["WLD"] - x[["CHN", "USA"]].sum(axis=1)).where(x[["CHN", "USA"]].notna().any(axis=1))
    made = metrics.remainder(table, total="WLD", parts=["CHN", "USA"], name="ROW")
    there = table[table["economy"] == "WLD"].set_index(["industry", "year"]).index
    same(made, "value", expected[expected.index.isin(there)])
    assert set(made["economy"]) == {"ROW"}


def test_published_shares_of_world_value_added():
    """China's share of the world, %, as the README of the source prints it (edition SKTI-2), and its pace in manufacturing."""
    shares = metrics.market_share(catalog.load("value_added"), world="WLD")
    shares = shares[shares["economy"] == "CHN"].assign(share=lambda rows: 100 * rows["share"])
    own = shares.set_index(["industry", "year"])["share"]
    assert own["manufacturing"][[2014, 2015, 2022]].round(1).tolist() == [25.9, 27.2, 34.3]
    assert own["aerospace"][[2015, 2022]].round(2).tolist() == [4.93, 9.33]
    assert own["electrical_equipment"][2022] == pytest.approx(54.9, abs=0.05)
    pace = metrics.pace(shares, of="industry", at=2015).set_index("industry").loc["manufacturing"]
    assert pace[["before", "after"]].round(2).tolist() == [1.57, 1.01]
