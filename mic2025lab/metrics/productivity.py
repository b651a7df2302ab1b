"""Productivity across units: shifts of labor between them, and losses from misallocation.

Growth accounting is in `mic2025lab.metrics.growth`, ICOR and returns to capital are in `mic2025lab.metrics.investment`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mic2025lab.engine.cells import read_cells
from mic2025lab.engine.checks import check_positive, one_of
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.panel import Floats
from mic2025lab.engine.periods import check_complete, compare, in_times
from mic2025lab.errors import TableError

__all__ = ["labor_productivity_decomposition", "misallocation_gap"]


def labor_productivity_decomposition(
    table: Any,
    *,
    start: int,
    end: int,
    item: str = "industry",
    of: str | Iterable[str] | None = "economy",
    year: str = "year",
    output: str = "value",
    labor: str = "employment",
    method: str = "base",
) -> Any:
    """Split the change of labor productivity into change within items and shifts of labor between them.

    Y = sum s_i y_i, with s_i the item's share of labor and y_i its output per worker. With ``method="base"``:
    within = s_i0 dy_i; between = ds_i (y_i0 - Y0); cross = ds_i (dy_i - dY), so that labor moving to an item
    counts by how far that item is above the whole. With ``method="midpoint"`` shares and levels are means of
    both years and cross is 0. Over the items of an entity the three add up to Y1 - Y0 exactly.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row for each entity, item and year, `start` and `end` among the years.
    start, end : int
        The two years.
    item : str
        What labor moves between (industries, provinces).
    of : str or list of str or None
        What is split: economies.
    year : str
        Column of the year.
    output : str
        Additive real output: items must add up to the whole, as chained volumes do not.
    labor : str
        Persons or hours, above zero.
    method : {"base", "midpoint"}
        See above.

    Returns
    -------
    table of the caller's kind
        One row for each entity and item: ``within``, ``between``, ``cross``, ``total`` in output per unit of labor,
        and ``total_share``, total over the productivity of the whole in `start` (adds up to the growth of the
        whole).

    Raises
    ------
    TableError
        A missing column, repeated rows, an item that lacks one of the two years or has a missing value in it,
        labor of zero or less, a start that is not before the end, a total beside its parts.
    UnknownName
        A method that does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"economy": "CHN", "industry": ["farm", "plant"] * 2, "year": [2010, 2010, 2020, 2020],
    ...                       "value": [60.0, 160.0, 60.0, 300.0], "employment": [60.0, 40.0, 40.0, 60.0]})
    >>> parts = labor_productivity_decomposition(table, start=2010, end=2020)
    >>> parts[["within", "between", "cross"]].sum().round(10).tolist()
    [0.7, 0.6, 0.1]

    References
    ----------
    Fabricant, S. (1942). Employment in Manufacturing, 1899-1939. NBER. McMillan, M. & D. Rodrik (2011).
    "Globalization, Structural Change and Productivity Growth." NBER Working Paper 17143.
    """
    one_of("method", method, ("base", "midpoint"))
    keys = columns_of(of)
    cells = read_cells(
        table, [*keys, item, year], (output, labor), added={item: None}, nonnegative=False,
        rows=in_times(year, start, end),
    )  # fmt: skip
    check_positive(cells.numbers[labor], labor)
    made, worked = (
        compare(cells, year, start, end, value=name, absent="missing") for name in (output, labor)
    )
    check_complete(made, output)
    check_complete(worked, labor)
    cell = np.unique(made.by(keys).ids, return_inverse=True)[1]
    y0, y1 = (made.numbers[when] / worked.numbers[when] for when in ("start", "end"))
    s0, s1 = (labor / _total(labor, cell) for labor in worked.numbers.values())
    whole0, whole1 = (_total(s * y, cell) for s, y in ((s0, y0), (s1, y1)))
    base = method == "base"
    share, level, whole = (s0, y0, whole0) if base else ((s0 + s1) / 2, (y0 + y1) / 2, (whole0 + whole1) / 2)
    within, between = share * (y1 - y0), (s1 - s0) * (level - whole)
    cross = (s1 - s0) * (y1 - y0 - (whole1 - whole0)) if base else np.zeros_like(within)
    total = within + between + cross
    parts = {"within": within, "between": between, "cross": cross, "total": total}
    return made.build({**parts, "total_share": total / whole0})


def _sum(values: Floats, cell: np.ndarray) -> Floats:
    """Sum of each cell."""
    return np.bincount(cell, weights=values).astype(np.float64)


def _total(values: Floats, cell: np.ndarray) -> Floats:
    """Sum of the cell, in every row of it."""
    return _sum(values, cell)[cell]


def misallocation_gap(
    table: Any,
    *,
    item: str = "industry",
    within: str | Iterable[str] | None = ("economy", "year"),
    value: str = "value",
    labor: str = "employment",
    capital: str | None = "capital",
    capital_share: float = 0.5,
    sigma: float = 1.5,
) -> Any:
    """Gain in output if labor and capital moved until their marginal revenue products were equal everywhere.

    ln(Y*/Y) is the log ratio of efficient to actual aggregate output. Total inputs are held fixed, so it is also the gap in
    aggregate TFP.

    Parameters
    ----------
    table : pandas, Polars or Arrow table
        One row an item in a cell.
    item : str
        The units that inputs move between: industries, provinces.
    within : str or list of str or None
        The cell inside which inputs move.
    value, labor, capital : str
        Nominal value added, labor and capital of the item, above zero, in any units. ``capital=None`` is the
        one-factor case (capital_share is then 0).
    capital_share : float
        a, from 0 to 1, the same for all items (0.5 for China in Brandt, Tombe & Zhu).
    sigma : float
        Elasticity of substitution between items, above zero (1.5 in Brandt, Tombe & Zhu).

    Returns
    -------
    table of the caller's kind
        One row for each cell: ``items``, ``misallocation_gap`` = ln(Y*/Y), 0 or more; ``labor_gap`` and
        ``capital_gap``, the same if one factor alone moves and the other stays; ``gain`` = Y*/Y - 1. The two
        single gaps need not add up to the whole.

    Raises
    ------
    TableError
        A missing column, an item twice in a cell, a missing value, or one of zero or less, sigma or
        capital_share out of range, a total beside its parts.

    Notes
    -----
    Derivation. Items make Y_i = A_i F_i, F_i = K_i^a L_i^(1-a), and the aggregate is Y = (sum w_i
    Y_i^r)^(1/r), r = (sigma - 1)/sigma. A buyer who takes prices makes v_i = P_i Y_i / sum P_j Y_j = w_i
    Y_i^r / Y^r. So w_i A_i^r = v_i Y^r F_i^(-r): shares of nominal value added and inputs are enough, no
    price index and no A_i is needed.

    Marginal revenue products equal means one K/L everywhere, hence F_i = t_i F with F = K^a L^(1-a) of the
    totals, and the planner maximizes sum w_i A_i^r t_i^r with sum t_i = 1: t_i is proportional to (w_i
    A_i^r)^sigma, and the maximum of the sum is (sum (w_i A_i^r)^sigma)^(1-r). With f_i = F_i/F:

        Y*/Y = (sum v_i^sigma f_i^(1-sigma))^(1/(sigma-1)),   and exp(sum v_i ln(v_i/f_i)) at sigma = 1.

    It is 1 exactly when every item's share of labor and of capital is its share of value added, which is
    equal marginal revenue products. For labor alone, b = (1-a) r and l_i = L_i/L:

        Y*/Y = (sum v_i^(1/(1-b)) l_i^(-b/(1-b)))^((1-b)/r),
        and exp((1-a) sum v_i ln(v_i/l_i)) at sigma = 1,

    and for capital alone b = a r and shares of capital.

    This is the one-level form of Brandt, Tombe & Zhu, who nest state and private firms in provinces. What
    looks like misallocation here also holds true differences of a between items, of skill and hours, and
    errors of measurement.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"economy": "CHN", "year": 2015, "industry": ["a", "b"], "value": [50.0, 50.0],
    ...                     "employment": [20.0, 80.0]})
    >>> misallocation_gap(two, capital=None, sigma=2.0)["gain"].round(4).tolist()
    [0.5625]

    References
    ----------
    Brandt, L., T. Tombe & X. Zhu (2013). "Factor Market Distortions across Time, Space and Sectors in China."
    Review of Economic Dynamics 16(1), 39-58. Hsieh, C.-T. & P. J. Klenow (2009). "Misallocation and
    Manufacturing TFP in China and India." Quarterly Journal of Economics 124(4), 1403-1448.
    """
    if not (np.isfinite(sigma) and sigma > 0 and 0 <= capital_share <= 1):
        raise TableError(
            f"sigma is {sigma!r} and capital_share {capital_share!r}; sigma must be above zero (Brandt, Tombe & Zhu take 1.5), and "
            "capital_share from 0 to 1."
        )
    keys, names = columns_of(within), [name for name in (value, labor, capital) if name is not None]
    cells = read_cells(
        table, [*keys, item], names, added={item: None}, nonnegative=False, known=True, sort=False
    )
    for name in names:
        check_positive(cells.numbers[name], name)
    a = capital_share if capital is not None else 0.0
    groups = cells.by(keys)
    cell = np.unique(groups.ids, return_inverse=True)[1]
    v, lab, *more = (cells.numbers[name] / _total(cells.numbers[name], cell) for name in names)
    cap = more[0] if more else lab
    gap = _gap(v, cap**a * lab ** (1 - a), cell, sigma)
    result = {
        "items": np.bincount(cell),
        "misallocation_gap": gap,
        "labor_gap": _single_gap(v, lab, cell, 1 - a, sigma),
        "capital_gap": _single_gap(v, cap, cell, a, sigma),
        "gain": np.expm1(gap),
    }
    return cells.frame.build({**groups.decode(groups.present), **result})


def _gap(v: Floats, f: Floats, cell: np.ndarray, sigma: float) -> Floats:
    if abs(sigma - 1) < 1e-8:
        return _sum(v * np.log(v / f), cell)
    return np.log(_sum(v**sigma * f ** (1 - sigma), cell)) / (sigma - 1)


def _single_gap(v: Floats, x: Floats, cell: np.ndarray, weight: float, sigma: float) -> Floats:
    """Gap from moving one factor, of output elasticity `weight` and shares `x`."""
    r = (sigma - 1) / sigma
    b = weight * r
    if abs(r) < 1e-8:
        return weight * _sum(v * np.log(v / x), cell)
    return (1 - b) / r * np.log(_sum(v ** (1 / (1 - b)) * x ** (-b / (1 - b)), cell))
