"""World economy: the IMF's World Economic Outlook and series of the World Bank's World Development Indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mic2025lab.errors import SourceError
from mic2025lab.sources.columns import CODES, firsts, flag, measured, text, truth, year
from mic2025lab.sources.reading import codebook, entries, flagged, read
from mic2025lab.sources.table import Raw, Source, columns, source, table

WEO_VINTAGE = "weo-2025-10"
WEO, NOTES = "weo_2025_10_long.csv.gz", "weo_2025_10_methodology_notes.csv.gz"

WEO_SOURCE = source("imf-weo-2025-10")

#: Concept -> indicator, unit, and the scale (power of ten) of the unit.
CONCEPTS = {concept: (name, unit, int(scale)) for concept, (name, unit, scale) in codebook("weo").items()}

#: The source's codes that differ from ours; other groups keep their codes.
WEO_CODES = {"G001": "WLD", "G998": "EU27", "KOS": "XKX", "WBG": "PSE"}

# Concepts without their own last-actual date get the date of GDP.
_GDP = ("NGDPD", "NGDP_R")
_EARLIER = re.compile(r"FY\s*\(\s*t-1\s*/\s*t\s*\)\s*=\s*CY", re.IGNORECASE)
_LATER = re.compile(r"[FS]Y\s*\(\s*t\s*/\s*t\+1\s*\)\s*=\s*CY", re.IGNORECASE)


def last_actual_year(text: str, note: str = "") -> int | None:
    """Read the source's last-actual date as a calendar year of its table.

    A fiscal year ("FY2023/24") is the year that the source's note maps it to: the later one where the note says
    "FY(t-1/t) = CY(t)", the earlier one where it says "FY(t/t+1) = CY(t)" or nothing, so that no forecast passes as actual.

    Examples
    --------
    >>> last_actual_year("2024"), last_actual_year("FY2023/24"), last_actual_year("FY2023/24", "FY(t-1/t) = CY(t)")
    (2024, 2023, 2024)
    """
    if not text:
        return None
    plain = re.fullmatch(r"(?:FY)?(\d{4})(?:/(\d{2}))?", text)
    if plain is None:
        raise SourceError(
            f"{WEO_SOURCE.id}/{WEO}: last_actual {text!r} is neither a year nor a fiscal year such as FY2023/24."
        )
    first = int(plain[1])
    ends_later = plain[2] is not None and _EARLIER.search(note) and not _LATER.search(note)
    return first + 1 if ends_later else first


def _last_actual(frame: pd.DataFrame, notes: pd.DataFrame) -> pd.Series:
    """Give the last actual year of each row.

    In order: the date of the series; that of the economy's GDP; the most frequent one of the vintage for the concept or for
    GDP, which stands in for groups, that have none.
    """
    text = notes.set_index(["ref_area", "concept"])["notes"]
    series = frame.drop_duplicates(["ref_area", "concept"]).set_index(["ref_area", "concept"])
    years = pd.Series(
        [last_actual_year(date, str(text.get(key, ""))) for key, date in series["last_actual"].items()],
        index=series.index,
        dtype="float64",
    )
    wide = years.unstack("concept").reindex(columns=list(CONCEPTS))
    gdp = wide[_GDP[0]].fillna(wide[_GDP[1]])
    usual = wide.mode().iloc[0].fillna(gdp.mode().iloc[0])
    filled = wide.apply(lambda column: column.fillna(gdp)).fillna(usual).stack()  # noqa: PD013
    keys = pd.MultiIndex.from_frame(frame[["ref_area", "concept"]])
    return pd.Series(filled.reindex(keys).to_numpy(), index=frame.index).astype("int64")


def weo(raw: Raw) -> pd.DataFrame:
    """Clean the World Economic Outlook: the concepts of `CONCEPTS`, all economies and groups, 1980-2030.

    Returns
    -------
    pandas.DataFrame
        `economy, year, indicator, value, unit, flag`; flag `forecast` after the last actual year (`last_actual_year`).
    """
    file = read(
        raw,
        WEO_SOURCE,
        file=WEO,
        usecols=["ref_area", "concept", "scale", "last_actual", "year", "value"],
        dtype={"ref_area": "str", "concept": "str", "last_actual": "str"},
        na_values={"value": [""], "scale": [""]},
    )
    frame = file.frame[file.frame["concept"].isin(CONCEPTS)]
    lacking = set(CONCEPTS) - set(frame["concept"])
    file.need(not lacking, f"no rows of {sorted(lacking)}")
    about = entries(frame["concept"], CONCEPTS, "indicator", "unit", "scale")
    odd = frame.loc[frame["scale"] != about["scale"], "concept"]
    file.need(odd.empty, f"an unexpected scale in {sorted(set(odd))}")
    last = _last_actual(frame, read(raw, WEO_SOURCE, file=NOTES).frame)
    economy, flag = frame["ref_area"].replace(WEO_CODES), flagged(frame["year"] > last, "forecast")
    return frame.assign(**about, economy=economy, flag=flag).dropna(subset=["value"])


WDI_VINTAGE, GDP_VINTAGE = "wdi-2026-07", "wdi-gdp-csv"
WDI, GDP = "wdi_indicators_2026-07.csv.gz", "gdp.csv"
FIRST_YEAR = 1980

WDI_SOURCE = source("wdi")

#: Series -> indicator, unit, and the divisor of the source's value.
SERIES = codebook("wdi")


def _world_bank(
    raw: Raw, source: Source, known: Mapping[str, tuple], names: Any, *, file: str = "", series: str = ""
) -> pd.DataFrame:
    """Read `series, iso3, year, value` of a download; name series, units, and economies, and leave out what is missing."""
    table = read(raw, source, file=file, has=names)
    frame = table.frame.assign(series=series) if series else table.frame
    table.within(frame["series"], known)
    about = entries(frame["series"], known, "indicator", "unit", "divisor")
    value = table.numbers("value") / about.pop("divisor").astype("float64")
    made = frame.assign(economy=frame["iso3"].replace("EUU", "EU27"), value=value, flag="", **about)
    return made.dropna(subset=["value"]).astype({"year": "int64"})


def wdi(raw: Raw) -> pd.DataFrame:
    """Clean the sixteen series of July 2026, from 1980: `economy, year, indicator, value, unit, flag`."""
    frame = _world_bank(raw, WDI_SOURCE, SERIES, "indicator=series iso3 year value", file=WDI)
    return frame[frame["year"] >= FIRST_YEAR]


def gdp(raw: Raw) -> pd.DataFrame:
    """Clean gdp.csv, an older vintage of GDP in current USD, from 1980: `economy, year, indicator, value, unit, flag`."""
    names = {"Country Code": "iso3", "Year": "year", "Value": "value"}
    frame = _world_bank(raw, WDI_SOURCE, SERIES, names, file=GDP, series="NY.GDP.MKTP.CD")
    return frame[frame["year"] >= FIRST_YEAR]


MANUFACTURING_SOURCE = source("wdi-manufacturing-va")
_MANUFACTURING = "NV.IND.MANF.CD"
MORE_SOURCE = source("wdi-supplement")
#: Series -> indicator, unit, and the divisor of the source's value.
MORE_SERIES = codebook("wdi_supplement")
_ECONOMY = text("ISO3 code, WLD, EU27, or a group's code in the source", isin=CODES)


@table(MANUFACTURING_SOURCE, key="economy year", unit="billion current USD")
@columns(
    year=year(1960, 2021),
    economy=_ECONOMY,
    aggregate=truth("Whether the row is a group of economies"),
    **measured("Value added, current prices and exchange rates", "billion USD", ge=0),
)
def manufacturing_value_added(raw: Raw) -> pd.DataFrame:
    """Manufacturing value added of all economies, 1960-2021.

    World Bank: value added of manufacturing, current USD, of economies and groups.

    Warnings
    --------
    - Aggregates (aggregate = true: WLD, EU27, groups) are listed with the economies: never sum all rows.
    - Values above 100 billion USD have three digits only (China 2015: 3,200): shares are right within half a point.
    - A download of April 2023, before later revisions: China's share of WLD in 2018 is 27.3% here and 28.2% in benchmarks.
      Japan, the United States, and others may lack the last year.
    """
    known = {_MANUFACTURING: ("", "billion USD", 1e9)}
    names = "iso3 year manufacturing_va_current_usd=value"
    return _world_bank(raw, MANUFACTURING_SOURCE, known, names, series=_MANUFACTURING)


@table(MORE_SOURCE, key="indicator economy year")
@columns(
    year=year(1995, 2025),
    economy=_ECONOMY,
    aggregate=truth("Whether the row is a group of economies"),
    indicator=text("What is measured", isin=firsts(MORE_SERIES)),
    **measured("Value in the row's unit", (unit for _, unit, _ in MORE_SERIES.values())),
)
def wdi_supplement(raw: Raw) -> pd.DataFrame:
    """Foreign direct investment, terms of trade, and scientific articles of all economies, 1995-2024.

    World Bank: net inflows of foreign direct investment (balance of payments), net barter terms of trade, and scientific and
    technical articles.

    Warnings
    --------
    - Aggregates (aggregate = true: WLD, EU27, groups) are listed with the economies: never sum all rows.
    - fdi_inflow is that of the balance of payments (China 2024: 42.6 billion USD), not the use of foreign capital that China's
      Ministry of Commerce reports (2023: 163.3). It may be negative.
    - terms_of_trade starts in 2000 and articles ends in 2023.
    """
    return _world_bank(raw, MORE_SOURCE, MORE_SERIES, "indicator=series iso3 year value")


VINTAGES = (WEO_VINTAGE, WDI_VINTAGE, GDP_VINTAGE)

_INDICATORS = sorted({name for name, *_ in [*CONCEPTS.values(), *SERIES.values()]})
_POSITIVE = ("gdp_usd", "gdp_ppp", "gdp_constant_prices", "population", "merchandise_exports")


@table(WEO_SOURCE, WDI_SOURCE, key="vintage indicator economy year", vintage=WEO_VINTAGE)
@columns(
    vintage=text("Publication and its date", isin=VINTAGES),
    economy=text("ISO3 code, WLD, EU27, or a group's code in the source", isin=CODES),
    aggregate=truth("Whether the row is a group of economies"),
    year=year(1980, 2030),
    indicator=text("What is measured", isin=_INDICATORS),
    **measured("Value in the row's unit"),
    flag=flag("forecast after the source's last-actual date, else empty", "forecast"),
)
def world_economy(raw: Raw) -> pd.DataFrame:
    """GDP, growth, investment, debt, and balances of all economies, 1980-2030, in three vintages.

    IMF World Economic Outlook of October 2025 (weo-2025-10, with forecasts to 2030), sixteen series of the World Development
    Indicators of July 2026 (wdi-2026-07), and an older vintage of GDP in current USD (wdi-gdp-csv).

    Warnings
    --------
    - Aggregates (aggregate = true: WLD, EU27, groups) are listed with the economies: never sum all rows.
    - flag = forecast: after the source's last-actual date of the series; if there is none, of the economy's GDP; for groups,
      which have no dates, the most frequent date of the series. A fiscal year is the year in the source's note, else its first
      year.
    - WEO group G001 is WLD and G998 is EU27, and the WDI's EUU is EU27; the other groups have the source's codes (G110 advanced
      economies, EMU euro area). KOS is XKX (Kosovo), and WBG is PSE.
    - The WEO's China does not include Hong Kong, Macao, and Taiwan. Taiwan is in the WEO, but not in the WDI.
    - gdp_constant_prices is in national currency of a base year that differs by economy: use it for growth only.
    - WDI: medium_high_tech series end in 2022, patents in 2021, and rd_technicians in 2018.

    Notes
    -----
    Stack the World Economic Outlook of October 2025, the WDI of July 2026, and an older vintage of GDP.
    """
    parts = {WEO_VINTAGE: weo, WDI_VINTAGE: wdi, GDP_VINTAGE: gdp}
    return pd.concat([clean(raw).assign(vintage=vintage) for vintage, clean in parts.items()])


@world_economy.check("one unit for each indicator")
def one_unit(frame: pd.DataFrame) -> bool:
    """An indicator has one unit in all vintages."""
    return not frame[["indicator", "unit"]].drop_duplicates().duplicated("indicator").any()


@world_economy.check("GDP and population are positive, and no share is above 200 %")
def plausible(frame: pd.DataFrame) -> pd.Series:
    """Levels are positive, and shares lie in a plausible range."""
    balances = ("gov_", "current_", "saving")
    shares = [name for name in _INDICATORS if name.endswith("_share") and not name.startswith(balances)]
    level, share = frame["indicator"].isin(_POSITIVE), frame["indicator"].isin(shares)
    return (~level | (frame["value"] >= 0)) & (~share | frame["value"].between(-50, 200))


@world_economy.warns
def _findings(table: pd.DataFrame) -> str:
    of_2021 = table[(table["indicator"] == "gdp_usd") & (table["year"] == 2021)]
    gdp = of_2021.set_index(["vintage", "economy"])["value"]
    shares = ", ".join(f"{gdp[name, 'CHN'] / gdp[name, 'WLD'] * 100:.2f} ({name})" for name in VINTAGES)
    return f"Vintages differ: China's share of world GDP in 2021, current USD, % is {shares}. Use one, never several."
