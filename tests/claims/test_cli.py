"""`mic2025lab claims`: the ledger and its verdicts on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from mic2025lab.cli import main


def called(*words: str):
    return CliRunner().invoke(main, ["claims", *words])


def test_list_and_evaluate_have_a_line_for_each_claim(reports, record) -> None:
    record("overcapacity", {"utilization_gap": -1.6, "industries_below_history": 6})
    assert len(called("list").output.splitlines()) == 16
    lines = called("evaluate", "--reports", str(reports)).output.splitlines()
    assert len(lines) == 16
    assert lines[9].split()[:3] == ["10", "supported", "structural_overcapacity"]
    assert lines[6].endswith("no test")


@pytest.mark.parametrize("name", ["structural_overcapacity", "10"])
def test_show_tells_every_test_and_the_verdict(reports, record, name) -> None:
    folder = record("overcapacity", {"utilization_gap": -1.6})
    told = called("show", name, "--reports", str(reports)).output
    assert f"−1.6 points ({folder.relative_to(reports).as_posix()})" in told
    assert "recorded no figure 'industries_below_history'" in told
    assert "Verdict: supported (1 for, 0 unclear, 0 against, 1 missing)" in told
    assert "Could overturn it: " in told


def test_json_has_every_figure_and_is_json(reports, record) -> None:
    record("overcapacity", {"utilization_gap": {"value": -5.0, "note": "low is infinite; high is infinite"}})
    claims = json.loads(called("evaluate", "--json", "--reports", str(reports)).output)
    test = claims[9]["tests"][0]
    assert (test["outcome"], test["evidence"]["value"], test["evidence"]["low"]) == ("unclear", -5.0, None)


def test_a_wrong_name_or_ledger_is_refused_with_status_2(tmp_path) -> None:
    wrong = called("show", "overcapacity")
    assert wrong.exit_code == 2
    assert "Did you mean 'structural_overcapacity'?" in wrong.output
    assert called("list", "--ledger", str(tmp_path / "no.yml")).exit_code == 2
