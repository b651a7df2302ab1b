"""`mic2025lab site`, `share`, and `export`: reports for others to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mic2025lab.cli.common import FAILED, FILE, report_errors, reports_option, run_argument, write_site

if TYPE_CHECKING:
    from mic2025lab.results.run import Run

out_option = click.option("-o", "--output", "out", type=FILE, help="File to write.")


@click.group()
def site() -> None:
    """Build the site of a folder of reports."""


@site.command("build")
@reports_option
def site_build(reports: Path) -> None:
    """Build the pages around the runs: all answers, sectors, analyses, changes, and a feed.

    Unchanged pages stay, and pages without a source are removed. Nothing else in the folder changes.
    """
    write_site(reports)


@click.command()
@run_argument()
@out_option
@click.option("--as-is", is_flag=True, help="Pack the run even if its code or data have changed since.")
@reports_option
def share(run: Run, out: Path | None, as_is: bool, reports: Path) -> None:
    """Pack a run into one zip.

    It holds the report, the notebook, data where licenses allow, libraries, the package, and instructions to run it again.

    RUN is a folder, a run id, or an analysis (its newest run with default parameters). Keys, home folders, and the names of user and
    host are removed.
    """
    from mic2025lab.runs.sharing.share import share as pack

    shared = pack(run, out or _file(run, "zip"), as_is=as_is)
    click.echo(f"{shared.path} ({shared.size / 1e6:.1f} MB)")
    click.echo(f"Data included: {', '.join(shared.included) or 'none'}")
    if shared.referenced:
        click.echo(
            f"Not included: {', '.join(shared.referenced)} (REFERENCES.md says why and how to get them)"
        )
    if shared.stale:
        click.echo(
            f"Changed since the run: {', '.join(shared.stale)}; running it again may give other results",
            err=True,
        )


@click.command()
@run_argument()
@click.option("--pdf", is_flag=True, help="Write PDF (needs Chromium, Chrome, or Edge); default: HTML.")
@click.option("--no-input", is_flag=True, help="Leave out the code.")
@out_option
@reports_option
def export(run: Run, pdf: bool, no_input: bool, out: Path | None, reports: Path) -> None:
    """Write a report as one HTML or PDF file."""
    from mic2025lab.results import files
    from mic2025lab.runs.notebook_files import nbformat
    from mic2025lab.runs.pages import html
    from mic2025lab.runs.pages import pdf as printer

    if pdf:
        printer.browser()
    out = out or _file(run, "pdf" if pdf else "html")
    with report_errors(FAILED):
        notebook = nbformat.read(run.folder / "notebook.ipynb", as_version=4)
        page = html.page(run, notebook, code=not no_input, back=None, files=False)
        if pdf:
            printer.write(page, out)
        else:
            files.write_output(out, page)
    click.echo(out)


def _file(run: Run, kind: str) -> Path:
    folder = run.folder.absolute()
    return Path(f"{folder.parent.name}-{folder.name}.{kind}")
