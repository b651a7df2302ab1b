"""The estimators themselves: parameters on the sample, and a function that gives one row of parameters for each row of firm counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from mic2025lab.errors import TableError
from mic2025lab.models._control_function import FirstStage, SecondStage, evaluate, minimize, solve
from mic2025lab.models._polynomial import Powers, independent, less_means, monomials, powers, standardized
from mic2025lab.models._production_data import Sample
from mic2025lab.models._types import Bools, Floats, Ints
from mic2025lab.models.bootstrap import together

_SAME = 1e-4  # solutions nearer than this are one
_SCATTER = 24
_PROBIT_STEPS = 50


class Fit(NamedTuple):
    """What an estimator gives; `errors` are clustered by firm, `fitted` are the values of the control function."""

    values: Floats
    draw: Callable[[Floats], Floats]
    notes: list[str]
    errors: Floats | None = None
    fitted: Floats | None = None


def least_squares(sample: Sample, method: str) -> Fit:
    """Least squares, with fixed effects of firms for "fe"."""
    from statsmodels.regression.linear_model import OLS

    x, years = sample.terms(sample.inputs), sample.year_dummies
    y, notes = sample.y, []
    if method == "fe":
        once = np.bincount(sample.firm)[sample.firm] == 1
        if once.all():
            raise TableError(
                "Every firm has one year, so nothing varies within firms; fixed effects need two."
            )
        if once.any():
            notes.append(f"{int(once.sum())} firms with one year tell nothing within firms")
        size = np.abs(x).max(axis=0)
        y, x, years = (less_means(values, sample.firm) for values in (y, x, years))
        x[:, np.abs(x).max(axis=0) <= 1e-12 * size] = 0.0  # constant within firms, up to rounding
        years = years[:, independent(years)]
    columns = np.column_stack([np.ones(len(x)), years, x])
    kept = independent(columns)
    lost = [position - 1 - years.shape[1] for position in range(columns.shape[1]) if position not in kept]
    if lost:
        what = sample.term_names[lost[0]] if lost[0] >= 0 else "A year effect"
        where = " within firms" if method == "fe" else ""
        raise TableError(f"{what} does not vary{where} apart from the other terms: leave it out.")
    if columns.shape[1] >= len(y):
        raise TableError(f"{len(y)} rows are too few for {columns.shape[1]} coefficients.")
    fit = OLS(y, columns).fit(cov_type="cluster", cov_kwds={"groups": sample.firm})
    own = slice(1 + years.shape[1], None)
    first = FirstStage(columns, y, sample.firm, x.shape[1])
    return Fit(np.asarray(fit.params)[own], first.net_coefficients, notes, np.asarray(fit.bse)[own])


@dataclass(frozen=True, eq=False)
class Control:
    """A control function, then a Markov process of productivity.

    With `instruments` ("acf") nothing is estimated in the first stage, and productivity is that of the fitted control function.
    """

    first: FirstStage
    n_first: int  # parameters that the first stage gives
    y: Floats
    now: Ints
    before: Ints
    x: Floats
    instruments: Floats | None
    powers: Powers
    start: Floats
    n_linear: int  # parameters of the second stage that are elasticities (at the mean); those of squares and products follow
    process_from_phi: bool  # Markov coefficients from the fitted control function, the innovation from output
    chance: Callable[[Floats], Floats] | None = None  # probability of survival, from weights of the rows

    def stage(self, counts: Floats) -> tuple[SecondStage, Floats, Floats]:
        """Second stage of each draw, the first stage's parameters, and its fitted values."""
        b, net, phi = self.first.fit(counts)
        rest = self.y - net if self.instruments is None else phi
        weights = counts[:, self.first.firm]
        stage = SecondStage(
            now=self.x[self.now],
            before=self.x[self.before],
            instruments=self.instruments,
            powers=self.powers,
            level=rest[:, self.now],
            lagged=phi[:, self.before],
            weights=weights[:, self.now],
            survival=self.chance(weights)[:, self.before] if self.chance else None,
            process=phi[:, self.now] if self.process_from_phi else None,
        )
        return stage, b[:, : self.n_first], phi + net

    def draw(self, counts: Floats) -> Floats:
        """Parameters by draw, nan where the second stage did not arrive."""
        stage, b, _ = self.stage(counts)
        theta, _, arrived = minimize(stage, np.broadcast_to(self.start, (len(counts), self.start.size)))
        theta[~arrived] = np.nan
        return np.column_stack([b, theta])

    def point(self) -> tuple[Floats, Floats, Floats]:
        """Estimate on the sample, fitted values of the first stage, and the other solutions that are as good.

        Searched from several starts, as the criterion may have more than one minimum. Which of several solutions is
        taken is said in the docstring of `production_function`.
        """
        stage, b, fitted = self.stage(np.ones((1, int(self.first.firm[-1]) + 1)))
        starts = self._starts()
        size = together(len(self.y))
        parts = [starts[at : at + size] for at in range(0, len(starts), size)]
        done = [minimize(stage.only([0] * len(part)), part) for part in parts]
        theta, value, arrived = (np.concatenate(column) for column in zip(*done, strict=True))
        if not arrived.any():
            raise TableError(
                f"The second stage finds no minimum for its {theta.shape[1]} parameters (too few firms with two years in a row, or an input "
                "that hardly varies): lower the degree or use fewer inputs."
            )
        theta, value = theta[arrived], value[arrived]
        # Moments that can all be zero are zero at every solution, up to rounding.
        zero = 1e-8 * float(np.var(stage.level)) if self.instruments is not None else 0.0
        best = _distinct(theta[value <= value.min() * (1 + 1e-6) + zero])
        at = evaluate(stage.only([0] * len(best)).prepared(), best)
        persistence = 1 - at.xi.var(axis=1) / (stage.level - best @ stage.now.T).var(axis=1)
        negative = (best[:, : self.n_linear] < 0).any(axis=1)
        first, *others = np.lexsort((-persistence, negative))
        return np.concatenate([b[0], best[first]]), fitted[0], best[others]

    def _starts(self) -> Floats:
        """Least squares, zero, one input alone, and a seeded scatter of elasticities from 0 to 1."""
        n = self.n_linear
        scatter = np.random.default_rng(0).uniform(0, 1, (_SCATTER, n))
        others = np.vstack([np.eye(n) * 0.7 + 0.1, scatter])
        curved = np.tile(self.start[n:], (len(others), 1))
        return np.vstack([self.start, np.zeros_like(self.start), np.column_stack([others, curved])])


def _distinct(solutions: Floats) -> Floats:
    kept: list[Floats] = []
    for row in solutions:
        if all(np.abs(row - seen).max() > _SAME * (1 + np.abs(seen).max()) for seen in kept):
            kept.append(row)
    return np.array(kept)


def control_function(
    sample: Sample, method: str, degree: int, markov: int, exit_correction: bool, from_phi: bool
) -> Fit:
    """Olley & Pakes, Levinsohn & Petrin, and Ackerberg, Caves & Frazer."""
    x = sample.terms(sample.inputs)
    first, polynomial, notes = first_stage(sample, method, degree)
    now, before = sample.neighbors()
    n_first, instruments = sample.free.shape[1], None
    if method == "acf":
        n_first, instruments = 0, sample.terms(np.column_stack([sample.free[before], sample.state[now]]))
        instruments = instruments - instruments.mean(axis=0)
        if len(independent(instruments)) < instruments.shape[1]:
            raise TableError("The instruments are collinear in rows with the year before: use fewer inputs.")
    second = x[:, n_first:]
    if len(now) <= second.shape[1] + markov + 1:
        raise TableError(f"{len(now)} rows with the year before them are too few for the second stage.")
    chance = _chance(sample, polynomial) if exit_correction else None
    columns = np.column_stack([np.ones(len(x)), x])
    start = np.linalg.lstsq(columns, sample.y, rcond=None)[0][1 + n_first :]
    problem = Control(
        first, n_first, sample.y, now, before, second, instruments, powers(2 if exit_correction else 1, markov), start,
        len(sample.input_names) - n_first, from_phi, chance,
    )  # fmt: skip
    values, fitted, others = problem.point()
    if len(others):
        shown = "; ".join(", ".join(f"{value:.3f}" for value in row) for row in others[:3])
        notes.append(
            f"the moments of the second stage have {len(others)} other solution{'s' if len(others) > 1 else ''} ({shown}); "
            "reported is the most persistent one without negative elasticities"
        )
    return Fit(values, replace(problem, start=values[n_first:]).draw, notes, fitted=fitted)


def first_stage(sample: Sample, method: str, degree: int) -> tuple[FirstStage, Floats, list[str]]:
    """First stage of a control function: polynomial, then what is netted out of it."""
    # "acf" takes the free inputs into the polynomial, the others have a coefficient for each.
    inside, beside = (sample.inputs, []) if method == "acf" else (sample.state, [sample.free])
    variables = np.column_stack([inside, sample.proxy])
    polynomial = monomials(standardized(variables), powers(variables.shape[1], degree))
    n_terms, kept, notes = polynomial.shape[1], independent(polynomial), []
    if len(kept) < n_terms:
        notes.append(f"{n_terms - len(kept)} of {n_terms} terms of the polynomial are collinear and left out")
    polynomial = polynomial[:, kept]
    columns = np.column_stack([polynomial, *beside, sample.year_dummies])
    if len(independent(columns)) < columns.shape[1]:
        raise TableError(
            "A free input or a year is a function of state and proxy, so its coefficient is not identified. "
            "Use method='acf', a lower degree, or no year effects."
        )
    if columns.shape[1] >= len(sample.y):
        raise TableError(f"{len(sample.y)} rows are too few for {columns.shape[1]} terms: lower the degree.")
    return FirstStage(columns, sample.y, sample.firm, columns.shape[1] - len(kept)), polynomial, notes


@dataclass(frozen=True, eq=False)
class System:
    """Linear GMM of one or two equations, their rows stacked (Wooldridge 2009).

    y = w delta + u, E[z'u] = 0; the first `n_params` columns of w belong to the parameters.
    """

    w: Floats
    z: Floats
    y: Floats
    firm: Ints
    n_params: int
    two_step: bool

    def solve(self, counts: Floats) -> tuple[Floats, Floats]:
        """All coefficients and their cluster-robust covariance for one row of counts."""
        weighted = self.z.T * counts[self.firm]
        a, b, metric = weighted @ self.w, weighted @ self.y, weighted @ self.z
        for _ in range(2 if self.two_step else 1):
            projected = a.T @ np.linalg.pinv(metric, hermitian=True)
            delta = np.linalg.solve(projected @ a, projected @ b)
            moments = np.zeros((len(counts), self.z.shape[1]))
            np.add.at(moments, self.firm, self.z * (self.y - self.w @ delta)[:, None])
            metric = (moments.T * counts) @ moments
        bread = np.linalg.inv(projected @ a)
        return delta, bread @ projected @ metric @ projected.T @ bread

    def draw(self, counts: Floats) -> Floats:
        """Parameters by draw."""
        rows = np.full((len(counts), self.n_params), np.nan)
        for number, row in enumerate(counts):
            with suppress(np.linalg.LinAlgError):
                rows[number] = self.solve(row)[0][: self.n_params]
        return rows


def wooldridge(sample: Sample, degree: int, *, both: bool) -> Fit:
    """Wooldridge's equations of both stages, or the second alone."""
    from scipy.linalg import block_diag

    now, before = sample.neighbors()
    variables = standardized(np.column_stack([sample.state, sample.proxy]))
    terms = monomials(variables, powers(variables.shape[1], degree))
    years = sample.year_dummies[now]
    lagged = _basis(np.column_stack([terms[before], years]))
    z = np.column_stack([sample.free[before], sample.state[now]])
    z = np.column_stack([lagged, z - z.mean(axis=0)])
    if len(independent(z)) < z.shape[1]:
        raise TableError(
            "The instruments (lagged free inputs, current state) are functions of the lagged state and proxy, so that nothing is left "
            "to identify the elasticities. Does the state input change from year to year?"
        )
    w, y, firm = np.column_stack([sample.inputs[now], lagged]), sample.y[now], sample.firm[now]
    if both:
        free, basis = sample.free[now], _basis(np.column_stack([terms[now], years]))
        own = np.column_stack([free, basis])
        if len(independent(own)) < own.shape[1]:
            raise TableError(
                "Free inputs are functions of state and proxy: use wooldridge_equations='second'."
            )
        n_z, n_firms = z.shape[1] + own.shape[1], len(np.unique(firm))
        if n_firms <= n_z:
            raise TableError(f"{n_firms} firms are too few for {n_z} moments; lower the degree.")
        between = np.zeros((len(now), w.shape[1] - free.shape[1]))
        w = np.block([[w, np.zeros(basis.shape)], [free, between, basis]])
        z, y, firm = block_diag(z, own), np.tile(y, 2), np.tile(firm, 2)
    problem = System(w, z, y, firm, len(sample.input_names), two_step=both)
    try:
        delta, covariance = problem.solve(np.ones(sample.n_firms))
    except np.linalg.LinAlgError:
        raise TableError(
            "The moments do not identify the elasticities (a singular system): lagged free inputs may not vary apart from state and "
            "proxy. Lower the degree or use fewer inputs."
        ) from None
    n, notes = problem.n_params, [f"{len(now)} rows with the year before them"]
    return Fit(delta[:n], problem.draw, notes, np.sqrt(np.diag(covariance)[:n]))


def _basis(columns: Floats) -> Floats:
    return np.linalg.qr(columns[:, independent(columns)])[0]


def _chance(sample: Sample, polynomial: Floats) -> Callable[[Floats], Floats]:
    """`survival` of this sample: regressors of the probit, rows it knows the outcome of, outcomes."""
    known = sample.year < int(sample.panel.years.max())
    if sample.stays[known].all():
        raise TableError("No firm leaves the table before its last year, so there is no exit to correct for.")
    x = np.column_stack([np.ones(len(polynomial)), standardized(polynomial[:, 1:])])
    return partial(survival, x, known, sample.stays.astype(np.float64))


def probit(x: Floats, outcome: Floats, weights: Floats) -> Floats:
    """Coefficients by Fisher scoring for one set of frequency weights; nan where it does not converge.

    statsmodels' GLM with frequency weights gives the same (a test holds them together) in some ten times the time, which
    matters because every bootstrap draw needs one.
    """
    from scipy.special import log_ndtr, ndtr

    sign = 2 * outcome - 1
    beta = np.zeros(x.shape[1])
    for _ in range(_PROBIT_STEPS):
        index = x @ beta
        density = np.exp(-0.5 * index * index) / np.sqrt(2 * np.pi)
        # phi(q x'b) / Phi(q x'b), safe far out in the tail.
        mills = np.exp(-0.5 * index * index - log_ndtr(sign * index)) / np.sqrt(2 * np.pi)
        p = np.clip(ndtr(index), 1e-12, 1 - 1e-12)
        score = x.T @ (weights * sign * mills)
        information = x.T @ (x * (weights * density**2 / (p * (1 - p)))[:, None])
        step = solve(information[None], score[None, :, None])[0, :, 0]
        beta = beta + step
        if np.abs(step).max() < 1e-9 * (1 + np.abs(beta).max()):
            return beta
    return np.full(x.shape[1], np.nan)


def survival(x: Floats, known: Bools, outcome: Floats, weights: Floats) -> Floats:
    """Fitted probability of every row, one row of the result for each row of `weights`.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors of all rows.
    known : numpy.ndarray of bool
        Rows whose outcome is known: those before the last year.
    outcome : numpy.ndarray
        1 where the firm is there later.
    weights : numpy.ndarray
        Weights of all rows, one set a row.
    """
    from scipy.special import ndtr

    some, seen = x[known], outcome[known]
    fitted = [ndtr(x @ probit(some, seen, row[known])) for row in weights]
    return np.array(fitted)
