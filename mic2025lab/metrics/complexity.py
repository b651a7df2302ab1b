"""Economic complexity of economies and products.

The starting point is the matrix of advantages M: M_cp = 1 if economy c's revealed comparative advantage in product p is
`rca_above` or more, and 0 if it is less, or if the pair has no row or a missing value. Diversity is the number of an
economy's advantages, ubiquity the number of economies with an advantage in a product. Economies and products without any have
diversity or ubiquity 0 and a missing index, and do not affect the others. `product_space` has proximity and density.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.advantages import indices_of, world_of
from mic2025lab.engine.aggregates import AGGREGATES, Aggregates
from mic2025lab.engine.checks import one_of

__all__ = ["complexity", "product_complexity"]


def complexity(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    rca_above: float = 1.0,
    degenerate: Literal["raise", "warn"] = "raise",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Economic complexity index (ECI): a ranking of economies by the products they export.

    With M the advantages, D diversities and U ubiquities on a diagonal, ECI is the eigenvector of the second largest eigenvalue of

    .. math:: D^{-1} M U^{-1} M'

    with mean 0 and standard deviation 1 over economies, and the sign that makes it increase with diversity. It is solved as the
    symmetric problem :math:`D^{-1/2} M U^{-1} M' D^{-1/2}`, whose order is the number of economies.

    Parameters
    ----------
    table
        pandas, Polars or Arrow table with one row for each `of` and `item` in each `within`.
    of, item
        Columns of economies and of products.
    within
        Columns of cells, such as the year; each cell has its own index.
    value
        Column of exports, of one unit in a cell, zero or more.
    rca_above
        RCA at or above which an economy has an advantage in a product.
    degenerate
        What to do with a cell that has no index: ``"raise"``, or ``"warn"`` and leave its indices missing.
    over
        Columns to sum over first, such as the importer of bilateral flows.
    aggregates
        Labels that are sums of others; an error beside their parts.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `eci` and `diversity` (a count). Economies without any advantage have diversity 0 and a missing index,
        and are left out of mean and standard deviation. Missing values are left out of the sums and are no advantage.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, unlike units, an aggregate beside its parts. With ``degenerate="raise"``
        a cell without an index, with the economies responsible: groups that share no product, the same advantages for all, a
        repeated eigenvalue, or the same diversity for all.
    ParameterError
        `rca_above` is not above zero.
    UnknownName
        Unknown `degenerate`.

    References
    ----------
    Hidalgo, C. A. and Hausmann, R. (2009). The building blocks of economic complexity. PNAS 106(26), 10570-10575.
    Hausmann, R., Hidalgo, C. A. et al. (2014). The Atlas of Economic Complexity. MIT Press.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame([("JPN", "8486", 9.0), ("JPN", "8703", 9.0), ("JPN", "6109", 6.0), ("CHN", "8703", 9.0),
    ...                       ("CHN", "6109", 9.0), ("BGD", "6109", 9.0)], columns=["exporter", "product", "value"])
    >>> complexity(flows.assign(year=2015)).round(3)
       year exporter    eci  diversity
    0  2015      BGD -1.118          1
    1  2015      CHN -0.191          2
    2  2015      JPN  1.309          2
    """
    one_of("degenerate", degenerate, ("raise", "warn"))
    world = world_of(table, of, item, within, value, rca_above, over, aggregates)
    return world.build(
        lambda advantages: (
            {of: advantages.economies},
            {
                "eci": indices_of(advantages, degenerate).eci(),
                "diversity": advantages.diversity.astype(np.int64),
            },
        )
    )


def product_complexity(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    rca_above: float = 1.0,
    scale: Literal["own", "economies"] = "own",
    degenerate: Literal["raise", "warn"] = "raise",
    over: str | Iterable[str] = (),
    aggregates: Aggregates = AGGREGATES,
) -> Any:
    r"""Product complexity index (PCI): a ranking of products by the economies that export them.

    The eigenvector of :math:`U^{-1} M' D^{-1} M` that belongs to ECI, which is the mean ECI of the exporters of a product, up to
    scale.

    Parameters
    ----------
    table, of, item, within, value, rca_above, degenerate, over, aggregates
        As for `complexity`.
    scale
        ``"own"``: mean 0 and standard deviation 1 over products; ``"economies"``: the scale of ECI, on which an economy's ECI is
        the mean PCI of its products (as the Growth Lab's code has it).

    Returns
    -------
    table of the caller's kind
        `within`, `item`, `pci` and `ubiquity` (a count). Products in which no economy has an advantage have ubiquity 0 and
        a missing index.

    Raises
    ------
    TableError, ParameterError, UnknownName
        As for `complexity`.

    References
    ----------
    As for `complexity`.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame([("JPN", "8486", 9.0), ("JPN", "8703", 9.0), ("JPN", "6109", 6.0), ("CHN", "8703", 9.0),
    ...                       ("CHN", "6109", 9.0), ("BGD", "6109", 9.0)], columns=["exporter", "product", "value"])
    >>> product_complexity(flows.assign(year=2015)).round(3)
       year product    pci  ubiquity
    0  2015    6109 -1.309         2
    1  2015    8486  1.118         1
    2  2015    8703  0.191         2
    """
    one_of("degenerate", degenerate, ("raise", "warn"))
    one_of("scale", scale, ("own", "economies"))
    world = world_of(table, of, item, within, value, rca_above, over, aggregates)
    return world.build(
        lambda advantages: (
            {item: advantages.products},
            {
                "pci": indices_of(advantages, degenerate).pci(scale),
                "ubiquity": advantages.ubiquity.astype(np.int64),
            },
        )
    )
