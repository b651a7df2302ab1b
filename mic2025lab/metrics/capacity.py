"""Overcapacity: utilization relative to its own history, surplus over demand, and falling prices with rising volumes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.engine.cells import read_cells
from mic2025lab.engine.checks import one_of
from mic2025lab.engine.frame import columns_of, read
from mic2025lab.engine.groups import divide
from mic2025lab.engine.panel import Floats, panel
from mic2025lab.errors import TableError
from mic2025lab.metrics.dependence import by_row

__all__ = ["price_volume", "share_below", "surplus_ratio", "utilization_gap"]

_MIN_HISTORY = 4  # periods with a value that a history needs
_REFERENCES = ("mean", "peak", "trend")


def _decimal_years(labels: list[Any], column: str) -> Floats:
    """Years as numbers from whole years or text: 2019, "2019", "2019Q3" (2019.5), "2019-07" (2019.5).

    Raises
    ------
    TableError
        A label that is none of these, or periods of two frequencies.
    """
    whole = [int(label) if isinstance(label, float) and label.is_integer() else label for label in labels]
    parts = (
        pd.Series(whole, dtype="object")
        .astype("str")
        .str.extract(r"^(\d{4})(?:-?Q([1-4])|-(0[1-9]|1[0-2]))?$")
    )
    wrong = parts[0].isna()
    if wrong.any():
        raise TableError(
            f"{labels[wrong.argmax()]!r} in column {column!r} is not a period: write 2019, '2019Q3' or '2019-07'."
        )
    first = parts[[1, 2]].isna().drop_duplicates().index
    if len(first) > 1:
        found = " and ".join(repr(labels[row]) for row in first)
        raise TableError(f"Column {column!r} mixes frequencies, {found}: select one, such as the quarters.")
    year, quarter, month = (parts[number].astype("float64").fillna(1).to_numpy() for number in range(3))
    return year + (quarter - 1) / 4 + (month - 1) / 12


def utilization_gap(
    table: Any,
    *,
    of: str | Iterable[str] | None = "industry",
    period: str = "period",
    value: str = "value",
    reference: str = "mean",
    history: tuple[int, int] | None = None,
) -> Any:
    """Gap between capacity utilization and the same industry's own history.

    gap = value - reference, and gap over the standard deviation of the history. The level of utilization that
    is normal differs between industries, so each is compared with itself.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each industry and period, of one frequency: years, quarters, and months must not be mixed. Quarters have
        a season (the first is low); compare like with like by adding a column of the quarter to `of`.
    of : str or list of str or None
        Columns that identify a series.
    period : str
        Column of the period: whole years, or text such as ``2019Q3`` or ``2019-07``.
    value : str
        Utilization in percent.
    reference : {"mean", "peak", "trend"}
        Of the history: its mean; its maximum (then the gap is zero or less inside it); its straight-line
        trend by least squares, carried on over the other periods.
    history : (int, int), optional
        First and last year of the history, included; the default is all periods of the table. A history that
        ends before the years of interest keeps those years out of their own benchmark.

    Returns
    -------
    table of the caller's kind
        The same rows with ``reference`` (percent), ``gap`` (percentage points) and ``gap_sd`` (standard
        deviations of the history, n - 1; around the trend, n - 2, for "trend"). Missing values, and industries
        with a shorter history, give missing; where the history does not vary ``gap_sd`` is missing.

    Raises
    ------
    TableError
        A missing column, a period twice, a period that cannot be read, negative values, mixed units, a
        history that no row is in, or that is too short for every industry.
    UnknownName
        A reference that does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> coal = pd.DataFrame({"industry": "coal", "period": [2017, 2018, 2019, 2020], "value": [68.0, 71.0, 71.0, 70.0]})
    >>> utilization_gap(coal)["gap"].tolist()
    [-2.0, 1.0, 1.0, 0.0]

    References
    ----------
    Corrado, C. & J. Mattey (1997). "Capacity Utilization." Journal of Economic Perspectives 11(1), 151-167.
    """
    one_of("reference", reference, _REFERENCES)
    keys = columns_of(of)
    cells = read_cells(table, [*keys, period], value, within=keys, sort=False)
    values, periods = cells.values, cells.keys[period].compact()
    time = _decimal_years(periods.labels, period)[periods.codes]
    low, high = history or (-np.inf, np.inf)
    past = (np.floor(time) >= low) & (np.floor(time) <= high) & np.isfinite(values)
    series = cells.by(keys)
    level, spread = np.full(cells.rows, np.nan), np.full(cells.rows, np.nan)
    for number in series.present:
        own = series.ids == number
        own_past = own & past
        if own_past.sum() >= _MIN_HISTORY:
            level[own], spread[own] = _history(time[own_past], values[own_past], time[own], reference)
    if np.isnan(level).all():
        raise TableError(
            f"No series has {_MIN_HISTORY} values in its history{f' {history}' if history else ''}; the table has "
            f"{time.min():.0f} to {time.max():.0f}. Take a longer one."
        )
    gap = np.where(np.isfinite(values), values - level, np.nan)
    flat = spread <= 1e-12 * np.abs(level)
    gap_sd = divide(gap, np.where(flat, np.nan, spread))
    return cells.frame.attach({"reference": level, "gap": gap, "gap_sd": gap_sd})


def _history(past: Floats, values: Floats, time: Floats, reference: str) -> tuple[Floats | float, float]:
    """Reference at each `time`, and the standard deviation of the history around its mean or trend."""
    if reference == "trend":
        middle = past.mean()
        slope, level = np.polyfit(past - middle, values, 1)
        residual = values - (level + slope * (past - middle))
        return level + slope * (time - middle), float(np.sqrt((residual**2).sum() / (len(values) - 2)))
    return float(values.mean() if reference == "mean" else values.max()), float(values.std(ddof=1))


def share_below(
    table: Any,
    *,
    threshold: float = 75.0,
    of: str = "industry",
    within: str | Iterable[str] | None = "period",
    value: str = "value",
    weight: str | None = None,
) -> Any:
    """Share of the rows of a cell whose value is below a threshold: of industries in a period, or of periods for an industry.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each industry and period.
    threshold : float
        In the unit of `value`; a value equal to it is not below.
    of : str
        Column of what is counted, in which a total beside its parts is refused. The table need not have it.
    within : str or list of str or None
        The cell: ``"period"`` gives the share of industries, ``"industry"`` the share of periods.
    value : str
        What is compared, utilization in percent for example.
    weight : str, optional
        Column of weights, zero or more (value added); the default counts rows.

    Returns
    -------
    table of the caller's kind
        One row for each cell: ``below`` and ``rows`` (counts of rows with a value and weight) and ``share_below``, 0
        to 1, missing where no row counts.

    Raises
    ------
    TableError
        A missing column, mixed units, a negative weight, a total beside its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"period": "2023", "industry": ["coal", "food", "steel", "cars"], "value": [74.4, 70.1, 78.2, None]})
    >>> share_below(rates)["share_below"].round(4).tolist()
    [0.6667]
    """
    keys = columns_of(within)
    numbers = columns_of(value, weight)
    frame = read(table, columns=[*keys, *numbers])
    counted_in = [of] if of in (frame.part or frame).columns and of not in keys else []
    cells = read_cells(
        table, [*keys, *counted_in], numbers, added=dict.fromkeys(counted_in),
        nonnegative=weight or False, unique=False, sort=False,
    )  # fmt: skip
    values = cells.values
    weights = cells.numbers[weight] if weight else np.ones(cells.rows)
    counted = np.isfinite(values) & np.isfinite(weights)
    low = counted & (values < threshold)
    groups = cells.by(keys)
    present = groups.present
    counts = {"below": groups.count(low)[present], "rows": groups.count(counted)[present]}
    total = groups.sum(np.where(counted, weights, 0.0))
    share = divide(groups.sum(np.where(low, weights, 0.0)), total)[present]
    return cells.frame.build({**groups.decode(present), **counts, "share_below": share})


def surplus_ratio(
    table: Any,
    *,
    output: str = "output",
    demand: str | None = None,
    exports: str = "exports",
    imports: str = "imports",
) -> Any:
    """Surplus ratio: output in excess of domestic demand, over output: (Q - D)/Q.

    Without a column of demand, D = Q - X + M (apparent consumption), so that the ratio is net exports over
    output; stocks that pile up then count as demand.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each product or industry and year.
    output, demand, exports, imports : str
        Columns in one unit, volumes or values at one level of prices.

    Returns
    -------
    table of the caller's kind
        The same rows with ``surplus_ratio``: 0.3 means that 30% of output is sold abroad; negative values mean that
        demand exceeds output. Missing inputs, and output of zero, give missing.

    Raises
    ------
    TableError
        A missing column, a negative value.

    Examples
    --------
    >>> import pandas as pd
    >>> modules = pd.DataFrame({"year": [2023], "output": [500.0], "exports": [210.0], "imports": [10.0]})
    >>> surplus_ratio(modules)["surplus_ratio"].tolist()
    [0.4]
    """
    if demand:
        return by_row(table, "surplus_ratio", (output, demand), lambda made, used: divide(made - used, made))
    columns = (output, exports, imports)
    return by_row(table, "surplus_ratio", columns, lambda made, sold, bought: divide(sold - bought, made))


def price_volume(
    table: Any,
    *,
    of: str | Iterable[str] | None = "product",
    year: str = "year",
    value: str = "value",
    quantity: str = "quantity",
    lag: int = 1,
    tolerance: float = 0.0,
) -> Any:
    """Changes of unit value and of volume, and the direction of each.

    P = value/quantity; dln P and dln Q over `lag` years. In a demand shift both go one way; prices that fall
    while volumes rise are a shift of supply: lower cost, or more capacity than demand. The two cannot be told
    apart here.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each product (and partner, …) and year.
    of, year : str
        Columns that identify a series, and its year.
    value, quantity : str
        Value, and quantity in one unit over time (a change of unit looks like a change of price).
    lag : int
        Years between the two ends of a change.
    tolerance : float
        Log change that counts as none, 0.02 for about 2 %.

    Returns
    -------
    table of the caller's kind
        The same rows with ``unit_value``, ``price_change`` and ``volume_change`` (log points over `lag`
        years) and ``quadrant``: ``price_down_volume_up``, ``price_down_volume_down``, ``price_up_volume_up``,
        ``price_up_volume_down``, ``unchanged`` (either is within the tolerance), or missing. A zero
        value or quantity gives missing, as it has no unit value; so does a year without a row `lag` years before.

    Raises
    ------
    TableError
        A missing column, a repeated year, negative values, a lag below one.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"product": "854143", "year": [2022, 2023], "value": [100.0, 90.0], "quantity": [10.0, 15.0]})
    >>> price_volume(cells)["quadrant"].tolist()[1]
    'price_down_volume_up'

    References
    ----------
    Aiginger, K. (1997). "The Use of Unit Values to Discriminate between Price and Quality Competition."
    Cambridge Journal of Economics 21(5), 571-592.
    """
    if lag < 1 or tolerance < 0:
        raise TableError(
            f"lag must be 1 or more and tolerance 0 or more; got lag={lag}, tolerance={tolerance}."
        )
    rows = panel(table, of=of, year=year, columns=(value, quantity))
    worth, amount = rows.numbers(value, nonnegative=True), rows.numbers(quantity, nonnegative=True)
    known = (worth > 0) & (amount > 0)
    price = np.where(known, divide(worth, amount), np.nan)
    volume = np.where(known, amount, np.nan)
    d_price, d_volume = rows.log_change(price, lag), rows.log_change(volume, lag)
    quadrant = np.full(len(worth), None, dtype=object)
    quadrant[np.isfinite(d_price) & np.isfinite(d_volume)] = "unchanged"
    for row in np.flatnonzero((np.abs(d_price) > tolerance) & (np.abs(d_volume) > tolerance)):
        ways = ["up" if change[row] > 0 else "down" for change in (d_price, d_volume)]
        quadrant[row] = f"price_{ways[0]}_volume_{ways[1]}"
    return rows.attach(
        {"unit_value": price, "price_change": d_price, "volume_change": d_volume, "quadrant": quadrant}
    )
