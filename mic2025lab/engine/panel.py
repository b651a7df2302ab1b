"""A table as time series: one series for each entity, years in order, lags that never cross a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mic2025lab.engine.checks import check_unique
from mic2025lab.engine.codes import SHOWN, row_text, rows_text, some
from mic2025lab.engine.frame import Frame, columns_of, read
from mic2025lab.errors import TableError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Panel:
    """A table sorted by entity and year, with the caller's row order.

    Attributes
    ----------
    frame : Frame
        The caller's table.
    keys : tuple of str
        Columns that name the entity; empty for one series.
    year : str
        Column of the year.
    order : numpy.ndarray
        Position in the caller's table of each sorted row.
    group, years : numpy.ndarray
        Number of the entity (0, 1, …) and year of each sorted row.
    """

    frame: Frame
    keys: tuple[str, ...]
    year: str
    order: Ints
    group: Ints
    years: Ints

    @property
    def n_groups(self) -> int:
        """Number of entities."""
        return int(self.group[-1]) + 1

    @property
    def starts(self) -> Ints:
        """Position of the first sorted row of each entity."""
        return np.flatnonzero(np.diff(self.group, prepend=-1))

    def series(self) -> Iterator[slice]:
        """Slices of the sorted rows of each entity."""
        return (slice(a, b) for a, b in pairwise([*self.starts.tolist(), len(self.order)]))

    def numbers(
        self, name: str, *, positive: bool = False, nonnegative: bool = False, share: bool = False
    ) -> Floats:
        """One column of numbers in sorted order, missing as nan."""
        values: Floats = self.frame.numbers(name)[self.order]
        if positive:
            self.refuse(values <= 0, values, f"Column {name!r} must be above zero")
        if nonnegative:
            self.refuse(values < 0, values, f"Column {name!r} must not be negative")
        if share:
            self.refuse((values < 0) | (values > 1), values, f"Column {name!r} must be a share from 0 to 1")
        return values

    def refuse(self, bad: npt.NDArray[np.bool_], values: Floats, rule: str) -> None:
        """Raise TableError if any row breaks a rule, naming the first by entity and year."""
        rows = np.flatnonzero(bad)
        if len(rows):
            examples = some([f"{values[row]:g} ({self.where(int(row))})" for row in rows[: SHOWN + 1]])
            raise TableError(
                f"{rule}, and in {rows_text(len(rows))} it is not: {examples}. A value that is not known should be missing, not zero."
            )

    def where(self, row: int) -> str:
        """Entity and year of a sorted row, in words."""
        keys = [self.frame.codes(key) for key in self.keys]
        return f"{row_text(keys, int(self.order[row]))}{', ' if keys else ''}{self.year}={self.years[row]}"

    def label(self, key: str, row: int) -> Any:
        """Label of one key in a sorted row."""
        column = self.frame.codes(key)
        return column.labels[int(column.raw[self.order[row]])]

    def name_of(self, row: int) -> Any:
        """Name of the entity of a sorted row: one label, or a tuple of labels."""
        labels = tuple(self.label(key, row) for key in self.keys)
        return labels[0] if len(labels) == 1 else labels

    def previous(self, values: Floats, lag: int = 1) -> Floats:
        """Value of the same entity `lag` years before; nan if the table has no row for that year."""
        low, span = int(self.years.min()) - lag, int(self.years.max() - self.years.min()) + lag + 1
        key = self.group * span + (self.years - low)
        row = np.searchsorted(key, key - lag)
        return np.where(key[row] == key - lag, values[row], np.nan)

    def log_change(self, values: Floats, lag: int = 1) -> Floats:
        """Log change of a value over `lag` years."""
        logs = np.log(values)
        return logs - self.previous(logs, lag)

    def attach(self, columns: Mapping[str, npt.NDArray[Any]]) -> Any:
        """Return the caller's table with columns added, put back in its row order."""
        unsorted = {name: np.empty_like(values) for name, values in columns.items()}
        for name, values in columns.items():
            unsorted[name][self.order] = values
        return self.frame.attach(unsorted)

    def decoded(self, rows: Ints) -> dict[str, Any]:
        """Key columns of some sorted rows, for `Frame.build`."""
        positions = self.order[rows]
        return {key: self.frame.codes(key).decode(self.frame.codes(key).raw[positions]) for key in self.keys}


def panel(table: Any, *, of: str | Iterable[str] | None, year: str, columns: Iterable[str | None]) -> Panel:
    """Read a table with at most one row for each entity and year.

    Raises
    ------
    TableError
        A missing column, a year that is not whole, an entity with two rows for a year.
    """
    keys = columns_of(of)
    columns_of(keys, year)
    needed = [*keys, year, *(name for name in columns if name is not None)]
    frame = read(table, columns=list(dict.fromkeys(needed)))
    years = frame.numbers(year)
    bad = np.flatnonzero(~(years == np.floor(years)))
    if len(bad):
        raise TableError(
            f"Column {year!r} must hold whole years; in {len(bad)} rows it does not, first {years[bad[0]]:g} "
            f"in row {bad[0]}."
        )
    check_unique(frame, (*keys, year), hint="select one version or vintage, or name its column in `of` too")
    codes = [frame.codes(key).codes for key in keys]
    order = np.lexsort((years, *reversed(codes)))
    changed = np.zeros(len(frame), bool)
    for code in codes:
        changed[1:] |= np.diff(code[order]) != 0
    return Panel(frame, keys, year, order, np.cumsum(changed), years[order].astype(np.int64))
