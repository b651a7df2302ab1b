"""The catalogue: which tables there are, where each is from, and `load`, which serves one only if its checksum is right."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.dataset import Dataset, Origin
from mic2025lab.errors import ChecksumError, LabError, TableError, unknown_name

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

    from mic2025lab.engine.partitions import Partitioned

PACKAGE = Path(__file__).resolve().parent

#: The tables too large for memory, which `scan` opens.
SCANNED = ("baci",)

#: What this process has loaded: table name -> sha256. A run compares it with what its analysis declares.
LOADED: dict[str, str] = {}


def data_dir() -> Path:
    """The folder of cleaned tables: `MIC2025LAB_DATA`, else the checkout's `data/`, else the copy inside an installed package."""
    named = os.environ.get("MIC2025LAB_DATA")
    if named:
        return Path(named).expanduser().resolve()
    checkout = PACKAGE.parent / "data"
    return checkout if (checkout / "catalog.json").is_file() else PACKAGE / "_data"


def local_dir() -> Path:
    """The folder of the tables that may not be passed on, built on this machine: `tables/` in the cache (`MIC2025LAB_CACHE`)."""
    from mic2025lab.sources.fetch import cache_dir  # here, for it brings pandas with it

    return cache_dir().resolve() / "tables"


def catalog() -> dict[str, Dataset]:
    """Every table there is, by name: those passed on with the package, and those built on this machine."""
    return {**_local(), **_embedded()}


def _embedded() -> dict[str, Dataset]:
    path = data_dir() / "catalog.json"
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise LabError(
            f"No catalogue at {path}. Point MIC2025LAB_DATA at a folder of tables, or build one with: mic2025lab data build"
        ) from None
    return _read_catalog(path, stamp)


def _local() -> dict[str, Dataset]:
    path = local_dir() / "catalog.json"
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _read_catalog(path, stamp)


@lru_cache(maxsize=4)
def _read_catalog(path: Path, stamp: int) -> dict[str, Dataset]:
    # `stamp` is in the key only, so that a rebuilt catalogue is read again.
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["tables"]
        return {name: _dataset(name, entry, path.parent) for name, entry in entries.items()}
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise LabError(
            f"{path} is not a catalogue that can be read ({type(error).__name__}: {error}). Write it again with: mic2025lab data build"
        ) from error


def _dataset(name: str, entry: Mapping[str, Any], folder: Path) -> Dataset:
    return Dataset(
        name=name,
        title=entry["title"],
        description=entry["description"],
        file=entry["file"],
        format=entry["format"],
        unit=entry["unit"],
        columns=entry["columns"],
        key=tuple(entry["key"]),
        coverage=entry["coverage"],
        origins=tuple(Origin(**origin) for origin in entry["origins"]),
        built_by=entry["built_by"],
        rows=entry["rows"],
        sha256=entry["sha256"],
        warnings=tuple(entry["warnings"]),
        redistributable=entry["redistributable"],
        default_vintage=entry.get("default_vintage"),
        vintages=tuple(entry.get("vintages") or ()),
        vintage_column=entry.get("vintage_column"),
        folder=folder,
    )


def describe(name: str) -> Dataset:
    """Say what a table is: columns, units, coverage, licence, citation, origin, warnings.

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
        If there is, but it has not been built here: names its licence and the command that builds it.

    Examples
    --------
    >>> describe("value_added").coverage["year"]
    [2002, 2022]
    """
    embedded = _embedded()
    if (
        name in embedded
    ):  # without a look at this machine's tables: nothing that happens to them touches these
        return embedded[name]
    if name in SCANNED:
        return _describe_store(name)
    local = _local()
    if name in local:
        return local[name]
    raise _not_there(name, [*embedded, *local])


def _not_there(name: str, there: Iterable[str]) -> LabError:
    """Say why a table is not there: its licence, a build that has not been made, or a name that nothing bears."""
    from mic2025lab.sources import TABLES

    table = TABLES.get(name)
    command = f"mic2025lab data build {shlex.quote(str(name))}"
    if table is None:
        return unknown_name("table", name, sorted({*there, *TABLES}))
    if table.embedded:
        return LabError(f"Table {name!r} has not been built in {data_dir()}. Build it with: {command}")
    licences = "; ".join(dict.fromkeys(source.licence for source, _ in table.inputs))
    return LabError(
        f"Table {name!r} is not redistributable ({table.redistributable}), so it does not come with the package. Licence: {licences}. "
        f"If you may use it, build it on this machine with: {command}"
    )


def datasets() -> pd.DataFrame:
    """List the tables there are, a row each: what, rows, years, unit, licence, and where it is.

    `where` is `embedded` (passed on with the package) or `this machine` (built here, for its licence does not allow that).

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
            "licence": "; ".join(dict.fromkeys(origin.licence for origin in entry.origins)),
            "where": entry.where,
        }
        for entry in catalog().values()
    ]
    return pd.DataFrame(rows)


def digest(name: str) -> str:
    """Give the sha256 that the catalogue vouches for."""
    return describe(name).sha256


def verified_path(entry: Dataset) -> Path:
    """Find the file of a table and check its bytes.

    A build that was killed between moving the table and moving the catalogue leaves the previous file in
    `.previous/`, which is served as long as it is the one that the catalogue vouches for.
    """
    folder = entry.folder
    found = {}
    for path in (folder / entry.file, folder / ".previous" / entry.file):
        if path.is_file():
            found[path] = hashlib.sha256(path.read_bytes()).hexdigest()
            if found[path] == entry.sha256:
                return path
    remedy = f"Rebuild it with: mic2025lab data build {shlex.quote(entry.name)}"
    if (folder.parent / ".git").exists():
        remedy += f"; or take the committed copy back with: git checkout -- {folder.name}/{entry.file}"
    path = folder / entry.file
    if path not in found:
        raise ChecksumError(f"The file of table {entry.name!r} is missing: {path}. {remedy}")
    raise ChecksumError(
        f"{path} is not the file that the catalogue vouches for, so {entry.name!r} is not served.\n"
        f"  sha256 of the file:      {found[path]}\n"
        f"  sha256 in catalog.json:  {entry.sha256}\n"
        f"{remedy}"
    )


def load(
    name: str,
    *,
    vintage: str | None = None,
    columns: Iterable[str] | None = None,
    **filters: Any,
) -> pd.DataFrame:
    """Load a cleaned table, or the part of it that is asked for.

    Parameters
    ----------
    name : str
        A name of `datasets()`.
    vintage : str, optional
        For a table of several vintages: which one, or `"all"`. The default is the newest; a scheduled run pins it.
    columns : iterable of str, optional
        The columns to return; all by default.
    **filters
        A column and the value(s) wanted: a scalar, a list, a `slice(low, high)` with both ends in, or a function of the column that
        gives booleans. A value that does not occur in the column raises, so that a misspelt code is not an empty table.

    Returns
    -------
    pandas.DataFrame
        A plain frame with a fresh index. Missing values are missing, never 0.

    Raises
    ------
    UnknownName
        If the table, a column or a wanted value does not exist; the message names the nearest.
    LabError
        If the table has not been built here; says how, and, where it does not come with the package, its licence.
    ChecksumError
        If the file is not the one that the catalogue vouches for; quotes both checksums and the command that rebuilds it.

    Examples
    --------
    >>> load("value_added", economy=["CHN", "USA"], industry="aerospace", year=slice(2015, 2022)).shape
    (16, 5)
    """
    entry = describe(name)
    frame = _read(verified_path(entry), entry)
    if entry.vintage_column:
        frame = _pick_vintage(frame, entry, vintage)
    elif vintage is not None:
        raise LabError(f"Table {name!r} has one vintage only; leave out vintage={vintage!r}.")
    for column, wanted in filters.items():
        if column not in frame:
            raise unknown_name(f"column of {name}", column, entry.columns)
        frame = frame[_mask(frame[column], wanted, name, column)]
    if columns is not None:
        wanted_columns = [columns] if isinstance(columns, str) else list(columns)
        for column in wanted_columns:
            if column not in frame:
                raise unknown_name(f"column of {name}", column, entry.columns)
        frame = frame[wanted_columns]
    _note_loaded(entry, vintage)
    return frame.reset_index(drop=True)


def scan(
    name: str,
    *,
    year: Any = None,
    columns: Iterable[str] | None = None,
    hs: str | None = None,
    version: str | None = None,
    executor: Executor | None = None,
    **filters: Any,
) -> Partitioned:
    """Describe a table that is too large for memory; every metric takes it as it takes a frame, year by year.

    Parameters
    ----------
    name : str
        ``"baci"``, converted by ``mic2025lab data baci``.
    year : int, list or slice, optional
        The years wanted; a slice has both ends in.
    columns : iterable of str, optional
        The columns; all by default. Metrics read only those they need anyway.
    hs, version : str, optional
        The revision, if several have been converted, and the version; the newest by default.
    executor : concurrent.futures.Executor, optional
        Where metrics run, such as ``client.get_executor()`` of Dask; two threads of this process by default.
    **filters
        A column and the value(s) wanted: a scalar, a list, or a `slice(low, high)` with both ends in.

    Returns
    -------
    Partitioned
        Iterate over it for one pandas frame a year; ``collect(columns)`` reads all of it. Metrics return pandas frames.

    Raises
    ------
    UnknownName
        If there is no such table, year, column or label.
    LabError
        If it has not been converted on this machine: says how.
    """
    from mic2025lab.engine.partitions import open_folder
    from mic2025lab.sources.fetch import cache_dir

    if name not in SCANNED:
        hint = " It is in memory at once: use load()." if name in catalog() else ""
        raise LabError(f"{unknown_name('partitioned table', name, SCANNED)}{hint}")
    folder = _scan_folder(cache_dir() / name, name, hs, version)
    table = open_folder(folder, labels=year, columns=columns, filters=filters, executor=executor)
    manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    _note(name, manifest, f"{table.about['hs']} V{table.about['version']}")
    return table


def _describe_store(name: str) -> Dataset:
    """Describe data that are scanned from what their conversion wrote down; their checksum is that of the manifest."""
    from mic2025lab.engine.partitions import read_manifest
    from mic2025lab.sources.fetch import cache_dir

    folder = _scan_folder(cache_dir() / name, name, None, None)
    about = read_manifest(folder)
    labels = [part["label"] for part in about["partitions"]]
    columns = {column: {"dtype": "", "description": str(text)} for column, text in about["columns"].items()}
    return Dataset(
        name=name,
        title=about["title"],
        description=f"Bilateral trade by product, {about['hs']}, version {about['version']}; read with scan, not with load.",
        file="manifest.json",
        format="partitioned",
        unit=about["unit"],
        columns=columns,
        key=("year", "exporter", "importer", "product"),
        coverage={"year": [min(labels), max(labels)]},
        origins=(
            Origin(
                about["producer"],
                about["title"],
                f"{about['hs']} V{about['version']}",
                about["url"],
                about["licence"],
                "attribution",
                about["citation"],
                "",
                {about["zip"]: about["zip_sha256"]},
            ),
        ),
        built_by="mic2025lab.sources.baci:convert",
        rows=sum(part["rows"] for part in about["partitions"]),
        sha256=hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest(),
        warnings=tuple(about["warnings"]),
        redistributable="attribution",
        default_vintage=None,
        vintages=(),
        vintage_column=None,
        folder=folder,
    )


def _scan_folder(place: Path, name: str, hs: str | None, version: str | None) -> Path:
    found = sorted(path.parent for path in place.glob("*_V*/manifest.json"))
    if not found:
        raise LabError(
            f"{name!r} has not been converted on this machine ({place}). Get the producer's zip and convert it: "
            f"mic2025lab data {name} ZIP_OR_URL"
        )
    named = {path.name: path for path in found}
    chosen = [path for path in found if hs in (None, path.name.partition("_V")[0])]
    chosen = [
        path for path in chosen if version is None or path.name.endswith(f"_V{version.removeprefix('V')}")
    ]
    if not chosen:
        raise unknown_name(f"revision and version of {name}", f"{hs or ''} {version or ''}".strip(), named)
    if len({path.name.partition("_V")[0] for path in chosen}) > 1:
        raise LabError(f"{name!r} is there in several revisions: {', '.join(named)}. Say which with hs=…")
    return chosen[-1]


def _read(path: Path, entry: Dataset) -> pd.DataFrame:
    import pandas as pd

    types = {column: spec["dtype"] for column, spec in entry.columns.items()}
    if entry.format == "parquet":
        frame = pd.read_parquet(path)
    else:
        # Codes are text, and an empty cell of a text column is missing; "NA" (Namibia, not available) is not.
        text = {column: "str" for column, kind in types.items() if kind == "str"}
        frame = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
    if list(frame.columns) != list(types):
        raise TableError(
            f"{path} has columns {list(frame.columns)}, the catalogue says {list(types)}. Rebuild it with: mic2025lab data build {entry.name}"
        )
    return frame.astype(types)


def _pick_vintage(frame: pd.DataFrame, entry: Dataset, vintage: str | None) -> pd.DataFrame:
    chosen = vintage or entry.default_vintage
    if chosen in (None, "all"):
        return frame
    if chosen not in entry.vintages:
        raise unknown_name(f"vintage of {entry.name}", chosen, [*entry.vintages, "all"])
    return frame[frame[entry.vintage_column] == chosen]


def _mask(column: pd.Series, wanted: Any, table: str, name: str) -> pd.Series:
    if isinstance(wanted, slice):
        if wanted.step is not None:
            raise LabError(
                f"{name}=slice(..., step={wanted.step!r}): a slice here is a range with both ends in; leave out the step."
            )
        mask = column.notna()
        if wanted.start is not None:
            mask &= column >= wanted.start
        if wanted.stop is not None:
            mask &= column <= wanted.stop
        return mask
    if callable(wanted):
        return wanted(column)
    values = list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
    present = set(column.dropna().unique())
    for value in values:
        if value not in present:
            raise unknown_name(f"{name} in {table}", value, sorted(map(str, present)))
    return column.isin(values)


def _note_loaded(entry: Dataset, vintage: str | None) -> None:
    _note(entry.name, entry.sha256, vintage or entry.default_vintage)


def _note(name: str, sha256: str, vintage: str | None) -> None:
    """Remember what was loaded, for the manifest of the run this process belongs to."""
    LOADED[name] = sha256
    folder = os.environ.get("MIC2025LAB_RUN_DIR")
    if folder:
        line = {"table": name, "sha256": sha256, "vintage": vintage}
        with (Path(folder) / "loaded.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
