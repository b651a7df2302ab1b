"""The pages as a reader has them: in a real browser, wide and narrow, light and dark, with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ["index", "reports", "overcapacity", "sector", "failed"]
WIDTHS = [1280, 390]

# The color of each run of text against what is painted behind it, by the formula of WCAG 2.1 (1.4.3); text over an image is left out.
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    if (!text || ["SCRIPT", "STYLE"].includes(element.tagName) || !element.getClientRects().length) continue;
    const paper = behind(element), ink = over(rgba(getComputedStyle(element).color), paper);
    const [a, b] = [luminance(ink), luminance(paper)].sort((x, y) => y - x);
    const where = (element.closest(".highlight") ? "code " : "") + element.tagName.toLowerCase() + "." + element.className;
    found.push([(a + 0.05) / (b + 0.05), where, text.slice(0, 40)]);
  }
  return found;
}
"""

# What the description of a text found by `CONTRASTS` begins with if it is highlighted code.
TOKEN = "code span"

# Elements that stick out of the page to the right, to name the culprit.
STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, .text table"))
  .map((e) => e.tagName + "." + e.className).slice(0, 5)
"""


class Opened:
    """A page with what it said and asked for since it was opened."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("requestfailed", lambda request: self.said.append(f"failed: {request.url[:80]}"))
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def visit(chromium: Any, lab_runs: Any) -> Iterator[Callable[..., Opened]]:
    """Open one of the pages by name; what is opened is closed at the end."""
    contexts = []

    def go(name: str, width: int = 1280, **settings: Any) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.goto(lab_runs.pages[name].as_uri(), wait_until="load")
        return opened

    yield go
    for context in contexts:
        context.close()


def unfold(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")


def below(ratios: list[Any], least: float) -> list[Any]:
    return [found for found in ratios if found[0] < least]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_is_quiet_and_asks_nobody(visit: Any, name: str, width: int) -> None:
    opened = visit(name, width)
    page = opened.page
    for folded in (True, False):
        if not folded:
            unfold(page)
        wide, room = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{name} at {width} px ({folded=}): {page.evaluate(STICKING_OUT)}"
    page.mouse.wheel(0, 100_000)
    page.wait_for_load_state("networkidle")
    assert opened.said == []
    assert {urlsplit(address).scheme for address in opened.asked} <= {"file", "data"}
    assert opened.asked, "the listener saw not even the page itself"


@pytest.mark.parametrize("name", PAGES)
def test_every_image_is_there_and_described(visit: Any, name: str) -> None:
    page = visit(name).page
    # Lazy images load when they come near; none may be left out of the check.
    page.evaluate("document.querySelectorAll('img').forEach((i) => { i.loading = 'eager' })")
    page.evaluate("Promise.allSettled([...document.images].map((i) => i.decode()))")
    images = page.evaluate("[...document.images].map((i) => [i.naturalWidth, i.alt, i.src.slice(0, 60)])")
    assert (len(images) >= 2) == (name not in ("failed", "index"))
    for width, alt, source in images:
        assert width > 0, source
        assert len(alt) > 15, source
        assert "nan" not in alt.lower().split(), alt


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_language_a_title_and_headings_in_order(visit: Any, name: str) -> None:
    page = visit(name).page
    assert page.get_attribute("html", "lang") == "en"
    assert page.title()
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["sector", "failed"])  # axe looks at the others
def test_text_can_be_read_in_both_color_schemes(visit: Any, name: str, scheme: str) -> None:
    page = visit(name, color_scheme=scheme).page
    unfold(page)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) > 3 * 128
    assert light == (scheme == "light"), paper
    ratios = [found for found in page.evaluate(CONTRASTS) if not found[1].startswith(TOKEN)]
    assert len(ratios) > 10
    assert below(ratios, 4.5) == []


@pytest.mark.parametrize(
    "scheme",
    [
        "light",
        "dark",
    ],
)
def test_code_can_be_read_in_both_color_schemes(visit: Any, scheme: str) -> None:
    page = visit("sector", color_scheme=scheme).page
    unfold(page)
    ratios = [found for found in page.evaluate(CONTRASTS) if found[1].startswith(TOKEN)]
    assert len(ratios) > 100
    # The colors are those of a published style: what WCAG asks of large text has to do.
    assert below(ratios, 3.0) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_first_tab_stop_skips_to_the_content(visit: Any, name: str) -> None:
    page = visit(name).page
    page.keyboard.press("Tab")
    focused = "[document.activeElement.className, document.activeElement.getBoundingClientRect().x >= 0]"
    assert page.evaluate(focused) == ["skip", True]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_the_filter_narrows_the_cards(visit: Any) -> None:
    page = visit("reports").page
    box, cards = page.get_by_label("Text"), page.locator(".card:visible")
    assert box.is_visible()
    assert cards.count() == 3
    box.fill("aerospace")
    assert cards.count() == 1
    assert "Aerospace" in cards.first.locator("h3").inner_text()
    assert page.locator("#hits").inner_text() == "1 of 3 reports"
    assert page.locator(".group:visible").count() == 1
    box.fill("no such words")
    assert cards.count() == 0
    assert page.locator("#hits").inner_text().startswith("None of 3 reports fits")
    box.fill("")
    assert cards.count() == 3
    assert page.locator("#hits").inner_text() == ""


def test_every_link_of_every_page_leads_to_a_file(visit: Any, lab_runs: Any) -> None:
    for name, path in lab_runs.pages.items():
        page = visit(name).page
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))")
        for link in links:
            # Sources are cited by their web address; nothing else may point out of the folder of reports.
            if urlsplit(link).scheme or link.startswith("#"):
                assert not link.startswith("file:"), link
                continue
            assert (path.parent / urlsplit(link).path).is_file(), (name, link)


def test_code_is_folded_and_opens(visit: Any) -> None:
    page = visit("sector").page
    folds, code = page.locator("details.code"), page.locator("details.code .highlight")
    assert folds.count() > 3
    assert page.locator("details.code .highlight:visible").count() == 0
    folds.first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert code.first.is_visible()
    assert folds.first.get_attribute("open") is not None


def test_a_failed_run_shows_its_traceback_and_the_index_says_so(visit: Any) -> None:
    page = visit("failed").page
    assert "This run failed." in page.get_by_role("alert").inner_text()
    assert "a key that is not there" in page.locator(".traceback").inner_text()
    assert "before the failure" in page.locator("main").inner_text()
    index, reports = visit("index").page, visit("reports").page
    card = reports.locator(".card.bad")
    assert card.count() == 1
    assert "KeyError" in card.inner_text()
    assert "1 run failed" in index.locator(".lead").inner_text()


@pytest.mark.parametrize("name", ["overcapacity", "sector"])
def test_index_and_report_say_what_was_recorded(
    visit: Any, lab_runs: Any, read_results: Any, name: str
) -> None:
    kept = read_results(getattr(lab_runs, name))
    index, report = visit("reports").page, visit(name).page
    card = index.locator(".card", has=index.locator(f"a[href*='{getattr(lab_runs, name).name}']"))
    unfold(index)
    on_card, on_page = card.first.inner_text(), report.locator("main").inner_text()
    assert len(kept["finding"]) > 2
    for sentence in kept["finding"]:
        assert sentence in on_card
        assert sentence in on_page
    shown = card.first.locator(".numbers dd:not(.note)")
    assert shown.count() == len(kept["figures"])
    assert "nan" not in on_card.lower().split()
