"""Observatory of Economic Complexity: trade in rare-earth compounds; for the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table

DATA, UNIT = "net_trade_2846_1995_2022.csv", "USD"

SOURCE = Source(
    id="oec-rare-earths-2846",
    producer="Observatory of Economic Complexity",
    title="Trade in rare-earth compounds (HS 2846) by country",
    version="1995-2022",
    url="https://oec.world/en",
    license="OEC terms, not stated in the files",
    redistributable="unclear",
    citation="OEC, https://oec.world, via rodnm/proyect_powebi_rare-earth.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "c47359f729a611a9796b86462a9fece02d7edb6b2010934b00d7ce0984022e26",
            url_note="Dataset/net_trade_data.csv of rodnm/proyect_powebi_rare-earth (commit 07dbcc7b4d482fb31a41b589365895b88eab22e1), "
            "commas for pipes",
        ),
    ),
)


def rare_earth_trade(raw: Raw) -> pd.DataFrame:
    """Clean exports and imports of rare-earth compounds (HS 2846) by economy, 1995-2022.

    The source writes 0 for a flow it has no figure for as well as for none: it is kept, with the flag `zero`.

    Returns
    -------
    pandas.DataFrame
        `year, economy, flow, product, value, unit, flag`; value in current USD.
    """
    frame = clean.read(raw(SOURCE, DATA))
    columns = ["iso3", "oec_country_id", "country", "export_usd", "import_usd", "net_export_usd", "year"]
    clean.expect(frame, columns, SOURCE, DATA)
    frame["economy"] = clean.codes(frame["iso3"].replace("yug", "SCG"))
    frame["year"] = frame["year"].astype("int64")
    long = frame.melt(
        id_vars=["year", "economy"],
        value_vars=["export_usd", "import_usd"],
        var_name="flow",
        value_name="text",
    )
    long["flow"] = long["flow"].str.removesuffix("_usd")
    long["value"] = clean.numbers(long["text"], SOURCE, DATA)
    long["flag"] = (long["value"] == 0).map({True: "zero", False: ""})
    columns = ["year", "economy", "flow", "product", "value", "unit", "flag"]
    table = long.assign(product="2846", unit=UNIT)[columns].sort_values(
        ["flow", "economy", "year"], ignore_index=True
    )
    return table.astype({name: "str" for name in columns if name not in ("year", "value")})


TABLES = (
    Table(
        name="rare_earth_trade",
        title="Trade in rare-earth compounds (HS 2846) by economy, 1995-2022",
        description="Exports and imports, in value, of about 70 economies a year.",
        unit="current USD",
        build=rare_earth_trade,
        inputs=((SOURCE, (DATA,)),),
        key=("year", "economy", "flow"),
        coverage=("year", "flow"),
        format="parquet",
        warnings=(
            "Value, not tonnes: prices rose tenfold in 2011. China's share of exports falls from 60 % (2010) to 20 % (2022) while its share of "
            "oxide output stays near 70 % (mineral_production): a falling share of exports is no falling dependence.",
            "SCG is the source's Yugoslavia. Hong Kong and Taiwan are economies of their own.",
        ),
    ),
)
