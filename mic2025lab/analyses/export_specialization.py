"""Types and limits of the parameters of `export_specialization`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `export_specialization`."""

    economy: str
    comparators: TextList
    base_year: int
    start: int
    end: int
    flows: Literal["embedded", "baci"]

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems(
                "baci", {"start": self.start, "base_year": self.base_year, "end": self.end}
            )
            return
        yield from checks.economy_problems(self.economy, self.comparators, ["intermediate_exports"])
        low, high = checks.years("intermediate_exports")
        yield from checks.start_problems("intermediate_exports", self.start, self.base_year, low, high)
        yield from checks.end_problems("intermediate_exports", self.end, self.base_year, low, high)
