"""`mic2025lab schedule`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import asked, reports_option


@click.group()
def schedule() -> None:
    """Run a plan again and again."""


@schedule.command("print")
@click.argument("kind", type=click.Choice(["cron", "systemd", "github"]))
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path))
@reports_option
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at once.")
@click.option("--every", type=click.Choice(["day", "week", "month"]), default="week", show_default=True)
@click.option(
    "--at", default="06:00", show_default=True, metavar="HH:MM", help="Time of day (UTC on GitHub)."
)
def schedule_print(kind: str, plan: Path, reports: Path, **options: Any) -> None:
    """Print a recipe that makes the runs of PLAN on a schedule; nothing is installed.

    The plan is checked first: a schedule of a plan that is wrong would fail when nobody looks.
    """
    from mic2025lab.runs import schedules
    from mic2025lab.runs.plan import read_plan

    with asked():
        read_plan(plan)
        if kind == "github":
            made = schedules.Schedule(plan, reports, Path(), Path("mic2025lab"), **options)
        else:
            here = Path.cwd()
            program = Path(sys.executable).with_name("mic2025lab")
            made = schedules.Schedule(plan.absolute(), reports.absolute(), here, program, **options)
        text = schedules.KINDS[kind](made)
    click.echo(text, nl=False)
