"""Types and limits of the parameters of `import_dependence`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList
from mic2025lab.classifications import stand_ins


class Limits(Parameters):
    """Types and limits of the parameters of `import_dependence`."""

    economy: str
    comparators: TextList
    base_year: int
    table: str
    flows: Literal["embedded", "baci"]

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems("baci", {"base_year": self.base_year})
        unusable = list(checks.table_problems(self.table, "industry", "year", "output", "exports", "imports"))
        yield from unusable
        codes = set() if unusable else set(stand_ins.industries("oecd-2021")["industry"])
        if codes and not codes & {*checks.values(self.table, "industry")}:
            yield f"table = {self.table!r} has no industry of the plan; it needs codes of ISIC such as {', '.join(sorted(codes))}."
        yield from checks.economy_problems(self.economy, self.comparators, ["wiod_foreign_content"])
        low, high = 2012, checks.years("china_imports_by_sector")[1] - 1
        yield from checks.year_problems(
            "base_year", self.base_year, "the comparison before and after the plan", low, high
        )
