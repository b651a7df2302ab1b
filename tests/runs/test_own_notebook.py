"""A notebook of the user's own is a run like any other: by its path, in a plan, with its files, compared and verified."""

from __future__ import annotations

import json
import os

import nbformat
import pytest
from click.testing import CliRunner

from mic2025lab import claims
from mic2025lab.cli import main
from mic2025lab.errors import ParameterError, RunError
from mic2025lab.runs import run as runs
from mic2025lab.runs.changes.compare import compare
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.sharing.verify import verify
from mic2025lab.site.build import build_site
from tests.runs.conftest import ran

CELL = """import mic2025lab as lab, pandas as pd
lab.record("total", factor * pd.read_csv(file)["x"].sum() + lab.load("toy")["value"].sum(), unit="points")"""


@pytest.fixture
def own(toy_data, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    parameters = 'factor: float = 1.0  # multiplier\nfile: str = "mine.csv"  # my numbers'
    made.cells = [
        nbformat.v4.new_markdown_cell("# How much is mine?"),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL),
    ]
    nbformat.write(made, tmp_path / "mine.ipynb")
    (tmp_path / "mine.csv").write_text("x\n1\n2\n", encoding="utf-8")
    return tmp_path / "mine.ipynb"


def total(result: runs.RunResult) -> float:
    assert result.status == "done", result.error
    return json.loads((result.folder / "results.json").read_text(encoding="utf-8"))["figures"]["total"][
        "value"
    ]


def test_it_runs_and_is_compared_verified_and_shown(own, tmp_path, monkeypatch):
    reports = tmp_path / "reports"
    first = runs.run(str(own), {"factor": 2.0}, reports=reports)
    assert total(first) == pytest.approx(2 * 3 + 16.75)
    assert runs.run(str(own), {"factor": 2.0}, reports=reports).status == "unchanged"
    second = runs.run(str(own), reports=reports)
    assert [change.name for change in compare(first.folder, second.folder).figures if change.absolute]
    for name in (str(own), "mine"):
        listed = CliRunner().invoke(main, ["history", name, "total", "--reports", str(reports), "--json"])
        assert [row["run_id"] for row in json.loads(listed.stdout)] == [second.folder.name]
    with pytest.raises(RunError, match=r"mine\.csv"):
        verify(first.folder)
    monkeypatch.chdir(tmp_path)
    assert verify(first.folder).status == "same"
    page = build_site(reports).read_text(encoding="utf-8")
    assert "How much is mine?" in page
    details = json.loads((first.folder / "run.json").read_text(encoding="utf-8"))
    assert details["notebook"]["own"]
    assert details["tables"]["toy"]["loaded"]
    assert not [
        path
        for path in first.folder.rglob("*")
        if path.is_file() and str(tmp_path) in path.read_text("latin-1")
    ]
    assert claims.evidence.runs(reports) == []


def test_a_changed_file_and_an_edited_default_make_another_run(own, tmp_path):
    ids = [runs.prepare(str(own), {}).run_id]
    own.with_name("mine.csv").write_text("x\n5\n", encoding="utf-8")
    ids.append(runs.prepare(str(own), {}).run_id)
    own.write_text(
        own.read_text(encoding="utf-8").replace("factor: float = 1.0", "factor: float = 3.0"),
        encoding="utf-8",
    )
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
    own.write_text(
        own.read_text(encoding="utf-8").replace("read_csv(file)", "read_csv('mine.csv')"), encoding="utf-8"
    )
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
