"""One process at a time: a lock of the operating system on a file, which is released when its owner dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from mic2025lab import own_files
from mic2025lab.errors import RunError
from mic2025lab.results import files

#: Held by a batch from its start to its end.
BATCH = ".batch.lock"

#: Held while the site is written.
SITE = ".site.lock"


def unwritable(reports: Path, error: Exception) -> RunError:
    """Return the error for a folder of reports that cannot be written to, or whose file system has no locks."""
    reason = getattr(error, "strerror", None) or error
    return RunError(
        f"Reports cannot be written to {reports}: {reason}. Choose another folder with --reports."
    )


def check_name(reports: Path) -> None:
    """Refuse a folder of reports whose path is not UTF-8: no notebook or manifest could hold it.

    Raises
    ------
    RunError
        If it is not.
    """
    try:
        str(reports).encode("utf-8")
    except UnicodeEncodeError:
        shown = own_files.legible(str(reports))
        raise RunError(
            f"The path of the folder of reports, {shown}, is not UTF-8. Rename it, or choose another folder with --reports."
        ) from None


@contextlib.contextmanager
def hold(reports: Path, name: str = BATCH, *, wait: float = 0) -> Iterator[Callable[[], None]]:
    """Hold a lock of a folder of reports.

    The file stays. Whether anybody holds the lock is known to the operating system only, so a killed process leaves no lock. The
    holder is written in the file for the messages to others.

    Parameters
    ----------
    reports : Path
        The folder. It is created if it does not exist.
    name : str
        The file of the lock.
    wait : float
        Seconds to wait for another holder.

    Yields
    ------
    callable
        Raises `RunError` if the locked folder was moved or removed.

    Raises
    ------
    RunError
        If another process holds the lock, the folder cannot be written to, its file system has no locks, or the file is a link, so
        that another file would be written to.
    """
    check_name(reports)
    path = reports / name
    lock = FileLock(path, timeout=wait, poll_interval=0.05, fallback_to_soft=False)
    try:
        reports.mkdir(parents=True, exist_ok=True)
        files.inside(reports, name)
        if path.exists() and (not path.is_file() or path.stat().st_nlink > 1):
            raise RunError(f"{path} is not a file of its own. Remove it.")
        lock.acquire()
    except Timeout:
        raise RunError(
            f"Another batch is running in {reports}: {_holder(path)}. Wait for it, or choose another folder with --reports."
        ) from None
    except (OSError, NotImplementedError) as error:
        raise unwritable(reports, error) from error
    try:
        held = path.stat()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # on a full disk the lock holds without the name of its holder
            path.write_text(json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": now}))
        yield lambda: _check(path, held)
        with contextlib.suppress(OSError):
            os.truncate(path, 0)
    finally:
        lock.release()


def take(path: Path) -> FileLock | None:
    """Lock a file, or return None if another process holds its lock.

    Raises
    ------
    OSError, NotImplementedError
        If the file cannot be written to, or its file system has no locks.
    """
    held = FileLock(path, timeout=0, fallback_to_soft=False)
    try:
        held.acquire()
    except Timeout:
        return None
    return held


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text())
        return f"process {who['process']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "an unknown process"


def _check(path: Path, held: os.stat_result) -> None:
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(path.stat(), held):
            return
    raise RunError(f"{path.parent} was moved or removed during the batch. No further run is started.")
