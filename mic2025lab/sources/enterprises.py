"""National Bureau of Statistics of China: what industrial enterprises own, owe, sell and earn."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

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
    files=(
        RawFile(
            DATA, "97c74a974c780b7cd3c670e77183c71a04154c829a44d68510e7c21af7831154", url_note="typed by hand"
        ),
        RawFile(
            PROFITS,
            "71a994e5a26a9617aba759409bdc68de68304fcee136719345c0ce0c3cf210fb",
            url_note="typed by hand from reposts of NBS releases, named in the column source",
        ),
    ),
)


def industrial_enterprises(raw: Raw) -> pd.DataFrame:
    """Gather the main indicators of China's industrial enterprises above designated size.

    Rows from 2011 on are flagged `new_threshold`: the size from which an enterprise counts rose from 5 to 20 million yuan of revenue.
    Profits of later years are in `industrial_profits`.

    Returns
    -------
    pandas.DataFrame
        `year, indicator, value, unit, flag`.
    """
    main = clean.read(raw(SOURCE, DATA))
    need({"year", *INDICATORS} <= set(main), SOURCE, DATA, f"columns {list(main)}")
    parts = [
        pd.DataFrame(
            {
                "year": main["year"].astype("int64"),
                "indicator": indicator,
                "value": clean.numbers(main[column], SOURCE, DATA),
                "unit": unit,
            }
        )
        for column, (indicator, unit) in INDICATORS.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    need(table["value"].notna().all(), SOURCE, DATA, "an empty cell")
    table["flag"] = (table["year"] >= THRESHOLD).map({True: "new_threshold", False: ""})
    table = table.sort_values(["indicator", "year"], ignore_index=True)
    return table.astype(dict.fromkeys(["indicator", "unit", "flag"], "str"))


def _findings(frame: pd.DataFrame) -> Sequence[str]:
    years = frame.loc[frame["indicator"] == "revenue", "year"]
    gone = sorted(set(range(years.min(), years.max() + 1)) - set(years))
    return (f"Years that are not there: {', '.join(map(str, gone))}.",)


TABLES = (
    Table(
        name="industrial_enterprises",
        title="Industrial enterprises of China above designated size: number, assets, debt, revenue, profit, 1998-2014",
        description="Main indicators of industrial enterprises above designated size, as the NBS publishes them, all enterprises together.",
        unit="by row",
        build=industrial_enterprises,
        inputs=((SOURCE, (DATA,)),),
        key=("indicator", "year"),
        coverage=("year", "indicator", "flag"),
        format="parquet",
        findings=_findings,
        warnings=(
            "The size from which an enterprise counts rose from 5 to 20 million yuan of revenue in 2011: numbers before and after are not alike.",
            "Current yuan; the NBS restates earlier years when it publishes growth, so that growth of these levels is not the published one.",
            "There is no count of enterprises that make a loss in this source.",
        ),
    ),
)
