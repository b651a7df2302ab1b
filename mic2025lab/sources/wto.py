"""World Trade Organization: merchandise exports by product group, seven years."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, number, text, unit, year
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.source import Raw, Source
from mic2025lab.sources.table import table

DATA, UNIT = "WtoData_20200510015454.csv.gz", "million USD"

SOURCE = Source(
    id="wto-product-groups",
    producer="World Trade Organization",
    title="WTO Stats: merchandise exports by product group",
    version="downloaded 2020-05-10",
    url="https://stats.wto.org/",
    license="WTO terms (attribution; from knowledge)",
    redistributable="attribution",
    citation="WTO Stats, merchandise exports by product group and destination, downloaded 2020-05-10, via mitsuoxv/wto-export.",
    retrieved="2026-11-24",
    files={DATA: "541015e0e897480fbf096a3f8de87edcfe6bb7de10cebb789113cedf81d60c3d"},
    made_from="data/WtoData_20200510015454.csv of mitsuoxv/wto-export (commit c1d9d0b733912083de647f0a3cbf23c67a966bed), to UTF-8",
)

#: Code of the source -> product group, and the group that contains it.
GROUPS = {
    "MA": ("manufactures", None),
    "MACH": ("chemicals", "manufactures"),
    "MACHPH": ("pharmaceuticals", "chemicals"),
    "MACL": ("clothing", "manufactures"),
    "MAIS": ("iron_steel", "manufactures"),
    "MAMT": ("machinery_transport", "manufactures"),
    "MAMTAU": ("automotive", "machinery_transport"),
    "MAMTOF": ("office_telecom", "machinery_transport"),
    "MAMTOTEP": ("office_equipment", "office_telecom"),
    "MAMTOTIC": ("electronic_components", "office_telecom"),
    "MAMTOTTL": ("telecom_equipment", "office_telecom"),
    "MAMTTE": ("transport_equipment", "machinery_transport"),
    "MATE": ("textiles", "manufactures"),
}
_FLAGS = {"": "", "E": "estimate", "B": "break"}
#: Former reporters, in 1990 only, succeeded by later economies.
ENDED = (
    "Czech and Slovak Federal Republic",
    "Ethiopia (+ Eritrea)",
    "German Democratic Republic",
    "Germany, Federal Republic of",
    "Yugoslavia, Socialist Federal Republic of",
)


@table(
    title="Merchandise exports by economy and product group: 1990, 1995, 2000, 2005, 2010, 2015, 2018",
    description="WTO: exports of manufactures and twelve groups within them, of economies and the world, to all destinations.",
    unit="million current USD",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1990, 2018),
        "economy": economy("ISO3 code or WLD", ["WLD"]),
        "product_group": text("Group of products; groups nest", isin=[name for name, _ in GROUPS.values()]),
        "within": text(
            "The group that contains this one; missing for manufactures",
            missing=True,
            isin=[name for name, _ in GROUPS.values()],
        ),
        "value": number("Exports, current prices", "million USD", ge=0),
        "unit": unit(UNIT),
        "flag": flag("estimate, break or empty", "estimate", "break"),
    },
    key=("year", "economy", "product_group"),
    order=("product_group", "economy", "year"),
    coverage=("year", "product_group"),
    format="parquet",
    warnings=(
        "Seven years, not a series: the years between are unknown.",
        "Groups nest (within names the larger one): never add them. By code, automotive is separate from transport_equipment, but the WTO counts "
        "most of it there too.",
        "WLD is the source's world and includes re-exports of Hong Kong: do not add it to economies, and include or exclude Hong Kong on both sides "
        "of a share.",
        f"Left out: reporters of 1990 that no longer exist ({', '.join(ENDED)}). BLX is Belgium-Luxembourg, to 1995.",
    ),
)
def product_group_exports(raw: Raw) -> pd.DataFrame:
    """Clean merchandise exports by economy and product group, for seven years from 1990 to 2018.

    Five reporters of 1990 that no longer exist are left out. `within` is the group that contains this one.
    """
    names = {
        "Reporting Economy ISO3A Code": "code",
        "Reporting Economy": "label",
        "Partner Economy": "partner",
        "Product/Sector Code": "group",
        "Unit Code": "unit_code",
        "Year": "year",
        "Value Flag Code": "value_flag",
        "Value": "text",
    }
    file = read(raw, SOURCE, DATA, has=names)
    file.only("Partner Economy", "World")
    file.only("Unit Code", "USM")
    frame = file.frame[list(names)].rename(columns=names)
    frame = frame[~frame["label"].isin(ENDED)].reset_index(drop=True)
    return frame.assign(
        economy=codes(frame["code"].where(frame["code"] != "", frame["label"])),
        product_group=file.known(frame["group"], {key: name for key, (name, _) in GROUPS.items()}),
        within=frame["group"].map(lambda key: GROUPS[key][1]),
        value=file.numbers(frame["text"]),
        flag=file.known(frame["value_flag"], _FLAGS),
    )
