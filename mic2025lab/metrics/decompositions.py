"""Decompositions of growth and of changes in world shares into parts that add up exactly.

Both functions compare two years and need every value: a missing one is an error, because the parts would not add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.checks import one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide
from mic2025lab.engine.periods import check_complete, compare, in_times
from mic2025lab.errors import TableError

__all__ = ["constant_market_share", "shift_share"]


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
) -> Any:
    r"""Shift-share decomposition: growth of an economy's industry as reference growth, industry mix, and competitive effect.

    .. math:: x_{ck}^1 - x_{ck}^0 = x_{ck}^0 G + x_{ck}^0 (G_k - G) + \left(x_{ck}^1 - x_{ck}^0 (1 + G_k)\right)

    with G the growth rate of the reference as a whole and G_k that of its industry k: reference growth, industry mix and
    competitive effect, in the unit of the values. Divide a part by `initial` for a rate.

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
        A row at only one of the two times is an error, or ``"zero"`` where a missing row means none.

    Returns
    -------
    table of the caller's kind
        One row for each `item` and `of` (without `world` and `total`): `initial`, `growth`, `reference_growth`,
        `industry_mix`, `competitive`, all in the unit of `value`. If the reference has nothing of an industry at the start,
        its growth is not defined, and industry mix and competitive effect are missing.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, unlike units, a row at only one of the two times, an aggregate beside
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
    one_of("absent", absent, ("error", "zero"))
    options = {of: ("world=…", world), item: ("total=…", total)}
    added = {name: option for name, (option, label) in options.items() if label is None}
    both = in_times(time, start, end)
    cells = read_cells(table, [item, of, time], value, added=added, rows=both)
    cells = compare(cells, time, start, end, absent=absent)
    check_complete(cells, value)
    items = cells.by([item])
    market, whole = cells.has(of, world), cells.has(item, total)
    rate = {}
    for name, number in cells.numbers.items():
        rate[name] = items.sum(np.where(market, number, 0.0))
        rate[f"{name} of all"] = np.array(number[market & whole].sum())
    growth = divide(rate["end of all"] - rate["start of all"], rate["start of all"])
    item_growth = divide(rate["end"] - rate["start"], rate["start"])[items.ids]
    initial, final = cells.numbers["start"], cells.numbers["end"]
    parts = {
        "initial": initial,
        "growth": final - initial,
        "reference_growth": initial * growth,
        "industry_mix": initial * (item_growth - growth),
        "competitive": final - initial * (1 + item_growth),
    }
    keep = np.ones(cells.rows, bool)
    keep &= True if world is None else ~market
    keep &= True if total is None else ~whole
    return cells.keep(keep).build({name: part[keep] for name, part in parts.items()})


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
) -> Any:
    r"""Constant-market-share decomposition: change of a world share as structure of markets and performance within them.

    With the economy's share s_m of market m (a product, or a product and destination) and the market's weight a_m in the
    world, the share is the sum of s_m a_m, and its change between two years is

    .. math:: \Delta S = \underbrace{\sum_m s_m^0 \Delta a_m}_{structure} + \underbrace{\sum_m \Delta s_m a_m^0}_{performance}
              + \underbrace{\sum_m \Delta s_m \Delta a_m}_{interaction}

    with ``weights="laspeyres"``; with ``"midpoint"`` the first two terms use the mean of the two years and there is no
    interaction. With a `partner`, structure is divided into the effects of products (the same formula over products
    only), of destinations (over destinations only), and a joint effect.

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
        A row at only one of the two times is an error, or ``"zero"`` where a missing row means none, as in trade tables.
    over
        Columns to sum over first, such as the importer where there is no `partner`.

    Returns
    -------
    table of the caller's kind
        One row for each `of` (without `world`): `share_start`, `share_end` (fractions), and in percentage points
        `share_change`, `structure`, with a partner `structure_product`, `structure_destination`, `structure_joint`, then
        `performance`, `interaction`. The entry or exit of a market that exists in only one of the two years
        counts as structure.

    Raises
    ------
    TableError
        Missing column or value, repeated rows, negative values, unlike units, a row at only one of the two times, an aggregate beside
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
    one_of("absent", absent, ("error", "zero"))
    keys = columns_of(of, item, partner)
    added = dict.fromkeys(keys[1:]) | ({of: "world=…"} if world is None else {})
    both = in_times(time, start, end)
    cells = read_cells(table, [*keys, time], value, over=over, added=added, rows=both)
    check_complete(cells, value)
    if absent == "error":
        compare(cells, time, start, end)  # raises for a row at one time only
    column, late, is_world = cells.keys[of], cells.has(time, end), cells.has(of, world)
    markets = [np.where(is_world & when, cells.values, 0.0) for when in (~late, late)]
    totals = [market.sum() for market in markets]
    if not all(totals):
        raise TableError(
            "The world's total is zero at one of the two times, so there is no share to decompose."
        )

    def of_economies(rows: np.ndarray) -> np.ndarray:
        return np.bincount(column.raw, weights=rows, minlength=len(column))

    # Every effect is a sum over rows, so economies and markets of the two years never have to be matched.
    def effects(*names: str) -> list[np.ndarray]:
        rows = _effects(cells, names, late, markets, totals, midpoint=weights == "midpoint")
        return [of_economies(effect) for effect in rows]

    structure, performance, interaction = effects(*keys[1:])
    before, after = (
        of_economies(np.where(when, cells.values, 0.0)) / total
        for when, total in zip((~late, late), totals, strict=True)
    )
    result = {"share_start": before, "share_end": after, "share_change": 100 * (after - before)}
    result["structure"] = 100 * structure
    if partner is not None:
        by_item, by_partner = effects(item)[0], effects(partner)[0]
        result["structure_product"] = 100 * by_item
        result["structure_destination"] = 100 * by_partner
        result["structure_joint"] = 100 * (structure - by_item - by_partner)
    result |= {"performance": 100 * performance, "interaction": 100 * interaction}
    economies = np.unique(column.raw if world is None else column.raw[~is_world])
    label = column.decode(economies)
    return cells.frame.build({of: label, **{name: part[economies] for name, part in result.items()}})


def _effects(
    cells: Cells,
    keys: tuple[str, ...],
    late: np.ndarray,
    at: list[np.ndarray],
    totals: list[float],
    *,
    midpoint: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Structure, performance and interaction, the contribution of each row, over the markets given by some keys.

    `late` marks the rows of the second year, and `at` has the world's values in each year.
    """
    markets = cells.by(keys)
    size = [markets.sum(number) for number in at]
    before, after = (part / total for part, total in zip(size, totals, strict=True))
    own = np.where(late, size[1][markets.ids], size[0][markets.ids])
    bare = np.flatnonzero((own == 0) & (cells.values > 0))
    if len(bare):
        found = markets.at(markets.ids[bare[:1]])
        where = ", ".join(f"{key}={column.labels[int(column.raw[0])]!r}" for key, column in found.items())
        raise TableError(
            f"The row of the world is zero or missing for {where}, where an economy has a value."
        )
    share = np.nan_to_num(divide(cells.values, own))
    both = ((size[0] > 0) & (size[1] > 0))[markets.ids]
    moved = (after - before)[markets.ids]
    weight = (0.5 * (before + after) if midpoint else before)[markets.ids]
    signed = np.where(late, share, -share)
    kept = np.full(len(share), 0.5) if midpoint else np.where(late, 0.0, 1.0)
    structure = share * moved * np.where(both, kept, 1.0)
    performance = np.where(both, signed * weight, 0.0)
    return structure, performance, np.where(both & (not midpoint), signed * moved, 0.0)
