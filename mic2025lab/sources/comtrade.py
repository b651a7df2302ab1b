"""UN Comtrade, collected by open repositories: chip-making equipment, and imports of batteries, electric cars and their materials.

The terms of Comtrade ask for permission to pass data on: these tables are built on the user's machine.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

EQUIPMENT = "comtrade_2021-08-16.csv"
BATTERY = "comtrade_ev_battery_imports_2018_2024.csv.gz"
USD = "USD"
_LICENSE = "UN Comtrade terms: re-dissemination needs permission (from knowledge)"

EQUIPMENT_SOURCE = Source(
    id="comtrade-sme-2016-2020",
    producer="United Nations",
    title="UN Comtrade: trade in semiconductor manufacturing equipment, HS6",
    version="downloaded 2021-08-16",
    url="https://comtradeplus.un.org/",
    license=f"{_LICENSE}; repository MIT",
    redistributable="unclear",
    citation="United Nations, UN Comtrade Database, downloaded 2021-08-16, via andre-barbe/semiconductor-trade.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            EQUIPMENT,
            "4f1c9041e7dab8a34d3ad41a4da5c9d4123a528ce6580577d5c9e05501357a0f",
            url_note="Inputs Manual Download/comtrade 2021-08-16.csv of andre-barbe/semiconductor-trade (commit "
            "7bacd4075044eff4e2f7d1e6aac533ce231d83f9), empty columns dropped",
        ),
    ),
)

BATTERY_SOURCE = Source(
    id="comtrade-ev-battery",
    producer="United Nations",
    title="UN Comtrade: imports of batteries, electric vehicles and their materials by partner, HS6",
    version="2018-2024, collected by an open repository",
    url="https://comtradeplus.un.org/",
    license=f"{_LICENSE}; repository states no license",
    redistributable="unclear",
    citation="United Nations, UN Comtrade Database, via ZZZZZZZJL/EV-Battery-Chemistry-Trade-Flow-Analysis.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            BATTERY,
            "6855c30166565fb291337b01922006780fa9829f3e76f34b2863a77af1c3f6fc",
            url_note="22,076 files of data/UNComtrade_*_Import_ByPartner/ in ZZZZZZZJL/EV-Battery-Chemistry-Trade-Flow-Analysis (commit "
            "c546d5638219de29f75e2bb650b8fdce41f4e7e3), stacked",
        ),
    ),
)

REVISIONS = {"H2": "HS02", "H3": "HS07", "H4": "HS12", "H5": "HS17", "H6": "HS22"}
FLOWS = {"Import": "import", "Export": "export", "Re-Export": "re_export", "Re-Import": "re_import"}
#: Codes of importers that are groups of economies.
GROUPS = {"EUR": "EU27", "R4": "ASEAN"}


def chip_equipment_trade(raw: Raw) -> pd.DataFrame:
    """Clean exports and imports of three HS6 codes of chip-making equipment, by reporter, 2016-2020, with the world.

    Returns
    -------
    pandas.DataFrame
        `year, economy, flow, product, hs, value, unit`; value in current USD.
    """
    frame = clean.read(raw(EQUIPMENT_SOURCE, EQUIPMENT))
    names = {
        "Classification",
        "Year",
        "Trade Flow",
        "Reporter",
        "Reporter ISO",
        "Partner",
        "Commodity Code",
        "Trade Value (US$)",
    }
    need(names <= set(frame), EQUIPMENT_SOURCE, EQUIPMENT, f"columns {list(frame)}")
    need(set(frame["Partner"]) == {"World"}, EQUIPMENT_SOURCE, EQUIPMENT, "partners other than World")
    iso = frame["Reporter ISO"]
    frame["economy"] = clean.codes(iso.where(iso != "", frame["Reporter"]))
    frame["flow"] = clean.known(frame["Trade Flow"], FLOWS, EQUIPMENT_SOURCE, EQUIPMENT)
    frame["hs"] = clean.known(
        frame["Classification"], {**REVISIONS, "H1": "HS96", "H0": "HS92"}, EQUIPMENT_SOURCE, EQUIPMENT
    )
    frame["year"] = frame["Year"].astype("int64")
    frame["value"] = clean.numbers(frame["Trade Value (US$)"], EQUIPMENT_SOURCE, EQUIPMENT)
    frame = frame.rename(columns={"Commodity Code": "product"}).assign(unit=USD)
    columns = ["year", "economy", "flow", "product", "hs", "value", "unit"]
    table = frame[columns].sort_values(["product", "flow", "economy", "year"], ignore_index=True)
    return table.astype({"unit": "str"})


def ev_battery_imports(raw: Raw) -> pd.DataFrame:
    """Clean imports of 36 codes of batteries, electric vehicles and their materials by importer and partner, 2018-2024.

    The partner W00 is the total (WLD). Codes of areas that nobody specified keep the source's code. A weight of no
    kilograms at a value above zero is missing.

    Returns
    -------
    pandas.DataFrame
        `year, importer, importer_level, exporter, exporter_level, product, hs, value, unit, weight, weight_flag`; value in
        current USD, weight in kg.
    """
    frame = clean.read(raw(BATTERY_SOURCE, BATTERY))
    columns = [
        "year",
        "importer",
        "partner",
        "hs_rev",
        "cmd_code",
        "value_usd",
        "net_kg",
        "net_kg_estimated",
        "is_reported",
    ]
    clean.expect(frame, columns, BATTERY_SOURCE, BATTERY)
    frame["importer_level"] = frame["importer"].isin(GROUPS).map({True: "group", False: "economy"})
    group = frame["importer"].isin(GROUPS)
    frame["importer"] = frame["importer"].map(GROUPS).where(group, frame["importer"])
    frame.loc[~group, "importer"] = clean.codes(frame.loc[~group, "importer"])
    frame["exporter_level"] = frame["partner"].map(_partner_level)
    world = frame["exporter_level"] == "world"
    named = frame["exporter_level"] == "economy"
    frame["exporter"] = frame["partner"].mask(world, "WLD")
    frame.loc[named, "exporter"] = clean.codes(frame.loc[named, "partner"])
    frame["hs"] = clean.known(frame["hs_rev"], REVISIONS, BATTERY_SOURCE, BATTERY)
    odd = sorted(set(frame.loc[~frame["cmd_code"].str.fullmatch(r"\d{6}|2510"), "cmd_code"]))
    need(not odd, BATTERY_SOURCE, BATTERY, f"products that are not six digits: {odd[:5]}")
    frame["value"] = clean.numbers(frame["value_usd"], BATTERY_SOURCE, BATTERY)
    weight = clean.numbers(frame["net_kg"], BATTERY_SOURCE, BATTERY)
    frame["weight"] = weight.mask((weight == 0) & (frame["value"] > 0))
    flag = frame["net_kg_estimated"].map({"1": "estimated", "0": ""})
    frame["weight_flag"] = flag.mask(frame["weight"].isna(), "missing")
    frame["year"] = frame["year"].astype("int64")
    frame = frame.rename(columns={"cmd_code": "product"}).assign(unit=USD)
    keys = ["year", "importer", "importer_level", "exporter", "exporter_level", "product", "hs"]
    table = frame[[*keys, "value", "unit", "weight", "weight_flag"]]
    table = table.sort_values(["product", "importer", "year", "exporter"], ignore_index=True)
    return table.astype({name: "str" for name in [*keys, "unit", "weight_flag"] if name != "year"})


def _partner_level(code: str) -> str:
    if code == "W00":
        return "world"
    return "economy" if code in economies.ECONOMIES or code == "S19" else "unspecified"


TABLES = (
    Table(
        name="chip_equipment_trade",
        title="Trade in chip-making equipment by reporter, HS6, 2016-2020",
        description="848620 (machines to make chips), 903082 and 903141 (instruments to test them): each reporter with the world.",
        unit="current USD",
        build=chip_equipment_trade,
        inputs=((EQUIPMENT_SOURCE, (EQUIPMENT,)),),
        key=("year", "economy", "flow", "product"),
        coverage=("year", "flow", "product", "hs"),
        warnings=(
            "The partner is the world only. Re-exports and re-imports are flows of their own and are in exports and imports as well: never add "
            "them.",
            "2020 is not complete: fewer economies report. Revisions differ by row (hs).",
            'Taiwan reports as "Other Asia, nes" and is TWN here. China, Hong Kong and Macao report each for itself.',
        ),
    ),
    Table(
        name="ev_battery_imports",
        title="Imports of batteries, electric vehicles and their materials by importer and partner, 2018-2024",
        description="36 product codes, 182 importers and two groups of importers, 242 partners.",
        unit="current USD; weight in kg",
        build=ev_battery_imports,
        inputs=((BATTERY_SOURCE, (BATTERY,)),),
        key=("year", "importer", "exporter", "product"),
        coverage=("year", "product", "importer_level", "exporter_level"),
        format="parquet",
        warnings=(
            "exporter WLD (level world) is the total of the others: leave it out before adding up. The importers EU27 and ASEAN (level group) "
            "stand beside their members.",
            "Taiwan is an exporter (TWN, the source's S19) and no importer. Hong Kong and Macao are economies of their own.",
            "Only 21 codes go back to 2018; batteries (850760, 850790) and cars start in 2020. 2510 has four digits.",
            "Revisions differ by row (hs): 2022 is a break, and 253090 and 285390 change their content.",
            "Weights: none in 2018, half of the rows in 2019, many estimated (weight_flag); lithium-ion batteries of the USA weigh 1,060 kt in 2023 "
            "and 472 kt in 2024 at a higher value.",
            "Imports only, mostly CIF; fewer importers report in 2024 than in 2023.",
        ),
    ),
)
