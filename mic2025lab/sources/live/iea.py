"""International Energy Agency, API of the Global EV Data Explorer: one CSV for each parameter, category, and kind of vehicle."""

from __future__ import annotations

from itertools import product

import pandas as pd

from mic2025lab.sources import iea
from mic2025lab.sources.live.bodies import from_csv, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import read
from mic2025lab.sources.source import Raw

_FILE = iea.FILES["GEVO2025"]


def _explorer(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    """Get every combination; some, such as shares of a scenario, may have no rows."""
    frames = []
    for parameter, category, mode in product(iea.INDICATORS, iea.SCENARIOS, iea.MODES):
        asked = {"parameters": parameter, "category": category, "mode": mode, "csv": "true"}
        frames.append(
            interface.get("/evs", lambda body: from_csv(body, iea.COLUMNS, empty=True), params=asked)
        )
    return "", {_FILE: with_rows(pd.concat(frames, ignore_index=True))}


def _clean(raw: Raw) -> pd.DataFrame:
    return iea.cleaned(read(raw, iea.SOURCE, _FILE))


INTERFACES = (Interface("ev_sales", iea.SOURCE, "https://api.iea.org", "iea", _explorer, _clean),)
