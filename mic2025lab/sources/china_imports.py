"""China's imports by product, 2001-2019, from the Trade Map of the International Trade Centre, and by the ten sectors.

The terms of the lines are unclear, so these are built on the user's machine. Sums of at least three lines are embedded.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import products, sectors
from mic2025lab.sources import harmonized_system as harmonized
from mic2025lab.sources import sector_products as mapping
from mic2025lab.sources.columns import constant, hs, measured, product, text, whole, year
from mic2025lab.sources.reading import codebook, read
from mic2025lab.sources.table import Raw, columns, source, table

THOUSAND, UNIT = "thousand USD", "million USD"
FIRST_YEAR, LAST_YEAR = 2001, 2019
#: Headings between which gold moves: unclassified goods to early 2018, then gold.
GOLD = ("7108", "9999")
WITHOUT_GOLD = "total_without_gold"
#: A sum of fewer lines is not embedded.
LEAST_LINES = 3

SOURCE = source("itc-china-imports-hs6")

QUARTERLY_SOURCE = source("itc-hs4-quarterly-china-us")

#: The source of the sums: the lines are not part of them.
SUMS = source("itc-china-imports-hs6-sums")

#: Name of a head -> the headings or chapters that make it.
HEADS = {head: tuple(headings.split()) for head, headings in codebook("import_heads").items()}
_FIRST = {"chip_tools": 2007}
_ROLES = {"final": "goods", "equipment": "goods", "input": "inputs", "material": "inputs"}


def revision_of(years: pd.Series) -> pd.Series:
    """Return the revision of the HS in force in each year."""
    return years.map({year: products.revision_of(int(year)) for year in years.unique()}).astype("str")


@table(SOURCE, key="year product", unit="thousand current USD")
@columns(
    year=year(FIRST_YEAR, LAST_YEAR),
    economy=constant("CHN", "ISO3 code of the importer"),
    partner=constant("WLD", "All origins"),
    product=product(),
    hs=hs("HS96", "HS02", "HS07", "HS12", "HS17"),
    **measured("Imports, CIF, current prices", THOUSAND, gt=0),
)
def china_imports(raw: Raw) -> pd.DataFrame:
    """China's imports from the world by six-digit product, 2001-2019.

    Imports of China by six-digit code of the HS in force in the year.

    Warnings
    --------
    - The source writes 0 for a code that does not exist in the year's revision; such rows are left out. Convert them with
      metrics.concordance.convert_products, or add up to headings, before comparing across 2002, 2007, 2012, and 2017.
    - Gold is in 999999 to early 2018 and in 7108 after it: leave chapters 71 and 99 out of shares.
    - Imports by origin, CIF, with processing trade and goods of Chinese origin that return.

    Notes
    -----
    Clean the lines: a row for each code with imports; the total is checked and left out.
    """
    years = [str(when) for when in range(FIRST_YEAR, LAST_YEAR + 1)]
    file = read(raw, SOURCE, ["product_code", "product_label", *years])
    wide = file.frame.set_index("product_code")[years].apply(file.numbers)
    lines = wide.drop(index="TOTAL", errors="ignore")
    file.need("TOTAL" in wide.index, "no row TOTAL")
    apart = lines.sum() - wide.loc["TOTAL"].astype("float64")
    file.need((apart.abs() < 100).all(), "products that do not add up to TOTAL")
    long = lines.rename_axis("product").reset_index().melt("product", var_name="year", value_name="value")
    long = long[long["value"] > 0].astype({"year": "int64"}).reset_index(drop=True)
    return long.assign(hs=revision_of(long["year"]))


@table(QUARTERLY_SOURCE, key="partner product quarter", unit="thousand current USD")
@columns(
    year=year(2015, 2020),
    quarter=text("Quarter, YYYY-Qn", str_matches=r"^\d{4}-Q[1-4]$"),
    economy=constant("CHN", "ISO3 code of the importer"),
    partner=text("USA or WLD", isin=["USA", "WLD"]),
    product=product(4),
    **measured("Imports, CIF, current prices", THOUSAND, gt=0),
)
def china_imports_quarterly(raw: Raw) -> pd.DataFrame:
    """China's quarterly imports by heading from the world and the United States, 2015-2020.

    Imports of China by four-digit heading from all origins and from the United States, 2015-Q3 to 2020-Q2.

    Warnings
    --------
    - 2015 and 2020 are half years: compare 2016 to 2019, or the same quarters.
    - WLD includes USA. A quarter without a row is zero or not reported. Heading 9999 has unclassified goods and gold.
    - The HS changes in January 2017.

    Notes
    -----
    Clean the quarterly headings; the row TOTAL is checked and left out.
    """
    file = read(raw, QUARTERLY_SOURCE, has=["importer", "partner", "hs4"])
    file.only("importer", "China")
    quarters = [column for column in map(str, file.frame) if column[:2] == "20"]
    partner = file.known("partner", {"World": "WLD", "United States of America": "USA"})
    wide = file.frame.assign(partner=partner).set_index(["partner", "hs4"])[quarters]
    wide = wide.apply(file.numbers).fillna(0)
    total, lines = wide.xs("TOTAL", level="hs4"), wide.drop(index="TOTAL", level="hs4")
    apart = (lines.groupby(level="partner").sum() - total).abs()
    file.need((apart <= 1000).all(axis=None), "headings that do not add up to TOTAL")
    long = lines.rename_axis(["partner", "product"]).reset_index()
    long = long.melt(["partner", "product"], var_name="quarter", value_name="value")
    return long[long["value"] > 0]


@table(
    SUMS,
    mapping.SOURCE,
    *harmonized.INPUTS,
    key="kind group role year",
    unit="million current USD",
    format="csv",
)
@columns(
    year=year(FIRST_YEAR, LAST_YEAR),
    kind=text("sector, head or total", isin=["sector", "head", "total"]),
    group=text("Sector, head, or total", isin=[*sectors.slugs(), *HEADS, WITHOUT_GOLD]),
    role=text("goods (final, equipment) or inputs (input, material) of a sector; else all", isin=["goods", "inputs", "all"]),
    lines=whole("Six-digit codes with imports that were added up", ge=LEAST_LINES),
    **measured("Imports, CIF, current prices", UNIT, gt=0),
    hs=hs("HS96", "HS02", "HS07", "HS12", "HS17"),
)  # fmt: skip
def china_imports_by_sector(raw: Raw) -> pd.DataFrame:
    """China's imports by sector of the plan and role, and by groups such as chips, 2001-2019.

    Sums of six-digit imports of China from the world: the ten sectors by sector_products (confidence high or medium, in the
    revision of each year), goods and inputs; heads that are whole headings or chapters; and the total without gold.

    Warnings
    --------
    - Sectors share some codes, and heads are parts of sectors: never add groups. goods and inputs of one sector add up.
    - Codes change in 2002, 2007, 2012, and 2017. Sectors follow the mapping of each year's revision. Heads are headings of all
      revisions, but telecommunications (8517) grew in 2007 at the expense of 8525 and 8529, chip_tools (8486) began in 2007,
      and machine_tools lost chip-etching machines to it.
    - new_energy_vehicles has batteries and motors; cars enter in 2017, when electric cars got codes. Rows of low confidence are
      left out.
    - total_without_gold leaves out headings 7108 and 9999, between which gold moved in 2018: use it for shares.
    - All lines converted to HS12 give sectors within 5% of these in 2002-2019; in 2001 ships differ by half.
    - Each value is a sum of {LEAST_LINES} lines or more; the lines are built on the user's machine (china_imports).
    - semiconductor_devices includes solar cells and LEDs; integrated_circuits includes circuits that leave again in exports.
    - CIF values by origin, with processing trade; goods of Chinese origin that return are counted.

    Notes
    -----
    Add the lines up to sectors, heads, and totals; sums of fewer than three lines are left out.
    """
    lines = china_imports(raw)
    mapped = mapping.sector_products(raw)
    mapped = mapped[mapped["confidence"] != "low"]
    by_sector = lines.merge(mapped[["sector", "hs", "product", "role"]], on=["hs", "product"])
    parts = [by_sector.assign(kind="sector", group=by_sector["sector"], role=by_sector["role"].map(_ROLES))]
    for head, codes in HEADS.items():
        inside = lines["product"].str.startswith(codes) & (lines["year"] >= _FIRST.get(head, FIRST_YEAR))
        parts.append(lines[inside].assign(kind="head", group=head, role="all"))
    gold = lines["product"].str.startswith(GOLD)
    parts.append(lines[~gold].assign(kind="total", group=WITHOUT_GOLD, role="all"))
    cell = ["year", "kind", "group", "role", "hs"]
    cells = pd.concat(parts, ignore_index=True).groupby(cell, as_index=False)
    added = cells.agg(lines=("value", "size"), value=("value", "sum"))
    return added[added["lines"] >= LEAST_LINES].assign(value=added["value"] / 1000).reset_index(drop=True)
