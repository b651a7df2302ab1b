"""World Bank, WITS API: trade of all reporters by product group, one year and flow at a time, as SDMX-JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.errors import SourceError
from mic2025lab.sources import product_groups
from mic2025lab.sources.live.bodies import from_sdmx, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed

URL = "https://wits.worldbank.org/API/V1/SDMX/V21/datasource/tradestats-trade"
FIRST, LAST_KNOWN = 1988, 2019
_FLOWS = {"XPRT-TRD-VL": "export", "MPRT-TRD-VL": "import"}
#: Codes of economies that are not ISO3.
_ISO3 = {"OAS": "TWN", "ROM": "ROU", "SER": "SRB", "SUD": "SDN", "TMP": "TLS", "MNT": "MNE", "BLX": ""}
#: Column of an answer -> that of the raw file.
_NAMES = renamed(
    "REPORTER_name=economy PRODUCTCODE_name=product_group TIME_PERIOD=year value=value_usd_thousand"
)


def _kind(product: str) -> str:
    """Return the partition that a product group belongs to; empty for groups that the table does not have."""
    if product == "Total":
        return "total"
    return "sector" if product[:2].isdigit() else "stage" if product.startswith("UNCTAD-SoP") else ""


def _files(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    frames = []
    for year in range(FIRST, datetime.now(UTC).year):
        for indicator, flow in _FLOWS.items():
            path = f"/reporter/all/year/{year}/partner/wld/product/all/indicator/{indicator}"
            try:
                frame = interface.get(
                    path,
                    lambda body: with_rows(from_sdmx(body), [*_NAMES, "REPORTER", "PRODUCTCODE"]),
                    params={"format": "JSON"},
                )
            except SourceError as error:
                if year > LAST_KNOWN and "HTTP 404" in str(error):  # not published yet
                    continue
                raise
            frames.append(frame.assign(flow=flow, group_kind=frame["PRODUCTCODE"].map(_kind)))
    found = pd.concat(frames, ignore_index=True)
    # Of imports the table has stages only.
    kind, exports = found["group_kind"], found["flow"] == "export"
    found = found[kind.isin(["total", "stage"]) | ((kind == "sector") & exports)]
    code = found["REPORTER"].str.upper()
    group = (code == "EUN") | code.isin(economies.AGGREGATES) & (code != "BLX")
    rows = found.rename(columns=_NAMES).assign(
        iso3=code.map(lambda one: _ISO3.get(one, one if one in economies.ECONOMIES else "")),
        wits_code=code,
        kind=group.map({True: "group", False: "economy"}).mask(code == "WLD", "world"),
    )
    return "", {interface.source.only: rows[[*renamed(product_groups.WITS_COLUMNS)]]}


INTERFACES = (Interface("trade_by_group", product_groups.WITS_SOURCE, URL, "wits", _files),)
