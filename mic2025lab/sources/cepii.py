"""CEPII BACI, as an open repository has aggregated it: shares in the exports of 42 critical-material products."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

SHARES, PRODUCTS = "baci_crm_hs6_export_shares_1995_2023.csv.gz", "products.csv"
HS, UNIT = "HS92", "share of world exports by value"

_REPOSITORY = "output/pivotal1.parquet of Wendyyu-08/EPQ (commit 99247413e3337f36bf8e121311c08ed0c0505c34)"

SOURCE = Source(
    id="baci-critical-materials",
    producer="CEPII",
    title="BACI: export shares of 42 critical-material products, HS92 6-digit",
    version="V202501, aggregated by an open repository",
    url="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
    license="Etalab-2.0 (BACI, from knowledge); aggregation MIT",
    redistributable="attribution",
    citation="Gaulier, G. and S. Zignago (2010), BACI, CEPII WP 2010-23; version 202501; aggregation: Wendyyu-08/EPQ.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            SHARES,
            "11ddaa57a78901b882f845ed4bb2a72ec4d59d9fa3ef69d16fb36109ac5bdfdd",
            url_note=f"{_REPOSITORY}, wide to long, zeros dropped; share = pct_of_max over its sum",
        ),
        RawFile(
            PRODUCTS,
            "f68160aed571e5961319e82cceaf9ad236a717a0d6c5b501ecac54c1655438e0",
            url_note=f"the products of {_REPOSITORY}, with BACI's descriptions",
        ),
    ),
)

#: HS92 code -> material, and, for a basket (a code in which several materials cannot be told apart), what lies in it.
MATERIALS: dict[str, tuple[str, str]] = {
    "250410": ("graphite", ""),
    "250490": ("graphite", ""),
    "251010": ("phosphate_rock", ""),
    "251020": ("phosphate_rock", ""),
    "251110": ("barite", ""),
    "251910": ("magnesite", ""),
    "252890": ("borates", ""),
    "252910": ("feldspar", ""),
    "252921": ("fluorspar", ""),
    "253010": ("vermiculite_perlite_chlorites", "three minerals"),
    "253020": ("magnesium_sulphates", ""),
    "253090": ("other_minerals", "all mineral substances of chapter 25 not specified elsewhere"),
    "260111": ("iron_ore", ""),
    "260112": ("iron_ore", ""),
    "260200": ("manganese", ""),
    "260300": ("copper", ""),
    "260400": ("nickel", ""),
    "260500": ("cobalt", ""),
    "260600": ("aluminium", ""),
    "261000": ("chromium", ""),
    "261220": ("thorium", ""),
    "261510": ("zirconium", ""),
    "261590": ("niobium_tantalum_vanadium", "ores of niobium, tantalum and vanadium"),
    "261690": ("precious_metal_ores", "ores of gold and the platinum metals"),
    "261710": ("antimony", ""),
    "270111": ("coal", ""),
    "270112": ("coal", ""),
    "270119": ("coal", ""),
    "280429": ("rare_gases", "helium, neon, krypton and xenon"),
    "280470": ("phosphorus", ""),
    "280480": ("arsenic", ""),
    "280519": ("alkali_metals", "lithium, potassium, rubidium and caesium metal"),
    "280530": (
        "rare_earth_metals",
        "the rare-earth metals, scandium and yttrium; the compounds (2846) are not in it",
    ),
    "310420": ("potash", ""),
    "310430": ("potash", ""),
    "310490": ("potash", "potassic fertilizers not specified elsewhere"),
    "732690": ("iron_steel_articles", "articles of iron or steel not specified elsewhere: no raw material"),
    "810411": ("magnesium", ""),
    "810419": ("magnesium", ""),
    "810600": ("bismuth", ""),
    "811211": ("beryllium", ""),
    "811291": (
        "gallium_hafnium_indium_niobium_rhenium_thallium",
        "six metals; germanium (811230) is another code and not in the table",
    ),
}


def _products(raw: Raw) -> pd.DataFrame:
    frame = pd.read_csv(raw(SOURCE, PRODUCTS), dtype="str", keep_default_na=False)
    need(list(frame) == ["hs92_6", "description"], SOURCE, PRODUCTS, f"columns {list(frame)}")
    need(
        set(frame["hs92_6"]) == set(MATERIALS) and frame["hs92_6"].is_unique,
        SOURCE,
        PRODUCTS,
        f"other products: {sorted(set(frame['hs92_6']) ^ set(MATERIALS))}",
    )
    return frame.rename(columns={"hs92_6": "product"})


def critical_materials(raw: Raw) -> pd.DataFrame:
    """List the 42 products: what each is, which material it stands for, and whether it is a basket.

    Returns
    -------
    pandas.DataFrame
        `product, hs, material, basket, description, note`.
    """
    table = _products(raw)
    table["hs"] = HS
    table["material"] = table["product"].map(lambda code: MATERIALS[code][0])
    table["note"] = table["product"].map(lambda code: MATERIALS[code][1] or None)
    table["basket"] = table["note"].notna()
    columns = ["product", "hs", "material", "basket", "description", "note"]
    table = table[columns].sort_values("product", ignore_index=True)
    return table.astype(dict.fromkeys(["product", "hs", "material", "description", "note"], "str"))


def critical_materials_exports(raw: Raw) -> pd.DataFrame:
    """Clean the shares of exporters in the world's exports of each product, 1995-2023.

    Codes of BACI that are not ISO's are resolved: S19 ("Other Asia, nes") is Taiwan; ZA1, the Southern African Customs
    Union, stands for its members until they report on their own. A row there is not is an export of nothing, or not reported.

    Returns
    -------
    pandas.DataFrame
        `year, exporter, product, hs, material, basket, value, unit`; value is a share, 0 to 1, and adds up to 1.
    """
    text = {"country": "str", "hs92_6": "str"}
    frame = pd.read_csv(raw(SOURCE, SHARES), dtype=text, keep_default_na=False, na_values={"share": [""]})
    columns = ["year", "country", "hs92_6", "pct_of_max", "share"]
    need(list(frame) == columns, SOURCE, SHARES, f"columns {list(frame)}")
    need(
        set(frame["hs92_6"]) <= set(MATERIALS),
        SOURCE,
        SHARES,
        f"products without a description: {sorted(set(frame['hs92_6']) - set(MATERIALS))}",
    )
    total = frame.groupby(["year", "hs92_6"])["share"].sum()
    off = total[(total - 1).abs() > 1e-9]
    need(off.empty, SOURCE, SHARES, f"shares that do not add up to 1: {off.head(3).to_dict()}")
    names = {code: economies.resolve(code) for code in frame["country"].unique()}
    frame["exporter"] = frame["country"].map(names)
    frame["material"] = frame["hs92_6"].map(lambda code: MATERIALS[code][0])
    frame["basket"] = frame["hs92_6"].map(lambda code: bool(MATERIALS[code][1]))
    frame = frame.rename(columns={"hs92_6": "product", "share": "value"}).assign(hs=HS, unit=UNIT)
    columns = ["year", "exporter", "product", "hs", "material", "basket", "value", "unit"]
    table = frame[columns].sort_values(["product", "year", "exporter"], ignore_index=True)
    return table.astype(dict.fromkeys(["exporter", "product", "hs", "material", "unit"], "str"))


_BASKETS = (
    "Baskets (basket = true): 280530 holds all rare-earth metals, and the compounds (2846), in which most of them are traded, are absent; "
    "811291 holds gallium, hafnium, indium, niobium, rhenium and thallium together, and germanium (811230) is absent; 732690 is no raw "
    "material. A share of a basket is not a share of the material it is known for."
)
_THORIUM = "261220 is thorium ore; the repository it came by calls it rare earths."

TABLES = (
    Table(
        name="critical_materials_exports",
        title="Exporters' shares in the world's exports of 42 critical-material products, 1995-2023",
        description=(
            "BACI (version 202501) by HS92 6-digit product: the share of each exporter in the value of the world's exports. What each product "
            "is stands in critical_materials."
        ),
        unit=UNIT,
        build=critical_materials_exports,
        inputs=((SOURCE, (SHARES,)),),
        key=("year", "exporter", "product"),
        coverage=("year", "exporter", "product", "material"),
        format="parquet",
        warnings=(
            "Shares only, no values in money and no importers: products cannot be added or weighted, and no economy's dependence on imports "
            "can be computed from them.",
            "Exports are not production: Hong Kong, the Netherlands and others re-export. Hong Kong and Macao are exporters of their own.",
            _BASKETS,
            _THORIUM,
            'Taiwan (TWN) is the code S19 ("Other Asia, nes") of the source. ZA1 is the Southern African Customs Union and SCG Serbia and '
            "Montenegro: their members appear on their own only after them.",
            "A row that is missing is an export of nothing or one that nobody reported: the source does not say which.",
        ),
    ),
    Table(
        name="critical_materials",
        title="The 42 products of critical_materials_exports: material, basket, description",
        description="HS92 6-digit codes with BACI's descriptions, the material each stands for, and whether several lie in one code.",
        unit="none",
        build=critical_materials,
        inputs=((SOURCE, (PRODUCTS,)),),
        key=("product",),
        coverage=("product", "material"),
        warnings=(
            "material and basket are this package's reading of the descriptions, not the source's.",
            _BASKETS,
            _THORIUM,
        ),
    ),
)
