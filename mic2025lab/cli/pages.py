"""`mic2025lab site`."""

from __future__ import annotations

from pathlib import Path

import click

from mic2025lab.cli.common import reports_option, write_site


@click.group()
def site() -> None:
    """The site of a folder of reports."""


@site.command("build")
@reports_option
def site_build(reports: Path) -> None:
    """Build the pages around the runs: all answers, sectors, analyses, changes, and a feed.

    Unchanged pages stay, and pages without a source are removed. Nothing else in the folder changes.
    """
    write_site(reports)
