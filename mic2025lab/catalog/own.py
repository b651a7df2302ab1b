"""The user's own tables: registered in this process (`register`), or named under `tables:` in the project's `mic2025lab.yml`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import own_files, project
from mic2025lab.catalog.dataset import Dataset, extent
from mic2025lab.catalog.stores import SCANNED
from mic2025lab.errors import LabError, TableError, shown, unknown_name
from mic2025lab.sources.source import Origin

if TYPE_CHECKING:
    import pandas as pd

#: Settings of a table, with their types.
_SETTINGS = {"file": str, "columns": dict, "unit": str, "license": str, "title": str, "share": bool}

_registered: dict[str, tuple[Dataset, pd.DataFrame] | dict[str, Any]] = {}


def register(
    name: str,
    source: str | Path | pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    unit: str = "",
    license: str = "",
    title: str = "",
    share: bool = False,
) -> Dataset:
    """Give a table of your own a name, so that `load`, `describe`, `datasets`, and runs know it as they know the package's.

    The name is known in this process. To make it known to every command of a project, write the same under `tables:` in
    `mic2025lab.yml`. A run's id depends on the content of the table, and its rows are in no archive that `mic2025lab share` makes,
    unless `share` is true. Tables and figures that a run records are results, and stay in the archive.

    Parameters
    ----------
    name : str
        A new name: small letters, digits, and underscores.
    source : path or DataFrame
        CSV or other text with separators, Parquet, Excel, Stata, SPSS, or a frame. A path is relative to the working folder, or else to
        the project.
    columns : mapping, optional
        Our name -> the name in the source, such as ``{"economy": "Country", "value": "Exports"}``. Columns that have our names
        (`economy`, `exporter`, `importer`, `product`, `industry`, `year`, `value`, ...) need not be given.
    unit : str
        Unit of `value`, such as ``"million USD"``, if there is no column `unit`.
    license, title : str
        For labels, source lines, and lists.
    share : bool
        Whether archives may hold the rows.

    Returns
    -------
    Dataset
        Its description, with the columns as they were read, and what was unusual about the file as warnings.

    Raises
    ------
    TableError
        If the table cannot be read, or a value is wrong: an unknown economy or code of the HS, a year that is not whole, text among
        numbers, a key that occurs twice. `mic2025lab data check FILE` lists every row.
    LabError
        If the name is one of the package's tables, or cannot be a name.

    Examples
    --------
    A file with names of its own:

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "exports.csv"
    >>> text = "Country;Sector;Year;Exports\\nChina;cars;2015;1.234,5\\nWorld;cars;2015;9.000,0\\n"
    >>> _ = file.write_text(text)
    >>> names = {"economy": "Country", "industry": "Sector", "year": "Year", "value": "Exports"}
    >>> about = register("my_exports", file, columns=names, unit="million USD", title="Exports of cars")
    >>> about.warnings
    ('columns are separated by semicolons', 'value: decimal commas', 'economy: China is read as CHN, and 1 more alike')
    >>> load_own("my_exports")
      economy industry  year   value
    0     CHN     cars  2015  1234.5
    1     WLD     cars  2015  9000.0

    In a notebook: ``lab.load("my_exports", year=2015)``, or
    ``mic2025lab run market_share_shifts -p table=my_exports``.
    """
    _check_name(name)
    given = {"columns": columns, "unit": unit, "license": license, "title": title, "share": share}
    settings = {key: value for key, value in given.items() if value}
    project.check_settings(settings, _SETTINGS, f"table {name}")
    if not isinstance(source, str | os.PathLike):
        convert: Any = getattr(source, "to_pandas", None)  # Polars and Arrow have it
        if convert is None and not hasattr(source, "set_axis"):
            raise LabError(f"{shown(source)} is not a table; give the path of a file or a frame.")
        frame = source if convert is None else convert()
        read = _registered[name] = _checked(name, frame, "a frame", "", settings)
        return read[0]
    home = project.find()
    inside = home is not None and not Path(source).exists() and (home.root / source).exists()
    path = own_files.locate(str(home.root / source if home and inside else source), parameter=False)
    if own_files.undeclared(path):
        raise TableError(
            f"{own_files.name_of(path)} is registered in a run, which does not know the file. Give it as a parameter of the notebook, or name "
            "the table in mic2025lab.yml."
        )
    read = _read_file(name, path, settings)
    _registered[name] = {"file": str(path), **settings}
    return read[0]


def _check_name(name: str) -> None:
    from mic2025lab.sources import TABLES

    if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise LabError(
            f"{shown(name)} cannot name a table; use small letters, digits, and underscores: my_exports."
        )
    if name in TABLES or name in SCANNED or name == "embedded":
        raise LabError(f"{name!r} is a table of the package. Choose another name, such as my_{name}.")


def _all() -> dict[str, Any]:
    """Return every own table with its settings: of the project, of the run whose kernel this is, and of this process."""
    own = project.find()
    settings: dict[str, Any] = {}
    if own is not None:
        for name, entry in own.tables.items():
            settings[name] = {**entry, "file": str(own.root / Path(entry["file"]).expanduser())}
    return {**settings, **own_files.tables(), **_registered}


def names() -> list[str]:
    """List the user's own tables."""
    return sorted(_all())


def find(name: str) -> tuple[Dataset, pd.DataFrame] | None:
    """Return the description of an own table and its rows, which are not to be changed; None if there is no such table.

    Raises
    ------
    TableError
        If its file has problems, or has changed since the run was requested.
    """
    settings = _all().get(name)
    if not isinstance(settings, dict):
        return settings
    settings, then = {k: v for k, v in settings.items() if k != "sha256"}, settings.get("sha256")
    _check_name(name)
    project.check_settings(settings, _SETTINGS, f"table {name}")
    path = own_files.locate(settings["file"], parameter=False)
    read = _read_file(name, path, {key: value for key, value in settings.items() if key != "file"})
    if then and read[0].origins[0].sha256 != {own_files.name_of(path): then}:
        raise TableError(f"{path.name} has changed since this run was requested; run it again.")
    return read


def load_own(name: str) -> pd.DataFrame:
    """Return a copy of the rows of an own table."""
    if found := find(name):
        return found[1].copy()
    raise unknown_name("own table", name, names())


def request(name: str) -> dict[str, Any] | None:
    """Return what the kernel of a run needs to read an own table: its path, sha256, and settings; None if there is no such table.

    Raises
    ------
    LabError
        If the table was registered from a frame, which only this process has.
    """
    settings = _all().get(name)
    if settings is None:
        return None
    if not isinstance(settings, dict):
        raise LabError(
            f"Table {name!r} was registered from a frame, which a run cannot see. Save it (frame.to_parquet('{name}.parquet')) and "
            "register the file."
        )
    path = own_files.locate(settings["file"], parameter=False)
    settings = {**settings, "file": str(path)}
    return {"path": str(path), "sha256": own_files.digest(path), "table": name, "settings": settings}


def adopt(files: Mapping[str, Mapping[str, Any]]) -> None:
    """Register the own tables of a request that was made in another process."""
    for file in files.values():
        if "table" in file and file["table"] not in _all():
            _registered[file["table"]] = file["settings"]


def columns_of(path: Path) -> dict[str, str]:
    """Return the columns that are given for a file, if it is one of an own table."""
    given = (one for one in _all().values() if isinstance(one, dict) and Path(one["file"]).absolute() == path)
    return dict(next(given, {}).get("columns", {}))


def in_process(name: str) -> bool:
    """Return True if a table is known to this process alone."""
    return name in _registered


def entries() -> dict[str, Dataset]:
    """Describe every own table that can be read; a warning names the others."""
    import warnings

    described: dict[str, Dataset] = {}
    for name in names():
        try:
            if found := find(name):
                described[name] = found[0]
        except LabError as error:
            warnings.warn(f"Table {name!r} of yours is left out: {error}", stacklevel=3)
    return described


def as_csv(name: str) -> bytes:
    """Return an own table as the CSV file that its sha256 is of."""
    return _bytes(load_own(name))


def _read_file(name: str, path: Path, settings: Mapping[str, Any]) -> tuple[Dataset, pd.DataFrame]:
    status = path.stat()
    return _cached(name, path, status.st_mtime_ns, status.st_size, json.dumps(settings, sort_keys=True))


@lru_cache(maxsize=16)
def _cached(name: str, path: Path, changed: int, size: int, settings: str) -> tuple[Dataset, pd.DataFrame]:
    # `changed` and `size` are in the key so that an edited file is read again.
    return _checked(name, path, own_files.name_of(path), own_files.digest(path), json.loads(settings))


def _checked(
    name: str, source: Path | pd.DataFrame, file: str, digest: str, settings: Mapping[str, Any]
) -> tuple[Dataset, pd.DataFrame]:
    from mic2025lab import own_tables  # with the classifications, which other tables do without

    columns = {str(ours): str(theirs) for ours, theirs in settings.get("columns", {}).items()}
    checked = own_tables.read(source, columns, file)
    own_tables.refuse(checked, file)
    table, unit = checked.table, settings.get("unit", "")
    units = sorted(table["unit"].dropna().unique()) if "unit" in table else []
    if unit and units not in ([], [unit]):
        raise TableError(
            f"{file} has the column unit with {', '.join(units)}, but unit is {unit!r}. Leave out unit."
        )
    unit = unit or ("by row" if len(units) > 1 else "".join(units))
    unknown = "value" in table and not unit
    warnings = [*checked.notes, *["no unit is given; name it with unit=..."] * unknown]
    license = settings.get("license") or "not stated"
    title = settings.get("title") or f"Own table {name}"
    origin = Origin(
        producer=f"Own data ({file})", title=title, version=digest[:12] or "in memory", url=None, license=license,
        redistributable="yes" if settings.get("share") else "unclear", citation=f"{title}. {file}.", retrieved="",
        sha256={file: digest} if digest else {},
    )  # fmt: skip
    covered = [c for c in checked.key if table[c].notna().any() and (c == "year" or _kind(table[c]) == "str")]

    def about(column: str) -> dict[str, str]:
        text = f"column {columns[column]!r} of {file}" if column in columns else ""
        return {"dtype": _kind(table[column]), "description": text, "unit": unit if column == "value" else ""}

    dataset = Dataset(
        name=name,
        title=title,
        description=f"The user's own table, read from {file}.",
        file=f"{name}.csv",
        format="own",
        unit=unit,
        columns={name: about(name) for name in map(str, table)},
        key=checked.key,
        coverage={c: extent(table[c]) for c in covered},
        origins=(origin,),
        built_by="mic2025lab.catalog.own:register",
        rows=len(table),
        sha256=sha256(_bytes(table)).hexdigest(),
        warnings=tuple(warnings),
        redistributable=origin.redistributable,
    )
    return dataset, table


def _kind(column: pd.Series) -> str:
    return {"f": "float64", "i": "int64", "b": "bool"}.get(column.dtype.kind, "str")


def _bytes(table: pd.DataFrame) -> bytes:
    import io

    import pyarrow as pa
    from pyarrow import csv

    made = io.BytesIO()
    csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), made)
    return made.getvalue()
