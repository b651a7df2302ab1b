"""The table of a figure: whether it can be drawn, and the unit, scope, and source that it has in its `attrs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mic2025lab.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

_SIZES = ("", "thousand", "million", "billion", "trillion")
_UNSCALED = ("%", "index", "ratio", "number")


def need(table: pd.DataFrame, columns: Sequence[str | None], values: Sequence[str] = ()) -> None:
    """Check that a table has these columns (None is skipped), rows, and something to draw in `values`."""
    missing = [column for column in [*columns, *values] if column is not None and column not in table]
    if missing:
        raise TableError(f"The figure needs column(s) {missing}; the table has {list(table.columns)}.")
    if table.empty or (values and table[list(values)].isna().all(axis=None)):
        why = "the table has no rows" if table.empty else f"every value of {list(values)} is missing"
        raise TableError(f"There is nothing to draw: {why}. Check the selection before it.")


def described(
    table: pd.DataFrame, values: Sequence[str], roles: Sequence[str | None], subtitle: str | None, source: str | Sequence[str] | None,
    unit: str | None, *, beside: Sequence[str] = (),
) -> tuple[pd.DataFrame, str, str | Sequence[str], str | None]:  # fmt: skip
    """Check the table of a figure, and return it with subtitle, source, and unit; those that are not given are from its `attrs`.

    With a subtitle from `attrs`, fractions are drawn in percent and large numbers in thousands, millions, billions, or trillions, and
    the subtitle says so. A figure with a subtitle of its own draws the numbers as they are.

    Parameters
    ----------
    table : pandas.DataFrame
    values : sequence of str
        Columns that are drawn.
    roles : sequence of str or None
        Columns that the figure shows otherwise, and that the subtitle need not name.
    subtitle, source, unit
        As given to the figure.
    beside : sequence of str
        Columns that are drawn beside the values, such as the ends of an interval; all have one unit.

    Raises
    ------
    TableError
        If something is neither given nor known, or there is nothing to draw.
    """
    need(table, [*roles, *beside], values)
    values = [*values, *beside]
    units, here = table.attrs.get("units", {}), [name for name in values if name in table]
    if source is None:
        source = table.attrs.get("source")
        if not source:
            raise TableError(
                "The table does not say where it is from: give source=, a catalog table or a line."
            )
    if subtitle is not None:
        return table, subtitle, source, unit
    known = {units.get(name) for name in here}
    if unit is None and (len(known) != 1 or None in known):
        raise TableError(f"The table does not say one unit of {', '.join(values)}: give unit= or subtitle=.")
    if unit is None:
        factor, unit = _scale(known.pop(), table[here].abs().max().max())
        table = table.assign(**{name: table[name] / factor for name in here})
    telling = len(here) == 1 and here != ["value"]
    words = here[0].replace("_", " ") if telling else table.attrs.get("title", "")
    subtitle = ", ".join(part for part in (words, unit, *_scope(table, [*values, *roles])) if part)
    return table, subtitle[0].upper() + subtitle[1:], source, unit


def _scale(unit: str, largest: float) -> tuple[float, str]:
    """Choose what to divide by, and the unit that results: 34,000,000 million USD are 34 trillion USD."""
    if unit in ("fraction", "share"):
        return 0.01, "%"
    size, _, rest = unit.partition(" ")
    size, rest = (size, rest) if size in _SIZES[1:] else ("", unit)
    if unit in _UNSCALED or unit[0].isdigit():
        return 1.0, unit
    place, factor = _SIZES.index(size), 1.0
    while largest / factor >= 1000 and place < len(_SIZES) - 1:
        place, factor = place + 1, factor * 1000
    return factor, f"{_SIZES[place]} {rest}".strip()


def _scope(table: pd.DataFrame, shown: Sequence[str | None]) -> list[str]:
    """Name what is the same in all rows, such as the industry, and the years."""
    scope, told = [], {*shown, "unit", "flag", "level", "year"}
    for name in table.columns:
        if name not in told and table[name].dtype.kind not in "fb":
            values = table[name].unique()
            scope += [str(values[0]).replace("_", " ")] if len(values) == 1 and values[0] == values[0] else []
    if "year" in table and len(table):
        first, last = table["year"].min(), table["year"].max()
        scope.append(f"{first}" if first == last else f"{first}–{last}")
    return scope
