"""Dependence on one supplier: its dominance of world supply, the main supplier, and partners without an alternative.

Rows in which an economy buys from itself are left out. A product without a row is not traded (a zero), as in trade tables;
missing values are an error, because the conditions need every value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import Cells
from mic2025lab.engine.checks import check_fraction, one_of
from mic2025lab.engine.flows import Party, find_members, join_bloc, members_of, party_name, read_flows
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import concentration, divide, largest
from mic2025lab.errors import TableError

__all__ = ["export_dominance", "main_supplier", "reverse_dependence"]


def export_dominance(
    table: Any,
    *,
    exporter: Party = "CHN",
    of: str = "exporter",
    importer: str = "importer",
    within: str | Iterable[str] = ("product", "year"),
    value: str = "value",
    share_above: float = 0.5,
    hhi_above: float = 0.4,
    over: str | Iterable[str] = (),
) -> Any:
    r"""Dominance of one exporter in the world's supply of a product, if importers are not known.

    .. math:: s_k = \frac{x_{ck}}{\sum_j x_{jk}}, \qquad HHI_k = \sum_j s_{jk}^2

    A product is dominated if the share is above `share_above` and the index above `hhi_above`. Dominance says that the
    world has few other sellers. How much a buyer depends on the exporter can only be seen in data by importer (`chokepoints`,
    `reverse_dependence`). Exports are not production: they exclude domestic use and include re-exports.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` in each `within`; the values may be shares.
    exporter
        A label of `of`, or a tuple of labels that count as one (``("CHN", "HKG")``), in the index too.
    importer
        Column of importers, where the table has one and `within` or `over` names it.
    of, within, value, over
        As for `hhi`.
    share_above, hhi_above
        Thresholds from 0 to 1, to be exceeded.

    Returns
    -------
    table of the caller's kind
        `within`, `share` (of the exporter), `hhi`, `next_exporter` and `next_share` (the largest of the others; of equal ones
        the first by label; missing and 0 where there is none) and `dominant`. Where a cell has no positive value share and
        index are missing, and it is not dominated.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, mixed units, an aggregate beside its parts, an exporter that
        is nowhere in the table.
    ParameterError
        A threshold outside 0 to 1.

    References
    ----------
    Lefebvre, K. and Wibaux, P. (2024). Import dependencies: where does the EU stand? CEPII Policy Brief 47 (the concentration
    of world exports above 0.4 is the second criterion of its GeoDep data).

    Examples
    --------
    >>> import pandas as pd
    >>> exports = pd.DataFrame({"product": "280530", "year": 2005, "exporter": ["CHN", "JPN", "AUT"],
    ...                         "value": [80.0, 15.0, 5.0]})
    >>> export_dominance(exports)
      product  year  share    hhi next_exporter  next_share  dominant
    0  280530  2005    0.8  0.665           JPN        0.15      True
    """
    check_fraction(share_above=share_above, hhi_above=hhi_above)
    flows = read_flows(table, of, importer, within, value, over, known=True)
    flows, code = join_bloc(flows, of, exporter)
    cells = flows.by(columns_of(within))
    present = cells.present
    column = flows.keys[of]
    mine = column.raw == code
    total = cells.sum(flows.values)
    share = divide(cells.sum(np.where(mine, flows.values, 0.0)), total)[present]
    index = concentration(cells, flows.values)[present]
    who, most = largest(cells, np.where(mine, 0.0, flows.values), column.raw)
    result = {
        "share": share,
        "hhi": index,
        "next_exporter": column.decode(who[present]),
        "next_share": divide(most, total)[present],
        "dominant": (share > share_above) & (index > hhi_above),
    }
    return flows.frame.build({**cells.decode(present), **result})


def main_supplier(
    table: Any,
    *,
    of: str = "exporter",
    importer: str = "importer",
    within: str | Iterable[str] = ("importer", "product", "year"),
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""The largest supplier in each cell, its share, and the concentration of all suppliers.

    .. math:: \max_i s_{im}, \qquad HHI_m = \sum_i s_{im}^2, \qquad s_{im} = x_{im} / \sum_j x_{jm}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table of flows with one row for each `of` in each `within`.
    of, importer
        Columns of suppliers and of buyers.
    within
        Columns that make a cell, such as importer, sector, and year.
    value
        Column of values, of one unit in a cell, zero or more.
    over
        As for `hhi`.

    Returns
    -------
    table of the caller's kind
        `within`, `imports` (in the unit of `value`), `suppliers` (how many have a value above zero), `hhi`, `main_supplier` (of
        equal ones, the first by label) and `main_share`, shares and index from 0 to 1. Missing values are left out of the sums;
        a cell without a positive value has no main supplier. Rows in which an economy buys from itself are left out.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "CHN", "product": "854231", "year": 2020,
    ...                       "exporter": ["TWN", "KOR", "USA"], "value": [60.0, 30.0, 10.0]})
    >>> main_supplier(flows)
      importer product  year  imports  suppliers   hhi main_supplier  main_share
    0      CHN  854231  2020    100.0          3  0.46           TWN         0.6
    """
    flows = read_flows(table, of, importer, within, value, over)
    cells, column = flows.by(columns_of(within)), flows.keys[of]
    present = cells.present
    total = cells.sum(flows.values)[present]
    who, most = largest(cells, flows.values, column.raw)
    result = {
        "imports": total,
        "suppliers": cells.count(flows.values > 0)[present],
        "hhi": concentration(cells, flows.values)[present],
        "main_supplier": column.decode(who[present]),
        "main_share": divide(most[present], total),
    }
    return flows.frame.build({**cells.decode(present), **result})


def reverse_dependence(
    table: Any,
    *,
    economy: Party = "CHN",
    of: str = "exporter",
    importer: str = "importer",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    share_above: float = 0.5,
    alternative_above: float = 0.1,
    by: Literal["partner", "item"] = "partner",
) -> Any:
    r"""Reverse dependence: what partners buy from one economy, product by product, and who has no other supplier.

    For partner m and product k, with :math:`s_{imk}` the share of supplier i in m's imports of k:

    .. math:: s_{cmk}, \qquad \max_{i \ne c} s_{imk}, \qquad A_{mk} = \#\{i \ne c : s_{imk} > a\}

    A partner is dependent if :math:`s_{cmk}` is above `share_above`, and captive if it is dependent and has no alternative,
    that is, no other supplier with a share above `alternative_above`. The partner's own production is not included.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of`, `importer` and `item` in each `within`.
    economy
        A label of `of`, or a tuple of labels that count as one supplier (``("CHN", "HKG")``); none of them is a partner.
    of, importer, item, within, value
        Columns of suppliers, partners, products, cells, and values (one unit, zero or more).
    share_above, alternative_above
        Thresholds from 0 to 1, to be exceeded.
    by
        ``"partner"``: one row for each `item` and partner; ``"item"``: one row for each `item`.

    Returns
    -------
    table of the caller's kind
        By partner: `within`, `item`, `importer`, `imports` (in the unit of `value`), `share`, `next_supplier`, `next_share`,
        `alternatives` (a count), `dependent`, `captive`. By item: `within`, `item`, `imports` and `share` (of all partners
        together), `partners` (those who import it), `dependent_partners`, `captive_partners` (counts) and `dependent_imports`
        (what dependent partners take from the economy, in the unit of `value`). Partners without imports of a product have no
        row and do not count.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, mixed units, an aggregate beside its parts, an economy that
        is nowhere in the table, no partner left.
    ParameterError
        A threshold outside 0 to 1.
    UnknownName
        Unknown `by`.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"product": "850760", "year": 2022, "importer": ["USA", "USA", "USA", "DEU", "DEU"],
    ...                       "exporter": ["CHN", "KOR", "JPN", "CHN", "POL"], "value": [70.0, 20.0, 10.0, 95.0, 5.0]})
    >>> reverse_dependence(flows)[["importer", "share", "next_supplier", "alternatives", "captive"]]
      importer  share next_supplier  alternatives  captive
    0      DEU   0.95           POL             0     True
    1      USA   0.70           KOR             1    False
    >>> reverse_dependence(flows, by="item")[["partners", "dependent_partners", "captive_partners", "dependent_imports"]]
       partners  dependent_partners  captive_partners  dependent_imports
    0         2                   2                 1              165.0
    """
    one_of("by", by, ("partner", "item"))
    check_fraction(share_above=share_above, alternative_above=alternative_above)
    cell = columns_of(within, item)
    pairs = columns_of(cell, importer)
    flows = read_flows(table, of, importer, pairs, value, known=True, added=(importer,))
    members = find_members(flows.keys[of], economy)
    buyers, labels = flows.keys[importer], members_of(economy)
    own = np.isin(buyers.raw, [code for code, label in enumerate(buyers.labels) if label in labels])
    flows = flows.keep(~own & (flows.values > 0))
    if not flows.rows:
        raise TableError(f"No flow to a partner of {party_name(economy)} is above zero.")
    if not np.isin(flows.keys[of].raw, members).any():
        raise TableError(f"{party_name(economy)} sells nothing to any partner in the table.")
    flows, code = join_bloc(flows, of, economy)
    partners = flows.by([*cell, importer])
    present = partners.present
    column = flows.keys[of]
    mine = column.raw == code
    total = partners.sum(flows.values)
    taken = partners.sum(np.where(mine, flows.values, 0.0))[present]
    portion = divide(flows.values, total[partners.ids])
    alternatives = partners.count(~mine & (portion > alternative_above))[present]
    imports = total[present]
    share = divide(taken, imports)
    dependent = share > share_above
    captive = dependent & (alternatives == 0)
    if by == "partner":
        who, most = largest(partners, np.where(mine, 0.0, flows.values), column.raw)
        result = {
            "imports": imports,
            "share": share,
            "next_supplier": column.decode(who[present]),
            "next_share": divide(most[present], imports),
            "alternatives": alternatives,
            "dependent": dependent,
            "captive": captive,
        }
        return flows.frame.build({**partners.decode(present), **result})
    counts = {"partners": np.ones(len(present)), "dependent_partners": dependent, "captive_partners": captive}
    numbers = {
        "imports": imports,
        "share": taken,
        **counts,
        "dependent_imports": np.where(dependent, taken, 0),
    }
    numbers = {name: part.astype(np.float64) for name, part in numbers.items()}
    items = Cells(flows.frame, partners.at(present), numbers, len(present)).total(cell)
    sums = items.numbers | {name: items.numbers[name].astype(np.int64) for name in counts}
    return items.build({**sums, "share": divide(sums["share"], sums["imports"])})
