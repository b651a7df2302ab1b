"""OECD, Inter-Country Input-Output tables (ICIO): exports of intermediates by sector, and of final goods by use."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mic2025lab.classifications import industries
from mic2025lab.sources.columns import economy, measured, text, year
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.table import Raw, source, table

INTERMEDIATES = "icio_intermediate_exports_country_sector_1995_2020.csv.gz"
FINAL = "icio_final_demand_exports_country_1995_2020.csv"
UNIT = "million USD"

SOURCE = source("oecd-icio-intermediates")

#: Categories of final use.
USES = {
    "HFCE": "final consumption of households",
    "NPISH": "final consumption of non-profit institutions serving households",
    "GGFC": "final consumption of general government",
    "GFCF": "gross fixed capital formation",
    "INVNT": "changes in inventories",
    "DPABR": "direct purchases abroad by residents",
}
_USES = "; ".join(f"{code} {use}" for code, use in USES.items())


def _clean(raw: Raw, path: str, column: str, new: str, known: Mapping[str, str]) -> pd.DataFrame:
    types = {"country": "str", column: "str"}
    columns = ["year", "country", column, "value"]
    file = read(raw, SOURCE, path, columns, dtype=types, na_values={"value": [""]})
    file.only(column, *known)
    frame = file.frame
    cells = frame["year"].nunique() * frame["country"].nunique() * len(known)
    file.need(len(frame) == cells, f"{len(frame)} rows for {cells} cells")
    return frame.rename(columns={column: new}).assign(economy=codes(frame["country"]))


_SHARED = (
    "The table has 76 economies and no rest of the world: a share is a share of those 76. Hong Kong and Taiwan are separate economies; Macao is not "
    "included.",
    "Nominal dollars. 2020 is a pandemic year.",
    "The edition (2023) is inferred from the coverage; the repository does not state it. Do not combine with wiod_foreign_content or "
    "inter_country_2011, which come from another database.",
)


@table(
    unit="million current USD",
    inputs=(SOURCE, INTERMEDIATES),
    columns={
        "year": year(1995, 2020),
        "economy": economy("ISO3 code of the seller"),
        "industry": text("ICIO code of the selling industry", isin=industries.ICIO),
        **measured("Sales of intermediates abroad, current prices", UNIT, ge=0),
    },
    key=("year", "economy", "industry"),
)
def intermediate_exports(raw: Raw) -> pd.DataFrame:
    """Exports of intermediate goods and services by economy and industry, 1995-2020.

    OECD ICIO: sales of 45 industries of 76 economies to industries of other economies. industry is the seller's ICIO code (C26
    computers and electronics, C20 chemicals, ...).

    Warnings
    --------
    - The table has no partner and no importing industry. It has intermediates only; goods for final use are in
      final_demand_exports, which has no industries.
    - {_SHARED[0]}
    - {_SHARED[1]}
    - {_SHARED[2]}

    Notes
    -----
    Clean cross-border sales of intermediates, by selling economy and industry (ICIO code), 1995-2020.

    A zero is the source's own: an industry that sells nothing abroad, or that the economy does not report separately.
    """
    return _clean(raw, INTERMEDIATES, "sector", "industry", industries.ICIO)


@table(
    unit="million current USD",
    inputs=(SOURCE, FINAL),
    columns={
        "year": year(1995, 2020),
        "economy": economy("ISO3 code of the seller"),
        "use": text("ICIO code of the category of final use", isin=USES),
        **measured("Sales for final use abroad, current prices", UNIT, ge=0),
    },
    key=("year", "economy", "use"),
)
def final_demand_exports(raw: Raw) -> pd.DataFrame:
    """Exports of goods and services for final use by economy and category of use, 1995-2020.

    OECD ICIO: sales of 76 economies for final use abroad: {_USES}.

    Warnings
    --------
    - No industries: the goods are not known.
    - {_SHARED[0]}
    - {_SHARED[1]}
    - {_SHARED[2]}

    Notes
    -----
    Clean cross-border sales of goods and services for final use, by selling economy and use (ICIO code), 1995-2020.
    """
    return _clean(raw, FINAL, "final_demand", "use", USES)
