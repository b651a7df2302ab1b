"""Segmented trends: tests for a change of slope at a known date, and placebo dates.

`mic2025lab.models.sup_f` searches for an unknown date.

Annual series since 2002 have about 21 points and strongly autocorrelated errors, so that Newey-West t tests reject too often. The
table shows rejections of a true "no change" at the nominal 5 %: T = 21, the break after the 14th point, normal AR(1) errors, 2 lags,
200,000 samples.

=================================  ==========  ==========  ==========
convention                         rho = 0     rho = 0.5   rho = 0.8
=================================  ==========  ==========  ==========
normal critical value              0.163       0.303       0.446
``inference="t"``: t(T - k)        0.138       0.274       0.416
``inference="iid"``: simulated     0.050       0.142       0.269
``inference="ar1"``: simulated     0.044       0.078       0.110
=================================  ==========  ==========  ==========

``"iid"`` uses fixed-b critical values (Kiefer & Vogelsang 2005), simulated for the regressors at hand; ``"ar1"`` simulates them under
AR(1) errors with a median-unbiased rho. ``"ar1"`` has the best size and is the default; at rho = 0.8 it still rejects twice as often as
its nominal level. Read the interval together with `SegmentedTrend.placebo`. ``tests/models/test_breaks.py`` repeats the simulation.

References
----------
Kiefer, N. M. & T. J. Vogelsang (2005). "A New Asymptotic Theory for Heteroskedasticity-Autocorrelation Robust
Tests." Econometric Theory 21(6), 1130-1164. Newey, W. K. & K. D. West (1987). "A Simple, Positive
Semi-Definite, Heteroskedasticity and Autocorrelation Consistent Covariance Matrix." Econometrica 55(3),
703-708.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import one_of
from mic2025lab.engine.panel import panel
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import _annual_series as series
from mic2025lab.models._balanced_panel import check_date
from mic2025lab.models._types import Floats, Ints
from mic2025lab.models.tables import Content, Drawn, Term, check_level

__all__ = ["SegmentedTrend", "segmented_trend", "segmented_trend_by"]

_INFERENCE = {"ar1": "simulation, AR(1) errors", "iid": "simulation, no autocorrelation", "t": "Student's t"}


class _Fit(NamedTuple):
    """Coefficients by least squares, with Newey-West standard errors."""

    params: Floats
    errors: Floats
    fitted: Floats
    resid: Floats


def _fit(values: Floats, x: Floats, maxlags: int) -> _Fit:
    """Fit with Bartlett weights and the factor T/(T - k), step by step as statsmodels, whose import takes half a second."""
    inverse = np.linalg.pinv(x, rcond=1e-15)
    params, bread = inverse @ values, inverse @ inverse.T
    fitted = x @ params
    scores = x * (values - fitted)[:, None]
    middle = scores.T @ scores
    for lag in range(1, maxlags + 1):
        product = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (maxlags + 1)) * (product + product.T)
    covariance = bread @ middle @ bread.T * (len(x) / (len(x) - len(params)))
    return _Fit(params, np.sqrt(np.diag(covariance)), fitted, values - fitted)


@dataclass(frozen=True, eq=False)
class SegmentedTrend(Drawn):
    """A trend whose slope (and level) may change at a known date; what `segmented_trend` returns.

    `plot` draws the series, the fitted lines, and the old trend continued.

    Attributes
    ----------
    estimate : float
        Slope after minus slope before, in units of y a year.
    std_error : float
        Newey-West, Bartlett kernel, `maxlags` lags, small-sample factor T/(T - k).
    slope_before, slope_after : float
        Units of y a year.
    level_change, level_error : float or None
        Gap between the two lines at `at`, and its Newey-West standard error (None when ``level=False``).
    statistic, p_value : float
        t of the slope change, and its two-sided p-value by the convention `inference`.
    rho : float
        Median-unbiased autocorrelation of the residuals (0 to 1).
    at, n_obs, maxlags, inference, notes
        As requested, and remarks for the reader.
    year, y, fitted : numpy.ndarray
        The series used and the fitted lines.
    """

    estimate: float
    std_error: float
    slope_before: float
    slope_after: float
    level_change: Any
    level_error: Any
    statistic: float
    p_value: float
    rho: float
    at: int
    n_obs: int
    maxlags: int
    inference: str
    notes: tuple[str, ...]
    year: Ints = field(repr=False)
    y: Floats = field(repr=False)
    fitted: Floats = field(repr=False)
    nulls: list[Floats] = field(repr=False)  # |t| where nothing changes, of the slope and of the level

    @property
    def n_params(self) -> int:
        """Coefficients fitted."""
        return 3 if self.level_change is None else 4

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of the slope change at confidence `level`, by the convention `inference`."""
        return self._interval(0, self.estimate, self.std_error, level)

    def level_conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of the level change at confidence `level`, by the convention `inference`; for a fit with ``level=True``."""
        if self.level_change is None:
            raise ParameterError("The trend was fitted without a level change: fit it with level=True.")
        return self._interval(1, self.level_change, self.level_error, level)

    def _interval(self, place: int, estimate: float, error: float, level: float) -> tuple[float, float]:
        from scipy.special import stdtrit

        check_level(level)
        if self.inference == "t":
            half = error * float(stdtrit(self.n_obs - self.n_params, 0.5 + level / 2))
        else:
            half = error * float(np.quantile(self.nulls[place], level))
        return estimate - half, estimate + half

    def placebo(self, dates: Iterable[int] | None = None, *, min_side: int = 4) -> pd.DataFrame:
        """Fit the same model with the bend at other dates, and rank them by fit.

        Dates are ranked by F, the improvement of fit over a straight line. The slope change does not say which date fits best: a break at
        a wrong date, above all near an end of the series, absorbs the true one in a steeper slope. Dates near a true break are not
        independent draws, so rank over number is not a p-value. A low rank means that few other dates fit as well.

        Parameters
        ----------
        dates : iterable of int, optional
            Other dates; the default is every year with `min_side` years on each side.
        min_side : int
            Years up to a date, and after it, that a default date needs. Slopes at the ends are noisy.

        Returns
        -------
        pandas.DataFrame
            ``at``, ``slope_change``, ``std_error`` and ``statistic`` (Newey-West), ``f`` (not robust), ``rank`` (1: no other date has an F as
            large), ``actual``; one row per date, that of the trend included.
        """
        chosen = self.year[min_side - 1 : len(self.year) - min_side] if dates is None else dates
        every = sorted({int(date) for date in chosen} | {self.at})
        if len(every) < 2:
            raise ParameterError("No other date to compare with: give dates, or a smaller min_side.")
        level = self.level_change is not None
        line = series.design(self.year, self.at, False)[:, :2]
        straight = float((series.residuals_of(line, self.y) ** 2).sum())
        rows = []
        for date in every:
            check_date(date, self.year, before=series.MIN_SIDE, after=series.MIN_SIDE)
            fit = _fit(self.y, series.design(self.year, date, level), self.maxlags)
            ssr = fit.resid @ fit.resid
            f = (straight - ssr) / (self.n_params - 2) / (ssr / (self.n_obs - self.n_params))
            rows.append((date, fit.params[2], fit.errors[2], fit.params[2] / fit.errors[2], f))
        table = pd.DataFrame(rows, columns=["at", "slope_change", "std_error", "statistic", "f"])
        rank = table["f"].rank(ascending=False, method="max").astype(int)
        return table.assign(rank=rank, actual=table["at"] == self.at)

    def _content(self, level: float) -> Content:
        own = Term("slope_change", self.estimate, self.std_error, *self.conf_int(level), self.p_value)
        terms = [own, Term("slope_before", self.slope_before), Term("slope_after", self.slope_after)]
        if self.level_change is not None:
            interval = self.level_conf_int(level)
            terms.append(Term("level_change", self.level_change, self.level_error, *interval))
        how = _INFERENCE[self.inference]
        convention = f"Newey-West standard errors, {self.maxlags} lags; p-values and intervals by {how}."
        title = f"Segmented trend, {self.year[0]}-{self.year[-1]}"
        facts = {"n_obs": self.n_obs, "at": str(self.at), "rho": self.rho}
        return Content(title, tuple(terms), facts, convention, self.notes)

    def _draw(self, ax: Any) -> str:
        """Draw the series, the fitted lines, and the old trend continued."""
        ax.plot(self.year, self.y, "o", color="0.45", markersize=4, label="observed")
        before = self.year <= self.at
        ax.plot(self.year[before], self.fitted[before], color="C0", label="fitted")
        # The lines meet at the date unless a jump was fitted; then they are drawn apart.
        after = ~before if self.level_change is not None else self.year >= self.at
        ax.plot(self.year[after], self.fitted[after], color="C0")
        later = self.year[self.year >= self.at]
        old = self.fitted[before][-1] + self.slope_before * (later - self.at)
        ax.plot(later, old, "--", color="C0", label="old trend continued")
        ax.axvline(self.at, color="0.7", linewidth=0.8)
        low, high = self.conf_int()
        ax.legend(frameon=False)
        return f"Slope change {self.estimate:+.3g} a year (95% interval {low:.3g} to {high:.3g})"


def segmented_trend(
    y: Any,
    year: Any = None,
    *,
    value: str = "value",
    time: str = "year",
    at: int = 2015,
    level: bool = False,
    maxlags: int | None = None,
    inference: str = "ar1",
    draws: int = 9999,
    seed: int = 2025,
) -> SegmentedTrend:
    """Fit y = a + b (t - at) + c max(t - at, 0) [+ d 1(t > at)] + u and test the change of slope c.

    `at` is the last year of the old trend: with ``at=2015`` the first year on the new one is 2016. Without
    `level` the two lines meet at `at`; with it they may be apart there, and the gap is reported.

    Parameters
    ----------
    y : table, pandas.Series, or array
        Annual values in any unit (take logs for growth rates): a pandas, Polars, or Arrow table with one row per year, or a series or
        array. Missing values at the ends are dropped; inside the series they are an error, because lags would join years that are
        not adjacent.
    year : array of int, optional
        Years of an array, any order; the default is the index of `y`.
    value, time : str
        Columns of a table: the values and the years.
    at : int
        Date of the change. Each side needs 3 years.
    level : bool
        Also let the level change.
    maxlags : int, optional
        Lags of the Newey-West errors; the default is floor(4 (T/100)^(2/9)), which is 2 for 5 to 27 years.
    inference : {"ar1", "iid", "t"}
        Where the critical values come from; see the table in the module. "ar1": simulated
        for these regressors under AR(1) errors with the median-unbiased rho; "iid": the same with rho = 0;
        "t": Student's t with T - k degrees of freedom.
    draws, seed : int
        Of the simulation; the same seed gives the same result to the last digit.

    Returns
    -------
    SegmentedTrend

    Raises
    ------
    TableError
        If years repeat or are missing inside the series, lengths differ, or years are too few.
    ParameterError
        If a side of the date has fewer than 3 years.
    UnknownName
        If there is no such `inference`.

    Examples
    --------
    >>> years = list(range(2002, 2023))
    >>> line = [10 + 1.5 * (t - 2002) - 0.5 * max(t - 2015, 0) + 0.01 * (-1) ** t for t in years]
    >>> trend = segmented_trend(line, years, at=2015)
    >>> round(trend.slope_before, 2), round(trend.slope_after, 2), round(trend.estimate, 2)
    (1.5, 1.0, -0.5)

    A table, as the metrics take it:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"year": years, "share": line})
    >>> round(segmented_trend(table, value="share", at=2015).estimate, 2)
    -0.5

    References
    ----------
    Newey & West (1987); Kiefer & Vogelsang (2005).
    """
    from scipy.special import stdtr

    one_of("inference", inference, tuple(_INFERENCE))
    values, years = series.annual(y, year, value, time)
    check_date(at, years, before=series.MIN_SIDE, after=series.MIN_SIDE)
    n_obs = len(years)
    if level and n_obs == 2 * series.MIN_SIDE:
        raise TableError(f"{n_obs} years are too few with level=True; give at least {n_obs + 1}.")
    lags = math.floor(4 * (n_obs / 100) ** (2 / 9)) if maxlags is None else maxlags
    if not 0 <= lags < n_obs:
        raise ParameterError(f"maxlags={lags} must be from 0 to {n_obs - 1}, the number of years less one.")
    x = series.design(years, at, level)
    fit = _fit(values, x, lags)
    series.check_noise(fit.resid, values)
    rho = series.median_unbiased_rho(x, fit.resid, seed=seed)
    statistic = float(fit.params[2] / fit.errors[2])

    nulls = list[Floats]()
    if inference == "t":
        p_value = float(2 * stdtr(n_obs - x.shape[1], -abs(statistic)))
    else:
        assumed = rho if inference == "ar1" else 0.0
        nulls = series.null_statistics(x.tobytes(), n_obs, lags, assumed, draws, seed)
        p_value = (1 + int((nulls[0] >= abs(statistic)).sum())) / (draws + 1)
    return SegmentedTrend(
        estimate=float(fit.params[2]),
        std_error=float(fit.errors[2]),
        slope_before=float(fit.params[1]),
        slope_after=float(fit.params[1] + fit.params[2]),
        level_change=float(fit.params[3]) if level else None,
        level_error=float(fit.errors[3]) if level else None,
        statistic=statistic,
        p_value=p_value,
        rho=rho,
        at=at,
        n_obs=n_obs,
        maxlags=lags,
        inference=inference,
        notes=series.notes_on(n_obs),
        year=years,
        y=values,
        fitted=fit.fitted,
        nulls=nulls,
    )


def segmented_trend_by(
    table: Any,
    *,
    of: str | Iterable[str],
    year: str = "year",
    value: str = "value",
    log: bool = False,
    confidence: float = 0.95,
    **options: Any,
) -> Any:
    """Fit `segmented_trend` to every series of a table.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each entity and year.
    of : str or list of str
        Columns that identify a series.
    year, value : str
        Columns of the year and of the value, in any unit.
    log : bool
        Fit the logarithm, so that slopes are growth rates (log points a year); values must then be above
        zero.
    confidence : float
        Of the interval.
    **options
        ``at``, ``level``, ``maxlags``, ``inference``, ``draws``, ``seed`` of `segmented_trend`; every series gets the same seed.

    Returns
    -------
    table of the input's type
        One row for each entity: ``at``, ``slope_before``, ``slope_after``, ``slope_change``, ``std_error``,
        ``low``, ``high``, ``p_value``, ``rho``, ``n_obs``. P-values are not adjusted for
        the number of series.

    Raises
    ------
    TableError, ParameterError, UnknownName
        As in `segmented_trend`, with the name of the series.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"industry": "aerospace", "year": range(2002, 2023),
    ...     "value": [0.2 * t + 0.6 * max(t - 13, 0) + 0.01 * (-1) ** t for t in range(21)]})
    >>> segmented_trend_by(table, of="industry")[["slope_before", "slope_after", "n_obs"]].round(2).values.tolist()
    [[0.2, 0.8, 21.0]]
    """
    rows = panel(table, of=of, year=year, columns=(value,))
    values = rows.numbers(value, positive=log)
    values = np.log(values) if log else values
    lines = []
    for start, own in zip(rows.starts, rows.series(), strict=True):
        try:
            trend = segmented_trend(values[own], rows.years[own], **options)
        except (TableError, ParameterError) as error:
            raise type(error)(f"{rows.name_of(int(start))!r}: {error}") from error
        low, high = trend.conf_int(confidence)
        change = {"slope_change": trend.estimate, "std_error": trend.std_error, "low": low, "high": high}
        line = {name: getattr(trend, name) for name in ("at", "slope_before", "slope_after")} | change
        lines.append(line | {name: getattr(trend, name) for name in ("p_value", "rho", "n_obs")})
    columns = {name: np.array([line[name] for line in lines]) for name in lines[0]}
    return rows.frame.build({**rows.decoded(rows.starts), **columns})
