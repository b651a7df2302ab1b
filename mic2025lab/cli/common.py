"""What the commands share: exit statuses, options, and how an error is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mic2025lab.errors import LabError

#: Exit status: all good; some run (or build) failed and the others are kept; the request was wrong and nothing was started.
OK, FAILED, WRONG = 0, 1, 2

reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder of reports.",
)
force_option = click.option("--force", is_flag=True, help="Run also what is there already.")


@contextmanager
def asked(status: int = WRONG) -> Iterator[None]:
    """Turn an error that a person can put right into one message and an exit status."""
    try:
        yield
    except LabError as error:
        if click.get_current_context().find_root().params.get("debug"):
            raise
        click.echo(f"mic2025lab: {error}", err=True)
        raise SystemExit(status) from None


def write_index(reports: Path) -> None:
    """Write the site anew and say where it is."""
    from mic2025lab.site.build import build_site

    with asked(FAILED):
        click.echo(f"Index: {build_site(reports)}")
