"""Types and limits of the parameters of `sector_profile`."""

from __future__ import annotations

from collections.abc import Iterator

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters
from mic2025lab.classifications import sectors


class Limits(Parameters):
    """Types and limits of the parameters of `sector_profile`."""

    sector: str
    economy: str
    base_year: int

    def problems(self) -> Iterator[str]:
        yield from checks.name_problems("sector", self.sector, sectors.slugs())
        traders = checks.values("intermediate_exports", "economy")
        known = [code for code in checks.values("value_added", "economy") if code in traders]
        tables = "value_added and intermediate_exports"
        yield from checks.name_problems("economy", self.economy, known, of=tables)
        low, high = 2005, checks.years("china_imports_by_sector")[1] - 1
        yield from checks.year_problems(
            "base_year", self.base_year, "the tables before and after the plan", low, high
        )
