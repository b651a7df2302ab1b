"""The front page, the search, and the page of data: what they show is what the runs recorded, and no test that decides nothing looks as if it did."""

import json
import re
import shutil

from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.claims import ledger

POINTS = {"unit": "points", "low": None, "high": None}
RUN = {"analysis": "overcapacity", "parameters": {}, "sources": {}, "figure": POINTS}


def test_a_table_of_the_picture_that_was_changed_is_not_drawn(site):
    columns = "sector,aim,change,unit,start year,end year,end,color,match,measured,note"
    made = {"analysis": "sector_scorecard", "parameters": {}, "sources": {}, "table": "cells"}
    folder = site.run("c1", csv=f"{columns}\nx,Imports,-59.2,%,2015,2019,3.1,toward,good,imports,\n", **made)
    assert "A direction is not a cause" in site.build().text
    table = folder / "tables" / "cells.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("toward", "away"), encoding="utf-8")
    (site.folder / ".site.json").unlink()  # only the files of results are looked at by default
    assert "A direction is not a cause" not in site.build().text


def found(page, word):
    """Which kinds have an entry with this word, as the script of the page looks for it."""
    kinds = re.split(r'<section class="kind"', page.source)[1:]
    hits = set()
    for kind in kinds:
        name = re.search(r"<h2[^>]*>(\w+)<", kind)[1]
        entries = re.findall(r"<li.*?</li>", kind, re.DOTALL)
        hits |= {name for entry in entries if re.search(rf"\b{word}\b", entry, re.IGNORECASE)}
    return hits


def test_search_finds_by_the_words_that_people_use(site):
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


def test_a_vintage_that_a_report_used_has_a_page_of_what_changed(site, tmp_path_factory, monkeypatch):
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
    shutil.rmtree(site.folder / "runs")
    site.build()
    assert not (site.folder / "vintages").exists()


def test_the_page_of_data_tells_how_each_table_stands(site, tmp_path_factory, monkeypatch):
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


def test_every_claim_of_the_package_is_a_row(site):
    entries = ledger.read()
    test = next(test for claim in entries for test in claim.tests if not test.params)
    site.run("o1", numbers={test.figure: 1.0}, **RUN | {"analysis": test.analysis})
    text = site.build().text
    assert all(claim.label in text for claim in entries)
    needed = {test.analysis for claim in entries for test in claim.tests} - {test.analysis}
    assert f"{len(needed)} analyses that they need have no run here" in " ".join(text.split())
    table = site.page("claims/index.html")
    assert all(claim.sentence in table.text for claim in entries)
    # Commands and modules are the only words with underscores: no name of a figure reaches a page of a claim.
    for path in sorted((site.folder / "claims").glob("*.html")):
        text = re.sub(r"mic2025lab((?: run| data) [\w=., -]+|\.\w+)", "", site.page(path).text)
        assert not re.findall(r"[a-z]+_[a-z_]+(?!\w*\.csv)\b", text.replace("china_", "")), path.name
