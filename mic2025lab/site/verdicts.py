"""What the claims ledger says of a folder of reports, for the top of the front page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mic2025lab import claims
from mic2025lab.claims import Judged

#: Kinds of claims in the order they stand, and the heading of each.
KINDS = {"gain": "What the plan aimed at", "cost": "What it is said to have cost", "limit": "What bounds it"}

#: A sign beside each verdict and each test, so that none is told by color alone.
SIGNS = {"supported": "●", "mixed": "◐", "not supported": "○", "not testable": "–"}
TESTS = {"for": "●", "unclear": "◐", "against": "○", "missing": "–"}


@dataclass(frozen=True)
class Line:
    """One test of a claim: what it measures, the figure with its interval and unit, what it says, and the page of the run it is from."""

    says: str
    figure: str
    outcome: str
    page: str

    @property
    def sign(self) -> str:
        return TESTS[self.outcome]


@dataclass(frozen=True)
class Row:
    """One claim: its sentence, verdict and tests, and what of it no test is about."""

    number: int
    sentence: str
    verdict: str
    counts: str
    lines: Sequence[Line]
    uncovered: str

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]


def of(reports: Path) -> dict[str, list[Row]]:
    """Judge every claim by the runs of a folder: the claims by kind, or nothing where no test has a figure."""
    judged = claims.evaluate(reports)
    if not any(outcome != "missing" for each in judged for outcome in each.outcomes):
        return {}
    return {name: [_row(each) for each in judged if each.claim.kind == kind] for kind, name in KINDS.items()}


def _row(each: Judged) -> Row:
    lines = []
    for weighed in each.tests:
        found = weighed.evidence
        told = found.missing if found.value is None else found.told.removesuffix(f" ({found.run})")
        page = f"{found.run}/notebook.html" if found.value is not None else ""
        lines.append(Line(weighed.test.says, told, weighed.outcome, page))
    claim = each.claim
    return Row(claim.number, claim.sentence, each.verdict, each.counts, lines, claim.coverage)
