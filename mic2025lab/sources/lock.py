"""One process at a time: two that write the same files would mix them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mic2025lab.errors import LabError


@contextmanager
def locked(path: Path, who: str) -> Iterator[None]:
    """Hold a lock of the operating system on a file, which ends with the process.

    Parameters
    ----------
    path : Path
        The file.
    who : str
        What another process does while it holds the lock, for the message: "Another build is writing to data".

    Raises
    ------
    LabError
        If another process holds the lock.
    OSError
        If the file cannot be written.
    """
    from filelock import FileLock, Timeout  # takes 0.02 s, which a first load would wait for

    try:
        with FileLock(path, timeout=0):
            try:
                yield
            finally:
                # While it is held: whoever waits for this file finds that it has no name, and makes another.
                with suppress(OSError):  # Windows removes no open file
                    path.unlink()
    except Timeout:
        raise LabError(f"{who}. Wait until it is done.") from None
