"""Vintages: a refreshed table is checked, kept beside the older ones and never over one, and a failure changes nothing."""

import json

import pandas as pd
import pytest

import mic2025lab.catalog.build as building
from mic2025lab import catalog, durable
from mic2025lab.errors import LabError, TableError, UnknownName
from mic2025lab.sources.source import Origin
from tests.catalog.conftest import digests

ORIGIN = Origin(
    "World Steel", "Crude steel", "2026", None, "L", "attribution", "C", "2026-11-29", {"a.csv": "0" * 64}
)


@pytest.fixture
def steel(own_cache):
    """The table as it is in use, for a test to refresh."""
    return catalog.load("steel")


def keep(frame, name="ws-2026", **options):
    return building.keep_vintage("steel", frame, name, ORIGIN, **options)


def test_a_vintage_stands_beside_the_older_ones_with_its_origin(steel, own_cache):
    more = steel[steel["year"] == 2018].assign(year=2019)
    result = keep(pd.concat([steel, more]))
    assert (result.rows, result.changed) == (len(steel) + len(more), True)
    assert set(digests(own_cache)) == {".gitignore", "steel/ws-2026.parquet", "steel/ws-2026.json"}
    entry = json.loads((own_cache / "steel" / "ws-2026.json").read_text())
    assert entry["origins"][0]["retrieved"] == "2026-11-29"
    assert entry["sha256"] == digests(own_cache)["steel/ws-2026.parquet"]
    assert entry["coverage"]["year"][1] == 2019
    assert not keep(pd.concat([steel, more])).changed


def without_taiwan(frame):
    return frame[frame["economy"] != "TWN"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_taiwan, r"1 of \d+ in economy are gone: TWN"),
        (lambda frame: frame[frame["year"] > 2005], r"only [\d,]+ of 1,794 keys"),
        (lambda frame: frame.assign(value=frame["value"] * 1000), r"series of value jump by a factor of ten"),
        (lambda frame: frame.assign(value=frame["value"] * 1.01), "ws-2026 is there with other rows"),
        (lambda frame: frame.assign(economy=frame["economy"].replace("CHN", "CHI")), "are gone: CHN"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "uniqueness"),
        (lambda frame: frame.drop(columns="value"), "value"),
        (lambda frame: frame.head(0), "are gone"),
        (lambda frame: frame.assign(year="last year"), "year"),
    ],
)
def test_rows_that_are_refused_leave_everything_as_it_was(steel, own_cache, change, message):
    keep(steel)
    before = digests(own_cache)
    with pytest.raises(LabError, match=message):
        keep(change(steel))
    assert digests(own_cache) == before


def test_another_unit_is_not_plausible(own_cache):
    rows = catalog.load("world_economy", vintage="wdi-gdp-csv")
    other = rows.assign(unit=rows["unit"].where(rows["economy"] != "CHN", "thousand USD"))
    with pytest.raises(TableError, match=r"unit was .* and is thousand USD|one unit for each indicator"):
        building.keep_vintage("world_economy", other, "wdi-2026-11", ORIGIN)


def test_a_true_revision_is_kept_if_it_is_accepted_and_says_so(steel, own_cache):
    keep(without_taiwan(steel), accept=True)
    entry = json.loads((own_cache / "steel" / "ws-2026.json").read_text())
    assert "TWN" in entry["warnings"][-1]


@pytest.mark.parametrize(
    "name", ["all", "embedded", "weo-2025-10", "WEO-2025-10", "../up", "", ".hidden", "a/b"]
)
def test_a_name_that_has_a_meaning_or_is_a_path_is_refused(own_cache, name):
    with pytest.raises(LabError, match="cannot name a new vintage"):
        building.keep_vintage("world_economy", pd.DataFrame(), name, ORIGIN)
    with pytest.raises(UnknownName, match="Did you mean 'steel'"):
        building.keep_vintage("steal", pd.DataFrame(), "a", ORIGIN)


def test_a_write_that_is_killed_leaves_no_vintage_and_the_next_one_succeeds(steel, own_cache, monkeypatch):
    kept = durable.replace

    def fails(part, path):
        if path.suffix == ".json":
            raise KeyboardInterrupt
        kept(part, path)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace", fails)
        with pytest.raises(KeyboardInterrupt):
            keep(steel)
    assert not list(own_cache.glob("steel/*.json"))
    assert keep(steel).changed


def test_a_fetched_vintage_is_loaded_by_name_and_is_not_the_default(steel, own_cache):
    newer = steel.assign(value=steel["value"] * 1.01)
    keep(newer)
    assert catalog.load("steel").equals(steel)
    assert catalog.load("steel", vintage="embedded").equals(steel)
    assert catalog.load("steel", vintage="ws-2026").equals(newer)
    one = newer[(newer["economy"] == "CHN") & (newer["year"] == 2018)]
    assert catalog.load("steel@ws-2026", economy="CHN", year=2018)["value"].tolist() == one["value"].tolist()
    about = catalog.describe("steel", vintage="ws-2026")
    assert (about.name, about.vintages) == ("steel@ws-2026", ("embedded", "ws-2026"))
    assert about.origins[0].retrieved == "2026-11-29"
    assert catalog.describe("steel").vintages == ("embedded", "ws-2026")
    assert catalog.digest("steel@ws-2026") != catalog.digest("steel")
    with pytest.raises(UnknownName, match="Did you mean 'ws-2026'"):
        catalog.load("steel", vintage="ws-2025")
    with pytest.raises(LabError, match=r"vintage of steel 'all'.*embedded, ws-2026"):
        catalog.load("steel", vintage="all")


def test_a_table_with_a_column_of_vintages_loads_several(own_cache):
    rows = catalog.load("world_economy", vintage="wdi-gdp-csv")
    before = catalog.load("world_economy", vintage="all")
    building.keep_vintage("world_economy", rows, "wdi-2026-11", ORIGIN)
    assert catalog.describe("world_economy").vintages[-1] == "wdi-2026-11"
    assert catalog.load("world_economy", vintage="all").equals(before)
    both = catalog.load("world_economy", vintage=["all", "wdi-2026-11", "weo-2025-10"])
    assert both["vintage"].value_counts()["wdi-2026-11"] == len(rows)
    assert len(both) == len(before) + len(rows)


def test_a_project_pins_a_vintage_once_for_load_describe_and_digest(steel, own_cache, tmp_path, monkeypatch):
    keep(steel.assign(value=steel["value"] * 1.01))
    (tmp_path / "mic2025lab.yml").write_text("vintages: {steel: ws-2026, world_economy: wdi-2026-07}\n")
    monkeypatch.chdir(tmp_path)
    assert not catalog.load("steel").equals(steel)
    assert catalog.load("steel", vintage="embedded").equals(steel)
    assert set(catalog.load("world_economy")["vintage"]) == {"wdi-2026-07"}
    assert list(catalog.digests("steel")) == ["steel@ws-2026"]
    assert list(catalog.digests("world_economy")) == ["world_economy@wdi-2026-07"]
    (tmp_path / "mic2025lab.yml").write_text("vintages: {steel: ws-2027}\n")
    with pytest.raises(UnknownName, match=r"ws-2027.*mic2025lab\.yml"):
        catalog.load("steel")


def test_a_vintage_whose_file_was_changed_is_not_served(steel, own_cache):
    keep(steel)
    (own_cache / "steel" / "ws-2026.parquet").write_bytes(b"PAR1")
    with pytest.raises(LabError, match="mic2025lab data fetch steel"):
        catalog.load("steel", vintage="ws-2026")
    assert catalog.load("steel").equals(steel)


def test_one_changed_value_shows_as_exactly_that(steel, own_cache):
    there = (steel["economy"] == "CHN") & (steel["year"] == 2015)
    keep(steel.assign(value=steel["value"].mask(there, 800_000.0)))
    found = catalog.diff("steel", "embedded", "ws-2026")
    assert (len(found.added), len(found.removed), len(found.labels), found.compared) == (0, 0, 0, 1794)
    was = steel.loc[there, "value"].item()
    assert list(found.changes) == ["economy", "year", "column", "old", "new", "change"]
    percent = 100 * (800_000 / was - 1)
    assert found.changes.values.tolist() == [["CHN", 2015, "value", was, 800_000.0, percent]]
    assert "changed values  1 of 1,794" in str(found)
    assert catalog.diff("steel", "embedded", "embedded").same
    with pytest.raises(LabError, match="Compare two vintages"):
        catalog.diff("world_economy", "all", "weo-2025-10")


def test_rows_missing_values_and_labels_are_told_apart(steel, own_cache):
    gone = (steel["economy"] == "USA") & (steel["year"] == 2018)
    newer = steel.assign(value=steel["value"].mask(gone), flag=steel["flag"].mask(gone, "not_reported"))
    newer = pd.concat([newer[newer["year"] > 2000], steel[steel["year"] == 2018].assign(year=2019)])
    keep(newer)
    found = catalog.diff("steel", "embedded", "ws-2026")
    assert set(found.added["year"]) == {2019}
    assert set(found.removed["year"]) == {2000}
    assert found.changes[["economy", "year", "column"]].values.tolist() == [["USA", 2018, "value"]]
    assert set(found.labels["column"]) == {"flag"}
    assert "(1 now missing, 0 no longer missing)\nchanged labels  flag 1" in str(found)
