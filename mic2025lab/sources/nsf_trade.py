"""NCSES, Science and Engineering Indicators: exports of manufactures, and trade in knowledge- and technology-intensive (KTI) products."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import CODES, number, text, unit, year
from mic2025lab.sources.nsf import UNIT
from mic2025lab.sources.nsf_innovation import EXPORTS, SOURCE
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.source import Raw
from mic2025lab.sources.table import table

#: Industry of table SKTI-3 -> slug, as in `value_added`.
INDUSTRIES = {
    "All ISIC, Rev.4, industries": "all_industries",
    "Manufacturing industries": "manufacturing",
    "KTI manufacturing industries: 20, 21, 26, 27, 28, 29, 302, 304 and 309, 303": "kti_manufacturing",
}


@table(
    title="Exports of goods by type of industry, the world and eleven economies, 2002-2022",
    description="Table SKTI-3 of Science and Engineering Indicators 2024: gross exports of all industries, of manufacturing, and of knowledge- and "
    "technology-intensive (KTI) manufacturing. WLD is the source's world of 75 economies.",
    unit="million current USD",
    inputs=(SOURCE, EXPORTS),
    columns={
        "year": year(2002, 2022),
        "economy": text("ISO3 code, WLD (75 economies) or EU27", isin=CODES),
        "industry": text("Type of industry; each includes the next", isin=list(INDUSTRIES.values())),
        "value": number("Gross exports, current prices", "million USD", gt=0),
        "unit": unit(UNIT),
    },
    key=("year", "economy", "industry"),
    coverage=("year", "economy", "industry"),
    warnings=(
        "Use shares of WLD, not levels: the figures of S&P Global exceed customs (China by 8% in 2015 and 10% in 2018).",
        "all_industries includes manufacturing, and manufacturing includes kti_manufacturing. WLD includes all economies and EU27 DEU, FRA, and "
        "ITA: never add them.",
        "Exports are gross: re-exports and imported content are counted.",
    ),
)
def manufactures_exports(raw: Raw) -> pd.DataFrame:
    """Clean table SKTI-3: exports of three nested groups of industries."""
    file = read(raw, SOURCE, EXPORTS, ["industry", "economy", "year", "value"])
    return pd.DataFrame(
        {
            "year": file.frame["year"].astype("int64"),
            "economy": codes(file.frame["economy"].str.replace(" (75)", "", regex=False)),
            "industry": file.known("industry", INDUSTRIES),
            "value": file.numbers("value"),
        }
    )


@manufactures_exports.check("each group of industries is within the larger one")
def nested(frame: pd.DataFrame) -> bool:
    """KTI manufacturing is within manufacturing, and manufacturing within all industries."""
    wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")[
        list(INDUSTRIES.values())
    ]
    return bool((wide.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None))
