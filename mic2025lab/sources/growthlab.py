"""Harvard Growth Lab, Atlas of Economic Complexity: HS4 exports, the world by HS4, and trade in chips; and Open Trade Statistics.

The files state no license, and the known terms of the Atlas differ by place, so these tables are built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, hs, measured, number, product, text, words, year
from mic2025lab.sources.reading import listed, read
from mic2025lab.sources.table import Raw, Source, columns, source, table

CHIPS_SOURCE = source("chips-trade-2012-2024")

SOURCE_2016 = source("atlas-hs4-2016")

SOURCE_2019 = source("atlas-hs4-2019")

WORLD_SOURCE = source("atlas-world-hs4")

OTS_SOURCE = source("ots-hs4-2017")

#: Edition -> source, its columns of country, product, and value, and the revision of its codes.
EDITIONS = {
    "atlas-2016": (SOURCE_2016, ("country", "hs92_4", "export_usd"), "HS92"),
    "atlas-2019": (SOURCE_2019, ("country", "product", "export_val"), "HS92"),
    "ots-2017": (OTS_SOURCE, ("iso3", "hs4", "export_usd"), "HS07"),
}
#: Codes that are not goods: services and unspecified products.
NOT_GOODS = ("9999", "XXXX", "financial", "ict", "transport", "travel", "unspecified")


@table(CHIPS_SOURCE, key="basket flow economy year", unit="billion current USD", format="csv")
@columns(
    year=year(2012, 2024),
    economy=economy(),
    flow=text("export or import", isin=["export", "import"]),
    basket=words("Basket of products", {"semi_chips": "chips", "semi_manufacturing": "chip_equipment"}),
    **measured("Trade, current prices", "billion USD", ge=0),
)
def chip_trade(raw: Raw) -> pd.DataFrame:
    """Trade in chips and chip-making equipment, 27 economies, 2012-2024.

    Exports and imports of two baskets of the OECD (16 HS6 codes of chips, 14 of equipment and inputs). Values reconcile
    exporter and importer reports.

    Warnings
    --------
    - The split between China and Hong Kong is an artifact of the method. Reconciled values assign 133 billion USD of chip
      imports of 2018 to China and 155 to Hong Kong, about 290 together; Chinese customs reports 312. Show CHN, HKG, and
      CHN+HKG, never CHN alone.
    - The table has no world total and only the main economies: world shares cannot be computed from it.
    - Transcribed by hand from the source's JSON and not checked by a program.

    Notes
    -----
    Clean the exports and imports of chips and of the equipment and inputs to make them, by economy, 2012-2024.
    """
    return read(raw, CHIPS_SOURCE, "basket flow iso3=economy year value_bn_usd=value").frame


def exports(raw: Raw, source: Source, names: tuple[str, str, str]) -> pd.DataFrame:
    """Clean exports by country and HS4 product, without services and zeros: `exporter, product, value`."""
    columns = dict(zip(names, ("exporter", "product", "value"), strict=True))
    file = read(raw, source, columns)
    frame = file.frame.assign(value=file.numbers("value"))
    frame["exporter"] = frame["exporter"].replace("St-Martin / St Maarten", "Sint Maarten")
    return frame[(frame["value"] > 0) & ~frame["product"].isin(NOT_GOODS)]


@table(WORLD_SOURCE, key="product year", unit="current USD")
@columns(
    year=year(1995, 2023),
    product=product(4),
    hs=hs("HS92"),
    **measured("World exports, current prices", "USD", missing=True, ge=0),
    pci=number("Product complexity index of the Growth Lab", "index", missing=True),
    pci_repository=number("Product complexity index computed by the repository", "index", missing=True),
)
def world_exports_hs4(raw: Raw) -> pd.DataFrame:
    """World exports by HS4 product with complexity indices, 1995-2023.

    Denominators: world exports of each HS92 4-digit product, and two product complexity indices.

    Warnings
    --------
    - The table has world totals only, no exporters.
    - pci is the Growth Lab's index and pci_repository the repository's own: they differ.
    - Codes 9999 and XXXX (unspecified) are left out.

    Notes
    -----
    Clean the world's exports of each HS4 product, 1995-2023, with the Growth Lab's product complexity index.
    """
    names = "product_code=product year world_export_value=value source_pci=pci pci=pci_repository"
    frame = read(raw, WORLD_SOURCE, has=names).frame
    return frame[~frame["product"].isin(NOT_GOODS)]


@table(
    *(source for source, _, _ in EDITIONS.values()),
    key="edition exporter product",
    unit="current USD",
    vintage="atlas-2016",
)
@columns(
    edition=text("Source and year", isin=EDITIONS),
    year=year(2016, 2019),
    exporter=economy(),
    product=product(4),
    hs=text("Revision of the Harmonized System", isin=["HS92", "HS07"]),
    **measured("Exports, current prices", "USD", gt=0),
)
def hs4_exports(raw: Raw) -> pd.DataFrame:
    """Exports by economy and HS4 product: Atlas 2016 and 2019, Open Trade Statistics 2017.

    Three country-by-product matrices for measures of specialization and complexity.

    Warnings
    --------
    - Three years from two sources are not a series: compare ranks and shares within an edition.
    - atlas-2019 has 133 economies, without Taiwan and Hong Kong, so shares in chips are too high. Its year comes from the
      repository, not from the file. atlas-2016 and ots-2017 have both economies.
    - ots-2017: its total is 25% above the Atlas (use shares, never levels). Its codes look like HS2007 (hs = HS07; do not join
      them to HS92 without a concordance). By product it is closest to the Atlas of 2015.
    - Code 9999 (unspecified goods) is left out, so shares are slightly higher than shares of all goods (China 2016: 14.8%, or
      14.3% with 9999).
    - SXM in atlas-2016 is "St-Martin / St Maarten".

    Notes
    -----
    Stack three country-by-product matrices of exports, each an edition of its own, without services and zeros.
    """
    parts = [
        exports(raw, source, names).assign(edition=edition, year=int(edition[-4:]), hs=revision)
        for edition, (source, names, revision) in EDITIONS.items()
    ]
    return pd.concat(parts, ignore_index=True)


@hs4_exports.warns
def _findings(table: pd.DataFrame) -> str:
    total, china = (
        part.groupby("edition")["value"].sum() for part in (table, table[table["exporter"] == "CHN"])
    )
    shares = listed(china / total * 100, ".1f")
    number = listed(table.groupby("edition")["exporter"].nunique())
    return f"China's share of exports of goods with a code, %: {shares}. Exporters: {number}."
