"""Shares of currencies in payments (SWIFT), foreign exchange turnover (BIS), and reserves (IMF), single months."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import MONTH, measured, text, year
from mic2025lab.sources.reading import read
from mic2025lab.sources.table import Raw, source, table

DATA = "currency_shares.csv"

SOURCE = source("currency-shares")

MEASURES = {
    "SWIFT share of payments by value": "payments",
    "BIS share of foreign exchange turnover": "turnover",
    "IMF COFER share of allocated reserves": "reserves",
}
SCOPES = {
    "all payments, with the euro area": "all",
    "international payments, without the euro area": "without_euro_area",
    "April, shares add up to 200": "april",
    "end of quarter": "end_of_quarter",
}


@table(
    inputs=(SOURCE, DATA),
    columns={
        "measure": text("payments (SWIFT), turnover (BIS) or reserves (IMF)", isin=MEASURES.values()),
        "scope": text("Which payments, or which day", isin=SCOPES.values()),
        "year": year(2013, 2026),
        "month": text("Month, YYYY-MM", str_matches=MONTH),
        "currency": text("ISO 4217 code, or other", str_matches=r"^[A-Z]{3}$|^other$"),
        **measured("Share", "%", ge=0, le=200),
        "url": text("Address", str_matches=r"^https?://"),
        "verified": text("yes, partial (year or page inferred) or derived", isin=["yes", "partial", "derived"]),
        "note": text("What else to know", missing=True),
    },
    key=("measure", "scope", "currency", "month"),
    format="csv",
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
    columns = ["measure", "scope", "month", "currency", "value", "unit", "url", "verified", "note"]
    file = read(raw, SOURCE, DATA, columns)
    file.only("unit", "per cent")
    frame = file.frame.assign(
        measure=file.known("measure", MEASURES),
        scope=file.known("scope", SCOPES),
        value=file.numbers("value"),
    )
    return frame[frame["verified"] != "rejected"]
