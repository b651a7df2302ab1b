"""Bodies: JSON, CSV, and SDMX-JSON, read with the suspicion that they are something else. What they are not is said by ValueError."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd


def text(body: bytes) -> str:
    """Decode UTF-8; a page in HTML or XML is refused."""
    decoded = body.decode("utf-8-sig")
    if decoded.lstrip()[:1] == "<":
        raise ValueError(f"a page in place of data: {' '.join(decoded.split())[:80]!r}")
    return decoded


def from_json(body: bytes) -> Any:
    """Read JSON."""
    return json.loads(text(body))


def from_csv(body: bytes, columns: Iterable[str] = (), *, empty: bool = False) -> pd.DataFrame:
    """Read CSV as text; it must have these columns, and rows, unless it may be empty."""
    frame = pd.read_csv(io.StringIO(text(body)), dtype="str", keep_default_na=False)
    return with_rows(frame, columns, empty=empty)


def with_rows(frame: pd.DataFrame, columns: Iterable[str] = (), *, empty: bool = False) -> pd.DataFrame:
    """Return the frame if it has these columns, and rows, unless it may be empty."""
    lacking = sorted(set(columns) - set(frame))
    if lacking or (frame.empty and not empty):
        raise ValueError(f"no column {', '.join(lacking)}" if lacking else "no rows")
    return frame


def from_sdmx(body: bytes) -> pd.DataFrame:
    """Read SDMX-JSON, of version 1 or 2: one row an observation, with the ids of its dimensions and the attributes of its series.

    A name is in `<dimension>_name`; an attribute of a group of dimensions goes to every series of the group.
    """
    message = from_json(body)
    message = message.get("data", message)
    told = message["structures"][0] if "structures" in message else message["structure"]
    dimensions, times = told["dimensions"]["series"], told["dimensions"]["observation"][0]
    own = told["attributes"].get("series", [])
    shared = told["attributes"].get("dimensionGroup", [])
    rows = []
    for dataset in message["dataSets"]:
        groups = {
            tuple(key.split(":")): value for key, value in dataset.get("dimensionGroupAttributes", {}).items()
        }
        for key, series in dataset["series"].items():
            places = key.split(":")
            row: dict[str, str] = {}
            for dimension, place in zip(dimensions, places, strict=True):
                value = dimension["values"][int(place)]
                row |= {dimension["id"]: value["id"], f"{dimension['id']}_name": value.get("name", "")}
            for group, values in groups.items():
                if all(part in ("", place) for part, place in zip(group, places, strict=False)):
                    row |= _attributes(shared, values)
            row |= _attributes(own, series.get("attributes", []))
            for place, observation in series["observations"].items():
                time = times["values"][int(place)]
                rows.append({**row, times["id"]: time.get("value") or time["id"], "value": observation[0]})
    return with_rows(pd.DataFrame(rows))


def _attributes(about: list[dict[str, Any]], values: list[Any]) -> dict[str, str]:
    """Name attributes: each value is a place in the list of values, or the value itself, or absent."""
    made = {}
    for attribute, value in zip(about, values, strict=False):
        if isinstance(value, int) and attribute["values"]:
            known = attribute["values"][value]
            value = known.get("id", known.get("value", known.get("name")))
        if isinstance(value, list):
            value = value[0] if value else None
        if value is not None:
            made[attribute["id"]] = str(value)
    return made
