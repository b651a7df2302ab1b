"""The sentence of a figure: its words follow the sign, its years the headline; a template with an unknown place is refused."""

from dataclasses import replace

import pytest

from mic2025lab.claims import Evidence, Test, Weighed, ledger, sentences
from mic2025lab.claims.evidence import Specification

TEST = Test(
    "gap between the two, points",
    "a",
    "gap",
    "above",
    tells="The gap {widened|narrowed} by {size} from {base_year}",
)

CHOICES = dict.fromkeys(
    ["base_year", "end", "end_year", "year", "start", "stage", "history", "before", "after", "months"], "2015"
)


def said(value, test=TEST, **values):
    head = Specification({"base_year": "2013"}, value, headline=True)
    return Weighed(test, Evidence(value, unit="points", specifications=(head,), **values), "for").sentence


def test_without_a_template_or_a_choice_the_measure_is_named():
    assert said(-1.5, replace(TEST, tells="")) == "Gap between the two: −1.5 points."
    assert said(-1.5, replace(TEST, tells="From {end}")) == "Gap between the two: −1.5 points."
    assert Weighed(TEST, Evidence(missing="no run"), "missing").sentence == ""


@pytest.mark.parametrize("claim", ledger.read(), ids=lambda claim: claim.id)
def test_every_sentence_of_the_ledger_has_a_size_and_turns_unless_it_is_a_level(claim):
    for test in claim.tests:
        up, down = (sentences.fill(test.tells, value, "7", "points", CHOICES) for value in (7, -7))
        assert "7" in up, test.tells
        assert up.count("{") == 0
        level = test.than != 0 and test.direction in ("above", "below") and "change" not in test.says
        assert up != down or level, test.tells
