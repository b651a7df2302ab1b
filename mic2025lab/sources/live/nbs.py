"""National Bureau of Statistics of China, easyquery: producer prices by month. An unknown code has status 200 and no rows.

A client reports (September 2026) that the site has a new interface and answers this one with status 403 in some networks.
"""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime

import pandas as pd

from mic2025lab.sources import nbs
from mic2025lab.sources.live.bodies import from_json, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import read
from mic2025lab.sources.source import Raw

URL, FIRST = "https://data.stats.gov.cn", 2000
#: Group of indicators -> name of the first one, and our series.
_SERIES = {
    "A010801": ("工业生产者出厂价格指数(上年同月=100)", "ppi_eastmoney_same_month_100"),
    "A010804": (
        "工业生产者出厂价格指数(上年同期=100)",
        "ppi_eastmoney_cumulative_same_period_100",
    ),
}


def months(body: bytes, name: str) -> list[tuple[str, float]]:
    """Read the months of an indicator; where there is no figure, `hasdata` is false and the figure 0."""
    told = from_json(body)
    if told["returncode"] != 200:
        raise ValueError(f"the code {told['returncode']}: {told['returndata']}")
    about = {axis["wdcode"]: axis["nodes"] for axis in told["returndata"]["wdnodes"]}
    codes = [node["code"] for node in about["zb"] if node["cname"] == name]
    if len(codes) != 1:
        raise ValueError(f"no indicator {name}, but {[node['cname'] for node in about['zb']][:3]}")
    found = []
    for node in told["returndata"]["datanodes"]:
        place = {axis["wdcode"]: axis["valuecode"] for axis in node["wds"]}
        if place["zb"] == codes[0] and node["data"]["hasdata"]:
            found.append((f"{place['sj'][:4]}-{place['sj'][4:]}", float(node["data"]["data"])))
    return found


def _prices(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    rows = []
    for group, (name, series) in _SERIES.items():
        for year in range(FIRST, datetime.now(UTC).year + 1):
            asked = [{"wdcode": "zb", "valuecode": group}, {"wdcode": "sj", "valuecode": str(year)}]
            query = {"m": "QueryData", "dbcode": "hgyd", "rowcode": "zb", "colcode": "sj", "wds": "[]"}
            found = interface.get(
                "/easyquery.htm",
                functools.partial(months, name=name),
                params={**query, "dfwds": json.dumps(asked)},
            )
            rows += [(series, month, value) for month, value in found]
    return "", {interface.source.only: with_rows(pd.DataFrame(rows, columns=["series", "month", "value"]))}


def _clean(raw: Raw) -> pd.DataFrame:
    return nbs.cleaned(read(raw, nbs.MONTHLY_SOURCE, ["series", "month", "value"]))


INTERFACES = (
    Interface("producer_prices_profits", nbs.MONTHLY_SOURCE, URL, "nbs", _prices, _clean, keeps="indicator"),
)
