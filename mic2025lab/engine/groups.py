"""The kernels of the metrics: sums over coded keys, and the small coded tables they leave.

Everything here works on `Codes` and float64 arrays. A sum over groups has a place for every combined key where the
space of keys is not much larger than the number of rows, and otherwise for the keys that occur, found by sorting: the same
numbers either way. Sums of parts of a table add up, so a partitioned table can go through the same kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from mic2025lab.engine.codes import Codes, combine, combined_blocks
from mic2025lab.engine.frame import Frame, check_unique

__all__ = ["Cells", "Groups", "add_into", "cells_of", "dense_span", "divide", "fill_missing", "group"]

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
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = np.asarray(np.divide(numerator, denominator))
    if not np.all(denominator):
        np.copyto(result, np.nan, where=np.equal(denominator, 0))
    return result


def add_into(total: np.ndarray, ids: np.ndarray, values: np.ndarray) -> None:
    """Add each value to the total of its group, one after the other: `numpy.add.at`, without holding Python's lock.

    Raises
    ------
    IndexError
        A group that is not among those of `total`.
    """
    if not len(ids):
        return
    if ids.min() < 0 or ids.max() >= len(total):  # scipy's loop would write beside the totals
        raise IndexError(f"group {ids.min()} or {ids.max()} is not among {len(total)}")
    _adder()(total, ids, values.astype(np.float64, copy=False))


@cache
def _adder() -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    """Find the loop that scipy's sparse products are made of; numpy's where there is none that gives the same sums.

    A column of a sparse matrix times 1 is added to a vector, in order. The loop is internal to scipy, and so is tried first.
    """

    def add(total: np.ndarray, ids: np.ndarray, values: np.ndarray) -> None:
        matvec(len(total), 1, np.array([0, len(ids)], ids.dtype), ids, values, one, total)

    one, total = np.ones(1), np.array([0.5, 0.25, 0.0])
    try:
        from scipy.sparse._sparsetools import csc_matvec as matvec

        add(total, np.array([1, 0, 1]), np.array([1.0, 2.0, 4.0]))
    except (ImportError, TypeError, ValueError):
        return np.add.at
    return add if total.tolist() == [2.5, 5.25, 0.0] else np.add.at


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows that have the same keys, numbered.

    Attributes
    ----------
    columns
        The key columns.
    rows
        How many rows there are.
    size
        How many groups there are; on a dense space of keys some of them have no row.
    first
        One row of each group (None on a dense space, where a group's number is its combined key).
    numbers
        The number of each row's group, where the space of keys is not dense.
    """

    columns: tuple[Codes, ...]
    rows: int
    size: int
    first: np.ndarray | None = None
    numbers: np.ndarray | None = None

    @cached_property
    def ids(self) -> np.ndarray:
        """The number of each row's group."""
        if self.numbers is not None:
            return self.numbers
        return combine(self.columns)[0] if self.size > 1 else np.zeros(self.rows, np.int64)

    def _blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows and their groups, block by block; made on the way where no one has asked for all of them."""
        if self.numbers is None and "ids" not in self.__dict__:
            return combined_blocks(self.columns)
        return iter([(slice(0, self.rows), self.ids)])

    def sum(
        self,
        values: np.ndarray,
        of: Callable[[np.ndarray], np.ndarray] | None = None,
        only: np.ndarray | None = None,
    ) -> np.ndarray:
        """Sum of the values in each group, of what a function (such as `numpy.square`) makes of each, or of those of a mask."""
        if self.size == 1:
            chosen = values if only is None else values[only]
            return np.array([(chosen if of is None else of(chosen)).sum()], np.float64)
        total = np.zeros(self.size)
        above = only is None
        for rows, ids in self._blocks():
            block = values[rows].astype(np.float64, copy=False)
            if only is not None:
                chosen = np.flatnonzero(only[rows])
                ids, block = ids[chosen], block[chosen]
            block = block if of is None else of(block)
            add_into(total, ids, block)  # in place: nothing of the table's length is made
            above = above and bool(block.min(initial=np.inf) > 0)
        if above and "_met" not in self.__dict__:
            # Where all values are above zero, so are the sums of the groups with rows.
            self.__dict__["_met"] = total > 0
        return total

    def max(self, values: np.ndarray) -> np.ndarray:
        """Largest value of each group; zero where none is above it."""
        most = np.zeros(self.size)
        for rows, ids in self._blocks() if self.size > 1 else iter([(slice(0, self.rows), self.ids)]):
            np.maximum.at(most, ids, values[rows])
        return most

    def count(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Count the rows of each group (those of the mask)."""
        if mask is not None:
            return self.sum(mask).astype(np.int64)
        total = np.zeros(self.size, np.int64)
        if self.size == 1:
            return total + self.rows
        for rows, ids in self._blocks():
            np.add.at(total, ids, np.ones(rows.stop - rows.start, np.int64))
        return total

    def place(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """One value a group, taken from the rows of a mask (one a group at most); missing where there is none."""
        table = np.full(self.size, np.nan)
        table[self.ids[rows]] = values[rows]
        return table

    def quotient(self, values: np.ndarray, total: np.ndarray) -> np.ndarray:
        """Each row's value over the number of its group; missing where that is zero or missing."""
        if self.size == 1:
            return divide(values, total)
        result = np.empty(self.rows)
        for rows, ids in self._blocks():
            result[rows] = divide(values[rows], total[ids])
        return result

    @cached_property
    def _met(self) -> np.ndarray:
        met = np.zeros(self.size, np.bool_)
        for _, ids in self._blocks():
            met[ids] = True
        return met

    @cached_property
    def present(self) -> np.ndarray:
        """The groups that have rows, in the order of their keys."""
        dense = self.first is None and self.size > 1
        return np.flatnonzero(self._met) if dense else np.arange(self.size)

    def codes(self, groups: np.ndarray) -> list[np.ndarray]:
        """Codes of each key column for some groups, of the column's own type."""
        if self.first is not None:
            return [column.raw[self.first[groups]] for column in self.columns]
        found: list[np.ndarray] = []
        narrow = np.int32 if self.size <= np.iinfo(np.int32).max else np.int64  # divides twice as fast
        rest: np.ndarray = np.asarray(groups).astype(narrow)
        for column in reversed(self.columns):
            kind = column.raw.dtype
            if len(column) == 1:
                found.append(np.zeros(len(rest), kind))
            else:
                above = rest // len(column)
                rest -= above * len(column)
                found.append(rest.astype(kind))
                rest = above
        return found[::-1]


def dense_span(columns: Sequence[Codes], rows: int) -> int | None:
    """How many combinations of keys there can be, if sums of so many rows are to be kept for each; None if for those that occur."""
    span = math.prod(len(column) for column in columns)
    return span if not columns or span <= max(DENSE_FLOOR, DENSE_PER_ROW * rows) else None


def group(columns: Sequence[Codes], rows: int | None = None) -> Groups:
    """Number the groups of rows with the same keys; `rows` is needed only where there is no key column."""
    count = len(columns[0].raw) if columns else int(rows or 0)
    span = dense_span(columns, count)
    if span is not None:
        return Groups(tuple(columns), count, span)
    _, first, ids = np.unique(combine(columns)[0], return_index=True, return_inverse=True)
    return Groups(tuple(columns), count, len(first), first, ids)


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
    filled = {name: fill_missing(values) for name, values in numbers.items()}
    totals = {name: (groups.sum(values), missing) for name, (values, missing) in filled.items()}
    there = groups.present  # after the sums, which tell where nothing is zero
    sums = {}
    for name, (total, missing) in totals.items():
        sums[name] = total[there]
        if missing is not None:
            sums[name][groups.count(~missing)[there] == 0] = np.nan
    found = {
        name: column.at(code) for name, column, code in zip(keys, columns, groups.codes(there), strict=True)
    }
    return Cells(found, sums, len(there))
