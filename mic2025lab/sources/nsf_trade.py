"""NCSES, Science and Engineering Indicators: exports of manufactures, and trade in knowledge- and technology-intensive (KTI) products."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import CODES, PLACE, measured, text, year
from mic2025lab.sources.nsf import PLACE_PATH, UNIT, by_year, located
from mic2025lab.sources.nsf_innovation import EXPORTS, SOURCE
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.table import Raw, coded, source, table

#: Industry of table SKTI-3 -> slug, as in `value_added`.
INDUSTRIES = {
    "All ISIC, Rev.4, industries": "all_industries",
    "Manufacturing industries": "manufacturing",
    "KTI manufacturing industries: 20, 21, 26, 27, 28, 29, 302, 304 and 309, 303": "kti_manufacturing",
}


@table(
    unit="million current USD",
    inputs=(SOURCE, EXPORTS),
    columns={
        "year": year(2002, 2022),
        "economy": text("ISO3 code, WLD (75 economies) or EU27", isin=CODES),
        "industry": text("Type of industry; each includes the next", isin=INDUSTRIES.values()),
        **measured("Gross exports, current prices", UNIT, gt=0),
    },
    key=("year", "economy", "industry"),
    format="csv",
)
def manufactures_exports(raw: Raw) -> pd.DataFrame:
    """Exports of goods by type of industry, the world and eleven economies, 2002-2022.

    Table SKTI-3 of Science and Engineering Indicators 2024: gross exports of all industries, of manufacturing, and of
    knowledge- and technology-intensive (KTI) manufacturing. WLD is the source's world of 75 economies.

    Warnings
    --------
    - Use shares of WLD, not levels: the figures of S&P Global exceed customs (China by 8% in 2015 and 10% in 2018).
    - all_industries includes manufacturing, and manufacturing includes kti_manufacturing. WLD includes all economies and EU27
      DEU, FRA, and ITA: never add them.
    - Exports are gross: re-exports and imported content are counted.
    """
    file = read(raw, SOURCE, EXPORTS, ["industry", "economy", "year", "value"])
    economy = codes(file.frame["economy"].str.replace(" (75)", "", regex=False))
    industry = file.known("industry", INDUSTRIES)
    return file.frame.assign(economy=economy, industry=industry, value=file.numbers("value"))


@manufactures_exports.check("each group of industries is within the larger one")
def nested(frame: pd.DataFrame) -> bool:
    """KTI manufacturing is within manufacturing, and manufacturing within all industries."""
    wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")
    wide = wide[list(INDUSTRIES.values())]
    return bool((wide.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None))


KTI_SOURCE = source("nsf-kti-trade")
#: Table -> edition, products, and the factor that makes million USD of its values.
KTI_TABLES = {
    "1992.csv": ("SEI2020", "kti", 1),
    "1993.csv": ("SEI2020", "high_rd_intensive", 1),
    "1994.csv": ("SEI2020", "medium_high_rd_intensive", 1),
    "6234.csv": ("SEI2022", "kti", 1000),
}
_GROUPS = {"EU": "EU28", "Rest of the world": "ROW"}


@table(
    unit="million current USD",
    inputs=(KTI_SOURCE, *KTI_TABLES),
    columns={
        "edition": text("Edition of Science and Engineering Indicators", isin=["SEI2020", "SEI2022"]),
        "year": year(2002, 2018),
        "economy": text(
            "ISO3 code, WLD, EU28, ROW, or the lower-case name of a region", str_matches=f"{PLACE}|^EU28$"
        ),
        "level": text("What the row is", isin=["world", "region", "economy", "rest"]),
        "flow": text("export or import", isin=["export", "import"]),
        "products": text(
            "kti, or its two parts in SEI2020", isin=["kti", "high_rd_intensive", "medium_high_rd_intensive"]
        ),
        **measured("Trade, current prices", UNIT, ge=0),
    },
    key=("edition", "products", "flow", "economy", "year"),
    vintage=("edition", "SEI2020"),
)
def kti_trade(raw: Raw) -> pd.DataFrame:
    """Exports and imports of knowledge- and technology-intensive products, 2002-2018.

    Science and Engineering Indicators: trade in products of high and medium-high R&D intensity (SEI2020, 2003-2018, 20
    economies with regions) and of KTI industries (SEI2022, 2002-2018, 28 economies).

    Warnings
    --------
    - China includes Hong Kong, without the trade between the two in SEI2020: levels are not those of customs.
    - Never combine editions: SEI2022 is trade of industries, balanced, with IT services (China's exports 1,087.0 billion USD in
      2015; SEI2020 1,112.8). Its table says million and holds billions, which is corrected here.
    - Regions and rests ("other_asia") are listed with the economies: filter level == "economy" before summing.
    - kti = high_rd_intensive + medium_high_rd_intensive in SEI2020.

    Notes
    -----
    Stack the four tables; a row with rows below it is a region, and another leaf that is no economy a rest.
    """
    return pd.concat([_kti(raw, *each) for each in KTI_TABLES.items()], ignore_index=True)


def _kti(raw: Raw, path: str, about: tuple[str, str, int]) -> pd.DataFrame:
    edition, products, factor = about
    file = read(raw, KTI_SOURCE, path, has=[PLACE_PATH])
    years = [name for name in map(str, file.frame) if name.startswith("field_")]
    places = file.frame[PLACE_PATH]
    flow = file.known(
        places.str.split(" -> ").str[0].rename("flow"), {"Exports": "export", "Imports": "import"}
    )
    frame = file.frame.assign(**located(file, _GROUPS), flow=flow)[places.str.contains(" -> ")]
    made = by_year(file, frame, years, ["economy", "level", "flow"]).assign(
        edition=edition, products=products
    )
    return made.assign(value=made["value"] * factor)


kti_trade.checks.append(coded())
