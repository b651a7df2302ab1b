"""Fortune Global 500 and Forbes Global 2000: the largest firms, added up by economy; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, firsts, flag, measured, text, year
from mic2025lab.sources.reading import RawTable, codes, entries, flagged, read
from mic2025lab.sources.table import Raw, source, table

DATA = "firms_by_economy.csv"

SOURCE = source("fortune-forbes")

LISTS = {"Fortune Global 500": "fortune-500", "Forbes Global 2000": "forbes-2000"}
EDITIONS = ("forbes-2000-2022", "forbes-2000-2025", "fortune-500-2019")
#: Column of the source -> indicator and unit.
INDICATORS = {
    "firms": ("firms", "firms"),
    "revenue_musd": ("revenue", "million USD"),
    "profit_musd": ("profit", "million USD"),
}
#: The code of a firm that the list assigns to two economies.
TWO_ECONOMIES = "GBR+NLD"


@table(
    unit="by row",
    inputs=(SOURCE, DATA),
    columns={
        "edition": text("List and edition", isin=EDITIONS),
        "year": year(2019, 2025, "Year of the edition; the accounts are of the year before"),
        "economy": economy("ISO3 code, or GBR+NLD where the list names both", [TWO_ECONOMIES]),
        "indicator": text("What is counted", isin=firsts(INDICATORS)),
        **measured("Value in the row's unit", ["firms", "million USD"]),
        "flag": flag("with_HKG, two_economies, else empty", "with_HKG", "two_economies"),
    },
    key=("edition", "indicator", "economy"),
    vintage=("edition", "forbes-2000-2025"),
)
def world_ranking_firms(raw: Raw) -> pd.DataFrame:
    """Firms among the world's largest by economy: Fortune Global 500 (2019), Forbes Global 2000 (2022, 2025).

    Number, revenue, and profit of the listed firms, added up by the economy that the list names; no firm is named.

    Warnings
    --------
    - Two concepts: Fortune ranks by revenue and includes unlisted firms; Forbes ranks listed firms by four criteria. Never
      combine them in one series: 2022 and 2025 can be compared with each other, 2019 with neither.
    - Fortune includes Hong Kong in China (flag with_HKG, 7 firms); Forbes lists it separately, so compare Fortune with CHN +
      HKG in Forbes. Taiwan is separate in both: the often-quoted "China 129" of 2019 is 119 firms of China and 10 of Taiwan.
    - The edition is the year after the accounts.
    - Forbes 2022 has 1,999 firms (one line was garbled) and 584 firms of the United States; the magazine says 590.
    - GBR+NLD (flag two_economies) is one firm that Fortune assigns to both economies.

    Notes
    -----
    `year` is the edition's. The flag is with_HKG where China includes Hong Kong, and two_economies where the list names two
    for a firm.
    """
    names = ["list", "edition", "economy", "iso3", *INDICATORS, "firms_without_profit"]
    file = read(raw, SOURCE, DATA, names)
    file.only("firms_without_profit", "0")
    lists = file.known("list", LISTS)
    frame = file.frame.assign(year=file.frame["edition"], edition=lists + "-" + file.frame["edition"])
    RawTable(SOURCE, DATA, frame).only("edition", *EDITIONS)
    two = frame["economy"] == "Britain/Neth."
    with_hkg = (frame["iso3"] == "CHN") & (lists == "fortune-500")
    frame["flag"] = flagged(two, "two_economies").mask(with_hkg, "with_HKG")
    label = frame["iso3"].where(frame["iso3"] != "", frame["economy"])
    frame.loc[~two, "economy"] = codes(label[~two])
    frame.loc[two, "economy"] = TWO_ECONOMIES
    long = frame.melt(["edition", "year", "economy", "flag"], list(INDICATORS), "column", "text")
    about = entries(long["column"], INDICATORS, "indicator", "unit")
    return long.assign(value=file.numbers(long["text"]), **about)


@world_ranking_firms.check("firms and revenue are above zero")
def counted(frame: pd.DataFrame) -> pd.Series:
    """Only profits may be negative."""
    return (frame["value"] > 0) | (frame["indicator"] == "profit")


@world_ranking_firms.check("Hong Kong has its own row only where China does not include it")
def hong_kong_once(frame: pd.DataFrame) -> bool:
    """Hong Kong is not counted twice."""
    inside = set(frame.loc[frame["flag"] == "with_HKG", "edition"])
    return not inside & set(frame.loc[frame["economy"] == "HKG", "edition"])


@world_ranking_firms.warns
def _findings(table: pd.DataFrame) -> str:
    wide = table.pivot(index=["edition", "economy"], columns="indicator", values="value")
    said = []
    for edition, part in wide.groupby("edition"):
        total, china = part.sum(), part.xs("CHN", level="economy").iloc[0]
        margin = china["profit"] / china["revenue"] * 100
        world = total["profit"] / total["revenue"] * 100
        said.append(
            f"{edition}: {total['firms']:.0f} firms, {total['revenue'] / 1e6:.1f} trillion USD of revenue; China {china['firms']:.0f} firms, "
            f"{china['revenue'] / 1e6:.1f} trillion, profit {margin:.1f}% of revenue ({world:.1f}% for all firms)"
        )
    return "; ".join(said) + "."
