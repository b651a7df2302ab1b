"""`mic2025lab schedule`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import FILE, Listing, reports_option


@click.group()
def schedule() -> None:
    """Print recipes that run a plan on a schedule."""


@schedule.command("print", cls=Listing)
@click.argument("kind", type=click.Choice(["cron", "systemd", "github"]))
@click.argument("plan", type=FILE, required=False)
@reports_option
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Number of parallel runs."
)
@click.option("--every", type=click.Choice(["day", "week", "month"]), default="week", show_default=True)
@click.option(
    "--at", default="06:00", show_default=True, metavar="HH:MM", help="Time of day (UTC on GitHub)."
)
@click.option(
    "--refresh",
    is_flag=True,
    help="First fetch new vintages of the tables; the batch itself uses no network.",
)
def schedule_print(kind: str, plan: Path | None, reports: Path, **options: Any) -> None:
    """Print a recipe that runs PLAN (that of your project, if none is named) on a schedule. Nothing is installed.

    The plan is checked first, because a schedule with a wrong plan would fail unnoticed.
    """
    from mic2025lab import catalog, project
    from mic2025lab.runs import schedules
    from mic2025lab.runs.plan import find_plan, read_plan

    found = find_plan(plan)
    read_plan(found)
    own = project.find()
    here = own.root if own else Path.cwd()
    named = Path("default") if plan is not None and found != plan else found.absolute()
    if kind == "github":
        root = next((place for place in (here, *here.parents) if (place / ".git").exists()), here)
        options["checkout"] = catalog.PACKAGE.parent == root
        named, reports = (
            path.relative_to(here) if path.is_relative_to(here) else path
            for path in (named, reports.absolute())
        )
        recipe = schedules.Schedule(named, reports, here.relative_to(root), Path("mic2025lab"), **options)
    else:
        program = Path(sys.executable).with_name("mic2025lab")
        recipe = schedules.Schedule(named, reports.absolute(), here, program, **options)
    text = schedules.KINDS[kind](recipe)
    click.echo(text, nl=False)
