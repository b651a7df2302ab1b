"""The site in a real browser, wide and narrow, light and dark, with the keyboard: filter, open a report, go back, see what changed."""

import html
import re
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AEROSPACE = "Sector: Aerospace equipment"
RUNS = ["overcapacity", "aerospace", "failed"]
PAGES = ["index", "reports", "search", "data", "sector", "analysis", "changes", "change", "claim", "claims"]
PAGES += RUNS

# Elements that stick out of the page to the right, to name the culprit.
STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, .text table"))
  .map((e) => e.tagName + "." + e.className).slice(0, 5)
"""


@pytest.fixture
def visit(visit, lab_runs):
    """Open a page of the site by its name, with a choice in its address, or another address."""
    known = {name: path.as_uri() for name, path in lab_runs.pages.items()}
    return lambda name, width=1280, choice="", **settings: visit(
        known.get(name, name) + choice, width, **settings
    )


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")


def load_images(page):
    """Load all images: lazy ones load when they come near, and none may be left out of a check."""
    page.evaluate("document.querySelectorAll('img').forEach((i) => { i.loading = 'eager' })")
    page.evaluate("Promise.allSettled([...document.images].map((i) => i.decode()))")
    assert (
        page.evaluate("[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src.slice(0, 60))")
        == []
    )


def headings(page):
    return page.locator(".card:visible h3").all_inner_texts()


def choose(page, label, value):
    page.get_by_label(label, exact=True).select_option(value)


def chosen(page, label):
    return page.get_by_label(label, exact=True).input_value()


def no_wider(page):
    return page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_is_complete_and_can_be_walked(visit, name):
    page = visit(name, 390)
    if name != "search":  # the focus is in its field
        page.keyboard.press("Tab")
        focused = "[document.activeElement.className, document.activeElement.getBoundingClientRect().x >= 0]"
        assert page.evaluate(focused) == ["skip", True]
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('main')")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for opened in (False, True):
            page.evaluate(
                "(it) => document.querySelectorAll('details').forEach((d) => { d.open = it })", opened
            )
            assert no_wider(page), f"{width} px ({opened=}): {page.evaluate(STICKING_OUT)}"
    assert page.get_attribute("html", "lang") == "en"
    assert page.title()
    for landmark in ("main", "body > header", "nav[aria-label='Site']"):
        assert page.locator(landmark).count() == 1, landmark
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert sorted(set(ids)) == sorted(ids)
    if name not in RUNS:
        assert page.locator("table:not(:has(caption))").count() == 0
        assert page.locator("th:not([scope])").count() == 0
    load_images(page)
    texts = page.evaluate("[...document.images].map((i) => i.alt)")
    assert len(texts) >= 2 or name not in ("reports", "overcapacity", "aerospace")
    assert [alt for alt in texts if len(alt) <= 15 or "nan" in alt.lower().split()] == []


#: The other two combinations are slow to look at, and a fault is seldom one of a width in one scheme only.
LOOKS = [
    (1280, "light"),
    (390, "dark"),
    pytest.param(1280, "dark", marks=pytest.mark.heavy),
    pytest.param(390, "light", marks=pytest.mark.heavy),
]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_fault(visit, axe, name, width, scheme):
    page = visit(name, width, color_scheme=scheme)
    unfold(page)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) > 3 * 128
    assert light == (scheme == "light"), paper
    assert axe(page) == []


def test_filter_open_a_report_go_back_and_see_what_changed(visit):
    page = visit("reports")
    assert page.locator(".card:visible").count() == 3
    choose(page, "Analysis", "overcapacity")
    choose(page, "Status", "changed")
    page.get_by_label("Text", exact=True).fill("capacity")
    assert headings(page) == ["Default parameters"]
    assert page.locator("#hits").inner_text() == "1 of 3 reports"
    assert page.locator(".group:visible").count() == 1
    assert page.url.endswith("#text=capacity&analysis=overcapacity&status=changed")
    page.locator(".card:visible h3 a").click()
    page.wait_for_url("**/notebook.html")
    page.go_back()
    page.wait_for_url("**/reports.html#text=*")
    assert headings(page) == ["Default parameters"]  # the choice was kept
    assert (chosen(page, "Text"), chosen(page, "Analysis")) == ("capacity", "overcapacity")
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


def test_back_takes_choices_away_one_by_one(visit):
    page = visit("reports")
    choose(page, "Sector", "aerospace")
    assert headings(page) == [AEROSPACE]
    choose(page, "Status", "failed")
    assert headings(page) == []
    assert page.locator("#hits").inner_text().startswith("None of 3 reports fits")
    page.go_back()
    assert headings(page) == [AEROSPACE]
    assert chosen(page, "Status") == ""
    page.go_back()
    assert page.locator(".card:visible").count() == 3
    page.go_forward()
    assert chosen(page, "Sector") == "aerospace"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_url(lambda url: "=" not in url)
    assert page.locator(".card:visible").count() == 3
    assert page.evaluate("document.activeElement.name") == "text"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("#sector=aerospace", [AEROSPACE]),
        ("#status=failed", ["Default parameters failed"]),
        ("#text=AEROSPACE%20share", [AEROSPACE]),
        # A choice that there is not is none.
        ("#sector=nowhere&text=aerospace", [AEROSPACE]),
        ("#text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", []),
    ],
)
def test_an_address_holds_the_choice(visit, address, found):
    page = visit("reports", choice=address)
    assert headings(page) == found
    assert page.locator("main img[src='x']").count() == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to #main, a place in the page, which leaves the choice alone
    page.wait_for_url(f"**/reports.html{address}")
    assert headings(page) == found


def test_without_scripts_every_report_is_shown_and_the_search_is_a_map(visit):
    page = visit("reports", choice="#sector=aerospace", java_script_enabled=False)
    assert page.locator(".card:visible").count() == 3
    assert page.locator("form:visible").count() == 0
    page.get_by_role("link", name="Sectors", exact=True).first.click()
    page.get_by_role("link", name="Advanced rail transit equipment").click()
    assert "No report on this sector" in page.locator("main").inner_text()
    page.get_by_role("link", name="Search", exact=True).first.click()
    assert page.locator("form:visible").count() == 0
    page.get_by_role("link", name="Aerospace equipment").click()
    page.wait_for_url("**/sectors/aerospace.html")


def test_the_keyboard_alone_will_do(visit):
    page = visit("reports")
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
    assert headings(page) == [AEROSPACE]
    assert urlsplit(page.url).query == ""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.card h3 a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebook.html")


def test_the_front_page_leads_to_what_is_looked_for(visit):
    page = visit("index")
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


@pytest.mark.parametrize(("width", "screens"), [(1280, 2), (390, 6)])
def test_the_front_page_is_short(visit, width, screens):
    page = visit("index", width)
    assert page.evaluate("document.scrollingElement.scrollHeight") <= screens * 800
    assert page.locator(".claims li").count() == page.locator(".strip li").count() == 16


def test_every_link_of_every_page_leads_to_a_file(lab_runs):
    """Sources are cited by their web address; nothing else may point out of the folder of reports."""
    for name, path in lab_runs.pages.items():
        links = re.findall(r'<a [^>]*?href="([^"]+)"', path.read_text(encoding="utf-8"))
        assert links, name
        assert [link for link in links if link.startswith("file:")] == []
        places = [urlsplit(html.unescape(link)) for link in links if not link.startswith("#")]
        assert [
            at.path for at in places if not (at.scheme or (path.parent / unquote(at.path)).is_file())
        ] == []


def test_a_figure_is_seen_whole_and_enlarged_when_touched(visit):
    """The image of a figure, which a chart that fits the width replaces where scripts run."""
    page = visit("overcapacity", 390, java_script_enabled=False)
    box = page.locator(".output .scroll:has(img)").first
    size = "(box) => box.scrollWidth / box.clientWidth"
    assert box.evaluate(size) <= 1
    box.click()
    assert box.evaluate(size) > 1.5
    assert no_wider(page)


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_motion_is_left_out_where_it_is_not_wanted(visit, motion, behavior):
    page = visit("index", reduced_motion=motion)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behavior


@pytest.mark.parametrize("name", ["reports", "overcapacity"])
def test_print_is_black_on_white_and_shows_what_is_folded(visit, name):
    page = visit(name, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(29, 31, 36)"
    assert page.locator("nav:visible, form:visible, .code:visible").count() == 0
    folded = page.locator(".card:not(.brief) details p, .provenance p").first
    assert folded.bounding_box()["height"] > 10
    assert page.pdf(format="A4").startswith(b"%PDF")
