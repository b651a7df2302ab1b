"""pace: worked by hand, its properties, its errors."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.errors import TableError
from mic2025lab.metrics.pace import pace


def series(values: dict[int, float], economy: str = "CHN") -> pd.DataFrame:
    return pd.DataFrame({"economy": economy, "year": list(values), "share": list(values.values())})


def test_by_hand():
    # 2002 -> 2015: (27.2 - 6.75) / 13 = 1.573...; 2015 -> 2022: (34.3 - 27.2) / 7 = 1.014...
    row = pace(series({2002: 6.75, 2010: 99.0, 2015: 27.2, 2022: 34.3}), of="economy", at=2015).iloc[0]
    assert row["before"] == pytest.approx(20.45 / 13, abs=1e-12)
    assert row["after"] == pytest.approx(7.1 / 7, abs=1e-12)
    assert row["change"] == pytest.approx(7.1 / 7 - 20.45 / 13, abs=1e-12)
    assert [row["value_start"], row["value_at"], row["value_end"]] == [6.75, 27.2, 34.3]


def test_a_missing_year_gives_missing_and_is_not_bridged():
    table = pd.concat(
        [series({2002: 1.0, 2015: 2.0, 2022: 3.0}), series({2003: 1.0, 2015: 2.0, 2022: 3.0}, "JPN")]
    )
    rows = pace(table, of="economy", at=2015, start=2002).set_index("economy")
    assert np.isnan(rows.loc["JPN", "before"])
    assert rows.loc["JPN", "after"] == pytest.approx(1 / 7)
    assert not np.isnan(rows.loc["CHN", "before"])


@given(
    level=st.floats(-50, 50), slope=st.floats(-3, 3), scale=st.floats(0.1, 100), seed=st.integers(0, 2**16)
)
def test_a_straight_line_has_one_pace_whatever_the_unit_or_the_order_of_rows(level, slope, scale, seed):
    years = np.arange(2002, 2023)
    table = pd.DataFrame({"economy": "CHN", "year": years, "share": scale * (level + slope * years)})
    row = pace(table.sample(frac=1, random_state=seed), of="economy", at=2015).iloc[0]
    assert row["before"] == pytest.approx(scale * slope, abs=1e-8 * scale)
    assert row["after"] == pytest.approx(scale * slope, abs=1e-8 * scale)


@pytest.mark.parametrize(("at", "start", "end"), [(2002, 2002, 2022), (2015, 2016, 2022), (2022, 2002, 2022)])
def test_the_base_year_lies_between_the_ends(at, start, end):
    with pytest.raises(TableError, match="the base year must lie between"):
        pace(series({2002: 1.0, 2015: 2.0, 2022: 3.0}), of="economy", at=at, start=start, end=end)


def test_two_rows_for_a_year_are_refused():
    with pytest.raises(TableError, match="2015"):
        pace(
            pd.concat([series({2002: 1.0, 2015: 2.0, 2022: 3.0}), series({2015: 9.0})]), of="economy", at=2015
        )


def test_the_interval_is_welchs():
    from scipy import stats

    shares = [1.0, 1.9, 3.2, 4.0, 5.4, 5.9, 6.5, 6.8, 7.6]  # 2011 to 2019
    table = series(dict(zip(range(2011, 2020), shares, strict=True)))
    row = pace(table, of="economy", at=2015, confidence=0.9).iloc[0]
    changes = np.diff(shares)
    theirs = stats.ttest_ind(changes[4:], changes[:4], equal_var=False).confidence_interval(0.9)
    assert row["low"] == pytest.approx(theirs.low, abs=1e-12)
    assert row["high"] == pytest.approx(theirs.high, abs=1e-12)


def test_a_hole_between_the_three_years_takes_the_interval_away_but_not_the_pace():
    row = pace(series({2011: 1.0, 2013: 2.0, 2015: 3.0, 2016: 4.0, 2017: 5.0}), of="economy", at=2015).iloc[0]
    assert row["before"] == 0.5
    assert np.isnan(row["low"])


def test_the_autocorrelation_by_hand():
    shares = [
        0.0,
        1.0,
        3.0,
        4.0,
        3.0,
        5.0,
        9.0,
    ]  # changes 1, 2, 1 | -1, 2, 4; less their means -1/3, 2/3, -1/3 | -8/3, 1/3, 7/3
    row = pace(series(dict(zip(range(2010, 2017), shares, strict=True))), of="economy", at=2013).iloc[0]
    rest = np.array([-1, 2, -1, -8, 1, 7]) / 3
    assert row["autocorrelation"] == pytest.approx((rest[1:] @ rest[:-1]) / (rest @ rest) + 2 / 6)
    assert row["autocorrelation_p"] == pytest.approx(
        0.5 * math.erfc(math.sqrt(6 / 2) * row["autocorrelation"])
    )
    straight = pace(series({2010 + t: 2.0 * t for t in range(7)}), of="economy", at=2013).iloc[0]
    assert np.isnan(straight["autocorrelation"])  # nothing varies, so there is nothing to correlate


@pytest.mark.parametrize(
    ("rho", "excluded", "found"), [(0.0, 0.050, 0.087), (0.3, 0.136, 0.393), (0.8, 0.472, 0.879)]
)
def test_autocorrelated_changes_are_found_where_they_make_the_interval_too_narrow(rho, excluded, found):
    """Rates of the docstring, from 1,500 series with another seed."""
    draws, n = np.random.default_rng(7), 1500
    errors, changes = draws.normal(size=(n, 60)), np.zeros((n, 60))
    for t in range(1, 60):
        changes[:, t] = rho * changes[:, t - 1] + errors[:, t]
    table = pd.DataFrame({"series": np.repeat(np.arange(n), 21), "year": np.tile(np.arange(2002, 2023), n)})
    table["share"] = changes[:, -21:].cumsum(axis=1).ravel()
    rows = pace(table, of="series", at=2015)
    for expected, seen in (
        (excluded, (rows["low"] > 0) | (rows["high"] < 0)),
        (found, rows["autocorrelation_p"] < 0.1),
    ):
        assert seen.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_the_interval_is_not_too_narrow_for_a_share_that_drifts(rho):
    """Rejections of a true null at a nominal 5 %, 13 years before and 7 after: at most about 5 % (random walk), less for a trend."""
    draws = np.random.default_rng(2025)
    n = 2000
    errors = draws.normal(size=(n, 41))
    walks = np.zeros((n, 41))
    for t in range(1, 41):
        walks[:, t] = rho * walks[:, t - 1] + errors[:, t]
    table = pd.DataFrame({"series": np.repeat(np.arange(n), 21), "year": np.tile(np.arange(2002, 2023), n)})
    table["share"] = (1.5 * np.arange(21) + walks[:, 20:]).ravel()
    rows = pace(table, of="series", at=2015)
    rejected = ((rows["low"] > 0) | (rows["high"] < 0)).mean()
    assert rejected < 0.065
