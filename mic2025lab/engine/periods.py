"""Two points in time of one table, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import Cells
from mic2025lab.engine.codes import Codes, some_rows
from mic2025lab.engine.frame import Frame
from mic2025lab.errors import TableError


def in_times(time: str, start: Any, end: Any) -> Callable[[Frame], np.ndarray]:
    """Return the function that selects the rows of two times, which must be in the table and in order."""

    def rows(frame: Frame) -> np.ndarray:
        column = frame.codes(time)
        first, last = column.find(start), column.find(end)
        if first >= last:
            raise TableError(f"start={start!r} must come before end={end!r} in column {time!r}.")
        return (column.raw == first) | (column.raw == last)

    return rows


def compare(
    cells: Cells,
    time: str,
    start: Any,
    end: Any,
    *,
    value: str | None = None,
    absent: Literal["error", "missing", "zero"] = "error",
) -> Cells:
    """Put the numbers of two times side by side, as `start` and `end`.

    A combination of keys with a row at only one of the two times is an error, missing at the other, or zero there. `value` names the
    column of numbers (by default the first).
    """
    keys = [name for name in cells.keys if name != time]
    values = cells.values if value is None else cells.numbers[value]
    groups = cells.by(keys)
    present = groups.present
    numbers = {}
    for name, label in (("start", start), ("end", end)):
        rows = cells.has(time, label)
        numbers[name] = groups.place(rows, values)[present]
        lacking = groups.count(rows)[present] == 0
        if absent == "error" and lacking.any():
            raise _one_time_only(groups.at(present[lacking]), int(lacking.sum()), label)
        if absent == "zero":
            numbers[name][lacking] = 0.0
    return Cells(cells.frame, groups.at(present), numbers, len(present))


def _one_time_only(keys: dict[str, Codes], count: int, time: Any) -> TableError:
    return TableError(
        f"{_many(count, 'combination')} of {', '.join(keys)} without a row for {time!r}, "
        f"but with one for the other time: {some_rows(keys.values(), range(count))}. "
        "If a missing row means zero, as in trade tables, set absent='zero'; "
        "otherwise drop them at both times."
    )


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def check_complete(cells: Cells, value: str) -> None:
    """Raise TableError if a number is missing, for decompositions whose parts must add up."""
    for name, values in cells.numbers.items():
        rows = np.flatnonzero(np.isnan(values))
        if len(rows):
            raise TableError(
                f"Column {value!r} is missing in {_many(len(rows), 'cell')} ({name}): {some_rows(cells.keys.values(), rows)}. "
                "The parts would not add up to the whole. Drop the item or the economy at both times."
            )
