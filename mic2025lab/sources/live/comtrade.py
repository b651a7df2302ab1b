"""UN Comtrade, API version 1: with a key, or the public preview, which ends after 500 rows.

`comtradeapicall` prints errors and returns None, so that a refused request looks like no trade.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pandas as pd

from mic2025lab.classifications import lists
from mic2025lab.sources import comtrade
from mic2025lab.sources.live.bodies import from_json, with_rows
from mic2025lab.sources.live.interface import Interface
from mic2025lab.sources.reading import renamed

URL, KEY = "https://comtradeapi.un.org", "COMTRADE_API_KEY"
#: The most rows of an answer.
PREVIEW, KEYED = 500, 100_000
#: Column of an answer -> that of the raw file of a table.
_EQUIPMENT_COLUMNS = {
    **{"classificationCode": "Classification", "refYear": "Year", "flowCode": "Trade Flow"},
    **{"reporterISO": "Reporter ISO", "partnerISO": "Partner"},
    **{"cmdCode": "Commodity Code", "primaryValue": "Trade Value (US$)"},
}
_BATTERY_COLUMNS = renamed(
    "refYear=year reporterISO=importer partnerISO=partner classificationCode=hs_rev cmdCode=cmd_code primaryValue=value_usd "
    "netWgt=net_kg isNetWgtEstimated=net_kg_estimated isReported=is_reported"
)
_ASKED = {"partner2Code": "0", "motCode": "0", "customsCode": "C00", "includeDesc": "true"}
_FLOWS = {"M": "Import", "X": "Export", "RM": "Re-Import", "RX": "Re-Export"}
_EQUIPMENT = ("848620", "903082", "903141")
_BATTERIES = tuple(row["product"] for row in lists.read("codebooks/battery_products"))


def _answer(body: bytes, largest: int) -> pd.DataFrame | None:
    """Read an answer; None where nobody has reported the product in the year."""
    told = from_json(body)
    if told.get("error"):
        raise ValueError(f"the message {told['error']!r}")
    if not told["data"]:
        return None
    if len(told["data"]) >= largest:
        raise ValueError(f"{largest:,} rows, the most that an answer has, so rows are missing")
    return with_rows(pd.DataFrame(told["data"]), _EQUIPMENT_COLUMNS)


def _trade(interface: Interface, products: Iterable[str], first: int, **asked: str) -> Iterator[pd.DataFrame]:
    """Ask for one product and one year after another, to the year before last."""
    secret = interface.secret
    path, largest = ("/data/v1/get", KEYED) if secret else ("/public/v1/preview", PREVIEW)
    for product in products:
        for year in range(first, datetime.now(UTC).year - 1):
            found = interface.get(
                f"{path}/C/A/HS",
                lambda body: _answer(body, largest),
                params={"cmdCode": product, "period": str(year), **_ASKED, **asked},
                headers={"Ocp-Apim-Subscription-Key": secret} if secret else {},
            )
            if found is not None:
                yield found


def _equipment(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    found = pd.concat(_trade(interface, _EQUIPMENT, 2016, partnerCode="0", flowCode="M,X,RM,RX"))
    frame = found.rename(columns=_EQUIPMENT_COLUMNS)[[*_EQUIPMENT_COLUMNS.values()]]
    frame = frame.replace({"Trade Flow": _FLOWS, "Partner": {"W00": "World"}})
    return "", {interface.source.only: frame.assign(Reporter=frame["Reporter ISO"])}


def _batteries(interface: Interface) -> tuple[str, dict[str, pd.DataFrame]]:
    found = pd.concat(_trade(interface, _BATTERIES, 2018, flowCode="M"))
    frame = found.rename(columns=_BATTERY_COLUMNS)[[*_BATTERY_COLUMNS.values()]]
    places = {name: frame[name].str.strip() for name in ("importer", "partner")}
    frame = frame.assign(**places).astype({"net_kg_estimated": int, "is_reported": int})
    return "", {interface.source.only: frame}


INTERFACES = (
    Interface("chip_equipment_trade", comtrade.EQUIPMENT_SOURCE, URL, "comtrade", _equipment, key=KEY),
    Interface("ev_battery_imports", comtrade.BATTERY_SOURCE, URL, "comtrade", _batteries, key=KEY),
)
