"""Items beside each other: bars, dots joined by a line, and stacked contributions."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mic2025lab.plots import vega
from mic2025lab.plots._described import described
from mic2025lab.plots._page import name_items, page
from mic2025lab.plots._style import CONTEXT, FOCUS, INK, QUIET, SECOND
from mic2025lab.plots._text import named, number_format, write_alt, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def bars(
    table: pd.DataFrame, *, item: str, value: str, title: str, subtitle: str | None = None,
    source: str | Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None, unit: str | None = None, number: str | None = None,
    focus: Sequence[str] = (), interval: tuple[str, str] | None = None, hatched: str | None = None,
) -> Figure:  # fmt: skip
    """Draw a horizontal bar for each row, from zero, in the order of the table, with its number at the end.

    Rows without a value are left out. Other parameters are those of `lines`.

    Parameters
    ----------
    focus : sequence of str
        Items drawn in color; all of them if it is empty.
    interval : (str, str), optional
        Columns with the ends of an interval, a thin line over the bar.
    hatched : str, optional
        A boolean column: rows where it is true are hatched (a poor match, a forecast).
    """
    table, subtitle, source, unit = described(
        table, [value], [item, hatched], subtitle, source, unit, beside=interval or ()
    )
    shown = table.dropna(subset=[value]).reset_index(drop=True)
    number = number or number_format(unit, shown[value], "{:+.2f}")
    numbers = [written(number, here) for here in shown[value]]
    names = [named(labels, name) for name in shown[item]]
    ends = shown[[value, *(interval or ())]].astype(float)
    low, high = ends.min(axis=1), ends.max(axis=1)
    rows = []
    with page(title, subtitle, source, height=0.36 * len(shown) + 2.2) as (figure, (axes,)):
        drawn = axes.barh(shown.index, shown[value], 0.62)
        if interval:
            axes.hlines(shown.index, shown[interval[0]], shown[interval[1]], color=INK, linewidth=1.3)
        records = shown.to_dict("records")
        for at, (label, one, bar) in enumerate(zip(vega.distinct(names), records, drawn, strict=True)):
            in_focus = not len(focus) or one[item] in focus
            bar.set_facecolor(FOCUS if in_focus else CONTEXT)
            if hatched and one[hatched]:
                bar.set(hatch="////", edgecolor="white")
            end, side, align = (high[at], 4, "left") if one[value] >= 0 else (low[at], -4, "right")
            look: dict[str, Any] = {"va": "center", "ha": align, "fontsize": 9.5, "annotation_clip": False}
            axes.annotate(numbers[at], (end, at), (side, 0), textcoords="offset points", **look)
            row = {"label": label, "value": one[value], "text": vega.with_unit(number, unit, one[value])}
            row |= {"number": numbers[at], "end": end, "in_focus": in_focus}
            row |= vega.interval(number, *(one[end] for end in interval)) if interval else {}
            row |= {"hatched": bool(one[hatched])} if hatched else {}
            rows.append(row)
        first, last = min(low.min(), 0.0), max(high.max(), 0.0)
        span = last - first or 1.0
        axes.set_xlim(first - 0.14 * span * (first < 0), last + 0.16 * span * (last > 0))
        axes.set_ylim(len(shown) - 0.5, -0.5)
        _name_rows(axes, shown[item], labels)
    write_alt(figure, "Bar chart", unit, [" ".join(pair) for pair in zip(names, numbers, strict=True)])
    fields = {"label": item, "text": value, "interval": "interval", "hatched": hatched}
    look = {"x": list(axes.get_xlim()), "focus": FOCUS, "context": CONTEXT}
    return vega.attach(figure, "bars", rows, fields, unit, **look)


def dumbbells(
    table: pd.DataFrame, *, item: str, points: Sequence[str], title: str, subtitle: str | None = None,
    source: str | Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None, unit: str | None = None, number: str | None = None,
    point_labels: Sequence[str] | None = None,
) -> Figure:  # fmt: skip
    """Draw a row for each item with a dot for each of two or three columns, joined by a line: hollow first, filled last.

    Parameters
    ----------
    points : sequence of str
        The columns, earliest first.
    point_labels : sequence of str, optional
        Their names in the legend. Other parameters are those of `lines`.
    """
    table, subtitle, source, unit = described(table, points, [item], subtitle, source, unit)
    shown, names = table[list(points)].reset_index(drop=True), list(map(str, point_labels or points))
    number = number or number_format(unit, shown)
    with page(title, subtitle, source, height=0.36 * len(shown) + 2.4) as (figure, (axes,)):
        axes.hlines(shown.index, shown.min(axis=1), shown.max(axis=1), color="#CFCFCF", linewidth=3, zorder=1)
        fills = ["white", *[CONTEXT] * (len(points) - 2), FOCUS]
        look: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.9, "s": 52, "zorder": 3}
        for column, name, fill in zip(points, names, fills, strict=True):
            axes.scatter(shown[column], shown.index, color=fill, label=name, **look)
        look = {"handletextpad": 0.1, "columnspacing": 1.2, "borderaxespad": 0.0, "labelcolor": QUIET}
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(points), **look)
        axes.set_ylim(len(shown) - 0.3, -0.7)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0] if np.nanmin(shown) < 0 else 0.0))
        _name_rows(axes, table[item], labels)
    items = [named(labels, name) for name in table[item]]
    numbers = [", ".join(written(number, here) for here in row) for row in shown.to_numpy()]
    told = [" ".join(pair) for pair in zip(items, numbers, strict=True)]
    write_alt(figure, f"Dot chart of {', '.join(names)}", unit, told)
    rows = [
        {"label": label, "point": name, "value": value, "text": vega.with_unit(number, unit, value)}
        for label, values in zip(vega.distinct(items), shown.to_numpy(dtype=float), strict=True)
        for name, value in zip(names, values, strict=True)
    ]
    fields = {"label": item, "point": "point", "text": "value"}
    look = {"x": list(axes.get_xlim()), "points": names, "fills": fills}
    return vega.attach(figure, "dumbbells", rows, fields, unit, **look)


def contributions(
    table: pd.DataFrame, *, item: str, parts: Mapping[str, str], title: str, subtitle: str | None = None,
    source: str | Sequence[str] | None = None,
    total: str | None = None, unit: str | None = None, number: str | None = None,
) -> Figure:  # fmt: skip
    """Draw stacked bars of contributions for each item, positive up and negative down, the total written above.

    Parameters
    ----------
    parts : mapping
        Columns of the contributions -> their names. At most five.
    total : str, optional
        Column of the total. Other parameters are those of `lines`.
    """
    table, subtitle, source, unit = described(
        table, list(parts), [item], subtitle, source, unit, beside=[total] if total else []
    )
    shown = table[list(parts)].set_axis(list(parts.values()), axis=1).set_axis(table[item].astype(str))
    number = number or number_format(unit, shown, "{:.1f}")
    whole = [f"total {written(number, here)}" for here in table[total]] if total else []
    colors: Any = [CONTEXT, "#56B4E9", "#009E73", FOCUS, SECOND][: len(parts)]
    with page(title, subtitle, source) as (figure, (axes,)):
        shown.plot.bar(stacked=True, ax=axes, color=colors, width=0.62, rot=0, legend=False, xlabel=" ")
        least = 0.04 * np.ptp(axes.get_ylim())  # no room for a number in a smaller part
        # Neighbors are as dark as each other in gray, so every other one is hatched.
        for at, (stack, color, name) in enumerate(zip(axes.containers, colors, shown, strict=True)):
            for bar in stack if at % 2 else ():
                bar.set(hatch="///", edgecolor="white", linewidth=0)
            ink = "white" if color in (FOCUS, SECOND, "#009E73") else INK
            texts = [written(number, here) if abs(here) > least else "" for here in shown[name]]
            ground = {"facecolor": color, "edgecolor": "none", "pad": 1.0} if at % 2 else None
            axes.bar_label(stack, texts, label_type="center", fontsize=8.5, color=ink, bbox=ground)
        for at, words in enumerate(whole):
            top = shown.iloc[at].clip(lower=0).sum()
            look = {"ha": "center", "fontsize": 9.5, "fontweight": "bold"}
            axes.annotate(words, (at, top), (0, 4), textcoords="offset points", **look)
        axes.axhline(0, color=INK, linewidth=0.9)
        axes.margins(y=0.09)
        name_items(axes, shown.index, "x", gap=3.5)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), reverse=True)
    told, rows, labels = [], [], vega.distinct(shown.index)
    for at, (name, values) in enumerate(shown.iterrows()):
        heard = [*whole[at : at + 1], *(f"{part} {written(number, here)}" for part, here in values.items())]
        told.append(f"{name}: {', '.join(heard)}")
        for place, (part, value) in enumerate(values.items()):
            row = {"label": labels[at], "part": part, "value": value, "place": place}
            row |= {"text": vega.with_unit(number, unit, value)} | ({"total": whole[at]} if whole else {})
            rows.append(row)
    write_alt(figure, "Stacked bar chart", unit, told)
    fields = {"label": item, "part": "part", "text": "value", "total": "total"}
    return vega.attach(figure, "contributions", rows, fields, unit, parts=list(shown), colors=colors)


def _name_rows(axes: Axes, items: pd.Series, labels: Mapping[str, str] | None) -> None:
    """Name the rows, from the top, and mark zero."""
    names = [textwrap.fill(named(labels, name), 46, break_on_hyphens=False) for name in items]
    name_items(axes, names)
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
