"""The whole of CEPII BACI: the producer's zip (one CSV a year) converted to a partitioned table of bilateral trade by HS6 product.

The producer's page (`SOURCE.url`) has a zip for each HS revision and version. It holds `BACI_HS12_Y2012_V202501.csv` with
`t,i,j,k,v,q` (year, exporter, importer, product, thousand USD, tonnes) and the codes of countries and products.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.partition_files import MANIFEST, STAGED, read_manifest, write_manifest, write_partition
from mic2025lab.errors import LabError, SourceError, shown
from mic2025lab.sources import _http, folders
from mic2025lab.sources.baci_archive import COLUMNS, Archive, open_archive, read_year
from mic2025lab.sources.lock import locked
from mic2025lab.sources.source import source

LOCK = ".convert.lock"

SOURCE = source("baci")


def folder_of(hs: str, version: str) -> Path:
    """Return the folder of a revision and version: in `MIC2025LAB_CACHE`, or in the platform's cache folder."""
    return folders.cache_dir() / "baci" / f"{hs}_V{version.removeprefix('V')}"


def fetch_zip(place: str | Path, *, sha256: str | None = None) -> Path:
    """Find the producer's zip on this machine or download it (an interrupted download is resumed), and check its hash.

    Raises
    ------
    SourceError
        If there is no such file, the server refuses, or the hash is wrong.
    """
    text = str(place)
    if text.startswith(("http://", "https://")):
        name = re.sub(r"[^A-Za-z0-9._-]", "_", text.partition("?")[0].rpartition("/")[2])[-100:] or "baci.zip"
        target = folders.cache_dir() / "baci" / "downloads" / name
        if not (target.is_file() and sha256 in (None, _http.sha256_of(target))):
            _http.download(text, target, sha256=sha256, what=f"baci/{name}")
        return target
    try:
        path = Path(place).expanduser()
        found = path.is_file()
    except (OSError, RuntimeError):  # a name that is too long, a user without a home folder
        found = False
    if not found:
        raise SourceError(
            f"There is no file {shown(text)}. Get the zip of an HS revision from {SOURCE.url}, or give its address."
        )
    digest = _http.sha256_of(path) if sha256 else None
    if digest != sha256:
        raise SourceError(
            f"{path} is not the expected file.\n  sha256 of the file:  {digest}\n  sha256 expected:     {sha256}\n"
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

    The table is published whole: its manifest is written when all years are converted, and the files of the old manifest stay until
    then. A year that exists, from the same CSV and codes and with the right hash, is skipped, so that an interrupted conversion
    continues where it stopped. Years that the table already has are converted from this zip as well if they differ in it.

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
        An unexpected, old, encrypted, or unreadable zip, two files of one year, a missing year, a value or quantity that is text,
        negative, or infinite, a missing value, an unknown economy or product, or a repeated row. The message names the file and the
        line or key.
    LabError
        If another process converts into the same folder.
    """
    tell = progress or (lambda line: None)
    path = fetch_zip(place, sha256=sha256)
    with open_archive(path, hs) as (archive, opened):
        wanted = _wanted_years(archive, years)
        target = folder or folder_of(archive.hs, archive.version)
        try:
            target.mkdir(parents=True, exist_ok=True)
            with locked(target / LOCK, f"Another conversion is writing to {target}"):
                _convert_years(archive, opened, wanted, target, tell)
        except OSError as error:
            raise SourceError(
                f"The conversion of {path} to {target} stopped: {error}. Make room or give the folder the right to be written to, "
                "and run it again: it continues where it stopped."
            ) from error
    return target


def _convert_years(
    archive: Archive, opened: zipfile.ZipFile, wanted: list[int], target: Path, tell: Callable[[str], None]
) -> None:
    """Convert years into files that no manifest lists yet, and publish the manifest of all of them at the end."""
    published, staged = _entries(target, MANIFEST), _entries(target, STAGED)
    entries = {year: entry for year, entry in published.items() if year not in archive.years}
    _check_codes(archive, entries, target)
    years = sorted({*wanted, *(year for year in published if year in archive.years)})
    digest = _http.sha256_of(archive.path)
    for number, year in enumerate(years, 1):
        name = archive.file_name(year)
        said = f"[{number}/{len(years)}] {archive.hs} {year}"
        kept = [
            one[year] for one in (staged, published) if year in one and _is_there(target, one[year], name)
        ]
        if kept:
            entries[year] = kept[0]
            tell(f"{said}: unchanged")
            continue
        entry = _write_year(archive, opened, year, target / name)
        origin = {
            "csv": Path(archive.years[year].filename).name,
            "zip": archive.path.name,
            "zip_sha256": digest,
        }
        entries[year] = staged[year] = {"label": year, **origin, "codes": archive.codes, **entry}
        write_manifest(target, _manifest(archive, staged), STAGED)
        tell(f"{said}: {entry['rows']:,} rows, {entry['bytes'] / 1e6:.0f} MB")
    write_manifest(target, _manifest(archive, entries))
    (target / STAGED).unlink(missing_ok=True)
    files = {entry["file"] for entry in entries.values()}
    for stale in target.glob("BACI_*.parquet*"):
        if stale.name not in files:
            stale.unlink()


def _entries(target: Path, name: str) -> dict[int, dict[str, Any]]:
    try:
        return {entry["label"]: entry for entry in read_manifest(target, name)["partitions"]}
    except LabError:
        return {}  # none yet, or one that cannot be read: every year is converted anew


def _check_codes(archive: Archive, entries: Mapping[int, Mapping[str, Any]], target: Path) -> None:
    """Check that years that this zip does not have share its codes, as all files of a table do."""
    for year, entry in entries.items():
        if entry["codes"] != archive.codes:
            raise SourceError(
                f"{target} has {year} from {entry['zip']}, which has other economies or products than {archive.path.name}, "
                f"and {archive.path.name} has no {year}. Remove the folder, or convert a zip that has all years."
            )


def _is_there(target: Path, entry: Mapping[str, Any], name: str) -> bool:
    path = target / name
    return entry["file"] == name and path.is_file() and _http.sha256_of(path) == entry["sha256"]


def _manifest(archive: Archive, entries: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    padded = sum(entry["padded"] for entry in entries.values())
    notes = [f"{padded:,} product codes had lost their leading zeros, which were restored."] if padded else []
    return {
        "name": "baci",
        "key": "year",
        **{name: getattr(SOURCE, name) for name in ("title", "producer", "license", "citation", "url")},
        "hs": archive.hs,
        "version": archive.version,
        "unit": "thousand USD (value), tonnes (quantity)",
        "columns": COLUMNS,
        "warnings": [*archive.warnings, *notes],
        "partitions": [entries[year] for year in sorted(entries)],
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


def _write_year(archive: Archive, opened: zipfile.ZipFile, year: int, path: Path) -> dict[str, Any]:
    """Read a year, sort it by its keys, refuse repeated keys, and write it."""
    columns, padded = read_year(archive, opened, year)
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
    return {**entry, "sha256": _http.sha256_of(path), "padded": padded, "missing_quantity": missing}
