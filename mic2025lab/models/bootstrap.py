"""The cluster bootstrap of firms: whole firms are drawn with replacement.

A resample is a row of counts, used as weights, so that no new table is needed. All draws are one matrix made from the seed, and any
`concurrent.futures.Executor` can work on slices of it with identical results.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mic2025lab.errors import ParameterError
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import check_level

# Draws worked on together: enough for the linear algebra to run at full speed, and few enough for their arrays to stay in the
# processor's cache. Never a matter of the executor, so that sums are the same on any.
_DRAWS = 10
_ROWS = 50_000
_TASKS = 16


def counts(n_units: int, draws: int, *, seed: int) -> Floats:
    """Count how often each unit is drawn, in `draws` resamples of `n_units` with replacement.

    Parameters
    ----------
    n_units, draws : int
        Units (firms) and resamples.
    seed : int
        The same seed gives the same resamples.

    Returns
    -------
    numpy.ndarray
        `draws` rows, `n_units` columns; each row adds up to `n_units`.

    Examples
    --------
    >>> counts(5, 3, seed=1).sum(axis=1).tolist()
    [5.0, 5.0, 5.0]
    """
    if draws < 1 or n_units < 1:
        raise ParameterError(f"A bootstrap needs units and draws; got {n_units} units and draws={draws}.")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n_units, size=(draws, n_units)) + n_units * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * n_units).reshape(draws, n_units).astype(np.float64)


def weights(n_units: int, draws: int, *, seed: int) -> Floats:
    """Weights of the units for an estimate and its bootstrap: every unit once, then how often each is drawn.

    Parameters
    ----------
    n_units, draws, seed : int
        As in `counts`.

    Returns
    -------
    numpy.ndarray
        ``1 + draws`` rows, `n_units` columns; each row adds up to `n_units`. A statistic of weighted sums, computed for every row, is
        what `with_interval` takes.

    Examples
    --------
    >>> weights(3, 2, seed=1).shape, weights(3, 2, seed=1)[0].tolist()
    ((3, 3), [1.0, 1.0, 1.0])
    """
    return np.vstack([np.ones(n_units), counts(n_units, draws, seed=seed)])


def with_interval(values: Any, *, level: float = 0.95) -> tuple[float, float, float]:
    """Split an estimate from its bootstrap draws, and compute their percentile interval.

    Parameters
    ----------
    values : array-like
        The estimate, then its draws, as computed with the rows of `weights`.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    (float, float, float)
        The estimate, and the lower and upper ends of its interval, as `specification_curve` takes them.

    Examples
    --------
    The share of imports from one partner, with whole chapters of products drawn again:

    >>> own, total = np.array([5.0, 1.0, 2.0]), np.array([10.0, 10.0, 10.0])
    >>> drawn = weights(3, 999, seed=1)
    >>> [round(x, 1) for x in with_interval(100 * (drawn @ own) / (drawn @ total))]
    [26.7, 10.0, 50.0]
    """
    estimate, *draws = np.asarray(values, float)
    return (float(estimate), *interval(draws, level=level))


def interval(draws: Any, *, level: float = 0.95) -> tuple[Any, Any]:
    """Compute the percentile interval of bootstrap draws.

    The ends are the ``(1 - level) / 2`` and ``(1 + level) / 2`` quantiles of the draws (Efron and Tibshirani 1993, ch. 13).

    Parameters
    ----------
    draws : array-like
        One row a draw; the columns, if any, are different numbers (for example years).
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    (float, float) or (numpy.ndarray, numpy.ndarray)
        Lower and upper ends, in the unit of `draws`: two numbers for one column of draws, an array each for several. Draws that
        are missing or infinite are left out; a column without a finite draw has no interval (nan).

    Raises
    ------
    ParameterError
        If `level` is not between 0 and 1 or there is no draw.

    Examples
    --------
    The share of imports from one partner, with whole chapters of products drawn again:

    >>> own, total = np.array([5.0, 1.0, 2.0]), np.array([10.0, 10.0, 10.0])
    >>> weights = counts(3, 999, seed=1)
    >>> low, high = interval(100 * (weights @ own) / (weights @ total))
    >>> round(low, 1), round(high, 1)
    (10.0, 50.0)

    References
    ----------
    Efron, B., and R. J. Tibshirani (1993). An Introduction to the Bootstrap. Chapman and Hall, chapter 13.
    """
    check_level(level)
    values = np.asarray(draws, float)
    if not len(values):
        raise ParameterError("There are no draws: give an array with one row per draw.")
    values = np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(values).any(axis=0)
    ends = np.nanquantile(np.where(known, values, 0.0), [0.5 - level / 2, 0.5 + level / 2], axis=0)
    low, high = np.where(known, ends, np.nan)
    return (low, high) if values.ndim > 1 else (float(low), float(high))


@dataclass(frozen=True)
class MeanChange:
    """Mean of the years after a base year less the mean of the years up to it; what `mean_change` returns.

    Attributes
    ----------
    before, after : float
        The two means; nan if a side has no year.
    value, low, high : float
        Their difference, and the ends of its interval; nan if a side has no year.
    """

    before: float
    after: float
    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """True if the interval does not contain zero."""
        return (self.value < 0 and self.high < 0) or (self.value > 0 and self.low > 0)


def mean_change(years: Any, values: Any, draws: Any, base_year: int, *, level: float = 0.95) -> MeanChange:
    """Compute the change of a yearly number after a base year, with the percentile interval of its bootstrap draws.

    The change is the mean of the years after `base_year` less the mean of the years up to it. Years without a value are left out
    of the values and of the draws.

    Parameters
    ----------
    years, values : array-like
        A value for each year.
    draws : array-like
        The same values in each draw of a bootstrap, one row per draw.
    base_year : int
        Last year before.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    MeanChange
        In the unit of `values`.

    Examples
    --------
    >>> change = mean_change([2014, 2015, 2016], [1.0, 3.0, 5.0], [[1.0, 3.0, 4.0], [1.0, 3.0, 6.0]], 2015)
    >>> change.before, change.after, change.value, change.clear
    (2.0, 5.0, 3.0, True)
    """
    values, draws = np.asarray(values, float), np.asarray(draws, float)
    known = np.isfinite(values)
    after = np.asarray(years)[known] > base_year
    values, draws = values[known], draws[:, known]
    first, last = (float(values[side].mean()) if side.any() else np.nan for side in (~after, after))
    if after.all() or not after.any():
        return MeanChange(first, last, np.nan, np.nan, np.nan)
    low, high = interval(draws[:, after].mean(axis=1) - draws[:, ~after].mean(axis=1), level=level)
    return MeanChange(first, last, last - first, low, high)


def together(n_rows: int) -> int:
    """Return how many draws (or starts) of a panel of `n_rows` rows to compute at once."""
    return max(1, min(_DRAWS, _ROWS // n_rows))


def spread(
    work: Callable[[Floats], Floats], weights: Floats, executor: Executor | None, *, n_rows: int
) -> Floats:
    """Run `work` (which a process pool can pickle) over all draws, here or on an executor, results in the order of the draws.

    Parameters
    ----------
    work : callable
        Takes some rows of `weights`; returns one row for each.
    weights : numpy.ndarray
        One row a draw.
    executor : concurrent.futures.Executor or None
        None: a plain loop.
    n_rows : int
        Rows of the panel.
    """
    size = together(n_rows)
    slices = [weights[start : start + size] for start in range(0, len(weights), size)]
    if executor is None:
        return _all(work, slices)
    # A task carries the problem with it, so there are few of them; each still works slice by slice.
    share = max(1, len(slices) // _TASKS)
    tasks = [slices[start : start + share] for start in range(0, len(slices), share)]
    return np.concatenate(list(executor.map(partial(_all, work), tasks)))


def _all(work: Callable[[Floats], Floats], slices: list[Floats]) -> Floats:
    return np.concatenate([work(part) for part in slices])
