"""The scorecard: no evidence without runs, and the targets as their table judges them."""

import pytest

import mic2025lab as lab
from mic2025lab.claims import board, ledger


@pytest.fixture
def results(run_cells, monkeypatch, tmp_path):
    monkeypatch.setenv("MIC2025LAB_REPORTS", str(tmp_path / "no reports"))
    return run_cells("scorecard")


def test_without_runs_nothing_is_testable_and_no_figure_is_zero(results):
    claims = results.table("claims")
    assert claims["number"].tolist() == list(range(1, 17))
    assert set(claims["verdict"]) == {"not testable"}
    assert results.table("sectors")["value"].isna().all()
    assert set(results.table("published")["verdict"]) == {"no data"}
    assert results.numbers["claims_not_testable"] == 16
    assert results.numbers["parts_tested"] == 0
    assert claims["coverage"].str.startswith("0 of ").all()
    years = results.table("base_years")
    assert years.columns.tolist()[2:] == ["verdict", "2012", "2013", "2014", "2015", "2016", "changes"]
    assert not years["changes"].any()
    assert set(results.table("parts")["outcome"]) == {"missing"}


def test_missing_runs_are_not_called_missing_data(results):
    first, *others = results["finding"]
    tests = results.table("tests")
    assert "Runs are missing" in first
    assert f"All {len(tests)} tests" in first
    assert "mic2025lab batch" in first
    untested = [claim.number for claim in ledger.read() if not claim.tests]
    assert sum("because runs are missing" in text for text in others) == 3
    assert f"{len(set(tests['claim']))} of {len(untested) + len(set(tests['claim']))} claims" in first


def test_every_published_finding_is_one_row_of_the_benchmarks():
    rows = lab.load("benchmarks").groupby(["topic", "item", "period"]).size()
    for pair in board.read().published:
        for item in filter(None, (pair.item, pair.over)):
            assert rows[pair.topic, item, pair.period] == 1, pair.says
