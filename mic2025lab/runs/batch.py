"""Many runs, side by side and independent of each other, and stopped cleanly on request."""

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
from mic2025lab.runs import folders, lock, scrub
from mic2025lab.runs.journal import Asked, Ended, Journal
from mic2025lab.runs.request import Request
from mic2025lab.runs.run import REPORTS, RunResult, execute

if TYPE_CHECKING:
    from mic2025lab.runs.kernels.warm import Kernels

#: Seconds after which a request to stop is noticed at the latest.
_LOOK = 0.2

#: Seconds after its timeout until a run on a worker that does not answer is given up.
_SILENCE = 60

#: Called as each run ends, with the number of runs that have ended, the number of all runs, and the result.
Report = Callable[[int, int, RunResult], None]

#: Called when a failed run is retried, with the result and the number of the next try.
Retrying = Callable[[RunResult, int], None]

#: The beginnings of errors that a retry may overcome. A wrong value or a missing table fails again.
_PASSING = (
    "DeadKernelError",
    "CellTimeoutError",
    "TimeoutError",
    "RuntimeError: Kernel ",  # jupyter_client: the kernel died or did not answer during startup
    "KilledWorker",  # Dask
    "CommClosedError",
)


class _Ended(BaseException):
    """The end of a batch before all of its runs have ended, after cleaning up.

    Attributes
    ----------
    results : list of RunResult
        The runs that ended.
    left : list of Request
        The runs that did not.
    """

    def __init__(self, message: str, work: _Work) -> None:
        super().__init__(message)
        self.results, self.left = work.in_order(), work.left()


class Stopped(_Ended, KeyboardInterrupt):
    """Raised when a batch was interrupted."""


class Broken(_Ended, RunError):
    """Raised when a batch cannot continue (its folder was moved, the disk is full)."""


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
    watch: Callable[[bool], None] | None = None,
    report: Report | None = None,
    retrying: Retrying | None = None,
    asked: Asked | None = None,
    stop: Event | None = None,
) -> list[RunResult]:
    """Make many runs. A failed run does not stop the others.

    Parameters
    ----------
    requests : sequence of Request
        From `read_plan` or `prepare`.
    reports : path
        The folder of reports. One batch at a time can use it.
    jobs : int
        How many runs at once, also with an executor.
    force : bool
        Also make runs that exist already.
    timeout : float, optional
        Seconds that a run may take. After that it is ended and fails.
    retries : int
        How often a failed run is retried if the reason may be temporary: its kernel died, or its time was over.
    fail_fast : bool
        After the first failure, stop starting new runs and let running ones finish.
    resume : bool
        Continue the last batch in `reports` if it was stopped. Runs that it finished are not made again, whatever `force` is.
        Runs that failed in it are retried only if `retries` is not 0.
    kernels : Kernels, optional
        What kernels are forked from. By default each run starts a new Python. Not with an executor of other processes.
    executor : concurrent.futures.Executor, optional
        Where the runs take place. By default in `jobs` threads, each of which waits for a kernel process. Workers must see
        `reports` under the same path.
    watch : callable, optional
        Called often while runs are made, with whether the executor has given one up. Raises RunError if it can make no more.
    report : callable, optional
        Called as each run ends.
    retrying : callable, optional
        Called when a run is retried.
    asked : Asked, optional
        What the command was asked, stored in the journal for `--resume`.
    stop : threading.Event, optional
        When it is set (by a signal handler), the batch ends as on a KeyboardInterrupt.

    Returns
    -------
    list of RunResult
        In the order of the requests. With `fail_fast`, only those that ended.

    Raises
    ------
    RunError
        If another batch is running in `reports`, or it cannot be written to. Nothing was started.
    Broken
        If the folder is moved meanwhile, the disk is full, or the executor can no longer make the runs.
    Stopped
        On a KeyboardInterrupt or `stop`, after ending the kernels and removing unfinished runs.
    """
    reports = Path(reports).absolute()
    with lock.hold(reports) as check:
        folders.sweep(reports)
        journal = _journal(reports, resume, asked)
        work = _Work(
            list(requests),
            {"reports": str(reports), "timeout": timeout, "kernels": kernels},
            executor,
            jobs=jobs,
            retries=retries,
            retrying=retrying,
            watch=watch,
            asked_to_stop=stop,
        )
        with work:
            for number, result in enumerate(work.line_up(journal.ended, force), start=1):
                if report:  # earlier failures do not trigger fail_fast
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
    return work.in_order()


def one(
    request: Request,
    *,
    reports: str | Path = REPORTS,
    force: bool = False,
    stop: Event | None = None,
    **how: Any,
) -> RunResult:
    """Make one run so that it can be stopped, as in a batch but without lock and journal.

    Parameters
    ----------
    request : Request
        From `prepare`.
    reports, force, stop
        As in `batch`.
    **how
        `kernels`, `timeout`, and `progress_bar`, as in `run.execute`.

    Raises
    ------
    Stopped
        As in `batch`.
    """
    way = {"reports": str(Path(reports).absolute()), **how}
    with _Work([request], way, asked_to_stop=stop) as work:
        work.line_up({}, force)
        (result,) = work.results()
    return result


def _journal(reports: Path, resume: bool, asked: Asked | None) -> Journal:
    """Begin the journal. When continuing a stopped batch, keep its ended runs."""
    last = (Journal.read(reports) if resume else None) or Journal()
    journal = Journal(asked or last.asked, {} if last.finished else last.ended)
    journal.begin(reports)
    return journal


@dataclass
class _Work(contextlib.AbstractContextManager["_Work"]):
    """The runs of a batch: waiting, running, and ended."""

    requests: list[Request]
    way: dict[str, Any]  # how each is executed: `reports`, `timeout`, …
    executor: Executor | None = None
    jobs: int = 1
    retries: int = 0
    retrying: Retrying | None = None
    watch: Callable[[bool], None] | None = None
    asked_to_stop: Event | None = None
    ended: dict[int, RunResult] = field(default_factory=dict)
    queue: deque[tuple[int, bool]] = field(default_factory=deque)
    running: dict[Future[RunResult], tuple[int, bool]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # Threads of its own end with it. The caller shuts down an executor that it passed.
        self._own = ThreadPoolExecutor(max_workers=self.jobs) if self.executor is None else None
        self._pool: Executor = self.executor or self._own  # type: ignore[assignment]

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        try:
            if isinstance(error, KeyboardInterrupt | RunError):
                self.stop()
                raise (Broken if isinstance(error, RunError) else Stopped)(str(error), self) from error
        finally:
            if self._own:
                self._own.shutdown(cancel_futures=True)

    def line_up(self, before: Mapping[tuple[str, str], Ended], force: bool) -> list[RunResult]:
        """Put the runs in the queue. Return the runs whose result from the stopped batch (`before`) is kept."""
        for position, request in enumerate(self.requests):
            entry = before.get((request.analysis, request.run_id))
            if entry and entry.status == "failed" and not self.retries:
                self.ended[position] = _failed_before(request, Path(self.way["reports"]), entry.error)
            else:
                again = force and (entry is None or entry.status == "failed")
                self.queue.append((position, again))
        self.queue = deque(sorted(self.queue, key=lambda waiting: self._after(waiting[0])))
        return self.in_order()

    def results(self) -> Iterator[RunResult]:
        """Make the runs. Yield each result as it ends."""
        last, timeout = time.monotonic(), self.way.get("timeout")
        while self.queue or self.running:
            self._start()
            done, _ = wait(self.running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            last = time.monotonic() if done else last
            if self.watch is not None:
                self.watch(any(future.cancelled() for future in done))
                if timeout is not None and time.monotonic() - last > timeout + _SILENCE:
                    raise RunError(
                        f"No run has ended for {timeout + _SILENCE:g} s, though each may take {timeout:g} s: "
                        "the workers do not answer."
                    )
            if self.asked_to_stop is not None and self.asked_to_stop.is_set():
                raise KeyboardInterrupt
            for future in done:
                position, forced = self.running.pop(future)
                lost = future.exception()  # the executor may have failed too (a worker died)
                request = self.requests[position]
                result = _failure(request, lost, 0.0) if isinstance(lost, Exception) else future.result()
                again = self.tries[position] <= self.retries
                if again and (result.error or "").startswith(_PASSING):
                    if self.retrying:
                        self.retrying(result, self.tries[position] + 1)
                    self.queue.appendleft((position, forced))
                    continue
                self.ended[position] = result
                yield result

    def start_no_more(self) -> None:
        """Stop starting new runs; let running ones finish."""
        self.queue.clear()
        self.retries = 0

    def stop(self) -> None:
        """End the running kernels of this process, and keep the results of runs that ended by themselves."""
        self.queue.clear()
        for future in self.running:
            future.cancel()
        while True:
            end_kernels(folders.stop(Path(self.way["reports"])))
            _, open_ = wait(self.running, timeout=0.2)
            if not open_ or not self._own:
                break
        for future, (position, _) in self.running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self.ended[position] = future.result()

    def in_order(self) -> list[RunResult]:
        """Return the results in the order of the requests."""
        return [self.ended[position] for position in sorted(self.ended)]

    def left(self) -> list[Request]:
        """Return the requests that have not ended."""
        return [request for position, request in enumerate(self.requests) if position not in self.ended]

    def _after(self, position: int) -> bool:
        return self.requests[position].described().after

    def _start(self) -> None:
        # Only as many runs are submitted as can run at once, so that the others can still be cancelled on any executor.
        while self.queue and len(self.running) < self.jobs:
            if self._after(self.queue[0][0]) and self.running:
                break  # it reads the results of the others
            position, forced = self.queue.popleft()
            self.tries[position] += 1
            future = self._pool.submit(_execute, self.requests[position], {**self.way, "force": forced})
            self.running[future] = (position, forced)


def end_kernels(workspaces: Sequence[Path]) -> None:
    """End the child processes that work in one of these folders."""
    import psutil

    inside = [folder.resolve() for folder in workspaces]
    for process in psutil.Process().children(recursive=True) if inside else ():
        with contextlib.suppress(psutil.Error):  # it ended by itself
            where = Path(process.cwd())
            if any(where.is_relative_to(folder) for folder in inside):
                process.kill()


def _execute(request: Request, options: dict[str, Any]) -> RunResult:
    started = time.perf_counter()
    try:
        return execute(request, **options)
    except folders.RunStopped:
        raise
    except Exception as error:  # noqa: BLE001 - any error of a run is its result, and the others continue
        return _failure(request, error, time.perf_counter() - started)


def _failure(request: Request, error: Exception, seconds: float) -> RunResult:
    told = scrub.scrub(f"{type(error).__name__}: {error}", scrub.secrets())
    return RunResult("failed", request, None, seconds, told)


def _failed_before(request: Request, reports: Path, error: str | None) -> RunResult:
    folder = request.folder(reports)
    folder = folder.with_name(f"{folder.name}.failed")
    told = f"{error or 'RunError: failed'} (in the stopped batch; --retries retries it)"
    return RunResult("failed", request, folder if folder.is_dir() else None, 0.0, told)
