"""What the models share: the base of every model, and the fields that columns are made of."""

from __future__ import annotations

from typing import Any

import pandera.pandas as pa

from mic2025lab.classifications import economies

#: Every code of an economy or aggregate.
CODES = [*economies.ECONOMIES, *economies.AGGREGATES]


def field(description: str, unit: str = "", **checks: Any) -> Any:
    """Describe a column that is never missing."""
    return pa.Field(description=description, metadata={"unit": unit}, **checks)


def text(description: str, **checks: Any) -> Any:
    """Describe text that may be missing."""
    return field(description, nullable=True, **checks)


def calendar_year(low: int, high: int, description: str = "Calendar year") -> Any:
    """Describe a year within bounds."""
    return field(description, ge=low, le=high)


def number(description: str, unit: str = "", **checks: Any) -> Any:
    """Describe a number that may be missing."""
    return field(description, unit, nullable=True, **checks)


class Model(pa.DataFrameModel):
    """A table has these columns, in this order, and no others."""

    class Config:
        """Strict: nothing is coerced into shape."""

        strict = True
        ordered = True
        coerce = False
