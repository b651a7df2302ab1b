"""The figures once more, as Vega-Lite specifications: values on hover in JupyterLab and on the site.

Each figure function attaches one as `figure.vega`, a dict with the rows that were drawn. JupyterLab renders it by itself. What the kinds of
figures look like is in `vega.yml`.
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mic2025lab import yaml_files
from mic2025lab.errors import TableError
from mic2025lab.plots._text import written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What JupyterLab 4 renders: Vega-Lite 5.
MIME = "application/vnd.vegalite.v5+json"

#: A figure with more rows stays an image, so that notebooks and pages stay small.
MOST = 5_000

#: What is copied as data in place of a line of the tooltip that is text.
_DATA = {"when": ("x",), "text": ("value",), "interval": ("low", "high")}

Row = dict[str, Any]


def hover(figure: Figure) -> None:
    """Display a figure with its values on hover, in JupyterLab and where Vega-Lite is rendered; elsewhere its image.

    Parameters
    ----------
    figure : matplotlib Figure
        One of `lab.plots`.

    Raises
    ------
    TableError
        If the figure has no specification.
    """
    if not getattr(figure, "vega", None):
        raise TableError(
            f"The figure has no values to show on hover: it is not one of lab.plots, or has more than {MOST:,} rows. "
            "Display the figure itself, or draw fewer rows."
        )
    from IPython.display import display

    display(figure)


def attach(
    figure: Any, kind: str, rows: Sequence[Row], fields: Mapping[str, str | None], unit: str | None = None, **given: Any
) -> Figure:  # fmt: skip
    """Attach the specification of a figure, and return the figure; None is attached if it has too many rows.

    Parameters
    ----------
    figure : Figure
        With its words and alternative text.
    kind : str
        The entry of `vega.yml`.
    rows : sequence of dict
        What was drawn, in order.
    fields : mapping
        Field of the rows -> name of its line in the tooltip, and of its column where the data are copied. Without a name, or if no row
        has it, it is left out.
    given
        What the entry asks for besides: name -> value.
    """
    figure.vega = None
    if len(rows) > MOST:
        return figure
    there = {field for row in rows for field in row}
    told = {field: name for field, name in fields.items() if name and field in there}
    columns, tips, words = [], [], figure.words
    for field, name in told.items():
        columns += [[data, data if field == "interval" else name] for data in _DATA.get(field, (field,))]
        tips.append({"field": field, "type": "nominal", "title": name.replace("_", " ")})
    given |= {
        **words,
        "alt_text": figure.alt_text,
        "head": textwrap.wrap(words["title"], 80),
        "below": [*textwrap.wrap(words["subtitle"], 105), *textwrap.wrap(f"Source: {words['source']}", 105)],
        "unit": unit,
        "columns": columns,
        "tips": tips,
        "labels": list(dict.fromkeys(row["label"] for row in rows)),
        "rows": [_plain({**dict.fromkeys(told, "–"), **row}) for row in rows],
    }
    there |= {name for name, value in given.items() if value is not None}
    figure.vega = _filled({**_kinds()["every"], **_kinds()[kind]}, given, there)
    return figure


@lru_cache(maxsize=1)
def _kinds() -> dict[str, Any]:
    return yaml_files.read(Path(__file__).with_name("vega.yml"), "file")


def _filled(part: Any, given: Mapping[str, Any], there: Collection[str]) -> Any:
    """Fill in the values of a part of a specification, and leave out the layers whose needs are not there."""
    if isinstance(part, dict):
        return {name: _filled(value, given, there) for name, value in part.items() if name != "needs"}
    if isinstance(part, list):
        kept = (one for one in part if not isinstance(one, dict) or one.get("needs") in (None, *there))
        return [_filled(one, given, there) for one in kept]
    return given[part[1:]] if isinstance(part, str) and part.startswith("$") else part


def interval(number: str, low: Any, high: Any) -> Row:
    """Return the fields of an interval; none if an end is missing."""
    if not all(isinstance(end, int | float | np.number) and math.isfinite(end) for end in (low, high)):
        return {}
    words = f"{written(number, float(low))} to {written(number, float(high))}"
    return {"low": low, "high": high, "interval": words}


def distinct(labels: Iterable[str]) -> list[str]:
    """Wrap labels, and make equal ones differ by letters of no width: rows of one label would be drawn as one."""
    seen: Counter[str] = Counter()
    made = []
    for label in (textwrap.fill(one, 52, break_on_hyphens=False) for one in labels):
        made.append(label + "\u200b" * seen[label])
        seen[label] += 1
    return made


def with_unit(number: str, unit: str | None, value: float) -> str:
    """Write a number with its unit."""
    text = written(number, value)
    return text if unit in (None, "%") or text == "no data" else f"{text} {unit}"


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return list(map(_plain, value))
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
