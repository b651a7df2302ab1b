"""Polynomials of several variables, on well-scaled columns: what the control functions are approximated with."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.models._types import Floats

Powers = tuple[tuple[int, ...], ...]

# A column whose part that the columns before it do not explain is below this share of its length counts as explained.
RANK_TOLERANCE = 1e-8


def powers(n_variables: int, degree: int) -> Powers:
    """Exponents of the complete polynomial of a degree, the constant first, then by total degree.

    Examples
    --------
    >>> powers(2, 2)
    ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    """
    found = []
    for total in range(degree + 1):
        for picked in combinations_with_replacement(range(n_variables), total):
            found.append(tuple(picked.count(variable) for variable in range(n_variables)))
    return tuple(found)


def monomials(values: Floats, exponents: Powers) -> Floats:
    """One column for each tuple of exponents, of variables that are the columns of `values`.

    Examples
    --------
    >>> monomials(np.array([[2.0, 3.0]]), powers(2, 2)).tolist()
    [[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]]
    """
    columns = [
        np.prod([values[:, variable] ** power for variable, power in enumerate(exponent)], axis=0)
        for exponent in exponents
    ]
    return np.column_stack(columns)


def standardized(values: Floats) -> Floats:
    """Columns with mean 0 and standard deviation 1; a column that does not vary becomes zeros.

    A polynomial of a degree spans the same functions before and after, and after it its powers are not collinear
    to the last digit.
    """
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def less_means(values: Floats, group: Any) -> Floats:
    """Values (or columns of them) less the mean of their group."""
    means = pd.DataFrame(values.reshape(len(values), -1)).groupby(group).transform("mean")
    return values - means.to_numpy().reshape(values.shape)


def independent(columns: Floats) -> list[int]:
    """Positions of the columns that are not a linear combination of earlier columns.

    Examples
    --------
    >>> independent(np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0]]))
    [0, 2]
    """
    kept: list[int] = []
    basis = np.empty((len(columns), 0))
    for position in range(columns.shape[1]):
        column = columns[:, position]
        length = np.linalg.norm(column)
        rest = column
        for _ in range(2):  # twice is enough (Kahan): once leaves rounding errors of the first projection
            rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > RANK_TOLERANCE * length and length > 0:
            kept.append(position)
            basis = np.column_stack([basis, rest / size])
    return kept
