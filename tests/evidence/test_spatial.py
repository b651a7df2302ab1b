"""Returns to capital in the provinces: by hand, turned around, and on the committed tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import spatial


@pytest.fixture(scope="module")
def capital() -> pd.DataFrame:
    return lab.load("provincial_capital")


@pytest.fixture(scope="module")
def rows(capital: pd.DataFrame) -> pd.DataFrame:
    return spatial.panel(lab.load("provincial_accounts"), capital)


def spread(values: list[float], first: int = 2012) -> pd.DataFrame:
    """A table as `dispersion` gives it."""
    years = range(first, first + len(values))
    return pd.DataFrame(
        {"year": years, "provinces": 31, "sd": values, "sd_weighted": values, "p90_10": values}
    )


def choices(after: list[float], before: float = 0.1) -> pd.DataFrame:
    """A table as `checks` gives it."""
    table = pd.DataFrame({"choice": [f"choice {n}" for n in range(len(after))], "after": after})
    return table.assign(before=before)


def test_returns_and_their_spread_by_hand() -> None:
    table = pd.DataFrame(
        {
            "province": ["a", "b"],
            "name": ["A", "B"],
            "year": 2015,
            "gdp": [10.0, 20.0],
            "capital_current": [50.0, 50.0],
        }
    )
    found = spatial.returns(table, capital_share=0.5)
    assert found["mrpk"].tolist() == [10.0, 20.0]
    row = spatial.dispersion(found).iloc[0]
    assert row["sd"] == pytest.approx(np.log(2) / np.sqrt(2))
    assert row["sd_weighted"] == pytest.approx(np.log(2) / 2)
    # The common share moves levels only.
    other = spatial.dispersion(spatial.returns(table, capital_share=0.3)).iloc[0]
    assert other["sd"] == pytest.approx(row["sd"])


def test_weights_are_capital() -> None:
    table = pd.DataFrame({"year": 2015, "mrpk": [1.0, np.e], "capital_current": [3.0, 1.0]})
    assert spatial.dispersion(table)["sd_weighted"].iloc[0] == pytest.approx(np.sqrt(0.25 * 0.75))


def test_sentences_follow_the_numbers() -> None:
    up = spatial.answer(spread([0.1, 0.2, 0.3, 0.3, 0.4]), choices([0.1, 0.05]), base_year=2015)
    assert "rose from 0.10 in 2012 to 0.30 in 2015, and rose to 0.40 in 2016." in up[0]
    assert up[1] == "Under all 2 choices tried it rose after 2015."
    assert up[2] == "That it rose up to 2015 holds under all of them."
    down = spatial.answer(
        spread([0.4, 0.3, 0.3, 0.2, 0.1]), choices([-0.1, -0.05], before=-0.2), base_year=2015
    )
    assert "fell from 0.40 in 2012 to 0.20 in 2015, and fell to 0.10 in 2016." in down[0]
    assert down[1] == "Under all 2 choices tried it fell after 2015."
    assert down[2] == "That it fell up to 2015 holds under all of them."
    flat = spatial.answer(
        spread([0.2, 0.2, 0.2, 0.2, 0.205]), choices([0.005, 0.0], before=0.0), base_year=2015
    )
    assert "hardly changed from 0.20 in 2012 to 0.20 in 2015, and has hardly changed since" in flat[0]
    assert flat[1] == "After 2015 it hardly moved under any of 2 choices."
    assert len(flat) == 2


def test_choices_that_disagree_give_no_clear_answer() -> None:
    table = spread([0.1, 0.2, 0.3, 0.3, 0.4])
    mixed = spatial.answer(table, choices([0.1, -0.1, -0.2, 0.0]), base_year=2015)[1]
    assert (
        "it rose under “choice 0” (+0.10), and fell under 2 other choices, with 1 that hardly moved" in mixed
    )
    assert "no clear answer" in mixed
    turned = spatial.answer(table, choices([-0.1, 0.1, 0.2, 0.0]), base_year=2015)[1]
    assert "it fell under “choice 0” (−0.10), and rose under 2 other choices" in turned
    partly = spatial.answer(table, choices([0.1, 0.0]), base_year=2015)[1]
    assert partly == "After 2015 it rose under 1 of 2 choices and hardly moved under the others."


def test_equal_returns_have_no_gap_and_capital_in_the_wrong_place_has() -> None:
    base = pd.DataFrame(
        {
            "province": ["a", "b"], "name": ["A", "B"], "year": 2015, "gdp": [50.0, 50.0], "gdp_first_published": [50.0, 50.0],
            "capital_current": [1.0, 1.0],
        }
    )  # fmt: skip
    level = spatial.capital_gaps(base, capital_share=0.5, sigma=1.5)
    assert level["gain"].tolist() == pytest.approx([0, 0], abs=1e-9)
    # Elasticity 1: exp(a sum v ln(v / k)), by hand.
    skewed = base.assign(capital_current=[0.2, 0.8])
    found = spatial.capital_gaps(skewed, capital_share=0.5, sigma=1.0)["gain"].iloc[0]
    assert found == pytest.approx(100 * np.expm1(0.5 * (0.5 * np.log(2.5) + 0.5 * np.log(0.625))))


def test_the_gap_of_capital_needs_no_labor(rows: pd.DataFrame) -> None:
    alone = spatial.capital_gaps(rows, capital_share=0.5, sigma=1.5)
    alone = alone[alone["output"] == "revised GDP"].set_index("year")["gain"]
    beside = spatial.gaps(rows, capital_share=0.5, sigma=1.5)
    beside = beside[beside["labor"] == "employed in urban units"].set_index("year")["capital_gain"]
    np.testing.assert_allclose(beside, alone.loc[beside.index], rtol=1e-9)


def test_measured_on_the_committed_tables(rows: pd.DataFrame, capital: pd.DataFrame) -> None:
    """What the page says: the spread doubled to 2015; since then the two measures of output disagree."""
    table = spatial.dispersion(spatial.returns(rows, capital_share=0.5))
    by_year = table.set_index("year")["sd"].round(2)
    assert by_year[[2006, 2015, 2022]].tolist() == [0.18, 0.34, 0.32]
    assert set(table["provinces"]) == {31}
    found = spatial.checks(rows, capital, base_year=2015).set_index("choice")
    assert (found["before"] > 0.05).all()
    assert found.loc["as above", "after"] < -spatial.MARGIN
    assert found.loc["GDP as first published", "after"] > spatial.MARGIN
    assert (found["low"] <= found["high"]).all()
    assert spatial.overstated(rows) == ["heilongjiang", "jilin", "liaoning", "neimenggu", "tianjin"]
    text = " ".join(spatial.answer(table, found.reset_index(), base_year=2015))
    assert "no clear answer" in text
    assert "2019" in spatial.say_measures(rows, base_year=2015)


def test_another_rate_of_depreciation_is_another_stock(rows: pd.DataFrame, capital: pd.DataFrame) -> None:
    same = spatial.restocked(rows, capital, 0.096).sort_values(["province", "year"])
    own = rows.sort_values(["province", "year"])
    np.testing.assert_allclose(same["capital_current"], own["capital_current"], rtol=1e-6)
    assert (
        spatial.restocked(rows, capital, 0.05).sort_values(["province", "year"])["capital_current"].to_numpy()
        > own["capital_current"].to_numpy()
    ).all()


def test_a_step_of_the_record_is_told_from_a_turn() -> None:
    """First figures that catch up with revised ones in one year, and the same without catching up."""
    parts = []
    for year in range(2014, 2020):
        revised = np.array([10.0, 20.0, 40.0])
        first = revised if year >= 2018 else np.array([12.0, 20.0, 36.0])
        parts.append(
            pd.DataFrame(
                {
                    "province": ["a", "b", "c"],
                    "year": year,
                    "gdp": revised,
                    "gdp_first_published": first,
                    "capital_current": 100.0,
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    text = spatial.say_measures(table, base_year=2015)
    assert "differ most in 2018" in text
    assert "a step in the record" in text
    turned = table.assign(gdp=table["gdp_first_published"], gdp_first_published=table["gdp"])
    turned.loc[turned["year"] >= 2018, "gdp_first_published"] = np.tile([5.0, 20.0, 80.0], 2)
    assert "a step in the record" not in spatial.say_measures(turned, base_year=2015)


def test_titles_follow_the_numbers() -> None:
    table = pd.DataFrame(
        {"year": [2014, 2015, 2016] * 2, "output": ["x"] * 3 + ["y"] * 3, "gain": [1.0, 2.0, 3.0] * 2}
    )
    assert "cost more in the last year than in 2015" in spatial.title_gap(table, 2015)
    assert "cost less" in spatial.title_gap(table.assign(gain=[3.0, 2.0, 1.0] * 2), 2015)
    assert "as much in the last year as in 2015" in spatial.title_gap(table.assign(gain=2.0), 2015)
    assert "hangs on which GDP" in spatial.title_gap(table.assign(gain=[1.0, 2.0, 3.0, 3.0, 2.0, 1.0]), 2015)
    ranks = pd.DataFrame(
        {
            "province": ["a", "b"],
            "name": ["A", "B"],
            "first": [1.0, 1.0],
            "base": [9.0, 9.0],
            "last": [10.0, 5.0],
        }
    )
    title = spatial.title_ranking(ranks, [2006, 2015, 2022])
    assert (
        title
        == "A yuan of capital earned 10% in A and 5% in B in 2022; less than in 2015 in 1 of 2 provinces"
    )
