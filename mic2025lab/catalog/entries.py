"""The entries of the catalog: read from `catalog.json`, listed, described, and checked against their files."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.catalog.stores import SCANNED, describe_store
from mic2025lab.errors import ChecksumError, LabError, SourceError, unknown_name
from mic2025lab.sources.folders import cache_dir, named_folder

if TYPE_CHECKING:
    import pandas as pd

PACKAGE = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """Return the folder of cleaned tables: `MIC2025LAB_DATA`, else the checkout's `data/`, else the copy in an installed package."""
    named = os.environ.get("MIC2025LAB_DATA")
    if named:
        return named_folder("MIC2025LAB_DATA", named).resolve()
    checkout = PACKAGE.parent / "data"
    return checkout if (checkout / "catalog.json").is_file() else PACKAGE / "_data"


def local_dir() -> Path:
    """Return the folder of tables that may not be redistributed, built on this machine: `tables/` in the cache (`MIC2025LAB_CACHE`)."""
    return cache_dir().resolve() / "tables"


def catalog() -> dict[str, Dataset]:
    """Return every available table by name: those that come with the package and those built on this machine."""
    return {**_local(), **_embedded()}


def _embedded() -> dict[str, Dataset]:
    path = data_dir() / "catalog.json"
    if not path.is_file():
        raise LabError(
            f"No catalog at {path}. Set MIC2025LAB_DATA to a folder of tables, or build one with: mic2025lab data build"
        )
    return _read_catalog(path, path.stat().st_mtime_ns)


def _local() -> dict[str, Dataset]:
    try:
        path = local_dir() / "catalog.json"
    except (
        SourceError
    ):  # no home folder: nothing was built here, and the tables of the package do not need one
        return {}
    return _read_catalog(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=4)
def _read_catalog(path: Path, modified: int) -> dict[str, Dataset]:
    # `modified` is only part of the cache key, so that a rebuilt catalog is read again.
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["tables"]
        return {name: Dataset.from_entry(name, entry, path.parent) for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LabError(
            f"{path} is not a readable catalog ({type(error).__name__}: {error}). Write it again with: mic2025lab data build"
        ) from error


def describe(name: str) -> Dataset:
    """Describe a table: columns, units, coverage, license, citation, origin, warnings.

    Parameters
    ----------
    name : str
        A name of `datasets()`.

    Returns
    -------
    Dataset
        Renders as a table in Jupyter; `print` it elsewhere.

    Raises
    ------
    UnknownName
        If there is no such table; the message names the nearest.
    LabError
        If the table exists but has not been built here; the message names its license and the command that builds it.

    Examples
    --------
    >>> describe("value_added").coverage["year"]
    [2002, 2022]
    """
    embedded = _embedded()
    if name in embedded:  # first, so that a damaged local catalog does not affect the tables of the package
        return embedded[name]
    if name in SCANNED:
        return describe_store(name)
    local = _local()
    if name in local:
        return local[name]
    raise _not_available(name, [*embedded, *local])


def _not_available(name: str, available: Iterable[str]) -> LabError:
    """Explain why a table is not available: unknown name, not built yet, or not redistributable."""
    from mic2025lab.sources import TABLES

    table = TABLES.get(name)
    command = f"mic2025lab data build {shlex.quote(str(name))}"
    if table is None:
        return unknown_name("table", name, sorted({*available, *TABLES}))
    if table.embedded:
        return LabError(f"Table {name!r} has not been built in {data_dir()}. Build it with: {command}")
    licenses = "; ".join(dict.fromkeys(source.license for source, _ in table.inputs))
    return LabError(
        f"Table {name!r} is not redistributable ({table.redistributable}), so it does not come with the package. "
        f"License: {licenses}. If you may use it, build it on this machine with: {command}"
    )


def datasets() -> pd.DataFrame:
    """List the available tables, one per row: title, rows, years, unit, producer, license, and where the table is.

    `where` is `embedded` (comes with the package) or `this machine` (built here, because its license does not allow
    redistribution).

    Examples
    --------
    >>> "value_added" in set(datasets()["name"])
    True
    """
    import pandas as pd

    rows = [
        {
            "name": entry.name,
            "title": entry.title,
            "rows": entry.rows,
            "years": "–".join(map(str, entry.coverage["year"])) if "year" in entry.coverage else "",
            "unit": entry.unit,
            "producer": "; ".join(dict.fromkeys(origin.producer for origin in entry.origins)),
            "license": "; ".join(dict.fromkeys(origin.license for origin in entry.origins)),
            "where": entry.where,
        }
        for entry in catalog().values()
    ]
    return pd.DataFrame(rows)


def digest(name: str) -> str:
    """Return the sha256 of a table's file according to the catalog."""
    return describe(name).sha256


def _sha256_with_lf(data: bytes) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def verified_path(entry: Dataset) -> Path:
    """Return the path of a table's file after checking its sha256.

    A build that is killed after it has moved the table and before it has replaced the catalog leaves the previous file in
    `.previous/`. That file is served as long as it matches the catalog.

    A CSV file whose line endings were converted to CRLF (git for Windows does that, as do some archivers) holds the same table
    and is served.
    """
    folder = entry.folder
    found = {}
    for path in (folder / entry.file, folder / ".previous" / entry.file):
        if path.is_file():
            data = path.read_bytes()
            found[path] = hashlib.sha256(data).hexdigest()
            if found[path] == entry.sha256:
                return path
            if entry.format == "csv" and _sha256_with_lf(data) == entry.sha256:
                return path
    remedy = f"Rebuild it with: mic2025lab data build {shlex.quote(entry.name)}"
    if (folder.parent / ".git").exists():
        remedy += f"; or restore the committed copy with: git checkout -- {folder.name}/{entry.file}"
    path = folder / entry.file
    if path not in found:
        raise ChecksumError(f"The file of table {entry.name!r} is missing: {path}. {remedy}")
    raise ChecksumError(
        f"{path} does not match its checksum in the catalog, so {entry.name!r} is not served.\n"
        f"  sha256 of the file:      {found[path]}\n"
        f"  sha256 in catalog.json:  {entry.sha256}\n"
        f"{remedy}"
    )
