"""Open EV Charts: new cars in China by month.

The compilation is under the GPL-3.0, which would bind a package that carries it: the table is built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

DATA, UNIT = "open_ev_charts_cn_global_us_de.csv.gz", "cars"

SOURCE = Source(
    id="open-ev-charts-china",
    producer="Open EV Charts (S. Krauter)",
    title="New cars and battery-electric cars by month and model",
    version="to June 2026",
    url="https://open-ev-charts.org/",
    license="GPL-3.0, Copyright 2019-2025 Simon Krauter: may be passed on under the GPL, which a BSD package is not",
    redistributable="unclear",
    citation="Krauter, S. (2019-2025), Open EV Charts, https://open-ev-charts.org/; source of each figure in source_url.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "57151acfeab9159c5a12813dc577b864db44dfdaf3991c5235d8585a10a80113",
            url_note="data/data-CN.js and three more of simonkrauter/Open-EV-Charts (commit 6ae1b0fc1bff3191b1f4c09ff2a3bbad249234b6), read out",
        ),
    ),
)


def car_sales_china(raw: Raw) -> pd.DataFrame:
    """Clean China's new cars by month: all, and battery-electric ones by brand.

    Returns
    -------
    pandas.DataFrame
        `period, year, cars, brand, value, unit, flag, source_url`; cars is all or battery_electric; flag `spread` for the months
        of 2018-2022 of battery-electric cars, whose sum is a rounded yearly figure.
    """
    frame = clean.read(raw(SOURCE, DATA))
    clean.expect(
        frame, ["country", "period", "dataset", "model_or_brand", "units", "source_url"], SOURCE, DATA
    )
    frame = frame[frame["country"] == "CN"].reset_index(drop=True)
    odd = frame.loc[~frame["period"].str.fullmatch(r"\d{4}-\d{2}"), "period"].tolist()
    need(not odd, SOURCE, DATA, f"periods that are no months: {odd[:5]}")
    kinds = {"AllCarsTotal": "all", "ElectricCarsByModel": "battery_electric"}
    frame["cars"] = clean.known(frame["dataset"], kinds, SOURCE, DATA)
    frame["brand"] = frame["model_or_brand"].str.split("|").str[0].mask(frame["cars"] == "all", "all")
    frame["year"] = frame["period"].str[:4].astype("int64")
    frame["value"] = clean.numbers(frame["units"], SOURCE, DATA)
    keys = ["period", "year", "cars", "brand"]
    table = frame.groupby(keys, as_index=False).agg(
        value=("value", "sum"), source_url=("source_url", "first")
    )
    spread = (table["cars"] == "battery_electric") & table["year"].between(2018, 2022)
    table["flag"] = spread.map({True: "spread", False: ""})
    columns = [*keys, "value", "unit", "flag", "source_url"]
    table = table.assign(unit=UNIT)[columns].sort_values(["cars", "brand", "period"], ignore_index=True)
    table["source_url"] = table["source_url"].mask(table["source_url"] == "")
    return table.astype({name: "str" for name in columns if name not in ("year", "value")})


TABLES = (
    Table(
        name="car_sales_china",
        title="New cars and battery-electric cars in China by month and brand, 2018 to June 2026",
        description="Cars registered or sold, compiled from blogs, the CPCA and the IEA; brands are sums over their best-selling models.",
        unit="cars",
        build=car_sales_china,
        inputs=((SOURCE, (DATA,)),),
        key=("period", "cars", "brand"),
        coverage=("year", "period", "cars"),
        format="parquet",
        warnings=(
            "Totals of battery-electric cars of 2018-2022 are the IEA's rounded yearly figures spread over months (flag spread): no check of "
            "ev_sales.",
            "Battery-electric only, about 60 % of new energy vehicles. Sums of a brand are floors: only the best-selling models are named, and "
            "other is half of China in 2024.",
            "2026 is a part of a year. Later figures come from blogs. China is without Hong Kong, Macao and Taiwan.",
        ),
    ),
)
