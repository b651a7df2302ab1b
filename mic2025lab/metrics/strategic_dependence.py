"""Screens for strategic dependencies: products with few suppliers, mostly foreign, and more imports than exports.

Missing values are an error, because the conditions need every value. A product without a row is not traded (a zero), as in
trade tables.
Rows in which an economy buys from itself are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.cells import Cells
from mic2025lab.engine.checks import check_fraction
from mic2025lab.engine.codes import Codes, same_labels, whole_years
from mic2025lab.engine.flows import Party, members_of, party_labels, party_name, read_flows
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import concentration, divide, group, largest
from mic2025lab.errors import ParameterError, TableError

__all__ = ["chokepoints", "strategic_dependencies"]


def strategic_dependencies(
    table: Any,
    *,
    bloc: Party,
    of: str = "exporter",
    importer: str = "importer",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    hhi_above: float = 0.4,
    outside_above: float = 0.5,
    ratio_above: float = 1.0,
    world_above: float | None = None,
) -> Any:
    r"""Products in which a bloc depends on few suppliers outside it (the European Commission's screen).

    With imports from outside M_o, among members M_i and exports X of all members together, and s_j the share of outside
    supplier j in M_o, a product is a dependence where all three hold:

    .. math:: HHI = \sum_j s_j^2 > 0.4, \qquad \frac{M_o}{M_o + M_i} > 0.5, \qquad \frac{M_o}{X} > 1

    that is: concentrated, foreign, and not replaceable by the bloc's own production (proxied by its exports).

    Parameters
    ----------
    table
        pandas, Polars or Arrow table of the world's flows (the bloc's imports and its exports at the least), with one row for
        each `of`, `importer` and `item` in each `within`.
    bloc
        Members, as a tuple of labels; or one economy, all of whose imports are from outside.
    of, importer, item, within, value
        Columns of suppliers, buyers, products, cells, and values (one unit, zero or more).
    hhi_above, outside_above, ratio_above
        Thresholds, to be exceeded.
    world_above
        Threshold of the index of all exporters of the product, which `concentrated` then also requires. It needs the flows of
        the whole world. Without it world exports are not used.

    Returns
    -------
    table of the caller's kind
        `within`, `item`, then `imports_outside`, `imports_inside`, `exports` (unit of `value`), `supplier_hhi`, `world_hhi` (with
        `world_above`), `outside_share`, `import_export_ratio`, `top_supplier`, `top_share` (of imports from outside), and yes
        or no: `concentrated`, `foreign`, `irreplaceable`, `dependent`. One row for each product the bloc imports. The ratio is
        missing if nothing is exported, and the third condition then holds. Without imports from outside, index and top
        supplier are missing, and no condition holds.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, mixed units, an aggregate beside its parts, a member that is
        not in the table.
    ParameterError
        A threshold out of range.

    References
    ----------
    European Commission (2021). Strategic dependencies and capacities. SWD(2021) 352 final.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"product": "850511", "year": 2019, "exporter": ["CHN", "JPN", "DEU", "FRA"],
    ...                       "importer": ["DEU", "DEU", "FRA", "USA"], "value": [80.0, 20.0, 30.0, 10.0]})
    >>> found = strategic_dependencies(flows, bloc=("DEU", "FRA"))
    >>> found[["supplier_hhi", "outside_share", "import_export_ratio", "top_supplier", "dependent"]].round(3)
       supplier_hhi  outside_share  import_export_ratio top_supplier  dependent
    0          0.68          0.769                  2.5          CHN       True
    """
    limits = (hhi_above, outside_above, ratio_above, world_above)
    flows, _, labels, columns, _ = _screen(table, [bloc], of, importer, item, within, value, limits)
    del labels[importer]
    return flows.frame.build({**labels, **columns})


def chokepoints(
    table: Any,
    *,
    importer: Party | list[Party] | None = None,
    n: int = 2,
    last: int = 3,
    of: str = "exporter",
    to: str = "importer",
    item: str = "product",
    time: str = "year",
    value: str = "value",
    hhi_above: float = 0.4,
    outside_above: float = 0.5,
    ratio_above: float = 1.0,
    world_above: float | None = None,
) -> Any:
    r"""Chokepoints: products in which an importer depends on few foreign suppliers year after year, and the value at stake.

    The screen of `strategic_dependencies` is applied to each year. A product is a chokepoint in year t if it is a dependence in at
    least `n` of the `last` years t, t - 1, …. Its severity is the value from the largest supplier:

    .. math:: \sum_{h=0}^{m-1} \mathbf{1}[\text{dependent}_{t-h}] \ge n, \qquad
              \text{severity}_t = \max_j x_{jt}

    For one economy every import is foreign, so the second condition always holds, and concentration and the ratio of imports
    to exports decide; ``world_above=0.4`` adds the third criterion of CEPII's GeoDep, a concentrated world market.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table of the world's flows (the importer's imports and its exports at the least), with one row
        for each `of`, `to`, `item` and `time`.
    importer
        A label of `to`; a tuple of labels, as a bloc; a list of labels and tuples; or None for every importer by itself.
    n, last
        A dependence in `n` of the `last` years is a chokepoint.
    of, to, item, time, value
        Columns of suppliers, buyers, products, whole years and values (one unit, zero or more).
    hhi_above, outside_above, ratio_above, world_above
        As for `strategic_dependencies`.

    Returns
    -------
    table of the caller's kind
        `time`, `to`, `item`, the columns of `strategic_dependencies`, and `years_known` (years of the window that the table
        has), `years_dependent`, `chokepoint`, `severity` (unit of `value`) and `severity_share` (of all that the importer buys
        from outside in the year). A year that is not in the table is not known and never counts as a dependence:
        if `years_known` is below `last`, a product may fail to be a chokepoint only because years are missing. A year in the
        table without imports of the product is known and counts as no dependence.

    Raises
    ------
    TableError
        As for `strategic_dependencies`; `time` is not whole years.
    ParameterError
        A threshold out of range; `n` and `last` that are not whole numbers with 1 <= n <= last.

    References
    ----------
    European Commission (2021). Strategic dependencies and capacities. SWD(2021) 352 final.
    Lefebvre, K. and Wibaux, P. (2024). Import dependencies: where does the EU stand? CEPII Policy Brief 47.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"product": "848620", "importer": "CHN", "exporter": ["JPN", "NLD"] * 3,
    ...                       "year": [2016, 2016, 2017, 2017, 2019, 2019], "value": [90.0, 10, 50, 50, 80, 20]})
    >>> found = chokepoints(flows, importer="CHN")
    >>> found[["year", "supplier_hhi", "years_known", "years_dependent", "chokepoint", "severity"]].round(2)
       year  supplier_hhi  years_known  years_dependent  chokepoint  severity
    0  2016          0.82            1                1       False      90.0
    1  2017          0.50            2                2        True      50.0
    2  2019          0.68            2                2        True      80.0
    """
    whole = all(isinstance(number, int | np.integer) and not isinstance(number, bool) for number in (n, last))
    if not whole or not 1 <= n <= last:
        raise ParameterError(
            f"n is {n!r} and last is {last!r}; they are whole numbers of years, n from 1 to last."
        )
    parties = None if importer is None else importer if isinstance(importer, list) else [importer]
    if parties is not None and (not parties or len(set(map(party_name, parties))) != len(parties)):
        raise ParameterError(f"importer is {importer!r}; list one importer or more, each once.")
    limits = (hhi_above, outside_above, ratio_above, world_above)
    flows, keys, labels, columns, severity = _screen(table, parties, of, to, item, time, value, limits)
    years = whole_years(flows.keys[time])
    row_years, known = years[keys[time].raw], np.unique(years[flows.frame.codes(time).raw])
    series = group([keys[to], keys[item]]).ids
    place = series * (row_years.max() + last + 1) + row_years  # no window of years reaches another series
    true = place[columns["dependent"]]
    dependent = np.sum([np.isin(place - back, true) for back in range(last)], axis=0)
    imports = group([keys[time], keys[to]])
    outside = imports.sum(columns["imports_outside"])
    return flows.frame.build(
        {
            **labels,
            **columns,
            "years_known": np.sum([np.isin(row_years - back, known) for back in range(last)], axis=0),
            "years_dependent": dependent,
            "chokepoint": dependent >= n,
            "severity": severity,
            "severity_share": divide(severity, outside[imports.ids]),
        }
    )


def _screen(
    table: Any,
    parties: list[Party] | None,
    of: str,
    importer: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    limits: tuple[float, float, float, float | None],
) -> tuple[Cells, dict[str, Codes], dict[str, Any], dict[str, Any], np.ndarray]:
    """Screen what each party imports (None: every importer by itself), given the thresholds that must be exceeded.

    Returns the flows above zero and, for each party and product that it imports, codes and labels of the keys, and the numbers,
    ratios, and conditions, and the value from the largest supplier.
    """
    hhi_above, outside_above, ratio_above, world_above = limits
    check_fraction(
        hhi_above=hhi_above,
        outside_above=outside_above,
        world_above=0 if world_above is None else world_above,
    )
    if isinstance(ratio_above, bool) or not ratio_above >= 0:
        raise ParameterError(f"ratio_above is {ratio_above!r}; it is a ratio of zero or more.")
    cell, names = columns_of(within, item), columns_of(within, importer, item)
    flows = read_flows(table, of, importer, names, value, known=True, added=(importer,))
    flows = flows.keep(flows.values > 0)
    if not flows.rows:
        raise TableError(f"No flow of column {value!r} is above zero.")
    exports, imports, outside, buying = _trade_of_parties(flows, parties, of, importer, names)
    cells, sales = imports.by(names), exports.total(names)
    present = cells.present
    keys = cells.at(present)
    labels: dict[str, Any] = {name: column.decode(column.raw) for name, column in keys.items()}
    if parties is not None:
        labels[importer] = party_labels(flows.keys[importer], buying, keys[importer].raw)
    # Each is summed from its own rows: a difference of two large sums has lost the digits of a small one.
    from_outside = np.where(outside, imports.values, 0.0)
    bought = cells.sum(from_outside)[present]
    inside = cells.sum(np.where(outside, 0.0, imports.values))[present]
    sold = np.nan_to_num(_look_up(keys, sales.keys, sales.values))
    index = concentration(cells, from_outside)[present]
    columns = {"imports_outside": bought, "imports_inside": inside, "exports": sold, "supplier_hhi": index}
    concentrated = index > hhi_above
    if world_above is not None:
        world = flows.total([*cell, of])
        markets = world.by(cell)
        index = concentration(markets, world.values)[markets.present]
        columns["world_hhi"] = _look_up(keys, markets.at(markets.present), index)
        concentrated &= columns["world_hhi"] > world_above
    top, most = (found[present] for found in largest(cells, from_outside, imports.keys[of].raw))
    foreign = divide(bought, bought + inside)
    # Multiplied, so that it also holds where nothing is exported and the ratio has no value.
    irreplaceable = bought > ratio_above * sold
    columns |= {
        "outside_share": foreign,
        "import_export_ratio": divide(bought, sold),
        "top_supplier": flows.keys[of].decode(top),
        "top_share": divide(most, bought),
        "concentrated": concentrated,
        "foreign": foreign > outside_above,
        "irreplaceable": irreplaceable,
        "dependent": concentrated & (foreign > outside_above) & irreplaceable,
    }
    return flows, keys, labels, columns, most


def _trade_of_parties(
    flows: Cells, parties: list[Party] | None, of: str, importer: str, names: tuple[str, ...]
) -> tuple[Cells, Cells, np.ndarray, list[Party]]:
    """What the parties sell and buy (None: every importer), which purchases are from outside, and the parties that buy anything."""
    suppliers, buyers = flows.keys[of], flows.keys[importer]
    if parties is None:
        as_buyer = same_labels(suppliers, buyers)[suppliers.raw]
        sold = as_buyer >= 0
        exports, imports = flows.keep(sold), flows
        exports = replace(exports, keys={**exports.keys, importer: buyers.at(as_buyer[sold])})
        return exports, imports, np.ones(imports.rows, np.bool_), []
    members = {party: _members(party, suppliers, buyers) for party in parties}
    buying = [party for party in parties if members[party][1][buyers.raw].any()]
    if not buying:
        raise TableError(
            f"Nothing is imported by {', '.join(map(party_name, parties))}, so there is nothing to screen."
        )
    sellers = np.array([members[party][0] for party in buying])
    exports = _by_party(flows, importer, [mask[suppliers.raw] for mask in sellers])
    imports = _by_party(flows, importer, [members[party][1][buyers.raw] for party in buying])
    imports = imports.total([*names, of])
    outside = ~sellers[imports.keys[importer].raw, imports.keys[of].raw]
    return exports, imports, outside, buying


def _members(party: Party, suppliers: Codes, buyers: Codes) -> tuple[np.ndarray, ...]:
    """Masks of the suppliers' and of the buyers' labels that belong to a party; each member must be one of them."""
    labels = members_of(party)
    if not labels:
        raise TableError(f"A bloc of {buyers.name} has no members: name one or more.")
    for label in labels:
        if label not in suppliers.labels:
            buyers.find(label)
    return tuple(np.array([label in labels for label in column.labels]) for column in (suppliers, buyers))


def _by_party(flows: Cells, importer: str, masks: list[np.ndarray]) -> Cells:
    """Rows of each mask, one mask after the other, with its number as the importer."""
    rows = [np.flatnonzero(mask) for mask in masks]
    chosen = flows.keep(np.concatenate(rows))
    numbers = Codes(
        importer, np.repeat(np.arange(len(rows)), list(map(len, rows))), pa.array(range(len(rows)))
    )
    return replace(chosen, keys={**chosen.keys, importer: numbers})


def _look_up(keys: dict[str, Codes], other: dict[str, Codes], values: np.ndarray) -> np.ndarray:
    """Find the values at some keys among those of other rows; missing where there is none."""
    columns = [keys[name].at(np.concatenate([keys[name].raw, column.raw])) for name, column in other.items()]
    both = group(columns)
    rows = both.rows - len(values)
    table = np.full(both.size, np.nan)
    table[both.ids[rows:]] = values
    return table[both.ids[:rows]]
