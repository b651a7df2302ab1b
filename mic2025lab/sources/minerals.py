"""Mineral production by the U.S. and the British Geological Survey, each edition a vintage."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import bgs, usgs
from mic2025lab.sources.columns import economy, flag, measured, text, truth, year
from mic2025lab.sources.table import Raw, table

EDITIONS = (*usgs.EDITIONS, bgs.EDITION)
_MISSING = ("withheld", "not_available", "less_than_half")


@table(
    unit="metric tons of the row's form",
    inputs=((usgs.SOURCE, usgs.WORLD), (bgs.SOURCE, bgs.TIDY)),
    columns={
        "source": text("Who says so", isin=["USGS", "BGS"]),
        "edition": text("Edition", isin=EDITIONS),
        "mineral": text("Mineral or metal", str_matches=r"^[a-z_]+$"),
        "stage": text("Stage of production", isin=["mine", "primary", "smelter", "refinery", "plant"]),
        "form": text("What the tons measure: content, gross weight, metal, or the mineral"),
        "main": truth("Whether this is the mineral's main form in the edition; do not add other forms to it"),
        "economy": economy("ISO3 code, WLD, or ROW for other countries", ["WLD", "ROW"]),
        "level": text("What the row is", isin=["world", "economy", "rest"]),
        "year": year(1995, 2025),
        **measured("Production", "t", missing=_MISSING, ge=0),
        "flag": flag(
            "estimated; nil (a zero of the source); withheld, not_available or less_than_half (missing); else empty",
            *("estimated", "nil", *_MISSING),
        ),
        "note": text("The source's note", missing=True),
    },
    key=("edition", "mineral", "stage", "form", "economy", "year"),
    vintage=("edition", "MCS2026"),
)
def mineral_production(raw: Raw) -> pd.DataFrame:
    """Production of minerals and metals by economy: USGS 2023-2025, BGS 1995-2023.

    USGS Mineral Commodity Summaries 2025 (years 2023 and 2024) and 2026 (2024 and 2025), with world totals, and the British
    Geological Survey's statistics of 14 minerals to 2023, without world totals.

    Warnings
    --------
    - Forms and stages of a mineral cannot be added (ore and metal, gross weight and content, rare-earth minerals and oxides):
      use main = true or one form. In the BGS, lithium, the other platinum metals, and the ferroalloys have no main form,
      because their forms differ in content and have no meaningful sum.
    - WLD (USGS only) is the rounded total that the source prints, not the sum of the rows. ROW is its "other countries". Leave
      out both before adding economies. The BGS has no total: shares are shares of the listed economies and, where producers are
      missing (tungsten in the United States, gallium outside China), upper bounds.
    - USGS: figures for China's rare earths are the production quota. The last year of each edition is an estimate. Germanium
      has no figures in the USGS; use the BGS.
    - A missing value is withheld, not available, or (BGS) more than 0 but less than 0.5; see flag. The flag nil marks a zero of
      the source.
    - The same unit can measure different things: manganese is content in the USGS and ore in the BGS; ferrosilicon is silicon
      content in the USGS and alloy in the BGS.
    - The table has the USGS minerals that matter for industrial policy. Titanium mineral concentrates are left out, because
      MCS2025 gives metric tons, or no unit, for what MCS2026 gives in thousands.
    - In the BGS file, Congo (Brazzaville) has the code of the Democratic Republic from 2020; here economies follow the names.
      South Africa's manganese is reported by grade to 2014 and is therefore not in the main form.

    Notes
    -----
    Stack the Mineral Commodity Summaries of 2025 and 2026 (USGS) and World Mineral Statistics (BGS).

    `main` marks one form of a mineral in an edition. The other forms are the same metal at another stage or in another measure
    and must not be added to it. `level` is economy, rest (ROW), or world (WLD).
    """
    return pd.concat([usgs.production(raw), bgs.production(raw)], ignore_index=True)


@mineral_production.check("one main form of a mineral in an edition")
def one_main_form(frame: pd.DataFrame) -> bool:
    """A mineral has one main form in an edition."""
    main = frame.loc[frame["main"], ["edition", "mineral", "stage", "form"]].drop_duplicates()
    return not main.duplicated(["edition", "mineral"]).any()


@mineral_production.check("no economy exceeds the world total by more than its rounding")
def below_the_world(frame: pd.DataFrame) -> bool:
    """An economy's production is part of the world's."""
    keys = ["edition", "mineral", "stage", "form", "year"]
    world = frame[frame["level"] == "world"].set_index(keys)["value"]
    largest = frame[frame["level"] == "economy"].groupby(keys)["value"].max()
    return bool((largest.reindex(world.index) <= world * 1.03).all())


@mineral_production.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    def share(mineral: str, edition: str, year: int) -> str:
        """China's share of the printed total or, where there is none (BGS), of the listed economies."""
        rows = table.query("edition == @edition and mineral == @mineral and year == @year and main")
        value = rows.set_index("economy")["value"]
        return f"{value['CHN'] / value.get('WLD', value.sum()) * 100:.1f} ({edition}, {year})"

    editions = {
        "antimony": (("MCS2025", 2024), ("MCS2026", 2024), (bgs.EDITION, 2023)),
        "graphite": (("MCS2025", 2023), (bgs.EDITION, 2023)),
    }
    cells = [
        f"{mineral} {', '.join(share(mineral, *each) for each in wanted)}"
        for mineral, wanted in editions.items()
    ]
    withheld = sorted(set(table.loc[(table["flag"] == "withheld") & (table["economy"] == "USA"), "mineral"]))
    return (
        f"Editions and sources disagree; China's share of production, %: {'; '.join(cells)}. Use one edition, never several.",
        f"Withheld for the United States (included in the world total or not): {', '.join(withheld)}.",
    )
