"""International Monetary Fund, SDMX 3 API: World Economic Outlook."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import world_economy as weo
from mic2025lab.sources.live.bodies import from_sdmx, with_rows
from mic2025lab.sources.live.interface import Interface

#: `limit` is large because the attributes of series are left out of answers without it.
_ASKED = {"format": "jsondata", "attributes": "all", "detail": "full", "limit": "1000000"}
_NEEDED = ("COUNTRY", "INDICATOR", "TIME_PERIOD", "SCALE", "LATEST_ACTUAL_ANNUAL_DATA")


def _weo(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get one concept after another; the API has values in single units, the raw file in units of `10 ** scale`."""
    frames = []
    for concept in weo.CONCEPTS:
        frame = interface.get(
            f"/data/dataflow/IMF.RES/WEO/~/*.{concept}.A",
            lambda body: with_rows(from_sdmx(body), _NEEDED),
            params=_ASKED,
        )
        frames.append(frame[frame["INDICATOR"] == concept])
    found = pd.concat(frames, ignore_index=True).fillna({"LATEST_ACTUAL_ANNUAL_DATA": ""})
    scale = found["SCALE"].astype("float64")
    data = pd.DataFrame(
        {
            "ref_area": found["COUNTRY"],
            "concept": found["INDICATOR"],
            "scale": scale,
            "last_actual": found["LATEST_ACTUAL_ANNUAL_DATA"].replace("0", ""),
            "year": found["TIME_PERIOD"].astype("int64"),
            "value": found["value"].astype("float64") / 10**scale,
        }
    )
    if "METHODOLOGY_NOTES" not in found:
        found["METHODOLOGY_NOTES"] = ""
    notes = data[["ref_area", "concept"]].assign(notes=found["METHODOLOGY_NOTES"].fillna(""))
    return "", {weo.WEO: data, weo.NOTES: notes.drop_duplicates(["ref_area", "concept"])}


INTERFACES = (
    Interface("world_economy", weo.WEO_SOURCE, "https://api.imf.org/external/sdmx/3.0", "weo", _weo, weo.weo),
)
