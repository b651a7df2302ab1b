"""Limits of the parameters of the package's notebooks: a class for each, named as its notebook (`policy_effect`: `PolicyEffect`).

A class has the parameters whose values are limited; the types of the others are in the notebook's parameters cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mic2025lab import catalog, own_panels
from mic2025lab.analyses import checks
from mic2025lab.analyses.checks import SIDE, name_problems, year_problems
from mic2025lab.analyses.model import Parameters
from mic2025lab.classifications import economies, industries, sectors, stand_ins
from mic2025lab.errors import shown

#: Base years that leave enough years on both sides in the tables of published counts.
BaseYear = Annotated[int, Field(ge=2012, le=2016)]
Draws = Annotated[int, Field(ge=100, le=10000)]
FirmDraws = Annotated[int, Field(ge=20, le=2000)]
Flows = Literal["embedded", "baci"]
Seed = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(gt=0, lt=1)]


class MarketShareShifts(Parameters):
    def problems(self) -> Iterator[str]:
        unusable = list(checks.table_problems(self.table, "economy", "industry", "year", "value"))
        yield from unusable
        if unusable:
            return
        yield from checks.economy_problems(self.economy, self.comparators, [self.table])
        yield from checks.sector_problems(self.sector)
        if self.table != "value_added" and self.sector != "all":
            yield f"sector = {self.sector!r} needs the industries of value_added; leave out sector for table = {self.table!r}."
        yield from checks.side_problems(
            self.table, checks.years(self.table), self.start, self.base_year, self.end
        )


class ProductivityCosts(Parameters):
    icor_window: Annotated[int, Field(ge=2, le=20)]

    def problems(self) -> Iterator[str]:
        tables = ["national_accounts", "world_economy"]
        yield from checks.economy_problems(self.economy, self.comparators, tables, vintage=self.vintage)
        # Productivity is in version 10.01, which ends before 11.0.
        covered = checks.years_of_rows("national_accounts", vintage="10.01")
        yield from checks.side_problems("national_accounts 10.01", covered, self.start, self.base_year)
        _, last = checks.years("national_accounts")
        if self.start <= last < self.start + 2 * self.icor_window - 1:
            yield (
                f"icor_window = {self.icor_window} leaves room for only one window between start {self.start} and {last}; "
                f"choose an icor_window of at most {max((last - self.start + 1) // 2, 2)}."
            )
        yield from checks.vintage_problems(
            "world_economy", self.vintage, ["gdp_usd", "gdp_growth", "investment_share"]
        )


class Overcapacity(Parameters):
    industries: Literal["all"] | list[str]
    threshold: Annotated[float, Field(gt=0, le=100)]
    reference: Literal["mean", "peak", "trend"]
    quarters: Annotated[int, Field(ge=1, le=12)]
    draws: Draws
    seed: Seed
    prices: Literal["embedded", "producer_prices_profits"]

    def problems(self) -> Iterator[str]:
        if self.industries != "all":
            known = checks.values("capacity_utilization", "industry")
            yield from checks.list_problems("industries", self.industries)
            for industry in self.industries:
                yield from name_problems("industry", industry, ["all", *known])
            if set(self.industries) == {"total"}:
                yield "industries = total is all industry, which is always shown; name industries to compare with it."
        yield from checks.built_problems(self.prices)
        low, high = checks.years("capacity_utilization")
        covers = f"capacity_utilization covers {low} to {high}"
        why = f"{covers}, and a history needs at least {SIDE + 1} years"
        wrong = list(year_problems("start", self.start, low, high - SIDE, why))
        why = f"{covers}, and the history is from start {self.start} to a year before the last"
        yield from wrong or year_problems("history_end", self.history_end, self.start + 1, high - 1, why)


class Leadership(Parameters):
    robots: Literal["embedded", "robots"]
    rankings: Literal["embedded", "world_ranking_firms"]

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, ["value_added"])
        low, high = checks.years("value_added")
        low = max(low, checks.years("ev_sales")[0])
        why = f"ev_sales begins in {low}, value_added ends in {high}, and {SIDE} years are needed after the base year"
        yield from year_problems("base_year", self.base_year, low, high - SIDE, why)
        for table in (self.robots, self.rankings):
            yield from checks.built_problems(table)


class ForeignFirms(Parameters):
    needs: ClassVar = ("year", "industry", "ownership", "indicator", "value")

    def problems(self) -> Iterator[str]:
        if self.path == own_panels.SIMULATED:
            yield "path = 'simulated' has no data on ownership; give a file, or leave path out."
        elif self.path != "none":
            yield from own_panels.panel_problems(self.path, self.columns, self.needs)
        elif self.columns:
            yield "columns needs a file, and path = 'none'; give a file, or leave columns out."


class ExportSpecialization(Parameters):
    flows: Flows

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            years = {"start": self.start, "base_year": self.base_year, "end": self.end}
            yield from checks.converted_problems("baci", years)
            return
        columns = ("exporter|economy", "product|industry", "year", "value")
        yield from list(checks.table_problems(self.table, *columns)) or self._problems_of_table()

    def _problems_of_table(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, [self.table])
        yield from checks.side_problems(
            self.table, checks.years(self.table), self.start, self.base_year, self.end
        )
        column = "product" if "product" in catalog.describe(self.table).columns else "industry"
        codes, plan = checks.values(self.table, column), [*industries.ICIO_TARGETED, *sectors.slugs()]
        if not (all(re.fullmatch("[0-9]{6,}", code) for code in codes) or {*plan} & {*codes}):
            yield (
                f"table = {self.table!r} has no {column} of the plan; it needs codes of the HS of six digits, sectors of the plan, or "
                f"industries of the OECD such as {', '.join(industries.ICIO_TARGETED)}. Its first is {codes[0]!r}."
            )


class PolicyEffect(Parameters):
    source: Literal["value_added", "intermediate_exports"]

    def problems(self) -> Iterator[str]:
        known = [code for code in checks.values(self.source, "economy") if code not in ("WLD", "EU27")]
        yield from name_problems("economy", self.economy, known, of=self.source)
        low, high = checks.years(self.source)
        why = f"{self.source} covers {low} to {high}, and {SIDE} years are needed before the base year and 2 after it"
        wrong = list(year_problems("base_year", self.base_year, low + SIDE, high - 2, why))
        yield from wrong or year_problems("end", self.end, self.base_year + 2, high, why)


class GrowthCounterfactual(Parameters):
    donors: Literal["all", "emerging", "growing"]

    def problems(self) -> Iterator[str]:
        known = checks.values("national_accounts", "economy")
        wrong = list(name_problems("economy", self.economy, known, of="national_accounts"))
        if not wrong and self.economy not in (usable := self._economies()):
            wrong = [
                f"economy = {self.economy!r} has no total factor productivity, or less than one million people, in "
                f"national_accounts 10.01; choose one of: {', '.join(usable)}."
            ]
        yield from wrong
        covered = checks.years_of_rows("national_accounts", vintage="10.01")
        yield from checks.side_problems("national_accounts 10.01", covered, self.start, self.base_year)

    @staticmethod
    def _economies() -> list[str]:
        """List the economies with total factor productivity and at least one million people in the last year."""
        columns = ["economy", "year", "rtfpna", "pop"]
        accounts = catalog.load("national_accounts", vintage="10.01", columns=columns)
        last = accounts.dropna(subset=["rtfpna", "pop"]).sort_values("year").groupby("economy")["pop"].last()
        return sorted(last.index[last >= 1])


class FirmProductivity(Parameters):
    method: Literal["ols", "fe", "lp", "wooldridge", "acf"]
    degree: Annotated[int, Field(ge=1, le=6)]
    replications: Annotated[int, Field(ge=20, le=5000)]
    seed: Seed

    def problems(self) -> Iterator[str]:
        yield from checks.list_problems("methods", self.methods)
        yield from checks.list_problems("free", self.free)
        for name in self.methods:
            yield from name_problems("method", name, ("ols", "fe", "op", "lp", "wooldridge", "acf"))
        if self.methods and self.method not in self.methods:
            yield f"method = {self.method!r} is not in methods ({shown(', '.join(self.methods))}); add it there, or choose one of those."
        reserved = {"firm", "year", "value_added", "capital", "materials"} & set(self.free)
        if reserved:
            yield f"free includes {', '.join(sorted(reserved))}, which has another role; name inputs such as labor."
            return
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)

    @property
    def needs(self) -> list[str]:
        """Columns that the panel must have; materials are the proxy for productivity of three methods."""
        needs = ["firm", "year", "value_added", *self.free, "capital"]
        needs += ["materials"] * bool({"lp", "wooldridge", "acf"} & set(self.methods))
        needs += ["investment"] * ("op" in self.methods)
        return needs + ["industry"] * (self.industry != "all")


class Misallocation(Parameters):
    needs: ClassVar = ("firm", "industry", "year", "value_added", "wage_bill", "capital")
    industry_digits: Annotated[int, Field(ge=0, le=6)]
    sigma: Annotated[float, Field(gt=1, le=20)]
    labor_share: Share | Literal["data"]
    trim: Annotated[float, Field(ge=0, lt=0.25)]
    draws: FirmDraws
    seed: Seed
    capital_share: Share

    def problems(self) -> Iterator[str]:
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)
        low, _ = checks.years_of_rows("provincial_accounts", indicator="gdp")
        _, high = checks.years_of_rows("provincial_capital", indicator="investment", flag="")
        name = "provinces_base_year" if self.provinces_base_year else "base_year"
        why = (
            f"the provincial tables have GDP from {low} and measured investment to {high}, and {SIDE} years are needed before "
            "the base year and one after it (with another base year for the firms, name a provinces_base_year)"
        )
        yield from year_problems(name, getattr(self, name), low + SIDE, high - 1, why)


class FirmDistress(Parameters):
    needs: ClassVar = (
        *("firm", "industry", "year", "age", "value_added", "wage_bill", "capital"),
        *("debt", "assets", "interest", "ebit", "profit", "subsidy"),
    )
    best_rate: Annotated[float, Field(gt=0, lt=0.5)]
    draws: FirmDraws
    seed: Seed

    def problems(self) -> Iterator[str]:
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)


class FiscalStrain(Parameters):
    output: Literal["gdp", "gdp_first_published"]
    draws: Draws
    seed: Seed

    def problems(self) -> Iterator[str]:
        covered = checks.years_of_rows("provincial_accounts", indicator=self.output)
        rows = f"{self.output} of provincial_accounts"
        yield from checks.side_problems(rows, covered, self.start, self.base_year, self.end)
        indicators = ["gov_debt_share", "gov_balance_share"]
        wrong = list(checks.vintage_problems("world_economy", self.vintage, indicators))
        yield from wrong or checks.economy_problems(
            "CHN", self.comparators, ["world_economy"], vintage=self.vintage
        )


class Friction(Parameters):
    flows: Flows
    draws: Draws
    seed: Seed

    def problems(self) -> Iterator[str]:
        low, high = checks.years("us_exports_to_china")
        why = f"us_exports_to_china covers {low} to {high}, and as many years are needed before the base year as after it"
        wrong = list(year_problems("base_year", self.base_year, low + 1, high - 1, why))
        last = min(high, 2 * self.base_year - low)
        yield from wrong or year_problems("end", self.end, self.base_year + 1, last, why)
        yield from self._measures_problems()
        if self.flows == "baci":
            wrong = list(checks.converted_problems("baci", {"base_year": self.base_year}))
            yield from wrong or self._flows_problems()

    def _measures_problems(self) -> Iterator[str]:
        yield from checks.list_problems("measures", self.measures) if self.measures else ()
        counted = ("trade_interventions", "trade_interventions_pairs", "trade_defense_investigations")
        for name in self.measures:
            wrong = list(name_problems("table of measures", name, counted)) or list(
                checks.built_problems(name)
            )
            yield from wrong
            if not wrong and name != "trade_interventions_pairs":  # it has one year only
                low, high = checks.years(name)
                if not low <= self.measures_base_year < self.measures_end <= high:
                    yield (
                        f"measures_base_year = {self.measures_base_year} and measures_end = "
                        f"{self.measures_end} must be two years of {name} in this order; it covers {low} to {high}."
                    )

    def _flows_problems(self) -> Iterator[str]:
        folder = catalog.scan("baci")
        last = max(int(label) for label in folder.labels)
        matched = ("HS12", "HS17", "HS22")
        if str(folder.about["hs"]) not in matched:
            yield (
                f"The converted baci uses {folder.about['hs']}, which the tariff lists cannot be matched to; "
                f"convert BACI in one of: {', '.join(matched)}."
            )
        if self.base_year >= last:
            yield f"base_year = {self.base_year} leaves no year after it in the converted baci, which ends in {last}; choose an earlier base_year."


class TradeDiversion(Parameters):
    draws: Draws
    seed: Seed

    def problems(self) -> Iterator[str]:
        table = "us_imports_by_industry"
        _, last = checks.years(table)
        why = "a base year is before the duties of section 301 (2018) and of 2025"
        yield from year_problems("base_year", self.base_year, 2013, 2018, why)
        yield from year_problems("end", self.end, 2019, last, f"{table} ends in {last}, and {why}")
        yield from checks.list_problems("partners", self.partners)
        union = economies.members("EU27")
        known = [code for code in checks.values(table, "partner") if code not in {"CHN", "WLD", *union}]
        for code in dict.fromkeys(self.partners):
            if code in union:
                yield f"partners includes '{code}', a member of the EU27, which counts as one partner; name EU27."
            else:
                yield from name_problems("partner", code, known, of=table)


class ImportDependence(Parameters):
    flows: Flows

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems("baci", {"base_year": self.base_year})
        unusable = list(checks.table_problems(self.table, "industry", "year", "output", "exports", "imports"))
        yield from unusable
        codes = set() if unusable else set(stand_ins.industries("oecd-2021")["industry"])
        if codes and not codes & {*checks.values(self.table, "industry")}:
            yield f"table = {self.table!r} has no industry of the plan; it needs codes of ISIC such as {', '.join(sorted(codes))}."
        yield from checks.economy_problems(self.economy, self.comparators, ["wiod_foreign_content"])
        last = checks.years("china_imports_by_sector")[1]
        why = f"the comparison before and after the plan is from 2012 to {last}"
        yield from year_problems("base_year", self.base_year, 2012, last - 1, why)


class Chokepoints(Parameters):
    share_above: Share
    hhi_above: Share
    alternative_above: Share
    years_needed: Annotated[int, Field(ge=1, le=10)]
    years_window: Annotated[int, Field(ge=1, le=10)]
    flows: Flows

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems("baci", {})
        yield from checks.table_problems(self.table, "exporter", "importer", "product", "year", "value")
        materials = "critical_materials_exports"
        exporters = checks.values(materials, "exporter")
        for name in ("importer", "supplier"):
            wrong = name_problems("economy", getattr(self, name), exporters)
            yield from (f"{name}: {problem}" for problem in wrong)
        yield from checks.side_problems(materials, checks.years(materials), self.start, self.base_year)
        if self.years_needed > self.years_window:
            yield (
                f"years_needed = {self.years_needed} is more than years_window = {self.years_window}; "
                f"choose a years_needed of at most {self.years_window}."
            )


class PartnerDependence(Parameters):
    base_year: BaseYear
    threshold: Literal["third", "half", "two_thirds"]
    union: Literal["members", "one"]

    def problems(self) -> Iterator[str]:
        from mic2025lab.sources.battery_dependence import FLOORS

        if self.least_imports not in FLOORS:
            yield f"least_imports = {self.least_imports} is not in battery_dependence; choose {' or '.join(map(str, FLOORS))}."


class LimitsOfLeverage(Parameters):
    base_year: BaseYear
    threshold: Annotated[float, Field(ge=34, le=80)]
    chain: Literal["embedded", "semiconductor_chain"]

    def problems(self) -> Iterator[str]:
        yield from checks.built_problems(self.chain)


class Innovation(Parameters):
    base_year: BaseYear
    years: Annotated[int, Field(ge=3, le=5)]
    families_to: Annotated[int, Field(ge=2018, le=2020)]
    draws: Draws
    seed: Seed


class HamiltonIndex(Parameters):
    year: Annotated[int, Field(ge=2018, le=2022)]
    base_year: BaseYear


class SectorProfile(Parameters):
    def problems(self) -> Iterator[str]:
        yield from name_problems("sector", self.sector, sectors.slugs())
        traders = checks.values("intermediate_exports", "economy")
        known = [code for code in checks.values("value_added", "economy") if code in traders]
        yield from name_problems("economy", self.economy, known, of="value_added and intermediate_exports")
        last = checks.years("china_imports_by_sector")[1]
        why = f"the tables before and after the plan are from 2005 to {last}"
        yield from year_problems("base_year", self.base_year, 2005, last - 1, why)


class SectorScorecard(Parameters):
    base_year: BaseYear
    margin: Annotated[float, Field(ge=0, le=20)]
    imports_margin: Annotated[float, Field(ge=0, le=100)]
