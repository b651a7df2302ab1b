"""World Bank, World Integrated Trade Solution (WITS): exports by product group and imports by stage; for the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

DATA, UNIT = "wits_trade_summary_1988_2019.csv.gz", "thousand USD"

SOURCE = Source(
    id="wits-trade-summary",
    producer="World Bank",
    title="World Integrated Trade Solution: trade summary, all countries and all years",
    version="1988-2019",
    url="https://wits.worldbank.org/data/public/cp/wits_en_trade_summary_allcountries_allyears.zip",
    license="WITS and UN Comtrade terms: re-dissemination needs permission (from knowledge); repository states no license",
    redistributable="unclear",
    citation="World Bank, WITS Trade Summary, all countries and all years, via listenzcc/World-trade-data-I.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            DATA,
            "83cde73b7a6aa2d61498b32c275deabbfa520519d52fadde43f7cdeadd4a40de",
            url_note="212 files of wits_en_trade_summary_allcountries_allyears/ in listenzcc/World-trade-data-I (commit "
            "c3cc281a221b03cf72d88b68135a8b4bae850b99): the values of exports and imports, wide to long",
        ),
    ),
)


def trade_by_group(raw: Raw) -> pd.DataFrame:
    """Clean exports by 16 sectors and 4 stages and imports by 4 stages, by economy, 1988-2019.

    Returns
    -------
    pandas.DataFrame
        `year, economy, level, flow, product_group, group_kind, value, unit`; value in thousand current USD; level is world,
        group or economy; group_kind is sector, stage or total.
    """
    frame = clean.read(raw(SOURCE, DATA))
    columns = [
        "economy",
        "iso3",
        "wits_code",
        "kind",
        "flow",
        "product_group",
        "group_kind",
        "year",
        "value_usd_thousand",
    ]
    clean.expect(frame, columns, SOURCE, DATA)
    need(
        set(frame["kind"]) == {"world", "group", "economy"},
        SOURCE,
        DATA,
        f"kinds {sorted(set(frame['kind']))}",
    )
    code = frame["iso3"].where(frame["iso3"] != "", frame["wits_code"].replace({"Wld": "WLD", "EUN": "EU28"}))
    frame["economy"] = clean.codes(code)
    frame["product_group"] = frame["product_group"].map(
        {label: clean.slug(label) for label in frame["product_group"].unique()}
    )
    frame["year"] = frame["year"].astype("int64")
    frame["value"] = clean.numbers(frame["value_usd_thousand"], SOURCE, DATA)
    keys = ["year", "economy", "level", "flow", "product_group", "group_kind"]
    table = frame.rename(columns={"kind": "level"}).assign(unit=UNIT)[[*keys, "value", "unit"]]
    table = table.sort_values(["flow", "product_group", "economy", "year"], ignore_index=True)
    return table.astype({name: "str" for name in [*keys, "unit"] if name != "year"})


TABLES = (
    Table(
        name="trade_by_group",
        title="Exports by 16 sectors and 4 stages and imports by 4 stages, by economy, 1988-2019",
        description="WITS trade summary from UN Comtrade, in nominal dollars.",
        unit="thousand current USD",
        build=trade_by_group,
        inputs=((SOURCE, (DATA,)),),
        key=("year", "economy", "flow", "product_group"),
        coverage=("year", "flow", "product_group", "level"),
        format="parquet",
        warnings=(
            "Exports of WLD from 2000 are the sum of the economies and of the European Union's row: 12 to 14 % too high. Take the sum over level "
            "= economy as the world.",
            "Reporters change (10 in 1988, 163 in 2000, 130 in 2019): shares before 2000 are of a small world.",
            "sector and stage are two partitions of the same trade (group_kind): never add both. Imports exist by stage only.",
            'Taiwan is the source\'s "Other Asia, nes"; SDN is former Sudan to 2011; SRB holds Montenegro to 2005; BLX is Belgium-Luxembourg. '
            "EU28 is the source's European Union.",
            "Cells of sectors slide into miscellaneous (the United States' transportation lacks a third to a half in 2004-2005 and 2009-2015).",
        ),
    ),
)
