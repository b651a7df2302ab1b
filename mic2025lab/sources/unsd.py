"""United Nations Statistics Division, National Accounts Main Aggregates: official value added of industry and manufacturing."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import PLACE, measured, text, year
from mic2025lab.sources.reading import places, read
from mic2025lab.sources.table import Raw, coded, columns, source, table

DATA, AGGREGATES = "unsd_sna_value_added_2000_2016.csv", "aggregates.csv"

SOURCE = source("un-sna-value-added")

INDUSTRIES = {
    "Mining, Manufacturing, Utilities (ISIC C-E)": "industry",
    "Manufacturing (ISIC D)": "manufacturing",
    "Total Value Added": "total",
}
#: Rows for a part of an economy or a former one, under the source's name in lower case.
OTHERS = {"Former Sudan": "former", "United Republic of Tanzania: Zanzibar": "part"}


@table(SOURCE, key="industry economy year", unit="million current USD at market exchange rates")
@columns(
    year=year(2000, 2016),
    economy=text("ISO3 code, WLD, or the lower-case name of a region", str_matches=PLACE),
    level=text("What the row is", isin=["world", "continent", "region", "economy", "former", "part"]),
    industry=text(
        "manufacturing (ISIC D), industry (ISIC C-E, which includes it), or total",
        isin=INDUSTRIES.values(),
    ),
    **measured("Value added, current prices and exchange rates", "million USD"),
)
def official_manufacturing(raw: Raw) -> pd.DataFrame:
    """Official value added of manufacturing, industry, and all activities by economy, 2000-2016.

    United Nations main aggregates: manufacturing (ISIC D), industry (ISIC C-E), and the total, of 212 economies, continents,
    regions, and the world. Use it to compare the level of value_added, which is higher.

    Warnings
    --------
    - Regions, continents, and the world are listed with the economies (level): a plain sum is four times the world. industry
      includes manufacturing.
    - China has no manufacturing figure for 2000-2003, so the world excludes it in these years and jumps by 1.33 trillion in
      2004: compute shares from 2004 on.
    - Taiwan is not listed but is included in eastern_asia and in the world. Hong Kong and Macao are separate economies.
    - China's figures for 2015 and 2016 are 4% below the World Bank's: an older vintage.

    Notes
    -----
    `level` is world, continent, region, economy, former (Sudan to 2007), or part (Zanzibar).
    """
    listed = read(raw, SOURCE, file=AGGREGATES, has=["name", "kind"]).frame
    kinds: dict[str, str] = dict(zip(listed["name"], listed["kind"], strict=True))
    file = read(raw, SOURCE, file=DATA, has=["Country or area", "Currency", "Year", *INDUSTRIES])
    file.only("Currency", "US$")
    frame, label = file.frame, file.frame["Country or area"]
    frame["level"] = label.map({**kinds, **OTHERS}).fillna("economy")
    frame["economy"] = places(label, frame["level"].isin(["economy", "world"]))
    frame = frame.rename(columns=INDUSTRIES | {"Year": "year"})
    long = frame.melt(["year", "economy", "level"], list(INDUSTRIES.values()), "industry", "text")
    return long.assign(value=file.numbers(long["text"]) / 1e6).dropna(subset=["value"])


@official_manufacturing.check("the continents add up to the world")
def continents_add_up(frame: pd.DataFrame) -> bool:
    """The world is the sum of its continents."""
    keys = ["industry", "year"]
    world = frame[frame["level"] == "world"].set_index(keys)["value"]
    parts = frame[frame["level"] == "continent"].groupby(keys)["value"].sum()
    return bool(((parts / world - 1).abs() < 1e-6).all())


official_manufacturing.checks.append(coded("economy"))
