"""World Bank, Indicators API version 2. `wbgapi` reads the same bodies through `requests`, without the limits and retries of `_http`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from mic2025lab.sources import world_economy as worldbank
from mic2025lab.sources.live.bodies import from_json
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.source import Source

URL, PAGE = "https://api.worldbank.org/v2", 20_000
#: Groups that have no ISO3 code in the answers; None for what is no group.
_GROUPS = {"XD": "HIC", "XM": "LIC", "XN": "LMC", "XT": "UMC", "XP": "MIC", "XO": "LMY", "XY": None}


def _page(body: bytes) -> tuple[dict, list[dict]]:
    about, *rest = from_json(body)
    if "message" in about:
        raise ValueError(f"the message {about['message'][0]['value']!r}")
    if not rest or not rest[0]:
        raise ValueError("no rows")
    return about, rest[0]


def _series(interface: Interface, series: str) -> tuple[str, pd.DataFrame]:
    """Get all pages of a series: the day of its last update, and `indicator, iso3, year, value` without missing values."""
    rows, page, pages = [], 0, 1
    while page < pages:
        page += 1
        asked = {"format": "json", "per_page": str(PAGE), "page": str(page)}
        about, more = interface.get(f"/country/all/indicator/{series}", _page, params=asked)
        pages = int(about["pages"])
        for row in more:
            code = row["countryiso3code"] or _GROUPS[row["country"]["id"]]
            rows.append((row["indicator"]["id"], code, row["date"], row["value"]))
    frame = pd.DataFrame(rows, columns=["indicator", "iso3", "year", "value"])
    if len(frame) != int(about["total"]) or set(frame["indicator"]) != {series}:
        raise ValueError(f"{len(frame):,} rows of {series}, and {about['total']} were announced")
    return str(about["lastupdated"]), frame.dropna(subset=["iso3", "value"])


def _file(path: str, series: Iterable[str]) -> Callable[[Interface], tuple[str, dict[str, pd.DataFrame]]]:
    """Stack series to a raw file; the version is the day of the last update of any."""

    def files(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
        dates, frames = zip(*(_series(interface, name) for name in series), strict=True)
        return max(dates), {path: pd.concat(frames, ignore_index=True)}

    return files


def _manufacturing(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    date, frame = _series(interface, "NV.IND.MANF.CD")
    frame = frame.set_axis(["country", "iso3", "year", "manufacturing_va_current_usd"], axis=1)
    return date, {interface.source.only: frame}


def _latest(interface: Interface) -> str:
    """Ask for one row; all series of the World Development Indicators are updated together."""
    asked = {"format": "json", "per_page": "1", "page": "1"}
    about, _ = interface.get("/country/CHN/indicator/NY.GDP.MKTP.CD", _page, params=asked)
    return f"wdi-{about['lastupdated']}"


def _interface(table: str, source: Source, files: Any, clean: Any = None) -> Interface:
    return Interface(table, source, URL, "wdi", files, clean, latest=_latest)


INTERFACES = (
    _interface("world_economy", worldbank.WDI_SOURCE, _file(worldbank.WDI, worldbank.SERIES), worldbank.wdi),
    _interface("manufacturing_value_added", worldbank.MANUFACTURING_SOURCE, _manufacturing),
    _interface(
        "wdi_supplement", worldbank.MORE_SOURCE, _file(worldbank.MORE_SOURCE.only, worldbank.MORE_SERIES)
    ),
)
