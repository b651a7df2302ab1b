"""Tables, titles and sentences of `chokepoints`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mic2025lab import catalog, metrics
from mic2025lab.classifications import economies
from mic2025lab.evidence import bilateral
from mic2025lab.evidence._words import each, listing, plain


def materials(
    exports: pd.DataFrame,
    products: pd.DataFrame,
    *,
    importer: str,
    share_above: float,
    hhi_above: float,
    years_needed: int,
    years_window: int,
) -> pd.DataFrame:
    """Screen the world's exports of critical materials for products that one economy other than the importer dominates, year after year.

    Importers are not known in this table: it says how few others the importer could buy from, not what it buys.

    Returns
    -------
    pandas.DataFrame
        A row a product and year: `product`, `label`, `basket`, `year`, `own_share`, `supplier`, `share`, `hhi` (shares in percent),
        `dominated`, `years_dominated` (of the last `years_window`), `chokepoint` (dominated in at least `years_needed` of them).
    """
    table = metrics.export_dominance(exports, exporter=importer, share_above=share_above, hhi_above=hhi_above)
    table = table.rename(
        columns={"share": "own_share", "next_exporter": "supplier", "next_share": "share"}
    ).drop(columns="dominant")
    table["dominated"] = (table["share"] > share_above) & (table["hhi"] > hhi_above)
    table = table.sort_values(["product", "year"], ignore_index=True)
    counted = table.groupby("product")["dominated"].rolling(years_window, min_periods=1).sum()
    table["years_dominated"] = counted.to_numpy().astype("int64")
    table["chokepoint"] = table["dominated"] & (table["years_dominated"] >= years_needed)
    labels = products.set_index("product")
    table["label"] = table["product"] + " " + table["product"].map(labels["material"]).str.replace("_", " ")
    table["basket"] = table["product"].map(labels["basket"])
    return table.assign(share=100 * table["share"], own_share=100 * table["own_share"])


def necks(table: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Chokepoints of one year with a label that names product and exporter (`text`), the most dominated first."""
    rows = table[(table["year"] == year) & table["chokepoint"]].sort_values(
        "share", ascending=False, ignore_index=True
    )
    return rows.assign(text=rows["label"].str.slice(7) + ": " + rows["supplier"].map(economies.name))


def by_supplier(table: pd.DataFrame) -> pd.DataFrame:
    """Count the chokepoints of each year by the supplier that is their neck."""
    counted = table[table["chokepoint"]].groupby(["year", "supplier"], as_index=False).size()
    years = sorted(table["year"].unique())
    grid = pd.MultiIndex.from_product(
        [years, sorted(counted["supplier"].unique())], names=["year", "supplier"]
    )
    return (
        counted.set_index(["year", "supplier"])["size"]
        .reindex(grid, fill_value=0)
        .rename("products")
        .reset_index()
    )


def thresholds(exports: pd.DataFrame, products: pd.DataFrame, *, importer: str, year: int) -> pd.DataFrame:
    """Count the chokepoints of one year under other thresholds of share, concentration and persistence."""
    lines = []
    for share in (0.4, 0.5, 0.6):
        for hhi in (0.25, 0.4):
            for needed, window in ((1, 1), (3, 5), (5, 5)):
                table = materials(
                    exports,
                    products,
                    importer=importer,
                    share_above=share,
                    hhi_above=hhi,
                    years_needed=needed,
                    years_window=window,
                )
                count = int(table.loc[table["year"] == year, "chokepoint"].sum())
                lines.append(
                    {
                        "share above": share,
                        "HHI above": hhi,
                        "years": f"{needed} of {window}",
                        "chokepoints": count,
                    }
                )
    return pd.DataFrame(lines)


def imports_of(importer: str, flows: str) -> pd.DataFrame | None:
    """Imports by product and supplier: from BACI, or where that is not asked for from the embedded table; None if that has no such importer."""
    if flows == "baci":
        return bilateral.imports_of(importer)
    table = catalog.load("us_imports")
    return table if importer in set(table["importer"]) else None


def partner_imports(imports: pd.DataFrame) -> pd.DataFrame:
    """Imports of one year with each partner once: members that also stand inside a bloc are left out."""
    rows = imports[imports["flag"] != "in_EU27"] if "flag" in imports else imports
    return rows[["year", "importer", "exporter", "product", "value"]]


def captive(
    imports: pd.DataFrame,
    *,
    supplier: str,
    share_above: float,
    alternative_above: float,
    mapping: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find what the importer takes mostly from one supplier, and where there is no other.

    Returns
    -------
    products : pandas.DataFrame
        `metrics.reverse_dependence` by product, with `taken` (imports from the supplier).
    sectors : pandas.DataFrame
        By sector of the plan, and for all products: `imports`, `share` (%, of the supplier), `products`, `dependent`, `captive` (counts), and
        `captive_share` (% of the imports in captive products). A product of two sectors is in both.
    """
    table = metrics.reverse_dependence(
        imports, economy=supplier, share_above=share_above, alternative_above=alternative_above
    )
    table["taken"] = table["imports"] * table["share"]
    joined = table.merge(mapping[["product", "sector"]], on="product")
    everything = table.assign(sector="all products")
    stacked = pd.concat([everything, joined])
    stacked["captive_imports"] = stacked["imports"].where(stacked["captive"], 0.0)
    sectors = stacked.groupby("sector", as_index=False).agg(
        imports=("imports", "sum"),
        taken=("taken", "sum"),
        products=("product", "nunique"),
        dependent=("dependent", "sum"),
        captive=("captive", "sum"),
        captive_imports=("captive_imports", "sum"),
    )
    sectors["share"] = 100 * sectors["taken"] / sectors["imports"]
    sectors["captive_share"] = 100 * sectors["captive_imports"] / sectors["imports"]
    sectors = sectors.drop(columns=["taken", "captive_imports"]).sort_values(
        "share", ascending=False, ignore_index=True
    )
    return table.sort_values("taken", ascending=False, ignore_index=True), sectors


def production(minerals: pd.DataFrame, *, economy: str, year: int) -> pd.DataFrame:
    """Share of an economy in world production of each mineral in one year (%), a column a source and edition; the main form only.

    The USGS prints a rounded world total, which is the denominator; the BGS prints none, so there it is the sum of the economies.
    """
    rows = minerals[minerals["main"] & (minerals["year"] == year)]
    keys = ["edition", "mineral"]
    own = rows[rows["economy"] == economy].groupby(keys)["value"].sum(min_count=1)
    world = rows[rows["level"] == "world"].groupby(keys)["value"].sum(min_count=1)
    summed = rows[rows["level"] == "economy"].groupby(keys)["value"].sum(min_count=1)
    # Only a source without any world row is added up: a USGS total that is withheld stays missing.
    printed = set(world.index.get_level_values("edition"))
    total = world.combine_first(summed[~summed.index.get_level_values("edition").isin(printed)])
    share = (100 * own / total).dropna().unstack("edition")
    order = share.max(axis=1).sort_values(ascending=False).index
    return share.loc[order].rename_axis(columns=None).reset_index()


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_materials(table: pd.DataFrame, counts: pd.DataFrame, *, importer: str, base: int) -> str:
    """Say how many materials are chokepoints in the last year, whose, and how that differs from the base year."""
    last = int(table["year"].max())
    now = table[(table["year"] == last) & table["chokepoint"]]
    total = table.loc[table["year"] == last, "product"].nunique()
    then = int(table.loc[table["year"] == base, "chokepoint"].sum())
    text = (
        f"Of {total} critical materials {len(now)} were chokepoints for {economies.spoken(importer)} in {last} "
        f"(one other exporter dominates the world market, year after year); in {base} it was {then}."
    )
    latest = counts[(counts["year"] == last) & (counts["products"] > 0)].sort_values(
        "products", ascending=False
    )
    if len(latest):
        named = [f"{economies.spoken(row.supplier)} ({row.products})" for row in each(latest.head(6))]
        text += f" The dominant exporters are {listing(named)}."
    return text


def say_captive(sectors: pd.DataFrame, *, importer: str, supplier: str, year: int, alternative: float) -> str:
    """Say what part of the imports comes from the supplier, and in what part there is no alternative."""
    whole = sectors[sectors["sector"] == "all products"].iloc[0]
    text = (
        f"In {year} {economies.spoken(importer)} took {plain(whole['share'])}% of the imports in the table from {economies.spoken(supplier)}. "
        f"In {int(whole['dependent']):,} of {int(whole['products']):,} products it took more than the threshold, and in "
        f"{int(whole['captive']):,} no other supplier had {plain(100 * alternative, 0)}% or more: {plain(whole['captive_share'])}% of all imports."
    )
    named = sectors[sectors["sector"] != "all products"]
    if len(named):
        top = [f"{row.sector.replace('_', ' ')} ({plain(row.share)}%)" for row in each(named.head(3))]
        text += f" By sector of the plan the share is highest in {listing(top)}."
    return text


def title_materials(counts: pd.DataFrame, *, importer: str, base: int) -> str:
    """Title of the figure of counts."""
    last = int(counts["year"].max())
    total = counts.groupby("year")["products"].sum()
    return f"Materials that one exporter dominates, seen from {economies.spoken(importer)}: {total[base]} in {base}, {total[last]} in {last}"


def title_sectors(sectors: pd.DataFrame, *, importer: str, supplier: str) -> str:
    """Title of the figure of sectors."""
    top = sectors[sectors["sector"] != "all products"].sort_values("captive_share", ascending=False).iloc[0]
    return (
        f"{economies.name(importer)}: {plain(top['captive_share'], 0)}% of its imports in {top['sector'].replace('_', ' ')} "
        f"have no alternative to {economies.name(supplier)}"
    )


def say_production(table: pd.DataFrame, *, economy: str, year: int, above: float = 50.0) -> str:
    """Say of how many minerals the economy mines or makes most of the world's, and by how much the sources disagree."""
    numbers = table.drop(columns="mineral")
    led = table[numbers.min(axis=1) > above]
    top = [
        f"{row['mineral'].replace('_', ' ')} ({plain(row.drop('mineral').max(), 0)}%)"
        for _, row in led.head(5).iterrows()
    ]
    text = (
        f"In {year} {economies.spoken(economy)} produced more than half of the world’s supply of {len(led)} of {len(table)} minerals "
        f"by every source that has them{', above all ' + listing(top) if top else ''}."
    )
    spread = (numbers.max(axis=1) - numbers.min(axis=1)).where(numbers.notna().sum(axis=1) > 1)
    if spread.notna().any():
        worst = str(table["mineral"].iloc[int(np.nanargmax(spread))]).replace("_", " ")
        text += f" The sources differ by {plain(spread.median(), 0)} points at the median and by {plain(spread.max(), 0)} for {worst}."
    return text
