"""Mineral production by the U.S. and the British Geological Survey, each edition a vintage."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.classifications import economies, lists
from mic2025lab.sources.columns import economy, flag, measured, text, truth, year
from mic2025lab.sources.reading import codebook, codes, entries, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

USGS_EDITIONS = ("MCS2025", "MCS2026")

USGS = source("usgs-minerals")


def forms(editions: Sequence[str] = USGS_EDITIONS) -> pd.DataFrame:
    """Read the forms of the table: what each is, and its commodity and detail in either edition ("rounded" left off).

    The contents are those of MCS2025 and of the notes of MCS2026. World totals of 2024 agree within a fifth, so they are the
    same forms.
    """
    forms = pd.DataFrame(lists.read("codebooks/usgs_forms"))
    return forms[forms["edition"].isin(editions)]


_USGS_TONNES = {
    "metric tons": 1.0,
    "thousand metric tons": 1e3,
    "thousand metric dry tons": 1e3,
    "million metric tons": 1e6,
    "kilograms": 1e-3,
}
_SYMBOLS = {"W": "withheld", "—": "nil"}


def _economy(label: str) -> tuple[str, str]:
    """Return the code and level of a row's label."""
    if label.startswith("World total"):
        return "WLD", "world"
    if label.lower().startswith("other countries"):
        return "ROW", "rest"
    plain = label if label.startswith("Congo") else label.split(" (")[0]
    return economies.resolve(plain), "economy"


def usgs(raw: Raw, editions: Sequence[str] = USGS_EDITIONS) -> pd.DataFrame:
    """Clean the world production of minerals of two editions, in metric tons.

    A dash is zero (flag `nil`); W is a withheld figure (missing). Rows that the source notes as estimates and the last year of
    an edition have the flag `estimated`. The row "World total (rounded)" is WLD; "Other countries" is ROW.

    Returns
    -------
    pandas.DataFrame
        `source, edition, mineral, stage, form, main, economy, level, year, value, unit, flag, note`.
    """
    needed = ["edition", "commodity", "country", "statistic", "detail", "unit", "year", "value", "note"]
    file = read(raw, USGS, has=[*needed, "value_as_printed"])
    frame = file.frame[file.frame["statistic"] == "Production"]
    frame = frame.assign(detail=frame["detail"].str.replace(r"[:,] rounded$", "", regex=True))
    merged = forms(editions).merge(frame, on=["edition", "commodity", "detail"], how="left")
    lost = sorted(set(merged.loc[merged["country"].isna(), "mineral"]))
    file.need(not lost, f"no production of {lost}")
    file.within(merged["unit"], _USGS_TONNES)
    places = {label: _economy(label) for label in merged["country"].unique()}
    year = merged["year"].astype("int64")
    number, symbol = file.numbers(merged["value"]), merged["value_as_printed"].map(_SYMBOLS)
    file.within(merged.loc[number.isna(), "value_as_printed"], _SYMBOLS)
    note = merged["note"]
    noted = note.str.lower().str.startswith("estimated").where(note != "estimated 2023", year == 2023)
    estimated = noted | (year == year.groupby(merged["edition"]).transform("max"))
    return merged.assign(
        source="USGS",
        **entries(merged["country"], places, "economy", "level"),
        year=year,
        value=(number * merged["unit"].map(_USGS_TONNES)).round(6),
        flag=symbol.where(symbol.notna(), flagged(estimated, "estimated")),
        main=merged["main"] == "yes",
    )


BGS_EDITION, FIRST_YEAR = "BGS-2023", 1995

BGS = source("bgs-minerals")

#: Commodity and sub-commodity -> mineral, stage, what the tons measure, and whether it is the main form; * is any other sub-commodity.
FORMS = {(row.pop("commodity"), row.pop("sub_commodity")): row for row in lists.read("codebooks/bgs_forms")}

_BGS_TONNES = {"tonnes (metric)": 1.0, "tonnes (metal content)": 1.0, "kilograms (metal content)": 1e-3}
_PRECISION = codebook("bgs_precision")


def _form(commodity: str, sub: str) -> dict[str, str] | None:
    form = FORMS.get((commodity, sub)) or FORMS.get((commodity, "*"))
    if form and form["form"] == "*":
        return form | {"form": f"{commodity}: {sub or 'not specified'}"}
    return form


def bgs(raw: Raw) -> pd.DataFrame:
    """Clean the production of fourteen minerals from 1995, in metric tons.

    "Figures not available" is missing, and so is "more than 0 but less than 0.5", which the file stores as 0. Economies are
    read from the name, because the file gives Congo (Brazzaville) the code of the other Congo. There are no world totals.

    Returns
    -------
    pandas.DataFrame
        `source, edition, mineral, stage, form, main, economy, level, year, value, unit, flag, note`.
    """
    needed = {"commodity", "sub_commodity", "unit", "country", "year", "quantity", "precision", "note"}
    file = read(raw, BGS, has=needed)
    frame = file.frame.astype({"year": "int64"})
    frame = frame[frame["year"] >= FIRST_YEAR].reset_index(drop=True)
    pairs = list(zip(frame["commodity"], frame["sub_commodity"], strict=True))
    forms = {pair: _form(*pair) for pair in set(pairs)}
    odd = sorted(pair for pair, form in forms.items() if form is None)
    file.need(not odd, f"unknown commodities: {odd}")
    columns = ["mineral", "stage", "form", "main"]
    frame[columns] = pd.DataFrame([forms[pair] for pair in pairs], columns=columns)
    frame["main"] = frame["main"] == "yes"
    file.within(frame["unit"], _BGS_TONNES)
    file.within(frame["precision"], ["", *_PRECISION])
    number, symbol = file.numbers(frame["quantity"]), frame["precision"].map(_PRECISION)
    explained = number.notna() | (symbol == "not_available")
    file.need(explained.all(), "a quantity that is missing without a reason")
    estimated = flagged(frame["note"].str.startswith("Estimates."), "estimated")
    return frame.assign(
        source="BGS",
        edition=BGS_EDITION,
        economy=codes(frame["country"]),
        level="economy",
        value=(number * frame["unit"].map(_BGS_TONNES)).mask(symbol == "less_than_half").round(6),
        flag=symbol.where(symbol.notna(), estimated),
    )


_MISSING = ("withheld", "not_available", "less_than_half")


@table(
    USGS,
    BGS,
    key="edition mineral stage form economy year",
    unit="metric tons of the row's form",
    vintage="MCS2026",
)
@columns(
    source=text("Who says so", isin=["USGS", "BGS"]),
    edition=text("Edition", isin=[*USGS_EDITIONS, BGS_EDITION]),
    mineral=text("Mineral or metal", str_matches=r"^[a-z_]+$"),
    stage=text("Stage of production", isin=["mine", "primary", "smelter", "refinery", "plant"]),
    form=text("What the tons measure: content, gross weight, metal, or the mineral"),
    main=truth("Whether this is the mineral's main form in the edition; do not add other forms to it"),
    economy=economy("ISO3 code, WLD, or ROW for other countries", ["WLD", "ROW"]),
    level=text("What the row is", isin=["world", "economy", "rest"]),
    year=year(1995, 2025),
    **measured("Production", "t", missing=_MISSING, ge=0),
    flag=flag(
        "estimated; nil (a zero of the source); withheld, not_available or less_than_half (missing); else empty",
        *("estimated", "nil", *_MISSING),
    ),
    note=text("The source's note", missing=True),
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
    return pd.concat([usgs(raw), bgs(raw)], ignore_index=True)


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
        "antimony": (("MCS2025", 2024), ("MCS2026", 2024), (BGS_EDITION, 2023)),
        "graphite": (("MCS2025", 2023), (BGS_EDITION, 2023)),
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
