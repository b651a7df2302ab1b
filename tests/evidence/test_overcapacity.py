"""Tables and sentences of the overcapacity analysis."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import overcapacity as evidence


def table(shift: dict[str, float]) -> pd.DataFrame:
    """Quarters 2016 to 2024: seasonal swings round 76, moved by `shift` from 2020; one value from memory."""
    season = [-1.0, 0.0, 0.0, 1.0]
    rows = [
        (
            f"{year}Q{q}",
            "quarter",
            year,
            industry,
            76 + season[q - 1] + (move if year >= 2020 else 0),
            "%",
            "reported",
        )
        for industry, move in shift.items()
        for year in range(2016, 2025)
        for q in (1, 2, 3, 4)
    ]
    rows.append(("2015Q4", "quarter", 2015, "total", 10.0, "%", "unverified"))
    rows.append(("2024", "year", 2024, "total", 50.0, "%", "reported"))
    return pd.DataFrame(rows, columns=["period", "frequency", "year", "industry", "value", "unit", "flag"])


def read(shift: dict[str, float]):
    rows = evidence.quarters(table(shift), chosen="all", start=2015)
    recent = evidence.last_quarters(rows)
    found = evidence.gaps(rows, reference="mean", history=(2016, 2019), recent=recent)
    return found, evidence.answer(found, recent=recent, history=(2016, 2019), reference="mean")


def test_values_from_memory_and_annual_ones_are_left_out():
    rows = evidence.quarters(table({"total": 0.0, "coal": 0.0}), chosen="all", start=2015)
    assert rows["value"].min() == 75
    assert rows["period"].str.len().eq(6).all()


def test_gaps_by_hand():
    found, text = read({"total": -2.0, "motor_vehicles": -6.0, "coal": 3.0, "food": 0.2})
    gaps = found.set_index("industry")["gap"]
    assert gaps.to_dict() == pytest.approx({"motor_vehicles": -6.0, "total": -2.0, "food": 0.2, "coal": 3.0})
    assert found.set_index("industry")["like_quarters"].to_dict() == pytest.approx(gaps.to_dict())
    assert "used 74.0% of its capacity, 2.0 points below the mean of 2016–2019" in text[0]
    assert (
        "1 are more than a standard deviation below the mean of 2016–2019: motor vehicles (−6.0)" in text[1]
    )
    assert "1 above it: coal mining (+3.0); 1 near it" in text[1]
    assert (
        "The mean gap is −6.0 points in the 1 industry nearest to sectors of the plan, and +1.6 in the 2 others"
        in text[2]
    )


def test_turned_around_the_sentences_turn_around():
    _, text = read({"total": 2.0, "motor_vehicles": 6.0, "coal": -3.0})
    assert "2.0 points above the mean" in text[0]
    assert "below the mean of 2016–2019: coal mining (−3.0); 1 above it: motor vehicles (+6.0)" in text[1]


def test_a_missing_quarter_is_not_filled():
    rows = evidence.quarters(table({"total": 0.0, "coal": 0.0}), chosen="all", start=2016)
    rows = rows[~((rows["industry"] == "coal") & (rows["period"] == "2018Q4"))]
    panels = evidence.panels(rows, order=["total", "coal"])
    hole = panels[(panels["industry"] == "coal") & (panels["time"] == 2018.875)]
    assert hole["value"].isna().all()
    assert len(panels) == 2 * 36


def test_the_last_quarter_is_one_that_most_industries_have():
    rows = evidence.quarters(table({"total": 0.0, "coal": 0.0, "food": 0.0}), chosen="all", start=2016)
    extra = (
        rows[rows["period"] == "2024Q4"].iloc[:1].assign(period="2025Q1", time=2025.125, quarter=1, year=2025)
    )
    assert evidence.last_quarters(pd.concat([rows, extra]))[-1] == "2024Q4"


def test_the_committed_table():
    """NBS totals: 77.5 in 2021 (annual) and the quarters of 2017 to 2024 within the table of the sources' README."""
    committed = lab.load("capacity_utilization")
    annual = committed[(committed["frequency"] == "year") & (committed["industry"] == "total")].set_index(
        "period"
    )["value"]
    assert annual[["2016", "2017", "2019", "2020", "2021", "2022", "2023", "2024"]].tolist() == [
        73.3, 77.0, 76.6, 74.5, 77.5, 75.6, 75.1, 75.0,
    ]  # fmt: skip
    rows = evidence.quarters(committed, chosen="all", start=2016)
    assert "unverified" not in set(rows["flag"])
    found = evidence.checks(rows, recent=evidence.last_quarters(rows), start=2016)
    assert len(found) == 12
    assert "Over 12 yardsticks" in evidence.robustness(found)
    assert "4 quarterly values known from memory only are not used; 88 of the 472 used" in evidence.caveat(
        committed, rows
    )


def test_the_caveat_counts_only_what_was_asked_for():
    committed = lab.load("capacity_utilization")
    rows = evidence.quarters(committed, chosen=["coal", "ferrous_metals"], start=2016)
    assert f"{int((rows['flag'] == 'derived').sum())} of the {len(rows)} used" in evidence.caveat(
        committed, rows
    )


@pytest.mark.parametrize("reference", ["mean", "peak", "trend"])
def test_the_title_names_the_yardstick(reference):
    rows = evidence.quarters(table({"total": -2.0, "coal": -5.0, "food": 1.0}), chosen="all", start=2016)
    found = evidence.gaps(
        rows, reference=reference, history=(2016, 2019), recent=evidence.last_quarters(rows)
    )
    title = evidence.title_gaps(found, reference=reference, history=(2016, 2019))
    assert evidence.yardstick(reference, (2016, 2019)) in title
    assert "coal mining by" in title


def test_a_quarter_with_few_industries_breaks_the_line_of_those_below():
    rows = evidence.quarters(table({"total": 0.0, "coal": -5.0, "food": 1.0}), chosen="all", start=2016)
    rows = rows[~((rows["industry"] == "food") & (rows["period"] == "2019Q2"))]
    found = evidence.below(rows, threshold=75).set_index("period")
    assert found.loc["2019Q2", "share"] != found.loc["2019Q2", "share"]
    assert found.loc["2021Q2", "share"] == 50.0
    assert "1 of 2 industries ran below 75% of capacity in 2024Q4, 0 of 2 in 2016Q4" in evidence.title_below(
        found.reset_index(), threshold=75
    )
