"""Sums over the cells of a part of a partitioned table, a stretch of rows at a time.

They are the numbers that `_kernels` gives of the part read whole, added in the same order. It goes so where the file says of itself
what would otherwise have to be looked for: missing keys, missing or negative values, repeated rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from mic2025lab.engine.aggregates import Aggregates, check_no_overlap
from mic2025lab.engine.by_partition import is_part
from mic2025lab.engine.codes import Codes, combined_blocks
from mic2025lab.engine.frame import Frame, check_nonnegative, check_same_unit, columns_of, read
from mic2025lab.engine.groups import Cells, Groups, add_into, cells_of, dense_span

__all__ = ["VALUE", "Added", "Rows", "Sums", "read_cells", "streaming"]


@dataclass(frozen=True, eq=False)
class Rows:
    """A stretch of rows: key columns, and values."""

    keys: Mapping[str, Codes]
    values: np.ndarray


@dataclass(frozen=True)
class Added:
    """What is made of the rows of a cell: `of` gives a number for each row, `by` joins them; `only` is the mask of the rows meant."""

    of: Callable[[Rows], np.ndarray]
    by: np.ufunc = np.add
    only: Callable[[Rows], np.ndarray] | None = None


VALUE = Added(lambda rows: rows.values)


@dataclass(frozen=True, eq=False)
class Sums:
    """Numbers of the cells of a part, whose rows are gone again."""

    frame: Frame
    groups: Groups
    numbers: dict[str, np.ndarray]

    def cells(self) -> Cells:
        """Make the small table of the cells that have rows."""
        there = self.groups.present
        columns = self.groups.columns
        keys = {c.name: c.at(code) for c, code in zip(columns, self.groups.codes(there), strict=True)}
        return Cells(keys, {name: numbers[there] for name, numbers in self.numbers.items()}, len(there))


@dataclass(frozen=True, eq=False)
class Streaming:
    """A part that can be added up a stretch at a time.

    Attributes
    ----------
    frame
        Its key columns without rows, which have the kinds and labels of the result.
    keys
        The same as codes.
    cell
        Columns of the cells.
    size
        How many cells there can be.
    rows
        The stretches: codes by column, and values.
    """

    frame: Frame
    keys: Mapping[str, Codes]
    cell: tuple[str, ...]
    size: int
    rows: Any

    def add(self, wanted: Mapping[str, Added]) -> Sums | None:
        """Add up; None where a value is not a number, of which a file says nothing of itself. The first of `wanted` is above zero."""
        numbers = {name: np.zeros(self.size) for name in wanted}
        for codes, values in self.rows:
            some = Rows({name: self.keys[name].at(raw) for name, raw in codes.items()}, values)
            at = [some.keys[name] for name in self.cell if name in codes]
            made = {name: (what.of(some), what.only and what.only(some)) for name, what in wanted.items()}
            for block, ids in combined_blocks(at):
                for name, (found, mask) in made.items():
                    chosen = ... if mask is None else np.flatnonzero(mask[block])
                    add = add_into if wanted[name].by is np.add else wanted[name].by.at
                    add(numbers[name], ids[chosen], found[block][chosen])
        if not all(np.isfinite(found.sum()) for found in numbers.values()):
            return None
        groups = Groups(tuple(self.keys[name] for name in self.cell), self.rows.piece.rows, self.size)
        # No value is zero, so a cell has a row where something was added up.
        groups.__dict__["_met"] = next(iter(numbers.values())) > 0
        return Sums(self.frame, groups, numbers)


def streaming(
    table: Any,
    cell: Iterable[str],
    value: str,
    *,
    unique: Iterable[str],
    aggregates: Mapping[str, Aggregates],
    also: Iterable[str] = (),
) -> Streaming | None:
    """Open a part to be added up by `cell`; None if it is no part, or must be read whole to be checked.

    Parameters
    ----------
    table
        What a metric was given.
    cell
        Columns of the cells.
    value
        Column of values.
    unique
        Columns that must tell the rows apart.
    aggregates
        Column -> labels that must not be added to their parts; a table that has one of them is read whole.
    also
        Further key columns that are needed of each row.
    """
    cell = tuple(cell)
    if not is_part(table) or "unit" in table.columns or not table.unique(unique):
        return None
    stream = table.stream([name for name in dict.fromkeys([*cell, *also]) if name != table.key], value)
    if stream is None or not stream.above_zero:
        return None
    if any(set(stream.labels[name].to_pylist()) & set(labels) for name, labels in aggregates.items()):
        return None
    frame, keys = _without_rows(table, stream.labels)
    size = dense_span([keys[name] for name in cell], stream.piece.rows)
    return None if size is None or size == 1 else Streaming(frame, keys, cell, size, stream)


def _without_rows(part: Any, labels: Mapping[str, pa.Array]) -> tuple[Frame, dict[str, Codes]]:
    none = np.zeros(0, np.int16)
    label = pa.array(np.array([part.pieces[0].label], np.int16))
    columns = {part.key: Codes(part.key, none, label)}
    arrays: dict[str, pa.Array] = {part.key: pa.array(none)}
    for name, found in labels.items():
        columns[name] = Codes(name, none, found, pa.dictionary(pa.int16(), found.type))
        arrays[name] = pa.DictionaryArray.from_arrays(pa.array(none), found)
    native = pa.table(arrays)
    return Frame(native, nw.from_native(native), part), columns


def read_cells(
    table: Any,
    keys: Sequence[str],
    value: str,
    *,
    within: Iterable[str],
    over: Sequence[str],
    aggregates: Mapping[str, Aggregates],
    remedy: Mapping[str, str],
) -> tuple[Frame, Cells]:
    """Read a table of values of zero or more and make that of its cells: streamed where it can be, else read whole and checked.

    Parameters
    ----------
    keys
        Columns of the cells: `within`, and those that are added up in them.
    value
        Column of values.
    within
        Columns in which units must be alike.
    over
        Columns to sum over.
    aggregates
        Column -> labels that must not be added to their parts.
    remedy
        Column -> what to do about those, for the message.
    """
    names = columns_of(keys, over)
    if over:
        opened = streaming(table, keys, value, unique=names, aggregates=aggregates)
        sums = None if opened is None else opened.add({"value": VALUE})
        if sums is not None:
            return sums.frame, sums.cells()
    frame = read(table, columns=[*names, value])
    values = frame.numbers(value)
    check_nonnegative(values, value, frame=frame, keys=names)
    check_same_unit(frame, within)
    for name, labels in aggregates.items():
        check_no_overlap(frame.codes(name), labels, remedy=remedy[name])
    return frame, cells_of(frame, keys, {"value": values}, over=over)
