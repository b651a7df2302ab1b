"""Inter-country input-output tables: exports of intermediates and final goods (OECD), foreign content and the table of 2011 (WIOD)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mic2025lab.classifications import economies, industries
from mic2025lab.sources.columns import constant, economy, flag, measured, number, text, words, year
from mic2025lab.sources.reading import codebook, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

INTERMEDIATES = "icio_intermediate_exports_country_sector_1995_2020.csv.gz"
FINAL = "icio_final_demand_exports_country_1995_2020.csv"
UNIT = "million USD"

ICIO = source("oecd-icio-intermediates")

#: Categories of final use.
USES = codebook("icio_uses")
_USES = "; ".join(f"{code} {use}" for code, use in USES.items())


def _clean(raw: Raw, path: str, column: str, new: str, known: Mapping[str, str]) -> pd.DataFrame:
    types = {"country": "str", column: "str"}
    columns = f"year country=economy {column}={new} value"
    file = read(raw, ICIO, columns, file=path, dtype=types, na_values={"value": [""]})
    file.only(new, *known)
    frame = file.frame
    cells = frame["year"].nunique() * frame["economy"].nunique() * len(known)
    file.need(len(frame) == cells, f"{len(frame)} rows for {cells} cells")
    return frame


_ICIO = (
    "The table has 76 economies and no rest of the world: a share is a share of those 76. Hong Kong and Taiwan are separate economies; Macao is not "
    "included.",
    "Nominal dollars. 2020 is a pandemic year.",
    "The edition (2023) is inferred from the coverage; the repository does not state it. Do not combine with wiod_foreign_content or "
    "inter_country_2011, which come from another database.",
)


@table(ICIO, INTERMEDIATES, key="year economy industry", unit="million current USD")
@columns(
    year=year(1995, 2020),
    economy=economy("ISO3 code of the seller"),
    industry=text("ICIO code of the selling industry", isin=industries.ICIO),
    **measured("Sales of intermediates abroad, current prices", UNIT, ge=0),
)
def intermediate_exports(raw: Raw) -> pd.DataFrame:
    """Exports of intermediate goods and services by economy and industry, 1995-2020.

    OECD ICIO: sales of 45 industries of 76 economies to industries of other economies. industry is the seller's ICIO code (C26
    computers and electronics, C20 chemicals, ...).

    Warnings
    --------
    - The table has no partner and no importing industry. It has intermediates only; goods for final use are in
      final_demand_exports, which has no industries.
    - {_ICIO[0]}
    - {_ICIO[1]}
    - {_ICIO[2]}

    Notes
    -----
    Clean cross-border sales of intermediates, by selling economy and industry (ICIO code), 1995-2020.

    A zero is the source's own: an industry that sells nothing abroad, or that the economy does not report separately.
    """
    return _clean(raw, INTERMEDIATES, "sector", "industry", industries.ICIO)


@table(ICIO, FINAL, key="year economy use", unit="million current USD")
@columns(
    year=year(1995, 2020),
    economy=economy("ISO3 code of the seller"),
    use=text("ICIO code of the category of final use", isin=USES),
    **measured("Sales for final use abroad, current prices", UNIT, ge=0),
)
def final_demand_exports(raw: Raw) -> pd.DataFrame:
    """Exports of goods and services for final use by economy and category of use, 1995-2020.

    OECD ICIO: sales of 76 economies for final use abroad: {_USES}.

    Warnings
    --------
    - No industries: the goods are not known.
    - {_ICIO[0]}
    - {_ICIO[1]}
    - {_ICIO[2]}

    Notes
    -----
    Clean cross-border sales of goods and services for final use, by selling economy and use (ICIO code), 1995-2020.
    """
    return _clean(raw, FINAL, "final_demand", "use", USES)


CONTENT, INTER = "wiod_exports_foreign_content_1995_2011.csv.gz", "wiod_2011_intercountry_long.csv.gz"
CODES = "codes.csv"

WIOD = source("wiod-1995-2011")

INDUSTRIES = tuple(f"c{number}" for number in range(1, 36))
FINAL_USES = tuple(f"f{number}" for number in range(1, 6))

_WIOD = (
    "Economies: 40 and the rest of the world (ROW). Taiwan is separate; Hong Kong and Macao are in ROW. Romania (ROM in the source) is ROU.",
    "Industries follow NACE Rev. 1: electronics are in c14 with electrical equipment, and motor vehicles in c15 with all other transport equipment. "
    "Not comparable with the ICIO (intermediate_exports).",
    "The table ends in 2011, four years before the plan: it shows the situation before, not the plan's effect.",
)


@table(WIOD, CONTENT, key="year economy industry", unit="million current USD; foreign_share from 0 to 1")
@columns(
    year=year(1995, 2011),
    economy=economy("ISO3 code, or ROW for the rest of the world", economies.RESTS),
    industry=text("WIOD code", isin=INDUSTRIES),
    gross_exports=number("Exports, intermediate and final, current prices", "million USD"),
    output=number("Gross output, current prices", "million USD", ge=0),
    value_added=number("Output less intermediate inputs, current prices", "million USD"),
    domestic_value_added=number("Domestic value added in the exports", "million USD"),
    foreign_share=number("Foreign content divided by gross exports", "share", missing=True, ge=0, le=1),
    unit=constant(UNIT, "Unit of the money columns"),
    flag=flag(
        "negative_exports where changes in inventories make exports negative, else empty",
        "negative_exports",
    ),
)
def wiod_foreign_content(raw: Raw) -> pd.DataFrame:
    """Foreign content of exports by economy and industry, 1995-2011.

    Gross exports (intermediate and final) of 41 economies and 35 industries, and the domestic value added in them: own value
    added per unit of output times the own-country block of the global Leontief inverse. foreign_share = 1 - domestic / gross
    (vertical specialization).

    Warnings
    --------
    - Value added is output less intermediate inputs: it includes taxes less subsidies and transport margins, and exceeds the
      WIOD's own value-added row.
    - foreign_share is missing where an industry does not export. It is the content of the exporting industry's exports, not
      exports of value added.
    - Negative exports (flag negative_exports) come from changes in inventories.
    - {_WIOD[0]}
    - {_WIOD[1]}
    - {_WIOD[2]}

    Notes
    -----
    The foreign share is missing where an industry does not export. The flag `negative_exports` marks exports that changes in
    inventories make negative.
    """
    names = (
        "year country=economy industry gross_exports_musd=gross_exports output_musd=output value_added_musd=value_added "
        "domestic_va_in_exports_musd=domestic_value_added foreign_content_share=foreign_share"
    )
    types = {"country": "str", "industry": "str"}
    frame = read(raw, WIOD, names, file=CONTENT, dtype=types, keep_default_na=True).frame
    return frame.assign(flag=flagged(frame["gross_exports"] < 0, "negative_exports"))


@table(WIOD, INTER, key="exporter importer from_industry to_use", unit="million current USD")
@columns(
    year=year(2011),
    exporter=economy("ISO3 code of the seller, or ROW", economies.RESTS),
    from_industry=text("WIOD code of the selling industry", isin=INDUSTRIES),
    importer=economy("ISO3 code of the buyer, or ROW", economies.RESTS),
    to_use=text("WIOD code of the buying industry (c) or final use (f)", isin=[*INDUSTRIES, *FINAL_USES]),
    **measured("Sales, current prices", UNIT, ne=0),
)
def inter_country_2011(raw: Raw) -> pd.DataFrame:
    """Inter-country input-output table of 2011: 41 economies, 35 industries, 5 final uses.

    Who sold what to whom in 2011, for foreign-input reliance at face value and through suppliers. An industry's output is the
    sum of its row. See wiod_codes for the codes.

    Warnings
    --------
    - Values are rounded to whole millions: the sum of a row differs from the printed output by up to 108 million.
    - Negative cells (in f4 and f5) are changes in inventories and disposals.
    - A missing cell is zero after rounding.
    - Domestic sales are included (exporter = importer): leave them out before computing trade.
    - {_WIOD[0]}
    - {_WIOD[1]}
    - {_WIOD[2]}

    Notes
    -----
    Clean the inter-country table of 2011: what each industry of each economy sells to each industry and final use.

    Cells that are zero are left out. `to_use` is an industry (c1-c35) or a final use (f1-f5). Domestic sales (exporter =
    importer) are included.
    """
    names = "from_country=exporter from_industry to_country=importer to_use value_musd=value"
    types = dict.fromkeys(["from_country", "from_industry", "to_country", "to_use"], "str")
    return read(raw, WIOD, names, file=INTER, dtype={**types, "value_musd": "float64"}).frame


@inter_country_2011.check("only changes in inventories and capital formation are negative")
def negative_only_in_stocks(frame: pd.DataFrame) -> pd.Series:
    """A sale is negative only as a change in inventories or a disposal."""
    return (frame["value"] > 0) | frame["to_use"].isin(["f4", "f5"])


@table(WIOD, CODES, key="code", order="", unit="none", format="csv")
@columns(
    code=text("Code in the WIOD tables", unique=True, isin=[*INDUSTRIES, *FINAL_USES]),
    kind=words("industry or final_use", {"industry": "industry", "final use": "final_use"}),
    nace=text("NACE Rev. 1 code of an industry", missing=True),
    name=text("Short name"),
)
def wiod_codes(raw: Raw) -> pd.DataFrame:
    """Industries and final uses of the WIOD, release of 2013.

    Names for the codes of wiod_foreign_content and inter_country_2011.

    Warnings
    --------
    - The NACE codes and the names of final uses were entered from memory, not taken from the package.
    """
    return read(raw, WIOD, "code kind nace_rev1=nace name", file=CODES, na_values=[""]).frame
