"""A run's folder as an RO-Crate: what the Process Run Crate profile requires is there, and nothing is made up."""

import json
import re
from hashlib import sha256

import pytest

from mic2025lab.results.run import Run
from mic2025lab.runs.sharing import crate
from tests.runs.conftest import contents, failed, read


def graph(folder):
    entities = read(folder, crate.NAME)["@graph"]
    assert len({entity["@id"] for entity in entities}) == len(entities)
    return {entity["@id"]: entity for entity in entities}


def ids(value):
    return [part["@id"] for part in (value if isinstance(value, list) else [value])]


def action_of(entities):
    (action,) = (entity for entity in entities.values() if entity["@type"] == "CreateAction")
    return action


@pytest.fixture(scope="module")
def entities(good_run):
    return graph(good_run.folder)


@pytest.fixture(scope="module")
def details(good_run):
    """The manifest."""
    return read(good_run.folder)


def test_the_root_conforms_to_the_profile(entities, details):
    descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert entities[crate.PROFILE]["@type"] == "CreativeWork"
    assert ids(root["mentions"]) == [action_of(entities)["@id"]]
    assert root["datePublished"] == details["ended"]
    assert root["name"]
    assert root["description"]
    assert entities[ids(root["license"])[0]]["name"].startswith("The code is BSD-3-Clause.")


def test_every_file_is_a_part_with_its_checksum_and_every_part_is_there(entities, details, good_run):
    parts, there = ids(entities["./"]["hasPart"]), contents(good_run.folder)
    assert set(parts) == set(there) - {crate.NAME}
    for part in parts:
        assert entities[part]["@type"] == "File"
        assert "/" in entities[part]["encodingFormat"]
    # The manifest is written last, with the checksum of this description too.
    del there["run.json"]
    found = {part: {"size": len(data), "sha256": sha256(data).hexdigest()} for part, data in there.items()}
    assert details["contents"] == found
    del found[crate.NAME]
    assert {
        part: {"size": int(entities[part]["contentSize"]), "sha256": entities[part]["sha256"]}
        for part in found
    } == found


def test_the_action_says_what_ran_on_what_and_what_came_of_it(entities, details):
    action = action_of(entities)
    assert (action["startTime"], action["endTime"]) == (details["started"], details["ended"])
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert "error" not in action
    instrument = entities[ids(action["instrument"])[0]]
    assert instrument["@type"] == "SoftwareSourceCode"
    assert instrument["sha256"] == details["notebook"]["sha256"]
    agent = entities[ids(action["agent"])[0]]
    assert (agent["@type"], agent["name"]) == ("SoftwareApplication", "mic2025lab")
    assert agent["softwareVersion"] == details["package"]["version"]
    needs = [entities[i] for i in ids(agent["softwareRequirements"])]
    assert {each["name"]: each["softwareVersion"] for each in needs} == details["libraries"]
    results = ids(action["result"])
    assert {"results.json", "notebook.ipynb", "tables/by_year.csv", "figures/line.svg"} <= set(results)
    assert "run.json" not in results


def test_its_objects_are_tables_with_licence_and_producer_and_parameters(entities, details, good_run):
    objects = {entities[i]["name"]: entities[i] for i in ids(action_of(entities)["object"])}
    table = objects["toy: Table toy"]
    assert table["sha256"] == details["tables"]["toy"]["sha256"]
    assert entities[ids(table["license"])[0]]["name"] == "CC0"
    producer = entities[ids(table["producer"])[0]]
    assert (producer["@type"], producer["name"]) == ("Organization", "Nobody")
    assert objects["label"]["value"] == good_run.hostile
    assert (objects["factor"]["@type"], objects["factor"]["value"]) == ("PropertyValue", 1.0)


def test_every_reference_leads_somewhere(entities):
    text = json.dumps([{**entity, "@id": ""} for entity in entities.values()])
    named = {json.loads(found) for found in re.findall(r'\{"@id": ("(?:[^"\\]|\\.)*")\}', text)}
    assert len(named) > 20
    assert named - set(entities) == {"https://w3id.org/ro/crate/1.1"}


def test_a_library_reads_it_and_it_is_the_same_each_time(good_run):
    from rocrate.rocrate import ROCrate

    assert ROCrate(good_run.folder).root_dataset["mentions"]
    manifest = Run.read(good_run.folder).manifest
    assert crate.describe(good_run.folder, manifest, {}) == read(good_run.folder, crate.NAME)


def test_a_failed_run_says_so(make_toy, tmp_path):
    make_toy("1 / 0")
    action = action_of(graph(failed(reports=tmp_path / "reports").folder))
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"] == "ZeroDivisionError: division by zero"
