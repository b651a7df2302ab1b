"""The estimators themselves, each as a problem that gives one row of parameters for each row of firm counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mic2025lab.errors import TableError
from mic2025lab.models._control_function import FirstStage, SecondStage, evaluate, minimize
from mic2025lab.models._polynomial import Powers, independent, monomials, powers, standardized
from mic2025lab.models._production_data import Sample
from mic2025lab.models._types import Bools, Floats, Ints
from mic2025lab.models.bootstrap import together

_SAME = 1e-4  # solutions nearer than this are one
_SCATTER = 24
_PROBIT_STEPS = 50


@dataclass(frozen=True, eq=False)
class Linear:
    """Least squares: the last columns are the parameters."""

    first: FirstStage

    def draw(self, counts: Floats) -> Floats:
        """Coefficients by draw."""
        return self.first.fit(counts)[0]


@dataclass(frozen=True, eq=False)
class Control:
    """A control function, then a Markov process of productivity."""

    first: FirstStage
    n_first: int  # parameters that the first stage gives
    y: Floats
    from_output: bool  # what productivity is in the second stage: output, or the fitted control function
    now: Ints
    before: Ints
    x: Floats
    instruments: Floats | None
    powers: Powers
    start: Floats
    n_linear: int  # parameters of the second stage that are elasticities (at the mean); those of squares and products follow
    process_from_phi: bool  # Markov coefficients from the fitted control function, the innovation from output
    exit: tuple[Floats, Bools, Floats] | None = None  # what `survival` takes

    def stage(self, counts: Floats) -> tuple[SecondStage, Floats, Floats]:
        """Second stage of each draw, the first stage's parameters, and its fitted values."""
        b, net, phi = self.first.fit(counts)
        rest = self.y - net if self.from_output else phi
        chance = None
        if self.exit is not None:
            chance = survival(*self.exit, counts[:, self.first.firm])[:, self.before]
        stage = SecondStage(
            now=self.x[self.now],
            before=self.x[self.before],
            instruments=self.instruments,
            powers=self.powers,
            level=rest[:, self.now],
            lagged=phi[:, self.before],
            weights=counts[:, self.first.firm[self.now]],
            survival=chance,
            process=phi[:, self.now] if self.process_from_phi else None,
        )
        return stage, b[:, : self.n_first], phi + net

    def draw(self, counts: Floats) -> Floats:
        """Parameters by draw, nan where the second stage did not arrive."""
        stage, b, _ = self.stage(counts)
        theta, _, arrived = minimize(stage, np.broadcast_to(self.start, (len(counts), self.start.size)))
        theta[~arrived] = np.nan
        return np.column_stack([b, theta])

    def point(self) -> tuple[Floats, Floats, list[Floats]]:
        """Estimate on the sample, fitted values of the first stage, and the other solutions that are as good.

        Searched from several starts, as the criterion may have more than one minimum. Which of several solutions is
        taken is said in the docstring of `production_function`.
        """
        stage, b, fitted = self.stage(np.ones((1, self.first.n_firms)))
        starts = self._starts()
        size = together(len(self.y))
        parts = [starts[at : at + size] for at in range(0, len(starts), size)]
        done = [minimize(stage.repeated(len(part)), part) for part in parts]
        theta, value, arrived = (np.concatenate(column) for column in zip(*done, strict=True))
        if not arrived.any():
            raise TableError(
                "The second stage finds no minimum from any start: too few firms with neighboring years for this many "
                f"parameters ({theta.shape[1]}), or an input that hardly varies; try a lower degree or fewer inputs."
            )
        theta, value = theta[arrived], value[arrived]
        # Moments that can all be zero are zero at every solution, up to rounding.
        zero = 1e-8 * float(np.var(stage.level)) if self.instruments is not None else 0.0
        best = _distinct(theta[value <= value.min() * (1 + 1e-6) + zero])
        order = self._order(stage, best)
        return np.concatenate([b[0], best[order[0]]]), fitted[0], [best[number] for number in order[1:]]

    def _order(self, stage: SecondStage, solutions: Floats) -> list[int]:
        at = evaluate(stage.repeated(len(solutions)).prepared(), solutions)
        omega = stage.level - solutions @ stage.now.T
        persistence = 1 - at.xi.var(axis=1) / omega.var(axis=1)
        negative = (solutions[:, : self.n_linear] < 0).any(axis=1)
        return list(np.lexsort((-persistence, negative)))

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


def control_columns(
    sample: Sample, kind: str, degree: int, year_effects: bool
) -> tuple[FirstStage, Floats, list[str]]:
    """First stage of a control function: polynomial, then what is netted out of it."""
    with_free = kind == "acf"
    variables = np.column_stack([*([sample.free] if with_free else []), sample.state, sample.proxy])
    polynomial = monomials(standardized(variables), powers(variables.shape[1], degree))
    kept = independent(polynomial)
    notes = []
    if len(kept) < polynomial.shape[1]:
        notes.append(
            f"{polynomial.shape[1] - len(kept)} of {polynomial.shape[1]} terms of the polynomial are collinear and left out"
        )
    polynomial = polynomial[:, kept]
    net = [] if with_free else [sample.free]
    if year_effects:
        net.append(sample.year_dummies())
    out = np.column_stack(net) if net else np.empty((len(sample.y), 0))
    columns = np.column_stack([polynomial, out])
    if len(independent(columns)) < columns.shape[1]:
        raise TableError(
            "A free input or a year is a function of the polynomial of state and proxy: its coefficient is not identified "
            "in the first stage. Use method='acf', a lower degree, or no year effects."
        )
    if columns.shape[1] >= len(sample.y):
        raise TableError(
            f"{len(sample.y)} rows are too few for a first stage of {columns.shape[1]} terms; lower the degree."
        )
    return FirstStage.of(columns, sample.y, sample.firm, sample.n_firms, out.shape[1]), polynomial, notes


@dataclass(frozen=True, eq=False)
class System:
    """Linear GMM of one or two equations, by the firms' cross products (Wooldridge 2009).

    ``zw`` and ``zy`` hold Z'W and Z'y of each firm, ``zz`` Z'Z; the first `n_params` columns of W are the parameters.
    """

    zw: Floats
    zy: Floats
    zz: Floats
    n_params: int
    two_step: bool

    def solve(self, counts: Floats) -> tuple[Floats, Floats]:
        """All coefficients and their cluster-robust covariance for one row of counts."""
        a, b = np.tensordot(counts, self.zw, 1), counts @ self.zy
        v = np.linalg.pinv(np.tensordot(counts, self.zz, 1), hermitian=True)
        delta = np.linalg.solve(a.T @ v @ a, a.T @ v @ b)
        moments = self.zy - self.zw @ delta
        s = moments.T @ (moments * counts[:, None])
        if self.two_step:
            v = np.linalg.pinv(s, hermitian=True)
            delta = np.linalg.solve(a.T @ v @ a, a.T @ v @ b)
            moments = self.zy - self.zw @ delta
            s = moments.T @ (moments * counts[:, None])
        bread = np.linalg.inv(a.T @ v @ a)
        meat = a.T @ v @ s @ v @ a
        covariance: Floats = bread @ meat @ bread
        return np.asarray(delta, dtype=np.float64), covariance

    def draw(self, counts: Floats) -> Floats:
        """Parameters by draw."""
        rows = []
        for row in counts:
            try:
                rows.append(self.solve(row)[0][: self.n_params])
            except np.linalg.LinAlgError:
                rows.append(np.full(self.n_params, np.nan))
        return np.array(rows)


def system(sample: Sample, degree: int, *, both: bool, year_effects: bool) -> tuple[System, int, list[str]]:
    """Cross products of Wooldridge's equations; also the number of pairs and notes."""
    now, before = sample.neighbors()
    variables = standardized(np.column_stack([sample.state, sample.proxy]))
    terms = monomials(variables, powers(variables.shape[1], degree))
    years = sample.year_dummies() if year_effects else np.empty((len(sample.y), 0))
    lagged = _basis(np.column_stack([terms[before], years[now]]))
    x, z = sample.inputs[now], np.column_stack([sample.free[before], sample.state[now]])
    z = z - z.mean(axis=0)
    if len(independent(np.column_stack([lagged, z]))) < lagged.shape[1] + z.shape[1]:
        raise TableError(
            "The instruments (lagged free inputs, current state) are functions of the lagged state and proxy: nothing is left "
            "to identify the elasticities. Does the state input change from year to year?"
        )
    firm = sample.firm[now]
    shared = x.shape[1] + lagged.shape[1]
    blocks = [(np.column_stack([x, lagged]), np.column_stack([z, lagged]), np.arange(shared))]
    if both:
        own = np.column_stack([sample.free[now], _basis(np.column_stack([terms[now], years[now]]))])
        n_free = sample.free.shape[1]
        if len(independent(own)) < own.shape[1]:
            raise TableError(
                "A free input is a function of state and proxy; use wooldridge_equations='second'."
            )
        blocks.append((own, own, np.r_[:n_free, shared : shared + own.shape[1] - n_free]))
    n_z = sum(z_block.shape[1] for _, z_block, _ in blocks)
    firms = np.unique(firm)
    if len(firms) <= n_z - (0 if both else n_z):
        raise TableError(f"{len(firms)} firms are too few for {n_z} moments; lower the degree.")
    starts, total = np.searchsorted(firm, firms), 1 + max(block[2].max() for block in blocks)
    zw, zy = np.zeros((sample.n_firms, n_z, total)), np.zeros((sample.n_firms, n_z))
    zz = np.zeros((sample.n_firms, n_z, n_z))
    at = 0
    for w_block, z_block, columns in blocks:
        here = np.arange(at, at + z_block.shape[1])
        at += z_block.shape[1]
        cross, square = (z_block[:, :, None] * other[:, None, :] for other in (w_block, z_block))
        zw[np.ix_(firms, here, columns)] = np.add.reduceat(cross, starts, axis=0)
        zz[np.ix_(firms, here, here)] = np.add.reduceat(square, starts, axis=0)
        zy[np.ix_(firms, here)] = np.add.reduceat(z_block * sample.y[now][:, None], starts, axis=0)
    notes = [f"{len(now)} rows with the year before them"]
    return System(zw, zy, zz, x.shape[1], two_step=both), len(now), notes


def _basis(columns: Floats) -> Floats:
    return np.linalg.qr(columns[:, independent(columns)])[0]


def survival_parts(sample: Sample, polynomial: Floats) -> tuple[Floats, Bools, Floats]:
    """What `survival` needs for the exit correction: regressors of the probit, rows it knows the outcome of, outcomes."""
    known = sample.year < int(sample.panel.years.max())
    if not known.any() or sample.stays[known].all():
        raise TableError("No firm leaves the table before its last year, so there is no exit to correct for.")
    if not sample.stays[known].any():
        raise TableError("No firm of a year before the last is there later: survival cannot be estimated.")
    x = np.column_stack([np.ones(len(polynomial)), standardized(polynomial[:, 1:])])
    return x, known, sample.stays.astype(np.float64)


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
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if np.abs(step).max() < 1e-9 * (1 + np.abs(beta).max()):
            return beta
        if not np.isfinite(step).all():
            break
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
