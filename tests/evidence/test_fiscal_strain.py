"""Gaps, paces and published estimates of `fiscal_strain`: by hand, turned around, and on the committed tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab.analyses import validate
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import fiscal_strain as evidence
from mic2025lab.evidence import fiscal_words as words

CHOICES = {"output": "gdp", "start": 2012, "end": 2018}


def accounts(gap: dict[int, float], provinces: int = 4, *, spending: float = 20.0) -> pd.DataFrame:
    """Provinces of equal size with the same gap each year, % of GDP."""
    rows = []
    for n in range(provinces):
        for year, value in gap.items():
            given = {
                "gdp": 100.0,
                "gdp_first_published": 110.0,
                "budget_expenditure": spending,
                "local_tax": spending - value,
            }
            rows += [(f"p{n}", f"P{n}", year, indicator, number) for indicator, number in given.items()]
    return pd.DataFrame(rows, columns=["province", "name", "year", "indicator", "value"])


def path(before: float, after: float, level: float = 10.0) -> dict[int, float]:
    """Gaps of 2012 to 2018 that move by `before` a year up to 2015 and by `after` from then on."""
    return {
        year: level + (before * (year - 2015) if year <= 2015 else after * (year - 2015))
        for year in range(2012, 2019)
    }


def told(gap: dict[int, float]) -> tuple[list[str], str]:
    table = accounts(gap)
    rows = evidence.panel(table, **CHOICES)
    years = evidence.by_year(rows)
    drawn = evidence.gap_draws(rows, draws=100, seed=1)
    change, pace = (
        evidence.gap_change(years, drawn, 2015),
        evidence.pace(years["year"], years["gap"], drawn, 2015),
    )
    return words.answer(years, change, pace, base_year=2015), words.title_gap(years, pace, base_year=2015)


def test_the_gap_by_hand() -> None:
    table = accounts({2014: 5.0, 2015: 6.0}, provinces=2)
    big = (table["province"] == "p1") & (table["indicator"] == "gdp")
    table.loc[big, "value"] = 300.0  # three times as large, so a third of the gap
    rows = evidence.panel(table, output="gdp", start=2014, end=2015)
    assert rows.loc[rows["year"] == 2015, "gap"].tolist() == pytest.approx([6.0, 2.0])
    row = evidence.by_year(rows).iloc[1]
    assert (row["gap"], row["spending"], row["taxes"]) == pytest.approx((3.0, 10.0, 7.0))
    assert (row["mean"], row["covered"]) == pytest.approx((4.0, 70.0))
    drawn = evidence.gap_draws(rows, draws=200, seed=1)
    assert set(np.round(drawn[:, 1], 6)) == {6.0, 3.0, 2.0}  # the small one twice, both, the large one twice
    low, high = evidence.bounds(drawn)
    assert (low[1], high[1]) == pytest.approx((2.0, 6.0))


@given(before=st.floats(-1, 1), after=st.floats(-1, 1), level=st.floats(5, 15))
def test_paces_are_the_slopes(before: float, after: float, level: float) -> None:
    gap = path(before, after, level)
    values = np.array(list(gap.values()))
    found = evidence.pace(list(gap), values, values[None, :], 2015)
    assert (found.before, found.after) == pytest.approx((before, after), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((after - before, after - before), abs=1e-9)


@pytest.mark.parametrize(
    ("before", "after", "level", "since"),
    [
        (1.0, 0.5, "a rise", "it went on widening"),
        (1.0, 0.0, "a rise", "it has not clearly widened or narrowed"),
        (1.0, -0.3, "a rise", "it has narrowed"),
        (-1.0, -0.5, "a fall", "it went on narrowing"),
        (-0.3, 1.0, "a rise", "it has widened"),
        (0.0, 0.04, "a rise", "it has not clearly widened or narrowed"),  # clear, and too small
    ],
)
def test_the_answer_turns_with_the_numbers(before: float, after: float, level: str, since: str) -> None:
    (first, second), title = told(path(before, after))
    assert level in second
    assert second.endswith(f"since 2015 {since}.")
    assert since in title
    assert f"in 2012, 10.0% in 2015 and {10 + 3 * after:.1f}% in 2018" in first


def test_an_interval_over_zero_is_no_change() -> None:
    table = accounts(path(0.0, 0.0))
    shifts = {"p0": 6.0, "p1": -6.0, "p2": 3.0, "p3": -2.5}
    moved = (table["year"] > 2015) & (table["indicator"] == "local_tax")
    table.loc[moved, "value"] -= table.loc[moved, "province"].map(shifts)
    rows = evidence.panel(table, **CHOICES)
    within = evidence.provinces(rows, 2015)
    assert within.set_index("name")["change"].to_dict() == pytest.approx(
        {f"P{k[1]}": v for k, v in shifts.items()}
    )
    found = evidence.within_change(within, draws=400, seed=1)
    assert found.value == pytest.approx(np.mean(list(shifts.values())))
    text = words.say_provinces(within, found, base_year=2015)
    assert "in 2 of 4 provinces" in text
    assert "no clear change" in text
    assert text.endswith("4.0% of GDP (P1) to 16.0% (P0).")


def test_checks_begin_with_the_choice_made() -> None:
    table = evidence.checks(accounts(path(1.0, 0.2)), **CHOICES, base_year=2015)
    assert table["choice"].iloc[0] == "as above"
    assert "GDP as first published" in set(table["choice"])
    assert table["pace_after"].iloc[0] == pytest.approx(0.2)
    assert table.loc[1, "before"] == pytest.approx(table.loc[0, "before"] / 1.1)
    up = words.robustness(table)
    assert f"in {len(table)}, by +" in up
    assert "faster after it than before in 0" in up
    turned = words.robustness(evidence.checks(accounts(path(-1.0, 0.2)), **CHOICES, base_year=2015))
    assert f"faster after it than before in {len(table)}" in turned


def world(values: dict[str, list[float]]) -> pd.DataFrame:
    rows = [
        (code, 2013 + n, indicator, value, "forecast" if n == 5 else "")
        for code, line in values.items()
        for n, value in enumerate(line)
        for indicator in evidence.GOVERNMENT
    ]
    return pd.DataFrame(rows, columns=["economy", "year", "indicator", "value", "flag"])


def test_forecasts_are_left_out_and_debt_turns_with_the_numbers() -> None:
    table = world({"CHN": [10, 12, 14, 20, 26, 99], "USA": [50, 50, 50, 51, 52, 53]})
    rows = evidence.government(table, ["CHN", "USA"], start=2013, end=2018)
    assert rows["year"].max() == 2017
    paces = evidence.government_paces(rows, 2015)
    own = paces[(paces["economy"] == "CHN") & (paces["indicator"] == "gov_debt_share")].iloc[0]
    assert (own["last"], own["before"], own["after"]) == pytest.approx((26, 2, 6))
    debt = words.say_government(paces, economy="CHN", base_year=2015)[0]
    assert "+2.0 points a year up to 2015 and +6.0 after, quicker than before" in debt
    assert "in none of 1 economy compared" in debt
    assert "rose from 14% of GDP in 2015 to 26% in 2017" in words.title_debt(
        paces, economy="CHN", base_year=2015
    )
    turned = world({"CHN": [10, 12, 14, 14, 13, 99], "USA": [50, 50, 50, 51, 52, 53]})
    paces = evidence.government_paces(evidence.government(turned, ["CHN", "USA"], start=2013, end=2018), 2015)
    debt = words.say_government(paces, economy="CHN", base_year=2015)[0]
    assert "−0.5 after, slower than before" in debt
    assert "in 1 of 1 economy compared" in debt
    assert "fell from 14%" in words.title_debt(paces, economy="CHN", base_year=2015)
    none = evidence.government_paces(rows[rows["year"] > 2015], 2015)
    assert "no figure" in words.say_government(none, economy="CHN", base_year=2015)[0]


def test_published_estimates_bear_what_was_verified() -> None:
    columns = ["topic", "item", "period", "year", "value", "unit", "source", "verified"]
    table = pd.DataFrame(
        [("fiscal", "LGFV debt (A)", "2014", 2014, 2.0, "trn yuan", "A", "yes"),
         ("fiscal", "LGFV debt (B)", "2017", 2017, 1.0, "trn yuan", "B", "no"),
         ("fiscal", "Debt swap", "2016-17", 2017, 1.0, "trn yuan (a+b)", "B", "no"),
         ("fiscal", "Augmented public debt", "2017", 2017, 30.0, "% GDP", "C", "partial"),
         ("growth", "other", "2017", 2017, 1.0, "trn yuan", "D", "yes")],
        columns=columns,
    )  # fmt: skip
    given = accounts(path(0, 0), provinces=31)
    given.loc[given["indicator"] == "gdp", "value"] = 1e4 / 31 * 10  # ten trillion yuan together
    found = evidence.published(table, given)
    assert found["topic"].unique().tolist() == ["fiscal"]
    assert found["of_gdp"].tolist()[:2] == pytest.approx([20.0, 10.0])
    assert found["of_gdp"].isna().tolist() == [False, False, True, True]  # a sum over years is no year's
    vehicles = evidence.vehicles(found)
    text = words.say_vehicles(vehicles)
    assert "2.0 trillion yuan for 2014 (20% of GDP) and 1.0 trillion yuan for 2017 (10% of GDP)" in text
    assert "read on the page named and not verified" in text
    assert "No published estimate" in words.say_vehicles(vehicles.iloc[:0])
    rows = evidence.government(world({"CHN": [10, 12, 14, 20, 26, 99]}), ["CHN"], start=2013, end=2018)
    above = evidence.augmented(found, evidence.government_paces(rows, 2015), economy="CHN")
    assert above is not None
    assert above[1] == pytest.approx(4.0)
    assert "4 points above" in words.say_augmented(above)
    assert "read in part" in words.say_augmented(above)
    rows = rows[rows["year"] < 2017]  # no longer of one year
    assert evidence.augmented(found, evidence.government_paces(rows, 2015), economy="CHN") is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": 2005}, "start = 2005 is outside gdp of provincial_accounts, which covers 2006 to 2024"),
        ({"end": 2017}, "choose an end at or after 2018"),
        ({"comparators": ["CHN"]}, "is the economy asked about"),
        ({"vintage": "wdi-2026-07"}, "has no gov_balance_share, gov_debt_share"),
        ({"output": "gpd"}, "Did you mean 'gdp'?"),
    ],
)
def test_parameters(values: dict, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        validate("fiscal_strain", values)
    assert message in str(caught.value)
    assert validate("fiscal_strain", {"output": "gdp_first_published", "start": 2005})


def test_the_committed_tables() -> None:
    """The gap opened before 2015 and not after; debt quickened."""
    table = lab.load("provincial_accounts")
    rows = evidence.panel(table, output="gdp", start=2006, end=2024)
    years = evidence.by_year(rows).set_index("year")
    assert (years["provinces"] == 31).all()
    # Spending, tax and GDP of all provinces in 2015, 100 million yuan
    whole = table[table["year"] == 2015].groupby("indicator")["value"].sum()
    assert years.loc[2015, "gap"] == pytest.approx(
        100 * (whole["budget_expenditure"] - whole["local_tax"]) / whole["gdp"]
    )
    assert years.loc[[2006, 2015, 2024], "gap"].round(1).tolist() == [5.4, 12.4, 12.0]
    world_economy = lab.load("world_economy", vintage="weo-2025-10")
    paces = evidence.government_paces(evidence.government(world_economy, ["CHN"], start=2006, end=2024), 2015)
    debt = paces.set_index("indicator").loc["gov_debt_share"]
    assert debt["last_year"] == 2024
    assert debt["after"] > debt["before"]
    estimates = evidence.published(lab.load("benchmarks"), table)
    assert evidence.vehicles(estimates)["year"].tolist() == [2017, 2023]
    assert set(estimates["verified"]) <= set(evidence.VERIFIED)
