"""The runs in a folder of reports, oldest first: a figure over time, and the run that a person names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import RunError, shown, unknown_name
from mic2025lab.results.files import MANIFEST, REPORTS
from mic2025lab.results.run import Figure, Run, read_runs
from mic2025lab.runs.changes import compare

if TYPE_CHECKING:
    import pandas as pd


def runs(
    reports: str | Path = REPORTS,
    analysis: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> list[Run]:
    """List the good and failed runs of a folder of reports, oldest first. Folders that cannot be read are left out.

    Parameters
    ----------
    reports : path
        The folder that holds `runs/`.
    analysis : str, optional
        Only its runs.
    parameters : mapping, optional
        Only runs with exactly these parameters (all of them, as in a manifest).
    """
    found, _ = read_runs(reports, None if analysis is None else [analysis])
    return [run for run in found if parameters is None or run.parameters == dict(parameters)]


def previous(folder: str | Path) -> Run | None:
    """Find the newest good run before this one with the same analysis and parameters.

    Parameters
    ----------
    folder : path
        The folder of a run, inside a folder of reports.

    Returns
    -------
    Run or None
        None if there is no earlier one.

    Raises
    ------
    RunError
        If `folder` is not the folder of a run.
    """
    this = Run.read(folder)
    reports = this.folder.absolute().parents[2]
    earlier = [
        run
        for run in runs(reports, this.analysis, this.parameters)
        if run.good and run.order < this.order and run.folder.name != this.folder.name
    ]
    return earlier[-1] if earlier else None


def series(
    reports: str | Path,
    analysis: str,
    figure: str,
    parameters: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Follow a recorded figure through the good runs of an analysis.

    Parameters
    ----------
    reports : path
        The folder of reports.
    analysis : str
        The analysis.
    figure : str
        The name of the figure.
    parameters : mapping, optional
        All parameters of the runs. By default runs with any parameters, each set on its own.

    Returns
    -------
    pandas.DataFrame
        One row for each run, oldest first: `started`, `run_id`, `parameters` (those that differ from the defaults), `value`, `low`,
        `high`, `unit`, `change` (from the previous run with the same parameters), `relative` (the change as a fraction), and
        `because` (which of data, code, and environment differ from that run). Runs that did not record the figure have no row.

    Raises
    ------
    RunError
        If there is no good run.
    UnknownName
        If none of them recorded the figure.
    """
    import pandas as pd

    good = [run for run in runs(reports, analysis, parameters) if run.good]
    if not good:
        raise RunError(
            f"There is no good run of {analysis}{' with these parameters' if parameters else ''} in {reports}. "
            f"Make one: mic2025lab run {analysis}"
        )
    rows: list[dict[str, Any]] = []
    last: dict[str, tuple[Run, Figure]] = {}
    known: dict[str, Figure] = {}
    for run in good:
        figures = run.results.figures
        known |= figures
        if figure not in figures:
            continue
        same = json.dumps(run.parameters, sort_keys=True)
        rows.append(_row(run, figures[figure], last.get(same)))
        last[same] = (run, figures[figure])
    if not rows:
        raise unknown_name("figure", figure, known, of=analysis)
    return pd.DataFrame(rows)


def find(text: str | Path, reports: str | Path = REPORTS) -> Run:
    """Find the run that a person names.

    Parameters
    ----------
    text : str or path
        The folder of a run; a run id or its first characters (in all analyses, or in one: `overcapacity/3f9a`); or the name of an
        analysis, which means its newest good run with default parameters. A failed run is named by `<run id>.failed`.
    reports : path
        The folder of reports.

    Returns
    -------
    Run

    Raises
    ------
    RunError
        If there is none, or several match. They are listed.
    """
    path, name = Path(text), str(text).strip().rstrip("/")
    if (path / MANIFEST).is_file():
        return Run.read(path)
    every = runs(reports)
    of_analysis = [run for run in every if run.analysis == name]
    if of_analysis:
        return _newest_default(name, of_analysis)
    analysis, _, prefix = name.rpartition("/")
    of_any = [run for run in every if analysis in ("", run.analysis)]
    fits = [run for run in of_any if prefix and run.folder.name.startswith(prefix)]
    exact = [run for run in fits if run.folder.name == prefix]
    # A failed run with the id of a good one needs its full name.
    good = {run.run_id for run in fits if run.good}
    chosen = exact or [run for run in fits if run.good or run.run_id not in good]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise RunError(f"{shown(name)} matches {len(chosen)} runs. Give more of the id:{_listed(chosen)}")
    analyses = list(dict.fromkeys(run.analysis for run in every))
    if not analyses:
        raise RunError(
            f"There is no run {shown(name)}: {reports} has no runs. Make one, or choose another folder with --reports."
        )
    unknown = unknown_name("run", name, analyses, of=str(reports))
    raise RunError(f"{unknown} Or name a folder, or a run id: mic2025lab history ANALYSIS lists them.")


def _newest_default(name: str, found: list[Run]) -> Run:
    default = [run for run in found if run.good and not run.changed]
    if default:
        return default[-1]
    raise RunError(
        f"There is no good run of {name} with default parameters. Make one: mic2025lab run {name}, or name one of:{_listed(found)}"
    )


def _listed(found: list[Run]) -> str:
    return "".join(f"\n  {_named(run)}" for run in found)


def _named(run: Run) -> str:
    values = (
        f"{name}={','.join(value) if isinstance(value, list) else value}"
        for name, value in run.changed.items()
    )
    return " ".join([f"{run.analysis}/{run.folder.name}", run.started[:16].replace("T", " "), *values])


def _row(run: Run, figure: Figure, last: tuple[Run, Figure] | None) -> dict[str, Any]:
    change = compare.figure_change("", last[1], figure) if last else None
    return {
        "started": run.started,
        "run_id": run.run_id,
        "parameters": run.changed,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "change": change and change.absolute,
        "relative": change and change.relative,
        "because": ", ".join(compare.inputs(last[0].manifest, run.manifest).differ) if last else "",
    }
