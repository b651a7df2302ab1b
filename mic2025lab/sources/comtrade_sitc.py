"""UN Comtrade by division of the SITC: China with ten partners, and the world's exporters in nine divisions.

Redistribution of Comtrade data needs permission, so the table is built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import comtrade
from mic2025lab.sources.columns import constant, economy, flag, measured, text, year
from mic2025lab.sources.reading import codes, flagged, listed, read
from mic2025lab.sources.table import Raw, need, source, table

USD, REVISION = "USD", "SITC4"
FIRST_YEAR, LAST_YEAR = 2010, 2018
YEARS = LAST_YEAR - FIRST_YEAR + 1
CHANGING = "not_every_year"

SOURCE = source("comtrade-sitc2-2010-2018")
FILES = tuple(SOURCE.files)

FLOWS = {"Import": "import", "Export": "export"}


def _read(raw: Raw, path: str) -> pd.DataFrame:
    file = read(raw, SOURCE, path, has=[*comtrade.RECORD, "Partner ISO"])
    file.only("Classification", "S4")
    file.matches("Commodity Code", r"\d{2}", "two digits")
    return (
        comtrade.record(file, FLOWS)
        .assign(partner=codes(file.frame["Partner ISO"]))
        .astype({"year": "int64"})
    )


@table(
    unit="current USD",
    inputs=(SOURCE, *FILES),
    columns={
        "year": year(FIRST_YEAR, LAST_YEAR),
        "economy": economy("ISO3 code of the reporter"),
        "partner": economy("ISO3 code, or WLD", ["WLD"]),
        "flow": text("export or import", isin=FLOWS.values()),
        "product": text("Division of the SITC, two digits", str_matches=r"^\d{2}$"),
        "sitc": constant(REVISION, "Revision of the SITC"),
        **measured("Trade, current prices", USD, gt=0),
        "flag": flag(
            "not_every_year where the reporter has the flow in only some years, else empty", CHANGING
        ),
    },
    key=("partner", "product", "flow", "economy", "year"),
)
def sitc_divisions_trade(raw: Raw) -> pd.DataFrame:
    """China's trade with ten partners by SITC division, and the world's exports of nine divisions, 2010-2018.

    Rows with a partner other than WLD: exports and imports reported by China in 66 divisions of SITC Rev. 4, with Australia,
    France, Germany, Hong Kong, India, Japan, Korea, Russia, the United States, and Vietnam. Rows with partner WLD: exports of
    every reporter in the divisions 28 (ores, scrap), 33 (petroleum), 75 (office machines), 76 (telecommunications), 77
    (electrical machinery), 78 (road vehicles), 84 (apparel), 87 (instruments), and 89 (miscellaneous).

    Warnings
    --------
    - There is no world total. A sum over reporters changes with the reporters of each year, and 2018 has the fewest of the late
      years. Sum over flag == '' for a series from 2010 to 2018 with constant reporters; it leaves out the Emirates, Kuwait,
      Iraq, Iran, Oman, Qatar, Nigeria, Bangladesh, and others.
    - Imports are CIF, exports FOB. Re-exports are not separate: trade through Hong Kong is counted twice in world exports, and
      not all of China's exports to Hong Kong stay there.
    - Taiwan is an exporter, "Other Asia, nes" (TWN), although the compilation's note says otherwise. It is not a partner of
      China here. Hong Kong is both a partner and a reporter.
    - The ten partners do not add up to China's trade. A division without a row means no trade or no report.

    Notes
    -----
    Clean China's trade with ten partners in 66 divisions of the SITC, and all reporters' exports of nine, 2010-2018.

    A division that a reporter does not report for a partner and flow has no row. The flag `not_every_year` marks flows that
    exist in only some of the nine years; sums over rows without it have the same reporters in every year. `economy` is the
    reporter.
    """
    stacked = pd.concat([_read(raw, path) for path in FILES], ignore_index=True)
    complete = set(stacked["year"]) == set(range(FIRST_YEAR, LAST_YEAR + 1))
    need(complete, SOURCE, "*", f"years {sorted(set(stacked['year']))}")
    years = stacked.groupby(["economy", "partner", "flow", "product"])["year"].transform("nunique")
    return stacked.assign(flag=flagged(years < YEARS, CHANGING))


@sitc_divisions_trade.check("only China has partners, and the world has exports only")
def two_parts(frame: pd.DataFrame) -> pd.Series:
    """China has partners; every other reporter has the world."""
    world = frame["partner"] == "WLD"
    return (world & (frame["flow"] == "export")) | (~world & (frame["economy"] == "CHN"))


@sitc_divisions_trade.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    world = table[table["partner"] == "WLD"]
    constant, total = (
        part.groupby(["product", "year"])["value"].sum() for part in (world[world["flag"] == ""], world)
    )
    share = (constant / total * 100).groupby("product").agg(["min", "max"])
    told = ", ".join(f"{product} {low:.1f} to {high:.1f}" for product, low, high in share.itertuples())
    return (
        f"Reporters of exports to the world by year: {listed(world.groupby('year')['economy'].nunique())}. "
        "No two years have the same reporters in their totals over all rows.",
        f"Share of reporters of every year in the totals of 2010 to 2018, %, lowest and highest by division: {told}. Totals of two years "
        "compare only where it hardly moves; sum over flag == '' elsewhere.",
    )
