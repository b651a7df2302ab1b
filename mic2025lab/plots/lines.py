"""Lines over time: one chart, or a panel for each industry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from mic2025lab.errors import unknown_name
from mic2025lab.plots import vega
from mic2025lab.plots._described import described
from mic2025lab.plots._page import mark_base_year, page
from mic2025lab.plots._style import CONTEXT, FOCUS, INK, PALETTE, QUIET
from mic2025lab.plots._text import moment, named, number_format, write_alt, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def lines(
    table: pd.DataFrame, *, y: str, by: str, focus: str | Sequence[str], title: str, subtitle: str | None = None,
    source: str | Sequence[str] | None = None,
    x: str = "year", labels: Mapping[str, str] | None = None, unit: str | None = None, number: str | None = None,
    base_year: float | None = None, band: tuple[str, str] | None = None, dashed: str | None = None,
    from_zero: bool = True, reference: float | None = None,
) -> Figure:  # fmt: skip
    """Draw one line for each `by`, the focus in color and the rest in gray, each labeled at its end with its last value.

    A missing value breaks its line; a single value between two missing ones is a dot.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy: columns `x`, `y`, `by`, and those of `band` and `dashed`.
    y, by, x : str
        Columns of the values, of the lines, and of the horizontal axis (numbers).
    focus : str or sequence of str
        The line or lines that the figure is about.
    title : str
        The finding, in a few words.
    subtitle : str, optional
        Unit and scope. By default those of the table's `attrs`, which `load` and the metrics write; a fraction is then drawn in
        percent, and large numbers in millions, billions, or trillions.
    source : str or list of str, optional
        Names of catalog tables, whose source line is looked up, or any other text; by default that of the table's `attrs`.
    labels : mapping, optional
        Names to show instead of the codes in `by`.
    base_year : float, optional
        Marked by a dotted vertical line.
    band : (str, str), optional
        Columns with the lower and upper end of an interval, drawn for the focus.
    dashed : str, optional
        A boolean column: forecasts or constructed values are drawn dashed.
    from_zero : bool
        Start the vertical axis at zero.
    reference : float, optional
        A horizontal line, such as zero or a threshold.
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

    Examples
    --------
    >>> shares = pd.DataFrame({"economy": ["CHN"] * 2, "year": [2015, 2022], "share": [27.2, 34.3]})
    >>> words = {"title": "China rose", "subtitle": "Share of world value added, %", "source": "value_added"}
    >>> lines(shares, y="share", by="economy", focus="CHN", unit="%", **words).alt_text
    'Line chart: China rose. Unit: %. CHN 27.2% in 2015 to 34.3% in 2022.'
    """
    table, subtitle, source, unit = described(
        table, [y], [x, by, dashed], subtitle, source, unit, beside=band or ()
    )
    focus = [focus] if isinstance(focus, str) else list(focus)
    for name in focus:
        if name not in set(table[by]):
            raise unknown_name(by, name, dict.fromkeys(table[by]))
    number = number or number_format(unit, table[y], "{:.1f}")
    points = _points(table, x, y, by, focus, band=band, dashed=dashed)
    with page(title, subtitle, source) as (figure, (axes,)):
        drawn = _draw(axes, points, focus)
        if band:
            known = points[points["y"].notna() & (points["color"] != CONTEXT)]
            for color, part in known.groupby("color", sort=False):
                axes.fill_between(part["x"], part["low"], part["high"], color=color, alpha=0.18, linewidth=0)
        _set_scales(axes, from_zero, reference)
        mark_base_year(axes, base_year)
        heights = _label_ends(axes, drawn, labels, number)
    told = [_said(named(labels, line["name"]), line, number) for line in drawn]
    write_alt(figure, "Line chart", unit, told)
    rows = _rows(points, labels, number, unit, heights)
    fields = {"label": by, "when": x, "text": y, "interval": "interval"}
    return _attach(figure, "lines", rows, fields, unit, base_year=base_year, reference=reference)


def small_multiples(
    table: pd.DataFrame, *, y: str, panel: str, by: str, focus: str, title: str, subtitle: str | None = None,
    source: str | Sequence[str] | None = None,
    x: str = "year", labels: Mapping[str, str] | None = None, unit: str | None = None, number: str | None = None,
    base_year: float | None = None, columns: int = 3, from_zero: bool = True, reference: float | None = None,
) -> Figure:  # fmt: skip
    """Draw a panel for each `panel` on the same scales: the focus in color with its last value, the other lines in gray.

    Parameters are those of `lines`; `panel` is the column of the panels (drawn in order of appearance), `columns` the number of panels
    in a row.
    """
    table, subtitle, source, unit = described(table, [y], [x, by, panel], subtitle, source, unit)
    panels = list(dict.fromkeys(table[panel]))
    columns = min(columns, len(panels))
    number = number or number_format(unit, table[y], "{:.1f}")
    told, size = [], 10.5 if columns < 4 else 9.0
    points = _points(table, x, y, by, [focus], panel=panel)
    height, numbers = 1.85 * -(-len(panels) // columns) + 1.9, {"panels": len(panels), "columns": columns}
    with page(title, subtitle, source, height=height, **numbers) as (figure, grid):
        for at, (name, axes, (_, part)) in enumerate(zip(panels, grid, points.groupby("at"), strict=True)):
            axes.tick_params(labelleft=at % columns == 0, labelbottom=at >= len(panels) - columns)
            for line in _draw(axes, part, [focus]):
                if line["bold"]:
                    told.append(_said(named(labels, name), line, number))
                    look: dict[str, Any] = {"color": FOCUS, "fontweight": "bold", "fontsize": size - 0.5}
                    look["path_effects"] = [withStroke(linewidth=2.5, foreground="white")]
                    place = (line["until"], line["last"]), (4, 0), "data", "offset points"
                    axes.annotate(written(number, line["last"]), *place, va="center", **look)
            axes.set_title(named(labels, name), fontsize=size, loc="left", color=INK)
            mark_base_year(axes, base_year, text=at == 0)
        _same_scales(grid, from_zero, reference, columns)
    write_alt(figure, f"Line charts, one a panel, of {named(labels, focus)}", unit, told)
    return _attach(
        figure, "panels", _rows(points, labels, number, unit), {"panel": panel, "label": by, "when": x, "text": y}, unit,
        base_year=base_year, reference=reference, beside=columns, panels=[named(labels, name) for name in panels],
        width=620 // columns - 40, limit=600 // columns,
    )  # fmt: skip


def _points(
    table: pd.DataFrame, x: str, y: str, by: str, focus: Sequence[str], *, band: tuple[str, str] | None = None, dashed: str | None = None,
    panel: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """List the points of the lines in the order in which they are drawn: by panel, the focus on top, by time.

    A missing value divides a line into stretches. A stretch of one point is `alone`; dashes begin at a `turn`, so that the line is not
    broken; `last` is the end of a line.
    """
    rest = [name for name in dict.fromkeys(table[by]) if name not in focus]
    colors = dict.fromkeys([*rest, *focus], CONTEXT) | dict(zip(focus, PALETTE, strict=False))
    points = pd.DataFrame({"line": table[by].astype(object), "x": table[x], "y": table[y].astype(float)})
    points["panel"] = table[panel] if panel else ""
    points["low"], points["high"] = (table[end] for end in band) if band else (np.nan, np.nan)
    points["dashed"] = table[dashed].astype(bool) if dashed else False
    points["color"] = points["line"].map(colors)
    points["place"] = points["line"].map({name: place for place, name in enumerate(colors)})
    points["at"] = pd.factorize(points["panel"], use_na_sentinel=False)[0]
    points = points.sort_values(["at", "place", "x"], kind="stable", ignore_index=True)
    line = [points["at"], points["place"]]
    points["unit"] = points["place"] * (len(points) + 1) + points["y"].isna().groupby(line).cumsum()
    known = points[points["y"].notna()]
    looks = {
        "alone": ~known.duplicated(["at", "unit"], keep=False),
        "turn": ~known["dashed"] & known.groupby(["at", "place"])["dashed"].shift(-1, fill_value=False),
        "last": ~known.duplicated(["at", "place"], keep="last"),
    }
    return points.join(pd.DataFrame(looks).reindex(points.index, fill_value=False))


def _draw(axes: Axes, points: pd.DataFrame, focus: Sequence[str]) -> list[dict[str, Any]]:
    """Draw the lines and return the first and last point of each, the focus first."""
    ends = []
    for _, part in points.groupby("place", sort=False):
        line = {name: part[name].to_numpy() for name in ("x", "y", "dashed", "turn", "alone")}
        name, color, x, y = part["line"].iloc[0], part["color"].iloc[0], line["x"], line["y"]
        look: dict[str, Any] = {"color": color, "linewidth": 1.2 if color == CONTEXT else 2.6}
        axes.plot(x, np.where(line["dashed"], np.nan, y), **look)
        if line["dashed"].any():
            axes.plot(x, np.where(line["dashed"] | line["turn"], y, np.nan), dashes=(2.5, 1.8), **look)
        if line["alone"].any():  # a line of no length needs a dot to be seen
            axes.plot(x[line["alone"]], y[line["alone"]], ".", color=color, markersize=9, markeredgewidth=0)
        known = np.flatnonzero(~np.isnan(y))
        if len(known):
            first, last = known[0], known[-1]
            told = {"since": float(x[first]), "first": y[first], "until": float(x[last]), "last": y[last]}
            ends.append({"name": name, "color": color, "bold": color != CONTEXT, **told})
    axes.margins(x=0.02)
    return sorted(ends, key=lambda end: end["name"] not in focus)


def _rows(
    points: pd.DataFrame, labels: Mapping[str, str] | None, number: str, unit: str | None, heights: Mapping[Any, float] | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """List the points as `vega` has them: with panels, the focus has its number at its end; else each line its label at its height."""
    rows = []
    for point in points.to_dict("records"):
        label, text = named(labels, point["line"]), vega.with_unit(number, unit, point["y"])
        row = {"label": label, "x": point["x"], "value": point["y"], "text": text, "when": moment(point["x"])}
        row |= {look: True for look in ("alone", "dashed", "turn") if point[look]}
        row |= {"color": point["color"], "bold": point["color"] != CONTEXT}
        row |= vega.interval(number, point["low"], point["high"]) if row["bold"] else {}
        end = written(number, point["y"])
        if heights is None:
            row |= {"panel": named(labels, point["panel"])}
            row |= {"at": point["y"], "end": end} if point["last"] and row["bold"] else {}
        elif point["last"]:
            row |= {"at": heights[point["line"]], "end": f"{label} {end}"}
        rows.append(row)
    return rows


def _attach(
    figure: Any, kind: str, rows: list[dict[str, Any]], fields: Mapping[str, str], unit: str | None, **given: Any
) -> Figure:  # fmt: skip
    axes = figure.axes[0]
    (first, last), (low, high) = map(float, axes.get_xlim()), map(float, axes.get_ylim())
    years = [float(tick) for tick in axes.get_xticks() if first <= tick <= last]
    colors = {row["label"]: row.pop("color") for row in rows}
    return vega.attach(
        figure, kind, rows, fields, unit, x=[first, last], y=[low, high], years=years, colors=list(colors.values()), **given
    )  # fmt: skip


def _set_scales(axes: Axes, from_zero: bool, reference: float | None, most: int = 7) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(most, integer=True, steps=[1, 2, 5, 10], min_n_ticks=2))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if from_zero:
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    if reference is not None:
        axes.axhline(reference, color=INK, linewidth=0.9)


def _same_scales(panels: Sequence[Axes], from_zero: bool, reference: float | None, columns: int) -> None:
    """Give all panels the scales that hold every line. Shared from the beginning, scales take a time that grows with their square."""
    panels[0].update_datalim(Bbox.union([axes.dataLim for axes in panels]).get_points())
    panels[0].autoscale_view()
    for axes in panels:
        _set_scales(axes, from_zero, reference, most=7 if columns == 1 else 3)
    first, last = panels[0].get_xlim()
    x, y = (first, last + 0.045 * columns * (last - first)), panels[0].get_ylim()  # room for the numbers
    for axes in panels:
        axes.set(xlim=x, ylim=y)


def _label_ends(axes: Axes, drawn: Any, labels: Mapping[str, str] | None, number: str) -> dict[Any, float]:
    """Write each label beside the end of its line, pushed apart where they would overlap; return their heights."""
    low, high = axes.get_ylim()
    gap = 0.19 * (high - low) / (axes.get_window_extent().height / axes.figure.dpi)
    drawn = sorted(drawn, key=lambda line: line["last"])
    heights = np.array([line["last"] for line in drawn])
    for _ in range(60):
        for i in range(len(heights) - 1):
            push = max(0.0, gap - (heights[i + 1] - heights[i])) / 2
            heights[i : i + 2] += (-push, push)
    axes.set_ylim(min(low, *(heights - gap / 2)), high)
    for line, height in zip(drawn, heights, strict=True):
        size, weight, color = (10, "bold", line["color"]) if line["bold"] else (9.3, "normal", QUIET)
        look: dict[str, Any] = {"fontsize": size, "fontweight": weight, "color": color, "va": "center"}
        text = f"{named(labels, line['name'])} {written(number, line['last'])}"
        axes.annotate(text, (1, height), (3, 0), ("axes fraction", "data"), "offset points", **look)
    return {line["name"]: float(height) for line, height in zip(drawn, heights, strict=True)}


def _said(label: str, line: Mapping[str, Any], number: str) -> str:
    text = f"{label} {written(number, line['first'])} in {moment(line['since'])}".strip()
    more = line["until"] > line["since"]
    return text + (f" to {written(number, line['last'])} in {moment(line['until'])}" if more else "")
