"""What the tests of the site share: runs made by hand, and pages read as a browser reads them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.results import record


class Page(HTMLParser):
    """The elements, the links and the text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.source = path.read_text(encoding="utf-8")
        self._silent = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.text += " "
        if tag in ("script", "style"):
            self._silent = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data

    def all(self, tag: str, name: str) -> list[str | None]:
        return [attrs.get(name) for found, attrs in self.elements if found == tag]

    @property
    def links(self) -> list[str]:
        return [str(href) for href in self.all("a", "href") + self.all("link", "href")]

    @property
    def reports(self) -> list[str]:
        """The runs that it links to, each once, in order."""
        return list(dict.fromkeys(href for href in self.links if "notebook.html" in href))


def _make_run(
    reports: Path,
    run_id: str,
    started: str = "2026-01-01T10:00:00+00:00",
    *,
    status: str = "done",
    **values: Any,
) -> Path:
    """Write what the site reads of a run: two files, and the tables they name."""
    analysis = values.get("analysis", "market_share_shifts")
    parameters = values.get("parameters", {"sector": "all"})
    folder = reports / "runs" / analysis / (run_id if status == "done" else f"{run_id}.failed")
    table = {
        "title": "A table",
        "sha256": values.get("sha256", "ab" * 32),
        "vintages": ["2025-10"],
        "loaded": True,
        "licence": ["CC0"],
        "versions": ["Somebody, Something (1)"],
    }
    run = {
        "format": 1,
        "analysis": analysis,
        "title": values.get("title", f"Title of {analysis}"),
        "question": values.get("question", f"Question of {analysis}?"),
        "run_id": run_id,
        "status": status,
        "error": values.get("error"),
        "parameters": parameters,
        "changed": values.get("changed", {}),
        "tables": values.get("tables", {"value_added": table}),
        "files": values.get("files", {}),
        "package": {"version": "0.1.0", "sha256": values.get("code", "cd" * 32)},
        "notebook": {"file": "a.ipynb", "sha256": "ef" * 32},
        "python": "3.11.7",
        "libraries": {"pandas": "3.1"},
        "started": started,
        "ended": values.get("ended", started),
        "seconds": 1.0,
    }
    results = record.empty(analysis, parameters)
    results["finding"] = values.get("finding", [f"Finding of {run_id}."])
    numbers = values.get("numbers", {"figure_0": 34.2987})
    for name, value in numbers.items():
        entry = {"value": value, "unit": "%", "low": 30.0, "high": 40.0, "note": None}
        results["figures"][name] = entry | values.get("figure", {})
        results["order"]["figures"].append(name)
    if values.get("image"):
        results["images"]["plot"] = {
            "png": "figures/plot.png",
            "svg": "figures/plot.svg",
            "alt": values["image"],
            "caption": "",
        }
        results["order"]["images"].append("plot")
    if "csv" in values:
        file, text = "tables/shares.csv", values["csv"]
        record.write(folder / file, text)
        results["tables"]["shares"] = {
            "file": file,
            "caption": values.get("caption", "Shares, %"),
            "rows": len(text.splitlines()) - 1,
            "columns": text.splitlines()[0].split(","),
            "sha256": sha256(text.encode()).hexdigest(),
        }
        results["order"]["tables"].append("shares")
    record.write(folder / "run.json", record.dump(run))
    record.write(folder / "results.json", record.dump(results))
    return folder


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Path]:
    """Write a run by hand: `make_run(reports, run_id, started, status=, analysis=, parameters=, finding=, numbers=, …)`."""
    return _make_run


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Page]:
    """Read a page: `read(path).text`, `.links`, `.all(tag, attribute)`."""
    return Page
