"""Types and limits of the parameters of `productivity_costs`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `productivity_costs`."""

    economy: str
    comparators: TextList
    base_year: int
    start: int
    icor_window: Annotated[int, Field(ge=2, le=20)]
    vintage: str

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(
            self.economy, self.comparators, ["national_accounts", "world_economy"], vintage=self.vintage
        )
        # Productivity is in version 10.01, which ends before 11.0.
        low, high = checks.years_of_rows("national_accounts", vintage="10.01")
        yield from checks.start_problems("national_accounts 10.01", self.start, self.base_year, low, high)
        _, last = checks.years("national_accounts")
        if self.start <= last < self.start + 2 * self.icor_window - 1:
            yield (
                f"icor_window = {self.icor_window} leaves room for only one window between start {self.start} and {last}; "
                f"choose an icor_window of at most {max((last - self.start + 1) // 2, 2)}."
            )
        yield from checks.vintage_problems(
            "world_economy", self.vintage, ["gdp_usd", "gdp_growth", "investment_share"]
        )
