"""Tables too large for memory: a folder of Parquet files, one a partition (a year), read a part at a time.

Key columns are stored as small integers. All files share one codebook, which each file carries in its metadata. Once read, keys are
dictionaries in Arrow and categories in pandas, the same in every partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mic2025lab.engine.groups import adder
from mic2025lab.engine.partition_files import CODEBOOK, read_manifest
from mic2025lab.engine.parts import THREADS, Part, Piece, listed
from mic2025lab.errors import ChecksumError, LabError, TableError, UnknownName, unknown_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Partitioned:
    """A partitioned table: its files, the columns and rows wanted, and where work on it runs. Nothing is read yet.

    Metrics take it as they take a frame and return a pandas frame. Those that work within cells that contain the key go partition
    by partition and read only the columns they need; those that compare two years read these two. Those that need all years
    at once raise an error that says so: `collect` the columns first.

    Attributes
    ----------
    name : str
        Name in the catalog.
    key : str
        The column that identifies partitions, such as `year`.
    pieces : tuple of Piece
        Its files, by label.
    columns : tuple of str
        The columns, `key` first.
    filters : tuple of (str, object)
        Columns and the values wanted.
    executor : concurrent.futures.Executor, optional
        Where metrics run; two threads of this process if None. Dask's is `client.get_executor()`.
    about : mapping
        Entries of the manifest: unit, version, license, citation, warnings.
    folder : pathlib.Path, optional
        Where metrics write their results, one file per partition; in memory if None.
    """

    name: str
    key: str
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...]
    filters: tuple[tuple[str, Any], ...] = ()
    executor: Executor | None = field(default=None, compare=False, repr=False)
    about: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    folder: Path | None = field(default=None, compare=False, repr=False)

    @property
    def labels(self) -> tuple[Any, ...]:
        """Labels of the partitions."""
        return tuple(piece.label for piece in self.pieces)

    @property
    def rows(self) -> int:
        """Rows of the files, before filters."""
        return sum(piece.rows for piece in self.pieces)

    @property
    def attrs(self) -> dict[str, Any]:
        """Name, source, and units, as `load` gives them to a frame."""
        source = ", ".join(str(self.about[part]) for part in ("producer", "title") if part in self.about)
        units = {"value": str(self.about["unit"])} if "unit" in self.about else {}
        return {"table": self.name, "source": source, "units": units}

    def __len__(self) -> int:
        """Return the number of partitions."""
        return len(self.pieces)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield one partition after the other as a pandas frame."""
        for label in self.labels:
            yield _pandas(self.part([label]).read(), self.key)

    def __repr__(self) -> str:
        """Describe the table without reading it."""
        span = f"{self.labels[0]} to {self.labels[-1]}" if len(self) > 1 else f"{self.labels[0]}"
        chosen = "".join(f", {name}={wanted!r}" for name, wanted in self.filters)
        return (
            f"<partitioned table {self.name!r}: {len(self)} x {self.key} ({span}), {self.rows:,} rows, "
            f"columns {', '.join(self.columns)}{chosen}>"
        )

    def part(self, labels: Sequence[Any] | None = None) -> Part:
        """Return partitions (all by default) as one part, to be read together."""
        wanted = self.labels if labels is None else labels
        pieces_by_label = {piece.label: piece for piece in self.pieces}
        for label in wanted:
            if label not in pieces_by_label:
                raise unknown_name(self.key, label, self.labels, error=TableError)
        alone = len(wanted) > 1 or len(self) == 1
        pieces = tuple(pieces_by_label[label] for label in dict.fromkeys(wanted))
        return Part(self.key, pieces, self.columns, self.filters, threads=THREADS if alone else 1)

    def on(self, executor: Executor | None) -> Partitioned:
        """Return the same table with another executor, such as `client.get_executor()` of a Dask cluster."""
        return replace(self, executor=executor)

    def write_to(self, folder: str | Path) -> Partitioned:
        """Return the same table, of which metrics write their results to a folder, a partition at a time.

        A metric then returns them as a partitioned table, and no more than two partitions are in memory.
        """
        return replace(self, folder=Path(folder))

    def collect(self, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Read all partitions into one pandas frame, keys as categories.

        Parameters
        ----------
        columns : iterable of str, optional
            The columns to read; all by default. A year of BACI has about 11 million rows: name the columns you need.
        """
        return _pandas(self.part().read(None if columns is None else listed(columns)), self.key)


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
    """Open the table in a folder written by `write_partition` and `write_manifest`.

    Parameters
    ----------
    folder : pathlib.Path
        With `manifest.json` and the files it names.
    labels : scalar, list or slice, optional
        The partitions wanted; both ends of a slice are included.
    columns, filters, executor
        As in `Partitioned`.

    Raises
    ------
    UnknownName
        An unknown partition, column, or label of a filter.
    ChecksumError
        A file that is missing or whose size differs from the manifest. What is read later raises it too if the file is damaged.
    """
    adder()  # imports SciPy here: later, two threads would wait for it
    manifest = read_manifest(folder)
    key, entries = manifest["key"], manifest["partitions"]
    known = [entry["label"] for entry in entries]
    chosen = _chosen_labels(key, known, labels)
    pieces = []
    for entry in entries:
        if entry["label"] in chosen:
            path = folder / entry["file"]
            if not path.is_file() or path.stat().st_size != entry["bytes"]:
                found = f"has {path.stat().st_size} bytes" if path.is_file() else "is missing"
                raise ChecksumError(
                    f"{path} {found}; the manifest says {entry['bytes']} bytes. Convert it again: {manifest['remedy']}"
                )
            pieces.append(Piece(entry["label"], path, entry["rows"], bytes.fromhex(entry["checksums"])))
    all_columns = (key, *(name for name in manifest["columns"] if name != key))
    wanted = all_columns if columns is None else listed(columns)
    for name in wanted:
        if name not in all_columns:
            raise unknown_name(f"column of {manifest['name']}", name, all_columns)
    picked = (key, *(name for name in wanted if name != key))
    rules = tuple((filters or {}).items())
    for name, rule in rules:
        if name not in all_columns or name == key:
            raise unknown_name(f"column of {manifest['name']}", name, [c for c in all_columns if c != key])
        _check_filter(manifest["name"], pieces[0], name, rule)
    about = {name: value for name, value in manifest.items() if name != "partitions"}
    return Partitioned(manifest["name"], key, tuple(pieces), picked, rules, executor, about)


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
            raise unknown_name(key, label, known)
    return set(listed(wanted))


def _check_filter(table: str, piece: Piece, name: str, wanted: Any) -> None:
    """Raise an error for a label that the codebook does not have, so that a misspelled code is not an empty table."""
    if callable(wanted) or (isinstance(wanted, slice) and wanted.step is not None):
        raise LabError(
            f"{name}={wanted!r}: a filter is a value, a list, or slice(low, high) with both ends included."
        )
    book = piece.about(CODEBOOK, b"{}")
    if name in book and not isinstance(wanted, slice):
        known = set(book[name])
        for value in listed(wanted):
            if value not in known:
                raise unknown_name(f"{name} in {table}", value, book[name])
