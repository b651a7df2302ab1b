"""World Bank, World Integrated Trade Solution (WITS): exports by product group and imports by stage; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import CODES, measured, text, year
from mic2025lab.sources.reading import codes, read, slug
from mic2025lab.sources.table import Raw, source, table

DATA, UNIT = "wits_trade_summary_1988_2019.csv.gz", "thousand USD"

SOURCE = source("wits-trade-summary")


@table(
    unit="thousand current USD",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1988, 2019),
        "economy": text("ISO3 code, WLD, or a group's code", isin=CODES),
        "level": text("What the row is", isin=["world", "group", "economy"]),
        "flow": text("export or import", isin=["export", "import"]),
        "product_group": text("Sector or stage", str_matches=r"^[a-z_]+$"),
        "group_kind": text("Partition the group belongs to", isin=["sector", "stage", "total"]),
        **measured("Trade, current prices", UNIT, ge=0),
    },
    key=("flow", "product_group", "economy", "year"),
)
def trade_by_group(raw: Raw) -> pd.DataFrame:
    """Exports by 16 sectors and 4 stages and imports by 4 stages, by economy, 1988-2019.

    WITS trade summary from UN Comtrade, in nominal dollars.

    Warnings
    --------
    - Exports of WLD from 2000 on are the sum of the economies and of the European Union's row, 12% to 14% too high. Use the sum
      over level = economy as the world.
    - Reporters change (10 in 1988, 163 in 2000, 130 in 2019): shares before 2000 are shares of a small world.
    - sector and stage are two partitions of the same trade (group_kind): never add both. Imports are available by stage only.
    - Taiwan is the source's "Other Asia, nes"; SDN is former Sudan to 2011; SRB includes Montenegro to 2005; BLX is
      Belgium-Luxembourg; EU28 is the source's European Union.
    - Some sector values are counted as miscellaneous: the United States' transportation is a third to a half too low in
      2004-2005 and 2009-2015.
    """
    columns = "economy iso3 wits_code kind flow product_group group_kind year value_usd_thousand"
    file = read(raw, SOURCE, DATA, columns)
    file.only("kind", "world", "group", "economy")
    frame = file.frame
    own = frame["wits_code"].replace({"Wld": "WLD", "EUN": "EU28"})
    groups = {label: slug(label) for label in frame["product_group"].unique()}
    return frame.assign(
        economy=codes(frame["iso3"].where(frame["iso3"] != "", own)),
        level=frame["kind"],
        product_group=frame["product_group"].map(groups),
        value=file.numbers("value_usd_thousand"),
    )
