"""Randomization inference: the difference between treated and untreated units when labels are permuted.

Everything works on one number a unit (its change), so serial correlation within a unit plays no part. The statistic is the difference of
means; the set of labelings is every one there is, or a seeded sample of them with the actual one in it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from mic2025lab.models._types import Bools, Floats


def labelings(treated: Bools, draws: int, seed: int) -> Bools:
    """Every way to label as many units as are treated, or `draws` random ones; the actual labeling is the first row."""
    n, m = len(treated), int(treated.sum())
    every = math.comb(n, m) <= draws + 1
    if every:
        chosen = np.array(list(itertools.combinations(range(n), m)))
    else:
        chosen = np.argsort(np.random.default_rng(seed).random((draws, n)), axis=1)[:, :m]
    rows = np.zeros((len(chosen), n), bool)
    np.put_along_axis(rows, chosen, True, axis=1)
    return np.vstack([treated, rows[(rows != treated).any(axis=1)] if every else rows])


def gaps(labels: Bools, values: Floats) -> Floats:
    """Mean of the labeled less mean of the others, for every labeling; `values` has one row per unit."""
    m = labels[0].sum()
    total = values.sum(axis=0)
    labeled = labels.astype("float64") @ values
    return labeled / m - (total - labeled) / (labels.shape[1] - m)


def smallest_p(labels: Bools) -> float:
    """Smallest two-sided p-value that the labelings allow.

    The actual labeling always counts, and so does its mirror image: where half of the units are treated, treating the other half gives
    the same difference with the other sign.
    """
    own = labels[0]
    return float(((labels == own).all(axis=1) | (labels == ~own).all(axis=1)).mean())


def share_as_large(statistics: Floats) -> float:
    """P-value of the first of the statistics: the share of all of them that are as large, itself among them."""
    # Rounding must not make a tie look smaller.
    return float((statistics >= statistics[0] * (1 - 1e-9)).mean())


@dataclass(frozen=True, eq=False)
class Permutation:
    """Differences of means under every labeling (`gap`), and under every labeling of the actual labels (`overlap`).

    Where they are studentized, both are in the standard errors of their labeling times that of the actual one.
    """

    gap: Floats
    overlap: Floats

    @property
    def p_value(self) -> float:
        """Two-sided: the share of labelings with an absolute difference as large as the actual one."""
        return share_as_large(np.abs(self.gap))

    def interval(self, level: float) -> tuple[float, float]:
        """Effects that the test does not reject at 1 - level, if the effect is the same for every treated unit.

        Taking an effect b off the treated units turns the difference of a labeling into gap - b x overlap. It is as large as the actual
        one, gap[0] - b, for b between the two roots of |gap - b overlap| = |gap[0] - b|, and for b = gap[0] always. So each end is an
        order statistic of the roots. Infinite where no p-value can be as small as 1 - level.
        """
        own = self.gap[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            one = (own - self.gap) / (1 - self.overlap)
            two = (own + self.gap) / (1 + self.overlap)
        # A labeling that is the actual one, or its mirror image, is as extreme whatever the effect; one with a far smaller error than the
        # actual one is for effects far off, and is counted for all, which can only make the interval longer.
        always = 1 - np.abs(self.overlap) < 1e-12
        low = np.where(always, -np.inf, np.minimum(one, two))
        high = np.where(always, np.inf, np.maximum(one, two))
        allowed = min(math.floor((1 - level) * len(low) + 1e-9), len(low) - 1)
        return float(np.sort(low)[allowed]), float(np.sort(high)[::-1][allowed])


def yearly_variance(outcome: Floats, late: Bools) -> Floats | None:
    """Variance of the yearly changes of each unit about their mean on each side of the date; None in a window too short for it.

    How variable a unit is beside the mean of all, with neither a trend nor an effect in it: the change from the last year before to the first
    year after, where an effect would sit, is left out. For a random walk the variance of any change of a given length is proportional to it.
    """
    # What all units have in common is in the year effects.
    own = outcome - outcome.mean(axis=-2, keepdims=True)
    squares, freedom = np.zeros(outcome.shape[:-1]), 0
    for side in (own[..., ~late], own[..., late]):
        steps = np.diff(side, axis=-1)
        if steps.shape[-1] > 1:
            squares += ((steps - steps.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
            freedom += steps.shape[-1] - 1
    variance = squares / max(freedom, 1)
    return None if freedom < 2 or (variance <= 1e-20 * np.abs(outcome).max() ** 2).any() else variance


def errors_of(labels: Bools, variance: Floats) -> Floats:
    """Standard error of the difference of means of every labeling, up to one constant, from the variances of the units."""
    m = labels[0].sum()
    labeled = labels @ variance
    return np.sqrt(labeled / m**2 + (variance.sum() - labeled) / (labels.shape[1] - m) ** 2)


def permutation(values: Floats, treated: Bools, labels: Bools, variance: Floats | None = None) -> Permutation:
    """Randomization distribution of one number a unit; studentized where variances are given."""
    both = gaps(labels, np.column_stack([values, treated.astype("float64")]))
    if variance is not None:
        errors = errors_of(labels, variance)
        both = both * (errors[0] / errors)[:, None]
    return Permutation(both[:, 0], both[:, 1])


def pooled_t(values: Floats, treated: Bools) -> tuple[float, float, int]:
    """Difference of means, its standard error with one pooled variance, degrees of freedom n - 2.

    The two-step estimator of Donald & Lang (2007) where each unit is a group, and the collapsed regression of Bertrand, Duflo & Mullainathan
    (2004); exact for normal changes of one variance, with one treated unit too.
    """
    n, m = len(values), int(treated.sum())
    one, zero = values[treated], values[~treated]
    squares = ((one - one.mean()) ** 2).sum() + ((zero - zero.mean()) ** 2).sum()
    error = math.sqrt(squares / (n - 2) * (1 / m + 1 / (n - m)))
    return float(one.mean() - zero.mean()), error, n - 2


def wild_p(values: Floats, treated: Bools, *, draws: int, seed: int) -> float:
    """P-value of the restricted wild cluster bootstrap (Rademacher weights, no effect imposed), clusters = units.

    `values` is the change of each unit. The small-sample factor of the clustered t is the same in every draw and drops out. All 2^n sign
    patterns where they are no more than `draws`.
    """
    n = len(values)
    x = treated - treated.mean()
    residual = values - values.mean()
    if 2**n <= draws:
        # Starts with all signs positive, which is the sample itself.
        signs = np.array(list(itertools.product([1.0, -1.0], repeat=n)))
    else:
        signs = np.random.default_rng(seed).choice([1.0, -1.0], size=(draws + 1, n))
        signs[0] = 1.0
    drawn = signs * residual
    beta = drawn @ x / (x @ x)
    scores = x * (drawn - drawn.mean(axis=1, keepdims=True)) - beta[:, None] * x**2
    spread = np.sqrt((scores**2).sum(axis=1))
    return share_as_large(np.abs(beta) / np.maximum(spread, 1e-300))
