"""The catalogue serves a table only if its bytes are right, and says what would have worked."""

import hashlib
import json
import shutil

import pytest

from mic2025lab import catalog
from mic2025lab.errors import ChecksumError, LabError, UnknownName
from mic2025lab.sources import TABLES


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
    for words in (entry.sha256, hashlib.sha256(raw).hexdigest(), "mic2025lab data build value_added"):
        assert words in str(caught.value)
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
    assert (
        catalog.load("value_added", year=lambda year: year % 2 == 0)["year"].isin(range(2002, 2023, 2)).all()
    )
    assert list(catalog.load("value_added", columns=["year", "value"]).columns) == ["year", "value"]


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
    text, page = str(entry), entry._repr_html_()
    for word in ("million", "2002", "License", entry.sha256):
        assert word in text
    assert entry.warnings
    assert "<script" not in page


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
