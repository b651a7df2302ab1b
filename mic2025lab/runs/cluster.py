"""A Dask cluster as the executor of a batch."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from mic2025lab.errors import RunError
from mic2025lab.runs import folders, identity


@contextlib.contextmanager
def connect(
    address: str, reports: Path, *, patience: float = 10, absence: float = 60
) -> Iterator[tuple[Executor, int, Callable[[bool], None]]]:
    """Connect to a scheduler, and check that its workers can make the runs.

    Parameters
    ----------
    address : str
        The address of the scheduler, such as `tcp://host:8786`.
    reports : Path
        The folder of reports. All workers must see it under the same path (a shared file system).
    patience : float
        Seconds to wait for the scheduler.
    absence : float
        Seconds to wait for a new worker when none is left.

    Yields
    ------
    Executor
        Sends a run to a worker.
    int
        How many runs the workers can make at once: one for each thread.
    callable
        Raises RunError if the scheduler has gone, or no worker has been there for `absence` seconds.

    Raises
    ------
    RunError
        If Dask is not installed, the scheduler does not answer, there is no worker, or a worker has another version of this
        package or cannot write to the folder.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise RunError("--scheduler needs Dask: python -m pip install 'mic2025lab[dask]'.") from error
    for name in ("tornado", "asyncio", *logging.root.manager.loggerDict):
        # What matters of their news is an error here.
        if name.startswith(("distributed", "tornado", "asyncio")):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError(f"No Dask scheduler answers at {address}: {error}") from error
    with client:
        threads = sum(client.ncores().values())
        if not threads:
            raise RunError(
                f"The scheduler at {address} has no workers; start some with: dask worker {address}"
            )
        reports = reports.absolute()
        with folders.workspace(reports) as mark:
            found = client.run(_look, str(mark), identity.code_digest(), on_error="return")
        wrong = [f"  {worker}: {_told(problem)}" for worker, problem in found.items() if problem]
        if wrong:
            raise RunError("\n".join([f"These workers of {address} cannot make the runs:", *wrong]))
        yield client.get_executor(pure=False), threads, _watch(client, address, absence)


def _watch(client: Any, address: str, absence: float) -> Callable[[bool], None]:
    """Return a function that raises if the cluster cannot make runs; it asks at most once in a second and never for long."""
    looked = seen = time.monotonic()

    def look(given_up: bool) -> None:
        nonlocal looked, seen
        if time.monotonic() - looked < 1 and not given_up:
            return
        looked = time.monotonic()
        if given_up or client.status != "running":
            raise RunError(f"The connection to the Dask scheduler at {address} is lost.")
        try:
            workers = client.sync(client.scheduler.ncores, callback_timeout=10)
        except (OSError, TimeoutError) as error:
            raise RunError(f"The Dask scheduler at {address} no longer answers ({error}).") from error
        seen = time.monotonic() if workers else seen
        if time.monotonic() - seen > absence:
            raise RunError(
                f"The Dask scheduler at {address} has had no worker for {absence:g} s. "
                f"Start some with: dask worker {address}"
            )

    return look


def _look(mark: str, digest: str) -> str:
    """Return, on a worker, what prevents it from making runs. Empty if nothing does."""
    if identity.code_digest() != digest:
        return "its mic2025lab differs from this one; install the same version"
    try:
        (Path(mark) / f"{id(digest)}").touch()
    except OSError as error:
        return f"it cannot write to {Path(mark).parent} ({error.strerror or error}); the folder of reports must be on a shared file system"
    return ""


def _told(problem: object) -> str:
    return f"{type(problem).__name__}: {problem}" if isinstance(problem, BaseException) else str(problem)
