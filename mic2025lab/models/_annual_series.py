"""Annual series for the trend models: years in a row, the regressors of a broken line, and tests under autocorrelated errors.

A trend regression on twenty annual points has a t statistic whose distribution under "no change" depends only
on the regressors, on the lag of the Newey-West estimator and on the autocorrelation ``rho`` of the errors,
not on their variance and not on the trend itself. So it can be simulated once ``rho`` is known, and ``rho``
can be estimated without the downward bias of the usual estimate by asking which value of it would give the
estimate seen (median-unbiased estimation, Andrews 1993b).

References
----------
Andrews, D. W. K. (1993b). "Exactly Median-Unbiased Estimation of First Order Autoregressive/Unit Root
Models." Econometrica 61(1), 139-165.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.frame import read
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._types import Floats, Ints

MIN_SIDE = 3
_FEW = 20
# Values of rho that the median is tabulated at; 1 is the random walk. Negative ones are read as 0: the interval is
# then too wide, never too narrow.
_GRID = np.append(np.arange(0.0, 0.96, 0.05), [0.975, 1.0])
_RHO_DRAWS = 2000
# Columns that are worked on at once: the arrays of a block stay in the processor's cache.
_BLOCK = 1024


def _floats(values: Any) -> Floats:
    """One flat float64 array of a list, an array or a Series, missing as nan."""
    try:
        if hasattr(values, "to_numpy"):
            values = values.to_numpy()
        return np.array([np.nan if value is None else value for value in np.ravel(values)], dtype="float64")
    except (TypeError, ValueError) as error:
        raise TableError(f"Values and years must be numbers ({error}).") from error


def annual(y: Any, year: Any, value: str = "value", time: str = "year") -> tuple[Floats, Ints]:
    """Values and consecutive years, of a table, a series, or two arrays, sorted; what is missing at the ends is left off."""
    if hasattr(y, "columns") or hasattr(y, "column_names"):
        if year is not None:
            raise ParameterError(
                "Of a table, name the column of the years: time=... takes the place of year=."
            )
        frame = read(y, columns=[time, value])
        y, year = frame.numbers(value), frame.numbers(time)
    if year is None:
        if not hasattr(y, "index") or callable(y.index):
            raise TableError("No years: pass a table, a pandas Series whose index is the year, or year=.")
        year = y.index
    values = _floats(y)
    years_given = _floats(year)
    if len(values) != len(years_given):
        raise TableError(
            f"y has {len(values)} values and year has {len(years_given)}: they must be of one length."
        )
    if not (years_given == np.floor(years_given)).all():
        raise TableError(f"Years must be whole numbers; got {years_given[:3].tolist()}.")
    series = pd.Series(values, years_given.astype("int64")).sort_index(kind="stable")
    known = series.dropna().index
    if known.empty:
        raise TableError("Every value is missing: there is no trend to fit.")
    series = series.loc[known[0] : known[-1]]
    twice = sorted(set(series.index[series.index.duplicated()].tolist()))
    if twice:
        raise TableError(
            f"Years given more than once: {twice}. Give one series at a time (or use segmented_trend_by)."
        )
    holes = sorted(set(range(known[0], known[-1] + 1)) - set(known.tolist()))
    if holes:
        raise TableError(
            f"Years without a value inside the series: {holes}. Lags would join years that are not neighbors: "
            "cut the series, or fill these years and say so."
        )
    return np.array(series, np.float64), np.array(series.index, np.int64)


def check_noise(residuals: Floats, values: Floats) -> None:
    """Raise TableError where the line fits to rounding: then there is nothing to judge chance by."""
    if np.abs(residuals).max() <= 1e-10 * max(np.abs(values).max(), 1e-300):
        raise TableError(
            "The series lies exactly on the fitted line, so there are no errors to judge a change by."
        )


def design(years: Ints, at: int, level: bool) -> Floats:
    """Constant, year from `at`, years past `at`, and (asked) a step after `at`."""
    time = (years - at).astype("float64")
    columns = [np.ones_like(time), time, np.clip(time, 0, None)]
    if level:
        columns.append((time > 0).astype("float64"))
    return np.column_stack(columns)


def check_at(at: int, years: Ints, level: bool) -> None:
    """Raise ParameterError where the date leaves too few years on a side."""
    before, after = int((years <= at).sum()), int((years > at).sum())
    if min(before, after) < MIN_SIDE:
        low, high = years[:MIN_SIDE][-1], years[:-MIN_SIDE][-1] if len(years) > MIN_SIDE else years[0]
        right = f"a year from {low} to {high}" if low <= high else "a longer series"
        raise ParameterError(
            f"at={at} leaves {before} years up to it and {after} after it in {years[0]}-{years[-1]}; each side needs "
            f"{MIN_SIDE}. Give {right}."
        )
    if len(years) - (4 if level else 3) < MIN_SIDE:
        raise TableError(
            f"{len(years)} years are too few for a segmented trend; give at least {MIN_SIDE * 2 + 1}."
        )


def notes_on(n_obs: int) -> tuple[str, ...]:
    """What a reader should know of a sample of this size."""
    if n_obs >= _FEW:
        return ()
    return (f"Only {n_obs} observations: the test has little power and its level is approximate.",)


def newey_west_t(x: Floats, y: Floats, column: int, maxlags: int) -> Floats:
    """t statistics of one coefficient, for many dependent variables at once (the columns of `y`).

    Bartlett weights and the small-sample factor T/(T - k), as statsmodels' ``cov_type="HAC"`` with
    ``use_correction=True``; a test holds the two together.
    """
    n_obs, n_params = x.shape
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ (x.T @ y)
    weights = (x @ inverse[:, column])[:, None]
    variance = np.empty(y.shape[1])
    for first in range(0, y.shape[1], _BLOCK):
        block = slice(first, first + _BLOCK)
        scores = weights * (y[:, block] - x @ beta[:, block])
        variance[block] = (scores**2).sum(axis=0)
        for lag in range(1, maxlags + 1):
            weight = 1 - lag / (maxlags + 1)
            variance[block] += 2 * weight * (scores[lag:] * scores[:-lag]).sum(axis=0)
    return beta[column] / np.sqrt(variance * n_obs / (n_obs - n_params))


def autocorrelation(residuals: Floats) -> Floats:
    """First-order autocorrelation of each column, by least squares without a constant."""
    return (residuals[1:] * residuals[:-1]).sum(axis=0) / (residuals[:-1] ** 2).sum(axis=0)


def draw(rho: float, innovations: Floats) -> Floats:
    """Stationary AR(1) paths down the rows from standard normal innovations; a random walk where rho is 1."""
    paths = np.empty_like(innovations)
    paths[0] = innovations[0] / np.sqrt(1 - rho**2) if rho < 1 else innovations[0]
    for step in range(1, len(paths)):
        paths[step] = rho * paths[step - 1] + innovations[step]
    return paths


def residuals_of(x: Floats, y: Floats) -> Floats:
    """Least-squares residuals of each column of `y`."""
    return y - x @ np.linalg.solve(x.T @ x, x.T @ y)


def invert_median(seen: float, estimator: Callable[[Floats], Floats], n_obs: int, *, seed: int) -> float:
    """The autocorrelation, within 0 and 1, at which the median of an estimator is the estimate seen."""
    return _invert(seen, _medians(estimator, n_obs, seed))


def _medians(estimator: Callable[[Floats], Floats], n_obs: int, seed: int) -> Floats:
    innovations = np.random.default_rng(seed).standard_normal((n_obs, _RHO_DRAWS))
    return np.array([np.median(estimator(draw(rho, innovations))) for rho in _GRID])


def _invert(seen: float, medians: Floats) -> float:
    return float(np.interp(seen, np.maximum.accumulate(medians), _GRID))


def median_unbiased_rho(x: Floats, residuals: Floats, *, seed: int) -> float:
    """The autocorrelation whose median estimate, with these regressors, is the estimate seen; within 0 and 1.

    The plain estimate is far too low in a short detrended series: with 21 points and a broken trend a true
    0.8 gives about 0.37 in the median, and 0.42 is what a random walk gives.
    """
    seen = float(autocorrelation(residuals[:, None])[0])
    return _invert(seen, _residual_medians(x.tobytes(), x.shape, seed))


@lru_cache(maxsize=256)
def _residual_medians(design: bytes, shape: tuple[int, int], seed: int) -> Floats:
    """Medians by rho of the plain estimate. They depend on the regressors alone, so that many series of the same years share them."""
    x = np.frombuffer(design).reshape(shape)
    return _medians(lambda errors: autocorrelation(residuals_of(x, errors)), len(x), seed)


def null_distribution(
    statistic: Callable[[Floats], Floats], n_obs: int, *, rho: float, draws: int, seed: int
) -> Floats:
    """The statistic, sorted, on `draws` series of AR(1) errors with no trend and no break in them."""
    return np.sort(statistic(draw(rho, _innovations(n_obs, draws, seed))))


@lru_cache(maxsize=4)
def _innovations(n_obs: int, draws: int, seed: int) -> Floats:
    # Another stream than that of the rho grid, so that the two do not share their luck.
    made = np.random.default_rng([seed, 1]).standard_normal((n_obs, draws))
    made.setflags(write=False)
    return made
