"""A long table as an array: units (and groups) by years, nothing missing, and the contrasts over years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mic2025lab.engine.panel import Panel, panel
from mic2025lab.errors import ParameterError, TableError, shown, unknown_name
from mic2025lab.models._types import Bools, Floats, Ints


def several(labels: Any) -> list[Any]:
    """Return labels as a list: a text, a number, and whatever else cannot be iterated over is one label."""
    return list(labels) if isinstance(labels, Iterable) and not isinstance(labels, str) else [labels]


def some(names: Sequence[Any]) -> str:
    """Return how many names there are, and the first twelve."""
    return f"{len(names)} ({', '.join(map(str, names[:12]))}{', …' if len(names) > 12 else ''})"


@dataclass(frozen=True, eq=False)
class BalancedPanel:
    """Values by unit, group and year; `dropped` are the units left out because a value was missing."""

    units: tuple[Any, ...]
    groups: tuple[Any, ...]
    years: Ints
    values: Floats
    dropped: tuple[Any, ...]

    def mask(self, wanted: Any, *, groups: bool = False, kind: str) -> Bools:
        """Which units (or groups) are among the wanted ones (one or several), all of which must be there."""
        names = self.groups if groups else self.units
        wanted = several(wanted)
        for name in wanted:
            if name in self.dropped:
                raise TableError(
                    f"{kind} {shown(name)} has missing values in {self.years[0]}-{self.years[-1]}: shorten the window (start, end)."
                )
            if name not in names:
                raise unknown_name(kind, name, [str(known) for known in names])
        chosen = set(wanted)
        return np.array([name in chosen for name in names])


def balanced_panel(
    table: Any,
    keys: tuple[str, ...],
    year: str,
    value: str,
    *,
    log: bool,
    window: tuple[int | None, int | None],
    keep: Sequence[Any] | None = None,
) -> BalancedPanel:
    """Read a table into a `BalancedPanel` over the years asked for; units without a value in any cell are dropped and named.

    Raises
    ------
    TableError
        Keys twice, no rows in the window, years missing altogether, values at or below zero under a logarithm, fewer than three units.
    """
    of, (start, end) = keys[0], window
    rows = panel(table, of=keys, year=year, columns=(value,))
    values = rows.numbers(value, positive=log)
    unit = labels_of(rows, of)
    group = labels_of(rows, keys[1]) if len(keys) > 1 else np.full(len(unit), "", dtype=object)
    low = int(rows.years.min()) if start is None else start
    high = int(rows.years.max()) if end is None else end
    inside = (rows.years >= low) & (rows.years <= high)
    if keep is not None:
        inside &= np.isin(group, list(keep))
    if not inside.any():
        raise TableError(f"No rows in {low}-{high}; the table has {rows.years.min()} to {rows.years.max()}.")
    years = np.unique(rows.years[inside])
    if len(years) != years[-1] - years[0] + 1:
        gap = sorted(set(range(int(years[0]), int(years[-1]) + 1)) - set(years.tolist()))
        raise TableError(f"No unit has a value in {gap}: a window must be consecutive years.")
    names, row = np.unique(unit[inside], return_inverse=True)
    kinds, layer = np.unique(group[inside], return_inverse=True)
    full = np.full((len(names), len(kinds), len(years)), np.nan)
    full[row, layer, rows.years[inside] - years[0]] = np.log(values[inside]) if log else values[inside]
    whole = np.isfinite(full).all(axis=(1, 2))
    if whole.sum() < 3:
        raise TableError(
            f"Only {int(whole.sum())} of {len(names)} values of {of!r} have a number in every cell of {years[0]}-{years[-1]}; three are needed."
        )
    return BalancedPanel(tuple(names[whole]), tuple(kinds), years, full[whole], tuple(names[~whole]))


def labels_of(rows: Panel, key: str) -> npt.NDArray[Any]:
    """Label of one key in every sorted row."""
    codes = rows.frame.codes(key)
    return np.array(codes.labels, dtype=object)[codes.codes[rows.order]]


def check_date(at: int, years: Ints, *, before: int, after: int = 1) -> None:
    """Raise ParameterError where a date leaves too few years on a side."""
    early, late = int((years <= at).sum()), int((years > at).sum())
    if early < before or late < after:
        first, last = years[0] + before - 1, years[-1] - after
        remedy = f"a year from {first} to {last}" if first <= last else "a longer series"
        raise ParameterError(
            f"at={at} leaves {early} years up to it and {late} after it in {years[0]}-{years[-1]}; {before} and {after} are needed. "
            f"Give {remedy}."
        )


def after_less_before(years: Ints, at: int, trends: bool) -> Floats:
    """Weights over years: the mean after `at` less the mean up to it, or less the line through the years up to it carried on."""
    late = years > at
    return late / late.sum() - expected(years, at, trends)[late].mean(axis=0)


def expected(years: Ints, at: int, trends: bool) -> Floats:
    """Matrix that gives, for each year, what the years up to `at` lead one to expect: their mean, or their straight line."""
    early = years <= at
    time = (years - at).astype("float64")
    x = np.column_stack([np.ones(len(years)), time] if trends else [np.ones(len(years))])
    matrix = np.zeros((len(years), len(years)))
    matrix[:, early] = x @ np.linalg.pinv(x[early])
    return matrix
