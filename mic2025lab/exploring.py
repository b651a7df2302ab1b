"""An explorer for JupyterLab: choose a table, a measure, and a selection; read the chart, and the code that makes it.

The code is written first, and the chart is what it makes, so that the two cannot differ.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mic2025lab import catalog
from mic2025lab.catalog.dataset import Dataset
from mic2025lab.catalog.loading import load
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.classifications.totals import find_totals
from mic2025lab.errors import LabError
from mic2025lab.templates import render

#: Measure -> its name, and the format of its numbers if it is not that of the unit.
MEASURES = {
    "value": "Value",
    "share": "Share of the world, %",
    "rca": "Revealed comparative advantage",
    "hhi": "Concentration across economies (HHI)",
}

#: Units of amounts, of which shares can be taken.
_AMOUNT = re.compile(r"USD|euro|yen|yuan|number|articles|vehicles|tons|\bGW\b|robots|interventions")

#: Columns of items in which an economy can be specialized.
_ITEMS = ("industry", "field", "product", "product_group", "goods", "products", "technology")

_FIRST = ("CHN", "USA", "EU27", "JPN", "KOR", "DEU", "IND")


def explore(table: str = "value_added") -> Any:
    """Explore the tables of the catalog: a chart with its values on hover, and the code that makes it.

    Parameters
    ----------
    table : str
        The table to begin with.

    Returns
    -------
    ipywidgets.Widget
        The last line of a cell displays it. In JupyterLab its button puts the code into a new cell below; elsewhere the code can be
        copied.

    Raises
    ------
    LabError
        If ipywidgets is not installed.
    UnknownName
        If there is no such table.
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise LabError(
            "lab.explore() needs ipywidgets, which is not installed: pip install 'mic2025lab[explore]', then restart the kernel."
        ) from error
    return _Explorer(ipywidgets, table).box


def tables() -> dict[str, str]:
    """Return the tables that can be explored, with their titles: here, with values by economy and year."""
    return {name: entry.title for name, entry in catalog.catalog().items() if _fits(entry)}


def measures(about: Dataset) -> list[str]:
    """Return the measures that fit the columns and the unit of a table."""
    amount = bool(_AMOUNT.search(about.unit)) and "%" not in about.unit
    fitting = {"value": True, "share": amount, "rca": amount and _item(about) is not None, "hhi": amount}
    return [measure for measure, fits in fitting.items() if fits]


def code(
    table: str, measure: str, fixed: Mapping[str, Any], shown: Sequence[str], years: tuple[int, int]
) -> str:
    """Write the code of a chart.

    Parameters
    ----------
    table, measure : str
        A table of the catalog, and one of `MEASURES`.
    fixed : mapping
        Column -> its value, for each other column of the key.
    shown : sequence of str
        Codes of economies; the first is the focus.
    years : (int, int)
        First and last.

    Returns
    -------
    str
        Python; `figure` is the chart.
    """
    about = catalog.describe(table)
    item = _item(about) or ""
    # Specialization needs the other items.
    filters = {name: value for name, value in fixed.items() if measure != "rca" or name != item}
    chosen = load(table, **filters)
    world = measure == "share" and "WLD" in set(chosen["economy"])
    mixed = ["economy", *(fixed.keys() - filters.keys())] if measure != "value" and not world else []
    sums = {column: sorted(find_totals(chosen[column].dropna().unique())) for column in mixed}
    unit = str(chosen["unit"].iloc[0]) if "unit" in chosen and len(chosen) else about.unit
    scope, of = ", ".join(_name(*pair) for pair in fixed.items()), about.title.split(",")[0]
    head = f"{scope[:1].upper()}{scope[1:]}" if scope else of
    written = render(
        Path(__file__).with_suffix(".py.j2"),
        table=table,
        measure=measure,
        fixed=fixed,
        filters=filters,
        sums={column: totals for column, totals in sums.items() if totals},
        world=world,
        item=item,
        cell=[*fixed, "year"],
        economies={one: _name("economy", one) for one in shown},
        years=years,
        focus=shown[0],
        unit=unit if measure == "value" else "%",
        title=f"{head}, {years[0]}–{years[1]}",
        subtitle=f"{of}; {unit}" if measure == "value" else f"{MEASURES[measure]}; {of[0].lower()}{of[1:]}",
    )
    return written.rstrip("\n")


def _fits(about: Dataset) -> bool:
    key, within_a_year = set(about.key), {"period", "month", "quarter"}
    return {"year", "economy"} <= key and "value" in about.columns and not key & within_a_year


def _item(about: Dataset) -> str | None:
    return next((name for name in _ITEMS if name in about.key), None)


def _name(column: str, value: Any) -> str:
    finders = {"economy": economies.name, "industry": industries.name}
    try:
        return finders[column](value)
    except (KeyError, LabError):
        return str(value).replace("_", " ")


def _options(column: pd.Series) -> list[tuple[str, Any]]:
    """Return the values of a column with their names, in the order of the names; industries with the sector that they represent."""
    proxies = {one: f" ({sector.name})" for sector in sectors.SECTORS for one in sector.industries}
    named = sorted((_name(str(column.name), value), value) for value in column.dropna().unique())
    return [(name + proxies.get(value, "") * (column.name == "industry"), value) for name, value in named]


class _Explorer:
    """The widgets. A change of one rewrites the code, and the code is run for the chart."""

    def __init__(self, widgets: Any, table: str) -> None:
        catalog.describe(table)
        known = tables()
        if table not in known:
            raise LabError(
                f"{table!r} has no values by economy and year, which the explorer shows. One of: {', '.join(known)}."
            )
        self.widgets = widgets
        options = [(f"{name}: {title}", name) for name, title in known.items()]
        self.table = self._dropdown("Table", options, table)
        self.measure = self._dropdown("Measure", ["value"], "value")
        self.economies = widgets.SelectMultiple(description="Economies", rows=6, **self._look())
        self.focus = self._dropdown("In color", [], None)
        self.years = widgets.IntRangeSlider(description="Years", continuous_update=False, **self._look())
        self.fixed: dict[str, Any] = {}
        self.filters, self.chart, self.put = widgets.VBox(), widgets.Output(), widgets.HTML()
        self.code = widgets.Textarea(rows=14, layout=widgets.Layout(width="56em"))
        self.code.add_class("mic2025lab-code")
        self.busy = False
        self.table.observe(self._choose_table, "value")
        for one in (self.measure, self.economies, self.focus, self.years):
            one.observe(self._draw, "value")
        left = [self.table, self.measure, self.filters, self.economies, self.focus, self.years]
        row = widgets.HBox([widgets.VBox(left), self.chart], layout=widgets.Layout(flex_flow="row wrap"))
        self.box = widgets.VBox([row, self.put, self.code])
        self._choose_table()

    def _look(self) -> dict[str, Any]:
        return {"style": {"description_width": "7em"}, "layout": self.widgets.Layout(width="34em")}

    def _dropdown(self, name: str, options: Sequence[Any], value: Any) -> Any:
        return self.widgets.Dropdown(options=options, value=value, description=name, **self._look())

    def _choose_table(self, _: Any = None) -> None:
        self.busy = True
        about, frame = catalog.describe(self.table.value), load(self.table.value)
        self.measure.options = [(MEASURES[name], name) for name in measures(about)]
        names = [name for name in about.key if name not in ("year", "economy")]
        self.fixed = {name: self._dropdown(name.replace("_", " ").capitalize(), [], None) for name in names}
        for widget in self.fixed.values():
            widget.observe(self._draw, "value")
        self.filters.children = tuple(self.fixed.values())
        self.economies.options = _options(frame["economy"])
        there = [code for _, code in self.economies.options]
        self.economies.value = tuple([code for code in _FIRST if code in there][:6] or there[:4])
        least, most = int(frame["year"].min()), int(frame["year"].max())
        self.years.max, self.years.min = max(most, self.years.min), least  # never the wrong way round
        self.years.max = most
        self.years.value = (least, most)
        self.busy = False
        self._draw()

    def _narrow(self) -> None:
        """Offer in each filter only what the table has with the filters above it."""
        frame = load(self.table.value)
        for name, widget in self.fixed.items():
            before, widget.options = widget.value, _options(frame[name])
            there = [value for _, value in widget.options]
            newest = there[-1] if name in ("edition", "version", "vintage", "transcription") else there[0]
            first = "manufacturing" if "manufacturing" in there else newest
            widget.value = before if before in there else first
            frame = frame[frame[name] == widget.value]

    def _draw(self, _: Any = None) -> None:
        if self.busy:
            return
        chosen, before = list(self.economies.value), self.focus.value
        if not chosen:
            self._say("Choose at least one economy.")
            return
        self.busy = True
        self._narrow()
        self.focus.options = [(_name("economy", code), code) for code in chosen]
        self.focus.value = before if before in chosen else chosen[0]
        self.busy = False
        order = [self.focus.value, *(code for code in chosen if code != self.focus.value)]
        fixed = {name: widget.value for name, widget in self.fixed.items()}
        written = code(self.table.value, self.measure.value, fixed, order, self.years.value)
        self.code.value = written
        self.put.value = _button(written)
        try:
            made: dict[str, Any] = {}
            exec(written, made)
        except LabError as error:
            self._say(str(error))
            return
        figure = made["figure"]
        png, _ = figure._repr_png_()
        data = {"text/plain": figure.alt_text, "image/png": base64.b64encode(png).decode()}
        data |= figure._repr_mimebundle_()
        self.chart.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    def _say(self, text: str) -> None:
        self.chart.outputs = ({"output_type": "stream", "name": "stdout", "text": text + "\n"},)


def _button(text: str) -> str:
    """Return a button for JupyterLab's command linker: a kernel cannot make a cell when no cell runs.

    JupyterLab runs the commands of a notebook that is trusted, and asks in another.
    """
    names = ["notebook:insert-cell-below", "notebook:replace-selection"]
    commands = json.dumps({"commands": names, "args": {"text": text}})
    return render(Path(__file__).with_suffix(".html.j2"), commands=commands)
