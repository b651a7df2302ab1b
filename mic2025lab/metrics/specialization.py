"""Revealed comparative advantage, related measures of specialization, and sophistication of exports (PRODY and EXPY).

Tables of economies (`of`) and products or industries (`item`) in each `within`, such as a year. Results have one row for each
`within`, `of` and `item`, in the order of their labels. Missing values are left out of the sums and have a missing result, as does
a quotient with a zero denominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.codes import blocks, some
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import Groups, divide, fill_missing
from mic2025lab.errors import TableError

__all__ = ["expy", "location_quotient", "nrca", "prody", "rca", "rsca"]


def _with_margins(
    table: Any,
    of: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str] = (),
    world: str | None = None,
    total: str | None = None,
) -> Cells:
    """Cells of economy and item with the numbers they are compared with: x_ck as `value`, x_c `own`, x_k `market`, x `whole`."""
    cell = columns_of(within)
    added = {of: "location_quotient(…, world=…)"} if world is None else {}
    added |= {item: "location_quotient(…, total=…)"} if total is None else {}
    cells = read_cells(table, [*cell, of, item], value, within=cell, over=over, added=added)
    values = cells.values
    filled, _ = fill_missing(values)
    by_own, by_item, by_cell = cells.by([*cell, of]), cells.by([*cell, item]), cells.by(cell)
    is_world, is_total = cells.has(of, world), cells.has(item, total)
    own = by_own.spread(by_own.sum(filled) if total is None else by_own.place(is_total, values))
    market = by_item.sum(filled) if world is None else by_item.place(is_world, values)
    at_total = filled if total is None else np.where(is_total, filled, 0.0)
    whole = by_cell.sum(at_total) if world is None else by_cell.place(is_world, own)
    numbers = {"value": values, "own": own, "market": by_item.spread(market), "whole": by_cell.spread(whole)}
    reference = (is_world & (world is not None)) | (is_total & (total is not None))
    return replace(cells, numbers=numbers).keep(~reference)


def _quotient(cells: Cells) -> np.ndarray:
    """Share of the item in the economy over its share in the whole."""
    result = np.empty(cells.rows)
    for rows in blocks(cells.rows):
        value, own, market, whole = (numbers[rows] for numbers in cells.numbers.values())
        result[rows] = divide(divide(value, own), divide(market, whole))
    return result


def rca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Revealed comparative advantage (Balassa): an economy's share in a product over its share in everything.

    .. math:: RCA_{ck} = \frac{x_{ck} / x_c}{x_k / x}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item
        Columns of economies and of products or industries.
    within
        Columns of cells, such as the year.
    value
        Column of values, of one unit in a cell, zero or more.
    over
        Columns to sum over first, such as the importer of bilateral flows.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `rca`, zero or more without unit; an economy is specialized above 1. Missing values are left
        out of the sums and have a missing result, as does a pair whose economy, item, or world adds up to zero.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.
    References
    ----------
    Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. The Manchester School 33(2), 99-123.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 40.0]})
    >>> rca(flows)
       year exporter product       rca
    0  2015      CHN    1201  0.500000
    1  2015      CHN    8542  1.500000
    2  2015      USA    1201  1.333333
    3  2015      USA    8542  0.666667
    """
    cells = _with_margins(table, of, item, within, value, over)
    return cells.build({"rca": _quotient(cells)})


def rsca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Symmetric revealed comparative advantage: `rca` on a scale from -1 to 1.

    .. math:: RSCA_{ck} = \frac{RCA_{ck} - 1}{RCA_{ck} + 1}

    Parameters
    ----------
    table, of, item, within, value, over
        As for `rca`.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `rsca`, from -1 (nothing exported) through 0 (as the world) toward 1; missing if the RCA is.

    Raises
    ------
    TableError
        As for `rca`.

    References
    ----------
    Dalum, B., Laursen, K. and Villumsen, G. (1998). Structural change in OECD export specialisation patterns.
    International Review of Applied Economics 12(3), 423-443.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 40.0]})
    >>> rsca(flows).head(2).round(4)
       year exporter product    rsca
    0  2015      CHN    1201 -0.3333
    1  2015      CHN    8542  0.2000
    """
    cells = _with_margins(table, of, item, within, value, over)
    ratio = _quotient(cells)
    return cells.build({"rsca": (ratio - 1) / (ratio + 1)})


def nrca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Normalized revealed comparative advantage: deviation of a flow from the neutral one, as a share of world trade.

    .. math:: NRCA_{ck} = \frac{x_{ck}}{x} - \frac{x_c x_k}{x^2}

    Parameters
    ----------
    table, of, item, within, value, over
        As for `rca`. The result adds up to zero over the economies of an item and over the items of an economy if every pair has
        a row, those without trade with a zero.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `nrca`, between -1/4 and 1/4; 0 is neutral. A missing value is left out of the sums and has
        a missing result; everything is missing where the world adds up to zero.

    Raises
    ------
    TableError
        As for `rca`.

    References
    ----------
    Yu, R., Cai, J. and Leung, P. (2009). The normalized revealed comparative advantage index. Annals of Regional Science
    43, 267-282.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 40.0]})
    >>> nrca(flows)["nrca"].round(3).tolist()
    [-0.1, 0.1, 0.1, -0.1]
    """
    cells = _with_margins(table, of, item, within, value, over)
    numbers, whole = cells.numbers, cells.numbers["whole"]
    neutral = divide(numbers["own"], whole) * divide(numbers["market"], whole)
    return cells.build({"nrca": divide(numbers["value"], whole) - neutral})


def location_quotient(
    table: Any,
    *,
    of: str = "economy",
    item: str = "industry",
    within: str | Iterable[str] = "year",
    value: str = "value",
    world: str | None = None,
    total: str | None = None,
) -> Any:
    r"""Location quotient: `rca` on value added or output, with totals taken from rows of the table if it has them.

    .. math:: LQ_{ck} = \frac{x_{ck} / x_c}{x_k / x}

    This is the measure of the Hamilton index of ITIF, with ``world="WLD", total="all_industries"``.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within, value
        As for `rca`.
    world
        Label of `of` that is the world, such as ``"WLD"``: x_k is its value in k. Without it, x_k is the sum of the
        economies, and an aggregate beside its members is an error.
    total
        Label of `item` that is the whole, such as ``"manufacturing"``: x_c is c's value in it, and items may then be parts of
        each other. Without it, x_c is the sum of the items, and an aggregate beside its parts is an error.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `location_quotient` for every row except those of `world` and `total` (which are 1 by
        definition). A missing value has a missing result, as does one whose total or world row is missing or zero.

    Raises
    ------
    TableError
        As for `rca`; a `world` or `total` that is not in the table.
    References
    ----------
    Isard, W. (1960). Methods of Regional Analysis. MIT Press, chapter 7.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "CHN", "WLD", "WLD"], "industry": ["machinery", "manufacturing"] * 2,
    ...                    "year": 2022, "value": [40.0, 340.0, 100.0, 1000.0]})
    >>> location_quotient(va, world="WLD", total="manufacturing").round(4)
       year economy   industry  location_quotient
    0  2022     CHN  machinery             1.1765
    """
    cells = _with_margins(table, of, item, within, value, world=world, total=total)
    return cells.build({"location_quotient": _quotient(cells)})


def _read_levels(table: Any, of: str, item: str, cell: tuple[str, ...], value: str, level: str) -> Cells:
    """Cells of economy and item with the numbers `value` and `level`."""
    keys, added = [*cell, of, item], dict.fromkeys((of, item))
    return read_cells(table, keys, (value, level), within=cell, added=added, nonnegative=value)


def _prody(
    table: Any, of: str, item: str, cell: tuple[str, ...], value: str, income: str
) -> tuple[Cells, Groups, np.ndarray]:
    """Cells, groups of items, and their PRODY: incomes weighted by shares, over economies with a known income."""
    cells = _read_levels(table, of, item, cell, value, income)
    own, items = cells.by([*cell, of]), cells.by([*cell, item])
    known = cells.numbers[income]
    one = own.place(cells.has(of), known)[own.ids]
    differ = np.flatnonzero((one != known) & ~(np.isnan(one) & np.isnan(known)))
    if len(differ):
        column = cells.keys[of].keep(differ)
        who = sorted({str(column.labels[int(code)]) for code in column.raw})
        raise TableError(
            f"Column {income!r} must be one number for each {of} in each {' and '.join(cell) or 'table'}, and differs "
            f"for {some(who)}."
        )
    filled, (incomes, missing) = fill_missing(cells.values)[0], fill_missing(known)
    share = np.nan_to_num(divide(filled, own.sum(filled)[own.ids]))
    share = share if missing is None else np.where(missing, 0.0, share)
    return cells, items, divide(items.sum(share * incomes), items.sum(share))


def prody(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    income: str = "income",
) -> Any:
    r"""Income level of a product: the incomes of those who export it, weighted by how much of their exports it is.

    .. math:: PRODY_k = \sum_c \frac{x_{ck} / x_c}{\sum_j x_{jk} / x_j} Y_c

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within, value
        As for `rca`; sum bilateral flows over the importers first.
    income
        Column of the economy's income (GDP per capita), the same in all of its rows of a cell.

    Returns
    -------
    table of the caller's kind
        `within`, `item` and `prody`, in the unit of `income`. Missing values and economies without an income are left out;
        an item that nobody else exports has a missing result.

    Raises
    ------
    TableError
        As for `rca`; an income that is not one number for each economy and cell.

    References
    ----------
    Hausmann, R., Hwang, J. and Rodrik, D. (2007). What you export matters. Journal of Economic Growth 12, 1-25.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 60.0], "income": [8.0, 8.0, 56.0, 56.0]})
    >>> prody(flows)
       year product  prody
    0  2015    1201   44.0
    1  2015    8542   20.0
    """
    cell = columns_of(within)
    cells, items, result = _prody(table, of, item, cell, value, income)
    return cells.frame.build({**items.decode(items.present), "prody": result[items.present]})


def expy(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    income: str = "income",
    prody: str | None = None,
) -> Any:
    r"""Income level of an economy's exports: the `prody` of its products, weighted by their shares in its exports.

    .. math:: EXPY_c = \sum_k \frac{x_{ck}}{x_c} PRODY_k

    Parameters
    ----------
    table, of, item, within, value, income
        As for `prody`.
    prody
        Column with the PRODY of the row's item, to hold it fixed (Hausmann, Hwang and Rodrik use one year's for all years);
        `income` is then not used. Without it, PRODY is computed from the same table.

    Returns
    -------
    table of the caller's kind
        `within`, `of` and `expy`, in the unit of `income`. Missing values are left out; missing where the economy exports
        nothing, or something whose PRODY is missing. An economy without an income has an EXPY.

    Raises
    ------
    TableError
        As for `prody`.

    References
    ----------
    Hausmann, R., Hwang, J. and Rodrik, D. (2007). What you export matters. Journal of Economic Growth 12, 1-25.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 60.0], "income": [8.0, 8.0, 56.0, 56.0]})
    >>> expy(flows)
       year exporter  expy
    0  2015      CHN  26.0
    1  2015      USA  38.0
    """
    cell = columns_of(within)
    if prody is None:
        cells, items, by_item = _prody(table, of, item, cell, value, income)
        level = by_item[items.ids]
    else:
        cells = _read_levels(table, of, item, cell, value, prody)
        level = cells.numbers[prody]
    filled, _ = fill_missing(cells.values)
    own = cells.by([*cell, of])
    share = divide(filled, own.sum(filled)[own.ids])
    result = own.sum(np.where(share == 0, 0.0, share * level))
    return cells.frame.build({**own.decode(own.present), "expy": result[own.present]})
