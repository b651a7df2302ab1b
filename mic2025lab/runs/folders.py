"""Folders that appear whole or not at all: made aside, moved into place by one rename."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mic2025lab.errors import RunError

_REPLACED = ".replaced"  # a text in a set-aside folder's parent: where the folder was
_STOPPED = ".stopped"  # nothing is published from a workspace that has this file

#: `.tmp-<process>-<when it started>-<host>-<random>`
_NAME = re.compile(r"\.tmp-(\d+)-(\d+)-(.+)-[^-]+")

#: Whether a process of another host lives cannot be seen from here; no notebook runs this long, seconds.
_LONG = 7 * 86400


class RunStopped(RunError):
    """A run that was stopped from outside: nothing of it is kept."""


@contextlib.contextmanager
def workspace(reports: Path) -> Iterator[Path]:
    """Give an empty folder inside `reports`, on the same file system as its runs; removed afterwards.

    Raises
    ------
    RunError
        If `reports` cannot be written in.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{owner()}-", dir=reports))
    except OSError as error:
        raise RunError(
            f"Reports cannot be written to {reports}: {error.strerror or error}. Choose another folder with --reports."
        ) from error
    try:
        yield folder
    finally:
        _settle(folder)


def owner(process: int | None = None) -> str:
    """Name whose workspaces are: the process, when it started (numbers are used again) and the host (a folder may be shared).

    Parameters
    ----------
    process : int, optional
        This one by default.
    """
    number = os.getpid() if process is None else process
    return f".tmp-{number}-{_started(number) or 0}-{socket.gethostname()}"


def publish(made: Path, final: Path, *, aside: Path) -> None:
    """Move a finished folder to its place. A folder that is there is set aside first, and put back if the move fails.

    Parameters
    ----------
    made : Path
        The finished folder, inside a workspace.
    final : Path
        Where it belongs.
    aside : Path
        The workspace; a process that is killed between the two moves leaves the earlier folder there, and
        `sweep` puts it back.

    Raises
    ------
    RunStopped
        If the workspace was stopped; nothing is moved then.
    """
    if (aside / _STOPPED).exists():
        raise RunStopped("The run was stopped.")
    final.parent.mkdir(parents=True, exist_ok=True)
    _set_aside(final, aside)
    try:
        made.rename(final)
    except OSError:
        if not final.exists():
            raise
        # Another process made the same run and was first by a moment: the same content, so that either will do.
        shutil.rmtree(aside / "replaced", ignore_errors=True)
        _set_aside(final, aside)
        made.rename(final)


def stop(reports: Path) -> list[Path]:
    """Keep the runs that this process is making from being published.

    Returns
    -------
    list of Path
        Their workspaces.
    """
    mine = sorted(reports.glob(f"{owner()}-*"))
    for folder in mine:
        with contextlib.suppress(FileNotFoundError):  # it ended in this moment
            (folder / _STOPPED).touch()
    return mine


def sweep(reports: Path) -> list[Path]:
    """Remove what processes that no longer live have left half made, and put back what they had set aside.

    Returns
    -------
    list of Path
        What was removed.
    """
    stale = [folder for folder in sorted(reports.glob(".tmp-*")) if _abandoned(folder)]
    for folder in stale:
        _settle(folder)
    return stale


def _set_aside(final: Path, aside: Path) -> None:
    if final.exists():
        (aside / _REPLACED).write_text(json.dumps(str(final.relative_to(aside.parent))), encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):  # another process has just set it aside
            final.rename(aside / "replaced")


def _settle(folder: Path) -> None:
    """Put back a folder that was set aside for one that never came, then remove the workspace."""
    note, kept = folder / _REPLACED, folder / "replaced"
    if note.is_file() and kept.is_dir():
        final = folder.parent / json.loads(note.read_text(encoding="utf-8"))
        if not final.exists():
            kept.rename(final)
    shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    found = _NAME.fullmatch(folder.name)
    if found is None:
        return False
    number, started, host = int(found[1]), int(found[2]), found[3]
    if host != socket.gethostname():
        try:
            return time.time() - folder.stat().st_mtime > _LONG
        except FileNotFoundError:
            return False
    now = _started(number)
    return now is None or abs(now - started) > 2  # the clock that tells it is set now and then


def _started(process: int) -> int | None:
    """Tell when a process started, in seconds since 1970; None if there is none of that number."""
    import psutil

    try:
        return int(psutil.Process(process).create_time())
    except psutil.NoSuchProcess:
        return None
