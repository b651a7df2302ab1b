"""Types and limits of the parameters of `overcapacity`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, all_or_list
from mic2025lab.errors import unknown_name


class Limits(Parameters):
    """Types and limits of the parameters of `overcapacity`."""

    industries: Annotated[Literal["all"] | list[str], BeforeValidator(all_or_list)]
    threshold: Annotated[float, Field(gt=0, le=100)]
    reference: Literal["mean", "peak", "trend"]
    start: int
    history_end: int
    quarters: Annotated[int, Field(ge=1, le=12)]
    draws: Annotated[int, Field(ge=100, le=10000)]
    seed: Annotated[int, Field(ge=0)]
    prices: Literal["embedded", "producer_prices_profits"]

    def problems(self) -> Iterator[str]:
        if self.industries != "all":
            known = checks.values("capacity_utilization", "industry")
            yield from checks.list_problems("industries", self.industries)
            for industry in self.industries:
                if industry not in known:
                    yield str(unknown_name("industry", industry, ["all", *known]))
            if set(self.industries) == {"total"}:
                yield "industries = total is all industry, which is always shown; name industries to compare with it."
        if self.prices != "embedded":
            yield from checks.built_problems(self.prices)
        low, high = checks.years("capacity_utilization")
        if not low <= self.start <= high:
            yield checks.outside("start", self.start, "capacity_utilization", low, high) + checks.choose(
                "a start", self.start, low, high - checks.SIDE
            )
        elif self.start > high - checks.SIDE:
            yield (
                f"start = {self.start} leaves {high - self.start + 1} years up to {high}, but a history needs at least "
                f"{checks.SIDE + 1}; choose a start at or before {high - checks.SIDE}."
            )
        elif not self.start + 1 <= self.history_end < high:
            yield (
                f"history_end = {self.history_end} is not between start {self.start} and the last year {high}; "
                f"choose a history_end from {self.start + 1} to {high - 1}."
            )
