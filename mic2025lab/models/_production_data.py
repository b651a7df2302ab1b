"""A firm panel as arrays for the production functions: logs, complete rows, neighboring years, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mic2025lab.engine.checks import check_units, one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.panel import Panel, panel
from mic2025lab.errors import TableError
from mic2025lab.models._polynomial import Powers, independent, monomials, powers
from mic2025lab.models._types import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Sample:
    """The complete rows of a panel, sorted by firm and year, in logs.

    Attributes
    ----------
    panel : Panel
        The caller's table.
    rows : numpy.ndarray
        Sorted rows of the panel that are complete.
    y, inputs, proxy : numpy.ndarray
        Logs; inputs have one column each, the `n_free` free ones first.
    input_names, n_free
        Their columns, and how many of them are free.
    firm, year : numpy.ndarray
        Number of the firm (0, 1, …) and year of each row.
    stays : numpy.ndarray
        Whether the firm is in the table in a later year.
    notes : tuple of str
        What was left out.
    form : {"cobb_douglas", "translog"}
        What the terms of the function are.
    year_dummies : numpy.ndarray
        One column for each year but the first; none without year effects.
    """

    panel: Panel
    rows: Ints
    y: Floats
    inputs: Floats
    proxy: Floats
    input_names: tuple[str, ...]
    n_free: int
    firm: Ints
    year: Ints
    stays: Bools
    notes: tuple[str, ...]
    form: str
    year_dummies: Floats

    @property
    def n_firms(self) -> int:
        """Firms with a complete row."""
        return int(self.firm[-1]) + 1

    @property
    def free(self) -> Floats:
        """Inputs that respond within the year."""
        return self.inputs[:, : self.n_free]

    @property
    def state(self) -> Floats:
        """Inputs decided before."""
        return self.inputs[:, self.n_free :]

    @property
    def exponents(self) -> Powers:
        """Exponents of the inputs in each term of the function, terms of first order first."""
        return powers(len(self.input_names), 2 if self.form == "translog" else 1)[1:]

    @property
    def term_names(self) -> list[str]:
        """What the terms are called: "labor", "labor^2", "labor:capital"."""
        named = [zip(self.input_names, term, strict=True) for term in self.exponents]
        return [":".join(f"{name}^2" if p == 2 else name for name, p in pairs if p) for pairs in named]

    def terms(self, inputs: Floats) -> Floats:
        """The terms at these inputs, a column each."""
        return monomials(self.centered(inputs), self.exponents)

    def centered(self, inputs: Floats) -> Floats:
        """Inputs as the terms take them: for a translog less the means of the sample."""
        return inputs - self.inputs.mean(axis=0) if self.form == "translog" else inputs

    def neighbors(self) -> tuple[Ints, Ints]:
        """Rows, and the rows of the same firm the year before, where there is one."""
        now = 1 + np.flatnonzero((np.diff(self.firm) == 0) & (np.diff(self.year) == 1))
        return now, now - 1


def read_sample(
    table: Any,
    output: str,
    free: str | Iterable[str],
    state: str | Iterable[str],
    proxy: str | None,
    firm: str | Iterable[str],
    year: str,
    logs: bool,
    nonpositive: str,
    form: str = "cobb_douglas",
    year_effects: bool = False,
) -> Sample:
    """Read the panel and refuse what no production function can be fitted to."""
    free_names, state_names = columns_of(free), columns_of(state)
    inputs = [*free_names, *state_names, *([proxy] if proxy else [])]
    names = [output, *inputs]
    columns_of(names, firm, year)  # no column has two roles
    if not free_names or not state_names:
        raise TableError("Name the columns of at least one free and one state input.")
    rows = panel(table, of=firm, year=year, columns=names)
    for name in rows.keys:
        check_units(name, rows.frame.codes(name).compact().labels)
    notes: list[str] = []
    matrix = np.column_stack(
        [rows.numbers(name) if logs else np.log(positive(rows, name, nonpositive, notes)) for name in names]
    )
    complete = np.isfinite(matrix).all(axis=1)
    if not complete.any():
        raise TableError(f"No row has all of {', '.join(names)}: there is nothing to estimate from.")
    if not complete.all():
        notes.append(f"{int((~complete).sum())} of {len(complete)} rows are incomplete and left out")
    kept = np.flatnonzero(complete)
    matrix = matrix[kept]
    number = np.unique(rows.group[kept], return_inverse=True)[1].astype(np.int64)
    _check(matrix, names, int(number[-1]) + 1, rows.keys)
    last, years = np.maximum.reduceat(rows.years, rows.starts), rows.years[kept]
    dummies = years[:, None] == (np.unique(years)[1:] if year_effects else [])
    n = 1 + len(free_names) + len(state_names)
    return Sample(
        panel=rows,
        rows=kept,
        y=matrix[:, 0],
        inputs=matrix[:, 1:n],
        proxy=matrix[:, n:],
        input_names=(*free_names, *state_names),
        n_free=len(free_names),
        firm=number,
        year=years,
        stays=years < last[rows.group[kept]],
        notes=tuple(notes),
        form=form,
        year_dummies=dummies.astype(np.float64),
    )


def positive(rows: Panel, name: str, nonpositive: str, notes: list[str]) -> Floats:
    """A column in sorted order; values of zero or less are refused, or missing and noted."""
    one_of("rule for values of zero or less", nonpositive, ("error", "drop"))
    values = rows.numbers(name)
    bad = values <= 0
    if nonpositive == "error":
        rule = f"Column {name!r} must be above zero to take its logarithm (nonpositive='drop' leaves other rows out)"
        rows.refuse(bad, values, rule)
    if bad.any():
        notes.append(f"{name} is zero or less in {bad.sum()} rows, which are left out")
    return np.where(bad, np.nan, values)


def _check(matrix: Floats, names: list[str], n_firms: int, keys: tuple[str, ...]) -> None:
    if n_firms < 2:
        raise TableError(
            f"{n_firms} firm has complete rows, and many are needed; does {', '.join(keys)} identify the firm?"
        )
    fixed = np.flatnonzero(matrix.std(axis=0) <= 1e-12 * (1 + np.abs(matrix).mean(axis=0)))
    if len(fixed):
        raise TableError(
            f"Column {names[fixed[0]]!r} does not vary, so its part in output cannot be estimated: leave it out."
        )
    kept = [0] + [1 + place for place in independent(matrix[:, 1:] - matrix[:, 1:].mean(axis=0))]
    lost = [name for place, name in enumerate(names) if place not in kept]
    if lost:
        raise TableError(
            f"Column {lost[0]!r} is a linear combination of other inputs ({', '.join(names[1:])}), in logs: leave it out."
        )
