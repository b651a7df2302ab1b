"""A run as one file, with a description for other programs: opened in an empty folder it is read, followed, and made again."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from hashlib import sha256

import pytest
from bs4 import BeautifulSoup

from mic2025lab import analyses
from mic2025lab.errors import RunError
from mic2025lab.results.run import Run
from mic2025lab.runs import identity
from mic2025lab.runs.pages import pdf
from mic2025lab.runs.sharing import archive, crate
from mic2025lab.runs.sharing.share import share
from tests.runs.conftest import HOSTILE, alter, call, contents, failed, has, held, ran, read, unpacked


def loads(text):
    """What a page would load: elements, and addresses that are not in the page itself."""
    page = BeautifulSoup(text, "html.parser")
    names = ("src", "srcset", "poster", "data", "background")
    addresses = [tag[name] for tag in page(True) for name in names if tag.get(name)]
    addresses += [tag["href"] for tag in page("link")]
    elements = page(["script", "iframe", "object", "embed", "base"])
    return [*elements, *(address for address in addresses if not address.startswith("data:"))]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A real run, shared, and opened in a folder where nothing else is."""
    place = tmp_path_factory.mktemp("share")
    result = ran("overcapacity", {"threshold": 76.0}, reports=place / "reports")
    shared = share(result.folder, place / "out.zip")
    assert set(shared.included) == set(analyses.get("overcapacity").tables)
    assert shared.referenced == ()
    shutil.rmtree(place / "reports")
    return unpacked(place / "out.zip", place / "empty")


def blocks(folder):
    """Read the commands of the instructions, block by block."""
    text = (folder / "HOW_TO_RERUN.md").read_text(encoding="utf-8")
    return [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", text, flags=re.S)]


def test_everything_is_there(opened):
    files = {path.relative_to(opened).as_posix() for path in opened.rglob("*") if path.is_file()}
    assert files >= {
        "HOW_TO_RERUN.md", "REFERENCES.md", "LICENSE", "requirements.lock", archive.WHEEL, "notebook.ipynb", "notebook.html",
        "notebook-without-code.html", "source/overcapacity.ipynb", "results.json", "run.json", "ro-crate-metadata.json",
        "data/catalog.json", "data/capacity_utilization.csv", "tables/gaps.csv", "figures/gaps.svg",
    }  # fmt: skip
    details, lock = read(opened), (opened / "requirements.lock").read_text()
    assert opened.name == f"overcapacity-{details['run_id']}"
    assert lock == "".join(f"{name}=={version}\n" for name, version in details["environment"].items())
    has(lock, f"pandas=={details['libraries']['pandas']}\n")
    assert not any(cell.get("outputs") for cell in read(opened, "source/overcapacity.ipynb")["cells"])
    has((opened / "REFERENCES.md").read_text(), "National Bureau of Statistics of China", "License: ")


@pytest.mark.parametrize("page", ["notebook.html", "notebook-without-code.html"])
def test_the_pages_load_nothing(opened, page):
    text = (opened / page).read_text(encoding="utf-8")
    assert loads(text) == []
    assert text.count("<img") >= 3
    assert "@import" not in text
    assert "url(" not in text
    assert ('<details class="code">' in text) is (page == "notebook.html")
    for link in re.findall(r'href="([^"#:]+)"', text):
        assert (opened / link).is_file(), link


@pytest.fixture(scope="module")
def installed(opened, tmp_path_factory):
    """The folder with an environment of its own, made as its instructions say; only libraries and pip are lent instead of downloaded."""
    folder = shutil.copytree(opened, tmp_path_factory.mktemp("installed") / "copy")
    assert [shlex.split(line)[0] for line in blocks(folder)[0]] == ["python3", ".venv/bin/python"]
    venv.create(folder / ".venv")
    (site,) = (folder / ".venv").glob("lib/python*/site-packages")
    # Paths of a .pth are not searched for further .pth files: the checkout, installed editable here, stays out.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _follow([f".venv/bin/python -m pip install -q --no-deps --no-index ./{archive.WHEEL}"], folder)
    where = _follow([".venv/bin/python -c 'import mic2025lab; print(mic2025lab.__file__)'"], folder)
    assert where.startswith(str(site))
    return folder


@pytest.mark.slow
def test_the_commands_inside_install_it_and_check_it(installed):
    assert "agrees exactly" in _follow(blocks(installed)[1], installed)


@pytest.mark.heavy
def test_the_commands_inside_make_it_again(installed):
    _follow(blocks(installed)[2], installed)
    assert (installed / "again.ipynb").is_file()
    # The same inputs have the same name.
    made = installed / "reports" / "runs" / "overcapacity" / read(installed)["run_id"]
    assert (made / "results.json").read_bytes() == (installed / "results.json").read_bytes()


def _follow(commands, folder):
    """Run commands in one shell, in which nothing points at this checkout; give what they print."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("MIC2025LAB_", "PYTHON"))}
    variables |= {"PWD": str(folder), "JUPYTER_PATH": f"{sysconfig.get_path('data')}/share/jupyter"}
    done = subprocess.run(
        ["sh", "-c", "\n".join(["set -e", *commands])],
        capture_output=True,
        text=True,
        cwd=folder,
        env=variables,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_a_crate_whose_tables_are_files(opened):
    entities = {e["@id"]: e for e in read(opened, crate.NAME)["@graph"]}
    table, name = entities["data/capacity_utilization.csv"], {"@id": "data/capacity_utilization.csv"}
    assert table["@type"] == "File"
    assert table["license"]
    assert name in entities["./"]["hasPart"]
    (action,) = (e for e in entities.values() if e["@type"] == "CreateAction")
    assert name in action["object"]
    assert entities[action["instrument"]["@id"]]["@type"] == ["File", "SoftwareSourceCode"]
    results = [part["@id"] for part in action["result"]]
    assert "results.json" in results
    others = [name for name in results if name.endswith((".whl", ".md", ".lock"))]
    assert others + [name for name in results if name.startswith(("data/", "source/"))] == []


def test_the_same_run_gives_the_same_bytes(kept, tmp_path):
    one, two = (share(kept, tmp_path / name).path.read_bytes() for name in ("a.zip", "b.zip"))
    assert one == two


def test_what_may_not_be_passed_on_is_named_and_not_packed(kept, toy_data, tmp_path, monkeypatch):
    data = shutil.copytree(toy_data, tmp_path / "data")
    alter(
        data / "catalog.json",
        lambda catalog: catalog["tables"]["toy"].update(redistributable="no: non-commercial"),
    )
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    shared = share(kept, tmp_path / "out.zip")
    assert (shared.included, shared.referenced) == ((), ("toy",))
    files = held(shared.path)
    assert "data/toy.csv" not in files
    assert b"2000,CHN,1.5" not in files["data/catalog.json"]
    source = "Nobody, Made-up numbers (1). License: CC0."
    has(files["REFERENCES.md"], "Not in this archive", source, "mic2025lab data build toy")
    has(files["HOW_TO_RERUN.md"], "toy could not be included")


def test_a_run_of_other_code_is_shared_only_if_asked_for(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "code_digest", lambda: "another")
    with pytest.raises(RunError, match=r"(?s)code changed.*--force.*--as-is"):
        share(kept, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
    shared = share(kept, tmp_path / "out.zip", as_is=True)
    assert shared.stale == ("code",)
    has(held(shared.path)["HOW_TO_RERUN.md"], "code changed between the run and its packing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda details: details.pop("environment"), r"(?s)earlier version.*--force"),
        (lambda details: details.update(status="failed", error="E: no"), r"failed \(E: no\)"),
        (None, r"toy\.csv holds the value of .*TOY_API_KEY"),
    ],
    ids=["of an earlier version", "failed", "with a key in a table"],
)
def test_a_run_that_cannot_be_shared_is_refused(kept, tmp_path, monkeypatch, change, message):
    if change is None:
        monkeypatch.setenv("TOY_API_KEY", "2001,CHN,2.25")
    else:
        alter(kept / "run.json", change)
    with pytest.raises(RunError, match=message):
        share(kept, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


class TestCommands:
    """`mic2025lab share` and `export`."""

    def test_share(self, kept, tmp_path):
        out, reports = tmp_path / "x" / "out.zip", kept.parents[2]
        done = call("share", kept.name[:5], "-o", out, reports=reports)
        assert done.stdout.splitlines()[1] == "Data included: toy"
        assert zipfile.is_zipfile(out)
        call("share", "nothing", reports=reports, status=2)

    @pytest.mark.parametrize("options", [[], ["--no-input"]])
    def test_export_html(self, kept, tmp_path, options):
        out = tmp_path / "page.html"
        call("export", kept, "-o", out, *options)
        text = out.read_text(encoding="utf-8")
        assert loads(text) == []
        assert ('<details class="code">' in text) is not bool(options)
        assert "All reports" not in text
        assert 'href="run.json"' not in text

    @pytest.mark.parametrize(
        ("browser", "status", "words"),
        [
            (None, 2, ["none of chromium, ", "MIC2025LAB_BROWSER", "or export HTML"]),
            ("nobrowser", 2, ["MIC2025LAB_BROWSER = 'nobrowser' is not one"]),
            ("#!/bin/sh\necho no display >&2\nexit 3\n", 1, ["did not print the page: no display"]),
        ],
        ids=["none", "a wrong one", "one that does not print"],
    )
    def test_without_a_browser_there_is_no_pdf(self, kept, tmp_path, monkeypatch, browser, status, words):
        monkeypatch.delenv(pdf.BROWSER, raising=False)
        if status == 1:
            program = tmp_path / "browser"
            program.write_text(browser)
            program.chmod(0o755)
            browser = str(program)
        else:
            monkeypatch.setenv("PATH", str(tmp_path))
        if browser:
            monkeypatch.setenv(pdf.BROWSER, browser)
        has(call("export", kept, "--pdf", "-o", tmp_path / "x.pdf", status=status).stderr, *words)
        assert not (tmp_path / "x.pdf").exists()

    @pytest.mark.browser
    def test_pdf(self, kept, tmp_path):
        try:
            pdf.browser()
        except RunError as error:
            pytest.skip(str(error))
        sizes = []
        for options in ([], ["--no-input"]):
            out = tmp_path / f"{len(options)}.pdf"
            call("export", kept, "--pdf", "-o", out, *options)
            assert out.read_bytes().startswith(b"%PDF-")
            sizes.append(out.stat().st_size)
        assert sizes[1] < sizes[0]


# A run's folder as an RO-Crate: what the Process Run Crate profile requires is there, and nothing is made up


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
    return graph(good_run)


@pytest.fixture(scope="module")
def details(good_run):
    """The manifest."""
    return read(good_run)


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
    parts, there = ids(entities["./"]["hasPart"]), contents(good_run)
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


def test_its_objects_are_tables_with_license_and_producer_and_parameters(entities, details):
    objects = {entities[i]["name"]: entities[i] for i in ids(action_of(entities)["object"])}
    table = objects["toy: Table toy"]
    assert table["sha256"] == details["tables"]["toy"]["sha256"]
    assert entities[ids(table["license"])[0]]["name"] == "CC0"
    producer = entities[ids(table["producer"])[0]]
    assert (producer["@type"], producer["name"]) == ("Organization", "Nobody")
    assert objects["label"]["value"] == HOSTILE
    assert (objects["factor"]["@type"], objects["factor"]["value"]) == ("PropertyValue", 1.0)


def test_every_reference_leads_somewhere(entities):
    text = json.dumps([{**entity, "@id": ""} for entity in entities.values()])
    named = {json.loads(found) for found in re.findall(r'\{"@id": ("(?:[^"\\]|\\.)*")\}', text)}
    assert len(named) > 20
    assert named - set(entities) == {"https://w3id.org/ro/crate/1.1"}


def test_a_library_reads_it_and_it_is_the_same_each_time(good_run):
    from rocrate.rocrate import ROCrate

    assert ROCrate(good_run).root_dataset["mentions"]
    manifest = Run.read(good_run).manifest
    assert crate.describe(good_run, manifest, {}) == read(good_run, crate.NAME)


def test_a_failed_run_says_so(make_toy, tmp_path):
    make_toy("1 / 0")
    action = action_of(graph(failed(reports=tmp_path / "reports").folder))
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"] == "ZeroDivisionError: division by zero"
