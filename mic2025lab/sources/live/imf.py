"""International Monetary Fund, SDMX 3 API: World Economic Outlook."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import world_economy as weo
from mic2025lab.sources.live.bodies import from_sdmx, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed

#: `limit` is large because the attributes of series are left out of answers without it.
_ASKED = {"format": "jsondata", "attributes": "all", "detail": "full", "limit": "1000000"}
#: Column of an answer -> that of the raw files.
_NAMES = renamed(
    "COUNTRY=ref_area INDICATOR=concept TIME_PERIOD=year SCALE=scale LATEST_ACTUAL_ANNUAL_DATA=last_actual"
)
_NOTES = {"METHODOLOGY_NOTES": "notes"}


def _weo(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get one concept after another; the API has values in single units, the raw file in units of `10 ** scale`."""
    frames = []
    for concept in weo.CONCEPTS:
        frame = interface.get(
            f"/data/dataflow/IMF.RES/WEO/~/*.{concept}.A",
            lambda body: with_rows(from_sdmx(body), _NAMES),
            params=_ASKED,
        )
        frames.append(frame[frame["INDICATOR"] == concept])
    found = pd.concat(frames, ignore_index=True).reindex(columns=[*_NAMES, *_NOTES, "value"], fill_value="")
    found = found.rename(columns=_NAMES | _NOTES).fillna({"last_actual": "", "notes": ""})
    notes = found[["ref_area", "concept", "notes"]].drop_duplicates(["ref_area", "concept"])
    value = found.pop("value").astype("float64") / 10 ** found["scale"].astype("float64")
    data = found.drop(columns="notes").replace({"last_actual": {"0": ""}}).assign(value=value)
    return "", {weo.WEO: data, weo.NOTES: notes}


INTERFACES = (
    Interface("world_economy", weo.WEO_SOURCE, "https://api.imf.org/external/sdmx/3.0", "weo", _weo, weo.weo),
)
