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
from typing import Any, ParamSpec, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mic2025lab.engine.frame import EmptyTable
from mic2025lab.engine.partitions import Partitioned
from mic2025lab.engine.parts import Part
from mic2025lab.engine.units import carry
from mic2025lab.errors import LabError

_KEYS = {"of", "item", "within", "time", "year", "period", "product", "importer", "exporter"}
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
        table = args[0] if args else options.get("table")
        result = compute(*args, **options)
        if getattr(table, "attrs", None):
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            carry(result, table, bound.arguments)
        return result

    def compute(*args: P.args, **options: P.kwargs) -> R:
        table = args[0] if args else None
        if not isinstance(table, Partitioned):
            return metric(*args, **options)
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        chosen = _chosen_parts(table, signature, bound.arguments)
        if chosen is not None:
            parts = [table.part(labels) for labels in chosen]
            return _run(metric, parts, chosen, args[1:], options, table)  # type: ignore[return-value]
        whole = table.part().read() if len(table.labels) == 1 else table
        # If there are several partitions, `read` raises an error that names the columns.
        result: Any = metric(whole, *args[1:], **options)  # type: ignore[arg-type]
        if isinstance(result, pa.Table):
            return _joined([result], table.key)  # type: ignore[return-value]
        return result

    return mapped


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
    parts: list[Part],
    chosen: list[list[Any]],
    args: tuple[Any, ...],
    options: dict[str, Any],
    table: Partitioned,
) -> pd.DataFrame:
    """Compute the parts in threads or on the table's executor, and join the results in the order of the parts."""
    pool = table.executor or ThreadPoolExecutor(min(THREADS, len(parts)), thread_name_prefix="mic2025lab")
    futures: deque[Future[Any]] = deque()
    results = []
    try:
        futures.extend(pool.submit(_one, metric, part, args, options) for part in parts)
        for labels in chosen:
            try:
                result = futures[0].result()
            except LabError as error:
                where = f"{table.key} {' and '.join(map(str, labels))}"
                raise type(error)(f"In the partition of {where}: {error}") from error
            futures.popleft()  # so that the executor can release it
            if result is not None:
                results.append(result)
    finally:
        for future in futures:
            future.cancel()
        if table.executor is None:
            pool.shutdown()
    if not results:
        raise EmptyTable(
            "No partition has a row, so there is nothing to compute; the filters before this metric may have left none."
        )
    return _joined(results, table.key)


def _joined(results: list[pa.Table], key: str) -> pd.DataFrame:
    """Concatenate the results of partitions, and release each column when its copy is made."""
    columns = {}
    for name, kind in zip(results[0].column_names, results[0].schema.types, strict=True):
        chunks = [chunk for result in results for chunk in result[name].chunks]
        if pa.types.is_dictionary(kind) and not all(
            one.dictionary.equals(chunks[0].dictionary) for one in chunks
        ):
            labels = pc.unique(pa.concat_arrays([chunk.dictionary for chunk in chunks])).sort()
            codes = [pc.index_in(chunk.dictionary, labels).take(chunk.indices) for chunk in chunks]
            chunks = [pa.DictionaryArray.from_arrays(code, labels) for code in codes]
            kind = pa.dictionary(pa.int32(), labels.type)
        column = pa.chunked_array(chunks, kind)
        whole = name == key and pa.types.is_integer(kind)
        columns[name] = column.cast(pa.int64()) if whole else column  # as usual in pandas
    results.clear()
    return pa.table(columns).to_pandas(split_blocks=True, self_destruct=True)


def _one(metric: Callable[..., Any], part: Part, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Compute one partition, in a thread or on another machine; None if it has no rows."""
    try:
        return metric(part, *args, **options)
    except EmptyTable:
        return None
