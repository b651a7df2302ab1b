"""The difference of two runs in lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from mic2025lab.runs.changes.compare import Change, DataChange, Difference, FigureChange, Inputs, Side, moved
from mic2025lab.runs.changes.tables import TableChange

#: How many lines of a kind are shown; the rest is counted.
SHOWN = 40


def summary(difference: Difference) -> str:
    """Write a difference for a terminal, an e-mail or a log."""
    before, after = difference.before, difference.after
    lines = [f"{after.analysis}: {_run(before)} → {_run(after)}"]
    lines += [
        f"  {side.run_id} did not end well: what it recorded until then is compared"
        for side in (before, after)
        if side.status != "done"
    ]
    lines.append(_headline(difference))
    lines += _short(list(_figure_lines(moved(difference.figures))))
    lines += _short([f"  table {_table(change)}" for change in moved(difference.tables)])
    for change in difference.findings:
        lines.append(f"  {'−' if change.status == 'removed' else '+'} {change.before or change.after}")
    if not difference.changed and moved(difference.drawings):
        lines.append(f"  {len(moved(difference.drawings))} image files are drawn differently")
    made = inputs_lines(difference)
    lines += (
        ["What the runs were made of:", *made]
        if made
        else ["Both were made of the same parameters, data, code and environment."]
    )
    return "\n".join(lines)


def inputs_lines(inputs: Inputs) -> list[str]:
    """Write what differs in what two runs were made of, a line each."""
    lines = [f"  parameter   {change.name}: {_pair(change)}" for change in moved(inputs.parameters)]
    lines += [f"  data        {_data(change)}" for change in moved(inputs.data)]
    lines += [f"  code        {_code(change)}" for change in moved(inputs.code)]
    lines += _short([f"  environment {change.name} {_pair(change)}" for change in moved(inputs.environment)])
    return lines


def _headline(difference: Difference) -> str:
    if not difference.changed:
        return "Same results: every figure, table and sentence."
    text = ", ".join(
        [
            _count(len(moved(difference.figures)), len(difference.figures), "figure"),
            _count(len(moved(difference.tables)), len(difference.tables), "table"),
            f"{len(difference.findings)} sentences" if len(difference.findings) != 1 else "1 sentence",
        ]
    )
    return f"Changed: {text}{' (all by rounding: less than one part in a billion)' if difference.rounding else ''}."


def _count(part: int, whole: int, noun: str) -> str:
    return f"{part} of {whole} {noun}{'' if whole == 1 else 's'}"


def _run(side: Side) -> str:
    return f"{side.run_id} ({side.started[:16].replace('T', ' ')} UTC)"


def _figure_lines(changes: list[FigureChange]) -> Iterator[str]:
    rows = [_figure(change) for change in changes]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    for name, before, after, rest in rows:
        yield f"  {name:<{widths[0]}}  {before:>{widths[1]}} → {after:<{widths[2]}}  {rest}".rstrip()


def _figure(change: FigureChange) -> tuple[str, str, str, str]:
    before, after = number_pair(change.before, change.after)
    if change.status == "added":
        before, rest = "–", "new"
    elif change.status == "removed":
        after, rest = "–", "no longer recorded"
    else:
        rest = _size(change)
        if change.also:
            rest = "; ".join(filter(None, [rest, f"also: {', '.join(change.also)}"]))
    return f"{change.name}{f' ({change.unit})' if change.unit else ''}", before, after, rest


def _size(change: FigureChange) -> str:
    if change.absolute is None or change.absolute == 0:
        return ""
    relative = "" if change.relative is None else f" ({signed(100 * change.relative)}%)"
    return signed(change.absolute) + relative


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
    """Write two values with as few digits as tell them apart, five at least.

    Examples
    --------
    >>> number_pair(34.29871, 34.31), number_pair(1.00000001, 1.00000002), number_pair(None, "rose")
    (('34.299', '34.31'), ('1.00000001', '1.00000002'), ('none', 'rose'))
    """
    digits = 5
    if (
        all(isinstance(value, float) and math.isfinite(value) for value in (before, after))
        and before != after
    ):
        while digits < 17 and f"{before:.{digits}g}" == f"{after:.{digits}g}":
            digits += 1
    return written(before, digits), written(after, digits)


def written(value: Any, digits: int = 5) -> str:
    """Write a recorded value for a reader."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−") if abs(value) >= 10_000 else str(value).replace("-", "−")
    if isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) and digits == 5 else f"{value:.{digits}g}"
        return text.replace("-", "−")
    return str(value)


def _table(change: TableChange) -> str:
    if change.status == "added":
        return f"{change.name}: new, {change.rows_after} rows"
    if change.status == "removed":
        return f"{change.name}: no longer recorded"
    parts = [f"{change.cells_changed:,} of {change.cells:,} cells changed"]
    if change.largest is not None:
        parts[0] += f", by {100 * change.largest:.2g}% at most"
    parts += [
        f"{n} {'row' if n == 1 else 'rows'} {what}"
        for n, what in ((change.rows_added, "added"), (change.rows_removed, "removed"))
        if n
    ]
    columns = {"added": change.columns_added, "removed": change.columns_removed}
    parts += [f"columns {what}: {', '.join(names)}" for what, names in columns.items() if names]
    return f"{change.name}: {'; '.join(parts)}"


def _data(change: DataChange) -> str:
    if change.status == "added":
        return f"{change.table}: not used before"
    if change.status == "removed":
        return f"{change.table}: no longer used"
    parts = []
    if change.sha_before != change.sha_after:
        parts.append(f"other content ({_hash(change.sha_before)} → {_hash(change.sha_after)})")
    if change.vintages_before != change.vintages_after:
        parts.append(f"vintage {_list(change.vintages_before)} → {_list(change.vintages_after)}")
    if change.versions_before != change.versions_after:
        parts.append(f"version {_list(change.versions_before)} → {_list(change.versions_after)}")
    return f"{change.table}: {'; '.join(parts)}"


def _code(change: Change) -> str:
    if change.name == "notebook":
        return f"notebook {_hash(change.before)} → {_hash(change.after)}"
    (old, old_hash), (new, new_hash) = change.before, change.after
    return f"mic2025lab {old} ({_hash(old_hash)}) → {new} ({_hash(new_hash)})"


def _pair(change: Change) -> str:
    before = "–" if change.status == "added" else _list(change.before)
    after = "–" if change.status == "removed" else _list(change.after)
    return f"{before} → {after}"


def _list(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list | tuple) else str(value)


def _hash(value: str | None) -> str:
    return value[:8] if value else "unknown"


def _short(lines: list[str]) -> list[str]:
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"  … and {len(lines) - SHOWN} more"]
