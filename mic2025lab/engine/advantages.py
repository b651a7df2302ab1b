"""Who has a comparative advantage in what, and the order this puts economies and products in."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.linalg
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from mic2025lab.engine.aggregates import Aggregates
from mic2025lab.engine.codes import some
from mic2025lab.engine.frame import Frame, columns_of
from mic2025lab.engine.groups import Cells, divide, fill_missing
from mic2025lab.engine.stream import read_cells
from mic2025lab.errors import ParameterError, TableError

__all__ = ["Advantages", "Order", "World", "order_of", "world_of"]

_REMEDY = "Drop the aggregate or its parts; `aggregates=()` takes every label as it is."
_TIE = 1e-9  # eigenvalues (from 0 to 1) nearer than this are taken as equal
_ROUNDING = 1e-12  # an advantage of exactly 1 is one, whatever the unit of the values and the rounding of their quotients


@dataclass(frozen=True, eq=False)
class Order:
    """Eigenvectors over economies and over products, on one scale."""

    economies: np.ndarray
    products: np.ndarray

    def eci(self) -> np.ndarray:
        return _standardized(self.economies, self.economies)

    def pci(self, scale: str = "own") -> np.ndarray:
        return _standardized(self.products, self.products if scale == "own" else self.economies)


def _standardized(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Values less the mean of others, over their standard deviation (of the population); missing ones are left out."""
    known = by[~np.isnan(by)]
    return (
        np.full(len(values), np.nan)
        if not len(known)
        else divide(values - known.mean(), np.array(known.std()))
    )


@dataclass(frozen=True, eq=False)
class Advantages:
    """Who has an advantage in what, in one cell."""

    codes: list[int]  # of the cell
    economies: np.ndarray  # codes
    products: np.ndarray
    matrix: np.ndarray  # economies x products, 0.0 or 1.0
    names: list[str]  # of the economies, for messages
    place: str  # the cell in words

    @cached_property
    def diversity(self) -> np.ndarray:
        return self.matrix.sum(axis=1)

    @cached_property
    def ubiquity(self) -> np.ndarray:
        return self.matrix.sum(axis=0)

    def solve(self) -> Order:
        """Second eigenvector k of D^-1 M U^-1 M' and what belongs to it over products; missing without an advantage.

        The matrix is similar to the symmetric D^-1/2 M U^-1 M' D^-1/2, so the small symmetric problem is solved. With l the
        eigenvalue, U^-1 M' k / l is the eigenvector over products; its mean over an economy's products is the economy's k.
        """
        there = self.diversity > 0
        count = int(there.sum())
        if count < 2:
            who = f"{self._said(there)} alone has an advantage" if count else "no economy has an advantage"
            raise TableError(
                f"There is no index of complexity{self.place}, which compares economies: {who} in any product."
            )
        root = np.sqrt(self.diversity[there])
        half = self.matrix[there] / root[:, None]
        half *= np.where(self.ubiquity > 0, 1 / np.sqrt(np.maximum(self.ubiquity, 1)), 0.0)
        values, vectors = scipy.linalg.eigh(half @ half.T, subset_by_index=[max(count - 3, 0), count - 1])
        if values[-2] > 1 - _TIE:  # only where there is more than one group of economies
            self._check_connected(there)
        self._check_determined(there, values)
        order = vectors[:, -2] / root
        apart = self.diversity[there] - self.diversity[there].mean()
        towards = float(apart @ (order - order.mean()))
        if abs(towards) <= _TIE * np.linalg.norm(apart) * np.linalg.norm(order):
            why = "unrelated to it" if apart.any() else "the same for all economies"
            raise TableError(
                f"Which end of the index of complexity is the high one cannot be told{self.place}: diversity is {why} "
                f"({self._said(there)})."
            )
        economies = np.full(len(there), np.nan)
        economies[there] = np.sign(towards) * order
        products = divide(np.nan_to_num(economies) @ self.matrix, self.ubiquity) / values[-2]
        return Order(economies, products)

    def _check_determined(self, there: np.ndarray, values: np.ndarray) -> None:
        if values[-2] < _TIE:
            raise TableError(
                f"All economies have the same advantages{self.place}, so that none is more complex: {self._said(there)}."
            )
        if len(values) > 2 and values[-2] - values[-3] < _TIE:
            raise TableError(
                f"The index of complexity is not determined{self.place}: two orders of the economies fit equally well (the second "
                f"and the third eigenvalue are both {values[-2]:.6g}). It happens with few economies whose advantages mirror each "
                f"other: {self._said(there)}."
            )

    def proximity(self) -> np.ndarray:
        """Least of the two conditional probabilities, products x products; 0 where a product has no advantage."""
        single = self.matrix.astype(
            np.float32
        )  # counts of economies are exact in it, and the product takes half the time
        near = (single.T @ single).astype(np.float64)
        near /= np.maximum(np.maximum.outer(self.ubiquity, self.ubiquity), 1)
        return near

    def density(self) -> np.ndarray:
        near = self.proximity()
        return divide(self.matrix @ near, near.sum(axis=0)[None, :])

    def _said(self, rows: np.ndarray) -> str:
        return some([self.names[row] for row in np.flatnonzero(rows)])

    def _check_connected(self, there: np.ndarray) -> None:
        rows, columns = np.nonzero(self.matrix)
        size = len(self.economies) + len(self.products)
        graph = csr_array((np.ones(len(rows)), (rows, columns + len(self.economies))), shape=(size, size))
        _, part = connected_components(graph, directed=False)
        parts, counts = np.unique(part[: len(self.economies)][there], return_counts=True)
        if len(parts) > 1:
            main = parts[np.argmax(counts)]
            apart = there & (part[: len(self.economies)] != main)
            raise TableError(
                f"The economies fall into {len(parts)} groups that share no product{self.place}, so no index puts them in one order. "
                f"Apart from the largest group: {self._said(apart)}. Drop them, or take wider products."
            )


@dataclass(frozen=True, eq=False)
class World:
    """Cells of economies and products, one table of advantages for each `within`."""

    frame: Frame
    cells: Cells
    cell: tuple[str, ...]
    of: str
    item: str
    above: float

    def __iter__(self) -> Iterator[Advantages]:
        where = self.cells.by(self.cell)
        # Cells are in the order of their keys, so each `within` is one stretch of rows.
        bounds = [0, *(np.flatnonzero(np.diff(where.ids)) + 1).tolist(), self.cells.rows]
        owner, product = self.cells.keys[self.of], self.cells.keys[self.item]
        values, _ = fill_missing(self.cells.numbers["value"])
        for start, stop in pairwise(bounds):
            rows = slice(start, stop)
            economies, row = _numbered(owner.raw[rows], len(owner))
            products, column = _numbered(product.raw[rows], len(product))
            table = np.zeros((len(economies), len(products)))
            table[row, column] = values[rows]
            own, market = table.sum(axis=1), table.sum(axis=0)
            ratio = divide(divide(table, own[:, None]), divide(market, market.sum())[None, :])
            codes = [int(code[0]) for code in where.codes(where.ids[start : start + 1])]
            said = ", ".join(
                f"{name}={self.cells.keys[name].labels[code]!r}"
                for name, code in zip(self.cell, codes, strict=True)
            )
            yield Advantages(
                codes,
                economies,
                products,
                (ratio >= self.above * (1 - _ROUNDING)).astype(np.float64),
                [str(owner.labels[code]) for code in economies],
                f" ({said})" if said else "",
            )

    def build(
        self, rows: list[tuple[list[int], dict[str, tuple[str, np.ndarray]], dict[str, np.ndarray]]]
    ) -> Any:
        """Make the table of, for each cell, its codes, key columns (name: column they are of, codes) and numbers."""
        lengths = [len(next(iter(numbers.values()))) for _, _, numbers in rows]
        made: dict[str, Any] = {
            name: self.cells.keys[name].decode(np.repeat([codes[place] for codes, _, _ in rows], lengths))
            for place, name in enumerate(self.cell)
        }
        for name, (source, _) in rows[0][1].items():
            made[name] = self.cells.keys[source].decode(
                np.concatenate([keys[name][1] for _, keys, _ in rows])
            )
        for name in rows[0][2]:
            made[name] = np.concatenate([numbers[name] for _, _, numbers in rows])
        return self.frame.build(made)


def _numbered(raw: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes that occur, and each row's place among them."""
    met = np.zeros(size, bool)
    met[raw] = True
    codes = np.flatnonzero(met)
    place = np.zeros(size, np.int64)
    place[codes] = np.arange(len(codes))
    return codes, place[raw]


def world_of(
    table: Any,
    of: str,
    item: str,
    within: str | Iterable[str],
    value: str,
    rca_above: float,
    over: str | Iterable[str],
    aggregates: Aggregates,
) -> World:
    if isinstance(rca_above, bool) or not rca_above > 0:
        raise ParameterError(f"rca_above is {rca_above!r}; it is a number above zero, 1 as a rule.")
    cell, summed = columns_of(within), columns_of(over)
    added = (of, item)
    frame, cells = read_cells(
        table,
        [*cell, *added],
        value,
        within=cell,
        over=summed,
        aggregates=dict.fromkeys(added, aggregates),
        remedy=dict.fromkeys(added, _REMEDY),
    )
    return World(frame, cells, cell, of, item, rca_above)


def order_of(found: Advantages, degenerate: str) -> Order:
    """Order the economies, or say why there is no order: as an error, or as a warning and missing numbers."""
    try:
        return found.solve()
    except TableError as error:
        if degenerate == "raise":
            raise TableError(f"{error} With degenerate='warn' what has no index is left missing.") from None
        warnings.warn(f"{error} Its indices are left missing.", UserWarning, stacklevel=3)
        return Order(np.full(len(found.economies), np.nan), np.full(len(found.products), np.nan))
