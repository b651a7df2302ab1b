"""Metrics on partitioned tables: which partitions a metric is given, where it runs, and how results are joined.

Metrics are not aware of partitions. Their options `within`, `start` and `end` show whether they work within partitions, compare two,
or need all. Columns are read when a metric asks for them.
"""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import local
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mic2025lab.engine.codes import one_array
from mic2025lab.engine.frame import EmptyTable
from mic2025lab.engine.partition_files import MANIFEST, write_manifest, write_partition
from mic2025lab.engine.partitions import Partitioned, open_folder
from mic2025lab.engine.parts import Part, Room
from mic2025lab.engine.units import carry
from mic2025lab.errors import LabError, TableError

_KEYS = {"of", "item", "within", "time", "year", "period", "product", "importer", "exporter"}
_SPARE = 1.1  # reserved rows over expected rows; memory that is reserved and not used costs nothing
THREADS = 2  # one reads while the other computes; more threads need more memory

P = ParamSpec("P")
R = TypeVar("R")


def over_partitions(metric: Callable[P, R]) -> Callable[P, R]:
    """Let a metric take a partitioned table as it takes a frame. The result is a pandas frame.

    - If `within` contains the key, the metric runs on one partition after the other, in threads or on the table's executor. Rows
      come partition by partition, each in the metric's own order.
    - If the metric compares `start` and `end` in the key column, it runs on these two partitions together.
    - If the metric takes no key columns, it works row by row, and so partition by partition.
    - Otherwise it needs the whole table: one partition is read whole, and more are an error that names the columns to collect.
    """
    signature = inspect.signature(metric)

    @functools.wraps(metric)
    def mapped(*args: P.args, **options: P.kwargs) -> R:
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        given = bound.arguments
        table = given.pop("table", None)
        result: Any = (
            _by_partition(metric, signature, table, given)
            if isinstance(table, Partitioned)
            else metric(*args, **options)
        )
        if getattr(table, "attrs", None) and not isinstance(result, Partitioned):
            carry(result, table, given)
        return result

    return mapped


def _by_partition(
    metric: Callable[..., Any], signature: inspect.Signature, table: Partitioned, given: dict[str, Any]
) -> Any:
    chosen = _chosen_parts(table, signature, given)
    if table.folder is not None and (chosen is None or len(chosen[0]) > 1):
        raise TableError(
            f"Results are written to {table.folder} one partition at a time, and this needs several {table.key}s at once. "
            "Call it on the table without write_to(…)."
        )
    if chosen is not None:
        return _run(metric, chosen, given, table)
    # If there are several partitions, `read` raises an error that names the columns.
    result = metric(table.part().read() if len(table) == 1 else table, **given)
    if not isinstance(result, pa.Table):
        return result
    joined = Joined(table.key)
    joined.add(result)
    return joined.result(result.column_names)


def _chosen_parts(
    table: Partitioned, signature: inspect.Signature, given: dict[str, Any]
) -> list[list[Any]] | None:
    """Labels of the partitions for each call of a metric; None if it needs the whole table."""
    key, options = table.key, signature.parameters
    compares = all(
        name in options and options[name].default is inspect.Parameter.empty for name in ("start", "end")
    )
    if compares and key in (given.get("time"), given.get("year")):
        return [[given["start"], given["end"]]]
    within = given.get("within")
    in_cells = within is not None and key in ([within] if isinstance(within, str) else list(within))
    by_row = next(iter(options)) == "table" and not _KEYS & set(options)
    return [[label] for label in table.labels] if in_cells or by_row else None


def _run(
    metric: Callable[..., Any],
    chosen: list[list[Any]],
    options: dict[str, Any],
    table: Partitioned,
) -> pd.DataFrame | Partitioned:
    """Compute the parts in threads or on the table's executor, and join the results in the order of the parts."""
    parts = [table.part(labels) for labels in chosen]
    pool = table.executor or ThreadPoolExecutor(min(THREADS, len(parts)), thread_name_prefix="mic2025lab")
    rows = np.cumsum([sum(piece.rows for piece in part.pieces) for part in parts]).tolist()
    folder = table.folder
    if folder is not None:
        if (folder / MANIFEST).exists():
            raise TableError(
                f"{folder} holds a partitioned table already; name another folder, or delete it."
            )
        folder.mkdir(parents=True, exist_ok=True)
    futures: deque[Future[Any]] = deque()
    joined, entries, names = Joined(table.key), [], None
    if table.executor is None and not table.filters and max(map(len, chosen)) == 1:
        room, sizes = joined.room if folder is None else _OwnRoom(), np.diff(rows, prepend=0).tolist()
        ends = rows if folder is None else sizes
        parts = [
            replace(part, into=_place(room, end - size, end, max(ends)))
            for part, size, end in zip(parts, sizes, ends, strict=True)
        ]
    try:
        futures.extend(pool.submit(_one, metric, part, options, folder) for part in parts)
        for labels, upto in zip(chosen, rows, strict=True):
            try:
                result = futures[0].result()
            except LabError as error:
                where = f"{table.key} {' and '.join(map(str, labels))}"
                raise type(error)(f"In the partition of {where}: {error}") from error
            futures.popleft()  # so that the executor can release it
            if isinstance(result, pa.Table):
                joined.add(result, upto / rows[-1] if rows[-1] else 1.0)
                names = result.column_names
            elif result is not None:
                names, entry = result
                entries.append({"label": labels[0], **entry})
    finally:
        for future in futures:
            future.cancel()
        if table.executor is None:
            pool.shutdown()
    if names is None:
        raise EmptyTable(
            "No partition has a row, so there is nothing to compute; the filters before this metric may have left none."
        )
    if folder is None:
        return joined.result(names)
    about = {"name": folder.name, "key": table.key, "columns": names, "remedy": "compute the metric again"}
    write_manifest(folder, {**about, "partitions": entries})
    return open_folder(folder, executor=table.executor)


def _place(room: Room, begin: int, end: int, rows: int) -> Callable[[str, Any], np.ndarray]:
    """Return the function that gives some rows of each array of a room."""
    return lambda name, kind: room.array(name, kind, rows)[begin:end]


class _OwnRoom(local, Room):
    """A room of each thread: the next part is read to where the one before was."""


def _one(metric: Callable[..., Any], part: Part, options: dict[str, Any], folder: Path | None) -> Any:
    """Compute one partition, in a thread or on another machine, and write it to a folder if one is given; None if it has no rows."""
    try:
        result = metric(part, **options)
        return result if folder is None else _written(result, part, folder)
    except EmptyTable:
        return None


def _written(result: pa.Table, part: Part, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Write the result of a partition to a folder, and return its columns and its entry for the manifest."""
    book, columns = {}, {}
    for name in result.column_names:
        column = one_array(result[name])
        if pa.types.is_dictionary(column.type) and not column.null_count:
            book[name], column = column.dictionary.to_pylist(), column.indices.cast(pa.int16())
        columns[name] = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    columns = {name: column for name, column in columns.items() if name != part.key}
    book.pop(part.key, None)
    path = folder / f"{part.pieces[0].label}.parquet"
    return list(columns), write_partition(path, columns, book, numbers="none")


class Joined:
    """Results of parts, copied as they arrive into arrays with room for all, so that none is in memory twice.

    Parameters
    ----------
    key
        The column that identifies partitions; its integers become int64, as usual in pandas.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self.room = Room()
        self._rows: dict[str, int] = {}
        self._kinds: dict[str, Any] = {}
        self._labels: dict[str, pa.Array] = {}
        self._chunks: dict[str, list[pa.Array]] = {}  # of columns of any other type

    def add(self, result: pa.Table, done: float = 1.0) -> None:
        """Append the result of the next part. `done` is the fraction of all rows that has been processed then."""
        for name, kind in zip(result.column_names, result.schema.types, strict=True):
            for chunk in result[name].chunks:
                if pa.types.is_dictionary(kind):
                    codes = self._codes(name, chunk)
                    self._put(name, codes, np.int16 if len(self._labels[name]) < 1 << 15 else np.int32, done)
                elif pa.types.is_float64(kind) or (name == self._key and pa.types.is_integer(kind)):
                    wide = np.int64 if name == self._key else np.float64
                    self._put(name, chunk.to_numpy(zero_copy_only=False), wide, done)
                else:
                    self._chunks.setdefault(name, []).append(chunk)

    def _codes(self, name: str, chunk: pa.DictionaryArray) -> np.ndarray:
        labels = self._labels.setdefault(name, chunk.dictionary)
        same = chunk.dictionary.equals(labels)
        if same and not chunk.null_count:
            return chunk.indices.to_numpy()
        codes = chunk.indices.cast(pa.int32()).fill_null(-1).to_numpy()
        if not same:
            self._labels[name] = pc.unique(pa.concat_arrays([labels, chunk.dictionary]))
            place = pc.index_in(chunk.dictionary, self._labels[name]).to_numpy()
            codes = np.append(place, np.int32(-1))[codes]  # the last is for missing labels
        return codes

    def _put(self, name: str, values: np.ndarray, kind: Any, done: float) -> None:
        before = self._rows.get(name, 0)
        rows = before + len(values)
        array = self.room.array(name, kind, rows, int(rows * _SPARE / done) if done < 1 else rows)
        self._kinds[name], self._rows[name] = kind, rows
        if not np.may_share_memory(array[before:rows], values):  # a part may have been read to this place
            array[before:rows] = values

    def result(self, names: list[str]) -> pd.DataFrame:
        """Return these columns. Nothing can be added after that."""
        columns: dict[str, Any] = {}
        for name in names:
            if name in self._chunks:
                columns[name] = pa.chunked_array(self._chunks[name]).to_pandas()
                continue
            kind, rows = self._kinds[name], self._rows[name]
            columns[name] = self.room.array(name, kind, rows)[:rows]
            if name in self._labels:
                labels = self._labels[name]
                order = pc.sort_indices(labels).to_numpy()
                if (order[1:] < order[:-1]).any():
                    rank = np.full(len(order) + 1, -1, kind)
                    rank[order] = np.arange(len(order))
                    columns[name], labels = rank[columns[name]], labels.take(pa.array(order))
                dtype = pd.CategoricalDtype(labels.to_pandas())
                columns[name] = pd.Categorical.from_codes(columns[name], dtype=dtype, validate=False)
        return pd.DataFrame(columns, copy=False)
