"""The screen for strategic dependencies: the numbers of each importer and product, and the thresholds they are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mic2025lab.engine.aggregates import Aggregates
from mic2025lab.engine.cells import Cells
from mic2025lab.engine.checks import check_fraction
from mic2025lab.engine.codes import Codes, same_labels
from mic2025lab.engine.flows import (
    Party,
    concentration,
    labels_of,
    largest,
    members_of,
    party_name,
    read_flows,
)
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide, group
from mic2025lab.errors import ParameterError, TableError


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of the screen; each must be exceeded."""

    hhi: float
    outside: float
    ratio: float
    world: float | None

    def __post_init__(self) -> None:
        check_fraction(hhi_above=self.hhi, outside_above=self.outside)
        if self.world is not None:
            check_fraction(world_above=self.world)
        if isinstance(self.ratio, bool) or not self.ratio >= 0:
            raise ParameterError(f"ratio_above is {self.ratio!r}; it is a ratio of zero or more.")


@dataclass(frozen=True, eq=False)
class Screen:
    """Numbers of each importer (if there are several), cell and item with imports.

    Attributes
    ----------
    keys
        Codes of the key columns.
    numbers
        Imports from outside and inside, exports, concentration, and the value of the largest supplier (`top`).
    top
        Code of the largest supplier from outside, -1 for none.
    """

    keys: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]
    top: np.ndarray

    def sorted(self, *names: str) -> Screen:
        """Sort the rows by key columns."""
        order = np.lexsort([self.keys[name] for name in reversed(names)])
        keys, numbers = ({name: a[order] for name, a in part.items()} for part in (self.keys, self.numbers))
        return Screen(keys, numbers, self.top[order])

    def columns(self, limits: Thresholds, suppliers: Codes) -> dict[str, Any]:
        """Result columns of the screen: numbers, ratios, and the three conditions."""
        outside, inside, exports = (
            self.numbers[name] for name in ("imports_outside", "imports_inside", "exports")
        )
        columns: dict[str, Any] = {name: values for name, values in self.numbers.items() if name != "top"}
        columns["outside_share"] = divide(outside, outside + inside)
        columns["import_export_ratio"] = divide(outside, exports)
        columns["top_supplier"] = labels_of(suppliers, self.top)
        columns["top_share"] = divide(self.numbers["top"], outside)
        columns["concentrated"] = columns["supplier_hhi"] > limits.hhi
        if limits.world is not None:
            columns["concentrated"] &= columns["world_hhi"] > limits.world
        columns["foreign"] = columns["outside_share"] > limits.outside
        # Multiplied, so that it also holds where nothing is exported and the ratio has no value.
        columns["irreplaceable"] = outside > limits.ratio * exports
        columns["dependent"] = columns["concentrated"] & columns["foreign"] & columns["irreplaceable"]
        return columns


@dataclass(frozen=True, eq=False)
class Trade:
    """Flows and the names of their columns."""

    flows: Cells
    of: str
    importer: str
    cell: tuple[str, ...]  # within and item

    @property
    def suppliers(self) -> Codes:
        """Column of the suppliers."""
        return self.flows.keys[self.of]

    @property
    def buyers(self) -> Codes:
        """Column of the buyers."""
        return self.flows.keys[self.importer]

    def members(self, party: Party) -> tuple[np.ndarray, np.ndarray]:
        """Masks of the suppliers' and of the buyers' labels that belong to a party; each member must be one of them."""
        labels = members_of(party)
        if not labels:
            raise TableError(f"A bloc of {self.importer} has no members: name one or more.")
        for label in labels:
            if label not in self.suppliers.labels:
                self.buyers.find(label)
        sellers, buyers = (
            np.array([label in labels for label in column.labels]) for column in (self.suppliers, self.buyers)
        )
        return sellers, buyers

    def buys(self, party: Party) -> bool:
        """Return True if any member of a party imports anything."""
        return bool(self.members(party)[1][self.buyers.raw].any())

    def screen(self, party: Party | None, limits: Thresholds) -> Screen:
        """Screen one importer or bloc, or every importer by itself (None)."""
        flows, sellers = self.flows, self.suppliers
        if party is None:
            names = columns_of(self.cell, self.importer)
            outside = np.ones(len(sellers), bool)
            imports = flows
            as_buyer = same_labels(sellers, self.buyers)[sellers.raw]
            exports = flows.keep(as_buyer >= 0)
            buyers = self.buyers.at(as_buyer[as_buyer >= 0])
            exports = replace(exports, keys={**exports.keys, self.importer: buyers})
        else:
            names = self.cell
            seller_in, buyer_in = self.members(party)
            outside = ~seller_in
            imports = flows.keep(buyer_in[self.buyers.raw]).total([*self.cell, self.of])
            exports = flows.keep(seller_in[sellers.raw])
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
        if limits.world is not None:
            world = flows.total([*self.cell, self.of])
            markets = world.by(self.cell)
            index = concentration(markets, world.values)[markets.present]
            numbers["world_hhi"] = _look_up(keys, markets.at(markets.present), index)
        numbers["top"] = most[present]
        return Screen({name: column.raw for name, column in keys.items()}, numbers, top[present])


def _look_up(keys: dict[str, Codes], other: dict[str, Codes], values: np.ndarray) -> np.ndarray:
    """Find the values at some keys among those of other rows; missing where there is none."""
    columns = [keys[name].at(np.concatenate([keys[name].raw, column.raw])) for name, column in other.items()]
    both = group(columns)
    rows = both.rows - len(values)
    table = np.full(both.size, np.nan)
    table[both.ids[rows:]] = values
    return table[both.ids[:rows]]


def read_trade(
    table: Any,
    of: str,
    importer: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    over: str | Iterable[str],
    aggregates: Aggregates,
) -> Trade:
    """Read flows for a screen; missing values are an error, and rows of zero are dropped."""
    cell = columns_of(within, item)
    trade = columns_of(cell, importer)
    flows = read_flows(table, of, importer, trade, value, over, aggregates, known=True, added=(importer,))
    flows = flows.keep(flows.values > 0)
    if not flows.rows:
        raise TableError(f"No flow of column {value!r} is above zero.")
    return Trade(flows, of, importer, cell)


def no_imports(parties: Iterable[Party | None]) -> TableError:
    """Build the error for importers without imports."""
    names = ", ".join(map(party_name, parties))
    return TableError(f"Nothing is imported by {names}, so there is nothing to screen.")


def screen_all(
    trade: Trade, parties: Sequence[Party | None], limits: Thresholds, to: str
) -> tuple[Screen, list[Party]]:
    """Screen each importer and stack the rows. An importer's code is its place among those with imports."""
    if parties[0] is None:
        return trade.screen(None, limits), []
    buying = [party for party in parties if party is not None and trade.buys(party)]
    if not buying:
        raise no_imports(parties)
    screens = [trade.screen(party, limits) for party in buying]
    keys = {name: np.concatenate([one.keys[name] for one in screens]) for name in screens[0].keys}
    keys[to] = np.repeat(np.arange(len(screens)), [len(one.top) for one in screens])
    numbers = {name: np.concatenate([one.numbers[name] for one in screens]) for name in screens[0].numbers}
    return Screen(keys, numbers, np.concatenate([one.top for one in screens])), buying


def count_years(
    series: np.ndarray, years: np.ndarray, true: np.ndarray, last: int, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Count, over the `last` years up to each row's year, the years in the table and those in which its series is true."""
    low = int(years.min()) - last
    span = int(years.max()) - low + 1
    key = series * span + (years - low)
    yes = np.sort(key[true])
    count = np.zeros(len(years), np.int64)
    for back in range(last):
        place = np.searchsorted(yes, key - back)
        count += (yes[np.minimum(place, len(yes) - 1)] == key - back) if len(yes) else 0
    in_table = np.array(
        [np.isin(np.arange(year - last + 1, year + 1), known).sum() for year in range(low, low + span)]
    )
    return in_table[years - low], count
