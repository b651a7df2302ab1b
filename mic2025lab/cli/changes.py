"""`mic2025lab diff`, `history`, and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mic2025lab.cli import common
from mic2025lab.cli.common import FAILED, OK, Listing, json_option, json_text, reports_option

if TYPE_CHECKING:
    from mic2025lab.results.run import Run

#: Exit status of a comparison, as in `diff(1)`. A wrong request is 2, as in every command.
SAME, DIFFERENT = OK, FAILED


@click.command(cls=Listing)
@common.run_argument("before", "RUN_A")
@common.run_argument("after", "RUN_B")
@json_option
@reports_option
def diff(before: Run, after: Run, as_json: bool, reports: Path) -> None:
    """Compare two runs.

    First figures, tables, and sentences; then parameters, data, code, and environment.

    A run is a folder, a run id (its first characters are enough), or an analysis (its newest run with default parameters).

    Exit status, as in diff(1): 0 the results are the same; 1 a figure, table, or sentence differs; 2 the request was wrong.
    """
    from mic2025lab.runs.changes import compare, describe

    difference = compare.compare(before, after)
    if as_json:
        click.echo(json_text(difference.as_dict()))
    else:
        click.echo(describe.summary(difference))
    raise SystemExit(DIFFERENT if difference.changed else SAME)


@click.command("history", cls=Listing)
@click.argument("analysis")
@click.argument("figure", required=False)
@common.params_option(help="A parameter value other than the default.")
@click.option("--all", "every", is_flag=True, help="Include runs with any parameters.")
@json_option
@reports_option
def history_(
    analysis: str, figure: str | None, params: dict[str, str], every: bool, as_json: bool, reports: Path
) -> None:
    """List runs, or show a figure in all of them.

    With FIGURE, shows its value in each run of ANALYSIS; otherwise lists the runs.

    Without -p or --all, only runs with default parameters.
    """
    from mic2025lab.runs.changes import history

    name, wanted = _runs_wanted(analysis, params, every, reports)
    if figure is None:
        rows: list[Any] = [_run_row(run) for run in history.runs(reports, name, wanted)]
    else:
        table = history.series(reports, name, figure, wanted).astype(object)
        rows = table.where(table.notna(), None).to_dict("records")
    if as_json:
        click.echo(json_text(rows))
    elif not rows:
        click.echo(
            f"{reports} has no run of {analysis} with these parameters. List all runs with --all, "
            f"or make one: mic2025lab run {analysis}"
        )
    else:
        _print_columns([_figure_row(row) for row in rows])


def _runs_wanted(
    analysis: str, params: dict[str, str], every: bool, reports: Path
) -> tuple[str, dict[str, Any] | None]:
    """Return the folder name of an analysis and the parameters of the runs to show, or None for any parameters."""
    from mic2025lab import analyses
    from mic2025lab.runs.changes import history

    if not params and (reports / "runs" / analysis).is_dir() and analysis not in analyses.ANALYSES:
        return analysis, None if every else history.find(analysis, reports).parameters
    name = analyses.get(analysis).name
    return name, None if every else analyses.validate_text(analysis, params).model_dump(mode="json")


def _run_row(run: Any) -> dict[str, Any]:
    return {
        "started": run.started,
        "run_id": run.folder.name,
        "parameters": run.changed,
        "status": run.manifest.status,
        "error": run.manifest.error,
    }


def _figure_row(row: dict[str, Any]) -> dict[str, str]:
    """Format a row of a history."""
    from mic2025lab.runs.changes.describe import signed
    from mic2025lab.runs.pages.html import number

    shown = {
        "started": row["started"][:16].replace("T", " "),
        "run": row["run_id"],
        "parameters": " ".join(f"{k}={v}" for k, v in row["parameters"].items()) or "default",
    }
    if "status" in row:
        return {**shown, "status": row["status"], "error": row["error"] or ""}
    unit = f" {row['unit']}" if row["unit"] else ""
    ends = f"({number(row['low'], 5)} to {number(row['high'], 5)})" if row["low"] is not None else ""
    change = "" if row["change"] is None else signed(row["change"]) if row["change"] else "="
    if row["relative"]:
        change += f" ({signed(100 * row['relative'])}%)"
    return {
        **shown,
        "value": f"{number(row['value'], 5)}{unit}",
        "interval": ends,
        "change": change,
        "changed inputs": row["because"],
    }


def _print_columns(rows: list[dict[str, str]]) -> None:
    """Print rows in columns, without empty columns."""
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    for row in [{name: name for name in names}, *rows]:
        click.echo("  ".join(f"{row[name]:<{widths[name]}}" for name in names).rstrip())


@click.command(cls=Listing)
@common.run_argument()
@json_option
@common.trust_option
@reports_option
def verify(run: Run, as_json: bool, trust: bool, reports: Path) -> None:
    """Execute the notebook of a run again and compare the results.

    It runs in a temporary folder; figures, tables, and sentences are compared.

    RUN is a folder (or a shared one, unpacked), a run id, or an analysis (its newest run with default parameters).

    A notebook that is not the package's, and that you have not run on this machine, is run only if you agree (or with --trust).

    Exit status: 0 it agrees, exactly or up to rounding; 1 it does not, or could not be run again; 2 the request was wrong.
    """
    from mic2025lab.runs.sharing.verify import verify as run_again
    from mic2025lab.runs.trust import Untrusted

    def tell(line: str) -> None:
        click.echo(line, err=as_json)

    try:
        verdict = run_again(run, tell=tell, trust=trust)
    except Untrusted as error:
        common.agree(error)
        verdict = run_again(run, tell=tell, trust=True)
    if as_json:
        difference = verdict.difference.as_dict() if verdict.difference else None
        click.echo(json_text({**vars(verdict), "difference": difference, "agrees": verdict.agrees}))
    else:
        click.echo(verdict.summary())
    raise SystemExit(SAME if verdict.agrees else DIFFERENT)
