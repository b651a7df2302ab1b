"""What the end-to-end tests share: a Chromium, and one folder of reports made as a person makes it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mic2025lab.runs.changes import history
from mic2025lab.runs.run import execute, prepare
from mic2025lab.site.build import build_site

# Of Chromium's own traffic nothing is left on: what leaves a page is then the page's doing.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def call(plain_environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a module of this Python (`mic2025lab.cli`, `papermill`) in a process of its own: `call(*arguments, cwd=folder)`."""

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=plain_environment,
            check=False,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def read_results() -> Callable[[Path], dict[str, Any]]:
    """Read what a run recorded, from its folder."""
    return lambda folder: json.loads((folder / "results.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Site:
    """A folder of reports with two good runs and a failed one."""

    reports: Path
    overcapacity: Path
    sector: Path
    failed: Path

    @property
    def index(self) -> Path:
        return self.reports / "index.html"

    @property
    def pages(self) -> dict[str, Path]:
        """Every page by the name tests give it."""
        runs = {"overcapacity": self.overcapacity, "sector": self.sector, "failed": self.failed}
        return {"index": self.index, "reports": self.reports / "reports.html"} | {
            name: folder / "notebook.html" for name, folder in runs.items()
        }


@pytest.fixture(scope="session")
def lab_runs(tmp_path_factory: pytest.TempPathFactory, recorded: Any, shared_reports: Path) -> Site:
    """Two runs that all tests share, copied, and one failing run."""
    folder = tmp_path_factory.mktemp("e2e")
    recorded("overcapacity")
    recorded("market_share_shifts", sector="aerospace")
    wanted = {"overcapacity": {}, "market_share_shifts": {"sector": "aerospace"}}
    runs = {
        run.analysis: run for run in history.runs(shared_reports) if run.changed == wanted.get(run.analysis)
    }
    for run in runs.values():
        shutil.copytree(run.folder, folder / "reports" / run.place)
    failed = _fail(folder)
    build_site(folder / "reports")
    overcapacity, sector = (folder / "reports" / runs[name].place for name in wanted)
    return Site(folder / "reports", overcapacity, sector, failed)


def _fail(folder: Path) -> Path:
    """Make a run whose notebook fails in the middle, with an output before the failure."""
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "mic2025lab": {
                "title": "A run made to fail",
                "question": "What does a reader see of a run that failed?",
            },
        }
    )
    cells = ["import mic2025lab as lab", "print('before the failure')", "{}['a key that is not there']"]
    notebook.cells = [
        nbformat.v4.new_code_cell("start: int = 2016  # first year", metadata={"tags": ["parameters"]}),
        *map(nbformat.v4.new_code_cell, cells),
    ]
    nbformat.write(notebook, folder / "broken.ipynb")
    result = execute(prepare(str(folder / "broken.ipynb"), {}), reports=folder / "reports")
    assert result.status == "failed"
    assert result.folder is not None
    return result.folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
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
