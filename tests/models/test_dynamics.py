"""Decompositions that add up, and the tests for zombies by hand and on simulated firms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.models import (
    foster_haltiwanger_krizan,
    loss_making_share,
    melitz_polanec,
    olley_pakes_decomposition,
    simulated_firms,
    subsidy_intensity,
    zombies,
)

WHAT = {"productivity": "tfp", "weight": "sales"}
PARTS = {
    melitz_polanec: ["within", "between", "entry", "exit"],
    foster_haltiwanger_krizan: ["within", "between", "cross", "entry", "exit"],
}


def firms(seed=0, n=60):
    """Random firms of two industries that come and go: simulated."""
    rng = np.random.default_rng(seed)
    firm = np.concatenate([rng.permutation(2 * n)[:n] for _ in range(3)])
    table = pd.DataFrame({"firm": firm, "year": np.repeat([10, 15, 20], n)})
    table["industry"] = np.where(table["firm"] % 3 == 0, "ships", "steel")
    return table.assign(tfp=rng.normal(table["year"] / 10, 1), sales=rng.lognormal(0, 1, 3 * n))


def aggregate(table, year):
    part = table[table["year"] == year]
    return float((part["tfp"] * part["sales"]).sum() / part["sales"].sum())


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.01, 100))
def test_everything_adds_up_and_units_do_not_matter(seed, level, scale):
    table = firms(seed)
    for method, parts in PARTS.items():
        row = method(table, start=10, end=20, **WHAT).iloc[0]
        assert row["total"] == pytest.approx(aggregate(table, 20) - aggregate(table, 10), abs=1e-12)
        assert row[parts].sum() == pytest.approx(row["total"], abs=1e-12)
        moved = table.assign(tfp=table["tfp"] + level, sales=scale * table["sales"])
        other = method(moved, start=10, end=20, **WHAT).iloc[0]
        np.testing.assert_allclose(other[parts].astype(float), row[parts].astype(float), atol=1e-11)
    split = olley_pakes_decomposition(table, **WHAT)
    for _, row in split.iterrows():
        assert row["aggregate"] == pytest.approx(aggregate(table, row["year"]), abs=1e-12)
        assert row["mean"] + row["covariance"] == pytest.approx(row["aggregate"], abs=1e-12)


def test_olley_pakes_covariance_by_numpy():
    table = firms()
    part = table[table["year"] == 15]
    share = part["sales"] / part["sales"].sum()
    row = olley_pakes_decomposition(table, **WHAT).set_index("year").loc[15]
    assert row["covariance"] == pytest.approx(np.cov(share, part["tfp"], ddof=0)[0, 1] * len(part))


def test_melitz_polanec_by_hand():
    """Survivors a, b: means 1 to 2, shares 1/2 each to 3/4 and 1/4 among them; entrant c, exit d."""
    table = pd.DataFrame(
        {
            "firm": ["a", "b", "d", "a", "b", "c"], "year": [1, 1, 1, 2, 2, 2],
            "tfp": [0.0, 2.0, -1.0, 1.0, 3.0, 5.0], "sales": [40.0, 40.0, 20.0, 60.0, 20.0, 20.0],
        }
    )  # fmt: skip
    row = melitz_polanec(table, start=1, end=2, **WHAT).iloc[0]
    # Survivors: Phi_S1 = 1; Phi_S2 = 0.75 * 1 + 0.25 * 3 = 1.5: within 1, between (1.5 - 2) - (1 - 1) = -0.5.
    assert row[PARTS[melitz_polanec]].tolist() == pytest.approx([1.0, -0.5, 0.2 * (5 - 1.5), 0.2 * (1 + 1)])
    assert (row["n_survivors"], row["n_entrants"], row["n_exits"]) == (2, 1, 1)
    row = foster_haltiwanger_krizan(table, start=1, end=2, **WHAT).iloc[0]
    first = 0.4 * 0 + 0.4 * 2 + 0.2 * -1
    between, outside = 0.2 * (0 - first) - 0.2 * (2 - first), [0.2 * (5 - first), 0.2 * (1 + first)]
    assert row[PARTS[foster_haltiwanger_krizan]].tolist() == pytest.approx([0.8, between, 0.0, *outside])


@pytest.mark.parametrize("method", [*PARTS, olley_pakes_decomposition])
def test_within_industries_is_each_alone(method):
    table = firms()
    years = {} if method is olley_pakes_decomposition else {"start": 10, "end": 20}
    frame = method(table, within="industry", **years, **WHAT)
    for name, part in frame.groupby("industry"):
        alone = method(table[table["industry"] == name], **years, **WHAT)
        pd.testing.assert_frame_equal(
            part.drop(columns="industry").reset_index(drop=True), alone, check_dtype=False, rtol=1e-12
        )


def test_no_survivor_and_one_firm():
    table = pd.DataFrame({"firm": ["a", "b"], "year": [1, 2], "tfp": [1.0, 2.0], "sales": [1.0, 1.0]})
    row = foster_haltiwanger_krizan(table, start=1, end=2, **WHAT).iloc[0]
    assert (row["entry"], row["exit"], row["total"]) == (1.0, 0.0, 1.0)
    lone = table.assign(firm="a")
    row = melitz_polanec(lone, start=1, end=2, **WHAT).iloc[0]
    assert (row["within"], row["total"], row["entry"]) == (1.0, 1.0, 0.0)


# Zombies.


def path(ebit, **columns):
    n = len(ebit)
    base = {"firm": "a", "year": range(2010, 2010 + n), "age": range(20, 20 + n), "industry": "steel"}
    return pd.DataFrame(base | {"interest": 2.0, "ebit": ebit} | columns)


def answers(table, **options):
    return [None if np.isnan(value) else int(value) for value in zombies(table, **options)["zombie"]]


def test_oecd_by_hand():
    assert answers(path([1, 1, 1, 1, 3, 1])) == [None, None, 1, 1, 0, 0]
    # Known to be no zombie without the years before the table.
    assert answers(path([3, 1, 1, 1])) == [0, 0, 0, 1]
    assert answers(path([1, 1, 1], age=[8, 9, 10])) == [0, 0, 1]
    assert answers(path([1, 1, 1, 1], age=range(3, 7))) == [0, 0, 0, 0]
    assert answers(path([1, np.nan, 1, 1, 1])) == [None, None, None, None, 1]
    assert answers(path([-1, -1, -1, 0], interest=0.0)) == [None, None, 1, 0]
    # A gap is no year in a row.
    assert answers(path([1, 1, 1]).assign(year=[2010, 2012, 2013])) == [None] * 3
    assert answers(path([1, 1, 1]), years=2, min_age=0, cover=0.4) == [0, 0, 0]


def test_banerjee_hofmann_needs_low_market_value():
    zombie = path([1, 1, 1], q=[1.0, 1.0, 1.0])
    other = path([9, 9, 9], q=[2.0, 2.0, 2.0]).assign(firm="b")
    rows = pd.concat([zombie, other])
    assert answers(rows, method="banerjee_hofmann", tobins_q="q") == [None, None, 1, 0, 0, 0]
    assert answers(rows.assign(q=3 - rows["q"]), method="banerjee_hofmann", tobins_q="q") == [0] * 6


def test_caballero_by_hand():
    """R* of 2012: 0.02 * 50 of short debt, mean of 2007-2011 (0.03) * 100 of long, least bond rate (0.01) * 10."""
    table = path([5, 5, 5], short=[40.0, 50.0, 0.0], long=[100.0, 100.0, 0.0], bond=[10.0, 10.0, 0.0])
    least = 0.02 * 50 + 0.03 * 100 + 0.01 * 10
    rates = {
        "short_rate": {2009: 0.01, 2010: 0.01, 2011: 0.02},
        "long_rate": dict(zip(range(2005, 2012), [0.09, 0.09, 0.01, 0.02, 0.03, 0.04, 0.05], strict=True)),
        "bond_rate": dict(zip(range(2005, 2012), [0.001, 0.001, 0.02, 0.01, 0.02, 0.03, 0.03], strict=True)),
    }
    parts = {"short_debt": "short", "long_debt": "long", "bonds": "bond", **rates}
    for paid, expected in ((least - 0.01, 1), (least + 0.01, 0)):
        assert answers(table.assign(interest=paid), method="caballero", **parts)[2] == expected
    assert answers(table, method="caballero", **parts)[0] is None


def test_fukuda_nakamura_by_hand():
    options = {"long_rate": dict.fromkeys(range(2000, 2020), 0.04), "method": "fukuda_nakamura"}
    common = {"debt": [100.0, 110.0], "assets": [150.0, 150.0], "interest": 5.0}

    def second(ebit, **change):
        return answers(path([9.0, ebit], **common | change), **options)[1]

    # Earns less than R* = 4, owes more than half of its assets, and owes more than before.
    assert second(3.0) == 1
    assert second(3.0, debt=[100.0, 90.0]) == 0  # pays its debt down, and pays market interest
    assert second(3.0, debt=[100.0, 90.0], interest=3.0) == 1  # pays it down at subsidized rates
    assert second(5.0, interest=3.0) == 0  # profitable
    assert second(3.0, assets=[300.0, 300.0]) == 0  # not highly leveraged


def test_simulated_zombies_are_found_by_caballero():
    table = simulated_firms(n_firms=300, seed=8)
    found = zombies(table, method="caballero", long_rate=dict.fromkeys(range(2000, 2023), 0.03))
    known = found["zombie"].notna()
    assert (found["zombie"][known] == found["true_zombie"][known]).all()
    first = table["year"] == table.groupby("firm")["year"].transform("min")
    assert (known == ~first).all()
    assert found["true_zombie"].sum() > 20


# Losses and subsidies.


def test_losses_by_hand_weighted_and_by_cell():
    table = pd.DataFrame(
        {
            "year": [1, 1, 1, 2], "industry": ["a", "a", "b", "a"], "profit": [5.0, 1.0, -2.0, np.nan],
            "subsidy": [0.0, 2.0, 0.0, 0.0], "workers": [1.0, 3.0, 4.0, 1.0],
        }
    )  # fmt: skip
    row = loss_making_share(table, subsidy="subsidy", weight="workers", within=None).iloc[0]
    assert row.tolist() == [0.5, 0.875, 3.0]
    by = loss_making_share(table, within=["year", "industry"])
    assert by.values.tolist() == [[1, "a", 0.0, 2], [1, "b", 1.0, 1]]


def test_subsidies_are_sum_over_sum():
    table = simulated_firms(n_firms=100, seed=2)
    result = subsidy_intensity(table, within=["year", "industry"])
    sums = table.groupby(["year", "industry"])[["subsidy", "value_added"]].sum()
    np.testing.assert_allclose(result["subsidy_intensity"], sums["subsidy"] / sums["value_added"])
    assert (result["recipient_share"] == 1).all()
    assert result["n_firms"].sum() == len(table)
