"""World Steel Association: crude steel by country, 2000-2018, and two transcriptions of 2015-2024."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, measured, text, year
from mic2025lab.sources.reading import codes, flagged, read
from mic2025lab.sources.table import Raw, source, table

DATA, UNIT = "crude_steel_by_region.csv", "thousand t"
YUGOSLAVIA = "Former Yugoslavia"

SOURCE = source("worldsteel")


@table(
    unit="thousand metric tons",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2000, 2018),
        "economy": economy(),
        **measured("Crude steel", UNIT, missing="not_reported", ge=0),
        "flag": flag("not_reported where the cell is empty, else empty", "not_reported"),
    },
    key=("economy", "year"),
)
def steel(raw: Raw) -> pd.DataFrame:
    """Crude steel production by economy, 2000-2018.

    Crude steel of 97 economies.

    Warnings
    --------
    - There is no world total: a share is a share of the listed economies. The table ends in 2018.
    - An empty cell is missing, not zero (flag not_reported): the source does not say which.
    - SCG is the source's "Former Yugoslavia", to 2005. China does not include Taiwan, which has its own row.

    Notes
    -----
    An empty cell is missing (flag `not_reported`). "Former Yugoslavia", which ends in 2005, is Serbia and Montenegro (SCG):
    the other successors have rows of their own.
    """
    columns = ["locality", "year", "value", "units ", "region", "fao_locality"]
    file = read(raw, SOURCE, DATA, columns)
    file.only("units ", "kt")
    frame = file.frame.astype({"year": "int64"}).assign(value=file.numbers("value"))
    ended = (frame["locality"] == YUGOSLAVIA) & (frame["year"] > 2005)
    file.need(frame.loc[ended, "value"].isna().all(), f"{YUGOSLAVIA} continues after 2005")
    frame = frame[~ended].reset_index(drop=True)
    return frame.assign(
        economy=codes(frame["locality"].replace(YUGOSLAVIA, "SCG")),
        flag=flagged(frame["value"].isna(), "not_reported"),
    )


RECENT = "crude_steel_by_country_2015_2024.csv"
RECENT_SOURCE = source("crude-steel-2015-2024")
TRANSCRIPTIONS = ("wikipedia", "steelorbis")


@table(
    unit="million metric tons",
    inputs=(RECENT_SOURCE, RECENT),
    columns={
        "transcription": text("Page that the figures are from", isin=TRANSCRIPTIONS),
        "year": year(2015, 2024),
        "economy": economy("ISO3 code or WLD", ["WLD"]),
        **measured("Crude steel", "million t", gt=0),
    },
    key=("transcription", "economy", "year"),
    format="csv",
    vintage=("transcription", TRANSCRIPTIONS[0]),
)
def steel_recent(raw: Raw) -> pd.DataFrame:
    """Crude steel production of the world and the largest producers, 2015-2024.

    Crude steel of the world and 13 economies (Wikipedia, 2015-2024) or 19 (SteelOrbis, 2019-2024).

    Warnings
    --------
    - Two transcriptions of the same statistics: load serves one (wikipedia by default), never add both.
    - A break against steel, which ends in 2018: China 928.3 million t in 2018 there (first figure) and 920.0 here (revised).
    """
    columns = ["country", "year", "crude_steel_mt", "transcription", "source_url", "verified"]
    file = read(raw, RECENT_SOURCE, RECENT, columns)
    frame = file.frame.astype({"year": "int64"})
    return frame.assign(economy=codes(frame["country"]), value=file.numbers("crude_steel_mt"))


@steel_recent.warns
def _findings(frame: pd.DataFrame) -> str:
    wide = frame.pivot(index=["year", "economy"], columns="transcription", values="value").dropna()
    apart = (wide["wikipedia"] - wide["steelorbis"]).abs() >= 0.1
    cells = ", ".join(f"{code} {when}" for when, code in wide.index[apart])
    return f"The transcriptions agree within 0.1 million t in {(~apart).sum()} of {len(wide)} cells; they differ in {cells}."
