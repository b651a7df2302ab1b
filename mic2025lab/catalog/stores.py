"""Partitioned tables on this machine, described by the manifests of their conversion."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.errors import LabError, unknown_name
from mic2025lab.sources.folders import cache_dir
from mic2025lab.sources.source import Origin

#: The tables too large for memory, which `scan` opens.
SCANNED = ("baci",)


def describe_store(name: str) -> Dataset:
    """Describe a partitioned table by the manifest of its conversion, whose sha256 stands for the table's."""
    from mic2025lab.engine.partition_files import read_manifest

    folder = store_folder(name)
    about = read_manifest(folder)
    labels = [part["label"] for part in about["partitions"]]
    vintage = f"{about['hs']} V{about['version']}"
    origin = Origin(
        about["producer"],
        about["title"],
        vintage,
        about["url"],
        about["license"],
        "attribution",
        about["citation"],
        "",
        {part["zip"]: part["zip_sha256"] for part in about["partitions"]},
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
        sha256=manifest_digest(folder),
        warnings=tuple(about["warnings"]),
        redistributable="attribution",
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
