"""Concentration of markets and of suppliers.

Each function takes one row for each supplier (`of`) in each cell (`within`) and returns one row for each cell, in the order of its
keys. Missing values are left out of the sums; a cell whose values are all missing or add up to zero has a missing result.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mic2025lab.engine.flows import read_flows, read_sums
from mic2025lab.engine.groups import Groups, Reduction, divide
from mic2025lab.errors import ParameterError

__all__ = ["concentration_ratio", "effective_suppliers", "hhi", "normalized_hhi", "theil"]

_WITHIN = ("importer", "product", "year")
_SUPPLIERS = {"suppliers": Reduction(lambda values: values > 0)}
_LARGEST = {"total": Reduction(), "largest": Reduction(combine=np.maximum)}


def hhi(
    table: Any,
    *,
    of: str = "exporter",
    within: str | Iterable[str] = _WITHIN,
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Herfindahl-Hirschman index: the sum of the squared shares of the suppliers of a cell.

    .. math:: HHI = \sum_i s_i^2, \qquad s_i = x_i / \sum_j x_j

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` in each `within`.
    of
        Column of the suppliers.
    within
        Columns that make a cell.
    value
        Column of values, all of one unit in a cell, zero or more.
    over
        Columns to sum over first, such as the importer for the concentration of world supply.

    Returns
    -------
    table of the caller's kind
        `within` and `hhi`, one row for each cell, from 1/n (equal suppliers) to 1; competition authorities print 10,000 times as much.
        Missing values are left out; a cell without a positive value has a missing result.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "280530", "year": 2015,
    ...                       "exporter": ["CHN", "JPN", "FRA"], "value": [60.0, 30.0, 10.0]})
    >>> hhi(flows)
      importer product  year   hhi
    0      USA  280530  2015  0.46
    """
    cells = read_sums(table, {}, of, None, within, value, over, index=True)
    return cells.build({"hhi": cells.numbers["index"]})


def normalized_hhi(
    table: Any,
    *,
    of: str = "exporter",
    within: str | Iterable[str] = _WITHIN,
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""HHI net of the number of suppliers: 0 if all are equal, 1 if one has everything.

    .. math:: HHI^* = \frac{HHI - 1/n}{1 - 1/n}

    with n the suppliers whose value is positive. With one supplier the quotient is 0/0; the result is then 1,
    the limit in which one of several suppliers has everything.

    Parameters
    ----------
    table, of, within, value, over
        As for `hhi`.

    Returns
    -------
    table of the caller's kind
        `within` and `normalized_hhi`, one row for each cell, between 0 and 1. Missing values are left out; a cell without a
        positive value has a missing result.

    Raises
    ------
    TableError
        As for `hhi`.

    References
    ----------
    Hall, M. and Tideman, N. (1967). Measures of concentration. Journal of the American Statistical Association 62, 162-168.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "280530", "year": 2015,
    ...                       "exporter": ["CHN", "JPN"], "value": [75.0, 25.0]})
    >>> normalized_hhi(flows)
      importer product  year  normalized_hhi
    0      USA  280530  2015            0.25
    """
    cells = read_sums(table, _SUPPLIERS, of, None, within, value, over, index=True)
    n = cells.numbers["suppliers"]
    least = divide(1.0, n)
    result = np.clip(divide(cells.numbers["index"] - least, 1 - least), 0, 1)
    return cells.build({"normalized_hhi": np.where(n == 1, 1.0, result)})


def concentration_ratio(
    table: Any,
    *,
    k: int = 4,
    of: str = "exporter",
    within: str | Iterable[str] = _WITHIN,
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Share of the k largest suppliers of a cell together.

    .. math:: CR_k = \sum_{i=1}^{k} s_{(i)}, \qquad s_{(1)} \ge s_{(2)} \ge \dots

    Parameters
    ----------
    table
        As for `hhi`.
    k
        How many suppliers; where a cell has fewer, all of them, and the result is 1.
    of, within, value, over
        As for `hhi`.

    Returns
    -------
    table of the caller's kind
        `within` and `concentration_ratio`, one row for each cell, between 0 and 1. Missing values are left out; a cell without a
        positive value has a missing result.

    Raises
    ------
    TableError
        As for `hhi`.
    ParameterError
        `k` is not a whole number of 1 or more.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "280530", "year": 2015,
    ...                       "exporter": ["CHN", "JPN", "FRA"], "value": [60.0, 30.0, 10.0]})
    >>> concentration_ratio(flows, k=2)
      importer product  year  concentration_ratio
    0      USA  280530  2015                  0.9
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ParameterError(f"k is {k!r}; it is a number of suppliers: 1, 2, 3 or more.")
    if k == 1:
        found = read_sums(table, _LARGEST, of, None, within, value, over)
        share = divide(found.numbers["largest"], found.numbers["total"])
        return found.build({"concentration_ratio": np.minimum(share, 1, out=share)})
    flows = read_flows(table, of, None, within, value, over)
    cells = flows.by([name for name in flows.keys if name != of])
    total = cells.sum(flows.values)
    share = divide(_largest(cells, flows.values, k), total)[cells.present]
    keys = cells.decode(cells.present)
    return flows.frame.build({**keys, "concentration_ratio": np.minimum(share, 1, out=share)})


def _largest(cells: Groups, values: np.ndarray, k: int) -> np.ndarray:
    """Sum of the k largest values of each group: the largest is taken out k times, which sorts nothing."""
    left = values.copy()
    total = np.zeros(cells.size)
    for more in range(k - 1, -1, -1):
        most = cells.max(left)
        total += most
        if not more or not most.any():
            break
        rows = np.flatnonzero(left == most[cells.ids])
        one = np.zeros(cells.size, np.int64)
        one[cells.ids[rows]] = rows
        left[one[most > 0]] = 0.0
    return total


def effective_suppliers(
    table: Any,
    *,
    of: str = "exporter",
    within: str | Iterable[str] = _WITHIN,
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Number of equal suppliers that would be as concentrated as the suppliers of a cell.

    .. math:: N = 1 / HHI

    Parameters
    ----------
    table, of, within, value, over
        As for `hhi`.

    Returns
    -------
    table of the caller's kind
        `within` and `effective_suppliers`, one row for each cell, from 1 to the number of suppliers. Missing values are left out;
        a cell without a positive value has a missing result.

    Raises
    ------
    TableError
        As for `hhi`.

    References
    ----------
    Adelman, M. A. (1969). Comment on the "H" concentration measure as a numbers-equivalent. Review of Economics and
    Statistics 51(1), 99-101.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "280530", "year": 2015,
    ...                       "exporter": ["CHN", "JPN"], "value": [50.0, 50.0]})
    >>> effective_suppliers(flows)
      importer product  year  effective_suppliers
    0      USA  280530  2015                  2.0
    """
    cells = read_sums(table, {}, of, None, within, value, over, index=True)
    return cells.build({"effective_suppliers": divide(1.0, cells.numbers["index"])})


def theil(
    table: Any,
    *,
    of: str = "exporter",
    within: str | Iterable[str] = _WITHIN,
    value: str = "value",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Theil's entropy measure of how unequal the suppliers of a cell are.

    .. math:: T = \sum_i s_i \ln (n s_i)

    with n the suppliers whose value is positive (a supplier with zero does not count).

    Parameters
    ----------
    table, of, within, value, over
        As for `hhi`.

    Returns
    -------
    table of the caller's kind
        `within` and `theil`, one row for each cell, from 0 (all equal, or one alone) to ln n. Missing values are left out; a cell
        without a positive value has a missing result.

    Raises
    ------
    TableError
        As for `hhi`.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. North-Holland.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"importer": "USA", "product": "280530", "year": 2015,
    ...                       "exporter": ["CHN", "JPN"], "value": [75.0, 25.0]})
    >>> theil(flows).round(4)
      importer product  year   theil
    0      USA  280530  2015  0.1308
    """
    flows = read_flows(table, of, None, within, value, over)
    cells = flows.by([name for name in flows.keys if name != of])
    total, suppliers = cells.sum(flows.values), cells.count(flows.values > 0)
    share = divide(flows.values, total[cells.ids])
    logs = np.log(share, where=share > 0, out=np.zeros(len(share)))
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = cells.sum(np.nan_to_num(share) * logs) + np.log(suppliers)
    result = np.where(total > 0, np.maximum(entropy, 0), np.nan)[cells.present]
    return flows.frame.build({**cells.decode(cells.present), "theil": result})
