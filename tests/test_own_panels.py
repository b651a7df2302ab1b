"""Panels of firms: files of every kind, what is refused and why, and what a run keeps of a file."""

import hashlib
import json
import os

import nbformat
import pandas as pd
import pytest

from mic2025lab import analyses, own_files
from mic2025lab.errors import LabError, TableError
from mic2025lab.own_files import FILES, parse_columns
from mic2025lab.own_panels import panel_problems, read_panel
from mic2025lab.runs import run as runs

NEEDS = ("firm", "year", "value_added")
ROWS = "id,anno,va,other\n007,2010,1.5,a\n007,2011,2.5,b\n8,2010,3,c\n8,2011,4,d\n"
COLUMNS = {"firm": "id", "year": "anno", "value_added": "va"}
GIVEN = [f"{ours}={theirs}" for ours, theirs in COLUMNS.items()]


@pytest.fixture
def csv(tmp_path):
    file = tmp_path / "plants.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def test_a_csv_is_read_under_our_names_and_identifiers_stay_text(csv):
    found = read_panel(str(csv), COLUMNS, NEEDS)
    assert found.table.to_dict("list") == {
        "firm": ["007", "007", "8", "8"], "year": [2010, 2011, 2010, 2011], "value_added": [1.5, 2.5, 3.0, 4.0],
    }  # fmt: skip
    assert not found.simulated
    assert (found.name, found.label) == ("plants.csv", "plants.csv: 2 firms, 2010–2011")
    assert found.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()
    assert found.notes == []
    assert (found.named("x"), found.titled("A title")) == ("x", "A title")


def test_numbers_as_identifiers_become_text_without_a_decimal_point(tmp_path):
    file = tmp_path / "a.parquet"
    pd.DataFrame({"firm": [1.0, 1.0, 42.0, None], "year": [1, 2, 1, 1], "value_added": 1}).to_parquet(file)
    found = read_panel(str(file), {}, NEEDS)
    assert found.table["firm"].tolist() == ["1", "1", "42"]
    assert found.notes == ["left out: 1 row without firm or year"]


def test_the_simulated_panel_says_so_everywhere():
    found = read_panel("simulated", {}, NEEDS, seed=3)
    assert found.simulated
    assert found.table["simulated"].all()
    assert found.label == "Simulated panel, seed 3: not real firms"
    assert (found.name, found.sha256) == ("simulated", None)
    assert (found.named("x"), found.titled("A title")) == ("simulated_x", "Simulated firms: A title")
    again = read_panel("simulated", {}, NEEDS, seed=4).table
    assert not found.table["value_added"].equals(again["value_added"])


def test_a_file_of_simulated_firms_is_simulated(tmp_path):
    file = tmp_path / "looks_real.csv"
    read_panel("simulated", {}, NEEDS).table.to_csv(file, index=False)
    found = read_panel(str(file), {}, NEEDS)
    assert found.simulated
    assert found.label.endswith("simulated: not real firms")


def test_one_column_may_serve_twice_and_names_may_be_swapped(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("firm,year,labor,capital\na,1,10,20\na,2,11,21\nb,1,12,22\n")
    found = read_panel(
        str(file),
        {"labor": "capital", "capital": "labor", "materials": "labor"},
        ("firm", "year", "labor", "capital", "materials"),
    )
    assert found.table.loc[0, ["labor", "capital", "materials"]].tolist() == [20, 10, 10]


def test_infinite_numbers_become_missing_and_it_is_said(csv):
    csv.write_text(ROWS.replace("1.5", "inf"))
    found = read_panel(str(csv), COLUMNS, NEEDS)
    assert found.table["value_added"].isna().sum() == 1
    assert found.notes == ["value_added is infinite in 1 row and was set to missing"]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        (ROWS, COLUMNS | {"year": "ano"}, "Unknown column 'ano' of plants.csv. Did you mean 'anno'?"),
        (ROWS, COLUMNS | {"lobor": "va"}, "Did you mean 'labor'?"),
        (ROWS, {"firm": "id", "year": "anno"}, "plants.csv has no column 'value_added'. Say which of its columns to use: columns value_added=…."),
        (ROWS.replace("8,2011", "8,2010"), COLUMNS, "row 4, firm, year: '8, 2010'"),
        ("id,anno,va\n,,3\n", COLUMNS, "at least one row with firm and year"),
        ("id,anno,va\n1,2010,1\n1,2011,1\n", COLUMNS, "plants.csv has 1 firm, but the analysis needs at least 2"),
        ("id,anno,va\n1,2010,1\n2,2010,1\n", COLUMNS, "plants.csv has 1 year, but the analysis needs at least 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_would_be_right(csv, text, columns, words):
    csv.write_text(text, encoding="utf-8")
    with pytest.raises(LabError) as caught:
        read_panel(str(csv), columns, NEEDS)
    assert words in str(caught.value)
    assert str(csv.parent) not in str(caught.value)


def test_problems_of_a_path_and_its_columns(csv):
    assert parse_columns([" firm = id ", "value_added=a=b"]) == {"firm": "id", "value_added": "a=b"}
    assert list(panel_problems(str(csv), GIVEN, NEEDS)) == []
    assert list(panel_problems("simulated", [], NEEDS)) == []
    for path, given, words in (
        (str(csv), [], "has no column 'firm', 'year', 'value_added'"),
        (str(csv), ["firm"], "columns includes 'firm'; write each as ours=theirs"),
        (str(csv), ["firm=id", "firm=va"], "names 'firm' twice"),
        (str(csv.with_name("plant.csv")), GIVEN, "Did you mean 'plants.csv', which is in the same folder?"),
        (str(csv.parent), GIVEN, "does not end in .csv, .csv.gz, .tsv, .txt, .parquet, .xlsx, .dta"),
        (str(csv.parent / "none" / "a.csv"), GIVEN, "does not exist"),
        ("simulated", GIVEN, "leave columns out"),
    ):
        (said,) = panel_problems(path, given, NEEDS)
        assert words in said
    assert next(iter(panel_problems("simulated", [], ["tobins_q"]))).startswith(
        "Unknown column 'tobins_q' of the simulated panel"
    )


def test_the_base_year_is_checked_against_the_years_of_the_file(csv):
    csv.write_text(ROWS + "8,2012,5,e\n")
    assert list(panel_problems(str(csv), GIVEN, NEEDS, 2011)) == []
    (said,) = panel_problems(str(csv), GIVEN, NEEDS, 2012)
    assert "base_year = 2012" in said
    assert "plants.csv, 2010 and 2012" in said
    csv.write_text(ROWS.replace("2011", "MMXI"))
    (said,) = panel_problems(str(csv), GIVEN, NEEDS, 2011)
    assert "year: 'MMXI'" in said


CELL = """
import mic2025lab as lab
from mic2025lab.own_panels import read_panel
panel = read_panel(path, columns, ["firm", "year", "value_added"])
lab.record(panel.named("total"), panel.table["value_added"].sum(), note=panel.label)
"""


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """An analysis of one cell that reads a panel; the kernel does not know it, so that the cell validates nothing."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    cell = nbformat.v4.new_code_cell('path = "simulated"\ncolumns = []', metadata={"tags": ["parameters"]})
    notebook.cells = [cell, nbformat.v4.new_code_cell(CELL)]
    nbformat.write(notebook, tmp_path / "reads.ipynb")
    monkeypatch.setitem(analyses.ANALYSES, "reads", tmp_path / "reads.ipynb")
    return analyses.get("reads")


def test_the_content_of_a_file_names_the_run_and_its_folder_does_not(reads, csv, monkeypatch):
    def prepared(path):
        return runs.prepare("reads", {"path": str(path), "columns": GIVEN})

    first = prepared(csv)
    assert first.parameters["path"] == "plants.csv"
    elsewhere = csv.parent / "other" / "plants.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_text(ROWS)
    monkeypatch.chdir(csv.parent)
    assert prepared(elsewhere).run_id == prepared("plants.csv").run_id == first.run_id
    csv.write_text(ROWS.replace("1.5", "1.6"))
    assert prepared(csv).run_id != first.run_id
    assert runs.prepare("reads", {}).files == {}


def test_a_run_reads_a_relative_path_and_keeps_no_folder(reads, tmp_path, monkeypatch):
    # Names of files are Unicode on Windows; elsewhere they may be bytes of another encoding.
    raw, name = (b"plants.csv", "plants.csv") if os.name == "nt" else (b"\xc6\xf3\xd2\xb5.csv", "企业.csv")
    (tmp_path / os.fsdecode(raw)).write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    result = runs.run(
        "reads", {"path": f"./{os.fsdecode(raw)}", "columns": GIVEN}, reports=tmp_path / "reports"
    )
    assert result.status == "done", result.error
    assert result.folder is not None
    manifest = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["files"] == {name: hashlib.sha256(ROWS.encode()).hexdigest()}
    assert manifest["parameters"]["path"] == name
    figures = json.loads((result.folder / "results.json").read_text(encoding="utf-8"))["figures"]
    assert (figures["total"]["value"], figures["total"]["note"]) == (11.0, f"{name}: 2 firms, 2010–2011")
    assert manifest["files"][name][:12] in (result.folder / "notebook.html").read_text(encoding="utf-8")
    for file in result.folder.rglob("*"):
        if file.is_file():
            assert str(tmp_path).encode() not in file.read_bytes(), file.name


def test_a_file_that_changes_while_the_run_is_made_fails_it(csv, monkeypatch):
    monkeypatch.setenv(FILES, json.dumps({"plants.csv": {"path": str(csv), "sha256": own_files.digest(csv)}}))
    assert len(read_panel("plants.csv", COLUMNS, NEEDS).table) == 4
    csv.write_text(ROWS + "9,2011,5,e\n")
    with pytest.raises(TableError, match=r"plants.csv has changed since this run was requested"):
        read_panel("plants.csv", COLUMNS, NEEDS)
