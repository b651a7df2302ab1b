"""Growth and capital: growth accounting, its means by period, and capital by perpetual inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mic2025lab.engine.panel import Floats, Panel, panel
from mic2025lab.errors import TableError, unknown_name

__all__ = ["growth_accounting", "growth_by_period", "perpetual_inventory"]

_PARTS = (
    "output_growth",
    "capital_contribution",
    "labor_contribution",
    "human_capital_contribution",
    "tfp_growth",
)


def growth_accounting(
    table: Any,
    *,
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    output: str = "rgdpna",
    capital: str = "rnna",
    labor: str = "emp",
    human_capital: str | None = "hc",
    labor_share: str = "labsh",
    hours: str | None = None,
) -> Any:
    """Split the growth of output into capital, labor, human capital and total factor productivity (TFP).

    dln Y = (1 - s) dln K + s dln L + s dln h + dln A, where s is the labor share (mean of the two years), L
    is persons, or persons times hours if `hours` is given, and A is the residual. TFP includes everything that
    is not measured: utilization, quality of capital, errors of the price index.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year.
    of : str or list of str
        Columns that identify a series; include the column of versions if the table has several versions of a source.
    output, capital : str
        Real output and capital, in any unit that is constant over time (constant national prices). ``rnna``
        is the capital stock of the Penn World Table (PWT), ``rkna`` its capital services.
    labor, hours, human_capital : str
        Persons employed, annual hours per person, index of human capital per person; the last two may be None.
    labor_share : str
        Share of labor in income, from 0 to 1.

    Returns
    -------
    table of the caller's kind
        The same rows with ``output_growth``, ``capital_contribution``, ``labor_contribution``,
        ``human_capital_contribution`` and ``tfp_growth``, all in log points a year (0.01 is about 1 %), which
        add up, and ``tfp_index``, which is 1 in the first year of each entity's first unbroken run of years and
        missing outside it. Missing inputs give missing results. The first year, and a year after a gap, are
        missing: a change over two years is never treated as a yearly one.

    Raises
    ------
    TableError
        A missing column, a repeated year, output or an input of zero or less, a labor share outside 0 to 1.

    Notes
    -----
    PWT 10.01's own ``rtfpna`` is reproduced to 2e-7 in every growth rate of all 64 economies that have hours,
    with ``capital="rkna"`` and ``hours="avh"``. The
    defaults here (stock, persons) differ from it for China by 0.4 points a year in the mean and 1.4 at most.

    The sign of the residual can depend on the output series. For China in 2015-2019 PWT 10.01 takes real GDP
    growth of 2.8 % a year (its own correction) and TFP falls; with the growth of PWT 11.0's national
    accounts, 6.4 %, it rises. Run both.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"economy": "CHN", "year": [2010, 2011], "rgdpna": [100.0, 110.0], "rnna": [100.0, 120.0],
    ...                     "emp": [100.0, 100.0], "hc": [2.0, 2.0], "labsh": [0.5, 0.5]})
    >>> growth_accounting(two).loc[1, ["output_growth", "capital_contribution", "tfp_growth"]].astype(float).round(4).tolist()
    [0.0953, 0.0912, 0.0041]

    References
    ----------
    Solow, R. M. (1957). "Technical Change and the Aggregate Production Function." Review of Economics and
    Statistics 39(3), 312-320. Feenstra, R. C., R. Inklaar & M. P. Timmer (2015). "The Next Generation of the
    Penn World Table." American Economic Review 105(10), 3150-3182.
    """
    wanted = (output, capital, labor, human_capital, labor_share, hours)
    rows = panel(table, of=of, year=year, columns=wanted)
    share = rows.numbers(labor_share, share=True)
    share = (share + rows.previous(share)) / 2

    def growth(name: str | None) -> Floats | float:
        return 0.0 if name is None else rows.log_change(rows.numbers(name, positive=True))

    parts = {
        "output_growth": np.asarray(growth(output)),
        "capital_contribution": (1 - share) * growth(capital),
        "labor_contribution": share * (growth(labor) + growth(hours)),
        "human_capital_contribution": share * growth(human_capital),
    }
    tfp = parts["output_growth"] - sum(parts[name] for name in _PARTS[1:4])
    return rows.attach({**parts, "tfp_growth": tfp, "tfp_index": _chain(rows, tfp)})


def _chain(rows: Panel, growth: Floats) -> Floats:
    """Index from log growth, 1 at the start of each entity's first unbroken run of years, and missing outside it."""
    level = np.full(len(growth), np.nan)
    linked = np.isfinite(growth)
    run = np.cumsum(~linked)  # a row without growth starts a run of its own
    total = np.where(linked, growth, 0.0)
    for own in rows.series():
        links = own.start + np.flatnonzero(linked[own])
        if len(links):
            same = own.start + np.flatnonzero(run[own] == run[links[0]])
            level[same] = np.exp(np.cumsum(total[same]))
    return level


def growth_by_period(
    table: Any,
    *,
    periods: Iterable[tuple[int, int]],
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    columns: Iterable[str] = _PARTS,
) -> Any:
    """Mean annual growth and contributions over periods, from yearly ones.

    For the period (a, b): the sum of the changes of the years a + 1 to b, divided by b - a. So (2011, 2015)
    and (2015, 2019) share a level and no change, and each mean is the log change of the level over the period
    per year.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        Result of `growth_accounting`, or any table of yearly changes.
    periods : list of (int, int)
        First and last level year of each period.
    of, year : str
        As in `growth_accounting`.
    columns : list of str
        Columns of yearly changes to average, in any unit.

    Returns
    -------
    table of the caller's kind
        One row for each entity and period: ``start``, ``end`` and the columns, in their unit. A period with
        a missing change is missing.

    Raises
    ------
    TableError
        A missing column, a repeated year, a period that does not go forward.

    Examples
    --------
    >>> import pandas as pd
    >>> yearly = pd.DataFrame({"economy": "CHN", "year": [2011, 2012, 2013], "tfp_growth": [0.09, 0.02, 0.04]})
    >>> growth_by_period(yearly, periods=[(2011, 2013)], columns=["tfp_growth"])["tfp_growth"].round(3).tolist()
    [0.03]
    """
    names, spans = list(columns), check_periods(periods)
    rows = panel(table, of=of, year=year, columns=names)
    start, end = np.tile(np.array(spans).T, rows.n_groups)
    after = [(first + 1, last) for first, last in spans]
    means = {name: window_sums(rows, rows.numbers(name), after) / (end - start) for name in names}
    keys = rows.decoded(np.repeat(rows.starts, len(spans)))
    return rows.frame.build({**keys, "start": start, "end": end, **means})


def window_sums(rows: Panel, values: Floats, windows: Iterable[tuple[int, int]]) -> Floats:
    """Sum of each series over windows (first and last year), missing unless a window has all of its years."""
    sums = []
    for own in rows.series():
        for first, last in windows:
            inside = values[own][(rows.years[own] >= first) & (rows.years[own] <= last)]
            sums.append(inside.sum() if len(inside) == last - first + 1 else np.nan)
    return np.array(sums)


def check_periods(periods: Iterable[tuple[int, int]], *, same_year: bool = False) -> list[tuple[int, int]]:
    """Return the periods as pairs of whole years. Raise TableError for one that does not go forward."""
    spans = [(int(start), int(end)) for start, end in periods]
    wrong = [span for span in spans if span[0] > span[1] or (span[0] == span[1] and not same_year)]
    if wrong or not spans:
        raise TableError(
            f"A period is (first year, last year), the last after the first, and at least one is needed; got {wrong or spans}."
        )
    return spans


def perpetual_inventory(
    table: Any,
    *,
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    investment: str = "investment",
    depreciation: float | str = 0.05,
    initial: str | float | Mapping[Any, float] = "steady_state",
    growth: float | None = None,
    growth_years: int = 10,
) -> Any:
    """Build a capital stock from investment: K(t) = (1 - d) K(t-1) + I(t), at the end of each year.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year.
    of, year : str
        Columns that identify a series, and its year.
    investment : str
        Real investment of the year, in constant prices.
    depreciation : float or str
        Rate a year (0.05 is 5 %), or the column that holds it year by year (``delta`` of PWT).
    initial : "steady_state", float or mapping
        Stock at the end of the year before the first. Steady state (Harberger 1978): I(first) / (g + d), the stock at which
        investment keeps capital growing at g; with constant growth the ratio of capital to investment is then (1 + g) / (g + d) in
        every year. Or the stock itself, one for all or one for each entity.
    growth : float, optional
        g of the steady state, as a share a year (0.1 is 10 %); the default is the geometric mean growth of investment over the first
        `growth_years` changes.
    growth_years : int
        See `growth`.

    Returns
    -------
    table of the caller's kind
        The same rows with ``capital``, in the unit of investment. The stock is missing from the first missing
        investment, rate or year on, because it cannot be continued; leading missing years are skipped.

    Raises
    ------
    TableError
        A missing column, a repeated year, negative investment, a rate outside 0 to 1, an initial stock that is
        negative or not there for an entity, or g + d not above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"economy": "CHN", "year": [2020, 2021], "investment": [10.0, 12.0]})
    >>> perpetual_inventory(flows, depreciation=0.1, initial=100.0)["capital"].round(6).tolist()
    [100.0, 102.0]

    References
    ----------
    Harberger, A. C. (1978). "Perspectives on Capital and Technology in Less-Developed Countries." In M. J.
    Artis & A. R. Nobay (eds.), Contemporary Economic Analysis. OECD (2009). Measuring Capital, 2nd ed.
    """
    if isinstance(initial, str) and initial != "steady_state":
        raise unknown_name("initial", initial, ["steady_state"], error=TableError)
    named = depreciation if isinstance(depreciation, str) else None
    rows = panel(table, of=of, year=year, columns=(investment, named))
    flow = rows.numbers(investment, nonnegative=True)
    rate = rows.numbers(named) if named else np.full(len(flow), float(depreciation))
    rows.refuse((rate < 0) | (rate > 1), rate, "The rate of depreciation must be from 0 to 1")
    stock = np.full(len(flow), np.nan)
    for own in rows.series():
        known = own.start + np.flatnonzero(np.isfinite(flow[own] + rate[own]))
        if not len(known):
            continue
        first = int(known[0])
        level: float | None
        if isinstance(initial, str):
            level = _steady_state(rows, flow, rate, first, growth, growth_years)
        else:
            level = initial.get(rows.name_of(first)) if isinstance(initial, Mapping) else initial
        if level is None or not float(level) >= 0:
            raise TableError(
                f"The initial stock of {rows.where(first)} is {level!r}; initial= must have one of zero or more for each entity."
            )
        for row in range(first, own.stop):
            # A missing year, like a missing flow, leaves every later stock unknown.
            if row > first and rows.years[row] != rows.years[row - 1] + 1:
                break
            level = (1 - rate[row]) * level + flow[row]
            stock[row] = level
    return rows.attach({"capital": stock})


def _steady_state(
    rows: Panel, flow: Floats, rate: Floats, first: int, growth: float | None, growth_years: int
) -> float:
    """Stock at the end of the year before the first that investment of the first year would keep growing at g."""
    if growth is None:
        inside = (rows.group == rows.group[first]) & (rows.years > rows.years[first])
        inside &= rows.years <= rows.years[first] + growth_years
        with np.errstate(divide="ignore", invalid="ignore"):
            changes = rows.log_change(flow)[inside]
        changes = changes[np.isfinite(changes)]
        growth = float(np.expm1(changes.mean())) if len(changes) else np.nan
    if not growth + rate[first] > 0:
        raise TableError(
            f"Growth of investment ({growth:.4g}) plus depreciation ({rate[first]:.4g}) is missing or not above zero at "
            f"{rows.where(first)}, so there is no steady state: pass growth= from a more stable period, or initial=."
        )
    return float(flow[first] / (growth + rate[first]))
