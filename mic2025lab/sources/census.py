"""U.S. Census Bureau, as assembled by tradewartracker: US exports to China by HS6, and US imports and duties of 2024."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

ANNUAL, CATEGORIES = "us_exports_to_china_hs6_annual_2013_2020.csv", "phase_one_categories.csv"
UNIT = "USD"
FIRST_YEAR, LAST_YEAR, FIRST_HS17 = 2013, 2020, 2017
_FROM = "data/phaseone-tradedata-C-febuary.parquet of tradewartracker/us-china-overview (commit 633044bec5c040fde04a6c6868c5afa8e13c6094)"

SOURCE = Source(
    id="us-exports-to-china",
    producer="U.S. Census Bureau",
    title="US exports to China, HS6",
    version="assembled by tradewartracker (M. Waugh), to January 2021",
    url="https://www.census.gov/foreign-trade/data/",
    license="Public domain (US Government); repository MIT",
    redistributable="yes",
    citation="U.S. Census Bureau, USA Trade, via tradewartracker/us-china-overview.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            ANNUAL,
            "2a9f4f2c3408ad5c2cd0b58e20044c5c9524c0208ec3860e825d039c40203d4c",
            url_note=f"{_FROM}, months and tariff lines added up to years and HS6, zeros dropped",
        ),
        RawFile(
            CATEGORIES,
            "3739b7f28c052039ee126d6a9e9e5e11a99c30a730e385287eb0874eecc25c8d",
            url_note=f"the categories of the phase-one agreement in {_FROM}",
        ),
    ),
)

IMPORTS = "us_imports_2024_hs6_by_partner.csv.gz"

IMPORTS_SOURCE = Source(
    id="us-imports-2024",
    producer="U.S. Census Bureau",
    title="US imports for consumption and duties, 2024, HS6 by partner",
    version="full year 2024, assembled by tradewartracker (M. Waugh)",
    url="https://www.census.gov/foreign-trade/data/",
    license="Public domain (US Government); repository MIT",
    redistributable="yes",
    citation="U.S. Census Bureau, International Trade API, via tradewartracker/trade-war-redux-2025.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            IMPORTS,
            "916b53f2f38aa58569dddb8e9e71e98ddd9e1f8f8e2ba514aa272aa6fc88260f",
            url_note="data/2024-hs10-imports*.parquet of tradewartracker/trade-war-redux-2025 (commit "
            "726c5958e1e43eb08ac076a1e602ae3149164b03), 51 files stacked and added up to HS6",
        ),
    ),
)

#: Category of the phase-one agreement, as the source misspells it -> slug.
PHASE_ONE = {
    "": "none",
    "Other manufactured goods": "other_manufactures",
    "Other agricultural commodities": "other_agriculture",
    "Industrial mac.hin ery": "industrial_machinery",
    "Electrical equipment and mac.hioery": "electrical_equipment",
    "Iron and steel": "iron_steel",
    "Seafood": "seafood",
    "Meat": "meat",
    "Cereals": "cereals",
    "Optical and medical instruments": "optical_medical_instruments",
    "Pharmaceutical products": "pharmaceuticals",
    "Vehicles": "vehicles",
    "Refined products": "refined_products",
    "Cotton": "cotton",
    "Coal": "coal",
    "Oilseeds": "oilseeds",
    "Crude oil": "crude_oil",
    "Liquefied natural gas": "liquefied_natural_gas",
}


def us_exports_to_china(raw: Raw) -> pd.DataFrame:
    """Clean the exports of the United States to China by HS6, complete years only (2013-2020).

    Returns
    -------
    pandas.DataFrame
        `year, exporter, importer, product, hs, phase_one, value, unit`; value in current USD. `hs` is the revision that the
        year's codes are of: HS12 to 2016, HS17 after.
    """
    frame = pd.read_csv(raw(SOURCE, ANNUAL), dtype={"hs6": "str"})
    need(list(frame) == ["year", "hs6", "value_usd"], SOURCE, ANNUAL, f"columns {list(frame)}")
    years = set(range(FIRST_YEAR, LAST_YEAR + 1))
    need(set(frame["year"]) == years, SOURCE, ANNUAL, f"years {sorted(set(frame['year']))}")
    odd = frame.loc[~frame["hs6"].str.fullmatch(r"\d{6}"), "hs6"].tolist()
    need(not odd, SOURCE, ANNUAL, f"codes that are not six digits (a lost zero?): {odd[:5]}")
    categories = pd.read_csv(raw(SOURCE, CATEGORIES), dtype="str", keep_default_na=False)
    odd = sorted(set(categories["phase_one_category"]) - set(PHASE_ONE))
    need(not odd, SOURCE, CATEGORIES, f"categories that are not known: {odd}")
    slugs = categories.set_index("hs6")["phase_one_category"].map(PHASE_ONE)
    frame["phase_one"] = frame["hs6"].map(slugs)
    need(frame["phase_one"].notna().all(), SOURCE, CATEGORIES, "products without a category")
    frame["hs"] = (frame["year"] >= FIRST_HS17).map({True: "HS17", False: "HS12"})
    frame = frame.rename(columns={"hs6": "product"}).assign(exporter="USA", importer="CHN", unit=UNIT)
    frame["value"] = frame["value_usd"].astype("float64")
    columns = ["year", "exporter", "importer", "product", "hs", "phase_one", "value", "unit"]
    table = frame[columns].sort_values(["year", "product"], ignore_index=True)
    return table.astype({column: "str" for column in columns if column not in ("year", "value")})


def _findings(frame: pd.DataFrame) -> Sequence[str]:
    both = frame[frame["year"].isin([FIRST_HS17 - 1, FIRST_HS17])].groupby("year")["product"].agg(set)
    gone, new = both[FIRST_HS17 - 1] - both[FIRST_HS17], both[FIRST_HS17] - both[FIRST_HS17 - 1]
    return (
        f"The Harmonized System was revised in {FIRST_HS17}: {len(gone)} codes of {FIRST_HS17 - 1} are not in {FIRST_HS17} and {len(new)} "
        "are new, by the revision or because nothing was shipped. Changes by product across that year are not to be read off the codes.",
    )


def us_imports(raw: Raw) -> pd.DataFrame:
    """Clean US imports for consumption and the duties on them, 2024, by HS6 product and partner.

    The European Union is one partner (EU27), and Slovakia stands beside it though it is in it: its rows have the flag
    `in_EU27` and are to be left out of sums.

    Returns
    -------
    pandas.DataFrame
        `year, importer, exporter, product, hs, value, duty, unit, flag`; value (customs value) and duty (calculated) in USD.
    """
    frame = clean.read(raw(IMPORTS_SOURCE, IMPORTS))
    clean.expect(frame, ["cty_code", "cty_name", "hs6", "imports_usd", "duty_usd"], IMPORTS_SOURCE, IMPORTS)
    odd = frame.loc[~frame["hs6"].str.fullmatch(r"\d{6}"), "hs6"].tolist()
    need(not odd, IMPORTS_SOURCE, IMPORTS, f"codes that are not six digits (a lost zero?): {odd[:5]}")
    frame["exporter"] = clean.codes(frame["cty_name"])
    inside = frame["exporter"].isin(economies.members("EU27"))
    need(
        "EU27" in set(frame["exporter"]) and set(frame.loc[inside, "exporter"]) == {"SVK"},
        IMPORTS_SOURCE,
        IMPORTS,
        f"members of the EU besides Slovakia: {sorted(set(frame.loc[inside, 'exporter']))}",
    )
    frame["flag"] = inside.map({True: "in_EU27", False: ""})
    frame["value"] = clean.numbers(frame["imports_usd"], IMPORTS_SOURCE, IMPORTS)
    frame["duty"] = clean.numbers(frame["duty_usd"], IMPORTS_SOURCE, IMPORTS)
    frame = frame.rename(columns={"hs6": "product"}).assign(year=2024, importer="USA", hs="HS22", unit=UNIT)
    columns = ["year", "importer", "exporter", "product", "hs", "value", "duty", "unit", "flag"]
    table = frame[columns].sort_values(["exporter", "product"], ignore_index=True)
    text = {column: "str" for column in columns if column not in ("year", "value", "duty")}
    return table.astype({**text, "year": "int64"})


TABLES = (
    Table(
        name="us_exports_to_china",
        title="US exports to China by HS6 product, 2013-2020",
        description=(
            "Total exports of the United States to China by 6-digit product, complete years, with the category of "
            "the phase-one agreement of January 2020."
        ),
        unit="current USD",
        build=us_exports_to_china,
        inputs=((SOURCE, (ANNUAL, CATEGORIES)),),
        key=("year", "product"),
        coverage=("year", "hs", "phase_one"),
        format="parquet",
        findings=_findings,
        warnings=(
            "China is without Hong Kong and Macao: goods shipped by way of Hong Kong are not in it.",
            "Totals are 0.3 to 0.7 % below those that the Census Bureau publishes.",
            "The source goes on to January 2021 by month: 2021 is not complete and is not in the table.",
            "A product that is missing in a year was not exported, or in shipments too small to be recorded: the source does not say which.",
            "phase_one is the source's category of a product in the agreement; none is outside the agreement. The source misspells them.",
        ),
    ),
    Table(
        name="us_imports",
        title="US imports for consumption and duties by HS6 product and partner, 2024",
        description="Customs value and calculated duties of 51 partners, one of them the European Union.",
        unit="current USD",
        build=us_imports,
        inputs=((IMPORTS_SOURCE, (IMPORTS,)),),
        key=("exporter", "product"),
        coverage=("year", "exporter"),
        format="parquet",
        warnings=(
            "51 partners with 3,209 billion USD (Slovakia counted once), not all imports: small partners are left out, so a share of these is "
            "not a share of all.",
            "The European Union is one partner (EU27). Slovakia is in it and stands beside it as well: leave out the rows with flag in_EU27 "
            "before adding up.",
            "China, Hong Kong and Taiwan are partners of their own; Macao is not among the 51.",
            "Duties are calculated, not collected, and average over what enters under preferences, exclusions and none.",
        ),
    ),
)
