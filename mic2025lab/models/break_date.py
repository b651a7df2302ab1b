"""Search for the date at which a trend changed: the sup F test.

The critical values of Andrews (1993) hold for regressors without a trend and for long samples. Here the statistic is simulated for the
years of the sample under AR(1) errors. The autocorrelation can be estimated in two ways, both poor with 21 points:

- ``p_value``: from the residuals of the broken trend at the date found. Rejects a true "no break" too often.
- ``p_value_conservative``: from the residuals of one unbroken trend, and never below ``p_value``. Rejects too rarely,
  because a true break looks like autocorrelation.

Rejections at 5 % with T = 21, trimming 0.15, normal AR(1) errors, 60,000 samples (30,000 for the power),
slope only. The break: the slope changes by 0.4 standard deviations of the innovations a year, after the 14th
point:

===========================  ========  ==========  ==========  ==========
p-value                      rho = 0   rho = 0.5   rho = 0.8   break, 0.5
===========================  ========  ==========  ==========  ==========
``p_value``                  0.031     0.109       0.180       0.291
``p_value_conservative``     0.010     0.010       0.021       0.023
===========================  ========  ==========  ==========  ==========

(last column: power at rho = 0.5). ``p_value_conservative`` small: evidence of a break. ``p_value`` large: no evidence of one. Otherwise the
sample is inconclusive.

References
----------
Andrews, D. W. K. (1993). "Tests for Parameter Instability and Structural Change with Unknown Change Point."
Econometrica 61(4), 821-856. Diebold, F. X. & C. Chen (1996). "Testing Structural Stability with Endogenous
Breakpoint: A Size Comparison of Analytic and Bootstrap Procedures." Journal of Econometrics 70(1), 221-241.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import _annual_series as series
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import Content, Drawn, Term

__all__ = ["SupF", "sup_f"]


@dataclass(frozen=True, eq=False)
class SupF(Drawn):
    """The date with the largest F statistic; what `sup_f` returns.

    A date has no standard error: the distribution of an estimated date is not normal, and with twenty points
    an interval for it would be most of the sample. `dates` shows how much better the best date is than the
    others.

    `plot` draws the F statistic at each date, the largest one marked.

    Attributes
    ----------
    estimate : int
        Date with the largest F: the last year of the old trend.
    statistic : float
        That F.
    p_value, p_value_conservative : float
        See the module.
    rho, rho_conservative : float
        Autocorrelation of the errors under which each was simulated.
    dates : pandas.DataFrame
        ``at`` and ``statistic`` at each date tried.
    n_obs : int
        Years used.
    notes : tuple of str
        Remarks for the reader.
    """

    estimate: int
    statistic: float
    p_value: float
    p_value_conservative: float
    rho: float
    rho_conservative: float
    n_obs: int
    level: bool
    draws: int
    notes: tuple[str, ...]
    dates: Any = field(repr=False)

    def _content(self, level: float) -> Content:
        terms = (Term("break_date", self.estimate), Term("largest_f", self.statistic, p_value=self.p_value))
        convention = (
            f"a date has no standard error; p-values by simulation under AR(1) errors, {self.draws:,} draws."
        )
        first, last = self.dates["at"].iloc[0], self.dates["at"].iloc[-1]
        title = f"Largest F for a change of {'level and slope' if self.level else 'slope'}, {first}-{last}"
        facts = {"n_obs": self.n_obs, "rho": self.rho, "conservative_p": self.p_value_conservative}
        return Content(title, terms, facts, convention, self.notes)

    def _draw(self, ax: Any) -> str:
        """Draw the F statistic at each date, the largest one marked."""
        ax.plot(self.dates["at"], self.dates["statistic"], color="C0")
        ax.axvline(self.estimate, color="0.7", linewidth=0.8)
        ax.set_ylim(bottom=0)
        ax.set_ylabel("F")
        return f"Largest F {self.statistic:.3g} at {self.estimate} (p = {self.p_value:.3g})"


def _search(y: Floats, null: Floats, broken: list[Floats]) -> tuple[Floats, Floats]:
    """F of each date (rows) for each series (columns of `y`), and the autocorrelation of the best fit's residuals."""
    unbroken = (series.residuals_of(null, y) ** 2).sum(axis=0)
    statistics = np.empty((len(broken), y.shape[1]))
    rhos = np.empty_like(statistics)
    for row, x in enumerate(broken):
        left = series.residuals_of(x, y)
        squares = (left**2).sum(axis=0)
        extra = x.shape[1] - null.shape[1]
        statistics[row] = (unbroken - squares) / extra / (squares / (len(x) - x.shape[1]))
        rhos[row] = series.autocorrelation(left)
    return statistics, rhos[statistics.argmax(axis=0), np.arange(y.shape[1])]


def sup_f(
    y: Any,
    year: Any = None,
    *,
    value: str = "value",
    time: str = "year",
    level: bool = False,
    trim: float = 0.15,
    draws: int = 4999,
    seed: int = 2025,
) -> SupF:
    """Search for the date at which a trend changed, and test whether there is a break.

    At each date, F compares the segmented trend of `mic2025lab.models.segmented_trend` with one straight line (homoskedastic variance). The
    statistic is the largest F; its distribution under no break is simulated.

    Parameters
    ----------
    y : table, pandas.Series, or array
        Annual values: a table with one row per year, or a series or array. Missing values at the ends are dropped; inside the series
        they are an error.
    year : array of int, optional
        Years of an array; the default is the index of `y`.
    value, time : str
        Columns of a table: the values and the years.
    level : bool
        Also let the level change.
    trim : float
        Share of the years left out at each end (Andrews: 0.15), at least 3 years.
    draws, seed : int
        Of the simulation; the same seed gives the same result to the last digit.

    Returns
    -------
    SupF

    Raises
    ------
    TableError
        If years repeat or are missing inside the series, or are too few to try two dates.
    ParameterError
        If trim is not from 0 to below 0.5.

    Examples
    --------
    >>> years = list(range(2002, 2023))
    >>> line = [1.5 * (t - 2002) - 1.0 * max(t - 2012, 0) + 0.1 * (-1) ** t for t in years]
    >>> found = sup_f(line, years, draws=499)
    >>> found.estimate, found.p_value < 0.05
    (2012, True)

    References
    ----------
    Andrews (1993); Diebold & Chen (1996), for the simulation.
    """
    if not 0 <= trim < 0.5:
        raise ParameterError(f"trim={trim!r} must be from 0 to below 0.5; Andrews (1993) takes 0.15.")
    values, years = series.annual(y, year, value, time)
    n_obs = len(years)
    side = max(series.MIN_SIDE, math.ceil(trim * n_obs))
    dates = years[side - 1 : n_obs - side]
    if len(dates) < 2:
        raise TableError(
            f"{n_obs} years less {side} at each end leave {len(dates)} dates to try: give a longer series or a smaller trim."
        )
    time = (years - years[0]).astype("float64")
    null = np.column_stack([np.ones(n_obs), time])
    broken = [series.design(years, int(date), level) for date in dates]
    for x in broken:
        series.check_noise(series.residuals_of(x, values[:, None]), values)
    seen, seen_rho = _search(values[:, None], null, broken)
    best = int(seen[:, 0].argmax())
    statistic = float(seen[best, 0])
    by_rho = series.medians(lambda errors: _search(errors, null, broken)[1], n_obs, seed)
    rho = series.invert(float(seen_rho[0]), by_rho)
    conservative = series.median_unbiased_rho(null, series.residuals_of(null, values), seed=seed)

    def chance(autocorrelation: float) -> float:
        """Share of series without a break whose largest F is at least as large."""
        errors = series.draw(autocorrelation, series.innovations(n_obs, draws, seed))
        largest = _search(errors, null, broken)[0].max(axis=0)
        return (1 + int((largest >= statistic).sum())) / (draws + 1)

    p_value = chance(rho)
    return SupF(
        estimate=int(dates[best]),
        statistic=statistic,
        p_value=p_value,
        p_value_conservative=max(p_value, chance(conservative)),
        rho=rho,
        rho_conservative=conservative,
        n_obs=n_obs,
        level=level,
        draws=draws,
        notes=series.notes_on(n_obs),
        dates=pd.DataFrame({"at": dates, "statistic": seen[:, 0]}),
    )
