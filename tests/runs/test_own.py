"""Notebooks and tables of the user's own: a run like any other, compared, verified, and shared without the rows that are not to be."""

import json
import os

import pytest

import mic2025lab as lab
from mic2025lab import catalog, claims, project
from mic2025lab.errors import LabError, ParameterError, RunError
from mic2025lab.runs import run as runs
from mic2025lab.runs.changes.compare import compare
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.sharing.share import share
from mic2025lab.runs.sharing.verify import verify
from mic2025lab.site.build import build_site
from tests.runs.conftest import call, contents, has, held, ran, read, recorded, unpacked, write_notebook

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


# A table of the user's own


DOUBLING = """import mic2025lab as lab
rows = lab.load(table)
lab.record("total", rows["value"].sum(), unit="USD")
lab.record_table("doubled", rows.assign(value=2 * rows["value"]), caption="Twice")"""
ROWS = "economy,year,value\nCHN,2015,1234.5\nDEU,2015,2\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project with the table `mine` and a notebook that loads the table it is given."""
    write_notebook(
        tmp_path / "sum.ipynb", [DOUBLING], tables=None, parameters='table: str = "mine"  # my table'
    )
    (tmp_path / project.FILE).write_text("tables:\n mine: {file: data/mine.csv, unit: USD}\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    before = dict(catalog.own._registered)
    yield tmp_path
    catalog.own._registered.clear()
    catalog.own._registered.update(before)


def test_it_is_in_the_run_and_not_in_the_archive(place):
    result = ran("sum.ipynb")
    manifest = read(result.folder)
    assert manifest["tables"]["mine"]["sha256"] == lab.describe("mine").sha256
    assert manifest["tables"]["mine"]["loaded"]
    assert list(manifest["files"]) == ["mine.csv"]
    assert str(place) not in (result.folder / "notebook.html").read_text()
    shared = share(result.folder, place / "out.zip")
    assert shared.referenced == ("mine", "mine.csv")
    files = held(shared.path)
    assert "data/mine.csv" not in files
    assert b"2469" in files["tables/doubled.csv"]
    assert not any(b"CHN,2015,1234.5" in content for content in files.values())
    has(files["REFERENCES.md"], "The user's own table. Ask the sender")
    assert verify(result.folder).status == "same"
    (place / "data" / "mine.csv").write_text(ROWS.replace("1234.5", "7"))
    assert runs.prepare("sum.ipynb", {}).run_id != result.request.run_id
    (place / project.FILE).unlink()
    with pytest.raises(RunError, match="a table of its author's own"):
        verify(result.folder)


def test_share_true_packs_the_rows(place):
    (place / project.FILE).write_text("tables:\n mine: {file: data/mine.csv, unit: USD, share: true}\n")
    shared = share(ran("sum.ipynb").folder, place / "out.zip")
    assert (shared.included, shared.referenced) == (("mine",), ())
    folder = unpacked(shared.path, place / "elsewhere")
    (place / project.FILE).unlink()
    assert "could not be included" not in (folder / "HOW_TO_RERUN.md").read_text()
    assert verify(folder, trust=True).status == "same"


def test_a_file_that_changes_between_request_and_run_fails(place):
    request = runs.prepare("sum.ipynb", {})
    (place / "data" / "mine.csv").write_text(ROWS + "JPN,2015,1\n")
    result = runs.execute(request)
    assert result.status == "failed"
    assert "mine.csv has changed since this run was requested" in result.error


def test_a_table_registered_here_is_known_to_the_kernel_of_a_run(place):
    columns = {name: name for name in ("economy", "value", "year")}
    lab.register("other", place / "data" / "mine.csv", columns=columns)
    ran("sum.ipynb", {"table": "other"})
    request = runs.prepare("sum.ipynb", {"table": "other"})
    catalog.own._registered.clear()  # another process, such as a worker of a cluster
    assert runs.execute(request, force=True).status == "done"
    lab.register("frame", lab.load("other"))
    with pytest.raises(LabError, match="to_parquet"):
        runs.prepare("sum.ipynb", {"table": "frame"})


def test_a_notebook_registers_its_own_if_the_file_is_a_parameter(place):
    cell = 'import mic2025lab as lab\nlab.register("mine2", {})\nlab.record("n", len(lab.load("mine2")))'
    other = place / "data" / "other.csv"
    other.write_text(ROWS)
    for file in ("path", repr(str(other))):
        cells, parameters = [cell.format(file)], 'path: str = "data/mine.csv"'
        write_notebook(place / "own.ipynb", cells, tables=None, parameters=parameters)
        if file == "path":
            assert read(ran("own.ipynb").folder)["tables"]["mine2"]["own"]
        else:
            has(runs.run("own.ipynb").error, "as a parameter")
