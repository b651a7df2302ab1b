"""Files and panels of firms as people have them: read as the plain one, with a note, or refused; and what a run keeps of a file."""

import gzip
import hashlib
import io
import json
import os
import sys

import pandas as pd
import pytest
from hypothesis import strategies as st

from mic2025lab import analyses, own_files, own_numbers, own_text
from mic2025lab.errors import LabError, TableError
from mic2025lab.own_files import FILES, parse_columns
from mic2025lab.own_panels import panel_problems, read_panel
from mic2025lab.runs import run as runs
from tests.runs.conftest import write_notebook
from tests.test_boundaries import fuzz, pick, tried

NEEDS = ("firm", "industry", "year", "value_added", "labor")
TABLE = pd.DataFrame(
    {
        "firm": ["Société A", "Société A", "b", "b", "007", "007"],
        "industry": ["0610", "0610", "1311", "1311", "6110", "6110"],
        "year": [2014, 2015] * 3,
        "value_added": [1234.5, 1250.25, 0.5, 3.0, 12.0, -7.75],
        "labor": [1200.0, 1300.0, 25.0, 26.0, 1000.0, 999.0],
    }
)
PLAIN = TABLE.to_csv(index=False)
LINES = PLAIN.splitlines()
LEVELS = pd.concat({"": TABLE.set_index(["firm", "industry", "year"])}, axis=1).swaplevel(axis=1)


def lines(*changed):
    return "\n".join(changed).encode()


def each(change, header=str):
    return lines(header(LINES[0]), *map(change, LINES[1:]))


def in_style(separator, decimal, thousands=""):
    """Write the table with other signs between columns, before decimals, and between thousands."""
    shown = TABLE.copy()
    for column in ("value_added", "labor"):
        signs = str.maketrans({".": decimal, ",": thousands})
        shown[column] = [f"{value:,.15g}".translate(signs) for value in shown[column]]
    return shown.to_csv(index=False, sep=separator).encode()


#: Name of the file -> its content, and words of the notes.
READ = {
    "plain": ("a.csv", PLAIN.encode(), ()),
    "quoted": ("a.csv", TABLE.to_csv(index=False, quoting=1).encode(), ()),
    "carriage returns": ("a.csv", PLAIN.replace("\n", "\r\n").encode(), ()),
    "old Macintosh": ("a.csv", PLAIN.replace("\n", "\r").encode(), ()),
    "no last line feed, blank lines": ("a.csv", ("\n\n" + PLAIN.rstrip("\n").replace("b,", "\nb,", 1)).encode(), ()),
    "byte order mark": ("a.csv", PLAIN.encode("utf-8-sig"), ()),
    "UTF-16": ("a.csv", PLAIN.encode("utf-16"), ("UTF-16",)),
    "UTF-16 without a mark": ("a.csv", PLAIN.encode("utf-16-le"), ("UTF-16-LE",)),
    "Latin-1": ("a.csv", PLAIN.encode("latin-1"), ("CP1252, not UTF-8",)),
    "compressed": ("a.csv.gz", gzip.compress(PLAIN.encode()), ()),
    "compressed, semicolons": ("a.csv.gz", gzip.compress(in_style(";", ".")), ("semicolons",)),
    "tabs": ("a.tsv", in_style("\t", "."), ("tabs",)),
    "tabs in .txt, Excel's UTF-16": ("a.txt", in_style("\t", ".").decode().encode("utf-16"), ("UTF-16", "tabs")),
    "vertical bars": ("a.csv", in_style("|", "."), ("vertical bars",)),
    "semicolons": ("a.csv", in_style(";", "."), ("semicolons",)),
    "semicolons and decimal commas": ("a.csv", in_style(";", ","), ("semicolons", "value_added: decimal commas")),
    "quoted decimal commas": ("a.csv", in_style(",", ","), ("decimal commas",)),
    "thousands of the continent": ("a.csv", in_style(";", ",", "."), ("semicolons", "value_added and labor: decimal commas")),
    "thousands with spaces": ("a.csv", in_style(";", ",", "\u202f"), ("semicolons", "value_added: decimal commas", "thousands")),
    "thousands of the islands": ("a.csv", in_style(",", ".", ","), ("value_added and labor: separators of thousands",)),
    "sep= of Excel": ("a.csv", b"sep=;\n" + in_style(";", "."), ("semicolons", "1 row above the header")),
    "spaces in the header": ("a.csv", each(str, lambda head: head.replace(",", " , ")), ()),
    "spaces after separators": ("a.csv", PLAIN.replace(",", ", ").encode(), ()),
    "hard spaces in the header": ("a.csv", each(str, lambda head: head.replace(",", "\u00a0,")), ()),
    "commas at the end of rows": ("a.csv", each(lambda row: row + ","), ("rows end in a separator",)),
    "commas at the end of all rows": ("a.csv", each(lambda row: row + ",,", lambda head: head + ",,"), ()),
    "a title above": ("a.csv", b"Firms of two countries,,,,\n\n" + PLAIN.encode(), ("1 row above the header",)),
    "a title of one cell above": ("a.csv", b"Firms of two countries\n" + PLAIN.encode(), ("1 row above the header",)),
    "units below": ("a.csv", lines(LINES[0], ",,,million CNY,persons", *LINES[1:]), ("1 row of names or units",)),
    "labels and units below": (
        "a.csv",
        lines(LINES[0], "企业,行业,年份,增加值,人数", "-,-,-,万元,人", *LINES[1:]),
        ("2 rows of names or units",),
    ),
    "levels of pandas": ("a.csv", LEVELS.to_csv().encode(), ("3 rows make the header",)),
    "one level of pandas": ("a.csv", lines(",,,value_added,labor", "firm,industry,year,,", *LINES[1:]), ("2 rows make the header",)),
    "headings above": ("a.csv", lines("id,id,id,values,values", *LINES), ("1 row above the header",)),
    "row names of R": ("a.csv", lines(LINES[0], *(f"{n},{row}" for n, row in enumerate(LINES[1:], 1))), ("numbers the rows",)),
    "an index of pandas": ("a.csv", TABLE.to_csv().encode(), ()),
    "footnotes": ("a.csv", (PLAIN + "Source: own survey,,,,\n").encode(), ("left out: 1 row without firm or year",)),
    "years as decimals": ("a.csv", each(lambda row: row.replace(",2014,", ",2014.0,")), ()),
    "true minus sign": ("a.csv", PLAIN.replace("-7.75", "−7.75").encode(), ()),
    "codes without their zero": ("a.csv", PLAIN.replace("0610", "610").encode(), ("leading zero restored in 1 code, such as 0610",)),
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Write a file and read it as a panel of firms."""

    def read(content, name="a.csv", columns=(), needs=NEEDS):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_panel(str(tmp_path / name), columns, needs)

    return read


@pytest.mark.parametrize(("name", "content", "notes"), READ.values(), ids=READ)
def test_a_file_is_read_as_the_plain_one(name, content, notes, read):
    found = read(content, name)
    pd.testing.assert_frame_equal(found.table[list(NEEDS)], TABLE, check_dtype=False)
    assert len(found.notes) == len(notes)
    assert all(note in " | ".join(found.notes) for note in notes), found.notes


REFUSED = {
    "a name for two columns": (each(lambda row: row + ",1", lambda head: head + ",year"), "more than one column named 'year'"),
    "a name that is the same but for a space": (each(lambda row: row + ",1", lambda head: head + ", year"), "named 'year'"),
    "decimal commas without quotes": (PLAIN.replace("1234.5", "1234,5").encode(), "5 names and some rows have 6 fields"),
    "names in the index": (lines(LINES[0].removeprefix("firm,"), *LINES[1:]), "4 names and some rows have 5 fields"),
    "numbers with two readings": (PLAIN.replace("1234.5", '"1,234"').replace("1250.25", '"1,250"').replace("0.5", '"2,345"')
        .replace("-7.75", "7").replace("3.0", "3").replace("12.0", "12").replace(".0\n", "\n").encode(), "row 1, value_added: '1,234'"),
    "two decimal signs in one column": (PLAIN.replace("1234.5", '"1234,5"').encode(), "row 1, value_added: '1234,5'"),
    "identifiers that a spreadsheet shortened": (PLAIN.replace("007", "9.13E+17").encode(), "last digits of these identifiers"),
    "years that are dates": (PLAIN.replace(",2014,", ",2014-12-31,").encode(), "row 1, year: '2014-12-31'"),
    "no row": (b"\n\n", "it has no row"),
    "a page": (b"<!doctype html>\n<html><body>404</body></html>\n", "has no column 'firm'"),
    "not text": (b"PK\x03\x04\0\0\0" * 9, "it is not text"),
}  # fmt: skip


def test_the_second_of_two_columns_can_be_chosen(read):
    content = each(lambda row: row + ",1", lambda head: head + ",labor")
    for chosen, expected in (("labor", TABLE["labor"].tolist()), ("labor (2)", [1.0] * 6)):
        assert read(content, columns=[f"labor={chosen}"]).table["labor"].tolist() == expected


def test_firms_may_be_called_na_and_none_and_a_number_may_be_missing(read):
    names = ["NA", "NULL", "None", "nan", "#N/A", "-"]
    table = pd.concat([TABLE.assign(firm=name) for name in names]).drop_duplicates(["firm", "year"])
    table["industry"] = "NA"
    found = read(table.to_csv(index=False).replace("1250.25", "n/a"))
    assert set(found.table["firm"]) == set(names)
    assert set(found.table["industry"]) == {"NA"}
    assert found.table["value_added"].isna().sum() == 6
    assert any(note.startswith("firm: '#N/A', '-', 'NA', and 3 more in 12 rows") for note in found.notes)


def test_parquet_with_keys_in_its_index_and_codes_as_numbers(read):
    table = TABLE.assign(industry=TABLE["industry"].astype("int64")).set_index(["firm", "year"])
    found = read(table.to_parquet(), "a.parquet")
    pd.testing.assert_frame_equal(found.table[list(NEEDS)], TABLE, check_dtype=False)
    assert found.notes == ["industry: leading zero restored in 1 code, such as 0610"]


def test_workbooks_with_a_title_units_text_numbers_and_two_sheets(tmp_path):
    pytest.importorskip("openpyxl")
    table = TABLE.astype(object)
    table.loc[0, "value_added"], table.loc[1, "labor"] = "1234,5", "n/a"
    rows = pd.DataFrame(
        [["Survey", *[None] * 4], [None] * 5, [*NEEDS], [None, None, None, "million", "persons"]],
        columns=list(NEEDS),
    )
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.concat([rows, table[list(NEEDS)]]).to_excel(book, sheet_name="Firms", header=False, index=False)
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="Notes")
    found = read_panel(str(tmp_path / "a.xlsx"), {}, NEEDS)
    expected = TABLE.assign(labor=TABLE["labor"].mask(TABLE.index == 1))[list(NEEDS)]
    pd.testing.assert_frame_equal(found.table[list(NEEDS)], expected, check_dtype=False)
    assert found.notes[0] == "read from the first of 2 sheets, 'Firms'"
    assert "1 row of names or units" in " ".join(found.notes)


def test_a_workbook_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    TABLE.to_excel(tmp_path / "a.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TableError, match=r'is not installed.*pip install "mic2025lab\[files\]"'):
        own_files.read_table(tmp_path / "a.xlsx", [], [])


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_a_file_whose_name_is_not_utf_8(read):
    for encoded, name in (("gbk", "企业.csv"), ("latin-1", "Société.csv"), ("utf-8", "企业.csv")):
        found = read(PLAIN, os.fsdecode(name.encode(encoded)))
        assert found.name == name
        found.label.encode()


def test_chinese_in_the_encoding_of_a_chinese_windows(read):
    found = read(PLAIN.replace("Société A", "汽车制造有限公司").replace(",b", ",b镕基").encode("gbk"))
    assert "汽车制造有限公司" in set(found.table["firm"])
    assert "GB18030" in found.notes[0]


def test_what_is_unusual_far_below_the_head_is_seen(read):
    years = range(1000, 9000)
    rows = [f"firm {firm},0610,{year},1.5,20" for firm in range(4) for year in years]
    assert len("\n".join(rows)) > own_text.HEAD
    with pytest.raises(TableError, match=r"1 problem:\n  row 32001, value_added: '2,5'"):
        read(lines(LINES[0], *rows, 'Soci\xe9t\xe9,0610,2015,"2,5",3').replace("é".encode(), b"\xe9"))
    with pytest.raises(TableError, match="line 32002"):
        read(lines(LINES[0], *rows, "x,0610,2015,2,3,4"))


def test_what_types_lose_is_said():
    assert own_numbers.read_names(pd.Series([26.1, 26.11]), "industry", "a")[1][0].startswith(
        "industry: stored as decimal"
    )
    for lost in (pd.Series([1e17, 2e17]), pd.Series(["1,5E+17", "x"])):
        with pytest.raises(TableError, match="last digits of these identifiers are lost"):
            own_numbers.read_names(lost, "firm", "a")


def test_codes_of_two_levels_stay_as_they_are():
    levels = pd.Series(["13", "131", "132", "14", "141"])
    codes, notes = own_numbers.restore_zeros(levels, "industry")
    assert codes.tolist() == levels.tolist()
    assert "stay as they are" in notes[0]
    assert own_numbers.restore_zeros(pd.Series(["a", "10", "9"]), "industry")[1] == []
    codes, notes = own_numbers.restore_zeros(pd.Series(["7", "1311", None]), "industry")
    assert codes[0] == "7"
    assert notes


@pytest.mark.parametrize(
    "path", ["~nosuchuser/a.csv", "x" * 300 + ".csv", "a\0b.csv", "/" + "y/" * 3000 + "a.csv"]
)
def test_a_path_that_cannot_be_opened_is_refused(path):
    (said,) = panel_problems(path, [], NEEDS)
    assert "leave path out" in said


PIECES = [
    *(bytes([byte]) for byte in b',;\n\r"\0\xff'),
    b"1,5",
    b"1.234",
    b"9" * 400,
    b"firm",
    b"\xe4\xbc\x81",
]


@pytest.mark.filterwarnings("ignore::UnicodeWarning")
@fuzz
def test_no_damaged_file_gives_an_error_without_a_type(data, read):
    stata = io.BytesIO()
    TABLE.to_stata(stata, write_index=False, version=118)
    binary = [("a.parquet", TABLE.to_parquet()), ("a.dta", stata.getvalue())]
    whole = [case[:2] for case in READ.values()] + [("a.csv", case[0]) for case in REFUSED.values()]
    name, content = pick(data, pick(data, [binary, whole]))
    edit = st.tuples(st.integers(0, len(content) - 1), st.sampled_from(PIECES), st.integers(0, 8))
    for at, piece, gone in data.draw(st.lists(edit, max_size=10)):
        content = content[:at] + piece + content[at + gone :]
    tried(lambda: read(content, name))


PANEL = ("firm", "year", "value_added")
ROWS = "id,anno,va,other\n007,2010,1.5,a\n007,2011,2.5,b\n8,2010,3,c\n8,2011,4,d\n"
COLUMNS = {"firm": "id", "year": "anno", "value_added": "va"}
GIVEN = [f"{ours}={theirs}" for ours, theirs in COLUMNS.items()]


@pytest.fixture
def csv(tmp_path):
    file = tmp_path / "plants.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def test_a_csv_is_read_under_our_names_and_identifiers_stay_text(csv):
    found = read_panel(str(csv), COLUMNS, PANEL)
    assert found.table.to_dict("list") == {
        "firm": ["007", "007", "8", "8"], "year": [2010, 2011, 2010, 2011], "value_added": [1.5, 2.5, 3.0, 4.0],
    }  # fmt: skip
    assert not found.simulated
    assert (found.name, found.label) == ("plants.csv", "plants.csv: 2 firms, 2010–2011")
    assert found.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()
    assert found.notes == []
    assert (found.named("x"), found.titled("A title")) == ("x", "A title")


def test_numbers_as_identifiers_become_text_without_a_decimal_point(read):
    table = pd.DataFrame({"firm": [1.0, 1.0, 42.0, None], "year": [1, 2, 1, 1], "value_added": 1})
    found = read(table.to_parquet(), "a.parquet", needs=PANEL)
    assert found.table["firm"].tolist() == ["1", "1", "42"]
    assert found.notes == ["left out: 1 row without firm or year"]


def test_the_simulated_panel_says_so_everywhere():
    found = read_panel("simulated", {}, PANEL, seed=3)
    assert found.simulated
    assert found.table["simulated"].all()
    assert found.label == "Simulated panel, seed 3: not real firms"
    assert (found.name, found.sha256) == ("simulated", None)
    assert (found.named("x"), found.titled("A title")) == ("simulated_x", "Simulated firms: A title")
    again = read_panel("simulated", {}, PANEL, seed=4).table
    assert not found.table["value_added"].equals(again["value_added"])


def test_a_file_of_simulated_firms_is_simulated(read):
    found = read(read_panel("simulated", {}, PANEL).table.to_csv(index=False), needs=PANEL)
    assert found.simulated
    assert found.label.endswith("simulated: not real firms")


def test_one_column_may_serve_twice_and_names_may_be_swapped(read):
    columns = {"labor": "capital", "capital": "labor", "materials": "labor"}
    found = read(
        "firm,year,labor,capital\na,1,10,20\na,2,11,21\nb,1,12,22\n", columns=columns, needs=["firm", "year"]
    )
    assert found.table.loc[0, ["labor", "capital", "materials"]].tolist() == [20, 10, 10]


def test_infinite_numbers_become_missing_and_it_is_said(read):
    found = read(ROWS.replace("1.5", "inf"), columns=COLUMNS, needs=PANEL)
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
        *((content, {}, words) for content, words in REFUSED.values()),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_would_be_right(read, tmp_path, text, columns, words):
    with pytest.raises(LabError) as caught:
        read(text, "plants.csv", columns, PANEL if columns else NEEDS)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500
    assert str(tmp_path) not in str(caught.value)


def test_problems_of_a_path_and_its_columns(csv):
    assert parse_columns([" firm = id ", "value_added=a=b"]) == {"firm": "id", "value_added": "a=b"}
    assert list(panel_problems(str(csv), GIVEN, PANEL)) == []
    assert list(panel_problems("simulated", [], PANEL)) == []
    for path, given, words in (
        (str(csv), [], "has no column 'firm', 'year', 'value_added'"),
        (str(csv), ["firm"], "columns includes 'firm'; write each as ours=theirs"),
        (str(csv), ["firm=id", "firm=va"], "names 'firm' twice"),
        (str(csv.with_name("plant.csv")), GIVEN, "Did you mean 'plants.csv', which is in the same folder?"),
        (str(csv.parent), GIVEN, "does not end in .csv, .csv.gz, .tsv, .txt, .parquet, .xlsx, .dta"),
        (str(csv.parent / "none" / "a.csv"), GIVEN, "does not exist"),
        ("simulated", GIVEN, "leave columns out"),
    ):
        (said,) = panel_problems(path, given, PANEL)
        assert words in said
    assert next(iter(panel_problems("simulated", [], ["tobins_q"]))).startswith(
        "Unknown column 'tobins_q' of the simulated panel"
    )


def test_the_base_year_is_checked_against_the_years_of_the_file(csv):
    csv.write_text(ROWS + "8,2012,5,e\n")
    assert list(panel_problems(str(csv), GIVEN, PANEL, 2011)) == []
    (said,) = panel_problems(str(csv), GIVEN, PANEL, 2012)
    assert "base_year = 2012" in said
    assert "plants.csv, 2010 and 2012" in said
    csv.write_text(ROWS.replace("2011", "MMXI"))
    (said,) = panel_problems(str(csv), GIVEN, PANEL, 2011)
    assert "year: 'MMXI'" in said


CELL = """
import mic2025lab as lab
from mic2025lab.own_panels import read_panel
panel = read_panel(path, columns, ["firm", "year", "value_added"])
lab.record(panel.named("total"), panel.table["value_added"].sum(), note=panel.label)
"""


def test_the_content_of_a_file_names_the_run_and_its_folder_does_not(tmp_path, monkeypatch):
    """An analysis of the package that reads a panel keeps its name, which may be bytes of another encoding, and no folder."""
    notebook = write_notebook(tmp_path / "reads.ipynb", [CELL], None, 'path = "simulated"\ncolumns = []')
    monkeypatch.setitem(analyses.ANALYSES, "reads", notebook)
    raw, name = (b"plants.csv", "plants.csv") if os.name == "nt" else (b"\xc6\xf3\xd2\xb5.csv", "企业.csv")
    file, elsewhere = (tmp_path / place / os.fsdecode(raw) for place in ("", "other"))
    elsewhere.parent.mkdir()
    monkeypatch.chdir(tmp_path)
    for each in (file, elsewhere):
        each.write_text(ROWS)
    ids = [
        runs.prepare("reads", {"path": str(path), "columns": GIVEN}).run_id
        for path in (file, elsewhere, f"./{file.name}")
    ]
    result = runs.run("reads", {"path": f"./{file.name}", "columns": GIVEN}, reports=tmp_path / "reports")
    assert result.status == "done", result.error
    assert {*ids, result.request.run_id} == {ids[0]}
    manifest, figures = (
        json.loads((result.folder / file).read_text(encoding="utf-8"))
        for file in ("run.json", "results.json")
    )
    assert manifest["files"] == {name: hashlib.sha256(ROWS.encode()).hexdigest()}
    assert manifest["parameters"]["path"] == name
    total = figures["figures"]["total"]
    assert (total["value"], total["note"]) == (11.0, f"{name}: 2 firms, 2010–2011")
    assert manifest["files"][name][:12] in (result.folder / "notebook.html").read_text(encoding="utf-8")
    kept = [path for path in result.folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if str(tmp_path).encode() in path.read_bytes()]
    file.write_text(ROWS.replace("1.5", "1.6"))
    assert runs.prepare("reads", {"path": str(file), "columns": GIVEN}).run_id != ids[0]
    assert runs.prepare("reads", {}).files == {}


def test_a_file_that_changes_while_the_run_is_made_fails_it(csv, monkeypatch):
    monkeypatch.setenv(FILES, json.dumps({"plants.csv": {"path": str(csv), "sha256": own_files.digest(csv)}}))
    assert len(read_panel("plants.csv", COLUMNS, PANEL).table) == 4
    csv.write_text(ROWS + "9,2011,5,e\n")
    with pytest.raises(TableError, match=r"plants.csv has changed since this run was requested"):
        read_panel("plants.csv", COLUMNS, PANEL)
