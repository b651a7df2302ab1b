"""What a table says about itself in `attrs`: its name, source, and the unit of each column; and what a metric makes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

#: Column of a metric -> its unit; "value" stands for the unit of the metric's input.
_UNITS = {
    column: unit
    for unit, columns in tomllib.loads(
        files("mic2025lab.engine").joinpath("units.toml").read_text(encoding="utf-8")
    ).items()
    for column in columns
}
#: Options that name the column whose unit a result can have.
_INPUTS = ("value", "income", "output", "investment")


def carry(result: Any, table: Any, options: Mapping[str, Any]) -> None:
    """Describe the result of a metric as its table is described, with the units of its own columns.

    A column of the table keeps its unit, a column of the metric has the metric's, and one whose unit is not known has none.
    """
    about = getattr(table, "attrs", None) or {}
    units = about.get("units")
    if units is None or not hasattr(result, "attrs"):
        return
    known = (
        units[options[name]]
        for name in _INPUTS
        if isinstance(options.get(name), str) and options[name] in units
    )
    own = next(known, None)
    described = {}
    for column in result.columns:
        unit = units.get(column) if column in table.columns else _UNITS.get(column)
        if unit in ("value", "value a year") and column not in units:
            unit = unit.replace("value", own, 1) if own else None
        if unit:
            described[column] = unit
    result.attrs = {**about, "units": described}
