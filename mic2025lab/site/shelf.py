"""Which run stands in front: the newest good one of each set of parameters; the others stand behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mic2025lab.analyses import ANALYSES, get
from mic2025lab.classifications import sectors
from mic2025lab.runs.identity import canonical
from mic2025lab.site.reading import Run

#: The analysis whose table stands at the top of the front page, when there is a run of it.
SCORECARD = "scorecard"


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
        return self.runs[0].manifest.title

    @property
    def question(self) -> str:
        return self.runs[0].manifest.question

    @property
    def page(self) -> str:
        """Its page, seen from the folder of reports."""
        return f"analyses/{self.name}.html"

    @cached_property
    def front(self) -> list[Run]:
        """One run for each set of parameters, that of the defaults first."""
        by_parameters: dict[str, list[Run]] = {}
        for run in self.runs:
            by_parameters.setdefault(_asked(run), []).append(run)
        chosen = [_front(same) for same in by_parameters.values()]
        return sorted(chosen, key=_place)

    @property
    def lead(self) -> Run:
        """The run that speaks for the analysis."""
        return self.front[0]

    @property
    def earlier(self) -> list[Run]:
        """What neither stands in front nor is told of there."""
        told = {id(run) for run in self.front} | {id(run.failure) for run in self.front}
        return [run for run in self.runs if id(run) not in told]


def group(runs: Iterable[Run]) -> list[Group]:
    """Group runs by analysis: the package's own in their order, then the others by name."""
    newest_first = sorted(runs, key=lambda run: (run.manifest.started, run.base), reverse=True)
    present = {run.analysis for run in newest_first}
    names = [name for name in ANALYSES if name in present] + sorted(present - set(ANALYSES))
    return [Group(name, [run for run in newest_first if run.analysis == name]) for name in names]


def _place(run: Run) -> tuple[bool, int, str]:
    """Put the defaults first, then the sectors in the plan's order."""
    ten = sectors.slugs()
    changed = run.manifest.changed
    numbers = [ten.index(slug) for slug in run.sectors if slug in ten]
    return bool(changed), min(numbers, default=len(ten)), canonical(changed)


def _asked(run: Run) -> str:
    """Write all parameters of a run; one that the analysis has got since then has its default."""
    known = get(run.analysis).defaults() if run.analysis in ANALYSES else {}
    return canonical({**known, **run.manifest.parameters})


def _front(same: list[Run]) -> Run:
    """Of runs of the same parameters, newest first, choose the one to show, and tell it what stands behind it."""
    good = [run for run in same if run.good]
    if not good:
        return same[0]
    chosen = good[0]
    chosen.behind = good[1:]
    chosen.failure = same[0] if same[0] is not chosen else None
    return chosen
