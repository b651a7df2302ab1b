"""`mic2025lab diff`, `history` and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mic2025lab.cli.common import FAILED, OK, asked, json_text, reports_option

#: Exit status of a comparison, as of `diff`: the same, not the same. A wrong request is 2, as everywhere.
SAME, DIFFERENT = OK, FAILED

json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, with every figure and table.")


@click.command()
@click.argument("a", metavar="RUN_A")
@click.argument("b", metavar="RUN_B")
@json_option
@reports_option
def diff(a: str, b: str, as_json: bool, reports: Path) -> None:
    """Say what changed from RUN_A to RUN_B: figures, tables and sentences, then parameters, data, code and environment.

    A run is a folder, a run id (its first characters are enough), or an analysis: its newest run with default parameters.

    Exit status, as of diff: 0 the results are the same; 1 a figure, table or sentence differs; 2 the request was wrong.
    """
    from mic2025lab.runs.changes import compare, describe, history

    with asked():
        difference = compare.compare(history.find(a, reports), history.find(b, reports))
    _show(difference.as_dict() if as_json else describe.summary(difference))
    raise SystemExit(DIFFERENT if difference.changed else SAME)


@click.command("history")
@click.argument("analysis")
@click.argument("figure", required=False)
@click.option(
    "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter that is not to have its default."
)
@click.option("--all", "every", is_flag=True, help="Runs with any parameters.")
@json_option
@reports_option
def history_(
    analysis: str, figure: str | None, params: tuple[str, ...], every: bool, as_json: bool, reports: Path
) -> None:
    """Follow a FIGURE through the runs of an ANALYSIS; without FIGURE, list the runs.

    Runs with default parameters, or those given with -p.
    """
    from mic2025lab import analyses
    from mic2025lab.cli.running import _pairs
    from mic2025lab.runs.changes import history

    with asked():
        wanted = None if every else analyses.validate_text(analysis, _pairs(params)).model_dump(mode="json")
        if figure is None:
            rows: list[Any] = [_listed(run) for run in history.runs(reports, analysis, wanted)]
        else:
            rows = history.series(reports, analysis, figure, wanted).to_dict("records")
    if as_json:
        _show(rows)
    elif not rows:
        click.echo(
            f"No run of {analysis} with these parameters in {reports}; --all lists those with others, "
            f"and one is made with: mic2025lab run {analysis}"
        )
    else:
        _table([_row(row) for row in rows])


def _listed(run: Any) -> dict[str, Any]:
    return {
        "started": run.started,
        "run_id": run.folder.name,
        "parameters": run.changed,
        "status": run.manifest.status,
        "error": run.manifest.error,
    }


def _row(row: dict[str, Any]) -> dict[str, str]:
    """Write a row of a history for a reader."""
    from mic2025lab.runs.changes.describe import signed, written

    shown = {
        "started": row["started"][:16].replace("T", " "),
        "run": row["run_id"],
        "parameters": " ".join(f"{k}={v}" for k, v in row["parameters"].items()) or "default",
    }
    if "status" in row:
        return {**shown, "status": row["status"], "error": row["error"] or ""}
    unit = f" {row['unit']}" if row["unit"] else ""
    ends = f"({written(row['low'])} to {written(row['high'])})" if row["low"] is not None else ""
    relative = "" if _none(row["relative"]) else f" ({signed(100 * row['relative'])}%)"
    change = "" if _none(row["change"]) else "=" if row["change"] == 0 else signed(row["change"]) + relative
    return {
        **shown,
        "value": f"{written(row['value'])}{unit}",
        "interval": ends,
        "change": change,
        "made of other": row["because"],
    }


def _none(value: Any) -> bool:
    return value is None or value != value  # pandas has NaN for None


def _table(rows: list[dict[str, str]]) -> None:
    """Print rows in columns; a column in which nothing stands is left out."""
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    for row in [{name: name for name in names}, *rows]:
        click.echo("  ".join(f"{row[name]:<{widths[name]}}" for name in names).rstrip())


def _show(what: Any) -> None:
    click.echo(what if isinstance(what, str) else json_text(what))


@click.command()
@click.argument("run", metavar="RUN")
@json_option
@reports_option
def verify(run: str, as_json: bool, reports: Path) -> None:
    """Make RUN again in a folder that is thrown away, and compare results, tables and figures.

    RUN is a folder (also one that was shared and unpacked), a run id, or an analysis: its newest run with default parameters.

    Exit status: 0 it agrees, exactly or to rounding; 1 it does not, or could not be made again; 2 the request was wrong.
    """
    from mic2025lab.runs.changes import history
    from mic2025lab.runs.sharing.verify import verify as again

    with asked():
        verdict = again(history.find(run, reports), tell=lambda line: click.echo(line, err=as_json))
    _show(_verdict(verdict) if as_json else verdict.summary())
    raise SystemExit(SAME if verdict.agrees else DIFFERENT)


def _verdict(verdict: Any) -> dict[str, Any]:
    from dataclasses import asdict

    difference = verdict.difference.as_dict() if verdict.difference else None
    return {**asdict(verdict), "difference": difference, "agrees": verdict.agrees}
