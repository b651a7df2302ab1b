"""The verdicts on what the notebooks recorded: turned around, with wider intervals, without a part, and with an observation twice.

The figures and specifications are the stored values of the notebooks (`tests/notebooks/values`).
"""

from dataclasses import replace

import pytest

from mic2025lab import claims
from mic2025lab.claims import Judged, verdict
from mic2025lab.claims.evidence import Specification

TURNED = {"for": "against", "against": "for", "unclear": "unclear", "missing": "missing"}
OPPOSITE = {"supported": "not supported", "not supported": "supported"}


@pytest.fixture(scope="module")
def judged(stored):
    return claims.evaluate(stored)


def again(one, change):
    """Judge a claim with other evidence."""
    return Judged(
        one.claim, tuple(claims.weigh(each.test, change(each.test, each.evidence)) for each in one.tests)
    )


def mirrored(test, found):
    """Turn a figure, its interval, and its specifications around the reference of the test."""

    def turn(value):
        return None if value is None else 2 * test.than - value

    specifications = tuple(
        Specification(one.choices, turn(one.estimate), turn(one.high), turn(one.low), one.headline)
        for one in found.specifications
    )
    ends = {"value": turn(found.value), "low": turn(found.high), "high": turn(found.low)}
    return replace(found, **ends, specifications=specifications)


def test_the_stored_values_test_most_claims(judged):
    assert sum(one.verdict != "not testable" for one in judged) >= 8
    assert sum(bool(test.evidence.specifications) for one in judged for test in one.tests) >= 20


def test_turned_around_every_verdict_turns_around(judged):
    for one in judged:
        around = again(one, mirrored)
        assert around.outcomes == [TURNED[each] for each in one.outcomes], one.claim.id
        assert around.verdict == OPPOSITE.get(one.verdict, one.verdict), one.claim.id
        assert again(around, mirrored).outcomes == one.outcomes
        for there, turned in ((one.at(year), around.at(year)) for year in claims.BASE_YEARS):
            assert turned.verdict == OPPOSITE.get(there.verdict, there.verdict), one.claim.id


def test_a_removed_part_lowers_coverage(judged):
    def told(one):
        return len(one.claim.parts) - len(one.untested)

    for one in judged:
        for part in one.claim.parts:
            if verdict.combine(one.by_part[part.id]) == "missing":
                continue
            without = Judged(one.claim, tuple(each for each in one.tests if each.test.part != part.id))
            assert told(without) == told(one) - 1
            assert without.coverage.startswith(f"{told(one) - 1} of ")
            assert part.says in without.untested
            if part.subject:
                assert without.verdict == "not testable"


def test_an_observation_that_is_there_twice_changes_nothing(judged):
    """Every test twice in its part, and every specification twice in its test."""
    for one in judged:
        twice = again(one, lambda _, found: replace(found, specifications=found.specifications * 2))
        assert Judged(one.claim, (*one.tests, *twice.tests)).verdict == one.verdict
        assert twice.outcomes == one.outcomes
