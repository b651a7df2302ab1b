"""Critical materials: shares in exports by BACI, and trade in rare-earth compounds (OEC; on the user's machine only)."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, economy, firsts, flag, measured, number, text, truth, year
from mic2025lab.sources.reading import codebook, entries, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

SHARES, PRODUCTS = "baci_crm_hs6_export_shares_1995_2023.csv.gz", "products.csv"

SOURCE = source("baci-critical-materials")

#: HS92 code -> material and, for a basket (a code that contains several materials), its contents, as in the table.
MATERIALS: dict[str, tuple[str, str]] = codebook("critical_materials")

_BASKETS = (
    "Baskets (basket = true): 280530 contains all rare-earth metals, but not the compounds (2846) in which most of them are traded. 811291 contains "
    "gallium, hafnium, indium, niobium, rhenium, and thallium, but not germanium (811230). 732690 is not a raw material. A share of a basket is not "
    "a share of the material it is known for."
)

_MATERIAL = {
    "material": text("Material that the product represents", isin=sorted(set(firsts(MATERIALS)))),
    "basket": truth("Whether the code contains several materials that cannot be separated"),
}
_THORIUM = "261220 is thorium ore; the repository that the file comes from calls it rare earths."


@table(SOURCE, PRODUCTS, key="product", unit="none", format="csv")
@columns(
    product=text("HS 6-digit code", unique=True, isin=MATERIALS),
    hs=constant("HS92", "Revision of the Harmonized System"),
    **_MATERIAL,
    description=text("BACI's description"),
    note=text("Contents of a basket", missing=True),
)
def critical_materials(raw: Raw) -> pd.DataFrame:
    """The 42 products of critical_materials_exports: material, basket, and description.

    HS92 6-digit codes with BACI's descriptions, the material each represents, and whether a code contains several materials.

    Warnings
    --------
    - material and basket are this package's reading of the descriptions, not the source's classification.
    - {_BASKETS}
    - {_THORIUM}
    """
    file = read(raw, SOURCE, "hs92_6=product description", file=PRODUCTS)
    file.only("product", *MATERIALS)
    about = entries(file.frame["product"], MATERIALS, "material", "note")
    return file.frame.assign(**about, basket=about["note"] != "")


@table(SOURCE, SHARES, key="product year exporter")
@columns(
    year=year(1995, 2023),
    exporter=economy("ISO3 code; ZA1 is the Southern African Customs Union", ["ZA1"]),
    product=text("HS 6-digit code", isin=MATERIALS),
    hs=constant("HS92", "Revision of the Harmonized System"),
    **_MATERIAL,
    value=number("Share of the value of world exports of the product", "share", gt=0, le=1),
    unit=constant("share of world exports by value", "Unit of value"),
)
def critical_materials_exports(raw: Raw) -> pd.DataFrame:
    """Exporters' shares of world exports of 42 critical-material products, 1995-2023.

    BACI (version 202501) by HS92 6-digit product: the share of each exporter in the value of world exports. See
    critical_materials for what each product is.

    Warnings
    --------
    - Shares only, without money values and importers: products cannot be added or weighted, and import dependence cannot be
      computed.
    - Exports are not production: Hong Kong, the Netherlands, and others re-export. Hong Kong and Macao are separate exporters.
    - {_BASKETS}
    - {_THORIUM}
    - Taiwan (TWN) is the source's code S19 ("Other Asia, nes"). ZA1 is the Southern African Customs Union and SCG is Serbia and
      Montenegro: their members have rows only in later years.
    - A missing row means no exports or no report; the source does not say which.

    Notes
    -----
    BACI's own codes are resolved: S19 ("Other Asia, nes") is Taiwan; ZA1, the Southern African Customs Union, stands for its
    members until they report on their own. A missing row is no exports, or exports that were not reported.
    """
    types = {"country": "str", "hs92_6": "str"}
    columns = "year country=exporter hs92_6=product pct_of_max share=value"
    frame = read(raw, SOURCE, columns, file=SHARES, dtype=types, na_values={"share": [""]}).frame
    about = entries(frame["product"], MATERIALS, "material", "contents")
    return frame.assign(material=about["material"], basket=about["contents"] != "")


@critical_materials_exports.check("shares of a product and year add up to 1")
def adds_up(frame: pd.DataFrame) -> bool:
    """All exporters are included."""
    return bool(((frame.groupby(["product", "year"])["value"].sum() - 1).abs() < 1e-9).all())


OEC = source("oec-rare-earths-2846")


@table(OEC, key="flow economy year", unit="current USD")
@columns(
    year=year(1995, 2022),
    economy=economy(),
    flow=text("export or import", isin=["export", "import"]),
    product=constant("2846", "HS 4-digit code"),
    **measured("Trade, current prices", "USD", ge=0),
    flag=flag("zero (none, or no figure), else empty", "zero"),
)
def rare_earth_trade(raw: Raw) -> pd.DataFrame:
    """Trade in rare-earth compounds (HS 2846) by economy, 1995-2022.

    Exports and imports in value, about 70 economies a year.

    Warnings
    --------
    - Value, not tons: prices rose tenfold in 2011. China's share of exports falls from 60% (2010) to 20% (2022), while its
      share of oxide output stays near 70% (mineral_production): a falling export share does not mean falling dependence.
    - SCG is the source's Yugoslavia. Hong Kong and Taiwan are separate economies.

    Notes
    -----
    Clean exports and imports of rare-earth compounds (HS 2846) by economy, 1995-2022.

    The source writes 0 both for no trade and for no figure: it is kept, with the flag `zero`.
    """
    columns = "iso3 oec_country_id country export_usd=export import_usd=import net_export_usd year"
    file = read(raw, OEC, columns)
    frame = file.frame.assign(economy=file.frame["iso3"].replace("yug", "SCG"))
    long = frame.melt(["year", "economy"], ["export", "import"], "flow", "value")
    return long.assign(flag=flagged(file.numbers(long["value"]) == 0, "zero"))
