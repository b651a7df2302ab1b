"""Weighted probit for many sets of weights: the survival probability of the exit correction."""

from __future__ import annotations

import numpy as np

from mic2025lab.models._types import Bools, Floats

_STEPS = 50


def probit(x: Floats, outcome: Floats, weights: Floats) -> Floats:
    """Coefficients by Fisher scoring for one set of frequency weights; nan where it does not converge.

    statsmodels' GLM with frequency weights gives the same (a test holds them together) in some ten times the time, which
    matters because every bootstrap draw needs one.
    """
    from scipy.special import log_ndtr, ndtr

    sign = 2 * outcome - 1
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
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
