"""Growth accounting and perpetual inventory: by hand, by property, and against the Penn World Table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import TableError
from mic2025lab.metrics.growth import growth_accounting, growth_by_period, perpetual_inventory

PARTS = ["capital_contribution", "labor_contribution", "human_capital_contribution", "tfp_growth"]


def national(**columns: object) -> pd.DataFrame:
    base = {
        "economy": "CHN",
        "year": [2010, 2011],
        "rgdpna": [100.0, 110.0],
        "rnna": [200.0, 240.0],
        "emp": [50.0, 51.0],
        "avh": [2000.0, 1990.0],
        "hc": [2.0, 2.1],
        "labsh": [0.5, 0.6],
    }
    return pd.DataFrame(base | columns)


def test_growth_accounting_by_hand() -> None:
    row = growth_accounting(national(), hours="avh").iloc[1]
    # Mean share (0.5 + 0.6)/2 = 0.55; ln 1.1 = 0.0953102, ln 1.2 = 0.1823216, ln(51/50) = 0.0198026,
    # ln(1990/2000) = -0.0050125, ln 1.05 = 0.0487902.
    assert row["output_growth"] == pytest.approx(0.0953102, abs=1e-7)
    assert row["capital_contribution"] == pytest.approx(0.45 * 0.1823216, abs=1e-7)
    assert row["labor_contribution"] == pytest.approx(0.55 * (0.0198026 - 0.0050125), abs=1e-7)
    assert row["human_capital_contribution"] == pytest.approx(0.55 * 0.0487902, abs=1e-7)
    # 0.0953102 - 0.0820447 - 0.0081346 - 0.0268346
    assert row["tfp_growth"] == pytest.approx(-0.0217037, abs=2e-7)
    assert row["tfp_index"] == pytest.approx(math.exp(-0.0217037), abs=2e-7)


def test_no_human_capital() -> None:
    assert growth_accounting(national(), human_capital=None)["human_capital_contribution"].iloc[1] == 0


def test_first_year_gap_and_missing_are_missing() -> None:
    table = national(
        year=[2010, 2011, 2013, 2014],
        rgdpna=[100.0, 110.0, 130.0, 140.0],
        rnna=[200.0, 220.0, 250.0, 260.0],
        emp=[50.0, 50.0, 50.0, np.nan],
        avh=2000.0,
        hc=2.0,
        labsh=0.5,
    )
    result = growth_accounting(table)
    assert result["tfp_growth"].isna().tolist() == [True, False, True, True]
    # 2012 is not there: output growth of 2013 is not that of two years; 2014 lacks labor only.
    assert result["output_growth"].isna().tolist() == [True, False, True, False]
    assert result["tfp_index"].isna().tolist() == [False, False, True, True]


def test_index_is_one_in_the_first_year_and_stops_at_gaps() -> None:
    years = [2010, 2011, 2012, 2014, 2015]
    table = national(
        year=years, rgdpna=[100.0, 110, 121, 140, 150], rnna=200.0, emp=50.0, avh=1.0, hc=2.0, labsh=0.5
    )
    index = growth_accounting(table)["tfp_index"]
    assert index.iloc[:3].tolist() == pytest.approx([1, 1.1, 1.21])
    assert index.isna().tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"year": [2010, 2010]}, "more than one row"),
        ({"rgdpna": [100.0, 0.0]}, "year=2011"),
        ({"rnna": [100.0, -1.0]}, "'rnna' must be above zero"),
        ({"labsh": [0.5, 55.0]}, "share from 0 to 1"),
        ({"year": [2010.5, 2011.0]}, "whole years"),
    ],
)
def test_growth_accounting_refuses(columns: dict[str, object], words: str) -> None:
    with pytest.raises(TableError, match=words):
        growth_accounting(national(**columns))


def test_growth_accounting_names() -> None:
    with pytest.raises(TableError, match="rgdpna"):
        growth_accounting(national(), output="rgdpn")


positive = st.floats(0.5, 50, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(positive, positive, positive, positive, st.floats(0, 1)), min_size=3, max_size=8),
    st.floats(1e-3, 1e3),
)
def test_adds_up_and_knows_no_units(rows: list[tuple[float, ...]], factor: float) -> None:
    table = pd.DataFrame(rows, columns=["rgdpna", "rnna", "emp", "hc", "labsh"])
    table = table.assign(economy="CHN", year=np.arange(len(table)) + 2000)
    result = growth_accounting(table)
    whole = result[PARTS].sum(axis=1, min_count=4)
    np.testing.assert_allclose(whole, result["output_growth"], atol=1e-12)
    scaled = table.assign(
        rgdpna=table["rgdpna"] * factor, rnna=table["rnna"] / factor, emp=table["emp"] * factor
    )
    other = growth_accounting(scaled)
    np.testing.assert_allclose(
        other[[*PARTS, "tfp_index"]], result[[*PARTS, "tfp_index"]], rtol=1e-8, atol=1e-9
    )


@pytest.fixture(scope="module")
def pwt(mirror) -> pd.DataFrame:
    table = pd.read_csv(mirror / "pwt-10.01" / "pwt1001.csv.gz").rename(columns={"isocode": "economy"})
    return table.sort_values(["economy", "year"], ignore_index=True)


@pytest.mark.mirror
def test_reproduces_rtfpna(pwt: pd.DataFrame) -> None:
    """PWT 10.01's rtfpna is a Tornqvist residual over capital services and hours, digit for digit."""
    result = growth_accounting(pwt, capital="rkna", hours="avh")
    published = np.log(pwt["rtfpna"]).groupby(pwt["economy"]).diff()
    error = (result["tfp_growth"] - published).abs().groupby(pwt["economy"]).max().dropna()
    assert len(error) == 64
    assert error.max() < 2e-7  # the file has seven digits
    china = result[result["economy"] == "CHN"].set_index("year")
    china["tfp_index"] /= china.loc[2017, "tfp_index"]  # rtfpna is 1 in 2017
    # Hours of China begin in 1970.
    np.testing.assert_allclose(china.loc[1970:, "tfp_index"], china.loc[1970:, "rtfpna"], rtol=1e-5)
    assert china.loc[2011, "tfp_index"] == pytest.approx(1.0306, abs=1e-4)
    assert china.loc[2019, "tfp_index"] == pytest.approx(0.9646, abs=1e-4)


@pytest.mark.mirror
def test_defaults_are_near_rtfpna(pwt: pd.DataFrame) -> None:
    """Stock for services and persons for hours: what the docstring says of China."""
    result = growth_accounting(pwt)
    published = np.log(pwt["rtfpna"]).groupby(pwt["economy"]).diff()
    error = (result["tfp_growth"] - published).abs()[pwt["economy"] == "CHN"]
    assert error.mean() == pytest.approx(0.0041, abs=1e-4)
    assert error.max() == pytest.approx(0.0135, abs=1e-4)


def test_periods_chain_to_the_level_change() -> None:
    yearly = pd.DataFrame(
        {"economy": "CHN", "year": range(2010, 2016), "g": [9.0, 0.02, 0.04, 0.0, 0.01, 0.03]}
    )
    result = growth_by_period(yearly, periods=[(2010, 2012), (2012, 2015), (2014, 2016)], columns=["g"])
    # (0.02 + 0.04)/2 and (0 + 0.01 + 0.03)/3; the change of 2016 is not there.
    assert result["g"].round(12).tolist()[:2] == [0.03, round(0.04 / 3, 12)]
    assert np.isnan(result["g"].iloc[2])
    with pytest.raises(TableError, match="first year, last year"):
        growth_by_period(yearly, periods=[(2012, 2010)], columns=["g"])


def flows(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"economy": "CHN", "year": [2020, 2021, 2022], "investment": [10.0, 12.0, 14.0]} | columns
    )


def test_perpetual_inventory_by_hand() -> None:
    # 0.9 * 100 + 10 = 100; 0.9 * 100 + 12 = 102; 0.9 * 102 + 14 = 105.8
    result = perpetual_inventory(flows(), depreciation=0.1, initial={"CHN": 100.0})
    assert result["capital"].round(9).tolist() == [100.0, 102.0, 105.8]
    # Steady state with g = 0.02: 10/(0.02 + 0.08) = 100 before the first year.
    steady = perpetual_inventory(flows(), depreciation=0.08, growth=0.02)
    assert steady["capital"].iloc[0] == pytest.approx(0.92 * 100 + 10)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 0.1), st.floats(0.01, 0.2), st.floats(0.1, 1e4))
def test_steady_state_capital_grows_with_investment(g: float, rate: float, first: float) -> None:
    """Investment that grows at g from the steady state makes capital grow at g, whatever the unit."""
    table = pd.DataFrame(
        {"economy": "A", "year": range(2000, 2010), "investment": first * (1 + g) ** np.arange(10)}
    )
    capital = perpetual_inventory(table, depreciation=rate, growth=g)["capital"]
    np.testing.assert_allclose(capital / capital.shift(), [np.nan] + [1 + g] * 9, rtol=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.02, 0.4), st.floats(0.03, 0.2), st.integers(1, 12))
def test_the_default_start_is_the_steady_state(g: float, rate: float, years: int) -> None:
    """Harberger: with constant growth K / I is (1 + g) / (g + d) from the first year on; growth is gross, not logarithmic."""
    table = pd.DataFrame(
        {"economy": "A", "year": range(1990, 2010), "investment": 3 * (1 + g) ** np.arange(20)}
    )
    capital = perpetual_inventory(table, depreciation=rate, growth_years=years)["capital"]
    np.testing.assert_allclose(capital / table["investment"], (1 + g) / (g + rate), rtol=1e-9)


def test_perpetual_inventory_stops_at_a_gap() -> None:
    gap = perpetual_inventory(flows(year=[2020, 2022, 2023]), initial=10.0)["capital"]
    assert gap.isna().tolist() == [False, True, True]
    hole = perpetual_inventory(flows(investment=[np.nan, 12.0, np.nan]), initial=10.0, depreciation=0.5)[
        "capital"
    ]
    assert hole.isna().tolist() == [True, False, True]
    assert hole.iloc[1] == 17.0


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"investment": [1.0, -1.0, 1.0]}, {}, "must not be negative"),
        ({}, {"depreciation": 5.0}, "from 0 to 1"),
        ({}, {"initial": {"USA": 1.0}}, "economy='CHN', year=2020 is None"),
        ({}, {"initial": -1.0}, "zero or more"),
        ({}, {"initial": "steady"}, "steady_state"),
        ({"investment": [14.0, 7.0, 3.0]}, {}, "no steady state"),
    ],
)
def test_perpetual_inventory_refuses(columns, options, words) -> None:
    with pytest.raises(TableError, match=words):
        perpetual_inventory(flows(**columns), **options)
