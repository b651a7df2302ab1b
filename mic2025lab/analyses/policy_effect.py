"""Types and limits of the parameters of `policy_effect`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters


class Limits(Parameters):
    """Types and limits of the parameters of `policy_effect`."""

    source: Literal["value_added", "intermediate_exports"]
    economy: str
    base_year: int
    end: int

    def problems(self) -> Iterator[str]:
        known = [code for code in checks.values(self.source, "economy") if code not in ("WLD", "EU27")]
        yield from checks.name_problems("economy", self.economy, known, of=self.source)
        low, high = checks.years(self.source)
        if not low + checks.SIDE <= self.base_year <= high - 2:
            yield checks.outside("base_year", self.base_year, self.source, low, high) + (
                f"choose a base_year from {low + checks.SIDE} to {high - 2}."
            )
        elif not self.base_year + 2 <= self.end <= high:
            yield (
                f"end = {self.end} leaves too few years after base_year {self.base_year}; "
                f"choose an end from {self.base_year + 2} to {high}."
            )
