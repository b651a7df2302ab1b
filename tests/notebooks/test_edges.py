"""Sentences and numbers of runs that a reader may well ask for and that no default covers."""

import re

import pytest
import sentences

from mic2025lab import catalog
from mic2025lab.classifications import economies
from mic2025lab.findings import pace_word
from mic2025lab.runs.request import prepare

pytestmark = pytest.mark.slow

EDGES = {
    "loses": (
        "market_share_shifts",
        {"economy": "USA", "comparators": ["CHN", "JPN"], "base_year": 2010, "start": 2005, "end": 2019},
    ),
    "sector": ("market_share_shifts", {"sector": "information_technology"}),
    "longer": ("productivity_costs", {"economy": "DEU", "start": 1990}),
    "vintage": ("productivity_costs", {"vintage": "wdi-2026-07"}),
    "peak": ("overcapacity", {"industries": ["coal", "ferrous_metals"], "reference": "peak"}),
    "an aggregate": ("overcapacity", {"industries": ["mining"]}),
}


@pytest.fixture
def made(run_once):
    return lambda edge: run_once(EDGES[edge][0], **EDGES[edge][1])


@pytest.mark.parametrize("edge", ["loses", "sector", "longer", "vintage"])
def test_sentences_are_about_the_economy_asked_about(made, edge):
    run = made(edge)
    who = economies.name(run.parameters["economy"])
    assert who in run["finding"][0]
    if who != "China":
        assert [text for _, text in sentences.of(run) if re.match(r"(In |The share of )?China\b", text)] == []


@pytest.mark.parametrize("edge", ["loses", "sector"])
def test_verbs_agree_with_the_recorded_numbers(made, edge):
    run = made(edge)
    value, years = run.numbers, run.parameters
    first, second, *_ = run["finding"]
    assert (" rose: " in first) == (value["share_end"] - value["share_start"] >= 0.05)
    assert (" fell: " in first) == (value["share_end"] - value["share_start"] <= -0.05)
    for share, year in (("start", years["start"]), ("base", years["base_year"]), ("end", years["end"])):
        assert f"{value[f'share_{share}']:.1f}% in {year}" in first
    before = (value["share_base"] - value["share_start"]) / (years["base_year"] - years["start"])
    after = (value["share_end"] - value["share_base"]) / (years["end"] - years["base_year"])
    found = [value[name] for name in ("pace_before", "pace_after", "pace_change")]
    assert found == pytest.approx([before, after, after - before])
    assert pace_word(before, after) in second
    clear = run["figures"]["pace_change"]["low"] > 0 or run["figures"]["pace_change"]["high"] < 0
    assert ("is statistically significant" in second) == clear


def test_a_share_that_was_highest_in_its_first_year_has_peaked(made):
    # Germany's share of world GDP in PPP is at its highest in the first year of the table and has fallen since.
    (sentence,) = [s for s in made("longer")["finding"] if "purchasing power parity" in s]
    assert "has not peaked" not in sentence


def test_the_pinned_vintage_is_the_one_that_is_quoted(made):
    (sentence,) = [s for s in made("vintage")["finding"] if "world GDP" in s]
    # This vintage has no PPP series: a number in PPP is another vintage's, and must say so.
    assert "purchasing power parity" not in sentence or "weo-2025-10" in sentence


def test_a_name_that_takes_an_article_has_it(made):
    findings = " ".join(made("loses")["finding"])
    assert findings.startswith("The United States’ share")
    assert not re.search(r"(?<!the )(?<!The )United States\b", findings)


def test_the_caveat_counts_the_values_that_were_used(made):
    run = made("peak")
    table = catalog.load(
        "capacity_utilization",
        frequency="quarter",
        year=slice(run.parameters["start"], None),
        industry=["total", *run.parameters["industries"]],
    )
    (sentence,) = [s for s in run["finding"] if "unverified" in s]
    unverified, derived = (table["flag"] == "unverified").sum(), (table["flag"] == "derived").sum()
    assert f"Not used: {unverified} of {len(table)} quarterly values" in sentence
    assert f" {derived} values that are used are derived" in sentence


@pytest.mark.parametrize("name", ["market_share_shifts", "productivity_costs"])
@pytest.mark.parametrize("economy", ["USA", "IND"])
def test_another_economy_alone_is_a_request(name, economy):
    request = prepare(name, {"economy": economy})
    assert economy not in request.parameters["comparators"]


def test_an_aggregate_of_industries_can_be_asked(made):
    assert made("an aggregate")["finding"]
