"""The bootstrap of whole units: how often each is drawn, and the interval of the draws."""

from __future__ import annotations

import numpy as np
import pytest

from mic2025lab.errors import ParameterError
from mic2025lab.models import bootstrap


def test_the_interval_is_that_of_the_quantiles() -> None:
    draws = np.random.default_rng(1).normal(size=(500, 3))
    low, high = bootstrap.interval(draws, level=0.9)
    np.testing.assert_allclose(low, np.quantile(draws, 0.05, axis=0))
    np.testing.assert_allclose(high, np.quantile(draws, 0.95, axis=0))
    assert bootstrap.interval(draws[:, 0], level=0.9) == pytest.approx((low[0], high[0]))


def test_missing_and_infinite_draws_are_left_out() -> None:
    draws = np.column_stack([np.arange(101.0), np.full(101, np.nan)])
    draws = np.vstack([draws, [[np.nan, np.nan], [np.inf, np.nan]]])
    low, high = bootstrap.interval(draws, level=0.8)
    assert (low[0], high[0]) == pytest.approx((10.0, 90.0))
    assert np.isnan([low[1], high[1]]).all()


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    """300 samples of 60 units each: an interval of 90% covers the mean in about 90% (79% to 95% after sampling error and bias)."""
    rng = np.random.default_rng(2025)
    weights = bootstrap.counts(60, 400, seed=3) / 60
    covered = 0
    for _ in range(300):
        low, high = bootstrap.interval(weights @ rng.exponential(size=60), level=0.9)
        covered += low <= 1 <= high
    assert 0.79 * 300 < covered < 0.95 * 300


@pytest.mark.parametrize("wrong", [{"draws": [1.0, 2.0], "level": 1.0}, {"draws": []}])
def test_bad_requests_are_refused(wrong: dict) -> None:
    with pytest.raises(ParameterError):
        bootstrap.interval(wrong.pop("draws"), **wrong)
