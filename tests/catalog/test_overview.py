"""How the tables stand, and how somebody without the raw files gets each of them."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.cli.tables import data
from mic2025lab.errors import UnknownName
from mic2025lab.sources import TABLES
from mic2025lab.sources.source import Origin

pytestmark = pytest.mark.usefixtures("own_cache")


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
    made = CliRunner().invoke(data, ["status", "steel", "--json"])
    assert json.loads(made.output)[0]["table"] == "steel"
    made = CliRunner().invoke(data, ["status", "--sources", "value_added", "targets"])
    assert "1 from public addresses" in made.output
    assert "1 with files that nobody publishes" in made.output
