"""On whom an economy depends in a sector of the plan, and who depends on it; part of `sector_profile`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.evidence import chokepoints, imports, localization
from mic2025lab.evidence._words import counted, each, listing, moved, plain, signed
from mic2025lab.evidence.sector_part import CHINA, Part, without

#: A share of one supplier above which a market depends on it, a concentration above which it counts, and from where another is an alternative.
DOMINANT, CONCENTRATED, ALTERNATIVE = 0.5, 0.4, 0.1
#: In how many of how many years a material must be dominated.
YEARS_NEEDED, YEARS_WINDOW = 3, 5


def dependence(table: pd.DataFrame, slug: str, *, economy: str, base: int) -> Part:
    """Imports over domestic use in the NBS's finer industries, the last table up to the base year against the last."""
    own = localization.DETAILED[slug]
    part = Part(
        "import_share_change",
        "Imports over domestic use",
        "",
        "a detailed input-output table of 2015 and of a year after the pandemic",
        "industry_supply",
    )
    if economy != CHINA:
        return without(part, "the input-output tables over the years are of China only")
    rows = localization.detailed_by_sector(table)
    rows = rows[rows["sector"] == slug]
    found = localization.compare(rows, of="sector", base=base)
    if found.empty:
        return without(
            part, f"the finer tables have no year on both sides of {base} with all of the sector’s industries"
        )
    row = next(each(found))
    stands = listing([label.lower() for label in own.names.values()])
    calm = (
        f" In {localization.CALM}, before the pandemic, it was {plain(row.calm)}%."
        if row.calm == row.calm and row.before_year < localization.CALM < row.last_year
        else ""
    )
    return dataclasses.replace(
        part,
        says=(
            f"The share of imports in what China used of {stands} {moved(row.after, margin=localization.MARGIN)} from {plain(row.before)}% in "
            f"{row.before_year}, the last detailed table up to {base}, to {plain(row.last)}% in {row.last_year} ({signed(row.after)} points; single "
            f"years, no interval).{calm}"
        ),
        value=float(row.after),
        unit="points",
        note=f"imports over domestic use, {row.before_year} to {row.last_year}",
        span=f"{row.before_year}–{row.last_year}",
        years=(int(rows["year"].min()), int(rows["year"].max())),
        stands=stands,
        match=own.match,
        more=(("import_share_end", row.last, "%", f"imports over domestic use, {row.last_year}", None, None),),
    )  # fmt: skip


def products(mapping: pd.DataFrame, slug: str, hs: Iterable[Any]) -> tuple[pd.DataFrame, str, str]:
    """Give the sector's products in some revisions, what they are in words, and their match.

    The match is good where at least half of the codes were assigned with high confidence, partial where half were at least with medium.
    """
    rows = mapping[(mapping["sector"] == slug) & mapping["hs"].isin(list(hs))]
    high = float((rows["confidence"] == "high").mean())
    low = float((rows["confidence"] == "low").mean())
    match = "good" if high >= 0.5 else "partial" if low <= 0.5 else "poor"
    count = rows.groupby("hs")["product"].nunique().max()
    return rows, f"{counted(int(count), 'product code')} of the Harmonized System", match


def partner(table: pd.DataFrame, mapping: pd.DataFrame, slug: str, *, economy: str, base: int) -> Part:
    """What the United States sold it in the sector's products, against all it sold."""
    part = Part(
        "us_exports_change",
        "US exports to it",
        "",
        "imports by product and every supplier (BACI: mic2025lab data baci)",
        "us_exports_to_china",
    )
    if economy != CHINA:
        return without(part, "the exports of the United States by product are of those to China only")
    rows, stands, match = products(mapping, slug, table["hs"].unique())
    wide = imports.by_sector(table, rows).pivot(index="sector", columns="year", values="value")
    last = int(wide.columns.max())
    growth = (100 * (wide[last] / wide[base] - 1)).replace([np.inf, -np.inf], np.nan).dropna()
    if slug not in growth:
        return without(part, f"the United States sold China none of the sector’s products in {base}")
    less = float(growth[slug] - growth[imports.ALL])
    word = "about as" if abs(less) < 1 else "better than" if less > 0 else "worse than"
    return dataclasses.replace(
        part,
        says=(
            f"Exports of the United States to China in the sector’s products changed by {signed(growth[slug], 0)}% from {base} to {last}, {word} all "
            f"its exports to China ({signed(growth[imports.ALL], 0)}%). One partner’s sales do not tell import substitution from another supplier, "
            "and tariffs began in 2018."
        ),
        value=less,
        unit="points",
        note=f"growth of US exports to China in the sector’s products less that of all, {base} to {last}",
        span=f"{base}–{last}",
        years=(int(table["year"].min()), last),
        stands=stands,
        match=match,
    )


def own_chokepoints(
    exported: pd.DataFrame,
    materials: pd.DataFrame,
    mapping: pd.DataFrame,
    slug: str,
    *,
    economy: str,
    base: int,
) -> Part:
    """Critical materials among the sector's products that one other exporter dominates, year after year."""
    part = Part(
        "chokepoints",
        "Chokepoints among its materials",
        "",
        "its imports by product and supplier (BACI: mic2025lab data baci, then chokepoints with flows=baci)",
        "critical_materials_exports",
    )
    rows, _, _ = products(mapping, slug, materials["hs"].unique())
    codes = set(rows["product"]) & set(materials["product"])
    sold = exported[exported["product"].isin(codes)]
    if not codes:
        return without(
            part, f"none of the {len(materials)} critical materials is among the sector’s products"
        )
    if economy not in set(sold["exporter"]):
        return without(
            part, f"critical_materials_exports has no exports of {economies.spoken(economy)} in them"
        )
    table = chokepoints.materials(
        sold,
        materials,
        importer=economy,
        share_above=DOMINANT,
        hhi_above=CONCENTRATED,
        years_needed=YEARS_NEEDED,
        years_window=YEARS_WINDOW,
    )
    last = int(table["year"].max())
    counts = {year: int(table.loc[table["year"] == year, "chokepoint"].sum()) for year in (base, last)}
    necks = chokepoints.necks(table, year=last)["text"].tolist()
    return dataclasses.replace(
        part,
        says=(
            f"Of {counted(len(codes), 'critical material')} among the sector’s products {counts[last]} "
            f"{'was a chokepoint' if counts[last] == 1 else 'were chokepoints'} for {economies.spoken(economy)} in {last} (another exporter "
            f"dominates the world market, year after year){': ' + listing(necks) if necks else ''}; in {base} it was {counts[base]}."
        ),
        value=float(counts[last]),
        unit="material",
        note=f"of {len(codes)} critical materials among the sector’s products, {last}; {counts[base]} in {base}",
        span=f"{last}",
        years=(int(table["year"].min()), last),
        stands=f"{counted(len(codes), 'raw or refined material')} of {rows['product'].nunique()} product codes",
        match="poor",
    )


def reverse(table: pd.DataFrame, mapping: pd.DataFrame, slug: str, *, economy: str) -> Part:
    """How much of the sector's products the United States takes from it, and where it has no other supplier."""
    part = Part(
        "us_share_from_it",
        "US imports from it",
        "",
        "imports of other partners, and of more than one year (BACI: mic2025lab data baci, then chokepoints with flows=baci)",
        "us_imports",
    )
    rows, stands, match = products(mapping, slug, table["hs"].unique())
    bought = chokepoints.partner_imports(table)
    bought = bought[bought["product"].isin(rows["product"])]
    if economy not in set(bought["exporter"]):
        return without(part, f"us_imports has no imports from {economies.spoken(economy)} in them")
    _, found = chokepoints.captive(
        bought, supplier=economy, share_above=DOMINANT, alternative_above=ALTERNATIVE, mapping=rows
    )
    row = next(each(found[found["sector"] == slug]))
    year = int(bought["year"].max())
    return dataclasses.replace(
        part,
        says=(
            f"In {year} the United States took {plain(row.share)}% of its imports of the sector’s products from {economies.spoken(economy)}; "
            f"for {int(row.captive) or 'none'} of {int(row.products)} products no other supplier had a tenth ({plain(row.captive_share)}% of "
            "those imports)."
        ),
        value=float(row.share),
        unit="%",
        note=f"of US imports of the sector’s products, {year}",
        span=f"{year}",
        years=(year, year),
        stands=stands,
        match=match,
        more=(("us_captive_share", row.captive_share, "%", f"of those imports in products without another supplier, {year}", None, None),),
    )  # fmt: skip
