"""UN Comtrade by month, collected by an open repository: China's exports of graphite and of the code that contains gallium and germanium.

Redistribution of Comtrade data needs permission, so the table is built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, economy, flag, measured, number, text, year
from mic2025lab.sources.comtrade import weight_or_missing
from mic2025lab.sources.reading import codes, flagged, listed, read
from mic2025lab.sources.table import Raw, source, table

DATA, USD = "deep_dive_hs6_monthly.csv", "USD"
#: HS6 code -> its contents.
PRODUCTS = {
    "250410": "natural graphite, powder or flakes",
    "380110": "artificial graphite",
    "811292": "gallium, germanium, indium, niobium, vanadium, hafnium and others, unwrought",
}
_PRODUCTS = "; ".join(f"{code}: {what}" for code, what in PRODUCTS.items())

SOURCE = source("china-critical-minerals-monthly")


@table(
    unit="current USD; weight in kg",
    inputs=(SOURCE, DATA),
    columns={
        "period": text("Month", str_matches=r"^\d{4}-(0[1-9]|1[0-2])$"),
        "year": year(2017, 2024),
        "exporter": constant("CHN", "ISO3 code"),
        "importer": economy(),
        "product": text("HS 6-digit code", isin=PRODUCTS),
        **measured("Exports, current prices", USD, gt=0),
        "weight": number("Net weight", "kg", missing="missing", gt=0),
        "weight_flag": flag("missing where the source has no weight, else empty", "missing"),
    },
    key=("product", "importer", "period"),
)
def critical_minerals_monthly(raw: Raw) -> pd.DataFrame:
    """China's exports of graphite and of the gallium and germanium code by month and partner, 2017-2024.

    {_PRODUCTS}. 39 named partners.

    Warnings
    --------
    - 811292 is a basket of gallium, germanium, indium, niobium, vanadium, hafnium, and others, and measures none of them. The
      repository's wider group Gallium/Germanium (whole headings, 7 to 50 times too large) is left out.
    - 39 named partners and no row for the world: a sum covers those partners only. Hong Kong and Taiwan are separate partners,
      and much trade may pass through them.
    - A month without a row means no exports or no report. There is only one exporter, so the table has no world shares.

    Notes
    -----
    A weight of 0 kg at a value above zero is missing, with the flag `missing`.
    """
    file = read(raw, SOURCE, DATA, ["period_dt", "partner_name", "hs6", "val", "qty", "uv"])
    file.only("hs6", *PRODUCTS)
    file.matches("period_dt", r"\d{4}-\d{2}-01", "months")
    frame = file.frame.rename(columns={"hs6": "product"})
    value = file.numbers("val")
    weight = weight_or_missing(file.numbers("qty"), value)
    return frame.assign(
        period=frame["period_dt"].str[:7],
        importer=codes(frame["partner_name"]),
        value=value,
        weight=weight,
        weight_flag=flagged(weight.isna(), "missing"),
    )


@critical_minerals_monthly.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    total = table.groupby("product")["value"].sum()
    parts = []
    for product, part in table[table["weight"].isna()].groupby("product"):
        share = part["value"].sum() / total[str(product)] * 100
        parts.append(f"{product!s} {share:.1f}% of the value ({part['year'].min()} to {part['year'].max()})")
    graphite = table[table["product"] == "380110"].groupby("year")[["value", "weight"]].sum()
    price = listed(graphite["value"] / graphite["weight"], ".2f")
    return (
        f"USD per kilogram of 380110: {price}. The weights of 2017 look incomplete.",
        f"Weights are missing for: {'; '.join(parts)}. Sums of weights over those years are too low.",
    )
