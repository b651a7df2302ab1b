"""Shares of Chinese and foreign brands in passenger cars sold, from the associations CAAM and CPCA."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import measured, text, whole, year
from mic2025lab.sources.reading import months_of, read
from mic2025lab.sources.table import Raw, source, table

DATA = "brand_origin_shares.csv"

SOURCE = source("china-car-brand-shares")
BASES = {
    "CAAM, passenger cars, wholesale with exports": "wholesale",
    "CPCA, passenger cars, retail in China": "retail",
    "as quoted (no source named)": "not_named",
}
_WORLD = "CPCA, China in world vehicle sales"


@table(
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2014, 2026),
        "period": text("Year, month (YYYY-MM), or months (YYYY-MM..MM)"),
        "months": whole("Months of the period", ge=1, le=12),
        "basis": text("wholesale (CAAM), retail (CPCA) or not_named", isin=BASES.values()),
        "brand_origin": text("Origin of the brand", isin=["Chinese", "German", "Japanese", "American", "Korean", "French"]),
        **measured("Share of passenger cars", "%", gt=0, lt=100),
        "url": text("Address", str_matches=r"^https?://"),
        "verified": text("yes, partial or derived", isin=["yes", "partial", "derived"]),
        "note": text("What else to know", missing=True),
    },
    key=("period", "basis", "brand_origin"),
    format="csv",
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
    columns = ["period", "basis", "brand_origin", "share", "unit", "url", "verified", "note"]
    file = read(raw, SOURCE, DATA, columns)
    file.only("unit", "per cent")
    basis, months = file.known("basis", BASES | {_WORLD: ""}), months_of(file.frame["period"])
    return file.frame.assign(basis=basis, months=months, value=file.numbers("share"))[basis != ""]
