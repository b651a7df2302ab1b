"""The verdicts on the claims, for the front page and the pages of the claims."""

from __future__ import annotations

import re
from pathlib import Path

from mic2025lab import claims
from mic2025lab.claims import Claim, Judged, forest, ledger

#: The kinds of claims in order, with their headings.
KINDS = {"gain": "What the plan aimed at", "cost": "What critics say it cost", "limit": "What limits it"}

#: A sign for each verdict and outcome, so that color is not needed to tell them apart.
SIGNS = {"supported": "●", "mixed": "◐", "not supported": "○", "not testable": "–", **forest.SIGNS}

_RUN = re.compile(r"runs/[\w-]+/[\w.-]+")
_NAME = re.compile(r"'([a-z0-9]+(?:_[a-z0-9]+)+)'")


def page(claim: Claim) -> str:
    """Return the address of the page of a claim."""
    return f"claims/{claim.id}.html"


def readable(text: str) -> str:
    """Write names of figures and tables in a message as words, and runs without their folder.

    >>> readable("runs/overcapacity/4df987c9b062 recorded no figure 'utilization_gap'")
    'the run recorded no figure “utilization gap”'
    """
    return _RUN.sub("the run", _NAME.sub(lambda found: f"“{found[1].replace('_', ' ')}”", text))


def by_kind(reports: Path, path: Path = ledger.LEDGER) -> dict[str, list[Judged]]:
    """Judge all claims of a ledger by the runs of a folder. Empty if no test has a figure."""
    judged = claims.evaluate(reports, path=path)
    if not any(outcome != "missing" for each in judged for outcome in each.outcomes):
        return {}
    return {name: [each for each in judged if each.claim.kind == kind] for kind, name in KINDS.items()}
