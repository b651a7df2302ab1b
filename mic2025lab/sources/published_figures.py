"""Published single figures for comparison: who leads; robots, batteries, trade remedies, technologies, funds; shares of currencies."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import CODES, MONTH, measured, text, words, year
from mic2025lab.sources.reading import codebook, counted, read, slug
from mic2025lab.sources.reference import VERIFIED
from mic2025lab.sources.table import Raw, columns, source, table

SOURCE = source("spot-values")

UNITS = {"pct": "%", "EUR bn": "billion EUR", "USD bn": "billion USD", "1000 GT": "thousand GT"}


@table(SOURCE, key="topic entity period", format="csv")
@columns(
    topic=text("Topic"),
    entity=text("Economy, group of economies or firm, as the source names it"),
    economy=text("ISO3 code, EU27 or WLD where the entity is one", missing=True, isin=CODES),
    period=text("Year or month, as the source names it"),
    year=year(1995, 2024, "First year that the period names"),
    **measured("Value in the row's unit", gt=0),
    url=text("Address of the page with the figure", str_startswith="http"),
    verified=text("yes, derived, partial or no", isin=VERIFIED),
    note=text("What else to know", missing=True),
)
def leadership_figures(raw: Raw) -> pd.DataFrame:
    """Published single figures on who leads, 1995-2023.

    Firms in the EU's research scoreboard and in the Fortune Global 500, ships built, wafer capacity, batteries, wind turbines,
    machine tools, and telecommunications equipment, each with the page of the figure.

    Warnings
    --------
    - For comparison with a result, never as an input: single years of single sources, often press reports of a producer.
    - Definitions differ within a topic: China with or without Hong Kong and Taiwan (see entity), all wafers or integrated
      circuits only, gross tonnage or orders.
    - verified: yes = the figure is on the page named; derived = the sum of two figures that are. Two rows on ships quote a
      forum.
    - The Fortune rows of China include Hong Kong, and most include Taiwan; world_ranking_firms separates them.

    Notes
    -----
    Clean 66 published figures on who leads in research, firms, ships, chips, batteries, turbines, tools, and telecommunications.

    `economy` is a code where the entity is one economy or group, and missing otherwise.
    """
    frame = read(raw, SOURCE, "topic entity period value unit url verified note").frame
    return frame.assign(
        economy=frame["entity"].map(codebook("leadership_places")),
        year=frame["period"].str.extract(r"(\d{4})", expand=False),
        unit=frame["unit"].replace(UNITS),
        note=frame["note"].str.removeprefix("validation only").str.removeprefix("; "),
    )


@leadership_figures.warns
def _findings(table: pd.DataFrame) -> str:
    return f"Of {len(table)} rows, verified: {counted(table['verified'], VERIFIED)}."


MORE_SOURCE = source("spot-values-2")
_READ = {"one page": "one_page", "two pages agree": "two_pages", "producer page": "producer"}
_MORE_PLACES = {"European Union (28)": "EU28", "European Union (27)": "EU27"}
_UNRELATED = "one page, host unrelated to the subject"
_TOPICS = """
trade_remedies ev_batteries robot_density r_d_scoreboard aspi_tracker tiva guidance_funds subsidies manufacturing_value_added robot_stock
"""


@table(MORE_SOURCE, key="topic indicator entity period producer", format="csv")
@columns(
    topic=text("Topic", isin=_TOPICS.split()),
    indicator=text("What is measured"),
    entity=text("Economy, group of economies or firm, as the source names it"),
    economy=text("ISO3 code, EU27, EU28 or WLD where the entity is one", missing=True, isin=CODES),
    period=text("Year, months or years, as the source names them"),
    year=year(1995, 2024, "First year that the period names"),
    **measured("Value in the row's unit"),
    producer=text("Who made the figure"),
    url=text("Address of the page with the figure", str_startswith="http"),
    verified=words("one_page, two_pages (they agree) or producer (its own page)", _READ),
    note=text("What else to know", missing=True),
)
def published_figures(raw: Raw) -> pd.DataFrame:
    """More published single figures, 1995-2024.

    Robots by workers, makers of batteries, anti-dumping and anti-subsidy cases, foreign value added in exports, research of
    firms, critical technologies, subsidies, and guidance funds, each with its producer and page.

    Warnings
    --------
    - For text and comparison, never as an input: points of many vintages, no series.
    - Robot density has other employment in each vintage: 187 robots in 2019 and 402 in 2022 for China are not one line.
    - Totals of battery makers differ by release (2022: 509.2 and 518 GWh). The scoreboard counts 2,500 firms to 2022 and 2,000
      in 2023, and its EU loses the United Kingdom in 2020. Cases of trade remedies are cumulative, for investigations and for
      measures.
    - Three figures of the OECD that stand on an unrelated page only are left out.

    Notes
    -----
    Clean the second list of published figures; `economy` is a code where the entity is one economy or group.
    """
    names = "topic indicator economy=entity period value unit producer source_url=url verified note"
    frame = read(raw, MORE_SOURCE, names).frame
    frame = frame[frame["verified"] != _UNRELATED]
    found = {name: _MORE_PLACES.get(name) or economies.find(name) for name in frame["entity"].unique()}
    codes = {name: code for name, code in found.items() if code in CODES and code != "NAC"}
    return frame.assign(topic=frame["topic"].map(slug), economy=frame["entity"].map(codes))


CURRENCIES_SOURCE = source("currency-shares")


@table(CURRENCIES_SOURCE, key="measure scope currency month", format="csv")
@columns(
    measure=words("payments (SWIFT), turnover (BIS) or reserves (IMF)", codebook("currency_measures")),
    scope=words("Which payments, or which day", codebook("currency_scopes")),
    year=year(2013, 2026),
    month=text("Month, YYYY-MM", str_matches=MONTH),
    currency=text("ISO 4217 code, or other", str_matches=r"^[A-Z]{3}$|^other$"),
    **measured("Share", "%", ge=0, le=200),
    url=text("Address", str_matches=r"^https?://"),
    verified=text("yes, partial (year or page inferred) or derived", isin=["yes", "partial", "derived"]),
    note=text("What else to know", missing=True),
)  # fmt: skip
def currency_shares(raw: Raw) -> pd.DataFrame:
    """Shares of currencies in payments, foreign exchange turnover, and reserves, 2013-2026.

    Published shares of the renminbi and other currencies in payments by SWIFT, turnover by the BIS, and allocated reserves by
    the IMF.

    Warnings
    --------
    - Single months, not a series.
    - Payments break in 2023: the euro falls from about 35% to 23% as payments in the euro area moved to other channels, which
      lifts every other share. Compare the renminbi with the dollar, or use scope without_euro_area.
    - Turnover adds up to 200%. SWIFT does not see payments of CIPS that do not use its messages. Reserves are the allocated
      part only, which China joined in 2015-2018.
    - A share that another page contradicts (December 2023) is left out.

    Notes
    -----
    Clean the published shares; a rejected one is left out.
    """
    columns = "measure scope month currency value unit url verified note"
    file = read(raw, CURRENCIES_SOURCE, columns)
    file.only("unit", "per cent")
    return file.frame[file.frame["verified"] != "rejected"]
