"""Folders that appear complete or not at all: written in a workspace, then moved into place by one rename."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs.lock import check_name

_REPLACED = (
    "replaced"  # in a workspace: holds a folder that was set aside, under its path in the folder of reports
)
_STOPPED = ".stopped"  # in a workspace: nothing of it is published

#: `.tmp-<process>-<start time>-<host>-<random>`
_NAME = re.compile(r"\.tmp-(\d+)-(\d+)-(.+)-[^-]+")

#: Processes of other hosts cannot be seen from here. No notebook runs this long, in seconds.
_LONG = 7 * 86400


class RunStopped(RunError):
    """Raised when a run was stopped from outside. Nothing of it is kept."""


@contextlib.contextmanager
def workspace(reports: Path) -> Iterator[Path]:
    """Create an empty folder inside `reports`, on the same file system as its runs. It is removed afterwards.

    Raises
    ------
    RunError
        If `reports` cannot be written to.
    """
    check_name(reports)
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
    """Return the prefix of a process's workspaces: its number, its start time (numbers are reused), and the host (folders may be shared).

    Parameters
    ----------
    process : int, optional
        The current process by default.
    """
    number = os.getpid() if process is None else process
    return f".tmp-{number}-{_started(number) or 0}-{socket.gethostname()}"


def publish(made: Path, final: Path, *, aside: Path) -> None:
    """Move a finished folder to its place. An existing folder is set aside first, and restored if the move fails.

    Parameters
    ----------
    made : Path
        The finished folder, inside a workspace.
    final : Path
        Its place.
    aside : Path
        The workspace. If the process is killed between the two moves, the earlier folder stays there, and `sweep`
        restores it.

    Raises
    ------
    RunStopped
        If the workspace was stopped. Nothing is moved then.
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
        # Another process made the same run and was faster. The content is the same, so either will do.
        shutil.rmtree(aside / _REPLACED, ignore_errors=True)
        _set_aside(final, aside)
        made.rename(final)


def stop(reports: Path) -> list[Path]:
    """Prevent the runs in progress in this process from being published.

    Returns
    -------
    list of Path
        Their workspaces.
    """
    mine = sorted(reports.glob(f"{owner()}-*"))
    for folder in mine:
        with contextlib.suppress(FileNotFoundError):  # it has just ended
            (folder / _STOPPED).touch()
    return mine


def sweep(reports: Path) -> list[Path]:
    """Remove the unfinished workspaces of processes that no longer exist, and restore what they had set aside.

    Returns
    -------
    list of Path
        The removed workspaces.
    """
    stale = [folder for folder in sorted(reports.glob(".tmp-*")) if _abandoned(folder)]
    for folder in stale:
        _settle(folder)
    return stale


def _set_aside(final: Path, aside: Path) -> None:
    if final.exists():
        kept = aside / _REPLACED / final.relative_to(aside.parent)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another process has just set it aside
            final.rename(kept)


def _settle(folder: Path) -> None:
    """Restore a folder whose replacement was never published, then remove the workspace. Links are not followed."""
    for kept in sorted((folder / _REPLACED).glob("runs/*/*")):
        place = kept.relative_to(folder / _REPLACED)
        final = folder.parent / place
        with contextlib.suppress(RunError):
            files.inside(folder, f"{_REPLACED}/{place.as_posix()}")
            files.inside(folder.parent / "runs", place.relative_to("runs").as_posix())
            if not final.exists():
                kept.rename(final)
    shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    found = _NAME.fullmatch(folder.name)
    if found is None or folder.is_symlink():
        return False
    number, started, host = int(found[1]), int(found[2]), found[3]
    if host != socket.gethostname():
        try:
            return time.time() - folder.stat().st_mtime > _LONG
        except FileNotFoundError:
            return False
    now = _started(number)
    return now is None or abs(now - started) > 2  # clocks are adjusted now and then


def _started(process: int) -> int | None:
    """Return when a process started, in seconds since 1970, or None if there is no such process."""
    import psutil

    try:
        return int(psutil.Process(process).create_time())
    except psutil.NoSuchProcess:
        return None
