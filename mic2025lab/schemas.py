"""One pandera model for each table: its columns, their types, descriptions and units, and what must hold.

pandera takes a second to import: only `build` and tests import this module.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies, sectors
from mic2025lab.sources import imf, nbs, nsf, reference, world, worldbank

_CODES = [*economies.ECONOMIES, *economies.AGGREGATES]
_VALUE_ADDED = sorted(nsf.INDUSTRIES.values())
_PANEL = sorted({industry for _, industry in nsf.PANEL.values()})
_UTILIZATION = sorted(set(nbs.INDUSTRIES.values()))
_INDICATORS = sorted({name for name, _, _ in [*imf.CONCEPTS.values(), *worldbank.SERIES.values()]})
_SHARES = [
    name
    for name in _INDICATORS
    if name.endswith("_share") and not name.startswith(("gov_", "current_", "saving"))
]


def _field(description: str, unit: str = "", **checks: Any) -> Any:
    return pa.Field(description=description, metadata={"unit": unit}, **checks)


def _text(description: str, **checks: Any) -> Any:
    """Text that may be missing."""
    return _field(description, nullable=True, **checks)


def _year(low: int, high: int, description: str = "Calendar year") -> Any:
    return _field(description, ge=low, le=high)


def _number(description: str, unit: str = "", **checks: Any) -> Any:
    """A number that may be missing."""
    return _field(description, unit, nullable=True, **checks)


class _Model(pa.DataFrameModel):
    class Config:
        strict = True
        ordered = True
        coerce = False


class ValueAdded(_Model):
    """Table `value_added`."""

    year: Series[int] = _year(2002, 2022)
    economy: Series[str] = _field("ISO3 code, WLD (75 economies) or EU27", isin=_CODES)
    industry: Series[str] = _field("Industry; industries nest", isin=_VALUE_ADDED)
    value: Series[float] = _field("Value added, current prices and exchange rates", "million USD", gt=0)
    unit: Series[str] = _field("Unit of value", eq=nsf.UNIT)

    class Config(_Model.Config):
        unique = ("year", "economy", "industry")

    @pa.dataframe_check(error="kti = kti_manufacturing + kti_services, but for rounding")
    def kti_adds_up(cls, frame: pd.DataFrame) -> bool:
        """The KTI industries are the sum of their two halves."""
        wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")
        if not {"kti", "kti_manufacturing", "kti_services"} <= set(wide):
            return False
        return bool(((wide["kti"] - wide["kti_manufacturing"] - wide["kti_services"]).abs() <= 2).all())


class ValueAddedPanel(_Model):
    """Table `value_added_panel`."""

    edition: Series[str] = _field(
        "Edition of Science and Engineering Indicators", isin=["SEI2020", "SEI2022"]
    )
    year: Series[int] = _year(2002, 2019)
    economy: Series[str] = _field(
        "ISO3 code, WLD, EU27 or EU28; a lower-case name for other regions and rests",
        str_matches=r"^[A-Z]{3}$|^EU2[78]$|^[a-z_]+$",
    )
    level: Series[str] = _field("What the row is", isin=["world", "region", "economy", "rest"])
    industry: Series[str] = _field(
        "Industry; named as in value_added only where the definition is the same", isin=_PANEL
    )
    value: Series[float] = _number("Value added, current prices and exchange rates", "million USD", ge=0)
    unit: Series[str] = _field("Unit of value", eq=nsf.UNIT)
    flag: Series[str] = _field(
        "not_reported where the source has a zero that means so, else empty", isin=["", "not_reported"]
    )

    class Config(_Model.Config):
        unique = ("edition", "year", "economy", "industry")

    @pa.dataframe_check(error="a value is missing exactly where the flag is not_reported")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A value is missing only where the flag says so."""
        return frame["value"].isna() == (frame["flag"] == "not_reported")


class NationalAccounts(_Model):
    """Table `national_accounts`: names of the Penn World Table."""

    version: Series[str] = _field("Version of the Penn World Table", isin=["10.01", "11.0"])
    economy: Series[str] = _field("ISO3 code", isin=list(economies.ECONOMIES))
    year: Series[int] = _year(1950, 2023)
    pop: Series[float] = _number("Population", "million persons", gt=0)
    emp: Series[float] = _number("Persons engaged", "million persons", gt=0)
    avh: Series[float] = _number("Average hours worked by a person engaged", "hours a year", gt=500, lt=4000)
    labsh: Series[float] = _number(
        "Share of labor compensation in GDP, current national prices", "share", gt=0, lt=1
    )
    xr: Series[float] = _number("Exchange rate", "national currency per USD", gt=0)
    labsh_flag: Series[str] = _field(
        "How labsh came about", isin=["", "observed", "carried", "extrapolated", "repeated"]
    )
    rgdpe: Series[float] = _number("Expenditure-side real GDP at chained PPPs", "million 2017 USD", gt=0)
    rgdpo: Series[float] = _number("Output-side real GDP at chained PPPs", "million 2017 USD", gt=0)
    cgdpe: Series[float] = _number("Expenditure-side real GDP at current PPPs", "million 2017 USD", gt=0)
    cgdpo: Series[float] = _number("Output-side real GDP at current PPPs", "million 2017 USD", gt=0)
    rgdpna: Series[float] = _number("Real GDP at constant national prices", "million 2017 USD", gt=0)
    rconna: Series[float] = _number("Real consumption at constant national prices", "million 2017 USD", gt=0)
    rdana: Series[float] = _number(
        "Real domestic absorption at constant national prices", "million 2017 USD", gt=0
    )
    rnna: Series[float] = _number(
        "Capital stock at constant national prices, end of year", "million 2017 USD", gt=0
    )
    rkna: Series[float] = _number("Capital services at constant national prices", "index, 2017 = 1", gt=0)
    cn: Series[float] = _number("Capital stock at current PPPs", "million 2017 USD", gt=0)
    ck: Series[float] = _number("Capital services at current PPPs", "index, USA = 1", gt=0)
    hc: Series[float] = _number(
        "Human capital a person, from schooling and returns to it", "index", ge=1, lt=6
    )
    ctfp: Series[float] = _number("Total factor productivity at current PPPs", "index, USA = 1", gt=0)
    cwtfp: Series[float] = _number(
        "Welfare-relevant total factor productivity at current PPPs", "index, USA = 1", gt=0
    )
    rtfpna: Series[float] = _number(
        "Total factor productivity at constant national prices", "index, 2017 = 1", gt=0
    )
    rwtfpna: Series[float] = _number(
        "Welfare-relevant total factor productivity at constant national prices", "index, 2017 = 1", gt=0
    )
    irr: Series[float] = _number("Real internal rate of return", "share a year")
    delta: Series[float] = _number(
        "Average depreciation rate of the capital stock", "share a year", gt=0, lt=0.3
    )
    csh_c: Series[float] = _number("Household consumption, share of cgdpo", "share")
    csh_i: Series[float] = _number("Gross capital formation, share of cgdpo", "share")
    csh_g: Series[float] = _number("Government consumption, share of cgdpo", "share")
    csh_x: Series[float] = _number("Merchandise exports, share of cgdpo", "share")
    csh_m: Series[float] = _number("Merchandise imports (negative), share of cgdpo", "share")
    pl_gdpo: Series[float] = _number("Price level of cgdpo, PPP over exchange rate", "USA GDPo 2017 = 1")
    pl_c: Series[float] = _number("Price level of household consumption", "USA GDPo 2017 = 1", gt=0)
    pl_i: Series[float] = _number("Price level of capital formation", "USA GDPo 2017 = 1", gt=0)
    pl_n: Series[float] = _number("Price level of the capital stock", "USA 2017 = 1", gt=0)
    pl_k: Series[float] = _number("Price level of capital services", "USA = 1", gt=0)
    statcap: Series[float] = _number(
        "World Bank indicator of statistical capacity", "points of 100", ge=0, le=100
    )
    hc_flag: Series[str] = _field("source, or constructed from yr_sch", isin=["", "source", "constructed"])
    v_gdp: Series[float] = _number("GDP, current prices", "million national currency", gt=0)
    q_gdp: Series[float] = _number("GDP, constant 2021 prices", "million national currency", gt=0)
    v_c: Series[float] = _number("Household consumption, current prices", "million national currency")
    q_c: Series[float] = _number("Household consumption, constant 2021 prices", "million national currency")
    v_i: Series[float] = _number("Gross capital formation, current prices", "million national currency")
    q_i: Series[float] = _number("Gross capital formation, constant 2021 prices", "million national currency")
    v_gfcf: Series[float] = _number(
        "Gross fixed capital formation, current prices", "million national currency"
    )
    q_gfcf: Series[float] = _number(
        "Gross fixed capital formation, constant 2021 prices", "million national currency"
    )
    yr_sch: Series[float] = _number("Average years of schooling, 15 to 64", "years", ge=0, lt=20)
    gdp_usd: Series[float] = _number(
        "GDP, current prices at the exchange rate (derived)", "million USD", gt=0
    )
    investment_usd: Series[float] = _number(
        "Gross capital formation, current prices at the exchange rate (derived)", "million USD"
    )
    rnna_constructed: Series[float] = _number(
        "rnna of 10.01 to 2019, extended by perpetual inventory", "million 2017 USD", gt=0
    )
    rnna_constructed_low: Series[float] = _number(
        "The same, depreciation one percentage point higher", "million 2017 USD", gt=0
    )
    rnna_constructed_high: Series[float] = _number(
        "The same, depreciation one percentage point lower", "million 2017 USD", gt=0
    )
    capital_flag: Series[str] = _field(
        "source, or constructed (after 2019 in 11.0)", isin=["", "source", "constructed"]
    )

    class Config(_Model.Config):
        unique = ("version", "economy", "year")

    @pa.dataframe_check(error="low <= constructed <= high")
    def band_holds(cls, frame: pd.DataFrame) -> pd.Series:
        """The band holds the estimate."""
        low, mid, high = (frame[f"rnna_constructed{end}"] for end in ("_low", "", "_high"))
        return mid.isna() | ((low <= mid) & (mid <= high))


class WorldEconomy(_Model):
    """Table `world_economy`."""

    vintage: Series[str] = _field("Publication and its date", isin=list(world.VINTAGES))
    economy: Series[str] = _field("ISO3 code, WLD, EU27, or a group's code in the source", isin=_CODES)
    aggregate: Series[bool] = _field("Whether the row is a group of economies")
    year: Series[int] = _year(1980, 2030)
    indicator: Series[str] = _field("What is measured", isin=_INDICATORS)
    value: Series[float] = _field("Value in the row's unit", "by row")
    unit: Series[str] = _field("Unit of value")
    flag: Series[str] = _field(
        "forecast after the source's last-actual date, else empty", isin=["", "forecast"]
    )

    class Config(_Model.Config):
        unique = ("vintage", "economy", "year", "indicator")

    @pa.dataframe_check(error="one unit for each indicator")
    def one_unit(cls, frame: pd.DataFrame) -> bool:
        """An indicator has one unit in all vintages."""
        return not frame[["indicator", "unit"]].drop_duplicates().duplicated("indicator").any()

    @pa.dataframe_check(error="GDP and population are positive, and no share is above 200 %")
    def plausible(cls, frame: pd.DataFrame) -> pd.Series:
        """Levels are positive and shares are shares."""
        level = frame["indicator"].isin(
            ["gdp_usd", "gdp_ppp", "gdp_constant_prices", "population", "merchandise_exports"]
        )
        return (~level | (frame["value"] >= 0)) & (
            ~frame["indicator"].isin(_SHARES) | frame["value"].between(-50, 200)
        )


class CapacityUtilization(_Model):
    """Table `capacity_utilization`."""

    period: Series[str] = _field("Quarter (2019Q3) or year (2019)", str_matches=r"^\d{4}(Q[1-4])?$")
    frequency: Series[str] = _field("quarter or year", isin=["quarter", "year"])
    year: Series[int] = _year(2013, 2030)
    industry: Series[str] = _field("Industry", isin=_UTILIZATION)
    value: Series[float] = _number("Actual over potential output in value", "%", ge=30, le=100)
    unit: Series[str] = _field("Unit of value", eq="%")
    flag: Series[str] = _field(
        "reported as printed, derived from next year's change, or unverified",
        isin=["reported", "derived", "unverified"],
    )
    status: Series[str] = _field(
        "How the two transcriptions stand", isin=["agree", "only_a", "only_b", "conflict"]
    )
    source: Series[str] = _field("Where the release was read")

    class Config(_Model.Config):
        unique = ("period", "industry")

    @pa.dataframe_check(error="a value is missing only in a conflict")
    def missing_is_conflict(cls, frame: pd.DataFrame) -> pd.Series:
        """Only a conflict may leave a value missing."""
        return frame["value"].notna() | (frame["status"] == "conflict")


_VERIFIED = list(reference.VERIFIED)
_SECTORS = list(sectors.slugs())


class Sectors(_Model):
    """Table `sectors`."""

    sector: Series[str] = _field("Slug of the sector", isin=_SECTORS, unique=True)
    number: Series[int] = _field("Its number in the plan", ge=1, le=10, unique=True)
    name: Series[str] = _field("English name")
    name_zh: Series[str] = _field("Chinese name")
    industries: Series[str] = _text("Industries of value_added that stand in for it, '; ' between them")
    match: Series[str] = _field("How good the match is", isin=["good", "partial", "poor", "none"])
    match_note: Series[str] = _field("What is too much or too little in the match")
    source: Series[str] = _field("Document")
    url: Series[str] = _text("Address")
    verified: Series[str] = _field("Whether the English name was read there", isin=_VERIFIED)
    name_zh_verified: Series[str] = _field("Whether the Chinese name was read there", isin=_VERIFIED)

    @pa.dataframe_check(error="industries are those of value_added, and only match 'none' has none")
    def industries_exist(cls, frame: pd.DataFrame) -> pd.Series:
        """Every industry is one of value_added."""
        known = (
            frame["industries"].fillna("").map(lambda text: set(text.split("; ")) - {""} <= set(_VALUE_ADDED))
        )
        return known.astype(bool) & (frame["industries"].isna() == (frame["match"] == "none"))


class Targets(_Model):
    """Table `targets`."""

    scope: Series[str] = _field(
        "headline indicator of the plan, or sector target", isin=["headline", "sector"]
    )
    sector: Series[str] = _text("Slug of the sector; missing for headline", isin=_SECTORS)
    id: Series[str] = _text("Short name of a headline indicator; missing for sector")
    dimension: Series[str] = _text("Part of the plan's table")
    indicator: Series[str] = _field("What is aimed at")
    indicator_zh: Series[str] = _text("The same in Chinese")
    market: Series[str] = _text("What a sector target is a share or amount of")
    basis: Series[str] = _text("level, change vs 2015, or yearly average")
    year: Series[int] = _year(2013, 2035, "Year of the base value or target")
    value: Series[float] = _number("Value in the row's unit", "by row")
    value_text: Series[str] = _text("The value where it is not a number")
    unit: Series[str] = _text("Unit of value")
    source: Series[str] = _field("Document")
    url: Series[str] = _text("Address")
    verified: Series[str] = _field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = _text("What else to know")


class TargetActuals(_Model):
    """Table `target_actuals`."""

    id: Series[str] = _field("Short name of the indicator, as in targets where it is one of them")
    period: Series[str] = _field("Year, month or span of years")
    year: Series[int] = _year(2012, 2030, "Last year of period")
    value: Series[float] = _number("Value in the row's unit", "by row")
    value_text: Series[str] = _text("The value where it is not a number")
    unit: Series[str] = _field("Unit of value")
    source: Series[str] = _field("Document")
    url: Series[str] = _text("Address")
    verified: Series[str] = _field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = _text("What else to know")


class Benchmarks(_Model):
    """Table `benchmarks`."""

    topic: Series[str] = _field("What it is about")
    item: Series[str] = _field("What is measured")
    period: Series[str] = _field("Year, quarter or span of years")
    year: Series[int] = _year(1990, 2030, "Last year of period")
    value: Series[float] = _number("Value in the row's unit", "by row")
    value_text: Series[str] = _text("The value where it is not a number")
    unit: Series[str] = _text("Unit of value")
    source: Series[str] = _field("Document")
    url: Series[str] = _text("Address")
    verified: Series[str] = _field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = _text("What else to know")
    file: Series[str] = _field("Raw file of the row")

    @pa.dataframe_check(error="a number or a text, not both and not neither")
    def has_a_value(cls, frame: pd.DataFrame) -> pd.Series:
        """Each row has one value."""
        return frame["value"].notna() != frame["value_text"].notna()


#: Table -> its model.
SCHEMAS: dict[str, type[pa.DataFrameModel]] = {
    "value_added": ValueAdded,
    "value_added_panel": ValueAddedPanel,
    "national_accounts": NationalAccounts,
    "world_economy": WorldEconomy,
    "capacity_utilization": CapacityUtilization,
    "sectors": Sectors,
    "targets": Targets,
    "target_actuals": TargetActuals,
    "benchmarks": Benchmarks,
}


def columns(name: str) -> dict[str, dict[str, str]]:
    """Describe the columns of a table: `{column: {"dtype", "description", "unit"}}`, in order."""
    return {
        column: {
            "dtype": "str" if "str" in str(spec.dtype) else str(spec.dtype),  # pandera says string[pyarrow]
            "description": spec.description or "",
            "unit": str((spec.metadata or {}).get("unit", "")),
        }
        for column, spec in SCHEMAS[name].to_schema().columns.items()
    }
