"""Labels that are sums of others, so that no metric adds a total to its own parts, and no model uses both as units.

`mic2025lab.classifications.totals` finds the totals among the labels of a column. Rows are examined only if there are any: a total is
beside its parts if both have a row in the same cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mic2025lab.classifications.totals import find_totals
from mic2025lab.engine.codes import Codes, some
from mic2025lab.errors import TableError

__all__ = ["check_no_overlap", "check_units", "find_totals"]

_SHOWN = 3  # totals that a message names


def check_no_overlap(
    column: Codes,
    option: str | None = None,
    *,
    used: np.ndarray | None = None,
    cells: Callable[[], np.ndarray] | None = None,
) -> None:
    """Raise TableError if a total and one of its parts are both in a column whose labels are added.

    Parameters
    ----------
    column
        The column whose labels are added.
    option
        How the metric takes a total's row as the total, such as ``world=…``, for the message.
    used
        Mask of the rows that are added (all by default).
    cells
        Function that returns a number for each row: only rows with the same one are added, and none with -1. All are by default.
    """
    totals = find_totals(column.labels)
    if not totals:
        return
    ids = np.zeros(len(column.raw), np.int64) if cells is None else cells()
    ids = ids if used is None else np.where(used, ids, -1)
    found = {total: _in_same_cells(column, ids, total, parts) for total, parts in totals.items()}
    beside = {total: parts for total, parts in found.items() if parts}
    if beside:
        remedy = f"Take its row as the total with {option}, or drop" if option else "Drop"
        raise TableError(
            f"{_found(column.name, beside)}: adding them would count them twice. {remedy} {_drop(beside)}; "
            "rename a label that is not a total."
        )


def check_units(name: str, labels: Iterable[Any], *, remedy: str = "drop") -> None:
    """Raise TableError if a total is a unit of a model beside its parts.

    Parameters
    ----------
    name
        Column of the units.
    labels
        The units that the model uses.
    remedy
        What the model offers, such as ``leave out with exclude=…``, for the message.
    """
    totals = find_totals(labels)
    if totals:
        raise TableError(
            f"{_found(name, totals)}: a total and its parts cannot both be units, because a total used as a control contains the treated unit. "
            f"{remedy[0].upper()}{remedy[1:]} {_drop(totals)}; rename a label that is not a total."
        )


def _in_same_cells(column: Codes, ids: np.ndarray, total: Any, parts: Iterable[Any]) -> list[Any]:
    """Find the parts with a row in a cell in which the total has one."""
    is_part, labels = np.zeros(len(column), np.bool_), column.labels
    is_part[[labels.index(part) for part in parts]] = True
    rows = is_part[column.raw] & (ids >= 0)
    rows &= np.isin(ids, ids[column.raw == labels.index(total)])
    return [labels[code] for code in np.unique(column.raw[rows])]


def _found(name: str, totals: dict[Any, list[Any]]) -> str:
    """Name the totals of a column and some of their parts."""
    shown = list(totals.items())[:_SHOWN]
    more = f" and {len(totals) - len(shown)} more totals" if len(totals) > len(shown) else ""
    listed = ", ".join(f"{total!r} beside {some(parts)}" for total, parts in shown)
    return f"Column {name!r} has {listed}{more}, which are parts of {'it' if len(totals) == 1 else 'them'}"


def _drop(totals: dict[Any, list[Any]]) -> str:
    return f"the rows of {', '.join(map(repr, list(totals)[:8]))}{', …' if len(totals) > 8 else ''} or of the parts"
