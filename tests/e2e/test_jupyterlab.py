"""A notebook in JupyterLab: opened, run from the menu, read."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest

from mic2025lab.analyses import ANALYSES

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


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Start JupyterLab on a copy of one notebook in a home of its own, and give the notebook's address."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    shutil.copy(ANALYSES[NAME], work / f"{NAME}.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    settings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "MIC2025LAB_RUN"))
    }
    folders = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "data"}
    folders |= {"JUPYTER_RUNTIME_DIR": home / "runtime", "IPYTHONDIR": home / "ipython"}
    log = (tmp_path / "jupyter.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={work}", "--ServerApp.allow_root=True",
            "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        env=settings | {name: str(path) for name, path in folders.items()},
        cwd=work, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(server, f"http://127.0.0.1:{port}/api/status?token={token}", tmp_path / "jupyter.log")
        yield f"http://127.0.0.1:{port}/lab/tree/{NAME}.ipynb?token={token}"
    finally:
        _stop(server)
        log.close()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    why = ""
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError) as error:
            why = str(error)
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start ({why}):\n{log.read_text(encoding='utf-8')[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server; on the first signal it ends its kernels, and what is left after that is killed with its group."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(timeout=15)


def test_a_notebook_opens_and_all_its_cells_run_from_the_menu(
    lab: str, chromium: Any, tmp_path: Path
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    notebook = page.locator(".jp-NotebookPanel:visible")
    notebook.locator(".jp-MarkdownOutput h1").wait_for()
    assert "capacity" in notebook.locator(".jp-MarkdownOutput h1").first.inner_text()
    # Only a kernel that is connected runs cells; the status bar says when it is.
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(_ALL_RUN)
    assert notebook.locator(".jp-OutputArea-output .vega-embed svg.marks").count() >= 2
    page.keyboard.press("Control+s")
    saved = tmp_path / "work" / f"{NAME}.ipynb"
    counts = _executed(saved, seconds=60)
    assert all(counts), counts
    assert notebook.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
    # Cells far from the view are not in the page.
    panel, seen = notebook.locator(".jp-WindowedPanel-outer"), ""
    for step in range(60):
        panel.evaluate("(panel, top) => panel.scrollTop = top", 500 * step)
        page.wait_for_timeout(100)
        seen += notebook.inner_text()
        if "What it cannot say" in seen:
            break
    assert "What it cannot say" in seen
    shot = tmp_path / "jupyterlab.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 20_000
    assert errors == []
    context.close()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "default", "chosen"),
    [
        ("market_share_shifts", '"all"', '"aerospace"'),
        ("sector_profile", '"information_technology"', '"rail"'),
    ],
)
def test_a_sector_changed_in_the_cell_is_what_all_cells_run_with(
    lab: str, chromium: Any, tmp_path: Path, name: str, default: str, chosen: str
) -> None:
    saved = tmp_path / "work" / f"{name}.ipynb"
    shutil.copy(ANALYSES[name], saved)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(lab.replace(NAME, name))
    notebook = page.locator(".jp-NotebookPanel:visible")
    editor = notebook.locator(".jp-CodeCell .cm-content").filter(has_text="sector: str").first
    editor.click()
    cells = json.loads(saved.read_text(encoding="utf-8"))["cells"]
    text = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    assert f"sector: str = {default}" in text
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text.replace(f"sector: str = {default}", f"sector: str = {chosen}"))
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(_ALL_RUN)
    page.keyboard.press("Control+s")
    assert all(_executed(saved, seconds=60))
    content = json.loads(saved.read_text(encoding="utf-8"))
    outputs = [output for cell in content["cells"] for output in cell.get("outputs", [])]
    assert outputs
    assert all(output["output_type"] != "error" for output in outputs)
    charts = [output for output in outputs if "application/vnd.vegalite.v5+json" in output.get("data", {})]
    assert charts, "no figure shows its values on hover"
    assert f"sector: str = {chosen}" in json.dumps(content).replace('\\"', '"')
    context.close()


def test_a_default_edited_and_saved_in_jupyterlab_is_what_runs(
    lab: str, chromium: Any, tmp_path: Path, call: Any
) -> None:
    saved = tmp_path / "work" / f"{NAME}.ipynb"
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(lab)
    editor = (
        page.locator(".jp-NotebookPanel:visible .jp-CodeCell .cm-content")
        .filter(has_text="threshold: float")
        .first
    )
    editor.click()
    cells = json.loads(saved.read_text(encoding="utf-8"))["cells"]
    text = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text.replace("threshold: float = 75.0", "threshold: float = 81.5"))
    page.keyboard.press("Control+s")
    until = time.monotonic() + 60
    while "81.5" not in saved.read_text(encoding="utf-8") and time.monotonic() < until:
        time.sleep(0.2)
    context.close()
    done = call("mic2025lab.cli", "run", f"{NAME}.ipynb", "--reports", "reports", cwd=saved.parent)
    assert done.returncode == 0, done.stderr
    (results,) = (saved.parent / "reports" / "runs" / NAME).glob("*/results.json")
    recorded = json.loads(results.read_text(encoding="utf-8"))
    assert recorded["parameters"]["threshold"] == 81.5
    assert "81.5%" in recorded["figures"]["share_below_threshold"]["note"]


def test_charts_show_values_on_hover_and_the_explorer_writes_the_code_of_a_new_cell(
    lab: str, chromium: Any, tmp_path: Path
) -> None:
    import nbformat

    cells = [
        """import pandas as pd
import mic2025lab as lab

table = pd.DataFrame({"item": ["Ships", "Cars"], "value": [41.5, 12.25]})
lab.record_figure("bars", lab.plots.bars(table, item="item", value="value", unit="%", title="t", subtitle="s", source="NCSES"))""",
        "lab.explore()",
    ]
    path = tmp_path / "work" / "charts.ipynb"
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = nbformat.v4.new_notebook(metadata=about, cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, path)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(lab.replace(f"{NAME}.ipynb", "charts.ipynb"))
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.wait_for()
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    bar = page.locator(".jp-CodeCell").first.locator(".vega-embed svg .mark-rect path").first
    bar.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "41.5%" in tip.inner_text()
    code = page.locator(".mic2025lab-code textarea")
    code.wait_for()
    assert "market_share" not in code.input_value()
    page.get_by_label("Measure", exact=True).select_option("Share of the world, %")
    page.get_by_label("Industry", exact=True).select_option(index=0)
    for _ in range(100):
        if "market_share" in code.input_value() and 'industry="aerospace"' in code.input_value():
            break
        page.wait_for_timeout(100)
    written = code.input_value()
    assert "lab.metrics.market_share" in written
    page.screenshot(path=tmp_path / "explorer.png")
    page.get_by_role("button", name="Put the code into a new cell").click()
    third = page.locator(".jp-CodeCell").nth(2)
    third.locator(".cm-content").filter(has_text="market_share").wait_for()
    third.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    third.locator(".vega-embed svg.marks").wait_for()
    page.keyboard.press("Control+s")
    until = time.monotonic() + 30
    while (
        written not in "".join(cell.source for cell in nbformat.read(path, as_version=4).cells[2:])
        and time.monotonic() < until
    ):
        time.sleep(0.3)
    assert nbformat.read(path, as_version=4).cells[2].source == written
    page.screenshot(path=tmp_path / "cell.png")
    context.close()


def _executed(path: Path, seconds: float) -> list[int | None]:
    """Give the execution counts of the saved notebook's code cells, as soon as all have one."""
    import nbformat

    until = time.monotonic() + seconds
    while True:
        code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        counts = [cell.execution_count for cell in code]
        if all(counts) or time.monotonic() > until:
            failed = [o.ename for cell in code for o in cell.outputs if o.output_type == "error"]
            assert failed == []
            return counts
        time.sleep(0.5)


def test_completion_offers_tables_and_the_names_of_the_package(
    lab: str, chromium: Any, tmp_path: Path
) -> None:
    cells = ["import mic2025lab as lab", ""]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, tmp_path / "work" / "small.ipynb")
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(lab.replace(f"{NAME}.ipynb", "small.ipynb"))
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    first, second = (page.locator(".jp-CodeCell .cm-content").nth(place) for place in (0, 1))
    first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-CodeCell .jp-InputPrompt").first.get_by_text("[1]").wait_for()

    def offered(text: str) -> list[str]:
        second.click()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
        items = page.locator(".jp-Completer:visible .jp-Completer-item")
        items.first.wait_for()
        names = items.locator(".jp-Completer-match").all_inner_texts()
        page.screenshot(path=tmp_path / f"completion{len(text)}.png")
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
    context.close()
