"""What the tests of the site share: runs made by hand, and pages read as a browser reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from mic2025lab.site.build import build_site
from mic2025lab.site.pages import Site


class Page:
    """The elements, the links and the text of a page."""

    def __init__(self, source):
        self.source = source
        parsed = BeautifulSoup(source, "html.parser", multi_valued_attributes=None)
        self.elements = [(tag.name, tag.attrs) for tag in parsed.find_all(True)]
        for silent in parsed(["script", "style"]):
            silent.clear()
        for cell in parsed(["td", "th"]):
            cell.insert_before(" ")
        self.text = parsed.get_text()

    def all(self, tag, name):
        return [attrs.get(name) for found, attrs in self.elements if found == tag]

    def missing(self, *words):
        """The words that it does not show."""
        text = " ".join(self.text.split())
        return [one for one in words if one not in text and one not in self.text]

    @property
    def links(self):
        return [str(href) for href in self.all("a", "href") + self.all("link", "href")]

    @property
    def reports(self):
        """The runs that it links to, each once, in order."""
        return list(dict.fromkeys(href for href in self.links if "notebook.html" in href))


@pytest.fixture(scope="session")
def make_run(write_run):
    """Write a run with what the site shows: `make_run(reports, run_id, started, status=, numbers=, image=, csv=, …)`."""

    def make(reports, run_id, started="2026-01-01T10:00:00+00:00", **values):
        analysis = values.setdefault("analysis", "market_share_shifts")
        values = {
            "title": f"Title of {analysis}", "question": f"Question of {analysis}?", "parameters": {"sector": "all"},
            "finding": [f"Finding of {run_id}."], "ended": started, **values,
        }  # fmt: skip
        entry = {"unit": "%", "low": 30.0, "high": 40.0} | values.pop("figure", {})
        numbers = values.pop("numbers", {"figure_0": 34.2987})
        if image := values.pop("image", ""):
            values["images"] = {
                "plot": {"png": "figures/plot.png", "svg": "figures/plot.svg", "alt": image, "caption": ""}
            }
        table = {"sha256": values.pop("sha256", "ab" * 32), "vintages": ["2025-10"], "license": ["CC0"]}
        table |= {"title": "A table", "versions": ["Somebody, Something (1)"]}
        values.setdefault("sources", {"value_added": table})
        if code := values.pop("code", "cd" * 32):
            values["package"] = {"version": "0.1.0", "sha256": code}
        name = values.pop("table", "shares")
        tables = {name: values.pop("csv")} if "csv" in values else {}
        figures = {name: {"value": value, **entry} for name, value in numbers.items()}
        return write_run(reports, run_id, started=started, figures=figures, tables=tables, **values)

    return make


@dataclass
class Reports:
    """A folder of reports and its site."""

    folder: Path
    make: Callable[..., Path]
    ledger: Path

    def run(self, run_id, started="2026-01-01T10:00:00+00:00", **values):
        """Write a run."""
        return self.make(self.folder, run_id, started, **values)

    def build(self, name="index.html"):
        """Build the site, and read a page of it: `.text`, `.links`, `.all(tag, attribute)`."""
        build_site(self.folder)
        return self.page(name)

    def page(self, name):
        """Read a page as it is."""
        return Page((self.folder / name).read_text(encoding="utf-8"))

    def of_small_ledger(self, name):
        """Read a page of the site of a ledger with two claims."""
        return Page(Site.read(self.folder, self.ledger).pages()[name])


@pytest.fixture(scope="session")
def site_of(make_run, small_ledger):
    return lambda folder: Reports(folder, make_run, small_ledger)


@pytest.fixture
def site(tmp_path, site_of):
    """A folder of reports: `site.run(…)` writes a run, `site.build(page)` builds the site."""
    return site_of(tmp_path)
