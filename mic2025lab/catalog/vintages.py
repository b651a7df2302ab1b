"""Vintages of a table that were fetched here: `<table>/<vintage>.parquet` in the user's folder, each with its entry beside it.

The entry (`<vintage>.json`) is written last, so a vintage is there with its entry or not at all.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.errors import LabError, SourceError, shown
from mic2025lab.sources.folders import cache_dir

#: The name of the vintage that the catalog serves by default, for tables whose vintages have no names of their own.
EMBEDDED = "embedded"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = (EMBEDDED, "all")


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


def folder(table: str) -> Path:
    """Return the folder of a table's fetched vintages."""
    return cache_dir().resolve() / "tables" / table


def kept(table: str) -> dict[str, Dataset]:
    """Return the fetched vintages of a table by name."""
    try:
        place = folder(table)
    except SourceError:  # no home folder: nothing was fetched here
        return {}
    paths = sorted(place.glob("*.json")) if _NAME.fullmatch(table) else []
    return {path.stem: _read(table, path, path.stat().st_mtime_ns) for path in paths}


@lru_cache(maxsize=64)
def _read(table: str, path: Path, modified: int) -> Dataset:
    # `modified` is only part of the cache key, so that a changed entry is read again.
    try:
        return Dataset.from_entry(table, json.loads(path.read_text(encoding="utf-8")), path.parent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LabError(
            f"{path} is not the entry of a vintage ({type(error).__name__}: {error}). Remove it, and fetch the vintage again "
            f"with: mic2025lab data fetch {table}"
        ) from error
