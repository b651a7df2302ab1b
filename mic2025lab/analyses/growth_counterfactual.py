"""Types and limits of the parameters of `growth_counterfactual`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mic2025lab import catalog
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
        elif self.economy not in (usable := _economies()):
            yield (
                f"economy = {self.economy!r} has no total factor productivity, or less than one million people, in "
                f"national_accounts 10.01; choose one of: {', '.join(usable)}."
            )
        low, high = checks.years_of_rows("national_accounts", vintage="10.01")
        yield from checks.start_problems("national_accounts 10.01", self.start, self.base_year, low, high)


def _economies() -> list[str]:
    """List the economies with total factor productivity and at least one million people in the last year."""
    accounts = catalog.load(
        "national_accounts", vintage="10.01", columns=["economy", "year", "rtfpna", "pop"]
    )
    last = accounts.dropna(subset=["rtfpna", "pop"]).sort_values("year").groupby("economy")["pop"].last()
    return sorted(last.index[last >= 1])
