"""The words of a figure: number formats, source lines, and alternative text."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from mic2025lab.errors import UnknownName

#: The longest alternative text, in characters.
LONGEST = 600

_TABLE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def written(number: str, value: float) -> str:
    """Write a number in a format, with a true minus sign; zero has no sign, and a missing value is "no data".

    >>> written("{:+.1f}", -1.52), written("{:+.1f}", -0.04), written("{:.1f}%", float("nan"))
    ('−1.5', '0.0', 'no data')
    """
    if not math.isfinite(value):
        return "no data"
    text = number.format(value)
    return text.replace("-", "−") if re.search("[1-9]", text) else text.lstrip("+-")


def moment(x: float) -> str:
    """Write a point of time: a year, or the quarter that a fraction of a year falls in.

    >>> moment(2015), moment(2024.875)
    ('2015', '2024Q4')
    """
    return f"{x:g}" if float(x).is_integer() or not 1000 < x < 3000 else f"{int(x)}Q{int(x % 1 * 4) + 1}"


def named(labels: Mapping[str, str] | None, code: Any) -> str:
    """Return the name to show for a code."""
    return (labels or {}).get(code, str(code))


def number_format(unit: str | None, values: Any, default: str | None = None) -> str:
    """Choose the format of the numbers of a figure from their unit and size.

    Percentages have a percent sign, differences in points a plus or minus sign. The largest value sets the decimals.

    >>> number_format("%", [3.2, 34.3]), number_format("points", [-0.4, 2]), number_format("billion USD", [1250])
    ('{:,.1f}%', '{:+,.1f}', '{:,.0f}')
    """
    sizes = np.abs(np.asarray(values, dtype=float))
    sizes = sizes[np.isfinite(sizes)]
    largest = float(sizes.max()) if len(sizes) else 0.0
    if unit is None and default is not None:
        return default if largest < 10_000 else re.sub(r"\.\df", ",.0f", default)
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


def write_alt(figure: Any, kind: str, unit: str | None, items: Sequence[str]) -> None:
    """Set `figure.alt_text`: kind of chart, title, unit (or subtitle), and as many items as fit."""
    title, subtitle = (figure.words[name].rstrip(".") for name in ("title", "subtitle"))
    head = f"{kind}: {title}. {f'Unit: {unit}' if unit else subtitle}. "
    sizes = accumulate(len(item) + 2 for item in items)
    shown = max(1, sum(size <= LONGEST - 20 - len(head) for size in sizes))
    more = f"; and {len(items) - shown} more" if shown < len(items) else ""
    figure.alt_text = textwrap.shorten(f"{head}{'; '.join(items[:shown])}{more}.", LONGEST, placeholder=" …")
