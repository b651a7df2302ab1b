"""U.S. Geological Survey, Mineral Commodity Summaries 2025 and 2026: world production of minerals and metals."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.source import Raw, Source

WORLD = "mcs_world_tidy.csv.gz"
EDITIONS = ("MCS2025", "MCS2026")
_FROM = "manuali-luciana/critical-minerals-replication (commit 4739c5eeb3d0ffe73fdd9a02ea248d95a5fa0d81)"

SOURCE = Source(
    id="usgs-minerals",
    producer="U.S. Geological Survey",
    title="Mineral Commodity Summaries, world data",
    version="2025 and 2026",
    url="https://www.usgs.gov/centers/national-minerals-information-center/mineral-commodity-summaries",
    license="Public domain (US Government work)",
    redistributable="yes",
    citation="U.S. Geological Survey, Mineral Commodity Summaries 2025 and 2026, data releases.",
    retrieved="2026-11-24",
    files={WORLD: "b9b15e980ccf0a706769a038023151854a961c3f0085cd83de6bb805302baed4"},
    made_from=f"MCS2025_World_Data.csv and MCS2026_Commodities_Data.csv of {_FROM}, world tables stacked, names trimmed, dash as zero",
)

# Mineral; stage; main; what the tonnes are; commodity and detail in MCS2025; the same in MCS2026 ("rounded" left off).
# The contents are those of MCS2025 and of the notes of MCS2026; world totals of 2024 agree within a fifth, so they are the same forms.
_FORMS = """
alumina; refinery; yes; calcined equivalent;
    Bauxite; Refinery production, alumina - calcined equivalent weights;
    Alumina; Alumina, refinery production;
aluminium; smelter; yes; metal;
    Aluminum; Smelter production, aluminum;
    Aluminum; Smelter production;
antimony; mine; yes; antimony content;
    Antimony; Mine production, antimony content;
    Antimony; Mine production;
barite; mine; yes; gross weight;
    Barite; Mine production, barite, estimated;
    Barite; Mine production;
bauxite; mine; yes; dry tonnes;
    Bauxite; Mine production, bauxite, dry tons;
    Bauxite; Bauxite, mine production;
beryllium; mine; yes; beryllium content;
    Beryllium; Mine production, beryllium content;
    Beryllium; Mine production;
bismuth; refinery; yes; metal;
    Bismuth; Refinery production;
    Bismuth; Refinery production;
cement; plant; yes; cement;
    Cement; Cement production, estimated;
    Cement; Cement production;
chromium; mine; yes; marketable ore, gross weight;
    Chromium; Mine production, grosss weight, marketable chromite ore;
    Chromium; Mine production;
cobalt; mine; yes; cobalt content;
    Cobalt; Mine production, cobalt content, estimated;
    Cobalt; Mine production;
cobalt; mine; yes; cobalt content;
    Cobalt; Mine production, estimated;
    Cobalt; Mine production;
copper; mine; yes; copper content;
    Copper; Mine production, recoverable copper content;
    Copper; Mine production;
copper; refinery; no; metal;
    Copper; Refinery production, copper;
    Copper; Refinery production;
ferrosilicon; plant; yes; silicon content;
    Silicon; Plant production, Ferosilicon, silicon content;
    Silicon; Ferrosilicon;
fluorspar; mine; yes; gross weight;
    Fluorspar; Mine production, estimated;
    Fluorspar; Mine production;
gallium; primary; yes; gallium content;
    Gallium; Primary production;
    Gallium; Primary production;
graphite; mine; yes; natural graphite;
    Graphite; Mine production;
    Graphite (Natural); Mine production;
indium; refinery; yes; metal;
    Indium; Refinery production;
    Indium; Refinery production;
iron_ore; mine; yes; usable ore;
    Iron Ore; Mine production, usable ore;
    Iron Ore; Mine production: Usable ore;
lead; mine; yes; lead content;
    Lead; Mine production, lead content;
    Lead; Mine production;
lithium; mine; yes; lithium content;
    Lithium; Mine production, lithium content;
    Lithium; Mine production;
magnesite; mine; yes; gross weight;
    Magnesium Compounds; Mine production, magnesite - gross weight;
    Magnesium Compounds; Mine production;
magnesium_metal; smelter; yes; metal;
    Magnesium metal; Magnesium smelter production;
    Magnesium Metal; Smelter production;
manganese; mine; yes; manganese content;
    Manganese; Mine production, manganese content;
    Manganese; Mine production;
molybdenum; mine; yes; molybdenum content;
    Molybdenum; Mine production, molybdenum content;
    Molybdenum; Mine production;
nickel; mine; yes; nickel content;
    Nickel; Mine production, nickel content;
    Nickel; Mine production;
niobium; mine; yes; niobium content;
    Niobium; Mine production, niobium content;
    Niobium (Columbium); Mine production;
palladium; mine; yes; palladium content;
    Platinum-Group metals; Mine production, Palladium content;
    Palladium; Mine production: Palladium;
phosphate_rock; mine; yes; marketable rock;
    Phosphate rock; Mine production, marketable phosphate rock;
    Phosphate Rock; Mine production;
pig_iron; plant; yes; metal;
    Iron and Steel; Pig iron;
    Iron And Steel; Pig iron;
platinum; mine; yes; platinum content;
    Platinum-Group metals; Mine production, Platinum content;
    Platinum; Mine production: Platinum;
potash; mine; yes; K2O equivalent;
    Potash; Mine production, potassium oxide (K2O) equivalent;
    Potash; Mine production;
rare_earths; mine; yes; rare-earth-oxide equivalent;
    Rare earths; Mine production, rare-earth-oxide equivalent;
    Rare Earths; Mine production;
rhenium; mine; yes; rhenium content;
    Rhenium; Mine production, rhenium content;
    Rhenium; Mine production;
silicon_metal; plant; yes; metal;
    Silicon; Plant production, silicon metal;
    Silicon; Silicon metal;
steel; plant; yes; metal;
    Iron and Steel; Raw steel;
    Iron And Steel; Raw steel;
tantalum; mine; yes; tantalum content;
    Tantalum; Mine production, tantalum content;
    Tantalum; Mine production;
tellurium; refinery; yes; tellurium content;
    Tellurium; Refinery production, tellurium content;
    Tellurium; Refinery production;
tin; mine; yes; tin content;
    Tin; Mine production, tin content;
    Tin; Mine production;
titanium_sponge; plant; yes; metal;
    Titanium & titanium dioxide; Sponge Metal Production;
    Titanium Sponge Metal; Titanium sponge metal production;
tungsten; mine; yes; tungsten content;
    Tungsten; Mine production, tungsten content;
    Tungsten; Mine production;
vanadium; mine; yes; vanadium content;
    Vanadium; Mine production, vanadium content;
    Vanadium; Mine production;
zinc; mine; yes; zinc content;
    Zinc; Mine production, zinc content;
    Zinc; Mine production;
zirconium; mine; yes; gross weight;
    Zirconium and Hafnium; Mine production, zirconium, gross weight;
    Zirconium; Zirconium mineral concentrates, mine production (thousand metric tons, gross weight);
"""


def _forms() -> pd.DataFrame:
    cells = [cell.strip() for cell in _FORMS.strip().rstrip(";").replace("\n", " ").split(";")]
    rows = [cells[start : start + 8] for start in range(0, len(cells), 8)]
    parts = [
        pd.DataFrame([(*row[:4], *row[first : first + 2]) for row in rows]).assign(edition=edition)
        for edition, first in zip(EDITIONS, (4, 6), strict=True)
    ]
    columns = ["mineral", "stage", "main", "form", "commodity", "detail", "edition"]
    return pd.concat(parts, ignore_index=True).set_axis(columns, axis=1).drop_duplicates()


#: Minerals of the table, in alphabetical order.
MINERALS = tuple(sorted(set(_forms()["mineral"])))

_TONNES = {
    "metric tons": 1.0,
    "thousand metric tons": 1e3,
    "thousand metric dry tons": 1e3,
    "million metric tons": 1e6,
    "kilograms": 1e-3,
}
_SYMBOLS = {"W": "withheld", "—": "nil"}


def _economy(label: str) -> tuple[str, str]:
    """Give the code and level of a row's label."""
    if label.startswith("World total"):
        return "WLD", "world"
    if label.lower().startswith("other countries"):
        return "ROW", "rest"
    plain = label if label.startswith("Congo") else label.split(" (")[0]
    return economies.resolve(plain), "economy"


def production(raw: Raw) -> pd.DataFrame:
    """Clean the world production of minerals of two editions, in metric tons.

    A dash is zero (flag `nil`); W is a withheld figure (missing). Rows that the source notes as estimates and the last year of
    an edition have the flag `estimated`. The row "World total (rounded)" is WLD; "Other countries" is ROW.

    Returns
    -------
    pandas.DataFrame
        `source, edition, mineral, stage, form, main, economy, level, year, value, unit, flag, note`.
    """
    needed = [
        "edition",
        "commodity",
        "country",
        "statistic",
        "detail",
        "unit",
        "year",
        "value",
        "value_as_printed",
        "note",
    ]
    file = read(raw, SOURCE, WORLD, has=needed)
    frame = file.frame[file.frame["statistic"] == "Production"]
    frame = frame.assign(detail=frame["detail"].str.replace(r"[:,] rounded$", "", regex=True))
    merged = _forms().merge(frame, on=["edition", "commodity", "detail"], how="left")
    lost = sorted(set(merged.loc[merged["country"].isna(), "mineral"]))
    file.need(not lost, f"no production of {lost}")
    odd = sorted(set(merged["unit"]) - set(_TONNES))
    file.need(not odd, f"unknown units: {odd}")
    places = {label: _economy(label) for label in merged["country"].unique()}
    year = merged["year"].astype("int64")
    number, symbol = file.numbers(merged["value"]), merged["value_as_printed"].map(_SYMBOLS)
    odd = sorted(set(merged.loc[number.isna() & symbol.isna(), "value_as_printed"]))
    file.need(not odd, f"unknown values: {odd}")
    note = merged["note"]
    noted = note.str.lower().str.startswith("estimated").where(note != "estimated 2023", year == 2023)
    estimated = noted | (year == year.groupby(merged["edition"]).transform("max"))
    return merged.assign(
        source="USGS",
        economy=merged["country"].map(lambda label: places[label][0]),
        level=merged["country"].map(lambda label: places[label][1]),
        year=year,
        value=(number * merged["unit"].map(_TONNES)).round(6),
        flag=symbol.where(symbol.notna(), flagged(estimated, "estimated")),
        main=merged["main"] == "yes",
    )
