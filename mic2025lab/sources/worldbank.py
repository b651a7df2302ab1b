"""World Bank, World Development Indicators: sixteen series of July 2026, and an older vintage of GDP."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import CODES as ECONOMY_CODES
from mic2025lab.sources.reading import RawTable, read
from mic2025lab.sources.source import Raw, Source

VINTAGE, GDP_VINTAGE = "wdi-2026-07", "wdi-gdp-csv"
DATA, GDP = "wdi_indicators_2026-07.csv.gz", "gdp.csv"
FIRST_YEAR = 1980

SOURCE = Source(
    id="wdi",
    producer="World Bank",
    title="World Development Indicators: selected series",
    version="updates of July 2026 and (gdp.csv) earlier, series to 2023",
    url="https://databank.worldbank.org/source/world-development-indicators",
    license="CC-BY-4.0; packaging of gdp.csv ODC-PDDL-1.0",
    redistributable="attribution",
    citation="World Bank, World Development Indicators (updates of July 2026 and earlier).",
    retrieved="2026-11-24",
    files={
        DATA: "1a74f66120c28381d272d4f36be05f5b46a71657caa47e6cba982d4c85273076",
        GDP: "8d84ef6bcaccf740c01c5ed7566aae8f7b149d0e2c20001e441efd3cb5b2fa86",
    },
    made_from={
        DATA: "indicators/<series, lower case>/data.csv of datasets/world-development-indicators (commit 4ebec5a2273f531ba238a34dbe440394dc5a6c4b) "
        "for the 16 series, from 1980, stacked without missing values, gzipped",
        GDP: "a public repository's copy of NY.GDP.MKTP.CD",
    },
    urls={
        GDP: "https://raw.githubusercontent.com/datasets/gdp/822019c80142c162e4ca4eb1a63699ae36075078/data/gdp.csv"
    },
)

#: Series -> indicator, unit, and the divisor of the source's value.
SERIES = {
    "NY.GDP.MKTP.CD": ("gdp_usd", "billion USD", 1e9),
    "NY.GDP.MKTP.KD.ZG": ("gdp_growth", "%", 1),
    "NE.GDI.TOTL.ZS": ("investment_share", "% of GDP", 1),
    "NV.IND.TOTL.ZS": ("industry_share", "% of GDP", 1),
    "NV.MNF.TECH.ZS.UN": ("medium_high_tech_share", "% of manufacturing value added", 1),
    "TX.MNF.TECH.ZS.UN": ("medium_high_tech_export_share", "% of manufactured exports", 1),
    "TX.VAL.TECH.CD": ("high_tech_exports", "billion USD", 1e9),
    "TX.VAL.TECH.MF.ZS": ("high_tech_export_share", "% of manufactured exports", 1),
    "TX.VAL.MRCH.CD.WT": ("merchandise_exports", "billion USD", 1e9),
    "TM.VAL.MRCH.CD.WT": ("merchandise_imports", "billion USD", 1e9),
    "BM.GSR.ROYL.CD": ("ip_payments", "billion USD", 1e9),
    "BX.GSR.ROYL.CD": ("ip_receipts", "billion USD", 1e9),
    "GB.XPD.RSDV.GD.ZS": ("rd_share", "% of GDP", 1),
    "IP.PAT.RESD": ("patents_residents", "applications", 1),
    "IP.PAT.NRES": ("patents_nonresidents", "applications", 1),
    "SP.POP.TECH.RD.P6": ("rd_technicians", "per million persons", 1),
}

#: The source's code for the European Union of 27.
CODES = {"EUU": "EU27"}


def _indicators(file: RawTable, frame: pd.DataFrame) -> pd.DataFrame:
    """Name series, units, and economies; `frame` has series, iso3, year, and value."""
    odd = sorted(set(frame["series"]) - set(SERIES))
    file.need(not odd, f"unknown series {odd}")
    frame = frame[(frame["year"] >= FIRST_YEAR) & frame["value"].notna()]
    names = pd.DataFrame(SERIES, index=["indicator", "unit", "divisor"])
    about = {label: frame["series"].map(row) for label, row in names.iterrows()}
    made = frame.assign(
        economy=frame["iso3"].replace(CODES),
        indicator=about["indicator"],
        value=frame["value"] / about["divisor"].astype("float64"),
        unit=about["unit"],
        flag="",
    )[["economy", "year", "indicator", "value", "unit", "flag"]]
    unknown = sorted(set(made["economy"]) - set(ECONOMY_CODES))
    file.need(not unknown, f"codes without a name in classifications.economies: {unknown}")
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
