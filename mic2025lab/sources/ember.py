"""Ember and Chinese industry associations: China's solar exports by month, production and installations; for the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

MONTHLY = "ember_china_solar_exports_monthly.csv.gz"
ANNUAL = {
    "production": "china_pv_module_production.csv",
    "exports": "china_pv_module_exports.csv",
    "installation": "china_pv_module_installation.csv",
}
_ANNUAL_FROM = "data/raw/ of snxuter/overcapacity-oversupply-ChinaSolarPV (commit ff7b00f7b52121405665ffdf20bf954c1aff35ef)"
_RAW = "https://raw.githubusercontent.com/snxuter/overcapacity-oversupply-ChinaSolarPV/ff7b00f7b52121405665ffdf20bf954c1aff35ef/data/raw"

SOURCE = Source(
    id="china-solar",
    producer="Ember; CPIA, CCCME and NEA",
    title="China solar: monthly exports by destination; production, exports and installations",
    version="to September 2025",
    url="https://ember-energy.org/data/china-solar-exports-data/",
    license="CC-BY-4.0 (Ember, from knowledge); annual compilation: repository states no license",
    redistributable="unclear",
    citation="Ember, China Solar Exports Data (2025); China Photovoltaic Industry Association; National Energy Administration.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            MONTHLY,
            "852c7549c6c4a36cd0ee7bf3138b24b0d11f7b85ae0cb8aabd8b128561a484bf",
            url_note="data/mart_solar_exports_full_release_monthly.csv of ChemmZz/Static-Visualization-Project (commit "
            "8791a8a831c675db290099e4ebfe578cbfc559fb), gzipped",
        ),
        RawFile(
            ANNUAL["production"],
            "72932d87defe88b9fbe348422ea0d0cdf0cf0c91bb92dea334968df42b18589d",
            url=f"{_RAW}/{ANNUAL['production']}",
            url_note=_ANNUAL_FROM,
        ),
        RawFile(
            ANNUAL["exports"],
            "bf5816acf76772a7781b2779160bd34af361a1f8fed5bb25e78d8f1a5372ffee",
            url=f"{_RAW}/{ANNUAL['exports']}",
            url_note=_ANNUAL_FROM,
        ),
        RawFile(
            ANNUAL["installation"],
            "9d05083fa58061f7b574e2cb39984edf816786741f22d61c0f0102185cc3b9cf",
            url=f"{_RAW}/{ANNUAL['installation']}",
            url_note=_ANNUAL_FROM,
        ),
    ),
)


def solar_trade(raw: Raw) -> pd.DataFrame:
    """Clean China's exports of panels, cells and wafers by month and destination.

    Returns
    -------
    pandas.DataFrame
        `period, year, exporter, importer, level, product, value, unit, capacity`; value in current USD, capacity (estimated by
        Ember) in MW; level is economy, region (ASEAN, EU, World, ...: they repeat the economies) or rest.
    """
    frame = clean.read(raw(SOURCE, MONTHLY))
    needed = {
        "Area",
        "Date",
        "Area type",
        "Commodity type",
        "Commodity code",
        "Amount (USD)",
        "Capacity (MW)",
    }
    need(needed <= set(frame), SOURCE, MONTHLY, f"columns {list(frame)}")
    area = frame["Area"]
    frame["level"] = clean.known(
        frame["Area type"], {"Country or economy": "economy", "Region": "region"}, SOURCE, MONTHLY
    ).mask(area.str.startswith("Other "), "rest")
    frame["importer"] = area.map(clean.slug).astype("str")
    coded = frame["level"] == "economy"
    frame.loc[coded, "importer"] = clean.codes(area[coded])
    frame["importer"] = frame["importer"].replace({"world": "WLD", "eu": "EU27"})
    frame["product"] = frame["Commodity type"].str.lower()
    frame["period"] = frame["Date"].str[:7]
    frame["year"] = frame["Date"].str[:4].astype("int64")
    frame["value"] = clean.numbers(frame["Amount (USD)"], SOURCE, MONTHLY)
    frame["capacity"] = clean.numbers(frame["Capacity (MW)"], SOURCE, MONTHLY)
    columns = ["period", "year", "exporter", "importer", "level", "product", "value", "unit", "capacity"]
    keys = ["period", "year", "importer", "level", "product"]
    amounts = frame.groupby(keys, as_index=False, sort=False)[["value", "capacity"]].sum(min_count=1)
    table = amounts.assign(exporter="CHN", unit="USD")[columns]
    table = table.sort_values(["product", "importer", "period"], ignore_index=True)
    return table.astype({name: "str" for name in columns if name not in ("year", "value", "capacity")})


def solar_balance(raw: Raw) -> pd.DataFrame:
    """Clean production, exports and installations of photovoltaic modules in China, 2015-2024: `year, item, value, unit, source, url`."""
    parts = []
    for item, path in ANNUAL.items():
        frame = clean.read(raw(SOURCE, path))
        column = f"{'export' if item == 'exports' else item}_gw"
        clean.expect(frame, ["year", column, "source_url", "source_note"], SOURCE, path)
        frame["value"] = clean.numbers(frame[column], SOURCE, path)
        frame = frame.rename(columns={"source_note": "source", "source_url": "url"})
        parts.append(frame.assign(item=item, unit="GW"))
    table = pd.concat(parts, ignore_index=True)[["year", "item", "value", "unit", "source", "url"]]
    table["year"] = table["year"].astype("int64")
    table["url"] = table["url"].mask(table["url"] == "")
    table = table.sort_values(["item", "year"], ignore_index=True)
    return table.astype(dict.fromkeys(["item", "unit", "source", "url"], "str"))


TABLES = (
    Table(
        name="solar_trade",
        title="China's exports of solar panels, cells and wafers by month and destination, 2017-2025",
        description="Ember, from Chinese customs.",
        unit="current USD; capacity in MW",
        build=solar_trade,
        inputs=((SOURCE, (MONTHLY,)),),
        key=("period", "importer", "product"),
        coverage=("year", "period", "product", "level"),
        format="parquet",
        warnings=(
            "Rows of level region (WLD, EU27, ASEAN, G7, ...) repeat the economies: filter, or totals double.",
            "Cells and wafers start in 2022; 2025 ends in September.",
            "capacity is estimated from value and price: panels of 2018 51.9 GW against 41.6 of the CPIA, of 2023 209.3 against 211.",
            "Hong Kong, Macao and Taiwan are destinations of their own.",
        ),
    ),
    Table(
        name="solar_balance",
        title="China's photovoltaic modules: production, exports and installations, 2015-2024",
        description="CPIA, CCCME and NEA, as compiled by a public repository.",
        unit="GW",
        build=solar_balance,
        inputs=((SOURCE, tuple(ANNUAL.values())),),
        key=("year", "item"),
        coverage=("year", "item"),
        warnings=(
            "Three institutions count differently (modules made, modules shipped, alternating-current capacity connected): production less exports "
            "less installations is not a stock.",
        ),
    ),
)
