"""The verdict rule: from a figure to the outcome of a test, and from outcomes to the verdict on a claim. Pure functions.

**A test** asks whether a recorded figure is on one side of a reference (`than`) by more than a `margin`:

- *missing*: there is no figure. Missing evidence is never evidence against a claim.
- With an interval: *for* if the whole interval is beyond the reference and the margin, in the direction of the test; *against* if the
  whole interval is on the other side of the reference; *unclear* otherwise.
- Without an interval: *for* if the figure is beyond the reference and the margin; *against* if it is so on the other side; *unclear*
  otherwise.

**A claim** is

- *not testable* if fewer tests have evidence than it needs (one by default);
- *supported* if at least one test is for it, none is against it, and at least half of the tests with evidence are for it;
- *not supported* if at least one test is against it, none is for it, and at least half of the tests with evidence are against it;
- *mixed* otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from mic2025lab.errors import LabError, shown

Outcome = Literal["for", "against", "unclear", "missing"]
Verdict = Literal["supported", "mixed", "not supported", "not testable"]
Direction = Literal["above", "below"]

#: The outcomes of a test, in the order in which they are listed.
OUTCOMES: tuple[Outcome, ...] = ("for", "unclear", "against", "missing")

#: The verdicts, strongest support first.
VERDICTS: tuple[Verdict, ...] = ("supported", "mixed", "not supported", "not testable")


def outcome(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    direction: Direction,
    than: float = 0.0,
    margin: float = 0.0,
) -> Outcome:
    """Return the outcome of a test.

    Parameters
    ----------
    value : float or None
        The figure. None or NaN is missing, whatever the interval.
    low, high : float or None
        The ends of its interval. One missing end counts as infinite; if both are missing, there is no interval.
    direction : {"above", "below"}
        The side of the reference that would support the claim.
    than : float
        The reference.
    margin : float
        How far beyond the reference the figure must be. Not negative.

    Returns
    -------
    {"for", "against", "unclear", "missing"}

    Raises
    ------
    LabError
        If the lower end exceeds the upper one.

    Examples
    --------
    >>> outcome(-1.6, direction="below", margin=1)
    'for'
    >>> outcome(0.06, -0.18, 0.25, direction="above")
    'unclear'
    >>> outcome(0.45, 0.1, 0.8, direction="below"), outcome(None, direction="above")
    ('against', 'missing')
    """
    if _unknown(value):
        return "missing"
    number = float(value)  # type: ignore[arg-type]
    interval = not (_unknown(low) and _unknown(high))
    bottom = -math.inf if _unknown(low) else float(low)  # type: ignore[arg-type]
    top = math.inf if _unknown(high) else float(high)  # type: ignore[arg-type]
    if bottom > top:
        raise LabError(
            f"The interval {shown(low)} to {shown(high)} of {shown(value)} is reversed: its lower end exceeds the upper one."
        )
    if direction == "below":  # the mirror image of the same question
        number, bottom, top, than = -number, -top, -bottom, -than
    if interval:
        return "for" if bottom > than + margin else "against" if top < than else "unclear"
    return "for" if number > than + margin else "against" if number < than - margin else "unclear"


def verdict(outcomes: Sequence[Outcome], *, needs: int = 1) -> Verdict:
    """Return the verdict on a claim.

    Parameters
    ----------
    outcomes : sequence
        The outcome of each test.
    needs : int
        How many tests must have evidence for the claim to be testable. At least one.

    Returns
    -------
    {"supported", "mixed", "not supported", "not testable"}

    Examples
    --------
    >>> verdict(["for", "unclear", "missing"]), verdict(["for", "against"]), verdict(["missing"]), verdict(["unclear"])
    ('supported', 'mixed', 'not testable', 'mixed')
    """
    told = [each for each in outcomes if each != "missing"]
    pro, contra = told.count("for"), told.count("against")
    if len(told) < max(needs, 1):
        return "not testable"
    if pro and not contra and 2 * pro >= len(told):
        return "supported"
    if contra and not pro and 2 * contra >= len(told):
        return "not supported"
    return "mixed"


def counts(outcomes: Sequence[Outcome]) -> dict[Outcome, int]:
    """Count the outcomes, including zeros.

    >>> counts(["for", "for", "missing"])
    {'for': 2, 'unclear': 0, 'against': 0, 'missing': 1}
    """
    return {kind: outcomes.count(kind) for kind in OUTCOMES}


def in_words(outcomes: Sequence[Outcome]) -> str:
    """Write the counts.

    >>> in_words(["for", "for", "unclear", "missing"])
    '2 for, 1 unclear, 0 against, 1 missing'
    """
    return ", ".join(f"{number} {kind}" for kind, number in counts(outcomes).items())


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)
