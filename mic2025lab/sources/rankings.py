"""Fortune Global 500 and Forbes Global 2000, added up by economy: the largest firms; for the user's machine only."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

DATA = "firms_by_economy.csv"

SOURCE = Source(
    id="fortune-forbes",
    producer="Fortune; Forbes",
    title="Fortune Global 500 of 2019 and Forbes Global 2000 of 2022 and 2025, added up by economy",
    version="editions of 2019 (Fortune), 2022 and 2025 (Forbes)",
    url="https://fortune.com/global500/2019/",
    license="Lists proprietary; only sums by economy are kept; repositories state no license",
    redistributable="unclear",
    citation="Fortune Global 500 (2019) and Forbes Global 2000 (2022, 2025), via the repositories named.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "13e66c96fcb8abf650cc294201491b6d1bc1d3c161e6bee8d0198d41906c26d8",
            url_note="firms counted and added by economy from mslitao/Fortune-Global-500 (commit a0efb5c01c031e04850c93c4c30655ad0cf591c1), "
            "Maulik122/Project-on-Forbes-Global-2000 (9b6c2b24b943cd077ae32d2045a6ed3c1fd833b4) and "
            "PreciousEbirim51/ANALYSIS-OF-FORBES-2025-GLOBAL-2000 (bfdac135d184cbed772b4c3a6c74523138389194)",
        ),
    ),
)

LISTS = {"Fortune Global 500": "fortune-500", "Forbes Global 2000": "forbes-2000"}
EDITIONS = ("forbes-2000-2022", "forbes-2000-2025", "fortune-500-2019")
#: Column of the source -> indicator and unit.
INDICATORS = {
    "firms": ("firms", "firms"),
    "revenue_musd": ("revenue", "million USD"),
    "profit_musd": ("profit", "million USD"),
}
#: The code of what the list gives to two economies at once.
TWO_ECONOMIES = "GBR+NLD"


def world_ranking_firms(raw: Raw) -> pd.DataFrame:
    """Clean the number, revenue and profit of the firms in three lists of the world's largest, by economy.

    Returns
    -------
    pandas.DataFrame
        `edition, year, economy, indicator, value, unit, flag`; year is the edition's; flag with_HKG where Hong Kong is inside
        China, two_economies where the list names two for a firm.
    """
    frame = clean.read(raw(SOURCE, DATA))
    names = ["list", "edition", "economy", "iso3", *INDICATORS, "firms_without_profit"]
    clean.expect(frame, names, SOURCE, DATA)
    need(set(frame["firms_without_profit"]) == {"0"}, SOURCE, DATA, "sums of profit that lack firms")
    frame["list"] = clean.known(frame["list"], LISTS, SOURCE, DATA)
    frame["year"] = frame["edition"].astype("int64")
    frame["edition"] = frame["list"] + "-" + frame["edition"]
    odd = sorted(set(frame["edition"]) ^ set(EDITIONS))
    need(not odd, SOURCE, DATA, f"editions other than {EDITIONS}: {odd}")
    two = frame["economy"] == "Britain/Neth."
    with_hkg = (frame["iso3"] == "CHN") & (frame["list"] == "fortune-500")
    frame["flag"] = ""
    frame["flag"] = frame["flag"].mask(two, "two_economies").mask(with_hkg, "with_HKG")
    label = frame["iso3"].where(frame["iso3"] != "", frame["economy"])
    frame.loc[~two, "economy"] = clean.codes(label[~two])
    frame.loc[two, "economy"] = TWO_ECONOMIES
    keys = ["edition", "year", "economy", "flag"]
    long = frame.melt(keys, list(INDICATORS), var_name="column", value_name="text")
    long["indicator"] = long["column"].map({column: name for column, (name, _) in INDICATORS.items()})
    long["unit"] = long["column"].map({column: unit for column, (_, unit) in INDICATORS.items()})
    long["value"] = clean.numbers(long["text"], SOURCE, DATA)
    columns = ["edition", "year", "economy", "indicator", "value", "unit", "flag"]
    table = long[columns].sort_values(["edition", "indicator", "economy"], ignore_index=True)
    return table.astype({name: "str" for name in columns if name not in ("year", "value")})


def _findings(table: pd.DataFrame) -> Sequence[str]:
    wide = table.pivot(index=["edition", "economy"], columns="indicator", values="value")
    said = []
    for edition, part in wide.groupby("edition"):
        total, china = part.sum(), part.xs("CHN", level="economy").iloc[0]
        margin = china["profit"] / china["revenue"] * 100
        world = total["profit"] / total["revenue"] * 100
        said.append(
            f"{edition}: {total['firms']:.0f} firms, {total['revenue'] / 1e6:.1f} trillion USD of revenue; China {china['firms']:.0f} firms, "
            f"{china['revenue'] / 1e6:.1f} trillion, profit {margin:.1f} % of revenue against {world:.1f} % of all"
        )
    return ("; ".join(said) + ".",)


TABLES = (
    Table(
        name="world_ranking_firms",
        title="Firms among the world's largest by economy: Fortune Global 500 (2019), Forbes Global 2000 (2022, 2025)",
        description="Number, revenue and profit of the listed firms, added up by the economy that the list names; no firm is named.",
        unit="by row",
        build=world_ranking_firms,
        inputs=((SOURCE, (DATA,)),),
        key=("edition", "economy", "indicator"),
        coverage=("year", "edition", "indicator"),
        format="parquet",
        vintage_column="edition",
        vintages=EDITIONS,
        default_vintage="forbes-2000-2025",
        findings=_findings,
        warnings=(
            "Two concepts: Fortune ranks by revenue and takes unlisted firms, Forbes by four criteria and takes listed firms only. Never put "
            "them in one series: 2022 and 2025 can be compared with each other, 2019 with neither.",
            "Hong Kong is inside China in Fortune (flag with_HKG, 7 firms) and apart in Forbes: ask Forbes for CHN + HKG before setting it "
            'beside Fortune. Taiwan is apart in both: the often quoted "China 129" of 2019 is 119 and 10 of Taiwan.',
            "The edition is the year after the accounts.",
            "Forbes 2022 has 1,999 firms (one line was garbled) and 584 of the United States where the magazine says 590.",
            "GBR+NLD (flag two_economies) is one firm that Fortune gives to both.",
        ),
    ),
)
