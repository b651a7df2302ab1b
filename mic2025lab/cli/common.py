"""Exit statuses, options, output for any terminal, and error messages that the commands share."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mic2025lab.errors import LabError

#: Exit status: success; a run or build failed (the others are kept); the request was wrong and nothing was started.
OK, FAILED, WRONG = 0, 1, 2

reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder of reports.",
)
force_option = click.option("--force", is_flag=True, help="Also repeat runs that already exist.")
trust_option = click.option(
    "--trust", is_flag=True, help="Do not ask before running what somebody else may have written."
)


def agrees(question: object) -> bool:
    """Ask on a terminal. Elsewhere nobody can agree."""
    return sys.stdin.isatty() and click.confirm(f"mic2025lab: {question}\nRun it?", err=True)


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
    """A group of commands that can print to a terminal of any encoding, such as cp1252, cp932, or cp437."""

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="mic2025lab.plain")
        return super().main(*args, **extra)


def json_text(content: Any) -> str:
    """Return JSON for standard output, without characters that its encoding lacks."""
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    return json.dumps(content, indent=1, ensure_ascii=plain, default=str)


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
    """Rebuild the site and print its path."""
    from mic2025lab.site.build import build_site

    with report_errors(FAILED):
        click.echo(f"Index: {build_site(reports)}")
