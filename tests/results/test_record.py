"""What a notebook records is kept exactly, can always be read, and is the same bytes each time."""

import csv
import datetime
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib import pyplot as plt

from mic2025lab.errors import LabError
from mic2025lab.results import files
from mic2025lab.results import record as rec
from mic2025lab.results.display import to_html
from mic2025lab.results.record import record, record_figure, record_finding, record_table


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(files.RUN_DIR, str(tmp_path))
    return tmp_path


def kept(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def line():
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2], [3, 4], marker="o")
    return figure


EXACT = {
    34.300000000000004: 34.300000000000004,
    np.float64(0.1): 0.1,
    np.float32(0.5): 0.5,
    np.int64(2015): 2015,
    np.bool_(True): True,
}


@pytest.mark.parametrize(
    ("value", "stored"), [*EXACT.items(), (np.array(3.5), 3.5), ("2010", "2010"), (None, None)]
)
def test_a_value_is_kept_exactly(folder, value, stored):
    record("x", value, unit="%")
    got = kept(folder)["figures"]["x"]["value"]
    assert got == stored
    assert type(got) is type(stored)


def test_what_is_no_number_is_null_and_says_so(folder):
    nan, infinite = float("nan"), float("inf")
    for name, value, why in (("a", nan, "not a number"), ("b", infinite, "infinite"), ("c", np.float64("-inf"), "infinite"),
                             ("d", pd.NA, "missing"), ("e", pd.NaT, "missing")):  # fmt: skip
        record(name, value, note="of ten")
        entry = kept(folder)["figures"][name]
        assert (entry["value"], entry["note"]) == (None, f"of ten; value is {why}")
    record("x", 1.0, low=np.float64(0.5), high=infinite)
    ends = {"low": 0.5, "high": None}
    assert kept(folder)["figures"]["x"] == {"value": 1.0, **ends, "unit": None, "note": "high is infinite"}


@pytest.mark.parametrize(
    "value", [datetime.date(2015, 5, 8), 1j, [1, 2], {"a": 1}, np.array([1.0, 2.0]), b"x"]
)
def test_what_json_has_not_is_refused(folder, value):
    with pytest.raises(LabError, match=f"a {type(value).__name__} cannot be recorded"):
        record("x", value)
    assert not (folder / "results.json").exists()


@pytest.mark.parametrize("name", ["", "Share", "a b", "../up", "a/b", "a__b", "_a", "a\n", "x" * 101, 5, "é"])
def test_a_name_that_cannot_be_a_file_is_refused(folder, name):
    for call in (
        lambda: record(name, 1),
        lambda: record_table(name, pd.DataFrame({"a": [1]})),
        lambda: record_figure(name, line(), alt="a line"),
    ):
        with pytest.raises(LabError, match="cannot be the name of a result"):
            call()
    assert list(folder.iterdir()) == []


def test_one_name_is_one_thing_and_the_order_is_kept(folder):
    for name in ("x", "b", "a", "x"):
        record(name, 1.0)
    assert kept(folder)["order"]["figures"] == ["x", "b", "a"]
    with pytest.raises(LabError, match="recorded before"):
        record("x", 2.0)
    assert kept(folder)["figures"]["x"]["value"] == 1.0
    record_table("x", pd.DataFrame({"a": [1]}))  # another kind has names of its own
    with pytest.raises(LabError, match="recorded before"):
        record_table("x", pd.DataFrame({"a": [2]}))
    assert (folder / "tables" / "x.csv").read_text() == "a\n1\n"


def test_without_a_run_a_cell_can_be_run_again(monkeypatch, tmp_path):
    monkeypatch.delenv(files.RUN_DIR, raising=False)
    monkeypatch.chdir(tmp_path)
    record("x", 1.0)
    record("x", 2.0)
    assert rec._memory["figures"]["x"]["value"] == 2.0
    assert list(tmp_path.iterdir()) == []


ROWS = pd.DataFrame({"province": ["GD", "GD", "JS"], "year": [2014, 2015, 2014], "gdp": [1.0, 2.0, 3.0]})
PIVOT = ROWS.pivot_table(index="province", columns="year", values=["gdp"], aggfunc=["mean", "sum"])
#: What a table is -> the table, and its file: every digit, one header row, and an index only if it says something.
TABLES = {
    **{
        kind.__name__: (kind({"code": ["0204", "é"], "v": [0.1 + 0.2, None]}), "code,v\n0204,0.30000000000000004\né,\n")
        for kind in (pd.DataFrame, pl.DataFrame, pa.table)
    },
    "a named index": (pd.DataFrame({"v": [1]}, index=pd.Index(["CHN"], name="economy")), "economy,v\nCHN,1\n"),
    "an index without a name": (pd.DataFrame({"v": [1]}, index=["CHN"]), ",v\nCHN,1\n"),
    "a count": (pd.DataFrame({"v": [1]}), "v\n1\n"),
    **{
        f"levels, {name}": (table, "province,mean gdp 2014,mean gdp 2015,sum gdp 2014,sum gdp 2015\nGD,1.0,2.0,1.0,2.0\nJS,3.0,,3.0,\n")
        for name, table in (("with an index", PIVOT), ("without", PIVOT.reset_index()))
    },
}  # fmt: skip


@pytest.mark.parametrize(("table", "text"), TABLES.values(), ids=TABLES)
def test_the_file_of_a_table(folder, table, text):
    record_table("t", table, caption="Codes")
    assert (folder / "tables" / "t.csv").read_bytes() == text.encode()
    written = text.partition("\n")[0].lstrip(",").split(",")
    assert kept(folder)["tables"]["t"]["columns"][-1] == written[-1]


def test_what_is_no_table_or_figure_is_refused(folder):
    for call, message in (
        (lambda: record_table("t", 5), "int is not a table"),
        (lambda: record_figure("f", "x", alt="text"), "str is not a matplotlib figure"),
        (lambda: record_figure("f", line(), alt=" "), "alternative text"),
        (lambda: record_figure("f", line()), "alternative text"),
        (lambda: record_finding(" "), "give a sentence"),
    ):
        with pytest.raises(LabError, match=message):
            call()


def test_a_figure_of_plots_brings_its_alternative_text(folder):
    figure = line()
    figure.alt_text = "A line from 1 to 2."
    record_figure("own", figure.axes[0])
    assert kept(folder)["images"]["own"]["alt"] == "A line from 1 to 2."
    record_figure("given", figure, alt="Another text")
    assert kept(folder)["images"]["given"]["alt"] == "Another text"


def test_a_figure_is_the_same_bytes_each_time_and_closed(tmp_path, monkeypatch):
    made = []
    for name in ("one", "two"):
        monkeypatch.setenv(files.RUN_DIR, str(tmp_path / name))
        figure = line()
        record_figure("f", figure.axes[0], alt="A line", caption="Rises")
        assert figure.number not in plt.get_fignums()
        made.append({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()})
    assert made[0] == made[1]
    assert set(made[0]) == {"f.svg", "f.png", "results.json"}
    assert not re.search(rb"<dc:date>|Matplotlib v", made[0]["f.svg"])
    assert b"Software" not in made[0]["f.png"]


def test_findings_are_kept_in_order_once(folder):
    for text in ("It **rose**.", "Then it slowed.", "It **rose**."):
        record_finding(text)
    assert kept(folder)["finding"] == ["It **rose**.", "Then it slowed."]


def test_a_crash_while_writing_leaves_what_was_there(folder, monkeypatch):
    record("x", 1.0)

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        record("y", 2.0)
    assert list(kept(folder)["figures"]) == ["x"]


def test_a_reader_sees_words_and_the_file_keeps_the_names(folder):
    table = pd.DataFrame({"base_year": [2015], "p_value": [0.5]}).set_index("base_year")
    shown = to_html(table, "", True)
    assert "base year" in shown
    assert "p value" in shown
    assert "_" not in shown
    # What a pivot calls its columns heads no column.
    long = pd.DataFrame({"k": ["a", "b"], "year": [2015, 2015], "v": [1.0, 2.0]})
    shown = to_html(long.pivot(index="k", columns="year", values="v").reset_index(), "", False)
    assert "<th>k</th>" in shown
    assert "year" not in shown
    record_table("checks", table)
    assert (folder / "tables/checks.csv").read_text(encoding="utf-8").startswith("base_year,p_value")


def test_a_spreadsheet_finds_no_formula_in_a_table_and_every_number(folder):
    formulas = ["=HYPERLINK(1)", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-x", "\t=1", "＝1"]
    texts = [*formulas, "'=1", "a=b", "-1.5", "+6 %", "-", "-1e-9"]
    table = pd.DataFrame(
        {"=name": texts, "number": np.linspace(-2, 2, len(texts))}, index=pd.Index(texts, name="-of")
    )
    record_table("t", table.assign(kind=pd.Categorical(texts)))
    with (folder / "tables" / "t.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    written = [*(f"'{text}" for text in formulas), *texts[6:]]
    assert header == ["'-of", "'=name", "number", "kind"]
    assert [row[0] for row in rows] == [row[1] for row in rows] == [row[3] for row in rows] == written
    assert [float(row[2]) for row in rows] == table["number"].to_list()
