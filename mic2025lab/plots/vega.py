"""The figures once more, as Vega-Lite specifications: values on hover in JupyterLab and on the site.

Each figure function attaches one as `figure.vega`, a dict with the rows that were drawn. JupyterLab renders it by itself.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mic2025lab.errors import TableError
from mic2025lab.plots._style import CONTEXT, FOCUS, PALETTE, SECOND
from mic2025lab.plots._text import moment, named, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What JupyterLab 4 renders: Vega-Lite 5.
MIME = "application/vnd.vegalite.v5+json"

#: A figure with more rows stays an image, so that notebooks and pages stay small.
MOST = 5_000

#: Lines that are no data, visible on light and dark ground.
_RULE = "#808080"

#: Words on the chart itself, black on a light ground and white on a dark one, whoever shows the chart.
_INK = {"expr": "luminance(background) < 0.4 ? '#eee' : '#222'"}

Spec = dict[str, Any]


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


def lines(
    figure: Any, table: pd.DataFrame, *, x: str, y: str, by: str, focus: Sequence[str], labels: Mapping[str, str] | None, number: str,
    unit: str | None, ends: Sequence[Mapping[str, Any]] = (), band: tuple[str, str] | None = None, dashed: str | None = None,
    base_year: float | None = None, reference: float | None = None, panel: str | None = None, columns: int = 1,
) -> Figure:  # fmt: skip
    """Attach a line chart, or one with panels. `ends` has the height of each label at the end of a line."""
    order = [name for name in dict.fromkeys(table[by]) if name not in focus] + list(focus)  # the focus on top
    panels = list(dict.fromkeys(table[panel])) if panel else [None]
    rows = _line_rows(
        table, order, panels, x=x, y=y, by=by, focus=focus, labels=labels, number=number, unit=unit, ends=ends, band=band,
        dashed=dashed, panel=panel,
    )  # fmt: skip
    shown = [named(labels, name) for name in order]
    axes = figure.axes[0]
    years = [float(tick) for tick in axes.get_xticks() if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    bold = [named(labels, name) for name in focus]
    colors = dict.fromkeys(shown, CONTEXT) | dict(zip(bold, PALETTE, strict=False))
    color = {
        "field": "label",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(colors), "range": list(colors.values())},
    }
    in_focus = {"field": "label", "oneOf": [label for label in bold if colors[label] != CONTEXT]}
    across = _number("x", axis={"format": "d", "values": years, "grid": False},
                     scale=_scale(axes.get_xlim()))  # fmt: skip
    up = _number("value", scale=_scale(axes.get_ylim()), axis={"tickCount": 6})
    width = {"condition": {"test": in_focus, "value": 2.6}, "value": 1.2}
    drawn = {"x": across, "y": up, "color": color, "strokeWidth": width}
    stroke: Spec = {"type": "line", "strokeJoin": "round"}
    layers: list[Spec] = [*_marked(base_year, reference)]
    if band:
        area = {"x": across, "y": _number("low"), "y2": {"field": "high"}, "color": color}
        layers.append(
            {"transform": [{"filter": in_focus}], "mark": {"type": "area", "opacity": 0.18}, "encoding": area}
        )
    for solid in (True, False) if dashed else (True,):
        kept = "!datum.dashed" if solid else "datum.dashed || datum.turn"
        look = stroke if solid else stroke | {"strokeDash": [5, 4]}
        part = {"transform": [{"calculate": f"{kept} ? datum.value : null", "as": "drawn"}]} if dashed else {}
        height = up | {"field": "drawn"} if dashed else up
        layers.append({**part, "mark": look, "encoding": drawn | {"y": height}})
    side = {"type": "text", "align": "left", "dx": 5, "fontSize": 11}
    place = {"y": _number("at"), "x": across if panel else {"value": "width"}, "text": {"field": "end"}}
    layers += [
        {"transform": [{"filter": "isValid(datum.at)"}, {"filter": {"not": in_focus}}], "mark": side | {"color": _INK}, "encoding": place},
        {"transform": [{"filter": "isValid(datum.at)"}, {"filter": in_focus}], "mark": side | {"fontWeight": "bold"},
         "encoding": place | {"color": color}},
    ]  # fmt: skip
    told = [("panel", panel), ("label", by), ("when", x), ("text", y), ("interval", "interval")]
    tips = _tips(told, rows)
    dots = [{"param": "near", "empty": False, "value": 1}, {"test": "datum.alone", "value": 1}]
    seen = {"condition": dots, "value": 0}
    near = {
        "name": "near",
        "select": {"type": "point", "on": "mouseover", "nearest": True, "clear": "mouseout"},
    }
    layers.append(
        {
            "params": [near],
            "mark": {"type": "point", "filled": True, "size": 60},
            "encoding": {"x": across, "y": up, "color": color, "opacity": seen, "tooltip": tips},
        }
    )
    copied = [("panel", panel), ("label", by), ("x", x), ("value", y), *_ends(band)]
    if not panel:
        return _attach(figure, rows, {"layer": layers, "width": 560, "height": 330}, copied, unit)
    head = {"title": None, "labelAnchor": "start", "labelFontSize": 12, "labelLimit": 600 // columns}
    facet = {
        "field": "panel",
        "type": "nominal",
        "sort": [named(labels, name) for name in panels],
        "header": head,
    }
    inner = {"layer": layers, "width": 620 // columns - 40, "height": 120}
    return _attach(figure, rows, {"facet": facet, "columns": columns, "spec": inner}, copied, unit)


def _line_rows(
    table: pd.DataFrame, order: Sequence[Any], panels: Sequence[Any], *, x: str, y: str, by: str, focus: Sequence[str],
    labels: Mapping[str, str] | None, number: str, unit: str | None, ends: Sequence[Mapping[str, Any]],
    band: tuple[str, str] | None, dashed: str | None, panel: str | None,
) -> list[Spec]:  # fmt: skip
    """List the points in the order in which they are drawn, with what is written at the end of each line."""
    heights = {end["name"]: end["height"] for end in ends}
    rows: list[Spec] = []
    records = table.sort_values(x, kind="stable").to_dict("records")
    for _, one in sorted(
        enumerate(records), key=lambda pair: (panels.index(pair[1].get(panel)), order.index(pair[1][by]))
    ):
        text = _with_unit(written(number, float(one[y])), unit)
        row = {
            "label": named(labels, one[by]),
            "x": one[x],
            "value": one[y],
            "text": text,
            "when": moment(float(one[x])),
        }
        if panel:
            row["panel"] = named(labels, one[panel])
        if band and one[by] in focus:
            row |= interval_of(number, one[band[0]], one[band[1]])
        if dashed:
            row["dashed"] = bool(one[dashed])
        rows.append(row)
    last: dict[Any, Spec] = {}
    for row in rows:
        before = last.get((row.get("panel"), row["label"]))
        if before is not None and dashed and row["dashed"] and not before["dashed"]:
            before["turn"] = True  # where the dashes begin
        if _finite(row["value"]):
            last[row.get("panel"), row["label"]] = row
    for before, row, after in zip([None, *rows], rows, [*rows[1:], None], strict=False):
        if _finite(row["value"]) and not any(_joined(row, other) for other in (before, after)):
            row["alone"] = True  # a line of no length needs a dot to be seen
    shown = {named(labels, name): name for name in order}
    for (_, label), row in last.items():
        if panel and shown[label] in focus:
            row["at"], row["end"] = row["value"], written(number, float(row["value"]))
        elif shown[label] in heights:
            row["at"], row["end"] = heights[shown[label]], f"{label} {written(number, float(row['value']))}"
    return rows


def bars(
    figure: Any, table: pd.DataFrame, *, item: str, value: str, labels: Mapping[str, str] | None, number: str, unit: str | None,
    focus: Sequence[str], interval: tuple[str, str] | None, hatched: str | None,
) -> Figure:  # fmt: skip
    """Attach horizontal bars."""
    rows = []
    for label, one in zip(
        _distinct(named(labels, name) for name in table[item]), table.to_dict("records"), strict=True
    ):
        text = written(number, one[value])
        row = {"label": label, "value": one[value], "text": _with_unit(text, unit), "number": text}
        row |= interval_of(number, one[interval[0]], one[interval[1]]) if interval else {}
        sides: list[Any] = [side for side in (row["value"], row.get("low"), row.get("high")) if _finite(side)]
        row["end"] = max(sides) if one[value] >= 0 else min(sides)
        row["in_focus"] = not len(focus) or one[item] in focus
        if hatched:
            row["hatched"] = bool(one[hatched])
        rows.append(row)
    down = _rows_of(rows)
    across = _number("value", scale=_scale(figure.axes[0].get_xlim()), axis={"tickCount": 6})
    tips = _tips([("label", item), ("text", value), ("interval", "interval"), ("hatched", hatched)], rows)
    color = {"condition": {"test": "datum.in_focus", "value": FOCUS}, "value": CONTEXT}
    paler = {"opacity": {"condition": {"test": "datum.hatched", "value": 0.5}, "value": 1}} if hatched else {}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.7}},
            "encoding": {"y": down, "x": across, "color": color, "tooltip": tips, **paler},
        }
    ]
    if interval:
        whisker = {"y": down, "x": _number("low"), "x2": {"field": "high"}, "tooltip": tips}
        layers.append({"mark": {"type": "rule", "strokeWidth": 1.5, "color": _RULE}, "encoding": whisker})
    for test, align, shift in (("datum.value >= 0", "left", 4), ("datum.value < 0", "right", -4)):
        place = {"y": down, "x": _number("end"), "text": {"field": "number"}}
        look = {"type": "text", "align": align, "dx": shift, "fontSize": 11, "color": _INK}
        layers.append({"transform": [{"filter": test}], "mark": look, "encoding": place})
    copied = [("label", item), ("value", value), *_ends(interval)]
    return _attach(figure, rows, {"layer": layers, "width": 420, "height": {"step": 26}}, copied, unit)


def dumbbells(
    figure: Any, table: pd.DataFrame, *, item: str, names: Mapping[str, str], labels: Mapping[str, str] | None, number: str, unit: str | None
) -> Figure:  # fmt: skip
    """Attach dots joined by a line. `names` are those of the columns with the dots."""
    rows = [
        {"label": label, "point": name, "value": one[column], "text": _with_unit(written(number, float(one[column])), unit)}
        for label, one in zip(_distinct(named(labels, name) for name in table[item]), table.to_dict("records"), strict=True)
        for column, name in names.items()
    ]  # fmt: skip
    down = _rows_of(rows)
    across = _number("value", scale=_scale(figure.axes[0].get_xlim()), axis={"tickCount": 6})
    fills = ["white", *[CONTEXT] * (len(names) - 2), FOCUS]
    legend = {"orient": "top", "title": None}
    fill = {
        "field": "point",
        "type": "nominal",
        "scale": {"domain": list(names.values()), "range": fills},
        "legend": legend,
    }
    ends = [{"op": op, "field": "value", "as": name} for op, name in (("min", "least"), ("max", "most"))]
    bar = {"y": down, "x": _number("least"), "x2": {"field": "most"}}
    tips = _tips([("label", item), ("point", "point"), ("text", "value")], rows)
    layers = [
        {
            "transform": [{"aggregate": ends, "groupby": ["label"]}],
            "mark": {"type": "rule", "strokeWidth": 3, "color": "#BBBBBB"},
            "encoding": bar,
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": _RULE},
            "encoding": {"y": down, "x": across, "fill": fill, "tooltip": tips},
        },
    ]
    copied = [("label", item), ("point", "point"), ("value", "value")]
    return _attach(figure, rows, {"layer": layers, "width": 420, "height": {"step": 26}}, copied, unit)


def contributions(
    figure: Any, shown: pd.DataFrame, *, item: str, colors: Sequence[str], totals: Sequence[Any], number: str, unit: str | None
) -> Figure:  # fmt: skip
    """Attach stacked bars; `shown` has an item in each row and a part in each column."""
    rows = [
        {"label": label, "part": part, "value": value, "text": _with_unit(written(number, float(value)), unit), "place": place}
        | ({"total": total} if total is not None else {})
        for label, total, values in zip(_distinct(shown.index), totals or [None] * len(shown), shown.to_numpy(), strict=True)
        for place, (part, value) in enumerate(zip(shown.columns, values, strict=True))
    ]  # fmt: skip
    across = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelAngle": 0, "grid": False},
    }
    color = {
        "field": "part",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(shown.columns), "range": list(colors)},
        "legend": {"title": None, "orient": "bottom", "columns": 2, "labelLimit": 260},
    }
    tips = _tips([("label", item), ("part", "part"), ("text", "value"), ("total", "total")], rows)
    encoding = {
        "x": across,
        "y": _number("value"),
        "color": color,
        "tooltip": tips,
        "order": {"field": "place"},
    }
    layers: list[Spec] = [{"mark": {"type": "bar", "width": {"band": 0.62}}, "encoding": encoding}]
    if totals:
        top: list[Spec] = [{"calculate": "max(datum.value, 0)", "as": "up"}]
        top.append({"aggregate": [{"op": "sum", "field": "up", "as": "top"}], "groupby": ["label", "total"]})
        look = {"type": "text", "dy": -8, "fontWeight": "bold", "color": _INK, "fontSize": 11}
        words = {"x": across, "y": _number("top"), "text": {"field": "total"}}
        layers.append({"transform": top, "mark": look, "encoding": words})
    return _attach(
        figure,
        rows,
        {"layer": layers, "width": 560, "height": 320},
        [("label", item), ("part", "part"), ("value", "value")],
        unit,
    )


def forest(
    figure: Any, table: pd.DataFrame, *, item: str, value: str, low: str, high: str, margin: str, outcome: str, number: str,
    estimates: str | None, group: str | None, looks: Mapping[str, tuple[str, str]],
) -> Figure:  # fmt: skip
    """Attach a forest plot; `looks` has the color of each outcome."""
    rows = []
    for label, one in zip(_distinct(table[item]), table.to_dict("records"), strict=True):
        known = one[outcome] in looks
        row = {
            "label": label,
            "outcome": one[outcome],
            "text": one[number],
            "value": one[value] if known else None,
        }
        row |= {"group": one[group]} if group else {}
        if known:
            row |= {"low": one[low], "high": one[high], "margin": one[margin], "less": -one[margin]}
            row |= {"estimates": [_plain(each) for each in one[estimates]]} if estimates else {}
        rows.append(row)
    down = _rows_of(rows)
    axis: Spec = {"title": None, "values": [-0.5, 0.5], "grid": False, "ticks": False}
    axis["labelExpr"] = "datum.value < 0 ? '← against the claim' : 'supports the claim →'"
    across = _number("value", scale=_scale((-1.06, 1.06)), axis=axis)
    color = {"field": "outcome", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    color["scale"] = {"domain": list(looks), "range": [look for look, _ in looks.values()]}
    tips = _tips([("label", item), ("outcome", outcome), ("text", number)], rows)
    band = {"y": down, "x": _number("less"), "x2": {"field": "margin"}}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": _RULE, "opacity": 0.15}, "encoding": band},
        *_marked(0.0, None),
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"y": down, "x": _number("low"), "x2": {"field": "high"}, "color": color}},
    ]  # fmt: skip
    if estimates:
        ticks = {"y": down, "x": _number("estimates"), "tooltip": tips}
        layers.append(
            {
                "transform": [{"filter": "isArray(datum.estimates)"}, {"flatten": ["estimates"]}],
                "mark": {"type": "tick", "color": _RULE, "opacity": 0.5, "height": 8, "yOffset": 8},
                "encoding": ticks,
            }
        )
    dot = {"y": down, "x": across, "color": color, "tooltip": tips}
    layers.append({"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1}, "encoding": dot})
    copied = [("group", group), ("label", item), ("outcome", outcome), ("text", number)]
    return _attach(figure, rows, {"layer": layers, "width": 380, "height": {"step": 30}}, copied, None)


def heat(figure: Any, rows: list[Spec], *, row: str, column: str, value: str) -> Figure:
    """Attach a heat table; each row has the depth of its color, from -1 to 1."""
    down = _rows_of(rows)
    rows = [{**one, "column": textwrap.fill(one["column"], 15)} for one in rows]
    heads = list(dict.fromkeys(one["column"] for one in rows))
    across: Spec = {"field": "column", "type": "nominal", "sort": heads}
    across["axis"] = {
        "title": None,
        "orient": "top",
        "labelAngle": 0,
        "ticks": False,
        "labelBaseline": "top",
        "labelPadding": 2 + 12 * max(len(head.splitlines()) for head in heads),
        "labelLimit": 110,
    }
    color = _number("depth", legend=None, scale={"domain": [-1, 0, 1], "range": [FOCUS, "#F7F7F7", SECOND]})
    shades = {"!isValid(datum.depth)": _RULE, "abs(datum.depth) > 0.7": "white"}
    ink = {
        "condition": [{"test": test, "value": shade} for test, shade in shades.items()],
        "value": "#222222",
    }
    tips = _tips([("label", row), ("column", column), ("text", value), ("interval", "interval")], rows)
    place = {"y": down, "x": across, "tooltip": tips}
    layers = [
        {"transform": [{"filter": "isValid(datum.depth)"}], "mark": {"type": "rect", "stroke": "white"}, "encoding": place | {"color": color}},
        {"mark": {"type": "text", "fontSize": 11}, "encoding": place | {"text": {"field": "text"}, "color": ink}},
    ]  # fmt: skip
    copied = [("label", row), ("column", column), ("value", value), ("low", "low"), ("high", "high")]
    return _attach(figure, rows, {"layer": layers, "width": 460, "height": {"step": 32}}, copied, None)


def verdicts(figure: Any, rows: list[Spec], outcomes: Mapping[str, str]) -> Figure:
    """Attach verdicts: one row of data a test, with its claim."""
    down = _rows_of(rows)
    across = _number(
        "test",
        axis=None,
        scale={"domain": [0, max([12, *(row["test"] for row in rows)]) + 1], "nice": False},
    )
    color = {"field": "outcome", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    color["scale"] = {"domain": list(outcomes), "range": list(outcomes.values())}
    tips = _tips(
        [("label", "claim"), ("verdict", "verdict"), ("coverage", "coverage"), ("outcome", "this test")], rows
    )
    first = [{"filter": "datum.test == 1"}]
    words = {"y": down, "x": {"value": "width"}, "text": {"field": "verdict"}, "tooltip": tips}
    square = {"type": "square", "size": 130, "stroke": _RULE, "opacity": 1, "strokeWidth": 1}
    word = {"type": "text", "align": "left", "dx": 4, "color": _INK, "fontSize": 11}
    there = [{"filter": "isValid(datum.outcome)"}]
    layers = [
        {
            "transform": there,
            "mark": square,
            "encoding": {"y": down, "x": across, "fill": color, "tooltip": tips},
        },
        {"transform": first, "mark": word, "encoding": words},
    ]
    copied = [("label", "claim"), ("verdict", "verdict"), ("test", "test"), ("outcome", "outcome")]
    return _attach(figure, rows, {"layer": layers, "width": 260, "height": {"step": 24}}, copied, None)


def interval_of(number: str, low: Any, high: Any) -> Spec:
    """Return the fields of an interval; none if an end is missing."""
    if not (_finite(low) and _finite(high)):
        return {}
    return {
        "low": low,
        "high": high,
        "interval": f"{written(number, float(low))} to {written(number, float(high))}",
    }


def _joined(row: Spec, other: Spec | None) -> bool:
    same = other is not None and all(row.get(key) == other.get(key) for key in ("panel", "label"))
    return same and _finite((other or {})["value"])


def _ends(columns: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [("low", columns[0]), ("high", columns[1])] if columns else []


def _marked(x: float | None, y: float | None) -> list[Spec]:
    """Return a dotted vertical and a horizontal line. The aggregate makes one mark of them, not one for each row."""
    once = [{"aggregate": [{"op": "count", "as": "rows"}]}]
    there = [("x", x, [2, 3])] if x is not None else []
    there += [("y", y, [1, 0])] if y is not None else []
    return [
        {"transform": once, "mark": {"type": "rule", "color": _RULE, "strokeDash": dash}, "encoding": {axis: {"datum": float(at)}}}
        for axis, at, dash in there
    ]  # fmt: skip


def _number(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", "title": None, **more}


def _scale(ends: Sequence[float]) -> Spec:
    low, high = map(float, ends)
    return {"domain": [low, high], "nice": False, "zero": False}


def _rows_of(rows: Sequence[Spec]) -> Spec:
    """Return the vertical axis with a label in each row, in their order."""
    labels = list(dict.fromkeys(row["label"] for row in rows))
    axis = {
        "title": None,
        "labelLimit": 330,
        "grid": False,
        "ticks": False,
        "domain": False,
        "labelPadding": 6,
    }
    return {"field": "label", "type": "nominal", "sort": labels, "axis": axis}


def _tips(told: Sequence[tuple[str, str | None]], rows: Sequence[Spec]) -> list[Spec]:
    """Return the lines of the tooltip: of the fields and their columns, those that the rows have; a row without one gets a dash."""
    there = {field for row in rows for field in row}
    for row in rows:
        for field in there & {field for field, column in told if column}:
            row.setdefault(field, "–")
    return [
        {"field": field, "type": "nominal", "title": column.replace("_", " ")}
        for field, column in told
        if column and field in there
    ]


def _distinct(labels: Any) -> list[str]:
    """Wrap labels, and make equal ones differ by letters of no width: rows of one label would be drawn as one."""
    seen: dict[str, int] = {}
    made = []
    for label in (textwrap.fill(str(one), 52, break_on_hyphens=False) for one in labels):
        made.append(label + "\u200b" * seen.get(label, 0))
        seen[label] = seen.get(label, 0) + 1
    return made


def _with_unit(text: str, unit: str | None) -> str:
    return text if unit in (None, "%") or text == "no data" else f"{text} {unit}"


def _finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | str | int) or _finite(value):
        return value
    return None if isinstance(value, float) or pd.isna(value) else str(value)


def _attach(
    figure: Any, rows: list[Spec], body: Spec, copied: Sequence[tuple[str, str | None]], unit: str | None
) -> Figure:
    """Complete a specification and attach it; None if the figure has too many rows."""
    figure.vega = None
    if len(rows) > MOST:
        return figure
    words = figure.words
    there = {field for row in rows for field in row}
    columns = [[field, column] for field, column in copied if column and field in there]
    options = {
        "renderer": "svg",
        "actions": {"export": True, "source": True, "compiled": False, "editor": False},
    }
    head = {
        "text": textwrap.wrap(words["title"], 80),
        "subtitle": [
            *textwrap.wrap(words["subtitle"], 105),
            *textwrap.wrap(f"Source: {words['source']}", 105),
        ],
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 14,
        "offset": 12,
    }
    figure.vega = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": figure.alt_text,
        "title": head,
        "usermeta": {**words, "unit": unit, "columns": columns, "embedOptions": options},
        "config": {
            "lineBreak": "\n",
            "view": {"stroke": None},
            "axis": {"domainOpacity": 0.4, "gridOpacity": 0.35},
        },
        "data": {"values": [{field: _plain(value) for field, value in row.items()} for row in rows]},
        **body,
    }
    return figure
