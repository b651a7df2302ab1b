"""`mic2025lab run`, `batch` and `analyses`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import FAILED, OK, asked, force_option, reports_option, write_index


@click.command()
@click.argument("analysis")
@click.option(
    "-p",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; see: mic2025lab analyses. Repeat it for more.",
)
@reports_option
@force_option
def run(analysis: str, params: tuple[str, ...], reports: Path, force: bool) -> None:
    """Run one ANALYSIS and add it to the index page."""
    from mic2025lab.runs.run import execute, prepare

    with asked():
        request = prepare(analysis, _pairs(params), text=True)
        result = execute(request, reports=reports, force=force, progress_bar=sys.stderr.isatty())
    _line(result)
    write_index(reports)
    raise SystemExit(FAILED if result.status == "failed" else OK)


@click.command()
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at once.")
@reports_option
@force_option
def batch(plan: Path, jobs: int, reports: Path, force: bool) -> None:
    """Make every run of a PLAN (YAML) that is not there already."""
    from mic2025lab.runs import batch as batches

    with asked():
        requests = batches.read_plan(plan)
        results = batches.batch(requests, reports=reports, jobs=jobs, force=force, report=_progress())
    text = batches.summary(results)
    if all(result.status == "unchanged" for result in results):
        text += "; nothing was re-run"
    click.echo(text)
    write_index(reports)
    raise SystemExit(FAILED if any(result.status == "failed" for result in results) else OK)


@click.command()
def analyses() -> None:
    """List the analyses with their parameters and defaults."""
    import json

    from mic2025lab.analyses import ANALYSES

    for analysis in ANALYSES.values():
        click.echo(f"{analysis.name}: {analysis.question}")
        defaults = analysis.defaults()
        width = max(map(len, defaults))
        for name, info in analysis.params.model_fields.items():
            value = (
                ",".join(defaults[name])
                if isinstance(defaults[name], list)
                else json.dumps(defaults[name]).strip('"')
            )
            click.echo(f"  -p {name:<{width}} = {value:<22} {info.description}")
        click.echo()


def _pairs(params: tuple[str, ...]) -> dict[str, str]:
    """Split NAME=VALUE."""
    from mic2025lab.errors import ParameterError, shown

    pairs: dict[str, str] = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"-p {shown(text)} must be name=value, such as -p sector=aerospace.")
        if name.strip() in pairs:
            raise ParameterError(f"-p {name.strip()} is given more than once; give it once.")
        pairs[name.strip()] = value
    return pairs


def _line(result: Any, before: str = "") -> None:
    """Say how a run ended, in one line; a failure goes to standard error as well as its reason."""
    what = {"unchanged": "unchanged, nothing re-run", "done": "done", "failed": "FAILED"}[result.status]
    text = f"{before}{result.request.label}: {what} ({result.seconds:.1f} s)"
    if result.folder is not None and result.status != "unchanged":
        text += f"\n{' ' * len(before)}{result.folder / 'notebook.html'}"
    click.echo(text)
    if result.error:
        click.echo(f"{' ' * len(before)}{result.error}", err=True)


def _progress() -> Callable[[int, int, Any], None]:
    """Give what a batch calls as each run ends; a terminal also gets a line that says what is left."""
    live = sys.stderr.isatty()

    def report(ended: int, total: int, result: Any) -> None:
        if live:
            click.echo("\r\033[K", nl=False, err=True)
        _line(result, before=f"[{ended:>{len(str(total))}}/{total}] ")
        if live and ended < total:
            click.echo(f"{total - ended} to go …", nl=False, err=True)

    return report
