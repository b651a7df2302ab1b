"""The verdict rule, version 2: from an estimand to the outcome of its test, from outcomes to the verdict on a claim. Pure functions.

**A test** asks whether an estimand is on one side of a reference (`than`) by more than a `margin`. The run records a headline, its
interval where there is a sample, and one estimate for each admissible specification (base year, end year, measure, vintage, controls).

- *for*: the headline is beyond the margin in the direction of the test, so are at least two thirds of the specifications, and the
  interval, where there is one, is on that side of the reference.
- *against*: the mirror image.
- *unclear*: anything else.
- *missing*: there is no headline. Missing evidence is never evidence against a claim.

**A claim** is a sentence divided into parts. Each test is about one part. The outcome of a part is *for* if at least one of its tests is
for it, none is against it, and at least half of its tests with evidence are for it; *against* is the mirror image. The claim is

- *not testable* if no part has evidence, or a part that names the subject of the claim has none;
- *supported* if no test is against it, at least one part is for it, and so are at least half of the parts with evidence;
- *not supported* if no test is for it, at least one part is against it, and so are at least half of the parts with evidence;
- *mixed* otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from mic2025lab.errors import LabError, shown

Outcome = Literal["for", "against", "unclear", "missing"]
Verdict = Literal["supported", "mixed", "not supported", "not testable"]
Direction = Literal["above", "below"]

#: The outcomes of a test, in the order in which they are listed.
OUTCOMES: tuple[Outcome, ...] = ("for", "unclear", "against", "missing")

#: The verdicts, strongest support first.
VERDICTS: tuple[Verdict, ...] = ("supported", "mixed", "not supported", "not testable")

#: The verdict that follows from the outcome of all parts together.
_FOLLOWS = dict(zip(OUTCOMES, VERDICTS, strict=True))


def outcome(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    direction: Direction,
    than: float = 0.0,
    margin: float = 0.0,
    estimates: Iterable[float] | None = None,
) -> Outcome:
    """Return the outcome of a test.

    Parameters
    ----------
    value : float or None
        The headline. None or NaN is missing, whatever the interval.
    low, high : float or None
        The ends of its interval. One missing end counts as infinite; if both are missing, there is no interval.
    direction : {"above", "below"}
        The side of the reference that would support the claim.
    than : float
        The reference.
    margin : float
        How far beyond the reference an estimate must be. Not negative.
    estimates : iterable of float, optional
        One for each admissible specification, the headline among them. NaN is left out. By default the headline alone.

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
    >>> outcome(-1.6, direction="below", margin=1, estimates=[-1.6, -1.2, -0.4, 0.3])
    'unclear'
    >>> outcome(0.06, -0.18, 0.25, direction="above")
    'unclear'
    >>> outcome(0.45, 0.1, 0.8, direction="below"), outcome(None, direction="above")
    ('against', 'missing')
    """
    if _unknown(value):
        return "missing"
    number = float(value)  # type: ignore[arg-type]
    bottom = -math.inf if _unknown(low) else float(low)  # type: ignore[arg-type]
    top = math.inf if _unknown(high) else float(high)  # type: ignore[arg-type]
    if bottom > top:
        raise LabError(
            f"The interval {shown(low)} to {shown(high)} of {shown(value)} is reversed: its lower end exceeds the upper one."
        )
    if _unknown(low) and _unknown(high):
        bottom = top = number
    listed = [number] if estimates is None else list(estimates)
    above, below = shares(listed, than=than, margin=margin)
    side = "unclear"
    if number > than + margin and bottom > than and _most(above):
        side = "above"
    if number < than - margin and top < than and _most(below):
        side = "below"
    return "unclear" if side == "unclear" else "for" if side == direction else "against"


def shares(estimates: Iterable[float], *, than: float = 0.0, margin: float = 0.0) -> tuple[float, float]:
    """Return the shares of the specifications above and below the reference by more than the margin.

    NaN is left out; both shares are NaN if nothing is left.

    Examples
    --------
    >>> shares([2.0, 0.5, -3.0, 4.0], margin=1)
    (0.5, 0.25)
    """
    known = [number for number in estimates if not math.isnan(number)]
    if not known:
        return math.nan, math.nan
    above = sum(number > than + margin for number in known) / len(known)
    below = sum(number < than - margin for number in known) / len(known)
    return above, below


def combine(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a part of a claim from those of its tests.

    Examples
    --------
    >>> combine(["for", "unclear"]), combine(["for", "against"]), combine(["missing"]), combine([])
    ('for', 'unclear', 'missing', 'missing')
    """
    return _side(outcomes, outcomes)


def verdict(parts: Mapping[str, Sequence[Outcome]], *, subject: Collection[str] = ()) -> Verdict:
    """Return the verdict on a claim.

    Parameters
    ----------
    parts : mapping
        Each part of the claim -> the outcomes of its tests. A part without a test has none.
    subject : collection of str
        The parts that must have evidence for the claim to be testable.

    Returns
    -------
    {"supported", "mixed", "not supported", "not testable"}

    Examples
    --------
    >>> verdict({"volume": ["for"], "value": ["unclear"]}), verdict({"volume": ["for"], "value": ["against"]})
    ('supported', 'mixed')
    >>> verdict({"volume": ["for"], "value": []}), verdict({"volume": ["for"], "value": []}, subject=["value"])
    ('supported', 'not testable')
    """
    told = {part: combine(outcomes) for part, outcomes in parts.items()}
    if any(told.get(part, "missing") == "missing" for part in subject):
        return "not testable"
    every = [each for outcomes in parts.values() for each in outcomes]
    return _FOLLOWS[_side(told.values(), every)]


def _side(outcomes: Iterable[Outcome], every: Collection[Outcome]) -> Outcome:
    """Return the side of at least half of the outcomes that are there, if no outcome of all tests is on the other side."""
    told = [each for each in outcomes if each != "missing"]
    if not told:
        return "missing"
    if "against" not in every and 2 * told.count("for") >= len(told):
        return "for"
    if "for" not in every and 2 * told.count("against") >= len(told):
        return "against"
    return "unclear"


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count the outcomes, including zeros.

    >>> counts(["for", "for", "missing"])
    {'for': 2, 'unclear': 0, 'against': 0, 'missing': 1}
    """
    return {kind: outcomes.count(kind) for kind in OUTCOMES}


def _most(share: float) -> bool:
    """Whether a share is at least two thirds. Shares are ratios of small whole numbers; the allowance is for rounding."""
    return share >= 2 / 3 - 1e-9


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)
