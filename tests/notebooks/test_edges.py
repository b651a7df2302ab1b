"""Sentences and numbers of runs that a reader may well ask for and that no default covers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mic2025lab import catalog
from mic2025lab.classifications import economies
from mic2025lab.errors import ParameterError
from mic2025lab.findings import pace_word
from mic2025lab.runs.run import prepare

pytestmark = pytest.mark.slow

LOSES = (
    "market_share_shifts",
    {"economy": "USA", "comparators": ["CHN", "JPN"], "base_year": 2010, "start": 2005, "end": 2019},
)
SECTOR = ("market_share_shifts", {"sector": "information_technology"})
LONGER = ("productivity_costs", {"economy": "DEU", "start": 1990})
VINTAGE = ("productivity_costs", {"vintage": "wdi-2026-07"})
PEAK = ("overcapacity", {"industries": ["coal", "ferrous_metals"], "reference": "peak"})

Run = Callable[[tuple[str, dict[str, Any]]], dict[str, Any]]


@pytest.fixture
def made(run_once: Callable[..., dict[str, Any]]) -> Run:
    def run(edge: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        request = prepare(*edge)
        return run_once(request.analysis, **request.parameters) | {"parameters": request.parameters}

    return run


def said(run: dict[str, Any]) -> list[str]:
    """List every sentence of a run: findings, descriptions of figures, captions and notes."""
    return [
        *run["finding"],
        *(image["alt"] for image in run["images"].values()),
        *(table["caption"] for table in run["tables"].values()),
        *(figure["note"] for figure in run["figures"].values() if figure["note"]),
    ]


@pytest.mark.parametrize(
    "edge", [LOSES, SECTOR, LONGER, VINTAGE], ids=["loses", "sector", "longer", "vintage"]
)
def test_sentences_are_about_the_economy_asked_about(made: Run, edge: tuple[str, dict[str, Any]]) -> None:
    run = made(edge)
    who = economies.name(run["parameters"]["economy"])
    assert who in run["finding"][0]
    if who != "China":
        subjects = [s for s in said(run) if re.match(r"(In |The share of )?China\b", s)]
        assert subjects == []
        assert not [note for note in said(run) if note.startswith("China,")]


@pytest.mark.parametrize("edge", [LOSES, SECTOR], ids=["loses", "sector"])
def test_verbs_agree_with_the_recorded_numbers(made: Run, edge: tuple[str, dict[str, Any]]) -> None:
    run = made(edge)
    value = {name: figure["value"] for name, figure in run["figures"].items()}
    years = run["parameters"]
    first = run["finding"][0]
    assert (" rose: " in first) == (value["share_end"] - value["share_start"] >= 0.05)
    assert (" fell: " in first) == (value["share_end"] - value["share_start"] <= -0.05)
    for share, year in (("start", years["start"]), ("base", years["base_year"]), ("end", years["end"])):
        assert f"{value[f'share_{share}']:.1f}% in {year}" in first
    before = (value["share_base"] - value["share_start"]) / (years["base_year"] - years["start"])
    after = (value["share_end"] - value["share_base"]) / (years["end"] - years["base_year"])
    assert value["pace_before"] == pytest.approx(before)
    assert value["pace_after"] == pytest.approx(after)
    assert value["pace_change"] == pytest.approx(after - before)
    word = pace_word(before, after)
    second = run["finding"][1]
    assert word in second
    clear = run["figures"]["pace_change"]["low"] > 0 or run["figures"]["pace_change"]["high"] < 0
    assert ("is statistically significant" in second) == clear


def test_a_share_that_was_highest_in_its_first_year_has_peaked(made: Run) -> None:
    # Germany's share of world GDP in PPP is at its highest in the first year of the table and has fallen since.
    (sentence,) = [s for s in made(LONGER)["finding"] if "purchasing power parity" in s]
    assert "has not peaked" not in sentence


def test_the_pinned_vintage_is_the_one_that_is_quoted(made: Run) -> None:
    (sentence,) = [s for s in made(VINTAGE)["finding"] if "world GDP" in s]
    # This vintage has no PPP series: a number in PPP is another vintage's, and must say so.
    assert "purchasing power parity" not in sentence or "weo-2025-10" in sentence


def test_a_name_that_takes_an_article_has_it(made: Run) -> None:
    findings = " ".join(made(LOSES)["finding"])
    assert findings.startswith("The United States’ share")
    assert not re.search(r"(?<!the )(?<!The )United States\b", findings)


def test_the_caveat_counts_the_values_that_were_used(made: Run) -> None:
    run = made(PEAK)
    table = catalog.load(
        "capacity_utilization",
        frequency="quarter",
        year=slice(run["parameters"]["start"], None),
        industry=["total", *run["parameters"]["industries"]],
    )
    (sentence,) = [s for s in run["finding"] if "unverified" in s]
    unverified, derived = (table["flag"] == "unverified").sum(), (table["flag"] == "derived").sum()
    assert f"Not used: {unverified} of {len(table)} quarterly values" in sentence
    assert f" {derived} values that are used are derived" in sentence


@pytest.mark.parametrize("name", ["market_share_shifts", "productivity_costs"])
@pytest.mark.parametrize("economy", ["USA", "IND"])
def test_another_economy_alone_is_a_request(name: str, economy: str) -> None:
    request = prepare(name, {"economy": economy})
    assert economy not in request.parameters["comparators"]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("productivity_costs", {"vintage": "wdi-gdp-csv"}),
        ("productivity_costs", {"base_year": 2020}),
        ("overcapacity", {"start": 2020}),
        ("overcapacity", {"industries": ["mining"]}),
    ],
    ids=[
        "a vintage without investment",
        "a base year after TFP ends",
        "a history that ends before it starts",
        "an aggregate",
    ],
)
def test_what_validation_lets_through_runs(
    run_once: Callable[..., dict[str, Any]], name: str, params: dict[str, Any]
) -> None:
    try:
        request = prepare(name, params)
    except ParameterError:
        return  # refused before a kernel starts, which is as good
    assert run_once(name, **request.parameters)["finding"]
