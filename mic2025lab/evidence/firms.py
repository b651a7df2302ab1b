"""The panel of firms that the firm-level analyses read: a file of the user's own, or one that is simulated and says so.

No data on firms come with the package. A file stays where it is: what a run keeps of it is its name, its sha256 and the
results, and the folder it lies in is known to the kernel alone (`FILES`).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mic2025lab.errors import LabError, ParameterError, TableError, nearest, shown, unknown_name
from mic2025lab.evidence._words import counted

#: The path that stands for the simulated panel.
SIMULATED = "simulated"
#: Variable that tells a kernel, which works in another folder, where the files of its run are and what is in them:
#: {path as recorded: {"path", "sha256"}}.
FILES = "MIC2025LAB_FILES"
#: Endings of the files that are read.
ENDINGS = (".csv", ".csv.gz", ".parquet")
#: Our names of the columns, which are those the models take by default; text: the others are numbers.
TEXT = ("firm", "industry", "ownership", "indicator")
NAMES = (
    *TEXT, "year", "age", "value_added", "labor", "wage_bill", "capital", "materials", "investment", "debt", "assets",
    "interest", "profit", "ebit", "subsidy", "tobins_q", "short_debt", "long_debt", "bonds",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Firms:
    """A panel of firms and where it is from.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a firm and year under our names (`NAMES`); firm and industry are text, year is a whole number, what was
        asked for is numbers, missing where the file has nothing. Other columns are as in the file.
    simulated : bool
        True: no row says anything about any firm, and every table, figure and file name made of it must say so.
    label : str
        The panel in a few words, for the foot of a figure.
    name : str
        File name without its folder, or "simulated".
    sha256 : str or None
        Of the file; None if there is none.
    notes : list of str
        What was left out or changed in reading.
    """

    table: Any
    simulated: bool
    label: str
    name: str
    sha256: str | None
    notes: list[str]

    def named(self, name: str) -> str:
        """Name a recorded table or figure: made of simulated firms, its name begins with it.

        Examples
        --------
        >>> panel("simulated", {}, ["firm"]).named("elasticities")
        'simulated_elasticities'
        """
        return f"simulated_{name}" if self.simulated else name

    def says(self, text: str) -> str:
        """Begin a title, caption or sentence with "Simulated" if it is of simulated firms."""
        return f"Simulated firms: {text}" if self.simulated else text


def mapping(columns: Sequence[str]) -> dict[str, str]:
    """Read a list of "ours=theirs" as a mapping from our names to the file's.

    Raises
    ------
    ParameterError
        If an item is not of that form, or names one of ours twice.

    Examples
    --------
    >>> mapping(["firm=id", "year=anno"])
    {'firm': 'id', 'year': 'anno'}
    """
    found: dict[str, str] = {}
    for item in columns:
        ours, sign, theirs = (part.strip() for part in item.partition("="))
        if not (ours and sign and theirs):
            raise ParameterError(
                f"columns holds {shown(item)}; write each as ours=theirs, for example columns=firm=id,year=anno."
            )
        if ours in found:
            raise ParameterError(
                f"columns names {shown(ours)} twice ({found[ours]} and {theirs}); name it once."
            )
        found[ours] = theirs
    return found


def locate(path: str) -> Path:
    """Find a file: where the run says it is (`FILES`), else at the path itself.

    Raises
    ------
    ParameterError
        If its ending is not one that is read, or there is no such file.
    """
    if not path.lower().endswith(ENDINGS):
        raise ParameterError(
            f"path = {shown(path)} does not end in {', '.join(ENDINGS)}; give a file of one of these kinds, or leave path out."
        )
    file = Path(_told(path).get("path", path)).expanduser()
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is not a file that exists"
        near = nearest(file.name, _beside(file))
        hint = f" Did you mean {near!r}, which is in the same folder?" if near else ""
        raise ParameterError(f"path = {shown(path)} {what}.{hint} Give a file, or leave path out.")
    return file.absolute()


def _told(path: str) -> dict[str, str]:
    """Look up what the run says of a file."""
    told: dict[str, dict[str, str]] = json.loads(os.environ.get(FILES) or "{}")
    return told.get(path, {})


def _beside(file: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in file.parent.iterdir() if entry.name.lower().endswith(ENDINGS))
    except OSError:  # no such folder, or one that may not be read: there is nothing to suggest
        return []


def digest(file: Path) -> str:
    """Give the sha256 of a file."""
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def problems(path: str, columns: Sequence[str], needs: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with a path and its mapping before anything is run, one line each; only the file's header is read.

    Parameters
    ----------
    path : str
        A file, or "simulated".
    columns : list of str
        "ours=theirs" each.
    needs : list of str
        Our names of the columns that the analysis cannot do without.
    """
    try:
        ours = mapping(columns)
        if path == SIMULATED:
            if ours:
                yield f"columns = {shown(list(columns))} renames a file's columns, and path = 'simulated' has none to rename; leave it out."
            else:
                _check_simulated(list(_simulated(2025, n_firms=2).columns), needs)
            return
        file = locate(path)
        _check_columns(_header(file), ours, needs, file.name)
    except LabError as error:
        yield str(error)


def base_year_problems(path: str, columns: Sequence[str], base_year: int) -> Iterator[str]:
    """Say that a base year has no year of the panel before or after it; only the column of the year is read."""
    try:
        years = _years(path, mapping(columns))
    except LabError as error:
        yield str(error)
        return
    if not years.min() < base_year < years.max():
        name = "the simulated panel" if path == SIMULATED else locate(path).name
        yield (
            f"base_year = {base_year} does not lie inside {name}, which has {years.min():.0f} to {years.max():.0f}; "
            "choose a year between them."
        )


def _years(path: str, columns: Mapping[str, str]) -> Any:
    if path == SIMULATED:
        return _simulated(2025, n_firms=2)["year"]
    file, theirs = locate(path), columns.get("year", "year")
    years = _numbers(_read(file, columns, only=[theirs])[theirs], "year", file.name).dropna()
    if years.empty:
        raise TableError(f"{file.name} has no row with a year.")
    return years


def panel(
    path: str,
    columns: Mapping[str, str],
    needs: Sequence[str],
    *,
    seed: int = 2025,
    min_firms: int = 2,
    min_years: int = 2,
) -> Firms:
    """Read a panel of firms, under the names that the models take by default.

    Parameters
    ----------
    path : str
        "simulated", or a .csv, .csv.gz or .parquet file with a row for each firm and year. Text is UTF-8, columns of a CSV are
        separated by commas.
    columns : mapping
        Our name -> the file's name, for the columns that are called otherwise. One column of the file may serve twice.
    needs : list of str
        Our names of the columns that must be there. Other names than `NAMES` may be asked for as well.
    seed : int
        Of the simulated panel.
    min_firms, min_years : int
        With fewer there is nothing to compare.

    Returns
    -------
    Firms
        A row without firm or year is left out and infinite numbers become missing; `notes` says so. Other missing values are
        left to the models.

    Raises
    ------
    ParameterError
        A path or a mapping that is wrong.
    TableError
        A file that cannot be read, a column that is not there or holds something else than numbers, two rows for a firm and
        year, no row, too few firms or years.

    Examples
    --------
    >>> firms = panel("simulated", {}, ["firm", "year", "value_added"])
    >>> firms.simulated, firms.label
    (True, 'Simulated panel, seed 2025: not real firms')
    """
    notes: list[str] = []
    if path == SIMULATED:
        table, name, mark = _simulated(seed), SIMULATED, None
        _check_simulated(list(table.columns), needs)
    else:
        file = locate(path)
        name, mark = file.name, digest(file)
        if _told(path).get("sha256", mark) != mark:
            raise TableError(f"{name} has changed since this run was asked for; run it again.")
        _check_columns(_header(file), columns, needs, name)
        table = _renamed(_read(file, columns), columns, notes)
    table = _clean(table, needs, name, notes)
    for what, least in (("firm", min_firms), ("year", min_years)):
        found = table[what].nunique() if what in needs else least
        if found < least:
            raise TableError(
                f"{name} has {counted(found, what)}, and the analysis needs at least {least}; "
                f"is {what!r} the right column? Name another with columns={what}=…"
            )
    # A file may hold simulated firms too: its rows say so.
    marks = table["simulated"].astype(str).str.lower() if "simulated" in table else None
    simulated = marks is not None and bool(marks.isin(["true", "1", "1.0"]).any())
    if path == SIMULATED:
        label = f"Simulated panel, seed {seed}: not real firms"
    else:
        label = f"{name}: {_extent(table, needs)}" + (", simulated: not real firms" if simulated else "")
    return Firms(table, simulated, label, name, mark, notes)


def _extent(table: Any, needs: Sequence[str]) -> str:
    firms = [f"{table['firm'].nunique():,} firms"] if "firm" in needs else []
    years = [f"{table['year'].min()}–{table['year'].max()}"] if "year" in needs else []
    return ", ".join([*firms, *years]) or f"{len(table):,} rows"


def _simulated(seed: int, n_firms: int = 500) -> Any:
    from mic2025lab import models

    return models.simulated_firms(n_firms=n_firms, seed=seed)


def _check_simulated(have: Sequence[str], needs: Sequence[str]) -> None:
    for lost in [name for name in needs if name not in have]:
        raise unknown_name("column", lost, have, of="the simulated panel", error=ParameterError)


def _header(file: Path) -> list[str]:
    """List the columns of a file."""
    import pandas as pd
    import pyarrow.parquet as pq

    with _reading(file):
        if file.name.lower().endswith(".parquet"):
            return [str(name) for name in pq.read_schema(file).names]
        return [str(name) for name in pd.read_csv(file, nrows=0).columns]


def _read(file: Path, columns: Mapping[str, str], only: list[str] | None = None) -> Any:
    import pandas as pd

    with _reading(file):
        if file.name.lower().endswith(".parquet"):
            return pd.read_parquet(file, columns=only)
        # Numbers of firms are names: 0042 is not 42.
        text = {columns.get(name, name): "str" for name in TEXT}
        return pd.read_csv(file, dtype=text, usecols=only, low_memory=False)


class _reading:
    """Turn what goes wrong in reading a file into words."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError | EOFError | ValueError | zlib.error):
            why = (
                str(error).splitlines()[0].replace(str(self.file), self.file.name)
                if str(error)
                else kind.__name__
            )
            raise TableError(
                f"{self.file.name} cannot be read: {why}. It must be a table in UTF-8 with commas and a header (.csv, .csv.gz), or Parquet."
            ) from error


def _check_columns(have: Sequence[str], columns: Mapping[str, str], needs: Sequence[str], name: str) -> None:
    known = list(dict.fromkeys([*needs, *NAMES]))
    for ours, theirs in columns.items():
        if ours not in known:
            raise unknown_name(
                "column", ours, known, of="ours (the left of ours=theirs)", error=ParameterError
            )
        if theirs not in have:
            raise unknown_name("column", theirs, have, of=name, error=ParameterError)
    lost = [ours for ours in needs if ours not in columns and ours not in have]
    if lost:
        hint = ""
        if len(have) == 1 and any(sign in have[0] for sign in ";\t|"):
            hint = f" Its only column is {shown(have[0])}: separate the columns by commas."
        example = ",".join(f"{ours}={nearest(ours, have) or '…'}" for ours in lost)
        raise TableError(
            f"{name} has no column {', '.join(map(repr, lost))}.{hint} Say which of its columns to take with "
            f"columns={example}. It has: {', '.join(have) or 'none'}."
        )


def _renamed(table: Any, columns: Mapping[str, str], notes: list[str]) -> Any:
    table.columns = [str(name) for name in table.columns]
    # A column may serve twice (materials=inv, investment=inv), so that this is no rename.
    chosen = {ours: table[theirs] for ours, theirs in columns.items()}
    hidden = [ours for ours, theirs in columns.items() if ours in table and ours != theirs]
    if hidden:
        notes.append(f"the file's own {', '.join(hidden)} gave way to the columns named instead")
    return table.assign(**chosen)


def _clean(table: Any, needs: Sequence[str], name: str, notes: list[str]) -> Any:
    import numpy as np
    import pandas as pd

    table = table.copy()
    for column in [c for c in TEXT if c in table]:
        table[column] = _text(table[column])
    keys = [c for c in ("firm", "year") if c in needs]
    for column in [c for c in needs if c not in TEXT]:
        table[column] = _numbers(table[column], column, name)
        infinite = np.isinf(table[column])
        if infinite.any():
            notes.append(f"{column} is infinite in {counted(int(infinite.sum()), 'row')}, taken as missing")
            table[column] = table[column].mask(infinite)
    lost = table[keys].isna().any(axis=1)
    if lost.any():
        notes.append(f"left out: {counted(int(lost.sum()), 'row')} without {' or '.join(keys)}")
        table = table[~lost]
    if table.empty:
        raise TableError(f"{name} has no row{' with a firm and a year' if lost.any() else ''}.")
    if "year" in keys:
        odd = table["year"][table["year"] % 1 != 0]
        if len(odd):
            raise TableError(f"Column 'year' of {name} holds {_some(odd)}; years must be whole numbers.")
        table["year"] = table["year"].astype("int64")
    if len(keys) == 2:
        twice = table[table.duplicated(keys, keep=False)]
        if len(twice):
            firm, year = twice.iloc[0][keys]
            raise TableError(
                f"{name} has {len(twice)} rows whose firm and year come more than once, first {firm!r} in {year}; keep one row a "
                "firm and year, or name the column that tells the firms apart with columns=firm=…"
            )
    return table.reset_index(drop=True) if isinstance(table, pd.DataFrame) else table


def _text(column: Any) -> Any:
    import pandas as pd

    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")  # 42.0 was a 42 beside a missing value
    return column.astype("str").where(column.notna())


def _numbers(column: Any, ours: str, name: str) -> Any:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.astype("float64")
    numbers = pd.to_numeric(column.astype("str").where(column.notna()), errors="coerce")
    wrong = column[numbers.isna() & column.notna()]
    if len(wrong):
        raise TableError(
            f"Column {ours!r} of {name} must hold numbers, and {len(wrong)} of {len(column)} rows hold something else: {_some(wrong)}."
        )
    return numbers.astype("float64")


def _some(values: Any) -> str:
    return ", ".join(f"{shown(value, 30)} (row {at + 1})" for at, value in values.head(3).items())
