"""One economy's change against the changes of others: how unusual is it?

References
----------
Conley, T. G. & C. R. Taber (2011). "Inference with 'Difference in Differences' with a Small Number of Policy Changes." Review of Economics and
Statistics 93(1), 113-125. Their idea, that the untreated show what chance does, without controls.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mic2025lab.engine.frame import read
from mic2025lab.errors import ParameterError
from mic2025lab.models.tables import check_level

__all__ = ["against_others"]


def against_others(
    changes: Any, focus: str, *, of: str = "economy", value: str = "value", level: float = 0.90
) -> tuple[float, float, float]:
    """Compare one change with those of others by placebo.

    The estimate is d = x - median(y), for the change x of `focus` and the changes y of the others. The interval is x - q(y), with q the
    ``(1 + level) / 2`` and ``(1 - level) / 2`` quantiles: it leaves zero out if x is beyond that share of the others.

    Parameters
    ----------
    changes : pandas.Series or table
        One change for each entity, by its name: a series, or a pandas, Polars, or Arrow table. Missing values are left out.
    focus : str
        The entity that is compared; the others are the placebos.
    of, value : str
        Columns of a table: the entities and their changes.
    level : float
        Share of the others between the quantiles.

    Returns
    -------
    tuple of float
        Estimate, low, and high, as `specification_curve` reads them, in the unit of the changes.

    Raises
    ------
    ParameterError
        `focus` has no change, an entity has two, or fewer than three others have one.

    Examples
    --------
    >>> import pandas as pd
    >>> changes = pd.Series([3.0, 0.0, 1.0, 2.0], ["CHN", "USA", "JPN", "KOR"])
    >>> estimate, low, high = against_others(changes, "CHN")
    >>> estimate, round(low, 2), round(high, 2)
    (2.0, 1.1, 2.9)
    """
    check_level(level)
    if hasattr(changes, "columns") or hasattr(changes, "column_names"):
        changes = read(changes, columns=[of, value]).to_pandas().set_index(of)[value]
    known = changes.dropna()
    if not known.index.is_unique:
        twice = known.index[known.index.duplicated()][0]
        raise ParameterError(f"{twice} has more than one change; give one row for each.")
    if focus not in known.index:
        raise ParameterError(f"{focus} has no change to compare; choose years or a table that have it.")
    others = known.drop(focus)
    if len(others) < 3:
        raise ParameterError(
            f"{len(others)} others have a change, and a comparison needs three; choose a larger group."
        )
    low, middle, high = np.quantile(others.to_numpy(dtype=float), [(1 - level) / 2, 0.5, (1 + level) / 2])
    own = float(known[focus])
    return own - float(middle), own - float(high), own - float(low)
