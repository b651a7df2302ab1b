"""The verdicts on the claims, for the front page and the pages of the claims."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mic2025lab import claims
from mic2025lab.claims import Judged, Weighed, evidence, forest, ledger
from mic2025lab.claims.ledger import Claim
from mic2025lab.results.run import Run

#: The kinds of claims in order, with their headings.
KINDS = {"gain": "What the plan aimed at", "cost": "What critics say it cost", "limit": "What limits it"}

#: A sign for each verdict and outcome, so that color is not needed to tell them apart.
SIGNS = {"supported": "●", "mixed": "◐", "not supported": "○", "not testable": "–", **forest.SIGNS}

_RUN = re.compile(r"runs/[\w-]+/[\w.-]+")
#: A name of a figure or a table, perhaps in quotation marks; what stands in a command stays.
_NAME = re.compile(
    r"(?<![\w=./-])(?<!run )(?<!data )(?<!build )('?)([a-z0-9]+(?:_[a-z0-9]+)+)\1(?![\w=]|\.csv)"
)


def page(claim: Claim) -> str:
    """Return the address of the page of a claim."""
    return f"claims/{claim.id}.html"


def readable(text: str) -> str:
    """Write names of figures and tables as words, and runs without their folder. Commands stay as they are.

    >>> readable("runs/overcapacity/4df987c9b062 recorded no figure 'utilization_gap'")
    'the run recorded no figure “utilization gap”'
    >>> readable("industry_supply ends in 2018; mic2025lab run foreign_firms -p path=china_owners.csv")
    'industry supply ends in 2018; mic2025lab run foreign_firms -p path=china_owners.csv'
    """
    return _RUN.sub("the run", _NAME.sub(_words, text))


def _words(found: re.Match[str]) -> str:
    words = found[2].replace("_", " ")
    return f"“{words}”" if found[1] else words


def first_test(one: Judged) -> Weighed | None:
    """Return the test that the front page tells: the first that decides the verdict, or the first about the subject with evidence.

    The order is that of the ledger, so that no result chooses it.
    """
    wanted = {"supported": "for", "not supported": "against"}.get(one.verdict)
    subject = [each for each in one.tests if each.test.part in one.claim.subject]
    there = [each for each in (*subject, *one.tests) if each.evidence.value is not None]
    return next((each for each in there if wanted in (None, each.outcome)), None)


def why_untested(one: Judged) -> str:
    """Say which part of a claim has no evidence, so that it is not testable."""
    missing = [part.says for part in one.claim.parts if part.subject and part.says in one.untested]
    if not missing:
        return "No test has evidence."
    return f"No evidence here on {', or on '.join(f'“{part}”' for part in missing)}."


def judged(runs: Iterable[Run], path: Path = ledger.LEDGER) -> list[Judged]:
    """Judge all claims of a ledger by these runs, in the order of their numbers. Empty if no test has a figure."""
    there = evidence.usable(runs)
    found = [claims.judge(claim, there) for claim in ledger.read(path)]
    tested = any(outcome != "missing" for each in found for outcome in each.outcomes)
    return sorted(found, key=lambda one: one.claim.number) if tested else []
