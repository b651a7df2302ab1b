"""General Administration of Customs of China: exports and imports by ownership of the firm, single periods."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import measured, number, text, whole, year
from mic2025lab.sources.reading import months_of, read
from mic2025lab.sources.table import Raw, source, table

TRADE, REGIMES = "trade_by_firm_type.csv", "exports_by_regime_foreign_firms.csv"
SHARES = "foreign_share_secondary.csv"

SOURCE = source("china-customs-firm-type")

UNITS = {"1000 USD": "thousand USD", "trn yuan": "trillion CNY"}
PARTS = ("cooperative_venture", "joint_venture", "wholly_foreign")
TYPES = ("total", "state_owned", "foreign_invested", "private", "other", *PARTS)


@table(
    unit="by row",
    inputs=(SOURCE, TRADE, REGIMES, SHARES),
    columns={
        "year": year(1995, 2024),
        "period": text("Year, month (YYYY-MM), or months (YYYY-MM..MM)"),
        "months": whole("Months of the period", ge=1, le=12),
        "flow": text("exports, imports, or both", isin=["exports", "imports", "exports+imports"]),
        "regime": text("Customs regime, or all", isin=["all", "ordinary_trade", "processing_assembling", "processing_imported_materials"]),
        "firm_type": text("Ownership of the firm; the last three are parts of foreign_invested", isin=TYPES),
        **measured("Trade, or share of the flow", [*UNITS.values(), "% of the flow"], gt=0),
        "change": number("Change against a year before, as printed", "%", missing=True),
        "url": text("Address", str_matches=r"^https?://"),
        "note": text("What else to know", missing=True),
    },
    key=("flow", "period", "regime", "firm_type", "unit"),
    format="csv",
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
    names = ["flow", "period", "firm_type", "value", "unit", "yoy_pct", "url", "verified", "note"]
    trade = read(raw, SOURCE, TRADE, names)
    trade.only("verified", "yes")
    regimes = read(raw, SOURCE, REGIMES, "flow period regime total foreign_invested unit url")
    names = ["flow", "period", "value", "url", "verified", "note"]
    columns = ["flow", "year", "foreign_share_pct", "url", "verified", "note"]
    shares = read(raw, SOURCE, SHARES, dict(zip(columns, names, strict=True)))
    cell = ["flow", "period", "regime", "unit", "url"]
    by_regime = regimes.frame.melt(cell, ["total", "foreign_invested"], "firm_type", "value")
    earlier = shares.frame[shares.frame["verified"] == "yes"]
    parts = [
        trade.frame.assign(unit=trade.known("unit", UNITS), regime="all"),
        by_regime.assign(unit=by_regime["unit"].map(UNITS)),
        earlier.assign(unit="% of the flow", regime="all", firm_type="foreign_invested"),
    ]
    stacked = pd.concat(parts, ignore_index=True).fillna("")
    return stacked.assign(
        months=months_of(stacked["period"]),
        value=trade.numbers(stacked["value"]),
        change=trade.numbers(stacked["yoy_pct"]),
    )


@trade_by_firm_type.check("types add up to total where customs prints them all")
def types_add_up(frame: pd.DataFrame) -> bool:
    """State-owned, foreign-invested, private, and other firms add up to the total of dollars."""
    dollars = frame[(frame["unit"] == "thousand USD") & (frame["regime"] == "all")]
    wide = dollars.pivot(index=["flow", "period"], columns="firm_type", values="value")
    return bool(((wide[list(TYPES[1:5])].sum(axis=1) - wide["total"]).abs() <= 5).all())
