"""Build tables from raw files, so that an interrupted build leaves the last good tables in use.

Tables that the package may redistribute go into the data folder; the others go into the user's own folder and nowhere else.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import durable
from mic2025lab.catalog import diffs, entries, loading, vintages
from mic2025lab.catalog.dataset import Dataset, extent
from mic2025lab.catalog.entries import PACKAGE
from mic2025lab.errors import LabError, TableError, unknown_name
from mic2025lab.sources import TABLES
from mic2025lab.sources.fetch import locate
from mic2025lab.sources.lock import locked
from mic2025lab.sources.source import Origin
from mic2025lab.sources.table import Table

if TYPE_CHECKING:
    import pandas as pd

CATALOG, PREVIOUS, WORK, LOCK = "catalog.json", ".previous", ".build", ".build.lock"


@dataclass(frozen=True)
class Result:
    """The outcome for one table; `changed` is True if its bytes differ from those before."""

    name: str
    file: str
    rows: int
    sha256: str
    changed: bool


def build(
    names: Iterable[str] | None = None,
    *,
    data_dir: Path | str | None = None,
    local_dir: Path | str | None = None,
    mirror: Path | str | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Result]:
    """Build tables from their raw files, check them against their schemas, and put them into their folders.

    A redistributable table goes into the data folder. A table that is not (its license is noncommercial or unclear) goes into
    the user's own folder, `catalog.local_dir()`; it is built only if it is named, and never gets into the data folder or the
    package.

    All tables are built before any is put in place, and `catalog.json` is replaced last. Until then the files that match the
    old catalog are kept in `.previous/`, where `load` finds them: a build that is killed at any point leaves tables that can be
    loaded, and the next build cleans up after it. The same raw files give the same bytes.

    Parameters
    ----------
    names : iterable of str, optional
        Tables to build; by default all redistributable ones. The others do not change.
    data_dir, local_dir : path, optional
        Folders for tables that may and that may not be redistributed; the catalog's folders by default.
    mirror : path, optional
        A folder of raw files; `MIC2025LAB_MIRROR` by default.
    progress : callable, optional
        Called with a line of text for each step.

    Returns
    -------
    list of Result
        One result per table, in the order of the registry.

    Raises
    ------
    UnknownName
        If there is no such table.
    SourceError
        If a raw file cannot be found or is not the expected one.
    TableError
        If a table does not pass its schema; nothing is replaced.
    LabError
        If another build is writing to the same folder.
    """
    tables = chosen(names)
    tell = progress or (lambda line: None)
    data = Path(data_dir).expanduser() if data_dir else entries.data_dir()
    local = Path(local_dir).expanduser() if local_dir else entries.local_dir()
    raw = functools.partial(locate, mirror=mirror)
    places: dict[bool, _Target] = {}
    with ExitStack() as stack:
        for embedded in {table.embedded for table in tables}:
            if not embedded:
                _check_private(local, data)
            places[embedded] = stack.enter_context(_target(data if embedded else local))
        for number, table in enumerate(tables, 1):
            tell(f"[{number}/{len(tables)}] {table.name}")
            place = places[table.embedded]
            frame = table.validated(table(raw))
            write(frame, place.work / table.file)
            place.made[table.name] = _entry(table, frame, place.work / table.file)
        for place in places.values():
            _publish(place)
    results = []
    for table in tables:
        place = places[table.embedded]
        made, before = place.made[table.name], place.before.get(table.name, {})
        changed = before.get("sha256") != made["sha256"]
        results.append(Result(table.name, made["file"], made["rows"], made["sha256"], changed))
        tell(f"{made['file']}: {made['rows']:,} rows, {'changed' if changed else 'unchanged'}")
    return results


def keep_vintage(
    name: str, frame: pd.DataFrame, vintage: str, origin: Origin | Sequence[Origin], *, accept: bool = False
) -> Result:
    """Keep a refreshed table as a vintage beside the older ones, in the user's own folder. A failure changes nothing.

    Parameters
    ----------
    name : str
        The table.
    frame : pandas.DataFrame
        Its new rows, with at least the columns that are not constant.
    vintage : str
        Its name, such as `weo-2026-10`; the column of vintages, if the table has one, gets it.
    origin : Origin or list of Origin
        Where the rows are from, and when they were retrieved.
    accept : bool
        Keep the table although it is not plausible beside the one in use; what is not plausible is then among its warnings.

    Raises
    ------
    UnknownName
        If there is no such table.
    TableError
        If the rows do not pass the table's schema, or are not plausible.
    LabError
        If the vintage is there with other bytes, its name cannot be used, or another build is writing to the folder.
    """
    table = chosen([name])[0]
    now = table.refreshed(vintages.checked_name(name, vintage, table.vintages))
    try:
        frame = now.finished(frame)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise TableError(
            f"The rows of {name} {vintage} are not as its columns say ({error}). Nothing was replaced."
        ) from error
    frame = now.validated(frame)
    known = entries.catalog().get(name)
    doubts = diffs.problems(table, frame, loading.read(known)) if known else []
    if doubts and not accept:
        raise TableError(
            f"{name} {vintage} is not plausible beside the table in use: {'; '.join(doubts)}. Nothing was replaced. "
            "If the producer has really revised it so, keep it with accept=True (--accept)."
        )
    folder = entries.local_dir()
    _check_private(folder, entries.data_dir())
    with _target(folder) as place:
        half = place.work / f"{vintage}.parquet"
        write(frame, half)
        entry = _entry(now, frame, half) | {
            "file": half.name,
            "origins": [*map(dataclasses.asdict, [origin] if isinstance(origin, Origin) else origin)],
            "warnings": [
                *table.warnings,
                *(f"Not plausible beside the table in use: {one}." for one in doubts),
            ],
            "redistributable": table.redistributable,
            "default_vintage": vintage,
            "vintages": [vintage],
        }
        told = folder / name / f"{vintage}.json"
        before = json.loads(told.read_text(encoding="utf-8"))["sha256"] if told.is_file() else None
        if before not in (None, entry["sha256"]):
            raise LabError(
                f"{name} {vintage} is there with other rows (sha256 {before}, now {entry['sha256']}), and a vintage is never "
                f"replaced. Give the new one another name, such as {vintage}-b, or remove {told} first."
            )
        if before is None:
            text = json.dumps(entry, ensure_ascii=False, indent=1) + "\n"
            (place.work / told.name).write_text(text, encoding="utf-8")
            durable.make_folder(told.parent)
            # The entry last: a vintage is there with its entry or not at all.
            for file in (half, place.work / told.name):
                durable.replace(file, told.with_name(file.name))
    return Result(name, f"{name}/{half.name}", len(frame), entry["sha256"], before is None)


@dataclass
class _Target:
    """A folder that a build writes to: the work folder in it, the catalog entries before, and the new ones."""

    folder: Path
    work: Path
    before: dict[str, Any]
    made: dict[str, Any] = dataclasses.field(default_factory=dict)


@contextmanager
def _target(folder: Path) -> Iterator[_Target]:
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / WORK
    with locked(folder / LOCK, f"Another build is writing to {folder}"):
        shutil.rmtree(work, ignore_errors=True)  # left by a build that was killed
        work.mkdir()
        try:
            yield _Target(folder, work, _read_catalog(folder))
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _check_private(folder: Path, data: Path) -> None:
    """Keep tables that may not be redistributed out of the package and out of commits.

    Raises
    ------
    LabError
        If the user's folder is part of the package, or contains or lies in the folder of the redistributable tables.
    """
    own, kept = folder.resolve(), [PACKAGE, PACKAGE.parent / "data", data.resolve()]
    for other in kept:
        if own == other or other in own.parents or own in other.parents:
            raise LabError(
                f"{folder} cannot hold tables that may not be redistributed, because {other} is redistributed. "
                "Set MIC2025LAB_CACHE to a folder outside the project."
            )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def chosen(names: Iterable[str] | None) -> list[Table]:
    """Return the tables of these names, or all redistributable ones, in the order of the registry."""
    if names is None:
        return [table for table in TABLES.values() if table.embedded]
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in TABLES:
            raise unknown_name("table", name, TABLES, listing="lab.datasets()")
    return [table for name, table in TABLES.items() if name in wanted]


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table so that the same rows give the same bytes: CSV (LF, floats in full) or Parquet (zstd, no pandas metadata)."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    floats = [name for name in frame if frame[name].dtype == "float64"]
    narrow = [name for name in frame if name not in floats]
    # Splitting the bytes of numbers makes a file smaller if they rarely repeat and larger if they do; keep the smaller file.
    sizes = {}
    for split in (floats, False):
        sink = pa.BufferOutputStream()
        pq.write_table(
            table,
            sink,
            compression="zstd",
            compression_level=19,
            use_dictionary=narrow,
            use_byte_stream_split=split,
            store_schema=False,
            write_statistics=False,
        )
        written = sink.getvalue()
        sizes[len(written)] = written
    path.write_bytes(sizes[min(sizes)])


def _entry(table: Table, frame: pd.DataFrame, path: Path) -> dict[str, Any]:
    vintage_column, default_vintage = table.vintage or (None, None)
    return Dataset.from_table(
        table,
        coverage={column: extent(frame[column]) for column in table.coverage},
        observed=_last_observed(frame, table.origins()) if "year" in table.coverage else None,
        rows=len(frame),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        warnings=tuple(table.all_warnings(frame)),
        default_vintage=default_vintage,
        vintages=table.vintages,
        vintage_column=vintage_column,
    ).entry()


def _last_observed(frame: pd.DataFrame, origins: Sequence[Origin]) -> int:
    """Return the last year with a row that is not ahead of its source; of a table that tells them apart, with a verified one."""
    there = frame["year"] <= max(int(origin.retrieved[:4]) for origin in origins)
    if "flag" in frame:
        there &= ~frame["flag"].isin(("forecast", "projection"))
    if "verified" in frame and frame["verified"].eq("yes").any():
        there &= frame["verified"].eq("yes")
    return int(frame.loc[there, "year"].max())


# Publishing: the old files are kept aside, the new ones moved in, and the catalog replaced last.


def _read_catalog(folder: Path) -> dict[str, Any]:
    path = folder / CATALOG
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["tables"])
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise LabError(
            f"{path} cannot be read ({error}). Restore the last good one, or remove it and build all tables."
        ) from error


def _publish(place: _Target) -> None:
    folder, made, before = place.folder, place.made, place.before
    for name in made.keys() & before.keys():
        _keep(folder, before[name])
    for entry in made.values():
        durable.replace(place.work / entry["file"], folder / entry["file"])
    text = {"format": 1, "tables": dict(sorted({**before, **made}.items()))}
    new = place.work / CATALOG
    new.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    durable.replace(new, folder / CATALOG)
    shutil.rmtree(folder / PREVIOUS, ignore_errors=True)
    for name, entry in made.items():  # remove the old file of a table whose format has changed
        for kind in {"csv", "parquet"} - {entry["format"]}:
            (folder / f"{name}.{kind}").unlink(missing_ok=True)


def _keep(folder: Path, entry: dict[str, Any]) -> None:
    """Copy the file that matches the catalog to `.previous/`, unless an interrupted build has already put it there."""
    path, previous = folder / entry["file"], folder / PREVIOUS
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() == entry["sha256"]:
        durable.write(previous / path.name, content)
