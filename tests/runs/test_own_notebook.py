"""A notebook of the user's own is a run like any other: by its path, in a plan, with its files, compared and verified."""

import json
import os

import pytest

from mic2025lab import claims
from mic2025lab.errors import ParameterError, RunError
from mic2025lab.runs import run as runs
from mic2025lab.runs.changes.compare import compare
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.sharing.verify import verify
from mic2025lab.site.build import build_site
from tests.runs.conftest import call, contents, has, ran, read, recorded, write_notebook

CELL = """import mic2025lab as lab, pandas as pd
lab.record("total", factor * pd.read_csv(file)["x"].sum() + lab.load("toy")["value"].sum(), unit="points")
lab.record("where", file)"""


@pytest.fixture
def own(toy_data, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))
    (tmp_path / "mine.csv").write_text("x\n1\n2\n", encoding="utf-8")
    parameters = 'factor: float = 1.0  # multiplier\nfile: str = "mine.csv"  # my numbers'
    return write_notebook(tmp_path / "mine.ipynb", [CELL], None, parameters, title="How much is mine?")


def edit(notebook, old, new):
    notebook.write_text(notebook.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_it_runs_and_is_compared_verified_and_shown(own, tmp_path, monkeypatch):
    reports = tmp_path / "reports"
    first = ran(str(own), {"factor": 2.0}, reports=reports).folder
    assert recorded(first)["total"] == pytest.approx(2 * 3 + 16.75)
    assert runs.run(str(own), {"factor": 2.0}, reports=reports).status == "unchanged"
    second = ran(str(own), reports=reports).folder
    assert [change.name for change in compare(first, second).figures if change.absolute]
    for name in (own, "mine"):
        listed = call("history", name, "total", "--json", reports=reports)
        assert [row["run_id"] for row in json.loads(listed.stdout)] == [second.name]
    with pytest.raises(RunError, match=r"mine\.csv"):
        verify(first)
    monkeypatch.chdir(tmp_path)
    assert verify(first).status == "same"
    has(build_site(reports).read_text(encoding="utf-8"), "How much is mine?")
    details = read(first)
    assert details["notebook"]["own"]
    assert details["tables"]["toy"]["loaded"]
    assert not [name for name, data in contents(first).items() if str(tmp_path).encode() in data]
    assert claims.evidence.runs(reports) == []


def test_a_changed_file_and_an_edited_default_make_another_run(own, tmp_path):
    ids = [runs.prepare(str(own), {}).run_id]
    own.with_name("mine.csv").write_text("x\n5\n", encoding="utf-8")
    ids.append(runs.prepare(str(own), {}).run_id)
    edit(own, "factor: float = 1.0", "factor: float = 3.0")
    request = runs.prepare(str(own), {})
    assert request.parameters == {"factor": 3.0, "file": "mine.csv"}
    assert len({*ids, request.run_id}) == 3


def test_a_plan_names_it_by_a_path_from_its_own_folder(own, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    plan = tmp_path / "plan.yml"
    plan.write_text("runs:\n  - analysis: mine.ipynb\n    grid: {factor: [1, 2, 3]}\n", encoding="utf-8")
    assert [request.label for request in read_plan(plan)] == ["mine", "mine factor=2.0", "mine factor=3.0"]
    assert [request.label for request in read_plan(plan, only=["factor=2"])] == ["mine factor=2.0"]


def test_a_file_that_is_no_parameter_is_missing_and_the_message_says_what_to_do(own, tmp_path):
    edit(own, "read_csv(file)", "read_csv('mine.csv')")
    result = runs.run(str(own), reports=tmp_path / "reports")
    assert result.status == "failed"
    assert "as a parameter" in str(result.error)


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_names_that_are_not_utf_8(own, tmp_path):
    named = own.with_name(os.fsdecode(b"my_\xc6\xf3\xd2\xb5.ipynb"))
    own.rename(named)
    result = ran(str(named), reports=tmp_path / "reports")
    assert "my_企业.ipynb" in (result.folder / "run.json").read_text(encoding="utf-8")
    data = tmp_path / os.fsdecode(b"\xb1.csv")
    (tmp_path / "mine.csv").rename(data)
    with pytest.raises(ParameterError, match=r"is not UTF-8.*Rename the file"):
        runs.run(str(named), {"file": data.name}, reports=tmp_path / "reports")
