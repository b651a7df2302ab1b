"""Observatory of Economic Complexity: trade in rare-earth compounds; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, economy, flag, measured, text, year
from mic2025lab.sources.reading import codes, flagged, read
from mic2025lab.sources.table import Raw, source, table

DATA, UNIT = "net_trade_2846_1995_2022.csv", "USD"

SOURCE = source("oec-rare-earths-2846")


@table(
    unit="current USD",
    inputs=(SOURCE, DATA),
    columns={
        "year": year(1995, 2022),
        "economy": economy(),
        "flow": text("export or import", isin=["export", "import"]),
        "product": constant("2846", "HS 4-digit code"),
        **measured("Trade, current prices", "USD", ge=0),
        "flag": flag("zero (none, or no figure), else empty", "zero"),
    },
    key=("flow", "economy", "year"),
)
def rare_earth_trade(raw: Raw) -> pd.DataFrame:
    """Trade in rare-earth compounds (HS 2846) by economy, 1995-2022.

    Exports and imports in value, about 70 economies a year.

    Warnings
    --------
    - Value, not tons: prices rose tenfold in 2011. China's share of exports falls from 60% (2010) to 20% (2022), while its
      share of oxide output stays near 70% (mineral_production): a falling export share does not mean falling dependence.
    - SCG is the source's Yugoslavia. Hong Kong and Taiwan are separate economies.

    Notes
    -----
    Clean exports and imports of rare-earth compounds (HS 2846) by economy, 1995-2022.

    The source writes 0 both for no trade and for no figure: it is kept, with the flag `zero`.
    """
    columns = ["iso3", "oec_country_id", "country", "export_usd", "import_usd", "net_export_usd", "year"]
    file = read(raw, SOURCE, DATA, columns)
    frame = file.frame.rename(columns={"export_usd": "export", "import_usd": "import"})
    frame["economy"] = codes(frame["iso3"].replace("yug", "SCG"))
    long = frame.melt(["year", "economy"], ["export", "import"], "flow", "text")
    value = file.numbers(long["text"])
    return long.assign(value=value, flag=flagged(value == 0, "zero"))
