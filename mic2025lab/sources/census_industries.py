"""U.S. Census Bureau, as assembled by tradewartracker: imports and duties of the United States by industry, partner, and month."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import MONTH, economy, number, text, unit, whole
from mic2025lab.sources.reading import codebook, codes, read
from mic2025lab.sources.table import Raw, source, table

MONTHLY = "us_imports_naics3_monthly_2013_01_2025_11.csv.gz"
UNIT = "USD"
FIRST_YEAR, LAST_YEAR = 2013, 2025

SOURCE = source("us-imports-naics-2013-2025")

#: Code of NAICS (2017) -> slug of the industry.
INDUSTRIES = codebook("naics")
ALL, NORTH_AMERICA = "00", "USMCA (NAFTA)"
_PARTNERS = {"TOTAL FOR ALL COUNTRIES": "World", "EUROPEAN UNION": "EU27", "KOREA, SOUTH": "South Korea"}
_LEVELS = {"WLD": "world", "EU27": "union"}
#: First month in which the row of the European Union has no imports from the United Kingdom.
_UNION_WITHOUT_UK = "2018-01"


@table(
    unit="current USD",
    inputs=(SOURCE, MONTHLY),
    columns={
        "year": whole("Calendar year", ge=FIRST_YEAR, le=LAST_YEAR),
        "month": text("Month, YYYY-MM", str_matches=MONTH),
        "partner": economy("ISO3 code of the origin, WLD or EU27", _LEVELS),
        "level": text("What partner is", isin=["world", "union", "economy"]),
        "naics": text("NAICS code of three digits", isin=INDUSTRIES),
        "industry": text("Industry of the code", isin=INDUSTRIES.values()),
        "kind": text("manufacturing, primary, or other (no industry)", isin=["manufacturing", "primary", "other"]),
        "imports": number("Imports for consumption, customs value", "USD", ge=0),
        "duty": number("Calculated duty", "USD", ge=0),
        "unit": unit(UNIT),
    },
    key=("partner", "naics", "month"),
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
    file = read(raw, SOURCE, MONTHLY, ["partner", "naics", "month", "imports", "duty"])
    file.only("naics", ALL, *INDUSTRIES)
    file.matches("month", MONTH, "months")
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
    return frame.assign(
        level=partner.map(_LEVELS).fillna("economy"),
        industry=frame["naics"].map(INDUSTRIES),
        kind=kind,
    )


@us_imports_by_industry.check("the union and the economies outside it do not add up to more than the world")
def _adds_up(frame: pd.DataFrame) -> bool:
    inside = frame["partner"].isin(economies.members("EU27"))
    wide = frame[~inside].pivot(index=["naics", "month"], columns="partner", values="imports").fillna(0.0)
    return bool((wide.drop(columns="WLD").sum(axis=1) <= wide["WLD"]).all())


@us_imports_by_industry.warns
def _findings(frame: pd.DataFrame) -> tuple[str, ...]:
    listed = frame[frame["year"] == 2024].groupby("level")["imports"].sum()
    china = frame[frame["partner"] == "CHN"].groupby("year")[["imports", "duty"]].sum()
    rate = (china["duty"] / china["imports"] * 100).round(1)
    return (
        f"The listed economies have {listed['economy'] / listed['world'] * 100:.1f}% of US imports in 2024.",
        f"Duty rate on imports from China, %: {', '.join(f'{y} {rate[y]}' for y in (2017, 2018, 2019, 2024, 2025))}.",
    )
