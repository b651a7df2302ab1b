"""ICOR, return on capital and marginal product: by hand, by property, and against published figures."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics


def growth(**columns):
    base = {
        "economy": "CHN",
        "year": [2015, 2016, 2017],
        "investment_share": [40.0, 42.0, 44.0],
        "gdp_growth": [7.0, 1.0, 6.0],
    }
    return pd.DataFrame(base | {"worn": [10.0, 11.0, 12.0]} | columns)


def test_icor_is_a_ratio_of_sums():
    result = metrics.icor(growth(), windows=[(2015, 2017)], depreciation_share="worn").iloc[0]
    # (40 + 42 + 44)/(7 + 1 + 6) = 126/14 = 9, not the mean of 5.7, 42 and 7.3; net (126 - 33)/14.
    numbers = result[["icor", "icor_net", "investment_sum", "growth_sum", "flag"]].tolist()
    assert numbers == [9, pytest.approx(93 / 14), 126, 14, ""]


@pytest.mark.parametrize(
    ("columns", "windows", "ratios", "flags"),
    [
        ({}, 2, [82 / 8, 86 / 7], ["", ""]),
        ({"gdp_growth": [-3.0, 3.0, -1.0]}, [(2015, 2016), (2016, 2017), (2017, 2017)], [None, 86 / 2, None],
         ["no growth", "", "no growth"]),
        ({}, [(2014, 2015), (2015, 2018)], [None, None], ["incomplete"] * 2),
        ({"gdp_growth": [7.0, None, 6.0]}, [(2015, 2017)], [None], ["incomplete"]),
    ],
)  # fmt: skip
def test_icor_by_hand(columns, windows, ratios, flags):
    result = metrics.icor(growth(**columns), windows=windows)
    assert result["icor"].tolist() == pytest.approx(np.array(ratios, float), nan_ok=True)
    assert result["flag"].tolist() == flags
    assert "icor_net" not in result


@given(st.lists(st.tuples(st.floats(1, 60), st.floats(0.1, 15)), min_size=4, max_size=10))
def test_icor_lies_between_yearly_ratios_in_any_unit(rows):
    names = ["investment_share", "gdp_growth"]
    table = pd.DataFrame(rows, columns=names).assign(economy="A", year=np.arange(len(rows)) + 2000)
    result = metrics.icor(table, windows=3)["icor"]
    fractions = metrics.icor(table.assign(**table[names] / 100), windows=3)["icor"]
    np.testing.assert_allclose(fractions, result, rtol=1e-9)
    yearly = table["investment_share"] / table["gdp_growth"]
    assert result.between(yearly.min() * (1 - 1e-9), yearly.max() * (1 + 1e-9)).all()


@pytest.mark.mirror
def test_icor_of_china_as_recorded(mirror):
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
    result = metrics.icor(table.reset_index(), of="iso3", windows=windows)["icor"].round(2)
    assert result.tolist() == reference.set_index("year").loc[periods, "value"].astype(float).tolist()


def capital(**columns):
    base = {
        "economy": "CHN",
        "year": [2018, 2019],
        "labsh": 0.6,
        "cgdpo": 100.0,
        "pl_gdpo": [0.70, 0.72],
        "cn": 400.0,
    }
    more = {"pl_n": [0.50, 0.49], "rgdpna": [100.0, 104.0], "rnna": [400.0, 424.0], "delta": 0.05}
    return pd.DataFrame(base | more | columns)


def test_return_on_capital_by_hand():
    result = metrics.return_on_capital(capital())
    # 2019: 0.4 * (100 * 0.72)/(400 * 0.49) = 0.4 * 72/196. P_K: 200/400 = 0.5 to 196/424; P_Y: 70/100 = 0.7 to 72/104.
    gross, gain = 0.4 * 72 / 196, math.log(196 / 424 / 0.5) - math.log(72 / 104 / 0.7)
    expected = {
        "gross_return": gross,
        "net_return": gross - 0.05,
        "price_gain": gain,
        "return_on_capital": gross - 0.05 + gain,
    }
    assert result.iloc[1][list(expected)].to_dict() == pytest.approx(expected)
    assert np.isnan(result["return_on_capital"].iloc[0])


def test_return_on_capital_knows_no_currency():
    """Another exchange rate each year moves both price levels and nothing else."""
    other = capital(pl_gdpo=[0.70 * 6.6, 0.72 * 6.9], pl_n=[0.50 * 6.6, 0.49 * 6.9])
    nominal = capital(cgdpo=[70.0, 72.0], cn=[200.0, 196.0])
    made = [
        metrics.return_on_capital(other),
        metrics.return_on_capital(nominal, output_price=None, capital_price=None),
    ]
    names = ["gross_return", "return_on_capital"]
    for result in made:
        np.testing.assert_allclose(result[names], metrics.return_on_capital(capital())[names])


def test_mpk_by_hand_and_as_the_gross_return():
    result = metrics.mpk(capital())
    assert result["mpk_naive"].tolist() == pytest.approx([0.1, 0.1])
    np.testing.assert_allclose(
        result["mpk_price_corrected"], metrics.return_on_capital(capital())["gross_return"]
    )
    half = metrics.mpk(capital(part=0.5), reproducible_share="part")
    assert half["mpk_naive"].tolist() == pytest.approx([0.05, 0.05])


@pytest.mark.mirror
def test_nominal_gdp_and_irr_of_pwt(mirror):
    """cgdpo pl_gdpo xr is nominal GDP of the national accounts, and the net return is near PWT's own irr."""
    pwt = pd.read_csv(mirror / "pwt-10.01" / "pwt1001.csv.gz").rename(columns={"isocode": "economy"})
    accounts = pd.read_csv(mirror / "pwt-11.0" / "pwt110_na_data.csv.gz")
    china = pwt[pwt["economy"] == "CHN"].set_index("year").loc[2000:2018]
    nominal = accounts[accounts["countrycode"] == "CHN"].set_index("year").loc[2000:2018, "v_gdp"]
    np.testing.assert_allclose(china["cgdpo"] * china["pl_gdpo"] * china["xr"], nominal, rtol=1e-5)
    result = metrics.return_on_capital(pwt[pwt["economy"] == "CHN"]).set_index("year")
    assert result.loc[2019, "net_return"] == pytest.approx(0.0782, abs=1e-4)
    assert (result["net_return"] - result["irr"]).loc[2015:].abs().max() < 0.01
