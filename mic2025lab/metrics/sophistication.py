"""Sophistication of exports, measured by the incomes of their exporters (PRODY and EXPY).

Tables of exporters (`of`) and products (`item`) in each `within`, with a column of incomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mic2025lab.engine.aggregates import AGGREGATES, Aggregates
from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.codes import some
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import Groups, divide, fill_missing
from mic2025lab.errors import TableError

__all__ = ["expy", "prody"]


def _read(
    table: Any, of: str, item: str, cell: tuple[str, ...], value: str, level: str, aggregates: Aggregates
) -> Cells:
    """Cells of economy and item with the numbers `value` and `level`."""
    keys, added = [*cell, of, item], dict.fromkeys((of, item))
    return read_cells(
        table, keys, (value, level), within=cell, added=added, aggregates=aggregates, nonnegative=value
    )


def _check_one_income(cells: Cells, cell: tuple[str, ...], of: str, income: str) -> None:
    groups = cells.by([*cell, of])
    incomes = cells.numbers[income]
    one = groups.place(cells.has(of), incomes)[groups.ids]
    differ = np.flatnonzero((one != incomes) & ~(np.isnan(one) & np.isnan(incomes)))
    if len(differ):
        column = cells.keys[of].keep(differ)
        who = sorted({str(column.labels[int(code)]) for code in column.raw})
        raise TableError(
            f"Column {income!r} must be one number for each {of} in each {' and '.join(cell) or 'table'}, and differs "
            f"for {some(who)}."
        )


def _prody(cells: Cells, cell: tuple[str, ...], of: str, item: str, income: str) -> tuple[Groups, np.ndarray]:
    """Groups of items and their PRODY: incomes weighted by shares, over economies with a known income."""
    filled, _ = fill_missing(cells.values)
    own, items = cells.by([*cell, of]), cells.by([*cell, item])
    share = np.nan_to_num(divide(filled, own.sum(filled)[own.ids]))
    incomes, missing = fill_missing(cells.numbers[income])
    share = share if missing is None else np.where(missing, 0.0, share)
    return items, divide(items.sum(share * incomes), items.sum(share))


def prody(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    income: str = "income",
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Income level of a product: the incomes of those who export it, weighted by how much of their exports it is.

    .. math:: PRODY_k = \sum_c \frac{x_{ck} / x_c}{\sum_j x_{jk} / x_j} Y_c

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within, value, aggregates
        As for `rca`; sum bilateral flows over the importers first.
    income
        Column of the economy's income (GDP per head), the same in all of its rows of a cell.

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
    cells = _read(table, of, item, cell, value, income, aggregates)
    _check_one_income(cells, cell, of, income)
    items, result = _prody(cells, cell, of, item, income)
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
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Income level of an economy's exports: the `prody` of its products, weighted by their shares in its exports.

    .. math:: EXPY_c = \sum_k \frac{x_{ck}}{x_c} PRODY_k

    Parameters
    ----------
    table, of, item, within, value, income, aggregates
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
    cells = _read(table, of, item, cell, value, income if prody is None else prody, aggregates)
    if prody is None:
        _check_one_income(cells, cell, of, income)
        items, by_item = _prody(cells, cell, of, item, income)
        level = by_item[items.ids]
    else:
        level = cells.numbers[prody]
    filled, _ = fill_missing(cells.values)
    own = cells.by([*cell, of])
    share = divide(filled, own.sum(filled)[own.ids])
    result = own.sum(np.where(share == 0, 0.0, share * level))
    return cells.frame.build({**own.decode(own.present), "expy": result[own.present]})
