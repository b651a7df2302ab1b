"""The runs that there are, in the order in which they were made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab.errors import RunError, nearest, shown, unknown_name
from mic2025lab.runs import manifest
from mic2025lab.runs.changes import compare
from mic2025lab.runs.run import REPORTS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A run that is kept: where, and what its manifest says."""

    folder: Path
    details: dict[str, Any]

    @property
    def analysis(self) -> str:
        return self.details["analysis"]

    @property
    def run_id(self) -> str:
        return self.details["run_id"]

    @property
    def started(self) -> str:
        return self.details["started"]

    @property
    def good(self) -> bool:
        """Whether it ended well."""
        return self.details["status"] == "done"

    @property
    def parameters(self) -> dict[str, Any]:
        return self.details["parameters"]

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters that differed from the defaults."""
        return self.details.get("changed", {})

    @property
    def _order(self) -> tuple[str, str]:
        return self.started, self.folder.name


def runs(
    reports: str | Path = REPORTS,
    analysis: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> list[Run]:
    """List the runs of a folder of reports, newest last; folders whose manifest cannot be read are left out.

    Parameters
    ----------
    reports : path
        The folder that holds `runs/`.
    analysis : str, optional
        Only its runs.
    parameters : mapping, optional
        Only runs with exactly these parameters (every one of them, as a manifest has them).

    Returns
    -------
    list of Run
        Good and failed ones; see `Run.good`.
    """
    found = []
    for path in (Path(reports) / "runs").glob(f"{analysis or '*'}/*/{manifest.NAME}"):
        try:
            run = Run(path.parent, compare.read(path.parent))
        except RunError:
            continue  # the site lists it among the folders that cannot be read
        if parameters is None or run.parameters == dict(parameters):
            found.append(run)
    return sorted(found, key=lambda run: run._order)


def previous(folder: str | Path) -> Path | None:
    """Find the newest good run before this one with the same analysis and parameters.

    Parameters
    ----------
    folder : path
        The folder of a run, inside a folder of reports.

    Returns
    -------
    Path or None
        None if there is no earlier one.

    Raises
    ------
    RunError
        If `folder` is not the folder of a run.
    """
    folder = Path(folder)
    this = Run(folder, compare.read(folder))
    reports = folder.absolute().parent.parent.parent
    earlier = [
        run
        for run in runs(reports, this.analysis, this.parameters)
        if run.good and run._order < this._order and run.folder.name != folder.name
    ]
    return earlier[-1].folder if earlier else None


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
        Whose runs.
    figure : str
        The name it was recorded under.
    parameters : mapping, optional
        Every parameter of the runs wanted; by default runs with any parameters, each followed by itself.

    Returns
    -------
    pandas.DataFrame
        A row a run, newest last: `started`, `run_id`, `parameters` (those that differed from the defaults), `value`, `low`, `high`,
        `unit`, `change` (absolute, from the run before with the same parameters), `relative` (as a fraction), and `because` (which
        of data, code and environment were others than in that run). A run that did not record the figure has no row.

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
            f"There is no good run of {analysis}{' with these parameters' if parameters else ''} in {reports}; "
            f"make one with: mic2025lab run {analysis}"
        )
    rows, last, known = [], {}, {}  # type: ignore[var-annotated]
    for run in good:
        figures = compare.results(run.folder)["figures"]
        known |= figures
        if figure not in figures:
            continue
        same = json.dumps(run.parameters, sort_keys=True)
        rows.append(_row(run, figures[figure], last.get(same)))
        last[same] = (run, figures[figure])
    if not rows:
        raise unknown_name("figure", figure, known, of=analysis)
    return pd.DataFrame(rows)


def find(text: str | Path, reports: str | Path = REPORTS) -> Path:
    """Find the run that a person names.

    Parameters
    ----------
    text : str or path
        The folder of a run; or a run id or its first characters (of all analyses, or of one: `overcapacity/3f9a`); or the name of an
        analysis, which stands for its newest good run with default parameters. A run that failed is named by `<run id>.failed`.
    reports : path
        The folder of reports.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    RunError
        If there is none, or several that it could be; they are named.
    """
    path, name = Path(text), str(text).strip().rstrip("/")
    if (path / manifest.NAME).is_file():
        return path
    if not name:
        raise RunError("Name a run: a folder, a run id, or an analysis.")
    every = runs(reports)
    of_analysis = [run for run in every if run.analysis == name]
    if of_analysis:
        return _newest_default(name, of_analysis)
    analysis, _, prefix = name.rpartition("/")
    fits = (
        [run for run in every if run.folder.name.startswith(prefix) and analysis in ("", run.analysis)]
        if prefix
        else []
    )
    exact = [run for run in fits if run.folder.name == prefix]
    # A failed attempt beside the good run of the same id is asked for by its full name.
    good = {run.run_id for run in fits if run.good}
    chosen = exact or [run for run in fits if run.good or run.run_id not in good]
    if len(chosen) == 1:
        return chosen[0].folder
    if chosen:
        candidates = "".join(f"\n  {_named(run)}" for run in chosen)
        raise RunError(f"{shown(name)} could be any of {len(chosen)} runs; give more of the id:{candidates}")
    raise RunError(_nothing(name, every, reports))


def _newest_default(name: str, found: list[Run]) -> Path:
    default = [run for run in found if run.good and not run.changed]
    if default:
        return default[-1].folder
    candidates = "".join(f"\n  {_named(run)}" for run in found)
    raise RunError(
        f"There is no good run of {name} with default parameters. Make one with: mic2025lab run {name}, or name one of:{candidates}"
    )


def _nothing(name: str, every: list[Run], reports: str | Path) -> str:
    analyses = list(dict.fromkeys(run.analysis for run in every))
    if not analyses:
        return f"There is no run {shown(name)}: no runs are kept in {reports}. Make one, or choose another folder with --reports."
    near = nearest(name, analyses)
    hint = f" Did you mean '{near}'?" if near else ""
    return (
        f"There is no run {shown(name)} in {reports}.{hint} Name a folder, a run id (mic2025lab history ANALYSIS lists them), "
        f"or one of: {', '.join(analyses)}."
    )


def _named(run: Run) -> str:
    values = (
        f"{name}={','.join(value) if isinstance(value, list) else value}"
        for name, value in run.changed.items()
    )
    return " ".join([f"{run.analysis}/{run.folder.name}", run.started[:16].replace("T", " "), *values])


def _row(run: Run, entry: Mapping[str, Any], last: tuple[Run, Mapping[str, Any]] | None) -> dict[str, Any]:
    change = None
    because = ""
    if last:
        change = compare.figure_change("", last[1], entry)
        because = ", ".join(compare.inputs(last[0].details, run.details).differ)
    return {
        "started": run.started,
        "run_id": run.run_id,
        "parameters": run.changed,
        "value": entry["value"],
        "low": entry["low"],
        "high": entry["high"],
        "unit": entry["unit"],
        "change": change.absolute if change else None,
        "relative": change.relative if change else None,
        "because": because,
    }
