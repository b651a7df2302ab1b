"""Sums over the cells of one file of a partitioned table, a batch of rows at a time.

The results equal those of the file read whole, with values added in the same order. A file is streamed only if its metadata show
what would otherwise have to be checked: no missing keys, no missing or negative values, no repeated rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from mic2025lab.engine.aggregates import find_totals
from mic2025lab.engine.codes import Codes, combined_blocks, has_same_label, same_labels
from mic2025lab.engine.frame import Frame
from mic2025lab.engine.groups import Groups, add_into, dense_span, in_range
from mic2025lab.engine.parts import Part, Stream


@dataclass(frozen=True)
class Reduction:
    """How the values of a cell become one number: `each` is applied to the values, `combine` joins them.

    With `only`, a supplier or a tuple of suppliers, other rows are left out.
    """

    each: Callable[[np.ndarray], np.ndarray] | None = None
    combine: np.ufunc = np.add
    only: Any = None


@dataclass(frozen=True, eq=False)
class Sums:
    """Numbers of cells by name, one for each group, and the key columns of the table with their labels."""

    frame: Frame
    keys: Mapping[str, Codes]
    groups: Groups
    numbers: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one number of the cells that have rows."""
        return self.numbers[name][self.groups.present]

    def build(self, columns: Mapping[str, Any]) -> Any:
        """Make a table with one row for each cell that has rows."""
        return self.frame.build({**self.groups.decode(self.groups.present), **columns})


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
) -> Sums | None:
    """Add up a part in batches; None if `table` is no part, or must be read whole to be checked.

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
    by_supplier = importer in cell or any(one.only is not None for one in wanted.values())
    needed = dict.fromkeys([*cell, *([of] if of and by_supplier else [])])
    stream = table.stream([name for name in needed if name != table.key], value)
    # No value may be zero, and the squares of the sums must be floating-point numbers.
    if (
        stream is None
        or not in_range(np.array([stream.least, stream.piece.rows * stream.most])).all()
        or not stream.least
    ):
        return None
    for name in added:
        labels = stream.labels.get(name)
        if name != table.key and (labels is None or find_totals(labels.to_pylist())):
            return None
    frame, keys = _without_rows(table, stream.labels)
    size = dense_span([keys[name] for name in cell], stream.piece.rows)
    if size is None or size == 1:
        return None
    suppliers = keys[of] if of else None
    chosen = [one.only for one in wanted.values() if one.only is not None]
    if any(
        isinstance(label, tuple) or suppliers is None or label not in suppliers.labels for label in chosen
    ):
        return None  # each member of a bloc must be looked for, and a label that is not there named
    numbers = _add(stream, keys, cell, size, wanted, suppliers, keys[importer] if importer in cell else None)
    selected = [numbers[name] for name, one in wanted.items() if one.only is not None]
    if not all(np.isfinite(sums.sum()) for sums in numbers.values()) or not all(map(np.any, selected)):
        return None
    groups = Groups(tuple(keys[name] for name in cell), stream.piece.rows, size)
    # No value is zero, so a cell has rows where something was added.
    groups.__dict__["has_rows"] = next(iter(numbers.values())) > 0
    return Sums(frame, keys, groups, numbers)


def _add(
    stream: Stream,
    keys: Mapping[str, Codes],
    cell: tuple[str, ...],
    size: int,
    wanted: Mapping[str, Reduction],
    suppliers: Codes | None,
    buyers: Codes | None,
) -> dict[str, np.ndarray]:
    numbers = {name: np.zeros(size) for name in wanted}
    same = same_labels(suppliers, buyers) if suppliers is not None and buyers is not None else None
    for codes, values in stream:
        columns = [keys[name].at(codes[name]) for name in cell if name in codes]
        traded = None
        if suppliers is not None and buyers is not None and same is not None:
            own = has_same_label(suppliers.at(codes[suppliers.name]), buyers.at(codes[buyers.name]), same)
            traded = ~own if own.any() else None
        parts = {}
        for name, one in wanted.items():
            mask = traded
            if one.only is not None and suppliers is not None:
                mask = codes[suppliers.name] == suppliers.labels.index(one.only)
                mask = mask if traded is None else mask & traded
            parts[name] = (values if one.each is None else one.each(values), mask)
        for block, ids in combined_blocks(columns):
            for name, (part, mask) in parts.items():
                rows = ... if mask is None else np.flatnonzero(mask[block])
                add = add_into if wanted[name].combine is np.add else wanted[name].combine.at
                add(numbers[name], ids[rows], part[block][rows])
    return numbers


def _without_rows(part: Part, labels: Mapping[str, pa.Array]) -> tuple[Frame, dict[str, Codes]]:
    """Key columns without rows, with the types and labels of the result."""
    none = np.zeros(0, np.int16)
    columns = {part.key: Codes(part.key, none, pa.array(np.array([part.pieces[0].label], np.int16)))}
    arrays: dict[str, pa.Array] = {part.key: pa.array(none)}
    for name, values in labels.items():
        columns[name] = Codes(name, none, values, pa.dictionary(pa.int16(), values.type))
        arrays[name] = pa.DictionaryArray.from_arrays(pa.array(none), values)
    native = pa.table(arrays)
    return Frame(native, nw.from_native(native), part), columns
