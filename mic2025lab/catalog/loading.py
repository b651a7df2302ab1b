"""`load`: a cleaned table as a pandas frame, or the part of it that is asked for; `scan`: one too large for memory, as partitions on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.catalog import own
from mic2025lab.catalog.entries import catalog, verified_path
from mic2025lab.catalog.entries import entry as entry_of
from mic2025lab.catalog.stores import SCANNED, manifest_digest, store_folder
from mic2025lab.errors import LabError, TableError, UnknownName, shown, unknown_name

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

    from mic2025lab.catalog.dataset import Dataset
    from mic2025lab.engine.partitions import Partitioned

#: What this process has loaded: table name -> sha256. A run compares it with the tables that its analysis declares.
LOADED: dict[str, str] = {}


def load(
    name: str,
    *,
    vintage: str | Iterable[str] | None = None,
    columns: Iterable[str] | None = None,
    **filters: Any,
) -> pd.DataFrame:
    """Load a cleaned table, or part of it.

    Parameters
    ----------
    name : str
        A name of `datasets()`.
    vintage : str or iterable of str, optional
        Which vintage, a name of `describe(name).vintages`. The default is the embedded table's (`describe(name).default_vintage`),
        unless the run or `mic2025lab.yml` pins another (`vintages: {world_economy: weo-2026-10}`). A table with a column of vintages can be
        loaded with several; `"all"` are those that the embedded table has, so a fetch changes no analysis that does not name
        the new vintage.
    columns : iterable of str, optional
        The columns to return; all by default.
    **filters
        A column and the wanted value or values: a scalar, a list, a `slice(low, high)` that includes both ends, or a function
        of the column that returns booleans. A value that does not occur in the column, or a slice that selects no row, raises an
        error, so that a misspelled code does not return an empty table.

    Returns
    -------
    pandas.DataFrame
        A plain frame with a fresh index. Missing values are missing, never 0. Its `attrs` hold the name of the `table`, its `title`, the
        `source` line, and `units`, the unit of each column; metrics carry them on, and figures use them.

    Raises
    ------
    UnknownName
        If the table, a column, or a wanted value does not exist; the message names the nearest.
    LabError
        If the table has not been built here; the message says how to build it and, if it does not come with the package, its license.
    ChecksumError
        If the file does not match the catalog; the message quotes both checksums and the command that rebuilds it.

    Examples
    --------
    >>> load("value_added", economy=["CHN", "USA"], industry="aerospace", year=slice(2015, 2022)).shape
    (16, 5)
    >>> load("value_added", year=2022).attrs["units"]
    {'value': 'million USD'}
    """
    several = None if vintage is None or isinstance(vintage, str) else list(vintage)
    chosen = [columns] if isinstance(columns, str) else None if columns is None else list(columns)
    needed = {*chosen, *filters, "unit"} if chosen else None  # pyarrow counts no rows without columns
    entry, frame = _vintage(name, vintage, needed) if several is None else _vintages(name, several, needed)
    for column in (*filters, *(chosen or ())):
        if column not in frame:
            raise unknown_name(f"column of {name}", column, entry.columns)
    for column, wanted in filters.items():
        frame = frame[_matches(frame[column], wanted, name, column)]
    about = _about(frame, entry)
    frame = (frame if chosen is None else frame[chosen]).reset_index(drop=True)
    frame.attrs = about | {"units": {name: unit for name, unit in about["units"].items() if name in frame}}
    return frame


def _about(frame: pd.DataFrame, entry: Dataset) -> dict[str, Any]:
    """Return what a loaded frame says about itself: the table, its source line, and the unit of each column that has one."""
    units = {name: about["unit"] for name, about in entry.columns.items() if about.get("unit")}
    rows = frame["unit"].dropna().unique().tolist() if "unit" in frame else [entry.unit]
    if "value" in frame:
        units["value"] = "by row" if "unit" in frame else units.get("value", entry.unit)
    units = {name: rows[0] if unit == "by row" and len(rows) == 1 else unit for name, unit in units.items()}
    units = {name: unit for name, unit in units.items() if not (unit.startswith("by ") or ";" in unit)}
    title = entry.title.partition(",")[0]
    return {"table": entry.name, "title": title, "source": entry.source_line(), "units": units}


def _vintage(name: str, vintage: Any, columns: set[str] | None) -> tuple[Dataset, pd.DataFrame]:
    """Read a vintage of a table; some of its columns, if they are given."""
    entry = entry_of(name, vintage)
    frame = read(entry, None if columns is None else {*columns, entry.vintage_column or ""})
    if entry.vintage_column and vintage != "all" and entry.default_vintage:
        frame = frame[frame[entry.vintage_column] == entry.default_vintage]
    about = entry.entry() if own.in_process(entry.name) else None
    note(entry.name, entry.sha256, "all" if vintage == "all" else entry.default_vintage, about)
    return entry, frame


def _vintages(name: str, several: list[str], columns: set[str] | None) -> tuple[Dataset, pd.DataFrame]:
    """Stack vintages of a table that has a column for them; a vintage that is named twice is there once."""
    import pandas as pd

    table = entry_of(name, "all")
    columns = None if columns is None else {*columns, *table.key}
    frames = [_vintage(name, one, columns)[1] for one in several]
    return table, pd.concat(frames, ignore_index=True).drop_duplicates(list(table.key))


def read(entry: Dataset, columns: set[str] | None = None) -> pd.DataFrame:
    """Read all rows of a table, of every vintage in its file, after checking its sha256. Of its columns, at least those given (all by default)."""
    if entry.format == "own":
        return own.load_own(entry.name)
    import pandas as pd

    path = verified_path(entry)
    types = {column: spec["dtype"] for column, spec in entry.columns.items()}
    chosen = {column: kind for column, kind in types.items() if columns is None or column in columns}
    # Codes are text, and an empty cell of a text column is missing; "NA" (Namibia, not available) is not.
    text = {column: "str" for column, kind in types.items() if kind == "str"}
    how = f"Rebuild it with: mic2025lab data build {entry.name}"
    try:
        if entry.format == "parquet":
            import pyarrow as pa
            from pyarrow.parquet import ParquetFile

            # Texts are read as codes and then written out: half the time.
            with ParquetFile(path, read_dictionary=list(text)) as file:
                names = file.schema_arrow.names
                table = file.read([name for name in names if name in chosen])
            kinds = {field.name: getattr(field.type, "value_type", field.type) for field in table.schema}
            frame = table.cast(pa.schema(kinds)).to_pandas()
        else:
            frame = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
            names = list(frame.columns)
        if names == list(types):
            frame = frame[list(chosen)]
            other = {name: kind for name, kind in chosen.items() if str(frame[name].dtype) != kind}
            return frame.astype(other) if other else frame
    except (OSError, ValueError, TypeError) as error:
        raise TableError(f"{path} cannot be read with the types of the catalog ({error}). {how}") from error
    raise TableError(f"{path} has columns {names}, but the catalog lists {list(types)}. {how}")


def present(table: str, column: str) -> list[Any]:
    """Return the values of a column, each once, without a load that a run would record."""
    return read(entry_of(table), {column})[column].dropna().unique().tolist()


def _matches(column: pd.Series, wanted: Any, table: str, name: str) -> pd.Series:
    if callable(wanted):
        return wanted(column)
    listing = f'lab.load("{table}")["{name}"].unique()'
    present = column.dropna().unique()
    if isinstance(wanted, slice):
        if wanted.step is not None:
            raise LabError(
                f"{name}=slice(..., step={wanted.step!r}): a slice is a range that includes both ends; leave out the step."
            )
        for end in (wanted.start, wanted.stop):
            if end is not None and len(present) and isinstance(end, str) != isinstance(present[0], str):
                raise unknown_name(f"{name} in {table}", end, sorted(present.tolist()), listing=listing)
        matches = column.notna()
        if wanted.start is not None:
            matches &= column >= wanted.start
        if wanted.stop is not None:
            matches &= column <= wanted.stop
        if not matches.any():
            low, high = (shown(end) if end is not None else "…" for end in (wanted.start, wanted.stop))
            there = f"have {min(present)} to {max(present)}" if len(present) else "have none"
            raise UnknownName(f"No {name} in {table} from {low} to {high}; the rows that are left {there}.")
        return matches
    values = list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
    known = set(present)
    for value in values:
        if value not in known:
            raise unknown_name(f"{name} in {table}", value, sorted(present.tolist()), listing=listing)
    return column.isin(values)


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
        Iterate over it for one pandas frame per year; ``collect(columns)`` reads all of it. Metrics return pandas frames.

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


def note(name: str, sha256: str, vintage: str | None, about: dict[str, Any] | None = None) -> None:
    """Record that a table was loaded, in `LOADED` and in the folder of the run (`MIC2025LAB_RUN_DIR`).

    `about` is the entry of a table that the notebook itself has registered, which only its kernel knows.
    """
    LOADED[name] = sha256
    folder = os.environ.get("MIC2025LAB_RUN_DIR")
    if folder:
        line = {"table": name, "sha256": sha256, "vintage": vintage, **({"about": about} if about else {})}
        with (Path(folder) / "loaded.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
