"""Checks of tables and options, each with an error that names the offending rows or values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mic2025lab.engine.codes import SHOWN, row_text, rows_text, some, some_rows
from mic2025lab.engine.groups import combine, strictly_increasing
from mic2025lab.errors import ParameterError, TableError, unknown_name

if TYPE_CHECKING:
    from mic2025lab.engine.frame import Frame


_SAMPLE = 1 << 16  # rows that show which key a table is sorted by first
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
