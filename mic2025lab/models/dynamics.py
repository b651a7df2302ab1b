"""Decompositions of aggregate productivity and its change into the contributions of firms.

Decompositions take a productivity (in logs, or in levels: the result is in its unit) and a weight (output, value added or employment),
which becomes a share of the cell; aggregate productivity is the weighted mean Phi = sum_i s_i phi_i.

============================  ====================================================================================
olley_pakes_decomposition     Phi_t = mean phi + sum (s_i - mean s)(phi_i - mean phi)
melitz_polanec                dPhi = d mean phi of survivors + d covariance of survivors + s_E2 (Phi_E2 - Phi_S2)
                              + s_X1 (Phi_S1 - Phi_X1)
foster_haltiwanger_krizan     dPhi = sum_S s_1 dphi + sum_S ds (phi_1 - Phi_1) + sum_S ds dphi
                              + sum_E s_2 (phi_2 - Phi_1) - sum_X s_1 (phi_1 - Phi_1)
============================  ====================================================================================

S are the firms of both years, E those of the second only (entrants, and firms that the table starts to cover), X those of
the first only. A missing productivity or weight is an error, because dropping the row would create an entrant or an exit.

References
----------
Foster, L., J. Haltiwanger & C. J. Krizan (2001). "Aggregate Productivity Growth: Lessons from Microeconomic Evidence." In New
Developments in Productivity Analysis, NBER. Melitz, M. J. & S. Polanec (2015). "Dynamic Olley-Pakes Productivity Decomposition with
Entry and Exit." RAND Journal of Economics 46(2), 362-375. Olley, G. S. & A. Pakes (1996). "The Dynamics of Productivity in the
Telecommunications Equipment Industry." Econometrica 64(6), 1263-1297.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.checks import check_nonnegative, check_unique, check_units
from mic2025lab.engine.frame import columns_of, read
from mic2025lab.errors import TableError

__all__ = ["foster_haltiwanger_krizan", "melitz_polanec", "olley_pakes_decomposition"]


def _read(
    table: Any, firm: str, year: str, cells: tuple[str, ...], productivity: str, weight: str
) -> tuple[Any, pd.DataFrame]:
    """Frame, and a pandas table of the columns that matter, checked, with productivity as ``phi`` and the weight."""
    labels = list(dict.fromkeys([firm, year, *cells]))
    columns_of(labels, productivity, weight)  # no column has two roles
    frame = read(table, columns=[*labels, productivity, weight])
    check_unique(frame, [firm, year], hint="a firm has one row per year")
    check_units(firm, frame.codes(firm).compact().labels)
    values = {name: frame.numbers(name) for name in (productivity, weight)}
    check_nonnegative(values[weight], weight, frame=frame, keys=[firm, year])
    for name, column in values.items():
        lost = np.flatnonzero(np.isnan(column))
        if len(lost):
            raise TableError(
                f"Column {name!r} is missing in {len(lost)} rows (first row {lost[0]}, counted from 0). A row left out "
                "would look like an exit or an entry: leave such firms out in every year."
            )
    rows = frame.to_pandas()[labels].assign(phi=values[productivity], weight=values[weight])
    return frame, rows.reset_index(drop=True)


def _share(rows: pd.DataFrame, by: list[str], weight: str) -> pd.Series:
    total = rows.groupby(by, observed=True)["weight"].transform("sum")
    if (total == 0).any():
        where = rows.loc[total == 0, by].iloc[0].to_dict()
        raise TableError(f"Column {weight!r} adds up to zero in {where}, so there are no shares.")
    return rows["weight"] / total


def olley_pakes_decomposition(
    table: Any,
    *,
    productivity: str,
    weight: str,
    firm: str = "firm",
    year: str = "year",
    within: str | Iterable[str] | None = None,
) -> Any:
    """Decompose aggregate productivity into the unweighted mean and the covariance of size and productivity (Olley & Pakes 1996).

    Phi = mean phi + sum_i (s_i - mean s)(phi_i - mean phi): a falling covariance means that resources shift away from productive firms.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm and year.
    productivity, weight : str
        See the module; weights from zero up.
    firm, year : str
        Columns.
    within : str or list of str, optional
        Cells (industries), decomposed separately.

    Returns
    -------
    table of the input's type
        One row for each cell and year: ``aggregate`` = ``mean`` + ``covariance``, ``n_firms``.

    Raises
    ------
    TableError
        A missing column or value, a firm with two rows for a year, negative weights, weights that add up to zero, a total beside its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b"], "year": 2015, "tfp": [1.0, 3.0], "sales": [1.0, 3.0]})
    >>> olley_pakes_decomposition(firms, productivity="tfp", weight="sales")[["aggregate", "mean", "covariance"]].values.tolist()
    [[2.5, 2.0, 0.5]]
    """
    cells = columns_of(within)
    frame, rows = _read(table, firm, year, cells, productivity, weight)
    by = [*cells, year]
    rows["weighted"] = _share(rows, by, weight) * rows["phi"]
    result = rows.groupby(by, observed=True, sort=True).agg(
        aggregate=("weighted", "sum"), mean=("phi", "mean"), n_firms=("phi", "size")
    )
    result.insert(2, "covariance", result["aggregate"] - result["mean"])
    return frame.like(result.reset_index())


def _decompose(
    table: Any,
    parts: Callable[[pd.DataFrame], dict[str, float]],
    start: int,
    end: int,
    within: str | Iterable[str] | None,
    **columns: str,
) -> Any:
    """Parts of each cell: a function of its firms in both years, shares and productivities zero where a firm is not there."""
    if start >= end:
        raise TableError(f"The start, {start}, must be before the end, {end}.")
    cells, firm, year = list(columns_of(within)), columns["firm"], columns["year"]
    frame, rows = _read(table, cells=tuple(cells), **columns)
    years = rows[year]
    for when in (start, end):
        if not (years == when).any():
            raise TableError(f"No row is of {when}; the table has {years.min()} to {years.max()}.")
    rows = rows[years.isin([start, end])]
    rows = rows.assign(share=_share(rows, [*cells, year], columns["weight"]))
    wide = rows.pivot(index=[*cells, firm], columns=year, values=["share", "phi"])
    groups: Any = wide.groupby(cells, observed=True, sort=True) if cells else [((), wide)]
    lines: list[dict[str, Any]] = []
    for name, firms in groups:
        cell = dict(zip(cells, name, strict=True))
        enter, leave = firms["share"][start].isna(), firms["share"][end].isna()
        if enter.all() or leave.all():
            raise TableError(f"Cell {cell} has firms in only one of {start} and {end}; leave it out.")
        stay, both = ~(enter | leave), firms.fillna(0.0)
        numbers = {"s1": both["share"][start], "s2": both["share"][end]}
        numbers |= {"phi1": both["phi"][start], "phi2": both["phi"][end]}
        made = parts(pd.DataFrame({"stay": stay, "enter": enter, "leave": leave} | numbers))
        counts = {"n_survivors": stay.sum(), "n_entrants": enter.sum(), "n_exits": leave.sum()}
        lines.append({**cell, "start": start, "end": end, **made, **counts})
    return frame.like(pd.DataFrame(lines))


def melitz_polanec(
    table: Any,
    *,
    start: int,
    end: int,
    productivity: str,
    weight: str,
    firm: str = "firm",
    year: str = "year",
    within: str | Iterable[str] | None = None,
) -> Any:
    """Decompose the change of aggregate productivity into survivors' own productivity, reallocation, entry, and exit (Melitz & Polanec 2015).

    Formula in the module. Entrants and exits are compared with the survivors of their own year: entrants that are less
    productive than survivors lower productivity, even if they are above the old mean.

    Parameters
    ----------
    table, productivity, weight, firm, year, within
        As in `olley_pakes_decomposition`. A firm that changes its cell leaves one and enters the other.
    start, end : int
        The two years.

    Returns
    -------
    table of the input's type
        One row for each cell: ``start``, ``end``, ``total`` = ``within`` + ``between`` + ``entry`` + ``exit``, the numbers of firms
        ``n_survivors``, ``n_entrants``, ``n_exits``.

    Raises
    ------
    TableError
        As `olley_pakes_decomposition`; a year that is not there; no survivor in a cell.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b", "a", "c"], "year": [2010, 2010, 2020, 2020],
    ...                       "tfp": [1.0, 0.0, 2.0, 1.0], "sales": [1.0, 1.0, 3.0, 1.0]})
    >>> found = melitz_polanec(firms, start=2010, end=2020, productivity="tfp", weight="sales")
    >>> found[["total", "within", "between", "entry", "exit"]].values.tolist()
    [[1.25, 1.0, 0.0, -0.25, 0.5]]
    """

    def parts(firms: pd.DataFrame) -> dict[str, float]:
        stay, first, last = firms.stay, firms.s1 * firms.phi1, firms.s2 * firms.phi2
        if not stay.any():
            raise TableError(
                f"No firm is in the table in both {start} and {end}, and entry and exit are measured against survivors: choose closer years."
            )
        shares = firms.s1[stay].sum(), firms.s2[stay].sum()
        if not all(shares):
            raise TableError("The firms of both years have no weight in one of them.")
        levels = first[stay].sum() / shares[0], last[stay].sum() / shares[1]
        means = firms.phi1[stay].mean(), firms.phi2[stay].mean()
        enter, leave = firms.enter, firms.leave
        return {
            "total": last.sum() - first.sum(),
            "within": means[1] - means[0],
            "between": (levels[1] - means[1]) - (levels[0] - means[0]),
            "entry": last[enter].sum() - firms.s2[enter].sum() * levels[1],
            "exit": firms.s1[leave].sum() * levels[0] - first[leave].sum(),
        }

    columns = {"productivity": productivity, "weight": weight, "firm": firm, "year": year}
    return _decompose(table, parts, start, end, within, **columns)


def foster_haltiwanger_krizan(
    table: Any,
    *,
    start: int,
    end: int,
    productivity: str,
    weight: str,
    firm: str = "firm",
    year: str = "year",
    within: str | Iterable[str] | None = None,
) -> Any:
    """Decompose the change of aggregate productivity into within, between, cross, entry, and exit, relative to the first year's mean.

    Formula in the module. Entrants are compared with the mean of the first year, so that they nearly always contribute
    positively in a growing economy; `melitz_polanec` compares them with the survivors of their own year.

    Parameters
    ----------
    table, start, end, productivity, weight, firm, year, within
        As in `melitz_polanec`.

    Returns
    -------
    table of the input's type
        One row for each cell: ``start``, ``end``, ``total`` = ``within`` + ``between`` + ``cross`` + ``entry`` + ``exit``, and the
        numbers of firms.

    Raises
    ------
    TableError
        As `olley_pakes_decomposition`; a year that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b", "a", "c"], "year": [2010, 2010, 2020, 2020],
    ...                       "tfp": [1.0, 0.0, 2.0, 1.0], "sales": [1.0, 1.0, 3.0, 1.0]})
    >>> found = foster_haltiwanger_krizan(firms, start=2010, end=2020, productivity="tfp", weight="sales")
    >>> found[["total", "within", "between", "cross", "entry", "exit"]].values.tolist()
    [[1.25, 0.5, 0.125, 0.25, 0.125, 0.25]]
    """

    def parts(firms: pd.DataFrame) -> dict[str, float]:
        stay, enter, leave = firms.stay, firms.enter, firms.leave
        s1, s2, phi1, phi2 = firms.s1, firms.s2, firms.phi1, firms.phi2
        first = (s1 * phi1).sum()
        ds, dphi = (s2 - s1)[stay], (phi2 - phi1)[stay]
        return {
            "total": (s2 * phi2).sum() - first,
            "within": (s1[stay] * dphi).sum(),
            "between": (ds * (phi1[stay] - first)).sum(),
            "cross": (ds * dphi).sum(),
            "entry": (s2[enter] * (phi2[enter] - first)).sum(),
            "exit": -(s1[leave] * (phi1[leave] - first)).sum(),
        }

    columns = {"productivity": productivity, "weight": weight, "firm": firm, "year": year}
    return _decompose(table, parts, start, end, within, **columns)
