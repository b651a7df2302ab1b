"""Tables that may not be passed on: built on this machine, listed and loaded beside the others, and never where they could be."""

import json
import shutil
import subprocess
import tomllib

import pytest

import mic2025lab.catalog.build as building
from mic2025lab import catalog
from mic2025lab.errors import LabError, UnknownName
from mic2025lab.sources import TABLES


def files(folder):
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != building.LOCK}


def test_a_closed_table_goes_to_the_user_s_folder_and_loads_beside_the_others(small, tmp_path):
    results = building.build(["one", "closed", "paid"])
    assert [(r.name, r.rows) for r in results] == [("one", 1), ("closed", 1), ("paid", 1)]
    assert files(tmp_path / "data") == {"one.csv", "catalog.json"}
    assert files(tmp_path / "cache" / "tables") == {"closed.csv", "paid.csv", "catalog.json", ".gitignore"}
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
    with pytest.raises(LabError, match="'paid' does not pass its schema") as error:
        building.build(["one", "closed", "paid"])
    assert "-1.0" in str(error.value)
    assert catalog.load("one")["value"][0] == catalog.load("closed")["value"][0] == 1.0
    building.build(["one", "closed"])
    assert catalog.load("one")["value"][0] == catalog.load("closed")["value"][0] == 2.0
    assert not list(tmp_path.rglob(".build"))


def test_a_changed_file_is_refused_with_the_command(small, tmp_path):
    building.build(["one", "closed"])
    (tmp_path / "cache" / "tables" / "closed.csv").write_text("year,value\n2020,9.0\n", encoding="utf-8")
    with pytest.raises(LabError, match="mic2025lab data build closed") as error:
        catalog.load("closed")
    assert "git checkout" not in str(error.value)


def test_no_place_inside_the_data_or_the_package_is_taken(small, root, tmp_path):
    places = [tmp_path / place for place in ("data", "data/below", ".")]
    for place in [*places, *(root / place for place in ("mic2025lab", "mic2025lab/_data", "data", "."))]:
        with pytest.raises(LabError, match="cannot hold tables"):
            building.build(["closed"], local_dir=place)
    assert not list(tmp_path.rglob("closed.csv"))


def test_a_cache_inside_a_checkout_is_ignored_by_git(small, tmp_path):
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    building.build(["closed"])
    listed = subprocess.run(
        [git, "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "closed.csv" not in listed


def test_nothing_closed_is_in_the_project(root):
    closed = {table.name for table in TABLES.values() if not table.embedded}
    paths = [path for folder in ("data", "mic2025lab") for path in (root / folder).rglob("*.*")]
    kept = {
        path.stem for path in paths if path.suffix in {".csv", ".parquet"} and path.parent.name != "codebooks"
    }
    assert closed
    assert not closed & kept
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    wheel = settings["targets"]["wheel"]
    # A wheel holds the package, these, and no more.
    assert set(wheel["force-include"]) == {"data", "docs/claims.md", "docs/designs.md", "notebooks"}
    assert wheel["packages"] == ["mic2025lab"]


def test_every_closed_table_names_its_terms():
    for entry in TABLES.values():
        terms = {source.redistributable for source, _ in entry.inputs}
        assert entry.embedded == (terms <= {"yes", "attribution"}), entry.name
        if not entry.embedded:
            assert all(len(source.license) > 5 for source, _ in entry.inputs)
