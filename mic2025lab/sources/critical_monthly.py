"""UN Comtrade by month, collected by an open repository: China's exports of graphite and of the code that holds gallium and germanium.

The terms of Comtrade ask for permission to pass data on: the table is built on the user's machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

DATA, USD = "deep_dive_hs6_monthly.csv", "USD"
#: HS6 code -> what it holds.
PRODUCTS = {
    "250410": "natural graphite, powder or flakes",
    "380110": "artificial graphite",
    "811292": "gallium, germanium, indium, niobium, vanadium, hafnium and others, unwrought",
}

SOURCE = Source(
    id="china-critical-minerals-monthly",
    producer="United Nations",
    title="UN Comtrade, monthly: China's exports of critical minerals by partner",
    version="2017-01 to 2024-12, collected by an open repository",
    url="https://comtradeplus.un.org/",
    license="UN Comtrade terms: re-dissemination needs permission (from knowledge); repository states no license",
    redistributable="unclear",
    citation="United Nations, UN Comtrade Database, via qennis/ChinaCriticalMineralComtrade.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "dc86066e942106447328a3fb233dd5b984c63c641ae5f7ced01ce96446a9471f",
            url="https://raw.githubusercontent.com/qennis/ChinaCriticalMineralComtrade/44040f49dab67c29fd358d004b54ccb58fc14dbd/"
            "data_output/tables/deep_dive_hs6_monthly.csv",
            url_note="a public repository's own table",
        ),
    ),
)


def critical_minerals_monthly(raw: Raw) -> pd.DataFrame:
    """Clean China's exports of two codes of graphite and of HS 811292 by month and partner, 2017-2024.

    A weight of no kilograms at a value above zero is missing, with the flag `missing`.

    Returns
    -------
    pandas.DataFrame
        `period, year, exporter, importer, product, value, unit, weight, weight_flag`; value in current USD, weight in kg.
    """
    frame = clean.read(raw(SOURCE, DATA))
    clean.expect(frame, ["period_dt", "partner_name", "hs6", "val", "qty", "uv"], SOURCE, DATA)
    odd = sorted(set(frame["hs6"]) ^ set(PRODUCTS))
    need(not odd, SOURCE, DATA, f"products other than expected: {odd}")
    months = frame["period_dt"].str.fullmatch(r"\d{4}-\d{2}-01")
    need(
        bool(months.all()),
        SOURCE,
        DATA,
        f"periods that are no months: {frame.loc[~months, 'period_dt'].tolist()[:5]}",
    )
    frame["period"] = frame["period_dt"].str[:7]
    frame["year"] = frame["period"].str[:4].astype("int64")
    frame["importer"] = clean.codes(frame["partner_name"])
    frame["value"] = clean.numbers(frame["val"], SOURCE, DATA)
    weight = clean.numbers(frame["qty"], SOURCE, DATA)
    frame["weight"] = weight.mask((weight == 0) & (frame["value"] > 0))
    frame["weight_flag"] = frame["weight"].isna().map({True: "missing", False: ""})
    frame = frame.rename(columns={"hs6": "product"}).assign(exporter="CHN", unit=USD)
    columns = ["period", "year", "exporter", "importer", "product", "value", "unit", "weight", "weight_flag"]
    table = frame[columns].sort_values(["product", "importer", "period"], ignore_index=True)
    return table.astype({name: "str" for name in columns if name not in ("year", "value", "weight")})


def _findings(table: pd.DataFrame) -> Sequence[str]:
    total = table.groupby("product")["value"].sum()
    parts = []
    for product, part in table[table["weight"].isna()].groupby("product"):
        share = part["value"].sum() / total[str(product)] * 100
        parts.append(f"{product!s} {share:.1f} % of the value ({part['year'].min()} to {part['year'].max()})")
    graphite = table[table["product"] == "380110"].groupby("year")[["value", "weight"]].sum()
    price = ", ".join(f"{year!s} {row:.2f}" for year, row in (graphite["value"] / graphite["weight"]).items())
    return (
        f"USD a kilogram of 380110: {price}. 2017 stands apart: its weights look incomplete.",
        f"Weights are missing for: {'; '.join(parts)}. Sums of weights over those years are too low.",
    )


TABLES = (
    Table(
        name="critical_minerals_monthly",
        title="China's exports of graphite and of the gallium and germanium code by month and partner, 2017-2024",
        description="; ".join(f"{code}: {what}" for code, what in PRODUCTS.items()) + ". 39 named partners.",
        unit="current USD; weight in kg",
        build=critical_minerals_monthly,
        inputs=((SOURCE, (DATA,)),),
        key=("period", "importer", "product"),
        coverage=("year", "period", "product"),
        format="parquet",
        findings=_findings,
        warnings=(
            "811292 is a basket: gallium, germanium, indium, niobium, vanadium, hafnium and others together. It measures none of them; the "
            "repository's wider group Gallium/Germanium (whole headings, 7 to 50 times too large) is left out.",
            "39 named partners, no row of the world: a sum is of those. Hong Kong and Taiwan are partners of their own, and much may pass "
            "through them.",
            "A month without a row is none, or not reported. One exporter only: no share of the world.",
        ),
    ),
)
