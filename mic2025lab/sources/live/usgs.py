"""U.S. Geological Survey, ScienceBase: the data release of the newest Mineral Commodity Summaries, world production."""

from __future__ import annotations

import re

import pandas as pd

from mic2025lab.sources import converters, minerals
from mic2025lab.sources.live.bodies import from_csv, from_json
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed

URL, NAME = "https://www.sciencebase.gov/catalog", "Mineral Commodity Summaries Data Release"
_ASKED = {"q": NAME, "format": "json", "max": "100", "fields": "title,files"}
_COLUMNS = renamed("Section Commodity Country Statistics Statistics_detail Unit Year Value Notes")


def _releases(body: bytes) -> dict[str, str]:
    """Return the edition and the address of each file with all commodities; such files exist since 2026."""
    listed = [file for item in from_json(body)["items"] for file in item.get("files", [])]
    named = [
        (re.fullmatch(r"MCS(\d{4})_Commodities_Data\.csv", file["name"]), file["url"]) for file in listed
    ]
    found = {match[1]: url.partition("/catalog")[2] for match, url in named if match}
    if not found:
        raise ValueError(f"no file of all commodities among {len(listed)}")
    return found


def _newest(interface: Interface) -> tuple[str, str]:
    return max(interface.get("/items", _releases, params=_ASKED).items())


def _read(body: bytes) -> pd.DataFrame:
    return from_csv(body.decode("cp1252").encode(), _COLUMNS)


def _world(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    edition, place = _newest(interface)
    frame = interface.get(place, _read)
    return edition, {interface.source.only: converters.usgs_tidy(converters.usgs_2026(frame))}


INTERFACES = (
    Interface(
        "mineral_production",
        minerals.USGS,
        URL,
        "mcs",
        _world,
        lambda raw: minerals.usgs(raw, minerals.USGS_EDITIONS[-1:]),
        latest=lambda interface: f"mcs-{_newest(interface)[0]}",
    ),
)
