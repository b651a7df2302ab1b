"""The rule: what a figure says of a test, and what its tests say of a claim."""

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.claims import Evidence
from mic2025lab.claims.board import Published
from mic2025lab.claims.verdict import OUTCOMES, combine, outcome, shares, verdict
from mic2025lab.errors import LabError

RULE = yaml.safe_load(Path(__file__).with_name("rule.yml").read_text(encoding="utf-8"))
NUMBERS = st.floats(-1e6, 1e6)
SIDES = st.sampled_from(["above", "below"])


@pytest.mark.parametrize(("value", "low", "high", "direction", "than", "margin", "said"), RULE["outcomes"])
def test_what_a_figure_says(value, low, high, direction, than, margin, said):
    assert outcome(value, low, high, direction=direction, than=than, margin=margin) == said


def test_an_interval_upside_down_is_refused():
    with pytest.raises(LabError, match="reversed"):
        outcome(1.0, 2.0, 0.0, direction="above")


@given(st.lists(NUMBERS, min_size=1, max_size=12), NUMBERS, st.floats(0, 1e6), SIDES)
def test_the_mirror_image_says_the_same(estimates, than, margin, side):
    def said(sign, side):
        turned = [sign * number for number in estimates]
        return outcome(turned[0], direction=side, than=sign * than, margin=margin, estimates=turned)

    other = "below" if side == "above" else "above"
    asked = said(1, side)
    assert asked == said(-1, other)
    assert {"for": "against", "against": "for"}.get(asked, asked) == said(1, other)


@given(NUMBERS, st.floats(0, 1e3), st.floats(0, 1e3), NUMBERS, st.floats(0, 1e3), SIDES)
def test_a_wider_interval_never_makes_it_clearer(value, down, up, than, more, side):
    narrow = outcome(value, value - down, value + up, direction=side, than=than)
    wide = outcome(value, value - down - more, value + up + more, direction=side, than=than)
    assert wide in (narrow, "unclear")


@pytest.mark.parametrize(("estimates", "said"), RULE["specifications"])
def test_two_thirds_of_the_specifications_must_agree(estimates, said):
    assert outcome(2.0, direction="above", margin=1, estimates=estimates) == said
    turned = {"for": "against", "unclear": "unclear"}[said]
    assert outcome(-2.0, direction="above", margin=1, estimates=[-x for x in estimates]) == turned


@given(st.lists(NUMBERS, max_size=9))
def test_shares_of_specifications_add_up_to_at_most_one(estimates):
    above, below = shares(estimates, margin=10)
    assert math.isnan(above) if not estimates else 0 <= above + below <= 1


@pytest.mark.parametrize(("parts", "subject", "said"), RULE["verdicts"])
def test_what_tests_say_of_a_claim(parts, subject, said):
    assert verdict(dict(enumerate(parts)), subject=subject) == said


@given(st.lists(st.lists(st.sampled_from(OUTCOMES), max_size=4), min_size=1, max_size=4), st.integers(0, 3))
def test_turned_around_the_verdict_is_turned_around_and_missing_is_never_against(parts, named):
    turn = {"for": "against", "against": "for"}
    opposite = {"supported": "not supported", "not supported": "supported"}
    claim, subject = dict(enumerate(parts)), [named] if named < len(parts) else []
    said = verdict(claim, subject=subject)
    turned = {part: [turn.get(one, one) for one in outcomes] for part, outcomes in claim.items()}
    assert verdict(turned, subject=subject) == opposite.get(said, said)
    assert verdict({**claim, 0: [*claim[0], "missing"]}, subject=subject) == said
    assert verdict({**claim, "new": []}, subject=subject) == said
    assert verdict({**claim, "new": []}, subject=[*subject, "new"]) == "not testable"
    if not any("against" in outcomes for outcomes in parts):
        assert said != "not supported"


@given(st.lists(st.sampled_from(OUTCOMES), max_size=6), st.sampled_from(OUTCOMES))
def test_a_test_that_is_repeated_in_its_part_changes_no_side(outcomes, more):
    before, after = combine(outcomes), combine([*outcomes, *outcomes])
    assert before == after
    assert combine([*outcomes, "missing"]) == before


@pytest.mark.parametrize(("pair", "found", "value", "agrees"), RULE["published"])
def test_published_agrees_if_near_or_inside_or_of_the_same_direction(pair, found, value, agrees):
    published = Published("x", "y", "t", "i", "p", "a", "f", **pair)
    assert published.agrees(Evidence(*found), value) is agrees
