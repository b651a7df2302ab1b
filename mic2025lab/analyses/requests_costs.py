"""The parameters of `friction` and `fiscal_strain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from mic2025lab import catalog
from mic2025lab.analyses import checks
from mic2025lab.analyses.requests import Flows
from mic2025lab.errors import LabError, unknown_name
from mic2025lab.params import Parameters, TextList

#: Revisions of bilateral data whose codes can be looked up in the tariff lists.
REVISIONS = ("HS12", "HS17", "HS22")


class Friction(Parameters):
    """Parameters of `friction`."""

    base_year: int = Field(2017, description="last year before the tariffs")
    end: int = Field(
        2019, description="last year of US exports to China; 2020 has the agreement and the pandemic"
    )
    measures: TextList = Field(
        [],
        description="tables of counted measures to add, built on this machine (trade_interventions and others)",
    )
    measures_base_year: int = Field(2015, description="last year before, for the counted measures")
    measures_end: int = Field(
        2018, description="last year of the counted measures; later counts are undercounts"
    )
    flows: Flows = "embedded"
    draws: int = Field(
        1000, ge=100, le=10000, description="draws of the bootstrap of chapters and of members"
    )
    seed: int = Field(2025, ge=0, description="of the bootstrap")

    def problems(self) -> Iterator[str]:
        low, high = checks.years("us_exports_to_china")
        if not low < self.base_year < high:
            yield checks.outside(
                "base_year", self.base_year, "us_exports_to_china", low, high
            ) + checks.choose("a base_year", self.base_year, low + 1, high - 1)
        elif not self.base_year < self.end <= min(high, 2 * self.base_year - low):
            yield (
                f"end = {self.end} does not leave as many years before base_year {self.base_year} as after "
                "it in us_exports_to_china, which "
                f"covers {low} to {high}; choose an end from {self.base_year + 1} to "
                f"{min(high, 2 * self.base_year - low)}."
            )
        yield from self._measures_problems()
        if self.flows == "baci":
            wrong = list(checks.store_problems("baci", {"base_year": self.base_year}))
            yield from wrong or self._flows_problems()

    def _measures_problems(self) -> Iterator[str]:
        if not self.measures:
            return
        from mic2025lab.evidence.friction import COUNTED  # pandas, which not every request needs

        yield from checks.list_problems("measures", self.measures)
        for name in self.measures:
            if name not in COUNTED:
                yield str(unknown_name("table of measures", name, COUNTED))
                continue
            try:
                catalog.describe(name)
            except LabError as error:
                yield str(error)
                continue
            if name != "trade_interventions_pairs":  # which is of one year
                low, high = checks.years(name)
                if not low <= self.measures_base_year < self.measures_end <= high:
                    yield (
                        f"measures_base_year = {self.measures_base_year} and measures_end = "
                        f"{self.measures_end} do not lie in this order in {name}, which "
                        f"covers {low} to {high}; choose two years of it."
                    )

    def _flows_problems(self) -> Iterator[str]:
        folder = catalog.scan("baci")
        last = max(int(label) for label in folder.labels)
        if str(folder.about["hs"]) not in REVISIONS:
            yield (
                f"flows = 'baci' is in {folder.about['hs']}, and the tariff lists can be looked up from "
                f"{', '.join(REVISIONS)}; convert one of those."
            )
        if self.base_year >= last:
            yield f"base_year = {self.base_year} leaves no year after it in the converted baci, which ends in {last}; choose an earlier base_year."


class FiscalStrain(Parameters):
    """Parameters of `fiscal_strain`."""

    output: Literal["gdp", "gdp_first_published"] = Field(
        "gdp", description="GDP of the provinces: revised, or as first published"
    )
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(2006, description="first year")
    end: int = Field(2024, description="last year")
    comparators: TextList = Field(
        ["USA", "JPN", "KOR", "IND"],
        description="economies whose general government is compared with China's",
    )
    vintage: str = Field("weo-2025-10", description="edition of world_economy")
    draws: int = Field(1000, ge=100, le=10000, description="draws of the bootstrap of provinces")
    seed: int = Field(2025, ge=0, description="of the bootstrap")

    def problems(self) -> Iterator[str]:
        low, high = checks.years_of_rows("provincial_accounts", indicator=self.output)
        of = f"{self.output} of provincial_accounts"
        yield from checks.start_problems(of, self.start, self.base_year, low, high)
        yield from checks.end_problems(of, self.end, self.base_year, low, high)
        wrong = list(
            checks.vintage_problems("world_economy", self.vintage, ["gov_debt_share", "gov_balance_share"])
        )
        yield from wrong or checks.economy_problems(
            "CHN", self.comparators, ["world_economy"], vintage=self.vintage
        )
