"""The claims ledger: the aims of the plan and the costs that critics name, the evidence from runs, and a verdict by rule.

>>> from mic2025lab import claims
>>> claims.verdict.verdict({"output": ["for"], "exports": ["for", "unclear"]})
'supported'

The rule is in `verdict`, the claims are in `ledger.yml`, and docs/claims.md derives three verdicts by hand. In a notebook,
`lab.claims()` is the table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mic2025lab.claims import board, evidence, ledger, sentences, verdict
from mic2025lab.claims import data_years as data_years
from mic2025lab.claims import forest as forest
from mic2025lab.claims.evidence import Evidence
from mic2025lab.claims.ledger import Claim, Test
from mic2025lab.claims.verdict import Outcome, Verdict
from mic2025lab.classifications import sectors
from mic2025lab.results import files
from mic2025lab.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

#: The base years that verdicts are repeated for.
BASE_YEARS = range(2012, 2017)


@dataclass(frozen=True)
class Weighed:
    """A test with its evidence and the outcome.

    Attributes
    ----------
    test, evidence, outcome
        As they are called.
    reason : str
        Why the outcome is unclear or missing, in a few words; empty if it is neither.
    """

    test: Test
    evidence: Evidence
    outcome: Outcome
    reason: str = ""

    @property
    def shares(self) -> tuple[float, float]:
        """The shares of the specifications beyond the margin: in the direction of the test, and on the other side."""
        estimates = self.evidence.estimates or ([] if self.evidence.value is None else [self.evidence.value])
        above, below = verdict.shares(estimates, than=self.test.than, margin=self.test.margin)
        return (above, below) if self.test.direction == "above" else (below, above)

    @property
    def sentence(self) -> str:
        """The figure as a sentence, with its interval. Empty if there is no figure.

        Examples
        --------
        >>> test = Test("gap", "overcapacity", "gap", "below", tells="Utilization was {size} {above|below} its mean")
        >>> Weighed(test, Evidence(-2.03, -2.82, -1.24, unit="points"), "for").sentence
        'Utilization was 2.03 points below its mean (interval −2.82 to −1.24).'
        """
        found = self.evidence
        if found.value is None:
            return ""
        choices = next((each.choices for each in found.specifications if each.headline), {})
        size = evidence.number(abs(found.value))
        told = sentences.fill(self.test.tells, found.value, size, found.unit, choices)
        if not told:
            named = self.test.says.rpartition(",")[0] or self.test.says
            told = f"{named[:1].upper()}{named[1:]}: {replace(found, low=None, high=None).figure}"
        ends = [evidence.number(end) for end in (found.low, found.high) if end is not None]
        return f"{told} (interval {' to '.join(ends)})." if len(ends) == 2 else f"{told}."


@dataclass(frozen=True)
class Judged:
    """A claim with the evidence of each of its tests and the verdict that follows.

    Attributes
    ----------
    claim : Claim
        The claim.
    tests : tuple of Weighed
        Its tests, in the order of the ledger.
    """

    claim: Claim
    tests: tuple[Weighed, ...]

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each test."""
        return [each.outcome for each in self.tests]

    @property
    def parts(self) -> list[tuple[ledger.Part, Outcome, list[Weighed]]]:
        """The parts of the sentence, each with its outcome and its tests."""
        found = []
        for part in self.claim.parts:
            tests = [each for each in self.tests if each.test.part == part.id]
            found.append((part, verdict.combine([each.outcome for each in tests]), tests))
        return found

    @property
    def verdict(self) -> Verdict:
        """The verdict by the rule."""
        return verdict.verdict(self.by_part, subject=self.claim.subject)

    @property
    def by_part(self) -> dict[str, list[Outcome]]:
        """The outcomes of the tests of each part."""
        return {part.id: [each.outcome for each in tests] for part, _, tests in self.parts}

    @property
    def coverage(self) -> str:
        """How many parts have evidence, in words."""
        count = len(self.parts)
        return f"{count - len(self.untested)} of {count} {'part' if count == 1 else 'parts'} tested"

    @property
    def untested(self) -> list[str]:
        """The parts of the sentence that have no evidence, in words."""
        return [part.says for part, outcome, _ in self.parts if outcome == "missing"]

    def at(self, base_year: int) -> Judged:
        """Judge the claim by the specifications with this base year. Tests without a base year among their choices stay as they are."""
        return Judged(self.claim, tuple(weigh(each.test, each.evidence.at(base_year)) for each in self.tests))

    def by_base_year(self, years: Sequence[int] = BASE_YEARS) -> dict[int, Judged]:
        """Judge the claim for each base year."""
        return {year: self.at(year) for year in years}

    @property
    def changes(self) -> bool:
        """Whether a base year changes the verdict."""
        return any(each.verdict != self.verdict for each in self.by_base_year().values())

    @property
    def counts(self) -> str:
        """The numbers of tests that are for, unclear, against, and missing, in words: "2 for, 1 unclear, 0 against, 1 missing"."""
        told = (f"{number} {kind}" for kind, number in verdict.counts(self.outcomes).items())
        return ", ".join(told) if self.tests else "no test"

    @property
    def next_steps(self) -> list[str]:
        """How to get the missing evidence."""
        return list(dict.fromkeys(each.evidence.missing for each in self.tests if each.outcome == "missing"))


def evaluate(reports: str | Path | None = None, *, path: str | Path = ledger.LEDGER) -> list[Judged]:
    """Judge all claims of a ledger by what the runs in a folder of reports recorded.

    Parameters
    ----------
    reports : path, optional
        The folder of reports. By default the folder of the current run, else `reports`. If it does not exist, no claim is testable.
    path : path
        The ledger. The package's own by default.

    Returns
    -------
    list of Judged
        In the order of the ledger.

    Raises
    ------
    LabError
        If the ledger has errors.
    """
    entries = ledger.read(path)
    there = evidence.runs(reports, {test.analysis for claim in entries for test in claim.tests})
    return [judge(claim, there) for claim in entries]


def judge(claim: Claim, there: Sequence[Run]) -> Judged:
    """Judge one claim by the given runs, newest first, as `evidence.runs` returns them."""
    return Judged(claim, tuple(weigh(test, evidence.find(test, there)) for test in claim.tests))


def weigh(test: Test, found: Evidence) -> Weighed:
    """Return the outcome of a test with this evidence, and the reason if it is unclear or missing."""
    if found.value is None:
        return Weighed(test, found, "missing", found.missing)
    if not found.interval and not test.census:
        return Weighed(test, found, "unclear", "it has no interval, and the ledger does not say why")
    if not found.specifications and not test.fixed:
        return Weighed(
            test, found, "unclear", "the run records no other specifications, and the ledger does not say why"
        )
    said = verdict.outcome(
        found.value,
        found.low,
        found.high,
        direction=test.direction,
        than=test.than,
        margin=test.margin,
        estimates=found.estimates,
    )
    weighed = Weighed(test, found, said)
    return weighed if said != "unclear" else Weighed(test, found, said, _why_unclear(weighed))


def _why_unclear(weighed: Weighed) -> str:
    test, found = weighed.test, weighed.evidence
    assert found.value is not None
    if abs(found.value - test.than) <= test.margin:
        return "the headline is within the margin"
    low, high = found.low, found.high
    if (low is None or low <= test.than) and (high is None or high >= test.than) and found.interval:
        return f"the interval includes {test.than:g}"
    agree = max(weighed.shares)
    return f"only {agree:.0%} of the specifications are beyond the margin on one side"


def by_base_year(
    reports: str | Path | None = None,
    years: Sequence[int] = BASE_YEARS,
    *,
    path: str | Path = ledger.LEDGER,
) -> pd.DataFrame:
    """Return the verdict on each claim for each base year.

    Parameters
    ----------
    reports, path
        As in `evaluate`.
    years : sequence of int
        The base years.

    Returns
    -------
    pandas.DataFrame
        One row for each claim: `number`, `id`, `verdict` (over all base years), a column for each base year, and `changes`: whether
        a base year changes the verdict.
    """
    import pandas as pd

    rows = []
    for one in evaluate(reports, path=path):
        at = {str(year): each.verdict for year, each in one.by_base_year(years).items()}
        row = {"number": one.claim.number, "id": one.claim.id, "verdict": one.verdict, **at}
        rows.append({**row, "changes": set(at.values()) != {one.verdict}})
    return pd.DataFrame(rows)


def table(reports: str | Path | None = None, *, path: str | Path = ledger.LEDGER) -> pd.DataFrame:
    """Return the verdicts as a table, one row for each claim.

    Parameters
    ----------
    reports, path
        As in `evaluate`.

    Returns
    -------
    pandas.DataFrame
        `number`, `id`, `kind`, `claim`, `verdict`, `parts` (how many have evidence), the numbers of tests `for`, `unclear`, `against`,
        and `missing`, and `not_covered`: the part of the claim that no test covers.

    Examples
    --------
    >>> found = table("no such folder")
    >>> set(found["verdict"]), int(found["for"].sum())
    ({'not testable'}, 0)
    """
    import pandas as pd

    rows = []
    for each in evaluate(reports, path=path):
        claim, counts = each.claim, verdict.counts(each.outcomes)
        row: dict[str, Any] = {"number": claim.number, "id": claim.id, "kind": claim.kind}
        row |= {
            "claim": claim.sentence,
            "verdict": each.verdict,
            "parts": each.coverage,
            **counts,
            "not_covered": claim.coverage,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def reads(reports: str | Path | None = None) -> dict[str, dict[str, str]]:
    """List the files that a scorecard is made from: the ledger, the board, and the results of the runs that they use.

    Parameters
    ----------
    reports : path, optional
        As in `evaluate`.

    Returns
    -------
    dict
        Name -> {"path", "sha256"}. If one of them changes, the scorecard is a new run.
    """
    named = named_tests()
    there = evidence.runs(reports, {test.analysis for test in named})
    used = {evidence.find(test, there).run for test in named}
    paths = {f"claims/{path.name}": path for path in (ledger.LEDGER, board.BOARD)}
    paths |= {
        f"{run.place}/{files.RESULTS}": run.folder / files.RESULTS for run in there if run.place in used
    }
    return {
        name: {"path": str(path.absolute()), "sha256": str(files.digest(path))}
        for name, path in sorted(paths.items())
    }


def named_tests() -> list[Test]:
    """List every figure that the ledger and the board name, as tests."""
    shown = board.read()
    tests = [test for claim in ledger.read() for test in claim.tests]
    tests += [pair.test for pair in shown.published]
    return tests + [test for column in shown.columns for slug in sectors.slugs() if (test := column.of(slug))]


class _Callable(ModuleType):
    """Makes the module callable: `lab.claims()` is the table, `lab.claims.evaluate(…)` a function of the module."""

    def __call__(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        from mic2025lab.catalog.listing import Listing

        return Listing(table(*args, **kwargs))


sys.modules[__name__].__class__ = _Callable
