"""The result of an event study, and how it is computed from one series a unit; `mic2025lab.models.event_study` has the theory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import one_of
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models import _randomization as randomization
from mic2025lab.models._balanced_panel import after_less_before, check_date, expected
from mic2025lab.models._types import Bools, Floats, Ints
from mic2025lab.models.tables import Content, Drawn, Term, check_level

_POOLED = "standard error of a difference of mean changes, n − 2 degrees of freedom"
_CONVENTIONS = {
    "randomization": f"{_POOLED}; p-values and intervals by randomization over units",
    "t": f"{_POOLED}; p-values by Student's t.",
    "wild": f"{_POOLED}; p-values by a restricted wild cluster bootstrap, intervals by Student's t.",
    "cluster": "standard errors clustered by unit (CRV1).",
}


@dataclass(frozen=True)
class Leads:
    """Joint test that treated and other units moved alike before the date.

    Attributes
    ----------
    statistic : float
        Root mean square of the leads.
    p_value : float
        Joint, by randomization whatever the `inference` of the effect: the share of the labelings with leads as large. A large one is not proof
        of parallel trends: with few units the test has little power.
    n_leads : int
        Years before the date that are tested.
    slope : float
        Slope of a line through the gap between treated and others up to the date, outcome units a year.
    """

    statistic: float
    p_value: float
    n_leads: int
    slope: float


@dataclass(frozen=True, eq=False)
class EventStudy(Drawn):
    """What `event_study` and `triple_difference` return.

    `plot` draws the coefficients by year with their finite intervals.

    Attributes
    ----------
    estimate : float
        Change of the treated less change of the others, in units of the outcome (log points under ``log=True``).
    std_error : float
        ``inference="cluster"``: clustered by unit (CRV1), as pyfixest: G/(G-1) (N-1)/(N-K), K without the effects nested in the clusters.
        Otherwise the pooled standard error of a difference of mean changes, n - 2 degrees of freedom.
    p_value : float
        Two-sided, by the convention `inference`.
    smallest_p : float
        The smallest p-value the design allows (0 where there is no bound).
    leads : Leads
        Joint test of the years before.
    coefficients : pandas.DataFrame
        By year: ``year``, ``estimate`` (relative to `at`; under ``trends`` to the line through the years before), ``low``, ``high`` (95 %, one year
        at a time; infinite where the design allows no such interval: `by_year` takes another level).
    changes : pandas.DataFrame
        ``unit``, ``change``, ``treated``: the change of each unit, largest first.
    at, trends, inference, n_obs, n_units, n_treated, notes
        As requested, and remarks for the reader.
    """

    estimate: float
    std_error: float
    p_value: float
    smallest_p: float
    at: int
    trends: bool
    inference: str
    n_obs: int
    notes: tuple[str, ...]
    year: Ints = field(repr=False)
    outcome: Floats = field(repr=False)
    treated: Bools = field(repr=False)
    units: tuple[Any, ...] = field(repr=False)
    change: Floats = field(repr=False)
    labels: Bools = field(repr=False)
    variance: Floats | None = field(repr=False)
    permuted: randomization.Permutation = field(repr=False)
    freedom: int = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    clustered: list[Any] = field(default_factory=list, repr=False)  # coefficients by year, with errors

    @property
    def n_units(self) -> int:
        """Units compared."""
        return len(self.units)

    @property
    def n_treated(self) -> int:
        """Units treated."""
        return int(self.treated.sum())

    @cached_property
    def leads(self) -> Leads:
        """Root mean square of the gaps before the date, against that of every other labeling (studentized: each over its error)."""
        before = self.year <= self.at
        every = randomization.gaps(
            self.labels, self._relative[:, before if self.trends else self.year < self.at]
        )
        size = np.sqrt((every**2).mean(axis=1))
        own = randomization.gaps(self.labels[:1], self.outcome[:, before])[0]
        slope = float(np.polyfit((self.year[before] - self.at).astype("float64"), own, 1)[0])
        compared = (
            size if self.variance is None else size / randomization.errors_of(self.labels, self.variance)
        )
        p_value = randomization.share_as_large(compared) if size[0] > 0 else math.nan
        return Leads(float(size[0]), p_value, every.shape[1], slope)

    @property
    def _relative(self) -> Floats:
        """The outcome relative to the year `at`, or to each unit's own line through the years up to it."""
        base = self.outcome[:, self.year == self.at]
        return self.outcome - (self.outcome @ expected(self.year, self.at, True).T if self.trends else base)

    @cached_property
    def coefficients(self) -> Any:
        """The gap by year with its 95 % interval; computed when it is first asked for."""
        return self.by_year()

    @cached_property
    def changes(self) -> Any:
        """The change of each unit, largest first."""
        table = pd.DataFrame({"unit": list(self.units), "change": self.change, "treated": self.treated})
        return table.sort_values("change", ascending=False, ignore_index=True)

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Interval at confidence `level`, by the convention `inference`; "wild" has none of its own and takes that of "t".

        For "randomization" the effects (the same for every treated unit) that are not rejected at 1 - level: infinite if the design
        allows no p-value that small.
        """
        check_level(level)
        if self.inference == "randomization":
            return self.permuted.interval(level)
        return self._t_interval(self.estimate, self.std_error, level)

    def _t_interval(self, estimate: float, error: float, level: float) -> tuple[float, float]:
        from scipy.special import stdtrit

        half = float(stdtrit(self.freedom, 0.5 + level / 2)) * error
        return estimate - half, estimate + half

    def by_year(self, level: float = 0.95) -> Any:
        """Return the coefficients with intervals at confidence `level`; see `coefficients`."""
        check_level(level)
        known = self.clustered or [
            randomization.pooled_t(values, self.treated)[:2] for values in self._relative.T
        ]
        rows = []
        for year, values, (gap, error) in zip(self.year, self._relative.T, known, strict=True):
            if not values.any():
                low = high = 0.0
            elif self.inference == "randomization":
                low, high = randomization.permutation(
                    values, self.treated, self.labels, self.variance
                ).interval(level)
            else:
                low, high = self._t_interval(gap, error, level)
            rows.append((int(year), gap, low, high))
        return pd.DataFrame(rows, columns=["year", "estimate", "low", "high"])

    def placebo_units(self) -> Any:
        """The same estimate as if each unit in turn had been the one treated; for a study with one treated unit.

        Returns
        -------
        pandas.DataFrame
            ``unit``, ``estimate``, ``relative`` (the estimate over its own standard error, times that of the treated unit: what a
            studentized randomization compares), ``treated``; largest absolute ``relative`` first.
        """
        if self.n_treated != 1:
            raise ParameterError(f"{self.n_treated} units are treated: placebo units need one.")
        relative, n = self.permuted.gap, self.n_units
        if len(relative) != n:
            raise ParameterError(f"There are fewer draws than units: fit with draws={n} or more.")
        # The order of `labelings`: the actual one, then the others as they stand.
        order = np.argsort(~self.treated, kind="stable")
        own = self.change[order]
        table = pd.DataFrame({"unit": [self.units[unit] for unit in order]})
        table["estimate"] = own - (own.sum() - own) / (n - 1)
        table = table.assign(relative=relative, treated=self.treated[order])
        return table.sort_values("relative", key=abs, ascending=False, ignore_index=True, kind="stable")

    def placebo_dates(self, dates: Iterable[int] | None = None, *, min_side: int = 3) -> Any:
        """The same estimate as if the date had been another; earlier ones without the years after `at`.

        Parameters
        ----------
        dates : iterable of int, optional
            The default is every earlier year with `min_side` years up to it and after it (to `at`).
        min_side : int
            See `dates`.

        Returns
        -------
        pandas.DataFrame
            ``at``, ``estimate``, ``p_value``, ``actual``; the actual date is included. The windows differ in length, and neighboring
            dates share most of their years, so this is a distribution to look at, not a test.
        """
        if dates is None:
            dates = range(int(self.year[0]) + min_side - 1, self.at - min_side + 1)
        before = self.year <= self.at
        early = replace(self, year=self.year[before], outcome=self.outcome[:, before])
        rows = []
        for date in sorted({int(date) for date in dates} | {self.at}):
            fit = self if date == self.at else (early if date < self.at else self).refit(at=date)
            rows.append((date, fit.estimate, fit.p_value, date == self.at))
        return pd.DataFrame(rows, columns=["at", "estimate", "p_value", "actual"])

    def refit(self, *, at: int | None = None, trends: bool | None = None) -> EventStudy:
        """The same panel with another date, or with or without trends: what `event_study` would return, without reading the table again.

        Parameters
        ----------
        at : int, optional
            Last year before; the default is that of the study.
        trends : bool, optional
            As in `event_study`; the default is that of the study.

        Returns
        -------
        EventStudy

        Raises
        ------
        ParameterError
            If the date leaves too few years, or the inference is "cluster", which needs the table.
        """
        if self.inference == "cluster":
            raise ParameterError(
                "inference='cluster' cannot be refitted: take 'randomization', 't' or 'wild'."
            )
        asked = {name: value for name, value in (("at", at), ("trends", trends)) if value is not None}
        return fit_panel(self.outcome, self.year, self.treated, self.units, **(self.options | asked))

    def _content(self, level: float) -> Content:
        convention = _CONVENTIONS[self.inference]
        if self.inference == "randomization":
            convention += ", studentized." if self.options["studentized"] else "."
        facts: dict[str, Any] = {"n_obs": self.n_obs, "n_units": self.n_units, "n_treated": self.n_treated}
        facts |= {"at": str(self.at), "leads_p": self.leads.p_value}
        if self.smallest_p:
            facts["smallest_p"] = self.smallest_p
        own = Term("effect", self.estimate, self.std_error, *self.conf_int(level), self.p_value)
        against = "each unit's own line before" if self.trends else "the mean before"
        title = f"Event study, {self.year[0]}-{self.year[-1]}, after against {against}"
        slope = f"The gap moved by {self.leads.slope:+.4g} a year before."
        return Content(title, (own,), facts, convention, (slope, *self.notes))

    def _draw(self, ax: Any) -> str:
        """Draw the coefficients by year with their finite intervals."""
        table = self.coefficients
        finite = np.isfinite(table[["low", "high"]]).all(axis=1)
        ax.vlines(table["year"][finite], table["low"][finite], table["high"][finite], color="C0", alpha=0.4)
        ax.plot(table["year"], table["estimate"], "o-", color="C0", markersize=4)
        ax.axhline(0, color="0.6", linewidth=0.8)
        ax.axvline(self.at, color="0.7", linewidth=0.8)
        ax.set_ylabel("difference from the line before" if self.trends else f"difference from {self.at}")
        return f"Effect {self.estimate:+.3g} (p = {self.p_value:.3g}; leads p = {self.leads.p_value:.3g})"


def fit_panel(
    outcome: Floats, years: Ints, treated: Bools, units: Sequence[Any], *, at: int, **options: Any
) -> EventStudy:
    """Everything but clustered errors, from the outcome by unit and year; `options` are those of `event_study`, with n_obs and notes."""
    trends, inference, notes = options["trends"], options["inference"], options["notes"]
    draws, seed = options["draws"], options["seed"]
    one_of("inference", inference, tuple(_CONVENTIONS))
    if draws < 1:
        raise ParameterError(f"draws={draws} must be at least 1.")
    check_date(at, years, before=3 if trends else 2)
    if not 0 < treated.sum() < len(treated) or len(treated) < 3:
        raise TableError(
            f"{treated.sum()} of {len(treated)} units are treated; at least one, not all, and three units are needed."
        )
    change = outcome @ after_less_before(years, at, trends)
    labels = randomization.labelings(treated, draws, seed)
    variance = randomization.yearly_variance(outcome, years > at) if options["studentized"] else None
    if options["studentized"] and variance is None:
        notes = (*notes, "Not studentized: too few years, or a unit that never varies.")
    permuted = randomization.permutation(change, treated, labels, variance)
    estimate, error, freedom = randomization.pooled_t(change, treated)
    if error <= 1e-12 * max(float(np.abs(outcome).max()), 1e-300):
        constant = "Changes do not vary within the treated nor within the others: the standard error is zero."
        notes = (*notes, constant)
    if inference == "randomization":
        p_value = permuted.p_value
    elif inference == "wild":
        p_value = randomization.wild_p(change, treated, draws=draws, seed=seed)
    elif error:
        from scipy.special import stdtr

        p_value = float(2 * stdtr(freedom, -abs(estimate / error)))
    else:
        p_value = 0.0 if estimate else 1.0
    return EventStudy(
        estimate=estimate,
        std_error=error,
        p_value=p_value,
        smallest_p=randomization.smallest_p(labels) if inference == "randomization" else 0.0,
        at=at,
        trends=trends,
        inference=inference,
        n_obs=options["n_obs"],
        notes=notes,
        year=years,
        outcome=outcome,
        treated=treated,
        units=tuple(units),
        change=change,
        labels=labels,
        variance=variance,
        permuted=permuted,
        freedom=freedom,
        options={"at": at, **options},
    )
