"""What others have published beside what the package computed, for `scorecard`: by how much the two differ, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab.claims import evidence
from mic2025lab.claims.board import Published
from mic2025lab.errors import LabError
from mic2025lab.evidence._words import each, plain, signed
from mic2025lab.results.run import Run

AGREES, DIFFERS, NO_DATA = "agrees", "differs", "no data"


def compare(pairs: Sequence[Published], benchmarks: pd.DataFrame, there: Sequence[Run]) -> pd.DataFrame:
    """Set each figure beside what was published.

    Parameters
    ----------
    pairs : sequence of Published
        Of the board.
    benchmarks : pandas.DataFrame
        The table `benchmarks`.
    there : sequence of Run
        The runs at hand, newest first.

    Returns
    -------
    pandas.DataFrame
        `compared`, `ours`, `low`, `high`, `published`, `unit`, `difference` (ours less theirs; missing where theirs is in words),
        `verdict` (agrees, differs or no data), `words` (what was published, where it is words), `why`, `source`, `verified`, `run`.

    Raises
    ------
    LabError
        If `benchmarks` has no such row, or two.
    """
    lines = []
    for pair in pairs:
        row = _row(pair, pair.item, benchmarks)
        value = _number(row, pair, benchmarks)
        found = evidence.find(pair.test, there)
        said = pair.agrees(found, value)
        ours = float("nan") if found.value is None else found.value
        lines.append(
            {
                "compared": pair.says,
                "ours": ours,
                "low": found.low,
                "high": found.high,
                "published": float("nan") if value is None or pair.reads else value,
                "unit": found.unit,
                "difference": float("nan") if value is None or pair.reads else ours - value,
                "verdict": NO_DATA if said is None else AGREES if said else DIFFERS,
                "words": _words(row, pair),
                "why": pair.why,
                "source": row.source,
                "verified": row.verified,
                "run": found.run,
            }
        )
    return pd.DataFrame(lines).astype({"low": "float64", "high": "float64"})


def _row(pair: Published, item: str, benchmarks: pd.DataFrame) -> Any:
    found = benchmarks[
        (benchmarks["topic"] == pair.topic)
        & (benchmarks["item"] == item)
        & (benchmarks["period"] == pair.period)
    ]
    if len(found) != 1:
        raise LabError(
            f"benchmarks has {len(found)} rows of {pair.topic!r}, {item!r}, {pair.period}; board.yml must name one."
        )
    return next(each(found))


def _number(row: Any, pair: Published, benchmarks: pd.DataFrame) -> float | None:
    if pd.isna(row.value):
        return None
    return (
        float(row.value) if pair.over is None else 100 * row.value / _row(pair, pair.over, benchmarks).value
    )


def _words(row: Any, pair: Published) -> str:
    """Write the words of a row, or the number that stands for a direction, and how they are read."""
    if pair.reads is None:
        return ""
    told = (
        row.value_text
        if isinstance(row.value_text, str)
        else ""
        if pd.isna(row.value)
        else f"{row.value:g}{row.unit}"
    )
    return f"{row.item}{f': {told}' if told else ''} (read as {pair.reads})"


def say(table: pd.DataFrame) -> str:
    """Count agreement and disagreement, and say by how much the numbers differ most."""
    known = table[table["verdict"] != NO_DATA]
    if known.empty:
        return "No figure of these runs can be set beside a published one."
    apart = known[known["verdict"] == DIFFERS]
    text = f"Of {len(known)} published findings that a figure here can be set beside, {len(known) - len(apart)} agree and {len(apart)} differ"
    sized = apart.dropna(subset=["difference"])
    if sized.empty:
        return f"{text}."
    row: Any = next(each(sized.loc[[sized["difference"].abs().idxmax()]]))
    return f"{text}; most of the numbers: {row.compared}, by {signed(row.difference)} ({plain(row.ours)} here, {plain(row.published)} there)."
