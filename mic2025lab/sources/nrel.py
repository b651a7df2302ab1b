"""National Renewable Energy Laboratory (PV ICE): who makes each stage of a photovoltaic module."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

TIDY = "nrel_pv_shares_tidy.csv"
UNIT = "% of commissioned capacity"

SOURCE = Source(
    id="nrel-pv-shares",
    producer="National Renewable Energy Laboratory",
    title="PV ICE: photovoltaic manufacturing shares by country",
    version="baselines at commit 378a012a0602062ad52f14120d672f362dcc018a",
    url="https://github.com/NREL/PV_ICE",
    license="BSD-3-Clause, Copyright 2020-2024 Alliance for Sustainable Energy, LLC; underlying capacity data of BloombergNEF",
    redistributable="attribution",
    citation="NREL, PV ICE (PV in Circular Economy tool), baselines.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            TIDY,
            "6618f72e1e763498f6c25d939ba0ff8526f4821877d57fa634b376e4927eef0b",
            url_note="13 files of PV_ICE/baselines in NREL/PV_ICE (commit 378a012a0602062ad52f14120d672f362dcc018a), stacked in long form",
        ),
    ),
)

STAGES = {
    "metallurgical silicon": "metallurgical_silicon",
    "polysilicon": "polysilicon",
    "ingot mono": "ingot_mono",
    "ingot multi": "ingot_multi",
    "wafer": "wafer",
    "cell": "cell",
    "module": "module",
}


def solar_chain(raw: Raw) -> pd.DataFrame:
    """Clean the shares of economies in each stage of photovoltaic manufacturing.

    Only the rows that are input to the model, not its baselines (constant outside the data). A year of a stage in which
    no economy is above zero is left out.

    Returns
    -------
    pandas.DataFrame
        `year, economy, stage, value, unit, flag`; value in percent; flag `repeated` where all shares of a stage equal those of
        the year before, `zero` where the source has 0 (none, or below 1 %), else empty.
    """
    frame = clean.read(raw(SOURCE, TIDY))
    clean.expect(frame, ["kind", "product", "year", "country", "share_pct"], SOURCE, TIDY)
    frame = frame[frame["kind"] == "input"].reset_index(drop=True)
    need(not frame.empty, SOURCE, TIDY, "no rows of kind input")
    frame["stage"] = clean.known(frame["product"], STAGES, SOURCE, TIDY)
    frame["economy"] = clean.codes(frame["country"])
    frame["year"] = frame["year"].astype("int64")
    frame["value"] = clean.numbers(frame["share_pct"], SOURCE, TIDY)
    frame = frame[frame.groupby(["stage", "year"])["value"].transform("max") > 0]
    frame = frame.sort_values(["stage", "economy", "year"], ignore_index=True)
    same = frame.groupby(["stage", "economy"])["value"].diff() == 0
    repeated = same.groupby([frame["stage"], frame["year"]]).transform("all")
    frame["flag"] = (frame["value"] == 0).map({True: "zero", False: ""}).mask(repeated, "repeated")
    table = frame.assign(unit=UNIT)[["year", "economy", "stage", "value", "unit", "flag"]]
    return table.astype({"unit": "str", "flag": "str"})


TABLES = (
    Table(
        name="solar_chain",
        title="Shares in photovoltaic manufacturing capacity by stage and economy, 2004-2022",
        description="From silicon to modules: the share of each economy in the world's commissioned capacity, stage by stage.",
        unit="% of commissioned capacity",
        build=solar_chain,
        inputs=((SOURCE, (TIDY,)),),
        key=("year", "economy", "stage"),
        coverage=("year", "economy", "stage"),
        format="parquet",
        warnings=(
            "Capacity, not output: where plants stand idle the two differ.",
            "Economies below 1 % are left out in the source or 0 (flag zero): shares of a stage add up to 97.5 to 100, but for 100.8 "
            "in one (metallurgical silicon, 2010).",
            "The first years rest on few firms (China's wafers 99.0 % in 2004, monocrystalline ingots 100 % in 2005): use 2006 or later for "
            "a base year.",
            "flag repeated: all shares of the stage are those of the year before; polysilicon of 2022 is carried on, not observed.",
            "China is without Hong Kong and Taiwan; Taiwan is an economy of its own.",
        ),
    ),
)
