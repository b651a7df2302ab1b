"""The entries of the catalog: read from `catalog.json`, listed, described, and checked against their files."""

from __future__ import annotations

import hashlib
import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab.catalog import own, vintages
from mic2025lab.catalog.dataset import Dataset, read_entries
from mic2025lab.catalog.stores import SCANNED, describe_store, store_folder
from mic2025lab.errors import ChecksumError, LabError, SourceError, unknown_name
from mic2025lab.sources.folders import cache_dir, named_folder
from mic2025lab.sources.source import EMBEDDED

if TYPE_CHECKING:
    import pandas as pd

    from mic2025lab.sources.table import Table

_PLACES = ("own", "embedded", "this machine", "not here")
PACKAGE = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """Return the folder of cleaned tables: `MIC2025LAB_DATA`, else the copy in an installed package, else the checkout's `data/`."""
    named = os.environ.get("MIC2025LAB_DATA")
    if named:
        return named_folder("MIC2025LAB_DATA", named).resolve()
    packed = PACKAGE / "_data"
    return packed if packed.is_dir() else PACKAGE.parent / "data"


def local_dir() -> Path:
    """Return the folder of tables that may not be redistributed, built on this machine: `tables/` in the cache (`MIC2025LAB_CACHE`)."""
    return cache_dir().resolve() / "tables"


def catalog() -> dict[str, Dataset]:
    """Return every available table by name: those that come with the package, those built on this machine, and the user's."""
    return {**own.entries(), **_local(), **_embedded()}


def _embedded() -> dict[str, Dataset]:
    path = data_dir() / "catalog.json"
    if not path.is_file():
        raise LabError(
            f"No catalog at {path}. Set MIC2025LAB_DATA to a folder of tables, or build one with: mic2025lab data build"
        )
    return read_entries(path, path.stat().st_mtime_ns)


def _local() -> dict[str, Dataset]:
    try:
        path = local_dir() / "catalog.json"
    except (
        SourceError
    ):  # no home folder: nothing was built here, and the tables of the package do not need one
        return {}
    return read_entries(path, path.stat().st_mtime_ns) if path.is_file() else {}


def describe(name: str, *, vintage: str | None = None) -> Dataset:
    """Describe a table: columns, units, coverage, license, citation, origin, warnings; also one that is not on this machine.

    Parameters
    ----------
    name : str
        A name of `datasets()`; `table@vintage` names a vintage, too.
    vintage : str, optional
        Which vintage; by default the one that `load` serves.

    Returns
    -------
    Dataset
        Renders as a table in Jupyter; `print` it elsewhere. `vintages` names all, in the table and fetched here; `where` says
        whether the table is here, and `get` how to get it.

    Raises
    ------
    UnknownName
        If there is no such table; the message names the nearest.

    Examples
    --------
    >>> describe("value_added").coverage["year"]
    [2002, 2022]
    >>> "mic2025lab data build" in describe("chip_trade").get or describe("chip_trade").where == "this machine"
    True
    """
    name, vintage = vintages.asked(name, vintage)
    found = _available(name)
    if found is None and vintage in (here := vintages.kept(name)):
        return replace(here[vintage], name=f"{name}@{vintage}", vintages=tuple(here))
    found = found or _planned().get(name)
    if found is None:
        raise unknown_name("table", name, sorted(every()), listing="lab.datasets()")
    return vintages.chosen(found, vintage)


def entry(name: str, vintage: str | None = None) -> Dataset:
    """Return the entry of a table, or of a vintage of it, that can be loaded or scanned here.

    Raises
    ------
    UnknownName
        If there is no such table; the message names the nearest.
    LabError
        If the table exists but is not on this machine; the message names its license and the command that builds it.
    """
    found = describe(name, vintage=vintage)
    if found.sha256:
        return found
    if found.name in SCANNED:
        store_folder(found.name)  # its message says how to convert the table
    licenses = "; ".join(dict.fromkeys(origin.license for origin in found.origins))
    why = (
        f"has not been built in {data_dir()}. Build it with:"
        if found.redistributable in EMBEDDED
        else f"is not redistributable ({found.redistributable}), so it does not come with the package. License: {licenses}. "
        "If you may use it, build it on this machine with:"
    )
    raise LabError(f"Table {found.name!r} {why} {found.get}")


def _available(name: str) -> Dataset | None:
    embedded = _embedded()
    if name in embedded:  # first, so that a damaged local catalog does not affect the tables of the package
        return embedded[name]
    if name in SCANNED:
        return describe_store(name)
    local = _local().get(name)
    mine = None if local else own.find(name)
    return mine[0] if mine else local


def _planned() -> dict[str, Dataset]:
    """Return every table that can be built, by name, as it is known before that."""
    from mic2025lab.sources import TABLES

    return {name: Dataset.from_table(table, get=_how_to_get(table)) for name, table in TABLES.items()}


def _how_to_get(table: Table) -> str:
    """Say which command builds a table, and which of its raw files the user must bring."""
    # A first load does not need it, nor the modules of the network that it imports.
    from mic2025lab.sources.fetch import can_get

    files = [(source, path) for source, paths in table.inputs for path in paths]
    own = [f"{source.id}/{path}" for source, path in files if not can_get(source, path)]
    command = f"mic2025lab data build {shlex.quote(table.name)}"
    if not own:
        return command
    return f"{command}, once the folder that MIC2025LAB_MIRROR names has {', '.join(own)} (not at a public address)"


def every() -> dict[str, Dataset]:
    """Return every table by name: those that can be loaded here, and those that can be built or converted."""
    return {**_planned(), **catalog(), **{name: describe_store(name) for name in SCANNED}}


def datasets() -> pd.DataFrame:
    """List all tables, one per row: title, rows, years, unit, producer, license, where the table is, and how to get it.

    `where` is `embedded` (comes with the package), `this machine` (built here, because its license does not allow redistribution),
    `own` (the user's: see `register`), or `not here`; `get` is then the command that makes it. Texts are shown in full; the result is
    otherwise a pandas frame.

    Examples
    --------
    >>> tables = datasets().set_index("name")
    >>> tables.loc["value_added", "where"], "chip_trade" in tables.index
    ('embedded', True)
    """
    from mic2025lab.catalog.listing import Listing

    rows = [
        {
            "name": entry.name,
            "title": entry.title,
            "rows": entry.rows if entry.sha256 else None,
            "years": "–".join(map(str, entry.coverage["year"])) if "year" in entry.coverage else "",
            "unit": entry.unit,
            "producer": "; ".join(dict.fromkeys(origin.producer for origin in entry.origins)),
            "license": "; ".join(dict.fromkeys(origin.license for origin in entry.origins)),
            "where": entry.where,
            "get": entry.get,
        }
        for entry in sorted(every().values(), key=lambda entry: (_PLACES.index(entry.where), entry.name))
    ]
    return Listing(rows).astype({"rows": "Int64"})


def digest(name: str) -> str:
    """Return the sha256 of a table's file according to the catalog."""
    return entry(name).sha256


def digests(name: str, words: str = "") -> dict[str, str]:
    """Return the sha256 of what a notebook loads by a table's name: the vintage that `load` serves, and any that its words name."""
    table, vintage = vintages.asked(name, None)
    now = entry(name)
    label = now.name if "@" in now.name or not vintage else f"{table}@{vintage}"
    named = {f"{table}@{one}": about.sha256 for one, about in vintages.kept(table).items() if one in words}
    return {label: now.sha256, **named}


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
            with_lf = data.replace(b"\r\n", b"\n") if entry.format == "csv" else data
            if entry.sha256 in (found[path], hashlib.sha256(with_lf).hexdigest()):
                return path
    remedy = f"Rebuild it with: mic2025lab data build {shlex.quote(entry.name)}"
    if "@" in entry.name:
        remedy = f"Remove it and the file of its entry, and fetch it again with: mic2025lab data fetch {entry.name.partition('@')[0]}"
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
