"""Clustered errors of an event study, by pyfixest.

There is no Wald test of the leads here: the clustered covariance of the coefficients has a rank of at most the number of clusters less two, so
that with nearly as many leads the test rejects almost always, or has no inverse. The leads are tested by randomization.
"""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from mic2025lab.errors import ParameterError
from mic2025lab.models._balanced_panel import BalancedPanel
from mic2025lab.models._types import Bools

if TYPE_CHECKING:
    from mic2025lab.models._event_study_result import EventStudy

_TOLERANCE = 1e-12


def _pyfixest() -> Any:
    try:
        import pyfixest
    except ImportError as error:
        raise ParameterError(
            "inference='cluster' is computed by pyfixest, which is not installed: pip install 'mic2025lab[models]'. "
            "'randomization', 't' and 'wild' do not need it."
        ) from error
    return pyfixest


def two_way(study: EventStudy) -> EventStudy:
    """Put in the estimates with unit and year effects and errors clustered by unit."""
    import pandas as pd

    n, periods = study.outcome.shape
    frame = pd.DataFrame(
        {
            "y": study.outcome.ravel(),
            "unit": np.repeat(np.arange(n), periods),
            "year": np.tile(study.year, n),
            "treated": np.repeat(study.treated.astype("float64"), periods),
        }
    )
    return _refit(study, frame, "unit + year", "unit")


def three_way(study: EventStudy, own: BalancedPanel, economy: Bools, target: Bools) -> EventStudy:
    """Put in the estimates with all three pairs of effects and errors clustered by economy."""
    import pandas as pd

    shape = own.values.shape
    c, k, t = (index.ravel() for index in np.indices(shape))
    frame = pd.DataFrame(
        {
            "y": own.values.ravel(),
            "unit": c,
            "year": own.years[t],
            "treated": (economy[c] & target[k]).astype("float64"),
            "ck": c * shape[1] + k,
            "ct": c * shape[2] + t,
            "kt": k * shape[2] + t,
        }
    )
    return _refit(study, frame, "ck + ct + kt", "unit")


def _refit(study: EventStudy, frame: Any, effects: str, cluster: str) -> EventStudy:
    if study.trends:
        raise ParameterError("inference='cluster' has no trends=True; take 'randomization', 't' or 'wild'.")
    pyfixest = _pyfixest()
    frame["x"] = frame["treated"] * (frame["year"] > study.at)
    options = {"vcov": {"CRV1": cluster}, "demeaner": pyfixest.MapDemeaner(fixef_tol=_TOLERANCE)}
    with warnings.catch_warnings():
        # pyfixest 0.60 still uses what pandas 3.1 deprecates; nothing of ours is behind these warnings.
        warnings.simplefilter("ignore", DeprecationWarning)
        static = pyfixest.feols(f"y ~ x | {effects}", frame, **options)
        dynamic = pyfixest.feols(f"y ~ i(year, treated, ref={study.at}) | {effects}", frame, **options)
    table = study.coefficients.copy()
    names = [f"year::{year}:treated" for year in table["year"]]
    bounds = dynamic.confint()
    table["estimate"] = dynamic.coef().reindex(names).fillna(0.0).to_numpy()
    table[["low", "high"]] = bounds.reindex(names).fillna(0.0).to_numpy()
    return dataclasses.replace(
        study,
        estimate=float(static.coef()["x"]),
        std_error=float(static.se()["x"]),
        p_value=float(static.pvalue()["x"]),
        clustered=table,
    )
