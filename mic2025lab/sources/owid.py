"""Our World in Data: solar and wind capacity (IRENA), and robots installed (IFR; built on the user's machine only)."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import PLACE, economy, measured, text, year
from mic2025lab.sources.reading import flagged, places, read
from mic2025lab.sources.table import Raw, coded, columns, source, table

FILES = {
    "solar": ("installed-solar-pv-capacity.csv", "Solar capacity (total) (GW)"),
    "wind": ("cumulative-installed-wind-energy-capacity-gigawatts.csv", "Wind capacity (total) (GW)"),
}

SOURCE = source("owid-irena-energy")


@table(SOURCE, key="technology economy year")
@columns(
    year=year(2000, 2023),
    economy=text("ISO3 code, WLD, EU27, or the lower-case name of a region", str_matches=PLACE),
    level=text("What the row is", isin=["world", "region", "economy"]),
    technology=text("solar or wind", isin=FILES),
    **measured("Capacity at the end of the year", "GW", ge=0),
)
def solar_wind_capacity(raw: Raw) -> pd.DataFrame:
    """Installed solar and wind capacity by economy, 2000-2023.

    Cumulative capacity at the end of the year, of economies, regions, and the world.

    Warnings
    --------
    - A stock, not a year's additions. IRENA counts alternating-current capacity, so national figures (NEA) differ.
    - Rows of level world and region (continents, income groups, EU27) are listed with the economies: never sum all rows.
    - Taiwan, Hong Kong, and Macao are separate economies where the source lists them.

    Notes
    -----
    Clean the installed capacity of solar and wind power at the end of each year; regions have the source's name in lower case.
    """
    parts = []
    for technology, (path, column) in FILES.items():
        names = {"Entity": "entity", "Code": "code", "Year": "year", column: "value"}
        frame = read(raw, SOURCE, names, file=path).frame
        region = frame["code"] == ""
        economy = places(frame["entity"], ~region, frame["code"]).replace("european_union_27", "EU27")
        level = flagged(region, "region", "economy").mask(economy == "WLD", "world")
        parts.append(frame.assign(economy=economy, level=level, technology=technology))
    return pd.concat(parts, ignore_index=True)


solar_wind_capacity.checks.append(coded("economy"))


ROBOTS_SOURCE = source("ifr-robots")


@table(ROBOTS_SOURCE, key="economy year", format="csv")
@columns(
    year=year(2011, 2023),
    economy=economy("ISO3 code or WLD", ["WLD"]),
    **measured("Robots installed in the year, rounded to thousands", "robots", ge=0),
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
    names = {
        "Entity": "entity",
        "Code": "economy",
        "Year": "year",
        "Annual industrial robots installed": "value",
    }
    return read(raw, ROBOTS_SOURCE, names).frame
