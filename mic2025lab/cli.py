"""`mic2025lab …`: thin; each command imports what it needs when it is called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mic2025lab import __version__
from mic2025lab.errors import LabError

#: Exit status: all good; some run (or build) failed and the others are kept; the request was wrong and nothing was started.
OK, FAILED, WRONG = 0, 1, 2

_reports = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder of reports.",
)
_force = click.option("--force", is_flag=True, help="Run also what is there already.")


@contextmanager
def _asked(status: int = WRONG) -> Iterator[None]:
    """Turn an error that a person can put right into one message and an exit status."""
    try:
        yield
    except LabError as error:
        if click.get_current_context().find_root().params.get("debug"):
            raise
        click.echo(f"mic2025lab: {error}", err=True)
        raise SystemExit(status) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mic2025lab")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Test on real data what ten years of "Made in China 2025" bought, and what they cost.

    Exit status: 0 all good; 1 some run failed, the others are kept; 2 the request was wrong, nothing was started.
    """


@main.command()
@click.argument("analysis")
@click.option(
    "-p",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; see: mic2025lab analyses. Repeat it for more.",
)
@_reports
@_force
def run(analysis: str, params: tuple[str, ...], reports: Path, force: bool) -> None:
    """Run one ANALYSIS and add it to the index page."""
    from mic2025lab.runs.run import execute, prepare

    with _asked():
        request = prepare(analysis, _pairs(params), text=True)
        result = execute(request, reports=reports, force=force, progress_bar=sys.stderr.isatty())
    _line(result)
    _index(reports)
    raise SystemExit(FAILED if result.status == "failed" else OK)


@main.command()
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at once.")
@_reports
@_force
def batch(plan: Path, jobs: int, reports: Path, force: bool) -> None:
    """Make every run of a PLAN (YAML) that is not there already."""
    from mic2025lab.runs import batch as batches

    with _asked():
        requests = batches.read_plan(plan)
        results = batches.batch(requests, reports=reports, jobs=jobs, force=force, report=_progress())
    text = batches.summary(results)
    if all(result.status == "unchanged" for result in results):
        text += "; nothing was re-run"
    click.echo(text)
    _index(reports)
    raise SystemExit(FAILED if any(result.status == "failed" for result in results) else OK)


@main.command()
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


@main.group()
def site() -> None:
    """The site of reports."""


@site.command("build")
@_reports
def site_build(reports: Path) -> None:
    """Write the index page anew."""
    _index(reports)


@main.group()
def data() -> None:
    """The tables of the catalogue."""


@data.command("list")
@click.option("--markdown", is_flag=True, help="As the table that stands in the README.")
def data_list(markdown: bool) -> None:
    """List the tables there are."""
    from mic2025lab import catalog

    with _asked():
        table = catalog.datasets()
    if markdown:
        click.echo("| table | what | years | rows | licence of the data |\n|---|---|---|---:|---|")
        for row in table.to_dict("records"):
            click.echo(
                f"| `{row['name']}` | {row['title']} | {row['years']} | {row['rows']:,} | {row['licence']} |"
            )
        return
    click.echo(table[["name", "rows", "years", "licence", "title"]].to_string(index=False))


@data.command("describe")
@click.argument("name")
def data_describe(name: str) -> None:
    """Show columns, units, coverage, licence, origin and warnings of table NAME."""
    from mic2025lab import catalog

    with _asked():
        click.echo(str(catalog.describe(name)))


@data.command("build")
@click.argument("names", nargs=-1)
def data_build(names: tuple[str, ...]) -> None:
    """Build the tables (all, or NAMES) from the raw files."""
    from mic2025lab import sources
    from mic2025lab.errors import unknown_name

    with _asked():
        for name in names:
            if name not in sources.TABLES:
                raise unknown_name("table", name, sources.TABLES)
    from mic2025lab.build import build

    with _asked(FAILED):
        build(list(names) or None, progress=lambda *told: click.echo(" ".join(map(str, told))))


@data.command("baci")
@click.argument("place", metavar="ZIP_OR_URL")
@click.option("--sha256", help="Hash that the zip must have.")
@click.option("--hs", help="Revision that the zip must be of, such as HS12.")
@click.option("--years", metavar="FIRST-LAST", help="Years to convert; all of the zip by default.")
def data_baci(place: str, sha256: str | None, hs: str | None, years: str | None) -> None:
    """Convert CEPII's BACI (ZIP_OR_URL) for `scan("baci")`: a Parquet file a year, resumed where it stopped."""
    from mic2025lab.errors import ParameterError
    from mic2025lab.sources.baci import convert

    with _asked(FAILED):
        first, dash, last = (years or "").partition("-")
        if years and not (first.isdigit() and (last if dash else first).isdigit()):
            raise ParameterError(f"--years {years} must be a year or FIRST-LAST, such as 2012-2023.")
        wanted = range(int(first), int(last or first) + 1) if years else None
        folder = convert(place, sha256=sha256, hs=hs, years=wanted, progress=click.echo)
    click.echo(f"BACI: {folder}")


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


def _index(reports: Path) -> None:
    from mic2025lab.site.build import build_site

    with _asked(FAILED):
        click.echo(f"Index: {build_site(reports)}")


if __name__ == "__main__":
    main()
