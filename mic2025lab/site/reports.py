"""The runs as the site shows them: by analysis, and for each set of parameters the newest good run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from mic2025lab.analyses import ANALYSES, get
from mic2025lab.classifications import sectors
from mic2025lab.own_panels import SIMULATED
from mic2025lab.results.run import Run
from mic2025lab.runs.identity import canonical
from mic2025lab.site import text


@dataclass
class Report:
    """A run that the site shows, with other runs of the same parameters.

    Attributes
    ----------
    run : Run
        The newest good run of these parameters, or the newest failed one if none is good.
    earlier : list of Run
        The earlier good runs, newest first.
    failure : Run, optional
        A later run that failed.
    news : str
        What changed since the previous good run, in one line. Empty if there is none.
    changed : bool
        Whether its results differ from those of the previous good run.
    """

    run: Run
    earlier: list[Run] = field(default_factory=list)
    failure: Run | None = None
    news: str = ""
    changed: bool = False

    @property
    def page(self) -> str:
        """The page of its changes, relative to the folder of reports."""
        return f"changes/{self.run.folder.parent.name}/{self.run.folder.name}.html"

    @property
    def heading(self) -> str:
        """The parameters that differ from the defaults."""
        return text.heading(self.run.changed)

    @property
    def failed(self) -> bool:
        """Whether its newest run failed."""
        return not self.run.good or self.failure is not None

    @property
    def simulated(self) -> bool:
        """Whether its firms are simulated, as those of the package are unless the user names a file."""
        return self.run.parameters.get("path") == SIMULATED

    @cached_property
    def sectors(self) -> list[str]:
        """The slugs in its parameters `sector` and `sectors`."""
        given = [value for name, value in self.run.parameters.items() if name.rstrip("s") == "sector"]
        listed = [value if isinstance(value, list) else [value] for value in given if value]
        return [text.clip(item, 100) for values in listed for item in values]

    @property
    def one_of_ten(self) -> bool:
        """Whether it is about one or more of the ten sectors."""
        return any(slug in sectors.slugs() for slug in self.sectors)


@dataclass(frozen=True)
class Group:
    """The runs of one analysis.

    Attributes
    ----------
    name : str
        The analysis.
    runs : list of Run
        All of them, newest first.
    """

    name: str
    runs: list[Run]

    @property
    def title(self) -> str:
        """The title of the analysis."""
        return text.clip(self.runs[0].manifest.title, 400)

    @property
    def question(self) -> str:
        """The question of the analysis."""
        return text.clip(self.runs[0].manifest.question, 400)

    @property
    def page(self) -> str:
        """Its page, relative to the folder of reports."""
        return f"analyses/{self.name}.html"

    @cached_property
    def reports(self) -> list[Report]:
        """One report for each set of parameters, the one with the defaults first."""
        # A parameter added to the analysis since a run has its default there.
        known = get(self.name).defaults() if self.name in ANALYSES else {}
        by_parameters: dict[str, list[Run]] = {}
        for run in self.runs:
            by_parameters.setdefault(canonical({**known, **run.parameters}), []).append(run)
        return sorted(map(_report, by_parameters.values()), key=_place)

    @property
    def lead(self) -> Report:
        """The report that represents the analysis."""
        return self.reports[0]

    @property
    def older(self) -> list[Run]:
        """The runs that no report shows."""
        shown = {id(run) for report in self.reports for run in (report.run, report.failure)}
        return [run for run in self.runs if id(run) not in shown]


def grouped(runs: Iterable[Run]) -> list[Group]:
    """Group runs by analysis: the package's own in their order, then the others by name."""
    newest_first = sorted(runs, key=lambda run: (run.manifest.started, run.place), reverse=True)
    present = {run.analysis for run in newest_first}
    names = [name for name in ANALYSES if name in present] + sorted(present - set(ANALYSES))
    return [Group(name, [run for run in newest_first if run.analysis == name]) for name in names]


def _place(report: Report) -> tuple[bool, int, str]:
    """Sort the defaults first, then the sectors in the plan's order."""
    ten = sectors.slugs()
    changed = report.run.changed
    numbers = [ten.index(slug) for slug in report.sectors if slug in ten]
    return bool(changed), min(numbers, default=len(ten)), canonical(changed)


def _report(same: list[Run]) -> Report:
    """Choose the run to show from runs with the same parameters, newest first."""
    good = [run for run in same if run.good]
    if not good:
        return Report(same[0])
    return Report(good[0], good[1:], same[0] if same[0] is not good[0] else None)
