"""Segmented trend and sup F: against least squares by hand, statsmodels, and simulation."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import segmented_trend, segmented_trend_by, sup_f
from mic2025lab.models._annual_series import design, draw, innovations

YEARS = np.arange(2002, 2023)


def noisy(seed=1, *, rho=0.0, slope_change=0.0, scale=1.0):
    """A line with AR(1) noise that may bend after 2015: simulated."""
    innovations = np.random.default_rng(seed).standard_normal((len(YEARS), 1))
    return (
        scale * draw(rho, innovations)[:, 0]
        + 0.5 * (YEARS - 2002)
        + slope_change * np.clip(YEARS - 2015, 0, None)
    )


def test_recovers_both_slopes_and_the_gap():
    y = 10 + 1.5 * (YEARS - 2015) - 0.5 * np.clip(YEARS - 2015, 0, None) + 1e-3 * noisy()
    trend = segmented_trend(y, YEARS, at=2015)
    jumped = segmented_trend(y + 3.0 * (YEARS > 2015), YEARS, at=2015, level=True)
    for one in (trend, jumped):
        found = one.slope_before, one.slope_after, one.estimate
        assert found == pytest.approx((1.5, 1.0, -0.5), abs=1e-2)
    assert trend.level_change is None
    assert jumped.level_change == pytest.approx(3.0, abs=1e-2)
    with pytest.raises(ParameterError, match="level=True"):
        trend.level_conf_int()


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("maxlags", [0, 2, 5])
def test_simulated_intervals_are_quantiles_of_statsmodels_t(level, maxlags):
    """Of the slope and of the level, each from its own t in the same series without a break."""
    import statsmodels.api as sm

    trend = segmented_trend(noisy(4, rho=0.5), YEARS, level=level, maxlags=maxlags, draws=99, seed=3)
    errors = draw(trend.rho, innovations(21, 99, 3))
    x, options = design(YEARS, 2015, level), {"maxlags": maxlags, "use_correction": True}
    t = [sm.OLS(y, x).fit(cov_type="HAC", cov_kwds=options).tvalues[2:] for y in errors.T]
    intervals = [(trend.estimate, trend.std_error, trend.conf_int(0.9))]
    if level:
        intervals.append((trend.level_change, trend.level_error, trend.level_conf_int(0.9)))
    for (estimate, error, interval), half in zip(intervals, np.quantile(np.abs(t), 0.9, axis=0), strict=True):
        assert interval == pytest.approx((estimate - half * error, estimate + half * error))
    assert trend.p_value == (1 + (np.abs(t)[:, 0] >= abs(trend.statistic)).sum()) / 100


def test_level_model_is_two_lines_fitted_apart():
    y = noisy(3)
    trend = segmented_trend(y, YEARS, at=2012, level=True)
    early, late = YEARS <= 2012, YEARS > 2012
    assert trend.slope_before == pytest.approx(np.polyfit(YEARS[early], y[early], 1)[0], abs=1e-9)
    assert trend.slope_after == pytest.approx(np.polyfit(YEARS[late], y[late], 1)[0], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-100, 100), st.floats(-5, 5), st.floats(0.01, 100))
def test_test_is_invariant(seed, level, slope, scale):
    """Another origin, trend, or unit changes neither t nor p."""
    y = noisy(seed)
    first = segmented_trend(y, YEARS, draws=199)
    other = segmented_trend(scale * y + level + slope * YEARS, YEARS, draws=199)
    assert other.statistic == pytest.approx(first.statistic, rel=1e-5, abs=1e-6)
    assert other.rho == pytest.approx(first.rho, abs=1e-5)
    assert other.estimate == pytest.approx(scale * first.estimate, rel=1e-6, abs=1e-7)


def test_same_seed_same_digits_and_intervals_agree_with_p():
    y = noisy(5, rho=0.3, slope_change=0.4)
    one, two = segmented_trend(y, YEARS), segmented_trend(y, YEARS)
    assert (one.p_value, one.conf_int()) == (two.p_value, two.conf_int())
    for inference in ("ar1", "iid", "t"):
        trend = segmented_trend(y, YEARS, inference=inference)
        for level in (0.5, 0.9, 0.99):
            low, high = trend.conf_int(level)
            assert low < trend.estimate < high
            assert (low > 0 or high < 0) == (trend.p_value < 1 - level), (inference, level)


def test_t_inference_is_statsmodels():
    import statsmodels.api as sm

    y = noisy(6)
    trend = segmented_trend(y, YEARS, at=2012, level=True, inference="t")
    options = {"maxlags": 2, "use_correction": True}
    fit = sm.OLS(y, design(YEARS, 2012, True)).fit(cov_type="HAC", cov_kwds=options, use_t=True)
    assert trend.p_value == pytest.approx(fit.pvalues[2])
    assert trend.conf_int() == pytest.approx(tuple(fit.conf_int()[2]))
    assert trend.level_conf_int() == pytest.approx(tuple(fit.conf_int()[3]))


def test_missing_ends_and_series():
    y = pd.Series(noisy(7), index=YEARS)
    y.iloc[[0, -1]] = np.nan
    trend = segmented_trend(y)
    assert (trend.n_obs, trend.year[0], trend.year[-1]) == (19, 2003, 2021)
    assert "19 observations" in trend.notes[0]
    assert segmented_trend(y.astype("Float64")).estimate == trend.estimate


def test_a_table_is_its_two_columns():
    table = pd.DataFrame({"period": YEARS, "share": noisy(7), "economy": "CHN"})
    columns = {"value": "share", "time": "period"}
    trend = segmented_trend(table, **columns, draws=199)
    assert trend.conf_int() == segmented_trend(noisy(7), YEARS, draws=199).conf_int()
    assert sup_f(table, **columns, draws=199).p_value == sup_f(noisy(7), YEARS, draws=199).p_value
    with pytest.raises(ParameterError, match="time="):
        segmented_trend(table, YEARS, **columns)
    with pytest.raises(TableError, match="one length"):
        segmented_trend(noisy(), YEARS[:-1])
    with pytest.raises(TableError, match="year="):
        segmented_trend(noisy())
    with pytest.raises(TableError, match="'year' is missing"):
        segmented_trend([1.0], [np.nan])


def test_placebo_ranks_the_true_break_first():
    y = noisy(8, slope_change=2.0, scale=0.2)
    y = y - 2.0 * np.clip(YEARS - 2015, 0, None) + 2.0 * np.clip(YEARS - 2012, 0, None)
    table = segmented_trend(y, YEARS, at=2012).placebo().set_index("at")
    assert table.index.tolist() == list(range(2005, 2019))
    assert (table["rank"].idxmin(), table["actual"].idxmax()) == (2012, 2012)
    # A bend at 2005 or 2018 stands in for the true one with a larger slope change, and fits worse.
    assert table["slope_change"].abs().idxmax() != 2012
    assert table.loc[2012, "slope_change"] == segmented_trend(y, YEARS, at=2012).estimate
    np.testing.assert_allclose(table["f"], sup_f(y, YEARS, draws=19).dates["statistic"])
    wrong = segmented_trend(y, YEARS, at=2005).placebo([2012, 2013])
    assert wrong["rank"].tolist()[0] == 3
    with pytest.raises(ParameterError, match="leaves 1 years"):
        segmented_trend(y, YEARS).placebo([2002])


def test_by_is_one_trend_a_series_in_logs_if_asked():
    table = pd.concat(
        [pd.DataFrame({"industry": k, "year": YEARS, "value": noisy(n)}) for n, k in enumerate("ba")]
    )
    frame = segmented_trend_by(table, of="industry", draws=199)
    assert frame["industry"].tolist() == ["a", "b"]
    one, row = segmented_trend(noisy(0), YEARS, draws=199), frame.iloc[1]
    assert (row["slope_change"], row["p_value"], row["low"]) == (one.estimate, one.p_value, one.conf_int()[0])
    grown = table.assign(value=np.exp(0.1 * table["value"]))
    logs = segmented_trend_by(grown, of="industry", log=True, draws=99)
    np.testing.assert_allclose(logs["slope_change"], 0.1 * frame["slope_change"])


def test_sup_f_finds_a_clear_break_and_its_f_by_hand():
    y = noisy(10, scale=0.3)
    y = y + 1.5 * np.clip(YEARS - 2011, 0, None)
    found = sup_f(y, YEARS, draws=999)
    assert found.estimate == 2011
    assert found.p_value < 0.05
    assert found.dates["at"].tolist() == list(range(2005, 2019))  # 0.15 * 21 = 3.15, so 4 years a side
    line, x = np.column_stack([np.ones(21), YEARS - 2011]), design(YEARS, 2011, False)
    s0, s1 = (float(np.linalg.lstsq(m, y, rcond=None)[1][0]) for m in (line, x))
    assert found.statistic == pytest.approx((s0 - s1) / (s1 / 18))
    again = sup_f(2 - 3 * y, YEARS, draws=999)
    assert (again.estimate, again.p_value) == (found.estimate, found.p_value)


def test_importing_models_is_light():
    code = "import sys, mic2025lab.models; print(sorted({'statsmodels', 'scipy', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


AR1 = {
    0.0: {"t": 0.138, "iid": 0.050, "ar1": 0.044},
    0.5: {"t": 0.274, "iid": 0.142, "ar1": 0.078},
    0.8: {"t": 0.416, "iid": 0.269, "ar1": 0.110},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("samples", "rho"), [(120, 0.8), *(pytest.param(400, rho, marks=pytest.mark.heavy) for rho in AR1)]
)
def test_rejection_rates_are_those_of_the_docstring(samples, rho):
    """Size of the slope-change test at 5 %: T = 21, bend after the 14th point, AR(1) null."""
    y = draw(rho, np.random.default_rng(42).standard_normal((21, samples)))
    for inference, expected in AR1[rho].items():
        found = [segmented_trend(one, YEARS, inference=inference, draws=999).p_value for one in y.T]
        # Four standard errors of a rate from so many samples, and a little for 999 draws.
        margin = 4 * np.sqrt(expected * (1 - expected) / samples) + 0.005
        assert np.mean(np.array(found) < 0.05) == pytest.approx(expected, abs=margin), inference


@pytest.mark.slow
@pytest.mark.parametrize(
    ("samples", "rho", "rates"),
    [
        (30, 0.0, [0.031, 0.010]),
        pytest.param(150, 0.0, [0.031, 0.010], marks=pytest.mark.heavy),
        pytest.param(150, 0.8, [0.180, 0.021], marks=pytest.mark.heavy),
    ],
)
def test_sup_f_rejection_rates(samples, rho, rates):
    """Size of sup F at 5 % by both p-values."""
    y = draw(rho, np.random.default_rng(43).standard_normal((21, samples)))
    found = [sup_f(one, YEARS, draws=499) for one in y.T]
    values = np.array([[one.p_value, one.p_value_conservative] for one in found])
    for share, rate in zip((values < 0.05).mean(axis=0), rates, strict=True):
        assert share == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / samples) + 0.01)
