"""The numbers of the proxy-variable estimators, for many bootstrap draws at once.

First stage: y on free inputs and a polynomial of state and proxy, by weighted least squares on columns that are made
orthonormal once.

Second stage: with phi the fitted control function, omega(theta) = a - X theta is productivity and
lag(theta) = phi_(t-1) - X_(t-1) theta that of the year before. The innovation xi(theta) is what a polynomial of
lag(theta) does not explain of omega(theta): its coefficients are concentrated out by least squares at each theta. Then either
the sum of squares of xi is minimized over theta ("nls": Olley-Pakes, Levinsohn-Petrin) or the moments Z'xi are brought to zero
("gmm": Ackerberg-Caves-Frazer), by damped Gauss-Newton steps with exact derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from mic2025lab.models._polynomial import Powers
from mic2025lab.models._types import Bools, Floats, Ints

_STEPS = 80
_TOLERANCE = 1e-8


def solve(matrices: Floats, right: Floats) -> Floats:
    """Solve a stack of linear systems; nan for those that are singular."""
    try:
        return np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        solution = np.full(right.shape, np.nan)
        for number, (matrix, side) in enumerate(zip(matrices, right, strict=True)):
            if np.linalg.matrix_rank(matrix) == len(matrix):
                solution[number] = np.linalg.solve(matrix, side)
        return solution


@dataclass(frozen=True, eq=False)
class FirstStage:
    """Least squares of y on [polynomial | columns to net out], the draws as weights by firm.

    Attributes
    ----------
    columns, y : numpy.ndarray
        Regressors, the last `n_net` of which are to be taken out of the fitted values, and the dependent variable.
    firm : numpy.ndarray
        Number of the firm of each row.
    n_net : int
        See `columns`.
    """

    columns: Floats
    y: Floats
    firm: Ints
    n_net: int

    @cached_property
    def orthonormal(self) -> tuple[Floats, Floats]:
        """Orthonormal columns, and the triangle that takes them back."""
        q, r = np.linalg.qr(self.columns)
        return np.column_stack([q, self.y]), r

    def fit(self, counts: Floats) -> tuple[Floats, Floats, Floats]:
        """Coefficients of the columns netted out, what they contribute, and the rest of the fitted values, by draw."""
        both, r = self.orthonormal
        cross = np.stack([both.T @ (both * row[self.firm][:, None]) for row in counts])
        c = solve(cross[:, :-1, :-1], cross[:, :-1, -1:])[:, :, 0]
        own = slice(len(r) - self.n_net, None)
        b = np.linalg.solve(r, c.T).T[:, own]
        net = b @ self.columns[:, own].T
        return b, net, c @ both[:, :-1].T - net

    def net_coefficients(self, counts: Floats) -> Floats:
        """Coefficients of the columns netted out, by draw."""
        return self.fit(counts)[0]


@dataclass(frozen=True, eq=False)
class SecondStage:
    """The pairs of neighboring years, for a number of draws at once.

    Attributes
    ----------
    now, before : numpy.ndarray
        X and X_(t-1): rows are pairs, columns parameters.
    instruments : numpy.ndarray or None
        Z of "gmm"; None means "nls".
    powers : tuple
        Exponents of (lag, survival) of the polynomial for the Markov process.
    level, lagged : numpy.ndarray
        a and phi_(t-1): one row per draw.
    weights : numpy.ndarray
        Count of the pair's firm, one row per draw.
    survival : numpy.ndarray or None
        Probability, the year before, of being there this year.
    process : numpy.ndarray or None
        What the coefficients of the Markov process are fitted to, where that is not a: one row per draw.
    """

    now: Floats
    before: Floats
    instruments: Floats | None
    powers: Powers
    level: Floats
    lagged: Floats
    weights: Floats
    survival: Floats | None = None
    process: Floats | None = None
    metric: Any = None
    weighted_z: Any = None

    def prepared(self) -> SecondStage:
        """Add Z'W and the weighting matrix (Z'WZ)^-1 of each draw."""
        z = self.instruments
        if z is None:
            return self
        weighted = np.ascontiguousarray((self.weights[:, :, None] * z).transpose(0, 2, 1))
        cross = np.matmul(weighted, z)
        identity = np.broadcast_to(np.eye(z.shape[1]), cross.shape)
        return replace(self, metric=solve(cross, identity), weighted_z=weighted)

    def only(self, draws: Any) -> SecondStage:
        """These draws alone; a draw may be named several times, for as many starts."""
        names = ("level", "lagged", "weights", "survival", "process", "metric", "weighted_z")
        values = {name: getattr(self, name) for name in names}
        return replace(self, **{name: value[draws] for name, value in values.items() if value is not None})


class _At(NamedTuple):
    """Everything of one evaluation that the derivatives need again."""

    value: Floats
    xi: Floats
    rest: Floats  # residual of the regression that gives the coefficients of the Markov process
    weighted: Floats
    gram: Floats
    g: Floats
    lag: Floats
    scale: Floats
    moments: Floats  # of "gmm"; none for "nls"


def _terms(stage: SecondStage, lag: Floats, *, slopes: bool) -> Floats:
    """Columns of the Markov polynomial, or their derivatives in lag: (draws, terms, pairs)."""
    degree = max(power[0] for power in stage.powers)
    ladder = [np.ones_like(lag)]
    for _ in range(degree):
        ladder.append(ladder[-1] * lag)
    terms = np.empty((len(lag), len(stage.powers), lag.shape[1]))
    for number, power in enumerate(stage.powers):
        if slopes:
            terms[:, number] = power[0] * ladder[power[0] - 1] if power[0] else 0.0
        else:
            terms[:, number] = ladder[power[0]]
        if len(power) > 1 and power[1] and stage.survival is not None:
            terms[:, number] *= stage.survival ** power[1]
    return terms


def evaluate(stage: SecondStage, theta: Floats) -> _At:
    """Criterion and innovation at one theta for each draw."""
    w = stage.weights
    total = w.sum(axis=1, keepdims=True)
    part = theta @ stage.now.T
    omega = stage.level - part
    own = omega if stage.process is None else stage.process - part
    lag = stage.lagged - theta @ stage.before.T
    # The span of a polynomial does not change with origin and unit; its cross products are well-scaled only so.
    lag -= (w * lag).sum(axis=1, keepdims=True) / total
    scale = np.sqrt((w * lag * lag).sum(axis=1, keepdims=True) / total)
    lag /= scale
    terms = _terms(stage, lag, slopes=False)
    weighted = terms * w[:, None, :]
    gram = np.matmul(weighted, terms.transpose(0, 2, 1))
    g = solve(gram, np.matmul(weighted, own[:, :, None]))
    fitted = np.matmul(g.transpose(0, 2, 1), terms)[:, 0]
    xi = omega - fitted
    moments = np.empty((len(theta), 0))
    if stage.instruments is None:
        value = (w * xi * xi).sum(axis=1) / total[:, 0]
    else:
        moments = (w * xi) @ stage.instruments
        value = np.einsum("bi,bij,bj->b", moments, stage.metric, moments) / total[:, 0]
    return _At(value, xi, own - fitted, weighted, gram, g, lag, scale, moments)


def _normal(stage: SecondStage, at: _At) -> tuple[Floats, Floats]:
    """Half the gradient of the criterion, and its Gauss-Newton matrix."""
    w = stage.weights
    total = w.sum(axis=1)[:, None, None]
    slopes = _terms(stage, at.lag, slopes=True)
    drift = np.matmul(at.g.transpose(0, 2, 1), slopes) / at.scale[:, :, None]
    # d omega - d(terms) g, before projection: (draws, parameters, pairs).
    u = drift * stage.before.T - stage.now.T
    turned = u.transpose(0, 2, 1)
    cross = np.matmul(at.weighted, turned)
    if stage.instruments is not None or stage.process is not None:
        # d(terms)' W rest, by parameter: the part of the derivative that moves the projection itself.
        slopes *= (w * at.rest)[:, None, :]
        cross += np.matmul(slopes, -stage.before) / at.scale[:, :, None]
    inner = solve(at.gram, cross).transpose(0, 2, 1)
    if stage.instruments is None:
        u -= np.matmul(inner, _terms(stage, at.lag, slopes=False))
        left, right, residual = u * w[:, None, :], turned, at.xi
    else:
        terms_z = np.matmul(at.weighted, stage.instruments)
        right = np.matmul(stage.weighted_z, turned) - np.matmul(
            terms_z.transpose(0, 2, 1), inner.transpose(0, 2, 1)
        )
        left, residual = np.matmul(right.transpose(0, 2, 1), stage.metric), at.moments
    return np.matmul(left, residual[:, :, None]) / total, np.matmul(left, right) / total


def minimize(stage: SecondStage, start: Floats) -> tuple[Floats, Floats, Bools]:
    """Bring every draw to its own minimum from its own start: theta, criterion, and whether it got there.

    Gauss-Newton alone crawls where the innovations are large, so what its matrix lacks of the Hessian is learned from the
    gradients met on the way (symmetric rank-one updates), which makes the last steps superlinear.
    """
    theta, value, done = start.copy(), np.full(len(start), np.inf), np.zeros(len(start), np.bool_)
    active = np.flatnonzero(np.isfinite(stage.level).all(axis=1) & np.isfinite(start).all(axis=1))
    part, here = stage.prepared().only(active), start[active]
    n_params = start.shape[1]
    damping, missing = np.full(len(active), 1e-4), np.zeros((len(active), n_params, n_params))
    with np.errstate(all="ignore"):
        at = evaluate(part, here)
        gradient, normal = _normal(part, at)
        for _ in range(_STEPS):
            if not len(active):
                break
            diagonal = np.einsum("bii->bi", normal)
            damped = normal + missing + damping[:, None, None] * np.eye(n_params) * diagonal[:, None, :]
            step = -solve(damped, gradient)[:, :, 0]
            trial = evaluate(part, here + step)
            better = trial.value <= at.value * (1 + 1e-13)
            here = np.where(better[:, None], here + step, here)
            small = np.abs(step).max(axis=1) < _TOLERANCE * (1 + np.abs(here).max(axis=1))
            arrived = small & (better | (damping < 1))
            ends = arrived | (damping > 1e12)
            damping = np.where(better, np.maximum(damping * 0.05, 1e-14), np.maximum(damping * 20, 1e-6))
            at = _merge(at, trial, better)
            theta[active], value[active] = here, at.value
            if ends.any():
                done[active] = arrived
                keep = ~ends
                active, here, damping, better, step = (a[keep] for a in (active, here, damping, better, step))
                missing, gradient, normal = missing[keep], gradient[keep], normal[keep]
                part, at = part.only(keep), _At(*(a[keep] for a in at))
            before = gradient
            gradient, normal = _normal(part, at)
            learned = _secant(missing, normal, gradient - before, step)
            missing = np.where(better[:, None, None], learned, missing)
    return theta, value, done


def _secant(missing: Floats, normal: Floats, change: Floats, step: Floats) -> Floats:
    """Symmetric rank-one update of what the Gauss-Newton matrix lacks, left as it is where it is not safe."""
    off = change - np.matmul(normal + missing, step[:, :, None])
    along = np.matmul(off.transpose(0, 2, 1), step[:, :, None])[:, 0, 0]
    size = np.linalg.norm(off[:, :, 0], axis=1) * np.linalg.norm(step, axis=1)
    safe = np.isfinite(along) & (np.abs(along) > 1e-8 * size) & (size > 0)
    update = np.matmul(off, off.transpose(0, 2, 1)) / np.where(safe, along, 1.0)[:, None, None]
    return np.where(safe[:, None, None], missing + update, missing)


def _merge(old: _At, new: _At, take: Bools) -> _At:
    """Evaluation of the step where it is taken, of where one stands where not; written into the new one."""
    for before, value in zip(old, new, strict=True):
        value[~take] = before[~take]
    return new
