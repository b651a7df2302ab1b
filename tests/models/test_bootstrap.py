"""The bootstrap of whole units: how often each is drawn, and the interval of the draws."""

import numpy as np
import pytest

from mic2025lab.errors import ParameterError
from mic2025lab.models import bootstrap


def test_the_interval_is_that_of_the_quantiles():
    draws = np.random.default_rng(1).normal(size=(500, 3))
    low, high = bootstrap.interval(draws, level=0.9)
    np.testing.assert_allclose(low, np.quantile(draws, 0.05, axis=0))
    np.testing.assert_allclose(high, np.quantile(draws, 0.95, axis=0))
    assert bootstrap.interval(draws[:, 0], level=0.9) == pytest.approx((low[0], high[0]))


def test_missing_and_infinite_draws_are_left_out():
    draws = np.column_stack([np.arange(101.0), np.full(101, np.nan)])
    draws = np.vstack([draws, [[np.nan, np.nan], [np.inf, np.nan]]])
    low, high = bootstrap.interval(draws, level=0.8)
    assert (low[0], high[0]) == pytest.approx((10.0, 90.0))
    assert np.isnan([low[1], high[1]]).all()


@pytest.mark.parametrize("wrong", [{"draws": [1.0, 2.0], "level": 1.0}, {"draws": []}])
def test_bad_requests_are_refused(wrong):
    with pytest.raises(ParameterError):
        bootstrap.interval(wrong.pop("draws"), **wrong)


def test_a_change_after_a_base_year_has_the_interval_of_its_draws():
    rng = np.random.default_rng(3)
    years, values = np.arange(2010, 2020), np.r_[np.full(6, 2.0), np.full(4, 3.0)]
    draws = values + rng.normal(0, 0.5, size=(2000, 10))
    found = bootstrap.mean_change(years, values, draws, 2015)
    assert (found.before, found.after, found.value) == (2.0, 3.0, 1.0)
    error = 0.5 * np.sqrt(1 / 6 + 1 / 4)
    assert found.low == pytest.approx(1 - 1.96 * error, abs=0.05)
    assert found.high == pytest.approx(1 + 1.96 * error, abs=0.05)
    assert found.clear
    assert not bootstrap.mean_change(years, values, values + 100 * (draws - values), 2015).clear
    assert bootstrap.mean_change(years, -values, -draws, 2015).clear


def test_a_change_leaves_out_years_without_a_value_and_needs_both_sides():
    values = [np.nan, 2.0, 4.0]
    found = bootstrap.mean_change([2014, 2015, 2016], values, [[9.0, 2.0, 5.0], [np.nan, 2.0, 5.0]], 2015)
    assert (found.before, found.value, found.low, found.high) == (2.0, 2.0, 3.0, 3.0)
    for base_year in (2014, 2016):
        one = bootstrap.mean_change([2014, 2015, 2016], values, np.ones((2, 3)), base_year)
        assert np.isnan([one.value, one.low, one.high]).all()
        assert not one.clear


def test_the_first_row_of_weights_gives_the_estimate_and_the_others_its_draws():
    values = np.random.default_rng(5).normal(size=40)
    weights = bootstrap.weights(40, 200, seed=7)
    assert np.array_equal(weights[1:], bootstrap.counts(40, 200, seed=7))
    estimate, low, high = bootstrap.with_interval(weights @ values / 40, level=0.9)
    assert estimate == pytest.approx(values.mean())
    assert (low, high) == pytest.approx(bootstrap.interval(weights[1:] @ values / 40, level=0.9))
    assert low < estimate < high
