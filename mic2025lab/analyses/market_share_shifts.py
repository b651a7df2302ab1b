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
    table: str

    def problems(self) -> Iterator[str]:
        unusable = list(checks.table_problems(self.table, "economy", "industry", "year", "value"))
        yield from unusable
        if unusable:
            return
        yield from checks.economy_problems(self.economy, self.comparators, [self.table])
        yield from checks.sector_problems(self.sector)
        if self.table != "value_added" and self.sector != "all":
            yield f"sector = {self.sector!r} needs the industries of value_added; leave out sector for table = {self.table!r}."
        low, high = checks.years(self.table)
        yield from checks.start_problems(self.table, self.start, self.base_year, low, high)
        yield from checks.end_problems(self.table, self.end, self.base_year, low, high)
