"""Decompositions of growth and of changes in world shares into parts that add up exactly.

Both functions compare two years and need every value: a missing one is an error, because the parts would not add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import read_cells
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
        Missing column or value, repeated rows, negative values, mixed units, a row at only one of the two times, an aggregate beside
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
    added = {of: "world=…"} if world is None else {}
    added |= {item: "total=…"} if total is None else {}
    both = in_times(time, start, end)
    cells = read_cells(table, [item, of, time], value, added=added, rows=both)
    cells = compare(cells, time, start, end, absent=absent)
    check_complete(cells, value)
    items = cells.by([item])
    market, whole = cells.has(of, world), cells.has(item, total)
    first, last = (items.sum(np.where(market, number, 0.0)) for number in cells.numbers.values())
    before, after = (number[market & whole].sum() for number in cells.numbers.values())
    growth = divide(after - before, before)
    item_growth = divide(last - first, first)[items.ids]
    initial, final = cells.numbers.values()
    parts = {
        "initial": initial,
        "growth": final - initial,
        "reference_growth": initial * growth,
        "industry_mix": initial * (item_growth - growth),
        "competitive": final - initial * (1 + item_growth),
    }
    keep = ~((market & (world is not None)) | (whole & (total is not None)))
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
        Missing column or value, repeated rows, negative values, mixed units, a row at only one of the two times, an aggregate beside
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
    cells = compare(cells, time, start, end, absent=absent)
    check_complete(cells, value)
    values, in_market = np.array(list(cells.numbers.values())), cells.has(of, world)
    listed = in_market if world is None else ~in_market
    economies = cells.keep(listed).by([of])
    markets = np.where(in_market, values, 0.0)
    totals = markets.sum(axis=1, keepdims=True)
    if not totals.all():
        raise TableError(
            "The world's total is zero at one of the two times, so there is no share to decompose."
        )

    def of_economies(numbers: np.ndarray) -> np.ndarray:
        return economies.sum(numbers[listed])[economies.present]

    def effects(*names: str) -> list[np.ndarray]:
        """Structure, performance, and interaction over the markets given by some keys."""
        groups = cells.by(names)
        size = np.array([groups.sum(market)[groups.ids] for market in markets])
        bare = np.argwhere((size == 0) & (values > 0))
        if len(bare):
            row = bare[0, 1]
            where = ", ".join(
                f"{key}={cells.keys[key].labels[int(cells.keys[key].raw[row])]!r}" for key in names
            )
            raise TableError(
                f"The row of the world is zero or missing for {where}, where an economy has a value."
            )
        share = divide(values, size)
        # A market of one year only is compared with itself.
        first, last = np.nan_to_num(np.where(np.isnan(share), share[::-1], share))
        before, after = size / totals
        moved, changed = after - before, last - first
        if weights == "midpoint":
            parts = (0.5 * (first + last) * moved, changed * 0.5 * (before + after), np.zeros(cells.rows))
        else:
            parts = (first * moved, changed * before, changed * moved)
        return [100 * of_economies(part) for part in parts]

    structure, performance, interaction = effects(*keys[1:])
    before, after = (of_economies(number) / total for number, total in zip(values, totals, strict=True))
    result = {"share_start": before, "share_end": after, "share_change": 100 * (after - before)}
    result["structure"] = structure
    if partner is not None:
        by_item, by_partner = effects(item)[0], effects(partner)[0]
        result |= {"structure_product": by_item, "structure_destination": by_partner}
        result["structure_joint"] = structure - by_item - by_partner
    result |= {"performance": performance, "interaction": interaction}
    return cells.frame.build({**economies.decode(economies.present), **result})
