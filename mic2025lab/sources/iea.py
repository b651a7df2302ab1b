"""International Energy Agency, Global EV Outlook: sales and stock of electric vehicles, history and projections."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.errors import UnknownName
from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

FILES = {"GEVO2024": "IEA_Global_EV_Data_2024.csv.gz", "GEVO2025": "EVDataExplorer2025_GEVO_EV_2025.csv.gz"}

SOURCE = Source(
    id="iea-ev",
    producer="International Energy Agency",
    title="Global EV Outlook data",
    version="2024 and 2025 (workbook 1.2)",
    url="https://www.iea.org/data-and-statistics/data-tools/global-ev-data-explorer",
    license="CC-BY-4.0 (from knowledge)",
    redistributable="attribution",
    citation="IEA (2024, 2025), Global EV Outlook / Global EV Data Explorer, https://www.iea.org/reports/global-ev-outlook-2025.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            FILES["GEVO2025"],
            "a2af011e0a321ddb170bc0ea76929ad701c50fba62dd049d1cb0420b83567d65",
            url_note="sheet GEVO_EV_2025 of EVDataExplorer2025.xlsx in ChangLiYun/EV_project (commit a7d4078d5142c5637e7e0f5de74c4ca0fdff5467)",
        ),
        RawFile(
            FILES["GEVO2024"],
            "10c3b74e60f428547c66559d55206eb09979e5587001d861d453e3a11f4c97b3",
            url_note="IEA Global EV Data 2024.csv of reemTamimi/dse6000-dash-app (commit 9820c40978d3b277e56de422fe87a501200d3df2), gzipped",
        ),
    ),
)

#: Parameter of the source -> indicator and unit; the others are left out.
INDICATORS = {
    "EV sales": ("ev_sales", "vehicles", "Vehicles"),
    "EV sales share": ("ev_sales_share", "%", "percent"),
    "EV stock": ("ev_stock", "vehicles", "Vehicles"),
    "EV stock share": ("ev_stock_share", "%", "percent"),
    "Battery demand": ("battery_demand", "GWh", "GWh"),
}
SCENARIOS = {"Historical": "", "Projection-STEPS": "stated_policies", "Projection-APS": "announced_pledges"}
MODES = {
    "Cars": "cars",
    "Vans": "vans",
    "Buses": "buses",
    "Trucks": "trucks",
    "2 and 3 wheelers": "two_and_three_wheelers",
}


def _place(label: str) -> tuple[str, str]:
    """Give the code (or, for a region of the source, the slug) and the level of a row."""
    try:
        code = economies.resolve(label)
    except UnknownName:
        return clean.slug(label), "region"
    if code == "WLD":
        return code, "world"
    if code in economies.RESTS:
        return code, "rest"
    return (code, "region") if economies.is_aggregate(code) else (code, "economy")


def ev_sales(raw: Raw) -> pd.DataFrame:
    """Clean sales, stock and battery demand of electric vehicles of two editions.

    A projection is kept only for years after the edition's last historical year: the source repeats the past in it. Rows that
    stand twice, word for word, are taken once.

    Returns
    -------
    pandas.DataFrame
        `edition, year, economy, level, indicator, mode, powertrain, scenario, value, unit, flag`; flag is `projection` or empty.
    """
    parts = []
    for edition, path in FILES.items():
        frame = clean.read(raw(SOURCE, path)).rename(columns={"region_country": "region"})
        wanted = ["region", "category", "parameter", "mode", "powertrain", "year", "unit", "value"]
        need(set(wanted) <= set(frame), SOURCE, path, f"columns {list(frame)}")
        frame = frame.loc[frame["parameter"].isin(INDICATORS), wanted].drop_duplicates(ignore_index=True)
        frame["scenario"] = clean.known(frame["category"], SCENARIOS, SOURCE, path)
        frame["mode"] = clean.known(frame["mode"], MODES, SOURCE, path)
        odd = frame["unit"] != frame["parameter"].map(lambda name: INDICATORS[name][2])
        need(
            not odd.any(), SOURCE, path, f"units that are not expected: {sorted(set(frame.loc[odd, 'unit']))}"
        )
        frame["indicator"] = frame["parameter"].map(lambda name: INDICATORS[name][0])
        frame["unit"] = frame["parameter"].map(lambda name: INDICATORS[name][1])
        frame["value"] = clean.numbers(frame["value"], SOURCE, path)
        frame["year"] = frame["year"].astype("int64")
        last = frame.loc[frame["scenario"] == "", "year"].max()
        parts.append(frame[(frame["scenario"] == "") | (frame["year"] > last)].assign(edition=edition))
    table = pd.concat(parts, ignore_index=True)
    places = {label: _place(label) for label in table["region"].unique()}
    table["economy"] = table["region"].map(lambda label: places[label][0])
    table["level"] = table["region"].map(lambda label: places[label][1])
    table["flag"] = (table["scenario"] != "").map({True: "projection", False: ""})
    keys = ["edition", "year", "economy", "level", "indicator", "mode", "powertrain", "scenario"]
    table = table[[*keys, "value", "unit", "flag"]]
    table = table.sort_values(
        ["edition", "indicator", "mode", "powertrain", "economy", "scenario", "year"], ignore_index=True
    )
    return table.astype({name: "str" for name in [*keys, "unit", "flag"] if name != "year"})


TABLES = (
    Table(
        name="ev_sales",
        title="Electric vehicles: sales, stock and battery demand, 2010-2024, and projections",
        description=(
            "IEA Global EV Outlook 2024 and 2025 by economy, mode (cars, vans, buses, trucks, two- and three-wheelers) and powertrain. "
            "Electric cars are BEV + PHEV + FCEV; shares have the powertrain EV."
        ),
        unit="by row",
        build=ev_sales,
        inputs=((SOURCE, tuple(FILES.values())),),
        key=("edition", "year", "economy", "indicator", "mode", "powertrain", "scenario"),
        coverage=("year", "edition", "indicator", "mode", "powertrain", "economy"),
        format="parquet",
        vintage_column="edition",
        vintages=tuple(FILES),
        default_vintage="GEVO2025",
        warnings=(
            "Values are rounded to two significant figures: parts do not add up to totals, and a change of a few percent is not seen.",
            "flag = projection: scenarios of the IEA (stated_policies, announced_pledges), not data. Filter them out of any history.",
            "Rows of level world, region and rest stand beside economies: never sum all rows. Regions without a code have the source's name "
            "in lower case. Hong Kong, Macao and Taiwan are not listed, and the source does not say where they are counted.",
            "The two editions differ for past years. Pin one, never mix.",
        ),
    ),
)
