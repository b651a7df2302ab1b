"""A run that loads a table of the user's own: it is in the run's id and manifest, and its rows are in no archive unless asked for."""

import json

import nbformat
import pytest

import mic2025lab as lab
from mic2025lab import project
from mic2025lab.catalog import own
from mic2025lab.errors import LabError, RunError
from mic2025lab.runs import run as runs
from mic2025lab.runs.sharing.share import share
from mic2025lab.runs.sharing.verify import verify
from tests.runs.conftest import held, ran, unpacked

CELL = """import mic2025lab as lab
rows = lab.load(table)
lab.record("total", rows["value"].sum(), unit="USD")
lab.record_table("doubled", rows.assign(value=2 * rows["value"]), caption="Twice")"""
ROWS = "economy,year,value\nCHN,2015,1234.5\nDEU,2015,2\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project with the table `mine` and a notebook that loads the table it is given."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    made.cells = [
        nbformat.v4.new_code_cell('table: str = "mine"  # my table', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL),
    ]
    nbformat.write(made, tmp_path / "sum.ipynb")
    (tmp_path / project.FILE).write_text("tables:\n mine: {file: data/mine.csv, unit: USD}\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    before = dict(own._registered)
    yield tmp_path
    own._registered.clear()
    own._registered.update(before)


def test_it_is_in_the_run_and_not_in_the_archive(place):
    result = ran("sum.ipynb")
    manifest = json.loads((result.folder / "run.json").read_text())
    assert manifest["tables"]["mine"]["sha256"] == lab.describe("mine").sha256
    assert manifest["tables"]["mine"]["loaded"]
    assert list(manifest["files"]) == ["mine.csv"]
    assert str(place) not in (result.folder / "notebook.html").read_text()
    shared = share(result.folder, place / "out.zip")
    assert shared.referenced == ("mine", "mine.csv")
    files = held(place / "out.zip")
    assert "data/mine.csv" not in files
    assert b"2469" in files["tables/doubled.csv"]
    assert not any(b"CHN,2015,1234.5" in content for content in files.values())
    assert b"The user's own table. Ask the sender" in files["REFERENCES.md"]
    assert verify(result.folder).status == "same"
    (place / project.FILE).rename(place / "away.yml")
    with pytest.raises(RunError, match="a table of its author's own"):
        verify(result.folder)
    (place / "away.yml").rename(place / project.FILE)

    (place / "data" / "mine.csv").write_text(ROWS.replace("1234.5", "7"))
    assert runs.prepare("sum.ipynb", {}).run_id != result.request.run_id


def test_share_true_packs_the_rows(place, monkeypatch):
    (place / project.FILE).write_text("tables:\n mine: {file: data/mine.csv, unit: USD, share: true}\n")
    result = runs.run("sum.ipynb")
    shared = share(result.folder, place / "out.zip")
    assert (shared.included, shared.referenced) == (("mine",), ())
    folder = unpacked(place / "out.zip", place / "elsewhere")
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
    lab.register(
        "other", place / "data" / "mine.csv", columns={"economy": "economy", "value": "value", "year": "year"}
    )
    ran("sum.ipynb", {"table": "other"})
    request = runs.prepare("sum.ipynb", {"table": "other"})
    own._registered.clear()  # another process, such as a worker of a cluster
    assert runs.execute(request, force=True).status == "done"
    lab.register("frame", lab.load("other"))
    with pytest.raises(LabError, match="to_parquet"):
        runs.prepare("sum.ipynb", {"table": "frame"})


def test_a_notebook_registers_its_own(place):
    made = nbformat.read("sum.ipynb", 4)
    made.cells[0].source = 'path: str = "data/mine.csv"'
    made.cells[
        1
    ].source = (
        'import mic2025lab as lab\nlab.register("mine2", path)\nlab.record("n", len(lab.load("mine2")))'
    )
    nbformat.write(made, "own.ipynb")
    result = ran("own.ipynb")
    manifest = json.loads((result.folder / "run.json").read_text())
    assert manifest["tables"]["mine2"]["own"]
    made.cells[1].source = made.cells[1].source.replace(
        "path)", repr(str(place / "data" / "other.csv")) + ")"
    )
    (place / "data" / "other.csv").write_text(ROWS)
    nbformat.write(made, "own.ipynb")
    assert "as a parameter" in runs.run("own.ipynb").error
