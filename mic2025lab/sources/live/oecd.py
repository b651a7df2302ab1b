"""OECD, SDMX API: gross domestic expenditure on R&D, in the very layout of the raw file (CSV with labels).

`sdmx1` offers the same through its own cache and its own model of messages; one CSV needs neither.
"""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources import research_spending
from mic2025lab.sources.live.bodies import from_csv
from mic2025lab.sources.live.interface import Interface

URL = "https://sdmx.oecd.org/public/rest"
#: Area, frequency, measure, sector, funds, cost, type, field, objective, unit, prices.
_KEY = ".A.G._T.._T....USD_PPP."


def _gerd(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    path = f"/data/OECD.STI.STP,DSD_RDS_GERD@DF_GERD_TOE,/{_KEY}"
    frame = interface.get(path, from_csv, params={"format": "csvfilewithlabels"})
    return "", {research_spending.GERD: frame}


INTERFACES = (
    Interface("research_spending", research_spending.OECD, URL, "oecd-gerd", _gerd, research_spending.oecd),
)
