"""Every analysis writes sentences that make sense, also for economies, base years, and sectors that nobody looks at."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("sentences", Path(__file__).with_name("sentences.py"))
assert _spec is not None
assert _spec.loader is not None
sentences = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sentences)

#: Analysis, economy, base year, sector. `sentences.py` runs every analysis at thirty sets; these are the ones where words went wrong,
#: beside those of `test_values.py`.
CASES = [
    ("market_share_shifts", "DEU", 2015, "aerospace"),
    ("productivity_costs", "VNM", 2015, "all"),
    ("import_dependence", "VNM", 2014, "all"),
    ("chokepoints", "ISL", 2015, "all"),
    ("leadership", "KOR", 2015, "all"),
    ("export_specialization", "LUX", 2015, "all"),
    ("policy_effect", "IND", 2015, "all"),
    ("growth_counterfactual", "VNM", 2012, "all"),
    ("sector_profile", "VNM", 2015, "information_technology"),
    ("sector_profile", "KOR", 2014, "ships_ocean_engineering"),
]
MORE = [
    ("market_share_shifts", "IND", 2015, "rail"),
    ("market_share_shifts", "KOR", 2015, "information_technology"),
    ("productivity_costs", "SGP", 2016, "all"),
    ("productivity_costs", "JPN", 2013, "all"),
    ("import_dependence", "DEU", 2015, "all"),
    ("import_dependence", "IND", 2012, "all"),
    ("chokepoints", "AUS", 2012, "all"),
    ("leadership", "CHN", 2018, "all"),
    ("foreign_firms", "CHN", 2012, "all"),
    ("export_specialization", "DEU", 2015, "all"),
    ("firm_productivity", "CHN", 2013, "all"),
    ("misallocation", "CHN", 2010, "all"),
    ("fiscal_strain", "CHN", 2018, "all"),
    ("friction", "CHN", 2016, "all"),
    ("trade_diversion", "CHN", 2018, "all"),
    ("partner_dependence", "CHN", 2013, "all"),
    ("limits_of_leverage", "CHN", 2012, "all"),
    ("hamilton_index", "CHN", 2012, "all"),
    ("sector_profile", "DEU", 2015, "aerospace"),
    ("sector_profile", "USA", 2012, "new_materials"),
    ("sector_profile", "IND", 2016, "rail"),
    ("innovation", "CHN", 2016, "all"),
]
CASES += [pytest.param(case, marks=pytest.mark.heavy) for case in MORE]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_no_sentence_breaks_a_rule(case: tuple[str, str, int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("MIC2025LAB_RUN_DIR", os.environ.get("MIC2025LAB_RUN_DIR", ""))
    analysis, *one = case
    said = sentences.everything(analysis, sentences.parameters(analysis, *one))
    assert said
    wrong = [(rules, text) for kind, text in said if (rules := sentences.broken(kind, text))]
    assert wrong == []


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
    from mic2025lab.classifications import sectors

    assert len(sentences.SETS) == 30
    assert {"CHN", "USA", "JPN", "DEU", "KOR", "IND", "VNM", "LUX", "ISL"} <= {
        one[0] for one in sentences.SETS
    }
    assert set(sectors.slugs()) <= {one[2] for one in sentences.SETS}
    assert {2010, 2012, 2013, 2014, 2015, 2016, 2018} == {one[1] for one in sentences.SETS}
