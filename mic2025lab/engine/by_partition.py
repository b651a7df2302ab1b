"""Metrics on a table in partitions: which of its parts a metric is given, where that runs, and how the results are joined.

A metric itself knows nothing of this. Its `within`, `start` and `end` say whether it works within partitions, compares two
of them, or needs all; the columns it needs are read when it asks for them (`_frames.read`).
"""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ClassVar, ParamSpec, Protocol, TypeGuard, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from mic2025lab.engine.concat import Joined
from mic2025lab.errors import LabError, TableError

__all__ = ["EmptyTable", "Part", "Partitions", "is_part", "is_partitioned", "over_partitions", "whole_needed"]

_KEYS = {"of", "item", "within", "time", "year", "period", "product", "importer", "exporter"}
THREADS = 2  # one reads while another counts; more need more memory

P = ParamSpec("P")
R = TypeVar("R")


class EmptyTable(TableError):
    """A table without rows; a partition may be one, the whole may not."""


class Part(Protocol):
    """One partition, or a few together, read when it is known which columns are needed."""

    is_part: ClassVar[bool]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns there are."""

    @property
    def key(self) -> str:
        """Name the column that tells partitions apart."""

    @property
    def pieces(self) -> tuple[Any, ...]:
        """The files, with their labels."""

    def read(self, columns: Iterable[str] | None = None) -> pa.Table:
        """Read columns, keys as dictionaries."""

    def unique(self, columns: Iterable[str]) -> bool:
        """Tell whether these columns are known to tell rows apart."""

    def stream(self, keys: Iterable[str], value: str) -> Any:
        """Give the rows a stretch at a time; None where they must be looked at first."""


class Partitions(Protocol):
    """A table in partitions, such as `mic2025lab.engine.partitions.Partitioned`."""

    is_partitioned: ClassVar[bool]

    @property
    def key(self) -> str:
        """Name the column that tells partitions apart."""

    @property
    def labels(self) -> tuple[Any, ...]:
        """The partitions there are."""

    @property
    def executor(self) -> Executor | None:
        """Where work runs; None: in threads."""

    def part(self, labels: Sequence[Any] | None = None) -> Part:
        """Some partitions as one part."""


def is_part(table: Any) -> TypeGuard[Part]:
    """Tell a part by its class; a frame may have a column of any name."""
    return getattr(type(table), "is_part", False) is True


def is_partitioned(table: Any) -> TypeGuard[Partitions]:
    """Tell a table in partitions by its class."""
    return getattr(type(table), "is_partitioned", False) is True


def over_partitions(metric: Callable[P, R]) -> Callable[P, R]:
    """Let a metric take a table in partitions as it takes a frame; the result is then a pandas frame.

    - A metric whose `within` contains the key is given one partition after the other, in threads or on the table's executor.
      Its rows come partition by partition, within one in the metric's own order.
    - A metric that compares `start` and `end` in the key column is given these two partitions as one.
    - A metric that takes no key at all works row by row, and so partition by partition.
    - Of a table of one partition everything is read, for any other metric.
    - Anything else needs the whole table, and is refused with the columns to collect.
    """
    signature = inspect.signature(metric)

    @functools.wraps(metric)
    def mapped(*args: P.args, **options: P.kwargs) -> R:
        table = args[0] if args else None
        if not is_partitioned(table):
            return metric(*args, **options)
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        chosen = _chosen_parts(table, signature, bound.arguments)
        if chosen is not None:
            parts = [table.part(labels) for labels in chosen]
            return _run(metric, parts, chosen, args[1:], options, table)  # type: ignore[return-value]
        whole = table.part().read() if len(table.labels) == 1 else table
        # `read` refuses partitions, with the columns that it needs.
        result: Any = metric(whole, *args[1:], **options)  # type: ignore[arg-type]
        if isinstance(result, pa.Table):
            joined = Joined(table.key)
            joined.add(result)
            return joined.frame()  # type: ignore[return-value]
        return result

    return mapped


def _chosen_parts(
    table: Partitions, signature: inspect.Signature, given: dict[str, Any]
) -> list[list[Any]] | None:
    """Labels of the partitions for each call of a metric; None where it needs the whole table."""
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


def whole_needed(table: Partitions, columns: Iterable[str]) -> TableError:
    """Build the error of a metric that cannot go partition by partition."""
    return TableError(
        f"The table is in {len(table.labels)} partitions by {table.key!r}, and this needs all of them at once. "
        f"Read the columns it needs into memory first: table.collect({list(dict.fromkeys(columns))!r}). "
        f"A metric that takes `within` goes partition by partition where {table.key!r} is in it."
    )


def _run(
    metric: Callable[..., Any],
    parts: list[Part],
    chosen: list[list[Any]],
    args: tuple[Any, ...],
    options: dict[str, Any],
    table: Partitions,
) -> pd.DataFrame:
    """Compute the parts, in threads or on the table's executor, and join the results in the order of the parts."""
    pool = table.executor or ThreadPoolExecutor(min(THREADS, len(parts)), thread_name_prefix="mic2025lab")
    rows = np.cumsum([sum(piece.rows for piece in part.pieces) for part in parts])
    futures: deque[Future[Any]] = deque()
    joined, empty = Joined(table.key), True
    try:
        futures.extend(pool.submit(_one, metric, part, args, options) for part in parts)
        for labels, upto in zip(chosen, rows, strict=True):
            try:
                result = futures[0].result()
            except LabError as error:
                where = f"{table.key} {' and '.join(map(str, labels))}"
                raise type(error)(f"In the partition of {where}: {error}") from error
            futures.popleft()  # the executor may forget what it has given back
            if result is not None:
                joined.add(result, upto / rows[-1] if rows[-1] else 1.0)
                empty = False
    finally:
        for future in futures:
            future.cancel()
        if table.executor is None:
            pool.shutdown()
    if empty:
        raise EmptyTable(
            "No partition has a row, so there is nothing to compute; the filters before this metric may have left none."
        )
    return joined.frame()


def _one(metric: Callable[..., Any], part: Part, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Compute one partition, in a thread or on another machine; None where it has no rows."""
    try:
        return metric(part, *args, **options)
    except EmptyTable:
        return None
