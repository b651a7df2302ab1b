"""World Steel Association: crude steel by country."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, flag, number, unit, year
from mic2025lab.sources.reading import codes, flagged, read
from mic2025lab.sources.source import Raw, Source
from mic2025lab.sources.table import table

DATA, UNIT = "crude_steel_by_region.csv", "thousand t"
YUGOSLAVIA = "Former Yugoslavia"

SOURCE = Source(
    id="worldsteel",
    producer="World Steel Association",
    title="Crude steel production by country",
    version="Steel Statistical Yearbook 2019 concise and Steel Data Viewer, tidied by the Human Impacts Database",
    url="https://worldsteel.org/data/",
    license="worldsteel: use with acknowledgement of the source; repository MIT",
    redistributable="attribution",
    citation=(
        "Source: World Steel Association (Steel Data Viewer; Steel Statistical Yearbook 2019 concise), tidied by the Human Impacts Database "
        "(Caltech)."
    ),
    retrieved="2026-11-24",
    files={DATA: "ee1baa206bdd20123533c3a8297fec614f116ca335b4bdd33918e23de6f4b610"},
    made_from="data/anthropocentric/WorldSteelAssoc_steel_production/processed/ of RPGroup-PBoC/human_impacts (commit "
    "41a1365a9ec01850d59f782de77984e7afad74af)",
)


@table(
    title="Crude steel production by economy, 2000-2018",
    description="Crude steel of 97 economies.",
    unit="thousand metric tons",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(2000, 2018),
        "economy": economy(),
        "value": number("Crude steel", "thousand t", missing="not_reported", ge=0),
        "unit": unit(UNIT),
        "flag": flag("not_reported where the cell is empty, else empty", "not_reported"),
    },
    key=("year", "economy"),
    order=("economy", "year"),
    coverage=("year", "economy"),
    format="parquet",
    warnings=(
        "There is no world total: a share is a share of the listed economies. The table ends in 2018.",
        "An empty cell is missing, not zero (flag not_reported): the source does not say which.",
        'SCG is the source\'s "Former Yugoslavia", to 2005. China does not include Taiwan, which has its own row.',
    ),
)
def steel(raw: Raw) -> pd.DataFrame:
    """Clean crude steel production by economy, 2000-2018.

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
