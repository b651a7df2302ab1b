"""Open EV Charts: new cars in China by month.

The compilation is under the GPL-3.0, which would bind a package that includes it, so the table is built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, flag, measured, text, year
from mic2025lab.sources.reading import RawTable, flagged, read
from mic2025lab.sources.table import Raw, source, table

DATA, UNIT = "open_ev_charts_cn_global_us_de.csv.gz", "cars"

SOURCE = source("open-ev-charts-china")


@table(
    inputs=(SOURCE, DATA),
    columns={
        "period": text("Month", str_matches=MONTH),
        "year": year(2018, 2026),
        "cars": text("all or battery_electric", isin=["all", "battery_electric"]),
        "brand": text("Brand of battery-electric cars; other for the rest; all for all cars"),
        **measured("Cars registered or sold", UNIT, ge=0),
        "flag": flag("spread where monthly figures are a yearly figure divided up, else empty", "spread"),
        "source_url": text("Address of the source's source", missing=True),
    },
    key=("cars", "brand", "period"),
)
def car_sales_china(raw: Raw) -> pd.DataFrame:
    """New cars and battery-electric cars in China by month and brand, 2018 to June 2026.

    Cars registered or sold, compiled from blogs, the CPCA, and the IEA; brands are sums over their best-selling models.

    Warnings
    --------
    - Battery-electric totals of 2018-2022 are the IEA's rounded yearly figures spread over months (flag spread), so they cannot
      be used to check ev_sales.
    - Battery-electric cars only, about 60% of new energy vehicles. Sums of a brand are lower bounds: only the best-selling
      models are named, and other is half of China's sales in 2024.
    - 2026 is incomplete. Later figures come from blogs. China does not include Hong Kong, Macao, and Taiwan.

    Notes
    -----
    Clean China's new cars by month: all, and battery-electric ones by brand.

    The flag `spread` marks battery-electric cars of 2018-2022, whose monthly figures add up to a rounded yearly one.
    """
    columns = ["country", "period", "dataset", "model_or_brand", "units", "source_url"]
    file = read(raw, SOURCE, DATA, columns)
    frame = file.frame[file.frame["country"] == "CN"].reset_index(drop=True)
    RawTable(SOURCE, DATA, frame).matches("period", r"\d{4}-\d{2}", "months")
    kinds = {"AllCarsTotal": "all", "ElectricCarsByModel": "battery_electric"}
    cars = file.known(frame["dataset"], kinds)
    frame = frame.assign(
        year=frame["period"].str[:4].astype("int64"),
        cars=cars,
        brand=frame["model_or_brand"].str.split("|").str[0].mask(cars == "all", "all"),
        value=file.numbers(frame["units"]),
    )
    sums = frame.groupby(["period", "year", "cars", "brand"], as_index=False).agg(
        value=("value", "sum"), source_url=("source_url", "first")
    )
    spread = (sums["cars"] == "battery_electric") & sums["year"].between(2018, 2022)
    return sums.assign(flag=flagged(spread, "spread"), source_url=sums["source_url"])
