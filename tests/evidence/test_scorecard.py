"""Tables and sentences of the scorecard: verdicts, sectors by objective, targets, and what others found."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import claims
from mic2025lab.claims import Evidence, Judged, Weighed, board
from mic2025lab.claims.ledger import Claim, Test
from mic2025lab.errors import LabError, TableError
from mic2025lab.evidence import scorecard
from mic2025lab.evidence import scorecard_published as published
from mic2025lab.evidence import scorecard_targets as tracker
from mic2025lab.results.run import Figure, Manifest, Results, Run

GAP = Test("a gap", "overcapacity", "gap", "below", margin=1)


def judged(outcome: str, *, kind: str = "cost", number: int = 1, name: str = "idle_capacity") -> Judged:
    found = (
        Evidence(missing="make one")
        if outcome == "missing"
        else Evidence(1.5, 1.0, 2.0, "points", "", "runs/overcapacity/00")
    )
    claim = Claim(name, number, kind, "It stands idle.", "It costs.", "prices", "prices", "demand", (GAP,))  # type: ignore[arg-type]
    return Judged(claim, (Weighed(GAP, found, outcome),))  # type: ignore[arg-type]


def run(figures: dict[str, float], analysis: str = "overcapacity") -> Run:
    manifest = Manifest.model_construct(
        analysis=analysis, status="done", parameters={}, changed={}, tables={}
    )
    made = Run(Path("runs", analysis, "000000000001"), manifest)
    entries = {name: Figure(value=value, unit="points", note="") for name, value in figures.items()}
    made.__dict__["results"] = Results.model_construct(figures=entries)
    return made


# -- verdicts --------------------------------------------------------------------------------------------------------------------


def test_sentences_follow_the_verdicts_and_missing_is_not_against() -> None:
    told = {
        said: scorecard.say_kind("cost", [judged(said)]) for said in ("for", "against", "unclear", "missing")
    }
    head = "**What it is said to have cost.** Of 1 claim "
    assert told["for"] == head + "the evidence supports 1 (“idle capacity”)."
    assert told["against"] == head + "it does not support 1 (“idle capacity”)."
    assert told["unclear"] == head + "it is mixed on 1 (“idle capacity”)."
    assert told["missing"] == head + "these data cannot test 1 (“idle capacity”)."
    both = [judged("for"), judged("missing", name="peak")]
    assert scorecard.title_verdicts(both) == (
        "Of 2 claims the evidence supports 1, is mixed on 0 and does not support 0; 1 cannot be tested"
    )


def test_tables_hold_what_a_verdict_can_be_derived_from() -> None:
    both = [judged("for"), judged("missing", number=2, name="peak")]
    claims_table, tests = scorecard.claims_table(both), scorecard.figures_table(both)
    assert list(claims_table["verdict"]) == ["supported", "not testable"]
    assert tests.loc[0, ["value", "low", "high", "outcome", "run"]].tolist() == [
        1.5,
        1.0,
        2.0,
        "for",
        "runs/overcapacity/00",
    ]
    assert math.isnan(tests.loc[1, "value"])
    assert tests["supports the claim if"].unique() == ["below 0 by more than 1"]
    assert "make one" in scorecard.next_steps(both).loc[1, "missing"]
    untested = Judged(Claim("funds", 3, "cost", "x", "x", "all", "funds by sector", "x"), ())
    costs = scorecard.costs([*both, untested, judged("for", kind="gain", number=4)])
    assert list(costs["cost"]) == ["Idle capacity", "Peak", "Funds"]
    assert costs.loc[2, "figure"] == "funds by sector"


# -- sectors ---------------------------------------------------------------------------------------------------------------------


def columns() -> board.Board:
    test = Test("gap", "overcapacity", "gap_{sector}", "above", margin=1)
    told = board.Column("capacity", "gap", "gap, points", "above", "more", test)
    return board.Board((told, board.Column("firms", "share", "share", "below", "ownership")))


def test_no_data_is_missing_and_not_zero() -> None:
    cells = scorecard.heat(
        columns(), [run({"gap_rail": 2.0, "gap_aerospace": -2.0, "gap_new_materials": 0.5})]
    )
    assert len(cells) == 20
    wide = cells.pivot(index="sector", columns="objective", values="value")
    assert (wide.loc["rail", "capacity"], wide.loc["aerospace", "capacity"]) == (2.0, -2.0)
    assert wide["firms"].isna().all()
    assert wide["capacity"].notna().sum() == 3
    toward = cells[cells["objective"] == "capacity"].set_index("sector")["toward"]
    assert (toward["rail"], toward["aerospace"], toward["new_materials"], toward["power_equipment"]) == (
        1,
        -1,
        0,
        0,
    )
    assert set(cells.loc[cells["value"].isna(), "run"]) == {"–"}


@pytest.mark.parametrize(
    ("figures", "sentence", "better"),
    [
        (
            {"gap_rail": 2.0, "gap_aerospace": -2.0},
            "capacity in 1 of 2 sectors (1 the other way). There are no data by sector on firms.",
            1,
        ),
        ({"gap_rail": -2.0, "gap_aerospace": -2.0}, "capacity in 0 of 2 sectors (2 the other way)", 0),
    ],
)
def test_the_sentence_follows_the_sectors(figures, sentence, better) -> None:
    cells = scorecard.heat(columns(), [run(figures)])
    assert sentence in scorecard.say_heat(cells)
    assert scorecard.title_heat(cells) == f"Capacity moved the better way in {better} of 2 sectors with data"


def test_without_a_run_the_page_says_so() -> None:
    cells = scorecard.heat(columns(), [])
    assert scorecard.title_heat(cells) == "No run has a figure by sector"
    assert scorecard.say_heat(cells) == "**By sector.** There are no data by sector on capacity and firms."
    assert scorecard.sources([judged("missing")], cells) == "no run"
    figure = lab.plots.heat(
        cells,
        row="name",
        column="objective",
        value="value",
        toward="toward",
        title="x",
        subtitle="x",
        source="x",
    )
    assert sum(text.get_text() == "no data" for text in figure.axes[0].texts) == 20


# -- targets ---------------------------------------------------------------------------------------------------------------------


def one_target(value: float, unit: str = "%", basis: str = "level", year: int = 2020) -> pd.DataFrame:
    rows = [("headline", "rate", "Rate (of x), of firms", "level", 2015, 33.0, "%", "no"),
            ("headline", "rate", "Rate (of x), of firms", basis, year, value, unit, "no")]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["scope", "id", "indicator", "basis", "year", "value", "unit", "verified"]
    )


def actual(period: str, value: float, unit: str = "%", note: str | None = None) -> pd.DataFrame:
    row = {
        "id": "rate",
        "period": period,
        "year": int(period[-4:]) if "-0" not in period else int(period[:4]),
        "value": value,
    }
    return pd.DataFrame([{**row, "unit": unit, "note": note, "source": "MIIT", "verified": "yes"}])


@pytest.mark.parametrize(
    ("target", "found", "status", "gap"),
    [
        (one_target(50.0), actual("2020", 52.1), "met", 2.1),
        (one_target(50.0), actual("2020", 50.0), "met", 0.0),
        (one_target(50.0), actual("2020", 48.0), "missed", -2.0),
        (one_target(50.0), actual("2021", 55.0), "no data", math.nan),
        (one_target(50.0), actual("2020", 48.0, "% (more than)"), "cannot tell", -2.0),
        (one_target(50.0), actual("2020", 51.0, "% (more than)"), "met", 1.0),
        (one_target(18.0, "% fall vs 2015", "change vs 2015"), actual("2016-2020", -16.0), "missed", -2.0),
        (one_target(18.0, "% fall vs 2015", "change vs 2015"), actual("2016-2020", -19.0), "met", 1.0),
        (one_target(18.0, "% fall vs 2015", "change vs 2015"), actual("2019-2020", -19.0), "no data", math.nan),
    ],
)  # fmt: skip
def test_a_target_is_met_missed_or_without_data(target, found, status, gap) -> None:
    (row,) = tracker.headline(target, found).to_dict("records")
    assert row["status"] == status
    assert row["gap"] == pytest.approx(gap, nan_ok=True)
    assert row["unverified"] == "target"
    assert row["indicator"] == "Rate"


def test_a_base_that_was_restated_is_shown_and_the_change_is_on_its_own_base() -> None:
    """Worked by hand: 52.1 in 2020 with a base of 51.1 - 3.8 = 47.3 is +4.8, where the plan meant 50 - 33 = +17."""
    actuals = pd.concat([actual("2020", 52.1), actual("2020-06", 51.1, note="stated +3.8pp on 2015")])
    table = tracker.headline(one_target(50.0), actuals)
    (row,) = table.to_dict("records")
    assert row["base_year"] == "2015: 33 in the plan, 47.3 (stated with 2020-06)"
    assert row["on_own_base"] == "+4.8 of the +17.0 planned"
    assert "rate +4.8 of the +17.0 planned" in tracker.say_conflicts(table)
    agreed = tracker.headline(one_target(50.0), actual("2020", 52.1, note="+19.1pp on 2015"))
    assert agreed.loc[0, ["base_year", "on_own_base"]].tolist() == ["", ""]
    assert "No official figure" in tracker.say_conflicts(agreed)


def test_the_tables_of_the_package_are_tracked() -> None:
    targets = lab.load("targets")
    table = tracker.headline(targets, lab.load("target_actuals"))
    status = table.set_index(["indicator", "year"])["status"]
    assert status["Numerical-control rate of key processes", 2020] == "met"
    assert status["Fall in energy use per unit of industrial value added", 2020] == "missed"
    assert status["R&D expenditure as share of main-business revenue", 2025] == "cannot tell"
    assert (
        "2015: 33 in the plan, 47.3"
        in table.set_index("indicator")["base_year"]["Numerical-control rate of key processes"].iloc[0]
    )
    sector = tracker.by_sector(targets, lab.load("benchmarks"), lab.load("ev_sales"))
    vehicles = sector[(sector["indicator"].str.startswith("NEV")) & (sector["year"] == 2020)]
    assert vehicles["status"].tolist() == ["met"]
    assert vehicles["actual"].iloc[0] == pytest.approx(1.24, abs=0.01)
    counts = table["status"].value_counts()
    assert tracker.say(table, what="headline").startswith(
        f"Of {len(table)} headline targets {counts['met']} were met and {counts['missed']} missed"
    )
    for match in tracker.MATCHES:
        assert ((targets["sector"] == match.sector) & (targets["indicator"] == match.indicator)).any(), match


# -- what others found -----------------------------------------------------------------------------------------------------------


BENCHMARKS = pd.DataFrame(
    {
        "topic": "t", "item": ["share", "world", "effect"], "period": "2015", "value": [3.0, 10.0, math.nan],
        "value_text": [None, None, "none found"], "unit": "%", "source": "them", "verified": "yes",
    }
)  # fmt: skip


def pair(item: str = "share", **options) -> board.Published:
    return board.Published(
        "share", "vintage", "t", item, "2015", Test("x", "overcapacity", "share", "above"), **options
    )


@pytest.mark.parametrize(
    ("ours", "options", "verdict", "difference"),
    [
        (31.0, {"over": "world", "close": 1}, "agrees", 1.0),
        (32.0, {"over": "world", "close": 1}, "differs", 2.0),
        (3.5, {}, "differs", 0.5),
        (0.1, {"item": "effect", "reads": "none", "close": 0.5}, "agrees", math.nan),
        (0.9, {"item": "effect", "reads": "none", "close": 0.5}, "differs", math.nan),
    ],
)  # fmt: skip
def test_agreement_follows_the_numbers(ours, options, verdict, difference) -> None:
    table = published.compare([pair(**options)], BENCHMARKS, [run({"share": ours})])
    assert table.loc[0, "verdict"] == verdict
    assert table.loc[0, "difference"] == pytest.approx(difference, nan_ok=True)
    text = published.say(table)
    assert ("1 agree and 0 differ" in text) == (verdict == "agrees")
    if verdict == "differs" and not math.isnan(difference):
        assert f"share, by +{difference:.1f} (" in text


def test_nothing_to_compare_and_a_row_that_is_not_there() -> None:
    table = published.compare([pair()], BENCHMARKS, [])
    assert table.loc[0, "verdict"] == "no data"
    assert published.say(table) == "No figure of these runs can be set beside a published one."
    with pytest.raises(LabError, match="0 rows"):
        published.compare([pair("shares")], BENCHMARKS, [])


# -- figures ---------------------------------------------------------------------------------------------------------------------


def test_the_figure_of_verdicts_has_a_square_for_each_test() -> None:
    figure = lab.plots.verdicts(
        scorecard.drawn([judged("for"), judged("missing", kind="gain")]),
        panels=[{"gain": "Gains"}, {"cost": "Costs"}], title="x", subtitle="x", source="x",
    )  # fmt: skip
    squares = [len(axes.collections[0].get_offsets()) for axes in figure.axes]
    assert squares == [1, 1]
    with pytest.raises(TableError):
        lab.plots.verdicts([], panels=[{"gain": "Gains"}], title="x", subtitle="x", source="x")


def test_two_numbers_for_a_cell_are_refused() -> None:
    cells = pd.DataFrame({"row": ["a", "a"], "column": ["b", "b"], "value": [1.0, 2.0], "toward": [1, 1]})
    with pytest.raises(TableError, match="two numbers"):
        lab.plots.heat(
            cells,
            row="row",
            column="column",
            value="value",
            toward="toward",
            title="x",
            subtitle="x",
            source="x",
        )


def test_every_claim_is_a_row_on_the_page() -> None:
    table = scorecard.claims_table(claims.evaluate("no such folder"))
    assert list(table["number"]) == list(range(1, 17))
    assert set(table["verdict"]) == {"not testable"}
