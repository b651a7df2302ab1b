"""U.S. Census Bureau, International Trade API: imports for consumption and duties, by industry and month or by HS6 product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pandas as pd

from mic2025lab.classifications import lists
from mic2025lab.errors import SourceError
from mic2025lab.sources import census
from mic2025lab.sources.live.bodies import from_json, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed

URL, KEY = "https://api.census.gov", "CENSUS_API_KEY"
_FIELDS = renamed("CTY_NAME=partner NAICS=naics time=month CON_VAL_MO=imports CAL_DUT_MO=duty")
_PRODUCTS = renamed(
    "CTY_CODE=cty_code CTY_NAME=cty_name I_COMMODITY=hs6 CON_VAL_YR=imports_usd CAL_DUT_YR=duty_usd"
)
#: The partners of each table, by the interface's names; other groups and economies are left out.
_PARTNERS = [(row["by"], row["partner"]) for row in lists.read("codebooks/us_partners")]


def _of(frame: pd.DataFrame, column: str, by: str) -> pd.DataFrame:
    return frame[frame[column].isin([partner for table, partner in _PARTNERS if table == by])]


def _read(fields: Mapping[str, str]) -> Callable[[bytes], pd.DataFrame]:
    """Read a list of rows, the first of which has the names."""

    def rows(body: bytes) -> pd.DataFrame:
        head, *rest = from_json(body)
        frame = with_rows(pd.DataFrame(rest, columns=head), fields)
        return frame.loc[:, ~frame.columns.duplicated()].rename(columns=fields)[list(fields.values())]

    return rows


def _trade(interface: Interface, of: str, fields: Mapping[str, str], **asked: str) -> pd.DataFrame:
    keys = {"key": interface.secret} if interface.secret else {}
    get = ",".join(name for name in fields if name != "time")
    path = f"/data/timeseries/intltrade/imports/{of}"
    return interface.get(path, _read(fields), params={"get": get, **asked}, keys=keys)


def _products(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get the sums of a year, which stand in the rows of its December. If December is not published yet, get those of the year before."""
    year = datetime.now(UTC).year - 1
    try:
        frame = _trade(interface, "hs", _PRODUCTS, COMM_LVL="HS6", time=f"{year}-12")
    except SourceError as error:
        if "HTTP 204" not in str(error):
            raise
        year -= 1
        frame = _trade(interface, "hs", _PRODUCTS, COMM_LVL="HS6", time=f"{year}-12")
    return str(year), {interface.source.only: _of(frame, "cty_name", "products")}


def _months(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get one year after another, and keep the partners of the table; the interface has no row of all industries, so they are added up."""
    frames = []
    for year in range(census.FIRST_MONTHLY, datetime.now(UTC).year + 1):
        time = f"from {year}-01 to {year}-12"
        frames.append(_trade(interface, "naics", _FIELDS, COMM_LVL="NA3", time=time))
    frame = pd.concat(frames, ignore_index=True).astype({"imports": "int64", "duty": "int64"})
    frame = _of(frame, "partner", "industries")
    every = frame.groupby(["partner", "month"], as_index=False)[["imports", "duty"]].sum()
    both = pd.concat([frame, every.assign(naics=census.ALL)], ignore_index=True)
    return "", {interface.source.only: both[["partner", "naics", "month", "imports", "duty"]]}


INTERFACES = (
    Interface("us_imports_by_industry", census.INDUSTRIES_SOURCE, URL, "census", _months, key=KEY),
    Interface("us_imports", census.IMPORTS_SOURCE, URL, "census", _products, key=KEY, yearly=True),
)
