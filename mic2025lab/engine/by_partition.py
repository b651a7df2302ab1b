"""Metrics on partitioned tables: which partitions a metric is given, where it runs, and how results are joined.

Metrics are not aware of partitions. Their options `within`, `start` and `end` show whether they work within partitions, compare two,
or need all. Columns are read when a metric asks for them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from threading import local
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from mic2025lab import durable
from mic2025lab.engine.codes import one_array
from mic2025lab.engine.frame import EmptyTable
from mic2025lab.engine.partition_files import MANIFEST, unnamed, write_manifest, write_partition
from mic2025lab.engine.partitions import Partitioned, open_folder
from mic2025lab.engine.parts import THREADS, Part, Room
from mic2025lab.engine.units import carry
from mic2025lab.errors import LabError, TableError

_KEYS = {"of", "item", "within", "time", "year", "period", "product", "importer", "exporter"}

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
    return _joined([result], table.key, Room(0)) if isinstance(result, pa.Table) else result


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
    parts, folder, room = [table.part(labels) for labels in chosen], table.folder, Room(0)
    if folder is not None:
        if (folder / MANIFEST).exists():
            raise TableError(
                f"{folder} holds a partitioned table already; name another folder, or delete it."
            )
        folder.mkdir(parents=True, exist_ok=True)
    if table.executor is None and not table.filters and max(map(len, chosen)) == 1:
        sizes = [part.pieces[0].rows for part in parts]
        room = Room(sum(sizes)) if folder is None else _OwnRoom(max(sizes))
        starts = [0, *accumulate(sizes)] if folder is None else [0] * len(sizes)
        parts = [
            replace(part, into=partial(room.rows_of, start, size))
            for part, start, size in zip(parts, starts, sizes, strict=False)
        ]
    if table.executor is None and len(parts) % THREADS == 1:  # the last one would leave a processor idle
        parts[-1] = replace(parts[-1], threads=THREADS)
    pool = table.executor or ThreadPoolExecutor(min(THREADS, len(parts)), thread_name_prefix="mic2025lab")
    futures: list[Future[Any]] = []
    results = []
    try:
        futures = [pool.submit(_one, metric, part, options, folder) for part in parts]
        for labels, future in zip(chosen, futures, strict=True):
            try:
                results.append(future.result())
            except LabError as error:
                where = f"{table.key} {' and '.join(map(str, labels))}"
                raise type(error)(f"In the partition of {where}: {error}") from error
            if folder is not None and results[-1] is not None:
                # The disk writes while the next parts are computed.
                path = folder / results[-1][1]["file"]
                durable.replace(unnamed(path), path)
    finally:
        for future in futures:
            future.cancel()
        if table.executor is None:
            pool.shutdown()
        if folder is not None:
            for label, *_ in chosen:  # of a part that was computed when another had failed
                unnamed(folder / f"{label}.parquet").unlink(missing_ok=True)
    futures.clear()  # so that a column of a part is released when it is joined
    results = [result for result in results if result is not None]
    if not results:
        raise EmptyTable(
            "No partition has a row, so there is nothing to compute; the filters before this metric may have left none."
        )
    if folder is None:
        return _joined(results, table.key, room)
    about = {
        "name": folder.name,
        "key": table.key,
        "columns": results[0][0],
        "remedy": "compute the metric again",
    }
    write_manifest(folder, {**about, "partitions": [entry for _, entry in results]})
    return open_folder(folder, executor=table.executor)


class _OwnRoom(local, Room):
    """A room of each thread: the next part is read to where the one before was."""


def _one(metric: Callable[..., Any], part: Part, options: dict[str, Any], folder: Path | None) -> Any:
    """Compute one partition, in a thread or on another machine, and write it to a folder if one is given; None if it has no rows."""
    try:
        result = metric(part, **options)
    except EmptyTable:
        return None
    if folder is None:
        return result
    book, columns = {}, {}
    for name in result.column_names:
        if name == part.key:
            continue
        column = one_array(result[name])
        if pa.types.is_dictionary(column.type) and not column.null_count:
            book[name], column = column.dictionary.to_pylist(), column.indices.cast(pa.int16())
        columns[name] = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    label = part.pieces[0].label
    entry = write_partition(folder / f"{label}.parquet", columns, book, quick=True, named=False)
    return list(columns), {"label": label, **entry}


def _joined(results: list[pa.Table], key: str, room: Room) -> pd.DataFrame:
    """Join the results of parts, columns in threads, and empty the list."""
    table = pa.concat_tables(results, promote_options="permissive").unify_dictionaries()
    results.clear()
    names, chunks = table.column_names, {name: table[name] for name in table.column_names}
    del table  # so that a column of the parts is released when it is joined
    with ThreadPoolExecutor(THREADS) as pool:
        joined = pool.map(lambda name: _joined_column(chunks.pop(name), name, key, room), names)
        return pd.DataFrame(dict(zip(names, joined, strict=True)), copy=False)


def _joined_column(column: pa.ChunkedArray, name: str, key: str, room: Room) -> Any:
    """Join a column. The integers of `key` become int64, as usual in pandas."""
    kind = column.type
    if name == key and pa.types.is_integer(kind):
        column = column.cast(pa.int64()) if pa.types.is_uint64(kind) else column
        return room.joined(column, name, np.int64)
    if pa.types.is_float64(kind):
        return room.joined(column, name)
    if not pa.types.is_dictionary(kind) or column.null_count:
        made = column.to_pandas()
    else:
        labels = pd.Index(column.chunk(0).dictionary.to_pandas())
        made = pd.Categorical.from_codes(room.joined(column, name), labels, validate=False)
    labels = getattr(made.dtype, "categories", None)
    if labels is None or labels.is_monotonic_increasing:
        return made
    return pd.Categorical(made).reorder_categories(labels.sort_values())
