"""What the runs in a folder of reports have recorded: the figure that a test asks for, from the newest good run that fits it.

Read here and nowhere else is `reports/runs/<analysis>/<run id>/run.json` and `results.json`. A figure is no evidence, and the reason
is told, if it was made of simulated data, or if the run loaded a table that is no longer the one that the catalogue vouches for.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from mic2025lab import catalog
from mic2025lab.claims.ledger import SIMULATED, Test
from mic2025lab.errors import LabError, shown

#: Where a notebook at work in a run finds the folder of reports.
REPORTS = "MIC2025LAB_REPORTS"


@dataclass(frozen=True)
class Run:
    """A good run in a folder of reports.

    Attributes
    ----------
    folder : Path
        Where it lies.
    analysis, run_id, ended : str
        Its name, what it is known by, and when it ended.
    parameters, changed : mapping
        All its parameters, and those that differ from the defaults.
    tables : mapping
        Table -> its sha256 when the run loaded it.
    figures : mapping
        What it recorded, by name.
    """

    folder: Path
    analysis: str
    run_id: str
    ended: str
    parameters: Mapping[str, Any]
    changed: Mapping[str, Any]
    tables: Mapping[str, str]
    figures: Mapping[str, Mapping[str, Any]]

    @property
    def place(self) -> str:
        """Where it lies in the folder of reports."""
        return f"runs/{self.analysis}/{self.run_id}"

    @cached_property
    def stale(self) -> str | None:
        """Why its data are not those of today; None if they are."""
        for name, digest in sorted(self.tables.items()):
            try:
                now = catalog.digest(name)
            except LabError:
                return f"table {name!r}, which {self.place} loaded, is not in the catalogue any more"
            if now != digest:
                return f"table {name!r} has changed since {self.place} was made; run it again"
        return None


@dataclass(frozen=True)
class Evidence:
    """A figure for a test, or why there is none.

    Attributes
    ----------
    value, low, high : float or None
        The figure and the ends of its interval; None where there is none.
    unit, note : str
        As the run recorded them.
    run : str
        The folder of the run in the folder of reports; empty if there is none.
    missing : str
        Why there is no figure, and what to do; empty if there is one.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    note: str = ""
    run: str = ""
    missing: str = ""

    @property
    def told(self) -> str:
        """The figure with its interval, unit and run, or why there is none.

        >>> Evidence(-1.58, unit="points", run="runs/overcapacity/4df987c9b062").told
        '−1.58 points (runs/overcapacity/4df987c9b062)'
        """
        if self.value is None:
            return self.missing
        ends = [number(end) for end in (self.low, self.high) if end is not None]
        interval = f" [{ends[0]}, {ends[1]}]" if len(ends) == 2 else ""
        return f"{number(self.value)}{interval} {self.unit}".rstrip() + f" ({self.run})"


def folder(reports: str | Path | None = None) -> Path:
    """Find the folder of reports.

    Parameters
    ----------
    reports : path, optional
        By default the folder that a run is made in (`MIC2025LAB_REPORTS`), else `reports` here, else `reports` of the checkout.
    """
    if reports is not None:
        return Path(reports)
    given = os.environ.get(REPORTS)
    if given:
        return Path(given)
    here = Path("reports")
    return here if (here / "runs").is_dir() else catalog.PACKAGE.parent / "reports"


def runs(reports: str | Path | None = None, analyses: Iterable[str] | None = None) -> list[Run]:
    """List the good runs of a folder of reports, newest first; one whose manifest cannot be read is not good.

    Parameters
    ----------
    reports : path, optional
        As in `folder`. A folder that is not there has no runs.
    analyses : iterable of str, optional
        Only of these.
    """
    root = folder(reports) / "runs"
    names = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    wanted = names if analyses is None else sorted(set(analyses) & set(names))
    found = [_read(path) for name in wanted for path in sorted((root / name).iterdir())]
    return sorted((run for run in found if run), key=lambda run: (run.ended, run.run_id), reverse=True)


def find(test: Test, there: Iterable[Run]) -> Evidence:
    """Give the figure of a test from the newest good run that fits it.

    Parameters
    ----------
    test : Test
        A run fits if it has the test's parameters, and defaults for all others but those that are free.
    there : iterable of Run
        Newest first, as `runs` gives them.
    """
    fits = [run for run in there if run.analysis == test.analysis and _fits(run, test)]
    if not fits:
        return Evidence(missing=f"no good run; make one: {command(test)}")
    current = [run for run in fits if not run.stale]
    if not current:
        return Evidence(missing=fits[0].stale or "")
    run = current[0]
    first = _figure(run, test.figure)
    if test.less is None or first.missing:
        return first
    second = _figure(run, test.less)
    if second.missing:
        return second
    if first.unit != second.unit:
        raise LabError(
            f"{test.analysis}: {test.figure} is in {first.unit or 'no unit'} and {test.less} in {second.unit or 'no unit'}; "
            "they cannot be taken from each other."
        )
    note = f"{test.figure} {number(_value(first))} less {test.less} {number(_value(second))}; a difference of two figures has no interval here"
    unit = "points" if first.unit == "%" else first.unit
    return Evidence(_value(first) - _value(second), unit=unit, note=note, run=run.place)


def command(test: Test) -> str:
    """Write the command that makes the run that a test needs."""
    given = " ".join(f"-p {name}={_as_text(value)}" for name, value in test.params.items())
    return f"mic2025lab run {test.analysis} {given}".rstrip()


def digests(used: Iterable[Run]) -> dict[str, dict[str, str]]:
    """Give path and sha256 of what runs have recorded.

    Returns
    -------
    dict
        `runs/<analysis>/<run id>/results.json` -> {"path", "sha256"}.
    """
    files = {f"{run.place}/results.json": run.folder / "results.json" for run in used}
    return {name: file(path) for name, path in sorted(files.items())}


def file(path: Path) -> dict[str, str]:
    """Give path and sha256 of a file.

    Returns
    -------
    dict
        "path" and "sha256".
    """
    return {"path": str(path.absolute()), "sha256": sha256(path.read_bytes()).hexdigest()}


def _read(place: Path) -> Run | None:
    try:
        details = json.loads((place / "run.json").read_text(encoding="utf-8"))
        if details["status"] != "done" or details.get("notebook", {}).get("own"):
            return None
        figures = json.loads((place / "results.json").read_text(encoding="utf-8"))["figures"]
        return Run(
            folder=place,
            analysis=str(details["analysis"]),
            run_id=place.name,
            ended=str(details["ended"]),
            parameters=dict(details["parameters"]),
            changed=dict(details["changed"]),
            tables={name: str(table["sha256"]) for name, table in details["tables"].items()},
            figures={name: dict(entry) for name, entry in figures.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # a folder that is not a run; the site lists it with the reason


def _fits(run: Run, test: Test) -> bool:
    same = all(run.parameters.get(name) == value for name, value in test.params.items())
    return same and set(run.changed) <= {*test.params, *test.free}


def _figure(run: Run, name: str) -> Evidence:
    """Take a figure of a run; what is simulated, missing or not a number is no evidence."""
    entry = run.figures.get(name)
    if entry is None:
        return Evidence(run=run.place, missing=f"{run.place} recorded no figure {name!r}")
    note = str(entry.get("note") or "")
    if name.startswith(SIMULATED) or re.match(rf"{SIMULATED}\b", note, re.IGNORECASE):
        return Evidence(
            run=run.place, missing=f"{name!r} of {run.place} is of simulated data, which are no evidence"
        )
    value = entry.get("value")
    if value is None:
        return Evidence(
            run=run.place, missing=f"{name!r} of {run.place} has no value" + (f" ({note})" if note else "")
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Evidence(
            run=run.place, missing=f"{name!r} of {run.place} is {shown(value)}, which is not a number"
        )
    low = _end(entry.get("low"), "low is ", note, -math.inf)
    high = _end(entry.get("high"), "high is ", note, math.inf)
    return Evidence(float(value), low, high, unit=str(entry.get("unit") or ""), note=note, run=run.place)


def _end(value: Any, said: str, note: str, far: float) -> float | None:
    """Give an end of an interval; one that was computed and is infinite or no number (`lab.record` notes it) is infinitely far away."""
    if isinstance(value, int | float):
        return float(value)
    return far if said in note else None


def _value(evidence: Evidence) -> float:
    assert evidence.value is not None
    return evidence.value


def number(value: float) -> str:
    """Write a number as short as it is exact enough, with a true minus.

    >>> number(-0.0246212), number(67.8191)
    ('−0.0246', '67.8')
    """
    return f"{value:.3g}".replace("-", "−")


def _as_text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
