"""The difference of two runs as text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from mic2025lab.runs.changes.compare import Change, Difference, FigureChange, Inputs, TableChange, moved
from mic2025lab.runs.pages.html import number

#: How many lines of a kind are shown. The others are counted.
SHOWN = 40


def summary(difference: Difference) -> str:
    """Return a difference as lines for a terminal, an e-mail, or a log."""
    before, after = difference.before, difference.after
    lines = [f"{after['analysis']}: {_run(before)} → {_run(after)}"]
    lines += [
        f"  {side['run_id']} failed: only what it recorded before is compared"
        for side in (before, after)
        if side["status"] != "done"
    ]
    rounding = " (all by rounding: less than one part in a billion)" if difference.rounding else ""
    changed = f"Changed: {', '.join(counts(difference))}{rounding}."
    lines.append(changed if difference.changed else "Same results: all figures, tables, and sentences.")
    lines += _short(list(_figure_lines(moved(difference.figures))))
    lines += _short([f"  table {change.name}: {table(change)}" for change in moved(difference.tables)])
    for change in difference.findings:
        lines.append(f"  {'−' if change.status == 'removed' else '+'} {change.before or change.after}")
    if not difference.changed and moved(difference.drawings):
        lines.append(f"  {len(moved(difference.drawings))} image files have other bytes")
    made = inputs_lines(difference)
    lines += ["Inputs that differ:", *made] if made else ["Same parameters, data, code, and environment."]
    return "\n".join(lines)


def counts(difference: Difference, figures: str = "figure") -> list[str]:
    """Return how many figures, tables, and sentences differ, as phrases."""
    kinds = ((difference.figures, figures), (difference.tables, "table"))
    found = [(moved(changes), changes, noun) for changes, noun in kinds]
    parts = [f"{len(some)} of {plural(len(every), noun)}" for some, every, noun in found if some]
    return parts + [plural(len(difference.findings), "sentence")] * bool(difference.findings)


def plural(count: int, noun: str) -> str:
    """Write a number of things: "1 row", "2 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def inputs(made: Inputs) -> list[tuple[str, str, str, str]]:
    """Return the inputs of two runs that differ: kind, name, before, after."""
    rows = [("parameter", change.name, *_sides(change)) for change in moved(made.parameters)]
    rows += [("data", change.name, *_data(change)) for change in moved(made.data)]
    rows += [("code", change.name, _code(change.before), _code(change.after)) for change in moved(made.code)]
    rows += [("environment", change.name, *_sides(change)) for change in moved(made.environment)]
    return rows


def inputs_lines(made: Inputs) -> list[str]:
    """Return the inputs of two runs that differ, one line each."""
    return _short([f"  {kind:<11} {name}: {before} → {after}" for kind, name, before, after in inputs(made)])


def figure(change: FigureChange) -> tuple[str, str, str]:
    """Return a figure before and after, and the size of its change."""
    before, after = number_pair(change.before, change.after)
    if change.status == "added":
        return "–", after, "new"
    if change.status == "removed":
        return before, "–", "no longer recorded"
    if not change.absolute:
        return before, after, ""
    relative = "" if change.relative is None else f" ({signed(100 * change.relative)}%)"
    return before, after, signed(change.absolute) + relative


def table(change: TableChange) -> str:
    """Return what changed in a table."""
    if change.status == "added":
        return f"new, {change.rows_after:,} rows"
    if change.status == "removed":
        return "no longer recorded"
    ways = ("added", "removed")
    largest = "" if change.largest is None else f", by {100 * change.largest:.2g}% at most"
    parts = [f"{change.cells_changed:,} of {change.cells:,} cells changed{largest}"]
    parts += [f"{plural(count, 'row')} {what}" for what in ways if (count := getattr(change, f"rows_{what}"))]
    parts += [
        f"columns {what}: {', '.join(names)}"
        for what in ways
        if (names := getattr(change, f"columns_{what}"))
    ]
    return "; ".join(parts)


def signed(value: float) -> str:
    """Write a change with its sign and three significant digits.

    Examples
    --------
    >>> signed(0.61234), signed(-12345.6)
    ('+0.612', '−12,346')
    """
    text = f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+.3g}"
    return text.replace("-", "−")


def number_pair(before: Any, after: Any) -> tuple[str, str]:
    """Write two values with the fewest digits that tell them apart, at least five.

    Examples
    --------
    >>> number_pair(34.29871, 34.31), number_pair(1.00000001, 1.00000002), number_pair(None, "rose")
    (('34.299', '34.31'), ('1.00000001', '1.00000002'), ('n/a', 'rose'))
    """
    digits, floats = 5, all(isinstance(value, float) and math.isfinite(value) for value in (before, after))
    while floats and before != after and digits < 17 and f"{before:.{digits}g}" == f"{after:.{digits}g}":
        digits += 1
    return number(before, digits), number(after, digits)


def _run(side: dict[str, str]) -> str:
    return f"{side['run_id']} ({side['started'][:16].replace('T', ' ')} UTC)"


def _figure_lines(changes: list[FigureChange]) -> Iterator[str]:
    rows = []
    for change in changes:
        before, after, size = figure(change)
        also = f"also: {', '.join(change.also)}" if change.also else ""
        name = f"{change.name}{f' ({change.unit})' if change.unit else ''}"
        rows.append((name, before, after, "; ".join(filter(None, [size, also]))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for name, before, after, rest in rows:
        yield f"  {name:<{widths[0]}}  {before:>{widths[1]}} → {after:<{widths[2]}}  {rest}".rstrip()


def _sides(change: Change) -> tuple[str, str]:
    before = "–" if change.status == "added" else _listed(change.before)
    return before, "–" if change.status == "removed" else _listed(change.after)


def _listed(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list | tuple) else str(value)


def _data(change: Change) -> tuple[str, str]:
    """Write a table before and after: its checksum, and vintage and version if they differ."""
    before, after = change.before or {}, change.after or {}
    differ = [part for part in ("vintages", "versions") if before.get(part, []) != after.get(part, [])]

    def side(table: dict[str, Any]) -> str:
        told = [f"sha256 {table['sha256'][:8]}"] if table else ["not used"]
        return "; ".join(told + [text for part in differ for text in table.get(part, ())])

    return side(before), side(after)


def _code(value: str | None) -> str:
    return re.sub(r"([0-9a-f]{8})[0-9a-f]{56}", r"\1", value or "unknown")


def _short(lines: list[str]) -> list[str]:
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"  … and {len(lines) - SHOWN} more"]
