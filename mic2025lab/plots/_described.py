"""What a figure says without being told: the unit, scope, and source that a table has in its `attrs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mic2025lab.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

_SIZES = ("", "thousand", "million", "billion", "trillion")
_UNSCALED = ("%", "index", "ratio", "number")


def described(
    table: pd.DataFrame,
    values: Sequence[str],
    roles: Sequence[str | None],
    subtitle: str | None,
    source: str | Sequence[str] | None,
    unit: str | None,
) -> tuple[pd.DataFrame, str, str | Sequence[str], str | None]:
    """Return the table, subtitle, source, and unit of a figure, those that are not given from the table's `attrs`.

    With a subtitle from `attrs`, fractions are drawn in percent and large numbers in thousands, millions, billions, or trillions, and
    the subtitle says so. A figure with a subtitle of its own draws the numbers as they are.

    Parameters
    ----------
    table : pandas.DataFrame
    values : sequence of str
        Columns that are drawn; they have one unit.
    roles : sequence of str or None
        Columns that the figure shows otherwise, and that the subtitle need not name.
    subtitle, source, unit
        As given to the figure.

    Raises
    ------
    TableError
        If something is neither given nor known.
    """
    units, here = table.attrs.get("units", {}), [name for name in values if name in table]
    if source is None:
        source = table.attrs.get("source")
        if not source:
            raise TableError(
                "The table does not say where it is from. Name the catalog table, or write a line: source=..."
            )
    if subtitle is not None:
        return table, subtitle, source, unit
    known = {units.get(name) for name in here}
    if unit is None and (len(known) != 1 or None in known):
        raise TableError(
            f"The table does not say one unit of {', '.join(values)}. Write unit and scope: subtitle=..., or give unit=..."
        )
    if unit is None:
        factor, unit = _scale(known.pop(), table[here].abs().max().max())
        table = table.assign(**{name: table[name] / factor for name in here})
    words = (
        here[0].replace("_", " ") if len(here) == 1 and here != ["value"] else table.attrs.get("title", "")
    )
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
    scope = []
    for name in table.columns:
        if (
            name not in (*shown, "unit", "flag", "level")
            and name != "year"
            and table[name].dtype.kind not in "fb"
        ):
            values = table[name].unique()
            scope += [str(values[0]).replace("_", " ")] if len(values) == 1 and values[0] == values[0] else []
    if "year" in table and len(table):
        first, last = table["year"].min(), table["year"].max()
        scope.append(f"{first}" if first == last else f"{first}–{last}")
    return scope
