"""On the data of the package: docs/claims.md says what the rule gives, and a changed table turns the verdict."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from mic2025lab import catalog, claims
from mic2025lab.claims import evidence, ledger
from mic2025lab.runs.run import run

ROW = re.compile(
    r"^\| (\w+): `(\w+)`(?: less `(\w+)`)? \| ([^|]*)\| ([^|]*)\| ([^|]*)\| ([^|]*)\| (\w+) \|$", re.MULTILINE
)


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "docs" / "claims.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(recorded: Callable[..., dict[str, Any]], shared_reports: Path) -> Path:
    for analysis in ("overcapacity", "productivity_costs", "growth_counterfactual"):
        assert recorded(analysis)["figures"]
    return shared_reports


@pytest.mark.slow
@pytest.mark.xfail(reason="the tests of claims 10 to 12 are being rewritten; the page follows", strict=False)
def test_the_verdicts_by_hand_are_those_of_the_rule(page, made) -> None:
    judged = {one.claim.number: one for one in claims.evaluate(made)}
    sections = re.findall(r"### (\d+)\. ([^\n]+)\n(.*?)(?=\n##)", page, flags=re.DOTALL)
    assert [number for number, _, _ in sections] == ["10", "11", "12"]
    for number, sentence, text in sections:
        one = judged[int(number)]
        assert f"{sentence}." == one.claim.sentence
        rows = ROW.findall(text)
        told = [
            (
                each.test.analysis,
                each.test.figure,
                each.test.less or "",
                *(shown(end) for end in (each.evidence.value, each.evidence.low, each.evidence.high)),
                each.test.asks,
                each.outcome,
            )
            for each in one.tests
        ]
        assert [tuple(part.strip() for part in row) for row in rows] == told
        assert f"**{one.verdict}**" in text


def shown(value: float | None) -> str:
    return "" if value is None else evidence.number(value)


@pytest.mark.slow
def test_the_claim_that_the_page_adds_gets_its_verdict(page, made, tmp_path) -> None:
    entry = re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    text = ledger.LEDGER.read_text(encoding="utf-8") + "\n" + entry[1]
    (tmp_path / "ledger.yml").write_text(text, encoding="utf-8")
    one = claims.evaluate(made, path=tmp_path / "ledger.yml")[-1]
    assert one.claim.number == 17
    assert one.outcomes == ["unclear"]  # half of them: 50 is not beyond 50 + 10
    assert one.tests[0].reason == "the headline is within the margin"
    assert one.verdict == "mixed"
    assert len(yaml.safe_load(text)["claims"]) == 17


@pytest.mark.slow
def test_a_changed_table_turns_the_verdict_and_a_removed_one_leaves_it_not_testable(
    tmp_path, monkeypatch: pytest.MonkeyPatch, small_ledger: Path
) -> None:
    """Utilization mirrored about 75%: the run is made again from the changed table, and the verdict follows."""

    def verdict() -> str:
        return claims.evaluate(tmp_path / "reports", path=small_ledger)[0].verdict

    data = tmp_path / "data"
    shutil.copytree(
        catalog.data_dir(), data, copy_function=lambda source, place: Path(place).symlink_to(source)
    )
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    before = run("overcapacity", reports=tmp_path / "reports")
    assert verdict() == "supported"

    table = catalog.load("capacity_utilization")
    table["value"] = 150 - table["value"]
    text = table.to_csv(index=False)
    (data / "capacity_utilization.csv").unlink()
    (data / "capacity_utilization.csv").write_text(text, encoding="utf-8")
    entries = json.loads((data / "catalog.json").read_text(encoding="utf-8"))
    entries["tables"]["capacity_utilization"]["sha256"] = sha256(text.encode()).hexdigest()
    write(data / "catalog.json", entries)
    assert verdict() == "not testable"  # the run at hand is of the table that was
    after = run("overcapacity", reports=tmp_path / "reports")
    assert (after.status, after.folder == before.folder) == ("done", False)
    assert verdict() == "not supported"

    del entries["tables"]["capacity_utilization"]
    write(data / "catalog.json", entries)
    assert verdict() == "not testable"


def write(path: Path, content: dict) -> None:
    path.unlink()
    path.write_text(json.dumps(content), encoding="utf-8")
