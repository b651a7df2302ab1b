"""U.S. Census Bureau, as assembled by tradewartracker: exports to China by HS6, and imports and duties by HS6 and by industry."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import MONTH, constant, economy, flag, measured, number, product, text, year
from mic2025lab.sources.reading import codebook, codes, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

ANNUAL, CATEGORIES = "us_exports_to_china_hs6_annual_2013_2020.csv", "phase_one_categories.csv"
UNIT = "USD"
FIRST_YEAR, LAST_YEAR, FIRST_HS17 = 2013, 2020, 2017

SOURCE = source("us-exports-to-china")

IMPORTS_SOURCE = source("us-imports-2024")

PHASE_ONE = codebook("phase_one")


@table(SOURCE, key="year product", unit="current USD")
@columns(
    year=year(FIRST_YEAR, LAST_YEAR),
    exporter=constant("USA", "ISO3 code"),
    importer=constant("CHN", "ISO3 code"),
    product=product(),
    hs=text("Revision of the Harmonized System", isin=["HS12", "HS17"]),
    phase_one=text("Category of the phase-one agreement; none outside it", isin=PHASE_ONE.values()),
    **measured("Exports, current prices", UNIT, gt=0),
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
    file = read(raw, SOURCE, "year hs6=product value_usd=value", file=ANNUAL)
    file.only("year", *map(str, range(FIRST_YEAR, LAST_YEAR + 1)))
    categories = read(raw, SOURCE, file=CATEGORIES, has=["hs6", "phase_one_category"])
    slugs = categories.known("phase_one_category", PHASE_ONE).set_axis(categories.frame["hs6"])
    frame = file.frame.astype({"year": "int64"})
    frame["phase_one"] = frame["product"].map(slugs)
    categories.need(frame["phase_one"].notna().all(), "products without a category")
    return frame.assign(hs=flagged(frame["year"] >= FIRST_HS17, "HS17", "HS12"))


@us_exports_to_china.warns
def _findings(frame: pd.DataFrame) -> tuple[str, ...]:
    both = frame[frame["year"].isin([FIRST_HS17 - 1, FIRST_HS17])].groupby("year")["product"].agg(set)
    gone, new = both[FIRST_HS17 - 1] - both[FIRST_HS17], both[FIRST_HS17] - both[FIRST_HS17 - 1]
    return (
        f"The Harmonized System was revised in {FIRST_HS17}: {len(gone)} codes of {FIRST_HS17 - 1} are missing in {FIRST_HS17} and {len(new)} "
        "are new, because of the revision or because nothing was shipped. Codes do not show changes by product across that year.",
    )


@table(IMPORTS_SOURCE, key="exporter product", unit="current USD")
@columns(
    year=year(2024),
    importer=constant("USA", "ISO3 code"),
    exporter=economy("ISO3 code or EU27", ["EU27"]),
    product=product(),
    hs=constant("HS22", "Revision of the Harmonized System"),
    value=number("Imports for consumption, customs value", "USD", ge=0),
    duty=number("Calculated duties", "USD", ge=0),
    unit=constant(UNIT, "Unit of value and duty"),
    flag=flag("in_EU27 where the row is in EU27 as well, else empty", "in_EU27"),
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
    columns = "cty_code cty_name=exporter hs6=product imports_usd=value duty_usd=duty"
    file = read(raw, IMPORTS_SOURCE, columns)
    exporter = codes(file.frame["exporter"])
    inside = exporter.isin(economies.members("EU27"))
    union, listed = "EU27" in set(exporter), sorted(set(exporter[inside]))
    file.need(union and listed == ["SVK"], f"members of the EU other than Slovakia: {listed}")
    return file.frame.assign(exporter=exporter, flag=flagged(inside, "in_EU27"))


FIRST_MONTHLY, LAST_MONTHLY = 2013, 2025

INDUSTRIES_SOURCE = source("us-imports-naics-2013-2025")

#: Code of NAICS (2017) -> slug of the industry.
INDUSTRIES = codebook("naics")
ALL, NORTH_AMERICA = "00", "USMCA (NAFTA)"
_PARTNERS = {"TOTAL FOR ALL COUNTRIES": "World", "EUROPEAN UNION": "EU27", "KOREA, SOUTH": "South Korea"}
_LEVELS = {"WLD": "world", "EU27": "union"}
#: First month in which the row of the European Union has no imports from the United Kingdom.
_UNION_WITHOUT_UK = "2018-01"


@table(INDUSTRIES_SOURCE, key="partner naics month", unit="current USD")
@columns(
    year=year(FIRST_MONTHLY, LAST_MONTHLY),
    month=text("Month, YYYY-MM", str_matches=MONTH),
    partner=economy("ISO3 code of the origin, WLD or EU27", _LEVELS),
    level=text("What partner is", isin=["world", "union", "economy"]),
    naics=text("NAICS code of three digits", isin=INDUSTRIES),
    industry=text("Industry of the code", isin=INDUSTRIES.values()),
    kind=text("manufacturing, primary, or other (no industry)", isin=["manufacturing", "primary", "other"]),
    imports=number("Imports for consumption, customs value", "USD", ge=0),
    duty=number("Calculated duty", "USD", ge=0),
    unit=constant(UNIT, "Unit of value"),
)  # fmt: skip
def us_imports_by_industry(raw: Raw) -> pd.DataFrame:
    """US imports and duties by industry, partner, and month, January 2013 to November 2025.

    Imports for consumption of the United States and calculated duty by NAICS industry of three digits, from 30 economies, the
    European Union, and the world.

    Warnings
    --------
    - 2025 has eleven months: never compare it with a full year.
    - WLD includes every partner, and EU27 AUT, BEL, DEU, ESP, FRA, IRL, ITA, NLD, and SWE: filter level before adding. EU27 has
      the members of 2025 in all years: the file's row includes the United Kingdom until December 2017, and the United Kingdom
      is subtracted here.
    - The 30 economies are the largest partners, not all: the rest is WLD minus EU27 minus the economies outside the union.
    - Imports for consumption at customs value, without freight and insurance: below general imports, and not comparable with
      CIF values.
    - Duty is calculated, not collected; small parcels that entered free of duty are not covered.
    - kind other is scrap, used goods, returned goods, and special provisions. A partner, industry, and month without imports
      has no row.

    Notes
    -----
    The rows of all products are left out: they are the sum of the industries, which is checked. So is the group of Canada and
    Mexico. The European Union of the file includes the United Kingdom until December 2017: up to then its row is at least the sum of
    its listed members and the United Kingdom in every industry and month, and with the United Kingdom counted again, partners exceed the world.
    """
    file = read(raw, INDUSTRIES_SOURCE, "partner naics month imports duty")
    file.only("naics", ALL, *INDUSTRIES)
    frame = file.frame.assign(imports=file.numbers("imports"), duty=file.numbers("duty"))
    every = frame["naics"] == ALL
    cell = ["partner", "month"]
    printed = frame[every].set_index(cell)[["imports", "duty"]].sort_index()
    added = frame[~every].groupby(cell)[["imports", "duty"]].sum()
    file.need(added.equals(printed), "industries that do not add up to all products")
    frame = frame[~every & (frame["partner"] != NORTH_AMERICA)]
    partner = codes(frame["partner"].replace(_PARTNERS))
    kind = frame["naics"].str[0].map({"1": "primary", "2": "primary", "3": "manufacturing", "9": "other"})
    frame = frame.assign(partner=partner)
    with_uk = frame["month"] < _UNION_WITHOUT_UK
    cell, amounts = ["naics", "month"], ["imports", "duty"]
    uk = frame[with_uk & (partner == "GBR")].set_index(cell)[amounts]
    union = with_uk & (partner == "EU27")
    less = uk.reindex(pd.MultiIndex.from_frame(frame.loc[union, cell]), fill_value=0.0)
    frame.loc[union, amounts] -= less.to_numpy()
    level, industry = partner.map(_LEVELS).fillna("economy"), frame["naics"].map(INDUSTRIES)
    return frame.assign(level=level, industry=industry, kind=kind)


@us_imports_by_industry.check("the union and the economies outside it do not add up to more than the world")
def _adds_up(frame: pd.DataFrame) -> bool:
    inside = frame["partner"].isin(economies.members("EU27"))
    wide = frame[~inside].pivot(index=["naics", "month"], columns="partner", values="imports").fillna(0.0)
    return bool((wide.drop(columns="WLD").sum(axis=1) <= wide["WLD"]).all())


@us_imports_by_industry.warns
def _industry_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    listed = frame[frame["year"] == 2024].groupby("level")["imports"].sum()
    china = frame[frame["partner"] == "CHN"].groupby("year")[["imports", "duty"]].sum()
    rate = (china["duty"] / china["imports"] * 100).round(1)
    return (
        f"The listed economies have {listed['economy'] / listed['world'] * 100:.1f}% of US imports in 2024.",
        f"Duty rate on imports from China, %: {', '.join(f'{y} {rate[y]}' for y in (2017, 2018, 2019, 2024, 2025))}.",
    )
