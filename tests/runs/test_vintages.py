"""Runs on a fetched vintage: pinned by a plan, a command, or a project; part of the run id and of the manifest."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest

from mic2025lab import catalog
from mic2025lab.claims import evidence
from mic2025lab.errors import ParameterError, UnknownName
from mic2025lab.results.run import Run
from mic2025lab.runs import run as runs
from mic2025lab.runs.changes import compare
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.sharing.share import command_words, share
from tests.runs.conftest import has, recorded, unpacked

CELL = 'import mic2025lab as lab\nlab.record("total", lab.load("toy")["value"].sum(), unit="million USD")'


@pytest.fixture
def plain(make_toy, tmp_path, monkeypatch):
    """A request of before there was a vintage of the toy table whose values are twice as high, laid out as `keep_vintage` does."""
    make_toy(CELL)
    before = runs.prepare("toy", {})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "tables" / "toy"
    folder.mkdir(parents=True)
    text = "year,economy,value\n2000,CHN,3\n2001,CHN,4.5\n2002,CHN,8\n2000,USA,18\n"
    (folder / "toy-2.csv").write_text(text)
    made = replace(catalog.entry("toy"), file="toy-2.csv", sha256=hashlib.sha256(text.encode()).hexdigest())
    entry = {key: value for key, value in asdict(made).items() if key not in ("name", "folder")}
    (folder / "toy-2.json").write_text(json.dumps(entry))
    return before


def _pinned():
    return runs.prepare("toy", {}, vintages={"toy": "toy-2"})


def _total(result):
    assert result.status == "done", result.error
    return recorded(result.folder)["total"], Run.read(result.folder)


def test_a_pin_changes_the_run_and_its_manifest_says_so(plain, tmp_path):
    assert runs.prepare("toy", {}).run_id == plain.run_id  # a fetch changes nothing that does not name it
    pinned = _pinned()
    assert pinned.run_id != plain.run_id
    assert pinned.label == "toy toy@toy-2"
    total, run = _total(runs.execute(pinned, reports=tmp_path / "reports"))
    assert total == 33.5
    assert list(run.manifest.tables) == ["toy@toy-2"]
    assert run.manifest.tables["toy@toy-2"].sha256 == catalog.digest("toy@toy-2")
    assert command_words(run.manifest) == "toy --vintage toy=toy-2"
    assert _total(runs.execute(plain, reports=tmp_path / "reports"))[0] == 16.75
    assert runs.execute(pinned, reports=tmp_path / "reports").status == "unchanged"


def test_a_plan_pins_vintages_for_all_runs_or_for_one(plain, tmp_path, monkeypatch):
    plan = tmp_path / "plan.yml"
    plan.write_text("runs:\n  - analysis: toy\n  - {analysis: toy, vintages: {toy: toy-2}}\n")
    ids = [request.run_id for request in read_plan(plan)]
    plan.write_text(
        "vintages: {toy: toy-2}\nruns:\n  - analysis: toy\n  - {analysis: toy, vintages: {toy: embedded}}\n"
    )
    second, first = read_plan(plan)
    assert second.run_id == ids[1]
    assert first.vintages == {"toy": "embedded"}
    plan.write_text("vintages: {toy: toy-3}\nruns:\n  - analysis: toy\n")
    with pytest.raises(ParameterError, match="Did you mean 'toy-2'"):
        read_plan(plan)
    with pytest.raises(UnknownName, match="toys"):
        runs.prepare("toy", {}, vintages={"toys": "1"})


def test_a_project_pins_a_vintage_in_its_kernels(plain, tmp_path, monkeypatch):
    (tmp_path / "mic2025lab.yml").write_text("vintages: {toy: toy-2}\n")
    assert _total(runs.run("toy", reports=tmp_path / "reports"))[0] == 33.5


def test_an_archive_of_a_run_has_its_vintage(plain, tmp_path, monkeypatch):
    run = _total(runs.execute(_pinned(), reports=tmp_path / "reports"))[1]
    top = unpacked(share(run.folder, tmp_path / "run.zip").path, tmp_path / "received")
    has((top / "REFERENCES.md").read_text(), "`data/toy/toy-2.csv`")
    has((top / "HOW_TO_RERUN.md").read_text(), "--vintage toy=toy-2")
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("MIC2025LAB_DATA", str(top / "data"))
    assert catalog.digest("toy@toy-2") == run.manifest.tables["toy@toy-2"].sha256


def test_a_run_on_another_vintage_than_the_one_in_use_is_no_evidence(plain, tmp_path, monkeypatch):
    pinned = _total(runs.execute(_pinned(), reports=tmp_path / "reports"))[1]
    assert "used toy@toy-2, and the embedded vintages are in use" in evidence.stale(pinned)
    (tmp_path / "mic2025lab.yml").write_text("vintages: {toy: toy-2}\n")
    assert evidence.stale(pinned) == ""


def test_another_vintage_shows_as_a_change_of_the_table(write_run, tmp_path):
    write_run(tmp_path, "0" * 12, sources={"toy": {"sha256": "0" * 64}})
    write_run(tmp_path, "1" * 12, sources={"toy@toy-2": {"sha256": "1" * 64, "vintages": ["toy-2"]}})
    one, two = (Run.read(tmp_path / "runs" / "toy" / name) for name in ("0" * 12, "1" * 12))
    assert [(change.name, change.status) for change in compare.compare(one, two).data] == [("toy", "changed")]
