"""Models of value added, national accounts and the world economy."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import CODES, Model, calendar_year, field, number
from mic2025lab.sources import imf, nsf, world, worldbank

_VALUE_ADDED = sorted(nsf.INDUSTRIES.values())
_PANEL = sorted({industry for _, industry in nsf.PANEL.values()})
_INDICATORS = sorted({name for name, _, _ in [*imf.CONCEPTS.values(), *worldbank.SERIES.values()]})
_SHARES = [
    name
    for name in _INDICATORS
    if name.endswith("_share") and not name.startswith(("gov_", "current_", "saving"))
]


class ValueAdded(Model):
    """Table `value_added`."""

    year: Series[int] = calendar_year(2002, 2022)
    economy: Series[str] = field("ISO3 code, WLD (75 economies) or EU27", isin=CODES)
    industry: Series[str] = field("Industry; industries nest", isin=_VALUE_ADDED)
    value: Series[float] = field("Value added, current prices and exchange rates", "million USD", gt=0)
    unit: Series[str] = field("Unit of value", eq=nsf.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy", "industry")

    @pa.dataframe_check(error="kti = kti_manufacturing + kti_services, but for rounding")
    def kti_adds_up(cls, frame: pd.DataFrame) -> bool:
        """The KTI industries are the sum of their two halves."""
        wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")
        if not {"kti", "kti_manufacturing", "kti_services"} <= set(wide):
            return False
        return bool(((wide["kti"] - wide["kti_manufacturing"] - wide["kti_services"]).abs() <= 2).all())


class ValueAddedPanel(Model):
    """Table `value_added_panel`."""

    edition: Series[str] = field("Edition of Science and Engineering Indicators", isin=["SEI2020", "SEI2022"])
    year: Series[int] = calendar_year(2002, 2019)
    economy: Series[str] = field(
        "ISO3 code, WLD, EU27 or EU28; a lower-case name for other regions and rests",
        str_matches=r"^[A-Z]{3}$|^EU2[78]$|^[a-z_]+$",
    )
    level: Series[str] = field("What the row is", isin=["world", "region", "economy", "rest"])
    industry: Series[str] = field(
        "Industry; named as in value_added only where the definition is the same", isin=_PANEL
    )
    value: Series[float] = number("Value added, current prices and exchange rates", "million USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=nsf.UNIT)
    flag: Series[str] = field(
        "not_reported where the source has a zero that means so, else empty", isin=["", "not_reported"]
    )

    class Config(Model.Config):
        unique = ("edition", "year", "economy", "industry")

    @pa.dataframe_check(error="a value is missing exactly where the flag is not_reported")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A value is missing only where the flag says so."""
        return frame["value"].isna() == (frame["flag"] == "not_reported")


class NationalAccounts(Model):
    """Table `national_accounts`: names of the Penn World Table."""

    version: Series[str] = field("Version of the Penn World Table", isin=["10.01", "11.0"])
    economy: Series[str] = field("ISO3 code", isin=list(economies.ECONOMIES))
    year: Series[int] = calendar_year(1950, 2023)
    pop: Series[float] = number("Population", "million persons", gt=0)
    emp: Series[float] = number("Persons engaged", "million persons", gt=0)
    avh: Series[float] = number("Average hours worked by a person engaged", "hours a year", gt=500, lt=4000)
    labsh: Series[float] = number(
        "Share of labor compensation in GDP, current national prices", "share", gt=0, lt=1
    )
    xr: Series[float] = number("Exchange rate", "national currency per USD", gt=0)
    labsh_flag: Series[str] = field(
        "How labsh came about", isin=["", "observed", "carried", "extrapolated", "repeated"]
    )
    rgdpe: Series[float] = number("Expenditure-side real GDP at chained PPPs", "million 2017 USD", gt=0)
    rgdpo: Series[float] = number("Output-side real GDP at chained PPPs", "million 2017 USD", gt=0)
    cgdpe: Series[float] = number("Expenditure-side real GDP at current PPPs", "million 2017 USD", gt=0)
    cgdpo: Series[float] = number("Output-side real GDP at current PPPs", "million 2017 USD", gt=0)
    rgdpna: Series[float] = number("Real GDP at constant national prices", "million 2017 USD", gt=0)
    rconna: Series[float] = number("Real consumption at constant national prices", "million 2017 USD", gt=0)
    rdana: Series[float] = number(
        "Real domestic absorption at constant national prices", "million 2017 USD", gt=0
    )
    rnna: Series[float] = number(
        "Capital stock at constant national prices, end of year", "million 2017 USD", gt=0
    )
    rkna: Series[float] = number("Capital services at constant national prices", "index, 2017 = 1", gt=0)
    cn: Series[float] = number("Capital stock at current PPPs", "million 2017 USD", gt=0)
    ck: Series[float] = number("Capital services at current PPPs", "index, USA = 1", gt=0)
    hc: Series[float] = number(
        "Human capital a person, from schooling and returns to it", "index", ge=1, lt=6
    )
    ctfp: Series[float] = number("Total factor productivity at current PPPs", "index, USA = 1", gt=0)
    cwtfp: Series[float] = number(
        "Welfare-relevant total factor productivity at current PPPs", "index, USA = 1", gt=0
    )
    rtfpna: Series[float] = number(
        "Total factor productivity at constant national prices", "index, 2017 = 1", gt=0
    )
    rwtfpna: Series[float] = number(
        "Welfare-relevant total factor productivity at constant national prices", "index, 2017 = 1", gt=0
    )
    irr: Series[float] = number("Real internal rate of return", "share a year")
    delta: Series[float] = number(
        "Average depreciation rate of the capital stock", "share a year", gt=0, lt=0.3
    )
    csh_c: Series[float] = number("Household consumption, share of cgdpo", "share")
    csh_i: Series[float] = number("Gross capital formation, share of cgdpo", "share")
    csh_g: Series[float] = number("Government consumption, share of cgdpo", "share")
    csh_x: Series[float] = number("Merchandise exports, share of cgdpo", "share")
    csh_m: Series[float] = number("Merchandise imports (negative), share of cgdpo", "share")
    pl_gdpo: Series[float] = number("Price level of cgdpo, PPP over exchange rate", "USA GDPo 2017 = 1")
    pl_c: Series[float] = number("Price level of household consumption", "USA GDPo 2017 = 1", gt=0)
    pl_i: Series[float] = number("Price level of capital formation", "USA GDPo 2017 = 1", gt=0)
    pl_n: Series[float] = number("Price level of the capital stock", "USA 2017 = 1", gt=0)
    pl_k: Series[float] = number("Price level of capital services", "USA = 1", gt=0)
    statcap: Series[float] = number(
        "World Bank indicator of statistical capacity", "points of 100", ge=0, le=100
    )
    hc_flag: Series[str] = field("source, or constructed from yr_sch", isin=["", "source", "constructed"])
    v_gdp: Series[float] = number("GDP, current prices", "million national currency", gt=0)
    q_gdp: Series[float] = number("GDP, constant 2021 prices", "million national currency", gt=0)
    v_c: Series[float] = number("Household consumption, current prices", "million national currency")
    q_c: Series[float] = number("Household consumption, constant 2021 prices", "million national currency")
    v_i: Series[float] = number("Gross capital formation, current prices", "million national currency")
    q_i: Series[float] = number("Gross capital formation, constant 2021 prices", "million national currency")
    v_gfcf: Series[float] = number(
        "Gross fixed capital formation, current prices", "million national currency"
    )
    q_gfcf: Series[float] = number(
        "Gross fixed capital formation, constant 2021 prices", "million national currency"
    )
    yr_sch: Series[float] = number("Average years of schooling, 15 to 64", "years", ge=0, lt=20)
    gdp_usd: Series[float] = number("GDP, current prices at the exchange rate (derived)", "million USD", gt=0)
    investment_usd: Series[float] = number(
        "Gross capital formation, current prices at the exchange rate (derived)", "million USD"
    )
    rnna_constructed: Series[float] = number(
        "rnna of 10.01 to 2019, extended by perpetual inventory", "million 2017 USD", gt=0
    )
    rnna_constructed_low: Series[float] = number(
        "The same, depreciation one percentage point higher", "million 2017 USD", gt=0
    )
    rnna_constructed_high: Series[float] = number(
        "The same, depreciation one percentage point lower", "million 2017 USD", gt=0
    )
    capital_flag: Series[str] = field(
        "source, or constructed (after 2019 in 11.0)", isin=["", "source", "constructed"]
    )

    class Config(Model.Config):
        unique = ("version", "economy", "year")

    @pa.dataframe_check(error="low <= constructed <= high")
    def band_holds(cls, frame: pd.DataFrame) -> pd.Series:
        """The band holds the estimate."""
        low, mid, high = (frame[f"rnna_constructed{end}"] for end in ("_low", "", "_high"))
        return mid.isna() | ((low <= mid) & (mid <= high))


class WorldEconomy(Model):
    """Table `world_economy`."""

    vintage: Series[str] = field("Publication and its date", isin=list(world.VINTAGES))
    economy: Series[str] = field("ISO3 code, WLD, EU27, or a group's code in the source", isin=CODES)
    aggregate: Series[bool] = field("Whether the row is a group of economies")
    year: Series[int] = calendar_year(1980, 2030)
    indicator: Series[str] = field("What is measured", isin=_INDICATORS)
    value: Series[float] = field("Value in the row's unit", "by row")
    unit: Series[str] = field("Unit of value")
    flag: Series[str] = field(
        "forecast after the source's last-actual date, else empty", isin=["", "forecast"]
    )

    class Config(Model.Config):
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
