"""The ledger and the board are read strictly, and hold what the project claims."""

from pathlib import Path

import pytest
import yaml

from mic2025lab import analyses, catalog
from mic2025lab.claims import board, ledger
from mic2025lab.errors import LabError

SLIPS = yaml.safe_load(Path(__file__).with_name("slips.yml").read_text(encoding="utf-8"))
CLAIM = SLIPS["claim"]


def changed(claim=(), **entries):
    """Return the claim with other values of itself, and of its `test` or `part`; None leaves a key out."""
    made = CLAIM | dict(claim)
    for name, values in entries.items():
        made |= {f"{name}s": [_known(CLAIM[f"{name}s"][0] | values)]}
    return _known(made)


def _known(entry):
    return {key: value for key, value in entry.items() if value is not None}


@pytest.fixture
def written(tmp_path):
    def write(*claims):
        path = tmp_path / "ledger.yml"
        path.write_text(yaml.safe_dump({"claims": list(claims)}), encoding="utf-8")
        return path

    return write


def test_every_claim_of_the_interview_is_there_with_what_a_reader_needs():
    claims = ledger.read()
    assert [claim.number for claim in claims] == list(range(1, 17))
    assert [claim.kind for claim in claims] == ["gain"] * 7 + ["cost"] * 7 + ["limit"] * 2
    for claim in claims:
        assert claim.tests or claim.wanted, claim.id
        assert claim.subject, claim.id
        assert all(table in catalog.catalog() for table in claim.tables), claim.id


def test_every_analysis_and_parameter_that_is_named_exists():
    shown = board.read()
    tests = [test for claim in ledger.read() for test in claim.tests]
    tests += [pair.test for pair in shown.published]
    for test in [*tests, *(column for column in shown.columns if column.analysis)]:
        defaults = analyses.get(test.analysis).defaults()
        assert {*test.params, *getattr(test, "free", ())} <= set(defaults), test
        named = {name: value for name, value in test.params.items() if value != board.SECTOR}
        assert all(defaults[name] != value for name, value in named.items()), (
            test
        )  # a default needs no naming


def test_what_others_published_is_in_the_table():
    rows = set(catalog.load("benchmarks")[["topic", "item", "period"]].itertuples(index=False, name=None))
    for pair in board.read().published:
        assert (pair.topic, pair.item, pair.period) in rows
        assert pair.over is None or (pair.topic, pair.over, pair.period) in rows


@pytest.mark.parametrize(("slip", "message"), SLIPS["slips"])
def test_a_slip_is_said(written, slip, message):
    with pytest.raises(LabError) as refused:
        ledger.read(written(changed(**slip)))
    assert message in str(refused.value)


def test_all_slips_come_at_once_and_nothing_occurs_twice(written):
    with pytest.raises(LabError) as refused:
        ledger.read(written({**CLAIM, "whi": 1}, {**CLAIM, "number": 1.5}, CLAIM, CLAIM))
    lines = str(refused.value).splitlines()
    assert len(lines) == 5
    assert "id 'idle' occurs twice" in lines[2]


@pytest.mark.parametrize("text", ["claims: 3", "- a", "other: []", "claims: [", "claims: []\nmore: 1"])
def test_a_file_that_is_no_ledger_is_refused(tmp_path, text):
    path = tmp_path / "ledger.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match=r"ledger\.yml"):
        ledger.read(path)
    with pytest.raises(LabError, match="cannot be read"):
        ledger.read(tmp_path / "no.yml")


def test_a_column_and_a_comparison_are_read_as_strictly(tmp_path):
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


def test_a_column_asks_for_each_sector_its_own_figure():
    columns = {column.objective: column for column in board.read().columns}
    assert columns["import dependence"].of("rail").figure == "penetration_rail_change"
    assert columns["world position"].of("rail").params == {"sector": "rail"}
    assert columns["foreign-firm dependence"].of("rail") is None
