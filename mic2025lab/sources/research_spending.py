"""Gross domestic expenditure on R&D: the OECD's figures and those of the NCSES's Indicators, each an edition."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import CODES, measured, text, truth, year
from mic2025lab.sources.reading import codebook, codes, listed, read
from mic2025lab.sources.table import Raw, columns, source, table

OECD_EDITION, NSF_EDITION = "oecd", "SEI2024"

OECD = source("oecd-gerd")

NSF = source("nsf-kti-spending")

#: Basis of prices -> unit; the two cannot be added or compared.
UNITS = {"current": "million PPP USD", "constant_2015": "million PPP USD of 2015"}
_BASES = {"V": "current", "Q": "constant_2015"}
_PRICES = {"Current PPP dollars": "current", "Constant (2015) PPP dollars": "constant_2015"}
_STATUS_COLUMNS = ("OBS_STATUS", "OBS_STATUS_2", "OBS_STATUS_3", "AUX_OBS_STATUS")
#: What every row of the OECD's file must be: totals in million PPP USD.
_ONLY = {"MEASURE": "G", "SECT_PERF": "_T", "TYPE_COST": "_T"}
_ONLY |= {"UNIT_MEASURE": "USD_PPP", "UNIT_MULT": "6", "FREQ": "A"}


def oecd(raw: Raw) -> pd.DataFrame:
    """Clean the OECD's file: totals at purchasing power parity, in current prices and in those of 2015."""
    names = {*_ONLY, *_STATUS_COLUMNS, "REF_AREA", "PRICE_BASE", "TIME_PERIOD", "OBS_VALUE", "BASE_PER"}
    file = read(raw, OECD, has=names)
    frame = file.frame
    for column, only in _ONLY.items():
        file.only(column, only)
    base = frame.loc[frame["PRICE_BASE"] == "Q", "BASE_PER"]
    file.need(set(base) == {"2015"}, f"prices of other years than 2015: {sorted(set(base))}")
    status = codebook("gerd_status")  # V2 has no word: it is about a breakdown that the file does not have
    words = pd.DataFrame({column: file.known(column, status) for column in _STATUS_COLUMNS})
    return frame.assign(
        edition=OECD_EDITION,
        year=frame["TIME_PERIOD"],
        economy=codes(frame["REF_AREA"]),
        prices=file.known("PRICE_BASE", _BASES),
        value=file.numbers("OBS_VALUE"),
        unit=frame["PRICE_BASE"].map(_BASES).map(UNITS),
        flag=["; ".join(filter(None, row)) for row in words.itertuples(index=False)],
    )


def _nsf(raw: Raw) -> pd.DataFrame:
    """Clean SRD-1. An economy without a figure for 2021 has a year in brackets after its name: the year of its last column."""
    levels = [f"_b_gerd_b_level_{number}" for number in (1, 2, 3)]
    file = read(raw, NSF, has={"time_period", "value", *levels})
    frame = file.frame
    frame = frame[(frame[levels[0]] == "GERD") & frame[levels[1]].isin(_PRICES)].reset_index(drop=True)
    label = frame["time_period"].str.removeprefix("Non-OECD -> ")
    last = label.str.extract(r"\((\d{4})\)$", expand=False)
    name = label.str.replace(r"\s*\(\d{4}\)$", "", regex=True).replace({"Total OECD": "OED"})
    period = frame[levels[2]].str.removesuffix("a")
    file.need(set(period) == {"1990", "2000", "2010", "2021"}, f"years {sorted(set(period))}")
    made = frame.assign(
        edition=NSF_EDITION,
        year=period.mask((period == "2021") & last.notna(), last),
        economy=codes(name),
        prices=file.known(frame[levels[1]], _PRICES),
        value=file.numbers(frame["value"].replace({"NA": ""})) * 1000,
        unit=frame[levels[1]].map(_PRICES).map(UNITS),
        flag="",
    )
    return made[made["value"].notna()]


@table(
    OECD,
    NSF,
    key="edition prices economy year",
    unit="million PPP USD, current or of 2015 by row",
    vintage=OECD_EDITION,
)
@columns(
    edition=text("Publication", isin=[OECD_EDITION, NSF_EDITION]),
    year=year(1981, 2023),
    economy=text("ISO3 code, OED (OECD) or EU27", isin=CODES),
    aggregate=truth("Whether the row is a group of economies"),
    prices=text("current or constant_2015", isin=UNITS),
    **measured("Gross domestic expenditure on R&D at purchasing power parity", UNITS.values(), gt=0),
    flag=text("The source's remarks on the figure, joined by '; ', else empty"),
)
def research_spending(raw: Raw) -> pd.DataFrame:
    """Gross domestic expenditure on R&D (GERD) by economy, in PPP dollars, 1981-2023.

    oecd: yearly totals of 45 economies. SEI2024: 45 economies, the OECD, and the EU-27 in 1990, 2000, 2010, and 2021. All
    spending on research and development within an economy, whoever pays for it.

    Warnings
    --------
    - Each economy and year has two rows: prices current and constant_2015. Choose one (`prices=`): current for shares between
      economies, constant_2015 for growth.
    - PPP dollars give more weight to research wages of poorer economies: China's spending is far lower at market exchange
      rates. The share of GDP is rd_share in world_economy (wdi-2026-07).
    - There is no world total, and reporters change by year: India, Brazil, and others are missing, the last year differs, and
      some report every other year. A sum over economies is not a world total.
    - flag, in words joined by '; ': break (of the series), definition_differs, estimated, provisional, includes_other,
      underestimated, overestimated. China is underestimated to 1999 and has breaks in 2000 and 2009.
    - Totals only, without sectors and types of research. SEI2024 is rounded to 10 million; where the source has a year in
      brackets, that year is in the column year. aggregate marks OED (OECD) and EU27: never add them to members.

    Notes
    -----
    Stack gross domestic expenditure on R&D of the OECD (yearly, 1981-2023) and of the Indicators (four years).

    Each economy and year has a row in current prices and a row in prices of 2015, both at purchasing power parity. `aggregate`
    marks groups.
    """
    return pd.concat([oecd(raw), _nsf(raw)], ignore_index=True)


@research_spending.check("both bases are equal in the base year, 2015")
def equal_in_the_base_year(frame: pd.DataFrame) -> bool:
    """In 2015, prices of 2015 are current prices."""
    base = frame[frame["year"] == 2015].pivot(index=["edition", "economy"], columns="prices", values="value")
    return bool(((base["current"] / base["constant_2015"] - 1).abs() < 0.001).all())


@research_spending.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    china = table[(table["economy"] == "CHN") & (table["prices"] == "current")]
    both = china.set_index(["edition", "year"])["value"] / 1000
    own = table[table["edition"] == OECD_EDITION].groupby("economy")["year"].max()
    last = listed(own.reindex(["CHN", "USA", "JPN", "KOR", "DEU", "TWN"]).dropna(), ".0f")
    return (
        "Vintages differ: China's spending of 2021 in billion current PPP USD is "
        f"{both[OECD_EDITION, 2021]:.1f} ({OECD_EDITION}) and {both[NSF_EDITION, 2021]:.1f} ({NSF_EDITION}). Use one, never both.",
        f"Last year in {OECD_EDITION}: {last}.",
    )
