"""The Penn World Table and the capital stock constructed from it."""

import math

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.sources import pwt


def test_perpetual_inventory_by_hand():
    capital = pd.Series({2018: 100.0, 2019: 110.0})
    delta = pd.Series({2018: 0.04, 2019: 0.05})
    investment = pd.Series(
        {2019: 300.0, 2020: 330.0, 2021: 360.0}
    )  # another price base: only its growth counts
    # I(2019) = 110 - 0.95 * 100 = 15; I(2020) = 16.5, I(2021) = 18
    # K(2020) = 0.95 * 110 + 16.5 = 121; K(2021) = 0.95 * 121 + 18 = 132.95
    made = pwt.extend_capital(capital, delta, investment, base=2019)
    assert made.to_dict() == pytest.approx({2020: 121.0, 2021: 132.95})
    low = pwt.extend_capital(capital, delta, investment, base=2019, delta_shift=0.01)
    assert low.to_dict() == pytest.approx({2020: 0.94 * 110 + 16.5, 2021: 0.94 * (0.94 * 110 + 16.5) + 18})


def test_a_constant_growth_rate_of_stock_and_investment_is_kept():
    years = range(2015, 2031)
    capital = pd.Series({year: 50 * 1.06 ** (year - 2015) for year in years})
    delta = pd.Series(0.05, index=years)
    investment = pd.Series({year: 7 * 1.06 ** (year - 2015) for year in years})
    made = pwt.extend_capital(capital, delta, investment, base=2019)
    assert made.to_numpy() == pytest.approx(capital.loc[2020:].to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("capital", "investment"),
    [
        ({2019: 100.0}, {2019: 1.0, 2020: 1.0}),  # no stock of the year before
        ({2018: 200.0, 2019: 100.0}, {2019: 1.0, 2020: 1.0}),  # implied investment below zero
        ({2018: 100.0, 2019: 110.0}, {2019: 0.0, 2020: 1.0}),  # no growth rate to take
    ],
)
def test_no_stock_is_made_up_where_the_base_is_not_sound(capital, investment):
    made = pwt.extend_capital(pd.Series(capital), pd.Series({2019: 0.05}), pd.Series(investment), base=2019)
    assert made.empty


def test_the_stock_ends_at_a_gap_in_investment():
    investment = pd.Series({2019: 1.0, 2020: 1.0, 2022: 1.0})
    made = pwt.extend_capital(
        pd.Series({2018: 100.0, 2019: 110.0}), pd.Series({2019: 0.05}), investment, base=2019
    )
    assert made.index.tolist() == [2020]


def test_human_capital_by_hand():
    made = pwt.human_capital(pd.Series([0, 2, 4, 6, 8, 10, None]))
    phi = [0, 0.268, 0.536, 0.738, 0.940, 1.076]
    assert made.iloc[:6].tolist() == pytest.approx([math.exp(p) for p in phi])
    assert math.isnan(made.iloc[6])


@pytest.fixture(scope="module")
def committed():
    return lab.load("national_accounts", vintage="all")


def test_the_constructed_capital_stock_out_of_sample(committed):
    errors = pwt.capital_errors(committed)
    assert len(errors) == 180
    assert abs(errors["CHN"]) < 0.02
    assert errors.abs().median() < 0.011
    assert errors.abs().quantile(0.9) < 0.05


@pytest.mark.heavy
def test_the_choices_of_the_construction_are_the_better_ones(committed):
    """Stocks of the end of the year and fixed capital formation meet 10.01's own stocks better than the alternatives."""
    lagged = committed.groupby(["version", "economy"])["q_gfcf"].shift()
    for other in (lagged, committed["q_i"]):
        assert pwt.capital_errors(committed.assign(q_gfcf=other)).abs().median() > 0.014


def test_the_constructed_stock_begins_as_the_source_s_and_keeps_its_band(committed):
    china = committed[committed["economy"] == "CHN"].set_index("year")
    own, made = (china[china["version"] == version] for version in ("10.01", "11.0"))
    assert made["rnna_constructed"].loc[own.index].equals(own["rnna"].rename("rnna_constructed"))
    width = (made["rnna_constructed_high"] / made["rnna_constructed_low"] - 1).loc[2020:2023]
    assert width.is_monotonic_increasing
    assert 0.05 < width.loc[2023] < 0.10


def test_human_capital_by_the_formula_is_the_source_s_for_china(committed):
    china = committed[committed["economy"] == "CHN"]
    wide = china.pivot(index="year", columns="version", values="hc").dropna()
    assert len(wide) > 60
    assert (wide["11.0"] / wide["10.01"] - 1).abs().max() < 1e-3
