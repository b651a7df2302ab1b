"""U.S. Geological Survey, Mineral Commodity Summaries 2025 and 2026: world production of minerals and metals."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.classifications import economies, lists
from mic2025lab.sources.reading import entries, flagged, read
from mic2025lab.sources.source import Raw, source

WORLD = "mcs_world_tidy.csv.gz"
EDITIONS = ("MCS2025", "MCS2026")

SOURCE = source("usgs-minerals")


def forms(editions: Sequence[str] = EDITIONS) -> pd.DataFrame:
    """Read the forms of the table: what each is, and its commodity and detail in either edition ("rounded" left off).

    The contents are those of MCS2025 and of the notes of MCS2026. World totals of 2024 agree within a fifth, so they are the
    same forms.
    """
    forms = pd.DataFrame(lists.read("codebooks/usgs_forms"))
    return forms[forms["edition"].isin(editions)]


_TONNES = {
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


def production(raw: Raw, editions: Sequence[str] = EDITIONS) -> pd.DataFrame:
    """Clean the world production of minerals of two editions, in metric tons.

    A dash is zero (flag `nil`); W is a withheld figure (missing). Rows that the source notes as estimates and the last year of
    an edition have the flag `estimated`. The row "World total (rounded)" is WLD; "Other countries" is ROW.

    Returns
    -------
    pandas.DataFrame
        `source, edition, mineral, stage, form, main, economy, level, year, value, unit, flag, note`.
    """
    needed = ["edition", "commodity", "country", "statistic", "detail", "unit", "year", "value", "note"]
    file = read(raw, SOURCE, WORLD, has=[*needed, "value_as_printed"])
    frame = file.frame[file.frame["statistic"] == "Production"]
    frame = frame.assign(detail=frame["detail"].str.replace(r"[:,] rounded$", "", regex=True))
    merged = forms(editions).merge(frame, on=["edition", "commodity", "detail"], how="left")
    lost = sorted(set(merged.loc[merged["country"].isna(), "mineral"]))
    file.need(not lost, f"no production of {lost}")
    file.within(merged["unit"], _TONNES)
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
        **entries(merged["country"], places, "economy", "level"),
        year=year,
        value=(number * merged["unit"].map(_TONNES)).round(6),
        flag=symbol.where(symbol.notna(), flagged(estimated, "estimated")),
        main=merged["main"] == "yes",
    )
