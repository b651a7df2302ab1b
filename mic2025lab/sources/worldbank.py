"""World Bank, World Development Indicators: series of July 2026, an older vintage of GDP, and manufacturing value added."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import CODES as ECONOMY_CODES
from mic2025lab.sources.columns import firsts, measured, text, truth, year
from mic2025lab.sources.reading import RawTable, codebook, entries, read
from mic2025lab.sources.table import Raw, source, table

VINTAGE, GDP_VINTAGE = "wdi-2026-07", "wdi-gdp-csv"
DATA, GDP = "wdi_indicators_2026-07.csv.gz", "gdp.csv"
FIRST_YEAR = 1980

SOURCE = source("wdi")

#: Series -> indicator, unit, and the divisor of the source's value.
SERIES = codebook("wdi")

#: The source's code for the European Union of 27.
CODES = {"EUU": "EU27"}


def _indicators(file: RawTable, frame: pd.DataFrame) -> pd.DataFrame:
    """Name series, units, and economies; `frame` has series, iso3, year, and value."""
    file.within(frame["series"], SERIES)
    frame = frame[(frame["year"] >= FIRST_YEAR) & frame["value"].notna()]
    about = entries(frame["series"], SERIES, "indicator", "unit", "divisor")
    made = frame.assign(
        economy=frame["iso3"].replace(CODES),
        value=frame["value"] / about.pop("divisor").astype("float64"),
        flag="",
        **about,
    )[["economy", "year", "indicator", "value", "unit", "flag"]]
    file.within(made["economy"], ECONOMY_CODES)
    return made


def wdi(raw: Raw) -> pd.DataFrame:
    """Clean the sixteen series of July 2026, from 1980: `economy, year, indicator, value, unit, flag`."""
    types = {"indicator": "str", "iso3": "str"}
    file = read(raw, SOURCE, DATA, dtype=types, na_values={"value": [""]})
    return _indicators(file, file.frame.rename(columns={"indicator": "series"}))


def gdp(raw: Raw) -> pd.DataFrame:
    """Clean gdp.csv, an older vintage of GDP in current USD, from 1980: `economy, year, indicator, value, unit, flag`."""
    names = {"Country Code": "iso3", "Year": "year", "Value": "value"}
    file = read(raw, SOURCE, GDP, has=names, dtype={"Country Code": "str"}, na_values={"Value": [""]})
    return _indicators(file, file.frame.rename(columns=names).assign(series="NY.GDP.MKTP.CD"))


MANUFACTURING, MORE = "nv_ind_manf_cd_1960_2021.csv", "wdi_fdi_tot_articles_1995_2025.csv"
MANUFACTURING_SOURCE = source("wdi-manufacturing-va")
MORE_SOURCE = source("wdi-supplement")
#: Series -> indicator, unit, and the divisor of the source's value.
MORE_SERIES = codebook("wdi_supplement")
_ECONOMY = text("ISO3 code, WLD, EU27, or a group's code in the source", isin=ECONOMY_CODES)


def _codes(file: RawTable) -> pd.DataFrame:
    """Name economies; `aggregate` marks groups."""
    code = file.frame["iso3"].replace(CODES)
    file.within(code, ECONOMY_CODES)
    return file.frame.assign(economy=code, aggregate=code.isin(economies.AGGREGATES)).astype(
        {"year": "int64"}
    )


@table(
    unit="billion current USD",
    inputs=(MANUFACTURING_SOURCE, MANUFACTURING),
    columns={
        "year": year(1960, 2021),
        "economy": _ECONOMY,
        "aggregate": truth("Whether the row is a group of economies"),
        **measured("Value added, current prices and exchange rates", "billion USD", ge=0),
    },
    key=("economy", "year"),
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
    columns = "country iso3 year manufacturing_va_current_usd"
    file = read(raw, MANUFACTURING_SOURCE, MANUFACTURING, columns)
    return _codes(file).assign(value=file.numbers("manufacturing_va_current_usd") / 1e9)


@table(
    unit="by row",
    inputs=(MORE_SOURCE, MORE),
    columns={
        "year": year(1995, 2025),
        "economy": _ECONOMY,
        "aggregate": truth("Whether the row is a group of economies"),
        "indicator": text("What is measured", isin=firsts(MORE_SERIES)),
        **measured("Value in the row's unit", (unit for _, unit, _ in MORE_SERIES.values())),
    },
    key=("indicator", "economy", "year"),
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
    file = read(raw, MORE_SOURCE, MORE, ["indicator", "iso3", "year", "value"])
    file.only("indicator", *MORE_SERIES)
    about = entries(file.frame["indicator"], MORE_SERIES, "indicator", "unit", "divisor")
    return _codes(file).assign(value=file.numbers("value") / about.pop("divisor").astype("float64"), **about)
