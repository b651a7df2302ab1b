"""International Federation of Robotics, via Our World in Data: robots installed; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, measured, year
from mic2025lab.sources.reading import codes, read
from mic2025lab.sources.table import Raw, source, table

DATA, UNIT, COLUMN = "annual-industrial-robots-installed.csv", "robots", "Annual industrial robots installed"

SOURCE = source("ifr-robots")


@table(
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2011, 2023),
        "economy": economy("ISO3 code or WLD", ["WLD"]),
        **measured("Robots installed in the year, rounded to thousands", UNIT, ge=0),
    },
    key=("economy", "year"),
    format="csv",
)
def robots(raw: Raw) -> pd.DataFrame:
    """Industrial robots installed: five economies and the world, 2011-2023.

    New installations in the year.

    Warnings
    --------
    - Installations in the year, not robots in use; rounded to thousands.
    - WLD includes the others: do not add it. The source does not say where Hong Kong and Taiwan are counted; they have no rows.
    - Quote single figures only; the table belongs to the IFR.

    Notes
    -----
    Clean the industrial robots installed in a year; WLD is the world.
    """
    file = read(raw, SOURCE, DATA, ["Entity", "Code", "Year", COLUMN])
    frame = file.frame.rename(columns={"Year": "year"})
    return frame.assign(economy=codes(frame["Code"]), value=file.numbers(COLUMN))
