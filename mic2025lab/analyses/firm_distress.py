"""Types and limits of the parameters of `firm_distress`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from mic2025lab import own_panels
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `firm_distress`."""

    needs: ClassVar = (
        *("firm", "industry", "year", "age", "value_added", "wage_bill", "capital"),
        *("debt", "assets", "interest", "ebit", "profit", "subsidy"),
    )
    path: str
    columns: TextList
    best_rate: Annotated[float, Field(gt=0, lt=0.5)]
    base_year: int
    draws: Annotated[int, Field(ge=20, le=2000)]
    seed: Annotated[int, Field(ge=0)]

    def problems(self) -> Iterator[str]:
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)
