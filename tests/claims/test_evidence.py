"""Which figure is evidence: of the newest good run that fits, of today's data, and never simulated."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mic2025lab import catalog, claims
from mic2025lab.claims import evidence, ledger
from mic2025lab.claims.ledger import Test
from mic2025lab.errors import LabError
from mic2025lab.results import files

CASES = yaml.safe_load(Path(__file__).with_name("evidence.yml").read_text(encoding="utf-8"))
FIRMS = {"params": {"path": "china_firms.csv"}, "free": ("columns",)}
TESTS = {
    "gap": Test("gap", "overcapacity", "utilization_gap", "below", margin=1),
    "peak": Test("gap", "overcapacity", "utilization_gap", "below", params={"reference": "peak"}),
    "firms": Test("gain", "misallocation", "gain_change", "above", **FIRMS),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_which_figure_is_evidence_and_why_there_is_none(reports, record, case):
    folder = None
    for run in case["runs"]:
        folder = record(**{"analysis": "overcapacity", **run})
    told = evidence.find(TESTS[case.get("test", "gap")], evidence.runs(reports))
    assert told.value == case.get("value")
    assert case.get("missing", "") in told.missing
    if told.interval:
        assert (told.low, told.high, told.unit) == (-2.0, -1.2, "points")
        assert told.run == folder.relative_to(reports).as_posix()


@pytest.fixture
def idle(reports, small_ledger):
    """Judge a claim, or with other values of its first test, by that alone."""
    claim = ledger.read(small_ledger)[0]

    def judged(**values):
        tests = (replace(claim.tests[0], **values),) if values else claim.tests
        return claims.judge(replace(claim, tests=tests), evidence.runs(reports))

    return judged


def test_a_run_that_cannot_be_read_is_not_good(reports, record):
    for text in ("{", "[]", '{"status": "done"}', ""):
        (record("overcapacity", {"utilization_gap": 1.0}) / "run.json").write_text(text, encoding="utf-8")
    (record("overcapacity", {"utilization_gap": 1.0}) / "results.json").unlink()
    assert evidence.runs(reports) == []


def test_an_interval_that_is_infinite_is_not_one_that_is_missing(reports, record, idle):
    """`lab.record` keeps an infinite end as null and notes it: the figure must not count as one without an interval."""
    infinite = {"value": -5.0, "note": "90%; low is infinite; high is infinite"}
    record("overcapacity", {"utilization_gap": infinite})
    told = evidence.find(TESTS["gap"], evidence.runs(reports))
    assert (told.low, told.high) == (-math.inf, math.inf)
    assert idle().outcomes[0] == "unclear"


def specified(*estimates):
    """Return the table of specifications of a run, as `lab.record_specifications` writes it."""
    rows = pd.DataFrame(estimates, columns=["base_year", "end", "estimate"]).assign(low=-9.0, high=-0.5)
    rows["headline"] = (rows["base_year"] == 2015) & (rows["end"] == 2022)
    return {"tables": {"utilization_gap_specifications": rows.to_csv(index=False)}}


def test_specifications_decide_and_a_base_year_selects_among_them(record, idle):
    headline = {"utilization_gap": (-2.0, -9.0, -0.5)}
    record("overcapacity", headline)
    assert "no other specifications" in idle(census="", fixed="").tests[0].reason
    estimates = ((2015, 2022, -2.0), (2015, 2021, -3.0), (2012, 2022, 0.2), (2012, 2021, -4.0))
    record("overcapacity", headline, **specified(*estimates))
    one = idle(census="", fixed="")
    assert one.tests[0].shares == (0.75, 0.0)
    assert (one.outcomes, one.verdict, one.coverage) == (["for"], "supported", "1 of 2 parts tested")
    assert one.at(2015).outcomes == ["for"]
    at_2012 = one.at(2012).tests[0]
    assert (at_2012.evidence.value, at_2012.outcome) == (0.2, "unclear")
    assert one.at(2013).verdict == "not testable"


@pytest.mark.parametrize(
    ("figure", "tables", "census", "reason"),
    [
        (-0.5, {}, "a count", "within the margin"),
        ((-2.0, -5.0, 1.0), {}, "a count", "the interval includes 0"),
        (-2.0, specified((2015, 2022, -2.0), (2014, 2022, 1.5)), "a count", "only 50% of the specifications"),
        (-2.0, {}, "", "no interval"),
    ],
)
def test_the_reason_for_an_unclear_test_is_given(record, idle, figure, tables, census, reason):
    record("overcapacity", {"utilization_gap": figure}, **tables)
    one = idle(census=census).tests[0]
    assert one.outcome == "unclear"
    assert reason in one.reason


def test_specifications_that_were_edited_are_refused(record, idle):
    folder = record("overcapacity", {"utilization_gap": -2.0}, **specified((2015, 2022, -2.0)))
    (folder / "tables" / "utilization_gap_specifications.csv").write_text("estimate\n9\n", encoding="utf-8")
    with pytest.raises(LabError, match="not as the run left it"):
        idle()


@pytest.mark.parametrize(
    ("table", "why"),
    [("capacity_utilization", "has changed since"), ("no_such", "no longer in the catalog")],
)
def test_a_table_that_changed_or_is_gone_leaves_it_not_testable(record, idle, table, why):
    figures = {"utilization_gap": -1.6, "industries_below_history": 6}
    record("overcapacity", figures, sources={table: "0" * 64})
    assert idle().verdict == "not testable"
    assert why in idle().next_steps[0]
    # An older run of today's table counts before a newer one of another.
    today = {"capacity_utilization": catalog.digest("capacity_utilization")}
    record("overcapacity", figures, sources=today, ended="2020-01-01T00:00:00+00:00")
    assert idle().verdict == "supported"


def test_without_reports_every_claim_is_not_testable_and_says_what_to_do(reports):
    judged = claims.evaluate(reports)
    assert {one.verdict for one in judged} == {"not testable"}
    assert all(one.next_steps for one in judged if one.claim.tests)
    table = claims.table(reports)
    assert list(table["number"]) == list(range(1, 17))
    assert table["missing"].sum() == sum(len(one.tests) for one in judged)


def test_the_folder_is_the_runs_own_else_the_one_that_is_here(tmp_path, monkeypatch):
    monkeypatch.setenv(files.REPORTS_DIR, str(tmp_path / "given"))
    assert evidence.folder() == tmp_path / "given"
    assert evidence.folder(tmp_path) == tmp_path
    monkeypatch.delenv(files.REPORTS_DIR)
    monkeypatch.chdir(tmp_path)
    assert evidence.folder().is_absolute()
    (tmp_path / "reports" / "runs").mkdir(parents=True)
    assert evidence.folder() == Path("reports")


def test_what_the_scorecard_reads_changes_with_a_result_and_with_nothing_else(reports, record):
    record("overcapacity", {"utilization_gap": -1.6})
    before = claims.reads(reports)
    run = "runs/overcapacity/000000000001/results.json"
    assert set(before) == {"claims/ledger.yml", "claims/board.yml", run}
    record("overcapacity", {"utilization_gap": 3.0}, changed={"reference": "peak"})  # no claim asks for it
    record("firm_productivity", {"other": 3.0})
    assert claims.reads(reports) == before
    record("overcapacity", {"utilization_gap": -1.5})
    assert claims.reads(reports) != before


def test_the_package_is_the_table_and_the_module_by_one_name(reports):
    import mic2025lab as lab

    assert list(lab.claims(reports).columns[:2]) == ["number", "id"]
    assert lab.claims.evaluate is claims.evaluate
