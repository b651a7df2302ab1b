"""Charts on the pages of runs, from a file: values on hover, data and pictures to take away, and the image where there is no script."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from mic2025lab.results.run import Run
from mic2025lab.runs.pages import html
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import execute
from mic2025lab.site.build import build_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KINDS = 8


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of `kinds.ipynb`, which has a figure of each kind, and the site beside it."""
    folder = tmp_path_factory.mktemp("charts")
    notebook = Path(shutil.copy(Path(__file__).with_name("kinds.ipynb"), folder))
    result = execute(prepare(str(notebook), {}), reports=folder / "reports")
    assert result.status == "done", result
    build_site(folder / "reports")
    assert result.folder is not None
    return result.folder


@pytest.fixture
def page(chromium, run):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.problems = []
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    opened.on(
        "console",
        lambda line: opened.problems.append(line.text) if line.type in ("error", "warning") else None,
    )
    opened.goto((run / "notebook.html").as_uri())
    yield opened
    context.close()


def live(page, at):
    chart = page.locator(".chart").nth(at)
    chart.scroll_into_view_if_needed()
    chart.locator(".live svg").wait_for()
    return chart


def test_the_run_keeps_the_specifications_and_lists_them(run):
    kept = Run.read(run)
    for name, image in kept.results.images.items():
        assert image.vega == f"figures/{name}.vl.json"
        assert image.vega in kept.manifest.contents
        json.loads((run / image.vega).read_text(encoding="utf-8"))
    assert len(kept.results.images) == KINDS
    assert kept.damaged() == []


def test_every_kind_is_drawn_from_a_file_and_only_the_script_of_the_page_runs(page):
    for at in range(KINDS):
        chart = live(page, at)
        assert not chart.locator("img").is_visible()
        width = chart.locator(".live svg").bounding_box()["width"]
        assert 400 < width <= chart.bounding_box()["width"] + 1
    assert page.locator("#mine").inner_text() == "quiet"
    refused = [text for text in page.problems if "Content Security Policy" in text]
    assert page.problems == refused, page.problems
    assert len(refused) == 1, "the script of the notebook's output, and nothing else"


def test_hover_shows_name_year_value_and_interval(page):
    box = live(page, 0).locator(".live svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.12)
    page.mouse.move(box["x"] + box["width"] * 0.44, box["y"] + box["height"] * 0.12)
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "27.2%" in tip.inner_text()
    assert "2015" in tip.inner_text()
    assert "26.2% to 28.2%" in tip.inner_text()


def test_data_and_pictures_can_be_taken_away(page, tmp_path):
    chart = live(page, 0)
    chart.get_by_role("button", name="Copy data").click()
    chart.get_by_text("6 rows copied").wait_for()
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'pasted' }))")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+v")
    lines = page.locator("#pasted").input_value().splitlines()
    assert lines[0].split("\t") == ["economy", "year", "share", "low", "high"]
    assert ["CHN", "2015", "27.25", "26.25", "28.25"] in [line.split("\t") for line in lines]
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            chart.get_by_role("button", name=kind).click()
        assert download.value.suggested_filename == f"china-rose-b-rose-b.{kind.lower()}"
        download.value.save_as(tmp_path / kind)
        data = (tmp_path / kind).read_bytes()
        assert data.startswith(start)
        if kind == "SVG":
            assert b"Source: NCSES" in data


def test_the_chart_follows_dark_mode_and_a_narrow_screen(page, until):
    chart = live(page, 2)
    # Playwright's own wait needs `eval`, which the page forbids.
    axis = "document.querySelectorAll('.chart')[2].querySelector('.role-axis-label text')"
    light = page.evaluate(f"getComputedStyle({axis}).fill")
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate(f"getComputedStyle({axis}).fill") != light)
    page.set_viewport_size({"width": 390, "height": 800})
    until(lambda: chart.locator("svg").first.bounding_box()["width"] < 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert chart.locator(".live svg").bounding_box()["width"] > 250


def test_without_script_on_paper_and_without_the_library_the_images_stand(chromium, run, page):
    live(page, 0)
    page.emulate_media(media="print")
    assert page.locator(".chart img").first.is_visible()
    assert not page.locator(".chart .live").first.is_visible()
    (run / "elsewhere").mkdir(exist_ok=True)
    moved = shutil.copy(run / "notebook.html", run / "elsewhere")  # the library is not where it leads
    for place, scripts in ((run / "notebook.html", False), (Path(moved), True)):
        context = chromium.new_context(java_script_enabled=scripts)
        still = context.new_page()
        still.goto(place.as_uri())
        still.wait_for_timeout(500)
        assert still.locator(".chart img").first.is_visible()
        assert still.locator(".chart .live").count() == 0
        context.close()


def test_a_page_on_its_own_has_no_script(run):
    notebook = nbformat.read(run / "notebook.ipynb", as_version=4)
    text = html.page(Run.read(run), notebook, back=None, files=False)
    assert "vega.js" not in text
    assert "application/json" not in text
    assert "assets/vega.js" in html.page(Run.read(run), notebook)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_a_page_with_charts(page, axe, scheme):
    page.emulate_media(color_scheme=scheme)
    for at in range(KINDS):
        live(page, at)
    assert axe(page) == []
