"""Revealed comparative advantage and related measures of specialization.

Tables of economies (`of`) and products or industries (`item`) in each `within`, such as a year. Results have one row for each
`within`, `of` and `item`, in the order of their labels. Missing values are left out of the sums and have a missing result, as does
a quotient with a zero denominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.aggregates import AGGREGATES, Aggregates
from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.checks import one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide, fill_missing

__all__ = ["location_quotient", "nrca", "rca", "rsca"]


@dataclass(frozen=True)
class _Matrix:
    """Cells of economy and item with the margins they are compared with."""

    cells: Cells
    values: np.ndarray  # x_ck, missing as nan
    own: np.ndarray  # x_c
    market: np.ndarray  # x_k
    whole: np.ndarray  # x

    def quotient(self) -> np.ndarray:
        return divide(divide(self.values, self.own), divide(self.market, self.whole))


def _matrix(
    table: Any,
    *,
    of: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str],
    absent: str,
    aggregates: Aggregates,
    world: str | None = None,
    total: str | None = None,
) -> _Matrix:
    one_of("absent", absent, ("missing", "zero"))
    cell = columns_of(within)
    options = {of: (world, "world"), item: (total, "total")}
    added = {
        name: f"location_quotient(…, {option}=…)"
        for name, (label, option) in options.items()
        if label is None
    }
    cells = read_cells(
        table, [*cell, of, item], value, within=cell, over=over, added=added, aggregates=aggregates
    )
    if absent == "zero":
        cells = _complete(cells, cell, of, item)
    values = cells.values
    filled, _ = fill_missing(values)
    by_own, by_item, by_cell = cells.by([*cell, of]), cells.by([*cell, item]), cells.by(cell)
    is_world, is_total = cells.has(of, world), cells.has(item, total)
    own = (by_own.sum(filled) if total is None else by_own.place(is_total, values))[by_own.ids]
    market = by_item.sum(filled) if world is None else by_item.place(is_world, values)
    at_total = filled if total is None else np.where(is_total, filled, 0.0)
    whole = by_cell.sum(at_total) if world is None else by_cell.place(is_world, own)
    matrix = _Matrix(cells, values, own, market[by_item.ids], whole[by_cell.ids])
    if world is None and total is None:
        return matrix
    keep = ~is_world if total is None else ~is_total if world is None else ~(is_world | is_total)
    return _Matrix(cells.keep(keep), values[keep], own[keep], matrix.market[keep], matrix.whole[keep])


def _complete(cells: Cells, cell: tuple[str, ...], of: str, item: str) -> Cells:
    """Add a zero where an economy and an item of the same cell have no row together."""
    where = cells.by(cell)
    ids = where.present
    number = np.searchsorted(ids, where.ids)
    occurs = []
    for column in (cells.keys[of], cells.keys[item]):
        grid = np.zeros((len(ids), len(column)), bool)
        grid[number, column.raw] = True
        occurs.append(grid)
    pairs = occurs[0][:, :, None] & occurs[1][:, None, :]
    table = np.where(pairs, 0.0, np.nan)
    table[number, cells.keys[of].raw, cells.keys[item].raw] = cells.values
    cell_code, own_code, item_code = np.nonzero(pairs)
    keys = where.at(ids[cell_code]) | {of: cells.keys[of].at(own_code), item: cells.keys[item].at(item_code)}
    return Cells(cells.frame, keys, {"value": table[pairs]}, len(own_code))


def rca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
    absent: Literal["missing", "zero"] = "missing",
    aggregates: Aggregates = AGGREGATES,
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
    absent
        ``"missing"``: a pair without a row has no row in the result. ``"zero"``: it counts as zero, as in trade tables, and
        the result has a row for every economy and item of a cell.
    aggregates
        Labels that are sums of others (World, EU27, all industries); an error beside their parts.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `rca`, zero or more without unit; an economy is specialized above 1. Missing values are left
        out of the sums and have a missing result, as does a pair whose economy, item, or world adds up to zero.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, unlike units, an aggregate beside its parts.
    UnknownName
        An unknown `absent`.

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
    matrix = _matrix(
        table, of=of, item=item, within=within, value=value, over=over, absent=absent, aggregates=aggregates
    )
    return matrix.cells.build({"rca": matrix.quotient()})


def rsca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
    absent: Literal["missing", "zero"] = "missing",
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Symmetric revealed comparative advantage: `rca` on a scale from -1 to 1.

    .. math:: RSCA_{ck} = \frac{RCA_{ck} - 1}{RCA_{ck} + 1}

    Parameters
    ----------
    table, of, item, within, value, over, absent, aggregates
        As for `rca`.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `rsca`, from -1 (nothing exported) through 0 (as the world) towards 1; missing if the RCA is.

    Raises
    ------
    TableError, UnknownName
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
    matrix = _matrix(
        table, of=of, item=item, within=within, value=value, over=over, absent=absent, aggregates=aggregates
    )
    ratio = matrix.quotient()
    return matrix.cells.build({"rsca": (ratio - 1) / (ratio + 1)})


def nrca(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    over: str | Iterable[str] = (),
    absent: Literal["missing", "zero"] = "missing",
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Normalized revealed comparative advantage: deviation of a flow from the neutral one, as a share of world trade.

    .. math:: NRCA_{ck} = \frac{x_{ck}}{x} - \frac{x_c x_k}{x^2}

    Parameters
    ----------
    table, of, item, within, value, over, absent, aggregates
        As for `rca`. With ``absent="zero"`` the result adds up to zero over the economies of an item and over the items of
        an economy, which requires the pairs without a row.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `nrca`, between -1/4 and 1/4; 0 is neutral. A missing value is left out of the sums and has
        a missing result; everything is missing where the world adds up to zero.

    Raises
    ------
    TableError, UnknownName
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
    matrix = _matrix(
        table, of=of, item=item, within=within, value=value, over=over, absent=absent, aggregates=aggregates
    )
    neutral = divide(matrix.own, matrix.whole) * divide(matrix.market, matrix.whole)
    return matrix.cells.build({"nrca": divide(matrix.values, matrix.whole) - neutral})


def location_quotient(
    table: Any,
    *,
    of: str = "economy",
    item: str = "industry",
    within: str | Iterable[str] = "year",
    value: str = "value",
    world: str | None = None,
    total: str | None = None,
    over: str | Iterable[str] = (),
    absent: Literal["missing", "zero"] = "missing",
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Location quotient: `rca` on value added or output, with totals taken from rows of the table if it has them.

    .. math:: LQ_{ck} = \frac{x_{ck} / x_c}{x_k / x}

    This is the measure of the Hamilton index of ITIF, with ``world="WLD", total="all_industries"``.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item, within, value, over, absent
        As for `rca`.
    world
        Label of `of` that is the world, such as ``"WLD"``: x_k is its value in k. Without it, x_k is the sum of the
        economies, and an aggregate beside its members is an error.
    total
        Label of `item` that is the whole, such as ``"manufacturing"``: x_c is c's value in it, and items may then be parts of
        each other. Without it, x_c is the sum of the items, and an aggregate beside its parts is an error.
    aggregates
        Labels that are sums of others.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item` and `location_quotient` for every row except those of `world` and `total` (which are 1 by
        definition). A missing value has a missing result, as does one whose total or world row is missing or zero.

    Raises
    ------
    TableError
        As for `rca`; a `world` or `total` that is not in the table.
    UnknownName
        An unknown `absent`.

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
    matrix = _matrix(
        table,
        of=of,
        item=item,
        within=within,
        value=value,
        over=over,
        absent=absent,
        aggregates=aggregates,
        world=world,
        total=total,
    )
    return matrix.cells.build({"location_quotient": matrix.quotient()})
