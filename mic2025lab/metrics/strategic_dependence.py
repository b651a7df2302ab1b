"""Screens for strategic dependencies: products with few suppliers, mostly foreign, and more imports than exports.

Missing values are an error, because the conditions need every value. A product without a row is not traded (a zero), as in
trade tables.
Rows in which an economy buys from itself are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.aggregates import AGGREGATES, Aggregates
from mic2025lab.engine.codes import Codes, whole_years
from mic2025lab.engine.dependency_screen import (
    Thresholds,
    count_years,
    no_imports,
    read_trade,
    screen_all,
)
from mic2025lab.engine.flows import Party, party_labels, party_name
from mic2025lab.engine.groups import divide, group
from mic2025lab.errors import ParameterError

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
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
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
    over, aggregates
        As for `hhi`.

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
        Missing column or value, repeated rows, negative values, unlike units, an aggregate beside its parts, a member that is
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
    limits = Thresholds(hhi_above, outside_above, ratio_above, world_above)
    trade = read_trade(table, of, importer, item, within, value, over, aggregates)
    if not trade.buys(bloc):
        raise no_imports([bloc])
    screen = trade.screen(bloc, limits)
    keys = {name: trade.flows.keys[name].decode(code) for name, code in screen.keys.items()}
    return trade.flows.frame.build({**keys, **screen.columns(limits, trade.suppliers)})


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
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
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
    hhi_above, outside_above, ratio_above, world_above, over, aggregates
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
    for number in (n, last):
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise ParameterError(f"n and last are {n!r} and {last!r}; they are numbers of years.")
    if not 1 <= n <= last:
        raise ParameterError(f"n is {n} and last is {last}; n is from 1 to last.")
    limits = Thresholds(hhi_above, outside_above, ratio_above, world_above)
    trade = read_trade(table, of, to, item, time, value, over, aggregates)
    flows = trade.flows
    years = whole_years(flows.keys[time])
    parties: list[Party | None] = [*importer] if isinstance(importer, list) else [importer]
    if not parties or len({party_name(party) for party in parties}) != len(parties):
        raise ParameterError("importer is a list that is empty or names one twice.")
    for party in parties:
        if party is not None:
            trade.members(party)
    screen, buying = screen_all(trade, parties, limits, to)
    screen = screen.sorted(time, to, item)
    who = screen.keys[to]
    buyers = trade.buyers.at(who)
    if importer is not None:  # then a code is a place among the parties
        buyers = Codes(to, who, pa.array([party_name(party) for party in buying]))
    columns = screen.columns(limits, trade.suppliers)
    known, dependent = count_years(
        group([buyers, flows.keys[item].at(screen.keys[item])]).ids,
        years[screen.keys[time]],
        columns["dependent"],
        last,
        np.unique(years[flows.frame.codes(time).raw]),
    )
    importers = group([flows.keys[time].at(screen.keys[time]), buyers])
    all_imports = importers.sum(screen.numbers["imports_outside"])[importers.ids]
    return flows.frame.build(
        {
            time: flows.keys[time].decode(screen.keys[time]),
            to: buyers.decode(who) if importer is None else party_labels(trade.buyers, buying, who),
            item: flows.keys[item].decode(screen.keys[item]),
            **columns,
            "years_known": known,
            "years_dependent": dependent,
            "chokepoint": dependent >= n,
            "severity": screen.numbers["top"],
            "severity_share": divide(screen.numbers["top"], all_imports),
        }
    )
