"""The rule: what a figure says of a test, and what its tests say of a claim."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.claims.verdict import OUTCOMES, outcome, verdict
from mic2025lab.errors import LabError

NUMBERS = st.floats(-1e6, 1e6)
SIDES = st.sampled_from(["above", "below"])


@pytest.mark.parametrize(
    ("value", "low", "high", "direction", "than", "margin", "said"),
    [
        # Without an interval: beyond the margin on the one side, on the other, or within.
        (1.6, None, None, "above", 0, 1, "for"),
        (1.0, None, None, "above", 0, 1, "unclear"),
        (-1.0, None, None, "above", 0, 1, "unclear"),
        (-1.6, None, None, "above", 0, 1, "against"),
        (-1.6, None, None, "below", 0, 1, "for"),
        (0.0, None, None, "above", 0, 0, "unclear"),
        # A share of specifications: 50 and a margin of 30.
        (88, None, None, "above", 50, 30, "for"),
        (80, None, None, "above", 50, 30, "unclear"),
        (19, None, None, "above", 50, 30, "against"),
        # With one: the near end decides for it, the far end against it; the value itself does not.
        (0.5, 0.1, 0.9, "above", 0, 0, "for"),
        (0.5, 0.1, 0.9, "above", 0, 0.1, "unclear"),
        (0.5, -0.1, 1.1, "above", 0, 0, "unclear"),
        (-0.5, -0.9, -0.1, "above", 0, 5, "against"),
        (-0.5, -0.9, 0.0, "above", 0, 0, "unclear"),
        (-0.5, -0.9, -0.1, "below", 0, 0, "for"),
        (0.5, 0.1, 0.9, "below", 0, 0, "against"),
        # An end that is not known is infinitely far away.
        (0.5, 0.1, None, "above", 0, 0, "for"),
        (0.5, None, 0.9, "above", 0, 0, "unclear"),
        (5.0, -math.inf, math.inf, "above", 0, 0, "unclear"),
        # Nothing is nothing, whatever the interval.
        (None, 1, 2, "above", 0, 0, "missing"),
        (math.nan, None, None, "above", 0, 0, "missing"),
    ],
)  # fmt: skip
def test_what_a_figure_says(value, low, high, direction, than, margin, said) -> None:
    assert outcome(value, low, high, direction=direction, than=than, margin=margin) == said


def test_an_interval_upside_down_is_refused() -> None:
    with pytest.raises(LabError, match="reversed"):
        outcome(1.0, 2.0, 0.0, direction="above")


@given(NUMBERS, NUMBERS, st.floats(0, 1e6), SIDES)
def test_the_mirror_image_says_the_same(value, than, margin, side) -> None:
    other = "below" if side == "above" else "above"
    asked = outcome(value, direction=side, than=than, margin=margin)
    assert asked == outcome(-value, direction=other, than=-than, margin=margin)
    turned = {"for": "against", "against": "for", "unclear": "unclear"}
    assert turned[asked] == outcome(value, direction=other, than=than, margin=margin)


@given(NUMBERS, st.floats(0, 1e3), st.floats(0, 1e3), NUMBERS, st.floats(0, 1e3), SIDES)
def test_a_wider_interval_never_makes_it_clearer(value, down, up, than, more, side) -> None:
    narrow = outcome(value, value - down, value + up, direction=side, than=than)
    wide = outcome(value, value - down - more, value + up + more, direction=side, than=than)
    assert wide in (narrow, "unclear")


@pytest.mark.parametrize(
    ("outcomes", "needs", "said"),
    [
        (["for"], 1, "supported"),
        (["for", "unclear"], 1, "supported"),
        (["for", "unclear", "unclear"], 1, "mixed"),
        (["for", "missing", "missing", "missing"], 1, "supported"),
        (["for", "against"], 1, "mixed"),
        (["for", "for", "for", "against"], 1, "mixed"),
        (["against", "unclear"], 1, "not supported"),
        (["against", "unclear", "unclear"], 1, "mixed"),
        (["unclear"], 1, "mixed"),
        (["missing", "missing"], 1, "not testable"),
        ([], 1, "not testable"),
        (["for", "for"], 3, "not testable"),
        (["against", "missing"], 2, "not testable"),
        (["against"], 0, "not supported"),
    ],
)  # fmt: skip
def test_what_tests_say_of_a_claim(outcomes, needs, said) -> None:
    assert verdict(outcomes, needs=needs) == said


@given(st.lists(st.sampled_from(OUTCOMES), max_size=8))
def test_turned_around_the_verdict_is_turned_around_and_missing_is_never_against(outcomes) -> None:
    turn = {"for": "against", "against": "for"}
    opposite = {"supported": "not supported", "not supported": "supported"}
    said = verdict(outcomes)
    assert verdict([turn.get(one, one) for one in outcomes]) == opposite.get(said, said)
    assert verdict([*outcomes, "missing"]) == said
    if "against" not in outcomes:
        assert said != "not supported"
