"""Which figure is evidence: of the newest good run that fits, of today's data, and never simulated."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab import claims
from mic2025lab.claims import board, evidence, ledger
from mic2025lab.claims.ledger import Test
from mic2025lab.errors import LabError
from mic2025lab.results import files

GAP = Test("gap", "overcapacity", "utilization_gap", "below", margin=1)
FIRMS = Test(
    "gain", "misallocation", "gain_change", "above", params={"path": "china_firms.csv"}, free=("columns",)
)


def found(test: Test, reports: Path) -> evidence.Evidence:
    return evidence.find(test, evidence.runs(reports))


IDLE = ledger.Claim(
    "idle", 1, "cost", "It stands idle.", "It costs.", "Prices.", "Prices.", "Demand.",
    parts=(ledger.Part("idle", "it stands idle", subject=True),),
    tests=tuple(
        Test(figure, "overcapacity", figure, side, margin=1, part="idle", census="a count", fixed="one definition")
        for figure, side in (("utilization_gap", "below"), ("industries_below_history", "above"))
    ),
)  # fmt: skip


def idle(reports: Path, claim: ledger.Claim = IDLE, base_year: int | None = None) -> claims.Judged:
    judged = claims.judge(claim, evidence.runs(reports))
    return judged if base_year is None else judged.at(base_year)


def test_a_figure_comes_with_its_interval_unit_and_run(reports, record) -> None:
    folder = record("overcapacity", {"utilization_gap": (-1.6, -2.0, -1.2)})
    told = found(GAP, reports)
    assert (told.value, told.low, told.high, told.unit) == (-1.6, -2.0, -1.2, "points")
    assert told.run == folder.relative_to(reports).as_posix()
    assert told.told == f"−1.6 [−2, −1.2] points ({told.run})"


def test_the_newest_good_run_with_the_tests_parameters_counts(reports, record) -> None:
    record("overcapacity", {"utilization_gap": 1.0})
    record("overcapacity", {"utilization_gap": 2.0}, ended="2027-01-01T00:00:00+00:00")
    record("overcapacity", {"utilization_gap": 3.0}, ended="2025-01-01T00:00:00+00:00")
    peaks = {"changed": {"reference": "peak"}, "ended": "2028-01-01T00:00:00+00:00"}
    record("overcapacity", {"utilization_gap": 4.0}, **peaks)
    record("overcapacity", {"utilization_gap": 5.0}, status="failed", ended="2029-01-01T00:00:00+00:00")
    assert found(GAP, reports).value == 2.0
    peak = Test("gap", "overcapacity", "utilization_gap", "below", params={"reference": "peak"})
    assert found(peak, reports).value == 4.0


def test_a_run_that_cannot_be_read_is_not_good(reports, record) -> None:
    for text in ("{", "[]", '{"status": "done"}', ""):
        (record("overcapacity", {"utilization_gap": 1.0}) / "run.json").write_text(text, encoding="utf-8")
    (record("overcapacity", {"utilization_gap": 1.0}) / "results.json").unlink()
    assert evidence.runs(reports) == []


@pytest.mark.parametrize(
    ("figure", "why"),
    [
        ({"value": None, "note": "value is not a number"}, "has no value (value is not a number)"),
        ({"value": "high"}, "is 'high', which is not a number"),
        ({"value": True}, "is True, which is not a number"),
        ({"value": 3.0, "note": "Simulated panel, seed 2025: not real firms"}, "simulated data"),
        ({"value": -2.0, "note": "Unverified: one secondary source"}, "cannot decide"),
        ({"value": -2.0, "note": "Carried forward from 2017"}, "cannot decide"),
    ],
)  # fmt: skip
def test_what_is_no_number_or_not_real_is_missing_with_the_reason(reports, record, figure, why) -> None:
    record("overcapacity", {"utilization_gap": figure})
    told = found(GAP, reports)
    assert told.value is None
    assert why in told.missing


def test_nothing_is_missing_with_the_next_step(reports, record) -> None:
    assert found(GAP, reports).missing == "no good run; make one: mic2025lab run overcapacity"
    assert found(FIRMS, reports).missing.endswith("mic2025lab run misallocation -p path=china_firms.csv")
    record("overcapacity", {"another": 1.0})
    assert "recorded no figure 'utilization_gap'" in found(GAP, reports).missing


def test_the_simulated_panel_is_never_evidence(reports, record) -> None:
    """The analyses of firms run on a simulated panel by default, and name and note what they record so."""
    label = "Simulated panel, seed 2025: not real firms; mean after 2015 less mean before"
    both = {name: {"value": 9.0, "note": label} for name in ("simulated_gain_change", "gain_change")}
    record("misallocation", both)
    assert found(FIRMS, reports).value is None
    record("misallocation", both, changed={"path": "china_firms.csv"})
    assert "simulated" in found(FIRMS, reports).missing
    record("misallocation", {"gain_change": 2.0}, changed={"path": "china_firms.csv", "columns": ["firm=id"]})
    assert found(FIRMS, reports).value == 2.0
    record("misallocation", {"gain_change": 7.0}, changed={"path": "chile.csv"})
    assert found(FIRMS, reports).value == 2.0
    with pytest.raises(ValueError, match="simulated data"):
        Test("x", "misallocation", "simulated_gain_change", "above")


def test_an_interval_that_is_infinite_is_not_one_that_is_missing(reports, record) -> None:
    """`lab.record` keeps an infinite end as null and notes it: the figure must not count as one without an interval."""
    infinite = {"value": -5.0, "note": "90%; low is infinite; high is infinite"}
    record("overcapacity", {"utilization_gap": infinite})
    told = found(GAP, reports)
    assert (told.low, told.high) == (-math.inf, math.inf)
    assert idle(reports).outcomes[0] == "unclear"


def specified(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    """Add a table of specifications to a run, as `lab.record_specifications` writes it."""
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    table = pd.DataFrame(rows, columns=["base_year", "end", "estimate", "low", "high", "p_value", "headline"])
    data = table.to_csv(index=False).encode()
    file = f"tables/{name}_specifications.csv"
    (folder / "tables").mkdir(exist_ok=True)
    (folder / file).write_bytes(data)
    content["tables"][f"{name}_specifications"] = {
        "file": file, "caption": "", "rows": len(table), "columns": list(table), "sha256": sha256(data).hexdigest()
    }  # fmt: skip
    (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")


def rows(*estimates: tuple[int, int, float]) -> list[dict[str, object]]:
    head = {"low": -9.0, "high": -0.5}
    return [
        {"base_year": year, "end": end, "estimate": value, "headline": (year, end) == (2015, 2022), **head}
        for year, end, value in estimates
    ]


def test_specifications_decide_and_a_base_year_selects_among_them(reports, record) -> None:
    claim = replace(IDLE, tests=(replace(IDLE.tests[0], census="", fixed=""),))
    folder = record("overcapacity", {"utilization_gap": (-2.0, -9.0, -0.5)})
    assert "no other specifications" in idle(reports, claim).tests[0].reason
    estimates = rows((2015, 2022, -2.0), (2015, 2021, -3.0), (2012, 2022, 0.2), (2012, 2021, -4.0))
    specified(folder, "utilization_gap", estimates)
    one = idle(reports, claim)
    assert one.tests[0].shares == (0.75, 0.0)
    assert (one.outcomes, one.verdict, one.coverage) == (["for"], "supported", "1 of 1 part tested")
    assert idle(reports, claim, 2015).outcomes == ["for"]
    at_2012 = idle(reports, claim, 2012).tests[0]
    assert (at_2012.evidence.value, at_2012.outcome) == (0.2, "unclear")
    assert idle(reports, claim, 2013).verdict == "not testable"


def test_the_reason_for_an_unclear_test_is_given(reports, record) -> None:
    claim = replace(IDLE, tests=(IDLE.tests[0],))
    folder = record("overcapacity", {"utilization_gap": -0.5})
    assert "within the margin" in idle(reports, claim).tests[0].reason
    record("overcapacity", {"utilization_gap": (-2.0, -5.0, 1.0)})
    assert "the interval includes 0" in idle(reports, claim).tests[0].reason
    folder = record("overcapacity", {"utilization_gap": -2.0})
    specified(folder, "utilization_gap", rows((2015, 2022, -2.0), (2014, 2022, 1.5)))
    assert "only 50% of the specifications" in idle(reports, claim).tests[0].reason
    uncounted = replace(claim, tests=(replace(IDLE.tests[0], census=""),))
    record("overcapacity", {"utilization_gap": -2.0})
    assert "no interval" in idle(reports, uncounted).tests[0].reason


def test_specifications_that_were_edited_are_refused(reports, record) -> None:
    folder = record("overcapacity", {"utilization_gap": -2.0})
    specified(folder, "utilization_gap", rows((2015, 2022, -2.0)))
    (folder / "tables" / "utilization_gap_specifications.csv").write_text("estimate\n9\n", encoding="utf-8")
    with pytest.raises(LabError, match="not as the run left it"):
        idle(reports)


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({"capacity_utilization": "0" * 64}, "has changed since"),
        ({"no_such": "0" * 64}, "no longer in the catalog"),
    ],
)
def test_a_table_that_changed_or_is_gone_leaves_it_not_testable(reports, record, today, tables, why) -> None:
    figures = {"utilization_gap": -1.6, "industries_below_history": 6}
    record("overcapacity", figures, tables=tables)
    assert idle(reports).verdict == "not testable"
    assert why in idle(reports).next_steps[0]
    # An older run of today's table counts before a newer one of another.
    record("overcapacity", figures, tables=today("capacity_utilization"), ended="2020-01-01T00:00:00+00:00")
    assert idle(reports).verdict == "supported"


def test_without_reports_every_claim_is_not_testable_and_says_what_to_do(reports) -> None:
    judged = claims.evaluate(reports)
    assert {one.verdict for one in judged} == {"not testable"}
    assert all(one.next_steps for one in judged if one.claim.tests)
    table = claims.table(reports)
    assert list(table["number"]) == list(range(1, 17))
    assert table["missing"].sum() == sum(len(one.tests) for one in judged)


def test_the_folder_is_the_runs_own_else_the_one_that_is_here(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(files.REPORTS_DIR, str(tmp_path / "given"))
    assert evidence.folder() == tmp_path / "given"
    assert evidence.folder(tmp_path) == tmp_path
    monkeypatch.delenv(files.REPORTS_DIR)
    monkeypatch.chdir(tmp_path)
    assert evidence.folder().is_absolute()
    (tmp_path / "reports" / "runs").mkdir(parents=True)
    assert evidence.folder() == Path("reports")


def test_what_the_scorecard_reads_changes_with_a_result_and_with_nothing_else(reports, record) -> None:
    record("overcapacity", {"utilization_gap": -1.6})
    before = claims.reads(reports)
    run = "runs/overcapacity/000000000001/results.json"
    assert set(before) == {"claims/ledger.yml", "claims/board.yml", run}
    record("overcapacity", {"utilization_gap": 3.0}, changed={"reference": "peak"})  # no claim asks for it
    record("firm_productivity", {"other": 3.0})
    assert claims.reads(reports) == before
    record("overcapacity", {"utilization_gap": -1.5})
    assert claims.reads(reports) != before


def test_published_agrees_if_near_or_inside_or_of_the_same_direction() -> None:
    row = ("x", "y", "t", "i", "p", "a", "f")
    near = board.Published(*row, close=1)
    inside = evidence.Evidence(5.0, 0.0, 10.0)
    assert near.agrees(inside, 9.0) is True
    assert near.agrees(evidence.Evidence(5.0), 9.0) is False
    assert near.agrees(evidence.Evidence(5.0), None) is None
    down = board.Published(*row, close=0.5, reads="down")
    assert down.agrees(evidence.Evidence(-0.6), None) is True
    assert down.agrees(evidence.Evidence(-0.4), None) is False
    assert down.agrees(evidence.Evidence(), None) is None
    none = board.Published(*row, reads="none")
    assert none.agrees(evidence.Evidence(5.0, -1.0, 11.0), None) is True


def test_the_package_is_the_table_and_the_module_by_one_name(reports) -> None:
    import mic2025lab as lab

    assert list(lab.claims(reports).columns[:2]) == ["number", "id"]
    assert lab.claims.evaluate is claims.evaluate
