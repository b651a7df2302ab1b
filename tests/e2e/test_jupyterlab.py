"""A notebook in JupyterLab: opened, run from the menu, read."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from urllib.request import urlopen

import nbformat
import pytest

from mic2025lab.analyses import ANALYSES
from tests.runs.conftest import write_notebook

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="needs jupyterlab"),
]

NAME = "overcapacity"

# Every code cell has its number.
_ALL_RUN = r"""
() => {
  const prompts = [...document.querySelectorAll(".jp-NotebookPanel .jp-CodeCell .jp-InputPrompt")];
  return prompts.length > 5 && prompts.every((prompt) => /\[\d+\]/.test(prompt.textContent));
}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab in a home of its own: the folder of its notebooks, and the address of one of them in a workspace."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    foreign = ("JUPYTER", "MIC2025LAB_RUN", "IPYTHON")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    settings |= {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    settings |= {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data")}
    log = (folder / "jupyter.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={work}", "--ServerApp.allow_root=True",
            "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        env=settings, cwd=work, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(server, f"http://127.0.0.1:{port}/api/status?token={token}", folder / "jupyter.log")
        yield work, f"http://127.0.0.1:{port}/lab/workspaces/{{0.parent.name}}/tree/{{0}}?token={token}"
    finally:
        _stop(server)
        log.close()


def _wait(server, address, log):
    for _ in range(300):
        with contextlib.suppress(OSError), urlopen(address, timeout=5):
            return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def _stop(server):
    """End the server; on the first signal it ends its kernels, and what is left after that is killed with its group."""
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=15)


@pytest.fixture
def opened(server, chromium):
    """A function that opens a notebook of the package, or new cells, in a folder of its own: the page, and the file."""
    work, address = server
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})

    def go(name=NAME, cells=None):
        saved = work / secrets.token_hex(4) / f"{name}.ipynb"
        saved.parent.mkdir()
        if cells is None:
            shutil.copy(ANALYSES[name], saved)
        else:
            write_notebook(saved, cells, (), parameters="")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address.format(saved.relative_to(work)))
        page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.wait_for()
        return page, saved

    yield go
    context.close()


def run_all(page):
    # Only a kernel that is connected runs cells; the status bar says when it is.
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


@pytest.fixture
def saved_when(until):
    """Save, and return the cells of the file as soon as they are as they should be: `saved_when(page, saved, done)`."""

    def save(page, saved, done):
        def cells():
            with contextlib.suppress(nbformat.reader.NotJSONError):  # it is being written
                found = nbformat.read(saved, as_version=4).cells
                return found if done(found) else None

        page.keyboard.press("Control+s")
        return until(cells)

    return save


def executed(cells):
    """Whether every code cell has its number; none may have failed."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [o.ename for cell in code for o in cell.outputs if o.output_type == "error"] == []
    return all(cell.execution_count for cell in code)


def test_a_notebook_opens_and_all_its_cells_run_from_the_menu(opened, saved_when):
    page, saved = opened()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    notebook = page.locator(".jp-NotebookPanel:visible")
    assert "capacity" in notebook.locator(".jp-MarkdownOutput h1").first.inner_text()
    run_all(page)
    page.wait_for_function(_ALL_RUN)
    assert notebook.locator(".jp-OutputArea-output .vega-embed svg.marks").count() >= 2
    saved_when(page, saved, executed)
    # Cells far from the view are not in the page.
    panel, seen = notebook.locator(".jp-WindowedPanel-outer"), ""
    for step in range(60):
        panel.evaluate("(panel, top) => panel.scrollTop = top", 500 * step)
        page.wait_for_timeout(100)
        seen += notebook.inner_text()
        if "What it cannot say" in seen:
            break
    assert "What it cannot say" in seen
    assert errors == []


def test_a_default_edited_and_saved_in_jupyterlab_is_what_runs(opened, saved_when, call):
    page, saved = opened()
    cells, old = nbformat.read(saved, as_version=4).cells, "threshold: float = 75.0"
    (text,) = (cell.source for cell in cells if old in cell.source)
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell .cm-content").filter(has_text=old).first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text.replace(old, "threshold: float = 81.5"))
    saved_when(page, saved, lambda cells: any("81.5" in cell.source for cell in cells))
    page.close()
    done = call("-m", "mic2025lab.cli", "run", saved.name, "--reports", "reports", cwd=saved.parent)
    assert done.returncode == 0, done.stderr
    (results,) = (saved.parent / "reports" / "runs" / NAME).glob("*/results.json")
    recorded = json.loads(results.read_text(encoding="utf-8"))
    assert recorded["parameters"]["threshold"] == 81.5
    assert "81.5%" in recorded["figures"]["share_below_threshold"]["note"]


def test_charts_show_values_on_hover_and_the_explorer_writes_the_code_of_a_new_cell(
    opened, saved_when, until
):
    chart = """import pandas as pd
import mic2025lab as lab

table = pd.DataFrame({"item": ["Ships", "Cars"], "value": [41.5, 12.25]})
lab.record_figure("bars", lab.plots.bars(table, item="item", value="value", unit="%", title="t", subtitle="s", source="NCSES"))"""
    page, saved = opened("charts", [chart, "lab.explore()"])
    run_all(page)
    page.locator(".jp-CodeCell").first.locator(".vega-embed svg .mark-rect path").first.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "41.5%" in tip.inner_text()
    code = page.locator(".mic2025lab-code textarea")
    code.wait_for()
    assert "market_share" not in code.input_value()
    page.get_by_label("Measure", exact=True).select_option("Share of the world, %")
    until(lambda: "lab.metrics.market_share" in code.input_value())
    page.get_by_label("Industry", exact=True).select_option(label="aerospace (Aerospace equipment)")
    until(lambda: 'industry="aerospace"' in code.input_value())
    written = code.input_value()
    page.get_by_role("button", name="Put the code into a new cell").click()
    third = page.locator(".jp-CodeCell").nth(2)
    third.locator(".cm-content").filter(has_text="market_share").wait_for()
    third.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    third.locator(".vega-embed svg.marks").wait_for()
    saved_when(page, saved, lambda cells: [cell.source for cell in cells[3:4]] == [written])


def test_completion_offers_tables_and_the_names_of_the_package(opened):
    from playwright.sync_api import TimeoutError

    page, _ = opened("small", ["import mic2025lab as lab", ""])
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    first, second = (page.locator(".jp-CodeCell .cm-content").nth(place) for place in (0, 1))
    first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-CodeCell .jp-InputPrompt").first.get_by_text("[1]").wait_for()

    def offered(text):
        items = page.locator(".jp-Completer:visible .jp-Completer-item")
        for _ in range(20):  # JupyterLab waits for a second only; a kernel that imports may need more
            second.click()
            page.keyboard.press("Control+a")
            page.keyboard.press("Delete")
            page.keyboard.insert_text(text)
            page.keyboard.press("Tab")
            with contextlib.suppress(TimeoutError):
                items.first.wait_for(timeout=3000)
                break
        names = items.locator(".jp-Completer-match").all_inner_texts()
        page.keyboard.press("Escape")
        return names

    tables = offered('lab.load("')
    assert {"value_added", "us_imports"} <= set(tables)
    assert not [name for name in tables if name.startswith("%") or name.endswith(".ipynb")]
    assert "aerospace" in offered('lab.load("value_added", industry="')
    # JupyterLab waits for a second, and asks for the documentation of what it offers, which imports it: so the rooms come last.
    assert {"load", "search", "metrics"} <= set(offered("lab."))
    assert "market_share" in (metrics := offered("lab.metrics."))
    assert not {"np", "Mapping", "TYPE_CHECKING", "shares"} & set(metrics)
    second.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("lab.search")
    page.keyboard.press("Shift+Tab")
    page.locator(".jp-Tooltip").get_by_text("Find tables").first.wait_for()
