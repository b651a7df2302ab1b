"""Types and limits of the parameters of `fiscal_strain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `fiscal_strain`."""

    output: Literal["gdp", "gdp_first_published"]
    base_year: int
    start: int
    end: int
    comparators: TextList
    vintage: str
    draws: Annotated[int, Field(ge=100, le=10000)]
    seed: Annotated[int, Field(ge=0)]

    def problems(self) -> Iterator[str]:
        low, high = checks.years_of_rows("provincial_accounts", indicator=self.output)
        rows = f"{self.output} of provincial_accounts"
        yield from checks.start_problems(rows, self.start, self.base_year, low, high)
        yield from checks.end_problems(rows, self.end, self.base_year, low, high)
        wrong = list(
            checks.vintage_problems("world_economy", self.vintage, ["gov_debt_share", "gov_balance_share"])
        )
        yield from wrong or checks.economy_problems(
            "CHN", self.comparators, ["world_economy"], vintage=self.vintage
        )
