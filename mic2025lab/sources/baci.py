"""The whole of CEPII BACI: the producer's zip (one CSV a year) converted to a partitioned table of bilateral trade by HS6 product.

The producer's page (`SOURCE.url`) has a zip for each HS revision and version. It holds `BACI_HS12_Y2012_V202501.csv` with
`t,i,j,k,v,q` (year, exporter, importer, product, thousand USD, tonnes) and the codes of countries and products.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

from mic2025lab.engine.partitions import read_manifest, write_manifest, write_partition
from mic2025lab.errors import LabError, SourceError
from mic2025lab.sources import _http, fetch
from mic2025lab.sources.baci_archive import COLUMNS, PAGE, Archive, Year, read_archive, read_year
from mic2025lab.sources.source import Source

SOURCE = Source(
    id="baci",
    producer="CEPII",
    title="BACI: international trade database at the product level",
    version="the one of the zip",
    url=PAGE,
    license="Etalab-2.0",
    redistributable="attribution",
    citation=(
        "Gaulier, G. and S. Zignago (2010), BACI: International Trade Database at the Product-Level, the 1994-2007 Version, CEPII Working Paper "
        "2010-23."
    ),
    retrieved="by the user",
    files={},
)


def folder_of(hs: str, version: str) -> Path:
    """Return the folder of a revision and version: in `MIC2025LAB_CACHE`, or in the platform's cache folder."""
    return fetch.cache_dir() / "baci" / f"{hs}_V{version.removeprefix('V')}"


def fetch_zip(place: str | Path, *, sha256: str | None = None) -> Path:
    """Find the producer's zip on this machine or download it (an interrupted download is resumed), and check its hash.

    Raises
    ------
    SourceError
        If there is no such file, the server refuses, or the hash is wrong.
    """
    text = str(place)
    if text.startswith(("http://", "https://")):
        name = Path(urlsplit(text).path).name or "baci.zip"
        target = fetch.cache_dir() / "baci" / "downloads" / name
        if not (target.is_file() and sha256 in (None, _http.sha256_of(target))):
            _http.download(text, target, sha256=sha256, what=f"baci/{name}")
        return target
    path = Path(place).expanduser()
    if not path.is_file():
        raise SourceError(
            f"There is no file {path}. Get the zip of an HS revision from {SOURCE.url}, or give its address."
        )
    found = _http.sha256_of(path) if sha256 else None
    if found != sha256:
        raise SourceError(
            f"{path} is not the expected file.\n  sha256 of the file:  {found}\n  sha256 expected:     {sha256}\n"
            "It is damaged, or the producer has revised it. Nothing was converted."
        )
    return path


def convert(
    place: str | Path,
    *,
    sha256: str | None = None,
    hs: str | None = None,
    years: Iterable[int] | None = None,
    folder: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Convert the producer's zip into a partitioned table, one Parquet file a year; `catalog.scan("baci")` opens it.

    Each year is written whole or not at all. A year that exists, from the same CSV and with the right hash, is skipped, so that
    an interrupted conversion continues where it stopped. Files listed in the old manifest stay until the new manifest is
    written.

    Parameters
    ----------
    place : str or path
        The zip, or its address.
    sha256 : str, optional
        The hash the zip must have.
    hs : str, optional
        The expected revision, such as ``"HS12"``.
    years : iterable of int, optional
        The years to convert; by default all years of the zip, from the first to the last.
    folder : path, optional
        Target folder; by default ``baci/<HS>_V<version>`` in the cache.
    progress : callable, optional
        Called with a line of text for each year.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    SourceError
        An unexpected or unreadable zip, a missing year, a value that is text, missing, or negative, an unknown economy or
        product, or a repeated row. The message names the file and the line or key.
    """
    tell = progress or (lambda line: None)
    path = fetch_zip(place, sha256=sha256)
    try:
        with zipfile.ZipFile(path) as opened:
            archive = read_archive(path, opened, hs)
            wanted = _wanted_years(archive, years)
            target = folder or folder_of(archive.hs, archive.version)
            target.mkdir(parents=True, exist_ok=True)
            _convert_years(archive, opened, wanted, target, tell)
    except zipfile.BadZipFile as error:
        raise SourceError(
            f"{path} is damaged or is not a zip ({error}). Remove it and get it again from {SOURCE.url}. The years "
            "converted before do not change."
        ) from error
    return target


def _convert_years(
    archive: Archive, opened: zipfile.ZipFile, wanted: list[int], target: Path, tell: Callable[[str], None]
) -> None:
    entries = {entry["label"]: entry for entry in _entries(target)}
    digest = _http.sha256_of(archive.path)
    for number, year in enumerate(wanted, 1):
        member = archive.years[year]
        made = _file_name(archive, year, member)
        said = f"[{number}/{len(wanted)}] {archive.hs} {year}"
        if _is_there(target, entries.get(year), made):
            tell(f"{said}: unchanged")
            continue
        rows = read_year(archive, opened, year)
        entry = _write_year(archive, rows, year, target / made)
        entries[year] = {"label": year, "csv": Path(member.filename).name, **entry}
        write_manifest(target, _manifest(archive, digest, [entries[label] for label in sorted(entries)]))
        tell(f"{said}: {entry['rows']:,} rows, {entry['bytes'] / 1e6:.0f} MB")
    kept = {entry["file"] for entry in entries.values()}
    for stale in target.glob("BACI_*.parquet*"):
        if stale.name not in kept:
            stale.unlink()


def _entries(target: Path) -> list[dict[str, Any]]:
    try:
        return read_manifest(target)["partitions"]
    except LabError:
        return []  # none yet, or one that cannot be read: every year is converted anew


def _file_name(archive: Archive, year: int, member: zipfile.ZipInfo) -> str:
    # The checksum of the CSV is in the name, so that a revised CSV does not overwrite the file that the manifest still lists.
    return f"BACI_{archive.hs}_Y{year}_V{archive.version}-{member.CRC:08x}.parquet"


def _is_there(target: Path, entry: Mapping[str, Any] | None, made: str) -> bool:
    if entry is None or entry["file"] != made or not (target / made).is_file():
        return False
    return _http.sha256_of(target / made) == entry["sha256"]


def _manifest(archive: Archive, digest: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    padded = sum(entry["padded"] for entry in entries)
    notes = [f"{padded:,} product codes had lost their leading zeros, which were restored."] if padded else []
    return {
        "format": 1,
        "name": "baci",
        "key": "year",
        "title": SOURCE.title,
        "producer": SOURCE.producer,
        "license": SOURCE.license,
        "citation": SOURCE.citation,
        "url": SOURCE.url,
        "hs": archive.hs,
        "version": archive.version,
        "zip": archive.path.name,
        "zip_sha256": digest,
        "unit": "thousand USD (value), tonnes (quantity)",
        "columns": COLUMNS,
        "warnings": [*archive.warnings, *notes],
        "partitions": entries,
        "remedy": "mic2025lab data baci ZIP",
    }


def _wanted_years(archive: Archive, years: Iterable[int] | None) -> list[int]:
    there = sorted(archive.years)
    wanted = sorted(set(range(there[0], there[-1] + 1) if years is None else years))
    missing = [year for year in wanted if year not in archive.years]
    if missing or not wanted:
        raise SourceError(
            f"{archive.path.name} has no file of {', '.join(map(str, missing)) or 'the years asked for'}; it has "
            f"{', '.join(map(str, there))}. Get the whole zip from {SOURCE.url}, or request the years it has."
        )
    return wanted


def _write_year(archive: Archive, rows: Year, year: int, path: Path) -> dict[str, Any]:
    """Sort a year by its keys, refuse repeated keys, and write it."""
    columns = (
        {name: np.concatenate(parts) for name, parts in rows.parts.items()} if rows.parts["value"] else {}
    )
    if not columns:
        raise SourceError(f"{archive.years[year].filename} has no rows.")
    book = archive.codebook
    key = np.zeros(len(columns["value"]), np.int64)
    for name, labels in book.items():
        key = key * len(labels) + columns[name]
    order = np.argsort(key)
    key = key[order]
    again = np.flatnonzero(key[1:] == key[:-1])
    if len(again):
        row = order[again[0]]
        shown = ", ".join(f"{name}={book[name][columns[name][row]]}" for name in book)
        raise SourceError(
            f"{archive.years[year].filename}: {len(again)} rows repeat a key, first {shown}, year={year}. "
            "A flow has one row. Nothing of this year was kept."
        )
    sorted_columns: dict[str, Any] = {name: values[order] for name, values in columns.items()}
    missing = int(np.count_nonzero(np.isnan(sorted_columns["quantity"])))
    sorted_columns["quantity"] = pa.array(sorted_columns["quantity"], from_pandas=True)
    said = {"hs": archive.hs, "version": archive.version, "year": str(year), "unit_value": COLUMNS["value"]}
    entry = write_partition(path, sorted_columns, book, metadata=said)
    return {**entry, "padded": rows.padded, "missing_quantity": missing}
