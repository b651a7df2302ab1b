"""Types and limits of the parameters of `partner_dependence`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab.analyses.model import Parameters
from mic2025lab.sources.battery_dependence import FLOORS


class Limits(Parameters):
    """Types and limits of the parameters of `partner_dependence`."""

    base_year: Annotated[int, Field(ge=2012, le=2016)]
    threshold: Literal["third", "half", "two_thirds"]
    least_imports: int
    union: Literal["members", "one"]

    def problems(self) -> Iterator[str]:
        if self.least_imports not in FLOORS:
            yield f"least_imports = {self.least_imports} is not in battery_dependence; choose {' or '.join(map(str, FLOORS))}."
