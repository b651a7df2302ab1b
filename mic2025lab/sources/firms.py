"""Firms: the world's largest by economy, research spending, and China's trade by ownership of the firm."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import economy, firsts, flag, measured, number, text, whole, words, year
from mic2025lab.sources.reading import entries, flagged, months_of, read
from mic2025lab.sources.table import Raw, columns, source, table

SOURCE = source("fortune-forbes")

LISTS = {"Fortune Global 500": "fortune-500", "Forbes Global 2000": "forbes-2000"}
#: Column of the source -> indicator and unit.
INDICATORS = {
    "firms": ("firms", "firms"),
    "revenue_musd": ("revenue", "million USD"),
    "profit_musd": ("profit", "million USD"),
}
#: The code of a firm that the list assigns to two economies.
TWO_ECONOMIES = "GBR+NLD"


@table(SOURCE, key="edition indicator economy", vintage="forbes-2000-2025")
@columns(
    edition=text("List and edition", isin=["forbes-2000-2022", "forbes-2000-2025", "fortune-500-2019"]),
    year=year(2019, 2025, "Year of the edition; the accounts are of the year before"),
    economy=economy("ISO3 code, or GBR+NLD where the list names both", [TWO_ECONOMIES]),
    indicator=text("What is counted", isin=firsts(INDICATORS)),
    **measured("Value in the row's unit", ["firms", "million USD"]),
    flag=flag("with_HKG, two_economies, else empty", "with_HKG", "two_economies"),
)
def world_ranking_firms(raw: Raw) -> pd.DataFrame:
    """Firms among the world's largest by economy: Fortune Global 500 (2019), Forbes Global 2000 (2022, 2025).

    Number, revenue, and profit of the listed firms, added up by the economy that the list names; no firm is named.

    Warnings
    --------
    - Two concepts: Fortune ranks by revenue and includes unlisted firms; Forbes ranks listed firms by four criteria. Never
      combine them in one series: 2022 and 2025 can be compared with each other, 2019 with neither.
    - Fortune includes Hong Kong in China (flag with_HKG, 7 firms); Forbes lists it separately, so compare Fortune with CHN +
      HKG in Forbes. Taiwan is separate in both: the often-quoted "China 129" of 2019 is 119 firms of China and 10 of Taiwan.
    - The edition is the year after the accounts.
    - Forbes 2022 has 1,999 firms (one line was garbled) and 584 firms of the United States; the magazine says 590.
    - GBR+NLD (flag two_economies) is one firm that Fortune assigns to both economies.

    Notes
    -----
    `year` is the edition's. The flag is with_HKG where China includes Hong Kong, and two_economies where the list names two
    for a firm.
    """
    file = read(raw, SOURCE, ["list", "edition", "economy", "iso3", *INDICATORS, "firms_without_profit"])
    file.only("firms_without_profit", "0")
    lists = file.known("list", LISTS)
    frame = file.frame.assign(year=file.frame["edition"], edition=lists + "-" + file.frame["edition"])
    two = frame["economy"] == "Britain/Neth."
    with_hkg = (frame["iso3"] == "CHN") & (lists == "fortune-500")
    frame["flag"] = flagged(two, "two_economies").mask(with_hkg, "with_HKG")
    frame["economy"] = frame["iso3"].where(frame["iso3"] != "", frame["economy"]).mask(two, TWO_ECONOMIES)
    long = frame.melt(["edition", "year", "economy", "flag"], list(INDICATORS), "column", "value")
    return long.assign(**entries(long["column"], INDICATORS, "indicator", "unit"))


@world_ranking_firms.check("firms and revenue are above zero")
def counted(frame: pd.DataFrame) -> pd.Series:
    """Only profits may be negative."""
    return (frame["value"] > 0) | (frame["indicator"] == "profit")


@world_ranking_firms.check("Hong Kong has its own row only where China does not include it")
def hong_kong_once(frame: pd.DataFrame) -> bool:
    """Hong Kong is not counted twice."""
    inside = set(frame.loc[frame["flag"] == "with_HKG", "edition"])
    return not inside & set(frame.loc[frame["economy"] == "HKG", "edition"])


@world_ranking_firms.warns
def _findings(table: pd.DataFrame) -> str:
    wide = table.pivot(index=["edition", "economy"], columns="indicator", values="value")
    said = []
    for edition, part in wide.groupby("edition"):
        total, china = part.sum(), part.xs("CHN", level="economy").iloc[0]
        margin = china["profit"] / china["revenue"] * 100
        world = total["profit"] / total["revenue"] * 100
        said.append(
            f"{edition}: {total['firms']:.0f} firms, {total['revenue'] / 1e6:.1f} trillion USD of revenue; China {china['firms']:.0f} firms, "
            f"{china['revenue'] / 1e6:.1f} trillion, profit {margin:.1f}% of revenue ({world:.1f}% for all firms)"
        )
    return "; ".join(said) + "."


RESEARCH_SOURCE = source("eu-rd-scoreboard-2023")


@table(RESEARCH_SOURCE, key="firm economy", unit="billion euro")
@columns(
    year=year(2023),
    firm=text("Name of the firm"),
    economy=words("USA, EU27 or CHN: seat of the firm", {"US": "USA", "EU": "EU27", "China": "CHN"}),
    **measured("R&D investment", "billion EUR", gt=0),
)
def research_firms(raw: Raw) -> pd.DataFrame:
    """Research spending of 2,255 firms of the United States, the EU, and China, 2023.

    R&D investment of firms in the financial year 2023.

    Warnings
    --------
    - Cut-offs differ: the EU's firms are its top 1,000 (from 0.6 million euro), the others are of the world list. Compare firms
      above one threshold, never the number of firms.
    - No industries, and no other economies: Japan, South Korea, and Taiwan are missing. One year only.
    """
    return read(raw, RESEARCH_SOURCE, "company=firm region=economy rd_bn_eur=value").frame


TRADE, REGIMES = "trade_by_firm_type.csv", "exports_by_regime_foreign_firms.csv"
SHARES = "foreign_share_secondary.csv"

CUSTOMS_SOURCE = source("china-customs-firm-type")

UNITS = {"1000 USD": "thousand USD", "trn yuan": "trillion CNY", "%": "% of the flow"}
PARTS = ("cooperative_venture", "joint_venture", "wholly_foreign")
TYPES = ("total", "state_owned", "foreign_invested", "private", "other", *PARTS)


@table(CUSTOMS_SOURCE, key="flow period regime firm_type unit", format="csv")
@columns(
    year=year(1995, 2024),
    period=text("Year, month (YYYY-MM), or months (YYYY-MM..MM)"),
    months=whole("Months of the period", ge=1, le=12),
    flow=text("exports, imports, or both", isin=["exports", "imports", "exports+imports"]),
    regime=text("Customs regime, or all", isin=["all", "ordinary_trade", "processing_assembling", "processing_imported_materials"]),
    firm_type=text("Ownership of the firm; the last three are parts of foreign_invested", isin=TYPES),
    **measured("Trade, or share of the flow", UNITS, gt=0),
    change=number("Change against a year before, as printed", "%", missing=True),
    url=text("Address", str_matches=r"^https?://"),
    note=text("What else to know", missing=True),
)  # fmt: skip
def trade_by_firm_type(raw: Raw) -> pd.DataFrame:
    """China's exports and imports by ownership of the firm, 1995-2024, single periods.

    Exports and imports of state-owned, foreign-invested, private, and other firms; exports by customs regime; and shares of
    foreign firms in earlier years.

    Warnings
    --------
    - Single periods, not a series: no full year of exports by ownership in dollars.
    - Printed changes refer to revised figures of the year before.
    - Foreign-invested includes capital from Hong Kong, Macao, and Taiwan. cooperative_venture, joint_venture, and
      wholly_foreign are parts of it, and total is the sum of the other types: never add them.
    - Shares of the flow before 2009 are from the literature; two shares of 2023 that customs contradicts are left out.

    Notes
    -----
    Stack trade by ownership, exports by regime, and shares of foreign firms in earlier years.
    """
    names = "flow period firm_type value unit yoy_pct=change url verified note"
    trade = read(raw, CUSTOMS_SOURCE, names, file=TRADE)
    trade.only("verified", "yes")
    regimes = read(raw, CUSTOMS_SOURCE, "flow period regime total foreign_invested unit url", file=REGIMES)
    names = "flow year=period foreign_share_pct=value url verified note"
    shares = read(raw, CUSTOMS_SOURCE, names, file=SHARES)
    cell = ["flow", "period", "regime", "unit", "url"]
    by_regime = regimes.frame.melt(cell, ["total", "foreign_invested"], "firm_type", "value")
    earlier = shares.frame[shares.frame["verified"] == "yes"]
    parts = [
        trade.frame.assign(regime="all"),
        by_regime,
        earlier.assign(unit="%", regime="all", firm_type="foreign_invested"),
    ]
    stacked = pd.concat(parts, ignore_index=True).fillna("")
    return stacked.assign(months=months_of(stacked["period"]))


@trade_by_firm_type.check("types add up to total where customs prints them all")
def types_add_up(frame: pd.DataFrame) -> bool:
    """State-owned, foreign-invested, private, and other firms add up to the total of dollars."""
    dollars = frame[(frame["unit"] == "thousand USD") & (frame["regime"] == "all")]
    wide = dollars.pivot(index=["flow", "period"], columns="firm_type", values="value")
    return bool(((wide[list(TYPES[1:5])].sum(axis=1) - wide["total"]).abs() <= 5).all())
