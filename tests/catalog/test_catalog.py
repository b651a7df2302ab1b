"""The catalog serves a table only if its bytes are right, says what would have worked, and lists every table with the way to get it."""

import hashlib
import json
import shutil
from datetime import date

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.errors import ChecksumError, LabError, UnknownName
from mic2025lab.sources import TABLES
from mic2025lab.sources.source import Origin
from tests.runs.conftest import call, has

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the committed tables that a test may damage."""
    folder = tmp_path / "data"
    shutil.copytree(catalog.data_dir(), folder)
    monkeypatch.setenv("MIC2025LAB_DATA", str(folder))
    return folder


def test_every_committed_table_loads_and_is_as_described():
    for name, entry in catalog.catalog().items():
        if entry.where != "embedded":
            continue
        frame = catalog.load(name, **({"vintage": "all"} if entry.vintage_column else {}))
        assert len(frame) == entry.rows, name
        assert list(frame.columns) == list(entry.columns), name
        assert not frame.duplicated(list(entry.key)).any(), name
        assert entry.origins, name
        assert all(origin.citation and origin.license for origin in entry.origins), name
        if "year" in entry.coverage and "year" in frame:
            assert entry.coverage["year"] == [frame["year"].min(), frame["year"].max()], name


def test_a_csv_with_converted_line_endings_is_served_and_another_change_is_not(copied):
    before = catalog.load("sectors")
    path = copied / catalog.describe("sectors").file
    converted = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(converted)
    assert catalog.load("sectors").equals(before)
    path.write_bytes(converted.replace(b"aerospace", b"aerospaca", 1))
    with pytest.raises(ChecksumError):
        catalog.load("sectors")


def test_a_user_without_a_home_folder_has_the_tables_of_the_package(monkeypatch):
    def nowhere(*args, **kwargs):
        raise RuntimeError("could not determine the home directory for '~/.cache'; set an absolute path")

    monkeypatch.delenv("MIC2025LAB_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", nowhere)
    assert len(catalog.load("sectors")) == 10
    assert set(catalog.datasets()["where"]) == {"embedded", "not here"}
    with pytest.raises(LabError, match=r"could not determine the home directory.*Set MIC2025LAB_CACHE"):
        catalog.scan("baci")


def test_only_what_may_be_redistributed_is_committed():
    folder = catalog.data_dir()
    content = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    entries, embedded = content["tables"], {name: table for name, table in TABLES.items() if table.embedded}
    assert content["format"] == 1
    assert list(entries) == sorted(embedded)
    for name, entry in entries.items():
        terms = {entry["redistributable"], *(origin["redistributable"] for origin in entry["origins"])}
        assert terms <= {"yes", "attribution"}, name
        assert entry["built_by"] == embedded[name].built_by
        assert entry["warnings"][: len(embedded[name].warnings)] == list(embedded[name].warnings)
    kept = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert kept == {"catalog.json", *(entry["file"] for entry in entries.values())}


def test_a_changed_byte_is_refused_with_both_checksums_and_the_remedy(copied):
    entry = catalog.describe("value_added")
    path = copied / entry.file
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ChecksumError) as caught:
        catalog.load("value_added")
    has(str(caught.value), entry.sha256, hashlib.sha256(raw).hexdigest(), "mic2025lab data build value_added")
    assert "git checkout" not in str(caught.value)  # no repository holds this copy
    path.unlink()
    with pytest.raises(ChecksumError, match=r"missing.*mic2025lab data build value_added"):
        catalog.load("value_added")


def test_no_catalogue_says_how_to_build_one(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_DATA", str(tmp_path))
    with pytest.raises(LabError, match="mic2025lab data build"):
        catalog.datasets()


def test_filters():
    frame = catalog.load("value_added", economy=["CHN", "USA"], industry="aerospace", year=slice(2015, 2022))
    assert set(frame["economy"]) == {"CHN", "USA"}
    assert frame["year"].min() == 2015
    assert frame["year"].max() == 2022
    assert list(frame.index) == list(range(16))
    even = catalog.load("value_added", year=lambda year: year % 2 == 0)["year"]
    assert set(even) == set(range(2002, 2023, 2))
    assert list(catalog.load("value_added", columns=["year", "value"]).columns) == ["year", "value"]
    assert len(catalog.load("us_tariff_lists", columns=[])) == len(catalog.load("us_tariff_lists"))


@pytest.mark.parametrize("vintage", [None, "11.0", "all", ["11.0", "10.01"]])
def test_some_columns_are_those_of_the_whole_table(vintage):
    whole = catalog.load("national_accounts", vintage=vintage, year=2015)
    some = catalog.load("national_accounts", vintage=vintage, year=2015, columns=["xr", "economy"])
    pd.testing.assert_frame_equal(some, whole[["xr", "economy"]])
    assert some.attrs["units"] == {"xr": whole.attrs["units"]["xr"]}


@pytest.mark.parametrize(
    ("name", "asked", "message"),
    [
        ("value_aded", {}, r"Unknown table 'value_aded'\. Did you mean 'value_added'\?"),
        (
            "value_added",
            {"econmy": "CHN"},
            r"Unknown column of value_added 'econmy'\. Did you mean 'economy'\?",
        ),
        ("value_added", {"economy": "CHINA"}, r"Unknown economy in value_added 'CHINA'"),
        ("value_added", {"columns": ["vale"]}, r"Did you mean 'value'\?"),
        ("world_economy", {"vintage": "weo-2020-04"}, "vintage of world_economy"),
    ],
)
def test_unknown_names(name, asked, message):
    with pytest.raises(UnknownName, match=message):
        catalog.load(name, **asked)


def test_the_default_is_one_vintage_and_all_can_be_asked_for():
    one = catalog.load("world_economy")
    every = catalog.load("world_economy", vintage="all")
    assert one["vintage"].nunique() == 1
    assert every["vintage"].nunique() == len(catalog.describe("world_economy").vintages) > 1
    with pytest.raises(LabError, match="only one vintage"):
        catalog.load("sectors", vintage="2020")


def test_describe_shows_what_a_reader_needs():
    entry = catalog.describe("value_added")
    has(str(entry), "million", "2002", "License", entry.sha256)
    assert entry.warnings
    assert "<script" not in entry._repr_html_()
    # Two words are no span.
    has(str(catalog.describe("targets")), "year: 2013 to 2025", "scope: 2 (headline, sector)")


def test_a_load_is_noted_for_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_RUN_DIR", str(tmp_path))
    catalog.load("sectors")
    line = json.loads((tmp_path / "loaded.jsonl").read_text())
    assert line == {"table": "sectors", "sha256": catalog.digest("sectors"), "vintage": None}


def test_the_old_spelling_of_license_works_and_warns(copied):
    path = copied / "catalog.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"license":', '"licence":'), encoding="utf-8")
    origin = catalog.describe("sectors").origins[0]
    with pytest.warns(DeprecationWarning, match="license"):
        assert origin.licence == origin.license != ""


def test_every_table_is_listed_with_where_it_is_and_how_to_get_it():
    tables = lab.datasets().set_index("name")
    assert set(tables.index) >= {*TABLES, "baci"}
    here = tables["where"] != "not here"
    assert set(tables.index[here]) >= {name for name, table in TABLES.items() if table.embedded}
    assert tables.loc[here, "rows"].min() > 0
    assert tables["license"].str.len().min() > 2
    assert tables.loc[~here, "get"].str.startswith("mic2025lab data ").all()
    # A file without a public address is named, because the command alone would fail.
    assert "chips-trade-2012-2024/" in tables.loc["chip_trade", "get"]
    assert tables.loc["robots", "get"] == "mic2025lab data build robots"


def test_a_raw_file_that_is_there_need_not_be_brought(monkeypatch, tmp_path):
    source, (path, *_) = TABLES["chip_trade"].inputs[0]
    monkeypatch.setenv("MIC2025LAB_MIRROR", str(tmp_path))
    assert path in catalog.describe("chip_trade").get
    (tmp_path / source.id / path).parent.mkdir(parents=True)
    (tmp_path / source.id / path).touch()
    assert catalog.describe("chip_trade").get == "mic2025lab data build chip_trade"


@pytest.mark.parametrize("name", ["chip_trade", "baci"])
def test_a_table_that_is_not_here_is_described_and_not_loaded(name):
    entry = lab.describe(name)
    assert entry.where == "not here"
    for text in (str(entry), entry._repr_html_()):
        has(text, entry.title, entry.get.split(",")[0], "value")
        assert "sha256" not in text
    for ask in (catalog.load, catalog.digest):
        with pytest.raises(LabError, match=f"mic2025lab data .*{name}"):
            ask(name)


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_no_text_is_cut(columns, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", str(columns))
    tables = lab.datasets()
    assert isinstance(lab.claims(tmp_path), type(tables))
    page, text = tables._repr_html_(), " ".join(repr(tables).split())
    for row in tables.to_dict("records"):
        assert row["name"] in text
        assert f'<td style="text-align:left;vertical-align:top">{row["name"]}</td>' in page
        assert row["title"].replace("&", "&amp;").replace("<", "&lt;") in page
    longest = max(tables["title"], key=len)
    assert all(word in text for word in longest.split())
    assert max(map(len, repr(tables[["name", "title"]]).splitlines())) <= columns
    assert "…" not in page + text
    assert "..." not in page + text


def test_lists_of_codes():
    assert tuple(lab.sectors()["sector"]) == sectors.slugs()
    assert set(lab.economies()["economy"]) >= {*economies.ECONOMIES, "WLD", "EU27"}
    found = lab.industries()
    assert not found.duplicated(["industry", "table"]).any()
    lists = {"value_added": industries.VALUE_ADDED, "capacity_utilization": industries.CAPACITY}
    for table, names in lists.items():
        codes = found.loc[found["table"] == table, "industry"]
        assert set(codes) == set(names)
        assert set(codes) <= set(lab.load(table)["industry"])


def test_an_index_with_a_name_is_shown_and_what_pandas_makes_is_shown_in_full_too():
    named = lab.sectors().set_index("sector")[["name"]].sort_values("name").head(3)
    assert named.index[0] in repr(named)
    assert named.index[0] in named._repr_html_()
    few = lab.sectors().query("number < 3")[["sector", "number"]]
    assert repr(few).splitlines()[0].split() == ["sector", "number"]
    assert repr(lab.sectors().iloc[:0]).split() == list(lab.sectors().columns)


def test_no_raw_file_of_a_table_is_without_an_answer(tmp_path):
    told = catalog.sources()
    files = [path for table in TABLES.values() for _, paths in table.inputs for path in paths]
    assert len(told) == len(files)
    assert set(told["table"]) == set(TABLES)
    assert set(told["how"]) <= {"package", "address", "by hand", "not"}
    assert told.loc[told["how"].isin(["address", "by hand"]), "address"].str.startswith("http").all()
    assert (told.loc[told["how"].isin(["by hand", "not"]), "note"].str.len() > 20).all()
    assert told["folder"].str.startswith(str(tmp_path / "cache")).all()
    assert not told["file"].str.contains("/").any()


def test_a_file_to_be_made_names_the_repository_and_the_steps():
    told = catalog.sources(["official_manufacturing"]).iloc[0]
    assert told["how"] == "by hand"
    assert told["address"] == (
        "https://github.com/gpetrini/Deflating_WIOD_Tables/tree/79fce08c14fc2e2ab4ccd18fb8789dd7d8100fb5"
    )
    assert "to UTF-8 and CSV" in told["note"]


def test_status_tells_age_vintages_and_what_is_in_use(tmp_path, monkeypatch):
    origin = Origin("W", "T", "2026", None, "L", "attribution", "C", "2026-11-28", {})
    keep_vintage("steel", catalog.load("steel"), "ws-2026", origin)
    row = catalog.status(["steel"], today=date(2026, 12, 1)).iloc[0]
    assert (row["last"], row["age"], row["retrieved"], row["days"]) == (2018, 8, "2026-11-24", 7)
    assert (row["in_use"], row["vintages"]) == ("", "embedded, ws-2026")
    (tmp_path / "mic2025lab.yml").write_text("vintages: {steel: ws-2026}\n")
    monkeypatch.chdir(tmp_path)
    row = catalog.status(["steel"], today=date(2026, 12, 1)).iloc[0]
    assert (row["in_use"], row["retrieved"], row["days"]) == ("ws-2026", "2026-11-28", 3)


def test_status_lists_every_table_and_how_to_get_those_that_are_not_here():
    table = catalog.status()
    assert set(TABLES) <= set(table["table"])
    assert table.set_index("table").loc["world_economy", "refresh"] == "mic2025lab data fetch world_economy"
    assert table.loc[table["where"] == "not here", "get"].str.contains("mic2025lab data").all()
    with pytest.raises(UnknownName, match="Did you mean 'steel'"):
        catalog.status(["steal"])


def test_the_command_prints_text_and_json():
    assert json.loads(call("data", "status", "steel", "--json").output)[0]["table"] == "steel"
    told = call("data", "status", "--sources", "value_added", "targets").output
    has(told, "1 from public addresses", "1 with files that nobody publishes")
