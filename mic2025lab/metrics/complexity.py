"""Economic complexity of economies and products.

The starting point is the matrix of advantages M: M_cp = 1 if economy c's revealed comparative advantage in product p is
`rca_above` or more, and 0 if it is less, or if the pair has no row or a missing value. Diversity is the number of an
economy's advantages, ubiquity the number of economies with an advantage in a product. Economies and products without any have
diversity or ubiquity 0 and a missing index, and do not affect the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from mic2025lab.engine.advantages import Advantages, by_cell, indices_of, standardized
from mic2025lab.engine.cells import Result
from mic2025lab.engine.checks import one_of

__all__ = ["complexity", "complexity_outlook", "density", "product_complexity", "proximity"]


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

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `eci` and `diversity` (a count). Economies without any advantage have diversity 0 and a missing index,
        and are left out of mean and standard deviation. Missing values are left out of the sums and do not count as an advantage.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts. With ``degenerate="raise"``
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

    def index(advantages: Advantages) -> Result:
        economies, _ = indices_of(advantages, degenerate)
        numbers = {
            "eci": standardized(economies, economies),
            "diversity": advantages.diversity.astype(np.int64),
        }
        return {of: advantages.economies}, numbers

    return by_cell(table, of, item, within, value, rca_above, over, index)


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
) -> Any:
    r"""Product complexity index (PCI): a ranking of products by the economies that export them.

    The eigenvector of :math:`U^{-1} M' D^{-1} M` that belongs to ECI, which is the mean ECI of the exporters of a product, up to
    scale.

    Parameters
    ----------
    table, of, item, within, value, rca_above, degenerate, over
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

    def index(advantages: Advantages) -> Result:
        economies, products = indices_of(advantages, degenerate)
        pci = standardized(products, products if scale == "own" else economies)
        return {item: advantages.products}, {"pci": pci, "ubiquity": advantages.ubiquity.astype(np.int64)}

    return by_cell(table, of, item, within, value, rca_above, over, index)


def proximity(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    rca_above: float = 1.0,
    above: float = 0.0,
    over: str | Iterable[str] = (),
) -> Any:
    r"""Proximity of two products: the minimum of the probabilities of exporting one given the other.

    .. math:: \phi_{pq} = \min\left(P(p|q), P(q|p)\right) = \frac{\sum_c M_{cp} M_{cq}}{\max(U_p, U_q)}

    with M the advantages and U the ubiquities.

    Parameters
    ----------
    table, of, item, within, value, rca_above, over
        As for `complexity`.
    above
        List only pairs with a larger proximity: 5,000 products make 12 million pairs a year, most of them distant.

    Returns
    -------
    table of the caller's kind
        `within`, `item`, `item` + ``"_with"`` (the other product) and `proximity`, from 0 to 1.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.
    ParameterError
        `rca_above` is not above zero.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabasi, A.-L. and Hausmann, R. (2007). The product space conditions the development of nations.
    Science 317, 482-487.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame([("JPN", "8486", 9.0), ("JPN", "8703", 9.0), ("JPN", "6109", 6.0), ("CHN", "8703", 9.0),
    ...                       ("CHN", "6109", 9.0), ("BGD", "6109", 9.0)], columns=["exporter", "product", "value"])
    >>> proximity(flows.assign(year=2015))
       year product product_with  proximity
    0  2015    6109         8703        0.5
    1  2015    8486         8703        0.5
    """

    def pairs(advantages: Advantages) -> Result:
        found = []
        for first, near in advantages.proximity():
            left, right = np.nonzero(np.triu(near > above, 1))
            found.append((left + first, right + first, near[left, right]))
        lefts, rights, proximities = map(np.concatenate, zip(*found, strict=True))
        keys = {item: advantages.products.keep(lefts), f"{item}_with": advantages.products.keep(rights)}
        return keys, {"proximity": proximities}

    return by_cell(table, of, item, within, value, rca_above, over, pairs)


def density(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    rca_above: float = 1.0,
    over: str | Iterable[str] = (),
) -> Any:
    r"""Density: the share of products close to a product that an economy already exports.

    .. math:: \omega_{cp} = \frac{\sum_q M_{cq} \phi_{pq}}{\sum_q \phi_{pq}}

    with M the advantages and :math:`\phi` the proximities (the product's own, 1, among them). Distance is 1 - density.

    Parameters
    ----------
    table, of, item, within, value, rca_above, over
        As for `complexity`.

    Returns
    -------
    table of the caller's kind
        `within`, `of`, `item`, `density` (from 0 to 1) and `advantage`, for every economy and product of a cell, whether or not
        they have a row together. The density of a product in which no economy has an advantage is missing.

    Raises
    ------
    TableError
        Missing column, repeated rows, negative values, mixed units, an aggregate beside its parts.
    ParameterError
        `rca_above` is not above zero.

    References
    ----------
    As for `proximity` and `complexity`.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame([("JPN", "8486", 9.0), ("JPN", "8703", 9.0), ("JPN", "6109", 6.0), ("CHN", "8703", 9.0),
    ...                       ("CHN", "6109", 9.0), ("BGD", "6109", 9.0)], columns=["exporter", "product", "value"])
    >>> found = density(flows.assign(year=2015))
    >>> found[found["exporter"] == "CHN"].round(3)
       year exporter product  density  advantage
    3  2015      CHN    6109    1.000       True
    4  2015      CHN    8486    0.333      False
    5  2015      CHN    8703    0.750       True
    """

    def densities(advantages: Advantages) -> Result:
        row, column = (place.ravel() for place in np.indices(advantages.matrix.shape))
        keys = {of: advantages.economies.keep(row), item: advantages.products.keep(column)}
        return keys, {"density": advantages.density().ravel(), "advantage": advantages.matrix.ravel() > 0}

    return by_cell(table, of, item, within, value, rca_above, over, densities)


def complexity_outlook(
    table: Any,
    *,
    of: str = "exporter",
    item: str = "product",
    within: str | Iterable[str] = "year",
    value: str = "value",
    rca_above: float = 1.0,
    pci: Literal["standardized", "raw"] = "standardized",
    degenerate: Literal["raise", "warn"] = "raise",
    over: str | Iterable[str] = (),
) -> Any:
    r"""Complexity outlook: how many complex products are close to an economy's exports.

    .. math:: COI_c = \sum_p \omega_{cp} (1 - M_{cp}) PCI_p

    with :math:`\omega` the density, M the advantages and PCI the product complexity index. Two versions are in use, and they order economies
    differently, because a product below the mean counts against an economy in one and not in the other.

    Parameters
    ----------
    table, of, item, within, value, rca_above, degenerate, over
        As for `complexity`.
    pci
        ``"standardized"``, the default: PCI has mean 0 and standard deviation 1 over products (`product_complexity`), as in R's
        economiccomplexity. ``"raw"``: PCI is the eigenvector itself, neither centered nor scaled, and the outlook is standardized over the
        economies of the `within`; this is what the Growth Lab's programs compute (`coi` of ecomplexity for Python and Stata).

    Returns
    -------
    table of the caller's kind
        `within`, `of` and `complexity_outlook`, without unit. The standardized version grows with the number of products, so only
        economies of the same `within` compare. Products without PCI do not count; an economy without any advantage
        has density 0 everywhere, and so an outlook of 0 (before it is standardized).

    Raises
    ------
    TableError, ParameterError, UnknownName
        As for `complexity`.

    References
    ----------
    Hausmann, R., Hidalgo, C. A. et al. (2014). The Atlas of Economic Complexity. MIT Press, technical box 5.4. The Growth Lab at Harvard
    University: ecomplexity (https://github.com/cid-harvard/py-ecomplexity). Vargas Sepulveda, M.: economiccomplexity
    (https://cran.r-project.org/package=economiccomplexity).

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame([("JPN", "8486", 9.0), ("JPN", "8703", 9.0), ("JPN", "6109", 6.0), ("CHN", "8703", 9.0),
    ...                       ("CHN", "6109", 9.0), ("BGD", "6109", 9.0)], columns=["exporter", "product", "value"])
    >>> complexity_outlook(flows.assign(year=2015)).round(3)
       year exporter  complexity_outlook
    0  2015      BGD               0.048
    1  2015      CHN               0.373
    2  2015      JPN              -0.436
    >>> complexity_outlook(flows.assign(year=2015), pci="raw")["complexity_outlook"].round(3).tolist()
    [0.123, 1.159, -1.281]
    """
    one_of("pci", pci, ("standardized", "raw"))
    one_of("degenerate", degenerate, ("raise", "warn"))

    def outlook(advantages: Advantages) -> Result:
        _, products = indices_of(advantages, degenerate)
        index = standardized(products, products) if pci == "standardized" else products
        total = np.nan_to_num(advantages.density() * (1 - advantages.matrix)) @ np.nan_to_num(index)
        total[:] = np.nan if np.isnan(index).all() else total
        return {of: advantages.economies}, {
            "complexity_outlook": total if pci == "standardized" else standardized(total, total)
        }

    return by_cell(table, of, item, within, value, rca_above, over, outlook)
