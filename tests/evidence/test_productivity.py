"""Tables and sentences of the productivity analysis: worked by hand, turned around, and against published figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab.evidence import productivity as evidence


@given(
    base=st.integers(1990, 2020),
    length=st.integers(1, 10),
    before=st.integers(0, 30),
    after=st.integers(0, 12),
)
def test_windows_do_not_overlap_and_one_ends_in_the_base_year(base, length, before, after):
    spans = evidence.windows(base, length, base - before, base + after)
    years = [year for low, high in spans for year in range(low, high + 1)]
    assert len(years) == len(set(years))
    assert all(base - before <= year <= base + after for year in years)
    assert (base in [high for _, high in spans]) == (before + 1 >= length)
    assert all(high - low + 1 == length for low, high in spans[:-1])


def icor_table(*values: float, economy: str = "CHN") -> pd.DataFrame:
    spans = [(2006, 2010), (2011, 2015), (2016, 2020)]
    return pd.DataFrame(
        {
            "economy": economy,
            "start": [low for low, _ in spans],
            "end": [high for _, high in spans],
            "window": [f"{low}–{high}" for low, high in spans],
            "icor": values,
            "flag": ["no growth" if np.isnan(v) else "" for v in values],
        }
    )


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((3.8, 5.7, 7.4), "rose"),
        ((7.4, 5.7, 3.8), "fell"),
        ((5.0, 5.0, 5.1), "hardly changed"),
        ((5.6, 7.8, 4.0), "went up and down"),
    ],
)
def test_the_price_of_growth_turns_with_the_numbers(values, word):
    text = evidence.say_icor(icor_table(*values), economy="CHN", base=2015)
    assert f"one point of growth {word}:" in text


def test_comparators_are_counted_where_they_grew():
    table = pd.concat(
        [
            icor_table(3.8, 5.7, 7.4),
            icor_table(5.0, 6.0, 9.0, economy="IND"),
            icor_table(9.0, 6.0, 5.0, economy="KOR"),
            icor_table(20.0, 21.0, np.nan, economy="JPN"),
        ]
    )
    text = evidence.say_icor(table, economy="CHN", base=2015)
    assert "it rose in 1 of 2 comparators that grew" in text


def test_too_few_windows_say_so():
    text = evidence.say_icor(icor_table(np.nan, 5.7, np.nan), economy="CHN", base=2015)
    assert "too few windows" in text


def choices(after: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"choice": ["a", "b", "c"], "before": 1.0, "after": after, "last": 2019})


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        ([-1.0, 0.0, 1.1], "2 say lower, 0 higher and 1 about the same"),
        ([2.0, 3.0, 4.0], "0 say lower, 3 higher and 0 about the same"),
    ],
)
def test_ways_of_measuring_tfp_are_counted(after, counts):
    assert counts in evidence.say_tfp(choices(after), economy="CHN", base=2015, length=5)


def shares(values: dict[int, float], vintage: str = "weo-2025-10", forecast_from: int = 2025) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "economy": "CHN",
            "vintage": vintage,
            "indicator": "gdp_usd",
            "measure": "market exchange rates",
            "year": list(values),
            "share": list(values.values()),
            "forecast": [year >= forecast_from for year in values],
        }
    )


def test_a_peak_that_has_been_passed():
    table = shares({2015: 14.9, 2021: 18.5, 2024: 16.9, 2025: 16.6, 2030: 17.6})
    text = evidence.say_peak(evidence.peaks(table), table, economy="CHN", vintage="weo-2025-10")
    assert "highest in 2021 at 18.50% and stood 1.60 points lower in 2024" in text
    assert "The forecasts to 2030 stay below it." in text


def test_a_share_that_still_rises_has_no_peak():
    table = shares({2015: 14.9, 2021: 16.9, 2024: 18.5, 2030: 19.0})
    text = evidence.say_peak(evidence.peaks(table), table, economy="CHN", vintage="weo-2025-10")
    assert "has not peaked: 18.50% in 2024 is the highest so far." in text
    assert "forecast" not in text


def test_forecasts_above_the_peak_are_said():
    table = shares({2015: 14.9, 2021: 18.5, 2024: 16.9, 2030: 19.0})
    text = evidence.say_peak(evidence.peaks(table), table, economy="CHN", vintage="weo-2025-10")
    assert "The forecasts exceed it (19.00% in 2030)." in text


def test_a_share_that_was_highest_in_its_first_year_has_not_risen():
    table = shares({1980: 7.0, 2015: 4.5, 2024: 3.1})
    found = evidence.peaks(table)
    text = evidence.say_peak(found, table, economy="DEU", vintage="weo-2025-10")
    assert (
        "was highest in the first year there is, 7.00% in 1980, and stood 3.90 points lower in 2024" in text
    )
    assert evidence.title_peak(found, economy="DEU", vintage="weo-2025-10").endswith(
        "peaked in 1980 at market rates"
    )


def test_parity_is_quoted_only_from_the_pinned_vintage():
    table = pd.concat(
        [
            shares({2015: 14.9, 2021: 18.5, 2024: 16.9}, vintage="wdi-2026-07"),
            shares({2015: 14.9, 2021: 18.5, 2024: 16.9}),
            shares({2015: 15.7, 2021: 18.7, 2024: 19.3}).assign(measure=evidence.PARITY, indicator="gdp_ppp"),
        ]
    )
    found = evidence.peaks(table)
    assert "parity" not in evidence.say_peak(found, table, economy="CHN", vintage="wdi-2026-07")
    assert "In purchasing power parity it has not peaked" in evidence.say_peak(
        found, table, economy="CHN", vintage="weo-2025-10"
    )


def test_a_vintage_that_ends_earlier_does_not_disagree_for_that():
    table = pd.concat(
        [
            shares({2015: 14.9, 2021: 18.5, 2023: 17.1, 2024: 18.6}),
            shares({2015: 14.9, 2021: 18.5, 2023: 17.1}, vintage="wdi-gdp-csv"),
        ]
    )
    text = evidence.say_peak(evidence.peaks(table), table, economy="CHN", vintage="weo-2025-10")
    assert "the 2 vintages agree on the year of the maximum" in text


def test_vintages_that_disagree_are_named():
    table = pd.concat(
        [
            shares({2015: 14.9, 2020: 17.5, 2021: 18.5, 2024: 16.9}),
            shares({2015: 14.9, 2020: 18.6, 2021: 18.5, 2024: 16.9}, vintage="wdi-2026-07"),
        ]
    )
    text = evidence.say_peak(evidence.peaks(table), table, economy="CHN", vintage="weo-2025-10")
    assert "the 2 vintages put the maximum between 2020 and 2021" in text


@pytest.mark.parametrize(("last", "word"), [(7.8, "fell"), (12.0, "rose"), (9.6, "hardly changed")])
def test_the_return_turns_with_the_numbers(last, word):
    table = pd.DataFrame(
        {"economy": "CHN", "year": [2000, 2015, 2019], "net_return": [0.12, 0.095, last / 100]}
    )
    assert f"{word} after 2015" in evidence.say_return(table, economy="CHN", base=2015)


def test_the_figures_of_the_committed_tables():
    """PWT 10.01's own TFP, the published ICORs, and the world share with its peak, as the sources' README has them."""
    accounts = lab.load("national_accounts", vintage="all", economy="CHN", year=slice(1995, None))
    world = lab.load("world_economy", vintage="all", economy=["CHN", "WLD"])

    old = accounts[accounts["version"] == "10.01"].set_index("year")["rtfpna"]
    assert old[2017] == 1.0
    assert old[2019] == pytest.approx(0.9646, abs=5e-5)

    wdi = world[(world["vintage"] == "wdi-2026-07") & (world["economy"] == "CHN")]
    table = evidence.icor(wdi, [(2011, 2015), (2015, 2019), (2021, 2024)])
    assert table["icor"].round(2).tolist() == [5.72, 6.38, 7.55]

    table = evidence.world_shares(world, "CHN")
    market = table[(table["vintage"] == "weo-2025-10") & (table["indicator"] == "gdp_usd")].set_index("year")[
        "share"
    ]
    assert market[[2000, 2015, 2021, 2024]].round(2).tolist() == [3.56, 14.91, 18.52, 16.87]
    assert set(evidence.peaks(table)["peak_year"]) == {2021, 2024}


def test_pwts_own_tfp_is_what_the_accounting_gives():
    accounts = lab.load(
        "national_accounts", vintage="all", economy=["CHN", "USA", "JPN"], year=slice(1995, None)
    )
    done = evidence.accounting(accounts, "10.01").set_index(["economy", "year"])
    theirs = np.log(done["rtfpna"]).groupby("economy").diff()
    both = pd.concat([done["tfp_growth"], theirs], axis=1).dropna()
    assert len(both) == 3 * 24
    assert (both.iloc[:, 0] - both.iloc[:, 1]).abs().max() < 1e-6


def test_an_economy_without_hours_is_accounted_for_by_persons():
    accounts = lab.load("national_accounts", vintage="10.01", economy=["CHN", "SAU"], year=slice(1995, None))
    accounts.loc[accounts["economy"] == "SAU", "avh"] = np.nan
    done = evidence.accounting(accounts, "10.01")
    assert done.loc[done["economy"] == "SAU", "tfp_growth"].notna().sum() == 24
