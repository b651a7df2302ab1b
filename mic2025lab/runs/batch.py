"""Many runs: side by side, each on its own, and stopped without a trace when that is asked."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import folders, lock, scrub
from mic2025lab.runs.journal import Journal
from mic2025lab.runs.run import REPORTS, Request, RunResult, execute

if TYPE_CHECKING:
    from mic2025lab.runs.kernels.warm import Kernels

#: How long a request to stop may go unseen, seconds.
_LOOK = 0.2

#: Called as each run ends, with the number of ended runs, of all, and the result.
Report = Callable[[int, int, RunResult], None]

#: Called when a run failed and is tried again, with the result and the number of the try that comes.
Retrying = Callable[[RunResult, int], None]

#: How errors begin that may be gone at the next try. A wrong value or a table that is not there fails again.
_PASSING = (
    "DeadKernelError",
    "CellTimeoutError",
    "TimeoutError",
    "RuntimeError: Kernel ",  # jupyter_client: it died or did not answer while it was started
    "KilledWorker",  # Dask
    "CommClosedError",
)


class Stopped(KeyboardInterrupt):
    """A batch that was interrupted, after everything was put in order.

    Attributes
    ----------
    results : list of RunResult
        The runs that ended.
    left : list of Request
        Those that did not.
    """

    def __init__(self, results: list[RunResult], left: list[Request]) -> None:
        super().__init__(f"{len(results)} ended, {len(left)} left")
        self.results, self.left = results, left


class Broken(RunError):
    """A batch that could not go on (its folder was moved away, the disk is full); what is under way was stopped.

    Attributes
    ----------
    results, left
        As in `Stopped`.
    """

    def __init__(self, message: str, results: list[RunResult], left: list[Request]) -> None:
        super().__init__(message)
        self.results, self.left = results, left


def batch(
    requests: Sequence[Request],
    *,
    reports: str | Path = REPORTS,
    jobs: int = 1,
    force: bool = False,
    timeout: float | None = None,
    retries: int = 0,
    fail_fast: bool = False,
    resume: bool = False,
    kernels: Kernels | None = None,
    executor: Executor | None = None,
    report: Report | None = None,
    retrying: Retrying | None = None,
    asked: Mapping[str, Any] | None = None,
    stop: Event | None = None,
) -> list[RunResult]:
    """Make many runs; one that fails does not stop the others.

    Parameters
    ----------
    requests : sequence of Request
        From `read_plan` or `prepare`.
    reports : path
        The folder of reports; one batch at a time works in it.
    jobs : int
        How many at once, also of an executor that is given.
    force : bool
        Also those that are there already.
    timeout : float, optional
        Seconds that a run may take; one over it is ended and fails.
    retries : int
        How often a run is tried again that failed for a reason that may pass: its kernel died, or it was over its time.
    fail_fast : bool
        After the first failure no further run is started; those under way are finished.
    resume : bool
        Go on with the last batch in `reports` if it was stopped: of `requests`, those that it has made are not made again whatever
        `force` says, and those that failed in it are tried again only if `retries` is not 0.
    kernels : Kernels, optional
        Where kernels come from; by default each is a Python started for its run. Not with an executor of other processes.
    executor : concurrent.futures.Executor, optional
        Where the work is done; by default `jobs` threads, each waiting for a kernel that is a process of its own. Its workers must
        see `reports` under the same path.
    report : callable, optional
        Called as each ends.
    retrying : callable, optional
        Called when one is tried again.
    asked : mapping, optional
        Kept in the journal of the folder, for a `--resume` that is told nothing else.
    stop : threading.Event, optional
        Once it is set (a signal handler does that), the batch ends as on a KeyboardInterrupt.

    Returns
    -------
    list of RunResult
        In the order of the requests; with `fail_fast`, only those that ended.

    Raises
    ------
    RunError
        If another batch is at work in `reports`, or it cannot be written in; nothing was started then.
    Broken
        If it is moved away meanwhile or has no room for the journal.
    Stopped
        On a KeyboardInterrupt or `stop`, after the kernels were ended and what was half made was removed.
    """
    reports = Path(reports).absolute()
    with lock.hold(reports) as check:
        folders.sweep(reports)
        files.remove_parts(reports)  # of a batch that was killed
        journal = _journal(reports, resume, asked)
        # Nobody else uses these threads; an executor that was given is its owner's to shut.
        own = ThreadPoolExecutor(max_workers=jobs) if executor is None else None
        pool: Executor = executor or own  # type: ignore[assignment]
        work = _Work(
            list(requests),
            reports,
            pool,
            jobs=jobs,
            timeout=timeout,
            retries=retries,
            kernels=kernels,
            retrying=retrying,
            asked_to_stop=stop,
        )
        try:
            for number, result in enumerate(work.line_up(journal.ended, force), start=1):
                if report:  # what failed before is not tried again, and is no reason for another stop
                    report(number, len(work.requests), result)
            for result in work.results():
                journal.add(reports, result)
                if report:
                    report(len(work.ended), len(work.requests), result)
                if fail_fast and result.status == "failed":
                    work.start_no_more()
                check()
            if not work.left():
                journal.finish(reports)
        except KeyboardInterrupt:
            work.stop(wait_for_all=own is not None)
            raise Stopped(work.in_order(), work.left()) from None
        except RunError as error:
            work.stop(wait_for_all=own is not None)
            raise Broken(str(error), work.in_order(), work.left()) from error
        finally:
            if own:
                own.shutdown(cancel_futures=True)
    return work.in_order()


def one(
    request: Request,
    *,
    reports: str | Path = REPORTS,
    force: bool = False,
    timeout: float | None = None,
    progress_bar: bool = False,
    stop: Event | None = None,
) -> RunResult:
    """Make one run as a batch makes it, so that it can be stopped; it takes no lock and leaves no journal.

    Parameters
    ----------
    request : Request
        From `prepare`.
    reports, force, timeout, stop
        As in `batch`.
    progress_bar : bool
        Show the count of cells.

    Raises
    ------
    Stopped
        As in `batch`.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        work = _Work(
            [request],
            Path(reports).absolute(),
            pool,
            timeout=timeout,
            asked_to_stop=stop,
            progress_bar=progress_bar,
        )
        try:
            work.line_up({}, force)
            (result,) = work.results()
        except KeyboardInterrupt:
            work.stop(wait_for_all=True)
            raise Stopped(work.in_order(), work.left()) from None
    return result


def may_pass(error: str | None) -> bool:
    """Whether what made a run fail may be gone at the next try.

    Examples
    --------
    >>> may_pass("DeadKernelError: Kernel died"), may_pass("ParameterError: factor = 2 is out of range")
    (True, False)
    """
    return (error or "").startswith(_PASSING)


def _journal(reports: Path, resume: bool, asked: Mapping[str, Any] | None) -> Journal:
    """Begin the journal; one that goes on with a stopped batch keeps what has ended."""
    last = Journal.read(reports) if resume else None
    going_on = last is not None and not last.finished
    journal = Journal(
        dict(asked or (last.asked if last else {})), dict(last.ended) if last and going_on else {}
    )
    journal.begin(reports)
    return journal


@dataclass
class _Work:
    """The runs of a batch: those that wait to be started, those under way, and those that ended."""

    requests: list[Request]
    reports: Path
    pool: Executor
    jobs: int = 1
    timeout: float | None = None
    retries: int = 0
    kernels: Kernels | None = None
    retrying: Retrying | None = None
    asked_to_stop: Event | None = None
    progress_bar: bool = False
    ended: dict[int, RunResult] = field(default_factory=dict)
    queue: deque[tuple[int, bool]] = field(default_factory=deque)
    running: dict[Future[RunResult], tuple[int, bool]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)

    def line_up(self, before: Mapping[tuple[str, str], Mapping[str, Any]], force: bool) -> list[RunResult]:
        """Put the runs in the queue, and give those that stay as the batch that is gone on with (`before`) left them."""
        for position, request in enumerate(self.requests):
            entry = before.get((request.analysis, request.run_id))
            if entry and entry["status"] == "failed" and not self.retries:
                self.ended[position] = _failed_before(request, self.reports, entry)
            else:
                self.queue.append((position, force and (entry is None or entry["status"] == "failed")))
        self.queue = deque(sorted(self.queue, key=lambda waiting: self._after(waiting[0])))
        return self.in_order()

    def results(self) -> Iterator[RunResult]:
        """Make the runs and give each as it ends."""
        while self.queue or self.running:
            self._start()
            done, _ = wait(self.running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            if self.asked_to_stop is not None and self.asked_to_stop.is_set():
                raise KeyboardInterrupt
            for future in done:
                position, forced = self.running.pop(future)
                result = _outcome(future, self.requests[position])
                if (
                    self.tries[position] <= self.retries
                    and result.status == "failed"
                    and may_pass(result.error)
                ):
                    if self.retrying:
                        self.retrying(result, self.tries[position] + 1)
                    self.queue.appendleft((position, forced))
                    continue
                self.ended[position] = result
                yield result

    def start_no_more(self) -> None:
        """Let those under way be the last."""
        self.queue.clear()
        self.retries = 0

    def stop(self, *, wait_for_all: bool) -> None:
        """End what is under way in this process, and keep what has ended of itself."""
        self.queue.clear()
        for future in self.running:
            future.cancel()
        while True:
            end_kernels(folders.stop(self.reports))
            _, open_ = wait(self.running, timeout=0.2)
            if not open_ or not wait_for_all:
                break
        for future, (position, _) in self.running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self.ended[position] = future.result()

    def in_order(self) -> list[RunResult]:
        """Give the results in the order of the requests."""
        return [self.ended[position] for position in sorted(self.ended)]

    def left(self) -> list[Request]:
        """Give the requests that have not ended."""
        return [request for position, request in enumerate(self.requests) if position not in self.ended]

    def _after(self, position: int) -> bool:
        return self.requests[position].described().after

    def _start(self) -> None:
        # No more than can be under way are handed on: what is not started can then still be left undone on any executor.
        while self.queue and len(self.running) < self.jobs:
            if self._after(self.queue[0][0]) and self.running:
                break  # it reads what the others are still finding
            position, forced = self.queue.popleft()
            self.tries[position] += 1
            options = {
                "reports": str(self.reports),
                "force": forced,
                "timeout": self.timeout,
                "kernels": self.kernels,
                "progress_bar": self.progress_bar,
            }
            future = self.pool.submit(_execute, self.requests[position], options)
            self.running[future] = (position, forced)


def end_kernels(workspaces: Sequence[Path]) -> None:
    """End the processes that this one has started and that work in one of these folders."""
    import psutil

    inside = [folder.resolve() for folder in workspaces]
    for process in psutil.Process().children(recursive=True) if inside else ():
        with contextlib.suppress(psutil.Error):  # it has ended by itself
            where = Path(process.cwd())
            if any(where.is_relative_to(folder) for folder in inside):
                process.kill()


def _execute(request: Request, options: dict[str, Any]) -> RunResult:
    started = time.perf_counter()
    try:
        return execute(request, **options)
    except folders.RunStopped:
        raise
    except Exception as error:  # noqa: BLE001 - whatever went wrong with one run is its result, and the others go on
        return _failure(request, error, time.perf_counter() - started)


def _outcome(future: Future[RunResult], request: Request) -> RunResult:
    """Give the result of a run; an executor may also fail at it (a worker that died)."""
    error = future.exception()
    if isinstance(error, Exception):
        return _failure(request, error, 0.0)
    return future.result()


def _failure(request: Request, error: Exception, seconds: float) -> RunResult:
    told = scrub.scrub(f"{type(error).__name__}: {error}", scrub.secrets())
    return RunResult("failed", request, None, seconds, told)


def _failed_before(request: Request, reports: Path, entry: Mapping[str, Any]) -> RunResult:
    folder = request.folder(reports)
    folder = folder.with_name(f"{folder.name}.failed")
    told = f"{entry.get('error') or 'RunError: failed'} (in the batch that was stopped; --retries tries it again)"
    return RunResult("failed", request, folder if folder.is_dir() else None, 0.0, told)
