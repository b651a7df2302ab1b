"""Annual series for the trend models: years in a row, the regressors of a broken line, what is too short."""

from __future__ import annotations

from typing import Any

import numpy as np

from mic2025lab.engine.frame import read
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._types import Floats, Ints

MIN_SIDE = 3
_FEW = 20


def _floats(values: Any) -> Floats:
    """One flat float64 array of a list, an array or a Series, missing as nan."""
    try:
        if hasattr(values, "to_numpy"):
            values = values.to_numpy()
        return np.array([np.nan if value is None else value for value in np.ravel(values)], dtype="float64")
    except (TypeError, ValueError) as error:
        raise TableError(f"Values and years must be numbers ({error}).") from error


def annual(y: Any, year: Any, value: str = "value", time: str = "year") -> tuple[Floats, Ints]:
    """Values and consecutive years, of a table, a series, or two arrays, sorted; what is missing at the ends is left off."""
    if hasattr(y, "columns") or hasattr(y, "column_names"):
        if year is not None:
            raise ParameterError(
                "Of a table, name the column of the years: time=... takes the place of year=."
            )
        frame = read(y, columns=[time, value])
        y, year = frame.numbers(value), frame.numbers(time)
    if year is None:
        if not hasattr(y, "index") or callable(y.index):
            raise TableError("No years: pass a table, a pandas Series whose index is the year, or year=.")
        year = y.index
    values = _floats(y)
    years_given = _floats(year)
    if len(values) != len(years_given):
        raise TableError(
            f"y has {len(values)} values and year has {len(years_given)}: they must be of one length."
        )
    if not (years_given == np.floor(years_given)).all():
        raise TableError(f"Years must be whole numbers; got {years_given[:3].tolist()}.")
    years = years_given.astype("int64")
    order = np.argsort(years, kind="stable")
    values, years = values[order], years[order]
    present = np.flatnonzero(np.isfinite(values))
    if not len(present):
        raise TableError("Every value is missing: there is no trend to fit.")
    inside = slice(present[0], present[-1] + 1)
    values, years = values[inside], years[inside]
    steps = np.diff(years)
    if (steps == 0).any():
        twice = sorted(set(years[1:][steps == 0].tolist()))
        raise TableError(
            f"Years given more than once: {twice}. Give one series at a time (or use segmented_trend_by)."
        )
    holes = sorted(
        {*(set(range(years[0], years[-1] + 1)) - set(years.tolist())), *years[~np.isfinite(values)].tolist()}
    )
    if holes:
        raise TableError(
            f"Years without a value inside the series: {holes}. Lags would join years that are not neighbors: "
            "cut the series, or fill these years and say so."
        )
    return values, years


def check_noise(residuals: Floats, values: Floats) -> None:
    """Raise TableError where the line fits to rounding: then there is nothing to judge chance by."""
    if np.abs(residuals).max() <= 1e-10 * max(np.abs(values).max(), 1e-300):
        raise TableError(
            "The series lies exactly on the fitted line, so there are no errors to judge a change by."
        )


def design(years: Ints, at: int, level: bool) -> Floats:
    """Constant, year from `at`, years past `at`, and (asked) a step after `at`."""
    time = (years - at).astype("float64")
    columns = [np.ones_like(time), time, np.clip(time, 0, None)]
    if level:
        columns.append((time > 0).astype("float64"))
    return np.column_stack(columns)


def check_at(at: int, years: Ints, level: bool) -> None:
    """Raise ParameterError where the date leaves too few years on a side."""
    before, after = int((years <= at).sum()), int((years > at).sum())
    if min(before, after) < MIN_SIDE:
        low, high = (
            int(years[MIN_SIDE - 1]),
            int(years[-MIN_SIDE - 1]) if len(years) > MIN_SIDE else int(years[0]),
        )
        right = f"a year from {low} to {high}" if low <= high else "a longer series"
        raise ParameterError(
            f"at={at} leaves {before} years up to it and {after} after it in {years[0]}-{years[-1]}; each side needs "
            f"{MIN_SIDE}. Give {right}."
        )
    if len(years) - (4 if level else 3) < MIN_SIDE:
        raise TableError(
            f"{len(years)} years are too few for a segmented trend; give at least {MIN_SIDE * 2 + 1}."
        )


def notes_on(n_obs: int) -> tuple[str, ...]:
    """What a reader should know of a sample of this size."""
    if n_obs >= _FEW:
        return ()
    return (f"Only {n_obs} observations: the test has little power and its level is approximate.",)
