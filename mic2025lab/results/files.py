"""The files of a folder of reports: where they are, how they are written, and how they are hashed. Nothing here needs a library."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from mic2025lab import durable
from mic2025lab.errors import RunError, shown

#: The environment variable that tells a kernel the folder of its run.
RUN_DIR = "MIC2025LAB_RUN_DIR"

#: The environment variable that tells a kernel the mark of its run, and the file in the folder of the run that holds it.
RUN_MARK = "MIC2025LAB_RUN_MARK"
MARK = ".mark"

#: The environment variable that tells a kernel the folder of reports, for an analysis that reads other runs.
REPORTS_DIR = "MIC2025LAB_REPORTS"

#: The folder of reports by default.
REPORTS = Path("reports")

#: What a run is made of, and what it recorded.
MANIFEST = "run.json"
RESULTS = "results.json"

#: The name that `durable.write` gives a file that is not yet complete.
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")


def dump(value: Any) -> str:
    """Return JSON text. The same content always gives the same text."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def load(path: Path) -> Any:
    """Read a JSON file. Values that JSON does not allow (NaN, infinity, half a surrogate pair) are refused.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not JSON or holds such a value.
    """
    value = json.loads(path.read_text(encoding="utf-8"))
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
    return value


def write(path: Path, content: str | bytes) -> None:
    """Write a file as `durable.write` does, but without waiting for the disk."""
    durable.write(path, content, synced=False)


def write_output(path: Path, content: str | bytes) -> None:
    """Write a file that the user has named.

    A regular file is replaced as a whole and keeps its permissions. A link stays, and the file that it leads to is replaced. Anything
    else (a device, a FIFO, standard output as `/dev/stdout`) is written to.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        there = path.stat() if path.exists() else None
        special = path.absolute().parts[1:2] in (("dev",), ("proc",))
        if there is not None and (special or not stat.S_ISREG(there.st_mode)):
            with _opened(path, there) as file:
                file.write(data)
        else:
            mode = None if there is None else stat.S_IMODE(there.st_mode)
            durable.make_folder(path.parent)
            durable.write(Path(os.path.realpath(path)), data, mode=mode)
    except OSError as error:
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}. Choose another file."
        ) from error


@contextlib.contextmanager
def _opened(path: Path, there: os.stat_result) -> Iterator[BinaryIO]:
    """Open a file to append to it. Standard output is used as it is: opened a second time, it would be written over."""
    for stream in (sys.stdout, sys.stderr):
        try:
            same = os.path.samestat(os.fstat(stream.fileno()), there)
        except (OSError, AttributeError):  # no stream, or one that is not a file
            continue
        if same:
            stream.flush()
            yield stream.buffer
            stream.flush()
            return
    with path.open("ab") as file:
        yield file


def remove_parts(folder: Path, pattern: str = "*") -> None:
    """Remove what `durable.write` leaves in a folder, or in folders below it (`**/*`), if its process is killed."""
    for path in folder.glob(pattern):
        if _PART.fullmatch(path.name):
            path.unlink(missing_ok=True)


def link(folder: Path) -> Path | None:
    """Find a symbolic link in a folder, or in a folder below it. Hidden ones, which no run uses, are not searched. Returns None if there is none."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *names):
            if not name.startswith(".") and os.path.islink(os.path.join(place, name)):
                return Path(place, name)
    return None


def inside(root: Path, place: str) -> Path:
    """Return the path of a file below a folder.

    Raises
    ------
    RunError
        If the path leaves the folder, or a part of it is a symbolic link.
    """
    path, parts = root, PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts:
        raise RunError(f"{shown(place)} is not a file in {root}.")
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise RunError(f"{path} is a symbolic link, which may lead anywhere. Remove it.")
    return path


@lru_cache(maxsize=4096)
def own(path: str) -> bool:
    """Return True if a relative path, on any system, stays in its folder and names no hidden file.

    Examples
    --------
    >>> own("tables/shares.csv"), own("../x.csv"), own("/x.csv"), own(".env"), own("C:x.csv")
    (True, False, False, False, False)
    """
    return bool(
        re.fullmatch(r"[^/\\:\x00-\x1f.][^/\\:\x00-\x1f]*(/[^/\\:\x00-\x1f.][^/\\:\x00-\x1f]*)*", path)
    )


def listing(folder: Path) -> dict[str, dict[str, Any]]:
    """List the files of a folder and of the folders below it, of which the path is `own`: path -> {"size", "sha256"}."""
    places = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {
        place: {"size": path.stat().st_size, "sha256": digest(path)}
        for place, path in places.items()
        if own(place)
    }


def run_folders(reports: Path, analyses: Iterable[str] | None = None) -> Iterator[Path]:
    """List the folders under `runs/`, sorted. Names that begin with a dot are skipped.

    Parameters
    ----------
    reports : Path
        The folder of reports.
    analyses : iterable of str, optional
        Only the runs of these analyses.
    """
    wanted = None if analyses is None else set(analyses)
    for folder in sorted((reports / "runs").glob("*/*/")):
        hidden = folder.name.startswith(".") or folder.parent.name.startswith(".")
        if not hidden and (wanted is None or folder.parent.name in wanted):
            yield folder


def size(path: Path) -> int | None:
    """Return the size of a regular file in bytes, or None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def digest(path: Path) -> str | None:
    """Return the sha256 of a file, or None if it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def run_digest(folder: Path) -> str:
    """Return one sha256 for the JSON files of a run, which in turn hold the hashes of its tables."""
    files = [path for path in sorted(folder.glob("*.json")) if path.is_file()]
    return combined(f"{path.name} {digest(path)}" for path in files)


def combined(parts: Iterable[str]) -> str:
    """Return the sha256 of several texts."""
    return sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
