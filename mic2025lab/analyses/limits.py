"""Limits of the parameters of the package's notebooks: `limits.toml` for single values, and a function for each notebook, by its name.

A function yields what is wrong with values that are within those, one line per problem: years that a table lacks, unknown names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic import Field

from mic2025lab import catalog, own_panels
from mic2025lab.analyses import checks
from mic2025lab.analyses.checks import SIDE, name_problems, year_problems
from mic2025lab.analyses.model import Parameters, alternatives
from mic2025lab.classifications import economies, industries, sectors, stand_ins
from mic2025lab.errors import shown

#: Notebook -> parameter -> its bounds and words, and `every` for all notebooks that have such a parameter.
LIMITS = tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8"))

#: Columns that the user's own file must have; those of `firm_productivity` depend on its methods.
NEEDS = {
    "foreign_firms": ("year", "industry", "ownership", "indicator", "value"),
    "misallocation": ("firm", "industry", "year", "value_added", "wage_bill", "capital"),
    "firm_distress": (
        *("firm", "industry", "year", "age", "value_added", "wage_bill", "capital"),
        *("debt", "assets", "interest", "ebit", "profit", "subsidy"),
    ),
}


class Limited(Parameters):
    """The parameters of a notebook of the package. Its subclasses have the names of the notebooks."""

    def problems(self) -> Iterator[str]:
        if check := globals().get(type(self).__name__):
            yield from check(self)

    @property
    def needs(self) -> list[str]:
        """The columns that the user's own file must have."""
        if type(self).__name__ != "firm_productivity":
            return [*NEEDS.get(type(self).__name__, ())]
        needs = ["firm", "year", "value_added", *self.free, "capital"]
        # Materials are the proxy for productivity of three methods.
        needs += ["materials"] * bool({"lp", "wooldridge", "acf"} & set(self.methods))
        needs += ["investment"] * ("op" in self.methods)
        return needs + ["industry"] * (self.industry != "all")


def single(name: str, declared: Collection[str]) -> dict[str, dict[str, Any]] | None:
    """Return the limits of the single parameters of a notebook, or None if it has not all parameters that this name should have."""
    own = LIMITS.get(name, {})
    if not own.keys() <= set(declared):
        return None
    return {key: limit for key, limit in {**LIMITS["every"], **own}.items() if key in declared}


def narrow(kind: Any, words: Sequence[str] = (), **bounds: Any) -> Any:
    """Narrow a type of the parameters cell: its numbers to these bounds, its text to these words.

    >>> narrow(str, ["mean", "peak"])
    typing.Literal['mean', 'peak']
    """
    kinds: list[Any] = [Literal[tuple(words)]] if words else []
    for each in alternatives(kind):
        if each in (int, float):
            kinds.append(Annotated[each, Field(**bounds)])
        elif each is not str or not words:
            kinds.append(each)
    return Union[tuple(kinds)]  # noqa: UP007


def market_share_shifts(p: Any) -> Iterator[str]:
    unusable = list(checks.table_problems(p.table, "economy", "industry", "year", "value"))
    yield from unusable
    if unusable:
        return
    yield from checks.economy_problems(p.economy, p.comparators, [p.table])
    yield from checks.sector_problems(p.sector)
    if p.table != "value_added" and p.sector != "all":
        yield f"sector = {p.sector!r} needs the industries of value_added; leave out sector for table = {p.table!r}."
    yield from checks.side_problems(p.table, p.start, p.base_year, p.end)


def productivity_costs(p: Any) -> Iterator[str]:
    tables = ["national_accounts", "world_economy"]
    yield from checks.economy_problems(p.economy, p.comparators, tables, vintage=p.vintage)
    # Productivity is in version 10.01, which ends before 11.0.
    yield from checks.side_problems("national_accounts", p.start, p.base_year, vintage="10.01")
    _, last = checks.years("national_accounts")
    most = max((last - p.start + 1) // 2, 2)
    if p.start <= last and p.icor_window > most:
        yield (
            f"icor_window = {p.icor_window} leaves room for only one window between start {p.start} and {last}; "
            f"choose an icor_window of at most {most}."
        )
    indicators = ["gdp_usd", "gdp_growth", "investment_share"]
    yield from checks.vintage_problems("world_economy", p.vintage, indicators)


def overcapacity(p: Any) -> Iterator[str]:
    if p.industries != "all":
        known = checks.values("capacity_utilization", "industry")
        yield from checks.list_problems("industries", p.industries, "industry", ["all", *known])
        if set(p.industries) == {"total"}:
            yield "industries = total is all industry, which is always shown; name industries to compare with it."
    yield from checks.built_problems(p.prices)
    low, high = checks.years("capacity_utilization")
    covers = f"capacity_utilization covers {low} to {high}"
    why = f"{covers}, and a history needs at least {SIDE + 1} years"
    wrong = list(year_problems("start", p.start, low, high - SIDE, why))
    why = f"{covers}, and the history is from start {p.start} to a year before the last"
    yield from wrong or year_problems("history_end", p.history_end, p.start + 1, high - 1, why)


def leadership(p: Any) -> Iterator[str]:
    yield from checks.economy_problems(p.economy, p.comparators, ["value_added"])
    low, high = checks.years("value_added")
    low = max(low, checks.years("ev_sales")[0])
    why = f"ev_sales begins in {low}, value_added ends in {high}, and {SIDE} years are needed after the base year"
    yield from year_problems("base_year", p.base_year, low, high - SIDE, why)
    yield from checks.built_problems(p.robots, p.rankings)


def foreign_firms(p: Any) -> Iterator[str]:
    if p.path == own_panels.SIMULATED:
        yield "path = 'simulated' has no data on ownership; give a file, or leave path out."
    elif p.path != "none":
        yield from own_panels.panel_problems(p.path, p.columns, p.needs)
    elif p.columns:
        yield "columns needs a file, and path = 'none'; give a file, or leave columns out."


def export_specialization(p: Any) -> Iterator[str]:
    if p.flows == "baci":
        yield from checks.baci_problems(start=p.start, base_year=p.base_year, end=p.end)
        return
    unusable = list(checks.table_problems(p.table, "exporter|economy", "product|industry", "year", "value"))
    yield from unusable
    if unusable:
        return
    yield from checks.economy_problems(p.economy, p.comparators, [p.table])
    yield from checks.side_problems(p.table, p.start, p.base_year, p.end)
    column = "product" if "product" in catalog.describe(p.table).columns else "industry"
    codes, plan = checks.values(p.table, column), [*industries.ICIO_TARGETED, *sectors.slugs()]
    if not (all(re.fullmatch("[0-9]{6,}", code) for code in codes) or {*plan} & {*codes}):
        yield (
            f"table = {p.table!r} has no {column} of the plan; it needs codes of the HS of six digits, sectors of the plan, or "
            f"industries of the OECD such as {', '.join(industries.ICIO_TARGETED)}. Its first is {codes[0]!r}."
        )


def policy_effect(p: Any) -> Iterator[str]:
    known = [code for code in checks.values(p.source, "economy") if code not in ("WLD", "EU27")]
    yield from name_problems("economy", p.economy, known, of=p.source)
    low, high = checks.years(p.source)
    why = (
        f"{p.source} covers {low} to {high}, and {SIDE} years are needed before the base year and 2 after it"
    )
    wrong = list(year_problems("base_year", p.base_year, low + SIDE, high - 2, why))
    yield from wrong or year_problems("end", p.end, p.base_year + 2, high, why)


def growth_counterfactual(p: Any) -> Iterator[str]:
    columns = ["economy", "year", "rtfpna", "pop"]
    accounts = catalog.load("national_accounts", vintage="10.01", columns=columns)
    last = accounts.dropna(subset=["rtfpna", "pop"]).sort_values("year").groupby("economy")["pop"].last()
    usable = sorted(last.index[last >= 1])
    known = checks.values("national_accounts", "economy")
    if p.economy in known and p.economy not in usable:
        yield (
            f"economy = {p.economy!r} has no total factor productivity, or less than one million people, in "
            f"national_accounts 10.01; choose one of: {', '.join(usable)}."
        )
    yield from name_problems("economy", p.economy, known, of="national_accounts")
    yield from checks.side_problems("national_accounts", p.start, p.base_year, vintage="10.01")


def firm_productivity(p: Any) -> Iterator[str]:
    estimators = ("ols", "fe", "op", "lp", "wooldridge", "acf")
    yield from checks.list_problems("methods", p.methods, "method", estimators)
    yield from checks.list_problems("free", p.free)
    if p.methods and p.method not in p.methods:
        yield f"method = {p.method!r} is not in methods ({shown(', '.join(p.methods))}); add it there, or choose one of those."
    reserved = {"firm", "year", "value_added", "capital", "materials"} & set(p.free)
    if reserved:
        yield f"free includes {', '.join(sorted(reserved))}, which has another role; name inputs such as labor."
    else:
        yield from own_panels.panel_problems(p.path, p.columns, p.needs, p.base_year)


def misallocation(p: Any) -> Iterator[str]:
    yield from own_panels.panel_problems(p.path, p.columns, p.needs, p.base_year)
    low, _ = checks.years("provincial_accounts", indicator="gdp")
    _, high = checks.years("provincial_capital", indicator="investment", flag="")
    name = "provinces_base_year" if p.provinces_base_year else "base_year"
    why = (
        f"the provincial tables have GDP from {low} and measured investment to {high}, and {SIDE} years are needed before "
        "the base year and one after it (with another base year for the firms, name a provinces_base_year)"
    )
    yield from year_problems(name, getattr(p, name), low + SIDE, high - 1, why)


def firm_distress(p: Any) -> Iterator[str]:
    yield from own_panels.panel_problems(p.path, p.columns, p.needs, p.base_year)


def fiscal_strain(p: Any) -> Iterator[str]:
    yield from checks.side_problems("provincial_accounts", p.start, p.base_year, p.end, indicator=p.output)
    indicators = ["gov_debt_share", "gov_balance_share"]
    wrong = list(checks.vintage_problems("world_economy", p.vintage, indicators))
    yield from wrong or checks.economy_problems("CHN", p.comparators, ["world_economy"], vintage=p.vintage)


def friction(p: Any) -> Iterator[str]:
    low, high = checks.years("us_exports_to_china")
    why = f"us_exports_to_china covers {low} to {high}, and as many years are needed before the base year as after it"
    wrong = list(year_problems("base_year", p.base_year, low + 1, high - 1, why))
    last = min(high, 2 * p.base_year - low)
    yield from wrong or year_problems("end", p.end, p.base_year + 1, last, why)
    yield from _measures(p)
    if p.flows == "baci":
        wrong = list(checks.baci_problems(base_year=p.base_year))
        yield from wrong or _flows(p)


def _measures(p: Any) -> Iterator[str]:
    counted = ("trade_interventions", "trade_interventions_pairs", "trade_defense_investigations")
    if p.measures:
        yield from checks.list_problems("measures", p.measures, "table of measures", counted)
    for name in [name for name in counted if name in p.measures]:
        wrong = list(checks.built_problems(name))
        yield from wrong
        if not wrong and name != "trade_interventions_pairs":  # it has one year only
            low, high = checks.years(name)
            if not low <= p.measures_base_year < p.measures_end <= high:
                yield (
                    f"measures_base_year = {p.measures_base_year} and measures_end = "
                    f"{p.measures_end} must be two years of {name} in this order; it covers {low} to {high}."
                )


def _flows(p: Any) -> Iterator[str]:
    folder = catalog.scan("baci")
    last = max(int(label) for label in folder.labels)
    matched = ("HS12", "HS17", "HS22")
    if str(folder.about["hs"]) not in matched:
        yield (
            f"The converted baci uses {folder.about['hs']}, which the tariff lists cannot be matched to; "
            f"convert BACI in one of: {', '.join(matched)}."
        )
    if p.base_year >= last:
        yield f"base_year = {p.base_year} leaves no year after it in the converted baci, which ends in {last}; choose an earlier base_year."


def trade_diversion(p: Any) -> Iterator[str]:
    table = "us_imports_by_industry"
    _, last = checks.years(table)
    why = "a base year is before the duties of section 301 (2018) and of 2025"
    yield from year_problems("base_year", p.base_year, 2013, 2018, why)
    yield from year_problems("end", p.end, 2019, last, f"{table} ends in {last}, and {why}")
    yield from checks.list_problems("partners", p.partners)
    union = economies.members("EU27")
    known = [code for code in checks.values(table, "partner") if code not in {"CHN", "WLD", *union}]
    for code in dict.fromkeys(p.partners):
        if code in union:
            yield f"partners includes '{code}', a member of the EU27, which counts as one partner; name EU27."
        else:
            yield from name_problems("partner", code, known, of=table)


def import_dependence(p: Any) -> Iterator[str]:
    if p.flows == "baci":
        yield from checks.baci_problems(base_year=p.base_year)
    unusable = list(checks.table_problems(p.table, "industry", "year", "output", "exports", "imports"))
    yield from unusable
    codes = set() if unusable else set(stand_ins.industries("oecd-2021")["industry"])
    if codes and not codes & {*checks.values(p.table, "industry")}:
        yield f"table = {p.table!r} has no industry of the plan; it needs codes of ISIC such as {', '.join(sorted(codes))}."
    yield from checks.economy_problems(p.economy, p.comparators, ["wiod_foreign_content"])
    last = checks.years("china_imports_by_sector")[1]
    why = f"the comparison before and after the plan is from 2012 to {last}"
    yield from year_problems("base_year", p.base_year, 2012, last - 1, why)


def chokepoints(p: Any) -> Iterator[str]:
    if p.flows == "baci":
        yield from checks.baci_problems()
    yield from checks.table_problems(p.table, "exporter", "importer", "product", "year", "value")
    materials = "critical_materials_exports"
    exporters = checks.values(materials, "exporter")
    for name in ("importer", "supplier"):
        wrong = name_problems("economy", getattr(p, name), exporters)
        yield from (f"{name}: {problem}" for problem in wrong)
    yield from checks.side_problems(materials, p.start, p.base_year)
    if p.years_needed > p.years_window:
        yield (
            f"years_needed = {p.years_needed} is more than years_window = {p.years_window}; "
            f"choose a years_needed of at most {p.years_window}."
        )


def partner_dependence(p: Any) -> Iterator[str]:
    from mic2025lab.sources.comtrade import FLOORS

    if p.least_imports not in FLOORS:
        yield f"least_imports = {p.least_imports} is not in battery_dependence; choose {' or '.join(map(str, FLOORS))}."


def limits_of_leverage(p: Any) -> Iterator[str]:
    yield from checks.built_problems(p.chain)


def sector_profile(p: Any) -> Iterator[str]:
    yield from name_problems("sector", p.sector, sectors.slugs())
    traders = checks.values("intermediate_exports", "economy")
    known = [code for code in checks.values("value_added", "economy") if code in traders]
    yield from name_problems("economy", p.economy, known, of="value_added and intermediate_exports")
    last = checks.years("china_imports_by_sector")[1]
    why = f"the tables before and after the plan are from 2005 to {last}"
    yield from year_problems("base_year", p.base_year, 2005, last - 1, why)
