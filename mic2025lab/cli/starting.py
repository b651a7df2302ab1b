"""`mic2025lab init`: a project of the user's own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from mic2025lab.templates import render
from mic2025lab.version import __version__

#: The templates of the files of a project, as they lie in it.
_PROJECT = Path(__file__).with_name("project")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--only",
    multiple=True,
    metavar="ANALYSIS",
    help="Only this notebook; repeat for more. `mic2025lab analyses` lists them.",
)
def init(folder: Path, only: tuple[str, ...]) -> None:
    """Make a project in FOLDER: notebooks, a plan, a place for your own data, and a schedule.

    FOLDER must be new, or empty except for hidden files and a `venv`; `.` is the current folder. Commands run inside it use its plan,
    notebooks, and reports.
    """
    folder = Path(os.path.abspath(folder))
    _check(folder)
    with tempfile.TemporaryDirectory(prefix=".mic2025lab-", dir=_nearest(folder)) as place:
        stage = Path(place) / "project"
        _write(stage, folder, only)
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(stage.iterdir()):
            if not (folder / path.name).exists():  # a .gitignore may be there
                path.rename(folder / path.name)
    count = len(list((folder / "notebooks").glob("*.ipynb")))
    click.echo(f"Made {folder} with {count} notebook{'s' if count != 1 else ''}.")
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    there = "" if folder == Path.cwd() else f"cd {shlex.quote(str(shown))} && "
    click.echo(f"Next: {there}mic2025lab run {_first(only)}")


def _first(only: Sequence[str]) -> str:
    return only[0] if only else "market_share_shifts"


def _check(folder: Path) -> None:
    from mic2025lab.errors import RunError, shown

    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    foreign = [name for name in names if not name.startswith((".", "venv"))]
    if foreign:
        raise RunError(
            f"{shown(str(folder))} is not empty: it has {', '.join(foreign[:3])}. Name a new folder, such as {folder.name}-2."
        )


def _nearest(folder: Path) -> Path:
    """Return the nearest folder that exists, so that what is made there can be moved into place."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _write(stage: Path, folder: Path, only: Sequence[str]) -> None:
    from mic2025lab.analyses import ANALYSES
    from mic2025lab.errors import ParameterError, unknown_name
    from mic2025lab.runs import schedules
    from mic2025lab.runs.pages import cited
    from mic2025lab.runs.plan import find_plan

    for name in only:
        if name not in ANALYSES:
            raise unknown_name(
                "analysis", name, ANALYSES, error=ParameterError, listing="mic2025lab analyses"
            )
    for name in ("notebooks", "data", "docs"):
        (stage / name).mkdir(parents=True)
    for name in only or ANALYSES:
        shutil.copyfile(ANALYSES[name], stage / "notebooks" / f"{name}.ipynb")
    for name in cited.NAMES:
        shutil.copyfile(cited.source(name), stage / "docs" / f"{name}.md")
    plan = find_plan(Path("default")).read_text(encoding="utf-8")
    program = Path(sys.executable).with_name("mic2025lab")
    recipe = schedules.Schedule(folder / "plan.yml", folder / "reports", folder, program)
    texts = {
        "plan.yml": _chosen(plan, only) if only else plan.replace("`make report`", "this project"),
        "schedule.cron": schedules.cron(recipe),
    }
    about = {"name": folder.name, "version": __version__, "first": _first(only)}
    for template in sorted(_PROJECT.rglob("*.j2")):
        place = template.relative_to(_PROJECT).with_suffix("").as_posix()
        texts[place.replace("gitignore", ".gitignore")] = render(template, **about)
    for name, text in texts.items():
        (stage / name).write_text(text, encoding="utf-8", newline="\n")


def _chosen(plan: str, only: Sequence[str]) -> str:
    """Return the part of a plan that runs these analyses, as it is written there."""
    _, *items = re.split(r"^(?=  - analysis: )", plan, flags=re.MULTILINE)
    kept = (item for item in items if item.split()[2] in only)
    return "".join(["# The runs of this project.\nruns:\n", *kept])
