"""What the end-to-end tests share: a Chromium, and one folder of reports made as a person makes it."""

import shutil
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import execute
from mic2025lab.site.build import build_site
from tests.runs.conftest import alter, write_notebook

# Of Chromium's own traffic nothing is left on: what leaves a page is then the page's doing.
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
CHROMIUM_ARGS += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def call(plain_environment):
    """Run Python in a process of its own: `call("-m", "mic2025lab.cli", "run", …, cwd=folder)`."""
    way = {"capture_output": True, "text": True, "env": plain_environment, "check": False}

    def run(*arguments, cwd=None):
        return subprocess.run([sys.executable, *arguments], cwd=cwd, timeout=600, **way)

    return run


@pytest.fixture(scope="session")
def until():
    """Call a function until what it returns is true, and return that: `until(lambda: path.exists())`."""

    def wait(look, seconds=60):
        end = time.monotonic() + seconds
        while not (seen := look()):
            assert time.monotonic() < end
            time.sleep(0.1)
        return seen

    return wait


@pytest.fixture(scope="session")
def lab_runs(tmp_path_factory, recorded, shared_reports):
    """A folder of reports with two good runs, an older one of the first that found something else, and a failed one.

    `pages` has its pages by the names that tests give them.
    """
    folder = tmp_path_factory.mktemp("e2e")
    reports = folder / "reports"
    wanted = {"overcapacity": {}, "market_share_shifts": {"sector": "aerospace"}}
    places = []
    for name, parameters in wanted.items():
        recorded(name, **parameters)
        run = prepare(name, parameters).folder(shared_reports)
        places.append(reports / run.relative_to(shared_reports))
        shutil.copytree(run, places[-1])
    overcapacity, aerospace = places
    before = shutil.copytree(overcapacity, overcapacity.with_name("before"))
    started, ended = (f"2025-01-01T06:00:{second}+00:00" for second in ("00", "09"))
    alter(before / "run.json", lambda run: run.update(run_id="before", started=started, ended=ended))
    alter(before / "results.json", _as_before_a_revision)
    failed = _fail(folder)
    build_site(reports)
    pages = {name: f"{name}.html" for name in ("index", "reports", "search", "data")}
    pages |= {
        "sectors": "sectors/index.html",
        "sector": "sectors/aerospace.html",
        "analysis": "analyses/overcapacity.html",
        "changes": "changes/index.html",
        "change": f"changes/overcapacity/{overcapacity.name}.html",
        "claim": "claims/structural_overcapacity.html",
        "claims": "claims/index.html",
    }
    runs = {"overcapacity": overcapacity, "aerospace": aerospace, "failed": failed}
    found = {name: reports / path for name, path in pages.items()}
    found |= {name: run / "notebook.html" for name, run in runs.items()}
    return SimpleNamespace(reports=reports, aerospace=aerospace, pages=found)


def _as_before_a_revision(results):
    results["figures"]["utilization_recent"]["value"] += 1.0
    results["finding"][0] = results["finding"][0].replace("below", "above")


def _fail(folder):
    """Make a run whose notebook fails in the middle, with an output before the failure."""
    cells = ["import mic2025lab as lab", "print('before the failure')", "{}['a key that is not there']"]
    notebook = write_notebook(
        folder / "broken.ipynb", cells, (), parameters="start: int = 2016  # first year"
    )
    result = execute(prepare(str(notebook), {}), reports=folder / "reports")
    assert result.status == "failed"
    return result.folder


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium of the machine; Playwright's own cannot be had everywhere."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for found in map(shutil.which, names) if found), None)
    if path is None:
        pytest.skip(f"needs a browser: none of {', '.join(names)} is on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open an address; what is opened is closed at the end, and nothing may have been said, or asked of another machine."""
    contexts = []
    said = []
    asked = []

    def go(address, width=1280, **settings):
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **settings))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("requestfailed", lambda request: said.append(f"failed: {request.url[:80]}"))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address, wait_until="load")
        return page

    yield go
    assert said == []
    assert len(asked) >= len(contexts), "the listener saw not even the page itself"
    for address in asked:
        parts = urlsplit(address)
        assert parts.scheme in ("file", "data") or parts.hostname == "127.0.0.1", address
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe():
    """A function: the serious faults that axe-core finds in a page, with the element of the first of each kind."""
    reason = "needs axe-playwright-python, which carries axe-core"
    base = pytest.importorskip("axe_playwright_python.base", reason=reason)

    def faults(page):
        page.evaluate(base.AXE_SCRIPT)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert len(found["passes"]) > 20
        bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        return [(one["id"], one["nodes"][0]["html"][:200]) for one in bad]

    return faults
