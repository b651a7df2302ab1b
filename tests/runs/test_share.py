"""A run as one file: opened in an empty folder it is read, followed and made again with what is in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.errors import RunError
from mic2025lab.runs import identity
from mic2025lab.runs.pages import pdf
from mic2025lab.runs.sharing import archive, crate
from mic2025lab.runs.sharing.share import share
from tests.runs.conftest import has, held, ran, unpacked


def loads(text: str) -> list[Any]:
    """What a page would load: elements, and addresses that are not in the page itself."""
    page = BeautifulSoup(text, "html.parser")
    names = ("src", "srcset", "poster", "data", "background")
    addresses = [tag[name] for tag in page(True) for name in names if tag.get(name)]
    addresses += [tag["href"] for tag in page("link")]
    outside = [address for address in addresses if not address.startswith("data:")]
    return page(["script", "iframe", "object", "embed", "base"]) + outside


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


def blocks(folder: Path) -> list[list[str]]:
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
    details = json.loads((opened / "run.json").read_text())
    assert opened.name == f"overcapacity-{details['run_id']}"
    assert (opened / "requirements.lock").read_text().splitlines() == [
        f"{k}=={v}" for k, v in details["environment"].items()
    ]
    assert f"pandas=={details['libraries']['pandas']}" in (opened / "requirements.lock").read_text()
    assert all(
        not cell.get("outputs")
        for cell in json.loads((opened / "source/overcapacity.ipynb").read_text())["cells"]
    )
    references = (opened / "REFERENCES.md").read_text()
    assert "National Bureau of Statistics of China" in references
    assert "License: " in references


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


@pytest.mark.browser
def test_the_page_renders_in_a_browser_without_network(opened):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    try:
        program = pdf.browser()
    except RunError as error:
        pytest.skip(str(error))
    asked: list[str] = []

    def look() -> None:
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(offline=True)
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto((opened / "notebook.html").as_uri())
            assert "capacity" in page.inner_text("h1").lower()
            assert page.evaluate(
                "[...document.images].every(image => image.complete && image.naturalWidth > 0)"
            )
            browser.close()

    # In a thread of its own: where another test of this process has left an event loop, Playwright would not start.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(look).result()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


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
    run_id = json.loads((installed / "run.json").read_text())["run_id"]
    made = installed / "reports" / "runs" / "overcapacity" / run_id  # the same inputs have the same name
    assert (made / "results.json").read_bytes() == (installed / "results.json").read_bytes()


def _follow(commands: list[str], folder: Path) -> str:
    """Run commands in one shell, in which nothing points at this checkout; give what they print."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("MIC2025LAB_", "PYTHON"))}
    variables |= {
        "PWD": str(folder),
        "JUPYTER_PATH": str(Path(sysconfig.get_path("data")) / "share" / "jupyter"),
    }
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
    entities = {e["@id"]: e for e in json.loads((opened / crate.NAME).read_text())["@graph"]}
    table = entities["data/capacity_utilization.csv"]
    assert table["@type"] == "File"
    assert table["license"]
    assert {"@id": "data/capacity_utilization.csv"} in entities["./"]["hasPart"]
    (action,) = (e for e in entities.values() if e["@type"] == "CreateAction")
    assert {"@id": "data/capacity_utilization.csv"} in action["object"]
    assert entities[action["instrument"]["@id"]]["@type"] == ["File", "SoftwareSourceCode"]
    results = [part["@id"] for part in action["result"]]
    assert "results.json" in results
    assert not [
        name
        for name in results
        if name.startswith(("data/", "source/")) or name.endswith((".whl", ".md", ".lock"))
    ]


def test_the_wheel_is_whole_and_has_no_table(opened):
    with zipfile.ZipFile(opened / archive.WHEEL) as packed:
        names = packed.namelist()
        (record,) = (name for name in names if name.endswith("/RECORD"))
        listed = {line.split(",")[0] for line in packed.read(record).decode().splitlines()}
    assert listed == set(names)
    assert "mic2025lab/_notebooks/overcapacity.ipynb" in names
    assert "mic2025lab/runs/pages/style.css" in names
    assert not [name for name in names if "_data/" in name or "__pycache__" in name]


@pytest.fixture
def good(toy, good_run, tmp_path):
    """The toy's good run, in a folder of its own."""
    return good_run.result.request.folder(good_run.copy(tmp_path / "reports"))


def test_the_same_run_gives_the_same_bytes(good, tmp_path):
    for name in ("a.zip", "b.zip"):
        share(good, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_may_not_be_passed_on_is_named_and_not_packed(good, toy_data, tmp_path, monkeypatch):
    data = shutil.copytree(toy_data, tmp_path / "data")
    content = json.loads((data / "catalog.json").read_text())
    content["tables"]["toy"]["redistributable"] = "no: non-commercial"
    (data / "catalog.json").write_text(json.dumps(content))
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    shared = share(good, tmp_path / "out.zip")
    assert (shared.included, shared.referenced) == ((), ("toy",))
    files = held(tmp_path / "out.zip")
    assert "data/toy.csv" not in files
    assert b"2000,CHN,1.5" not in files["data/catalog.json"]
    references = files["REFERENCES.md"].decode()
    has(
        references,
        "Not in this archive",
        "Nobody, Made-up numbers (1). License: CC0.",
        "mic2025lab data build toy",
    )
    assert b"toy could not be included" in files["HOW_TO_RERUN.md"]


def test_a_run_of_other_code_is_shared_only_if_asked_for(good, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "code_digest", lambda: "another")
    with pytest.raises(RunError, match=r"(?s)code changed.*--force.*--as-is"):
        share(good, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
    assert share(good, tmp_path / "out.zip", as_is=True).stale == ("code",)
    assert b"code changed between the run and its packing" in held(tmp_path / "out.zip")["HOW_TO_RERUN.md"]


def test_a_key_in_a_table_stops_it(good, tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_API_KEY", "2001,CHN,2.25")
    with pytest.raises(RunError, match=r"toy\.csv holds the value of .*TOY_API_KEY"):
        share(good, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_a_failed_or_an_old_run_is_refused(make_toy, good, tmp_path):
    details = json.loads((good / "run.json").read_text())
    (good / "run.json").write_text(json.dumps({k: v for k, v in details.items() if k != "environment"}))
    with pytest.raises(RunError, match=r"(?s)earlier version.*--force"):
        share(good, tmp_path / "out.zip")
    (good / "run.json").write_text(json.dumps(details | {"status": "failed", "error": "E: no"}))
    with pytest.raises(RunError, match=r"failed \(E: no\)"):
        share(good, tmp_path / "out.zip")


class TestCommands:
    """`mic2025lab share` and `export`."""

    def test_share(self, good, tmp_path):
        out = tmp_path / "x" / "out.zip"
        done = CliRunner().invoke(
            main, ["share", good.name[:5], "-o", str(out), "--reports", str(good.parents[2])]
        )
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[1] == "Data included: toy"
        assert zipfile.is_zipfile(out)
        wrong = CliRunner().invoke(main, ["share", "nothing", "--reports", str(good.parents[2])])
        assert wrong.exit_code == 2

    @pytest.mark.parametrize("options", [[], ["--no-input"]])
    def test_export_html(self, good, tmp_path, options):
        out = tmp_path / "page.html"
        done = CliRunner().invoke(main, ["export", str(good), "-o", str(out), *options])
        assert done.exit_code == 0, done.output
        text = out.read_text(encoding="utf-8")
        assert loads(text) == []
        assert ('<details class="code">' in text) is not bool(options)
        assert "All reports" not in text
        assert 'href="run.json"' not in text

    def test_without_a_browser_there_is_no_pdf_and_it_is_said_what_to_do(self, good, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv(pdf.BROWSER, raising=False)
        done = CliRunner().invoke(main, ["export", str(good), "--pdf", "-o", str(tmp_path / "x.pdf")])
        assert done.exit_code == 2
        has(done.stderr, "none of chromium, ", "MIC2025LAB_BROWSER", "or export HTML")
        monkeypatch.setenv(pdf.BROWSER, "nobrowser")
        done = CliRunner().invoke(main, ["export", str(good), "--pdf", "-o", str(tmp_path / "x.pdf")])
        assert "MIC2025LAB_BROWSER = 'nobrowser' is not one" in done.stderr

    def test_a_browser_that_does_not_print_is_an_error(self, good, tmp_path, monkeypatch):
        program = tmp_path / "browser"
        program.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
        program.chmod(0o755)
        monkeypatch.setenv(pdf.BROWSER, str(program))
        done = CliRunner().invoke(main, ["export", str(good), "--pdf", "-o", str(tmp_path / "x.pdf")])
        assert done.exit_code == 1
        assert "did not print the page: no display" in done.stderr
        assert not (tmp_path / "x.pdf").exists()

    @pytest.mark.browser
    def test_pdf(self, good, tmp_path):
        try:
            pdf.browser()
        except RunError as error:
            pytest.skip(str(error))
        sizes = []
        for options in ([], ["--no-input"]):
            out = tmp_path / f"{len(options)}.pdf"
            done = CliRunner().invoke(main, ["export", str(good), "--pdf", "-o", str(out), *options])
            assert done.exit_code == 0, done.output
            assert out.read_bytes().startswith(b"%PDF-")
            sizes.append(out.stat().st_size)
        assert sizes[1] < sizes[0]
