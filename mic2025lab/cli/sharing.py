"""`mic2025lab share` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import FAILED, asked, reports_option

out_option = click.option(
    "-o", "--output", "out", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)


@click.command()
@click.argument("run", metavar="RUN")
@out_option
@click.option("--as-is", is_flag=True, help="Also a run whose code or data are not those that are here now.")
@reports_option
def share(run: str, out: Path | None, as_is: bool, reports: Path) -> None:
    """Pack RUN into one zip: report, notebook, data where their licences allow, libraries, package and how to make it again.

    RUN is a folder, a run id, or an analysis: its newest run with default parameters. Keys, home folders and the names of user and
    host are taken out.
    """
    from mic2025lab.runs.changes import history
    from mic2025lab.runs.sharing.share import share as pack

    with asked():
        found = history.find(run, reports)
        shared = pack(found, out or _file(found, "zip"), as_is=as_is)
    click.echo(f"{shared.path} ({shared.size / 1e6:.1f} MB)")
    click.echo(f"Data in it: {', '.join(shared.included) or 'none'}")
    if shared.referenced:
        click.echo(
            f"Named and not in it: {', '.join(shared.referenced)} (REFERENCES.md says why and how to get them)"
        )
    if shared.stale:
        click.echo(
            f"Changed since the run: {', '.join(shared.stale)}; made again, it may give other results",
            err=True,
        )


@click.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--pdf", is_flag=True, help="PDF, where a Chromium, Chrome or Edge is on the machine; else HTML."
)
@click.option("--no-input", is_flag=True, help="Without the code.")
@out_option
@reports_option
def export(run: str, pdf: bool, no_input: bool, out: Path | None, reports: Path) -> None:
    """Write the report of RUN as one HTML or PDF file that needs nothing else."""
    import nbformat

    from mic2025lab.errors import RunError
    from mic2025lab.results import files
    from mic2025lab.runs.changes import history
    from mic2025lab.runs.pages import html
    from mic2025lab.runs.pages import pdf as printer

    with asked():
        found = history.find(run, reports)
        if pdf:
            printer.browser()
    out = out or _file(found, "pdf" if pdf else "html")
    with asked(FAILED):
        notebook = nbformat.read(found.folder / "notebook.ipynb", as_version=4)
        page = html.page(found, notebook, code=not no_input, back=None, files=False)
        if pdf:
            printer.write(page, out)
        else:
            try:
                files.write(out, page)
            except OSError as error:
                raise RunError(f"{out} cannot be written: {error.strerror or error}.") from error
    click.echo(out)


def _file(run: Any, kind: str) -> Path:
    folder = run.folder.absolute()
    return Path(f"{folder.parent.name}-{folder.name}.{kind}")
