"""Returns to investment: incremental capital-output ratio, return on capital, marginal product of capital."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mic2025lab.engine.panel import Floats, panel
from mic2025lab.errors import TableError
from mic2025lab.metrics.growth import check_periods, window_sums

__all__ = ["icor", "mpk", "return_on_capital"]


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
        spans = check_periods(windows, same_year=True)
    spent, grown = (window_sums(rows, rows.numbers(name), spans) for name in (investment_share, growth))
    kept = spent
    if depreciation_share:
        kept = spent - window_sums(rows, rows.numbers(depreciation_share, nonnegative=True), spans)
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
