"""The user's own tables: registered or named in the project, checked row by row, loaded, described, and part of every run that loads them."""

import pandas as pd
import pyreadstat
import pytest

import mic2025lab as lab
from mic2025lab import catalog, own_tables, project
from mic2025lab.catalog import own
from mic2025lab.errors import LabError, TableError, UnknownName
from tests.runs.conftest import call, has

EXPORTS = "exporter,product,year,value\nCHN,010121,2015,3\nNA,850760,2015,4.5\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty working folder, and no table registered by another test."""
    monkeypatch.setattr(own, "_registered", dict(own._registered))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(tmp_path):
    def write(content, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def loaded(path, **options):
    lab.register("mine", path, unit="USD", **options)
    return lab.load("mine")


def test_a_registered_table_is_one_like_others(file):
    lab.register("mine", file(EXPORTS), unit="million USD", title="Exports", license="of my ministry")
    entry = lab.describe("mine")
    assert (entry.unit, entry.key, entry.rows) == ("million USD", ("exporter", "product", "year"), 2)
    assert entry.coverage["year"] == [2015, 2015]
    assert entry.where == "own"
    has(str(entry) + entry._repr_html_(), "of my ministry", "<h3>mine: Exports")
    assert lab.load("mine", exporter="NAM", columns=["value"])["value"].tolist() == [4.5]
    assert "mine" in set(lab.datasets()["name"])
    with pytest.raises(UnknownName, match="'CHN'"):
        lab.load("mine", exporter="CNH")


def test_a_frame_is_registered_and_not_changed():
    frame = pd.DataFrame({"Country": ["China"], "year": [2015.0], "value": [1]})
    assert loaded(frame, columns={"economy": "Country"}).to_dict("records") == [
        {"economy": "CHN", "year": 2015, "value": 1.0}
    ]
    assert list(frame) == ["Country", "year", "value"]


WRITE = {
    "dta": lambda frame, path: frame.to_stata(path, write_index=False),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
    "sav": lambda frame, path: pyreadstat.write_sav(frame, str(path)),
    "parquet": pd.DataFrame.to_parquet,
}


@pytest.mark.parametrize("kind", WRITE)
def test_files_of_other_programs(kind, tmp_path):
    rows = {"land": ["China", "NA"], "hs6": [10121, 850760], "year": [2015, 2016], "value": [1.5, 2.0]}
    WRITE[kind](pd.DataFrame(rows), tmp_path / f"mine.{kind}")
    table = loaded(tmp_path / f"mine.{kind}", columns={"exporter": "land", "product": "hs6"})
    assert table.to_dict("list") == {
        "exporter": ["CHN", "NAM"], "product": ["010121", "850760"], "year": [2015, 2016], "value": [1.5, 2.0],
    }  # fmt: skip
    assert table["year"].dtype == "int64"


def test_a_semicolon_file_in_gbk_with_decimal_commas(file):
    text = "国家;行业;年份;出口\n中国;汽车;2015;1.234,5\n德国;汽车;2015;2\n"
    names = {"economy": "国家", "industry": "行业", "year": "年份", "value": "出口"}
    with pytest.raises(TableError, match="row 1, economy: '中国'"):
        loaded(file(text.encode("gbk")), columns=names)
    text = text.replace("中国", "China").replace("德国", "Germany")
    table = loaded(file(text.encode("gbk")), columns=names)
    assert table["value"].tolist() == [1234.5, 2]
    assert table["industry"].tolist() == ["汽车", "汽车"]


def test_codes_and_names_keep_what_spreadsheets_lose(file):
    table = loaded(file("exporter,product,year,value\nNA,10121,2015,1\n842,850760,2015,2\nUK,870323,2015,\n"))
    assert table["exporter"].tolist() == ["NAM", "USA", "GBR"]
    assert table["product"].tolist() == ["010121", "850760", "870323"]
    assert table["value"].isna().tolist() == [False, False, True]
    sections = loaded(file("product,year,value\n0,2015,1\n7,2015,2\n"))
    assert sections["product"].tolist() == ["0", "7"]
    assert loaded(file("product,year,value\n1,2015,1\n85,2015,2\n"))["product"].tolist() == ["01", "85"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no row"]),
        ("economy,year,value\n", ["no row"]),
        ("economy,year,value\nCHN,2015,1\nTotal,2015,1\n", ["row 2", "'Total'", "WLD"]),
        ("economy,year,value\nCHN,2015,1\nTotal,,1\n", ["row 2", "year", "empty"]),
        ("economy,year,value\nChnia,2015,1\nCHN,2015,1\n", ["row 1", "'Chnia'", "'China'"]),
        ("economy,year,value\nCHN,2015.5,1\n", ["row 1", "year", "2015.5"]),
        ("economy,year,value\nCHN,2015,1\nCHN,2015,2\n", ["row 2", "CHN, 2015", "row 1"]),
        ("economy,industry,year,value\nCHN,,2015,1\nCHN,,2015,2\n", ["row 2", "CHN, empty, 2015", "row 1"]),
        ("economy,year,value\nCHN,2015,many\nDEU,2015,3\n", ["row 1", "value", "'many'"]),
        ("product,year,value\n850760,2015,1\n010121,2015,2\nTotal,2015,3\n", ["row 3", "'Total'"]),
        ("economy,year,value,unit\nCHN,2015,1,EUR\n", ["EUR", "unit is 'USD'"]),
        (own_tables.template("trade"), ["row 1", "example"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_row(file, text, words):
    with pytest.raises(TableError) as error:
        loaded(file(text))
    assert all(word in str(error.value) for word in words), str(error.value)


def test_frames_as_they_come():
    rows = pd.DataFrame({"economy": ["CHN", "DEU"], "year": [2015, 2016], "value": [1.0, 2.0]})
    for frame in (rows.set_index(["economy", "year"]), rows.astype({"economy": "category", "year": "Int64"})):
        pd.testing.assert_frame_equal(loaded(frame), rows)
    assert list(loaded(pd.concat([rows, rows["value"]], axis=1))) == [*rows, "value (2)"]
    assert loaded(pd.DataFrame({"value": [1.0, 1.0]}))["value"].tolist() == [1.0, 1.0]  # no key, no row twice
    for wrong in ({"columns": ["a=b"]}, {"share": "yes"}):
        with pytest.raises(LabError, match="must be"):
            lab.register("mine", rows, **wrong)
    with pytest.raises(LabError, match="is not a table"):
        lab.register("mine", [1])
    for name in ("value_added", "baci", "Mine", "a b", "../x"):
        with pytest.raises(LabError, match="name"):
            lab.register(name, rows)


def test_tables_of_the_project(file, tmp_path, monkeypatch):
    (tmp_path / project.FILE).write_text(
        "tables:\n mine: {file: mine.csv, unit: USD}\n bad: {file: none.csv}\n"
    )
    file(EXPORTS)
    monkeypatch.chdir(tmp_path)
    assert len(lab.load("mine")) == 2
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert lab.register("again", "mine.csv").rows == 2
    with pytest.warns(UserWarning, match=r"'bad'.*does not exist"):
        assert "mine" in catalog.catalog()
    (tmp_path / project.FILE).write_text("tables:\n mine: {file: mine.csv, units: USD}\n")
    with pytest.raises(LabError, match=r"'units'.*'unit'"):
        lab.load("mine")


def test_the_sha256_is_that_of_the_rows(file):
    path = file(EXPORTS)
    lab.register("one", path)
    lab.register("two", file(EXPORTS.replace(",", ";").replace("4.5", "4,5"), "b.csv"))
    before = lab.describe("one").sha256
    assert lab.describe("two").sha256 == before
    path.write_text(EXPORTS + "DEU,850760,2015,7\n")
    assert len(lab.load("one")) == 3
    assert lab.describe("one").sha256 != before


@pytest.mark.parametrize("form", own_tables.FORMS)
def test_a_template_passes_once_its_examples_are_replaced(here, form):
    call("data", "template", form)
    call("data", "template", form, status=2)  # the file exists
    has(call("data", "check", f"{form}.csv", "--as", form, status=2).output, "note: 2 problems")
    text = (here / f"{form}.csv").read_text()
    (here / f"{form}.csv").write_text(text.replace(own_tables._EXAMPLE, ""))
    has(call("data", "check", f"{form}.csv", "--as", form).output, "2 rows are valid")


def test_each_kind_is_counted_and_the_first_twenty_are_listed(here):
    rows = [f"Nowhere{n},2015,{n}" for n in range(30)] + ["CHN,2015.5,1", "DEU,2016,x"]
    (here / "a.csv").write_text("economy,year,value\n" + "\n".join(rows))
    result = call("data", "check", "a.csv", status=2)
    has(result.output, "economy: 30 problems, the first 20", "row 31, year: 2015.5", "row 32, value: 'x'")
    assert result.output.count("Nowhere") == 20


def test_columns_of_the_command_and_of_the_project(here):
    (here / "a.csv").write_text("Country,Year,Exports,note\nChina,2015,1,x\n")
    has(call("data", "check", "a.csv", "--as", "market_shares", status=2).output, "'industry'")
    call("data", "check", "a.csv", "--columns", "economy=Country,year=Year,value=Exports")
    (here / project.FILE).write_text("tables: {mine: {file: a.csv, columns: {economy: Country, year: Year}}}")
    has(call("data", "check", "a.csv").output, "read: economy, year")


@pytest.mark.parametrize(
    "words", [("check", "none.csv"), ("check", "a.csv", "--as", "trad"), ("template", "trad")]
)
def test_what_does_not_exist(here, words):
    (here / "a.csv").write_text("x\n1\n")
    output = call("data", *words, status=2).output
    assert "Did you mean 'trade'" in output or "does not exist" in output


def test_a_project_is_found_from_a_folder_inside_it(tmp_path, monkeypatch):
    (tmp_path / project.FILE).write_text("reports: out\ntables: {mine: {file: data/mine.csv, unit: USD}}\n")
    inside = tmp_path / "notebooks" / "drafts"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    found = project.find()
    assert (found.root, found.reports, found.plan) == (tmp_path, tmp_path / "out", tmp_path / "plan.yml")
    assert found.tables == {"mine": {"file": "data/mine.csv", "unit": "USD"}}
    assert project.find(tmp_path.parent) is None
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv(project.FOLDER, str(tmp_path))  # in the kernel of a run, which works elsewhere
    assert project.find().root == tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plans: plan.yml", ["'plans'", "plan"]),
        ("vintages: weo-2025-10", ["vintages", "'weo-2025-10'"]),
        ("- plan.yml", ["['plan.yml']"]),
        ("tables: {mine: data.csv}", ["'mine'", "'data.csv'", "file:"]),
        ("plan: [", ["not YAML"]),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, words):
    (tmp_path / project.FILE).write_text(text)
    with pytest.raises(LabError) as error:
        project.find(tmp_path)
    assert all(word in str(error.value) for word in words)
