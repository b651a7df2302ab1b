"""On the data of the package: docs/claims.md says what the rule gives, and a changed table turns the outcome."""

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from mic2025lab import catalog, claims
from mic2025lab.claims import evidence, ledger, verdict
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import run

ROW = re.compile(r"^\| (\w+) \| (\w+): `(\w+)` \|(.*)\|$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "claims.md").read_text(encoding="utf-8")


def test_the_verdicts_by_hand_are_those_of_the_rule(page, stored):
    judged = {one.claim.number: one for one in claims.evaluate(stored)}
    sections = re.findall(r"### (\d+)\. ([^\n]+)\n(.*?)(?=\n##)", page, flags=re.DOTALL)
    assert [number for number, _, _ in sections] == ["10", "11", "12"]
    for number, sentence, text in sections:
        one = judged[int(number)]
        assert f"{sentence}." == one.claim.sentence
        rows = [
            (part, analysis, figure, *(cell.strip() for cell in rest.split("|")))
            for part, analysis, figure, rest in ROW.findall(text)
        ]
        assert rows == [told(each) for each in one.tests]
        for part, outcomes in one.by_part.items():
            assert re.search(rf"`{part}`(?: and `\w+`)* (?:is|are) \*{verdict.combine(outcomes)}\*", text)
        assert f"**{one.verdict}** ({one.coverage})" in text


def told(each):
    """The cells of a test in the table of the page."""
    test, found = each.test, each.evidence
    ends = [evidence.number(end) for end in (found.low, found.high) if end is not None]
    beyond, other = each.shares
    specifications = f"{len(found.estimates)}: {beyond:.0%}, {other:.0%}" if found.estimates else ""
    value = "" if found.value is None else evidence.number(found.value)
    return (
        test.part, test.analysis, test.figure, value, " to ".join(ends), test.asks, specifications, each.outcome
    )  # fmt: skip


def test_the_claim_that_the_page_adds_gets_its_verdict(page, stored, tmp_path):
    entry = re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    text = ledger.LEDGER.read_text(encoding="utf-8") + "\n" + entry[1]
    (tmp_path / "ledger.yml").write_text(text, encoding="utf-8")
    one = claims.evaluate(stored, path=tmp_path / "ledger.yml")[-1]
    assert one.claim.number == 17
    assert one.outcomes == ["unclear"]  # half of them: 50 is not beyond 50 + 10
    assert one.tests[0].reason == "the headline is within the margin"
    assert one.verdict == "mixed"
    assert len(yaml.safe_load(text)["claims"]) == 17


@pytest.mark.heavy
def test_a_changed_table_turns_the_outcome_and_a_removed_one_leaves_the_claim_not_testable(
    recorded, shared_reports, tmp_path, monkeypatch
):
    """Utilization mirrored about 75%: the run is made again from the changed table, and the outcome of the first part of claim 10 follows.

    Without runs: `test_mirror` turns the figures, and `test_evidence` changes and removes the table.
    """
    assert recorded("overcapacity")["figures"]

    def now():
        judged = claims.evaluate(tmp_path / "reports")
        one = next(one for one in judged if one.claim.id == "structural_overcapacity")
        return one.verdict, verdict.combine(one.by_part["idle"])

    data = tmp_path / "data"
    shutil.copytree(
        catalog.data_dir(), data, copy_function=lambda source, place: Path(place).symlink_to(source)
    )
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    before = prepare("overcapacity", {}).folder
    shutil.copytree(before(shared_reports), before(tmp_path / "reports"))
    assert now() == ("mixed", "for")

    table = catalog.load("capacity_utilization")
    table["value"] = 150 - table["value"]
    text = table.to_csv(index=False)
    (data / "capacity_utilization.csv").unlink()
    (data / "capacity_utilization.csv").write_text(text, encoding="utf-8")
    entries = json.loads((data / "catalog.json").read_text(encoding="utf-8"))
    entries["tables"]["capacity_utilization"]["sha256"] = sha256(text.encode()).hexdigest()
    write(data / "catalog.json", entries)
    assert now() == ("not testable", "missing")  # the run at hand is of the table that was
    after = run("overcapacity", reports=tmp_path / "reports")
    assert (after.status, after.folder == before(tmp_path / "reports")) == ("done", False)
    assert now() == ("mixed", "against")

    del entries["tables"]["capacity_utilization"]
    write(data / "catalog.json", entries)
    assert now() == ("not testable", "missing")


def write(path, content):
    path.unlink()
    path.write_text(json.dumps(content), encoding="utf-8")
