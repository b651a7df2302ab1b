"""Building: the same bytes each time, all or nothing, loadable wherever it is killed; tables that may not be passed on stay on this machine."""

import contextlib
import json
import os
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

import mic2025lab.catalog.build as building
from mic2025lab import catalog
from mic2025lab.errors import LabError, UnknownName
from mic2025lab.sources import TABLES
from tests.catalog.conftest import digests


def files(folder):
    return set(digests(folder))


def loaded():
    return catalog.load("one")["value"][0], catalog.load("two")["value"][0]


def test_a_build_can_be_loaded_and_says_what_changed(small, tmp_path):
    lines = []
    results = building.build(progress=lines.append)
    assert [(r.name, r.rows, r.changed) for r in results] == [("one", 1, True), ("two", 1, True)]
    assert loaded() == (1.0, 1.0)
    assert not any(r.changed for r in building.build())
    assert lines[0] == "[1/2] one"
    assert files(tmp_path / "data") == {"one.csv", "two.parquet", "catalog.json"}


def test_tables_and_catalog_are_on_the_disk_before_they_have_their_names(small, tmp_path, published):
    building.build()
    assert all(published(tmp_path / "data" / name) for name in ("one.csv", "two.parquet", "catalog.json"))


def test_only_the_tables_asked_for_are_built(small):
    building.build()
    small(2.0)
    assert [r.name for r in building.build(["two"])] == ["two"]
    assert loaded() == (1.0, 2.0)
    with pytest.raises(UnknownName, match="Did you mean 'closed'"):
        building.build(["closd"])


class Killed(BaseException):
    """As if the process were gone."""


@pytest.fixture
def killer(monkeypatch):
    """Kill at the n-th touch of the disk: that call and all after it (the clearing up) do nothing."""
    state = {"left": None}

    def touching(function):
        def call(*args, **options):
            if state["left"] is not None:
                state["left"] -= 1
                if state["left"] == 0:
                    raise Killed
                if state["left"] < 0:
                    return None
            return function(*args, **options)

        return call

    touches = {os: ("replace", "fsync"), shutil: ("rmtree",), Path: ("unlink", "write_text", "write_bytes")}
    for owner, name in ((owner, name) for owner, names in touches.items() for name in names):
        monkeypatch.setattr(owner, name, touching(getattr(owner, name)))
    yield lambda n: state.update(left=n)
    state["left"] = None


HEAVY = [
    pytest.param(formats, 1, marks=pytest.mark.heavy) for formats in (("csv", "parquet"), ("parquet", "csv"))
]


@pytest.mark.parametrize(("formats", "step"), [(("csv", "parquet"), 2), *HEAVY])
def test_killed_anywhere_it_leaves_tables_that_load(small, killer, tmp_path, formats, step):
    survived = []
    for point in range(1, 60, step):
        killer(None)
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        small(1.0)
        building.build()
        small(2.0, formats)
        killer(point)
        try:
            building.build()
        except Killed:
            killer(None)
            survived.append(loaded())
            assert survived[-1] in {(1.0, 1.0), (2.0, 2.0)}
            small(3.0, formats)
            killer(point)  # and once more, on top of what the first left
            with contextlib.suppress(Killed):
                building.build()
            killer(None)
            assert loaded() in {survived[-1], (3.0, 3.0)}
            building.build()
            assert loaded() == (3.0, 3.0)
            assert not {".build", ".previous"} & {path.name for path in (tmp_path / "data").iterdir()}
        else:
            break
    assert set(survived) == {(1.0, 1.0), (2.0, 2.0)}  # before and after the catalog was replaced


def test_a_catalogue_that_cannot_be_read_is_not_overwritten(small, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalog.json").write_text("{")
    with pytest.raises(LabError, match="cannot be read"):
        building.build()
    assert (tmp_path / "data" / "catalog.json").read_text() == "{"


def test_two_builds_at_once_are_refused(small, tmp_path):
    building.build()
    with FileLock(tmp_path / "data" / building.LOCK), pytest.raises(LabError, match="Another build"):
        building.build()
    building.build()


@pytest.mark.mirror
@pytest.mark.parametrize("twice", [False, pytest.param(True, marks=pytest.mark.heavy)], ids=["once", "twice"])
def test_the_committed_tables_are_what_the_mirror_gives(mirror, root, tmp_path, twice):
    import pyarrow

    first = building.build(data_dir=tmp_path / "a", mirror=mirror)
    made = digests(tmp_path / "a")
    assert set(made) == {*(t.file for t in TABLES.values() if t.embedded), "catalog.json"}
    if twice:
        building.build(data_dir=tmp_path / "b", mirror=mirror)
        assert digests(tmp_path / "b") == made
    committed = json.loads((root / "data" / "catalog.json").read_text(encoding="utf-8"))["tables"]
    for result in first:
        ours = pd.read_csv if result.file.endswith("csv") else pd.read_parquet
        pd.testing.assert_frame_equal(ours(tmp_path / "a" / result.file), ours(root / "data" / result.file))
        if result.file.endswith("csv"):  # the bytes of Parquet hold the version of its writer
            assert result.sha256 == committed[result.name]["sha256"], (result.name, pyarrow.__version__)


def test_a_closed_table_goes_to_the_user_s_folder_and_loads_beside_the_others(small, tmp_path):
    results = building.build(["one", "closed", "paid"])
    assert [(r.name, r.rows) for r in results] == [("one", 1), ("closed", 1), ("paid", 1)]
    assert files(tmp_path / "data") == {"one.csv", "catalog.json"}
    assert files(tmp_path / "cache" / "tables") == {"closed.csv", "paid.csv", "catalog.json", ".gitignore"}
    assert (tmp_path / "cache" / "tables" / ".gitignore").read_text() == "*\n"  # it may lie in a checkout
    where = catalog.datasets().set_index("name")["where"].to_dict()
    local = dict.fromkeys(("closed", "paid"), "this machine")
    assert where == {"one": "embedded", **local, "two": "not here", "baci": "not here"}
    assert catalog.load("closed")["value"].tolist() == [1.0]
    assert catalog.describe("paid").folder == catalog.local_dir()
    assert "this machine" in str(catalog.describe("paid"))
    assert "this machine" in catalog.describe("paid")._repr_html_()


def test_a_closed_table_is_built_only_if_it_is_named(small, tmp_path):
    assert [result.name for result in building.build()] == ["one", "two"]
    assert not (tmp_path / "cache").exists()


def test_one_that_has_not_been_built_says_so_with_its_license_and_the_command(small):
    building.build()
    for ask in (catalog.load, catalog.entry, catalog.digest):
        with pytest.raises(LabError) as error:
            ask("closed")
        for words in ("not redistributable", "license of closed", "mic2025lab data build closed"):
            assert words in str(error.value)
    with pytest.raises(UnknownName, match="Did you mean 'closed'"):
        catalog.load("closd")


def test_an_open_one_that_has_not_been_built_is_not_called_closed(small):
    building.build(["one"])
    with pytest.raises(LabError, match=r"has not been built.*mic2025lab data build two") as error:
        catalog.load("two")
    assert "redistributable" not in str(error.value)


def test_the_committed_table_wins(small, tmp_path):
    building.build(["one", "closed"])
    local = tmp_path / "cache" / "tables"
    shutil.copy(tmp_path / "data" / "one.csv", local)
    stored = json.loads((local / "catalog.json").read_text(encoding="utf-8"))
    ours = json.loads((tmp_path / "data" / "catalog.json").read_text(encoding="utf-8"))
    stored["tables"]["one"] = ours["tables"]["one"] | {"title": "another"}
    (local / "catalog.json").write_text(json.dumps(stored), encoding="utf-8")
    assert catalog.describe("one").title == catalog.catalog()["one"].title == "one"
    assert catalog.describe("one").folder == catalog.data_dir()


def test_a_damaged_local_catalogue_does_not_touch_the_committed_tables(small, tmp_path):
    building.build(["one", "closed"])
    (tmp_path / "cache" / "tables" / "catalog.json").write_text("{", encoding="utf-8")
    assert catalog.load("one")["value"].tolist() == [1.0]
    with pytest.raises(LabError, match="not a readable catalog"):
        catalog.load("closed")


def test_a_failed_build_replaces_nothing_in_either_folder(small, small_table, tmp_path):
    building.build(["one", "closed"])
    small(2.0)
    building.TABLES["paid"] = small_table("paid", -1.0, terms="noncommercial")
    with pytest.raises(LabError, match=r"'paid'.* does not pass its schema") as error:
        building.build(["one", "closed", "paid"])
    assert "-1.0" in str(error.value)
    assert catalog.load("one")["value"][0] == catalog.load("closed")["value"][0] == 1.0
    building.build(["one", "closed"])
    assert catalog.load("one")["value"][0] == catalog.load("closed")["value"][0] == 2.0
    assert not list(tmp_path.rglob(".build"))


def test_no_place_inside_the_data_or_the_package_is_taken(small, root, tmp_path):
    places = [tmp_path / place for place in ("data", "data/below", ".")]
    for place in [*places, *(root / place for place in ("mic2025lab", "mic2025lab/_data", "data", "."))]:
        with pytest.raises(LabError, match="cannot hold tables"):
            building.build(["closed"], local_dir=place)
    assert not list(tmp_path.rglob("closed.csv"))


def test_nothing_closed_is_in_the_project(root):
    closed = {table.name for table in TABLES.values() if not table.embedded}
    files = [file for folder in ("data", "mic2025lab") for file in (root / folder).rglob("*.*")]
    assert not closed & {
        file.stem for file in files if file.suffix in (".csv", ".parquet") and file.parent.name != "codebooks"
    }
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    wheel = settings["targets"]["wheel"]
    # A wheel holds the package, these, and no more.
    assert set(wheel["force-include"]) == {"data", "docs/claims.md", "docs/designs.md", "notebooks"}
    assert wheel["packages"] == ["mic2025lab"]
