"""The ledger and the board are read strictly, and hold what the project claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mic2025lab import analyses, catalog
from mic2025lab.claims import board, ledger
from mic2025lab.errors import LabError

TEST = {"says": "a figure", "analysis": "overcapacity", "figure": "gap", "direction": "below", "part": "idle"}
CLAIM = {
    "id": "idle", "number": 1, "kind": "cost", "sentence": "It stands idle.", "why": "It costs.", "tests": [TEST],
    "parts": [{"id": "idle", "says": "it stands idle", "subject": True}],
    "coverage": "Prices.", "wanted": "Prices.", "overturned_by": "Demand.",
}  # fmt: skip


@pytest.fixture
def written(tmp_path: Path):
    def write(*claims: dict[str, Any]) -> Path:
        path = tmp_path / "ledger.yml"
        path.write_text(yaml.safe_dump({"claims": list(claims)}), encoding="utf-8")
        return path

    return write


def test_every_claim_of_the_interview_is_there_with_what_a_reader_needs() -> None:
    claims = ledger.read()
    assert [claim.number for claim in claims] == list(range(1, 17))
    assert [claim.kind for claim in claims] == ["gain"] * 7 + ["cost"] * 7 + ["limit"] * 2
    for claim in claims:
        assert claim.tests or claim.wanted, claim.id
        assert claim.subject, claim.id
        assert all(table in catalog.catalog() for table in claim.tables), claim.id


def test_every_analysis_and_parameter_that_is_named_exists() -> None:
    shown = board.read()
    tests = [test for claim in ledger.read() for test in claim.tests] + [
        pair.test for pair in shown.published
    ]
    for test in [*tests, *(column for column in shown.columns if column.analysis)]:
        fields = analyses.get(test.analysis).params.model_fields
        assert {*test.params, *getattr(test, "free", ())} <= set(fields), test
        changed = {k: v for k, v in test.params.items() if v != board.SECTOR}
        defaults = analyses.get(test.analysis).defaults()
        assert all(defaults[name] != value for name, value in changed.items()), (
            f"{test}: a default needs no naming"
        )


def test_what_others_published_is_in_the_table() -> None:
    rows = set(catalog.load("benchmarks")[["topic", "item", "period"]].itertuples(index=False, name=None))
    for pair in board.read().published:
        assert (pair.topic, pair.item, pair.period) in rows
        assert pair.over is None or (pair.topic, pair.over, pair.period) in rows


def test_a_claim_is_added_by_editing_the_file_alone(written) -> None:
    (claim,) = ledger.read(written(CLAIM))
    assert claim.tests[0].asks == "below 0"
    assert (claim.tests[0].than, claim.tests[0].margin, claim.subject, claim.tables) == (0, 0, ["idle"], ())
    (claim,) = ledger.read(written({**CLAIM, "tests": [{**TEST, "margin": 1, "than": 0.5}]}))
    assert claim.tests[0].asks == "below 0.5 by more than 1"


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({**CLAIM, "sentense": "x"}, "idle: Unknown key 'sentense' of a claim. Did you mean 'sentence'?"),
        ({k: v for k, v in CLAIM.items() if k != "why"}, "idle: why is missing"),
        ({**CLAIM, "number": "1"}, "idle: number = '1' must be"),
        ({**CLAIM, "number": True}, "idle: number = True must be"),
        ({**CLAIM, "kind": "gains"}, "Did you mean 'gain'?"),
        ({**CLAIM, "id": "Idle!"}, "id = 'Idle!' must"),
        ({**CLAIM, "why": " "}, "idle: why = ' ' must"),
        ({**CLAIM, "tables": "targets"}, "idle: tables = 'targets' must be"),
        ({**CLAIM, "tables": [1]}, "idle: tables[0] = 1 must be"),
        ({**CLAIM, "parts": []}, "idle: parts = [] must"),
        ({**CLAIM, "parts": CLAIM["parts"] * 2}, "part 'idle' occurs twice"),
        ({**CLAIM, "parts": [{"id": "idle", "sais": "x"}]}, "part 1: Unknown key 'sais' of a part. Did you mean 'says'?"),
        ({**CLAIM, "tests": [{**TEST, "part": "idel"}]}, "test 1: Unknown part 'idel'. Did you mean 'idle'?"),
        ({**CLAIM, "tests": [{k: v for k, v in TEST.items() if k != "part"}]}, "test 1: part is missing"),
        ({**CLAIM, "tests": [TEST, TEST]}, "the figure gap of overcapacity is in two tests"),
        ({**CLAIM, "tests": [TEST, {**TEST, "direction": "above"}]}, "is in two tests"),
        ({**CLAIM, "tests": [{**TEST, "margn": 1}]}, "idle: test 1: Unknown key 'margn' of a test. Did you mean 'margin'?"),
        ({**CLAIM, "tests": [{**TEST, "margin": -1}]}, "test 1: margin = -1 must be"),
        ({**CLAIM, "tests": [{**TEST, "than": float("inf")}]}, "than = inf must be"),
        ({**CLAIM, "tests": [{**TEST, "direction": "under"}]}, "Unknown direction 'under'"),
        ({**CLAIM, "tests": [{**TEST, "params": "x"}]}, "params = 'x' must be"),
        ({**CLAIM, "tests": [{**TEST, "figure": "simulated_gain"}]}, "'simulated_gain' is made of simulated data"),
        ({**CLAIM, "tests": ["gap"]}, "tests[0] = 'gap' must be"),
    ],
)  # fmt: skip
def test_a_slip_is_said(written, claim, message) -> None:
    with pytest.raises(LabError) as refused:
        ledger.read(written(claim))
    assert message in str(refused.value)


def test_all_slips_come_at_once_and_nothing_occurs_twice(written) -> None:
    with pytest.raises(LabError) as refused:
        ledger.read(written({**CLAIM, "whi": 1}, {**CLAIM, "number": 1.5}, CLAIM, CLAIM))
    lines = str(refused.value).splitlines()
    assert len(lines) == 5
    assert "id 'idle' occurs twice" in lines[2]


@pytest.mark.parametrize("text", ["claims: 3", "- a", "other: []", "claims: [", "claims: []\nmore: 1"])
def test_a_file_that_is_no_ledger_is_refused(tmp_path, text) -> None:
    path = tmp_path / "ledger.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match=r"ledger\.yml"):
        ledger.read(path)
    with pytest.raises(LabError, match="cannot be read"):
        ledger.read(tmp_path / "no.yml")


def test_a_column_and_a_comparison_are_read_as_strictly(tmp_path) -> None:
    path = tmp_path / "board.yml"
    content = {
        "columns": [{"objective": "x", "says": "x", "short": "x", "direction": "above", "wanted": "x", "analysis": "overcapacity"}],
        "published": [{"says": "x", "why": "x", "analysis": "a", "figure": "f", "topic": "t", "item": "i", "period": "p", "reads": "upp"}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(LabError) as refused:
        board.read(path)
    assert "column 1: analysis and figure go together" in str(refused.value)
    assert "published 1: Unknown reads 'upp'. Did you mean 'up'?" in str(refused.value)


def test_a_column_asks_for_each_sector_its_own_figure() -> None:
    columns = {column.objective: column for column in board.read().columns}
    assert columns["import dependence"].of("rail").figure == "penetration_rail_change"
    assert columns["world position"].of("rail").params == {"sector": "rail"}
    assert columns["foreign-firm dependence"].of("rail") is None
