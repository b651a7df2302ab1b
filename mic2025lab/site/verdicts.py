"""The verdicts on the claims, for the top of the front page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mic2025lab import claims
from mic2025lab.claims import Judged

#: The kinds of claims in order, with their headings.
KINDS = {"gain": "What the plan aimed at", "cost": "What critics say it cost", "limit": "What limits it"}

#: A sign for each verdict and outcome, so that color is not needed to tell them apart.
SIGNS = {"supported": "●", "mixed": "◐", "not supported": "○", "not testable": "–"}
TESTS = {"for": "●", "unclear": "◐", "against": "○", "missing": "–"}


@dataclass(frozen=True)
class Line:
    """One test of a claim: what it measures, the figure with its interval and unit, the outcome, and the page of its run."""

    says: str
    figure: str
    outcome: str
    page: str

    @property
    def sign(self) -> str:
        return TESTS[self.outcome]


@dataclass(frozen=True)
class Row:
    """One claim: its sentence, verdict, and tests, and the part that no test covers."""

    number: int
    sentence: str
    verdict: str
    counts: str
    lines: Sequence[Line]
    uncovered: str

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]


def by_kind(reports: Path) -> dict[str, list[Row]]:
    """Judge all claims by the runs of a folder. Empty if no test has a figure."""
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
