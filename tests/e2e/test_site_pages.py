"""The site around the reports in a real browser: filter, open a report, go back, see what changed; and what axe-core finds."""

from __future__ import annotations

import functools
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mic2025lab.site.build import build_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = [
    "index",
    "reports",
    "search",
    "data",
    "sector",
    "analysis",
    "changes",
    "change",
    "claim",
    "claims",
    "report",
]


@dataclass(frozen=True)
class Site:
    """A folder of reports in which one run has another before it."""

    reports: Path
    now: Path

    @property
    def pages(self) -> dict[str, Path]:
        return {
            "index": self.reports / "index.html",
            "reports": self.reports / "reports.html",
            "search": self.reports / "search.html",
            "data": self.reports / "data.html",
            "sectors": self.reports / "sectors" / "index.html",
            "sector": self.reports / "sectors" / "aerospace.html",
            "analysis": self.reports / "analyses" / "overcapacity.html",
            "changes": self.reports / "changes" / "index.html",
            "change": self.reports / "changes" / "overcapacity" / f"{self.now.name}.html",
            "claim": self.reports / "claims" / "structural_overcapacity.html",
            "claims": self.reports / "claims" / "index.html",
            "report": self.now / "notebook.html",
        }


@pytest.fixture(scope="module")
def site(lab_runs: Any, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Give the good run an older one that found something else, as a table that was revised would."""
    reports = tmp_path_factory.mktemp("site") / "reports"
    shutil.copytree(lab_runs.reports, reports)
    now = reports / lab_runs.overcapacity.relative_to(lab_runs.reports)
    before = now.with_name("before")
    shutil.copytree(now, before)
    run = json.loads((before / "run.json").read_text(encoding="utf-8"))
    results = json.loads((before / "results.json").read_text(encoding="utf-8"))
    run |= {"run_id": "before", "started": "2025-01-01T06:00:00+00:00", "ended": "2025-01-01T06:00:09+00:00"}
    results["figures"]["utilization_recent"]["value"] += 1.0
    results["finding"][0] = results["finding"][0].replace("below", "above")
    (before / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (before / "results.json").write_text(json.dumps(results), encoding="utf-8")
    build_site(reports)
    return Site(reports, now)


@dataclass
class Opened:
    """A page with what it said and asked for since it was opened."""

    page: Any
    said: list[str]
    asked: list[str]


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Opened]]:
    """Open an address; what is opened is closed at the end, and nothing may have been said, or asked of another machine."""
    contexts, opened = [], []

    def go(address: str, width: int = 1280, **settings: Any) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        made = Opened(context.new_page(), [], [])
        opened.append(made)
        made.page.on("console", lambda message: made.said.append(f"{message.type}: {message.text}"))
        made.page.on("pageerror", lambda error: made.said.append(f"error: {error}"))
        made.page.on("requestfailed", lambda request: made.said.append(f"failed: {request.url[:80]}"))
        made.page.on("request", lambda request: made.asked.append(request.url))
        made.page.goto(address, wait_until="load")
        return made

    yield go
    for made in opened:
        assert made.said == []
        assert made.asked, "the listener saw not even the page itself"
        for address in made.asked:
            parts = urlsplit(address)
            assert parts.scheme in ("file", "data") or parts.hostname == "127.0.0.1", address
    for context in contexts:
        context.close()


def headings(page: Any) -> list[str]:
    return page.locator(".card:visible h3").all_inner_texts()


def test_filter_open_a_report_go_back_and_see_what_changed(visit: Any, site: Site) -> None:
    page = visit(site.pages["reports"].as_uri()).page
    assert page.locator(".card:visible").count() == 3
    page.get_by_label("Analysis", exact=True).select_option("overcapacity")
    page.get_by_label("Status", exact=True).select_option("changed")
    page.get_by_label("Text", exact=True).fill("capacity")
    assert headings(page) == ["Default parameters"]
    assert page.locator("#hits").inner_text() == "1 of 3 reports"
    assert page.url.endswith("#text=capacity&analysis=overcapacity&status=changed")
    page.locator(".card:visible h3 a").click()
    page.wait_for_url("**/notebook.html")
    page.go_back()
    page.wait_for_url("**/reports.html#text=*")
    assert headings(page) == ["Default parameters"]  # the choice was kept
    assert page.get_by_label("Text", exact=True).input_value() == "capacity"
    assert page.get_by_label("Analysis", exact=True).input_value() == "overcapacity"
    page.locator(".card:visible").get_by_role("link", name="Changed since the previous run").click()
    page.wait_for_url("**/changes/overcapacity/*.html")
    assert page.locator("h1").inner_text() == "What changed since the previous run"
    row = page.get_by_role("row", name="Utilization recent").inner_text().split("\t")
    assert float(row[2].replace("−", "-")) - float(row[3].replace("−", "-")) == pytest.approx(1.0)
    assert row[4].startswith("−1 (")
    assert {"above", "below"} <= set(page.locator("mark").all_inner_texts())
    page.get_by_role("link", name="Reports", exact=True).click()
    page.wait_for_url("**/reports.html")
    assert page.locator(".card:visible").count() == 3


def test_back_takes_choices_away_one_by_one(visit: Any, site: Site) -> None:
    page = visit(site.pages["reports"].as_uri()).page
    page.get_by_label("Sector", exact=True).select_option("aerospace")
    assert headings(page) == ["Sector: Aerospace equipment"]
    page.get_by_label("Status", exact=True).select_option("failed")
    assert headings(page) == []
    page.go_back()
    assert headings(page) == ["Sector: Aerospace equipment"]
    assert page.get_by_label("Status", exact=True).input_value() == ""
    page.go_back()
    assert page.locator(".card:visible").count() == 3
    page.go_forward()
    assert page.get_by_label("Sector", exact=True).input_value() == "aerospace"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_url(lambda url: "=" not in url)
    assert page.locator(".card:visible").count() == 3
    assert page.evaluate("document.activeElement.name") == "text"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("#sector=aerospace", ["Sector: Aerospace equipment"]),
        ("#status=failed", ["Default parameters failed"]),
        ("#text=AEROSPACE%20share", ["Sector: Aerospace equipment"]),
        (
            "#sector=nowhere&text=aerospace",
            ["Sector: Aerospace equipment"],
        ),  # a choice that there is not is none
        ("#text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", []),
    ],
)
def test_an_address_holds_the_choice(visit: Any, site: Site, address: str, found: list[str]) -> None:
    page = visit(site.pages["reports"].as_uri() + address).page
    assert headings(page) == found
    assert page.locator("main img[src='x']").count() == 0


def test_a_place_in_the_page_leaves_the_choice_alone(visit: Any, site: Site) -> None:
    page = visit(site.pages["reports"].as_uri() + "#sector=aerospace").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to #main
    page.wait_for_url("**/reports.html#sector=aerospace")
    assert headings(page) == ["Sector: Aerospace equipment"]


def test_without_scripts_every_report_is_shown(visit: Any, site: Site) -> None:
    page = visit(site.pages["reports"].as_uri() + "#sector=aerospace", java_script_enabled=False).page
    assert page.locator(".card:visible").count() == 3
    assert page.locator("form:visible").count() == 0
    page.goto(site.pages["sectors"].as_uri())
    page.get_by_role("link", name="Advanced rail transit equipment").click()
    assert "No report on this sector" in page.locator("main").inner_text()


def test_the_keyboard_alone_will_do(visit: Any, site: Site) -> None:
    page = visit(site.pages["reports"].as_uri()).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to the content
    for _ in range(60):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        if page.evaluate("document.activeElement.id") == "text":
            break
    page.keyboard.type("aerospace")
    page.keyboard.press("Enter")  # sends no form
    assert headings(page) == ["Sector: Aerospace equipment"]
    assert urlsplit(page.url).query == ""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.card h3 a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebook.html")


def test_the_front_page_leads_to_what_is_looked_for(visit: Any, site: Site) -> None:
    page = visit(site.pages["index"].as_uri()).page
    page.get_by_label("Search", exact=True).fill("chips")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html#q=chips")
    hits = page.locator(".entries li:visible")
    assert hits.first.locator("a").is_visible()
    everything, chips = page.locator(".entries li").count(), hits.count()
    assert 0 < chips < everything / 4
    assert page.locator("#found").inner_text() == f"{chips} found"
    for words in ("EV", "semiconductor", "machine tools", "overcapacity", "Japan"):
        page.get_by_role("searchbox").fill(words)
        assert hits.count() > 0, words
    page.get_by_role("searchbox").fill("no such thing at all")
    assert hits.count() == 0
    assert page.locator("#found").inner_text().startswith("Nothing found")


def test_without_scripts_the_search_is_a_map_of_the_site(visit: Any, site: Site) -> None:
    page = visit(site.pages["search"].as_uri(), java_script_enabled=False).page
    assert page.locator("form:visible").count() == 0
    page.get_by_role("link", name="Aerospace equipment").click()
    page.wait_for_url("**/sectors/aerospace.html")


@pytest.mark.parametrize(("width", "screens"), [(1280, 2), (390, 6)])
def test_the_front_page_is_short(visit: Any, site: Site, width: int, screens: int) -> None:
    page = visit(site.pages["index"].as_uri(), width).page
    assert page.evaluate("document.scrollingElement.scrollHeight") <= screens * 800
    assert page.locator(".claims li").count() == page.locator(".strip li").count() == 16


def test_it_works_below_another_address(visit: Any, site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.reports, tmp_path / "some where" / "below", symlinks=True)
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}/some%20where/below"
        page = visit(f"{base}/reports.html").page
        page.evaluate("document.querySelectorAll('img').forEach((i) => { i.loading = 'eager' })")
        page.evaluate("Promise.all([...document.images].map((i) => i.decode()))")
        page.get_by_label("Sector", exact=True).select_option("aerospace")
        page.locator(".card:visible h3 a").click()
        page.wait_for_url(f"{base}/runs/**/notebook.html")
        page.get_by_role("link", name="All runs of this analysis").click()
        page.wait_for_url(f"{base}/analyses/market_share_shifts.html")
        page.get_by_role("link", name="Feed").first.evaluate(
            "(a) => { if (!a.href.endsWith('/below/atom.xml')) throw a.href }"
        )
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_fault(visit: Any, site: Site, name: str, width: int, scheme: str) -> None:
    base = pytest.importorskip(
        "axe_playwright_python.base", reason="needs axe-playwright-python, which carries axe-core"
    )
    page = visit(site.pages[name].as_uri(), width, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    page.evaluate(base.AXE_SCRIPT)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    assert len(found["passes"]) > 20
    faults = [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_has_its_landmarks(visit: Any, site: Site, name: str, width: int) -> None:
    page = visit(site.pages[name].as_uri(), width).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for landmark in ("main", "body > header", "nav[aria-label='Site']"):
        assert page.locator(landmark).count() == 1, landmark
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    if name != "report":
        assert page.locator("table:not(:has(caption))").count() == 0
        assert page.locator("th:not([scope])").count() == 0


def test_a_figure_is_seen_whole_and_enlarged_when_touched(visit: Any, site: Site) -> None:
    """The image of a figure, which a chart that fits the width replaces where scripts run."""
    page = visit(site.pages["report"].as_uri(), 390, java_script_enabled=False).page
    box = page.locator(".output .scroll:has(img)").first
    size = "(box) => [box.scrollWidth, box.clientWidth]"
    wide, room = box.evaluate(size)
    assert wide <= room
    box.click()
    wide, room = box.evaluate(size)
    assert wide > 1.5 * room
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_motion_is_left_out_where_it_is_not_wanted(
    visit: Any, site: Site, motion: str, behavior: str
) -> None:
    page = visit(site.pages["index"].as_uri(), reduced_motion=motion).page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behavior


@pytest.mark.parametrize("name", ["reports", "report"])
def test_print_is_black_on_white_and_shows_what_is_folded(visit: Any, site: Site, name: str) -> None:
    page = visit(site.pages[name].as_uri(), color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(29, 31, 36)"
    assert page.locator("nav:visible, form:visible, .code:visible").count() == 0
    folded = page.locator(".card:not(.brief) details p, .provenance p").first
    assert folded.bounding_box()["height"] > 10
    assert page.pdf(format="A4").startswith(b"%PDF")
