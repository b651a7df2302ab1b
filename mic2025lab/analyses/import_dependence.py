"""Types and limits of the parameters of `import_dependence`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `import_dependence`."""

    economy: str
    comparators: TextList
    base_year: int
    flows: Literal["embedded", "baci"]

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems("baci", {"base_year": self.base_year})
        yield from checks.economy_problems(self.economy, self.comparators, ["wiod_foreign_content"])
        low, high = 2012, checks.years("china_imports_by_sector")[1] - 1
        yield from checks.year_problems(
            "base_year", self.base_year, "the comparison before and after the plan", low, high
        )
