"""What is left of a total after some of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.cells import read_cells
from mic2025lab.engine.codes import Decoded
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import fill_missing
from mic2025lab.errors import TableError

__all__ = ["remainder"]


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
        Missing column, repeated rows, unlike units, a total or part that is not in the table, no parts, the total among the
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
    labels = pa.array([name] * len(rows))
    # The categories of the caller's column do not include the new label.
    label = Decoded(of, labels) if column.coded_type is None else Decoded(None, labels.dictionary_encode())
    return cells.frame.build({**groups.decode(rows), of: label, value: rest[rows]})
