"""Peaks of series, and their sensitivity to vintage and conversion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.panel import panel
from mic2025lab.errors import TableError

__all__ = ["peak", "peak_sensitivity"]


def peak(
    table: Any, *, of: str | Iterable[str] | None = "economy", year: str = "year", value: str = "value"
) -> Any:
    """Year and level of a series' maximum, and its distance to both ends.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year; leave forecasts out first if they are not meant.
    of, year, value : str
        Columns that identify a series, its year, and its value in any unit.

    Returns
    -------
    table of the caller's kind
        One row for each entity: ``peak_year`` (the first, if several years share it), ``peak``, ``first_year``,
        ``last_year``, ``over_first`` and ``over_last`` (peak less the first and last value, in the unit of
        the value), ``interior`` (the maximum is at neither end, so it has been passed) and ``years``
        (with a value). Missing years are left out; an entity without any value is not in the result.

    Raises
    ------
    TableError
        A missing column, a repeated year, no value at all.

    Examples
    --------
    >>> import pandas as pd
    >>> share = pd.DataFrame({"economy": "CHN", "year": [2015, 2021, 2024], "value": [14.9, 18.5, 16.9]})
    >>> peak(share)[["peak_year", "peak", "interior"]].values.tolist()
    [[2021, 18.5, True]]
    """
    rows = panel(table, of=of, year=year, columns=(value,))
    tops = _peaks(
        pd.DataFrame({"_series": rows.group, "_year": rows.years, "_value": rows.numbers(value)}), value
    )
    keys = rows.decoded(rows.starts[tops.index])
    return rows.frame.build({**keys, **{str(name): column.to_numpy() for name, column in tops.items()}})


def _peaks(data: pd.DataFrame, value: str) -> pd.DataFrame:
    """Peak of each group of rows by the columns before the last two, the year and value, which are sorted by year."""
    data = data.dropna()
    if data.empty:
        raise TableError(f"Column {value!r} has no value in any row, so there is no maximum.")
    grouped = data.groupby(list(data.columns[:-2]))
    top = data.loc[grouped["_value"].idxmax()].set_index(list(data.columns[:-2]))
    first, last = grouped.first(), grouped.last()
    over_first, over_last = top["_value"] - first["_value"], top["_value"] - last["_value"]
    return pd.DataFrame(
        {
            "peak_year": top["_year"],
            "peak": top["_value"],
            "first_year": first["_year"],
            "last_year": last["_year"],
            "over_first": over_first,
            "over_last": over_last,
            # A last value as high as an earlier one is a maximum that has not been passed.
            "interior": (over_first > 0) & (over_last > 0),
            "years": grouped.size(),
        }
    )


def peak_sensitivity(
    table: Any,
    *,
    by: str = "vintage",
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    value: str = "value",
    common_years: bool = False,
) -> Any:
    """Compare the peak across versions of a series: vintages, exchange rates or purchasing power parity.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity, version and year.
    by : str
        Column of the version.
    of, year, value : str
        As in `peak`.
    common_years : bool
        Compare only the years that all versions of an entity have.

    Returns
    -------
    table of the caller's kind
        One row for each entity: ``versions``, ``earliest_peak``, ``latest_peak`` (years), ``same_year``,
        ``all_interior`` (it has been passed in every version), ``least_over_last`` and ``most_over_last``
        (how far the peak stands over the last value, unit of the value). One version of `peak` gives the
        levels.

    Raises
    ------
    TableError
        As `peak`; and no year that all versions have, when `common_years`.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"economy": "CHN", "vintage": ["a"] * 3 + ["b"] * 3, "year": [2015, 2021, 2024] * 2,
    ...                       "value": [14.9, 18.5, 16.9, 15.7, 18.7, 19.3]})
    >>> peak_sensitivity(table)[["earliest_peak", "latest_peak", "all_interior"]].values.tolist()
    [[2021, 2024, False]]
    """
    keys = columns_of(of)
    rows = panel(table, of=(*keys, by), year=year, columns=(value,))
    frame = rows.frame
    data = pd.DataFrame({key: frame.codes(key).codes[rows.order] for key in (*keys, by)})
    data["_year"], data["_value"] = rows.years, rows.numbers(value)
    data = data.dropna()
    if not keys:
        data.insert(0, "_all", 0)
    groups = list(keys) or ["_all"]
    if common_years:
        versions = data.groupby(groups)[by].transform("nunique")
        shared = data[data.groupby([*groups, "_year"])[by].transform("nunique") == versions]
        if len(shared.groupby(groups)) < len(data.groupby(groups)):
            raise TableError(
                "An entity has no year that all its versions have; compare them without common_years."
            )
        data = shared
    grouped = _peaks(data, value).groupby(groups)
    result = grouped.agg(
        versions=("peak_year", "size"),
        earliest_peak=("peak_year", "min"),
        latest_peak=("peak_year", "max"),
        all_interior=("interior", "all"),
        least_over_last=("over_last", "min"),
        most_over_last=("over_last", "max"),
    ).reset_index()
    result.insert(len(groups) + 3, "same_year", result["earliest_peak"] == result["latest_peak"])
    decoded = {key: frame.codes(key).decode(result[key].to_numpy()) for key in keys}
    numbers = {name: result[name].to_numpy() for name in result.columns if name not in groups}
    return frame.build({**decoded, **numbers})
