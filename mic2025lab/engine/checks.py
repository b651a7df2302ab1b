"""Checks of tables and options, each with an error that names the offending rows or values.

`mic2025lab.classifications.totals` finds the labels that are sums of others. Rows are examined only if there are any: such a total is
beside its parts if both have a row in the same cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mic2025lab.classifications.totals import find_totals
from mic2025lab.engine.codes import SHOWN, Codes, row_text, rows_text, some, some_rows
from mic2025lab.engine.groups import combine, group, strictly_increasing
from mic2025lab.errors import ParameterError, TableError, unknown_name

if TYPE_CHECKING:
    from mic2025lab.engine.frame import Frame


_SAMPLE = 1 << 16  # rows that show which key a table is sorted by first
_TOTALS = 3  # totals that a message names
_BYTE_MAP = 1 << 28  # largest map (one byte a key) on which uniqueness is checked


def check_unique(frame: Frame, keys: Iterable[str], *, hint: str = "add up the repeated rows first") -> None:
    """Raise TableError if two rows have the same keys, naming the first that do.

    A table that is sorted by its keys, in any order of the columns, passes without being sorted again. Otherwise keys are marked
    on a map of bytes, or sorted where the map would be too large.
    """
    wanted = set(keys)
    names = [name for name in frame.columns if name in wanted]
    if frame.part is not None and frame.part.unique(wanted):
        return
    columns = [frame.codes(name) for name in names]
    rows = len(frame)
    # The key that a table is sorted by first changes least from row to row.
    slowest = sorted(
        columns, key=lambda c: np.count_nonzero(c.raw[1:_SAMPLE] != c.raw[: _SAMPLE - 1][: rows - 1])
    )
    if not names or rows < 2 or strictly_increasing(slowest):
        return
    key, span = combine(columns)
    if span <= min(_BYTE_MAP, 64 * rows):
        seen = np.zeros(span, np.bool_)
        seen[key] = True
        if np.count_nonzero(seen) == rows:
            return
    ordered = np.sort(key)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(again) == 0:
        return
    first = [int(np.flatnonzero(key == value)[0]) for value in again[: SHOWN + 1]]
    many = "One combination" if len(again) == 1 else f"{len(again)} combinations"
    raise TableError(
        f"{many} of {', '.join(names)} with more than one row: {some_rows([frame.codes(name) for name in names], first)}. "
        f"{hint[0].upper()}{hint[1:]}."
    )


def check_nonnegative(
    values: np.ndarray, name: str, *, frame: Frame | None = None, keys: Iterable[str] = ()
) -> None:
    """Raise TableError if a value is negative, naming the first rows (by their keys where a frame is given)."""
    if len(values) == 0 or not np.fmin.reduce(values) < 0:
        return
    rows = np.flatnonzero(values < 0)
    columns = [] if frame is None else [frame.codes(key) for key in keys]
    raise TableError(
        f"Column {name!r} is negative in {rows_text(len(rows))}, and this measure is defined for values of zero or more: "
        f"{some_rows(columns, rows, values)}."
    )


def check_positive(values: np.ndarray, name: str) -> None:
    """Raise TableError if a value is zero or negative."""
    rows = np.flatnonzero(values <= 0)
    if len(rows):
        raise TableError(
            f"Column {name!r} must be above zero everywhere, and {rows_text(len(rows))} of those used are not, the first with "
            f"{values[rows[0]]:g}: leave those items out."
        )


def check_known(values: np.ndarray, name: str) -> None:
    """Raise TableError if a value is missing, for measures that need every value."""
    rows = np.flatnonzero(np.isnan(values))
    if len(rows):
        raise TableError(
            f"Column {name!r} is missing in {rows_text(len(rows))} (row {some(rows)}, counted from 0), and this measure needs "
            "every value. Drop those rows, or the cells they belong to."
        )


def check_same_unit(frame: Frame, within: Iterable[str] = (), *, unit: str = "unit") -> None:
    """Raise TableError if rows that would be added (those with the same `within`) have different units.

    A table without the column `unit` passes: its unit is in the catalog entry.
    """
    names = list(within)
    if unit not in frame.columns or unit in names:
        return
    units = frame.codes(unit)
    if int(units.raw.min()) == int(units.raw.max()):
        return
    cell, _ = combine([frame.codes(name) for name in names])
    cell = cell if len(cell) else np.zeros(len(frame), np.int64)
    order = np.lexsort((units.raw, cell))
    cells, coded = cell[order], units.raw[order]
    differ = np.flatnonzero((cells[1:] == cells[:-1]) & (coded[1:] != coded[:-1]))
    if len(differ):
        row = int(order[differ[0]])
        found = sorted(repr(units.labels[int(code)]) for code in np.unique(units.raw[cell == cell[row]]))
        place = f" in {row_text([frame.codes(name) for name in names], row)}" if names else ""
        raise TableError(
            f"Values in different units cannot be added: {', '.join(found)}{place}. "
            f"Convert them to one unit, or select one by the column {unit!r}."
        )


def check_fraction(**options: float) -> None:
    """Raise ParameterError for a threshold that is not a fraction from 0 to 1."""
    for name, number in options.items():
        if isinstance(number, bool) or not 0 <= number <= 1:
            raise ParameterError(f"{name} is {number!r}; it is a fraction from 0 to 1.")


def one_of(name: str, value: str, known: Sequence[str]) -> None:
    """Raise UnknownName if the value of an option is not among those that exist."""
    if value not in known:
        raise unknown_name(name, value, known)


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


def check_added(
    frame: Frame, added: Mapping[str, str | None], keys: Sequence[str], numbers: Mapping[str, np.ndarray]
) -> None:
    """Check the columns whose labels are `added` in the cells of `keys` (column -> option, as for `check_no_overlap`).

    Rows whose numbers are all missing or zero add nothing.
    """

    def cells() -> np.ndarray:
        nothing = np.all([np.isnan(values) | (values == 0) for values in numbers.values()], axis=0)
        return np.where(nothing, -1, group([frame.codes(key) for key in keys], len(frame)).ids)

    for name, option in added.items():
        check_no_overlap(frame.codes(name), option, cells=cells)


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
    shown = list(totals.items())[:_TOTALS]
    more = f" and {len(totals) - len(shown)} more totals" if len(totals) > len(shown) else ""
    listed = ", ".join(f"{total!r} beside {some(parts)}" for total, parts in shown)
    return f"Column {name!r} has {listed}{more}, which are parts of {'it' if len(totals) == 1 else 'them'}"


def _drop(totals: dict[Any, list[Any]]) -> str:
    return f"the rows of {', '.join(map(repr, list(totals)[:8]))}{', …' if len(totals) > 8 else ''} or of the parts"
