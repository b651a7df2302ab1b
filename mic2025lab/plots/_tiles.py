"""Figures made of tiles: a heat table with its numbers, and verdicts with the tests behind them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.patches import Rectangle

from mic2025lab.errors import TableError
from mic2025lab.plots._sheet import CONTEXT, FOCUS, INK, QUIET, SECOND, need, sheet, style
from mic2025lab.plots._text import minus, write_alt

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: No data: light gray with a hatch, so that it is not taken for a small number.
_BLANK = "#EFEFEF"
_COLORS = {"for": SECOND, "against": FOCUS, "unclear": CONTEXT}
_VERDICTS = {"supported": SECOND, "not supported": FOCUS, "mixed": INK, "not testable": CONTEXT}


def heat(
    table: pd.DataFrame,
    *,
    row: str,
    column: str,
    value: str,
    toward: str,
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    low: str | None = None,
    high: str | None = None,
    heads: Mapping[str, str] | None = None,
    number: str = "{:+.1f}",
) -> Figure:
    """Draw a table whose cells are colored and bear their number.

    Blue is the side that `toward` marks with 1, orange the other; the deeper the larger the number within its column, as columns have
    units of their own. A cell whose interval does not tell is pale; one without a number is hatched gray.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a cell.
    row, column, value : str
        Columns with the name of the row and of the column, in their order, and the number.
    toward : str
        1, -1 or 0.
    low, high : str, optional
        The ends of an interval, written below the number.
    heads : mapping, optional
        Column -> a few words below its head.
    """
    need(table, [row, column, value, toward])
    rows, columns = list(dict.fromkeys(table[row])), list(dict.fromkeys(table[column]))
    if table.duplicated([row, column]).any():
        raise TableError("The heat table has two numbers for one cell; give one row for each.")
    most = table.assign(size=table[value].abs()).groupby(column)["size"].max()
    with style():
        figure, axes = sheet(title, subtitle, source, height=1.9 + 0.42 * len(rows), left=0.37, right=0.99)
        for cell in table.to_dict("records"):
            place = (columns.index(cell[column]), len(rows) - 1 - rows.index(cell[row]))
            ends = (cell[low], cell[high]) if low and high else None
            _cell(axes, place, cell[value], cell[toward], most[cell[column]], ends, number)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(0, len(rows))
        axes.set_yticks(
            [len(rows) - 0.5 - i for i in range(len(rows))],
            [textwrap.fill(name, 46) for name in rows],
            color=INK,
            fontsize=9.5,
        )
        axes.set_xticks([i + 0.5 for i in range(len(columns))])
        axes.set_xticklabels([""] * len(columns))
        for at, name in enumerate(columns):
            _head(axes, (at + 0.5, len(rows)), name, (heads or {}).get(name, ""))
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        position = axes.get_position()
        axes.set_position(
            (position.x0, position.y0, position.width, position.height - 0.72 / figure.get_figheight())
        )
    told = [
        f"{name}: "
        + ", ".join(
            f"{cell[column]} {minus(number.format(cell[value]))}"
            if not math.isnan(cell[value])
            else f"{cell[column]} no data"
            for cell in table[table[row] == name].to_dict("records")
        )
        for name in rows
    ]
    write_alt(figure, "Heat table", title, None, subtitle, told)
    return figure


def verdicts(
    claims: Sequence[Mapping[str, Any]],
    *,
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    panels: Sequence[Mapping[str, str]],
) -> Figure:
    """Draw claims side by side, each with a square for every test and its verdict.

    Parameters
    ----------
    claims : sequence of mapping
        `number`, `kind`, `label`, `verdict` and `outcomes` (for, unclear, against, missing).
    panels : sequence of mapping
        What stands in each panel, from the left: kind -> heading.
    """
    if not claims:
        raise TableError("There is nothing to draw: there are no claims.")
    columns: list[list[Any]] = [
        [
            line
            for kind, heading in panel.items()
            for line in (heading, *(one for one in claims if one["kind"] == kind))
        ]
        for panel in panels
    ]
    longest = max(map(len, columns))
    with style():
        figure, grid = sheet(
            title,
            subtitle,
            source,
            shape=(1, len(panels)),
            height=1.35 + 0.34 * longest,
            left=0.012,
            right=0.988,
        )
        for axes, lines in zip(grid, columns, strict=True):
            axes.set_xlim(0, 100)
            axes.set_ylim(longest, 0)
            axes.set_axis_off()
            for place, line in enumerate(lines):
                if isinstance(line, str):
                    axes.text(0, place + 0.55, line, fontsize=10.5, fontweight="bold", color=INK, va="center")
                else:
                    _claim(axes, place + 0.5, line)
    told = [f"{claim['number']} {claim['label']}: {claim['verdict']}" for claim in claims]
    write_alt(figure, "Verdicts with a square for each test", title, None, subtitle, told)
    return figure


def _head(axes: Any, place: tuple[float, float], name: str, words: str) -> None:
    """Write the head of a column, and a few words below it."""
    lines = textwrap.wrap(words, 19)
    above: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "va": "bottom"}
    axes.annotate("\n".join(lines), place, (0, 4), fontsize=7.5, color=QUIET, **above)
    axes.annotate(
        textwrap.fill(name, 15), place, (0, 6 + 10.2 * len(lines)), fontsize=9.5, color=INK, **above
    )


def _cell(
    axes: Any,
    place: tuple[int, int],
    value: float,
    toward: int,
    most: float,
    ends: tuple[float, float] | None,
    number: str,
) -> None:
    x, y = place
    if math.isnan(value):
        blank: dict[str, Any] = {"facecolor": _BLANK, "edgecolor": "#DDDDDD", "hatch": "////", "linewidth": 0}
        axes.add_patch(Rectangle((x + 0.02, y + 0.04), 0.96, 0.92, **blank))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(x + 0.5, y + 0.5, "no data", ha="center", va="center", fontsize=8, color=QUIET, bbox=box)
        return
    color = {1: SECOND, -1: FOCUS}.get(int(toward))
    depth = 0.22 + 0.63 * abs(value) / most if color and most else 0.0
    shade = mix(color, depth) if color else "#F7F7F7"
    axes.add_patch(Rectangle((x + 0.02, y + 0.04), 0.96, 0.92, facecolor=shade, edgecolor="none"))
    ink = "white" if depth > 0.7 else INK
    inside = ends is not None and all(map(math.isfinite, ends))
    axes.text(
        x + 0.5,
        y + (0.64 if inside else 0.5),
        minus(number.format(value)),
        ha="center",
        va="center",
        fontsize=10,
        color=ink,
    )
    if inside and ends is not None:
        told = f"{_signed(number, ends[0])} to {_signed(number, ends[1])}"
        axes.text(x + 0.5, y + 0.27, told, ha="center", va="center", fontsize=7, color=ink)


def _claim(axes: Any, y: float, claim: Mapping[str, Any]) -> None:
    axes.text(3.5, y, f"{claim['number']}", fontsize=9, color=QUIET, va="center", ha="right")
    axes.text(5.5, y, claim["label"], fontsize=9.5, color=INK, va="center")
    for position, said in enumerate(claim["outcomes"]):
        color = _COLORS.get(said)
        axes.add_patch(
            Rectangle(
                (50 + 4.2 * position, y - 0.2),
                3.3,
                0.4,
                facecolor=color or "white",
                edgecolor=color or CONTEXT,
                linewidth=0.9,
            )
        )
    verdict = claim["verdict"]
    axes.text(
        76,
        y,
        verdict,
        fontsize=9.5,
        fontweight="bold" if verdict != "not testable" else "normal",
        color=_VERDICTS[verdict],
        va="center",
    )


def _signed(number: str, value: float) -> str:
    text = number.format(value)
    return text.lstrip("+-") if float(text) == 0 else minus(text)


def mix(color: str, part: float) -> str:
    """Mix so much of a color into white.

    >>> mix("#000000", 0.5)
    '#808080'
    """
    red, green, blue = (1 - part * (1 - one) for one in mpl.colors.to_rgb(color))
    return mpl.colors.to_hex((red, green, blue))
