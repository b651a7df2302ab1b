"""The evidence for a test: the estimand that the newest good run with the test's parameters recorded, with its specifications.

A figure made of simulated data is not evidence. Neither is one that rests on unverified or carried-forward values, as its note says, nor one
of a run whose tables have changed in the catalog since. In all cases the reason is given.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mic2025lab import catalog
from mic2025lab.claims.ledger import SIMULATED, Test
from mic2025lab.errors import LabError, shown
from mic2025lab.results import files
from mic2025lab.results.record import SPECIFICATIONS
from mic2025lab.results.run import Run, Scalar, read_runs

#: How the note of a figure begins that cannot decide a claim.
WEAK = ("unverified", "carried forward")

#: The choice that verdicts by base year are made for.
BASE_YEAR = "base_year"


@dataclass(frozen=True)
class Specification:
    """One admissible specification of an estimand, as `lab.record_specifications` wrote it.

    Attributes
    ----------
    choices : mapping
        The option of each choice, as text.
    estimate, low, high : float
        The estimate and the ends of its interval; NaN where there is none.
    headline : bool
        Whether it is the headline.
    """

    choices: Mapping[str, str]
    estimate: float
    low: float = math.nan
    high: float = math.nan
    headline: bool = False


@dataclass(frozen=True)
class Evidence:
    """A figure for a test, or the reason why there is none.

    Attributes
    ----------
    value, low, high : float or None
        The figure and the ends of its interval. None where there is none.
    unit, note : str
        As the run recorded them.
    run : str
        The folder of the run, relative to the folder of reports. Empty if there is none.
    missing : str
        Why there is no figure, and what to do. Empty if there is one.
    specifications : tuple of Specification
        Those that the run recorded with the figure.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    note: str = ""
    run: str = ""
    missing: str = ""
    specifications: tuple[Specification, ...] = ()

    @property
    def interval(self) -> bool:
        """Whether the figure has an interval."""
        return self.low is not None or self.high is not None

    @property
    def estimates(self) -> list[float] | None:
        """The estimates of all specifications, or None if the run recorded no others."""
        known = [each.estimate for each in self.specifications if not math.isnan(each.estimate)]
        return known or None

    def at(self, base_year: int) -> Evidence:
        """Return the evidence with this base year: its specifications, and the headline's other choices.

        Evidence without a base year among its choices stays as it is.
        """
        if not any(BASE_YEAR in each.choices for each in self.specifications):
            return self
        part = tuple(each for each in self.specifications if each.choices.get(BASE_YEAR) == str(base_year))
        head = next((dict(each.choices) for each in self.specifications if each.headline), {})
        head[BASE_YEAR] = str(base_year)
        own = next((each for each in part if each.choices == head and not math.isnan(each.estimate)), None)
        if own is None:
            return Evidence(unit=self.unit, run=self.run, missing=f"no estimate with base year {base_year}")
        low, high = (None if math.isnan(end) else end for end in (own.low, own.high))
        return replace(self, value=own.estimate, low=low, high=high, specifications=part)

    @property
    def figure(self) -> str:
        """The figure with its interval and unit. Empty if there is none.

        >>> Evidence(-1.58, -2.5, -0.7, unit="points").figure
        '−1.58 [−2.5, −0.7] points'
        """
        if self.value is None:
            return ""
        ends = [number(end) for end in (self.low, self.high) if end is not None]
        interval = f" [{ends[0]}, {ends[1]}]" if len(ends) == 2 else ""
        space = "" if self.unit.startswith("%") else " "
        return f"{number(self.value)}{interval}{space}{self.unit}".rstrip()


def folder(reports: str | Path | None = None) -> Path:
    """Find the folder of reports.

    Parameters
    ----------
    reports : path, optional
        By default the folder of the current run (`MIC2025LAB_REPORTS`), else `reports` in the working folder, else `reports` in
        the checkout.
    """
    if reports is not None:
        return Path(reports)
    given = os.environ.get(files.REPORTS_DIR)
    if given:
        return Path(given)
    return files.REPORTS if (files.REPORTS / "runs").is_dir() else catalog.PACKAGE.parent / "reports"


def runs(reports: str | Path | None = None, analyses: Iterable[str] | None = None) -> list[Run]:
    """List the good runs of the package's own notebooks, newest first. Runs that cannot be read are left out.

    Parameters
    ----------
    reports : path, optional
        As in `folder`. A folder that does not exist has no runs.
    analyses : iterable of str, optional
        Only the runs of these analyses.
    """
    found, _ = read_runs(folder(reports), analyses, whole=True)
    return usable(found)


def usable(found: Iterable[Run]) -> list[Run]:
    """Return the runs that may be evidence, newest first: good ones of the package's own notebooks."""
    good = [run for run in found if run.good and not run.manifest.notebook.own]
    return sorted(good, key=lambda run: (run.manifest.ended, run.folder.name), reverse=True)


def find(test: Test, there: Iterable[Run]) -> Evidence:
    """Return the figure of a test from the newest good run that fits it.

    Parameters
    ----------
    test : Test
        A run fits if it has the test's parameters, and the defaults of all others except the free ones.
    there : iterable of Run
        Newest first, as `runs` returns them.
    """
    fits = [run for run in there if run.analysis == test.analysis and _fits(run, test)]
    if not fits:
        return Evidence(missing=f"no good run; make one: {command(test)}")
    run = next((run for run in fits if not stale(run)), None)
    if run is None:
        return Evidence(missing=stale(fits[0]))
    return _figure(run, test.figure)


def stale(run: Run) -> str:
    """Return why the data of a run are not those of the catalog, or an empty text if they are."""
    if run.manifest.pinned != (now := _pins(run)):
        used, current = (", ".join(map("@".join, each.items())) for each in (run.manifest.pinned, now))
        embedded = "the embedded vintages"
        return f"{run.place} used {used or embedded}, and {current or embedded} are in use"
    for name, table in sorted(run.manifest.tables.items()):
        try:
            digest = catalog.digest(name)
        except LabError:
            return f"table {name!r}, which {run.place} loaded, is no longer in the catalog"
        if digest != table.sha256:
            return f"table {name!r} has changed since {run.place}; run it again"
    return ""


def _pins(run: Run) -> dict[str, str]:
    tables = {name.partition("@")[0] for name in run.manifest.tables}
    return {name: vintage for name, vintage in catalog.vintages.pins().items() if name in tables}


def command(test: Test) -> str:
    """Return the command that makes the run that a test needs."""
    words = [f"mic2025lab run {test.analysis}"]
    for name, value in test.params.items():
        words.append(f"-p {name}={','.join(map(str, value)) if isinstance(value, list) else value}")
    return " ".join(words)


def number(value: float) -> str:
    """Write a number with three digits and a true minus sign.

    >>> number(-0.0246212), number(67.8191)
    ('−0.0246', '67.8')
    """
    return f"{value:.3g}".replace("-", "−")


def _fits(run: Run, test: Test) -> bool:
    same = all(run.parameters.get(name) == value for name, value in test.params.items())
    return same and set(run.changed) <= {*test.params, *test.free}


def _figure(run: Run, name: str) -> Evidence:
    """Return a figure of a run. Simulated figures, missing ones, and texts are not evidence."""
    entry = run.results.figures.get(name)
    note = (entry.note or "") if entry else ""
    if entry is None:
        reason = f"{run.place} recorded no figure {name!r}"
    elif name.startswith(SIMULATED) or re.match(rf"{SIMULATED}\b", note, re.IGNORECASE):
        reason = f"{name!r} of {run.place} is made of simulated data, which are not evidence"
    elif note.lower().startswith(WEAK):
        reason = f"{name!r} of {run.place} cannot decide: {note[0].lower()}{note[1:]}"
    elif entry.value is None:
        reason = f"{name!r} of {run.place} has no value" + (f" ({note})" if note else "")
    elif isinstance(entry.value, bool | str):
        reason = f"{name!r} of {run.place} is {shown(entry.value)}, which is not a number"
    else:
        low = _end(entry.low, "low is ", note, -math.inf)
        high = _end(entry.high, "high is ", note, math.inf)
        others = tuple(map(_specification, rows(run, f"{name}{SPECIFICATIONS}")))
        return Evidence(
            float(entry.value), low, high, entry.unit or "", note, run.place, specifications=others
        )
    return Evidence(run=run.place, missing=reason)


def rows(run: Run, name: str) -> list[dict[str, str]]:
    """Read the rows of a table of a run, as text. None if it recorded no such table.

    Raises
    ------
    LabError
        If the file is not as the run left it.
    """
    table = run.results.tables.get(name)
    if table is None:
        return []
    path = run.folder / table.file
    if files.digest(path) != table.sha256:
        raise LabError(
            f"{run.place}/{table.file} is not as the run left it. Run it again: mic2025lab run {run.analysis} --force"
        )
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _specification(row: dict[str, str]) -> Specification:
    estimate, low, high = (float(row.pop(name) or "nan") for name in ("estimate", "low", "high"))
    headline = row.pop("headline") == "True"
    choices = {
        name: option.removeprefix("'") for name, option in row.items() if name not in ("p_value", "note")
    }
    return Specification(choices, estimate, low, high, headline)


def _end(value: Scalar, remark: str, note: str, infinite: float) -> float | None:
    """Return an end of an interval. An end that is not finite is stored as null, and `lab.record` says so in the note."""
    if isinstance(value, int | float):
        return float(value)
    return infinite if remark in note else None
