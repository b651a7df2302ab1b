"""Files in CSV: charts of Our World in Data (IRENA, IFR), the chip explorer of the ETO, and answers of the OECD and the IEA."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import product

import pandas as pd

from mic2025lab.sources import eto, iea, owid, research_spending
from mic2025lab.sources.live.bodies import from_csv, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import read
from mic2025lab.sources.source import Raw

URL = "https://ourworldindata.org/grapher"
ETO = "https://raw.githubusercontent.com/georgetown-cset/eto-chip-explorer/main/data"
OECD = "https://sdmx.oecd.org/public/rest"
IEA, _EXPLORER = "https://api.iea.org", iea.FILES["GEVO2025"]
_WHOLE = {"v": "1", "csvType": "full", "useColumnShortNames": "false"}


def _named(*paths: str, **params: str) -> Callable[[Interface], tuple[str, dict[str, pd.DataFrame]]]:
    """Get files; a raw file is named like its address."""

    def files(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
        return "", {path: interface.get(f"/{path}", from_csv, params=params) for path in paths}

    return files


def _gerd(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get totals at PPP; the key is area, frequency, measure, sector, funds, cost, type, field, objective, unit, prices."""
    path = "/data/OECD.STI.STP,DSD_RDS_GERD@DF_GERD_TOE,/.A.G._T.._T....USD_PPP."
    frame = interface.get(path, from_csv, params={"format": "csvfilewithlabels"})
    return "", {interface.source.only: frame}


def _explorer(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get every combination of the EV explorer; some, such as shares of a scenario, may have no rows."""
    parse = functools.partial(from_csv, columns=iea.COLUMNS, empty=True)
    names, every = ("parameters", "category", "mode"), product(iea.INDICATORS, iea.SCENARIOS, iea.MODES)
    asked = ({**dict(zip(names, each, strict=True)), "csv": "true"} for each in every)
    frames = [interface.get("/evs", parse, params=each) for each in asked]
    return "", {_EXPLORER: with_rows(pd.concat(frames, ignore_index=True))}


def _explored(raw: Raw) -> pd.DataFrame:
    return iea.cleaned(read(raw, iea.SOURCE, file=_EXPLORER))


_CAPACITY = _named(*(path for path, _ in owid.FILES.values()), **_WHOLE)
_CHAIN = _named(eto.PROVISION, eto.PROVIDERS, eto.INPUTS, eto.STAGES)
INTERFACES = (
    Interface("solar_wind_capacity", owid.SOURCE, URL, "owid", _CAPACITY),
    Interface("robots", owid.ROBOTS_SOURCE, URL, "owid", _named(owid.ROBOTS_SOURCE.only, **_WHOLE)),
    Interface("semiconductor_chain", eto.SOURCE, ETO, "eto", _CHAIN),
    Interface("research_spending", research_spending.OECD, OECD, "oecd-gerd", _gerd, research_spending.oecd),
    Interface("ev_sales", iea.SOURCE, IEA, "iea", _explorer, _explored),
)
