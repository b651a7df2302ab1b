"""Before and after the base year in a panel of firms: the difference, its interval, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mic2025lab.errors import ParameterError
from mic2025lab.evidence._words import is_clear, signed
from mic2025lab.models.bootstrap import interval
from mic2025lab.own_panels import Panel as Firms

LEVEL = 0.95


@dataclass(frozen=True)
class Change:
    """Mean of the years up to the base year and of those after it, and the interval of their difference."""

    before: float
    after: float
    low: float
    high: float

    @property
    def value(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return is_clear(self.value, self.low, self.high)


def check_years(firms: Firms, base_year: int) -> None:
    """Refuse a base year without a year of the panel on each side.

    Raises
    ------
    ParameterError
        Names the years that would do.
    """
    low, high = int(firms.table["year"].min()), int(firms.table["year"].max())
    if not low <= base_year < high:
        raise ParameterError(
            f"base_year = {base_year} leaves no year on one side in {firms.name}, which covers {low} to {high}; "
            f"choose a base_year from {low} to {high - 1}."
        )


def change(years: Any, values: Any, draws: Any, base_year: int) -> Change:
    """Compare the mean of the years after the base year with that of the years up to it; years without a value are left out.

    Parameters
    ----------
    years, values : array-like
        A value each year.
    draws : array-like
        The same values in each draw of a bootstrap of firms, a row a draw.
    base_year : int
        Last year before.

    Examples
    --------
    >>> found = change([2014, 2015, 2016], [1.0, 3.0, 5.0], [[1.0, 3.0, 4.0], [1.0, 3.0, 6.0]], 2015)
    >>> found.before, found.after, found.clear
    (2.0, 5.0, True)
    """
    values, draws = np.asarray(values, float), np.asarray(draws, float)
    known = np.isfinite(values)
    after = np.asarray(years)[known] > base_year
    values, draws = values[known], draws[:, known]
    if after.all() or not after.any():
        before_mean, after_mean = (
            float(values[side].mean()) if side.any() else np.nan for side in (~after, after)
        )
        return Change(before_mean, after_mean, np.nan, np.nan)
    low, high = interval(draws[:, after].mean(axis=1) - draws[:, ~after].mean(axis=1))
    return Change(float(values[~after].mean()), float(values[after].mean()), float(low), float(high))


def say(firms: Firms, text: str) -> str:
    """Begin a sentence with what the firms are, or with a capital letter."""
    return firms.titled(text) if firms.simulated else text[0].upper() + text[1:]


def moved(found: Change, digits: int = 1, unit: str = " points") -> str:
    """Say which way it went, if the interval lets one.

    Examples
    --------
    >>> moved(Change(10.0, 12.0, 1.0, 3.0)), moved(Change(10.0, 12.0, -1.0, 5.0))
    ('a rise (+2.0 points, interval +1.0 to +3.0)', 'no clear change (+2.0 points, interval −1.0 to +5.0)')
    >>> moved(Change(float("nan"), 12.0, float("nan"), float("nan")))
    'no comparison, for one side has no year'
    """
    if np.isnan(found.value):
        return "no comparison, for one side has no year"
    span = f"{signed(found.value, digits)}{unit}, interval {signed(found.low, digits)} to {signed(found.high, digits)}"
    if not found.clear:
        return f"no clear change ({span})"
    return f"{'a rise' if found.value > 0 else 'a fall'} ({span})"
