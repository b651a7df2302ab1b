"""Predictors of a synthetic control: columns of the table averaged over years, one number a unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mic2025lab.errors import ParameterError, TableError, shown
from mic2025lab.models._balanced_panel import several
from mic2025lab.models._types import Bools, Floats, Ints

#: A column, averaged over all years before; or a column and the years to average it over.
Predictor = str | tuple[str, Iterable[int]]


@dataclass(frozen=True, eq=False)
class Predictors:
    """Predictors by unit; `columns` keeps the yearly values, so that an earlier date can be tried."""

    names: tuple[str, ...]
    spans: tuple[tuple[int, ...] | None, ...]
    years: Ints
    columns: Floats
    at: int

    @property
    def values(self) -> Floats:
        """One row a unit, one column a predictor; nan where a unit has no value in the years."""
        means = []
        for column, span in zip(self.columns, self.spans, strict=True):
            wanted = self.years <= self.at if span is None else np.isin(self.years, span)
            inside = column[:, wanted]
            known = np.isfinite(inside)
            total = np.where(known, inside, 0.0).sum(axis=1)
            count = known.sum(axis=1)
            means.append(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0))
        return np.column_stack(means)

    @property
    def known(self) -> Bools:
        """Units with a value of every predictor."""
        return np.all(np.isfinite(self.values), axis=1)

    def take(self, rows: Sequence[int]) -> Predictors:
        """The same for some of the units."""
        return replace(self, columns=self.columns[:, list(rows)])

    def refuse_constant(self) -> None:
        """Raise TableError for a predictor that is the same in every unit: it tells no donor from another."""
        for name, column in zip(self.names, self.values.T, strict=True):
            if not varies(column):
                raise TableError(
                    f"Predictor {name!r} is the same in every unit ({column[0]:g}), so there is nothing to match: leave it out."
                )

    def before(self, at: int) -> Predictors:
        """The same for an earlier date; predictors of years that lie after it have no meaning then."""
        for name, span in zip(self.names, self.spans, strict=True):
            if span is not None and max(span) > at:
                raise ParameterError(
                    f"Predictor {name!r} is of years after the placebo date {at}: give it without years."
                )
        earlier = replace(self, at=at)
        if not earlier.known.all():
            raise ParameterError(
                f"Some unit has no value of a predictor up to {at}: give a later placebo date."
            )
        return earlier


def varies(values: Floats) -> Any:
    """Whether the values (along the last axis) differ by more than rounding."""
    return np.ptp(values, axis=-1) > 1e-12 * np.abs(values).max(axis=-1)


def _named(predictor: Any) -> tuple[str, tuple[int, ...] | None]:
    """Column and years of a predictor."""
    if isinstance(predictor, str):
        return predictor, None
    if isinstance(predictor, tuple) and len(predictor) == 2 and isinstance(predictor[0], str):
        return predictor[0], tuple(several(predictor[1]))
    raise ParameterError(
        f"A predictor is the name of a column, or (name, years) such as ('investment', [2010, 2011]); got {shown(predictor)}."
    )


def read_predictors(
    table: Any, predictors: Sequence[Predictor], *, of: str, year: str, units: Sequence[Any], at: int
) -> Predictors:
    """Read the columns of the predictors for the units given."""
    # Here, so that importing the models does not load the metrics.
    from mic2025lab.engine.panel import panel

    named = [_named(predictor) for predictor in predictors]
    rows = panel(table, of=of, year=year, columns=tuple(name for name, _ in named))
    place = {unit: row for row, unit in enumerate(units)}
    codes = rows.frame.codes(of)
    unit = np.array([place.get(label, -1) for label in codes.labels])[codes.codes[rows.order]]
    years: npt.NDArray[np.int64] = np.unique(rows.years)
    columns = np.full((len(named), len(units), len(years)), np.nan)
    kept = unit >= 0
    for number, (name, span) in enumerate(named):
        if span is not None and not set(span) <= set(years[years <= at].tolist()):
            raise ParameterError(
                f"Years of predictor {name!r} must be years of the table up to {at}; got {sorted(span)}."
            )
        columns[number, unit[kept], np.searchsorted(years, rows.years[kept])] = rows.numbers(name)[kept]
    labels = tuple(name if span is None else f"{name} {', '.join(map(str, span))}" for name, span in named)
    return Predictors(labels, tuple(span for _, span in named), years, columns, at)
