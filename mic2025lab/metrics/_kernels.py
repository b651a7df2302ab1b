"""The kernels of the metrics: sums over coded keys, and the small coded tables they leave.

Everything here works on `Codes` and float64 arrays. A sum over groups is one `numpy.bincount` over the combined key where
the space of keys is not much larger than the number of rows, and otherwise over the keys that occur, found by sorting:
the same numbers either way. Sums of parts of a table add up, so a partitioned table can go through the same kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mic2025lab.metrics._codes import Codes, combine
from mic2025lab.metrics._frames import Frame, check_unique

__all__ = ["Cells", "Groups", "cells_of", "divide", "fill_missing", "group"]

DENSE_FLOOR = 1 << 16  # a space of keys up to this is always affordable
DENSE_PER_ROW = 4  # above it, up to so many cells for each row


def fill_missing(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Values with missing ones as zero, for sums that leave them out, and the mask of the missing (None: there are none)."""
    if not np.isnan(values.sum()):
        return values, None
    missing = np.isnan(values)
    return np.where(missing, 0.0, values), missing


def divide(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """Quotient, missing (nan) where the denominator is zero or missing: never infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / np.where(denominator == 0, 1.0, denominator))


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows that have the same keys, numbered.

    Attributes
    ----------
    columns
        The key columns.
    ids
        The number of each row's group.
    size
        How many groups there are; on a dense space of keys some of them have no row.
    first
        One row of each group (None on a dense space, where a group's number is its combined key).
    """

    columns: tuple[Codes, ...]
    ids: np.ndarray
    size: int
    first: np.ndarray | None

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum of the values in each group."""
        return np.bincount(self.ids, weights=values, minlength=self.size)

    def count(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Count the rows of each group (those of the mask)."""
        return np.bincount(self.ids, minlength=self.size) if mask is None else self.sum(mask).astype(np.int64)

    def place(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """One value a group, taken from the rows of a mask (one a group at most); missing where there is none."""
        table = np.full(self.size, np.nan)
        table[self.ids[rows]] = values[rows]
        return table

    @cached_property
    def present(self) -> np.ndarray:
        """The groups that have rows, in the order of their keys."""
        if self.first is not None:
            return np.arange(self.size)
        met = np.zeros(self.size, np.bool_)
        met[self.ids] = True
        return np.flatnonzero(met)

    def codes(self, groups: np.ndarray) -> list[np.ndarray]:
        """Codes of each key column for some groups."""
        if self.first is not None:
            return [column.raw[self.first[groups]].astype(np.int64) for column in self.columns]
        found: list[np.ndarray] = []
        rest = np.asarray(groups)
        for column in reversed(self.columns):
            if len(column) == 1:
                found.append(np.zeros(len(rest), np.int64))
            else:
                rest, code = np.divmod(rest, len(column))
                found.append(code)
        return found[::-1]


def group(columns: Sequence[Codes], rows: int | None = None) -> Groups:
    """Number the groups of rows with the same keys; `rows` is needed only where there is no key column."""
    count = len(columns[0].raw) if columns else int(rows or 0)
    if not columns:
        return Groups((), np.zeros(count, np.int64), 1, None)
    key, span = combine(columns)
    if span <= max(DENSE_FLOOR, DENSE_PER_ROW * count):
        return Groups(tuple(columns), key, span, None)
    _, first, ids = np.unique(key, return_index=True, return_inverse=True)
    return Groups(tuple(columns), ids, len(first), first)


@dataclass(frozen=True, eq=False)
class Cells:
    """A small coded table: one row for each combination of its keys, in their order, and columns of numbers."""

    keys: dict[str, Codes]
    numbers: dict[str, np.ndarray]
    rows: int

    def by(self, names: Iterable[str]) -> Groups:
        """Group the cells by some of their keys."""
        return group([self.keys[name] for name in names], self.rows)

    def keep(self, mask: np.ndarray) -> Cells:
        """Return some of the cells."""
        return Cells(
            {name: column.keep(mask) for name, column in self.keys.items()},
            {name: values[mask] for name, values in self.numbers.items()},
            int(np.count_nonzero(mask)) if mask.dtype == np.bool_ else len(mask),
        )

    def decoded(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Key columns with their labels, for `Frame.build`."""
        names = self.keys if names is None else names
        return {name: self.keys[name].decode(self.keys[name].raw) for name in names}


def cells_of(
    frame: Frame,
    keys: Sequence[str],
    numbers: Mapping[str, np.ndarray],
    *,
    over: Sequence[str] = (),
    rows: np.ndarray | None = None,
) -> Cells:
    """Make the table of cells of a frame: its rows, or their sums over the columns of `over`.

    Rows must be unique in `keys` and `over` together. A sum leaves missing values out, and is missing where all are.
    """
    hint = (
        "add the repeated rows up first"
        if over
        else "add the repeated rows up first, or name in `over` the column that tells them apart, to sum over it"
    )
    check_unique(frame, [*keys, *over], hint=hint)
    columns = [frame.codes(name) if rows is None else frame.codes(name).keep(rows) for name in keys]
    taken = {name: values if rows is None else values[rows] for name, values in numbers.items()}
    count = len(frame) if rows is None else int(np.count_nonzero(rows))
    if over:
        return _summed(keys, columns, taken, count)
    key, _ = combine(columns)
    cells = Cells(dict(zip(keys, columns, strict=True)), taken, count)
    return cells if bool((key[1:] > key[:-1]).all()) else cells.keep(np.argsort(key, kind="stable"))


def _summed(keys: Sequence[str], columns: list[Codes], numbers: dict[str, np.ndarray], rows: int) -> Cells:
    groups = group(columns, rows)
    there = groups.present
    sums = {}
    for name, values in numbers.items():
        filled, missing = fill_missing(values)
        total = groups.sum(filled)[there]
        if missing is not None:
            total[groups.count(~missing)[there] == 0] = np.nan
        sums[name] = total
    found = {
        name: column.at(code) for name, column, code in zip(keys, columns, groups.codes(there), strict=True)
    }
    return Cells(found, sums, len(there))
