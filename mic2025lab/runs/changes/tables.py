"""Two versions of a recorded table, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mic2025lab.errors import RunError
from mic2025lab.results.run import Run


@dataclass(frozen=True)
class TableChange:
    """A recorded table in both runs.

    Rows are matched by the leftmost columns that identify the rows of both tables (text, or whole numbers such as years). If there are
    none, rows are matched by position. Cells are compared as written, with all digits.

    Attributes
    ----------
    name : str
        As recorded.
    status : {"same", "changed", "added", "removed"}
        "same" means the same bytes.
    rows_before, rows_after : int
        Rows. 0 if the run has no such table.
    key : tuple of str
        The columns that match rows. Empty if rows are matched by position.
    rows_added, rows_removed : int
        Rows without a match.
    columns_added, columns_removed : tuple of str
        Columns that only one of them has.
    cells, cells_changed : int
        Cells that both tables have, outside the key, and how many of them differ.
    largest : float or None
        The largest relative difference of two numbers. None if something other than numbers in matched rows differs.
    """

    name: str
    status: Literal["same", "changed", "added", "removed"]
    rows_before: int = 0
    rows_after: int = 0
    key: tuple[str, ...] = ()
    rows_added: int = 0
    rows_removed: int = 0
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    cells: int = 0
    cells_changed: int = 0
    largest: float | None = None


def compare_table(name: str, before: Run, after: Run) -> TableChange:
    """Compare a recorded table of two runs."""
    one, two = before.results.tables.get(name), after.results.tables.get(name)
    if one is None:
        assert two is not None
        return TableChange(name, "added", rows_after=two.rows, columns_added=tuple(two.columns))
    if two is None:
        return TableChange(name, "removed", rows_before=one.rows, columns_removed=tuple(one.columns))
    old, new = before.folder / one.file, after.folder / two.file
    try:
        if old.read_bytes() == new.read_bytes():  # nearly all are the same, and need not be parsed
            cells = one.rows * len(one.columns)
            return TableChange(name, "same", one.rows, one.rows, cells=cells, largest=0.0)
        import pandas as pd

        frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (old, new)]
    except (OSError, ValueError) as error:
        raise RunError(
            f"Table {name!r} of a run cannot be read: {error}. Run it again with --force."
        ) from error
    return _changed(name, *frames)


def _changed(name: str, one: Any, two: Any) -> TableChange:
    shared = [column for column in two.columns if column in one.columns]
    key = _key(one, two, shared)
    compared = [column for column in shared if column not in key]
    if key:
        left, right = one.set_index(key), two.set_index(key)
        both = right.index[right.index.isin(left.index)]
        left, right = left.loc[both, compared], right.loc[both, compared]
    else:
        matched = min(len(one), len(two))
        left, right = one.loc[: matched - 1, compared], two.loc[: matched - 1, compared]
    differs = left.to_numpy() != right.to_numpy()
    pairs = list(zip(left.to_numpy()[differs], right.to_numpy()[differs], strict=True))
    added, removed = len(two) - len(right), len(one) - len(left)
    only_cells = not added and not removed and list(one.columns) == list(two.columns)
    new, gone = (tuple(c for c in each.columns if c not in shared) for each in (two, one))
    largest = _largest(pairs) if only_cells and pairs else None
    rows = len(one), len(two), tuple(key), added, removed
    return TableChange(name, "changed", *rows, new, gone, differs.size, len(pairs), largest)


def _key(one: Any, two: Any, shared: Sequence[str]) -> list[str]:
    """Find the leftmost columns that identify the rows of both tables. Decimal numbers do not identify."""
    key: list[str] = []
    for column in shared[:-1]:  # the last column is left to compare
        if any(_is_measure(frame[column]) for frame in (one, two)):
            continue
        key.append(column)
        if not one.duplicated(key).any() and not two.duplicated(key).any():
            return key
    return []


def _is_measure(column: Any) -> bool:
    return bool(column.str.fullmatch(r"[-+]?\d*\.\d+(e[-+]?\d+)?|[-+]?\d+e[-+]?\d+|", case=False).any())


def _largest(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return the largest relative difference of pairs of numbers, or None if one is not a number."""
    try:
        numbers = [(float(before), float(after)) for before, after in pairs]
    except ValueError:
        return None
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in numbers):
        return None
    return max(abs(y - x) / max(abs(x), abs(y), 1e-300) for x, y in numbers)
