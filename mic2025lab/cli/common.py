"""Exit statuses, options, output for any terminal, and error messages that the commands share."""

from __future__ import annotations

import atexit
import codecs
import errno
import gc
import io
import json
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mic2025lab.errors import LabError, ParameterError, shown

if TYPE_CHECKING:
    from mic2025lab.results.run import Run

#: Exit status: success; a run or build failed (the others are kept); the request was wrong and nothing was started.
OK, FAILED, WRONG = 0, 1, 2


FILE = click.Path(dir_okay=False, path_type=Path)


def _reports() -> Path:
    """Return the folder of reports: that of the user's project, or `reports` here."""
    from mic2025lab import project

    own = project.find()
    if own is None:
        return Path("reports")
    return own.reports.relative_to(Path.cwd()) if own.reports.is_relative_to(Path.cwd()) else own.reports


def pairs_option(*names: str, metavar: str, such: str, help: str) -> Any:
    """Return an option that can be repeated, whose values are pairs of NAME=VALUE."""

    def divided(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for text in given:
            name, equals, value = text.partition("=")
            if not equals or not name.strip():
                raise ParameterError(
                    f"{names[0]} {shown(text)} must be {metavar.lower()}, such as {names[0]} {such}."
                )
            if name.strip() in pairs:
                raise ParameterError(f"{names[0]} {name.strip()} is given more than once; give it once.")
            pairs[name.strip()] = value
        return pairs

    text = f"{help} Repeat for more."
    return click.option(*names, multiple=True, metavar=metavar, callback=divided, help=text)


params_option = partial(pairs_option, "-p", "params", metavar="NAME=VALUE", such="sector=aerospace")
reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=_reports,
    is_eager=True,  # a run is looked for in it
    show_default="reports, in your project",
    help="Folder of reports.",
)


def run_argument(name: str = "run", metavar: str = "RUN") -> Any:
    """Return an argument that names a run in the folder of reports."""

    def find(ctx: click.Context, argument: click.Parameter, text: str) -> Run:
        from mic2025lab.runs.changes import history

        return history.find(text, ctx.params["reports"])

    return click.argument(name, metavar=metavar, callback=find)


force_option = click.option("--force", is_flag=True, help="Also repeat runs that already exist.")
trust_option = click.option(
    "--trust", is_flag=True, help="Run what somebody else may have written without asking."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print all details as JSON.")


def agree(question: object) -> None:
    """Ask on a terminal, and raise the question as an error unless the user agrees. Elsewhere nobody can."""
    from mic2025lab.runs.trust import Untrusted

    if not (sys.stdin.isatty() and click.confirm(f"mic2025lab: {question}\nRun it?", err=True)):
        raise Untrusted(str(question))


#: ASCII replacements for characters that the encoding of a terminal lacks.
_PLAIN = str.maketrans({
    "–": "-", "—": "-", "−": "-", "…": "...", "×": "x", "·": "-", "→": "->", "≤": "<=", "≥": ">=",
    "“": "'", "”": "'", "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that an encoding lacks: punctuation by ASCII, letters by JSON escapes (\\u4f01)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return json.dumps(text)[1:-1], error.end


codecs.register_error("mic2025lab.plain", _replace_unencodable)


class Commands(click.Group):
    """Commands that print to a terminal of any encoding, whose work does not end because a line cannot be printed, and whose errors are a message."""

    def invoke(self, ctx: click.Context) -> Any:
        with report_errors():
            return super().invoke(ctx)

    def main(self, *args: Any, **extra: Any) -> Any:
        if not args:  # the command of this process
            gc.set_threshold(20_000, 20, 50)  # imports and pages make many objects and little garbage
            atexit.register(gc.freeze)  # Python would go through all objects once more before it ends
        _open_closed()
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = map(_patient, before)
        try:
            return super().main(*args, **extra)
        finally:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Open the standard streams that are closed (`>&-`), before the next file gets their number and the output of kernels with it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process


class _Output(io.FileIO):
    """Where a stream writes to. What cannot be written (a full disk, a reader that has gone) is dropped.

    Attributes
    ----------
    lost : OSError or None
        Why.
    """

    lost: OSError | None = None

    def write(self, data: Any) -> int:
        while self.lost is None:
            try:
                written = super().write(data)
            except OSError as error:
                self.lost = error
            else:
                if written is not None:
                    return written
                # Another program has made the pipe non-blocking, and it is full.
                select.select([], [self], [])
        return len(data)


def _patient(stream: Any) -> Any:
    """Return a stream that takes any text and drops what cannot be written."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # without a buffer if Python runs unbuffered
    if not isinstance(raw, io.FileIO):  # no stream, or one of a test
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="mic2025lab.plain")
        return stream
    with suppress(OSError):
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(raw.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors="mic2025lab.plain",
        line_buffering=stream.line_buffering,
    )


class Listing(click.Command):
    """A command whose result is what it prints. It fails if that cannot be printed; a reader that stops early is not a failure."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        finally:
            raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
            if sys.stdout is not None:
                sys.stdout.flush()
            if isinstance(raw, _Output) and raw.lost and raw.lost.errno not in (errno.EPIPE, errno.EINVAL):
                click.echo(f"mic2025lab: the output cannot be written: {raw.lost.strerror}.", err=True)
                ctx.exit(WRONG)


def json_text(content: Any) -> str:
    """Return JSON for standard output, without characters that its encoding lacks. Numbers that JSON has not, such as infinity, are null."""
    from pydantic_core import to_jsonable_python

    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    values = to_jsonable_python(content, inf_nan_mode="null", fallback=str)
    return json.dumps(values, indent=1, ensure_ascii=plain)


@contextmanager
def report_errors(status: int = WRONG) -> Iterator[None]:
    """Turn an error that the user can fix into one message and an exit status."""
    try:
        yield
    except LabError as error:
        if click.get_current_context().find_root().params.get("debug"):
            raise
        click.echo(f"mic2025lab: {error}", err=True)
        raise SystemExit(status) from None


def write_site(reports: Path) -> None:
    """Rebuild the site, one process at a time, so that the last one includes all runs; print its path."""
    from mic2025lab.runs import lock
    from mic2025lab.site.build import build_site

    with report_errors(FAILED), lock.hold(reports, lock.SITE, wait=300):
        click.echo(f"Index: {build_site(reports)}")
