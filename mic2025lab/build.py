"""Build tables from raw files, so that a build that breaks off leaves the last good tables in use.

What the package may pass on goes into the data folder; what it may not goes to the user's own folder, and nowhere else.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import catalog
from mic2025lab.catalog import PACKAGE
from mic2025lab.errors import LabError, TableError, unknown_name
from mic2025lab.sources import TABLES, locate
from mic2025lab.sources.base import Table

if TYPE_CHECKING:
    import pandas as pd

CATALOG, PREVIOUS, WORK = "catalog.json", ".previous", ".build"
_LISTED = 30  # a column with more values than this has their number in the coverage, not their names


@dataclass(frozen=True)
class Result:
    """What became of a table: `changed` says whether its bytes are others than before."""

    name: str
    file: str
    rows: int
    bytes: int
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

    A table that may be passed on goes into the data folder. One that may not (its licence is non-commercial or unclear) goes to the
    user's own folder, `catalog.local_dir()`, is built only if it is named, and never gets into the data folder or the package.

    All tables are built before any is put in place, and `catalog.json` is replaced last. Until then the files that the old catalogue
    vouches for are kept in `.previous/`, where `load` finds them: a build that is killed at any point leaves tables that can be loaded,
    and the next build clears up after it. The same raw files give the same bytes.

    Parameters
    ----------
    names : iterable of str, optional
        Tables to build; by default all that may be passed on. The others stay as they are.
    data_dir, local_dir : path, optional
        Where to put what may be passed on and what may not; the catalogue's folders by default.
    mirror : path, optional
        A folder of raw files; `MIC2025LAB_MIRROR` by default.
    progress : callable, optional
        Called with a line of text for each step.

    Returns
    -------
    list of Result
        A result a table, in the order of the registry.

    Raises
    ------
    UnknownName
        If there is no such table.
    SourceError
        If a raw file is not to be had, or is not the one expected.
    TableError
        If a table does not pass its schema; nothing is replaced.
    """
    tables = _chosen(names)
    tell = progress or (lambda line: None)
    data = Path(data_dir).expanduser() if data_dir else _default_folder()
    local = Path(local_dir).expanduser() if local_dir else catalog.local_dir()
    raw = functools.partial(locate, mirror=mirror)
    places: dict[Path, _Place] = {}
    home: dict[str, Path] = {}
    with ExitStack() as stack:
        for number, table in enumerate(tables, 1):
            tell(f"[{number}/{len(tables)}] {table.name}")
            folder = home[table.name] = data if table.embedded else local
            if folder not in places:
                if not table.embedded:
                    _private(folder, data)
                places[folder] = stack.enter_context(_place(folder))
            place = places[folder]
            frame = _validated(table, table.build(raw))
            write(frame, place.work / table.file)
            place.made[table.name] = _entry(table, frame, place.work / table.file)
        for place in places.values():
            _publish(place.folder, place.work, place.before, place.made)
    results = [_result(places[home[table.name]], table.name) for table in tables]
    for result in results:
        tell(
            f"{result.file}: {result.rows:,} rows, {result.bytes:,} bytes, {'changed' if result.changed else 'as before'}"
        )
    return results


@dataclass
class _Place:
    """A folder that a build writes to: where it works, what was there, and what it has made."""

    folder: Path
    work: Path
    before: dict[str, Any]
    made: dict[str, Any] = dataclasses.field(default_factory=dict)


@contextmanager
def _place(folder: Path) -> Iterator[_Place]:
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder), _workplace(folder / WORK) as work:
        yield _Place(folder, work, _read_catalog(folder))


def _private(folder: Path, data: Path) -> None:
    """See to it that what may not be passed on gets neither into the package nor into a commit.

    Raises
    ------
    LabError
        If the user's folder is a part of the package, or holds or lies in the folder of the tables that are passed on.
    """
    own, kept = folder.resolve(), [PACKAGE, PACKAGE.parent / "data", data.resolve()]
    for other in kept:
        if own == other or other in own.parents or own in other.parents:
            raise LabError(
                f"{folder} is no place for tables that may not be passed on: {other} is part of what is. "
                "Set MIC2025LAB_CACHE to a folder outside the project."
            )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _default_folder() -> Path:
    """Give the catalogue's folder, or, in a checkout that has no catalogue yet, its `data/`."""
    checkout = PACKAGE.parent
    fresh = not os.environ.get("MIC2025LAB_DATA") and (checkout / "pyproject.toml").is_file()
    return checkout / "data" if fresh else catalog.data_dir()


def _chosen(names: Iterable[str] | None) -> list[Table]:
    if names is None:
        return [table for table in TABLES.values() if table.embedded]
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in TABLES:
            raise unknown_name("table", name, TABLES)
    return [table for name, table in TABLES.items() if name in wanted]


def _validated(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    import pandera.errors

    from mic2025lab.schemas import SCHEMAS

    try:
        return SCHEMAS[table.name].validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases.head(10).to_string(index=False)
        raise TableError(
            f"The table {table.name!r} does not pass its schema (mic2025lab/schemas); nothing was replaced. First cases:\n{cases}"
        ) from errors


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table so that the same rows give the same bytes: CSV (LF, floats in full) or Parquet (zstd, no pandas metadata)."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    text = [
        field.name
        for field in table.schema
        if pa.types.is_large_string(field.type) or pa.types.is_string(field.type)
    ]
    fields = [pa.field(f.name, pa.string()) if f.name in text else f for f in table.schema]
    table = table.cast(pa.schema(fields))
    narrow = [name for name in frame if name in text or frame[name].dtype != "float64"]
    floats = [name for name in frame if name not in narrow]
    # Splitting the bytes of numbers helps where they seldom repeat and hurts where they do: the smaller one is kept.
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
    from mic2025lab.schemas import columns

    return {
        "title": table.title,
        "description": table.description,
        "file": table.file,
        "format": table.format,
        "unit": table.unit,
        "columns": columns(table.name),
        "key": list(table.key),
        "coverage": {column: _extent(frame[column]) for column in table.coverage},
        "origins": [dataclasses.asdict(origin) for origin in table.origins()],
        "built_by": table.built_by,
        "rows": len(frame),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "warnings": [*table.warnings, *table.findings(frame)],
        "redistributable": table.redistributable,
        "default_vintage": table.default_vintage,
        "vintages": list(table.vintages),
        "vintage_column": table.vintage_column,
    }


def _extent(column: pd.Series) -> Any:
    values = sorted(column.dropna().unique().tolist())
    if column.name in ("year", "period"):
        return [values[0], values[-1]]
    return values if len(values) <= _LISTED else len(values)


def _result(place: _Place, name: str) -> Result:
    entry = place.made[name]
    changed = place.before.get(name, {}).get("sha256") != entry["sha256"]
    size = (place.folder / entry["file"]).stat().st_size
    return Result(name, entry["file"], entry["rows"], size, entry["sha256"], changed)


# Publishing: the old files aside, the new ones in, the catalogue last.


def _read_catalog(folder: Path) -> dict[str, Any]:
    path = folder / CATALOG
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["tables"])
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise LabError(
            f"{path} cannot be read ({error}). Put the last good one back, or remove it and build all tables."
        ) from error


def _publish(folder: Path, work: Path, before: dict[str, Any], made: dict[str, Any]) -> None:
    previous = folder / PREVIOUS
    for name in made:
        if name in before:
            _keep(folder, previous, before[name])
    for entry in made.values():
        _sync(work / entry["file"])
        os.replace(work / entry["file"], folder / entry["file"])
    text = {"format": 1, "tables": dict(sorted({**before, **made}.items()))}
    new = work / CATALOG
    new.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    _sync(new)
    os.replace(new, folder / CATALOG)
    shutil.rmtree(previous, ignore_errors=True)
    for name, entry in made.items():  # a table that has changed its format leaves its old file behind
        for kind in {"csv", "parquet"} - {entry["format"]}:
            (folder / f"{name}.{kind}").unlink(missing_ok=True)


def _keep(folder: Path, previous: Path, entry: dict[str, Any]) -> None:
    """Copy the file that the catalogue vouches for to `.previous/`, unless a build that broke off has put it there."""
    path = folder / entry["file"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        return
    previous.mkdir(exist_ok=True)
    half = previous / (entry["file"] + ".part")
    shutil.copyfile(path, half)
    os.replace(half, previous / entry["file"])


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    shutil.rmtree(folder, ignore_errors=True)  # of a build that was killed; there is no other, see _alone
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the data folder: two builds at once would mix their files. The lock goes with the process."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise LabError(f"Another build is writing to {folder}. Wait until it is done.") from error
    finally:
        os.close(handle)
