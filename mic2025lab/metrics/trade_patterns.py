"""How alike, how complementary and how two-sided the trade of economies is.

A product that has no row for an economy is one it does not trade (a zero), as in trade tables; a value that is missing is
not known, and every result that needs it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.aggregates import AGGREGATES, Aggregates, check_no_overlap
from mic2025lab.engine.frame import Frame, check_nonnegative, check_same_unit, columns_of, read
from mic2025lab.engine.groups import Cells, cells_of, divide
from mic2025lab.engine.periods import one_of

__all__ = ["export_similarity", "grubel_lloyd", "lafay", "trade_complementarity"]

_REMEDY = "Drop the aggregate or its parts; `aggregates=()` takes every label as it is."


def _read(
    table: Any,
    of: str,
    item: str,
    within: str | Iterable[str],
    numbers: tuple[str, ...],
    over: str | Iterable[str],
    aggregates: Aggregates,
) -> tuple[Frame, Cells, tuple[str, ...]]:
    cell, summed = columns_of(within), columns_of(over)
    names = columns_of(cell, of, item, summed)
    frame = read(table, columns=columns_of(names, numbers))
    values = {name: frame.numbers(name) for name in numbers}
    for name, value in values.items():
        check_nonnegative(value, name, frame=frame, keys=names)
    check_same_unit(frame, cell)
    check_no_overlap(frame.codes(item), aggregates, remedy=_REMEDY)
    return frame, cells_of(frame, [*cell, of, item], values, over=summed), cell


def lafay(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Lafay index: what a product adds to an economy's trade balance beyond its part in trade.

    .. math:: LFI_k = 100 \left(\frac{x_k - m_k}{x_k + m_k} - \frac{\sum_j (x_j - m_j)}{\sum_j (x_j + m_j)}\right)
              \frac{x_k + m_k}{\sum_j (x_j + m_j)}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within
        Columns of economies, of products, and of what is looked at apart.
    exports, imports
        Columns of values in one unit, zero or more.
    over
        Columns to sum over first.
    aggregates
        Labels of `item` that are sums of others, refused beside their parts.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `lafay`, in percent of the economy's trade; above zero is specialized. It adds up to zero
        over the items of an economy. Where exports or imports are missing, the item is left out of the sums and its result
        is missing; a product without trade has 0, an economy without trade a missing result.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, unlike units, an aggregate beside its parts.

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
    frame, cells, cell = _read(table, of, item, within, (exports, imports), over, aggregates)
    out, into = cells.numbers[exports], cells.numbers[imports]
    own = cells.by([*cell, of])
    balance, trade = out - into, out + into
    all_balance = own.sum(np.nan_to_num(balance))[own.ids]
    all_trade = own.sum(np.nan_to_num(trade))[own.ids]
    result = 100 * divide(balance - trade * divide(all_balance, all_trade), all_trade)
    return frame.build({**cells.decoded(), "lafay": result})


def grubel_lloyd(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
    by: Literal["item", "total"] = "item",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Grubel-Lloyd index: the part of trade that goes both ways in the same product.

    .. math:: GL_k = 1 - \frac{|x_k - m_k|}{x_k + m_k}, \qquad GL = 1 - \frac{\sum_k |x_k - m_k|}{\sum_k (x_k + m_k)}

    Parameters
    ----------
    table, of, item, within, exports, imports, over, aggregates
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
    frame, cells, cell = _read(table, of, item, within, (exports, imports), over, aggregates)
    out, into = cells.numbers[exports], cells.numbers[imports]
    apart, trade = np.abs(out - into), out + into
    if by == "item":
        return frame.build({**cells.decoded(), "grubel_lloyd": 1 - divide(apart, trade)})
    own = cells.by([*cell, of])
    there = own.present
    result = 1 - divide(own.sum(np.nan_to_num(apart)), own.sum(np.nan_to_num(trade)))
    keys = {
        name: cells.keys[name].decode(code) for name, code in zip([*cell, of], own.codes(there), strict=True)
    }
    return frame.build({**keys, "grubel_lloyd": result[there]})


def _share_tables(
    cells: Cells, cell: tuple[str, ...], of: str, item: str, numbers: tuple[str, ...]
) -> Iterator[tuple[list[int], np.ndarray, list[np.ndarray]]]:
    """For each cell: its codes, the economies in it, and for each number their shares over items (economies x items).

    The row of an economy that has a missing value, or nothing, is missing as a whole.
    """
    where = cells.by(cell)
    order = np.argsort(where.ids, kind="stable")
    bounds = np.flatnonzero(np.diff(where.ids[order])) + 1
    for rows in np.split(order, bounds):
        economies, row = np.unique(cells.keys[of].raw[rows], return_inverse=True)
        items, column = np.unique(cells.keys[item].raw[rows], return_inverse=True)
        shares = []
        for name in numbers:
            table = np.zeros((len(economies), len(items)))
            table[row, column] = cells.numbers[name][rows]
            shares.append(divide(table, table.sum(axis=1, keepdims=True)))
        yield [int(code[0]) for code in where.codes(where.ids[rows[:1]])], economies, shares


def _chosen(cells: Cells, of: str, label: str | None, economies: np.ndarray) -> np.ndarray:
    """Places, among the economies of a cell, of the one that is asked for, or of all."""
    return (
        np.arange(len(economies))
        if label is None
        else np.flatnonzero(economies == cells.keys[of].find(label))
    )


def _pairs(
    frame: Frame, cells: Cells, cell: tuple[str, ...], of: str, names: tuple[str, str, str], found: list[Any]
) -> Any:
    """Make the table of pairs from, for each cell, its codes, both economies' codes, and the result."""
    lengths = [len(result) for _, _, _, result in found]
    keys: dict[str, Any] = {
        name: cells.keys[name].decode(np.repeat([codes[place] for codes, *_ in found], lengths))
        for place, name in enumerate(cell)
    }
    keys[names[0]] = cells.keys[of].decode(np.concatenate([left for _, left, _, _ in found]))
    keys[names[1]] = cells.keys[of].decode(np.concatenate([right for _, _, right, _ in found]))
    return frame.build({**keys, names[2]: np.concatenate([result for *_, result in found])})


def export_similarity(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    against: str | None = None,
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Export similarity (Finger and Kreinin): how far the exports of two economies are of the same products.

    .. math:: ES_{ab} = \sum_k \min(s_{ak}, s_{bk}), \qquad s_{ak} = x_{ak} / \sum_j x_{aj}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within
        Columns of economies, of products, and of what is compared apart.
    value
        Column of values, of one unit in a cell, zero or more.
    against
        One economy, to compare all others with; without it every pair is compared, once.
    over
        Columns to sum over first, such as the importer.
    aggregates
        Labels of `item` that are sums of others, refused beside their parts.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `of` + ``"_with"`` (the other economy) and `export_similarity`, from 0 (nothing in common) to 1 (the
        same shares). An economy with a missing value, or without exports, has missing results.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, unlike units, an aggregate beside its parts, an unknown `against`.

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
    frame, cells, cell = _read(table, of, item, within, (value,), over, aggregates)
    if against is not None:
        frame.codes(of).find(against)
    found = []
    for codes, economies, (share,) in _share_tables(cells, cell, of, item, (value,)):
        lefts, rights, results = [], [], []
        for left in _chosen(cells, of, against, economies):
            others = np.arange(len(economies))
            others = others[others > left] if against is None else others[others != left]
            lefts.append(np.full(len(others), economies[left]))
            rights.append(economies[others])
            results.append(np.minimum(share[left], share[others]).sum(axis=1))
        if lefts:
            found.append((codes, np.concatenate(lefts), np.concatenate(rights), np.concatenate(results)))
    return _pairs(frame, cells, cell, of, (of, f"{of}_with", "export_similarity"), found)


def trade_complementarity(
    table: Any,
    *,
    of: str = "economy",
    item: str = "product",
    within: str | Iterable[str] = "year",
    exports: str = "exports",
    imports: str = "imports",
    exporter: str | None = None,
    importer: str | None = None,
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Trade complementarity (Michaely): how well what one economy sells fits what another buys.

    .. math:: TC_{ij} = 1 - \tfrac12 \sum_k |m_{jk} - x_{ik}|

    with x_ik the share of product k in the exports of i, and m_jk its share in the imports of j.

    Parameters
    ----------
    table, of, item, within, exports, imports, over, aggregates
        As for `lafay`.
    exporter, importer
        One economy on that side; without it, all.

    Returns
    -------
    table of the caller's kind
        `within`, `exporter`, `importer` and `trade_complementarity`, from 0 (nothing of what one buys is sold by the other)
        to 1 (the same shares), for every two different economies. An exporter with a missing export, or none, has missing
        results, and so has an importer with a missing import, or none.

    Raises
    ------
    TableError
        As for `lafay`; an unknown `exporter` or `importer`.

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
    frame, cells, cell = _read(table, of, item, within, (exports, imports), over, aggregates)
    for label in (exporter, importer):
        if label is not None:
            frame.codes(of).find(label)
    found = []
    for codes, economies, (sold, bought) in _share_tables(cells, cell, of, item, (exports, imports)):
        buyers = _chosen(cells, of, importer, economies)
        lefts, rights, results = [], [], []
        for seller in _chosen(cells, of, exporter, economies):
            others = buyers[buyers != seller]
            lefts.append(np.full(len(others), economies[seller]))
            rights.append(economies[others])
            results.append(1 - 0.5 * np.abs(bought[others] - sold[seller]).sum(axis=1))
        if lefts:
            found.append((codes, np.concatenate(lefts), np.concatenate(rights), np.concatenate(results)))
    return _pairs(frame, cells, cell, of, ("exporter", "importer", "trade_complementarity"), found)
