"""Types and limits of the parameters of `trade_diversion`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList
from mic2025lab.classifications import economies
from mic2025lab.errors import unknown_name

TABLE = "us_imports_by_industry"
#: Base years: the first of the table to the year in which the section 301 duties began.
FIRST_BASE, LAST_BASE = 2013, 2018


class Limits(Parameters):
    """Types and limits of the parameters of `trade_diversion`."""

    base_year: int
    end: int
    partners: TextList
    draws: Annotated[int, Field(ge=100, le=10000)]
    seed: Annotated[int, Field(ge=0)]

    def problems(self) -> Iterator[str]:
        _, last = checks.years(TABLE)
        if not FIRST_BASE <= self.base_year <= LAST_BASE:
            yield (
                f"base_year = {self.base_year} is not before the duties of 2018 and 2025; choose a base_year from "
                f"{FIRST_BASE} to {LAST_BASE}."
            )
        if not LAST_BASE < self.end <= last:
            yield f"end = {self.end} is not after the base years; choose an end from {LAST_BASE + 1} to {last}."
        yield from checks.list_problems("partners", self.partners)
        union = economies.members("EU27")
        known = [code for code in checks.values(TABLE, "partner") if code not in {"CHN", "WLD", *union}]
        for code in dict.fromkeys(self.partners):
            if code in union:
                yield f"partners includes '{code}', a member of the EU27, which counts as one partner; name EU27."
            elif code not in known:
                yield str(unknown_name("partner", code, known, of=TABLE))
