"""Types and limits of the parameters of `friction`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab import catalog
from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList
from mic2025lab.errors import LabError, unknown_name

#: Tables that count trade measures.
COUNTED = ("trade_interventions", "trade_interventions_pairs", "trade_defense_investigations")
#: Revisions of the Harmonized System that match the tariff lists.
REVISIONS = ("HS12", "HS17", "HS22")


class Limits(Parameters):
    """Types and limits of the parameters of `friction`."""

    base_year: int
    end: int
    measures: TextList
    measures_base_year: int
    measures_end: int
    flows: Literal["embedded", "baci"]
    draws: Annotated[int, Field(ge=100, le=10000)]
    seed: Annotated[int, Field(ge=0)]

    def problems(self) -> Iterator[str]:
        low, high = checks.years("us_exports_to_china")
        if not low < self.base_year < high:
            yield checks.outside(
                "base_year", self.base_year, "us_exports_to_china", low, high
            ) + checks.choose("a base_year", self.base_year, low + 1, high - 1)
        elif not self.base_year < self.end <= min(high, 2 * self.base_year - low):
            yield (
                f"end = {self.end} cannot be compared: base_year {self.base_year} needs as many years before it as after it in "
                f"us_exports_to_china, which covers {low} to {high}; choose an end from {self.base_year + 1} to "
                f"{min(high, 2 * self.base_year - low)}."
            )
        yield from self._measures_problems()
        if self.flows == "baci":
            wrong = list(checks.converted_problems("baci", {"base_year": self.base_year}))
            yield from wrong or self._flows_problems()

    def _measures_problems(self) -> Iterator[str]:
        if not self.measures:
            return
        yield from checks.list_problems("measures", self.measures)
        for name in self.measures:
            if name not in COUNTED:
                yield str(unknown_name("table of measures", name, COUNTED))
                continue
            try:
                catalog.entry(name)
            except LabError as error:
                yield str(error)
                continue
            if name != "trade_interventions_pairs":  # it has one year only
                low, high = checks.years(name)
                if not low <= self.measures_base_year < self.measures_end <= high:
                    yield (
                        f"measures_base_year = {self.measures_base_year} and measures_end = "
                        f"{self.measures_end} must be two years of {name} in this order; it covers {low} to {high}."
                    )

    def _flows_problems(self) -> Iterator[str]:
        folder = catalog.scan("baci")
        last = max(int(label) for label in folder.labels)
        if str(folder.about["hs"]) not in REVISIONS:
            yield (
                f"The converted baci uses {folder.about['hs']}, which the tariff lists cannot be matched to; "
                f"convert BACI in one of: {', '.join(REVISIONS)}."
            )
        if self.base_year >= last:
            yield f"base_year = {self.base_year} leaves no year after it in the converted baci, which ends in {last}; choose an earlier base_year."
