"""The producer's zip of BACI: the years, economies, and products it contains, and the rows of a year, checked and coded."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from mic2025lab.errors import SourceError

__all__ = ["COLUMNS", "PAGE", "Archive", "Year", "read_archive", "read_year"]

PAGE = "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"

# Rows are sorted by importer first, so that an economy's imports are contiguous in memory when they are added up and on disk
# when they are looked up.
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

# The producer's codes that are not ISO codes. S19 ("Other Asia, nes") is Taiwan; the others are kept.
_ISO = {"S19": "TWN"}


@dataclass(frozen=True)
class Archive:
    """The contents of a zip: the year files and the codes."""

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
class Year:
    """The rows of a year, part by part."""

    parts: dict[str, list[np.ndarray]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    padded: int = 0


def read_archive(path: Path, opened: zipfile.ZipFile, hs: str | None) -> Archive:
    """List the contents of the zip for one revision (the only one, if none is named)."""
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
            "BACI_HS12_Y2012_V202501.csv, of one revision and version; name the revision with hs=..."
        )
    revision, version = chosen[0]
    economies, warnings = _economies(opened, version)
    products = _products(opened, revision, version)
    return Archive(path, revision, version, found[chosen[0]], economies, products, warnings)


def _text_table(opened: zipfile.ZipFile, name: str, fields: list[str]) -> list[dict[str, str]]:
    members = [member for member in opened.namelist() if member.rsplit("/", 1)[-1] == name]
    if not members:
        raise SourceError(
            f"{name} is not in the zip, so its codes have no meaning. Get the whole zip from {PAGE}."
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


def read_year(archive: Archive, opened: zipfile.ZipFile, year: int) -> Year:
    """Read the rows of a year; an error names the line of the first invalid row."""
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
    # An empty field is missing in every column; other text is never missing.
    options = pa.csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    rows, line = Year(), 2
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
                _add_batch(rows, batch, line, year, member.filename, lookup, products)
                line += batch.num_rows
    except pa.ArrowInvalid as error:
        raise SourceError(_describe_error(opened, member, error)) from error
    return rows


def _add_batch(
    rows: Year,
    batch: pa.RecordBatch,
    line: int,
    year: int,
    name: str,
    lookup: np.ndarray,
    products: Mapping[str, int],
) -> None:
    """Check a batch of rows, code it, and add it."""

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
    """Read tons; the producer writes nothing, or NA between spaces, for a missing quantity."""
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


def _describe_error(opened: zipfile.ZipFile, member: zipfile.ZipInfo, error: Exception) -> str:
    """Find the line that could not be read and describe it."""
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
