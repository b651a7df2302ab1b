"""Files that are published as they are: charts of Our World in Data (IRENA, IFR), and the chip explorer of the ETO."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mic2025lab.sources import eto, owid
from mic2025lab.sources.live.bodies import from_csv
from mic2025lab.sources.live.interface import Interface

URL = "https://ourworldindata.org/grapher"
ETO = "https://raw.githubusercontent.com/georgetown-cset/eto-chip-explorer/main/data"
_WHOLE = {"v": "1", "csvType": "full", "useColumnShortNames": "false"}


def _named(*paths: str, **params: str) -> Callable[[Interface], tuple[str, dict[str, pd.DataFrame]]]:
    """Get files; a raw file is named like its address."""

    def files(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
        return "", {path: interface.get(f"/{path}", from_csv, params=params) for path in paths}

    return files


_CAPACITY = _named(*(path for path, _ in owid.FILES.values()), **_WHOLE)
_CHAIN = _named(eto.PROVISION, eto.PROVIDERS, eto.INPUTS, eto.STAGES)
INTERFACES = (
    Interface("solar_wind_capacity", owid.SOURCE, URL, "owid", _CAPACITY),
    Interface("robots", owid.ROBOTS_SOURCE, URL, "owid", _named(owid.ROBOTS, **_WHOLE)),
    Interface("semiconductor_chain", eto.SOURCE, ETO, "eto", _CHAIN),
)
