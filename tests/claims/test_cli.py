"""`mic2025lab claims`: the ledger and its verdicts on the command line."""

import json

import pytest
from click.testing import CliRunner

from mic2025lab.cli import main


def called(*words):
    return CliRunner().invoke(main, ["claims", *words])


@pytest.fixture
def told(reports, small_ledger):
    """What a command prints about the small ledger."""

    def output(command, *words):
        return called(command, *words, "--reports", str(reports), "--ledger", str(small_ledger)).output

    return output


def test_list_has_a_line_for_each_claim():
    assert len(called("list").output.splitlines()) == 16


def test_evaluate_has_a_line_for_each_claim(record, told):
    record("overcapacity", {"utilization_gap": -1.6, "industries_below_history": 6})
    first, second = told("evaluate").splitlines()
    assert first.split()[:3] == ["1", "supported", "half_idle"]
    assert first.endswith("1 of 2 parts tested; 2 for, 0 unclear, 0 against, 0 missing")
    assert second.endswith("no test")


def test_evaluate_says_that_runs_are_missing_and_how_to_make_them(told):
    assert (
        told("evaluate").splitlines()[-1]
        == "2 of 2 tests have no run; make the runs with: mic2025lab batch default"
    )


@pytest.mark.parametrize("name", ["half_idle", "1"])
def test_show_tells_every_test_and_the_verdict(reports, record, told, name):
    folder = record("overcapacity", {"utilization_gap": -1.6})
    text = told("show", name)
    assert f"−1.6 points ({folder.relative_to(reports).as_posix()})" in text
    assert "recorded no figure 'industries_below_history'" in text
    assert "Verdict: supported (1 of 2 parts tested; tests: 1 for, 0 unclear, 0 against, 1 missing)" in text
    assert "Could overturn it: " in text


def test_json_has_every_figure_and_is_json(record, told):
    record("overcapacity", {"utilization_gap": {"value": -5.0, "note": "low is infinite; high is infinite"}})
    test = json.loads(told("evaluate", "--json"))[0]["tests"][0]
    assert (test["outcome"], test["evidence"]["value"], test["evidence"]["low"]) == ("unclear", -5.0, None)


def test_a_wrong_name_or_ledger_is_refused_with_status_2(tmp_path):
    wrong = called("show", "overcapacity")
    assert wrong.exit_code == 2
    assert "Did you mean 'structural_overcapacity'?" in wrong.output
    assert called("list", "--ledger", str(tmp_path / "no.yml")).exit_code == 2
