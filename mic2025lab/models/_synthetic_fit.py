"""One synthetic control as arrays: what to match, and the weights that match it.

Weights are least squares on the simplex. pysyncon searches for the weights of predictors around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.panel import panel
from mic2025lab.errors import ParameterError, TableError, shown
from mic2025lab.models._balanced_panel import check_date, labels_of, several
from mic2025lab.models._types import Floats
from mic2025lab.models.tables import optional

#: A column, averaged over all years before; or a column and the years to average it over.
Predictor = str | tuple[str, Iterable[int]]


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
    table: Any, predictors: Sequence[Predictor], *, of: str, year: str, at: int
) -> dict[str, tuple[tuple[int, ...] | None, pd.DataFrame]]:
    """Label of each predictor -> its years, and its column by unit and year."""
    named = [_named(predictor) for predictor in predictors]
    rows = panel(table, of=of, year=year, columns=tuple(name for name, _ in named))
    units, known = labels_of(rows, of), set(rows.years[rows.years <= at].tolist())
    found = {}
    for name, span in named:
        if span is not None and not set(span) <= known:
            raise ParameterError(
                f"Years of predictor {name!r} must be years of the table up to {at}; got {sorted(span)}."
            )
        label = name if span is None else f"{name} {', '.join(map(str, span))}"
        found[label] = span, pd.Series(rows.numbers(name), [units, rows.years]).unstack()
    return found


def simplex_weights(donors: Floats, target: Floats) -> Floats:
    """Weights w >= 0 that add up to one and make |target - donors w| least; `donors` has a column a donor.

    With 1'w = 1, target - donors w = -M w with M = donors - target 1'. Non-negative least squares of (0, 1) on (M, 1') gives a multiple of the
    solution, exactly: on each ray u = s w the best s leaves |Mw|^2 / (1 + |Mw|^2), which is least where |Mw| is. So an active-set
    routine of known quality (`scipy.optimize.nnls`) does the work and nothing is iterated to a tolerance.
    """
    from scipy.optimize import nnls

    distance = donors - target[:, None]
    system = np.vstack([distance / (np.abs(distance).max() or 1.0), np.ones(donors.shape[1])])
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
    """Outcomes by unit (row) and year (column), and what to match.

    `predictors` has for each label the years to average over (None: all up to the date) and the values by unit and year, so that an
    earlier date can be tried.
    """

    outcome: pd.DataFrame
    treated: Any
    at: int
    demean: bool
    predictors: Mapping[str, tuple[tuple[int, ...] | None, pd.DataFrame]]
    search: dict[str, str]  # options of pysyncon
    notes: tuple[str, ...] = ()

    @property
    def early(self) -> Any:
        return self.outcome.columns.to_numpy() <= self.at

    @property
    def matched(self) -> pd.DataFrame:
        """What is matched, by unit: means of predictors (missing without a value in the years), or outcomes up to the date."""
        if not self.predictors:
            return self.outcome.loc[:, self.early].add_prefix("outcome ")
        means = {}
        for name, (span, values) in self.predictors.items():
            years = values.columns.to_numpy() <= self.at if span is None else list(span)
            means[name] = values.loc[:, years].mean(axis=1)
        return pd.DataFrame(means).reindex(self.outcome.index)

    def without(self, units: Any) -> Problem:
        """The same without some of the units."""
        return replace(self, outcome=self.outcome.drop(index=units))

    def until(self, last: int, at: int) -> Problem:
        """The same with years up to `last` and another date; predictors of years that lie after it have no meaning then."""
        outcome = self.outcome.loc[:, :last]
        check_date(at, outcome.columns.to_numpy(), before=2)
        for name, (span, _) in self.predictors.items():
            if span is not None and max(span) > at:
                raise ParameterError(f"Predictor {name!r} is of years after {at}: give it without years.")
        earlier = replace(self, outcome=outcome, at=at)
        if earlier.matched.isna().any(axis=None):
            raise ParameterError(f"A unit has no value of a predictor up to {at}: give a later date.")
        return earlier


def solve(job: tuple[Problem, Any]) -> tuple[Floats, Floats, Floats]:
    """Weights of the donors, gap by year, weights of the predictors, for one unit of a problem; the treated one is never a donor."""
    problem, unit = job
    outcome, early, units = np.ascontiguousarray(problem.outcome), problem.early, problem.outcome.index
    row, donors = units.get_loc(unit), ~units.isin([unit, problem.treated])
    if problem.demean:
        outcome = outcome - outcome[:, early].mean(axis=1, keepdims=True)
    before, target = outcome[donors][:, early].T, outcome[row, early]
    importance = np.full(len(target), 1 / len(target))
    if problem.predictors:
        x = problem.matched.to_numpy()
        weights, importance = predictor_weights(x[donors].T, x[row], before, target, problem.search)
    else:
        weights = simplex_weights(before, target)
    full = np.zeros(len(units))
    full[donors] = weights
    return full, outcome[row] - full @ outcome, importance


def fit_of(gaps: Floats, early: Any) -> pd.DataFrame:
    """How well units are matched, a row for each row of gaps; the ratio is infinite where the fit before is perfect."""
    pre, post = (np.sqrt((gaps[:, side] ** 2).mean(axis=1)) for side in (early, ~early))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(pre > 1e-10 * np.maximum(post, 1e-300), post / pre, np.inf)
    mean_gap = gaps[:, ~early].mean(axis=1)
    return pd.DataFrame({"pre_rmspe": pre, "post_rmspe": post, "ratio": ratio, "mean_gap": mean_gap})
