"""One synthetic control as arrays: what to match, and the weights that match it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mic2025lab.models._balanced_panel import check_date
from mic2025lab.models._predictors import Predictors
from mic2025lab.models._simplex import predictor_weights, simplex_weights
from mic2025lab.models._types import Floats, Ints


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
    method: str
    initial: str
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
        units = tuple(self.units[row] for row in rows)
        return replace(
            self,
            units=units,
            outcome=self.outcome[list(rows)],
            treated=list(rows).index(self.treated),
            predictors=chosen,
        )

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
        weights, importance = predictor_weights(
            x[donors].T, x[unit], before, target, method=problem.method, initial=problem.initial
        )  # fmt: skip
    full = np.zeros(len(problem.units))
    full[donors] = weights
    return full, outcome[unit] - full @ outcome, importance


def each_of(work: Callable[[Any], Any], jobs: Sequence[Any], executor: Executor | None) -> Iterable[Any]:
    return map(work, jobs) if executor is None else executor.map(work, jobs)


def rmspe(gap: Floats, early: Any) -> tuple[float, float]:
    return math.sqrt(float((gap[early] ** 2).mean())), math.sqrt(float((gap[~early] ** 2).mean()))


def ratio_of(pre: float, post: float) -> float:
    return post / pre if pre > 1e-10 * max(post, 1e-300) else math.inf
