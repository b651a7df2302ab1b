"""Types and limits of the parameters of `market_share_shifts`."""

from __future__ import annotations

from collections.abc import Iterator

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `market_share_shifts`."""

    economy: str
    comparators: TextList
    sector: str
    base_year: int
    start: int
    end: int

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, ["value_added"])
        yield from checks.sector_problems(self.sector)
        low, high = checks.years("value_added")
        yield from checks.start_problems("value_added", self.start, self.base_year, low, high)
        yield from checks.end_problems("value_added", self.end, self.base_year, low, high)
