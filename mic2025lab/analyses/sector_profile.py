"""Types and limits of the parameters of `sector_profile`."""

from __future__ import annotations

from collections.abc import Iterator

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters
from mic2025lab.classifications import sectors
from mic2025lab.errors import unknown_name


class Limits(Parameters):
    """Types and limits of the parameters of `sector_profile`."""

    sector: str
    economy: str
    base_year: int

    def problems(self) -> Iterator[str]:
        if self.sector not in sectors.slugs():
            yield str(unknown_name("sector", self.sector, sectors.slugs()))
        traders = checks.values("intermediate_exports", "economy")
        known = [code for code in checks.values("value_added", "economy") if code in traders]
        if self.economy not in known:
            yield str(unknown_name("economy", self.economy, known, of="value_added and intermediate_exports"))
        low, high = 2005, checks.years("china_imports_by_sector")[1] - 1
        if not low <= self.base_year <= high:
            yield checks.outside(
                "base_year", self.base_year, "the tables before and after the plan", low, high
            ) + checks.choose("a base_year", self.base_year, low, high)
