"""Figures made of tiles: a heat table with its numbers, and verdicts with the tests behind them."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from mic2025lab.errors import TableError
from mic2025lab.plots import vega
from mic2025lab.plots._described import need
from mic2025lab.plots._page import name_items, page
from mic2025lab.plots._style import CONTEXT, FOCUS, INK, QUIET, SECOND
from mic2025lab.plots._text import write_alt, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_OUTCOMES = {"for": SECOND, "unclear": CONTEXT, "against": FOCUS, "missing": "white"}
_VERDICTS = {"supported": SECOND, "not supported": FOCUS, "mixed": INK, "not testable": CONTEXT}
_SHADES = [FOCUS, "#F7F7F7", SECOND]


def heat(
    table: pd.DataFrame, *, row: str, column: str, value: str, toward: str, title: str, subtitle: str, source: str | Sequence[str],
    low: str | None = None, high: str | None = None, heads: Mapping[str, str] | None = None, number: str = "{:+.1f}",
    text: str | None = None, below: str | None = None,
) -> Figure:  # fmt: skip
    """Draw a table of numbers in colored cells.

    Cells are blue where `toward` is 1, orange where it is -1, and pale where it is 0; a cell without a number is hatched gray. Colors are
    deeper for larger numbers of the same column, because columns have different units.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each cell.
    row, column, value : str
        Columns with the name of the row and of the column, in their order, and the number.
    toward : str
        Column with 1, -1, or 0.
    low, high : str, optional
        Columns with the ends of an interval, written below the number.
    heads : mapping, optional
        Column -> a few words below its head.
    text, below : str, optional
        Columns with what is written in place of the number, and in small letters below it in place of the interval.

    Raises
    ------
    TableError
        If the table is empty, lacks a column, or has two rows for one cell.
    """
    import seaborn as sns  # half a second, with what it imports

    need(table, [row, column, value, toward, low, high, text, below])
    if table.duplicated([row, column]).any():
        raise TableError("The heat table has two numbers for one cell; give one row for each.")
    order = {key: pd.Categorical(table[key], table[key].unique()) for key in (row, column)}
    cells: Any = table.assign(**order).pivot(index=row, columns=column)
    values: Any = cells[value].astype(float)
    blank, numbers = values.isna(), values.map(lambda here: written(number, here))
    if text:
        numbers = cells[text].where(~blank, numbers)
    size = (values.abs() / values.abs().max().replace(0, np.nan)).fillna(0.0)
    depth = np.sign(cells[toward].astype(float)) * (0.22 + 0.63 * size)
    rows = []
    with page(title, subtitle, source, height=2.35 + 0.42 * len(values)) as (figure, (axes,)):
        room = 0.72 / figure.get_figheight()  # for the heads
        figure.subplots_adjust(top=figure.subplotpars.top - room)
        axes.patch.set(facecolor="#EFEFEF", edgecolor="#DDDDDD", hatch="////")  # seen where there are no data
        colors = LinearSegmentedColormap.from_list("sides", _SHADES)
        sns.heatmap(depth, mask=blank, cmap=colors, vmin=-1, vmax=1, cbar=False, linewidths=2, ax=axes)
        middle: dict[str, Any] = {"ha": "center", "va": "center"}
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        for (y, name), (x, head) in product(enumerate(values.index), enumerate(values)):
            cell = {"label": name, "column": textwrap.fill(head, 15), "text": numbers.iloc[y, x]}
            if low and high:
                cell |= vega.interval(number, cells[low].iloc[y, x], cells[high].iloc[y, x])
            if blank.iloc[y, x]:
                rows.append({**cell, "value": None, "depth": None})
                axes.text(x + 0.5, y + 0.5, "no data", fontsize=8, color=QUIET, bbox=box, **middle)
                continue
            rows.append({**cell, "value": values.iloc[y, x], "depth": depth.iloc[y, x]})
            ink = "white" if abs(depth.iloc[y, x]) > 0.7 else INK
            small = cells[below].iloc[y, x] if below else cell.get("interval")
            axes.text(x + 0.5, y + (0.36 if small else 0.5), cell["text"], fontsize=10, color=ink, **middle)
            axes.text(x + 0.5, y + 0.73, small or "", fontsize=7, color=ink, **middle)
        _name_columns(axes, list(values), heads or {})
        axes.set_xticks([])
        names = [textwrap.fill(name, 46) for name in values.index]
        name_items(axes, names, first=0.5, gap=3.5, fontsize=9.5)
    told = numbers.apply(lambda texts: ", ".join(f"{head} {text}" for head, text in texts.items()), axis=1)
    write_alt(figure, "Heat table", None, [f"{name}: {texts}" for name, texts in told.items()])
    fields = {"label": row, "column": column, "text": value, "interval": "interval"}
    shown = list(dict.fromkeys(cell["column"] for cell in rows))
    padding = 2 + 12 * max(len(head.splitlines()) for head in shown)
    return vega.attach(figure, "heat", rows, fields, heads=shown, padding=padding, shades=_SHADES)


def _name_columns(axes: Axes, names: Sequence[str], below: Mapping[str, str]) -> None:
    """Write the heads of the columns above them, each with a few words below it."""
    fit = min(1.0, 5 / len(names))  # of the width that a head has beside four others
    above: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "va": "bottom"}
    for x, name in enumerate(names):
        words, head = textwrap.wrap(below.get(name, ""), int(19 * fit)), textwrap.fill(name, int(15 * fit))
        axes.annotate("\n".join(words), (x + 0.5, 0), (0, 4), fontsize=7.5, color=QUIET, **above)
        axes.annotate(head, (x + 0.5, 0), (0, 6 + 10.2 * len(words)), fontsize=9.5, **above)


def verdicts(
    claims: Sequence[Mapping[str, Any]], *, panels: Sequence[Mapping[str, str]], title: str, subtitle: str, source: str | Sequence[str]
) -> Figure:  # fmt: skip
    """Draw claims side by side, each with a square for every test and its verdict.

    Parameters
    ----------
    claims : sequence of mapping
        `number`, `kind`, `label`, `verdict`, `outcomes` (for, unclear, against, missing), and, if it is known, `coverage`.
    panels : sequence of mapping
        The panels, from the left: kind -> heading.
    """
    if not claims:
        raise TableError("There is nothing to draw: there are no claims.")
    of: dict[str, list[Any]] = defaultdict(list)
    for claim in claims:
        of[claim["kind"]].append(claim)
    stacks = [[line for kind, head in panel.items() for line in (head, *of[kind])] for panel in panels]
    height = max(map(len, stacks))
    with page(
        title, subtitle, source, panels=len(panels), columns=len(panels), height=1.35 + 0.34 * height
    ) as (figure, grid):
        for axes, lines in zip(grid, stacks, strict=True):
            axes.set(xlim=(0, 100), ylim=(height, 0))
            axes.set_axis_off()
            squares: list[tuple[float, float, str]] = []
            for at, line in enumerate(lines):
                y = at + 0.5
                if isinstance(line, str):
                    axes.text(0, y, line, fontsize=10.5, fontweight="bold", va="center")
                    continue
                step = min(4.2, 24 / max(1, len(line["outcomes"])))
                squares += [(51 + step * place, y, outcome) for place, outcome in enumerate(line["outcomes"])]
                weight = "normal" if line["verdict"] == "not testable" else "bold"
                look: dict[str, Any] = {"fontsize": 9.5, "va": "center"}
                axes.text(3.5, y, f"{line['number']}", color=QUIET, ha="right", **look)
                axes.text(5.5, y, line["label"], **look)
                color, up = _VERDICTS[line["verdict"]], 0.16 if line.get("coverage") else 0.0
                axes.text(76, y - up, line["verdict"], color=color, fontweight=weight, **look)
                axes.text(76, y + 0.22, line.get("coverage", ""), color=QUIET, fontsize=7, va="center")
            if squares:
                across, down, outcome = zip(*squares, strict=True)
                colors = [_OUTCOMES[one] for one in outcome]
                axes.scatter(across, down, s=72, c=colors, marker="s", edgecolor=CONTEXT, linewidth=0.7)
    rows, told = [], []
    for claim in claims:
        label, cover = f"{claim['number']} {claim['label']}", claim.get("coverage")
        told.append(f"{label}: {claim['verdict']}" + (f" ({cover})" if cover else ""))
    for claim in (line for stack in stacks for line in stack if not isinstance(line, str)):
        about = {"label": f"{claim['number']} {claim['label']}", "verdict": claim["verdict"]}
        about |= {"coverage": claim["coverage"]} if claim.get("coverage") else {}
        for at, outcome in enumerate(claim["outcomes"] or [None], 1):
            rows.append({**about, "test": at, "outcome": outcome})
    write_alt(figure, "Verdicts with a square for each test", None, told)
    fields = {"label": "claim", "verdict": "verdict", "coverage": "coverage", "outcome": "this test"}
    most = max([12, *(row["test"] for row in rows)]) + 1
    look = {"x": [0, most], "outcomes": list(_OUTCOMES), "colors": list(_OUTCOMES.values())}
    return vega.attach(figure, "verdicts", rows, fields, **look)
