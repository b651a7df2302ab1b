"""Rows by several keys: their order, groups of rows with the same keys, and sums over them.

Everything here works on `Codes` and float64 arrays. A sum has a place for every combination of keys if these are not many more
than the rows, and otherwise for the combinations that occur, found by sorting. Both give the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from mic2025lab.engine.codes import BLOCK, Codes, Decoded, blocks

DENSE_FLOOR = 1 << 16  # combinations of keys for which sums are always kept
DENSE_PER_ROW = 4  # above the floor, up to so many combinations for each row


def _varying(columns: Sequence[Codes]) -> list[Codes]:
    """Columns with more than one label, or the first: a constant adds nothing to a key."""
    return [column for column in columns if len(column) != 1] or list(columns[:1])


def strictly_increasing(columns: Sequence[Codes]) -> bool:
    """Return True if each row's keys come after those of the row before, as in a sorted table with unique keys."""
    columns = _varying(columns)
    last = len(columns) - 1
    for rows in blocks(len(columns[0].raw) - 1):
        for place, column in enumerate(columns):
            before, after = column.raw[rows], column.raw[rows.start + 1 : rows.stop + 1]
            back = np.flatnonzero(after <= before if place == last else after < before) + rows.start
            # A key may decrease only where an earlier key increases; earlier keys have passed this test already.
            if len(back):
                increases = np.zeros(len(back), np.bool_)
                for earlier in columns[:place]:
                    increases |= earlier.raw[back + 1] != earlier.raw[back]
                if not increases.all():
                    return False
    return True


def combine(columns: Sequence[Codes]) -> tuple[np.ndarray, int]:
    """Combine keys into one int64 a row, equal where all keys are equal, and return how many values it can take."""
    columns = _varying(columns)
    if not columns:
        return np.zeros(0, np.int64), 1
    span = math.prod(len(column) for column in columns)
    if span <= np.iinfo(np.int64).max:
        key = np.empty(len(columns[0].raw), np.int64)
        for rows, block in combined_blocks(columns):
            key[rows] = block
        return key, span
    # Too many combinations for int64: number only those that occur, of all columns but the last.
    first, _ = combine(columns[:-1])
    distinct, key = np.unique(first, return_inverse=True)
    return key * len(columns[-1]) + columns[-1].raw, len(distinct) * len(columns[-1])


def combined_blocks(columns: Sequence[Codes]) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield what `combine` returns block by block, without an array as long as the table. A block is overwritten by the next."""
    columns = _varying(columns)
    narrow = math.prod(map(len, columns)) < 1 << 31
    key: np.ndarray = np.empty(BLOCK, np.int32) if narrow else np.empty(BLOCK, np.int64)
    for rows in blocks(len(columns[0].raw)):
        block = key[: rows.stop - rows.start]
        block[:] = columns[0].raw[rows]
        for column in columns[1:]:
            block *= len(column)
            block += column.raw[rows]
        yield rows, block


def fill_missing(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Replace missing values by zero, for sums that leave them out, and return the mask of the missing (None if none are)."""
    if not np.isnan(values.sum()):
        return values, None
    missing = np.isnan(values)
    return np.where(missing, 0.0, values), missing


def divide(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """Quotient, missing (nan) where the denominator is zero or missing, and never infinite."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = np.asarray(np.divide(numerator, denominator))
    if not np.all(denominator):
        np.copyto(result, np.nan, where=np.equal(denominator, 0))
    return result


def in_range(total: np.ndarray) -> np.ndarray:
    """Mask of the sums whose squares neither overflow nor lose digits."""
    return (total == 0) | ((total > 1e-140) & (total < 1e150))


def squares(values: np.ndarray) -> np.ndarray:
    """Squares, infinite or zero where they are no floating-point numbers: `in_range` tells where."""
    with np.errstate(over="ignore", under="ignore"):
        return np.square(values)


@dataclass(frozen=True)
class Reduction:
    """How the values of a group become one number: `each` is applied to the values, `combine` joins them.

    With `only`, a supplier or a tuple of suppliers, other rows are left out.
    """

    each: Callable[[np.ndarray], np.ndarray] | None = None
    combine: np.ufunc = np.add
    only: Any = None


#: What the Herfindahl-Hirschman index is made of.
INDEX = {"total": Reduction(), "squares": Reduction(squares)}


def reduce_into(
    numbers: Mapping[str, np.ndarray],
    wanted: Mapping[str, Reduction],
    ids: np.ndarray,
    values: np.ndarray,
    masks: Mapping[str, np.ndarray],
) -> None:
    """Join values to the numbers of their groups, in order; those of a mask if there is one of that name.

    Raises
    ------
    IndexError
        A group that has no number, or values without groups.
    """
    size = len(next(iter(numbers.values())))
    # SciPy's loop checks neither lengths nor bounds.
    if len(ids) != len(values) or (len(ids) and (ids.min() < 0 or ids.max() >= size)):
        raise IndexError(f"{len(values)} values in {len(ids)} groups, or a group that is not among {size}")
    for name, one in wanted.items():
        rows = np.flatnonzero(masks[name]) if name in masks else ...
        found = values[rows] if one.each is None else one.each(values[rows])
        found, number = found.astype(np.float64, copy=False), numbers[name]
        if size == 1:
            number[0] = one.combine.reduce(found, initial=number[0])
        elif one.combine is np.add:
            adder()(number, ids[rows], found)
        else:  # NumPy casts other integers more slowly
            one.combine.at(number, ids[rows].astype(np.intp), found)


@cache
def adder() -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    """Return a function that adds each value to the total of its group, in order, without holding Python's lock as `numpy.add.at` does.

    It is the loop of SciPy's sparse products, or `numpy.add.at` if SciPy has no loop that gives the same sums.
    The loop adds a column of a sparse matrix, times 1, to a vector in order. It is private to SciPy, so it is tested before use.
    No public call is as fast. CPU time of RCA and HHI over 12 million rows, relative to this loop: `numpy.add.at` 1.08 and 1.10
    (and it holds Python's lock, so two threads do not add at once), `numpy.bincount` 1.5 and 1.2, a product with
    `scipy.sparse.csc_array` 1.4 and 1.0, `numpy.add.reduceat` on sorted keys 2.2 and 6.1.
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
        How many groups there are. If sums are dense, some groups have no row.
    first
        One row of each group. None if sums are dense: then a group's number is its combined key.
    numbers
        The number of each row's group, if sums are not dense.
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

    def _blocks(self, stretch: slice = slice(None)) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows of a stretch and their groups, block by block, computed on the way unless `ids` has been used already."""
        if self.size > 1 and self.numbers is None and "ids" not in self.__dict__:
            return combined_blocks([column.at(column.raw[stretch]) for column in self.columns])
        ids = self.ids[stretch]
        return iter([(slice(0, len(ids)), ids)])

    def reduce(
        self,
        values: np.ndarray,
        wanted: Mapping[str, Reduction],
        masks: Mapping[str, np.ndarray] | None = None,
    ) -> dict[str, np.ndarray]:
        """Reduce the values of each group to some numbers, those of a mask if there is one of that name; zero where there is no row."""
        numbers, masks = {name: np.zeros(self.size) for name in wanted}, masks or {}
        first = next(iter(wanted))
        # If all values are above zero, so are the sums of the groups with rows.
        shown = "has_rows" not in self.__dict__ and first not in masks and wanted[first].each is None
        for rows, ids in self._blocks():
            chosen = {name: mask[rows] for name, mask in masks.items()}
            reduce_into(numbers, wanted, ids, values[rows], chosen)
            shown = shown and bool(values[rows].min(initial=np.inf) > 0)
        if shown:
            self.__dict__["has_rows"] = numbers[first] > 0
        return numbers

    def sum(
        self,
        values: np.ndarray,
        of: Callable[[np.ndarray], np.ndarray] | None = None,
        only: np.ndarray | None = None,
    ) -> np.ndarray:
        """Sum the values in each group, after a function (such as `numpy.square`) and only for the rows of a mask if given."""
        return self.reduce(values, {"": Reduction(of)}, {} if only is None else {"": only})[""]

    def max(self, values: np.ndarray) -> np.ndarray:
        """Largest value of each group; zero where none is above it."""
        return self.reduce(values, {"": Reduction(combine=np.maximum)})[""]

    def count(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Count the rows of each group (those of the mask)."""
        return self.sum(np.broadcast_to(True, self.rows) if mask is None else mask).astype(np.int64)

    def place(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Take one value a group from the rows of a mask (at most one a group); missing where there is none."""
        table = np.full(self.size, np.nan)
        table[self.ids[rows]] = values[rows]
        return table

    def spread(self, numbers: np.ndarray) -> np.ndarray:
        """Number of each row's group."""
        if self.size == 1:
            return np.broadcast_to(numbers, self.rows)
        result = np.empty(self.rows, numbers.dtype)
        for rows, ids in self._blocks():
            np.take(numbers, ids, out=result[rows], mode="clip")  # twice as fast as numbers[ids]
        return result

    def quotient(
        self, values: np.ndarray, total: np.ndarray, result: np.ndarray | None = None, threads: int = 1
    ) -> np.ndarray:
        """Each row's value over the number of its group; missing where that is zero or missing."""
        result = np.empty(self.rows) if result is None else result
        whole = np.where(total == 0, np.nan, total)

        def fill(start: int, stop: int) -> None:
            into, over = result[start:stop], values[start:stop]
            with np.errstate(invalid="ignore", over="ignore"):
                for rows, ids in self._blocks(slice(start, stop)):
                    place = np.take(whole, ids, out=into[rows], mode="clip")  # twice as fast as whole[ids]
                    np.divide(over[rows], place, out=place)

        cuts = [self.rows * number // threads for number in range(threads + 1)]
        with ThreadPoolExecutor(threads) as pool:
            list((pool.map if threads > 1 else map)(fill, cuts[:-1], cuts[1:]))
        return result

    @cached_property
    def has_rows(self) -> np.ndarray:
        """Mask of the groups that have rows."""
        return self.count() > 0

    @cached_property
    def present(self) -> np.ndarray:
        """The groups that have rows, in the order of their keys."""
        dense = self.first is None and self.size > 1
        return np.flatnonzero(self.has_rows) if dense else np.arange(self.size)

    def codes(self, groups: np.ndarray) -> list[np.ndarray]:
        """Codes of each key column for some groups, in the column's own integer type."""
        if self.first is not None:
            return [column.raw[self.first[groups]] for column in self.columns]
        narrow = np.int32 if self.size <= np.iinfo(np.int32).max else np.int64  # divides twice as fast
        codes = [np.zeros(len(groups), column.raw.dtype) for column in self.columns]
        for rows in blocks(len(groups)):  # in the cache: new memory costs more than dividing
            rest: np.ndarray = groups[rows].astype(narrow)
            for column, code in zip(reversed(self.columns), reversed(codes), strict=True):
                if len(column) > 1:
                    above = rest // len(column)
                    code[rows] = rest - above * len(column)
                    rest = above
        return codes

    def at(self, groups: np.ndarray) -> dict[str, Codes]:
        """Key columns of some groups, one row per group."""
        return {c.name: c.at(code) for c, code in zip(self.columns, self.codes(groups), strict=True)}

    def decode(self, groups: np.ndarray) -> dict[str, Decoded]:
        """Labels of some groups, for `Frame.build`."""
        return {c.name: c.decode(code) for c, code in zip(self.columns, self.codes(groups), strict=True)}


def concentration(
    groups: Groups, values: np.ndarray, sums: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Herfindahl-Hirschman index of every group, missing where it adds up to zero.

    Its `sums` are those of `INDEX`, and the squares are overwritten. If they are given and all `in_range`, no values are needed.
    """
    sums = groups.reduce(values, INDEX) if sums is None else sums
    total, index = sums["total"], sums["squares"]
    regular = True
    for rows in blocks(len(index)):  # in place, and in the cache: new memory costs more than dividing
        index[rows] = divide(index[rows], squares(total[rows]))
        regular = regular and bool(in_range(total[rows]).all())
    if not regular:  # squares that are no floating-point numbers: of shares of the largest, they are
        part = divide(values, groups.max(values)[groups.ids])
        part[np.isnan(part)] = 0.0
        odd = ~in_range(total)
        index[odd] = divide(groups.sum(part, np.square), np.square(groups.sum(part)))[odd]
    return index


def largest(groups: Groups, values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code and value of the largest row of each group; of equal ones the first label, and -1 if none is above zero."""
    most = groups.max(values)
    rows = np.flatnonzero((values == most[groups.ids]) & (values > 0))
    nobody = np.iinfo(np.int64).max
    who = np.full(groups.size, nobody)
    np.minimum.at(who, groups.ids[rows], codes[rows].astype(np.int64))
    who[who == nobody] = -1
    return who, most


def dense_span(columns: Sequence[Codes], rows: int) -> int | None:
    """Return how many combinations of keys there are if sums are kept for all of them, and None if only for those that occur."""
    span = math.prod(len(column) for column in columns)
    return span if not columns or span <= max(DENSE_FLOOR, DENSE_PER_ROW * rows) else None


def group(columns: Sequence[Codes], rows: int | None = None) -> Groups:
    """Number the groups of rows with the same keys. `rows` is needed only if there is no key column."""
    count = len(columns[0].raw) if columns else int(rows or 0)
    span = dense_span(columns, count)
    if span is not None:
        return Groups(tuple(columns), count, span)
    _, first, ids = np.unique(combine(columns)[0], return_index=True, return_inverse=True)
    return Groups(tuple(columns), count, len(first), first, ids)
