"""Monthly growth of China's prices, industrial profits, losses, and exports, from reposts of official releases.

The reposts state no license, so the table is built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, firsts, number, text, unit, year
from mic2025lab.sources.reading import RawTable, entries, read
from mic2025lab.sources.table import Raw, source, table

DATA = "china_monthly_2000_2026.csv"

SOURCE = source("china-monthly-ppi-profits")

SAME, SO_FAR = "% against the same month of the year before", "% against the same months of the year before"
#: Series of the source -> name, unit, and what is subtracted from its value.
SERIES = {
    "cpi_yoy_pct": ("consumer_prices", SAME, 0),
    "ppi_eastmoney_same_month_100": ("producer_prices", SAME, 100),
    "ppi_eastmoney_cumulative_same_period_100": ("producer_prices_year_to_date", SO_FAR, 100),
    "exports_usd_yoy_pct": ("exports", SAME, 0),
    "industrial_profit_ytd_yoy_pct": ("profit_year_to_date", SO_FAR, 0),
    "loss_of_lossmakers_ytd_yoy_pct": ("losses_year_to_date", SO_FAR, 0),
}
#: A second copy of producer prices, worse in two months.
OTHER_COPY = "ppi_yoy_pct"


@table(
    unit="%",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2000, 2026),
        "month": text("Month, YYYY-MM", str_matches=MONTH),
        "indicator": text("What grows", isin=firsts(SERIES)),
        "value": number("Growth", "%"),
        "unit": unit([SAME, SO_FAR]),
    },
    key=("indicator", "month"),
)
def producer_prices_profits(raw: Raw) -> pd.DataFrame:
    """China's prices, industrial profits, losses, and exports: growth by month, 2000-2026.

    Growth against a year before of producer and consumer prices, exports in dollars, and, from January to the month, profits of
    industrial firms and the losses of those that lose.

    Warnings
    --------
    - Profits and losses are cumulative, from January to the month, and have no January. The NBS revises the base: growth is not
      the ratio of two printed levels.
    - losses_year_to_date is the growth of the sum of losses, not of the number of firms (inferred from the title of the chart).
    - producer_prices is Eastmoney's copy, which agrees with the NBS in the two months where the other copy differs (2013-06,
      2019-12); the other copy, which begins in 2002, is left out.
    - Industry as a whole: no branches. Months after 2025 were not checked against a release.

    Notes
    -----
    Clean the monthly growth rates; indices of 100 become percent.
    """
    file = read(raw, SOURCE, DATA, ["series", "month", "value"])
    file.only("series", *SERIES, OTHER_COPY)
    return cleaned(file)


def cleaned(file: RawTable) -> pd.DataFrame:
    """Name series and units, and turn indices of 100 into percent."""
    frame = file.frame.assign(value=file.numbers("value"))[file.frame["series"] != OTHER_COPY]
    frame = frame.assign(**entries(frame["series"], SERIES, "indicator", "unit", "base"))
    return frame.assign(value=(frame["value"] - frame["base"].astype("float64")).round(6))
