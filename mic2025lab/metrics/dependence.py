"""Import dependence: import shares, import penetration, and import substitution.

Shares are fractions. `strategic_dependence` screens products for dependence, `supplier_dominance` measures dependence on one
supplier, and `intercountry` follows inputs through chains of suppliers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mic2025lab.engine.cells import read_cells
from mic2025lab.engine.checks import check_nonnegative
from mic2025lab.engine.flows import Party, party_labels, party_name, read_sums
from mic2025lab.engine.frame import columns_of, read
from mic2025lab.engine.groups import Reduction, divide
from mic2025lab.engine.periods import compare, in_times
from mic2025lab.errors import ParameterError, TableError

__all__ = ["apparent_consumption", "import_penetration", "import_share", "localization", "self_sufficiency"]


def import_share(
    table: Any,
    *,
    supplier: Party | list[Party],
    of: str = "exporter",
    importer: str = "importer",
    within: str | Iterable[str] = ("importer", "product", "year"),
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Share of one supplier, or of several together, in the imports of each cell.

    .. math:: s_{Bm} = \frac{\sum_{i \in B} x_{im}}{\sum_i x_{im}}

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` in each `within`.
    supplier
        A label of `of` (``"CHN"``); a tuple of labels, added up as a bloc (``("CHN", "HKG")``, named ``"CHN+HKG"``); or a list
        of labels and tuples, each with its own row. Hong Kong is a part of China only if you name both.
    of, importer
        Columns of suppliers and of buyers.
    within
        Columns that make a cell. Without the importer, and with ``over="importer"``, the share of the imports of all.
    value
        Column of values, of one unit in a cell, zero or more.
    over
        Columns to sum over first.

    Returns
    -------
    table of the caller's kind
        `within`, `of` (the supplier or bloc) and `import_share`, one row for each cell and supplier, from 0 to 1. A supplier
        without a row in a cell has 0 there. Missing values are left out of the sums; a cell without a positive value has a
        missing result. Rows in which an economy buys from itself (domestic sales, returned goods) are not imports and are
        left out of numerator and denominator.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts, a supplier (or a member
        of a bloc) that is not in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "854231", "year": 2018,
    ...                       "exporter": ["CHN", "HKG", "TWN"], "value": [20.0, 30.0, 50.0]})
    >>> import_share(flows, supplier=["CHN", ("CHN", "HKG")])
      importer product  year exporter  import_share
    0      USA  854231  2018      CHN           0.2
    1      USA  854231  2018  CHN+HKG           0.5
    """
    parties = list(supplier) if isinstance(supplier, list) else [supplier]
    names = [party_name(party) for party in parties]
    if not parties or len(set(names)) != len(names):
        raise ParameterError(f"supplier is {supplier!r}; list one supplier or more, each once.")
    bought = {f"from {name}": Reduction(only=party) for name, party in zip(names, parties, strict=True)}
    wanted = {"total": Reduction(), **bought}
    cells, count = read_sums(table, wanted, of, importer, within, value, over), len(parties)
    shares = [divide(cells.numbers[name], cells.numbers["total"]) for name in bought]
    share = shares[0] if count == 1 else np.column_stack(shares).ravel()  # the suppliers of a cell together
    place = np.tile(np.arange(count, dtype=np.int16), cells.rows)
    cells = cells if count == 1 else cells.keep(np.repeat(np.arange(cells.rows), count))
    supplier = party_labels(cells.frame.codes(of), parties, place)
    return cells.build({of: supplier, "import_share": np.clip(share, 0, 1, out=share)})


def by_row(table: Any, result: str, columns: tuple[str, ...], formula: Callable[..., np.ndarray]) -> Any:
    """Add to each row what a formula makes of some columns, which are zero or more."""
    frame = read(table, columns=columns_of(*columns))
    for name in columns:
        check_nonnegative(frame.numbers(name), name)
    return frame.attach({result: formula(*map(frame.numbers, columns))})


def apparent_consumption(
    table: Any, *, output: str = "output", exports: str = "exports", imports: str = "imports"
) -> Any:
    r"""Apparent consumption: domestic use, from output and trade.

    .. math:: D = Q - X + M

    Parameters
    ----------
    table
        pandas, Polars or Arrow table; one row is one economy's product or industry in a year.
    output, exports, imports
        Columns of gross output Q, exports X and imports M, zero or more, in one unit and one valuation.

    Returns
    -------
    table of the caller's kind
        The same rows with `apparent_consumption`, in the unit of the columns; missing if any of the three is. Changes in
        stocks are not included. It is negative if exports exceed output plus imports, as with re-exports that are in X and not
        in M, or sales from stock; negative values are kept.

    Raises
    ------
    TableError
        Missing column, negative values, an existing column `apparent_consumption`.

    Examples
    --------
    >>> import pandas as pd
    >>> balance = pd.DataFrame({"economy": ["CHN"], "output": [80.0], "exports": [30.0], "imports": [50.0]})
    >>> apparent_consumption(balance)["apparent_consumption"].tolist()
    [100.0]
    """
    columns = (output, exports, imports)
    return by_row(table, "apparent_consumption", columns, lambda q, x, m: q - x + m)


def import_penetration(
    table: Any, *, output: str = "output", exports: str = "exports", imports: str = "imports"
) -> Any:
    r"""Import penetration: imports as a share of domestic use.

    .. math:: IP = \frac{M}{Q - X + M}

    Parameters
    ----------
    table, output, exports, imports
        As for `apparent_consumption`.

    Returns
    -------
    table of the caller's kind
        The same rows with `import_penetration`, a fraction of zero or more; above 1 if exports exceed output (some
        imports are re-exported). Missing if any of the three is, or if apparent consumption is not above zero.

    Raises
    ------
    TableError
        As for `apparent_consumption`.

    Examples
    --------
    >>> import pandas as pd
    >>> balance = pd.DataFrame({"economy": ["CHN"], "output": [80.0], "exports": [30.0], "imports": [50.0]})
    >>> import_penetration(balance)["import_penetration"].tolist()
    [0.5]
    """

    columns = (output, exports, imports)
    return by_row(table, "import_penetration", columns, lambda q, x, m: divide(m, _used(q, x, m)))


def self_sufficiency(
    table: Any, *, output: str = "output", exports: str = "exports", imports: str = "imports"
) -> Any:
    r"""Self-sufficiency: output as a share of domestic use.

    .. math:: SS = \frac{Q}{Q - X + M}

    It is above 1 if output exceeds domestic use. It is not 1 minus `import_penetration`: for an economy that exports all its
    output and imports all it uses, both are high.

    Parameters
    ----------
    table, output, exports, imports
        As for `apparent_consumption`.

    Returns
    -------
    table of the caller's kind
        The same rows with `self_sufficiency`, a fraction of zero or more. Missing if any of the three is, or if apparent
        consumption is not above zero.

    Raises
    ------
    TableError
        As for `apparent_consumption`.

    Examples
    --------
    >>> import pandas as pd
    >>> balance = pd.DataFrame({"economy": ["CHN"], "output": [80.0], "exports": [30.0], "imports": [50.0]})
    >>> self_sufficiency(balance)["self_sufficiency"].tolist()
    [0.8]
    """

    columns = (output, exports, imports)
    return by_row(table, "self_sufficiency", columns, lambda q, x, m: divide(q, _used(q, x, m)))


def localization(
    table: Any,
    *,
    start: Any,
    end: Any,
    of: str | Iterable[str] = ("economy", "industry"),
    time: str = "year",
    output: str = "output",
    exports: str = "exports",
    imports: str = "imports",
    foreign_output: str | None = None,
    foreign_exports: str | None = None,
) -> Any:
    r"""Growth of output as domestic demand, import substitution, and exports (Chenery).

    Output Q is the part of domestic demand D = Q - X + M that domestic producers supply, plus exports: Q = uD + X with
    u = (Q - X)/D, so that 1 - u = M/D is import penetration. Between two years, with bars for the mean of both,

    .. math:: \Delta Q = \underbrace{\bar u \, \Delta D}_{demand} + \underbrace{\bar D \, \Delta u}_{substitution}
              + \underbrace{\Delta X}_{exports}

    exactly. Given the output and exports of foreign-invested firms, u is the sum of their share and that of domestic firms, and
    substitution is divided in two: imports replaced by foreign firms that came to produce in the country, and by others.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `time`; other times are not used.
    start, end
        The two values of `time`, the earlier first.
    of
        Columns that identify the producer, such as economy and industry.
    time
        Column of years or periods.
    output, exports, imports
        Columns of gross output, exports and imports, zero or more, in one unit. For growth in volume, in constant prices.
    foreign_output, foreign_exports
        Columns of output and exports of foreign-invested firms; both or neither.

    Returns
    -------
    table of the caller's kind
        One row for each `of`: `output_change`, `imports_change`, `demand`, `substitution`, with foreign firms
        `substitution_foreign` and `substitution_domestic` (which add up to it) and `exports_change`, all in the unit of `output`;
        and `home_share_start`, `home_share_end` (u, a fraction; negative where more is exported than made). Demand, substitution
        and exports add up to the change of output. Parts that need a missing number, or an apparent consumption that is not
        above zero, are missing.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, a `start` or `end` that is not in the table or not in order.
    ParameterError
        One of `foreign_output` and `foreign_exports` without the other.

    References
    ----------
    Chenery, H. B. (1960). Patterns of industrial growth. American Economic Review 50(4), 624-654. In the form of Chenery, H.,
    Robinson, S. and Syrquin, M. (1986), Industrialization and Growth, chapter 5, with midpoint weights.

    Examples
    --------
    >>> import pandas as pd
    >>> trains = pd.DataFrame({"economy": "CHN", "industry": "rail", "year": [2005, 2015], "output": [60.0, 190.0],
    ...                        "exports": [10.0, 30.0], "imports": [50.0, 40.0]})
    >>> localization(trains, start=2005, end=2015)[["output_change", "demand", "substitution", "exports_change"]]
       output_change  demand  substitution  exports_change
    0          130.0    65.0          45.0            20.0
    """
    if (foreign_output is None) != (foreign_exports is None):
        raise ParameterError("foreign_output and foreign_exports belong together: give both or neither.")
    keys, names = columns_of(of), columns_of(output, exports, imports, foreign_output, foreign_exports)
    cells = read_cells(table, [*keys, time], names, within=keys, rows=in_times(time, start, end))
    numbers = {}  # the first row of each is for the start, the second for the end
    for name in names:
        both = compare(cells, time, start, end, value=name, absent="missing")
        numbers[name] = np.array(list(both.numbers.values()))
    foreign = names[3:]
    for part, whole in zip(foreign, (output, exports), strict=False):
        wrong = numbers[part] > numbers[whole] * (1 + 1e-9)
        if wrong.any():
            less, more = numbers[part][wrong][0], numbers[whole][wrong][0]
            raise TableError(
                f"Column {part!r} is a part of {whole!r} and exceeds it in {wrong.sum()} cells: {less:g} against {more:g}."
            )
    made, sold, bought = (numbers[name] for name in (output, exports, imports))
    used = _used(made, sold, bought)
    home = divide(made - sold, used)
    mean_use, mean_home = 0.5 * (used[0] + used[1]), 0.5 * (home[0] + home[1])
    parts = {
        "output_change": made[1] - made[0],
        "imports_change": bought[1] - bought[0],
        "demand": mean_home * (used[1] - used[0]),
        "substitution": mean_use * (home[1] - home[0]),
    }
    if foreign:
        theirs = divide(numbers[foreign[0]] - numbers[foreign[1]], used)
        parts["substitution_foreign"] = mean_use * (theirs[1] - theirs[0])
        parts["substitution_domestic"] = parts["substitution"] - parts["substitution_foreign"]
    parts["exports_change"] = sold[1] - sold[0]
    return both.build({**parts, "home_share_start": home[0], "home_share_end": home[1]})


def _used(made: np.ndarray, sold: np.ndarray, bought: np.ndarray) -> np.ndarray:
    """Apparent consumption, missing if it is not above zero."""
    used = made - sold + bought
    return np.where(used > 0, used, np.nan)
