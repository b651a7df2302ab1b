"""Weights of a synthetic control: least squares on the simplex, and pysyncon's search for the weights of predictors around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._predictors import varies
from mic2025lab.models._types import Floats


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
    donors: Floats, target: Floats, donor_outcomes: Floats, outcome: Floats, *, method: str, initial: str
) -> tuple[Floats, Floats]:
    """Unit weights, and weights of the predictors, chosen so that outcomes before the date fit best (Abadie & Gardeazabal 2003).

    pysyncon searches for the weights of the predictors (rows of `donors` and `target`); the least squares inside its loop are
    `simplex_weights`, which is exact and some hundred times as fast as the SLSQP it would use.
    """
    import pandas as pd

    used = np.asarray(varies(np.column_stack([donors, target])))
    if not used.any():
        raise TableError("No predictor differs between the units that are compared: give others, or none.")
    donors, target = donors[used], target[used]

    class Exact(_pysyncon().Synth):  # type: ignore[misc]
        @staticmethod
        def w_optimize(
            V_mat: Any, X0: Any, X1: Any, qp_method: str = "", qp_options: Any = None
        ) -> tuple[Floats, float]:
            root = np.sqrt(np.diag(V_mat))[:, None]
            w = simplex_weights(root * X0, root[:, 0] * X1)
            gap = root[:, 0] * X1 - (root * X0) @ w
            return w, float(gap @ gap)

    synth = Exact()
    names = [str(number) for number in range(donors.shape[1])]
    try:
        synth.fit(
            X0=pd.DataFrame(donors, columns=names),
            X1=pd.Series(target, name="treated"),
            Z0=pd.DataFrame(donor_outcomes, columns=names),
            Z1=pd.Series(outcome, name="treated"),
            optim_method=method,
            optim_initial=initial,
        )
    except ValueError as error:
        raise ParameterError(
            f"pysyncon cannot search with optim_method={method!r} and optim_initial={initial!r}: {error}"
        ) from error
    importance = np.zeros(len(used))
    importance[used] = synth.V
    return np.asarray(synth.W), importance


def _pysyncon() -> Any:
    try:
        import pysyncon
    except ImportError as error:
        raise ParameterError(
            "Predictors are weighted by pysyncon, which is not installed: pip install 'mic2025lab[models]'. Without predictors the "
            "outcomes before the date are matched, and it is not needed."
        ) from error
    return pysyncon
