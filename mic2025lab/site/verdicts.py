"""The verdicts on the claims, for the top of the front page."""

from __future__ import annotations

from pathlib import Path

from mic2025lab import claims
from mic2025lab.claims import Judged, ledger

#: The kinds of claims in order, with their headings.
KINDS = {"gain": "What the plan aimed at", "cost": "What critics say it cost", "limit": "What limits it"}

#: A sign for each verdict and outcome, so that color is not needed to tell them apart.
SIGNS = {
    "supported": "●", "mixed": "◐", "not supported": "○", "not testable": "–",
    "for": "●", "unclear": "◐", "against": "○", "missing": "–",
}  # fmt: skip


def by_kind(reports: Path, path: Path = ledger.LEDGER) -> dict[str, list[Judged]]:
    """Judge all claims of a ledger by the runs of a folder. Empty if no test has a figure."""
    judged = claims.evaluate(reports, path=path)
    if not any(outcome != "missing" for each in judged for outcome in each.outcomes):
        return {}
    return {name: [each for each in judged if each.claim.kind == kind] for kind, name in KINDS.items()}
