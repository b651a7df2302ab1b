"""Types and limits of the parameters of `misallocation`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mic2025lab import own_panels
from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `misallocation`."""

    needs: ClassVar = ("firm", "industry", "year", "value_added", "wage_bill", "capital")
    path: str
    columns: TextList
    industry_digits: Annotated[int, Field(ge=0, le=6)]
    sigma: Annotated[float, Field(gt=1, le=20)]
    labor_share: Annotated[float, Field(gt=0, lt=1)] | Literal["data"]
    trim: Annotated[float, Field(ge=0, lt=0.25)]
    base_year: int
    draws: Annotated[int, Field(ge=20, le=2000)]
    seed: Annotated[int, Field(ge=0)]
    provinces_base_year: int
    capital_share: Annotated[float, Field(gt=0, lt=1)]

    def problems(self) -> Iterator[str]:
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)
        low, _ = checks.years_of_rows("provincial_accounts", indicator="gdp")
        _, high = checks.years_of_rows("provincial_capital", indicator="investment", flag="")
        start, name = (
            (self.provinces_base_year, "provinces_base_year")
            if self.provinces_base_year
            else (self.base_year, "base_year")
        )
        if not low + checks.SIDE <= start < high:
            yield (
                f"{name} = {start} leaves fewer than {checks.SIDE} years before it, or none after it, in the provincial tables, which have "
                f"GDP from {low} and measured investment to {high}; choose a provinces_base_year from {low + checks.SIDE} to {high - 1}."
            )
