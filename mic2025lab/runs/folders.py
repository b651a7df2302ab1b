"""Folders that appear complete or not at all: written in a workspace, then moved into place by one rename.

A workspace belongs to the process that holds the lock in it. The operating system releases the lock when that process ends, in whatever
way, so no process number, host name, or clock is needed to tell a workspace in use from an abandoned one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from mic2025lab.durable import make_folder, sync, sync_folder
from mic2025lab.errors import RunError
from mic2025lab.runs import lock

#: The beginning of the name of a workspace.
_PREFIX = ".tmp-"

_LOCK = ".lock"  # in a workspace: locked as long as its process lives
_STOPPED = ".stopped"  # in a workspace: nothing of it is published

#: Beside a folder that is being replaced: its earlier content, `.old-<name>-<random>`.
_OLD = re.compile(r"\.old-(.+)-[0-9a-f]{8}")

#: Seconds after which an empty temporary folder belongs to nobody.
_DAY = 24 * 60 * 60

#: The workspaces of this process.
_own: set[Path] = set()


class RunStopped(RunError):
    """Raised when a run was stopped from outside. Nothing of it is kept."""


@contextlib.contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Create an empty folder inside `folder`. It is removed afterward.

    Raises
    ------
    RunError
        If `folder` cannot be written to, or its file system has no locks.
    """
    lock.check_name(folder)
    try:
        make_folder(folder)
        work, held = _begin(folder)
    except (OSError, NotImplementedError) as error:
        raise lock.unwritable(folder, error) from error
    _own.add(work)
    try:
        yield work
    finally:
        _own.discard(work)
        _remove(work, held)


def publish(made: Path, final: Path, *, work: Path) -> None:
    """Move a finished folder to its place. An earlier one is set aside beside it, and restored if the move fails.

    Everything in the folder is on the disk before the move, so that a power failure leaves a complete folder or none.

    Parameters
    ----------
    made : Path
        The finished folder, inside a workspace.
    final : Path
        Its place.
    work : Path
        The workspace.

    Raises
    ------
    RunStopped
        If the workspace was stopped. Nothing is moved then.
    """
    if (work / _STOPPED).exists():
        raise RunStopped("The run was stopped.")
    make_folder(final.parent)
    sync_folder(made)
    try:
        _move(made, final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with workspace(final.parent) as near:  # the runs are on another file system than the reports
            copy = Path(shutil.copytree(made, near / made.name, symlinks=True))
            sync_folder(copy)
            _move(copy, final)


def stop(reports: Path) -> list[Path]:
    """Prevent the runs in progress in this process from being published.

    Returns
    -------
    list of Path
        Their workspaces.
    """
    mine = sorted(work for work in tuple(_own) if work.is_relative_to(reports))
    for work in mine:
        with contextlib.suppress(FileNotFoundError):  # it has just ended
            (work / _STOPPED).touch()
    return mine


def sweep(reports: Path) -> None:
    """Remove the workspaces whose process has ended, and restore folders whose replacement was never published.

    Empty temporary folders of killed processes go after a day.
    """
    analyses = [folder for folder in reports.glob("runs/*") if not folder.is_symlink()]
    near = [work for folder in analyses for work in folder.glob(f"{_PREFIX}*") if (work / _LOCK).is_file()]
    for work in sorted([*reports.glob(f"{_PREFIX}*"), *near]):
        if work in _own or work.is_symlink() or not work.is_dir():
            continue
        with contextlib.suppress(OSError, NotImplementedError):  # it is gone by now, or another user's
            held = lock.take(work / _LOCK)
            if held is not None:
                _remove(work, held)
    for old in [old for folder in analyses for old in folder.glob(".old-*")]:
        _restore(old)
    for left in Path(tempfile.gettempdir()).glob("mic2025lab-*"):  # of sockets, by a process that was killed
        with contextlib.suppress(OSError):  # it is in use, so not empty
            if time.time() - left.stat().st_mtime > _DAY:
                left.rmdir()


def _begin(folder: Path) -> tuple[Path, FileLock]:
    """Create a workspace and lock it. If another process is just sweeping it, create another."""
    while True:
        work = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        try:
            held = lock.take(work / _LOCK)
        except (OSError, NotImplementedError):
            shutil.rmtree(work, ignore_errors=True)
            raise
        if held is not None:
            return work, held


def _remove(work: Path, held: FileLock) -> None:
    """Remove a workspace. Its lock is held until it is gone, except on Windows, which removes no locked file."""
    if os.name == "nt":
        held.release()
    shutil.rmtree(work, ignore_errors=True)
    held.release()


def _move(made: Path, final: Path) -> None:
    """Move a folder to its place, and remove the earlier one."""
    while True:
        old = final.with_name(f".old-{final.name}-{secrets.token_hex(4)}")
        try:
            with contextlib.suppress(FileNotFoundError):
                final.rename(old)
            made.rename(final)
        except BaseException as error:
            _restore(old)
            # Another process may have made the same run meanwhile. The content is the same, so either will do.
            if isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                continue
            raise
        sync(final.parent)
        shutil.rmtree(old, ignore_errors=True)
        return


def _restore(old: Path) -> None:
    """Move a folder that was set aside back to its place, or remove it if there is a new one."""
    name = _OLD.fullmatch(old.name)
    if name is None or old.is_symlink():
        return
    final = old.with_name(name[1])
    with contextlib.suppress(OSError):  # another process does the same
        if not final.exists():
            old.rename(final)
    shutil.rmtree(old, ignore_errors=True)
