"""Find, check, and read the user's own files.

A file stays where it is. A run records its name and sha256; only the kernel of the run knows its folder, through the variable `FILES`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab.errors import ParameterError, TableError, nearest, shown

if TYPE_CHECKING:
    import pandas as pd

#: Environment variable with the paths and sha256 of a run's files, as JSON: {name in the parameters: {"path", "sha256"}}.
FILES = "MIC2025LAB_FILES"
#: Supported kinds of files.
ENDINGS = (".csv", ".csv.gz", ".parquet")


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


def locate(path: str) -> Path:
    """Return the absolute path of a file: the one recorded for this run in `FILES`, else `path` itself.

    Raises
    ------
    ParameterError
        If the file has another ending than `ENDINGS`, or does not exist. The message names a similar file in the folder.
    """
    if not path.lower().endswith(ENDINGS):
        raise ParameterError(
            f"path = {shown(path)} does not end in {', '.join(ENDINGS)}; give such a file, or leave path out."
        )
    file = Path(_recorded(path).get("path", path)).expanduser()
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "does not exist"
        near = nearest(file.name, _neighbors(file))
        hint = f" Did you mean {near!r}, which is in the same folder?" if near else ""
        raise ParameterError(f"path = {shown(path)} {what}.{hint} Give a file, or leave path out.")
    return file.absolute()


def digest(file: Path) -> str:
    """Return the sha256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checked_digest(path: str) -> str:
    """Return the sha256 of a file, and check that it is the one recorded when the run was requested.

    Raises
    ------
    TableError
        If the file has changed since then.
    """
    file = locate(path)
    sha256 = digest(file)
    if _recorded(path).get("sha256", sha256) != sha256:
        raise TableError(f"{file.name} has changed since this run was requested; run it again.")
    return sha256


def read_header(file: Path) -> list[str]:
    """Return the column names of a file without reading its rows.

    Raises
    ------
    TableError
        If the file cannot be read as a table.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    with _readable(file):
        if file.name.lower().endswith(".parquet"):
            return [str(name) for name in pq.read_schema(file).names]
        return [str(name) for name in pd.read_csv(file, nrows=0).columns]


def read_table(file: Path, *, text: Iterable[str] = (), only: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a .csv, .csv.gz (UTF-8, separated by commas), or .parquet file.

    Parameters
    ----------
    file : Path
        A file as `locate` returns it.
    text : iterable of str
        Columns of a CSV that are text even where they look like numbers, such as identifiers.
    only : list of str, optional
        Read only these columns.

    Raises
    ------
    TableError
        If the file cannot be read as a table.
    """
    import pandas as pd

    with _readable(file):
        if file.name.lower().endswith(".parquet"):
            table = pd.read_parquet(file, columns=None if only is None else list(only))
        else:
            table = pd.read_csv(
                file,
                dtype=dict.fromkeys(text, "str"),
                usecols=None if only is None else list(only),
                low_memory=False,
            )
    table.columns = pd.Index([str(name) for name in table.columns])
    return table


@contextlib.contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Turn an error in reading a file into a TableError that names the file without its folder."""
    try:
        yield
    except (OSError, EOFError, ValueError, zlib.error) as error:
        first = str(error).partition("\n")[0].replace(str(file), file.name)
        raise TableError(
            f"{file.name} cannot be read: {first or type(error).__name__}. It must be a table in UTF-8 with commas and a header "
            "(.csv, .csv.gz), or Parquet."
        ) from error


def _recorded(path: str) -> dict[str, str]:
    recorded: dict[str, dict[str, str]] = json.loads(os.environ.get(FILES) or "{}")
    return recorded.get(path, {})


def _neighbors(file: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in file.parent.iterdir() if entry.name.lower().endswith(ENDINGS))
    except OSError:  # the folder does not exist or cannot be read
        return []
