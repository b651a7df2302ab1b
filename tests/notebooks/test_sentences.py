"""Every analysis writes sentences that make sense, also for economies, base years, and sectors that nobody looks at."""

from __future__ import annotations

from typing import Any

import pytest
import sentences

from mic2025lab.classifications import sectors

CASES = [
    *sentences.CHOSEN["cases"],
    *(pytest.param(case, marks=pytest.mark.heavy) for case in sentences.CHOSEN["more"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_no_sentence_breaks_a_rule(case: list[Any]) -> None:
    analysis, *one = case
    said = sentences.everything(analysis, sentences.parameters(analysis, *one))
    assert said
    assert [(rules, text) for kind, text in said if (rules := sentences.broken(kind, text))] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("For none of 17 products, no other supplier; in none of 10 industries; in the others it widened.", "none, and yet others"),
        ("It rose by 3.2% % of GDP.", "a doubled unit"),
        ("A change of −0.0 points.", "a zero with a sign"),
        ("A change of +0.00 points a year.", "a zero with a sign"),
        ("The mean is nan.", "no number"),
        ("An interval from -inf to inf.", "no number"),
        ("81% of the United States's spending.", "a possessive twice"),
        ("The column share_end is missing.", "a raw name"),
        ("It is the the largest.", "a double word"),
        ("Its share rose by −0.3 points.", "rose beside a fall"),
        ("Its share fell by +0.3 points.", "fell beside a rise"),
        ("It rose in 8 of 7 industries.", "8 of 7"),
        ("It holds in 3 of 4 industries (70%).", "3 of 4 is not 70%"),
        ("It rose in 5 of 7 industries and fell in 3.", "5 and 3 are more than 7"),
        ("Its share rose from 5.0% in 2015 to 4.4% in 2022.", "rose from 5.0 to 4.4"),
        ("It rose by +0.00 points a year before 2015 and by +0.07 after. The difference (+0.08, x)", "+0.00 and +0.08 is not +0.07"),
        ("1 of 8 industries; 1 industries stand out.", "one of many"),
    ],
)  # fmt: skip
def test_each_rule_finds_its_nonsense(text: str, rule: str) -> None:
    assert rule in sentences.broken("finding", text)


@pytest.mark.parametrize(
    "text",
    [
        "China’s share rose from 5.0% in 2002 to 17.7% in 2022 (+12.7 points, 95% CI −0.4 to 0.05).",
        "It rose in 4 of 7 industries and fell in 3. Share: 3 of 4 (75%).",
        "A file of your own would make it testable (`-p path=my_file.csv`).",
        "The difference is +0.04 points; 0.0 in 2015.",
        "Exports fell from 2017 to 2019 (−17.8%).",
    ],
)
def test_sense_breaks_no_rule(text: str) -> None:
    assert sentences.broken("finding", text) == []


def test_the_thirty_sets_have_every_sector_and_economies_of_every_kind() -> None:
    chosen, years, slugs = map(set, zip(*sentences.SETS, strict=True))
    assert len(sentences.SETS) == 30
    assert {"CHN", "USA", "JPN", "DEU", "KOR", "IND", "VNM", "LUX", "ISL"} <= chosen
    assert set(sectors.slugs()) <= slugs
    assert years == {2010, 2012, 2013, 2014, 2015, 2016, 2018}
