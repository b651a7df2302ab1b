"""Patterns of trade: intra-industry trade, similarity, and complementarity.

A product that has no row for an economy is one it does not trade (a zero), as in trade tables; a value that is missing is
not known, and every result that needs it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import Cells, Result, by_matrix, read_cells
from mic2025lab.engine.checks import one_of
from mic2025lab.engine.codes import Codes
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide

__all__ = ["export_similarity", "grubel_lloyd", "lafay", "trade_complementarity"]


def lafay(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
) -> Any:
    r"""Lafay index: contribution of a product to an economy's trade balance beyond its share of trade.

    .. math:: LFI_k = 100 \left(\frac{x_k - m_k}{x_k + m_k} - \frac{\sum_j (x_j - m_j)}{\sum_j (x_j + m_j)}\right)
              \frac{x_k + m_k}{\sum_j (x_j + m_j)}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within
        Columns of economies, of products, and of cells, such as the year.
    exports, imports
        Columns of values in one unit, zero or more.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `lafay`, in percent of the economy's trade; above zero is specialized. It adds up to zero
        over the items of an economy. Where exports or imports are missing, the item is left out of the sums and its result
        is missing; a product without trade has 0, an economy without trade a missing result.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.

    References
    ----------
    Lafay, G. (1992). The measurement of revealed comparative advantages. In M. G. Dagenais and P.-A. Muet (eds.),
    International Trade Modelling, Chapman & Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> trade = pd.DataFrame({"economy": "CHN", "product": ["1201", "8542"], "year": 2015,
    ...                       "exports": [10.0, 50.0], "imports": [30.0, 10.0]})
    >>> lafay(trade)
       year economy product  lafay
    0  2015     CHN    1201  -28.0
    1  2015     CHN    8542   28.0
    """
    cell = columns_of(within)
    cells = read_cells(table, [*cell, of, item], (exports, imports), within=cell, added={item: None})
    out, into = cells.numbers[exports], cells.numbers[imports]
    own = cells.by([*cell, of])
    balance, trade = out - into, out + into
    all_balance = own.sum(np.nan_to_num(balance))[own.ids]
    all_trade = own.sum(np.nan_to_num(trade))[own.ids]
    result = 100 * divide(balance - trade * divide(all_balance, all_trade), all_trade)
    return cells.build({"lafay": result})


def grubel_lloyd(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
    by: Literal["item", "total"] = "item",
) -> Any:
    r"""Grubel-Lloyd index: the share of trade that is two-way trade in the same product.

    .. math:: GL_k = 1 - \frac{|x_k - m_k|}{x_k + m_k}, \qquad GL = 1 - \frac{\sum_k |x_k - m_k|}{\sum_k (x_k + m_k)}

    Parameters
    ----------
    table, of, item, within, exports, imports
        As for `lafay`.
    by
        ``"item"``: one row for each `item`; ``"total"``: one for each `of`, products weighted by their trade.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` (by item) and `grubel_lloyd`, from 0 (one way only) to 1 (as much out as in). Where exports or
        imports are missing, the item is left out of the sums and its result is missing; so is a result without any trade.

    Raises
    ------
    TableError
        As for `lafay`.
    UnknownName
        An unknown `by`.

    References
    ----------
    Grubel, H. G. and Lloyd, P. J. (1975). Intra-Industry Trade. Macmillan.

    Examples
    --------
    >>> import pandas as pd
    >>> trade = pd.DataFrame({"economy": "CHN", "product": ["1201", "8542"], "year": 2015,
    ...                       "exports": [10.0, 50.0], "imports": [30.0, 10.0]})
    >>> grubel_lloyd(trade, by="total")
       year economy  grubel_lloyd
    0  2015     CHN           0.4
    """
    one_of("by", by, ("item", "total"))
    cell = columns_of(within)
    cells = read_cells(table, [*cell, of, item], (exports, imports), within=cell, added={item: None})
    out, into = cells.numbers[exports], cells.numbers[imports]
    apart, trade = np.abs(out - into), out + into
    if by == "item":
        return cells.build({"grubel_lloyd": 1 - divide(apart, trade)})
    own = cells.by([*cell, of])
    result = 1 - divide(own.sum(np.nan_to_num(apart)), own.sum(np.nan_to_num(trade)))
    return cells.frame.build({**own.decode(own.present), "grubel_lloyd": result[own.present]})


def _by_pair(
    cells: Cells,
    cell: tuple[str, ...],
    of: str,
    item: str,
    names: tuple[str, str],
    chosen: Callable[[np.ndarray, np.ndarray], np.ndarray],
    fit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    result: str,
) -> Any:
    """Make a table of the pairs of economies chosen by their codes, and how the shares of the first fit those of the others.

    Shares are those of items in the first column of numbers for one economy, and in the last for the others.
    """

    def pairs(economies: Codes, items: Codes, numbers: list[np.ndarray], place: str) -> Result:
        first, last = (divide(sums, sums.sum(axis=1, keepdims=True)) for sums in (numbers[0], numbers[-1]))
        left, right = np.nonzero(chosen(economies.raw[:, None], economies.raw[None, :]))
        fits = [fit(first[one], last[right[left == one]]) for one in np.unique(left)]
        keys = {names[0]: economies.keep(left), names[1]: economies.keep(right)}
        return keys, {result: np.concatenate([np.zeros(0), *fits])}

    return by_matrix(cells, cell, of, item, pairs)


def export_similarity(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    against: str | None = None,
    over: str | Iterable[str] = (),
) -> Any:
    r"""Export similarity (Finger and Kreinin): overlap of the products that two economies export.

    .. math:: ES_{ab} = \sum_k \min(s_{ak}, s_{bk}), \qquad s_{ak} = x_{ak} / \sum_j x_{aj}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within
        Columns of economies, of products, and of cells, such as the year.
    value
        Column of values, of one unit in a cell, zero or more.
    against
        One economy, to compare all others with; without it every pair is compared, once.
    over
        Columns to sum over first, such as the importer.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `of` + ``"_with"`` (the other economy) and `export_similarity`, from 0 (nothing in common) to 1 (the
        same shares). An economy with a missing value, or without exports, has missing results.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts, an unknown `against`.

    References
    ----------
    Finger, J. M. and Kreinin, M. E. (1979). A measure of "export similarity" and its possible uses. Economic Journal 89,
    905-912.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "CHN", "USA", "USA"], "product": ["8542", "1201"] * 2, "year": 2015,
    ...                       "value": [30.0, 10.0, 20.0, 20.0]})
    >>> export_similarity(flows)
       year exporter exporter_with  export_similarity
    0  2015      CHN           USA               0.75
    """
    cell = columns_of(within)
    cells = read_cells(table, [*cell, of, item], value, within=cell, over=over, added={item: None})
    code = None if against is None else cells.keys[of].find(against)

    def chosen(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return one < other if code is None else (one == code) & (other != code)

    def overlap(shares: np.ndarray, others: np.ndarray) -> np.ndarray:
        return np.minimum(shares, others).sum(axis=1)

    return _by_pair(cells, cell, of, item, (of, f"{of}_with"), chosen, overlap, "export_similarity")


def trade_complementarity(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
) -> Any:
    r"""Trade complementarity (Michaely): how well what one economy sells fits what another buys.

    .. math:: TC_{ij} = 1 - \tfrac12 \sum_k |m_{jk} - x_{ik}|

    with x_ik the share of product k in the exports of i, and m_jk its share in the imports of j.

    Parameters
    ----------
    table, of, item, within, exports, imports
        As for `lafay`.

    Returns
    -------
    table of the caller's kind
        `within`, `exporter`, `importer` and `trade_complementarity`, from 0 (nothing of what one buys is sold by the other)
        to 1 (the same shares), for every two different economies. An exporter with a missing export, or none, has missing
        results, as does an importer with a missing import or none.

    Raises
    ------
    TableError
        As for `lafay`.

    References
    ----------
    Michaely, M. (1996). Trade preferential agreements in Latin America: an ex-ante assessment. World Bank Policy Research
    Working Paper 1583.

    Examples
    --------
    >>> import pandas as pd
    >>> trade = pd.DataFrame({"economy": ["CHN", "CHN", "USA", "USA"], "product": ["1201", "8542"] * 2, "year": 2015,
    ...                       "exports": [10.0, 30.0, 60.0, 40.0], "imports": [50.0, 50.0, 20.0, 80.0]})
    >>> trade_complementarity(trade)
       year exporter importer  trade_complementarity
    0  2015      CHN      USA                   0.95
    1  2015      USA      CHN                   0.90
    """
    cell = columns_of(within)
    cells = read_cells(table, [*cell, of, item], (exports, imports), within=cell, added={item: None})

    def fit(sold: np.ndarray, bought: np.ndarray) -> np.ndarray:
        return 1 - 0.5 * np.abs(bought - sold).sum(axis=1)

    names = ("exporter", "importer")
    return _by_pair(cells, cell, of, item, names, np.not_equal, fit, "trade_complementarity")
