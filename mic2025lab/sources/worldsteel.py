"""World Steel Association: crude steel by country."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

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
        "Source: World Steel Association (Steel Data Viewer; Steel Statistical Yearbook 2019 concise), tidied by the Human Impacts "
        "Database (Caltech)."
    ),
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "ee1baa206bdd20123533c3a8297fec614f116ca335b4bdd33918e23de6f4b610",
            url_note="data/anthropocentric/WorldSteelAssoc_steel_production/processed/ of RPGroup-PBoC/human_impacts (commit "
            "41a1365a9ec01850d59f782de77984e7afad74af)",
        ),
    ),
)


def steel(raw: Raw) -> pd.DataFrame:
    """Clean crude steel production by economy, 2000-2018.

    Numbers are text with thousands separators, and an empty cell is missing (flag `not_reported`). "Former Yugoslavia", which
    ends in 2005, is Serbia and Montenegro (SCG): the other successors have rows of their own.

    Returns
    -------
    pandas.DataFrame
        `year, economy, value, unit, flag`; value in thousand metric tons.
    """
    frame = clean.read(raw(SOURCE, DATA)).rename(columns=str.strip)  # the header of the units ends in a blank
    clean.expect(frame, ["locality", "year", "value", "units", "region", "fao_locality"], SOURCE, DATA)
    need(set(frame["units"]) == {"kt"}, SOURCE, DATA, f"units {sorted(set(frame['units']))}")
    frame["year"] = frame["year"].astype("int64")
    frame["value"] = clean.numbers(frame["value"], SOURCE, DATA)
    ended = (frame["locality"] == YUGOSLAVIA) & (frame["year"] > 2005)
    need(frame.loc[ended, "value"].isna().all(), SOURCE, DATA, f"{YUGOSLAVIA} goes on after 2005")
    frame = frame[~ended].reset_index(drop=True)
    frame["economy"] = clean.codes(frame["locality"].replace(YUGOSLAVIA, "SCG"))
    frame["flag"] = frame["value"].isna().map({True: "not_reported", False: ""})
    table = frame.assign(unit=UNIT)[["year", "economy", "value", "unit", "flag"]]
    return table.sort_values(["economy", "year"], ignore_index=True).astype({"unit": "str", "flag": "str"})


TABLES = (
    Table(
        name="steel",
        title="Crude steel production by economy, 2000-2018",
        description="Crude steel of 97 economies.",
        unit="thousand metric tons",
        build=steel,
        inputs=((SOURCE, (DATA,)),),
        key=("year", "economy"),
        coverage=("year", "economy"),
        format="parquet",
        warnings=(
            "There is no row for the world: a share is of the economies listed. The table ends in 2018.",
            "An empty cell is missing, not zero (flag not_reported): the source does not say which it is.",
            'SCG is the source\'s "Former Yugoslavia", to 2005. China is without Taiwan, which has a row of its own.',
        ),
    ),
)
