"""Our World in Data, grapher CSV: solar and wind capacity (IRENA), robots installed (IFR)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from mic2025lab.sources import ifr, irena
from mic2025lab.sources.live.bodies import from_csv
from mic2025lab.sources.live.interface import Interface

URL = "https://ourworldindata.org/grapher"


def _charts(paths: Iterable[str]) -> Callable[[Interface], tuple[str, dict[str, pd.DataFrame]]]:
    """Get charts; a raw file is named like its chart."""

    def files(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
        asked = {"v": "1", "csvType": "full", "useColumnShortNames": "false"}
        return "", {path: interface.get(f"/{path}", from_csv, params=asked) for path in paths}

    return files


INTERFACES = (
    Interface(
        "solar_wind_capacity", irena.SOURCE, URL, "owid", _charts([path for path, _ in irena.FILES.values()])
    ),
    Interface("robots", ifr.SOURCE, URL, "owid", _charts([ifr.DATA])),
)
