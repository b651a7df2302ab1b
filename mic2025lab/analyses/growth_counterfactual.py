"""Types and limits of the parameters of `growth_counterfactual`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters
from mic2025lab.errors import unknown_name


class Limits(Parameters):
    """Types and limits of the parameters of `growth_counterfactual`."""

    economy: str
    donors: Literal["all", "emerging", "growing"]
    base_year: int
    start: int

    def problems(self) -> Iterator[str]:
        known = checks.values("national_accounts", "economy")
        if self.economy not in known:
            yield str(unknown_name("economy", self.economy, known, of="national_accounts"))
        low, high = checks.years_of_rows("national_accounts", vintage="10.01")
        yield from checks.start_problems("national_accounts 10.01", self.start, self.base_year, low, high)
