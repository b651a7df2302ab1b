"""The replication archive: written, moved to an empty machine's folder, read back, and its tables built from it alone."""

import hashlib
import json
import zipfile

import pandas as pd
import pytest

import mic2025lab.catalog.archive as archives
import mic2025lab.catalog.build as building
from mic2025lab import catalog
from mic2025lab.errors import LabError, SourceError, UnknownName
from mic2025lab.sources import TABLES
from mic2025lab.sources.source import Source
from tests.catalog.conftest import table_of
from tests.runs.conftest import call, has

TEXT = "year,value\n2020,1.5\n"


def source(name, terms, **more):
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    return Source(name, f"Producer of {name}", f"Title of {name}", "1", "https://example.org", f"License of {name}", terms,
                  f"Citation of {name}.", "2026-11-24", {"a/f.csv": digest}, made_from="typed by hand", **more)  # fmt: skip


def table(name, *sources):
    def made(raw):
        return pd.concat([pd.read_csv(raw(one, "a/f.csv")) for one in sources]).drop_duplicates()

    return table_of(name, made, *sources)


@pytest.fixture
def small(monkeypatch, tmp_path, own_cache):
    """Three tables of which one is of a file that may not be passed on, and one of sums of such a file; return their raw files."""
    free, closed = source("free", "yes"), source("closed", "unclear")
    sums = source("lines", "attribution", raw_terms="unclear")
    tables = [table("open", free), table("shut", free, closed), table("counts", sums)]
    monkeypatch.setattr(building, "TABLES", {one.name: one for one in tables})
    for name in ("free", "closed", "lines"):
        (tmp_path / "mirror" / name / "a").mkdir(parents=True)
        (tmp_path / "mirror" / name / "a" / "f.csv").write_text(TEXT)
    return tmp_path / "mirror"


def unzip(path, folder):
    with zipfile.ZipFile(path) as made:
        made.extractall(folder)
    return folder / path.stem


def test_what_may_be_passed_on_is_in_it_and_the_rest_is_listed(small, tmp_path):
    made = archives.archive(tmp_path / "made" / "data.zip", ["open", "shut", "counts"], mirror=small)
    assert (made.tables, made.partial) == (("open",), ("shut", "counts"))
    assert (made.files, made.excluded) == (("free/a/f.csv",), ("closed/a/f.csv", "lines/a/f.csv"))
    assert [one.embedded for one in building.TABLES.values()] == [True, False, True]
    top = unzip(made.path, tmp_path / "moved")
    names = {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}
    assert names == {"README.md", "files.json", "sha256sums.txt", "raw/free/a/f.csv"}
    digest, name = (top / "sha256sums.txt").read_text().split()
    assert hashlib.sha256((top / name).read_bytes()).hexdigest() == digest
    text = (top / "README.md").read_text()
    has(
        text, "Citation of free.", "License of closed", "License of lines", "Producer of free", "build open\n"
    )
    assert json.loads((top / "files.json").read_text())[0]["citation"] == "Citation of free."


def test_it_is_read_back_as_a_mirror_and_is_the_same_bytes_again(small, tmp_path):
    first = archives.archive(tmp_path / "data.zip", ["open"], mirror=small)
    before = first.path.read_bytes()
    top = unzip(first.path, tmp_path / "moved")
    built = building.build(["open"], data_dir=tmp_path / "data", mirror=top / "raw")
    assert built[0].sha256 == building.build(["open"], data_dir=tmp_path / "again", mirror=small)[0].sha256
    assert archives.archive(tmp_path / "data.zip", ["open"], mirror=top / "raw").path.read_bytes() == before


def test_a_missing_file_writes_nothing_and_keeps_the_older_archive(small, tmp_path):
    (tmp_path / "data.zip").write_text("older")
    (small / "free" / "a" / "f.csv").unlink()
    with pytest.raises(SourceError, match="1 of 1 raw files are not here"):
        archives.archive(tmp_path / "data.zip", ["open"], mirror=small)
    assert (tmp_path / "data.zip").read_text() == "older"
    with pytest.raises(LabError, match="may be passed on"):
        archives.archive(tmp_path / "data.zip", ["counts"], mirror=small)
    with pytest.raises(UnknownName, match="Did you mean 'open'"):
        archives.archive(tmp_path / "data.zip", ["opn"], mirror=small)
    call("data", "archive", "opn", "-o", str(tmp_path / "data.zip"), status=1)


def test_a_vintage_in_use_is_in_it(small, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_DATA", str(tmp_path / "data"))
    building.build(["open"], mirror=small)
    newer = pd.DataFrame({"year": [2020], "value": [1.6]})
    building.keep_vintage("open", newer, "open-2", TABLES["steel"].origins())
    with catalog.vintages.pinned({"open": "open-2"}):
        made = archives.archive(tmp_path / "data.zip", ["open"], mirror=small)
    top = unzip(made.path, tmp_path / "moved")
    assert (top / "vintages" / "open" / "open-2.parquet").is_file()
    (tmp_path / "other").mkdir()
    (top / "vintages").rename(tmp_path / "other" / "tables")
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "other"))
    assert catalog.load("open", vintage="open-2").equals(newer)


def test_a_raw_file_has_the_same_terms_in_every_table():
    terms = {}
    for one in TABLES.values():
        for origin, paths in one.inputs:
            for path in paths:
                terms.setdefault((origin.id, path), set()).add(origin.raw_embedded)
    assert not [place for place, told in terms.items() if len(told) > 1]


@pytest.mark.mirror
@pytest.mark.heavy
def test_all_embedded_tables_that_it_allows_are_built_from_it(mirror, root, tmp_path, monkeypatch):
    allowed = json.loads((mirror / "sources.json").read_text(encoding="utf-8"))
    free = {one["id"] for one in allowed if one["redistributable"] in ("yes", "attribution")}
    made = archives.archive(tmp_path / "data.zip", mirror=mirror)
    assert {name.partition("/")[0] for name in made.files} <= free
    top = unzip(made.path, tmp_path / "moved")
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("MIC2025LAB_MIRROR", str(top / "raw"))
    built = building.build(made.tables, data_dir=tmp_path / "built")
    committed = json.loads((root / "data" / "catalog.json").read_text(encoding="utf-8"))["tables"]
    assert {one.name for one in built} == set(made.tables)
    assert [one.name for one in built if one.sha256 != committed[one.name]["sha256"]] == []
    assert set(committed) - set(made.tables) == set(made.partial)
