"""U.S. Census Bureau, International Trade API: imports for consumption and duties by NAICS industry, partner, and month."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from mic2025lab.sources import census_industries as census
from mic2025lab.sources.live.bodies import from_json, with_rows
from mic2025lab.sources.live.interface import Interface

KEY = "CENSUS_API_KEY"
_FIELDS = {
    "CTY_NAME": "partner",
    "NAICS": "naics",
    "time": "month",
    "CON_VAL_MO": "imports",
    "CAL_DUT_MO": "duty",
}
#: The partners of the table, by the interface's names; other groups and economies are left out.
_PARTNERS = (
    "AUSTRALIA", "AUSTRIA", "BELGIUM", "BRAZIL", "CANADA", "CHILE", "CHINA", "COLOMBIA", "EUROPEAN UNION", "FRANCE", "GERMANY",
    "INDIA", "INDONESIA", "IRELAND", "ISRAEL", "ITALY", "JAPAN", "KOREA, SOUTH", "MALAYSIA", "MEXICO", "NETHERLANDS", "RUSSIA",
    "SAUDI ARABIA", "SINGAPORE", "SPAIN", "SWEDEN", "SWITZERLAND", "TAIWAN", "THAILAND", "TOTAL FOR ALL COUNTRIES",
    "UNITED KINGDOM", "VIETNAM",
)  # fmt: skip


def _rows(body: bytes) -> pd.DataFrame:
    head, *rows = from_json(body)
    frame = with_rows(pd.DataFrame(rows, columns=head), _FIELDS)
    return frame.loc[:, ~frame.columns.duplicated()].rename(columns=_FIELDS)[list(_FIELDS.values())]


def _months(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get one year after another, and keep the partners of the table; the interface has no row of all industries, so they are added up."""
    frames = []
    for year in range(census.FIRST_YEAR, datetime.now(UTC).year + 1):
        asked = {
            "get": "CTY_NAME,NAICS,CON_VAL_MO,CAL_DUT_MO",
            "COMM_LVL": "NA3",
            "time": f"from {year}-01 to {year}-12",
        }
        keys = {"key": interface.secret} if interface.secret else None
        frames.append(
            interface.get("/data/timeseries/intltrade/imports/naics", _rows, params=asked, keys=keys)
        )
    frame = pd.concat(frames, ignore_index=True).astype({"imports": "int64", "duty": "int64"})
    frame = frame[frame["partner"].isin(_PARTNERS)]
    every = (
        frame.groupby(["partner", "month"], as_index=False)[["imports", "duty"]]
        .sum()
        .assign(naics=census.ALL)
    )
    columns = ["partner", "naics", "month", "imports", "duty"]
    return "", {census.MONTHLY: pd.concat([frame, every], ignore_index=True)[columns]}


INTERFACES = (
    Interface("us_imports_by_industry", census.SOURCE, "https://api.census.gov", "census", _months, key=KEY),
)
