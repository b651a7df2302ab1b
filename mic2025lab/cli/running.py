"""`mic2025lab run`, `batch`, and `analyses`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from mic2025lab.cli import common
from mic2025lab.cli.common import FAILED, FILE, OK, Listing, force_option, reports_option, write_site
from mic2025lab.errors import shown

if TYPE_CHECKING:
    from mic2025lab.runs.journal import Asked
    from mic2025lab.runs.kernels.warm import Kernels
    from mic2025lab.runs.request import Request
    from mic2025lab.runs.run import RunResult

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop a run that takes longer, and count it as failed.",
)


@click.command()
@click.argument("analysis", metavar="ANALYSIS")
@common.params_option(help="A parameter; `mic2025lab analyses` lists them.")
@common.pairs_option(
    "--vintage",
    "vintages",
    metavar="TABLE=VINTAGE",
    such="world_economy=weo-2025-10",
    help="A vintage for this run; `mic2025lab data status` lists them.",
)
@reports_option
@force_option
@timeout_option
def run(
    analysis: str,
    params: dict[str, str],
    vintages: dict[str, str],
    reports: Path,
    force: bool,
    timeout: float | None,
) -> None:
    """Run one ANALYSIS and add it to the site.

    ANALYSIS is a name that `mic2025lab analyses` lists, or the path of your own notebook.
    """
    from mic2025lab.runs.kernels.warm import Kernels

    with Kernels() as kernels, _stop_on_signal() as stop:
        kernels.begin()  # its imports are most of a small run and proceed beside all that follows
        from mic2025lab.runs.batch import Stopped, one
        from mic2025lab.runs.request import prepare
        from mic2025lab.site import build

        request = prepare(analysis, params, text=True, vintages=vintages)
        Thread(target=build.get_ready, daemon=True).start()
        way: dict[str, Any] = {"force": force, "timeout": timeout, "stop": stop, "kernels": kernels}
        try:
            result = one(request, reports=reports, progress_bar=sys.stderr.isatty(), **way)
        except Stopped:
            click.echo(f"mic2025lab: stopped; {_escape(request.label)} was not kept.", err=True)
            raise SystemExit(stop.status) from None
    _print_result(result)
    write_site(reports)
    raise SystemExit(FAILED if result.status == "failed" else OK)


@click.command()
@click.argument("plan", type=FILE, required=False)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Number of parallel runs; default: 1, on a cluster one per thread.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on a Dask cluster, such as tcp://host:8786. Its workers need the same version of mic2025lab and the reports folder under "
    "the same path on a shared file system.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="WORD",
    help="Only runs of this analysis, with this tag, or with this NAME=VALUE. If repeated, words of one kind are alternatives, and a run "
    "must match every kind.",
)
@click.option(
    "--fail-fast", is_flag=True, help="Start no new runs after the first failure; let running ones finish."
)
@timeout_option
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    help="How often to repeat a run whose kernel died or that exceeded its timeout.  [default: 0]",
)
@reports_option
@force_option
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the last batch if it was stopped or killed, with its plan and options unless others are given. Skips runs that it "
    "completed (even with --force) and runs that failed (unless --retries).",
)
@common.trust_option
@click.option(
    "--fresh",
    is_flag=True,
    help="Start a new Python for each run instead of forking one that has finished its imports. Always so on Windows and macOS.",
)
@click.option("--junit", type=FILE, help="Write the outcome of each run as JUnit XML.")
@click.option("--json", "json_", type=FILE, help="Write the outcome of each run as JSON.")
@click.option(
    "--notify",
    metavar="COMMAND",
    help="Command to run if a run failed or a figure changed. It gets JSON on standard input and MIC2025LAB_EVENT=failed,changed.",
)
def batch(
    plan: Path | None,
    reports: Path,
    junit: Path | None,
    json_: Path | None,
    notify: str | None,
    **options: Any,
) -> None:
    """Make the runs of a PLAN that do not exist yet.

    PLAN is a YAML file, or `default` for the plan of the package. Without PLAN, a project runs its own plan.

    Exit status: 0 success; 1 a run failed (the others are kept) or --notify failed; 2 the request was wrong, or another batch is running in
    the folder, and nothing was started; 130, 143, or 129 stopped by Ctrl-C, SIGTERM, or a hangup: completed runs are kept, and --resume continues.
    """
    from mic2025lab.runs.kernels.warm import Kernels

    status, broken = OK, ""
    with Kernels() as kernels, _stop_on_signal() as stop:
        if not (options["fresh"] or options["scheduler"]):
            kernels.begin()  # its imports proceed beside those of this process and the reading of the plan
        from mic2025lab.results import files
        from mic2025lab.runs import batch as batches
        from mic2025lab.runs import summary

        command = None if notify is None else summary.words(notify)
        resume = options.pop("resume")
        wanted, asked = _read_request(plan, reports, resume, options)
        try:
            results, left = _make_runs(wanted, reports, asked, resume, stop, kernels)
        except batches.Stopped as stopped:
            results, left, status = stopped.results, stopped.left, stop.status
        except batches.Broken as error:
            broken = str(error)
            click.echo(f"mic2025lab: {broken}", err=True)
            results, left, status = error.results, error.left, FAILED
        failed = any(result.status == "failed" for result in results)
        status = status or (FAILED if failed else OK)
        _print_outcome(summary.text(results, left), results, left, stopped=stop.is_set())
        steps: list[Callable[[], None]] = []
        if junit:
            steps.append(lambda: files.write_output(junit, summary.as_junit(results, left)))
        if json_:
            steps.append(lambda: files.write_output(json_, summary.as_json(results, left, reports)))
        steps.append(lambda: write_site(reports))
        if command and not stop.is_set():
            steps.append(lambda: summary.notify(command, summary.news(results, reports, broken)))
        for step in steps:  # one that fails does not stop the next
            try:
                with common.report_errors(FAILED):
                    step()
            except SystemExit:
                status = status or FAILED
    raise SystemExit(status)


@click.command(cls=Listing)
@click.argument("notebooks", nargs=-1)
def analyses(notebooks: tuple[str, ...]) -> None:
    """List analyses and their parameters.

    Lists the analyses of your project and of the package, or the given NOTEBOOKS, with their defaults.
    """
    import json

    from mic2025lab.analyses import available, get

    for analysis in map(get, notebooks or available()):
        click.echo(f"{analysis.name}: {analysis.question}")
        width = max(map(len, analysis.declared), default=0)
        for name, one in analysis.declared.items():
            texts = isinstance(one.default, list) and all(isinstance(item, str) for item in one.default)
            value = ",".join(one.default) if texts else json.dumps(one.default).strip('"')
            click.echo(f"  -p {name:<{width}} = {value:<22} {one.help}")
        click.echo()


def _read_request(
    plan: Path | None, reports: Path, resume: bool, options: dict[str, Any]
) -> tuple[list[Request], Asked]:
    """Return the requested runs and what is asked of them. Ends the command if there is nothing to resume."""
    from mic2025lab.errors import RunError
    from mic2025lab.runs import trust
    from mic2025lab.runs.journal import Asked, Journal, Options
    from mic2025lab.runs.plan import find_plan, read_plan

    only, trusted, before = list(options.pop("only")), options.pop("trust"), Options()
    last = Journal.read(reports) if resume else None
    if plan is None and resume:
        if last is None or not last.asked.plan:
            raise RunError(f"There is no batch in {reports} to resume. Name a plan.")
        if last.finished:
            click.echo(f"The last batch in {reports} finished; there is nothing to resume.")
            raise SystemExit(OK)
        plan = Path(os.path.normpath(reports.absolute() / last.asked.plan))
        before, only = last.asked.options, only or last.asked.only
        if not trusted and not trust.known("batch", str(plan), last.asked.model_dump()):
            _ask(reports, plan, before.scheduler)
    else:
        plan = find_plan(plan)
    given = {name: value for name, value in options.items() if value is not None and value is not False}
    # Relative to the reports folder, so that both can be moved together.
    place = os.path.relpath(plan.absolute(), reports.absolute())
    asked = Asked(plan=place, only=only, options=before.model_copy(update=given))
    requests = read_plan(plan, only=only)
    trust.remember("batch", os.path.normpath(plan.absolute()), asked.model_dump())
    return requests, asked


def _ask(reports: Path, plan: Path, scheduler: str | None) -> None:
    """Ask whether a batch that was not started by this user on this machine may be resumed."""
    where = f" on the scheduler {shown(scheduler)}" if scheduler else ""
    common.agree(
        f"The batch in {reports} was not started by you on this machine, or it was moved. It would run the plan "
        f"{shown(str(plan))}{where}. Name the plan and the scheduler yourself, or add --trust if you trust them."
    )


def _make_runs(
    requests: list[Request], reports: Path, asked: Asked, resume: bool, stop: _Stop, kernels: Kernels
) -> tuple[list[RunResult], list[Request]]:
    """Make the runs. Return the results, and the requests that were not made."""
    from mic2025lab.runs import batch as batches
    from mic2025lab.runs.identity import canonical

    options, executor, watch = asked.options, None, None
    jobs, scheduler = options.jobs, options.scheduler
    there = sum(request.folder(reports.absolute()).is_dir() for request in requests)
    progress = _Progress(len(requests) if options.force else len(requests) - there)
    with ExitStack() as stack:
        if scheduler:
            from mic2025lab.runs.cluster import connect

            absence = min(60, options.timeout or 60)
            executor, threads, watch = stack.enter_context(connect(scheduler, reports, absence=absence))
            jobs = jobs or threads
        results = batches.batch(
            requests,
            reports=reports,
            jobs=jobs or 1,
            executor=executor,
            watch=watch,
            kernels=None if options.fresh or scheduler else kernels,
            report=progress.ended,
            retrying=progress.again,
            stop=stop,
            asked=asked,
            resume=resume,
            **options.model_dump(include={"fail_fast", "timeout", "retries", "force"}),
        )
    # Compare requests, not run ids: the id of a run that reads other runs is known only after these.
    ended = {(result.request.analysis, canonical(result.request.parameters)) for result in results}
    return results, [one for one in requests if (one.analysis, canonical(one.parameters)) not in ended]


def _print_outcome(counts: str, results: Sequence[Any], left: Sequence[Any], *, stopped: bool) -> None:
    """Print how the batch ended, and what to do if it was stopped."""
    if results and not left and all(result.status == "unchanged" for result in results):
        counts += "; nothing was run again"
    click.echo(counts)
    if stopped:
        click.echo("mic2025lab: stopped. Completed runs are kept; these remain:", err=True)
    for request in left[:10] if stopped else ():
        click.echo(f"  {_escape(request.label)}", err=True)
    if stopped and len(left) > 10:
        click.echo(f"  and {len(left) - 10} more", err=True)
    if left:
        click.echo("To continue: mic2025lab batch --resume (with the same --reports)", err=True)


class _Stop(Event):
    """An event that a signal sets; `status` becomes the exit status."""

    status = 130  # as after Ctrl-C


@contextmanager
def _stop_on_signal() -> Iterator[_Stop]:
    """Turn the first Ctrl-C, SIGTERM, or hangup into a request to stop; the second has its usual effect.

    An ignored signal (`nohup`) stays ignored.
    """
    stop = _Stop()
    before: dict[int, Any] = {}

    def request_stop(number: int, frame: Any) -> None:
        stop.status = 128 + number
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, request_stop)
    try:
        yield stop
    finally:
        restore()


def _escape(text: str) -> str:
    """Escape control characters, which a terminal would act on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _print_result(result: Any, before: str = "", after: str = "") -> None:
    """Print how a run ended, and the reason of a failure to standard error."""
    what = {"unchanged": "unchanged, not run again", "done": "done", "failed": "FAILED"}[result.status]
    text = f"{before}{_escape(result.request.label)}: {what} ({result.seconds:.1f} s){after}"
    if result.folder is not None and result.status != "unchanged":
        text += f"\n{' ' * len(before)}{result.folder / 'notebook.html'}"
    click.echo(text)
    if result.error:
        for line in result.error.splitlines():
            click.echo(f"{' ' * len(before)}{_escape(line)}", err=True)


class _Progress:
    """Print the progress of a batch: one line per run, and on a terminal a status line below."""

    def __init__(self, to_make: int) -> None:
        self.to_make = to_make
        self.made = 0
        self.began = time.monotonic()
        self.live = sys.stderr.isatty()

    def ended(self, number: int, total: int, result: Any) -> None:
        """Report that a run ended, and the estimated time left."""
        from mic2025lab.site import build

        if number == 1 and self.to_make:
            Thread(target=build.get_ready, daemon=True).start()  # this process mostly waits for kernels
        self.made += result.seconds > 0 and result.status != "unchanged"
        rest = self._rest() if number < total else ""
        self._clear()
        _print_result(
            result, f"[{number:>{len(str(total))}}/{total}] ", "" if self.live or not rest else f", {rest}"
        )
        if self.live and number < total:
            click.echo(f"{total - number} to go{', ' if rest else ''}{rest} …", nl=False, err=True)

    def again(self, result: Any, number: int) -> None:
        """Report that a run is tried again."""
        self._clear()
        click.echo(
            f"{_escape(result.request.label)}: {_escape(str(result.error))}; trying again (try {number})",
            err=True,
        )

    def _rest(self) -> str:
        """Estimate the time left from the pace of the runs so far."""
        from mic2025lab.runs.summary import duration

        left = self.to_make - self.made
        if not self.made or left <= 0:
            return ""
        return f"about {duration((time.monotonic() - self.began) / self.made * left)} left"

    def _clear(self) -> None:
        if self.live:
            click.echo("\r\033[K", nl=False, err=True)
