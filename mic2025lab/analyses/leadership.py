"""Types and limits of the parameters of `leadership`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `leadership`."""

    economy: str
    comparators: TextList
    base_year: int
    robots: Literal["embedded", "robots"]
    rankings: Literal["embedded", "world_ranking_firms"]

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, ["value_added"])
        low, high = checks.years("value_added")
        first, _ = checks.years("ev_sales")
        low = max(low, first)
        if not low <= self.base_year <= high - checks.SIDE:
            yield (
                f"base_year = {self.base_year} is outside the common years: ev_sales begins in {low} and value_added ends in {high}; "
                f"choose a base_year from {low} to {high - checks.SIDE}."
            )
        for table in (self.robots, self.rankings):
            if table != "embedded":
                yield from checks.built_problems(table)
