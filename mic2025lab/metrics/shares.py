"""Market shares, their change, who lost the share that others gained, and what is left of a total after some of its parts.

Shares are fractions (0 to 1); changes of shares are in percentage points. See `decompositions` for the reasons of a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.cells import Cells, read_cells
from mic2025lab.engine.checks import check_no_overlap, one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import Groups, divide, fill_missing
from mic2025lab.engine.periods import check_complete, compare, in_times
from mic2025lab.errors import TableError

__all__ = ["displacement", "market_share", "remainder", "share_change"]

_REST = "ROW"  # name of the rest of the world


def market_share(
    table: Any,
    *,
    of: str = "economy",
    within: str | Iterable[str] = ("industry", "year"),
    value: str = "value",
    world: str | None = None,
    over: str | Iterable[str] = (),
) -> Any:
    r"""Share of each economy in the total of its cell.

    .. math:: s_{ck} = x_{ck} / \sum_c x_{ck}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` in each `within`.
    of
        Column of the economies or firms that have shares.
    within
        Columns that make a cell, such as industry and year.
    value
        Column of values, of one unit in a cell, zero or more.
    world
        Label of `of` whose row is the total, such as ``"WLD"``. Every row is then divided by that row (the row itself has
        share 1, an aggregate such as EU27 its own share), and nothing is added. Without it the total is the sum of the rows.
    over
        Columns to sum over first, such as the importer of bilateral flows.

    Returns
    -------
    table of the caller's kind
        The same rows (with `over`, one for each `within` and `of`, with its sum) and the column `share`, a fraction. Missing values are
        left out of the sum and have a missing share. If the total is zero or missing (no `world` row in the cell), the share is missing.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts, a `world` that is not
        in the table, an existing column `share`.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "USA", "WLD"], "industry": "aerospace", "year": 2022,
    ...                    "value": [9.0, 45.0, 100.0]})
    >>> market_share(va, world="WLD")
      economy   industry  year  value  share
    0     CHN  aerospace  2022    9.0   0.09
    1     USA  aerospace  2022   45.0   0.45
    2     WLD  aerospace  2022  100.0   1.00
    """
    cell = columns_of(within)
    added = {of: "world=…"} if world is None else {}
    cells = read_cells(table, [*cell, of], value, within=cell, over=over, added=added, attach=True)
    groups = cells.by(cell)
    total = _total(cells, groups, of, cells.values, world)
    if over:
        return cells.build({value: cells.values, "share": groups.quotient(cells.values, total)})
    part = cells.frame.part
    share = groups.quotient(cells.values, total, cells.frame.empty("share"), part.threads if part else 1)
    return cells.frame.attach({"share": share})


def share_change(
    table: Any,
    *,
    start: Any,
    end: Any,
    of: str = "economy",
    within: str | Iterable[str] = "industry",
    time: str = "year",
    value: str = "value",
    world: str | None = None,
    absent: Literal["missing", "zero"] = "missing",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Percentage points of market share gained or lost between two years.

    .. math:: \Delta s_{ck} = 100 \, (s_{ck}^{end} - s_{ck}^{start})

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of`, `within` and `time`; other times are not used.
    start, end
        The two values of `time`, the earlier first.
    of, value, world
        As for `market_share`.
    within
        Columns that make a market, without the time; ``()`` for one market.
    time
        Column of years or periods.
    absent
        How to treat a row at only one of the two times: as ``"missing"`` at the other, or as ``"zero"``, as in trade tables.
    over
        Columns to sum over first.

    Returns
    -------
    table of the caller's kind
        One row for each `within` and `of`, in their order: `share_start`, `share_end` (fractions) and `share_change`
        (percentage points). Each share is what `market_share` gives; a change is missing if either share is.

    Raises
    ------
    TableError
        As for `market_share`; a `start` or `end` that is not in the table, or not in that order.
    UnknownName
        An unknown `absent`.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "USA"] * 2, "industry": "machinery", "year": [2015, 2015, 2022, 2022],
    ...                    "value": [30.0, 70.0, 80.0, 120.0]})
    >>> share_change(va, start=2015, end=2022)
        industry economy  share_start  share_end  share_change
    0  machinery     CHN          0.3        0.4          10.0
    1  machinery     USA          0.7        0.6         -10.0
    """
    one_of("absent", absent, ("missing", "zero"))
    cell = columns_of(within)
    added = {of: "world=…"} if world is None else {}
    keys, both = [*cell, of, time], in_times(time, start, end)
    cells = read_cells(table, keys, value, within=cell, over=over, added=added, rows=both)
    cells = compare(cells, time, start, end, absent=absent)
    groups = cells.by(cell)
    totals = [_total(cells, groups, of, values, world)[groups.ids] for values in cells.numbers.values()]
    before, after = map(divide, cells.numbers.values(), totals)
    change = 100 * (after - before)
    return cells.build({"share_start": before, "share_end": after, "share_change": change})


def _total(cells: Cells, groups: Groups, of: str, values: np.ndarray, world: str | None) -> np.ndarray:
    """Total of each group: the world's row, or the sum of the rows."""
    if world is not None:
        return groups.place(cells.has(of, world), values)
    total = groups.sum(values)
    return groups.sum(fill_missing(values)[0]) if np.isnan(total.sum()) else total


def displacement(
    table: Any,
    *,
    gainer: str,
    start: Any,
    end: Any,
    of: str = "economy",
    item: str = "industry",
    time: str = "year",
    value: str = "value",
    world: str | None = None,
    by: Literal["item", "total"] = "item",
    absent: Literal["error", "zero"] = "error",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Allocate the market share that one economy gained to those that lost it, product by product, then summed.

    In each product k the gainer's points g_k are allocated to those that lost share, in proportion to their losses:

    .. math:: d_{jk} = g_k \frac{\max(-\Delta s_{jk}, 0)}{\sum_i \max(-\Delta s_{ik}, 0)}, \qquad
              D_j = \sum_k w_k d_{jk}, \qquad w_k = \tfrac12 (X_k^0 / X^0 + X_k^1 / X^1)

    so that the d_jk of a product add up to g_k exactly, and the D_j to the gainer's change in share within products (the
    performance effect of `constant_market_share` with midpoint weights). Where the gainer lost (g_k < 0), its loss is allocated
    to those that gained, with a negative sign. This is an accounting allocation; it does not show who took whose customers.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of`, `item` and `time`.
    gainer
        Label of `of` whose points are allocated.
    start, end
        The two values of `time`, the earlier first.
    of, item, time, value
        Columns of economies, products or industries, years and values (one unit, zero or more).
    world
        Label of `of` whose row is the total. The difference to the sum of the economies is then an economy of its
        own, ``"ROW"``. Without `world` the total is the sum of the economies.
    by
        ``"item"``: one row for each `item` and loser; ``"total"``: one row for each loser.
    absent
        A row at only one of the two times is an error, or ``"zero"`` where a missing row means none, as in trade tables.
    over
        Columns to sum over first.

    Returns
    -------
    table of the caller's kind
        By item: `item`, `of`, `points` (percentage points of that product's market), `weight` (w_k) and `displacement`
        (`weight` x `points`, percentage points of all products together). By total: `of` and `displacement`. A product
        whose market is zero at one of the times has no share to lose and is left out.

    Raises
    ------
    TableError
        As for `market_share`; a missing value (the parts would not add up); a row at only one of the two times; economies
        that add up to more than the `world`; a `gainer` that is not in the table.
    UnknownName
        An unknown `by` or `absent`.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "JPN", "USA"] * 2, "industry": "machinery", "year": [2015] * 3 + [2022] * 3,
    ...                    "value": [20.0, 30.0, 50.0, 30.0, 28.0, 42.0]})
    >>> displacement(va, gainer="CHN", start=2015, end=2022).round(6)
        industry economy  points  weight  displacement
    0  machinery     JPN     2.0     1.0           2.0
    1  machinery     USA     8.0     1.0           8.0
    """
    one_of("by", by, ("item", "total"))
    one_of("absent", absent, ("error", "zero"))
    both = in_times(time, start, end)
    cells = read_cells(table, [item, of, time], value, over=over, added={item: None}, rows=both)
    others = None if world is None else ~cells.has(of, world)
    check_no_overlap(cells.keys[of], "world=…", used=others, cells=lambda: cells.by([item, time]).ids)
    cells.keys[of].find(gainer)
    cells = compare(cells, time, start, end, absent=absent)
    check_complete(cells, value)
    cells = cells if world is None else _with_rest(cells, item, of, world)
    cells = _displaced(cells, item, of, gainer)
    if by == "item":
        return cells.build(cells.numbers)
    losers = cells.total([of])
    return losers.build({"displacement": losers.numbers["displacement"]})


def _with_rest(cells: Cells, item: str, of: str, world: str) -> Cells:
    """Replace the world's row by the rest of the world: what the economies of the table do not add up to."""
    column = cells.keys[of]
    if _REST in column.labels:
        raise TableError(f"Column {of!r} has {_REST!r}, the name of the rest of the world; rename it first.")
    is_world = cells.has(of, world)
    groups = cells.by([item])
    numbers = {}
    for name, values in cells.numbers.items():
        whole, sums = groups.place(is_world, values), groups.sum(np.where(is_world, 0.0, values))
        wrong = groups.present[~(whole - sums >= -1e-9 * whole)[groups.present]]
        if len(wrong):
            label = groups.at(wrong[:1])[item]
            raise TableError(
                f"The economies add up to {sums[wrong[0]]:g} in {item} {label.labels[int(label.raw[0])]!r} ({name}), more than "
                f"the {whole[wrong[0]]:g} of {world!r}. Its row may be missing (nan), or one of them a part of another."
            )
        numbers[name] = np.where(is_world, np.maximum(whole - sums, 0.0)[groups.ids], values)
    renamed = column.relabel(column.raw, [_REST if label == world else label for label in column.labels])
    return Cells(cells.frame, {**cells.keys, of: renamed}, numbers, cells.rows)


def _displaced(cells: Cells, item: str, of: str, gainer: str) -> Cells:
    """Points taken from each of the others in each item, the items' weights, and their products."""
    groups = cells.by([item])
    totals = [groups.sum(values) for values in cells.numbers.values()]
    before, after = (
        divide(one, total[groups.ids]) for one, total in zip(cells.numbers.values(), totals, strict=True)
    )
    change = after - before
    is_gainer = cells.has(of, gainer)
    gained = np.nan_to_num(groups.place(is_gainer, change))[groups.ids]
    against = np.where(np.sign(change) == -np.sign(gained), np.abs(change), 0.0)
    points = 100 * gained * np.nan_to_num(divide(against, groups.sum(np.nan_to_num(against))[groups.ids]))
    first, last = (total / total.sum() if total.sum() else total for total in totals)
    weight = (0.5 * (first + last))[groups.ids]
    numbers = {"points": points, "weight": weight, "displacement": weight * points}
    return replace(cells, numbers=numbers).keep(~is_gainer & ~np.isnan(change))


def remainder(
    table: Any,
    *,
    total: str,
    parts: Iterable[str],
    name: str,
    of: str = "economy",
    within: str | Iterable[str] = ("industry", "year"),
    value: str = "value",
) -> Any:
    r"""A total less some of its parts, such as the rest of the world.

    .. math:: x_{rest} = x_{total} - \sum_{p \in parts} x_p

    With the remainder in place of the total, the rows of a table add up to the total without overlap.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` in each `within`.
    total
        Label of `of` whose row is the total.
    parts
        Labels of `of` to subtract.
    name
        Label of the remainder.
    of
        Column of the total and its parts.
    within
        Columns that make a cell, such as industry and year.
    value
        Column of values, of one unit in a cell.

    Returns
    -------
    table of the caller's kind
        `within`, `of` (always `name`) and `value`, one row for each cell that has a row of the total. A part that is missing
        in a cell is not subtracted, so it stays in the remainder. The remainder is missing where the total is missing or
        where all parts are. It is negative where the parts exceed the total.

    Raises
    ------
    TableError
        Missing column, repeated rows, mixed units, a total or part that is not in the table, no parts, the total among the
        parts, or a `name` that the table has already.

    Examples
    --------
    >>> import pandas as pd
    >>> va = pd.DataFrame({"economy": ["CHN", "USA", "WLD"], "industry": "aerospace", "year": 2022,
    ...                    "value": [9.0, 45.0, 100.0]})
    >>> remainder(va, total="WLD", parts=["CHN", "USA"], name="ROW")
        industry  year economy  value
    0  aerospace  2022     ROW   46.0
    """
    cell, wanted = columns_of(within), list(dict.fromkeys(parts))
    cells = read_cells(table, [*cell, of], value, within=cell, nonnegative=False, sort=False)
    column, values = cells.keys[of], cells.values
    if not wanted or total in wanted:
        raise TableError(
            f"parts is {wanted!r}; name at least one label of {of!r} other than the total {total!r}."
        )
    if name in column.labels:
        raise TableError(f"Column {of!r} has {name!r} already; give the remainder another name.")
    groups, whole = cells.by(cell), cells.has(of, total)
    known = np.isin(column.raw, [column.find(label) for label in wanted]) & ~np.isnan(values)
    rest = groups.place(whole, values) - groups.sum(fill_missing(values)[0], only=known)
    rest[groups.count(known) == 0] = np.nan
    rows = groups.present[groups.count(whole)[groups.present] > 0]
    first = np.zeros(len(rows), np.int64)
    label = column.relabel(first, [name]).decode(first)
    return cells.frame.build({**groups.decode(rows), of: label, value: rest[rows]})
