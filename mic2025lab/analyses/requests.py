"""The parameters of each analysis, with their types and defaults, and what is wrong with values of the right type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from mic2025lab import own_panels
from mic2025lab.analyses import checks
from mic2025lab.errors import shown, unknown_name
from mic2025lab.params import Parameters, TextList, all_or_list


class MarketShareShifts(Parameters):
    """Parameters of `market_share_shifts`."""

    economy: str = Field("CHN", description="whose shares are asked about (ISO 3166-1 alpha-3, or EU27)")
    comparators: TextList = Field(
        ["USA", "EU27", "JPN", "KOR", "IND"], description="economies it is compared with"
    )
    sector: str = Field("all", description='"all", or one of the ten priority sectors')
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(2002, description="first year")
    end: int = Field(2022, description="last year")

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, ["value_added"])
        yield from checks.sector_problems(self.sector)
        low, high = checks.years("value_added")
        yield from checks.start_problems("value_added", self.start, self.base_year, low, high)
        yield from checks.end_problems("value_added", self.end, self.base_year, low, high)


class ProductivityCosts(Parameters):
    """Parameters of `productivity_costs`."""

    economy: str = Field("CHN", description="whose growth is accounted for (ISO 3166-1 alpha-3)")
    comparators: TextList = Field(["USA", "JPN", "KOR", "IND"], description="economies it is compared with")
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(1995, description="first year")
    icor_window: int = Field(5, ge=2, le=20, description="years in a window of the capital-output ratio")
    vintage: str = Field("weo-2025-10", description="edition of world_economy")

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(
            self.economy, self.comparators, ["national_accounts", "world_economy"], vintage=self.vintage
        )
        # Version 10.01 has the productivity, and ends before 11.0.
        low, high = checks.years_of("national_accounts", "10.01")
        yield from checks.start_problems("national_accounts 10.01", self.start, self.base_year, low, high)
        _, last = checks.years("national_accounts")
        if self.start <= last < self.start + 2 * self.icor_window - 1:
            yield (
                f"icor_window = {self.icor_window} leaves room for one window only between start {self.start} and {last}; "
                f"choose an icor_window of at most {max((last - self.start + 1) // 2, 2)}."
            )
        yield from checks.vintage_problems(
            "world_economy", self.vintage, ["gdp_usd", "gdp_growth", "investment_share"]
        )


class Overcapacity(Parameters):
    """Parameters of `overcapacity`."""

    industries: Annotated[Literal["all"] | list[str], BeforeValidator(all_or_list)] = Field(
        "all", description='"all", or a list of industries of capacity_utilization'
    )
    threshold: float = Field(75.0, gt=0, le=100, description="utilization below which an industry counts, %")
    reference: Literal["mean", "peak", "trend"] = Field(
        "mean", description="what of its own history an industry is measured against: mean, peak or trend"
    )
    start: int = Field(2016, description="first year of the history")
    history_end: int = Field(
        2019, description="last year of the history; later quarters are compared with it"
    )

    def problems(self) -> Iterator[str]:
        if self.industries != "all":
            known = checks.values("capacity_utilization", "industry")
            yield from checks.list_problems("industries", self.industries)
            for industry in self.industries:
                if industry not in known:
                    yield str(unknown_name("industry", industry, ["all", *known]))
            if set(self.industries) == {"total"}:
                yield "industries = total is all industry, which is always shown; name the industries to compare it with."
        low, high = checks.years("capacity_utilization")
        if not low <= self.start <= high:
            yield checks.outside("start", self.start, "capacity_utilization", low, high) + checks.choose(
                "a start", self.start, low, high - checks.SIDE
            )
        elif self.start > high - checks.SIDE:
            yield (
                f"start = {self.start} leaves {high - self.start + 1} years to {high}, and a history needs at least "
                f"{checks.SIDE + 1}; choose a start at or before {high - checks.SIDE}."
            )
        elif not self.start + 1 <= self.history_end < high:
            yield (
                f"history_end = {self.history_end} does not lie between start {self.start} and the last year {high}; "
                f"choose a history_end from {self.start + 1} to {high - 1}."
            )


Flows = Annotated[
    Literal["embedded", "baci"],
    Field(description='"embedded" tables, or "baci": full bilateral trade converted on this machine'),
]


class ExportSpecialization(Parameters):
    """Parameters of `export_specialization`."""

    economy: str = Field("CHN", description="whose exports are asked about (ISO 3166-1 alpha-3)")
    comparators: TextList = Field(["USA", "DEU", "JPN", "KOR"], description="economies it is compared with")
    base_year: int = Field(2015, description="the year that before and after are measured from")
    start: int = Field(1995, description="first year")
    end: int = Field(2020, description="last year")
    flows: Flows = "embedded"

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.store_problems(
                "baci", {"start": self.start, "base_year": self.base_year, "end": self.end}
            )
            return
        yield from checks.economy_problems(self.economy, self.comparators, ["intermediate_exports"])
        low, high = checks.years("intermediate_exports")
        yield from checks.start_problems("intermediate_exports", self.start, self.base_year, low, high)
        yield from checks.end_problems("intermediate_exports", self.end, self.base_year, low, high)


class Chokepoints(Parameters):
    """Parameters of `chokepoints`."""

    importer: str = Field("USA", description="who buys (ISO 3166-1 alpha-3); CHN for China's own chokepoints")
    supplier: str = Field("CHN", description="whose share of production and of imports is shown")
    base_year: int = Field(2015, description="the year that the last one is compared with")
    start: int = Field(2005, description="first year")
    share_above: float = Field(0.5, gt=0, lt=1, description="share of one supplier above which it dominates")
    hhi_above: float = Field(0.4, gt=0, lt=1, description="concentration (HHI) above which a market counts")
    alternative_above: float = Field(
        0.1, gt=0, lt=1, description="share from which another supplier is an alternative"
    )
    years_needed: int = Field(3, ge=1, le=10, description="in how many years it must hold")
    years_window: int = Field(5, ge=1, le=10, description="of how many years")
    flows: Flows = "embedded"

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.store_problems("baci", {})
        exporters = checks.values("critical_materials_exports", "exporter")
        for name, value in (("importer", self.importer), ("supplier", self.supplier)):
            if value not in exporters:
                yield f"{name}: {unknown_name('economy', value, exporters)}"
        low, high = checks.years("critical_materials_exports")
        yield from checks.start_problems("critical_materials_exports", self.start, self.base_year, low, high)
        if self.years_needed > self.years_window:
            yield (
                f"years_needed = {self.years_needed} is more than years_window = {self.years_window}; "
                f"choose a years_needed of at most {self.years_window}."
            )


class ImportDependence(Parameters):
    """Parameters of `import_dependence`."""

    economy: str = Field("CHN", description="whose imports are asked about (ISO 3166-1 alpha-3)")
    comparators: TextList = Field(["USA", "DEU", "JPN", "KOR"], description="economies it is compared with")
    base_year: int = Field(2015, description="the year that the partner's exports are compared with")
    flows: Flows = "embedded"

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.store_problems("baci", {"base_year": self.base_year})
        yield from checks.economy_problems(self.economy, self.comparators, ["wiod_foreign_content"])
        low, high = checks.years("us_exports_to_china")
        if not low <= self.base_year < high:
            yield checks.outside(
                "base_year", self.base_year, "us_exports_to_china", low, high
            ) + checks.choose("a base_year", self.base_year, low, high - 1)


class PolicyEffect(Parameters):
    """Parameters of `policy_effect`."""

    source: Literal["value_added", "intermediate_exports"] = Field(
        "value_added", description="table that the industries are compared in"
    )
    economy: str = Field("CHN", description="whose targeted industries are asked about")
    base_year: int = Field(2015, description="last year before the plan")
    end: int = Field(2019, description="last year; 2017 is before the tariffs, 2019 before the pandemic")

    def problems(self) -> Iterator[str]:
        known = [code for code in checks.values(self.source, "economy") if code not in ("WLD", "EU27")]
        if self.economy not in known:
            yield str(unknown_name("economy", self.economy, known, of=self.source))
        low, high = checks.years(self.source)
        if not low + checks.SIDE <= self.base_year <= high - 2:
            yield checks.outside("base_year", self.base_year, self.source, low, high) + (
                f"choose a base_year from {low + checks.SIDE} to {high - 2}."
            )
        elif not self.base_year + 2 <= self.end <= high:
            yield (
                f"end = {self.end} leaves too few years after base_year {self.base_year}; "
                f"choose an end from {self.base_year + 2} to {high}."
            )


class GrowthCounterfactual(Parameters):
    """Parameters of `growth_counterfactual`."""

    economy: str = Field("CHN", description="whose growth is set against its synthetic double")
    donors: Literal["all", "emerging", "growing"] = Field(
        "all", description="economies the double may be made of"
    )
    base_year: int = Field(2015, description="last year before the plan")
    start: int = Field(1995, description="first year")

    def problems(self) -> Iterator[str]:
        known = checks.values("national_accounts", "economy")
        if self.economy not in known:
            yield str(unknown_name("economy", self.economy, known, of="national_accounts"))
        low, high = checks.years_of("national_accounts", "10.01")
        yield from checks.start_problems("national_accounts 10.01", self.start, self.base_year, low, high)


class Misallocation(Parameters):
    """Parameters of `misallocation`; `needs` are the columns of a panel that it cannot do without."""

    needs: ClassVar = ("firm", "industry", "year", "value_added", "wage_bill", "capital")
    path: str = Field(
        "simulated", description='"simulated", or a file of your own with a row a firm and year'
    )
    columns: TextList = Field(
        [], description="what the file calls its columns: ours and theirs, joined by an equals sign"
    )
    industry_digits: int = Field(
        0, ge=0, le=6, description="characters of the industry code that make an industry; 0: all of them"
    )
    sigma: float = Field(3.0, gt=1, le=20, description="elasticity of substitution between firms")
    labor_share: Annotated[float, Field(gt=0, lt=1)] | Literal["data"] = Field(
        "data", description='share of labor in all industries, or "data": each industry\'s own'
    )
    trim: float = Field(0.01, ge=0, lt=0.25, description="share of firms left out at each tail")
    base_year: int = Field(2015, description="last year before, for the firms")
    draws: int = Field(200, ge=20, le=2000, description="draws of the bootstrap of firms")
    seed: int = Field(2025, ge=0, description="of the bootstrap, and of the simulated firms")
    provinces_base_year: int = Field(2015, description="last year before, for the provinces")
    capital_share: float = Field(0.5, gt=0, lt=1, description="share of capital in all provinces")

    def problems(self) -> Iterator[str]:
        wrong = list(own_panels.panel_problems(self.path, self.columns, self.needs))
        yield from wrong or own_panels.base_year_problems(self.path, self.columns, self.base_year)
        low, _ = checks.years_of_rows("provincial_accounts", indicator="gdp")
        _, high = checks.years("provincial_capital")
        if not low + checks.SIDE <= self.provinces_base_year <= high - checks.SIDE:
            yield (
                f"provinces_base_year = {self.provinces_base_year} leaves fewer than {checks.SIDE} years on one side in the provincial tables, which "
                f"cover {low} to {high}; choose a provinces_base_year from {low + checks.SIDE} to {high - checks.SIDE}."
            )


class FirmProductivity(Parameters):
    """Parameters of `firm_productivity`."""

    path: str = Field(
        "simulated", description='"simulated", or a file of your own with a row a firm and year'
    )
    columns: TextList = Field(
        [], description="what the file calls its columns: ours and theirs, joined by an equals sign"
    )
    logs: bool = Field(False, description="output and inputs are logarithms already")
    free: TextList = Field(["labor"], description="columns of the inputs that respond within the year")
    methods: TextList = Field(
        ["ols", "fe", "lp", "wooldridge", "acf"],
        description="estimators: ols, fe, op (needs investment), lp, wooldridge, acf",
    )
    method: Literal["ols", "fe", "lp", "wooldridge", "acf"] = Field(
        "acf", description="the one of them that productivity is by"
    )
    industry: str = Field("all", description='"all", or the one industry of the panel to take')
    base_year: int = Field(2015, description="the year that before and after are measured from")
    degree: int = Field(3, ge=1, le=6, description="of the polynomial that productivity is seen through")
    replications: int = Field(100, ge=20, le=5000, description="bootstrap samples of firms")
    seed: int = Field(2025, ge=0, description="of the bootstrap, and of the simulated panel")

    def problems(self) -> Iterator[str]:
        from mic2025lab.evidence import firm_productivity as evidence  # pandas, which not every request needs

        yield from checks.list_problems("methods", self.methods)
        yield from checks.list_problems("free", self.free)
        for name in self.methods:
            if name not in evidence.METHODS:
                yield str(unknown_name("method", name, evidence.METHODS))
        if self.methods and self.method not in self.methods:
            yield f"method = {self.method!r} is not among the methods ({shown(', '.join(self.methods))}); add it to them, or choose one of them."
        reserved = [
            name for name in self.free if name in ("firm", "year", "value_added", "capital", "materials")
        ]
        if reserved:
            yield f"free holds {', '.join(reserved)}, which has another role; name inputs such as labor."
            return
        wrong = list(
            own_panels.panel_problems(
                self.path, self.columns, evidence.needs(self.methods, self.free, self.industry)
            )
        )
        yield from wrong or own_panels.base_year_problems(self.path, self.columns, self.base_year)


class Scorecard(Parameters):
    """Parameters of `scorecard`: none, as what it reads is what the other runs have found."""


class FirmDistress(Parameters):
    """Parameters of `firm_distress`; `needs` are the columns of a panel that it cannot do without."""

    needs: ClassVar = (
        *("firm", "industry", "year", "age", "value_added", "wage_bill", "capital"),
        *("debt", "assets", "interest", "ebit", "profit", "subsidy"),
    )
    path: str = Field(
        "simulated", description='"simulated", or a file of your own with a row a firm and year'
    )
    columns: TextList = Field(
        [], description="what the file calls its columns: ours and theirs, joined by an equals sign"
    )
    best_rate: float = Field(
        0.0475, gt=0, lt=0.5, description="rate of interest on the best terms, all years, as a share"
    )
    base_year: int = Field(2015, description="last year before the plan")
    draws: int = Field(200, ge=20, le=2000, description="draws of the bootstrap of firms")
    seed: int = Field(2025, ge=0, description="of the bootstrap, and of the simulated firms")

    def problems(self) -> Iterator[str]:
        wrong = list(own_panels.panel_problems(self.path, self.columns, self.needs))
        yield from wrong or own_panels.base_year_problems(self.path, self.columns, self.base_year)
