"""Motor vehicles: production and sales (OICA), brands in China (CAAM, CPCA), and new cars by month (Open EV Charts; on the user's machine only)."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, economy, flag, measured, text, whole, words, year
from mic2025lab.sources.reading import codebook, codes, flagged, months_of, read
from mic2025lab.sources.table import Raw, coded, columns, source, table

PRODUCTION, SALES = "production_2006_2022.csv", "sales_2005_2023.csv"

SOURCE = source("oica-vehicles")

_MEASURES = {"production": PRODUCTION, "sales": SALES}
#: Producers whose zero commercial vehicles mean that there is no report.
UNREPORTED = ("DEU", "HUN", "ROU", "FIN")
_UNREPORTED = ", ".join(UNREPORTED)


@table(SOURCE, key="measure type economy year")
@columns(
    measure=text("production or sales", isin=_MEASURES),
    year=year(2005, 2023),
    economy=economy("ISO3 code, or ROW for others together", ["ROW"]),
    level=text("economy or rest", isin=["economy", "rest"]),
    type=words("passenger or commercial", {"pv": "passenger", "pc": "passenger", "cv": "commercial"}),
    **measured("Vehicles", "vehicles", missing="not_reported", ge=0),
    flag=flag("not_reported where the source has no figure, or a zero that means so; else empty", "not_reported"),
)  # fmt: skip
def motor_vehicles(raw: Raw) -> pd.DataFrame:
    """Motor vehicles: production by economy, 2006-2022, and sales, 2005-2023.

    Passenger and commercial vehicles produced in 42 economies (ROW: others together) and sold in 142 (58 from 2020).

    Warnings
    --------
    - Compare totals of both types: light trucks are commercial in the United States and passenger vehicles elsewhere.
    - First publications, not revised: production of 2021 is 78.5 million here and 80.2 million in later ones.
    - In 2007-2011 the sum of the economies exceeds OICA's printed world total by 0.3 to 0.95 million (73.27 million in 2007,
      80.06 in 2011), because some cars are assembled twice. In 2022 the sum is the printed total.
    - Sales have fewer economies from 2020: no world total of sales comes from this table.
    - Zero commercial production of {_UNREPORTED} is taken as not reported.

    Notes
    -----
    Stack production and sales; an empty cell and a zero that means no report are missing.
    """
    parts = []
    for measure, path in _MEASURES.items():
        file = read(raw, SOURCE, "year country iso3 type vehicles=value", file=path)
        economy = codes(file.frame["country"].replace("Others", "ROW"))
        parts.append(file.frame.assign(measure=measure, economy=economy, value=file.numbers("value")))
    both = pd.concat(parts, ignore_index=True)
    unreported = (both["type"] == "cv") & both["economy"].isin(UNREPORTED) & (both["value"] == 0)
    value = both["value"].mask(unreported & (both["measure"] == "production"))
    return both.assign(
        value=value,
        level=flagged(both["economy"] == "ROW", "rest", "economy"),
        flag=flagged(value.isna(), "not_reported"),
    )


motor_vehicles.checks.append(coded())


@motor_vehicles.warns
def _findings(frame: pd.DataFrame) -> str:
    made = frame[frame["measure"] == "production"]
    total, china = (part.groupby("year")["value"].sum() for part in (made, made[made["economy"] == "CHN"]))
    told = ", ".join(f"{when} {china[when] / total[when] * 100:.1f}" for when in (2006, 2015, 2022))
    return f"China's share of the production listed, %: {told}."


BRANDS_SOURCE = source("china-car-brand-shares")
_WORLD = "CPCA, China in world vehicle sales"


@table(BRANDS_SOURCE, key="period basis brand_origin", format="csv")
@columns(
    year=year(2014, 2026),
    period=text("Year, month (YYYY-MM), or months (YYYY-MM..MM)"),
    months=whole("Months of the period", ge=1, le=12),
    basis=words("wholesale (CAAM), retail (CPCA) or not_named", codebook("car_brand_bases")),
    brand_origin=text("Origin of the brand", isin=["Chinese", "German", "Japanese", "American", "Korean", "French"]),
    **measured("Share of passenger cars", "%", gt=0, lt=100),
    url=text("Address", str_matches=r"^https?://"),
    verified=text("yes, partial or derived", isin=["yes", "partial", "derived"]),
    note=text("What else to know", missing=True),
)  # fmt: skip
def car_brand_shares(raw: Raw) -> pd.DataFrame:
    """Shares of Chinese and foreign brands in passenger cars, 2014-2026.

    Published shares by origin of the brand, for years and parts of years.

    Warnings
    --------
    - Never join bases: wholesale is of Chinese plants and includes exports, most of them of Chinese brands; retail is sales in
      China.
    - Parts of years differ by season: January is high for Chinese brands.
    - Cars of joint ventures count by brand. American brands include Tesla, made in Shanghai.
    - China's share of the world's vehicle sales, in the same file, is left out: see motor_vehicles.
    """
    columns = "period basis brand_origin share=value unit url verified note"
    file = read(raw, BRANDS_SOURCE, columns)
    file.only("unit", "per cent")
    frame = file.frame[file.frame["basis"] != _WORLD]
    return frame.assign(months=months_of(frame["period"]))


MONTHLY_SOURCE = source("open-ev-charts-china")


@table(MONTHLY_SOURCE, key="cars brand period")
@columns(
    period=text("Month", str_matches=MONTH),
    year=year(2018, 2026),
    cars=text("all or battery_electric", isin=["all", "battery_electric"]),
    brand=text("Brand of battery-electric cars; other for the rest; all for all cars"),
    **measured("Cars registered or sold", "cars", ge=0),
    flag=flag("spread where monthly figures are a yearly figure divided up, else empty", "spread"),
    source_url=text("Address of the source's source", missing=True),
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
    columns = "country period dataset model_or_brand=brand units=value source_url"
    file = read(raw, MONTHLY_SOURCE, columns)
    frame = file.frame[file.frame["country"] == "CN"]
    cars = file.known(frame["dataset"], {"AllCarsTotal": "all", "ElectricCarsByModel": "battery_electric"})
    brand = frame["brand"].str.split("|").str[0].mask(cars == "all", "all")
    cells = frame.assign(cars=cars, brand=brand, value=file.numbers(frame["value"]))
    by_brand = cells.groupby(["period", "cars", "brand"], as_index=False)
    sums = by_brand.agg(value=("value", "sum"), source_url=("source_url", "first"))
    spread = (sums["cars"] == "battery_electric") & sums["period"].between("2018", "2022-12")
    return sums.assign(flag=flagged(spread, "spread"))
