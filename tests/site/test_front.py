"""The front page, the search, and the page of data: what they show is what the runs recorded, and no test that decides nothing looks as if it did."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.claims import ledger
from mic2025lab.classifications import sectors
from mic2025lab.site import board

COLUMNS = "sector,aim,change,unit,start year,end year,end,color,match,measured,note"
RAIL, SHIPS = (sectors.get(slug).name for slug in ("rail", "ships_ocean_engineering"))
CELLS = f"""{COLUMNS}
{RAIL},Imports,-59.2,%,2015.0,2019.0,3.1,toward,good,"imports, % of value added",
{RAIL},Partners,,points,2024.0,2024.0,11.2,unclear,good,"products, % of US imports",
{SHIPS},Knowledge,7.31,points,2015.0,2018.0,9.1,away,broad,"transport, % of patents",
{SHIPS},Value,,,,,,no data,,,No data. Wanted: value added of shipbuilding.
"""
POINTS = {"unit": "points", "low": None, "high": None}
RUN = {"analysis": "overcapacity", "parameters": {}, "sources": {}, "figure": POINTS}


@pytest.fixture
def scorecard(site: Any) -> Any:
    """Write a run of the sector scorecard with these cells, under the name of its table."""

    def make(csv: str = CELLS, **values: Any) -> Path:
        about = {"analysis": board.ANALYSIS, "sources": {}, "parameters": {}, "changed": {}}
        folder = site.run("c1", csv=csv, **about, **values)
        results = folder / "results.json"
        text = results.read_text(encoding="utf-8").replace('"shares"', f'"{board.TABLE}"')
        results.write_text(text, encoding="utf-8")
        return folder

    return make


def cells(page: Any) -> dict[tuple[str, str], str]:
    """The title of each cell of the picture -> its class."""
    return {
        str(each["title"]): str(each["class"])
        for tag, each in page.elements
        if tag == "td" and each.get("title")
    }


def test_the_picture_has_a_sign_a_number_and_words_for_each_cell(site: Any, scorecard: Any) -> None:
    scorecard(numbers={"observations_toward": 1, "observations_away": 1, "observations_unclear": 0})
    page = site.build()
    drawn = cells(page)
    assert len([each for tag, each in page.elements if tag == "td"]) == 10 * sum(
        map(len, board.AIMS.values())
    )
    assert drawn["imports, % of value added: −59%, 2015 to 2019; toward; good match"] == "toward"
    assert drawn["products, % of US imports: 11% in 2024, a level; good match"] == "level"
    assert drawn["transport, % of patents: +7.3 points, 2015 to 2018; away; broad match"] == "away broad"
    assert drawn["No data. Wanted: value added of shipbuilding."] == "no-data"
    text = " ".join(page.text.split())
    assert "1 observations moved toward" in text
    assert "✓ −59 toward" in text
    assert "✗ +7.3 away" in text
    assert "sectors/rail.html" in page.links


@pytest.mark.parametrize("csv", ["a,b\n1,2\n", f"{COLUMNS}\n", f"{COLUMNS}\nx\n"])
def test_a_table_of_another_form_draws_no_direction(site: Any, scorecard: Any, csv: str) -> None:
    scorecard(csv)
    page = site.build()
    assert {"toward", "away", "unclear"}.isdisjoint(cells(page).values())


def test_a_changed_table_of_the_picture_is_not_drawn(site: Any, scorecard: Any) -> None:
    folder = scorecard()
    (folder / "tables" / "shares.csv").write_text(CELLS.replace("toward", "away"), encoding="utf-8")
    assert cells(site.build()) == {}


def test_data_that_changed_since_are_said_to_have_changed(site: Any, scorecard: Any) -> None:
    folder = scorecard()
    run = (folder / "run.json").read_text(encoding="utf-8")
    table = '{"gone": {"title": "t", "sha256": "00"}}'
    (folder / "run.json").write_text(re.sub(r'"tables": \{\}', f'"tables": {table}', run), encoding="utf-8")
    assert "out of date" in site.build().text


def found(page: Any, word: str) -> set[str]:
    """Which kinds have an entry with this word, as the script of the page looks for it."""
    kinds = re.split(r'<section class="kind"', page.source)[1:]
    hits = set()
    for kind in kinds:
        name = re.search(r"<h2[^>]*>(\w+)<", kind)[1]
        entries = re.findall(r"<li.*?</li>", kind, re.DOTALL)
        hits |= {name for entry in entries if re.search(rf"\b{word}\b", entry, re.IGNORECASE)}
    return hits


def test_search_finds_by_the_words_that_people_use(site: Any) -> None:
    site.run("a1", finding=["China overtook Japan in 2010."])
    page = site.build("search.html")
    wanted = {
        "semiconductor": {"Sectors", "Products"}, "chip": {"Sectors", "Products"}, "EV": {"Sectors", "Products"}, "Japan": {"Economies"},
        "JPN": {"Economies"}, "value_added": {"Tables"}, "market share": {"Analyses"},
    }  # fmt: skip
    for word, kinds in wanted.items():
        assert kinds <= found(page, word), word
    assert "economies.html#JPN" in page.links
    assert "economies.html#BRA" not in page.links  # no sentence names it


def test_a_vintage_that_a_report_used_has_a_page_of_what_changed(
    site: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
    steel = catalog.load("steel")
    there = (steel["economy"] == "CHN") & (steel["year"] == 2015)
    newer = steel.assign(value=steel["value"].mask(there, 812_345.0))
    keep_vintage("steel", newer, "ws-2026", catalog.describe("steel").origins)
    used = {"title": "Steel", "sha256": catalog.digest("steel@ws-2026"), "license": ["CC0"]}
    site.run("a1", sources={"steel@ws-2026": used, "steel@ws-2020": {**used, "sha256": "0" * 64}})
    assert "vintages/steel.ws-2026.html" in site.build("data.html").links
    page = site.page("vintages/steel.ws-2026.html").text
    assert "Changed values 1 of 1,794" in page
    assert "value 803,825 812,345" in " ".join(page.split())
    assert [path.name for path in (site.folder / "vintages").iterdir()] == ["steel.ws-2026.html"]


def test_the_page_of_data_tells_how_each_table_stands(
    site: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MIC2025LAB_CACHE", str(cache))
    site.run("a1", sources={"world_economy": {"title": "GDP", "sha256": "ab" * 32, "license": ["CC0"]}})
    page, entry = site.build("data.html"), catalog.describe("world_economy")
    used = page.source.split('<tr id="world_economy">')[1].split("</tr>")[0]
    assert f"<td>{entry.coverage['year'][1]}</td>" in used
    assert entry.origins[0].retrieved in used
    assert "mic2025lab data fetch world_economy" in used
    assert all(name in page.text for name in ("steel", "baci", "mic2025lab data build chip_trade"))
    # A table that is built is shown by the next build of the site.
    built = json.loads((catalog.data_dir() / "catalog.json").read_text(encoding="utf-8"))["tables"]["steel"]
    (cache / "tables").mkdir()
    (cache / "tables" / "catalog.json").write_text(json.dumps({"tables": {"chip_trade": built}}))
    assert "mic2025lab data build chip_trade" not in site.build("data.html").text


def test_every_claim_of_the_package_is_a_row(site: Any) -> None:
    entries = ledger.read()
    test = next(test for claim in entries for test in claim.tests if not test.params)
    site.run("o1", numbers={test.figure: 1.0}, **RUN | {"analysis": test.analysis})
    text = site.build().text
    assert all(claim.label in text for claim in entries)
    needed = {test.analysis for claim in entries for test in claim.tests} - {test.analysis}
    assert f"{len(needed)} analyses that they need have no run here" in " ".join(text.split())
    table = site.page("claims/index.html")
    assert all(claim.sentence in table.text for claim in entries)
    # Commands that make a run are the only words with underscores: no name of a figure reaches a page of a claim.
    for path in sorted((site.folder / "claims").glob("*.html")):
        text = re.sub(r"mic2025lab (run|data) [\w=., -]+", "", site.page(path).text)
        assert not re.findall(r"[a-z]+_[a-z_]+(?!\w*\.csv)\b", text.replace("china_", "")), path.name


def test_a_drawn_interval_is_on_the_side_of_the_claim(site: Any) -> None:
    """Below the reference supports the claim, so the headline is right of the line; the interval goes to its left."""
    made = RUN | {"figure": {"unit": "points", "low": -4.0, "high": 1.0}}
    site.run("o1", numbers={"utilization_gap": -2.0}, **made)
    elements = site.of_small_ledger("claims/half_idle.html").elements
    (interval,) = [attrs for _, attrs in elements if attrs.get("class") == "interval"]
    assert (float(interval["x1"]), float(interval["x2"])) == (92.5, 230.0)
    (headline,) = [attrs for _, attrs in elements if attrs.get("class") == "headline"]
    assert float(headline["cx"]) == 175.0
