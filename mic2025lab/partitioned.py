"""Tables too large for memory: a folder of Parquet files, one a partition (a year), described and read a part at a time.

Key columns are stored as small integers, with one codebook for all files, which each file carries in its metadata; read, they
are dictionaries in Arrow and categories in pandas, the same in every partition.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mic2025lab.errors import ChecksumError, LabError, TableError, UnknownName, unknown_name

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
ROW_GROUP = 1 << 20
_CODEBOOK = b"mic2025lab.codebook"


@dataclass(frozen=True)
class Piece:
    """One file: the label of its partition, where it is, and how many rows it has."""

    label: Any
    path: Path
    rows: int


@dataclass(frozen=True)
class Part:
    """One partition, or a few together, not read yet; what a metric is given in place of a table.

    Attributes
    ----------
    key : str
        The column that tells partitions apart; it is not in the files.
    pieces : tuple of Piece
        The files.
    columns : tuple of str
        The columns there are, `key` first.
    filters : tuple of (str, object)
        Columns and the values wanted.
    threads : bool
        Read with the threads of Arrow: for a part that is read alone.
    """

    key: str
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...]
    filters: tuple[tuple[str, Any], ...] = ()
    threads: bool = False
    is_part: ClassVar[bool] = True  # how the metrics, which import nothing from here, know it

    def read(self, columns: Iterable[str] | None = None) -> pa.Table:
        """Read columns (all, if not given) into memory; keys come as dictionaries."""
        names = list(self.columns if columns is None else dict.fromkeys(columns))
        for name in names:
            if name not in self.columns:
                raise unknown_name("column", name, self.columns, error=TableError)
        tables = [self._piece(piece, names) for piece in self.pieces]
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables)

    def _piece(self, piece: Piece, names: list[str]) -> pa.Table:
        stored = [name for name in names if name != self.key]
        needed = list(dict.fromkeys([*stored, *(name for name, _ in self.filters)]))
        with pq.ParquetFile(piece.path) as file:
            schema = file.schema_arrow
            book = json.loads((schema.metadata or {}).get(_CODEBOOK, b"{}"))
            labels = {name: pa.array(book[name]) for name in needed if name in book}
            sure = {name for name in labels if _within(file, name, len(labels[name]))}
            rows = file.metadata.num_rows
            table: Mapping[str, Any] = {}
            if needed and self.filters:
                chosen = pa.concat_tables([self._chosen(group, book) for group in self._groups(file, needed)])
                table, rows = {name: chosen[name].combine_chunks() for name in stored}, chosen.num_rows
            elif needed:
                table = _gathered(self._groups(file, needed), file, needed)
        made = {}
        for name in names:
            if name == self.key:
                made[name] = _constant(piece.label, rows)
            elif name in labels:
                # That the codes are within the labels is known from the statistics, and need not be looked at.
                made[name] = pa.DictionaryArray.from_arrays(table[name], labels[name], safe=name not in sure)
            else:
                made[name] = table[name]
        return pa.table(made)

    def _groups(self, file: pq.ParquetFile, needed: list[str]) -> Iterator[pa.Table]:
        """A group of rows at a time, so that what is read and what is made of it are never both in memory whole."""
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=needed, use_threads=self.threads)

    def _chosen(self, table: pa.Table, book: Mapping[str, list[str]]) -> pa.Table:
        mask = np.ones(table.num_rows, np.bool_)
        for name, wanted in self.filters:
            values = table[name].to_numpy()
            if name in book:
                mask &= _matches(np.array(book[name], object), wanted)[values]
            else:
                mask &= _matches(values, wanted)
        return table if mask.all() else table.filter(pa.array(mask))


def _gathered(groups: Iterable[pa.Table], file: pq.ParquetFile, names: list[str]) -> dict[str, pa.Array]:
    """Put groups of rows together, in arrays made once for all rows where a column has nothing missing."""
    rows, schema = file.metadata.num_rows, file.schema_arrow
    whole: dict[str, np.ndarray] = {}
    chunks: dict[str, list[pa.Array]] = {}
    for name in names:
        kind = schema.field(name).type
        if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and _complete(file, name):
            whole[name] = np.empty(rows, kind.to_pandas_dtype())
        else:
            chunks[name] = []
    at = 0
    for group in groups:
        for name, values in whole.items():
            begin = at
            for chunk in group[name].chunks:
                values[begin : begin + len(chunk)] = chunk.to_numpy()
                begin += len(chunk)
        for name, found in chunks.items():
            found.extend(group[name].chunks)
        at += group.num_rows
    made = {name: pa.array(values) for name, values in whole.items()}
    empty = schema.empty_table()
    return made | {
        name: pa.concat_arrays(found) if found else pa.array([], empty[name].type)
        for name, found in chunks.items()
    }


def _statistics(file: pq.ParquetFile, name: str) -> list[Any]:
    place = file.schema_arrow.get_field_index(name)
    return [file.metadata.row_group(number).column(place).statistics for number in range(file.num_row_groups)]


def _complete(file: pq.ParquetFile, name: str) -> bool:
    """Tell from the statistics of a file that a column has no missing value."""
    return all(said and said.has_null_count and not said.null_count for said in _statistics(file, name))


def _within(file: pq.ParquetFile, name: str, count: int) -> bool:
    """Tell from the statistics of a file that all codes of a column are among so many labels."""
    return all(
        said and said.has_min_max and said.min >= 0 and said.max < count for said in _statistics(file, name)
    )


def _constant(label: Any, rows: int) -> pa.Array:
    if isinstance(label, int):
        narrow = np.int16 if -(1 << 15) <= label < 1 << 15 else np.int64
        return pa.array(np.full(rows, label, narrow))
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([label]))


def _matches(values: np.ndarray, wanted: Any) -> np.ndarray:
    if isinstance(wanted, slice):
        mask = np.ones(len(values), np.bool_)
        if wanted.start is not None:
            mask &= values >= wanted.start
        if wanted.stop is not None:
            mask &= values <= wanted.stop
        return mask
    return np.isin(values, np.array(_listed(wanted), values.dtype))


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]


@dataclass(frozen=True)
class Partitioned:
    """A table in partitions: its files, the columns and rows wanted of them, and where work on it runs. Nothing is read.

    Metrics take it as they take a frame and return a pandas frame: those that compare within cells that contain the key go
    partition by partition, each reading only the columns it needs, and their rows come partition by partition; those that
    compare two years read these two. What needs all years at once says so: `collect` the columns first.

    Attributes
    ----------
    name : str
        What the catalogue calls it.
    key : str
        The column that tells partitions apart, such as `year`.
    pieces : tuple of Piece
        Its files, by label.
    columns : tuple of str
        The columns, `key` first.
    filters : tuple of (str, object)
        Columns and the values wanted.
    executor : concurrent.futures.Executor, optional
        Where metrics run; two threads of this process if None. Dask's is `client.get_executor()`.
    about : mapping
        What the manifest says of it: unit, version, licence, citation, warnings.
    """

    name: str
    key: str
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...]
    filters: tuple[tuple[str, Any], ...] = ()
    executor: Executor | None = field(default=None, compare=False, repr=False)
    about: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    is_partitioned: ClassVar[bool] = True  # how the metrics, which import nothing from here, know it

    @property
    def labels(self) -> tuple[Any, ...]:
        """The partitions there are."""
        return tuple(piece.label for piece in self.pieces)

    @property
    def rows(self) -> int:
        """Rows of the files; filters may leave fewer."""
        return sum(piece.rows for piece in self.pieces)

    def __len__(self) -> int:
        """How many partitions there are."""
        return len(self.pieces)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Give one partition after the other as a pandas frame."""
        for label in self.labels:
            yield _pandas(self.part([label]).read(), self.key)

    def __repr__(self) -> str:
        """Say what it is without reading it."""
        some = f"{self.labels[0]} to {self.labels[-1]}" if len(self) > 1 else f"{self.labels[0]}"
        chosen = "".join(f", {name}={wanted!r}" for name, wanted in self.filters)
        return (
            f"<partitioned table {self.name!r}: {len(self)} x {self.key} ({some}), {self.rows:,} rows, "
            f"columns {', '.join(self.columns)}{chosen}>"
        )

    def part(self, labels: Sequence[Any] | None = None) -> Part:
        """Some of the partitions (all, if not given) as one part, to be read together."""
        wanted = self.labels if labels is None else labels
        found = {piece.label: piece for piece in self.pieces}
        for label in wanted:
            if label not in found:
                raise unknown_name(self.key, label, map(str, self.labels), error=TableError)
        alone = len(wanted) > 1 or len(self) == 1
        pieces = tuple(found[label] for label in dict.fromkeys(wanted))
        return Part(self.key, pieces, self.columns, self.filters, threads=alone)

    def on(self, executor: Executor | None) -> Partitioned:
        """Return the same table, worked on elsewhere: `table.on(client.get_executor())` for a Dask cluster."""
        return replace(self, executor=executor)

    def collect(self, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Read all partitions into one pandas frame, keys as categories.

        Parameters
        ----------
        columns : iterable of str, optional
            The columns to read; all by default. A year of BACI has some eleven million rows: name those you need.
        """
        named = [columns] if isinstance(columns, str) else columns
        return _pandas(self.part().read(named), self.key)


def _pandas(table: pa.Table, key: str) -> pd.DataFrame:
    if key in table.column_names and pa.types.is_integer(table[key].type):
        table = table.set_column(table.column_names.index(key), key, table[key].cast(pa.int64()))
    return table.to_pandas(split_blocks=True, self_destruct=True)


def open_folder(
    folder: Path,
    *,
    labels: Any = None,
    columns: Iterable[str] | None = None,
    filters: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
) -> Partitioned:
    """Describe the table in a folder that `write_partition` and `write_manifest` made.

    Parameters
    ----------
    folder : pathlib.Path
        With `manifest.json` and the files it names.
    labels : scalar, list or slice, optional
        The partitions wanted; a slice has both ends in.
    columns, filters, executor
        As in `Partitioned`.

    Raises
    ------
    UnknownName
        A partition, column or label of a filter that is not there.
    ChecksumError
        A file that is missing or does not have the size the manifest says.
    """
    manifest = read_manifest(folder)
    key, there = manifest["key"], manifest["partitions"]
    known = [entry["label"] for entry in there]
    chosen = _chosen_labels(key, known, labels)
    pieces = []
    for entry in there:
        if entry["label"] in chosen:
            path = folder / entry["file"]
            if not path.is_file() or path.stat().st_size != entry["bytes"]:
                found = f"has {path.stat().st_size} bytes" if path.is_file() else "is not there"
                raise ChecksumError(
                    f"{path} {found}, and the manifest says {entry['bytes']} bytes. Convert it again: {manifest['remedy']}"
                )
            pieces.append(Piece(entry["label"], path, entry["rows"]))
    all_columns = (key, *(name for name in manifest["columns"] if name != key))
    wanted = all_columns if columns is None else _named(columns)
    for name in wanted:
        if name not in all_columns:
            raise unknown_name(f"column of {manifest['name']}", name, all_columns)
    picked = all_columns if columns is None else (key, *(name for name in wanted if name != key))
    rules = tuple((filters or {}).items())
    for name, rule in rules:
        if name not in all_columns or name == key:
            raise unknown_name(f"column of {manifest['name']}", name, [c for c in all_columns if c != key])
        _check_filter(manifest, folder / there[0]["file"], name, rule)
    about = {name: value for name, value in manifest.items() if name != "partitions"}
    return Partitioned(manifest["name"], key, tuple(pieces), picked, rules, executor, about)


def _named(columns: Iterable[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _chosen_labels(key: str, known: list[Any], wanted: Any) -> set[Any]:
    if wanted is None:
        return set(known)
    if isinstance(wanted, slice):
        low = known[0] if wanted.start is None else wanted.start
        high = known[-1] if wanted.stop is None else wanted.stop
        chosen = {label for label in known if low <= label <= high}
        if not chosen:
            raise UnknownName(f"No {key} from {low} to {high}; there are {known[0]} to {known[-1]}.")
        return chosen
    for label in _listed(wanted):
        if label not in known:
            raise unknown_name(key, label, map(str, known))
    return set(_listed(wanted))


def _check_filter(manifest: Mapping[str, Any], path: Path, name: str, wanted: Any) -> None:
    """Raise if a label that is asked for is in no codebook, so that a misspelt code is not an empty table."""
    if callable(wanted) or (isinstance(wanted, slice) and wanted.step is not None):
        raise LabError(
            f"{name}={wanted!r}: a filter of a scan is a value, a list, or slice(low, high) with both ends in."
        )
    book = codebook(path)
    if name in book and not isinstance(wanted, slice):
        known = set(book[name])
        for value in _listed(wanted):
            if value not in known:
                raise unknown_name(f"{name} in {manifest['name']}", value, book[name])


def codebook(path: Path) -> dict[str, list[str]]:
    """Read the labels of the coded columns of a file."""
    return json.loads((pq.read_schema(path).metadata or {}).get(_CODEBOOK, b"{}"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read what a folder says of itself.

    Raises
    ------
    LabError
        If it has no manifest that can be read.
    """
    path = folder / MANIFEST
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LabError(f"There is no partitioned table in {folder}: {path.name} is missing.") from None
    except json.JSONDecodeError as error:
        raise LabError(f"{path} cannot be read ({error}). Convert the table again.") from error


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write what a folder says of itself, whole or not at all."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    part = folder / f"{MANIFEST}.part"
    part.write_text(text, encoding="utf-8")
    os.replace(part, folder / MANIFEST)


def write_partition(
    path: Path,
    columns: Mapping[str, np.ndarray | pa.Array],
    codebook: Mapping[str, Sequence[str]],
    *,
    metadata: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write one file, whole or not at all, and return what the manifest says of it (without its label).

    Parameters
    ----------
    path : pathlib.Path
        Where to.
    columns : mapping
        Column -> numbers, or, for the columns of the codebook, int16 codes.
    codebook : mapping
        Column -> its labels, sorted; the same for all files of a table.
    metadata : mapping, optional
        More for the file to say of itself.
    """
    table = pa.table(dict(columns))
    said = {_CODEBOOK: json.dumps({name: list(labels) for name, labels in codebook.items()}).encode()}
    said |= {name.encode(): value.encode() for name, value in (metadata or {}).items()}
    table = table.replace_schema_metadata(said)
    part = path.with_name(path.name + ".part")
    # Numbers hardly compress, and lz4 is read twice as fast as zstd; codes are packed by their dictionary.
    pq.write_table(
        table,
        part,
        row_group_size=ROW_GROUP,
        compression="lz4",
        use_dictionary=[name for name in table.column_names if name in codebook],
    )
    with part.open("rb+") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    os.replace(part, path)
    return {"file": path.name, "rows": table.num_rows, "bytes": path.stat().st_size, "sha256": digest}
