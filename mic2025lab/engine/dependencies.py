"""The screen for dependencies: the numbers of each importer and product, and what they are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.aggregates import Aggregates
from mic2025lab.engine.codes import Codes
from mic2025lab.engine.flows import (
    Flows,
    Party,
    check_fraction,
    concentration,
    labels_of,
    largest,
    party_name,
    read_flows,
)
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide, group
from mic2025lab.engine.periods import one_of
from mic2025lab.errors import ParameterError, TableError

__all__ = ["Limits", "Screened", "Trade", "nothing_bought", "read_trade", "screen_all", "window", "years_of"]


@dataclass(frozen=True)
class Limits:
    """Thresholds, to be exceeded."""

    hhi: float
    outside: float
    ratio: float
    world: float | None
    exports: str

    def __post_init__(self) -> None:
        check_fraction(hhi_above=self.hhi, outside_above=self.outside)
        if self.world is not None:
            check_fraction(world_above=self.world)
        if isinstance(self.ratio, bool) or not self.ratio >= 0:
            raise ParameterError(f"ratio_above is {self.ratio!r}; it is a ratio of zero or more.")
        one_of("exports", self.exports, ("all", "outside"))


@dataclass(frozen=True, eq=False)
class Screened:
    """One row for each importer (if each is apart), cell and item with imports."""

    keys: dict[str, np.ndarray]  # codes
    numbers: dict[str, np.ndarray]
    top: np.ndarray  # code of the largest supplier from outside, -1 for none

    def columns(self, limits: Limits, suppliers: Codes) -> dict[str, Any]:
        names = ("imports_outside", "imports_inside", "exports", "supplier_hhi")
        made: dict[str, Any] = {name: self.numbers[name] for name in names}
        if limits.world is not None:
            made["world_hhi"] = self.numbers["world_hhi"]
        outside, inside, exports = (self.numbers[name] for name in names[:3])
        made["outside_share"] = divide(outside, outside + inside)
        made["import_export_ratio"] = divide(outside, exports)
        made["top_supplier"] = labels_of(suppliers, self.top)
        made["top_share"] = divide(self.numbers["top"], outside)
        made["concentrated"] = made["supplier_hhi"] > limits.hhi
        if limits.world is not None:
            made["concentrated"] &= made["world_hhi"] > limits.world
        made["foreign"] = made["outside_share"] > limits.outside
        # Multiplied out, so that it holds too where nothing is exported and the ratio has no value.
        made["irreplaceable"] = outside > limits.ratio * exports
        made["dependent"] = made["concentrated"] & made["foreign"] & made["irreplaceable"]
        return made


@dataclass(frozen=True, eq=False)
class Trade:
    """Flows with the columns that a screen tells apart."""

    flows: Flows
    importer: str
    cell: tuple[str, ...]  # within and item

    @property
    def buyers(self) -> Codes:
        return self.flows.keys[self.importer]

    def members(self, party: Party) -> tuple[np.ndarray, np.ndarray]:
        """Which labels of the suppliers, and of the buyers, are members of a party; each must be one of them."""
        labels = party if isinstance(party, tuple) else (party,)
        sellers, buyers = self.flows.suppliers, self.buyers
        if not labels:
            raise TableError(f"A bloc of {self.importer} has no members: name one or more.")
        for label in labels:
            if label not in sellers.labels:
                buyers.find(label)
        return tuple(np.array([label in labels for label in column.labels]) for column in (sellers, buyers))  # type: ignore[return-value]

    def buys(self, party: Party) -> bool:
        """Tell whether any member of a party imports anything."""
        return bool(self.members(party)[1][self.buyers.raw].any())

    def screen(self, party: Party | None, limits: Limits) -> Screened:
        """Screen one importer or bloc, or every importer by itself (None)."""
        flows, sellers = self.flows, self.flows.suppliers
        if party is None:
            names = columns_of(self.cell, self.importer)
            outside = np.ones(len(sellers), bool)
            imports = flows
            place = {label: code for code, label in enumerate(self.buyers.labels)}
            as_buyer = np.array([place.get(label, -1) for label in sellers.labels])[sellers.raw]
            rows = as_buyer >= 0
            keys = {name: flows.keys[name].keep(rows) for name in self.cell}
            keys[self.importer] = self.buyers.at(as_buyer[rows])
            sold = Flows(flows.frame, flows.cell, flows.of, keys, flows.values[rows])
        else:
            names = self.cell
            seller_in, buyer_in = self.members(party)
            outside = ~seller_in
            bought = buyer_in[self.buyers.raw]
            selling = seller_in[sellers.raw]
            imports = _summed(flows.keep(bought), (*self.cell, flows.of))
            sold = flows.keep(selling if limits.exports == "all" else selling & ~bought)
        cells = imports.by(names)
        there = cells.present
        from_outside = np.where(outside[imports.suppliers.raw], imports.values, 0.0)
        top, most = largest(cells, from_outside, imports.suppliers.raw)
        all_imports = cells.sum(imports.values)[there]
        abroad = cells.sum(from_outside)[there]
        found = dict(zip(names, cells.codes(there), strict=True))
        numbers = {
            "imports_outside": abroad,
            "imports_inside": np.maximum(all_imports - abroad, 0.0) if party is not None else 0.0 * abroad,
            "exports": _look_up(imports, found, sold, names),
            "supplier_hhi": concentration(cells, from_outside)[there],
            "top": most[there],
        }
        if limits.world is not None:
            numbers["world_hhi"] = self._world(found, imports)
        return Screened(found, numbers, top[there])

    def _world(self, keys: dict[str, np.ndarray], imports: Flows) -> np.ndarray:
        world = _summed(self.flows, (*self.cell, self.flows.of))
        cells = world.by(self.cell)
        there = cells.present
        codes = dict(zip(self.cell, cells.codes(there), strict=True))
        return _place(imports, keys, codes, concentration(cells, world.values)[there], self.cell)


def _summed(flows: Flows, names: Sequence[str]) -> Flows:
    """Add the flows up over every key but these."""
    groups = flows.by(names)
    there = groups.present
    keys = {name: flows.keys[name].at(raw) for name, raw in zip(names, groups.codes(there), strict=True)}
    return Flows(flows.frame, flows.cell, flows.of, keys, groups.sum(flows.values)[there])


def _look_up(flows: Flows, keys: dict[str, np.ndarray], other: Flows, names: Sequence[str]) -> np.ndarray:
    """Sums of other flows at some keys, zero where there are none."""
    groups = other.by(names)
    there = groups.present
    codes = dict(zip(names, groups.codes(there), strict=True))
    return np.nan_to_num(_place(flows, keys, codes, groups.sum(other.values)[there], names))


def _place(
    flows: Flows,
    keys: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    values: np.ndarray,
    names: Sequence[str],
) -> np.ndarray:
    """Values found at some keys, put where other rows have the same keys; missing where none is found."""
    rows = len(keys[names[0]])
    both = group([flows.keys[name].at(np.concatenate([keys[name], found[name]])) for name in names])
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
    cell = columns_of(within, item)
    flows = read_flows(
        table,
        of=of,
        importer=importer,
        within=columns_of(cell, importer),
        value=value,
        over=over,
        aggregates=aggregates,
        known=True,
        summed_too=(importer,),
    )
    flows = flows.keep(flows.values > 0)
    if not len(flows.values):
        raise TableError(f"No flow of column {value!r} is above zero.")
    return Trade(flows, importer, cell)


def nothing_bought(parties: Iterable[Party | None]) -> str:
    """Say that importers import nothing."""
    return f"Nothing is imported by {', '.join(map(party_name, parties))}, so there is nothing to screen."


def screen_all(
    trade: Trade, parties: Sequence[Party | None], limits: Limits, to: str
) -> tuple[Screened, list[Party]]:
    """Screen each importer and put the rows together; its code is its place among those that import anything."""
    if parties[0] is None:
        return trade.screen(None, limits), []
    buying = [party for party in parties if party is not None and trade.buys(party)]
    if not buying:
        raise TableError(nothing_bought(parties))
    screens = [(party, trade.screen(party, limits)) for party in buying]
    for place, (_, found) in enumerate(screens):
        found.keys[to] = np.full(len(found.top), place)

    def joined(part: str, name: str) -> np.ndarray:
        return np.concatenate([getattr(found, part)[name] for _, found in screens])

    first = screens[0][1]
    return (
        Screened(
            {name: joined("keys", name) for name in first.keys},
            {name: joined("numbers", name) for name in first.numbers},
            np.concatenate([found.top for _, found in screens]),
        ),
        buying,
    )


def years_of(column: Codes) -> np.ndarray:
    """Years of the labels of a column."""
    if not pa.types.is_integer(column.values.type):
        raise TableError(
            f"Column {column.name!r} must hold whole years, to count those in a row; it holds {column.values.type}."
        )
    return column.values.to_numpy(zero_copy_only=False).astype(np.int64)


def window(
    series: np.ndarray, years: np.ndarray, true: np.ndarray, last: int, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Count, for each row, the years of its window that the table has, and those in which its series is true."""
    low = int(years.min()) - last
    span = int(years.max()) - low + 1
    key = series * span + (years - low)
    yes = np.sort(key[true])
    count = np.zeros(len(years), np.int64)
    for back in range(last):
        place = np.searchsorted(yes, key - back)
        count += (yes[np.minimum(place, len(yes) - 1)] == key - back) if len(yes) else 0
    there = np.array(
        [np.isin(np.arange(year - last + 1, year + 1), known).sum() for year in range(low, low + span)]
    )
    return there[years - low], count
