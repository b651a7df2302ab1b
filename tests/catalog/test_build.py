"""Building: the same bytes each time, all or nothing, and a state that loads wherever it is killed."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

import mic2025lab.catalog.build as building
from mic2025lab import catalog
from mic2025lab.errors import LabError, UnknownName
from mic2025lab.sources import TABLES


def loaded():
    return catalog.load("one")["value"][0], catalog.load("two")["value"][0]


def test_a_build_can_be_loaded_and_says_what_changed(small, tmp_path):
    lines = []
    results = building.build(progress=lines.append)
    assert [(r.name, r.rows, r.changed) for r in results] == [("one", 1, True), ("two", 1, True)]
    assert loaded() == (1.0, 1.0)
    assert not any(r.changed for r in building.build())
    assert lines[0] == "[1/2] one"
    kept = {path.name for path in (tmp_path / "data").iterdir() if path.name != building.LOCK}
    assert kept == {"one.csv", "two.parquet", "catalog.json"}


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

    touches = {os: ("replace", "fsync"), shutil: ("copyfile", "rmtree"), Path: ("unlink", "write_text")}
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
    files = sorted(path.name for path in (tmp_path / "a").iterdir() if path.name != building.LOCK)
    assert files == sorted([*(t.file for t in TABLES.values() if t.embedded), "catalog.json"])
    if twice:
        building.build(data_dir=tmp_path / "b", mirror=mirror)
    for name in files if twice else ():
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    committed = json.loads((root / "data" / "catalog.json").read_text(encoding="utf-8"))["tables"]
    for result in first:
        ours = pd.read_csv if result.file.endswith("csv") else pd.read_parquet
        pd.testing.assert_frame_equal(ours(tmp_path / "a" / result.file), ours(root / "data" / result.file))
        if result.file.endswith("csv"):  # the bytes of Parquet hold the version of its writer
            assert result.sha256 == committed[result.name]["sha256"], (result.name, pyarrow.__version__)
