"""Cells of a table: `read_cells` is the single entry point of metrics by cell (group).

It opens the table, checks its columns, values, units, aggregates and duplicates, and sums over columns, in one call. One file of a
partitioned table is added up a batch of rows at a time (`stream_sums`) if its metadata show what would otherwise have to be checked:
no missing keys, no missing or negative values, no repeated rows. The results equal those of the file read whole, with values added in
the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.classifications.totals import find_totals
from mic2025lab.engine.checks import (
    check_added,
    check_known,
    check_nonnegative,
    check_same_unit,
    check_unique,
)
from mic2025lab.engine.codes import Codes, Decoded, blocks, has_same_label, row_text
from mic2025lab.engine.frame import Frame, columns_of, read
from mic2025lab.engine.groups import (
    Groups,
    Reduction,
    combine,
    combined_blocks,
    dense_span,
    fill_missing,
    group,
    in_range,
    reduce_into,
)
from mic2025lab.engine.parts import Part

_ADD_UP = "add up the repeated rows first"
_ADD_UP_OR_OVER = f"{_ADD_UP}, or name in `over` the column that tells them apart, to sum over it"


@dataclass(frozen=True, eq=False)
class Cells:
    """A coded table with one row per cell: key columns, columns of numbers, and the table they came from."""

    frame: Frame
    keys: dict[str, Codes]
    numbers: dict[str, np.ndarray]
    rows: int

    @property
    def values(self) -> np.ndarray:
        """The first column of numbers."""
        return next(iter(self.numbers.values()))

    def by(self, names: Iterable[str]) -> Groups:
        """Group the cells by some of their keys."""
        return group([self.keys[name] for name in names], self.rows)

    def keep(self, chosen: np.ndarray) -> Cells:
        """Select cells by a mask or by positions."""
        if chosen.dtype == np.bool_ and chosen.all():
            return self
        keys = {name: column.keep(chosen) for name, column in self.keys.items()}
        numbers = {name: values[chosen] for name, values in self.numbers.items()}
        rows = int(np.count_nonzero(chosen)) if chosen.dtype == np.bool_ else len(chosen)
        return replace(self, keys=keys, numbers=numbers, rows=rows)

    def sorted(self) -> Cells:
        """Put the cells in the order of their keys."""
        key, _ = combine(list(self.keys.values()))
        return self if bool((key[1:] > key[:-1]).all()) else self.keep(np.argsort(key, kind="stable"))

    def total(self, names: Iterable[str]) -> Cells:
        """Sum over all keys but these. A sum leaves missing values out, and is missing where all are."""
        groups = self.by(names)
        numbers = {}
        for name, values in self.numbers.items():
            filled, missing = fill_missing(values)
            numbers[name] = groups.sum(filled)
            if missing is not None:
                numbers[name][groups.count(~missing) == 0] = np.nan
        return cells_of(self.frame, groups, numbers)

    def has(self, name: str, label: Any = None) -> np.ndarray:
        """Mask of the cells with a label in a key column; all cells if no label is given."""
        if label is None:
            return np.ones(self.rows, np.bool_)
        return self.keys[name].raw == self.keys[name].find(label)

    def decode(self, names: Iterable[str] | None = None) -> dict[str, Decoded]:
        """Key columns (all by default) with their labels."""
        names = self.keys if names is None else names
        return {name: self.keys[name].decode(self.keys[name].raw) for name in names}

    def build(self, columns: Mapping[str, Any], names: Iterable[str] | None = None) -> Any:
        """Make a table of the caller's kind from key columns (all by default) and results, one row per cell."""
        return self.frame.build({**self.decode(names), **columns})


def cells_of(frame: Frame, groups: Groups, numbers: Mapping[str, np.ndarray]) -> Cells:
    """Make a cell of each group that has rows, from numbers of all groups, which are overwritten."""
    present, chosen = groups.present, dict[str, np.ndarray]()
    for name, values in numbers.items():
        for rows in blocks(len(present)):  # to the front, without new memory: no group moves back
            values[rows] = values[present[rows]]
        front = values[: len(present)]
        chosen[name] = front if 2 * len(present) > len(values) else front.copy()
    return Cells(frame, groups.at(present), chosen, len(present))


def read_cells(
    table: Any,
    keys: str | Iterable[str],
    values: str | Iterable[str],
    *,
    within: Iterable[str] = (),
    over: str | Iterable[str] | None = None,
    added: Mapping[str, str | None] | None = None,
    nonnegative: bool | Iterable[str] = True,
    known: bool = False,
    unique: bool = True,
    rows: Callable[[Frame], np.ndarray] | None = None,
    sort: bool = True,
    attach: bool = False,
) -> Cells:
    """Read a table, check it, and return its cells.

    Parameters
    ----------
    table
        What the metric was given: pandas, Polars, Arrow, or a part of a partitioned table.
    keys
        Columns of the cells.
    values
        Columns of numbers.
    within
        Columns within which units must be the same.
    over
        Columns to sum over. None if the metric has no such option, for the message about repeated rows.
    added
        Columns whose labels are added up (those of `over` always are) -> how the metric takes a total's row as the total, such as
        ``world=…``, or None. A total beside its parts, in cells of the other columns, is an error.
    nonnegative
        Whether values must be zero or more, or the columns of which they must.
    known
        Whether missing values are an error.
    unique
        Whether `keys` and `over` must identify rows.
    rows
        Function of the frame that returns the mask of the rows to keep. Checks look at all rows.
    sort
        Whether to sort the cells by their keys. Otherwise they stay in the order of the table.
    attach
        Whether the result is the table with columns added, where nothing is summed over. Then nothing is sorted.

    Raises
    ------
    TableError
        Missing column, missing key, negative or missing values where they are not allowed, mixed units, an aggregate beside its
        parts, repeated rows.
    """
    keys, summed = columns_of(keys), columns_of(over)
    numbers = tuple(dict.fromkeys([values] if isinstance(values, str) else values))
    names = columns_of(keys, summed)
    added = dict.fromkeys(summed) | dict(added or {})
    if summed and rows is None and len(numbers) == 1:
        sums = stream_sums(table, keys, numbers[0], {numbers[0]: Reduction()}, unique=names, added=added)
        if sums is not None:
            return cells_of(*sums)
    frame = read(table, columns=[*names, *numbers], attach=attach and not summed)
    data = {name: frame.numbers(name) for name in numbers}
    for name, column in data.items():
        if nonnegative is True or (nonnegative and name in columns_of(nonnegative)):
            check_nonnegative(column, name, frame=frame, keys=names)
        if known:
            check_known(column, name)
    check_same_unit(frame, within)
    check_added(frame, added, [name for name in keys if name not in added], data)
    kept = None if rows is None else rows(frame)
    if unique:
        check_unique(frame, names, hint=_ADD_UP if over is None else _ADD_UP_OR_OVER)
    cells = Cells(frame, {name: frame.codes(name) for name in names}, data, len(frame))
    cells = cells if kept is None else cells.keep(kept)
    if summed:
        return cells.total(keys)
    return cells.sorted() if sort and not attach else cells


Result = tuple[dict[str, Codes], dict[str, np.ndarray]]  # of one `within`: key columns and numbers


def by_matrix(
    cells: Cells,
    within: Iterable[str],
    of: str,
    item: str,
    result: Callable[[Codes, Codes, list[np.ndarray], str], Result],
) -> Any:
    """Stack what a function makes of the sorted cells of each `within`.

    The function is given the rows (`of`), the columns (`item`), a matrix for each number (zero where there is no cell), and the
    `within` in words for messages.
    """
    where = cells.by(within)
    # Each `within` is one stretch of cells.
    bounds = [0, *(np.flatnonzero(np.diff(where.ids)) + 1).tolist(), cells.rows]
    firsts = where.at(where.ids[bounds[:-1]])
    owner, product = cells.keys[of], cells.keys[item]
    parts = []
    for number, (start, stop) in enumerate(pairwise(bounds)):
        owners, row = owner.ranks(owner.raw[start:stop])
        products, column = product.ranks(product.raw[start:stop])
        matrices = []
        for values in cells.numbers.values():
            matrices.append(np.zeros((len(owners), len(products))))
            matrices[-1][row, column] = values[start:stop]
        place = f" ({row_text(firsts.values(), number)})" if firsts else ""
        parts.append(result(owner.at(owners), product.at(products), matrices, place))
    lengths = [len(next(iter(numbers.values()))) for _, numbers in parts]
    columns: dict[str, Any] = {name: key.decode(np.repeat(key.raw, lengths)) for name, key in firsts.items()}
    for name, key in parts[0][0].items():
        columns[name] = key.decode(np.concatenate([keys[name].raw for keys, _ in parts]))
    for name in parts[0][1]:
        columns[name] = np.concatenate([numbers[name] for _, numbers in parts])
    return cells.frame.build(columns)


def stream_sums(
    table: Any,
    cell: Iterable[str],
    value: str,
    wanted: Mapping[str, Reduction],
    *,
    unique: Iterable[str],
    added: Iterable[str],
    of: str | None = None,
    importer: str | None = None,
) -> tuple[Frame, Groups, dict[str, np.ndarray]] | None:
    """Add up a part in batches; None if `table` is not a part, or must be read whole to be checked.

    Parameters
    ----------
    table
        What the metric was given.
    cell
        Columns of the cells.
    value
        Column of values.
    wanted
        Numbers of each cell. The first must be above zero in every cell with rows.
    unique
        Columns that must identify rows.
    added
        Columns whose labels are added up. A table that has a total beside its parts there is read whole.
    of, importer
        Columns of suppliers and buyers, needed for `Reduction.only` and to leave out rows with the same label in both.
    """
    cell = tuple(cell)
    if not isinstance(table, Part) or "unit" in table.columns or not table.unique(unique):
        return None
    chosen = {name: one.only for name, one in wanted.items() if one.only is not None}
    by_supplier = [of] if of and (importer in cell or chosen) else []
    needed = [name for name in dict.fromkeys([*cell, *by_supplier]) if name != table.key]
    known, count = table.addable(needed, value), table.pieces[0].rows
    if known is None:
        return None
    labels, least, most = known
    # All values must be above zero, and the squares of the sums must be floating-point numbers.
    if least <= 0 or not in_range(np.array([least, count * most])).all():
        return None
    for name in added:
        if name != table.key and (name not in labels or find_totals(labels[name].to_pylist())):
            return None
    frame = _without_rows(table, labels)
    keys = [frame.codes(name) for name in cell]
    size = dense_span(keys, count)
    if size is None or size == 1:
        return None
    suppliers, buyers = frame.codes(of) if of else None, frame.codes(importer) if importer in cell else None
    sellers = suppliers.labels if suppliers else []
    if any(isinstance(label, tuple) or label not in sellers for label in chosen.values()):
        return None  # each member of a bloc must be looked for, and a label that is not there named
    codes = {name: sellers.index(label) for name, label in chosen.items()}
    numbers = {name: np.zeros(size) for name in wanted}
    for batch in table.batches([*needed, value]):
        if suppliers and buyers:
            own = has_same_label(suppliers.at(batch[suppliers.name]), buyers.at(batch[buyers.name]))
            batch = {name: column[~own] for name, column in batch.items()} if own.any() else batch
        masks = {name: batch[str(of)] == code for name, code in codes.items()}
        columns = [column.at(batch[column.name]) for column in keys if column.name in batch]
        for rows, ids in combined_blocks(columns):
            parts = {name: mask[rows] for name, mask in masks.items()}
            reduce_into(numbers, wanted, ids, batch[value][rows], parts)
    if not all(np.isfinite(sums.sum()) for sums in numbers.values()) or not all(
        numbers[name].any() for name in codes
    ):
        return None
    groups = Groups(tuple(keys), count, size)
    # No value is zero, so a cell has rows where something was added.
    groups.__dict__["has_rows"] = next(iter(numbers.values())) > 0
    return frame, groups, numbers


def _without_rows(part: Part, labels: Mapping[str, pa.Array]) -> Frame:
    """Frame without rows whose key columns have the types and labels of the result."""
    none = np.zeros(0, np.int16)
    columns = {part.key: Codes(part.key, none, pa.array(np.array([part.pieces[0].label], np.int16)))}
    arrays: dict[str, pa.Array] = {part.key: pa.array(none)}
    for name, values in labels.items():
        columns[name] = Codes(name, none, values, pa.dictionary(pa.int16(), values.type))
        arrays[name] = pa.DictionaryArray.from_arrays(pa.array(none), values)
    native = pa.table(arrays)
    return Frame(native, part, columns)
