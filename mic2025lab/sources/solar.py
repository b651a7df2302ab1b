"""China's solar exports, production, and installations (Ember and industry associations; built by the user), and who makes modules (NREL)."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, constant, economy, flag, measured, number, text, unit, year
from mic2025lab.sources.reading import codes, flagged, places, read, slug
from mic2025lab.sources.table import Raw, coded, columns, source, table

MONTHLY = "ember_china_solar_exports_monthly.csv.gz"
ANNUAL = {
    "production": "china_pv_module_production.csv",
    "exports": "china_pv_module_exports.csv",
    "installation": "china_pv_module_installation.csv",
}

SOURCE = source("china-solar")


@table(SOURCE, MONTHLY, key="product importer period", unit="current USD; capacity in MW")
@columns(
    period=text("Month", str_matches=MONTH),
    year=year(2017, 2025),
    exporter=constant("CHN", "ISO3 code"),
    importer=text(
        "ISO3 code, WLD, EU27, or the lower-case name of a region",
        str_matches=r"^[A-Z]{3}$|^EU27$|^[a-z0-9_]+$",
    ),
    level=text("What the importer is", isin=["economy", "region", "rest"]),
    product=text("panels, cells or wafers", isin=["panels", "cells", "wafers"]),
    **measured("Exports, current prices", "USD", missing=True, ge=0),
    capacity=number("Capacity, estimated from value and price", "MW", missing=True, ge=0),
)
def solar_trade(raw: Raw) -> pd.DataFrame:
    """China's exports of solar panels, cells, and wafers by month and destination, 2017-2025.

    Ember, from Chinese customs.

    Warnings
    --------
    - Rows of level region (WLD, EU27, ASEAN, G7, ...) repeat the economies: filter them out, or totals double.
    - Cells and wafers start in 2022; 2025 ends in September.
    - capacity is estimated from value and price. Exports of panels were 51.9 GW in 2018 and 209.3 GW in 2023, compared with
      41.6 and 211 in the CPIA's figures.
    - Hong Kong, Macao, and Taiwan are separate destinations.

    Notes
    -----
    `capacity` is Ember's estimate. `level` is economy, region (ASEAN, EU, World, ...: they repeat the economies), or rest.
    """
    names = {
        **{"Area": "area", "Area type": "level", "Date": "period", "Commodity type": "product"},
        **{"Commodity code": "code", "Amount (USD)": "value", "Capacity (MW)": "capacity"},
    }
    file = read(raw, SOURCE, file=MONTHLY, has=names)
    frame, area = file.frame, file.frame["area"]
    level = file.known("level", {"Country or economy": "economy", "Region": "region"})
    level = level.mask(area.str.startswith("Other "), "rest")
    frame = frame.assign(
        period=frame["period"].str[:7],
        importer=places(area, level == "economy").replace({"world": "WLD", "eu": "EU27"}),
        level=level,
        product=frame["product"].str.lower(),
        value=file.numbers("value"),
        capacity=file.numbers("capacity"),
    )
    keys = ["period", "importer", "level", "product"]
    return frame.groupby(keys, as_index=False, sort=False)[["value", "capacity"]].sum(min_count=1)


solar_trade.checks.append(coded("importer"))


@table(SOURCE, *ANNUAL.values(), key="item year", format="csv")
@columns(
    year=year(2015, 2024),
    item=text("production, exports or installation", isin=ANNUAL),
    **measured("Photovoltaic modules", "GW", gt=0),
    source=text("Who says so", missing=True),
    url=text("Address", missing=True),
)
def solar_balance(raw: Raw) -> pd.DataFrame:
    """China's photovoltaic modules: production, exports, and installations, 2015-2024.

    CPIA, CCCME, and NEA, as compiled by a public repository.

    Warnings
    --------
    - Three institutions count differently (modules made, modules shipped, alternating-current capacity connected): production
      less exports less installations is not a stock.
    """
    parts = []
    for item, path in ANNUAL.items():
        names = f"year {'export' if item == 'exports' else item}_gw=value source_url=url source_note=source"
        parts.append(read(raw, SOURCE, names, file=path).frame.assign(item=item))
    return pd.concat(parts, ignore_index=True)


NREL = source("nrel-pv-shares")

_STAGES = ("metallurgical silicon", "polysilicon", "ingot mono", "ingot multi", "wafer", "cell", "module")
STAGES = {label: slug(label) for label in _STAGES}


@table(NREL, key="year economy stage", order="")
@columns(
    year=year(2004, 2022),
    economy=economy(),
    stage=text("Stage of production", isin=STAGES.values()),
    value=number("Share in the world's capacity", "%", ge=0, le=100),
    unit=unit("% of commissioned capacity"),
    flag=flag(
        "zero (none, or below 1%); repeated (the shares of the year before); else empty",
        "zero",
        "repeated",
    ),
)
def solar_chain(raw: Raw) -> pd.DataFrame:
    """Shares in photovoltaic manufacturing capacity by stage and economy, 2004-2022.

    From silicon to modules: the share of each economy in the world's commissioned capacity, by stage.

    Warnings
    --------
    - Capacity, not output: the two differ where plants are idle.
    - Economies below 1% are missing in the source or 0 (flag zero). Shares of a stage add up to 97.5 to 100, except 100.8 for
      metallurgical silicon in 2010.
    - The first years rest on few firms (China's wafers 99.0% in 2004, monocrystalline ingots 100% in 2005): use 2006 or later
      as a base year.
    - flag repeated: all shares of the stage equal those of the year before; polysilicon in 2022 is carried forward, not
      observed.
    - China does not include Hong Kong and Taiwan; Taiwan is a separate economy.

    Notes
    -----
    Only the input rows of the model are used, not its baselines, which are constant outside the data. A year of a stage without
    any economy above zero is left out. The flag is `repeated` where all shares of a stage equal those of the year before, and
    `zero` where the source has 0 (none, or below 1%).
    """
    file = read(raw, NREL, ["kind", "product", "year", "country", "share_pct"])
    frame = file.frame[file.frame["kind"] == "input"].reset_index(drop=True)
    file.need(not frame.empty, "no rows of kind input")
    frame = frame.assign(stage=file.known(frame["product"], STAGES), value=file.numbers(frame["share_pct"]))
    frame["economy"] = codes(frame["country"])
    frame = frame[frame.groupby(["stage", "year"])["value"].transform("max") > 0]
    frame = frame.sort_values(["stage", "economy", "year"], ignore_index=True)
    same = frame.groupby(["stage", "economy"])["value"].diff() == 0
    repeated = same.groupby([frame["stage"], frame["year"]]).transform("all")
    return frame.assign(flag=flagged(frame["value"] == 0, "zero").mask(repeated, "repeated"))


@solar_chain.check("shares of a stage and year add up to 97 to 101")
def chain_adds_up(frame: pd.DataFrame) -> bool:
    """The listed economies cover nearly all capacity."""
    return bool(frame.groupby(["stage", "year"])["value"].sum().between(97, 101).all())
