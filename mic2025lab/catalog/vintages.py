"""Vintages of a table: those in the table itself, and those fetched here, `<table>/<vintage>.parquet` in the user's folder.

Each fetched one has its entry beside it (`<vintage>.json`), written last, so it is there with its entry or not at all. It is used
only where its name is written: in `load`, in a parameter, in a plan, or in `mic2025lab.yml`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

from mic2025lab import project
from mic2025lab.catalog.dataset import Dataset, read_entries
from mic2025lab.errors import LabError, SourceError, shown, unknown_name
from mic2025lab.sources.folders import cache_dir

#: The name of the vintage that the catalog serves by default, for tables whose vintages have no names of their own.
EMBEDDED = "embedded"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = (EMBEDDED, "all")
#: Environment variable with the vintages of a run as JSON, table -> vintage, set for its kernel.
PINS = "MIC2025LAB_VINTAGES"
_pins: ContextVar[Mapping[str, str]] = ContextVar("pins")


def pins() -> Mapping[str, str]:
    """Return table -> vintage where `load` is called without one: those of the run, and those of the user's project."""
    own = project.find()
    return {**(own.vintages if own else {}), **_of_the_run()}


def _of_the_run() -> Mapping[str, str]:
    pins = _pins.get(None)
    return json.loads(os.environ.get(PINS, "{}")) if pins is None else pins


@contextmanager
def pinned(vintages: Mapping[str, str]) -> Iterator[None]:
    """Pin the vintages of tables for what is done inside."""
    token = _pins.set({**_of_the_run(), **vintages})
    try:
        yield
    finally:
        _pins.reset(token)


def asked(name: str, vintage: str | None) -> tuple[str, str | None]:
    """Split `table@vintage`, and add the pinned vintage where none is named."""
    table, _, own = str(name).partition("@")
    return table, vintage or own or pins().get(table)


def chosen(table: Dataset, vintage: str | None) -> Dataset:
    """Return the entry of a vintage of a table; `vintages` names all.

    Raises
    ------
    UnknownName
        If there is no such vintage; the message names the nearest.
    LabError
        If the table has only one.
    """
    here = kept(table.name)
    names = (*(table.vintages or ((EMBEDDED,) if here else ())), *here)
    if vintage in here:
        return replace(here[vintage], name=f"{table.name}@{vintage}", vintages=names)
    if vintage in (None, EMBEDDED) or (vintage == "all" and table.vintage_column):
        return replace(table, vintages=names) if here else table
    if vintage in table.vintages:
        return replace(table, vintages=names, default_vintage=vintage)
    if not names:
        raise LabError(f"Table {table.name!r} has only one vintage; leave out vintage={vintage!r}.")
    error = unknown_name(
        f"vintage of {table.name}", vintage, [*names, *(("all",) if table.vintage_column else ())]
    )
    if pins().get(table.name) == vintage:
        raise type(error)(
            f"{error} It is set in {project.FILE} or for this run; `mic2025lab data fetch {table.name}` gets the newest."
        )
    raise error


def checked_name(table: str, vintage: str, embedded: tuple[str, ...] = ()) -> str:
    """Return the name of a new vintage.

    Raises
    ------
    LabError
        If it cannot be the name of a file, or has a meaning already.
    """
    taken = {name.lower() for name in (*_RESERVED, *embedded)}
    if not _NAME.fullmatch(vintage) or vintage.lower() in taken:
        raise LabError(
            f"{shown(vintage)} cannot name a new vintage of {table!r}. Use letters, digits, '.', '_', and '-', as in "
            f"weo-2026-10, and none of: {', '.join((*_RESERVED, *embedded))}."
        )
    return vintage


def kept(table: str) -> dict[str, Dataset]:
    """Return the fetched vintages of a table by name: those in the user's folder, and those of an archive in `MIC2025LAB_DATA`."""
    if not _NAME.fullmatch(table):  # no name of a table, such as one that came with a request
        return {}
    places = [Path(os.environ["MIC2025LAB_DATA"]) / table] if os.environ.get("MIC2025LAB_DATA") else []
    with suppress(SourceError):  # no home folder: nothing was fetched here
        places.append(cache_dir().resolve() / "tables" / table)
    paths = [path for place in places for path in sorted(place.glob("*.json"))]
    return {path.stem: read_entries(path, path.stat().st_mtime_ns, table)[table] for path in paths}
