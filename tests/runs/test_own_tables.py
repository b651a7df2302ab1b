"""A run that loads a table of the user's own: it is in the run's id and manifest, and its rows are in no archive unless asked for."""

import pytest

import mic2025lab as lab
from mic2025lab import project
from mic2025lab.catalog import own
from mic2025lab.errors import LabError, RunError
from mic2025lab.runs import run as runs
from mic2025lab.runs.sharing.share import share
from mic2025lab.runs.sharing.verify import verify
from tests.runs.conftest import has, held, ran, read, unpacked, write_notebook

CELL = """import mic2025lab as lab
rows = lab.load(table)
lab.record("total", rows["value"].sum(), unit="USD")
lab.record_table("doubled", rows.assign(value=2 * rows["value"]), caption="Twice")"""
ROWS = "economy,year,value\nCHN,2015,1234.5\nDEU,2015,2\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project with the table `mine` and a notebook that loads the table it is given."""
    write_notebook(tmp_path / "sum.ipynb", [CELL], tables=None, parameters='table: str = "mine"  # my table')
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
    own._registered.clear()  # another process, such as a worker of a cluster
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
