"""Find, check, and read the user's own files: text as spreadsheets write it, Parquet, Excel, Stata, and SPSS.

A file stays where it is. A run records its name and sha256; only the kernel of the run knows its folder, through the variable `FILES`.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import own_text
from mic2025lab.errors import ParameterError, TableError, nearest, shown

if TYPE_CHECKING:
    import pandas as pd

#: Environment variable with the paths and sha256 of a run's files, as JSON: {name in the parameters: {"path", "sha256"}}; the file of an
#: own table has the "table" and its "settings", too.
FILES = "MIC2025LAB_FILES"
#: Supported kinds of files.
ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".xlsx", ".dta", ".sav")


def parse_columns(columns: Sequence[str]) -> dict[str, str]:
    """Parse a list of "ours=theirs" into a mapping from our column names to the file's.

    Raises
    ------
    ParameterError
        If an item has another form, or one of our names occurs twice.

    Examples
    --------
    >>> parse_columns(["firm=id", "year=anno"])
    {'firm': 'id', 'year': 'anno'}
    """
    names: dict[str, str] = {}
    for item in columns:
        ours, sign, theirs = (part.strip() for part in item.partition("="))
        if not (ours and sign and theirs):
            raise ParameterError(
                f"columns includes {shown(item)}; write each as ours=theirs, for example columns=firm=id,year=anno."
            )
        if ours in names:
            raise ParameterError(
                f"columns names {shown(ours)} twice ({names[ours]} and {theirs}); name it once."
            )
        names[ours] = theirs
    return names


def locate(path: str, *, parameter: bool = True) -> Path:
    """Return the absolute path of a file: the one recorded for this run in `FILES`, else `path` itself.

    `parameter` says whether it is the value of the parameter `path` of an analysis, for messages.

    Raises
    ------
    ParameterError
        If the file has another ending than `ENDINGS`, or does not exist. The message names a similar file in the folder.
    """
    said, otherwise = (f"path = {shown(path)}", ", or leave path out") if parameter else (shown(path), "")
    if not path.lower().endswith(ENDINGS):
        raise ParameterError(f"{said} does not end in {', '.join(ENDINGS)}; give such a file{otherwise}.")
    try:
        file = Path(_run_files().get(path, {}).get("path", path)).expanduser()
        what = "" if file.is_file() else "is a folder" if file.is_dir() else "does not exist"
    # A folder that may not be entered, a name too long, or ~ without a home folder.
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ParameterError(f"{said} cannot be opened: {why}. Give another file{otherwise}.") from None
    if what:
        near = nearest(file.name, _neighbors(file))
        hint = f" Did you mean {near!r}, which is in the same folder?" if near else ""
        raise ParameterError(f"{said} {what}.{hint} Give a file{otherwise}.")
    return file.absolute()


def existing(path: str | Path, folder: Path | None = None) -> Path:
    """Return the absolute path of something that exists, relative to a folder (the working folder by default).

    Raises
    ------
    OSError
        For whatever reason there is nothing: also a name that is too long or that no file can have, or a `~` without a home folder.
    """
    try:
        place = (folder or Path.cwd()) / Path(path).expanduser()
        place.stat()
    except (RuntimeError, ValueError) as error:
        raise OSError(errno.EINVAL, str(error).rstrip(".")) from None
    return place.absolute()


def legible(path: str) -> str:
    """Return a path with letters that can be stored. One that is not UTF-8 (an archive made in China has such names) is read as
    GB18030 or Windows-1252.

    Examples
    --------
    >>> import os
    >>> legible("firms.csv"), legible(os.fsdecode("企业.csv".encode("gbk")))
    ('firms.csv', '企业.csv')
    """
    raw = os.fsencode(path)
    return raw.decode(own_text.encoding_of(raw), "replace")


def name_of(file: Path) -> str:
    """Return the name of a file without its folder, as it is recorded."""
    return legible(file.name)


def digest(file: Path) -> str:
    """Return the sha256 of a file.

    Raises
    ------
    ParameterError
        If it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ParameterError(
            f"{name_of(file)} cannot be read: {error.strerror}. Give another file."
        ) from None


def checked_digest(path: str) -> str:
    """Return the sha256 of a file, and check that it is the one recorded when the run was requested.

    Raises
    ------
    TableError
        If the file has changed since then.
    """
    file = locate(path)
    sha256 = digest(file)
    if _run_files().get(path, {}).get("sha256", sha256) != sha256:
        raise TableError(f"{file.name} has changed since this run was requested; run it again.")
    return sha256


def read_table(file: Path, numbers: Iterable[str], names: Iterable[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read a file as `locate` returns it.

    Parameters
    ----------
    file : Path
        The file.
    numbers, names : iterable of str
        Columns that are to hold numbers, and columns of a text file that hold text in any case, as in `own_text.read`; the file need not
        have them. Text that stands for numbers is read by `own_numbers`.

    Returns
    -------
    pandas.DataFrame, list of str
        The table, and what is unusual about the file. A repeated name has its number added: `year (2)`. An index of pandas is a column
        like the others.

    Raises
    ------
    TableError
        If the file cannot be read as a table.
    """
    with _readable(file) as ending:
        if ending in _READERS:
            table, notes = _READERS[ending](file)
            return table.set_axis(own_text.unique(map(str, table)), axis=1), notes
        with gzip.open(file) if ending == ".gz" else file.open("rb") as stream:
            return own_text.read(stream.read(), numbers, names)


def _read_parquet(file: Path) -> tuple[pd.DataFrame, list[str]]:
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    table = table.rename_columns(own_text.unique(table.column_names))
    return table.to_pandas(ignore_metadata=True), []


def _read_excel(file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read the first sheet of a workbook; its header is found as that of a text file."""
    import pandas as pd

    with pd.ExcelFile(file) as book:
        sheets = book.sheet_names
        cells = pd.read_excel(book, header=None, dtype=object, keep_default_na=False, na_values=[""])
    text = cells.head(own_text.ROWS).astype("str").where(cells.notna(), "")
    above, header, notes = own_text.find_header(text.to_numpy().tolist())
    table = cells.iloc[above:].reset_index(drop=True).set_axis(list(own_text.unique(header)), axis=1)
    if len(sheets) > 1:
        notes.insert(0, f"read from the first of {len(sheets)} sheets, {sheets[0]!r}")
    return table.infer_objects(), notes


def _read_stata(file: Path) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    try:
        return pd.read_stata(file), []
    except ValueError:  # one label for two values
        return pd.read_stata(file, convert_categoricals=False), []


def _read_spss(file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a file of SPSS, with the labels of values where they have some."""
    import pyreadstat

    return pyreadstat.read_sav(file, apply_value_formats=True)[0], []


_READERS = {".parquet": _read_parquet, ".xlsx": _read_excel, ".dta": _read_stata, ".sav": _read_spss}


@contextlib.contextmanager
def _readable(file: Path) -> Iterator[str]:
    """Give the kind of a file, and turn an error in reading it into a TableError that names the file without its folder."""
    name = name_of(file)
    kind = Path(name).suffix.lower()
    try:
        yield kind
    except ImportError as error:
        raise TableError(
            f"{name} cannot be read because {error.name or 'a package'} is not installed. Install it with: "
            'pip install "mic2025lab[files]"; or save the table as CSV.'
        ) from error
    except Exception as error:  # each reader has errors of its own
        first = str(error).partition("\n")[0].replace(str(file), name).rstrip(".")
        raise TableError(
            f"{name} cannot be read: {first or type(error).__name__}. It must be a table with a header: text with separators, "
            f"Parquet, Excel, Stata, or SPSS ({', '.join(ENDINGS)})."
        ) from error


def _run_files() -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = json.loads(os.environ.get(FILES) or "{}")
    return files


def undeclared(file: Path) -> bool:
    """Return True in the kernel of a run that did not know this file when it was requested."""
    return FILES in os.environ and str(file) not in {one["path"] for one in _run_files().values()}


def tables() -> dict[str, dict[str, Any]]:
    """Return the settings of the user's own tables in the run whose kernel this is, each with its sha256 when it was requested."""
    own = (one for one in _run_files().values() if "table" in one)
    return {one["table"]: {**one["settings"], "sha256": one["sha256"]} for one in own}


def _neighbors(file: Path) -> list[str]:
    try:
        return sorted(
            name_of(entry) for entry in file.parent.iterdir() if entry.name.lower().endswith(ENDINGS)
        )
    except OSError:  # the folder does not exist or cannot be read
        return []
