"""ICOR, return on capital and marginal product: by hand, by property, and against published figures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import TableError
from mic2025lab.metrics.investment import icor, mpk, return_on_capital


def growth(**columns: object) -> pd.DataFrame:
    base = {
        "economy": "CHN",
        "year": [2015, 2016, 2017],
        "investment_share": [40.0, 42.0, 44.0],
        "gdp_growth": [7.0, 1.0, 6.0],
        "worn": [10.0, 11.0, 12.0],
    }
    return pd.DataFrame(base | columns)


def test_icor_is_a_ratio_of_sums() -> None:
    result = icor(growth(), windows=[(2015, 2017)], depreciation_share="worn").iloc[0]
    # (40 + 42 + 44)/(7 + 1 + 6) = 126/14 = 9, not the mean of 5.7, 42 and 7.3; net (126 - 33)/14.
    assert result["icor"] == 9
    assert result["icor_net"] == pytest.approx(93 / 14)
    assert (result["investment_sum"], result["growth_sum"], result["flag"]) == (126, 14, "")


def test_icor_windows_roll() -> None:
    result = icor(growth(), windows=2)
    assert result[["start", "end"]].values.tolist() == [[2015, 2016], [2016, 2017]]
    assert result["icor"].tolist() == [82 / 8, 86 / 7]
    assert "icor_net" not in result


def test_icor_without_growth_or_years_is_flagged() -> None:
    shrinking = growth(gdp_growth=[-3.0, 3.0, -1.0])
    result = icor(shrinking, windows=[(2015, 2016), (2016, 2017), (2017, 2017), (2014, 2015), (2015, 2018)])
    assert result["flag"].tolist() == ["no growth", "", "no growth", "incomplete", "incomplete"]
    assert result["icor"].isna().tolist() == [True, False, True, True, True]
    hole = icor(growth(gdp_growth=[7.0, np.nan, 6.0]), windows=[(2015, 2017)])
    assert hole["flag"].tolist() == ["incomplete"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 60), st.floats(0.1, 15)), min_size=4, max_size=10),
)
def test_icor_knows_no_units(rows: list[tuple[float, float]]) -> None:
    table = pd.DataFrame(rows, columns=["investment_share", "gdp_growth"]).assign(economy="A")
    table["year"] = np.arange(len(table)) + 2000
    result = icor(table, windows=3)["icor"]
    fractions = table.assign(
        investment_share=table["investment_share"] / 100, gdp_growth=table["gdp_growth"] / 100
    )
    np.testing.assert_allclose(icor(fractions, windows=3)["icor"], result, rtol=1e-9)
    # A ratio of sums lies between the smallest and largest yearly ratio.
    yearly = table["investment_share"] / table["gdp_growth"]
    assert result.between(yearly.min() * (1 - 1e-9), yearly.max() * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"windows": 0}, "at least one year"),
        ({"windows": 9}, "2015 to 2017"),
        ({"windows": [(2017, 2015)]}, "first year"),
    ],
)
def test_icor_refuses(options, words) -> None:
    with pytest.raises(TableError, match=words):
        icor(growth(), **options)


@pytest.mark.mirror
def test_icor_of_china_as_recorded(mirror) -> None:
    """The nine figures of the reference table, from the World Bank's two series."""
    wdi = pd.read_csv(mirror / "wdi" / "wdi_indicators_2026-07.csv.gz")
    names = {"NE.GDI.TOTL.ZS": "investment_share", "NY.GDP.MKTP.KD.ZG": "gdp_growth"}
    wdi = wdi[(wdi["iso3"] == "CHN") & wdi["indicator"].isin(names)]
    table = wdi.pivot(index=["iso3", "year"], columns="indicator", values="value").rename(columns=names)
    reference = pd.read_csv(mirror / "reference" / "costs.csv")
    reference = reference[reference["topic"] == "ICOR"]
    periods = sorted(set(reference["year"]))
    assert len(periods) == 9
    windows = [tuple(map(int, period.split("-"))) for period in periods]
    result = icor(table.reset_index(), of="iso3", windows=windows)["icor"].round(2)
    assert result.tolist() == reference.set_index("year").loc[periods, "value"].astype(float).tolist()


def capital(**columns: object) -> pd.DataFrame:
    base = {
        "economy": "CHN",
        "year": [2018, 2019],
        "labsh": 0.6,
        "cgdpo": 100.0,
        "pl_gdpo": [0.70, 0.72],
        "cn": 400.0,
        "pl_n": [0.50, 0.49],
        "rgdpna": [100.0, 104.0],
        "rnna": [400.0, 424.0],
        "delta": 0.05,
    }
    return pd.DataFrame(base | columns)


def test_return_on_capital_by_hand() -> None:
    result = return_on_capital(capital())
    # 2019: 0.4 * (100 * 0.72)/(400 * 0.49) = 0.4 * 72/196 = 0.1469388
    assert result["gross_return"].iloc[1] == pytest.approx(0.1469388, abs=1e-7)
    assert result["net_return"].iloc[1] == pytest.approx(0.0969388, abs=1e-7)
    # P_K: 200/400 = 0.5 to 196/424; P_Y: 70/100 = 0.7 to 72/104.
    gain = math.log(196 / 424 / 0.5) - math.log(72 / 104 / 0.7)
    assert result["price_gain"].iloc[1] == pytest.approx(gain)
    assert result["return_on_capital"].iloc[1] == pytest.approx(0.0969388 + gain, abs=1e-7)
    assert np.isnan(result["return_on_capital"].iloc[0])


def test_return_on_capital_knows_no_currency() -> None:
    """Another exchange rate each year moves both price levels and nothing else."""
    other = capital(pl_gdpo=[0.70 * 6.6, 0.72 * 6.9], pl_n=[0.50 * 6.6, 0.49 * 6.9])
    names = ["gross_return", "return_on_capital"]
    np.testing.assert_allclose(return_on_capital(other)[names], return_on_capital(capital())[names])
    nominal = capital().assign(cgdpo=[70.0, 72.0], cn=[200.0, 196.0])
    result = return_on_capital(nominal, output_price=None, capital_price=None)
    np.testing.assert_allclose(result[names], return_on_capital(capital())[names])


def test_mpk_by_hand_and_as_the_gross_return() -> None:
    result = mpk(capital())
    assert result["mpk_naive"].tolist() == pytest.approx([0.1, 0.1])
    # 0.4 * 100/400 * 0.70/0.50 = 0.14
    assert result["mpk_price_corrected"].iloc[0] == pytest.approx(0.14)
    np.testing.assert_allclose(result["mpk_price_corrected"], return_on_capital(capital())["gross_return"])
    half = mpk(capital(part=0.5), reproducible_share="part")
    assert half["mpk_naive"].tolist() == pytest.approx([0.05, 0.05])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"labsh": 60.0}, "share from 0 to 1"),
        ({"cn": 0.0}, "'cn' must be above zero"),
        ({"year": 2018}, "one row"),
    ],
)
def test_returns_refuse(columns, words) -> None:
    for metric in (return_on_capital, mpk):
        with pytest.raises(TableError, match=words):
            metric(capital(**columns))


@pytest.mark.mirror
def test_nominal_gdp_and_irr_of_pwt(mirror) -> None:
    """cgdpo pl_gdpo xr is nominal GDP of the national accounts, and the net return is near PWT's own irr."""
    pwt = pd.read_csv(mirror / "pwt-10.01" / "pwt1001.csv.gz").rename(columns={"isocode": "economy"})
    accounts = pd.read_csv(mirror / "pwt-11.0" / "pwt110_na_data.csv.gz")
    china = pwt[pwt["economy"] == "CHN"].set_index("year").loc[2000:2018]
    nominal = accounts[accounts["countrycode"] == "CHN"].set_index("year").loc[2000:2018, "v_gdp"]
    np.testing.assert_allclose(china["cgdpo"] * china["pl_gdpo"] * china["xr"], nominal, rtol=1e-5)
    result = return_on_capital(pwt[pwt["economy"] == "CHN"]).set_index("year")
    assert result.loc[2019, "net_return"] == pytest.approx(0.0782, abs=1e-4)
    assert (result["net_return"] - result["irr"]).loc[2015:].abs().max() < 0.01
