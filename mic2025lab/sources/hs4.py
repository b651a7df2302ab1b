"""The table `hs4_exports`: exports by country and HS4 product from the Atlas (2016, 2019) and Open Trade Statistics (2017)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources import clean, growthlab
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

OTS = "world_trade_2017.csv.gz"
EDITIONS = ("atlas-2016", "atlas-2019", "ots-2017")

OTS_SOURCE = Source(
    id="ots-hs4-2017",
    producer="Open Trade Statistics",
    title="Exports by country and HS4 product, 2017, from UN Comtrade",
    version="packaged in economiccomplexity",
    url="https://tradestatistics.io",
    license="GPL-3.0 (package at that commit); OTS data CC-BY-NC (from knowledge)",
    redistributable="unclear",
    citation="Vargas Sepulveda, M., Open Trade Statistics / economiccomplexity.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            OTS,
            "f92e995d2c264297dc04fd05378bb33f15a352516d7b5c699962b32a7068df29",
            url_note="data/world_trade_2017.rda of pachadotdev/economiccomplexity (commit f2c36132204253302fdcb371272dbbf0ad0ae97c), to CSV",
        ),
    ),
)


def _ots(raw: Raw) -> pd.DataFrame:
    frame = clean.read(raw(OTS_SOURCE, OTS))
    clean.expect(frame, ["iso3", "hs4", "export_usd"], OTS_SOURCE, OTS)
    frame = frame[~frame["hs4"].isin(growthlab.NOT_GOODS)].reset_index(drop=True)
    odd = sorted(set(frame.loc[~frame["hs4"].str.fullmatch(r"\d{4}"), "hs4"]))
    need(not odd, OTS_SOURCE, OTS, f"products that are not four digits: {odd[:5]}")
    frame["exporter"] = clean.codes(frame["iso3"])
    frame["value"] = clean.numbers(frame["export_usd"], OTS_SOURCE, OTS)
    frame = frame.rename(columns={"hs4": "product"})
    return frame.loc[frame["value"] > 0, ["exporter", "product", "value"]]


def hs4_exports(raw: Raw) -> pd.DataFrame:
    """Stack three country-by-product matrices of exports, each an edition of its own.

    Services, unspecified goods and zeros are left out.

    Returns
    -------
    pandas.DataFrame
        `edition, year, exporter, product, hs, value, unit`; value in current USD.
    """
    parts = [
        growthlab.hs4(raw, 2016).assign(edition="atlas-2016", year=2016, hs="HS92"),
        growthlab.hs4(raw, 2019).assign(edition="atlas-2019", year=2019, hs="HS92"),
        _ots(raw).assign(edition="ots-2017", year=2017, hs="HS07"),
    ]
    columns = ["edition", "year", "exporter", "product", "hs", "value", "unit"]
    table = pd.concat(parts, ignore_index=True).assign(unit=growthlab.USD)[columns]
    table = table.sort_values(["edition", "exporter", "product"], ignore_index=True)
    text = {column: "str" for column in columns if column not in ("year", "value")}
    return table.astype({**text, "year": "int64"})


def china_share(table: pd.DataFrame) -> pd.Series:
    """Give China's percentage of each edition's exports of goods."""
    total = table.groupby("edition")["value"].sum()
    return table[table["exporter"] == "CHN"].groupby("edition")["value"].sum() / total * 100


def _findings(table: pd.DataFrame) -> Sequence[str]:
    shares = ", ".join(f"{edition} {share:.1f}" for edition, share in china_share(table).items())
    number = ", ".join(
        f"{edition} {n}" for edition, n in table.groupby("edition")["exporter"].nunique().items()
    )
    return (f"China's share of the exports of goods with a code, %: {shares}. Exporters: {number}.",)


TABLES = (
    Table(
        name="hs4_exports",
        title="Exports by economy and HS4 product: Atlas 2016 and 2019, Open Trade Statistics 2017",
        description="Three matrices of country by product for measures of specialization and complexity.",
        unit="current USD",
        build=hs4_exports,
        inputs=(
            (growthlab.SOURCE_2016, (growthlab.HS4_2016,)),
            (growthlab.SOURCE_2019, (growthlab.HS4_2019,)),
            (OTS_SOURCE, (OTS,)),
        ),
        key=("edition", "exporter", "product"),
        coverage=("year", "edition", "hs"),
        format="parquet",
        vintage_column="edition",
        vintages=EDITIONS,
        default_vintage="atlas-2016",
        findings=_findings,
        warnings=(
            "Three years from two sources are no series: compare ranks and shares within an edition.",
            "atlas-2019 has 133 economies, without Taiwan and Hong Kong: shares in chips are too high. Its year is from the repository, not "
            "the file. atlas-2016 and ots-2017 have both.",
            "ots-2017: its total is 25 % above the Atlas (use shares, never levels), its codes look like HS2007 (hs = HS07; do not join them to "
            "HS92 without a concordance), and by product it is nearest to the Atlas of 2015.",
            "Code 9999 (unspecified goods) is left out, so a share is a little higher than one of all goods (China 2016 14.8, with 9999 14.3 %).",
            'SXM in atlas-2016 is "St-Martin / St Maarten".',
        ),
    ),
)
