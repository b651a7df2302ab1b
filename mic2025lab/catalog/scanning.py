"""`scan`: a table too large for memory, opened as partitions on disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mic2025lab.catalog.entries import catalog
from mic2025lab.catalog.records import note
from mic2025lab.catalog.stores import SCANNED, manifest_digest, store_folder
from mic2025lab.errors import LabError, unknown_name

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mic2025lab.engine.partitions import Partitioned


def scan(
    name: str,
    *,
    year: Any = None,
    columns: Iterable[str] | None = None,
    hs: str | None = None,
    version: str | None = None,
    executor: Executor | None = None,
    **filters: Any,
) -> Partitioned:
    """Open a table that is too large for memory; every metric takes it as it takes a frame, one year at a time.

    Parameters
    ----------
    name : str
        ``"baci"``, converted by ``mic2025lab data baci``.
    year : int, list or slice, optional
        The wanted years; a slice includes both ends.
    columns : iterable of str, optional
        The columns; all by default. Metrics read only the columns they need in any case.
    hs, version : str, optional
        The revision, if several have been converted, and the version; the newest by default.
    executor : concurrent.futures.Executor, optional
        Where metrics run, such as ``client.get_executor()`` of Dask; two threads of this process by default.
    **filters
        A column and the wanted value or values: a scalar, a list, or a `slice(low, high)` that includes both ends.

    Returns
    -------
    Partitioned
        Iterate over it for one pandas frame a year; ``collect(columns)`` reads all of it. Metrics return pandas frames.

    Raises
    ------
    UnknownName
        If there is no such table, year, column, or label.
    LabError
        If the table has not been converted on this machine; the message says how.
    """
    from mic2025lab.engine.partitions import open_folder

    if name not in SCANNED:
        hint = " It fits in memory: use load()." if name in catalog() else ""
        raise LabError(f"{unknown_name('partitioned table', name, SCANNED)}{hint}")
    folder = store_folder(name, hs, version)
    table = open_folder(folder, labels=year, columns=columns, filters=filters, executor=executor)
    note(name, manifest_digest(folder), f"{table.about['hs']} V{table.about['version']}")
    return table
