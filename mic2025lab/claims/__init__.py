"""The claims ledger: the aims of the plan and the costs that critics name, the evidence from runs, and a verdict by rule.

>>> from mic2025lab import claims
>>> claims.verdict.verdict(["for", "for", "unclear"])
'supported'

The rule is in `verdict`, the claims are in `ledger.yml`, and docs/claims.md derives three verdicts by hand. In a notebook,
`lab.claims()` is the table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mic2025lab.claims import board, evidence, ledger, verdict
from mic2025lab.claims.evidence import Evidence
from mic2025lab.claims.ledger import Claim, Test
from mic2025lab.claims.verdict import Outcome, Verdict
from mic2025lab.classifications import sectors
from mic2025lab.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Claim",
    "Evidence",
    "Judged",
    "Test",
    "Weighed",
    "board",
    "evaluate",
    "evidence",
    "judge",
    "ledger",
    "reads",
    "table",
    "verdict",
]


@dataclass(frozen=True)
class Weighed:
    """A test with its evidence and the outcome."""

    test: Test
    evidence: Evidence
    outcome: Outcome


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
    def verdict(self) -> Verdict:
        """The verdict by the rule."""
        return verdict.verdict(self.outcomes, needs=self.claim.needs)

    @property
    def counts(self) -> str:
        """The numbers of tests that are for, unclear, against, and missing, in words."""
        return verdict.in_words(self.outcomes) if self.tests else "no test"

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
    """Judge one claim by the given runs, newest first."""
    weighed = []
    for test in claim.tests:
        found = evidence.find(test, there)
        said = verdict.outcome(
            found.value, found.low, found.high, direction=test.direction, than=test.than, margin=test.margin
        )
        weighed.append(Weighed(test, found, said))
    return Judged(claim, tuple(weighed))


def table(reports: str | Path | None = None, *, path: str | Path = ledger.LEDGER) -> pd.DataFrame:
    """Return the verdicts as a table, one row for each claim.

    Parameters
    ----------
    reports, path
        As in `evaluate`.

    Returns
    -------
    pandas.DataFrame
        `number`, `id`, `kind`, `claim`, `verdict`, the numbers of tests `for`, `unclear`, `against`, and `missing`, and
        `not_covered`: the part of the claim that no test covers.

    Examples
    --------
    >>> found = table("no such folder")
    >>> set(found["verdict"]), int(found["for"].sum())
    ({'not testable'}, 0)
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for each in evaluate(reports, path=path):
        claim = each.claim
        head = {"number": claim.number, "id": claim.id, "kind": claim.kind, "claim": claim.sentence}
        told = {str(kind): number for kind, number in verdict.counts(each.outcomes).items()}
        rows.append({**head, "verdict": each.verdict, **told, "not_covered": claim.coverage})
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
    shown = board.read()
    tests = [test for claim in ledger.read() for test in claim.tests] + [
        pair.test for pair in shown.published
    ]
    tests += [test for column in shown.columns for slug in sectors.slugs() if (test := column.of(slug))]
    there = evidence.runs(reports, {test.analysis for test in tests})
    used = {evidence.find(test, there).run for test in tests}
    texts = {f"claims/{path.name}": evidence.file(path) for path in (ledger.LEDGER, board.BOARD)}
    return {**texts, **evidence.digests(run for run in there if run.place in used)}


class _Callable(ModuleType):
    """Makes the module callable: `lab.claims()` is the table, `lab.claims.evaluate(…)` a function of the module."""

    def __call__(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        return table(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
