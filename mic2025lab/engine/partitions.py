"""Tables too large for memory: a folder of Parquet files, one a partition (a year), described and read a part at a time.

Key columns are stored as small integers, with one codebook for all files, which each file carries in its metadata; read, they
are dictionaries in Arrow and categories in pandas, the same in every partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from mic2025lab.engine.partition_files import (
    MANIFEST,
    codebook,
    read_manifest,
    write_manifest,
    write_partition,
)
from mic2025lab.engine.parts import Part, Piece, listed
from mic2025lab.errors import ChecksumError, LabError, TableError, UnknownName, unknown_name

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MANIFEST",
    "Part",
    "Partitioned",
    "Piece",
    "codebook",
    "open_folder",
    "read_manifest",
    "write_manifest",
    "write_partition",
]


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
    for label in listed(wanted):
        if label not in known:
            raise unknown_name(key, label, map(str, known))
    return set(listed(wanted))


def _check_filter(manifest: Mapping[str, Any], path: Path, name: str, wanted: Any) -> None:
    """Raise if a label that is asked for is in no codebook, so that a misspelt code is not an empty table."""
    if callable(wanted) or (isinstance(wanted, slice) and wanted.step is not None):
        raise LabError(
            f"{name}={wanted!r}: a filter of a scan is a value, a list, or slice(low, high) with both ends in."
        )
    book = codebook(path)
    if name in book and not isinstance(wanted, slice):
        known = set(book[name])
        for value in listed(wanted):
            if value not in known:
                raise unknown_name(f"{name} in {manifest['name']}", value, book[name])
