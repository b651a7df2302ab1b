"""Every analysis writes sentences that make sense, also for economies, base years, and sectors that nobody looks at."""

import pytest
import sentences

from mic2025lab.classifications import sectors

CASES = [
    *sentences.CHOSEN["cases"],
    *(pytest.param(case, marks=pytest.mark.heavy) for case in sentences.CHOSEN["more"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_no_sentence_breaks_a_rule(case):
    analysis, *one = case
    said = sentences.everything(analysis, sentences.parameters(analysis, *one))
    assert said
    assert [(rules, text) for kind, text in said if (rules := sentences.broken(kind, text))] == []


@pytest.mark.parametrize(("text", "rule"), sentences.CHOSEN["nonsense"])
def test_each_rule_finds_its_nonsense(text, rule):
    assert rule in sentences.broken("finding", text)


@pytest.mark.parametrize("text", sentences.CHOSEN["sense"])
def test_sense_breaks_no_rule(text):
    assert sentences.broken("finding", text) == []


def test_the_thirty_sets_have_every_sector_and_economies_of_every_kind():
    chosen, years, slugs = map(set, zip(*sentences.SETS, strict=True))
    assert len(sentences.SETS) == 30
    assert {"CHN", "USA", "JPN", "DEU", "KOR", "IND", "VNM", "LUX", "ISL"} <= chosen
    assert set(sectors.slugs()) <= slugs
    assert years == {2010, 2012, 2013, 2014, 2015, 2016, 2018}
