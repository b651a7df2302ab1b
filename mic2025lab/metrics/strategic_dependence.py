"""Screens for strategic dependencies: products with few suppliers, mostly foreign, and more imports than exports.

Missing values are an error, because the conditions need every value. A product without a row is not traded (a zero), as in
trade tables.
Rows in which an economy buys from itself are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mic2025lab.engine.cells import Cells
from mic2025lab.engine.checks import check_fraction
from mic2025lab.engine.codes import Codes, same_labels, whole_years
from mic2025lab.engine.flows import (
    Party,
    concentration,
    largest,
    members_of,
    party_labels,
    party_name,
    read_flows,
)
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide, group
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
    screen = _read(
        table, of, importer, item, within, value, (hhi_above, outside_above, ratio_above, world_above)
    )
    found, _ = screen.numbers([bloc])
    keys = {name: screen.flows.keys[name].decode(found[name].to_numpy()) for name in screen.cell}
    return screen.flows.frame.build({**keys, **screen.columns(found)})


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
    for number in (n, last):
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise ParameterError(f"n and last are {n!r} and {last!r}; they are numbers of years.")
    if not 1 <= n <= last:
        raise ParameterError(f"n is {n} and last is {last}; n is from 1 to last.")
    screen = _read(table, of, to, item, time, value, (hhi_above, outside_above, ratio_above, world_above))
    flows = screen.flows
    years = whole_years(flows.keys[time])
    parties: list[Party | None] = [*importer] if isinstance(importer, list) else [importer]
    if not parties or len({party_name(party) for party in parties}) != len(parties):
        raise ParameterError("importer is a list that is empty or names one twice.")
    found, buying = screen.numbers(parties)
    found = found.sort_values([time, to, item])
    when, who, what = (found[name].to_numpy() for name in (time, to, item))
    buyers = flows.keys[to].at(who)
    if importer is not None:  # then a code is a place among the parties
        buyers = Codes(to, who, pa.array([party_name(party) for party in buying]))
    columns = screen.columns(found)
    row_years, known = years[when], np.unique(years[flows.frame.codes(time).raw])
    series = group([buyers, flows.keys[item].at(what)]).ids
    place = series * (row_years.max() + last + 1) + row_years  # no window of years reaches another series
    true = place[columns["dependent"]]
    dependent = np.sum([np.isin(place - back, true) for back in range(last)], axis=0)
    imports = group([flows.keys[time].at(when), buyers])
    top = found["top"].to_numpy()
    return flows.frame.build(
        {
            time: flows.keys[time].decode(when),
            to: buyers.decode(who) if importer is None else party_labels(flows.keys[to], buying, who),
            item: flows.keys[item].decode(what),
            **columns,
            "years_known": np.sum([np.isin(row_years - back, known) for back in range(last)], axis=0),
            "years_dependent": dependent,
            "chokepoint": dependent >= n,
            "severity": top,
            "severity_share": divide(top, imports.sum(columns["imports_outside"])[imports.ids]),
        }
    )


@dataclass(frozen=True, eq=False)
class _Screen:
    """Flows, the names of their columns, and the thresholds of the screen; each must be exceeded."""

    flows: Cells
    of: str
    importer: str
    cell: tuple[str, ...]  # within and item
    hhi: float
    outside: float
    ratio: float
    world: float | None

    def members(self, party: Party) -> tuple[np.ndarray, np.ndarray]:
        """Masks of the suppliers' and of the buyers' labels that belong to a party; each member must be one of them."""
        labels, suppliers, buyers = (
            members_of(party),
            self.flows.keys[self.of],
            self.flows.keys[self.importer],
        )
        if not labels:
            raise TableError(f"A bloc of {self.importer} has no members: name one or more.")
        for label in labels:
            if label not in suppliers.labels:
                buyers.find(label)
        sellers, bought = (
            np.array([label in labels for label in column.labels]) for column in (suppliers, buyers)
        )
        return sellers, bought

    def numbers(self, parties: list[Party | None]) -> tuple[pd.DataFrame, list[Party | None]]:
        """Return the numbers of each party that imports, its place among these as its code, and these parties.

        None stands for every importer by itself.
        """
        masks = {party: self.members(party) for party in parties if party is not None}
        buyers = self.flows.keys[self.importer].raw
        buying = [party for party in parties if party is None or masks[party][1][buyers].any()]
        if not buying:
            raise TableError(
                f"Nothing is imported by {', '.join(map(party_name, parties))}, so there is nothing to screen."
            )
        if buying[0] is None:
            return self._every_importer(), buying
        found = [self._one(*masks[party]).assign(**{self.importer: at}) for at, party in enumerate(buying)]
        return pd.concat(found, ignore_index=True), buying

    def _every_importer(self) -> pd.DataFrame:
        sellers, buyers = self.flows.keys[self.of], self.flows.keys[self.importer]
        as_buyer = same_labels(sellers, buyers)[sellers.raw]
        exports = self.flows.keep(as_buyer >= 0)
        keys = {**exports.keys, self.importer: buyers.at(as_buyer[as_buyer >= 0])}
        names = columns_of(self.cell, self.importer)
        return self._table(names, self.flows, replace(exports, keys=keys), np.ones(len(sellers), bool))

    def _one(self, sellers: np.ndarray, buyers: np.ndarray) -> pd.DataFrame:
        flows = self.flows
        imports = flows.keep(buyers[flows.keys[self.importer].raw]).total([*self.cell, self.of])
        exports = flows.keep(sellers[flows.keys[self.of].raw])
        return self._table(self.cell, imports, exports, ~sellers)

    def _table(
        self, names: tuple[str, ...], imports: Cells, exports: Cells, outside: np.ndarray
    ) -> pd.DataFrame:
        """Codes and numbers of each cell with imports; -1 for a top supplier if there is none from outside."""
        cells = imports.by(names)
        present = cells.present
        supplier = imports.keys[self.of].raw
        from_outside = np.where(outside[supplier], imports.values, 0.0)
        from_inside = np.where(outside[supplier], 0.0, imports.values)
        top, most = largest(cells, from_outside, supplier)
        keys = cells.at(present)
        sold = exports.total(names)
        numbers = {
            # Each is summed from its own rows: a difference of two large sums has lost the digits of a small one.
            "imports_outside": cells.sum(from_outside)[present],
            "imports_inside": cells.sum(from_inside)[present],
            "exports": np.nan_to_num(_look_up(keys, sold.keys, sold.values)),
            "supplier_hhi": concentration(cells, from_outside)[present],
        }
        if self.world is not None:
            world = self.flows.total([*self.cell, self.of])
            markets = world.by(self.cell)
            index = concentration(markets, world.values)[markets.present]
            numbers["world_hhi"] = _look_up(keys, markets.at(markets.present), index)
        codes = {name: column.raw for name, column in keys.items()}
        return pd.DataFrame({**codes, **numbers, "top": most[present], "top_supplier": top[present]})

    def columns(self, found: pd.DataFrame) -> dict[str, Any]:
        """Result columns: numbers, ratios, and the three conditions."""
        names = ("imports_outside", "imports_inside", "exports", "supplier_hhi", "world_hhi")
        columns: dict[str, Any] = {name: found[name].to_numpy() for name in names if name in found}
        outside, exports = columns["imports_outside"], columns["exports"]
        columns["outside_share"] = divide(outside, outside + columns["imports_inside"])
        columns["import_export_ratio"] = divide(outside, exports)
        columns["top_supplier"] = self.flows.keys[self.of].decode(found["top_supplier"].to_numpy())
        columns["top_share"] = divide(found["top"].to_numpy(), outside)
        columns["concentrated"] = columns["supplier_hhi"] > self.hhi
        if self.world is not None:
            columns["concentrated"] &= columns["world_hhi"] > self.world
        columns["foreign"] = columns["outside_share"] > self.outside
        # Multiplied, so that it also holds where nothing is exported and the ratio has no value.
        columns["irreplaceable"] = outside > self.ratio * exports
        columns["dependent"] = columns["concentrated"] & columns["foreign"] & columns["irreplaceable"]
        return columns


def _look_up(keys: dict[str, Codes], other: dict[str, Codes], values: np.ndarray) -> np.ndarray:
    """Find the values at some keys among those of other rows; missing where there is none."""
    columns = [keys[name].at(np.concatenate([keys[name].raw, column.raw])) for name, column in other.items()]
    both = group(columns)
    rows = both.rows - len(values)
    table = np.full(both.size, np.nan)
    table[both.ids[rows:]] = values
    return table[both.ids[:rows]]


def _read(
    table: Any,
    of: str,
    importer: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    limits: tuple[float, float, float, float | None],
) -> _Screen:
    """Check the thresholds and read the flows above zero; missing values are an error."""
    hhi, outside, ratio, world = limits
    check_fraction(hhi_above=hhi, outside_above=outside, world_above=0 if world is None else world)
    if isinstance(ratio, bool) or not ratio >= 0:
        raise ParameterError(f"ratio_above is {ratio!r}; it is a ratio of zero or more.")
    cell = columns_of(within, item)
    trade = columns_of(cell, importer)
    flows = read_flows(table, of, importer, trade, value, known=True, added=(importer,))
    flows = flows.keep(flows.values > 0)
    if not flows.rows:
        raise TableError(f"No flow of column {value!r} is above zero.")
    return _Screen(flows, of, importer, cell, *limits)
