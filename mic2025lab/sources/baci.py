"""CEPII BACI, all of it: the producer's zip (one CSV a year) to a partitioned table of bilateral trade by HS6 product.

The producer's page (`SOURCE.url`) has a zip for each HS revision and version. It holds `BACI_HS12_Y2012_V202501.csv` with
`t,i,j,k,v,q` (year, exporter, importer, product, thousand USD, tonnes) and the codes of countries and products.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from mic2025lab.errors import LabError, SourceError
from mic2025lab.partitioned import read_manifest, write_manifest, write_partition
from mic2025lab.sources import fetch
from mic2025lab.sources.base import Source

SOURCE = Source(
    id="baci",
    producer="CEPII",
    title="BACI: international trade database at the product level",
    version="the one of the zip",
    url="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
    licence="Etalab-2.0",
    redistributable="attribution",
    citation=(
        "Gaulier, G. and S. Zignago (2010), BACI: International Trade Database at the Product-Level, the 1994-2007 Version, "
        "CEPII Working Paper 2010-23."
    ),
    retrieved="by the user",
    files=(),
)

# Rows are sorted by importer first: what an economy buys lies together, in memory while it is added up and on disk when it is
# looked for.
COLUMNS = {
    "importer": "ISO 3166-1 alpha-3 code, or the producer's own where there is none",
    "exporter": "ISO 3166-1 alpha-3 code, or the producer's own where there is none",
    "product": "HS code, six digits, text",
    "value": "thousand USD, free on board",
    "quantity": "tonnes; missing where the producer has none",
}

_YEAR_FILE = re.compile(r"(?:.*/)?BACI_(HS\d{2})_Y(\d{4})_V(\w+)\.csv")
_FIELDS = ["t", "i", "j", "k", "v", "q"]
_BLOCK = 1 << 24  # bytes of CSV at a time

# The producer's codes that are not ISO's. S19 ("Other Asia, nes") is Taiwan; the others are kept as they are.
_ISO = {"S19": "TWN"}


@dataclass(frozen=True)
class _Archive:
    """What a zip holds: the year files, and the codes."""

    path: Path
    hs: str
    version: str
    years: Mapping[int, zipfile.ZipInfo]
    economies: Mapping[int, str]  # the producer's number -> ISO3
    products: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def codebook(self) -> dict[str, list[str]]:
        """The labels of the coded columns, the same for all years."""
        names = sorted(set(self.economies.values()))
        return {"importer": names, "exporter": names, "product": list(self.products)}


@dataclass
class _Year:
    """The rows of a year as they are read."""

    parts: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    padded: int = 0


def folder_of(hs: str, version: str) -> Path:
    """Give the folder of a revision and version: in `MIC2025LAB_CACHE`, or in the platform's cache folder."""
    return fetch.cache_dir() / "baci" / f"{hs}_V{version.removeprefix('V')}"


def fetch_zip(place: str | Path, *, sha256: str | None = None) -> Path:
    """Find the producer's zip on this machine or download it (resumed where it broke off), and check its hash.

    Raises
    ------
    SourceError
        If there is no such file, the server refuses, or the hash is another one.
    """
    text = str(place)
    if text.startswith(("http://", "https://")):
        name = Path(urlsplit(text).path).name or "baci.zip"
        target = fetch.cache_dir() / "baci" / "downloads" / name
        if not (target.is_file() and sha256 in (None, fetch.sha256_of(target))):
            fetch.download(text, target, sha256=sha256, what=f"baci/{name}")
        return target
    path = Path(place).expanduser()
    if not path.is_file():
        raise SourceError(
            f"There is no file {path}. Get the zip of an HS revision from {SOURCE.url}, or give its address."
        )
    found = fetch.sha256_of(path) if sha256 else None
    if found != sha256:
        raise SourceError(
            f"{path} is not the file expected.\n  sha256 of the file:  {found}\n  sha256 expected:     {sha256}\n"
            "It was damaged, or the producer has revised it. Nothing was converted."
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

    Each year appears whole or not at all. One that is there already, from the same CSV and with the right hash, is skipped, so
    that a conversion that was interrupted goes on where it stopped; what a manifest vouched for before stays until the new
    one is written.

    Parameters
    ----------
    place : str or path
        The zip, or its address.
    sha256 : str, optional
        The hash the zip must have.
    hs : str, optional
        The revision expected, such as ``"HS12"``.
    years : iterable of int, optional
        The years wanted; by default those of the zip, from the first to the last.
    folder : path, optional
        Where to; by default ``baci/<HS>_V<version>`` in the cache.
    progress : callable, optional
        Told a line a year.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    SourceError
        A zip that is not the one expected or cannot be read, a year that is missing, a value that is text, missing or
        negative, an unknown economy or product, a row that is there twice. The message names the file and the line or key.
    """
    tell = progress or (lambda line: None)
    path = fetch_zip(place, sha256=sha256)
    try:
        with zipfile.ZipFile(path) as opened:
            archive = _read_archive(path, opened, hs)
            wanted = _wanted_years(archive, years)
            target = folder or folder_of(archive.hs, archive.version)
            target.mkdir(parents=True, exist_ok=True)
            _convert_years(archive, opened, wanted, target, tell)
    except zipfile.BadZipFile as error:
        raise SourceError(
            f"{path} is damaged or is not a zip ({error}). Remove it and get it again from {SOURCE.url}. The years "
            "converted before stay as they are."
        ) from error
    return target


def _convert_years(
    archive: _Archive, opened: zipfile.ZipFile, wanted: list[int], target: Path, tell: Callable[[str], None]
) -> None:
    entries = {entry["label"]: entry for entry in _entries(target)}
    digest = fetch.sha256_of(archive.path)
    for number, year in enumerate(wanted, 1):
        member = archive.years[year]
        made = _file_name(archive, year, member)
        said = f"[{number}/{len(wanted)}] {archive.hs} {year}"
        if _is_there(target, entries.get(year), made):
            tell(f"{said}: as before")
            continue
        rows = _read_year(archive, opened, year)
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


def _file_name(archive: _Archive, year: int, member: zipfile.ZipInfo) -> str:
    # The checksum of the CSV is in the name, so that a revised one does not overwrite what the manifest still vouches for.
    return f"BACI_{archive.hs}_Y{year}_V{archive.version}-{member.CRC:08x}.parquet"


def _is_there(target: Path, entry: Mapping[str, Any] | None, made: str) -> bool:
    if entry is None or entry["file"] != made or not (target / made).is_file():
        return False
    return fetch.sha256_of(target / made) == entry["sha256"]


def _manifest(archive: _Archive, digest: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    padded = sum(entry["padded"] for entry in entries)
    notes = [f"{padded:,} product codes had lost their leading zeros, which were put back."] if padded else []
    return {
        "format": 1,
        "name": "baci",
        "key": "year",
        "title": SOURCE.title,
        "producer": SOURCE.producer,
        "licence": SOURCE.licence,
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


# Reading the zip


def _read_archive(path: Path, opened: zipfile.ZipFile, hs: str | None) -> _Archive:
    found: dict[tuple[str, str], dict[int, zipfile.ZipInfo]] = {}
    for member in opened.infolist():
        match = _YEAR_FILE.fullmatch(member.filename)
        if match:
            found.setdefault((match[1], match[3]), {})[int(match[2])] = member
    there = sorted(f"{revision} V{version}" for revision, version in found)
    chosen = [key for key in found if hs in (None, key[0])]
    if len(chosen) != 1:
        what = f"no BACI of {hs}" if hs and found else "no BACI year file" if not found else "several"
        raise SourceError(
            f"{path.name} has {what}{': ' + ', '.join(there) if there else ''}. A zip of BACI has files such as "
            "BACI_HS12_Y2012_V202501.csv, of one revision and version; name the revision with hs=…"
        )
    revision, version = chosen[0]
    economies, warnings = _economies(opened, version)
    products = _products(opened, revision, version)
    return _Archive(path, revision, version, found[chosen[0]], economies, products, warnings)


def _text_table(opened: zipfile.ZipFile, name: str, fields: list[str]) -> list[dict[str, str]]:
    members = [member for member in opened.namelist() if member.rsplit("/", 1)[-1] == name]
    if not members:
        raise SourceError(
            f"{name} is not in the zip, so its codes have no meaning. Get the whole zip from {SOURCE.url}."
        )
    with opened.open(members[0]) as stream:
        reader = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig"))
        if [name for name in fields if name not in (reader.fieldnames or [])]:
            raise SourceError(f"{name} has columns {reader.fieldnames}, and {fields} are needed.")
        return list(reader)


def _economies(opened: zipfile.ZipFile, version: str) -> tuple[dict[int, str], tuple[str, ...]]:
    name = f"country_codes_V{version}.csv"
    economies: dict[int, str] = {}
    names: dict[str, list[str]] = {}
    warnings = []
    for row in _text_table(opened, name, ["country_code", "country_name", "country_iso3"]):
        theirs = row["country_iso3"].strip()
        number, code, label = int(row["country_code"]), _ISO.get(theirs, theirs), row["country_name"]
        if not code:
            raise SourceError(f"{name}: code {number} ({label}) has no ISO3 code.")
        if theirs in _ISO:
            warnings.append(
                f"{code} is the producer's {theirs} ({number}, {label!r}): Taiwan, with whatever else its source counts there."
            )
        elif not (len(code) == 3 and code.isalpha()):
            warnings.append(
                f"{code} ({number}, {label!r}) is no ISO code and is kept as the producer has it."
            )
        economies[number] = code
        names.setdefault(code, []).append(f"{number} {label!r}")
    for code, several in names.items():
        if len(several) > 1:
            warnings.append(f"{code} is {' and '.join(several)}, to which the producer gives one ISO3 code.")
    return economies, tuple(warnings)


def _products(opened: zipfile.ZipFile, hs: str, version: str) -> tuple[str, ...]:
    rows = _text_table(opened, f"product_codes_{hs}_V{version}.csv", ["code"])
    return tuple(sorted({row["code"].strip().zfill(6) for row in rows}))


def _wanted_years(archive: _Archive, years: Iterable[int] | None) -> list[int]:
    there = sorted(archive.years)
    wanted = sorted(set(range(there[0], there[-1] + 1) if years is None else years))
    missing = [year for year in wanted if year not in archive.years]
    if missing or not wanted:
        raise SourceError(
            f"{archive.path.name} has no file of {', '.join(map(str, missing)) or 'the years asked for'}; it has "
            f"{', '.join(map(str, there))}. Get the whole zip from {SOURCE.url}, or ask for the years that are there."
        )
    return wanted


def _read_year(archive: _Archive, opened: zipfile.ZipFile, year: int) -> _Year:
    member = archive.years[year]
    places = {code: place for place, code in enumerate(archive.codebook["exporter"])}
    lookup = np.full(max(archive.economies) + 2, -1, np.int16)  # the last place is of what is out of range
    for number, code in archive.economies.items():
        lookup[number] = places[code]
    products = {code: place for place, code in enumerate(archive.products)}
    types = {
        "t": pa.int32(),
        "i": pa.int32(),
        "j": pa.int32(),
        "k": pa.string(),
        "v": pa.float64(),
        "q": pa.string(),
    }
    # An empty field is missing in every column, and text is not turned into missing.
    options = pa.csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    rows, line = _Year(), 2
    try:
        with (
            opened.open(member) as stream,
            pa.csv.open_csv(
                stream, pa.csv.ReadOptions(block_size=_BLOCK), convert_options=options
            ) as batches,
        ):
            if batches.schema.names != _FIELDS:
                raise SourceError(
                    f"{member.filename} has columns {batches.schema.names}, and {_FIELDS} are expected."
                )
            for batch in batches:
                _take(rows, batch, line, year, member.filename, lookup, products)
                line += batch.num_rows
    except pa.ArrowInvalid as error:
        raise SourceError(_what_is_wrong(opened, member, error)) from error
    return rows


def _take(
    rows: _Year,
    batch: pa.RecordBatch,
    line: int,
    year: int,
    name: str,
    lookup: np.ndarray,
    products: Mapping[str, int],
) -> None:
    """Check a batch of rows and add it, coded."""

    def refuse(bad: np.ndarray, text: str | Callable[[int], str]) -> None:
        at = np.flatnonzero(bad)
        if len(at):
            said = text if isinstance(text, str) else text(int(at[0]))
            raise SourceError(f"{name}, line {line + int(at[0])}: {said} Nothing of {year} was kept.")

    for field_name in ("t", "i", "j", "k", "v"):
        column = batch[field_name]
        if column.null_count:
            refuse(column.is_null().to_numpy(zero_copy_only=False), f"{field_name} is missing.")
    refuse(batch["t"].to_numpy() != year, lambda row: f"t is {batch['t'][row]}, in the file of {year}.")
    for theirs, ours in (("i", "exporter"), ("j", "importer")):
        numbers = batch[theirs].to_numpy()
        known = (numbers >= 0) & (numbers < len(lookup) - 1)
        codes = lookup[np.where(known, numbers, len(lookup) - 1)]
        unknown = [str(number) for number in numbers[codes < 0][:1]]
        refuse(codes < 0, f"country code {''.join(unknown)} is not in the country_codes file of the zip.")
        rows.parts[ours].append(codes)
    encoded = batch["k"].dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    places = np.array([products.get(text.strip().zfill(6), -1) for text in texts], np.int16)
    index = encoded.indices.to_numpy()
    refuse(
        places[index] < 0,
        lambda row: f"product {texts[index[row]]!r} is not in the product_codes file of the zip.",
    )
    short = np.array([len(text.strip()) < 6 for text in texts])
    rows.padded += int(np.count_nonzero(short[index]))
    rows.parts["product"].append(places[index])
    values = batch["v"].to_numpy()
    refuse(~(values >= 0) | np.isinf(values), lambda row: f"v is {values[row]}, and a value is zero or more.")
    rows.parts["value"].append(values)
    rows.parts["quantity"].append(_quantities(batch["q"], refuse))


def _quantities(column: pa.Array, refuse: Callable[..., None]) -> np.ndarray:
    """Tonnes, missing as nan: the producer writes nothing, or NA between spaces."""
    trimmed = pc.utf8_trim_whitespace(column)
    absent = pc.is_in(trimmed, value_set=pa.array(["", "NA"]))
    known = pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)
    try:
        return known.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        texts = known.to_pylist()
        refuse(
            np.array([not _is_number(text) for text in texts]),
            lambda row: f"q is {texts[row]!r}, not a number.",
        )
        raise


def _is_number(text: str | None) -> bool:
    try:
        float(text or 0)
    except ValueError:
        return False
    return True


def _what_is_wrong(opened: zipfile.ZipFile, member: zipfile.ZipInfo, error: Exception) -> str:
    """Find the line that could not be read, to name it."""
    with opened.open(member) as stream:
        lines = csv.reader(io.TextIOWrapper(stream, encoding="utf-8"))
        next(lines, None)
        for number, row in enumerate(lines, 2):
            if len(row) != len(_FIELDS):
                return f"{member.filename}, line {number}: {len(row)} fields, and there should be {len(_FIELDS)}."
            for name, text in zip(_FIELDS, row, strict=True):
                if name in "tijv" and text and not _is_number(text):
                    return (
                        f"{member.filename}, line {number}: {name} is {text!r}, not a number. Nothing of this year was "
                        "kept; get the zip again, or report it to the producer."
                    )
    return f"{member.filename} cannot be read: {error}"


def _write_year(archive: _Archive, rows: _Year, year: int, path: Path) -> dict[str, Any]:
    """Sort a year by its keys, see that none is there twice, and write it."""
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
            f"{archive.years[year].filename}: {len(again)} rows of a key that is there already, first {shown}, year={year}. "
            "A flow has one row; nothing of this year was kept."
        )
    sorted_columns: dict[str, Any] = {name: values[order] for name, values in columns.items()}
    missing = int(np.count_nonzero(np.isnan(sorted_columns["quantity"])))
    sorted_columns["quantity"] = pa.array(sorted_columns["quantity"], from_pandas=True)
    said = {"hs": archive.hs, "version": archive.version, "year": str(year), "unit_value": COLUMNS["value"]}
    entry = write_partition(path, sorted_columns, book, metadata=said)
    return {**entry, "padded": rows.padded, "missing_quantity": missing}
