"""Forest plot: estimates in units of their own on one scale, each with its interval and its specifications."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mic2025lab.plots import vega
from mic2025lab.plots._described import need
from mic2025lab.plots._page import name_items, page
from mic2025lab.plots._style import CONTEXT, FOCUS, INK, QUIET, SECOND
from mic2025lab.plots._text import write_alt

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Outcome -> color of the estimate, and fill of its marker: filled, half filled, hollow.
_OUTCOMES = {"for": (SECOND, "full"), "unclear": (QUIET, "left"), "against": (FOCUS, "none")}


def forest(
    table: pd.DataFrame, *, item: str, value: str, low: str, high: str, margin: str, outcome: str, number: str, title: str, subtitle: str,
    source: str | Sequence[str], estimates: str | None = None, group: str | None = None,
) -> Figure:  # fmt: skip
    """Draw a row for each estimate, from -1 to 1: its interval, its specifications as ticks, and the band within the margin.

    Rows without a value are named and stay empty. Other parameters are those of `lines`.

    Parameters
    ----------
    item, value, low, high : str
        Columns with the name, the position from -1 to 1, and the ends of the interval.
    margin : str
        Column with half the width of the gray band around zero.
    outcome : str
        Column with "for" (filled marker), "unclear" (half filled), "against" (hollow), or anything else for a row without a value.
    number : str
        Column with the text at the right.
    estimates : str, optional
        Column with the positions of the other specifications, a sequence in each row.
    group : str, optional
        Column with the name of a group, written above its first row.
    """
    need(table, [item, low, high, margin, outcome, number, estimates, group], [value])
    records: list[Any] = table.assign(label=vega.distinct(table[item])).to_dict("records")
    rows: list[dict[str, Any]] = []
    for row in records:
        if group and row[group] not in [one.get(group) for one in rows]:
            rows.append({group: row[group]})
        rows.append(row)
    drawn = []
    with page(title, subtitle, source, height=0.36 * len(rows) + 2.0) as (figure, (axes,)):
        names = []
        for at, row in enumerate(rows):
            if item not in row:
                names.append("")
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
                axes.text(-1.02, at, row[group or ""], fontsize=9, fontweight="bold", va="center", bbox=box)
                continue
            names.append(textwrap.fill(textwrap.shorten(row[item], 128, placeholder=" …"), 62))
            axes.text(1.09, at, row[number], fontsize=8, va="center", color=QUIET)
            one = {"label": row["label"], "outcome": row[outcome], "number": row[number], "value": None}
            drawn.append(one)
            one |= {"group": row[group]} if group else {}
            if row[outcome] not in _OUTCOMES:
                continue
            one |= {"value": row[value], "low": row[low], "high": row[high]}
            one |= {"margin": row[margin], "less": -row[margin]}
            one |= {"estimates": list(row[estimates])} if estimates else {}
            color, fill = _OUTCOMES[row[outcome]]
            axes.barh(at, 2 * row[margin], left=-row[margin], height=0.72, color="#EDEDED", zorder=1)
            if estimates:
                ticks = {"color": INK, "alpha": 0.35, "markersize": 5, "zorder": 2}
                axes.plot(row[estimates], [at + 0.24] * len(row[estimates]), "|", **ticks)
            axes.hlines(at - 0.1, row[low], row[high], color=color, linewidth=1.8, zorder=3)
            look: dict[str, Any] = {"color": color, "fillstyle": fill, "markerfacecoloralt": "white"}
            axes.plot(row[value], at - 0.1, "o", markersize=6.5, zorder=4, **look)
        axes.axvline(0, color=CONTEXT, linewidth=1)
        axes.set(xlim=(-1.06, 1.06), ylim=(len(rows) - 0.4, -0.6))
        name_items(axes, names, gap=3.5, fontsize=8)
        axes.set_xticks([-0.5, 0.5], ["← against the claim", "supports the claim →"], fontsize=9)
        axes.tick_params(length=0)
        axes.grid(visible=False)
    write_alt(figure, "Forest plot", None, [f"{row[item]}: {row[outcome]}, {row[number]}" for row in records])
    fields = {"group": group, "label": item, "outcome": outcome, "number": number}
    colors = [color for color, _ in _OUTCOMES.values()]
    look = {"x": list(axes.get_xlim()), "outcomes": list(_OUTCOMES), "colors": colors}
    return vega.attach(figure, "forest", drawn, fields, **look)
