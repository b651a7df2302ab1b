"""A run's folder as an RO-Crate: what the Process Run Crate profile requires is there, and nothing is made up."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.results.run import Run
from mic2025lab.runs import run as runs
from mic2025lab.runs.sharing import crate


def read(folder: Path) -> dict[str, Any]:
    graph = json.loads((folder / crate.NAME).read_text(encoding="utf-8"))["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


def ids(value: Any) -> list[str]:
    return [part["@id"] for part in (value if isinstance(value, list) else [value])]


@pytest.fixture(scope="module")
def entities(good_run):
    return read(good_run.folder)


def action_of(entities: dict[str, Any]) -> dict[str, Any]:
    (action,) = (entity for entity in entities.values() if entity["@type"] == "CreateAction")
    return action


def test_the_root_conforms_to_the_profile(entities, good_run):
    descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert entities[crate.PROFILE]["@type"] == "CreativeWork"
    assert ids(root["mentions"]) == [action_of(entities)["@id"]]
    assert root["datePublished"] == json.loads((good_run.folder / "run.json").read_text())["ended"]
    assert root["name"]
    assert root["description"]
    assert entities[ids(root["license"])[0]]["name"].startswith("The code is BSD-3-Clause.")


def test_every_file_is_a_part_with_its_checksum_and_every_part_is_there(entities, good_run):
    parts = ids(entities["./"]["hasPart"])
    there = {p.relative_to(good_run.folder).as_posix() for p in good_run.folder.rglob("*") if p.is_file()}
    assert set(parts) == there - {crate.NAME}
    for part in parts:
        assert entities[part]["@type"] == "File"
        assert "/" in entities[part]["encodingFormat"]
    # The manifest is written last, with the checksum of this description too.
    contents = json.loads((good_run.folder / "run.json").read_text())["contents"]
    assert set(contents) == there - {"run.json"}
    for part in contents:
        data = (good_run.folder / part).read_bytes()
        found = {"size": len(data), "sha256": sha256(data).hexdigest()}
        assert contents[part] == found
        if part != crate.NAME:
            assert entities[part]["sha256"] == found["sha256"]
            assert entities[part]["contentSize"] == str(found["size"])


def test_the_action_says_what_ran_on_what_and_what_came_of_it(entities, good_run):
    details = json.loads((good_run.folder / "run.json").read_text())
    action = action_of(entities)
    assert (action["startTime"], action["endTime"]) == (details["started"], details["ended"])
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert "error" not in action
    instrument = entities[ids(action["instrument"])[0]]
    assert instrument["@type"] == "SoftwareSourceCode"
    assert instrument["sha256"] == details["notebook"]["sha256"]
    agent = entities[ids(action["agent"])[0]]
    assert (agent["@type"], agent["name"], agent["softwareVersion"]) == (
        "SoftwareApplication",
        "mic2025lab",
        details["package"]["version"],
    )
    assert {
        entities[i]["name"]: entities[i]["softwareVersion"] for i in ids(agent["softwareRequirements"])
    } == details["libraries"]
    results = ids(action["result"])
    assert {"results.json", "notebook.ipynb", "tables/by_year.csv", "figures/line.svg"} <= set(results)
    assert "run.json" not in results


def test_its_objects_are_tables_with_licence_and_producer_and_parameters(entities, good_run):
    objects = {entities[i]["name"]: entities[i] for i in ids(action_of(entities)["object"])}
    table = objects["toy: Table toy"]
    assert (
        table["sha256"] == json.loads((good_run.folder / "run.json").read_text())["tables"]["toy"]["sha256"]
    )
    assert entities[ids(table["license"])[0]]["name"] == "CC0"
    assert entities[ids(table["producer"])[0]] | {"@id": ""} == {
        "@id": "",
        "@type": "Organization",
        "name": "Nobody",
    }
    assert objects["label"]["value"] == good_run.hostile
    assert (objects["factor"]["@type"], objects["factor"]["value"]) == ("PropertyValue", 1.0)


def test_every_reference_leads_somewhere(entities):
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            return (
                [value["@id"]]
                if set(value) == {"@id"}
                else [i for v in value.values() for i in references(v)]
            )
        return [i for v in value for i in references(v)] if isinstance(value, list) else []

    named = {
        i
        for entity in entities.values()
        for key, value in entity.items()
        for i in references(value)
        if key != "@id"
    }
    assert named - set(entities) == {"https://w3id.org/ro/crate/1.1"}


def test_a_library_reads_it_and_it_is_the_same_each_time(good_run):
    from rocrate.rocrate import ROCrate

    read = ROCrate(good_run.folder)
    assert read.mentions if hasattr(read, "mentions") else read.root_dataset["mentions"]
    manifest = Run.read(good_run.folder).manifest
    before = (good_run.folder / crate.NAME).read_text()
    assert json.dumps(crate.describe(good_run.folder, manifest, {}), sort_keys=True) == json.dumps(
        json.loads(before), sort_keys=True
    )


def test_a_failed_run_says_so(make_toy, tmp_path):
    make_toy("1 / 0")
    result = runs.run("toy", reports=tmp_path / "reports")
    action = action_of(read(result.folder))
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"] == "ZeroDivisionError: division by zero"
