"""Comparative advantages of economies in products, and the complexity indices computed from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mic2025lab.engine.cells import Result, by_matrix, read_cells
from mic2025lab.engine.codes import Codes, some
from mic2025lab.engine.frame import columns_of
from mic2025lab.engine.groups import divide, fill_missing
from mic2025lab.errors import ParameterError, TableError

_TIE = 1e-9  # eigenvalues (from 0 to 1) closer than this count as equal
_PAIRS = 1 << 20  # pairs of products that are worked on at once
_ROUNDING = 1e-12  # tolerance, so that an RCA of exactly 1 is an advantage in any unit


def standardized(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Subtract the mean of `by` and divide by its (population) standard deviation, without missing values."""
    known = by[~np.isnan(by)]
    if not len(known):
        return np.full(len(values), np.nan)
    return divide(values - known.mean(), np.array(known.std()))


@dataclass(frozen=True, eq=False)
class Advantages:
    """The advantages of one cell.

    Attributes
    ----------
    economies, products
        The rows and columns of the matrix.
    matrix
        Economies by products: 1.0 for an advantage, 0.0 for none.
    place
        The cell in words, for messages.
    """

    economies: Codes
    products: Codes
    matrix: np.ndarray
    place: str

    @cached_property
    def diversity(self) -> np.ndarray:
        """Number of advantages of each economy."""
        return self.matrix.sum(axis=1)

    @cached_property
    def ubiquity(self) -> np.ndarray:
        """Number of economies with an advantage in each product."""
        return self.matrix.sum(axis=0)

    def solve(self) -> tuple[np.ndarray, np.ndarray]:
        """Second eigenvector k of D^-1 M U^-1 M' and its counterpart over products; missing without an advantage.

        The matrix is similar to the symmetric D^-1/2 M U^-1 M' D^-1/2, so the small symmetric problem is solved. With l the
        eigenvalue, U^-1 M' k / l is the eigenvector over products; its mean over an economy's products is the economy's k.
        """
        from scipy.linalg import (
            eigh,
        )  # imported where it is used: these parts of SciPy take longer than a metric

        active = self.diversity > 0
        if (count := int(active.sum())) < 2:
            who = f"only {self._names(active)} has an advantage" if count else "no economy has an advantage"
            raise self._undetermined(f"it compares economies, and {who} in any product", active)
        root = np.sqrt(self.diversity[active])
        half = self.matrix[active] / root[:, None]
        half *= np.where(self.ubiquity > 0, 1 / np.sqrt(np.maximum(self.ubiquity, 1)), 0.0)
        values, vectors = eigh(half @ half.T, subset_by_index=[max(count - 3, 0), count - 1])
        if values[-2] > 1 - _TIE:  # only if there is more than one group of economies
            self._check_connected(active)
        if values[-2] < _TIE:
            raise self._undetermined(
                "all economies have the same advantages, so none is more complex", active
            )
        if count > 2 and values[-2] - values[-3] < _TIE:
            raise self._undetermined(
                f"two orders of the economies fit equally well (the second and the third eigenvalue are both {values[-2]:.6g}), "
                "as happens with few economies whose advantages mirror each other",
                active,
            )
        order = vectors[:, -2] / root
        apart = self.diversity[active] - self.diversity[active].mean()
        towards = float(apart @ (order - order.mean()))
        if abs(towards) <= _TIE * np.linalg.norm(apart) * np.linalg.norm(order):
            why = "unrelated to it" if apart.any() else "the same for all economies"
            raise self._undetermined(f"its sign follows from diversity, and diversity is {why}", active)
        economies = np.full(len(active), np.nan)
        economies[active] = np.sign(towards) * order
        products = divide(np.nan_to_num(economies) @ self.matrix, self.ubiquity) / values[-2]
        return economies, products

    def _undetermined(self, why: str, economies: np.ndarray) -> TableError:
        names = f" ({self._names(economies)})" if economies.any() else ""
        return TableError(f"The complexity index is not determined{self.place}: {why}{names}.")

    def proximity(self) -> Iterator[tuple[int, np.ndarray]]:
        """Minimum of the two conditional probabilities, products by products; 0 where a product has no advantage.

        The matrix is symmetric and comes in blocks of rows, without the products before the block: the number of the block's first product,
        and its rows from that product on.
        """
        single = self.matrix.astype(np.float32)  # exact for counts of economies, and twice as fast
        counts = np.maximum(self.ubiquity, 1)
        rows = max(_PAIRS // max(len(counts), 1), 1)
        for first in range(0, len(counts), rows):
            larger = np.maximum.outer(counts[first : first + rows], counts[first:])
            together = single[:, first : first + rows].T @ single[:, first:]
            yield first, np.divide(together, larger, out=larger)

    def density(self) -> np.ndarray:
        """Share of each product's proximities that falls on an economy's advantages, economies by products.

        The proximity of p and q is m_p'm_q over the larger ubiquity, with m the columns of the matrix. So the products that are not more
        ubiquitous than p count with sum(m_q m_q') m_p / U_p, and the others with sum(m_q m_q' / U_q) m_p. These sums are economies by
        economies and grow from one ubiquity to the next, so the pairs of products are never formed.
        """
        size = len(self.matrix)
        near, total = np.zeros(self.matrix.shape), np.zeros(len(self.ubiquity))
        groups = [
            (level, np.flatnonzero(self.ubiquity == level)) for level in np.unique(self.ubiquity) if level
        ]
        # The last column of a sum is for the total over economies.
        counted, weighted = np.zeros((2, size, size + 1))
        for level, group in groups:
            columns = self.matrix[:, group]
            counted += columns @ np.column_stack([columns.T, np.ones(len(group))])
            found = counted.T @ columns
            near[:, group], total[group] = found[:-1] / level, found[-1] / level
        for level, group in reversed(groups):
            columns = self.matrix[:, group]
            found = weighted.T @ columns
            near[:, group] += found[:-1]
            total[group] += found[-1]
            weighted += columns @ np.column_stack([columns.T, np.ones(len(group))]) / level
        return divide(near, total[None, :])

    def _names(self, rows: np.ndarray) -> str:
        return some([self.economies.labels[code] for code in self.economies.raw[rows]])

    def _check_connected(self, active: np.ndarray) -> None:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        share = self.matrix @ self.matrix.T > 0  # economies that share a product
        _, part = connected_components(csr_array(share), directed=False)
        parts, counts = np.unique(part[active], return_counts=True)
        if len(parts) > 1:
            apart = active & (part != parts[np.argmax(counts)])
            raise TableError(
                f"The economies fall into {len(parts)} groups that share no product{self.place}, so no index ranks them all. "
                f"Outside the largest group: {self._names(apart)}. Drop them, or use broader products."
            )


def by_cell(
    table: Any,
    of: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    rca_above: float,
    over: str | Iterable[str],
    result: Callable[[Advantages], Result],
) -> Any:
    """Read the exports of economies by product, and stack what a function makes of the advantages in each `within`."""
    if isinstance(rca_above, bool) or not rca_above > 0:
        raise ParameterError(f"rca_above is {rca_above!r}; it is a number above zero, usually 1.")
    cell = columns_of(within)
    added = dict.fromkeys((of, item))
    cells = read_cells(table, [*cell, of, item], value, within=cell, over=over, added=added)
    cells = replace(cells, numbers={value: fill_missing(cells.values)[0]})

    def of_advantages(economies: Codes, products: Codes, matrices: list[np.ndarray], place: str) -> Result:
        exports = matrices[0]
        own, market = exports.sum(axis=1), exports.sum(axis=0)
        ratio = divide(divide(exports, own[:, None]), divide(market, market.sum())[None, :])
        advantage = (ratio >= rca_above * (1 - _ROUNDING)).astype(np.float64)
        return result(Advantages(economies, products, advantage, place))

    return by_matrix(cells, cell, of, item, of_advantages)


def indices_of(advantages: Advantages, degenerate: str) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the indices of economies and of products, on one scale. If there are none, raise the error, or warn and leave them missing."""
    try:
        return advantages.solve()
    except TableError as error:
        if degenerate == "raise":
            raise TableError(f"{error} With degenerate='warn' its indices are left missing.") from None
        warnings.warn(f"{error} Its indices are left missing.", UserWarning, stacklevel=3)
        economies, products = advantages.matrix.shape
        return np.full(economies, np.nan), np.full(products, np.nan)
