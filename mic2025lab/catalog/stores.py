"""Partitioned tables on this machine, described by the manifests of their conversion."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.errors import LabError, unknown_name
from mic2025lab.sources.folders import cache_dir

#: The tables too large for memory, which `scan` opens.
SCANNED = ("baci",)


def describe_store(name: str) -> Dataset:
    """Describe a partitioned table: as it is before its conversion, or by the manifest, whose sha256 stands for the table's."""
    from mic2025lab.engine.partition_files import read_manifest
    from mic2025lab.sources.baci import COLUMNS, SOURCE

    planned = Dataset(
        name=name,
        title=SOURCE.title,
        description="Bilateral trade by product and year, about 11 million rows a year; read with scan, not with load.",
        file="manifest.json",
        format="partitioned",
        unit="thousand USD",
        columns={column: {"dtype": "", "description": text} for column, text in COLUMNS.items()},
        key=("year", "exporter", "importer", "product"),
        coverage={},
        origins=(SOURCE.origin(()),),
        built_by="mic2025lab.sources.baci:convert",
        rows=0,
        sha256="",
        warnings=(),
        redistributable=SOURCE.redistributable,
        get=f"mic2025lab data {name} ZIP_OR_URL, with the producer's zip ({SOURCE.url})",
    )

    try:
        folder = store_folder(name)
        about = read_manifest(folder)
    except LabError:
        return planned
    parts = about["partitions"]
    years = [part["label"] for part in parts]
    zips = {part["zip"]: part["zip_sha256"] for part in parts}
    vintage = f"{about['hs']} V{about['version']}"
    return replace(
        planned,
        description=f"Bilateral trade by product, {about['hs']}, version {about['version']}; read with scan, not with load.",
        unit=about["unit"],
        coverage={"year": [min(years), max(years)]},
        origins=(replace(planned.origins[0], version=vintage, retrieved="", sha256=zips),),
        rows=sum(part["rows"] for part in parts),
        sha256=manifest_digest(folder),
        warnings=tuple(about["warnings"]),
        get="",
        folder=folder,
    )


def manifest_digest(folder: Path) -> str:
    """Return the sha256 of a manifest, which stands for the table's."""
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def store_folder(name: str, hs: str | None = None, version: str | None = None) -> Path:
    """Return the folder of a converted revision and version; the newest version by default."""
    place = cache_dir() / name
    converted = {path.parent.name: path.parent for path in sorted(place.glob("*_V*/manifest.json"))}
    if not converted:
        raise LabError(
            f"{name!r} has not been converted on this machine ({place}), or not to its end. Get the producer's zip and convert it: "
            f"mic2025lab data {name} ZIP_OR_URL"
        )
    pattern = f"{hs or '*'}_V{(version or '*').removeprefix('V')}"
    chosen = [folder for label, folder in converted.items() if fnmatchcase(label, pattern)]
    if not chosen:
        raise unknown_name(
            f"revision and version of {name}", f"{hs or ''} {version or ''}".strip(), converted
        )
    if len({folder.name.partition("_V")[0] for folder in chosen}) > 1:
        raise LabError(f"{name!r} has several revisions: {', '.join(converted)}. Choose one with hs=...")
    return chosen[-1]
