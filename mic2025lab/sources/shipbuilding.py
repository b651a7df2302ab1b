"""China's shipbuilding and its share of the world, from annual releases of the ministry and the association of the industry."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, number, text, whole, year
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.table import Raw, source, table

DATA = "shipbuilding_shares_2006_2025.csv"

SOURCE = source("china-shipbuilding-shares")

INDICATORS = ("completions", "new_orders", "order_book")


@table(
    unit="million tonnes; % of the world",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2006, 2025),
        "period": text("Year, or year and last month", str_matches=r"^\d{4}(-\d{2})?$"),
        "months": whole("Months from January that the period has", ge=1, le=12),
        "economy": economy(),
        "indicator": text("completions, new_orders or order_book", isin=INDICATORS),
        "measure": text("dwt, or cgt (inferred where the page does not say so)", isin=["dwt", "cgt"]),
        "value": number("Ships", "million tonnes of the measure", missing=True, gt=0),
        "share": number("Share of the world", "%", gt=0, lt=100),
        "url": text("Address", str_matches=r"^https?://"),
        "verified": text("How the figure was verified"),
    },
    key=("economy", "measure", "indicator", "period"),
    format="csv",
)
def ships(raw: Raw) -> pd.DataFrame:
    """Ships: completions, new orders, and order book of China, and shares of the world, 2006-2025.

    Published figures on China, and South Korea and Japan in 2020, by deadweight (dwt) or compensated gross tonnage (cgt).

    Warnings
    --------
    - All ships, not high-tech ships. Deadweight favors bulk carriers: China's share of completions in 2023 is 50.2% by dwt and
      47.6% by cgt.
    - Periods of nine or ten months (months < 12) are not years: do not join them to annual figures. The order book is a stock.
    - No series: 2007-2012, 2014-2016, and 2018 are missing. The cgt of 2023 is inferred from the page.
    """
    names = "economy period months indicator million share_world_pct measure source_url verified"
    file = read(raw, SOURCE, DATA, names)
    return file.frame.assign(
        economy=codes(file.frame["economy"]),
        measure=file.frame["measure"].replace("cgt (inferred)", "cgt"),
        value=file.numbers("million"),
        share=file.numbers("share_world_pct"),
        url=file.frame["source_url"],
    )
