"""Crude steel by country (World Steel Association, and two transcriptions), and China's shipbuilding."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, measured, number, text, whole, words, year
from mic2025lab.sources.reading import flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

YUGOSLAVIA = "Former Yugoslavia"

SOURCE = source("worldsteel")


@table(SOURCE, key="economy year", unit="thousand metric tons")
@columns(
    year=year(2000, 2018),
    economy=economy(),
    **measured("Crude steel", "thousand t", missing="not_reported", ge=0),
    flag=flag("not_reported where the cell is empty, else empty", "not_reported"),
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
    file = read(raw, SOURCE, ["locality", "year", "value", "units ", "region", "fao_locality"])
    file.only("units ", "kt")
    frame = file.frame.astype({"year": "int64"}).assign(value=file.numbers("value"))
    ended = (frame["locality"] == YUGOSLAVIA) & (frame["year"] > 2005)
    file.need(frame.loc[ended, "value"].isna().all(), f"{YUGOSLAVIA} continues after 2005")
    frame = frame[~ended].reset_index(drop=True)
    return frame.assign(
        economy=frame["locality"].replace(YUGOSLAVIA, "SCG"),
        flag=flagged(frame["value"].isna(), "not_reported"),
    )


RECENT_SOURCE = source("crude-steel-2015-2024")
TRANSCRIPTIONS = ("wikipedia", "steelorbis")


@table(
    RECENT_SOURCE,
    key="transcription economy year",
    unit="million metric tons",
    vintage=TRANSCRIPTIONS[0],
    format="csv",
)
@columns(
    transcription=text("Page that the figures are from", isin=TRANSCRIPTIONS),
    year=year(2015, 2024),
    economy=economy("ISO3 code or WLD", ["WLD"]),
    **measured("Crude steel", "million t", gt=0),
)
def steel_recent(raw: Raw) -> pd.DataFrame:
    """Crude steel production of the world and the largest producers, 2015-2024.

    Crude steel of the world and 13 economies (Wikipedia, 2015-2024) or 19 (SteelOrbis, 2019-2024).

    Warnings
    --------
    - Two transcriptions of the same statistics: load serves one (wikipedia by default), never add both.
    - A break against steel, which ends in 2018: China 928.3 million t in 2018 there (first figure) and 920.0 here (revised).
    """
    columns = "country=economy year crude_steel_mt=value transcription source_url verified"
    return read(raw, RECENT_SOURCE, columns).frame


@steel_recent.warns
def _findings(frame: pd.DataFrame) -> str:
    wide = frame.pivot(index=["year", "economy"], columns="transcription", values="value").dropna()
    apart = (wide["wikipedia"] - wide["steelorbis"]).abs() >= 0.1
    cells = ", ".join(f"{code} {when}" for when, code in wide.index[apart])
    return f"The transcriptions agree within 0.1 million t in {(~apart).sum()} of {len(wide)} cells; they differ in {cells}."


SHIPS_SOURCE = source("china-shipbuilding-shares")

_MEASURES = {"dwt": "dwt", "cgt": "cgt", "cgt (inferred)": "cgt"}


@table(
    SHIPS_SOURCE, key="economy measure indicator period", unit="million tonnes; % of the world", format="csv"
)
@columns(
    year=year(2006, 2025),
    period=text("Year, or year and last month", str_matches=r"^\d{4}(-\d{2})?$"),
    months=whole("Months from January that the period has", ge=1, le=12),
    economy=economy(),
    indicator=text("completions, new_orders or order_book", isin=["completions", "new_orders", "order_book"]),
    measure=words("dwt, or cgt (inferred where the page does not say so)", _MEASURES),
    value=number("Ships", "million tonnes of the measure", missing=True, gt=0),
    share=number("Share of the world", "%", gt=0, lt=100),
    url=text("Address", str_matches=r"^https?://"),
    verified=text("How the figure was verified"),
)
def ships(raw: Raw) -> pd.DataFrame:
    """Ships: completions, new orders, and order book of China, and shares of the world, 2006-2025.

    Published figures on China, and South Korea and Japan in 2020, by deadweight (dwt) or compensated gross tonnage (cgt).

    Warnings
    --------
    - All ships, not high-tech ships. Deadweight favors bulk carriers: China's share of completions in 2023 is 50.2% by dwt and
      47.6% by cgt.
    - Periods of nine or ten months (months < 12) are not years: do not join them to annual figures. The order book is a stock.
    - No series: 2007-2012, 2014-2016, and 2018 are missing. The cgt of 2023 is inferred from the page.
    """
    names = (
        "economy period months indicator million=value share_world_pct=share measure source_url=url verified"
    )
    return read(raw, SHIPS_SOURCE, names).frame
