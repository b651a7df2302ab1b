"""`mic2025lab run`, `batch` and `analyses`."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import click

from mic2025lab.cli.common import FAILED, OK, asked, force_option, reports_option, write_index

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End a run that takes longer; it fails.",
)


@click.command()
@click.argument("analysis", metavar="ANALYSIS")
@click.option(
    "-p",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; see: mic2025lab analyses. Repeat it for more.",
)
@reports_option
@force_option
@timeout_option
def run(analysis: str, params: tuple[str, ...], reports: Path, force: bool, timeout: float | None) -> None:
    """Run one analysis, by its name or as the path of a notebook of your own, and add it to the index page."""
    from mic2025lab.runs.batch import Stopped, one
    from mic2025lab.runs.run import prepare

    with _signals() as stop, asked():
        request = prepare(analysis, _pairs(params), text=True)
        bar = sys.stderr.isatty()
        try:
            result = one(request, reports=reports, force=force, timeout=timeout, progress_bar=bar, stop=stop)
        except Stopped:
            click.echo(f"mic2025lab: stopped; nothing of {_clean(request.label)} is kept.", err=True)
            raise SystemExit(stop.status) from None
    _line(result)
    _index(reports)
    raise SystemExit(FAILED if result.status == "failed" else OK)


@click.command()
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs at once; by default 1, on a cluster one a thread."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Make the runs on a Dask cluster, such as tcp://host:8786. Its workers need the same mic2025lab, and the folder of reports "
    "under the same path on a shared file system.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="WORD",
    help="Only runs of this analysis, with this tag, or with this NAME=VALUE. Repeat it: words of one kind are alternatives, and each "
    "kind must fit.",
)
@click.option(
    "--fail-fast", is_flag=True, help="After the first failure start no more; those under way are finished."
)
@timeout_option
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    help="Try a run again, so often, whose kernel died or that was over its time.  [default: 0]",
)
@reports_option
@force_option
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the last batch if it was stopped or killed: its plan and options, unless others are given, without the runs "
    "that it has made (also with --force) and without those that failed (unless --retries).",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Start a new Python for each run instead of forking one that has its imports done; on Windows and macOS every run starts its own.",
)
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write how each run ended as JUnit's XML.",
)
@click.option("--json", "json_", type=click.Path(dir_okay=False, path_type=Path), help="The same as JSON.")
@click.option(
    "--notify",
    metavar="COMMAND",
    help="Run this if a run failed or a figure is not what it was: JSON on its standard input, MIC2025LAB_EVENT=failed,changed.",
)
def batch(
    plan: Path | None,
    reports: Path,
    junit: Path | None,
    json_: Path | None,
    notify: str | None,
    **options: Any,
) -> None:
    """Make every run of a PLAN (YAML) that is not there already.

    Exit status: 0 all good; 1 some run failed (or nobody could be told), the others are kept; 2 the request was wrong or another batch is at
    work in the folder, nothing was started; 130, 143 or 129 stopped by Ctrl-C, SIGTERM or a hangup: what was done is kept, and --resume goes on.
    """
    from mic2025lab.runs import batch as batches
    from mic2025lab.runs import notify as hook
    from mic2025lab.runs import summary

    status = OK
    with _signals() as stop:
        with asked():
            command = None if notify is None else hook.words(notify)
            request = _asked_for(plan, reports, options)
            if request is None:
                click.echo(f"The last batch in {reports} came to its end; there is nothing to go on with.")
                raise SystemExit(OK)
            wanted, options = request
            try:
                results, left = _work(wanted, reports, options, stop)
            except batches.Stopped as stopped:
                results, left, status = stopped.results, stopped.left, stop.status
            except batches.Broken as broken:
                click.echo(f"mic2025lab: {broken}", err=True)
                results, left, status = broken.results, broken.left, FAILED
        failed = any(result.status == "failed" for result in results)
        status = status or (FAILED if failed else OK)
        _tell(summary.text(results, left), results, left, stopped=stop.is_set())
        with asked(FAILED):
            _write(junit, summary.as_junit(results, left))
            _write(json_, summary.as_json(results, left, reports))
        _index(reports)
        if command and not stop.is_set():
            with asked(FAILED):
                news = summary.news(results, reports)
                if news["events"]:
                    hook.notify(command, news)
    raise SystemExit(status)


@click.command()
@click.argument("notebooks", nargs=-1)
def analyses(notebooks: tuple[str, ...]) -> None:
    """List the analyses with their parameters and defaults: those of the package, or the NOTEBOOKS named."""
    import json

    from mic2025lab.analyses import ANALYSES, get

    with asked():
        for analysis in map(get, notebooks or ANALYSES):
            click.echo(f"{analysis.name}: {analysis.question}")
            width = max(map(len, analysis.declared), default=0)
            for name, one in analysis.declared.items():
                texts = isinstance(one.default, list) and all(isinstance(item, str) for item in one.default)
                value = ",".join(one.default) if texts else json.dumps(one.default).strip('"')
                click.echo(f"  -p {name:<{width}} = {value:<22} {one.help}")
            click.echo()


#: Options of a batch that `--resume` takes over from the batch that was stopped.
_DEFAULTS = {
    "jobs": None,
    "scheduler": None,
    "fail_fast": False,
    "timeout": None,
    "retries": 0,
    "force": False,
    "fresh": False,
}


def _asked_for(
    plan: Path | None, reports: Path, options: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]] | None:
    """Give the runs that are wanted and the options to make them with; None if there is nothing to go on with."""
    import os

    from mic2025lab.errors import RunError
    from mic2025lab.runs.journal import Journal
    from mic2025lab.runs.plan import read_plan

    last = Journal.read(reports) if options["resume"] else None
    only = list(options.pop("only"))
    if plan is None:
        if not options["resume"]:
            raise RunError(
                "Name a plan, such as notebooks/plans/default.yml; --resume alone goes on with the last batch."
            )
        if last is None or "plan" not in last.asked:
            raise RunError(f"There is no batch in {reports} to go on with. Name a plan.")
        if last.finished:
            return None
        plan = Path(os.path.normpath(reports.absolute() / last.asked["plan"]))
        only = only or last.asked["only"]
        before = last.asked["options"]
    else:
        before = {}
    for name, default in _DEFAULTS.items():
        if options[name] is None or options[name] is False:
            options[name] = before.get(name, default)
    asked_for = {
        # from the folder of reports, so that both can be moved together
        "plan": os.path.relpath(plan.absolute(), reports.absolute()),
        "only": only,
        "options": {name: options[name] for name in _DEFAULTS},
    }
    return read_plan(plan, only=only), {**options, "asked": asked_for}


def _work(
    requests: list[Any], reports: Path, options: dict[str, Any], stop: _Stop
) -> tuple[list[Any], list[Any]]:
    """Make the runs; give those that ended and the requests that are left."""
    from mic2025lab.runs import batch as batches
    from mic2025lab.runs.identity import canonical
    from mic2025lab.runs.kernels.warm import Kernels
    from mic2025lab.runs.run import is_good

    fresh, scheduler, jobs = options.pop("fresh"), options.pop("scheduler"), options.pop("jobs")
    there = sum(is_good(request.folder(reports.absolute())) for request in requests)
    progress = _Progress(len(requests) if options["force"] else len(requests) - there)
    executor = kernels = None
    with ExitStack() as stack:
        if scheduler:
            from mic2025lab.runs.cluster import connect

            executor, threads = stack.enter_context(connect(scheduler, reports))
            jobs = jobs or threads
        elif not fresh:
            kernels = stack.enter_context(Kernels())
        results = batches.batch(
            requests,
            reports=reports,
            jobs=jobs or 1,
            executor=executor,
            kernels=kernels,
            report=progress.ended,
            retrying=progress.again,
            stop=stop,
            **options,
        )
    # By what was asked for: a run that is made of other runs has its name only when these are there.
    ended = {(result.request.analysis, canonical(result.request.parameters)) for result in results}
    return results, [one for one in requests if (one.analysis, canonical(one.parameters)) not in ended]


def _tell(counts: str, results: Sequence[Any], left: Sequence[Any], *, stopped: bool) -> None:
    """Say how the batch ended, and what to do if it was stopped."""
    if results and not left and all(result.status == "unchanged" for result in results):
        counts += "; nothing was re-run"
    click.echo(counts)
    if stopped:
        click.echo("mic2025lab: stopped. What was done is kept; left are:", err=True)
    for request in left[:10] if stopped else ():
        click.echo(f"  {_clean(request.label)}", err=True)
    if stopped and len(left) > 10:
        click.echo(f"  and {len(left) - 10} more", err=True)
    if left:
        click.echo("To go on: mic2025lab batch --resume (with the same --reports)", err=True)


def _write(path: Path | None, content: str) -> None:
    from mic2025lab.errors import RunError
    from mic2025lab.results import files

    if path is not None:
        try:
            files.write(path, content)
        except OSError as error:
            raise RunError(f"{path} cannot be written: {error.strerror or error}.") from error


def _index(reports: Path) -> None:
    """Write the site; one process at a time, so that the last to write has seen what all have made."""
    from mic2025lab.runs import lock

    with asked(FAILED), lock.hold(reports, lock.SITE, wait=300):
        write_index(reports)


class _Stop(Event):
    """Set by a signal; `status` is what the process is to end with."""

    status = 130  # as after Ctrl-C


@contextmanager
def _signals() -> Iterator[_Stop]:
    """Turn the first Ctrl-C, SIGTERM or hangup into a request to stop; the second has its usual effect.

    A signal that is ignored (`nohup`) stays so.
    """
    stop = _Stop()
    before: dict[int, Any] = {}

    def asked_to_stop(number: int, frame: Any) -> None:
        stop.status = 128 + number
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, asked_to_stop)
    try:
        yield stop
    finally:
        restore()


def _pairs(params: tuple[str, ...]) -> dict[str, str]:
    """Split NAME=VALUE."""
    from mic2025lab.errors import ParameterError, shown

    pairs: dict[str, str] = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"-p {shown(text)} must be name=value, such as -p sector=aerospace.")
        if name.strip() in pairs:
            raise ParameterError(f"-p {name.strip()} is given more than once; give it once.")
        pairs[name.strip()] = value
    return pairs


def _clean(text: str) -> str:
    """Write what a terminal would obey (escapes, line feeds) as it is written in Python."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _line(result: Any, before: str = "", after: str = "") -> None:
    """Say how a run ended, in one line; a failure goes to standard error as well as its reason."""
    what = {"unchanged": "unchanged, nothing re-run", "done": "done", "failed": "FAILED"}[result.status]
    text = f"{before}{_clean(result.request.label)}: {what} ({result.seconds:.1f} s){after}"
    if result.folder is not None and result.status != "unchanged":
        text += f"\n{' ' * len(before)}{result.folder / 'notebook.html'}"
    click.echo(text)
    if result.error:
        for line in result.error.splitlines():
            click.echo(f"{' ' * len(before)}{_clean(line)}", err=True)


class _Progress:
    """Tells how far a batch is: a line a run, and on a terminal a last line that is written over."""

    def __init__(self, to_make: int) -> None:
        self.to_make = to_make
        self.made = 0
        self.began = time.monotonic()
        self.live = sys.stderr.isatty()

    def ended(self, number: int, total: int, result: Any) -> None:
        """Tell that a run ended, and about how long the others will take."""
        self.made += result.seconds > 0 and result.status != "unchanged"
        rest = self._rest() if number < total else ""
        self._clear()
        _line(result, f"[{number:>{len(str(total))}}/{total}] ", "" if self.live or not rest else f", {rest}")
        if self.live and number < total:
            click.echo(f"{total - number} to go{', ' if rest else ''}{rest} …", nl=False, err=True)

    def again(self, result: Any, number: int) -> None:
        """Tell that a run is tried again."""
        self._clear()
        click.echo(
            f"{_clean(result.request.label)}: {_clean(str(result.error))}; trying again (try {number})",
            err=True,
        )

    def _rest(self) -> str:
        """Reckon the time that is left from the time that the runs made so far took, side by side as they were."""
        from mic2025lab.runs.summary import duration

        left = self.to_make - self.made
        if not self.made or left <= 0:
            return ""
        return f"about {duration((time.monotonic() - self.began) / self.made * left)} left"

    def _clear(self) -> None:
        if self.live:
            click.echo("\r\033[K", nl=False, err=True)
