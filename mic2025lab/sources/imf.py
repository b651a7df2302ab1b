"""International Monetary Fund: World Economic Outlook, October 2025."""

from __future__ import annotations

import re

import pandas as pd

from mic2025lab.errors import SourceError
from mic2025lab.sources.columns import CODES as ECONOMY_CODES
from mic2025lab.sources.reading import codebook, entries, flagged, read
from mic2025lab.sources.source import Raw, source

VINTAGE = "weo-2025-10"
DATA, NOTES = "weo_2025_10_long.csv.gz", "weo_2025_10_methodology_notes.csv.gz"

SOURCE = source("imf-weo-2025-10")

#: Concept -> indicator, unit, and the scale (power of ten) of the unit.
CONCEPTS = {concept: (name, unit, int(scale)) for concept, (name, unit, scale) in codebook("weo").items()}

#: The source's codes that differ from ours; other groups keep their codes.
CODES = {"G001": "WLD", "G998": "EU27", "KOS": "XKX", "WBG": "PSE"}

# Concepts without their own last-actual date get the date of GDP.
_GDP = ("NGDPD", "NGDP_R")
_EARLIER = re.compile(r"FY\s*\(\s*t-1\s*/\s*t\s*\)\s*=\s*CY", re.IGNORECASE)
_LATER = re.compile(r"[FS]Y\s*\(\s*t\s*/\s*t\+1\s*\)\s*=\s*CY", re.IGNORECASE)


def last_actual_year(text: str, note: str = "") -> int | None:
    """Read the source's last-actual date as a calendar year of its table.

    A fiscal year ("FY2023/24") is the year that the source's note maps it to: the later one where the note says
    "FY(t-1/t) = CY(t)", the earlier one where it says "FY(t/t+1) = CY(t)" or nothing, so that no forecast passes as actual.

    Examples
    --------
    >>> last_actual_year("2024"), last_actual_year("FY2023/24"), last_actual_year("FY2023/24", "FY(t-1/t) = CY(t)")
    (2024, 2023, 2024)
    """
    if not text:
        return None
    plain = re.fullmatch(r"(?:FY)?(\d{4})(?:/(\d{2}))?", text)
    if plain is None:
        raise SourceError(
            f"{SOURCE.id}/{DATA}: last_actual {text!r} is neither a year nor a fiscal year such as FY2023/24."
        )
    first = int(plain[1])
    ends_later = plain[2] is not None and _EARLIER.search(note) and not _LATER.search(note)
    return first + 1 if ends_later else first


def _last_actual(frame: pd.DataFrame, notes: pd.DataFrame) -> pd.Series:
    """Give the last actual year of each row.

    In order: the date of the series; that of the economy's GDP; the most frequent one of the vintage for the concept or for
    GDP, which stands in for groups, that have none.
    """
    text = notes.set_index(["ref_area", "concept"])["notes"]
    series = frame.drop_duplicates(["ref_area", "concept"]).set_index(["ref_area", "concept"])
    years = pd.Series(
        [last_actual_year(date, str(text.get(key, ""))) for key, date in series["last_actual"].items()],
        index=series.index,
        dtype="float64",
    )
    wide = years.unstack("concept").reindex(columns=list(CONCEPTS))
    gdp = wide[_GDP[0]].fillna(wide[_GDP[1]])
    usual = wide.mode().iloc[0].fillna(gdp.mode().iloc[0])
    filled = wide.apply(lambda column: column.fillna(gdp)).fillna(usual).stack()  # noqa: PD013
    keys = pd.MultiIndex.from_frame(frame[["ref_area", "concept"]])
    return pd.Series(filled.reindex(keys).to_numpy(), index=frame.index).astype("int64")


def weo(raw: Raw) -> pd.DataFrame:
    """Clean the World Economic Outlook: the concepts of `CONCEPTS`, all economies and groups, 1980-2030.

    Returns
    -------
    pandas.DataFrame
        `economy, year, indicator, value, unit, flag`; flag `forecast` after the last actual year (`last_actual_year`).
    """
    file = read(
        raw,
        SOURCE,
        DATA,
        usecols=["ref_area", "concept", "scale", "last_actual", "year", "value"],
        dtype={"ref_area": "str", "concept": "str", "last_actual": "str"},
        na_values={"value": [""], "scale": [""]},
    )
    frame = file.frame[file.frame["concept"].isin(CONCEPTS)]
    lacking = set(CONCEPTS) - set(frame["concept"])
    file.need(not lacking, f"no rows of {sorted(lacking)}")
    about = entries(frame["concept"], CONCEPTS, "indicator", "unit", "scale")
    odd = frame.loc[frame["scale"] != about["scale"], "concept"]
    file.need(odd.empty, f"an unexpected scale in {sorted(set(odd))}")
    last = _last_actual(frame, read(raw, SOURCE, NOTES).frame)
    made = frame.assign(
        economy=frame["ref_area"].replace(CODES),
        indicator=about["indicator"],
        unit=about["unit"],
        flag=flagged(frame["year"] > last, "forecast"),
    )[["economy", "year", "indicator", "value", "unit", "flag"]].dropna(subset=["value"])
    file.within(made["economy"], ECONOMY_CODES)
    return made
