"""UN Comtrade, collected by open repositories: chip-making equipment, and imports of batteries, electric cars, and their materials.

Redistribution of Comtrade data needs permission, so these tables are built on the user's machine.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import economy, flag, measured, number, product, text, year
from mic2025lab.sources.reading import RawTable, codes, flagged, read
from mic2025lab.sources.table import Raw, coded, source, table

EQUIPMENT = "comtrade_2021-08-16.csv"
BATTERY = "comtrade_ev_battery_imports_2018_2024.csv.gz"
USD = "USD"

EQUIPMENT_SOURCE = source("comtrade-sme-2016-2020")

BATTERY_SOURCE = source("comtrade-ev-battery")

REVISIONS = {"H2": "HS02", "H3": "HS07", "H4": "HS12", "H5": "HS17", "H6": "HS22"}
FLOWS = {"Import": "import", "Export": "export", "Re-Export": "re_export", "Re-Import": "re_import"}
#: The columns of a download of UN Comtrade that are read.
RECORD = (
    *("Classification", "Year", "Trade Flow", "Reporter", "Reporter ISO", "Commodity Code"),
    "Trade Value (US$)",
)
#: Codes of importers that are groups of economies.
GROUPS = {"EUR": "EU27", "R4": "ASEAN"}


def record(file: RawTable, flows: Mapping[str, str]) -> pd.DataFrame:
    """Clean a download of UN Comtrade: `year, economy, flow, product, value` beside its own columns."""
    iso = file.frame["Reporter ISO"]
    return file.frame.assign(
        year=file.frame["Year"],
        economy=codes(iso.where(iso != "", file.frame["Reporter"])),
        flow=file.known("Trade Flow", flows),
        product=file.frame["Commodity Code"],
        value=file.numbers("Trade Value (US$)"),
    )


@table(
    unit="current USD",
    inputs=(EQUIPMENT_SOURCE, EQUIPMENT),
    columns={
        "year": year(2016, 2020),
        "economy": economy("ISO3 code of the reporter"),
        "flow": text("export and import; re_export and re_import are parts of them", isin=FLOWS.values()),
        "product": product(),
        "hs": text("Revision of the Harmonized System", isin=["HS92", "HS96", *REVISIONS.values()]),
        **measured("Trade with the world, current prices", USD, ge=0),
    },
    key=("product", "flow", "economy", "year"),
    format="csv",
)
def chip_equipment_trade(raw: Raw) -> pd.DataFrame:
    """Trade in chip-making equipment by reporter, HS6, 2016-2020.

    848620 (machines to make chips), 903082 and 903141 (instruments to test them): trade of each reporter with the world.

    Warnings
    --------
    - The partner is the world only. Re-exports and re-imports are separate flows and are also included in exports and imports:
      never add them.
    - 2020 is incomplete: fewer economies report. Revisions differ by row (hs).
    - Taiwan reports as "Other Asia, nes" and is TWN here. China, Hong Kong, and Macao report separately.
    """
    file = read(raw, EQUIPMENT_SOURCE, EQUIPMENT, has={*RECORD, "Partner"})
    file.only("Partner", "World")
    return record(file, FLOWS).assign(
        hs=file.known("Classification", {**REVISIONS, "H1": "HS96", "H0": "HS92"})
    )


@table(
    unit="current USD; weight in kg",
    inputs=(BATTERY_SOURCE, BATTERY),
    columns={
        "year": year(2018, 2024),
        "importer": economy("ISO3 code, EU27 or ASEAN", [*GROUPS.values()]),
        "importer_level": text("What the importer is", isin=["economy", "group"]),
        "exporter": text("ISO3 code, WLD, or the source's code of an unspecified area"),
        "exporter_level": text("What the exporter is", isin=["world", "economy", "unspecified"]),
        "product": text("HS 6-digit code, or 2510", str_matches=r"^\d{6}$|^2510$"),
        "hs": text("Revision of the Harmonized System", isin=REVISIONS.values()),
        **measured("Imports, current prices", USD, missing=True, ge=0),
        "weight": number("Net weight", "kg", missing="missing", ge=0),
        "weight_flag": flag("estimated, missing, else empty", "estimated", "missing"),
    },
    key=("product", "importer", "year", "exporter"),
)
def ev_battery_imports(raw: Raw) -> pd.DataFrame:
    """Imports of batteries, electric vehicles and their materials by importer and partner, 2018-2024.

    36 product codes, 182 importers and two groups of importers, and 242 partners.

    Warnings
    --------
    - exporter WLD (level world) is the total of the others: leave it out before adding up. The importers EU27 and ASEAN (level
      group) are listed as well as their members.
    - Taiwan is an exporter (TWN, the source's S19) and not an importer. Hong Kong and Macao are separate economies.
    - Only 21 codes go back to 2018; batteries (850760, 850790) and cars start in 2020. 2510 has four digits.
    - Revisions differ by row (hs): 2022 is a break, and the contents of 253090 and 285390 change.
    - Weights are missing in 2018 and for half of the rows of 2019, and many are estimated (weight_flag). Lithium-ion batteries
      of the USA weigh 1,060 kt in 2023 and 472 kt in 2024 at a higher value.
    - Imports only, mostly CIF. Fewer importers report in 2024 than in 2023.

    Notes
    -----
    The partner W00 is the total (WLD). Unspecified areas keep the source's code. A weight of 0 kg at a value above zero is
    missing.
    """
    columns = "year importer partner hs_rev cmd_code value_usd net_kg net_kg_estimated is_reported"
    file = read(raw, BATTERY_SOURCE, BATTERY, columns)
    file.matches("cmd_code", r"\d{6}|2510", "six digits")
    frame = file.frame.rename(columns={"cmd_code": "product"})
    group = frame["importer"].isin(GROUPS)
    level = frame["partner"].map(_partner_level)
    frame["exporter"] = frame["partner"].mask(level == "world", "WLD")
    for column, named in (("importer", ~group), ("exporter", level == "economy")):
        frame.loc[named, column] = codes(frame.loc[named, column])
    value = file.numbers("value_usd")
    weight = weight_or_missing(file.numbers("net_kg"), value)
    estimated = frame["net_kg_estimated"].map({"1": "estimated", "0": ""})
    return frame.assign(
        importer=frame["importer"].replace(GROUPS),
        importer_level=flagged(group, "group", "economy"),
        exporter_level=level,
        hs=file.known("hs_rev", REVISIONS),
        value=value,
        weight=weight,
        weight_flag=estimated.mask(weight.isna(), "missing"),
    )


def weight_or_missing(weight: pd.Series, value: pd.Series) -> pd.Series:
    """Make a weight of zero at a value above zero missing."""
    return weight.mask((weight == 0) & (value > 0))


ev_battery_imports.checks.append(coded("exporter", "exporter_level"))


def _partner_level(code: str) -> str:
    if code == "W00":
        return "world"
    return "economy" if code in economies.ECONOMIES or code == "S19" else "unspecified"
