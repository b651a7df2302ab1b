"""Trade by product group: World Trade Organization, and trade summary of the World Bank (WITS; built on the user's machine only)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import economy, firsts, flag, measured, text, year
from mic2025lab.sources.reading import codebook, entries, read, slug
from mic2025lab.sources.table import Raw, Source, columns, source, table

UNIT = "million USD"

SOURCE = source("wto-product-groups")

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


def _read(raw: Raw, source: Source, groups: Mapping[str, tuple[str, str | None]]) -> pd.DataFrame:
    """Read a download of WTO Stats: trade with the world in million USD, by product group."""
    needed = ("Reporting Economy", "Partner Economy", "Product/Sector Code", "Unit Code", "Value Flag Code")
    names = {"Reporting Economy ISO3A Code": "economy", "Year": "year", "Value": "value"}
    file = read(raw, source, has=dict(zip(needed, needed, strict=True)) | names)
    file.only("Partner Economy", "World")
    file.only("Unit Code", "USM")
    file.within("Product/Sector Code", groups)
    return file.frame.assign(
        **entries(file.frame["Product/Sector Code"], groups, "product_group", "within"),
        flag=file.known("Value Flag Code", _FLAGS),
    )


@table(SOURCE, key="product_group economy year", unit="million current USD")
@columns(
    year=year(1990, 2018),
    economy=economy("ISO3 code or WLD", ["WLD"]),
    product_group=text("Group of products; groups nest", isin=firsts(GROUPS)),
    within=text(
        "The group that contains this one; missing for manufactures",
        missing=True,
        isin=firsts(GROUPS),
    ),
    **measured("Exports, current prices", UNIT, ge=0),
    flag=flag("estimate, break or empty", "estimate", "break"),
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
    frame = _read(raw, SOURCE, GROUPS)
    label, code = frame["Reporting Economy"], frame["economy"]
    return frame.assign(economy=code.where(code != "", label))[~label.isin(ENDED)]


@table(IMPORTS_SOURCE, key="product_group economy year", unit="million current USD")
@columns(
    year=year(2000, 2023),
    economy=economy("ISO3 code of the importer"),
    product_group=text("Group of products; groups nest", isin=firsts(IMPORT_GROUPS)),
    within=text(
        "The group that contains this one; missing for total",
        missing=True,
        isin=["total", *(name for name, _ in IMPORT_GROUPS.values())],
    ),
    **measured("Imports, CIF, current prices", UNIT, ge=0),
    flag=flag("estimate or empty", "estimate"),
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
    return _read(raw, IMPORTS_SOURCE, IMPORT_GROUPS)


WITS_COLUMNS = "economy iso3 wits_code kind=level flow product_group group_kind year value_usd_thousand=value"

WITS_SOURCE = source("wits-trade-summary")


@table(WITS_SOURCE, key="flow product_group economy year", unit="thousand current USD")
@columns(
    year=year(1988, 2019),
    economy=economy("ISO3 code, WLD, or a group's code", economies.AGGREGATES),
    level=text("What the row is", isin=["world", "group", "economy"]),
    flow=text("export or import", isin=["export", "import"]),
    product_group=text("Sector or stage", str_matches=r"^[a-z_]+$"),
    group_kind=text("Partition the group belongs to", isin=["sector", "stage", "total"]),
    **measured("Trade, current prices", "thousand USD", ge=0),
)
def trade_by_group(raw: Raw) -> pd.DataFrame:
    """Exports by 16 sectors and 4 stages and imports by 4 stages, by economy, 1988-2019.

    WITS trade summary from UN Comtrade, in nominal dollars.

    Warnings
    --------
    - Exports of WLD from 2000 on are the sum of the economies and of the European Union's row, 12% to 14% too high. Use the sum
      over level = economy as the world.
    - Reporters change (10 in 1988, 163 in 2000, 130 in 2019): shares before 2000 are shares of a small world.
    - sector and stage are two partitions of the same trade (group_kind): never add both. Imports are available by stage only.
    - Taiwan is the source's "Other Asia, nes"; SDN is former Sudan to 2011; SRB includes Montenegro to 2005; BLX is
      Belgium-Luxembourg; EU28 is the source's European Union.
    - Some sector values are counted as miscellaneous: the United States' transportation is a third to a half too low in
      2004-2005 and 2009-2015.
    """
    frame = read(raw, WITS_SOURCE, WITS_COLUMNS).frame
    own = frame["wits_code"].replace({"Wld": "WLD", "EUN": "EU28"})
    groups = {label: slug(label) for label in frame["product_group"].unique()}
    return frame.assign(
        economy=frame["iso3"].where(frame["iso3"] != "", own),
        product_group=frame["product_group"].map(groups),
    )
