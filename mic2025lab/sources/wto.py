"""World Trade Organization: merchandise exports by product group in seven years, and imports of China, Japan, and South Korea by year."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mic2025lab.sources.columns import economy, firsts, flag, measured, text, year
from mic2025lab.sources.reading import codebook, codes, entries, read
from mic2025lab.sources.table import Raw, Source, source, table

DATA, UNIT = "WtoData_20200510015454.csv.gz", "million USD"

SOURCE = source("wto-product-groups")

IMPORTS = "merchandise_imports_product_group_2000_2023.csv"
IMPORTS_SOURCE = source("wto-imports-china-japan-korea")

#: Code of the source -> product group, and the group that contains it.
GROUPS = codebook("wto_exports")
#: The groups of imports: those of exports, but in the total instead of in all manufactures, and three more.
IMPORT_GROUPS = codebook("wto_imports")
_FLAGS = {"": "", "E": "estimate", "B": "break"}
#: Former reporters, in 1990 only, succeeded by later economies.
ENDED = (
    "Czech and Slovak Federal Republic",
    "Ethiopia (+ Eritrea)",
    "German Democratic Republic",
    "Germany, Federal Republic of",
    "Yugoslavia, Socialist Federal Republic of",
)
_ENDED = ", ".join(ENDED)


def _read(raw: Raw, source: Source, path: str, groups: Mapping[str, tuple[str, str | None]]) -> pd.DataFrame:
    """Read a download of WTO Stats: trade with the world in million USD, by product group."""
    needed = ("Reporting Economy ISO3A Code", "Partner Economy", "Product/Sector Code", "Unit Code", "Year")
    file = read(raw, source, path, has=[*needed, "Reporting Economy", "Value Flag Code", "Value"])
    file.only("Partner Economy", "World")
    file.only("Unit Code", "USM")
    file.within("Product/Sector Code", groups)
    return file.frame.assign(
        **entries(file.frame["Product/Sector Code"], groups, "product_group", "within"),
        year=file.frame["Year"],
        value=file.numbers("Value"),
        flag=file.known("Value Flag Code", _FLAGS),
    )


@table(
    unit="million current USD",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1990, 2018),
        "economy": economy("ISO3 code or WLD", ["WLD"]),
        "product_group": text("Group of products; groups nest", isin=firsts(GROUPS)),
        "within": text(
            "The group that contains this one; missing for manufactures",
            missing=True,
            isin=firsts(GROUPS),
        ),
        **measured("Exports, current prices", UNIT, ge=0),
        "flag": flag("estimate, break or empty", "estimate", "break"),
    },
    key=("product_group", "economy", "year"),
)
def product_group_exports(raw: Raw) -> pd.DataFrame:
    """Merchandise exports by economy and product group: 1990, 1995, 2000, 2005, 2010, 2015, 2018.

    WTO: exports of manufactures and twelve groups within them, of economies and the world, to all destinations.

    Warnings
    --------
    - Seven years, not a series: the years between are unknown.
    - Groups nest (within names the larger one): never add them. By code, automotive is separate from transport_equipment, but
      the WTO counts most of it there too.
    - WLD is the source's world and includes re-exports of Hong Kong: do not add it to economies, and include or exclude Hong
      Kong on both sides of a share.
    - Left out: reporters of 1990 that no longer exist ({_ENDED}). BLX is Belgium-Luxembourg, to 1995.

    Notes
    -----
    Five reporters of 1990 that no longer exist are left out. `within` is the group that contains this one.
    """
    frame = _read(raw, SOURCE, DATA, GROUPS)
    label, code = frame["Reporting Economy"], frame["Reporting Economy ISO3A Code"]
    kept = ~label.isin(ENDED)
    return frame[kept].assign(economy=codes(code.where(code != "", label)[kept]))


@table(
    unit="million current USD",
    inputs=(IMPORTS_SOURCE, IMPORTS),
    columns={
        "year": year(2000, 2023),
        "economy": economy("ISO3 code of the importer"),
        "product_group": text("Group of products; groups nest", isin=firsts(IMPORT_GROUPS)),
        "within": text(
            "The group that contains this one; missing for total",
            missing=True,
            isin=["total", *(name for name, _ in IMPORT_GROUPS.values())],
        ),
        **measured("Imports, CIF, current prices", UNIT, ge=0),
        "flag": flag("estimate or empty", "estimate"),
    },
    key=("product_group", "economy", "year"),
)
def china_imports_by_group(raw: Raw) -> pd.DataFrame:
    """Imports of China, Japan, and South Korea by product group, 2000-2023.

    WTO: merchandise imports from all origins in 14 groups and in total; 2023 has the total only.

    Warnings
    --------
    - Groups nest (within names the larger one) and do not cover everything: never add them. By code, automotive is separate
      from transport_equipment, but the WTO counts most of it there too.
    - electronic_components is SITC 776: with diodes and solar cells, so above integrated circuits alone.
    - 2023 has the total only.

    Notes
    -----
    Clean the imports of China, Japan, and South Korea; `within` is the group that contains this one.
    """
    frame = _read(raw, IMPORTS_SOURCE, IMPORTS, IMPORT_GROUPS)
    return frame.assign(economy=frame["Reporting Economy ISO3A Code"])
