"""One process at a time: a lock of the operating system, which a process that dies gives back."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from mic2025lab.errors import RunError

#: Held by a batch from its start to its end.
BATCH = ".batch.lock"

#: Held while the site is written.
SITE = ".site.lock"

_FAR = 1 << 30  # Windows locks bytes, and a byte that is locked cannot be read: lock one beyond the text


@contextlib.contextmanager
def hold(reports: Path, name: str = BATCH, *, wait: float = 0) -> Iterator[Callable[[], None]]:
    """Hold a lock of a folder of reports.

    The lock is the operating system's (flock), on a file that stays: whether anyone holds it is not read from the file, so that
    what a killed process left is no lock. Who holds it is written in the file, for the message to others.

    Parameters
    ----------
    reports : Path
        The folder; made if it is not there.
    name : str
        The file of the lock.
    wait : float
        Seconds to wait for another holder; by default none.

    Yields
    ------
    callable
        Raises `RunError` if the folder that was locked is no longer where it was.

    Raises
    ------
    RunError
        If another process holds it, or the folder cannot be written in.
    """
    path = reports / name
    try:
        reports.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunError(
            f"Reports cannot be written to {reports}: {error.strerror or error}. Choose another folder with --reports."
        ) from error
    try:
        _take(file, reports, wait)
        _sign(file)
        yield lambda: _check(file, path)
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _take(file: int, reports: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while not _locked(file, reports):
        if time.monotonic() >= until:
            raise RunError(
                f"Another batch is at work in {reports}: {_holder(file)}. Wait for it, or choose another folder with --reports."
            )
        time.sleep(0.05)


def _locked(file: int, reports: Path) -> bool:
    """Try to lock; False if another has it."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(file, _FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        raise RunError(
            f"The file system of {reports} has no locks ({error.strerror or error}); choose another folder with --reports."
        ) from error
    return True


def _sign(file: int) -> None:
    """Write who holds it; a disk that is full has no room for it, and the lock holds all the same."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    with contextlib.suppress(OSError):
        os.write(
            file, json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": now}).encode()
        )


def _holder(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    try:
        who = json.loads(os.read(file, 1000))
        return f"process {who['process']} on {who['host']}, since {who['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has not signed yet"


def _check(file: int, path: Path) -> None:
    try:
        same = os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        same = False
    if not same:
        raise RunError(
            f"{path.parent} was moved or removed while runs were made in it; no further run is started."
        )
