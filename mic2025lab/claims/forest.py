"""The tests of a claim as a forest plot: positions without a unit, in which right of zero supports the claim.

Tests have different units, so each has a scale of its own: the reference is 0, and the number that is farthest from it is 1 or -1.
The site and `mic2025lab claims show` draw the same positions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mic2025lab.claims import Judged, Weighed

#: Characters of a line of text; the reference is in the middle.
WIDTH = 41

#: A sign for each outcome of a test, so that color is not needed to tell them apart.
SIGNS = {"for": "●", "unclear": "◐", "against": "○", "missing": "–"}

_NUMBERS = ("value", "low", "high", "margin")


@dataclass(frozen=True)
class Row:
    """The positions of one test, from -1 to 1.

    Attributes
    ----------
    value : float
        The headline.
    low, high : float or None
        The ends of its interval. An end that is infinite is at the edge.
    margin : float
        Estimates between `-margin` and `margin` are within the margin.
    estimates : tuple of float
        Those of the specifications to the nearest hundredth, each once and in order of size, so that a thousand of them are not drawn.
    """

    value: float
    low: float | None
    high: float | None
    margin: float
    estimates: tuple[float, ...]


def row(weighed: Weighed) -> Row | None:
    """Return the positions of a test, or None if it has no figure.

    Examples
    --------
    >>> from mic2025lab.claims import Evidence, Test, Weighed
    >>> row(Weighed(Test("gap", "overcapacity", "gap", "below", margin=1), Evidence(-2.0, -4.0, 1.0), "unclear"))
    Row(value=0.5, low=-0.25, high=1.0, margin=0.25, estimates=())
    """
    test, found = weighed.test, weighed.evidence
    if found.value is None:
        return None
    side = 1.0 if test.direction == "above" else -1.0
    away = [side * (each - test.than) for each in (found.value, *(found.estimates or ()))]
    ends = [None if end is None else side * (end - test.than) for end in (found.low, found.high)]
    if side < 0:
        ends.reverse()
    scale = _largest([*away, *(end for end in ends if end is not None), test.margin]) or 1.0
    low, high = (None if end is None else _clip(end / scale) for end in ends)
    estimates = tuple(sorted({round(_clip(each / scale), 2) for each in away[1:]}))
    return Row(_clip(away[0] / scale), low, high, test.margin / scale, estimates)


def table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return the positions of all tests as a table, for `lab.plots.forest`.

    Returns
    -------
    pandas.DataFrame
        One row for each test: `kind`, `claim` (its label, verdict, and coverage), `test`, `value`, `low`, `high`, and `margin` (NaN
        without a figure or an interval), `estimates` (a list), `outcome`, and `number` (the figure in words).
    """
    import pandas as pd

    rows = []
    for one in judged:
        head = f"{one.claim.number} {one.claim.label}: {one.verdict}, {one.coverage}"
        for test in one.tests:
            here = row(test)
            rows.append(
                {
                    "kind": one.claim.kind, "claim": head, "test": test.test.says,
                    **{name: getattr(here, name, None) for name in _NUMBERS}, "estimates": list(here.estimates) if here else [],
                    "outcome": test.outcome, "number": test.evidence.figure or "no figure",
                }
            )  # fmt: skip
    return pd.DataFrame(rows).astype(dict.fromkeys(_NUMBERS, "float64"))


def line(weighed: Weighed) -> str:
    """Draw a test in one line of text: the reference and the margin, the specifications, the interval, and the sign of the outcome.

    Examples
    --------
    >>> from mic2025lab.claims import Evidence, Test, Weighed
    >>> line(Weighed(Test("gap", "overcapacity", "gap", "below"), Evidence(-2.0, -4.0, 1.0), "unclear"))
    '               ─────│─────────◐──────────'
    """
    here = row(weighed)
    if here is None:
        return ""
    drawn = [" "] * WIDTH
    for edge in (-here.margin, here.margin):
        drawn[_column(edge)] = "┊"
    for each in here.estimates:
        drawn[_column(each)] = "·"
    if here.low is not None or here.high is not None:
        first, last = (-1.0 if here.low is None else here.low), (1.0 if here.high is None else here.high)
        for at in range(_column(first), _column(last) + 1):
            drawn[at] = "─"
    drawn[_column(0)] = "│"
    drawn[_column(here.value)] = SIGNS[weighed.outcome]
    return "".join(drawn).rstrip()


def in_words(weighed: Weighed) -> str:
    """Describe the drawing of a test, as its alternative text.

    Examples
    --------
    >>> from mic2025lab.claims import Evidence, Test, Weighed
    >>> in_words(Weighed(Test("gap", "overcapacity", "gap", "below", margin=1), Evidence(-2.0, -4.0, 1.0, unit="points"), "unclear"))
    '−2 [−4, 1] points; supports the claim if below 0 by more than 1: unclear.'
    """
    found = weighed.evidence
    text = f"{found.figure}; supports the claim if {weighed.test.asks}: {weighed.outcome}."
    return f"{text} {specified(weighed)}".rstrip()


def specified(weighed: Weighed) -> str:
    """Say how many specifications there are and on which side they are. Empty if the run records only the headline."""
    estimates = weighed.evidence.estimates
    if not estimates or len(estimates) == 1:
        return ""
    support, other = (round(share * len(estimates)) for share in weighed.shares)
    for number, does in ((support, "support the claim"), (other, "speak against the claim")):
        if number == len(estimates):
            return f"All {number} specifications {does}."
    within = len(estimates) - support - other
    return (
        f"Of {len(estimates)} specifications, {support} support the claim, {other} speak against it, "
        f"and {within} are within the margin."
    )


def _largest(numbers: Iterable[float]) -> float:
    return max((abs(each) for each in numbers if math.isfinite(each)), default=0.0)


def _clip(position: float) -> float:
    return max(-1.0, min(1.0, position))


def _column(position: float) -> int:
    return round((position + 1) / 2 * (WIDTH - 1))
