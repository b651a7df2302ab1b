"""Growth and capital: growth accounting, its means by period, capital by perpetual inventory, and returns to investment and capital."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mic2025lab.engine.panel import Floats, Panel, panel
from mic2025lab.errors import TableError, unknown_name

__all__ = ["growth_accounting", "growth_by_period", "icor", "mpk", "perpetual_inventory", "return_on_capital"]

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
        What identifies a series; with several versions of a source in the table, name that column too.
    output, capital : str
        Real output and capital, in any unit that is constant over time (constant national prices). ``rnna``
        is the capital stock of the Penn World Table (PWT), ``rkna`` its capital services.
    labor, hours, human_capital : str
        Persons employed, annual hours a person, index of human capital a person; the last two may be None.
    labor_share : str
        Share of labor in income, from 0 to 1.

    Returns
    -------
    table of the caller's kind
        The same rows with ``output_growth``, ``capital_contribution``, ``labor_contribution``,
        ``human_capital_contribution`` and ``tfp_growth``, all in log points a year (0.01 is about 1 %), which
        add up, and ``tfp_index``, which is 1 in the first year of each entity's first unbroken run of years and
        missing outside it. Missing inputs give missing results. The first year, and a year after a gap, are
        missing: a change over two years is never taken for one.

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
    names, spans = list(columns), _check_periods(periods)
    rows = panel(table, of=of, year=year, columns=names)
    start, end = np.tile(np.array(spans).T, rows.n_groups)
    after = [(first + 1, last) for first, last in spans]
    means = {name: _window_sums(rows, rows.numbers(name), after) / (end - start) for name in names}
    keys = rows.decoded(np.repeat(rows.starts, len(spans)))
    return rows.frame.build({**keys, "start": start, "end": end, **means})


def _window_sums(rows: Panel, values: Floats, windows: Iterable[tuple[int, int]]) -> Floats:
    """Sum of each series over windows (first and last year), missing unless a window has all of its years."""
    sums = []
    for own in rows.series():
        for first, last in windows:
            inside = values[own][(rows.years[own] >= first) & (rows.years[own] <= last)]
            sums.append(inside.sum() if len(inside) == last - first + 1 else np.nan)
    return np.array(sums)


def _check_periods(periods: Iterable[tuple[int, int]], *, same_year: bool = False) -> list[tuple[int, int]]:
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
        The same rows with ``capital``, in the unit of investment. From the first missing investment, rate or
        year on the stock is missing, for it cannot be carried over; leading missing years are skipped.

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
            f"{rows.where(first)}, so there is no steady state: pass growth= of a calmer span, or initial=."
        )
    return float(flow[first] / (growth + rate[first]))


def icor(
    table: Any,
    *,
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    investment_share: str = "investment_share",
    growth: str = "gdp_growth",
    depreciation_share: str | None = None,
    windows: int | Iterable[tuple[int, int]] = 5,
) -> Any:
    """Incremental capital-output ratio: investment per point of growth, over windows of years.

    ICOR = sum of I/Y / sum of dY/Y over the window, both sums over the same years. It is not the mean of the
    yearly ratios, which a single year of low growth would dominate. The numerator of the net ratio is (I - dK)/Y, investment less
    depreciation; growth is still that of gross output.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year.
    of, year : str
        Columns that identify a series, and its year.
    investment_share, growth : str
        Investment over output, and real growth of output; both in percent or both as fractions (not checked).
    depreciation_share : str, optional
        Depreciation over output in the same unit, for the net ratio.
    windows : int or list of (int, int)
        Length of rolling windows, one ending in each year of the table, or the windows, first and last year
        included.

    Returns
    -------
    table of the caller's kind
        One row for each entity and window: ``start``, ``end``, ``investment_sum``, ``growth_sum`` (unit of the
        input), ``icor``, with `depreciation_share` also ``icor_net``, and ``flag``: "" where there is a
        ratio, "incomplete" where a year or value of the window is missing, "no growth" where growth adds up
        to zero or less. Flagged ratios are missing: a negative ICOR has no meaning.

    Raises
    ------
    TableError
        A missing column, a repeated year, a negative share of depreciation, a window that does not go forward.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"economy": "CHN", "year": [2018, 2019], "investment_share": [44.0, 43.0], "gdp_growth": [6.7, 6.0]})
    >>> icor(two, windows=[(2018, 2019)])["icor"].round(2).tolist()
    [6.85]

    References
    ----------
    Harrod, R. F. (1939). "An Essay in Dynamic Theory." Economic Journal 49(193), 14-33. Critical use:
    Easterly, W. (1999). "The Ghost of Financing Gap." Journal of Development Economics 60(2), 423-438.
    """
    rows = panel(table, of=of, year=year, columns=(investment_share, growth, depreciation_share))
    if isinstance(windows, int):
        first, last = int(rows.years.min()), int(rows.years.max())
        if not 1 <= windows <= last - first + 1:
            raise TableError(
                f"A window of {windows} years is not possible: the table has {first} to {last}, and a window at least one year."
            )
        spans = [(end - windows + 1, end) for end in range(first + windows - 1, last + 1)]
    else:
        spans = _check_periods(windows, same_year=True)
    spent, grown = (_window_sums(rows, rows.numbers(name), spans) for name in (investment_share, growth))
    kept = spent
    if depreciation_share:
        kept = spent - _window_sums(rows, rows.numbers(depreciation_share, nonnegative=True), spans)
    known = np.isfinite(spent + grown + kept)
    flag = np.where(~known, "incomplete", np.where(grown <= 0, "no growth", ""))
    divisor = np.where(flag == "", grown, np.nan)
    start, end = np.tile(np.array(spans).T, rows.n_groups)
    result = {
        "start": start,
        "end": end,
        "investment_sum": spent,
        "growth_sum": grown,
        "icor": spent / divisor,
    }
    if depreciation_share:
        result["icor_net"] = kept / divisor
    keys = rows.decoded(np.repeat(rows.starts, len(spans)))
    return rows.frame.build({**keys, **result, "flag": flag.tolist()})


def return_on_capital(
    table: Any,
    *,
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    labor_share: str = "labsh",
    output: str = "cgdpo",
    output_price: str | None = "pl_gdpo",
    capital: str = "cn",
    capital_price: str | None = "pl_n",
    real_output: str = "rgdpna",
    real_capital: str = "rnna",
    depreciation: str = "delta",
) -> Any:
    """Real return on a unit of capital, from national accounts (Bai, Hsieh & Qian 2006).

    r = a P_Y Y / (P_K K) - d + (dln P_K - dln P_Y), where a = 1 - labor share. The first term needs nominal
    output over nominal capital. In the Penn World Table that is ``cgdpo * pl_gdpo`` over ``cn * pl_n``, both
    in current US dollars at the exchange rate, which cancels: times ``xr``, ``cgdpo * pl_gdpo`` is nominal
    GDP in national currency. The prices are nominal over real: P_K = cn pl_n / rnna and P_Y = cgdpo pl_gdpo /
    rgdpna, up to the same exchange rate.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year.
    of, year : str
        Columns that identify a series, and its year.
    labor_share : str
        Share of labor in income, from 0 to 1. All that is not labor counts as capital's, so land, natural
        resources, monopoly rents and taxes on products raise the return.
    output, output_price, capital, capital_price : str
        Output and capital at current prices, and the price levels that turn them into one nominal unit; None
        for a price level if the column is nominal already.
    real_output, real_capital : str
        Output and capital in constant prices, for the change of their prices.
    depreciation : str
        Rate a year.

    Returns
    -------
    table of the caller's kind
        The same rows with ``gross_return`` (a P_Y Y / P_K K), ``net_return`` (less depreciation),
        ``price_gain`` (dln P_K - dln P_Y) and ``return_on_capital`` (net return plus price gain), all
        fractions a year. Missing inputs give missing; the price gain is missing in the first year and after a
        gap.

    Raises
    ------
    TableError
        A missing column, a repeated year, zero or negative output, capital or price, a labor share outside 0 to
        1.

    Notes
    -----
    The price gain is volatile and inherits the errors of the deflators; PWT's growth of Chinese real GDP
    is below the official one, which raises P_Y and lowers the gain. The net return is near PWT's own ``irr``,
    which is built asset by asset: 7.8 % against 7.7 % for China in 2019.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"economy": "CHN", "year": [2018, 2019], "labsh": 0.6, "cgdpo": 100.0, "pl_gdpo": 0.7,
    ...     "cn": 400.0, "pl_n": [0.5, 0.5], "rgdpna": 100.0, "rnna": 400.0, "delta": 0.05})
    >>> return_on_capital(two)["return_on_capital"].round(4).tolist()
    [nan, 0.09]

    References
    ----------
    Bai, C.-E., C.-T. Hsieh & Y. Qian (2006). "The Return to Capital in China." Brookings Papers on Economic
    Activity 2006(2), 61-88.
    """
    wanted = (
        labor_share,
        output,
        output_price,
        capital,
        capital_price,
        real_output,
        real_capital,
        depreciation,
    )
    rows = panel(table, of=of, year=year, columns=wanted)
    share = rows.numbers(labor_share, share=True)

    def nominal(quantity: str, price: str | None) -> Floats:
        level = rows.numbers(quantity, positive=True)
        return level if price is None else level * rows.numbers(price, positive=True)

    earned, owned = nominal(output, output_price), nominal(capital, capital_price)
    gross = (1 - share) * earned / owned
    net = gross - rows.numbers(depreciation, nonnegative=True)
    price = owned / rows.numbers(real_capital, positive=True)
    relative_price = price / (earned / rows.numbers(real_output, positive=True))
    gain = rows.log_change(relative_price)
    return rows.attach(
        {"gross_return": gross, "net_return": net, "price_gain": gain, "return_on_capital": net + gain}
    )


def mpk(
    table: Any,
    *,
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    labor_share: str = "labsh",
    output: str = "cgdpo",
    capital: str = "cn",
    output_price: str = "pl_gdpo",
    capital_price: str = "pl_n",
    reproducible_share: str | None = None,
) -> Any:
    """Marginal product of capital across economies, naive and price-corrected (Caselli & Feyrer 2007).

    Naive: MPK = a Y/K, with output and capital at purchasing power parities. Corrected for prices: PMPK = a
    P_Y Y / (P_K K): an investor pays the price of capital, which is high relative to output where economies
    are poor, so that a high naive product need not be a high return. a = 1 - labor share; with
    `reproducible_share` it is a times the share of capital income that goes to reproducible capital rather
    than to land and natural resources.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity and year.
    of, year : str
        Columns that identify a series, and its year.
    labor_share : str
        Share of labor in income, from 0 to 1.
    output, capital : str
        At purchasing power parities of one base (PWT: ``cgdpo``, ``cn``).
    output_price, capital_price : str
        Price levels in one currency (PWT: ``pl_gdpo``, ``pl_n``; the paper used the price of investment,
        ``pl_i``).
    reproducible_share : str, optional
        Share of reproducible capital in capital income, from 0 to 1.

    Returns
    -------
    table of the caller's kind
        The same rows with ``mpk_naive`` and ``mpk_price_corrected``, fractions a year, gross of depreciation.
        Missing inputs give missing.

    Raises
    ------
    TableError
        A missing column, a repeated year, zero or negative output, capital or price, a share outside 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"economy": ["IND"], "year": [2019], "labsh": [0.6], "cgdpo": [100.0], "cn": [200.0],
    ...                     "pl_gdpo": [0.3], "pl_n": [0.6]})
    >>> mpk(one)[["mpk_naive", "mpk_price_corrected"]].round(3).values.tolist()
    [[0.2, 0.1]]

    References
    ----------
    Caselli, F. & J. Feyrer (2007). "The Marginal Product of Capital." Quarterly Journal of Economics 122(2),
    535-568.
    """
    wanted = (labor_share, output, capital, output_price, capital_price, reproducible_share)
    rows = panel(table, of=of, year=year, columns=wanted)
    income = 1 - rows.numbers(labor_share, share=True)
    if reproducible_share:
        income = income * rows.numbers(reproducible_share, share=True)
    naive = income * rows.numbers(output, positive=True) / rows.numbers(capital, positive=True)
    corrected = naive * rows.numbers(output_price, positive=True) / rows.numbers(capital_price, positive=True)
    return rows.attach({"mpk_naive": naive, "mpk_price_corrected": corrected})
