"""The producer's zip of BACI: the years, economies, and products it contains, and the rows of a year, checked and coded."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from mic2025lab.errors import SourceError, shown

__all__ = ["COLUMNS", "PAGE", "Archive", "open_archive", "read_year"]

PAGE = "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"
_AGAIN = f"Get the zip again from {PAGE}."

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
_LONGEST_REASON = 200  # characters of a message of pyarrow, which repeats the value or the line
_LARGEST_TABLE = 1 << 24  # bytes of a table of codes; the producer's have fewer than 1 MB

#: The oldest release whose tables of codes have the columns that are read here.
_OLDEST = "202401"

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

    @property
    def codes(self) -> str:
        """A checksum of the codes of economies and products."""
        return f"{zlib.crc32(repr((sorted(self.economies.items()), self.products)).encode()):08x}"

    def file_name(self, year: int) -> str:
        """Name the file of a year. It changes with the CSV and the codes, so that it never overwrites the file of another zip."""
        return f"BACI_{self.hs}_Y{year}_V{self.version}-{self.years[year].CRC:08x}-{self.codes}.parquet"


@contextmanager
def open_archive(path: Path, hs: str | None) -> Iterator[tuple[Archive, zipfile.ZipFile]]:
    """Open the zip and list its contents for one revision (the only one, if none is named).

    Raises
    ------
    SourceError
        Also for what goes wrong while the zip is open: a damaged or encrypted member, or text that is not UTF-8.
    """
    again = f"{_AGAIN} Nothing of it was published, and years that were converted before do not change."
    try:
        with zipfile.ZipFile(path) as opened:
            yield _contents(path, opened, hs), opened
    except SourceError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        told = f"{path} is damaged or is not a zip ({type(error).__name__}: {error})"
        raise SourceError(f"{told}. {again}") from error


def _contents(path: Path, opened: zipfile.ZipFile, hs: str | None) -> Archive:
    found: dict[tuple[str, str], dict[int, zipfile.ZipInfo]] = {}
    for member in opened.infolist():
        if member.flag_bits & 1:
            raise SourceError(
                f"{member.filename} is encrypted. Unpack {path.name} with its password and zip the files without one."
            )
        match = _YEAR_FILE.fullmatch(member.filename)
        if match:
            years = found.setdefault((match[1], match[3]), {})
            if int(match[2]) in years:
                _refuse_two(path, years[int(match[2])], member)
            years[int(match[2])] = member
        else:  # opened only because a name is in the zip twice: a year with a damaged name would be missing in silence
            opened.open(member).close()
    there = sorted(f"{revision} V{version}" for revision, version in found)
    chosen = [key for key in found if hs in (None, key[0])]
    if len(chosen) != 1:
        what = f"no BACI of {hs}" if hs and found else "no BACI year file" if not found else "several"
        raise SourceError(
            f"{path.name} has {what}{': ' + ', '.join(there) if there else ''}. A zip of BACI has files such as "
            "BACI_HS12_Y2012_V202501.csv, of one revision and version; name the revision with hs=..."
        )
    revision, version = chosen[0]
    years = found[chosen[0]]
    economies, warnings = _economies(path, opened, version)
    products = _products(path, opened, revision, version)
    return Archive(path, revision, version, years, economies, products, warnings)


def _refuse_two(path: Path, one: zipfile.ZipInfo, other: zipfile.ZipInfo) -> None:
    raise SourceError(
        f"{path.name} has {one.filename} ({one.file_size:,} bytes) and {other.filename} ({other.file_size:,} bytes), and only "
        f"one of them can be meant. Get the zip again from {PAGE}, or remove one of them."
    )


def _code_table(
    path: Path, opened: zipfile.ZipFile, name: str, version: str, fields: list[str]
) -> tuple[pd.DataFrame, bool]:
    """Read a table of codes, and tell whether it is in UTF-8. Older programs write names in Latin-1; codes are the same in both."""
    members = [member for member in opened.infolist() if member.filename.rsplit("/", 1)[-1] == name]
    if len(members) > 1:
        _refuse_two(path, *members[:2])
    if not members:
        raise SourceError(f"{name} is not in the zip, so its codes have no meaning. {_AGAIN}")
    with opened.open(members[0]) as stream:
        content = stream.read(_LARGEST_TABLE + 1)
    if len(content) > _LARGEST_TABLE or b"\0" in content:
        what = "is not text in UTF-8" if b"\0" in content else f"has more than {_LARGEST_TABLE:,} bytes"
        raise SourceError(f"{name} {what}, so it is not the producer's. {_AGAIN}")
    try:
        text, utf8 = content.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        text, utf8 = content.decode("latin-1"), False
    try:
        rows = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    except ValueError as error:  # also of the parser
        raise SourceError(f"{name}: {error}. {_AGAIN}") from error
    if not set(fields) <= set(rows):
        old = "iso_3digit_alpha" in rows or version < _OLDEST
        why = f"V{version} is older than V{_OLDEST}, and its" if old else f"{fields} are needed, and"
        raise SourceError(f"{why} {name} has columns {shown(list(rows))}. Get a newer release from {PAGE}.")
    return rows[fields].apply(lambda column: column.str.strip()), utf8


def _economies(path: Path, opened: zipfile.ZipFile, version: str) -> tuple[dict[int, str], tuple[str, ...]]:
    name = f"country_codes_V{version}.csv"
    rows, utf8 = _code_table(path, opened, name, version, ["country_code", "country_name", "country_iso3"])
    warnings = [] if utf8 else [f"{name} is not in UTF-8; its names were read as Latin-1."]
    _need(name, "country_code", rows["country_code"], r"[0-9]{1,3}", "a number such as 842")
    rows = rows.assign(number=rows["country_code"].astype(int), code=rows["country_iso3"].replace(_ISO))
    _need(name, "country_iso3", rows["code"], r"[A-Z0-9]{3}", "a code such as USA")
    for row in rows[rows["number"].duplicated()].itertuples():
        raise SourceError(f"{name} has the number {row.number} twice. {_AGAIN}")
    for row in rows.itertuples():
        who = f"({row.number}, {row.country_name!r})"
        if row.country_iso3 in _ISO:
            what = "Taiwan, with whatever else its source counts there"
            warnings.append(f"{row.code} is the producer's {row.country_iso3!s} {who}: {what}.")
        elif not str(row.code).isalpha():
            warnings.append(f"{row.code} {who} is no ISO code and is kept as the producer has it.")
    for code, several in rows[rows["code"].duplicated(keep=False)].groupby("code"):
        who = " and ".join(f"{row.number} {row.country_name!r}" for row in several.itertuples())
        warnings.append(f"{code} is {who}, to which the producer gives one ISO3 code.")
    return dict(zip(rows["number"], rows["code"], strict=True)), tuple(warnings)


def _products(path: Path, opened: zipfile.ZipFile, hs: str, version: str) -> tuple[str, ...]:
    name = f"product_codes_{hs}_V{version}.csv"
    codes = _code_table(path, opened, name, version, ["code"])[0]["code"]
    _need(name, "code", codes, r"[0-9A-Z]{5,6}", "an HS code such as 010121")
    if codes.nunique() > np.iinfo(np.int16).max:
        raise SourceError(f"{name} has {len(codes):,} codes; a revision of the HS has fewer than 6,000.")
    return tuple(sorted(set(codes.str.zfill(6))))


def _need(file: str, what: str, texts: pd.Series, pattern: str, right: str) -> None:
    for text in texts[~texts.str.fullmatch(pattern)]:
        raise SourceError(
            f"{file}: {what} is {shown(text)}, and should be {right}. A program that took codes for numbers may have written the "
            f"file anew. {_AGAIN}"
        )


def read_year(archive: Archive, opened: zipfile.ZipFile, year: int) -> tuple[dict[str, np.ndarray], int]:
    """Read the coded columns of a year, and count the codes without their zero; an error names the line of the first invalid row."""
    member, batches = archive.years[year], _Batches(archive, year)
    types = {**dict.fromkeys("tij", pa.int32()), "k": pa.string(), "v": pa.float64(), "q": pa.string()}
    # An empty field is missing in every column; other text is never missing.
    options = pa.csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    blocks = pa.csv.ReadOptions(block_size=_BLOCK, use_threads=False)
    try:
        with opened.open(member) as stream, pa.csv.open_csv(stream, blocks, convert_options=options) as rows:
            names = rows.schema.names
            if names != _FIELDS:
                raise SourceError(
                    f"{member.filename} has columns {shown(names)}, and {_FIELDS} are expected."
                )
            parts = [batches.coded(batch) for batch in rows]
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise SourceError(_describe_error(member, error)) from error
    if not parts:
        raise SourceError(f"{member.filename} has no rows.")
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}, batches.padded


class _Batches:
    """The batches of a year, one after another: checked and coded."""

    def __init__(self, archive: Archive, year: int) -> None:
        self.archive, self.year, self.line, self.padded = archive, year, 2, 0
        places = {code: place for place, code in enumerate(archive.codebook["exporter"])}
        # Numbers have three digits; the last place is of what is out of range.
        self.lookup = np.full(1001, -1, np.int16)
        for number, code in archive.economies.items():
            self.lookup[number] = places[code]
        self.products = {code: place for place, code in enumerate(archive.products)}

    def coded(self, batch: pa.RecordBatch) -> dict[str, np.ndarray]:
        """Check a batch of rows, and return its columns."""
        for name in ("t", "i", "j", "k", "v"):
            self._refuse(batch[name].is_null(), f"{name} is missing.")
        year = batch["t"].to_numpy()
        self._refuse(year != self.year, lambda row: f"t is {year[row]}, in the file of {self.year}.")
        values = batch["v"].to_numpy()
        right = (values >= 0) & np.isfinite(values)
        self._refuse(~right, lambda row: f"v is {values[row]}, and a value is zero or more.")
        made = {
            "importer": self._economies(batch["j"].to_numpy()),
            "exporter": self._economies(batch["i"].to_numpy()),
            "product": self._products(batch["k"].dictionary_encode()),
            "value": values,
            "quantity": self._quantities(batch["q"]),
        }
        self.line += batch.num_rows
        return made

    def _refuse(self, bad: pa.Array | np.ndarray, text: str | Callable[[int], str]) -> None:
        at = np.flatnonzero(bad)
        if len(at):
            name, row = self.archive.years[self.year].filename, int(at[0])
            said = text if isinstance(text, str) else text(row)
            raise SourceError(f"{name}, line {self.line + row}: {said} Nothing of {self.year} was kept.")

    def _economies(self, numbers: np.ndarray) -> np.ndarray:
        known = (numbers >= 0) & (numbers < len(self.lookup) - 1)
        codes = self.lookup[np.where(known, numbers, len(self.lookup) - 1)]
        where = "is not in the country_codes file of the zip"
        self._refuse(codes < 0, lambda row: f"country code {numbers[row]} {where}.")
        return codes

    def _products(self, encoded: pa.DictionaryArray) -> np.ndarray:
        texts, index = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
        codes = [text.strip() for text in texts]
        places = np.array([self.products.get(code.zfill(6), -1) for code in codes], np.int16)[index]
        where = "is not in the product_codes file of the zip"
        self._refuse(places < 0, lambda row: f"product {shown(texts[index[row]])} {where}.")
        self.padded += int(np.array([len(code) < 6 for code in codes])[index].sum())
        return places

    def _quantities(self, column: pa.Array) -> np.ndarray:
        """Read tons; the producer writes nothing, or NA between spaces, for a missing quantity."""
        trimmed = pc.utf8_trim_whitespace(column)
        absent = pc.is_in(trimmed, value_set=pa.array(["", "NA"]))
        known = pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)
        try:
            numbers = known.cast(pa.float64())
        except pa.ArrowInvalid:
            texts = known.to_pandas()
            wrong = pd.to_numeric(texts, errors="coerce").isna() & texts.notna()
            self._refuse(wrong.to_numpy(), lambda row: f"q is {shown(texts[row])}, not a number.")
            raise
        right = pc.and_(pc.greater_equal(numbers, 0), pc.is_finite(numbers)).fill_null(True)
        self._refuse(pc.invert(right), lambda row: f"q is {numbers[row]}, and a quantity is zero or more.")
        return numbers.to_numpy(zero_copy_only=False)


def _describe_error(member: zipfile.ZipInfo, error: Exception) -> str:
    """Translate pyarrow's message about where it stopped: "In CSV column #4: Row #3: CSV conversion error to double: invalid value 'abc'"."""
    found = re.fullmatch(r"(?:In CSV column #(\d)|CSV parse error): Row #(\d+): (.*)", str(error), re.DOTALL)
    where, reason = f" cannot be read: {shown(str(error))}", ""
    if found:
        column, row, reason = found.groups()
        where = f", line {row}: " + (f"{_FIELDS[int(column)]}: " if column else "")
    if "\0" in reason:  # UTF-16
        reason = "it is not text in UTF-8"
    reason = reason if len(reason) < _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
    return f"{member.filename}{where}{reason}. Nothing of this year was kept. Get the zip again from {PAGE}, or report it to the producer."
