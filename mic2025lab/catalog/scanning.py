"""`scan`: a table too large for memory, opened as partitions on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.catalog.entries import SCANNED, catalog
from mic2025lab.catalog.records import note
from mic2025lab.errors import LabError, unknown_name
from mic2025lab.sources.fetch import cache_dir
from mic2025lab.sources.source import Origin

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mic2025lab.engine.partitions import Partitioned


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
    """Open a table that is too large for memory; every metric takes it as it takes a frame, one year at a time.

    Parameters
    ----------
    name : str
        ``"baci"``, converted by ``mic2025lab data baci``.
    year : int, list or slice, optional
        The wanted years; a slice includes both ends.
    columns : iterable of str, optional
        The columns; all by default. Metrics read only the columns they need in any case.
    hs, version : str, optional
        The revision, if several have been converted, and the version; the newest by default.
    executor : concurrent.futures.Executor, optional
        Where metrics run, such as ``client.get_executor()`` of Dask; two threads of this process by default.
    **filters
        A column and the wanted value or values: a scalar, a list, or a `slice(low, high)` that includes both ends.

    Returns
    -------
    Partitioned
        Iterate over it for one pandas frame a year; ``collect(columns)`` reads all of it. Metrics return pandas frames.

    Raises
    ------
    UnknownName
        If there is no such table, year, column, or label.
    LabError
        If the table has not been converted on this machine; the message says how.
    """
    from mic2025lab.engine.partitions import open_folder

    if name not in SCANNED:
        hint = " It fits in memory: use load()." if name in catalog() else ""
        raise LabError(f"{unknown_name('partitioned table', name, SCANNED)}{hint}")
    folder = _folder(cache_dir() / name, name, hs, version)
    table = open_folder(folder, labels=year, columns=columns, filters=filters, executor=executor)
    note(name, _digest(folder), f"{table.about['hs']} V{table.about['version']}")
    return table


def describe_store(name: str) -> Dataset:
    """Describe a partitioned table by the manifest of its conversion, whose sha256 stands for the table's."""
    from mic2025lab.engine.partitions import read_manifest

    folder = _folder(cache_dir() / name, name, None, None)
    about = read_manifest(folder)
    labels = [part["label"] for part in about["partitions"]]
    vintage = f"{about['hs']} V{about['version']}"
    origin = Origin(
        about["producer"],
        about["title"],
        vintage,
        about["url"],
        about.get("license") or about["licence"],  # the second in manifests of version 0.1
        "attribution",
        about["citation"],
        "",
        {about["zip"]: about["zip_sha256"]},
    )
    return Dataset(
        name=name,
        title=about["title"],
        description=f"Bilateral trade by product, {about['hs']}, version {about['version']}; read with scan, not with load.",
        file="manifest.json",
        format="partitioned",
        unit=about["unit"],
        columns={
            column: {"dtype": "", "description": str(text)} for column, text in about["columns"].items()
        },
        key=("year", "exporter", "importer", "product"),
        coverage={"year": [min(labels), max(labels)]},
        origins=(origin,),
        built_by="mic2025lab.sources.baci:convert",
        rows=sum(part["rows"] for part in about["partitions"]),
        sha256=_digest(folder),
        warnings=tuple(about["warnings"]),
        redistributable="attribution",
        folder=folder,
    )


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def _folder(place: Path, name: str, hs: str | None, version: str | None) -> Path:
    """Return the folder of a converted revision and version."""
    converted = {path.parent.name: path.parent for path in sorted(place.glob("*_V*/manifest.json"))}
    if not converted:
        raise LabError(
            f"{name!r} has not been converted on this machine ({place}). Get the producer's zip and convert it: "
            f"mic2025lab data {name} ZIP_OR_URL"
        )
    wanted = None if version is None else version.removeprefix("V")
    chosen = [
        folder
        for folder in converted.values()
        if hs in (None, folder.name.partition("_V")[0]) and wanted in (None, folder.name.partition("_V")[2])
    ]
    if not chosen:
        raise unknown_name(
            f"revision and version of {name}", f"{hs or ''} {version or ''}".strip(), converted
        )
    if len({folder.name.partition("_V")[0] for folder in chosen}) > 1:
        raise LabError(f"{name!r} has several revisions: {', '.join(converted)}. Choose one with hs=...")
    return chosen[-1]
