"""Figures in one style: one message each, the focus in color, the context in gray, lines labelled at their ends.

The title says what is seen, the subtitle the unit and the scope, the foot the source. Colors are Okabe and Ito's (2008), which
color-blind readers can tell apart; line widths and markers carry the same difference, so that a gray print can be read.
Every function takes a tidy pandas table, draws what it is given (it computes nothing) and returns the matplotlib figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from mic2025lab.errors import unknown_name
from mic2025lab.plots._sheet import (
    CONTEXT,
    FOCUS,
    INK,
    PALETTE,
    QUIET,
    SECOND,
    draw_line,
    end_labels,
    mark,
    need,
    paper,
    sheet,
    style,
    whole_years,
)
from mic2025lab.plots._text import minus, number_format, write_alt
from mic2025lab.plots._tiles import heat, verdicts

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CONTEXT", "FOCUS", "PALETTE", "SECOND", "bars", "contributions", "dumbbells", "heat", "lines", "paper", "small_multiples", "style",
    "verdicts",
]  # fmt: skip


def lines(
    table: pd.DataFrame,
    *,
    y: str,
    by: str,
    focus: str | Sequence[str],
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    x: str = "year",
    labels: Mapping[str, str] | None = None,
    base_year: float | None = None,
    band: tuple[str, str] | None = None,
    dashed: str | None = None,
    from_zero: bool = True,
    reference: float | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> Figure:
    """Draw one line for each `by`, the focus in color and the rest in gray, each labelled at its end.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy: columns `x`, `y`, `by`, and those of `band` and `dashed`.
    y, by, x : str
        Columns of the values, of the lines, and of the horizontal axis (numbers).
    focus : str or sequence of str
        The line(s) the figure is about.
    title, subtitle : str
        What is seen; unit and scope.
    source : str or list of str
        Names of catalog tables, whose source line is looked up, or any other text.
    labels : mapping, optional
        Names to show instead of the codes in `by`.
    base_year : float, optional
        Marked by a dotted vertical line.
    band : (str, str), optional
        Columns with the lower and upper end of an interval, drawn for the focus.
    dashed : str, optional
        A boolean column: points where it is true are forecasts or constructions and drawn dashed.
    from_zero : bool
        Start the vertical axis at zero.
    reference : float, optional
        A horizontal line, e.g. zero or a threshold.
    unit : str, optional
        "%", "points", "log points", "billion USD": sets the format of the numbers and is named in the alternative text.
    number : str, optional
        Format of the numbers, such as "{:+.2f}", in place of the one that follows from the unit.

    Returns
    -------
    matplotlib.figure.Figure
        Its attribute `alt_text` says in words what it shows; `lab.record_figure` uses it.

    Raises
    ------
    TableError
        If the table is empty or lacks a column.
    UnknownName
        If a focus is not in `by`, or a source has the form of a table's name and is none.
    """
    need(table, [x, y, by, *(band or ()), *([dashed] if dashed else [])])
    focus = [focus] if isinstance(focus, str) else list(focus)
    present = list(dict.fromkeys(table[by]))
    for name in focus:
        if name not in present:
            raise unknown_name(by, name, present)
    number = number or number_format(unit, table[y], "{:.1f}")
    spans = {}
    with style():
        figure, axes = sheet(title, subtitle, source, right=0.80)
        colors = dict(zip(focus, PALETTE, strict=False))
        ends = []
        for name in [n for n in present if n not in focus] + focus:
            part = table[table[by] == name].sort_values(x)
            # What is missing at the ends is left off; what is missing inside breaks the line.
            known = np.flatnonzero(part[y].notna())
            if not len(known):
                continue
            part = part.iloc[known[0] : known[-1] + 1]
            color = colors.get(name, CONTEXT)
            draw_line(axes, part, x, y, color, bold=name in focus, dashed=dashed)
            if band and name in focus:
                axes.fill_between(part[x], part[band[0]], part[band[1]], color=color, alpha=0.18, linewidth=0)
            label = (labels or {}).get(name, str(name))
            first, last = (
                f"{minus(number.format(part[y].iloc[at]))} in {part[x].iloc[at]:g}" for at in (0, -1)
            )
            spans[name] = f"{label} {first}" + (f" to {last}" if len(part) > 1 else "")
            ends.append(
                (
                    part[x].iloc[-1],
                    part[y].iloc[-1],
                    f"{label} {minus(number.format(part[y].iloc[-1]))}",
                    color,
                    name in focus,
                )
            )
        if from_zero:
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        if reference is not None:
            axes.axhline(reference, color=INK, linewidth=0.9)
        mark(axes, base_year)
        end_labels(axes, ends)
        whole_years(axes)
    order = [*focus, *(name for name in spans if name not in focus)]
    write_alt(
        figure, "Line chart", title, unit, subtitle, [spans[name].strip() for name in order if name in spans]
    )
    return figure


def small_multiples(
    table: pd.DataFrame,
    *,
    y: str,
    panel: str,
    by: str,
    focus: str,
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    x: str = "year",
    labels: Mapping[str, str] | None = None,
    base_year: float | None = None,
    columns: int = 3,
    reference: float | None = None,
    from_zero: bool = True,
    note: Mapping[str, str] | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> Figure:
    """Draw a panel for each `panel` on the same scales: the focus in color, the other lines in gray.

    Parameters are those of `lines`; `panel` is the column of the panels (drawn in order of appearance), `columns` how many stand side by
    side (a missing value breaks its line), `note` a few words for a panel's corner. Each panel bears the last value of the focus.
    """
    need(table, [x, y, by, panel])
    panels = list(dict.fromkeys(table[panel]))
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    number = number or number_format(unit, table[y], "{:.1f}")
    spans = []
    with style():
        figure, grid = sheet(title, subtitle, source, shape=(rows, columns), height=1.85 * rows + 1.9)
        flat = np.atleast_1d(grid).ravel()
        for axes, name in zip(flat, panels, strict=False):
            here = table[table[panel] == name]
            for line in [n for n in dict.fromkeys(here[by]) if n != focus] + [focus]:
                part = here[here[by] == line].sort_values(x)
                if part[y].notna().any():
                    draw_line(axes, part, x, y, FOCUS if line == focus else CONTEXT, bold=line == focus)
                part = part.dropna(subset=[y])
                if len(part) and line == focus:
                    first, last = (minus(number.format(part[y].iloc[at])) for at in (0, -1))
                    spans.append(
                        f"{(labels or {}).get(name, name)} {first} in {part[x].iloc[0]:g} to {last} in {part[x].iloc[-1]:g}"
                    )
                    axes.annotate(
                        last, (part[x].iloc[-1], part[y].iloc[-1]), (3, 4), textcoords="offset points",
                        color=FOCUS, fontsize=9.5 if columns < 4 else 8.5, fontweight="bold", ha="center",
                        path_effects=[withStroke(linewidth=2.5, foreground="white")], zorder=4,
                    )  # fmt: skip
            axes.set_title(
                (labels or {}).get(name, str(name)),
                fontsize=10.5 if columns < 4 else 9,
                loc="left",
                color=INK,
            )
            if note and note.get(name):
                axes.text(
                    0.02, 0.96, note[name], transform=axes.transAxes, va="top", fontsize=8.5, color=QUIET
                )
            if reference is not None:
                axes.axhline(reference, color=INK, linewidth=0.8)
            if base_year is not None:
                axes.axvline(base_year, color=QUIET, linewidth=0.9, linestyle=":")
            whole_years(axes, most=3)
        if from_zero:
            flat[0].set_ylim(bottom=min(0.0, flat[0].get_ylim()[0]))
        for axes in flat[len(panels) :]:
            axes.set_visible(False)
    kind = f"Line charts, one a panel, of {(labels or {}).get(focus, focus)}"
    write_alt(figure, kind, title, unit, subtitle, spans)
    return figure


def bars(
    table: pd.DataFrame,
    *,
    item: str,
    value: str,
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    labels: Mapping[str, str] | None = None,
    focus: Sequence[str] = (),
    interval: tuple[str, str] | None = None,
    hatched: str | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> Figure:
    """Draw a horizontal bar for each row, from zero, in the order of the table, with its number at the end.

    `interval` names two columns with the ends of an interval (a thin line over the bar). Rows whose `item` is in `focus` are in color, or all of them
    if it is empty; rows where the boolean column `hatched` is true are hatched (a poor match, a forecast).
    """
    need(table, [item, value, *(interval or ()), *([hatched] if hatched else [])])
    shown = table.dropna(subset=[value]).iloc[::-1]
    number = number or number_format(unit, shown[value], "{:+.2f}")
    with style():
        figure, axes = sheet(title, subtitle, source, height=0.36 * len(shown) + 2.2, left=0.33)
        places = np.arange(len(shown))
        colors = [FOCUS if not len(focus) or name in focus else CONTEXT for name in shown[item]]
        drawn = axes.barh(places, shown[value], color=colors, height=0.62)
        if hatched:
            for bar, marked in zip(drawn, shown[hatched], strict=True):
                bar.set(**({"hatch": "////", "edgecolor": "white"} if marked else {}))
        low = shown[value].clip(upper=0) if interval is None else shown[[value, interval[0]]].min(axis=1)
        high = shown[value].clip(lower=0) if interval is None else shown[[value, interval[1]]].max(axis=1)
        if interval:
            axes.hlines(places, shown[interval[0]], shown[interval[1]], color=INK, linewidth=1.3)
        span = max(float(high.max()), 0.0) - min(float(low.min()), 0.0) or 1.0
        for place, number_here, left, right in zip(places, shown[value], low, high, strict=True):
            where, align = (
                (right + 0.015 * span, "left") if number_here >= 0 else (left - 0.015 * span, "right")
            )
            axes.text(where, place, minus(number.format(number_here)), va="center", ha=align, fontsize=9.5)
        axes.set_xlim(
            min(float(low.min()) - 0.14 * span, 0.0) if low.min() < 0 else 0.0,
            max(float(high.max()) + 0.16 * span, 0.0),
        )
        axes.set_yticks(places, [(labels or {}).get(name, str(name)) for name in shown[item]], color=INK)
        axes.axvline(0, color=INK, linewidth=0.9)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
    told = [
        f"{(labels or {}).get(name, str(name))} {minus(number.format(number_here))}"
        for name, number_here in zip(shown[item][::-1], shown[value][::-1], strict=True)
    ]
    write_alt(figure, "Bar chart", title, unit, subtitle, told)
    return figure


def dumbbells(
    table: pd.DataFrame,
    *,
    item: str,
    points: Sequence[str],
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    labels: Mapping[str, str] | None = None,
    point_labels: Sequence[str] | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> Figure:
    """Draw a row for each item with a dot for each of two or three columns, joined by a line: hollow first, filled last."""
    need(table, [item, *points])
    shown = table.iloc[::-1]
    with style():
        figure, axes = sheet(title, subtitle, source, height=0.36 * len(shown) + 2.4, left=0.33)
        places = np.arange(len(shown))
        axes.hlines(
            places,
            shown[list(points)].min(axis=1),
            shown[list(points)].max(axis=1),
            color="#CFCFCF",
            linewidth=3,
        )
        fills = ["white", *[CONTEXT] * (len(points) - 2), FOCUS]
        for point, fill, name in zip(points, fills, point_labels or points, strict=True):
            axes.scatter(
                shown[point],
                places,
                s=52,
                facecolor=fill,
                edgecolor=INK if fill == "white" else fill,
                linewidth=1.2,
                zorder=3,
                label=name,
            )
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(points), frameon=False, fontsize=9.5,
            handletextpad=0.1, columnspacing=1.2, borderaxespad=0.0, labelcolor=QUIET,
        )  # fmt: skip
        axes.set_yticks(places, [(labels or {}).get(name, str(name)) for name in shown[item]], color=INK)
        axes.set_ylim(-0.7, len(shown) - 0.3)
        axes.set_xlim(
            left=min(0.0, axes.get_xlim()[0] if float(shown[list(points)].to_numpy().min()) < 0 else 0.0)
        )
        axes.axvline(0, color=INK, linewidth=0.9)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
    number = number or number_format(unit, shown[list(points)])
    told = [
        f"{(labels or {}).get(row[item], str(row[item]))} "
        + ", ".join(
            minus(number.format(row[point])) if row[point] == row[point] else "missing" for point in points
        )
        for row in table.to_dict("records")
    ]
    kind = f"Dot chart of {', '.join(map(str, point_labels or points))}"
    write_alt(figure, kind, title, unit, subtitle, told)
    return figure


def contributions(
    table: pd.DataFrame,
    *,
    item: str,
    parts: Mapping[str, str],
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    total: str | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> Figure:
    """Draw stacked bars of contributions (`parts`: column -> label) for each item, positive up and negative down, the total as a diamond."""
    need(table, [item, *parts, *([total] if total else [])])
    number = number or number_format(unit, table[list(parts)], "{:.1f}")
    with style():
        figure, axes = sheet(title, subtitle, source, right=0.80)
        places = np.arange(len(table))
        up, down = np.zeros(len(table)), np.zeros(len(table))
        for (column, label), color in zip(
            parts.items(), (CONTEXT, "#56B4E9", "#009E73", FOCUS, SECOND), strict=False
        ):
            values = table[column].fillna(0.0).to_numpy()
            base = np.where(values >= 0, up, down)
            axes.bar(places, values, bottom=base, color=color, width=0.62, label=label)
            for place, number_here, start in zip(places, values, base, strict=True):
                if abs(number_here) >= 0.35:
                    axes.text(
                        place,
                        start + number_here / 2,
                        minus(number.format(number_here)),
                        ha="center",
                        va="center",
                        fontsize=8.5,
                        color="white" if color in (FOCUS, SECOND, "#009E73") else INK,
                    )
            up, down = up + np.clip(values, 0, None), down + np.clip(values, None, 0)
        if total:
            axes.scatter(
                places, table[total], marker="D", s=34, color="white", edgecolor=INK, zorder=3, label="total"
            )
        axes.axhline(0, color=INK, linewidth=0.9)
        axes.set_xticks(places, [str(name) for name in table[item]], color=INK)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9.5, reverse=True)
    wanted = {**({total: "total"} if total else {}), **parts}
    told = [
        f"{row[item]} "
        + ", ".join(
            f"{label} {minus(number.format(row[column]))}"
            for column, label in wanted.items()
            if row[column] == row[column]
        )
        for row in table.to_dict("records")
    ]
    write_alt(figure, "Stacked bar chart", title, unit, subtitle, told)
    return figure
