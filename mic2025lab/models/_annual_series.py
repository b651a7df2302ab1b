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

from mic2025lab.engine.checks import check_unique
from mic2025lab.engine.frame import read
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._types import Floats, Ints

MIN_SIDE = 3  # years on each side of a break
_FEW = 20
# Values of rho that the median is tabulated at; 1 is the random walk. Negative ones are read as 0: the interval is
# then too wide, never too narrow.
_GRID = np.append(np.arange(0.0, 0.96, 0.05), [0.975, 1.0])
_RHO_DRAWS = 2000
# Columns that are worked on at once: the arrays of a block stay in the processor's cache.
_BLOCK = 1024


def annual(y: Any, year: Any, value: str = "value", time: str = "year") -> tuple[Floats, Ints]:
    """Values and consecutive years, of a table, a series, or two arrays, sorted; what is missing at the ends is left off."""
    if hasattr(y, "columns") or hasattr(y, "column_names"):
        if year is not None:
            raise ParameterError("The years of a table are a column: give time=, not year=.")
    else:
        if year is None:
            if not hasattr(y, "index") or callable(y.index):
                raise TableError("No years: pass a table, a pandas Series whose index is the year, or year=.")
            year = y.index
        y, year = np.ravel(y), np.ravel(year)
        if len(y) != len(year):
            raise TableError(f"y has {len(y)} values and year has {len(year)}: they must be of one length.")
        y = pd.DataFrame({time: year, value: y})
    frame = read(y, columns=[time, value])
    years = frame.numbers(time)
    if not (np.diff(years, prepend=-np.inf) > 0).all():
        check_unique(frame, [time], hint="give one series at a time, or use segmented_trend_by")
    if not (years == np.floor(years)).all():
        raise TableError(f"Years must be whole numbers; got {years[:3].tolist()}.")
    values, order = frame.numbers(value), np.argsort(years)
    order = order[~np.isnan(values[order])]
    if not len(order):
        raise TableError("Every value is missing: there is no trend to fit.")
    values, years = values[order], years[order].astype("int64")
    holes = sorted(set(range(years[0], years[-1] + 1)) - set(years.tolist()))
    if holes:
        raise TableError(
            f"Years without a value inside the series: {holes}. Lags would join years that are not neighbors: "
            "cut the series, or fill these years and say so."
        )
    return values, years


def check_noise(residuals: Floats, values: Floats) -> None:
    """Raise TableError where the line fits to rounding: then there is nothing to judge chance by."""
    if np.abs(residuals).max() <= 1e-10 * max(np.abs(values).max(), 1e-300):
        raise TableError(
            "The series lies exactly on the line, so a change cannot be tested: there are no errors."
        )


def design(years: Ints, at: int, level: bool) -> Floats:
    """Constant, year from `at`, years past `at`, and (asked) a step after `at`."""
    time = (years - at).astype("float64")
    columns = [np.ones_like(time), time, np.clip(time, 0, None)]
    if level:
        columns.append((time > 0).astype("float64"))
    return np.column_stack(columns)


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


def medians(estimator: Callable[[Floats], Floats], n_obs: int, seed: int) -> Floats:
    """Median of an estimator of the autocorrelation at each true one of the grid."""
    return np.array([np.median(estimator(errors)) for errors in _grid_paths(n_obs, seed)])


@lru_cache(maxsize=4)
def _grid_paths(n_obs: int, seed: int) -> list[Floats]:
    """AR(1) errors for each autocorrelation of the grid: the same for all breaks in the same years."""
    shocks = np.random.default_rng(seed).standard_normal((n_obs, _RHO_DRAWS))
    return [draw(rho, shocks) for rho in _GRID]


def invert(seen: float, medians: Floats) -> float:
    """The autocorrelation, within 0 and 1, at which the median of an estimator is the estimate seen."""
    return float(np.interp(seen, np.maximum.accumulate(medians), _GRID))


def median_unbiased_rho(x: Floats, residuals: Floats, *, seed: int) -> float:
    """The autocorrelation whose median estimate, with these regressors, is the estimate seen; within 0 and 1.

    The plain estimate is far too low in a short detrended series: with 21 points and a broken trend a true
    0.8 gives about 0.37 in the median, and 0.42 is what a random walk gives.
    """
    seen = float(autocorrelation(residuals[:, None])[0])
    return invert(seen, _residual_medians(x.tobytes(), len(x), seed))


@lru_cache(maxsize=256)
def _residual_medians(design: bytes, n_obs: int, seed: int) -> Floats:
    """Medians by rho of the plain estimate. They depend on the regressors alone, so that many series of the same years share them."""
    x = np.frombuffer(design).reshape(n_obs, -1)
    return medians(lambda errors: autocorrelation(residuals_of(x, errors)), n_obs, seed)


@lru_cache(maxsize=4)
def innovations(n_obs: int, draws: int, seed: int) -> Floats:
    """Standard normal innovations of `draws` series without a trend and without a break, for `draw`."""
    # Another stream than that of the rho grid, so that the two do not share their luck.
    made = np.random.default_rng([seed, 1]).standard_normal((n_obs, draws))
    made.setflags(write=False)
    return made


@lru_cache(maxsize=16)
def null_statistics(design: bytes, n_obs: int, lags: int, rho: float, draws: int, seed: int) -> list[Floats]:
    """|t| of the slope and the level where nothing changes, the same for all series of the same years with the same autocorrelation."""
    x, errors = np.frombuffer(design).reshape(n_obs, -1), draw(rho, innovations(n_obs, draws, seed))
    return [np.abs(newey_west_t(x, errors, column, lags)) for column in range(2, x.shape[1])]
