"""Cells of a table: `read_cells` is the one door of metrics that work in cells.

It opens the table, checks its columns, values, units, aggregates and duplicates, sums over columns, and streams a partitioned
table where it can, in one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mic2025lab.engine.aggregates import check_no_overlap
from mic2025lab.engine.checks import check_known, check_nonnegative, check_same_unit, check_unique
from mic2025lab.engine.codes import Codes, Decoded, combine
from mic2025lab.engine.frame import Frame, columns_of, read
from mic2025lab.engine.groups import Groups, fill_missing, group
from mic2025lab.engine.stream import Reduction, stream_sums

_ADD_UP = "add up the repeated rows first"
_ADD_UP_OR_OVER = f"{_ADD_UP}, or name in `over` the column that tells them apart, to sum over it"


@dataclass(frozen=True, eq=False)
class Cells:
    """A coded table with one row a cell: key columns, columns of numbers, and the table they came from."""

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
        filled = {name: fill_missing(values) for name, values in self.numbers.items()}
        totals = {name: groups.sum(values) for name, (values, _) in filled.items()}
        present = groups.present  # after the sums, which show which groups have rows
        sums = {name: total[present] for name, total in totals.items()}
        for name, (_, missing) in filled.items():
            if missing is not None:
                sums[name][groups.count(~missing)[present] == 0] = np.nan
        return Cells(self.frame, groups.at(present), sums, len(present))

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
        """Make a table of the caller's kind from key columns (all by default) and results, one row a cell."""
        return self.frame.build({**self.decode(names), **columns})


def _cells(frame: Frame, keys: Iterable[str], numbers: Mapping[str, np.ndarray]) -> np.ndarray:
    """Number the cells of rows; -1 for rows whose numbers are all missing or zero, which add nothing."""
    nothing = np.all([np.isnan(values) | (values == 0) for values in numbers.values()], axis=0)
    return np.where(nothing, -1, group([frame.codes(key) for key in keys], len(frame)).ids)


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
        Missing column, missing key, negative or missing values where they are not allowed, unlike units, an aggregate beside its
        parts, repeated rows.
    """
    keys, summed = columns_of(keys), columns_of(over)
    numbers = tuple(dict.fromkeys([values] if isinstance(values, str) else values))
    names = columns_of(keys, summed)
    added = dict.fromkeys(summed) | dict(added or {})
    if summed and rows is None and len(numbers) == 1:
        sums = stream_sums(table, keys, numbers[0], {numbers[0]: Reduction()}, unique=names, added=added)
        if sums is not None:
            present = sums.groups.present
            return Cells(sums.frame, sums.groups.at(present), {numbers[0]: sums[numbers[0]]}, len(present))
    frame = read(table, columns=[*names, *numbers], attach=attach and not summed)
    data = {name: frame.numbers(name) for name in numbers}
    for name, column in data.items():
        if nonnegative is True or (nonnegative and name in columns_of(nonnegative)):
            check_nonnegative(column, name, frame=frame, keys=names)
        if known:
            check_known(column, name)
    check_same_unit(frame, within)
    apart = [name for name in keys if name not in added]
    for name, option in added.items():
        check_no_overlap(frame.codes(name), option, cells=lambda: _cells(frame, apart, data))
    kept = None if rows is None else rows(frame)
    if unique:
        check_unique(frame, names, hint=_ADD_UP if over is None else _ADD_UP_OR_OVER)
    cells = Cells(frame, {name: frame.codes(name) for name in names}, data, len(frame))
    cells = cells if kept is None else cells.keep(kept)
    if summed:
        return cells.total(keys)
    return cells.sorted() if sort and not attach else cells
