"""International Organization of Motor Vehicle Manufacturers (OICA): production and sales of motor vehicles by economy."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, measured, text, year
from mic2025lab.sources.reading import codes, flagged, read
from mic2025lab.sources.table import Raw, coded, source, table

PRODUCTION, SALES = "production_2006_2022.csv", "sales_2005_2023.csv"
UNIT = "vehicles"

SOURCE = source("oica-vehicles")

_MEASURES = {"production": PRODUCTION, "sales": SALES}
_TYPES = {"pv": "passenger", "pc": "passenger", "cv": "commercial"}
#: Producers whose zero commercial vehicles mean that there is no report.
UNREPORTED = ("DEU", "HUN", "ROU", "FIN")
_UNREPORTED = ", ".join(UNREPORTED)


@table(
    inputs=(SOURCE, PRODUCTION, SALES),
    columns={
        "measure": text("production or sales", isin=_MEASURES),
        "year": year(2005, 2023),
        "economy": economy("ISO3 code, or ROW for others together", ["ROW"]),
        "level": text("economy or rest", isin=["economy", "rest"]),
        "type": text("passenger or commercial", isin=["passenger", "commercial"]),
        **measured("Vehicles", UNIT, missing="not_reported", ge=0),
        "flag": flag("not_reported where the source has no figure, or a zero that means so; else empty", "not_reported"),
    },
    key=("measure", "type", "economy", "year"),
)  # fmt: skip
def motor_vehicles(raw: Raw) -> pd.DataFrame:
    """Motor vehicles: production by economy, 2006-2022, and sales, 2005-2023.

    Passenger and commercial vehicles produced in 42 economies (ROW: others together) and sold in 142 (58 from 2020).

    Warnings
    --------
    - Compare totals of both types: light trucks are commercial in the United States and passenger vehicles elsewhere.
    - First publications, not revised: production of 2021 is 78.5 million here and 80.2 million in later ones.
    - In 2007-2011 the sum of the economies exceeds OICA's printed world total by 0.3 to 0.95 million (73.27 million in 2007,
      80.06 in 2011), because some cars are assembled twice. In 2022 the sum is the printed total.
    - Sales have fewer economies from 2020: no world total of sales comes from this table.
    - Zero commercial production of {_UNREPORTED} is taken as not reported.

    Notes
    -----
    Stack production and sales; an empty cell and a zero that means no report are missing.
    """
    parts = []
    for measure, path in _MEASURES.items():
        file = read(raw, SOURCE, path, ["year", "country", "iso3", "type", "vehicles"])
        economy = codes(file.frame["country"].replace("Others", "ROW"))
        vehicles = {"type": file.known("type", _TYPES), "value": file.numbers("vehicles")}
        parts.append(file.frame.assign(measure=measure, economy=economy, **vehicles))
    both = pd.concat(parts, ignore_index=True)
    unreported = (both["type"] == "commercial") & both["economy"].isin(UNREPORTED) & (both["value"] == 0)
    value = both["value"].mask(unreported & (both["measure"] == "production"))
    return both.assign(
        value=value,
        level=flagged(both["economy"] == "ROW", "rest", "economy"),
        flag=flagged(value.isna(), "not_reported"),
    )


motor_vehicles.checks.append(coded())


@motor_vehicles.warns
def _findings(frame: pd.DataFrame) -> str:
    made = frame[frame["measure"] == "production"]
    total, china = (part.groupby("year")["value"].sum() for part in (made, made[made["economy"] == "CHN"]))
    told = ", ".join(f"{when} {china[when] / total[when] * 100:.1f}" for when in (2006, 2015, 2022))
    return f"China's share of the production listed, %: {told}."
