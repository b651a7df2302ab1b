"""One or several partitions: read whole, or in batches of rows."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mic2025lab.engine.codes import one_array
from mic2025lab.engine.partition_files import CODEBOOK, UNIQUE, CheckedFile
from mic2025lab.errors import TableError, unknown_name

BATCH = 1 << 17  # rows
AHEAD = 2  # batches
THREADS = 2  # more need more memory
#: Without read-ahead, and in batches that stay in the processor's cache until they are added or copied.
_BATCHED = {"pre_buffer": False, "buffer_size": BATCH * 8}


@dataclass(frozen=True)
class Piece:
    """One file.

    Attributes
    ----------
    label : object
        The label of its partition.
    path : Path
        The file.
    rows : int
        Its number of rows.
    checksums : bytes
        The checksums of its blocks.
    """

    label: Any
    path: Path
    rows: int
    checksums: bytes = field(repr=False)

    @contextmanager
    def open(self, **options: Any) -> Iterator[pq.ParquetFile]:
        """Open the file; every block of it is checked before it is parsed."""
        with CheckedFile(self.path, self.checksums) as source:  # an error would keep it open
            yield pq.ParquetFile(pa.PythonFile(source, mode="r"), **options)

    def about(self, key: bytes, default: bytes) -> Any:
        """Return an entry of the file's metadata."""
        with self.open() as file:
            return json.loads((file.schema_arrow.metadata or {}).get(key, default))


class Room:
    """Arrays for columns, by name, to which parts are read, so that their rows are not copied later, or memory is used again.

    Parameters
    ----------
    rows
        The length of the arrays.
    """

    def __init__(self, rows: int) -> None:
        self._rows, self._arrays, self._lock = rows, dict[str, np.ndarray](), Lock()

    def rows_of(self, start: int, size: int, name: str, kind: Any) -> np.ndarray:
        """Return some rows of the array of a column."""
        with self._lock:
            if name not in self._arrays or self._arrays[name].dtype != kind:
                self._arrays[name] = _unfilled(self._rows, kind)
            return self._arrays[name][start : start + size]

    def joined(self, column: pa.ChunkedArray, name: str, kind: Any = None) -> np.ndarray:
        """Return all rows of a column of numbers, or the codes of a dictionary, in one array: in that of the room if they are there.

        It is of a `kind` that can hold the numbers, or of their own.
        """
        coded = pa.types.is_dictionary(column.type)
        arrays = [(c.indices if coded else c).to_numpy(zero_copy_only=False) for c in column.chunks]
        whole, at, kind = self._arrays.get(name), 0, kind or arrays[0].dtype
        if whole is None or whole.shape != (len(column),) or whole.dtype != kind:
            whole = _unfilled(len(column), kind)
        for values in arrays:
            place = whole[at : at + len(values)]
            if place.ctypes.data != values.ctypes.data:
                place[:] = values
            at += len(values)
        return whole


def _unfilled(rows: int, kind: Any) -> np.ndarray:
    """Memory in the system's usual pages: for huge ones, which NumPy asks for, a busy machine took up to six times as long."""
    size = rows * np.dtype(kind).itemsize
    return np.frombuffer(pa.allocate_buffer(size, memory_pool=pa.system_memory_pool()), kind)


@dataclass(frozen=True)
class Part:
    """One or several partitions that are not read yet, which a metric takes in place of a table.

    Attributes
    ----------
    key : str
        The column that identifies partitions; it is not in the files.
    pieces : tuple of Piece
        The files.
    columns : tuple of str
        The columns, `key` first.
    filters : tuple of (str, object)
        Columns and the values wanted.
    threads : int
        How many threads work on it: several if no other part is computed at the same time.
    into : callable, optional
        Column and type -> the array for its rows; new memory if None.
    """

    key: str
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...]
    filters: tuple[tuple[str, Any], ...] = ()
    threads: int = 1
    into: Callable[[str, Any], np.ndarray] | None = None

    def read(self, columns: Iterable[str] | None = None) -> pa.Table:
        """Read columns (all by default) into memory, keys as dictionaries."""
        names = list(self.columns if columns is None else dict.fromkeys(columns))
        for name in names:
            if name not in self.columns:
                raise unknown_name("column", name, self.columns, error=TableError)
        tables = [self._piece(piece, names) for piece in self.pieces]
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables)

    def unique(self, columns: Iterable[str]) -> bool:
        """Return True if the columns are known to identify rows uniquely."""
        if len(self.pieces) != 1:
            return False
        found = self.pieces[0].about(UNIQUE, b"null")
        return found is not None and set(found) <= set(columns)

    def addable(self, keys: Iterable[str], value: str) -> tuple[dict[str, pa.Array], float, float] | None:
        """Return the labels of the coded columns, and the smallest and largest value, if rows can be added in batches; None otherwise.

        They can if the file's metadata show that no value and no key is missing, and no key is without a label.
        """
        names = [*keys, value]
        if len(self.pieces) != 1 or self.filters or not {*names} <= set(self.columns) - {self.key}:
            return None
        label = self.pieces[0].label
        if not isinstance(label, int) or not -(1 << 15) <= label < 1 << 15:
            return None
        with self.pieces[0].open() as file:
            book, limits = _codebook(file), _limits(file, value)
            if limits is None or file.schema_arrow.field(value).type != pa.float64():
                return None
            if not all(name in book and _within(file, name, len(book[name])) for name in keys):
                return None
        return book, *limits

    def batches(self, names: Iterable[str]) -> Iterator[dict[str, np.ndarray]]:
        """Yield columns of one file, keys as codes, in batches of rows: nothing as long as the file is ever in memory.

        If the part is read alone, a second thread reads the last column, a few batches ahead.
        """
        *others, last = names

        def read(columns: list[str]) -> Generator[dict[str, np.ndarray], None, None]:
            with self.pieces[0].open(**_BATCHED) as file:
                for batch in file.iter_batches(BATCH, columns=columns, use_threads=False):
                    yield {name: batch.column(name).to_numpy() for name in columns}

        if self.threads == 1 or not others:
            yield from read([*others, last])
            return
        with closing(read([last])) as values, ThreadPoolExecutor(1) as thread:
            ahead = deque[Any](thread.submit(next, values, {}) for _ in range(AHEAD))
            for batch in read(others):
                batch |= ahead.popleft().result()
                ahead.append(thread.submit(next, values, {}))
                yield batch

    def _piece(self, piece: Piece, names: list[str]) -> pa.Table:
        stored = [name for name in names if name != self.key]
        with piece.open() as file:
            labels = _codebook(file)
            sure = {name for name in stored if name in labels and _within(file, name, len(labels[name]))}
            if self.filters:  # groups of rows that have none, according to their statistics, are not read
                wanted = self._wanted(file.schema_arrow, labels)
                with pa.PythonFile(CheckedFile(piece.path, piece.checksums), mode="r") as source:
                    table = pq.read_table(
                        source, columns=stored, filters=wanted, use_threads=self.threads > 1
                    )
                columns = {name: table[name].combine_chunks() for name in stored}
                columns[self.key] = self._constant(piece.label, table.num_rows)
            else:
                columns = self._gathered(piece, file, names)
        made = {}
        for name in names:
            column = columns[name]
            if name in labels:
                # Checked only if the statistics do not show that all codes have a label.
                column = pa.DictionaryArray.from_arrays(column, labels[name], safe=name not in sure)
            made[name] = column
        return pa.table(made)

    def _gathered(self, piece: Piece, file: pq.ParquetFile, names: list[str]) -> dict[str, pa.Array]:
        """Read columns in batches, into one array each if no value is missing, so that no second copy is ever in memory."""
        schema, about = file.schema_arrow, file.metadata
        starts = [0, *accumulate(about.row_group(n).num_rows for n in range(about.num_row_groups))]
        whole: dict[str, np.ndarray] = {}
        stored = [name for name in names if name != self.key]
        for name in stored:
            kind = schema.field(name).type
            numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
            if numeric and not schema.field(name).nullable:
                whole[name] = self.empty(name, kind.to_pandas_dtype(), starts[-1])
        others = [name for name in stored if name not in whole]

        def read(first: int, last: int) -> list[pa.RecordBatch]:
            at, rest = starts[first], []
            with piece.open(metadata=about, **_BATCHED) as own:
                for batch in own.iter_batches(BATCH, range(first, last), stored, use_threads=False):
                    for name, values in whole.items():
                        values[at : at + len(batch)] = batch.column(name).to_numpy()
                    at += len(batch)
                    rest.append(batch.select(others))
            return rest

        # Two stretches of the file for each thread, so that all end at about the same time.
        cuts = np.linspace(0, len(starts) - 1, 2 * self.threads + 1 if self.threads > 1 else 2)
        # pyarrow 18 cannot read a stretch of no row groups.
        cuts = np.unique(cuts.astype(int)).tolist() if stored else []
        with ThreadPoolExecutor(self.threads) as pool:
            found = (pool.map if self.threads > 1 else map)(read, cuts[:-1], cuts[1:])
            made = {self.key: self._constant(piece.label, starts[-1])} if self.key in names else {}
            rest = pa.Table.from_batches(chain(*found), pa.schema([schema.field(name) for name in others]))
        made |= {name: pa.array(values) for name, values in whole.items()}
        return made | {name: one_array(rest[name]) for name in others}

    def empty(self, name: str, kind: Any, rows: int) -> np.ndarray:
        """Return an array for a column of the rows of this part, with any numbers in it."""
        return np.empty(rows, kind) if self.into is None else self.into(name, kind)

    def _constant(self, label: Any, rows: int) -> pa.Array:
        if not isinstance(label, int):
            return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([label]))
        narrow = np.int16 if -(1 << 15) <= label < 1 << 15 and self.into is None else np.int64
        values = self.empty(self.key, narrow, rows)
        values[:] = label
        return pa.array(values)

    def _wanted(self, schema: pa.Schema, book: Mapping[str, pa.Array]) -> pc.Expression:
        """Filter of the rows wanted, by codes where a column is coded."""
        wanted = pc.scalar(True)
        for name, rule in self.filters:
            field = pc.field(name)
            if name in book:
                codes = np.flatnonzero(_matches(np.array(book[name].to_pylist(), object), rule))
                wanted &= field.isin(pa.array(codes, schema.field(name).type))
            elif isinstance(rule, slice):
                wanted &= pc.scalar(True) if rule.start is None else field >= rule.start
                wanted &= pc.scalar(True) if rule.stop is None else field <= rule.stop
            else:
                wanted &= field.isin(listed(rule))
        return wanted


def _codebook(file: pq.ParquetFile) -> dict[str, pa.Array]:
    """Coded columns of a file -> their labels."""
    book = json.loads((file.schema_arrow.metadata or {}).get(CODEBOOK, b"{}"))
    return {name: pa.array(labels) for name, labels in book.items()}


def _limits(file: pq.ParquetFile, name: str) -> tuple[Any, Any] | None:
    """Smallest and largest value of a column, if the metadata of a file have them and declare that no value is missing."""
    place = file.schema_arrow.get_field_index(name)
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    known = [one for group in groups if (one := group.column(place).statistics) and one.has_min_max]
    if file.schema_arrow.field(name).nullable or not known or len(known) < len(groups):
        return None
    return min(one.min for one in known), max(one.max for one in known)


def _within(file: pq.ParquetFile, name: str, count: int) -> bool:
    """Return True if the metadata of a file show that all codes of a column are below `count`."""
    limits = _limits(file, name)
    return limits is not None and limits[0] >= 0 and limits[1] < count


def _matches(values: np.ndarray, wanted: Any) -> np.ndarray:
    """Mask of the labels that a filter takes."""
    if isinstance(wanted, slice):
        mask = np.ones(len(values), np.bool_)
        if wanted.start is not None:
            mask &= values >= wanted.start
        if wanted.stop is not None:
            mask &= values <= wanted.stop
        return mask
    return np.isin(values, np.array(listed(wanted), values.dtype))


def listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
