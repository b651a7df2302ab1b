"""pace: worked by hand, Welch's interval by SciPy, and rates of simulated series."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mic2025lab.metrics import pace


def series(values, economy="CHN"):
    return pd.DataFrame({"economy": economy, "year": list(values), "share": list(values.values())})


def test_a_year_that_is_missing_is_not_bridged():
    table = pd.concat(
        [
            series({2002: 6.75, 2010: 99.0, 2015: 27.2, 2022: 34.3}),
            series({2003: 1.0, 2015: 2.0, 2022: 3.0}, "JPN"),
        ]
    )
    rows = pace(table, of="economy", at=2015).set_index("economy")
    assert rows.loc["CHN", ["value_start", "value_at", "value_end"]].tolist() == [6.75, 27.2, 34.3]
    assert rows["before"].tolist() == pytest.approx([20.45 / 13, np.nan], nan_ok=True)
    assert rows["after"].tolist() == pytest.approx([7.1 / 7, 1 / 7])
    assert rows["change"].tolist() == pytest.approx([7.1 / 7 - 20.45 / 13, np.nan], nan_ok=True)
    assert rows["low"].isna().all()  # for want of the years between


@given(st.floats(-50, 50), st.floats(-3, 3), st.floats(0.1, 100), st.randoms(use_true_random=False))
def test_a_straight_line_has_one_pace_whatever_the_unit_or_the_order_of_rows(level, slope, scale, random):
    years = random.sample(range(2002, 2023), 21)
    table = series({year: scale * (level + slope * year) for year in years})
    row = pace(table, of="economy", at=2015).iloc[0]
    assert row[["before", "after"]].tolist() == pytest.approx([scale * slope] * 2, abs=1e-8 * scale)


@given(
    st.lists(st.floats(-5, 5), min_size=5, max_size=12).filter(
        lambda numbers: np.ptp(numbers[3:]) + np.ptp(numbers[:3]) > 0.1
    )
)
def test_the_interval_is_welchs_and_autocorrelation_is_about_the_means(changes):
    table = series(dict(enumerate(np.cumsum([0, *changes]), start=2010)))
    row = pace(table, of="economy", at=2013, confidence=0.9).iloc[0]
    sides = np.array(changes[:3]), np.array(changes[3:])
    theirs = stats.ttest_ind(*sides[::-1], equal_var=False).confidence_interval(0.9)
    assert row[["low", "high"]].tolist() == pytest.approx([theirs.low, theirs.high], abs=1e-6)
    rest = np.concatenate([side - side.mean() for side in sides])
    expected = (rest[1:] @ rest[:-1]) / (rest @ rest) + 2 / len(changes)
    assert row["autocorrelation"] == pytest.approx(expected, abs=1e-6)
    p = 0.5 * math.erfc(math.sqrt(len(changes) / 2) * row["autocorrelation"])
    assert row["autocorrelation_p"] == pytest.approx(p)


def test_nothing_varies_so_there_is_nothing_to_correlate():
    straight = pace(series({2010 + t: 2.0 * t for t in range(7)}), of="economy", at=2013).iloc[0]
    assert straight[["low", "high"]].tolist() == [0, 0]
    assert np.isnan(straight["autocorrelation"])


def simulated(rho, n, burn_in, drift, *, levels, seed):
    """Paces of series of 21 years whose levels, or yearly changes, follow an AR(1) process."""
    errors = np.random.default_rng(seed).normal(size=(n, burn_in + 21))
    made = np.zeros_like(errors)
    for t in range(1, errors.shape[1]):
        made[:, t] = rho * made[:, t - 1] + errors[:, t]
    share = made[:, -21:] if levels else made[:, -21:].cumsum(axis=1)
    table = pd.DataFrame({"series": np.repeat(np.arange(n), 21), "year": np.tile(np.arange(2002, 2023), n)})
    return pace(table.assign(share=(drift * np.arange(21) + share).ravel()), of="series", at=2015)


@pytest.mark.parametrize(
    ("rho", "excluded", "found"), [(0.0, 0.050, 0.087), (0.3, 0.136, 0.393), (0.8, 0.472, 0.879)]
)
def test_autocorrelated_changes_are_found_where_they_make_the_interval_too_narrow(rho, excluded, found):
    """Rates of the docstring, from 1,500 series with another seed."""
    rows = simulated(rho, 1500, 39, 0.0, levels=False, seed=7)
    rejected, noticed = (
        ((rows["low"] > 0) | (rows["high"] < 0)).mean(),
        (rows["autocorrelation_p"] < 0.1).mean(),
    )
    for expected, seen in ((excluded, rejected), (found, noticed)):
        assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1500))


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_the_interval_is_not_too_narrow_for_a_share_that_drifts(rho):
    """Rejections of a true null at a nominal 5 %, 13 years before and 7 after: at most about 5 % (random walk), less for a trend."""
    rows = simulated(rho, 2000, 20, 1.5, levels=True, seed=2025)
    assert ((rows["low"] > 0) | (rows["high"] < 0)).mean() < 0.065
