"""Published single figures on who leads, for comparison: firms, ships, wafers, batteries, turbines, tools, telecommunications."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources.columns import CODES, number, text, unit, year
from mic2025lab.sources.reading import empty_is_missing, read
from mic2025lab.sources.reference import VERIFIED
from mic2025lab.sources.source import Raw, Source
from mic2025lab.sources.table import table

DATA = "firm_and_sector_leadership.csv"

SOURCE = Source(
    id="spot-values",
    producer="compiled from the pages named in each row",
    title="Single figures for validation: firms, ships, wafers, batteries, turbines, machine tools, telecommunications",
    version="2026-11-24",
    url="https://iri.jrc.ec.europa.eu/scoreboard/2022-eu-industrial-rd-investment-scoreboard",
    license="Facts with citations",
    redistributable="attribution",
    citation="See the column url.",
    retrieved="2026-11-24",
    files={DATA: "66777c12186412267bba995298659ce4eebb163a3599fb018422b24bea9de756"},
    made_from="typed by hand from the pages that each row names",
)

#: Entities that are economies or groups of economies; the others are firms, or as the source names them.
PLACES = {
    "China": "CHN",
    "US": "USA",
    "Japan": "JPN",
    "Korea": "KOR",
    "Taiwan": "TWN",
    "EU27": "EU27",
    "World": "WLD",
}
UNITS = {"pct": "%", "EUR bn": "billion EUR", "USD bn": "billion USD", "1000 GT": "thousand GT"}


@table(
    title="Published single figures on who leads, 1995-2023",
    description="Firms in the EU's research scoreboard and in the Fortune Global 500, ships built, wafer capacity, batteries, wind turbines, "
    "machine tools, and telecommunications equipment, each with the page of the figure.",
    unit="by row",
    inputs=(SOURCE, DATA),
    columns={
        "topic": text("Topic"),
        "entity": text("Economy, group of economies or firm, as the source names it"),
        "economy": text("ISO3 code, EU27 or WLD where the entity is one", missing=True, isin=CODES),
        "period": text("Year or month, as the source names it"),
        "year": year(1995, 2024, "First year that the period names"),
        "value": number("Value in the row's unit", gt=0),
        "unit": unit(),
        "url": text("Address of the page with the figure", str_startswith="http"),
        "verified": text("yes, derived, partial or no", isin=list(VERIFIED)),
        "note": text("What else to know", missing=True),
    },
    key=("topic", "entity", "period"),
    coverage=("year", "topic"),
    warnings=(
        "For comparison with a result, never as an input: single years of single sources, often press reports of a producer.",
        "Definitions differ within a topic: China with or without Hong Kong and Taiwan (see entity), all wafers or integrated circuits only, gross "
        "tonnage or orders.",
        "verified: yes = the figure is on the page named; derived = the sum of two figures that are. Two rows on ships quote a forum.",
        "The Fortune rows of China include Hong Kong, and most include Taiwan; world_ranking_firms separates them.",
    ),
)
def leadership_figures(raw: Raw) -> pd.DataFrame:
    """Clean 66 published figures on who leads in research, firms, ships, chips, batteries, turbines, tools, and telecommunications.

    `economy` is a code where the entity is one economy or group, and missing otherwise.
    """
    names = ["topic", "entity", "period", "value", "unit", "url", "verified", "note"]
    file = read(raw, SOURCE, DATA, names)
    frame = file.frame
    note = frame["note"].str.removeprefix("validation only").str.removeprefix("; ")
    return frame.assign(
        economy=frame["entity"].map(PLACES),
        year=frame["period"].str.extract(r"(\d{4})", expand=False),
        value=file.numbers("value"),
        unit=frame["unit"].replace(UNITS),
        note=empty_is_missing(note),
    )


@leadership_figures.warns
def _findings(table: pd.DataFrame) -> Sequence[str]:
    counts = table["verified"].value_counts()
    said = ", ".join(f"{counts.get(word, 0)} {word}" for word in VERIFIED)
    return (f"Of {len(table)} rows, verified: {said}.",)
