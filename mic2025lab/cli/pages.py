"""`mic2025lab site`."""

from __future__ import annotations

from pathlib import Path

import click

from mic2025lab.cli.common import FAILED, asked, reports_option, write_index


@click.group()
def site() -> None:
    """The site of reports."""


@site.command("build")
@reports_option
def site_build(reports: Path) -> None:
    """Write the pages around the runs: all answers, by sector, by analysis, what changed, a feed.

    What is the same stays; a page that is not made any more is removed. Nothing else in the folder is touched.
    """
    from mic2025lab.runs import lock

    with asked(FAILED), lock.hold(reports, lock.SITE, wait=300):
        write_index(reports)
