"""One synthetic control as arrays: what to match, and the weights that match it.

Weights are least squares on the simplex. pysyncon searches for the weights of predictors around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mic2025lab.engine.panel import panel
from mic2025lab.errors import ParameterError, TableError, shown
from mic2025lab.models._balanced_panel import check_date, several
from mic2025lab.models._types import Bools, Floats, Ints
from mic2025lab.models.tables import optional

#: A column, averaged over all years before; or a column and the years to average it over.
Predictor = str | tuple[str, Iterable[int]]


@dataclass(frozen=True, eq=False)
class Predictors:
    """Predictors by unit; `columns` keeps the yearly values, so that an earlier date can be tried."""

    names: tuple[str, ...]
    spans: tuple[tuple[int, ...] | None, ...]
    years: Ints
    columns: Floats
    at: int

    @property
    def values(self) -> Floats:
        """One row a unit, one column a predictor; nan where a unit has no value in the years."""
        means = []
        for column, span in zip(self.columns, self.spans, strict=True):
            wanted = self.years <= self.at if span is None else np.isin(self.years, span)
            known = np.isfinite(column[:, wanted])
            with np.errstate(invalid="ignore"):  # no year with a value: missing
                means.append(np.where(known, column[:, wanted], 0.0).sum(axis=1) / known.sum(axis=1))
        return np.column_stack(means)

    @property
    def known(self) -> Bools:
        """Units with a value of every predictor."""
        return np.all(np.isfinite(self.values), axis=1)

    def take(self, rows: Sequence[int]) -> Predictors:
        """The same for some of the units."""
        return replace(self, columns=self.columns[:, list(rows)])

    def refuse_constant(self) -> None:
        """Raise TableError for a predictor that is the same in every unit: it tells no donor from another."""
        for name, column in zip(self.names, self.values.T, strict=True):
            if not varies(column):
                raise TableError(
                    f"Predictor {name!r} is the same in every unit ({column[0]:g}): leave it out."
                )

    def before(self, at: int) -> Predictors:
        """The same for an earlier date; predictors of years that lie after it have no meaning then."""
        for name, span in zip(self.names, self.spans, strict=True):
            if span is not None and max(span) > at:
                raise ParameterError(f"Predictor {name!r} is of years after {at}: give it without years.")
        earlier = replace(self, at=at)
        if not earlier.known.all():
            raise ParameterError(f"A unit has no value of a predictor up to {at}: give a later date.")
        return earlier


def varies(values: Floats) -> Any:
    """Whether the values (along the last axis) differ by more than rounding."""
    return np.ptp(values, axis=-1) > 1e-12 * np.abs(values).max(axis=-1)


def _named(predictor: Any) -> tuple[str, tuple[int, ...] | None]:
    """Column and years of a predictor."""
    if isinstance(predictor, str):
        return predictor, None
    if isinstance(predictor, tuple) and len(predictor) == 2 and isinstance(predictor[0], str):
        return predictor[0], tuple(several(predictor[1]))
    raise ParameterError(
        f"A predictor is the name of a column, or (name, years) such as ('investment', [2010, 2011]); got {shown(predictor)}."
    )


def read_predictors(
    table: Any, predictors: Sequence[Predictor], *, of: str, year: str, units: Sequence[Any], at: int
) -> Predictors:
    """Read the columns of the predictors for the units given."""
    named = [_named(predictor) for predictor in predictors]
    rows = panel(table, of=of, year=year, columns=tuple(name for name, _ in named))
    place = {unit: row for row, unit in enumerate(units)}
    codes = rows.frame.codes(of)
    unit = np.array([place.get(label, -1) for label in codes.labels])[codes.codes[rows.order]]
    years: npt.NDArray[np.int64] = np.unique(rows.years)
    columns = np.full((len(named), len(units), len(years)), np.nan)
    kept = unit >= 0
    for number, (name, span) in enumerate(named):
        if span is not None and not set(span) <= set(years[years <= at].tolist()):
            raise ParameterError(f"Years of predictor {name!r} must be up to {at}; got {sorted(span)}.")
        columns[number, unit[kept], np.searchsorted(years, rows.years[kept])] = rows.numbers(name)[kept]
    labels = tuple(name if span is None else f"{name} {', '.join(map(str, span))}" for name, span in named)
    return Predictors(labels, tuple(span for _, span in named), years, columns, at)


def simplex_weights(donors: Floats, target: Floats) -> Floats:
    """Weights w >= 0 that add up to one and make |target - donors w| least; `donors` has a column a donor.

    With 1'w = 1, target - donors w = -M w with M = donors - target 1'. Non-negative least squares of (0, 1) on (M, 1') gives a multiple of the
    solution, exactly: on each ray u = s w the best s leaves |Mw|^2 / (1 + |Mw|^2), which is least where |Mw| is. So an active-set
    routine of known quality (`scipy.optimize.nnls`) does the work and nothing is iterated to a tolerance.
    """
    from scipy.optimize import nnls

    distance = donors - target[:, None]
    size = np.abs(distance).max()
    if size > 0:
        distance = distance / size
    system = np.vstack([distance, np.ones(donors.shape[1])])
    found, _ = nnls(system, np.append(np.zeros(len(target)), 1.0), maxiter=50 * donors.shape[1])
    return found / found.sum()


def predictor_weights(
    donors: Floats, target: Floats, donor_outcomes: Floats, outcome: Floats, search: dict[str, str]
) -> tuple[Floats, Floats]:
    """Unit weights, and weights of the predictors, chosen so that outcomes before the date fit best (Abadie & Gardeazabal 2003).

    pysyncon searches for the weights of the predictors (rows of `donors` and `target`); the least squares inside its loop are
    `simplex_weights`, which is exact and some hundred times as fast as the SLSQP it would use.
    """
    used = np.asarray(varies(np.column_stack([donors, target])))
    if not used.any():
        raise TableError("No predictor differs between the units that are compared: give others, or none.")
    donors, target = donors[used], target[used]

    pysyncon = optional("pysyncon", "Without predictors the outcomes before the date are matched.")

    class Exact(pysyncon.Synth):  # type: ignore[name-defined]
        @staticmethod
        def w_optimize(V_mat: Any, X0: Any, X1: Any, **_: Any) -> tuple[Floats, float]:
            root = np.sqrt(np.diag(V_mat))[:, None]
            w = simplex_weights(root * X0, root[:, 0] * X1)
            gap = root[:, 0] * X1 - (root * X0) @ w
            return w, float(gap @ gap)

    synth = Exact()
    names = [str(number) for number in range(donors.shape[1])]
    data = {"X0": pd.DataFrame(donors, columns=names), "X1": pd.Series(target, name="treated")}
    data |= {"Z0": pd.DataFrame(donor_outcomes, columns=names), "Z1": pd.Series(outcome, name="treated")}
    try:
        synth.fit(**data, **search)
    except ValueError as error:
        raise ParameterError(f"pysyncon cannot search with {search}: {error}") from error
    importance = np.zeros(len(used))
    importance[used] = synth.V
    return np.asarray(synth.W), importance


@dataclass(frozen=True, eq=False)
class Problem:
    """Outcomes by unit and year and what to match; `treated` is a row of them."""

    units: tuple[Any, ...]
    years: Ints
    outcome: Floats
    treated: int
    at: int
    demean: bool
    predictors: Predictors | None
    search: dict[str, str]  # options of pysyncon
    notes: tuple[str, ...]

    @property
    def early(self) -> Any:
        return self.years <= self.at

    def without(self, unit: Any) -> Problem:
        """The same with one donor less."""
        return self.take([row for row, name in enumerate(self.units) if name != unit])

    def take(self, rows: Sequence[int]) -> Problem:
        """The same with some of the units."""
        chosen = None if self.predictors is None else self.predictors.take(rows)
        units, outcome = tuple(self.units[row] for row in rows), self.outcome[list(rows)]
        treated = list(rows).index(self.treated)
        return replace(self, units=units, outcome=outcome, treated=treated, predictors=chosen)

    def until(self, last: int, at: int) -> Problem:
        """The same with years up to `last` and another date."""
        check_date(at, self.years[self.years <= last], before=2)
        kept = self.years <= last
        chosen = None if self.predictors is None else self.predictors.before(at)
        return replace(self, years=self.years[kept], outcome=self.outcome[:, kept], at=at, predictors=chosen)


def solve(job: tuple[Problem, int]) -> tuple[Floats, Floats, Floats]:
    """Weights of the donors, gap by year, weights of the predictors, for one unit of a problem; the treated one is never a donor."""
    problem, unit = job
    donors = [row for row in range(len(problem.units)) if row not in (unit, problem.treated)]
    outcome = problem.outcome
    if problem.demean:
        outcome = outcome - outcome[:, problem.early].mean(axis=1, keepdims=True)
    before, target = outcome[donors][:, problem.early].T, outcome[unit, problem.early]
    importance = np.full(len(target), 1 / len(target))
    if problem.predictors is None:
        weights = simplex_weights(before, target)
    else:
        x = problem.predictors.values
        weights, importance = predictor_weights(x[donors].T, x[unit], before, target, problem.search)
    full = np.zeros(len(problem.units))
    full[donors] = weights
    return full, outcome[unit] - full @ outcome, importance


def fit_of(gaps: Floats, early: Any) -> pd.DataFrame:
    """How well units are matched, a row for each row of gaps; the ratio is infinite where the fit before is perfect."""
    pre, post = (np.sqrt((gaps[:, side] ** 2).mean(axis=1)) for side in (early, ~early))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(pre > 1e-10 * np.maximum(post, 1e-300), post / pre, np.inf)
    mean_gap = gaps[:, ~early].mean(axis=1)
    return pd.DataFrame({"pre_rmspe": pre, "post_rmspe": post, "ratio": ratio, "mean_gap": mean_gap})
