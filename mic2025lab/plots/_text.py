"""The words of a figure: number formats, source lines, and alternative text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mic2025lab.errors import UnknownName

#: The longest alternative text, in characters.
LONGEST = 600

_TABLE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def minus(text: str) -> str:
    """Write a true minus sign in place of a hyphen.

    >>> minus("-1.50")
    '−1.50'
    """
    return text.replace("-", "−")


def number_format(unit: str | None, values: Any, default: str | None = None) -> str:
    """Choose the format of the numbers of a figure from their unit and size.

    Percentages have a percent sign, differences in points a plus or minus sign. The largest value sets the decimals.

    >>> number_format("%", [3.2, 34.3]), number_format("points", [-0.4, 2]), number_format("billion USD", [1250])
    ('{:,.1f}%', '{:+,.1f}', '{:,.0f}')
    """
    if unit is None and default is not None:
        return default
    sizes = np.abs(np.asarray(values, dtype=float))
    sizes = sizes[np.isfinite(sizes)]
    largest = float(sizes.max()) if len(sizes) else 0.0
    digits = 0 if largest >= 100 else 1 if largest >= 10 else 2
    if unit is not None and (unit == "%" or re.match(r"(percentage )?points\b", unit)):
        digits = 0 if largest >= 100 else 1 if largest >= 1 else 2
    sign = "+" if unit is not None and re.search(r"\bpoints\b", unit) else ""
    return f"{{:{sign},.{digits}f}}" + ("%" if unit == "%" else "")


def source_text(source: str | Sequence[str]) -> str:
    """Return the source line of catalog tables given by name; other text is returned as it is.

    >>> source_text("NCSES, Science and Engineering Indicators")
    'NCSES, Science and Engineering Indicators'

    Raises
    ------
    UnknownName
        If a name with an underscore, such as "value_aded", is not in the catalog.
    """
    names = [source] if isinstance(source, str) else list(source)
    return "; ".join(dict.fromkeys(map(_source_line, names)))


def _source_line(name: str) -> str:
    from mic2025lab import catalog

    if not _TABLE.fullmatch(name):
        return name
    try:
        return catalog.describe(name).source_line()
    except UnknownName:
        if "_" in name:
            raise
        return name


def write_alt(
    figure: Figure, kind: str, title: str, unit: str | None, subtitle: str, items: Iterable[str]
) -> None:
    """Set `figure.alt_text`: the kind of chart, its title, its unit (or subtitle), and as many items as fit."""
    head = f"{kind}: {title.rstrip('.')}. " + (f"Unit: {unit}. " if unit else f"{subtitle.rstrip('.')}. ")
    given = list(items)
    text, shown = "", 0
    for item in given:
        if shown and len(head) + len(text) + len(item) > LONGEST - 20:
            break
        text += ("; " if shown else "") + item
        shown += 1
    more = f"; and {len(given) - shown} more" if shown < len(given) else ""
    alt = f"{head}{text}{more}."
    figure.alt_text = alt if len(alt) <= LONGEST else alt[: LONGEST - 1].rstrip() + "…"  # type: ignore[attr-defined]
