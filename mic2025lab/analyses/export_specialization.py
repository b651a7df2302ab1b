"""Types and limits of the parameters of `export_specialization`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from mic2025lab import catalog
from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList
from mic2025lab.classifications import industries, sectors


class Limits(Parameters):
    """Types and limits of the parameters of `export_specialization`."""

    economy: str
    comparators: TextList
    base_year: int
    start: int
    end: int
    table: str
    flows: Literal["embedded", "baci"]

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems(
                "baci", {"start": self.start, "base_year": self.base_year, "end": self.end}
            )
            return
        unusable = list(
            checks.table_problems(self.table, "exporter|economy", "product|industry", "year", "value")
        )
        yield from unusable or self._problems_of_table()

    def _problems_of_table(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, [self.table])
        low, high = checks.years(self.table)
        yield from checks.start_problems(self.table, self.start, self.base_year, low, high)
        yield from checks.end_problems(self.table, self.end, self.base_year, low, high)
        column = "product" if "product" in catalog.describe(self.table).columns else "industry"
        codes, plan = checks.values(self.table, column), [*industries.ICIO_TARGETED, *sectors.slugs()]
        if not (all(re.fullmatch("[0-9]{6,}", code) for code in codes) or {*plan} & {*codes}):
            yield (
                f"table = {self.table!r} has no {column} of the plan; it needs codes of the HS of six digits, sectors of the plan, or "
                f"industries of the OECD such as {', '.join(industries.ICIO_TARGETED)}. Its first is {codes[0]!r}."
            )
