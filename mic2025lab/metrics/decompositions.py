"""Why an economy grew, or its share of the world changed: parts that add up exactly.

Both functions compare two years and need every value: a missing one is an error, because the parts would not add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.aggregates import AGGREGATES, Aggregates, check_no_overlap
from mic2025lab.engine.frame import Frame, check_nonnegative, check_same_unit, columns_of, read
from mic2025lab.engine.groups import Cells, Groups, cells_of, divide
from mic2025lab.engine.periods import check_both, check_complete, compare, one_of, two_times
from mic2025lab.errors import TableError

__all__ = ["constant_market_share", "shift_share"]

_OF = "Take its row as the reference with world=…, or drop the aggregate or its parts; `aggregates=()` takes every label as it is."
_ITEM = "Drop the aggregate or its parts; `aggregates=()` takes every label as it is."


def _read(
    table: Any, names: tuple[str, ...], value: str, absent: str, time: str, start: Any, end: Any
) -> tuple[Frame, np.ndarray]:
    one_of("absent", absent, ("error", "zero"))
    frame = read(table, columns=[*names, value])
    values = frame.numbers(value)
    check_nonnegative(values, value, frame=frame, keys=names)
    check_same_unit(frame)
    two_times(frame, time, start, end)
    return frame, values


def shift_share(
    table: Any,
    *,
    start: Any,
    end: Any,
    of: str = "economy",
    item: str = "industry",
    time: str = "year",
    value: str = "value",
    world: str | None = None,
    total: str | None = None,
    absent: Literal["error", "zero"] = "error",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Growth of an economy's industry as growth of the whole, of the industry, and its own (shift-share).

    .. math:: x_{ck}^1 - x_{ck}^0 = x_{ck}^0 G + x_{ck}^0 (G_k - G) + \left(x_{ck}^1 - x_{ck}^0 (1 + G_k)\right)

    with G the growth rate of the reference as a whole and G_k that of its industry k: reference growth, industry mix and
    competitive effect, in the unit of the values. Divide a part by `initial` to have it as a rate.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of`, `item` and `time`.
    start, end
        The two values of `time`, the earlier first.
    of, item, time, value
        Columns of economies, industries, years and values (one unit, zero or more).
    world
        Label of `of` that is the reference, such as ``"WLD"``. Without it the reference is the sum of the economies.
    total
        Label of `item` that is the whole, such as ``"manufacturing"``; industries may then be parts of each other. Without
        it the whole is the sum of the industries.
    absent
        A row that is there at one time only is an error, or ``"zero"`` where no row means none.
    over
        Columns to sum over first.
    aggregates
        Labels that are sums of others, refused beside their parts where they would be added.

    Returns
    -------
    table of the caller's kind
        One row for each `item` and `of` (without `world` and `total`): `initial`, `growth`, `reference_growth`,
        `industry_mix`, `competitive`, all in the unit of `value`. Where the reference has nothing of an industry at the
        start, its growth is not defined and mix and competitive effect are missing.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, unlike units, a row at one time only, an aggregate beside
        its parts, a label or time that is not in the table.
    UnknownName
        An unknown `absent`.

    References
    ----------
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. Papers of the Regional Science
    Association 6, 97-112.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "USA"] * 4, "industry": (["cars"] * 2 + ["steel"] * 2) * 2,
    ...                    "year": [2015] * 4 + [2022] * 4, "value": [10.0, 40, 30, 20, 30, 50, 40, 30]})
    >>> shift_share(va, start=2015, end=2022).drop(columns="initial").round(2)
      industry economy  growth  reference_growth  industry_mix  competitive
    0     cars     CHN    20.0               5.0           1.0         14.0
    1     cars     USA    10.0              20.0           4.0        -14.0
    2    steel     CHN    10.0              15.0          -3.0         -2.0
    3    steel     USA    10.0              10.0          -2.0          2.0
    """
    summed = columns_of(over)
    names = columns_of(item, of, time, summed)
    frame, values = _read(table, names, value, absent, time, start, end)
    if world is None:
        check_no_overlap(frame.codes(of), aggregates, remedy=_OF)
    if total is None:
        check_no_overlap(
            frame.codes(item), aggregates, remedy=f"Take its row as the whole with total=…. {_ITEM}"
        )
    cells = compare(frame, [item, of], values, time=time, start=start, end=end, over=summed, absent=absent)
    check_complete(cells, value)
    items = cells.by([item])
    market = np.ones(cells.rows, bool) if world is None else cells.keys[of].raw == cells.keys[of].find(world)
    whole = (
        np.ones(cells.rows, bool) if total is None else cells.keys[item].raw == cells.keys[item].find(total)
    )
    rate = {}
    for name, number in cells.numbers.items():
        rate[name] = items.sum(np.where(market, number, 0.0))
        rate[f"{name} of all"] = np.array(number[market & whole].sum())
    growth = divide(rate["end of all"] - rate["start of all"], rate["start of all"])
    item_growth = divide(rate["end"] - rate["start"], rate["start"])[items.ids]
    keep = np.ones(cells.rows, bool)
    keep &= True if world is None else ~market
    keep &= True if total is None else ~whole
    initial, final = cells.numbers["start"], cells.numbers["end"]
    parts = {
        "initial": initial,
        "growth": final - initial,
        "reference_growth": initial * growth,
        "industry_mix": initial * (item_growth - growth),
        "competitive": final - initial * (1 + item_growth),
    }
    return frame.build({**cells.keep(keep).decoded(), **{name: part[keep] for name, part in parts.items()}})


def constant_market_share(
    table: Any,
    *,
    start: Any,
    end: Any,
    of: str = "exporter",
    item: str = "product",
    partner: str | None = None,
    time: str = "year",
    value: str = "value",
    weights: Literal["laspeyres", "midpoint"] = "laspeyres",
    world: str | None = None,
    absent: Literal["error", "zero"] = "error",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Change of an economy's share of the world as structure of its markets and performance within them.

    With the economy's share s_m of market m (a product, or a product and destination) and the market's weight a_m in the
    world, the share is the sum of s_m a_m, and its change between two years is

    .. math:: \Delta S = \underbrace{\sum_m s_m^0 \Delta a_m}_{structure} + \underbrace{\sum_m \Delta s_m a_m^0}_{performance}
              + \underbrace{\sum_m \Delta s_m \Delta a_m}_{interaction}

    with ``weights="laspeyres"``; with ``"midpoint"`` both first terms use the mean of the two years and nothing is left for
    interaction. With a `partner`, structure is divided into the effect of products (the same formula over products alone),
    of destinations (over destinations alone) and what is joint to both.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of`, `item`, `partner` (if given) and `time`.
    start, end
        The two values of `time`, the earlier first.
    of, item, time, value
        Columns of economies, products or industries, years and values (one unit, zero or more).
    partner
        Column of destinations; without it the markets are products.
    weights
        ``"laspeyres"`` or ``"midpoint"``.
    world
        Label of `of` whose rows are the markets. Without it a market is the sum of the economies.
    absent
        A row that is there at one time only is an error, or ``"zero"`` where no row means none, as in trade tables.
    over
        Columns to sum over first, such as the importer where there is no `partner`.
    aggregates
        Labels that are sums of others, refused beside their parts where they would be added.

    Returns
    -------
    table of the caller's kind
        One row for each `of` (without `world`): `share_start`, `share_end` (fractions), and in percentage points
        `share_change`, `structure`, with a partner `structure_product`, `structure_destination`, `structure_joint`, then
        `performance`, `interaction`. A market that exists in one of the two years only has no share to compare: its
        coming or going counts as structure.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, unlike units, a row at one time only, an aggregate beside
        its parts, a market without a row of `world`.
    UnknownName
        Unknown `weights` or `absent`.

    References
    ----------
    Leamer, E. E. and Stern, R. M. (1970). Quantitative International Economics. Allyn and Bacon.
    Nyssens, A. and Poullet, G. (1990). Parts de marché des producteurs de l'UEBL sur les marchés extérieurs et intérieur.
    National Bank of Belgium, Cahier 7.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"exporter": ["CHN", "USA"] * 4, "product": (["8542"] * 2 + ["1201"] * 2) * 2,
    ...                       "year": [2015] * 4 + [2022] * 4, "value": [20.0, 30, 10, 40, 60, 60, 16, 64]})
    >>> cms = constant_market_share(flows, start=2015, end=2022)
    >>> cms[["exporter", "share_change", "structure", "performance", "interaction"]].round(6)
      exporter  share_change  structure  performance  interaction
    0      CHN           8.0        2.0          5.0          1.0
    1      USA          -8.0       -2.0         -5.0         -1.0
    """
    one_of("weights", weights, ("laspeyres", "midpoint"))
    summed = columns_of(over)
    keys = columns_of(of, item, partner)
    names = columns_of(keys, time, summed)
    frame, values = _read(table, names, value, absent, time, start, end)
    if world is None:
        check_no_overlap(frame.codes(of), aggregates, remedy=_OF)
    for name in keys[1:]:
        check_no_overlap(frame.codes(name), aggregates, remedy=_ITEM)
    first, last = two_times(frame, time, start, end)
    when = frame.codes(time).raw
    cells = cells_of(
        frame, [*keys, time], {value: values}, over=summed, rows=(when == first) | (when == last)
    )
    check_complete(cells, value)
    if absent == "error":
        check_both(cells, keys, time, start, end)
    markets = _Markets(cells, of, value, cells.keys[time].raw == last, world, weights)
    structure, performance, interaction = markets.effects(list(keys[1:]))
    before, after = markets.shares()
    result = {"share_start": before, "share_end": after, "share_change": 100 * (after - before)}
    result["structure"] = 100 * structure
    if partner is not None:
        by_item, by_partner = (markets.effects([name])[0] for name in (item, partner))
        result["structure_product"] = 100 * by_item
        result["structure_destination"] = 100 * by_partner
        result["structure_joint"] = 100 * (structure - by_item - by_partner)
    result |= {"performance": 100 * performance, "interaction": 100 * interaction}
    there = markets.entities()
    label = cells.keys[of].decode(there)
    return frame.build({of: label, **{name: part[there] for name, part in result.items()}})


class _Markets:
    """Rows of two years, and what of an economy's change of share is due to the markets of some keys.

    Every effect is a sum over rows, so economies and markets of the two years never have to be matched.
    """

    def __init__(
        self, cells: Cells, of: str, value: str, late: np.ndarray, world: str | None, weights: str
    ) -> None:
        self.cells = cells
        self.column = cells.keys[of]
        self.values = cells.numbers[value]
        self.late = late
        self.world = None if world is None else self.column.find(world)
        self.midpoint = weights == "midpoint"
        is_world = np.ones(cells.rows, bool) if self.world is None else self.column.raw == self.world
        self.at = (np.where(is_world & ~late, self.values, 0.0), np.where(is_world & late, self.values, 0.0))
        self.totals = tuple(number.sum() for number in self.at)
        if not all(self.totals):
            raise TableError(
                "The world's total is zero at one of the two times, so there is no share to decompose."
            )

    def entities(self) -> np.ndarray:
        there = np.flatnonzero(np.bincount(self.column.raw, minlength=len(self.column)))
        return there if self.world is None else there[there != self.world]

    def _sum(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.column.raw, weights=rows, minlength=len(self.column))

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        early = self._sum(np.where(self.late, 0.0, self.values)) / self.totals[0]
        return early, self._sum(np.where(self.late, self.values, 0.0)) / self.totals[1]

    def effects(self, keys: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Structure, performance and interaction of each economy over the markets of some keys."""
        markets = self.cells.by(keys)
        size = tuple(markets.sum(number) for number in self.at)
        before, after = (part / total for part, total in zip(size, self.totals, strict=True))
        own = np.where(self.late, size[1][markets.ids], size[0][markets.ids])
        self._check_world(own, markets, keys)
        share = np.nan_to_num(divide(self.values, own))
        both = ((size[0] > 0) & (size[1] > 0))[markets.ids]
        moved = (after - before)[markets.ids]
        weight = (0.5 * (before + after) if self.midpoint else before)[markets.ids]
        signed = np.where(self.late, share, -share)
        kept = np.full(len(share), 0.5) if self.midpoint else np.where(self.late, 0.0, 1.0)
        structure = self._sum(share * moved * np.where(both, kept, 1.0))
        performance = self._sum(np.where(both, signed * weight, 0.0))
        interaction = (
            np.zeros_like(structure) if self.midpoint else self._sum(np.where(both, signed * moved, 0.0))
        )
        return structure, performance, interaction

    def _check_world(self, own: np.ndarray, markets: Groups, keys: list[str]) -> None:
        bare = np.flatnonzero((own == 0) & (self.values > 0))
        if len(bare):
            codes = markets.codes(markets.ids[bare[:1]])
            where = ", ".join(
                f"{key}={self.cells.keys[key].labels[int(code[0])]!r}"
                for key, code in zip(keys, codes, strict=True)
            )
            raise TableError(
                f"The row of the world is zero or not there for {where}, where an economy has a value."
            )
