"""Two points in time of one table, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.codes import SHOWN
from mic2025lab.engine.frame import Frame
from mic2025lab.engine.groups import Cells, cells_of
from mic2025lab.errors import TableError, UnknownName, unknown_name

__all__ = ["check_both", "check_complete", "compare", "one_of", "two_times"]


def one_of(name: str, value: str, known: Sequence[str]) -> None:
    """Raise UnknownName if an option is not among those that exist."""
    if value not in known:
        raise unknown_name(name, value, known, error=UnknownName)


def two_times(frame: Frame, time: str, start: Any, end: Any) -> tuple[int, int]:
    """Codes of the first and the last time, which must be there and in order."""
    column = frame.codes(time)
    first, last = column.find(start), column.find(end)
    if first >= last:
        raise TableError(f"start={start!r} must come before end={end!r} in column {time!r}.")
    return first, last


def compare(
    frame: Frame,
    keys: Sequence[str],
    values: np.ndarray,
    *,
    time: str,
    start: Any,
    end: Any,
    over: Sequence[str] = (),
    absent: Literal["error", "missing", "zero"] = "error",
) -> Cells:
    """Make cells with the numbers `start` and `end`.

    A combination of keys that has a row at one of the two times only is an error, missing at the other, or zero there.
    """
    first, last = two_times(frame, time, start, end)
    when = frame.codes(time).raw
    cells = cells_of(
        frame, [*keys, time], {"value": values}, over=over, rows=(when == first) | (when == last)
    )
    groups = cells.by(keys)
    there = groups.present
    numbers = {}
    for name, code in (("start", first), ("end", last)):
        rows = cells.keys[time].raw == code
        numbers[name] = groups.place(rows, cells.numbers["value"])[there]
        lacking = groups.count(rows)[there] == 0
        if absent == "error" and lacking.any():
            _one_time_only(cells, groups.codes(there[lacking]), keys, start if name == "start" else end)
        if absent == "zero":
            numbers[name][lacking] = 0.0
    columns = [cells.keys[name] for name in keys]
    found = {column.name: column.at(code) for column, code in zip(columns, groups.codes(there), strict=True)}
    return Cells(found, numbers, len(there))


def check_both(cells: Cells, keys: Sequence[str], time: str, start: Any, end: Any) -> None:
    """Raise TableError if a combination of keys has a row at one of the two times only."""
    column = cells.keys[time]
    groups = cells.by(keys)
    for label in (start, end):
        there = groups.present
        lacking = groups.count(column.raw == column.find(label))[there] == 0
        if lacking.any():
            _one_time_only(cells, groups.codes(there[lacking]), keys, label)


def _one_time_only(cells: Cells, codes: list[np.ndarray], keys: Sequence[str], time: Any) -> None:
    shown = _named(cells, codes, keys)
    raise TableError(
        f"{_many(len(codes[0]), 'combination')} of {', '.join(keys)} without a row for {time!r}, "
        f"but with one for the other time: {shown}. "
        "If a row that is not there means zero, as in trade tables, say absent='zero'; "
        "otherwise drop them at both times."
    )


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def _named(cells: Cells, codes: list[np.ndarray], keys: Sequence[str]) -> str:
    first = [
        ", ".join(
            f"{name}={cells.keys[name].labels[int(code[row])]!r}"
            for name, code in zip(keys, codes, strict=True)
        )
        for row in range(min(SHOWN, len(codes[0])))
    ]
    return "; ".join(first) + ("; …" if len(codes[0]) > SHOWN else "")


def check_complete(cells: Cells, value: str) -> None:
    """Raise TableError if a number is missing: what must add up cannot leave it out."""
    for name, values in cells.numbers.items():
        rows = np.flatnonzero(np.isnan(values))
        if len(rows):
            codes = [column.raw[rows] for column in cells.keys.values()]
            raise TableError(
                f"Column {value!r} is missing in {_many(len(rows), 'cell')} ({name}): "
                f"{_named(cells, codes, list(cells.keys))}. "
                "The parts would not add up to the whole: drop what it belongs to (the item, or the economy), "
                "at both times."
            )
