"""Size and power of the tests of a triple difference, on simulated panels.

The panels are simulated: no result of this module is a finding about any economy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mic2025lab.errors import ParameterError
from mic2025lab.models._balanced_panel import after_less_before, check_date
from mic2025lab.models._randomization import labelings, smallest_p, yearly_variance
from mic2025lab.models._types import Floats

__all__ = ["rejection_rates"]

_SHARE = 1e-9


def rejection_rates(
    *,
    n_units: int,
    n_targeted: int,
    n_untargeted: int,
    years: tuple[int, int],
    at: int = 2015,
    effect: float = 0.0,
    sd: float = 0.1,
    common: float = 0.0,
    noise: float = 0.0,
    treated_scale: float = 1.0,
    other_scales: tuple[float, float] = (1.0, 1.0),
    trends: bool = False,
    samples: int = 2000,
    levels: tuple[float, ...] = (0.05, 0.10),
    wild_draws: int = 199,
    seed: int = 2025,
) -> Any:
    """Simulate panels of economies, industries, and years with one treated economy, and count how often each test rejects.

    y_ckt = effects + sum over years of (e_ckt + targeted_k f_ct) + v_ckt, all normal: every series is a random walk with noise on it, and the
    targeted industries of an economy share the shocks f. Effects drop out of every test and are not drawn.

    Parameters
    ----------
    n_units, n_targeted, n_untargeted : int
        Economies, targeted and other industries.
    years : (int, int)
        First and last year.
    at : int
        Last year before.
    effect : float
        True effect in units of the outcome (log points); 0 gives the size of the tests, another value their power.
    sd : float
        Standard deviation of the yearly shock of one industry.
    common : float
        Standard deviation of the shock that an economy's targeted industries share.
    noise : float
        Standard deviation of the noise v, which is new every year.
    treated_scale : float
        Multiplies all shocks of the treated economy.
    other_scales : (float, float)
        Smallest and largest multiplier of the other economies' shocks; evenly spaced in logarithms.
    trends : bool
        As in `triple_difference`.
    samples : int
        Panels drawn (a tenth of them for the wild bootstrap).
    levels : tuple of float
        Nominal levels.
    wild_draws : int
        Draws of each wild bootstrap.
    seed : int
        Of all draws.

    Returns
    -------
    pandas.DataFrame
        ``test``, ``level``, ``rejected``, ``error`` (Monte Carlo standard error), ``smallest_p``. Tests: "cluster" (CRV1, t(G - 1)), "wild",
        "randomization" (economies, studentized), "plain randomization", "t", "industries" (randomization over the industries of the treated
        economy, not studentized, at most 999 labelings).

    Examples
    --------
    >>> table = rejection_rates(n_units=12, n_targeted=8, n_untargeted=2, years=(2002, 2022), samples=200)
    >>> bool(table.set_index(["test", "level"]).loc[("cluster", 0.05), "rejected"] > 0.4)
    True
    """
    import pandas as pd

    if n_units < 3 or min(n_targeted, n_untargeted) < 1 or samples < 10:
        raise ParameterError(
            "Give at least 3 units, one targeted and one untargeted industry, and 10 samples."
        )
    span = np.arange(years[0], years[1] + 1)
    check_date(at, span, before=3 if trends else 2)
    weights = after_less_before(span, at, trends)
    late = span > at
    rng = np.random.default_rng(seed)
    scale = np.append(treated_scale, np.geomspace(*other_scales, n_units - 1))
    target = np.arange(n_targeted + n_untargeted) < n_targeted
    gaps: list[Floats] = []
    changes: list[Floats] = []
    sizes: list[Any] = []
    # A few panels at a time, so that memory stays small.
    step = max(1, 4_000_000 // (n_units * len(target) * len(span)))
    for first in range(0, samples, step):
        shape = (min(step, samples - first), n_units, len(target), len(span))
        y = sd * rng.standard_normal(shape)
        if common:
            y += common * rng.standard_normal((*shape[:2], 1, shape[3])) * target[:, None]
        y = np.cumsum(y, axis=-1)
        if noise:
            y += noise * rng.standard_normal(shape)
        y *= scale[:, None, None]
        y[:, 0, target] += effect * late
        series = y[:, :, target].mean(axis=2) - y[:, :, ~target].mean(axis=2)
        gaps.append(series @ weights)
        sizes.append(yearly_variance(series, late))
        changes.append((y[:, 0] - y[:, 1:].mean(axis=1)) @ weights)
    gap, change, size = np.concatenate(gaps), np.concatenate(changes), np.concatenate(sizes)
    n_obs, cells = n_units * len(target) * len(span), len(target) * len(span)
    tests = {
        "cluster": (_cluster_p(gap, n_obs, cells), 0.0),
        "wild": (_wild_p(gap[: max(samples // 10, 10)], wild_draws, rng), 1 / (wild_draws + 1)),
        "randomization": (_unit_p(gap, size), 1 / n_units),
        "plain randomization": (_unit_p(gap), 1 / n_units),
        "t": (_pooled_p(gap), 0.0),
        "industries": _industry_p(change, target, rng),
    }
    rows = []
    for test, (p_values, smallest) in tests.items():
        for level in levels:
            rate = float((p_values <= level + _SHARE).mean())
            rows.append((test, level, rate, math.sqrt(rate * (1 - rate) / len(p_values)), smallest))
    return pd.DataFrame(rows, columns=["test", "level", "rejected", "error", "smallest_p"])


def _deviations(gap: Floats) -> Floats:
    """Of each unit's change from the mean of the others: the treated unit is the first."""
    n = gap.shape[1]
    d: Floats = (gap - gap.mean(axis=1, keepdims=True)) * n / (n - 1)
    return d


def _unit_p(gap: Floats, variance: Floats | None = None) -> Floats:
    size = np.abs(_deviations(gap))
    if variance is not None:
        n = gap.shape[1]
        size /= np.sqrt(variance + (variance.sum(axis=1, keepdims=True) - variance) / (n - 1) ** 2)
    return (size >= size[:, :1] * (1 - 1e-9)).mean(axis=1)


def _pooled_p(gap: Floats) -> Floats:
    from scipy.special import stdtr

    n = gap.shape[1]
    error = gap[:, 1:].std(axis=1, ddof=1) * math.sqrt(1 + 1 / (n - 1))
    return 2 * stdtr(n - 2, -np.abs(_deviations(gap)[:, 0] / error))


def _robust_t(gap: Floats) -> Floats:
    """Clustered t of the treated unit without the small-sample factor, for every row."""
    n = gap.shape[1]
    x = np.full(n, -1 / n)
    x[0] += 1
    score = x * (gap - gap.mean(axis=1, keepdims=True))
    top = score.sum(axis=1)
    spread = np.sqrt(((score - (top / (x @ x))[:, None] * x**2) ** 2).sum(axis=1))
    return top / np.maximum(spread, 1e-300)


def _cluster_p(gap: Floats, n_obs: int, cells: int) -> Floats:
    """CRV1 as pyfixest has it: only the industry x year effects are not nested in the clusters, and the effect itself."""
    from scipy.special import stdtr

    n = gap.shape[1]
    factor = math.sqrt(n / (n - 1) * (n_obs - 1) / (n_obs - cells - 1))
    return 2 * stdtr(n - 1, -np.abs(_robust_t(gap)) / factor)


def _wild_p(gap: Floats, draws: int, rng: np.random.Generator) -> Floats:
    n = gap.shape[1]
    signs = rng.choice([1.0, -1.0], size=(draws, n))
    own = np.abs(_robust_t(gap))
    p = np.empty(len(gap))
    for row, values in enumerate(gap):
        drawn = np.abs(_robust_t(signs * (values - values.mean())))
        p[row] = (1 + (drawn >= own[row] * (1 - 1e-9)).sum()) / (draws + 1)
    return p


def _industry_p(change: Floats, target: Any, rng: np.random.Generator) -> tuple[Floats, float]:
    labels = labelings(target, 998, int(rng.integers(2**31)))
    m = int(target.sum())
    labeled = change @ labels.T.astype("float64")
    every = np.abs(labeled / m - (change.sum(axis=1, keepdims=True) - labeled) / (len(target) - m))
    return (every >= every[:, :1] * (1 - 1e-9)).mean(axis=1), smallest_p(labels)
