"""`mic2025lab site`."""

from __future__ import annotations

from pathlib import Path

import click

from mic2025lab.cli.common import reports_option, write_index


@click.group()
def site() -> None:
    """The site of reports."""


@site.command("build")
@reports_option
def site_build(reports: Path) -> None:
    """Write the index page anew."""
    write_index(reports)
