"""U.S. Census Bureau, as assembled by tradewartracker: US exports to China by HS6, and US imports and duties of 2024."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import constant, economy, flag, hs, measured, number, product, text, year
from mic2025lab.sources.reading import codebook, codes, flagged, read
from mic2025lab.sources.table import Raw, source, table

ANNUAL, CATEGORIES = "us_exports_to_china_hs6_annual_2013_2020.csv", "phase_one_categories.csv"
UNIT = "USD"
FIRST_YEAR, LAST_YEAR, FIRST_HS17 = 2013, 2020, 2017

SOURCE = source("us-exports-to-china")

IMPORTS = "us_imports_2024_hs6_by_partner.csv.gz"

IMPORTS_SOURCE = source("us-imports-2024")

PHASE_ONE = codebook("phase_one")


@table(
    unit="current USD",
    inputs=(SOURCE, ANNUAL, CATEGORIES),
    columns={
        "year": year(FIRST_YEAR, LAST_YEAR),
        "exporter": constant("USA", "ISO3 code"),
        "importer": constant("CHN", "ISO3 code"),
        "product": product(),
        "hs": text("Revision of the Harmonized System", isin=["HS12", "HS17"]),
        "phase_one": text("Category of the phase-one agreement; none outside it", isin=PHASE_ONE.values()),
        **measured("Exports, current prices", UNIT, gt=0),
    },
    key=("year", "product"),
)
def us_exports_to_china(raw: Raw) -> pd.DataFrame:
    """US exports to China by HS6 product, 2013-2020.

    Total exports of the United States to China by 6-digit product, complete years, with the product's category in the phase-one
    agreement of January 2020.

    Warnings
    --------
    - China does not include Hong Kong and Macao: goods shipped through Hong Kong are not counted.
    - Totals are 0.3% to 0.7% below those published by the Census Bureau.
    - The source has monthly data to January 2021. The table leaves 2021 out, because the year is incomplete.
    - A missing product was not exported in that year, or only in shipments too small to be recorded; the source does not say
      which.
    - phase_one is the source's category of a product in the agreement; none means outside the agreement. The slugs correct the
      source's misspellings.

    Notes
    -----
    Clean the exports of the United States to China by HS6 product, complete years only.

    `hs` is the revision of the year's codes: HS12 to 2016, HS17 after.
    """
    file = read(raw, SOURCE, ANNUAL, ["year", "hs6", "value_usd"])
    file.only("year", *map(str, range(FIRST_YEAR, LAST_YEAR + 1)))
    file.matches("hs6", r"\d{6}", "six digits (a lost zero?)")
    categories = read(raw, SOURCE, CATEGORIES, has=["hs6", "phase_one_category"])
    slugs = categories.known("phase_one_category", PHASE_ONE).set_axis(categories.frame["hs6"])
    frame = file.frame.rename(columns={"hs6": "product"}).astype({"year": "int64"})
    frame["phase_one"] = frame["product"].map(slugs)
    categories.need(frame["phase_one"].notna().all(), "products without a category")
    frame["hs"] = flagged(frame["year"] >= FIRST_HS17, "HS17", "HS12")
    return frame.assign(value=file.numbers("value_usd"))


@us_exports_to_china.warns
def _findings(frame: pd.DataFrame) -> tuple[str, ...]:
    both = frame[frame["year"].isin([FIRST_HS17 - 1, FIRST_HS17])].groupby("year")["product"].agg(set)
    gone, new = both[FIRST_HS17 - 1] - both[FIRST_HS17], both[FIRST_HS17] - both[FIRST_HS17 - 1]
    return (
        f"The Harmonized System was revised in {FIRST_HS17}: {len(gone)} codes of {FIRST_HS17 - 1} are missing in {FIRST_HS17} and {len(new)} "
        "are new, because of the revision or because nothing was shipped. Codes do not show changes by product across that year.",
    )


@table(
    unit="current USD",
    inputs=(IMPORTS_SOURCE, IMPORTS),
    columns={
        "year": year(2024),
        "importer": constant("USA", "ISO3 code"),
        "exporter": economy("ISO3 code or EU27", ["EU27"]),
        "product": product(),
        "hs": hs("HS22"),
        "value": number("Imports for consumption, customs value", "USD", ge=0),
        "duty": number("Calculated duties", "USD", ge=0),
        "unit": constant(UNIT, "Unit of value and duty"),
        "flag": flag("in_EU27 where the row is in EU27 as well, else empty", "in_EU27"),
    },
    key=("exporter", "product"),
)
def us_imports(raw: Raw) -> pd.DataFrame:
    """US imports for consumption and duties by HS6 product and partner, 2024.

    Customs value and calculated duties of 51 partners, one of them the European Union.

    Warnings
    --------
    - The 51 partners have imports of 3,209 billion USD (Slovakia counted once). Small partners are missing, so a share of this
      total is not a share of all imports.
    - The European Union is one partner (EU27). Slovakia is also listed separately: leave out the rows with flag in_EU27 before
      adding up.
    - China, Hong Kong, and Taiwan are separate partners; Macao is not among the 51.
    - Duties are calculated, not collected. They average over preferences, exclusions, and ordinary imports.

    Notes
    -----
    Clean US imports for consumption and the duties on them, 2024, by HS6 product and partner.

    The European Union is one partner (EU27). Slovakia, a member, is listed beside it: its rows have the flag `in_EU27` and must
    be left out of sums.
    """
    file = read(raw, IMPORTS_SOURCE, IMPORTS, ["cty_code", "cty_name", "hs6", "imports_usd", "duty_usd"])
    file.matches("hs6", r"\d{6}", "six digits (a lost zero?)")
    exporter = codes(file.frame["cty_name"])
    inside = exporter.isin(economies.members("EU27"))
    file.need(
        "EU27" in set(exporter) and set(exporter[inside]) == {"SVK"},
        f"members of the EU other than Slovakia: {sorted(set(exporter[inside]))}",
    )
    return file.frame.rename(columns={"hs6": "product"}).assign(
        exporter=exporter,
        flag=flagged(inside, "in_EU27"),
        value=file.numbers("imports_usd"),
        duty=file.numbers("duty_usd"),
    )
