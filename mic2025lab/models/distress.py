"""Distressed firms: zombies by four published tests, losses, and subsidies.

==================  ==========================================================================================
caballero           interest paid < R* = r_short(t-1) B_short(t-1) + (mean of r_long over t-5 .. t-1) B_long(t-1)
                    + (least r_bond over t-5 .. t-1) bonds(t-1): credit below the best terms there are
fukuda_nakamura     ebit < R*, and: interest paid < R*, or debt(t-1) > half of assets(t-1) and debt has risen
oecd                ebit / interest < 1 in three years in a row, and age >= 10
banerjee_hofmann    as oecd, and Tobin's q below the median of its industry and year
==================  ==========================================================================================

The tests find different firms; compare them. Each uses values of other years: if one is missing, or the year before is not in the table,
the answer is missing, not "no".

References
----------
Adalet McGowan, M., D. Andrews & V. Millot (2017). "The Walking Dead? Zombie Firms and Productivity Performance in OECD
Countries." OECD Economics Department Working Paper 1372. Banerjee, R. & B. Hofmann (2018). "The Rise of Zombie Firms: Causes and
Consequences." BIS Quarterly Review, September. Caballero, R. J., T. Hoshi & A. K. Kashyap (2008). "Zombie Lending and Depressed
Restructuring in Japan." American Economic Review 98(5), 1943-1977. Fukuda, S. & J. Nakamura (2011). "Why Did 'Zombie' Firms Recover in
Japan?" World Economy 34(7), 1124-1137.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.checks import one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.panel import Panel, panel
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.models._types import Floats

__all__ = ["loss_making_share", "subsidy_intensity", "zombies"]


def zombies(
    table: Any,
    *,
    method: str = "oecd",
    firm: str = "firm",
    year: str = "year",
    industry: str = "industry",
    interest: str = "interest",
    ebit: str = "ebit",
    age: str = "age",
    debt: str = "debt",
    assets: str = "assets",
    tobins_q: str | None = None,
    short_debt: str | None = None,
    long_debt: str | None = None,
    bonds: str | None = None,
    short_rate: Mapping[int, float] | None = None,
    long_rate: Mapping[int, float] | None = None,
    bond_rate: Mapping[int, float] | None = None,
    years: int = 3,
    cover: float = 1.0,
    min_age: float = 10,
) -> Any:
    """Mark the firms that a published test classifies as zombies; the module lists the tests.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm and year.
    method : {"oecd", "banerjee_hofmann", "caballero", "fukuda_nakamura"}
        See the module.
    firm, year, industry : str
        Columns.
    interest, ebit, debt, assets : str
        Interest paid, earnings before interest and taxes, debt that bears interest, total assets; in one money. Interest of zero: cover is
        without limit where ebit is not negative, and below any threshold where it is.
    age : str
        Years since the firm was founded.
    tobins_q : str, optional
        Market over replacement value; "banerjee_hofmann" needs it.
    short_debt, long_debt, bonds : str, optional
        Parts of the debt for R*; each given needs its rate. Without any, the whole `debt` counts as long.
    short_rate, long_rate, bond_rate : mapping of year to float, optional
        The best rates of the year, as shares (0.05): short-term and long-term prime rate, coupon of the cheapest convertible
        bonds. Long and bond rates are needed for five years before each.
    years, cover, min_age : int, float, float
        Thresholds of "oecd" and "banerjee_hofmann".

    Returns
    -------
    table of the input's type
        Same rows and the column ``zombie``: 1 yes, 0 no, missing where the test cannot be made; its mean is the share of zombies among
        firms that could be tested. For "oecd" one good year gives a 0, but a 1 needs `years` bad ones, so that the share in the
        first years of a panel is too small. Drop firms observed for fewer years before comparing years.

    Raises
    ------
    TableError
        A missing column, a firm with two rows for a year, negative debt or interest, a rate that is missing for a year.
    UnknownName, ParameterError
        A method that does not exist; a column or rate that the method needs and that is not given.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": "a", "year": [2010, 2011, 2012, 2013], "age": [12, 13, 14, 15],
    ...                       "ebit": [1.0, 1.0, 1.0, 9.0], "interest": [2.0, 2.0, 2.0, 2.0]})
    >>> zombies(firms, method="oecd")["zombie"].tolist()
    [nan, nan, 1.0, 0.0]
    """
    used = {
        "oecd": (ebit, age),
        "banerjee_hofmann": (ebit, age, tobins_q, industry),
        "caballero": (),
        "fukuda_nakamura": (ebit, debt, assets),
    }
    one_of("method", method, tuple(used))
    if None in used[method]:
        raise ParameterError(f"Method {method!r} needs a column of Tobin's q: give tobins_q=.")
    if years < 1:
        raise ParameterError(f"years={years!r} must be at least 1.")
    by_rates = method in ("caballero", "fukuda_nakamura")
    if short_debt is None and long_debt is None and bonds is None:
        long_debt = debt
    given = [("short", short_debt, short_rate), ("long", long_debt, long_rate), ("bond", bonds, bond_rate)]
    parts = [part for part in given if by_rates and part[1] is not None]
    wanted = [interest, *used[method], *(column for _, column, _ in parts)]
    rows = panel(table, of=firm, year=year, columns=wanted)
    paid = rows.numbers(interest, nonnegative=True)
    if not by_rates:
        answer = _low_cover(rows, paid, rows.numbers(ebit), years, cover)
        answer &= _less(min_age, rows.numbers(age), equal=True)
        if method == "banerjee_hofmann":
            q = rows.numbers(str(tobins_q))
            cell = [rows.frame.codes(industry).raw[rows.order], rows.years]
            answer &= _less(q, pd.Series(q).groupby(cell).transform("median").to_numpy())
    else:
        least = _least_interest(rows, parts)
        answer = _less(paid, least)
        if method == "fukuda_nakamura":
            owed = rows.numbers(debt, nonnegative=True)
            before, total = rows.previous(owed), rows.previous(rows.numbers(assets))
            rolled = _less(0.5 * total, before) & _less(before, owed)
            answer = _less(rows.numbers(ebit), least) & (answer | rolled)
    return rows.attach({"zombie": answer.to_numpy("float64", na_value=np.nan)})


def _least_interest(rows: Panel, parts: list[Any]) -> Floats:
    """R*: what the firm would pay on the best terms."""
    first, total = int(rows.years.min()), np.zeros(len(rows.years))
    for kind, column, rate in parts:
        if rate is None:
            raise ParameterError(
                f"Interest on the best terms (R*) needs the rate of column {column!r}: give {kind}_rate=, a mapping of year to rate, or "
                "other parts of the debt with theirs (short_debt, long_debt, bonds)."
            )
        known = np.array([float(rate.get(year, np.nan)) for year in range(first - 5, int(rows.years.max()))])
        # A row for each year of the table. Its first years may lie before the rates; they cannot be tested and are missing.
        five = np.lib.stride_tricks.sliding_window_view(known, 5)
        best = {"short": five[:, -1], "long": five.mean(axis=1), "bond": five.min(axis=1)}[kind]
        if np.isnan(best).all():
            raise TableError(
                f"The rates of {kind} debt cover no year of the table ({first} to {rows.years.max()}): "
                f"{'the year' if kind == 'short' else 'five years'} before each are needed."
            )
        total = total + best[rows.years - first] * rows.previous(rows.numbers(column, nonnegative=True))
    return total


def _low_cover(rows: Panel, paid: Floats, ebit: Floats, years: int, cover: float) -> Any:
    """Whether interest cover was below the threshold in so many years in a row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(paid > 0, ebit / paid, np.where(ebit < 0, -np.inf, np.inf))
    ratio[np.isnan(paid) | np.isnan(ebit)] = np.nan
    answer = _less(ratio, cover)
    for lag in range(1, years):
        answer &= _less(rows.previous(ratio, lag), cover)
    return answer


def _less(a: Any, b: Any, *, equal: bool = False) -> Any:
    """Compare where both are known; pandas' `&` and `|` know what follows from a missing answer."""
    return pd.arrays.BooleanArray(a <= b if equal else a < b, np.isnan(a) | np.isnan(b))


def loss_making_share(
    table: Any,
    *,
    profit: str = "profit",
    subsidy: str | None = None,
    weight: str | None = None,
    within: str | Iterable[str] | None = "year",
) -> Any:
    """Compute the share of firms with a loss, and the share with a loss without subsidies.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm (and year).
    profit : str
        Profit with subsidies in it; a loss is below zero.
    subsidy : str, optional
        Subsidies received, from zero up, in the money of `profit`.
    weight : str, optional
        Weight of the firms (employment, assets), zero or more; by default each firm counts as one.
    within : str or list of str or None
        Cells: one row each. None: one row.

    Returns
    -------
    table of the input's type
        ``loss_making_share``, ``n_firms``; with `subsidy` also ``loss_making_share_without_subsidy`` (profit - subsidy < 0). Rows with a
        missing value are left out and not counted.

    Raises
    ------
    TableError
        A missing column, negative subsidies or weights, no complete row.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"year": 2015, "profit": [5.0, 1.0, -2.0], "subsidy": [0.0, 2.0, 0.0]})
    >>> loss_making_share(firms, subsidy="subsidy").round(3).values.tolist()
    [[2015.0, 0.333, 0.667, 3.0]]
    """
    cells = _complete_rows(table, within, (profit, subsidy, weight), nonnegative=(subsidy, weight))
    earned = cells.numbers[profit]
    count = cells.numbers[weight] if weight else np.ones(cells.rows)
    parts = {"loss_making_share": (count * (earned < 0), count)}
    if subsidy:
        parts["loss_making_share_without_subsidy"] = (count * (earned - cells.numbers[subsidy] < 0), count)
    return _shares(cells, parts)


def subsidy_intensity(
    table: Any,
    *,
    subsidy: str = "subsidy",
    base: str = "value_added",
    within: str | Iterable[str] | None = "year",
) -> Any:
    """Compute subsidies as a share of value added (or sales): the ratio of sums, not the mean of ratios.

    Parameters
    ----------
    table : pandas, Polars, or Arrow table
        One row for each firm (and year).
    subsidy, base : str
        Columns in one money, from zero up.
    within : str or list of str or None
        Cells: one row each. None: one row.

    Returns
    -------
    table of the input's type
        ``subsidy_intensity``, ``recipient_share`` (firms with a subsidy above zero), ``n_firms``. Rows with a missing value are left out.

    Raises
    ------
    TableError
        A missing column, negative values, no complete row, a base of zero in a cell.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"year": 2015, "subsidy": [1.0, 0.0], "value_added": [30.0, 20.0]})
    >>> subsidy_intensity(firms).values.tolist()
    [[2015.0, 0.02, 0.5, 2.0]]
    """
    cells = _complete_rows(table, within, (subsidy, base), nonnegative=(subsidy, base))
    received = cells.numbers[subsidy]
    parts = {
        "subsidy_intensity": (received, cells.numbers[base]),
        "recipient_share": ((received > 0).astype(float), np.ones(cells.rows)),
    }
    return _shares(cells, parts)


def _complete_rows(
    table: Any,
    within: str | Iterable[str] | None,
    numbers: Iterable[str | None],
    *,
    nonnegative: Iterable[str | None],
) -> Cells:
    """Read the firms that have all of these numbers, keyed by the cells that they are counted in."""
    keys, names = columns_of(within), columns_of(*numbers)
    cells = read_cells(
        table, keys, names, within=keys, nonnegative=columns_of(*nonnegative), unique=False, sort=False
    )
    cells = cells.keep(np.isfinite(np.column_stack(list(cells.numbers.values()))).all(axis=1))
    if not cells.rows:
        raise TableError(f"No row has all of {', '.join(names)}.")
    return cells


def _shares(cells: Cells, parts: Mapping[str, tuple[Floats, Floats]]) -> Any:
    """Divide the sum of each part by the sum of its whole, in every cell."""
    groups = cells.by(cells.keys)
    present = groups.present
    shares = {}
    for name, (part, whole) in parts.items():
        total = groups.sum(whole)[present]
        if (total <= 0).any():
            keys = groups.at(present[total <= 0][:1]).values()
            where = ", ".join(f"{key.name}={key.labels[int(key.raw[0])]!r}" for key in keys) or "the table"
            raise TableError(f"The denominator adds up to zero in {where}, so there is no share.")
        shares[name] = groups.sum(part)[present] / total
    return cells.frame.build({**groups.decode(present), **shares, "n_firms": groups.count()[present]})
