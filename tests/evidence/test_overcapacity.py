"""Utilization gaps of `sector_profile`."""

from __future__ import annotations

import pandas as pd
import pytest

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
    return evidence.gaps(rows, reference="mean", history=(2016, 2019), recent=recent)


def test_values_from_memory_and_annual_ones_are_left_out():
    rows = evidence.quarters(table({"total": 0.0, "coal": 0.0}), chosen="all", start=2015)
    assert rows["value"].min() == 75
    assert rows["period"].str.len().eq(6).all()


def test_gaps_by_hand():
    found = read({"total": -2.0, "motor_vehicles": -6.0, "coal": 3.0, "food": 0.2})
    gaps = found.set_index("industry")["gap"]
    assert gaps.to_dict() == pytest.approx({"motor_vehicles": -6.0, "total": -2.0, "food": 0.2, "coal": 3.0})
    assert found.set_index("industry")["like_quarters"].to_dict() == pytest.approx(gaps.to_dict())


def test_the_last_quarter_is_one_that_most_industries_have():
    rows = evidence.quarters(table({"total": 0.0, "coal": 0.0, "food": 0.0}), chosen="all", start=2016)
    extra = (
        rows[rows["period"] == "2024Q4"].iloc[:1].assign(period="2025Q1", time=2025.125, quarter=1, year=2025)
    )
    assert evidence.last_quarters(pd.concat([rows, extra]))[-1] == "2024Q4"
