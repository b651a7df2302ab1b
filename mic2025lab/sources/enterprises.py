"""National Bureau of Statistics of China: what industrial enterprises own, owe, sell and earn."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources.columns import flag, number, text, unit, year
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.source import Raw, Source
from mic2025lab.sources.table import table

DATA, PROFITS = "nbs_above_scale_industry_1998_2014.csv", "nbs_profit_by_ownership.csv"
MONEY = "100 million yuan"
#: Column of the file -> indicator and unit.
INDICATORS = {
    "n_firms": ("enterprises", "enterprises"),
    "total_assets_100m_yuan": ("assets", MONEY),
    "total_liabilities": ("liabilities", MONEY),
    "main_revenue": ("revenue", MONEY),
    "total_profit": ("profit", MONEY),
}
#: First year of the threshold of 20 million yuan of revenue, 5 million before.
THRESHOLD = 2011

SOURCE = Source(
    id="nbs-industry",
    producer="National Bureau of Statistics of China (NBS)",
    title="Industrial enterprises above designated size: main indicators, and profits by ownership",
    version="1998-2014, and profits to 2022",
    url="https://www.stats.gov.cn/english/Statisticaldata/yearbook/",
    license="Facts quoted from NBS (source to be named)",
    redistributable="attribution",
    citation=(
        "National Bureau of Statistics of China, China Statistical Yearbook (main indicators of industrial enterprises above designated "
        "size) and statistical communiqués."
    ),
    retrieved="2026-11-24",
    files={
        DATA: "97c74a974c780b7cd3c670e77183c71a04154c829a44d68510e7c21af7831154",
        PROFITS: "71a994e5a26a9617aba759409bdc68de68304fcee136719345c0ce0c3cf210fb",
    },
    made_from={
        DATA: "typed by hand",
        PROFITS: "typed by hand from reposts of NBS releases, named in the column source",
    },
)


@table(
    title="Industrial enterprises of China above designated size: number, assets, debt, revenue, profit, 1998-2014",
    description="Main indicators of industrial enterprises above designated size, as the NBS publishes them, all enterprises together.",
    unit="by row",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1998, 2014),
        "indicator": text("What is measured", isin=[name for name, _ in INDICATORS.values()]),
        "value": number("Value in the row's unit", gt=0),
        "unit": unit(["enterprises", MONEY]),
        "flag": flag(
            "new_threshold from 2011 on, when small enterprises ceased to count, else empty", "new_threshold"
        ),
    },
    key=("indicator", "year"),
    coverage=("year", "indicator", "flag"),
    format="parquet",
    warnings=(
        "The size from which an enterprise counts rose from 5 to 20 million yuan of revenue in 2011: numbers before and after are not alike.",
        "Current yuan; the NBS restates earlier years when it publishes growth, so that growth of these levels is not the published one.",
        "There is no count of enterprises that make a loss in this source.",
    ),
)
def industrial_enterprises(raw: Raw) -> pd.DataFrame:
    """Gather the main indicators of China's industrial enterprises above designated size.

    Rows from 2011 on have the flag `new_threshold`: the revenue from which an enterprise counts rose from 5 to 20 million yuan.
    Profits of later years are in `industrial_profits`.
    """
    file = read(raw, SOURCE, DATA, has=["year", *INDICATORS])
    long = file.frame.melt("year", list(INDICATORS), "column", "text")
    about = pd.DataFrame(INDICATORS, index=["indicator", "unit"]).T
    long = long.astype({"year": "int64"}).assign(value=file.numbers(long["text"]))
    file.need(long["value"].notna().all(), "an empty cell")
    return long.assign(
        indicator=long["column"].map(about["indicator"]),
        unit=long["column"].map(about["unit"]),
        flag=flagged(long["year"] >= THRESHOLD, "new_threshold"),
    )


@industrial_enterprises.check("the threshold rose in 2011")
def threshold(frame: pd.DataFrame) -> pd.Series:
    """The flag says which threshold held."""
    return (frame["year"] >= THRESHOLD) == (frame["flag"] == "new_threshold")


@industrial_enterprises.check("enterprises owe less than they own")
def solvent(frame: pd.DataFrame) -> bool:
    """Liabilities are below assets."""
    wide = frame.pivot(index="year", columns="indicator", values="value")
    return bool((wide["liabilities"].dropna() < wide["assets"].dropna()).all())


@industrial_enterprises.warns
def _findings(frame: pd.DataFrame) -> Sequence[str]:
    years = frame.loc[frame["indicator"] == "revenue", "year"]
    gone = sorted(set(range(years.min(), years.max() + 1)) - set(years))
    return (f"Years that are not there: {', '.join(map(str, gone))}.",)
