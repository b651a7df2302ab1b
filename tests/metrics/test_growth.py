"""Growth accounting and perpetual inventory: formulas again, properties, and the Penn World Table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics

positive = st.floats(0.5, 50, allow_nan=False)
NUMBERS = ["rgdpna", "rnna", "emp", "avh", "hc", "labsh"]


@given(st.lists(st.tuples(*[positive] * 5, st.floats(0, 1)), min_size=3, max_size=8), st.data())
def test_growth_accounting(rows, data):
    """A change over a year that is not there, or of a number that is not known, is missing; the index stops there."""
    table = pd.DataFrame(rows, columns=NUMBERS).assign(economy="CHN", year=np.arange(len(rows)) + 2000)
    gone = data.draw(st.integers(1, len(rows)))
    table = table[table["year"] != 2000 + gone].reset_index(drop=True)
    table.loc[data.draw(st.integers(0, len(table))) :, "emp"] = np.nan
    result = metrics.growth_accounting(table, hours="avh")
    change = np.log(table[NUMBERS[:-1]]).diff().where(table["year"].diff() == 1)
    share = table["labsh"].rolling(2).mean()
    expected = {
        "output_growth": change["rgdpna"],
        "capital_contribution": (1 - share) * change["rnna"],
        "labor_contribution": share * (change["emp"] + change["avh"]),
        "human_capital_contribution": share * change["hc"],
    }
    contributions = sum(list(expected.values())[1:])
    expected["tfp_growth"] = expected["output_growth"] - contributions
    for name, numbers in expected.items():
        np.testing.assert_allclose(result[name], numbers, atol=1e-12, err_msg=name)
    growth = expected["tfp_growth"].to_numpy()
    linked = np.flatnonzero(np.isfinite(growth))
    index = np.full(len(table), np.nan)
    if len(linked):
        run = linked[linked - np.arange(len(linked)) == linked[0]]  # the first unbroken run
        index[run[0] - 1 : run[-1] + 1] = np.exp(np.append(0, np.cumsum(growth[run])))
    np.testing.assert_allclose(result["tfp_index"], index, rtol=1e-9)
    assert (
        metrics.growth_accounting(table, human_capital=None)["human_capital_contribution"].dropna() == 0
    ).all()


@pytest.fixture(scope="module")
def pwt(mirror):
    table = pd.read_csv(mirror / "pwt-10.01" / "pwt1001.csv.gz").rename(columns={"isocode": "economy"})
    return table.sort_values(["economy", "year"], ignore_index=True)


@pytest.mark.mirror
def test_reproduces_rtfpna(pwt):
    """PWT 10.01's rtfpna is a Tornqvist residual over capital services and hours, digit for digit."""
    result = metrics.growth_accounting(pwt, capital="rkna", hours="avh")
    published = np.log(pwt["rtfpna"]).groupby(pwt["economy"]).diff()
    error = (result["tfp_growth"] - published).abs().groupby(pwt["economy"]).max().dropna()
    assert len(error) == 64
    assert error.max() < 2e-7  # the file has seven digits
    china = result[result["economy"] == "CHN"].set_index("year")
    china["tfp_index"] /= china.loc[2017, "tfp_index"]  # rtfpna is 1 in 2017
    # Hours of China begin in 1970.
    np.testing.assert_allclose(china.loc[1970:, "tfp_index"], china.loc[1970:, "rtfpna"], rtol=1e-5)
    assert china.loc[[2011, 2019], "tfp_index"].tolist() == pytest.approx([1.0306, 0.9646], abs=1e-4)
    # Stock for services and persons for hours: what the docstring says of China.
    error = (metrics.growth_accounting(pwt)["tfp_growth"] - published).abs()[pwt["economy"] == "CHN"]
    assert [error.mean(), error.max()] == pytest.approx([0.0041, 0.0135], abs=1e-4)


def test_periods_chain_to_the_level_change():
    yearly = pd.DataFrame(
        {"economy": "CHN", "year": range(2010, 2016), "g": [9.0, 0.02, 0.04, 0.0, 0.01, 0.03]}
    )
    result = metrics.growth_by_period(
        yearly, periods=[(2010, 2012), (2012, 2015), (2014, 2016)], columns=["g"]
    )
    # (0.02 + 0.04)/2 and (0 + 0.01 + 0.03)/3; the change of 2016 is not there.
    assert result["g"].tolist() == pytest.approx([0.03, 0.04 / 3, np.nan], nan_ok=True)


def flows(**columns):
    base = {"economy": "CHN", "year": [2020, 2021, 2022], "investment": [10.0, 12.0, 14.0]}
    return pd.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("columns", "options", "capital"),
    [
        # 0.9 * 100 + 10 = 100; 0.9 * 100 + 12 = 102; 0.9 * 102 + 14 = 105.8
        ({}, {"depreciation": 0.1, "initial": {"CHN": 100.0}}, [100, 102, 105.8]),
        # Steady state with g = 0.02: 10/(0.02 + 0.08) = 100 before the first year.
        (
            {"year": [2020, 2022, 2023]},
            {"depreciation": 0.08, "growth": 0.02},
            [0.92 * 100 + 10, np.nan, np.nan],
        ),
        (
            {"investment": [np.nan, 12.0, np.nan]},
            {"initial": 10.0, "depreciation": 0.5},
            [np.nan, 17, np.nan],
        ),
    ],
)
def test_perpetual_inventory_by_hand(columns, options, capital):
    made = metrics.perpetual_inventory(flows(**columns), **options)["capital"]
    assert made.tolist() == pytest.approx(capital, nan_ok=True)


@given(st.floats(-0.02, 0.4), st.floats(0.03, 0.2), st.integers(1, 12))
def test_the_default_start_is_the_steady_state(g, rate, years):
    """Harberger: with constant growth K / I is (1 + g) / (g + d) from the first year on; growth is gross, not logarithmic."""
    investment = 3 * (1 + g) ** np.arange(20)
    table = pd.DataFrame({"economy": "A", "year": range(1990, 2010), "investment": investment})
    for options in ({"growth_years": years}, {"growth": g}):
        capital = metrics.perpetual_inventory(table, depreciation=rate, **options)["capital"]
        np.testing.assert_allclose(capital / investment, (1 + g) / (g + rate), rtol=1e-9)


def test_the_growth_of_the_steady_state_is_that_of_the_first_years():
    # Growth 0.2 over the first change; 10/(0.2 + 0.05) = 40 before the first year.
    made = metrics.perpetual_inventory(flows(investment=[10.0, 12.0, 99.0]), growth_years=1)["capital"]
    assert made[0] == pytest.approx(0.95 * 40 + 10)
