"""The front page, the search, and the page of data: what they show is what the runs recorded, and no test that decides nothing looks as if it did."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.claims import ledger
from mic2025lab.classifications import sectors
from mic2025lab.site import board
from mic2025lab.site.build import build_site
from mic2025lab.site.pages import Site

COLUMNS = "sector,aim,change,unit,start year,end year,end,color,match,measured,note"
RAIL, SHIPS = (sectors.get(slug).name for slug in ("rail", "ships_ocean_engineering"))
CELLS = f"""{COLUMNS}
{RAIL},Imports,-59.2,%,2015.0,2019.0,3.1,toward,good,"imports, % of value added",
{RAIL},Partners,,points,2024.0,2024.0,11.2,unclear,good,"products, % of US imports",
{SHIPS},Knowledge,7.31,points,2015.0,2018.0,9.1,away,broad,"transport, % of patents",
{SHIPS},Value,,,,,,no data,,,No data. Wanted: value added of shipbuilding.
"""
RUN = {
    "analysis": "overcapacity",
    "parameters": {},
    "sources": {},
    "figure": {"unit": "points", "low": None, "high": None},
}


@pytest.fixture
def scorecard(make_run: Any, tmp_path: Path) -> Any:
    """Write a run of the sector scorecard with these cells, under the name of its table."""

    def make(csv: str = CELLS, **values: Any) -> Path:
        folder = make_run(
            tmp_path, "c1", analysis=board.ANALYSIS, csv=csv, sources={}, parameters={}, changed={}, **values
        )
        results = folder / "results.json"
        results.write_text(
            results.read_text(encoding="utf-8").replace('"shares"', f'"{board.TABLE}"'), encoding="utf-8"
        )
        return folder

    return make


def cells(page: Any) -> dict[tuple[str, str], str]:
    """The title of each cell of the picture -> its class."""
    return {
        str(each["title"]): str(each["class"])
        for tag, each in page.elements
        if tag == "td" and each.get("title")
    }


def test_the_picture_has_a_sign_a_number_and_words_for_each_cell(
    scorecard: Any, tmp_path: Path, read: Any
) -> None:
    scorecard(numbers={"observations_toward": 1, "observations_away": 1, "observations_unclear": 0})
    page = read(build_site(tmp_path))
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
def test_a_table_of_another_form_draws_no_direction(
    scorecard: Any, tmp_path: Path, read: Any, csv: str
) -> None:
    scorecard(csv)
    page = read(build_site(tmp_path))
    assert {"toward", "away", "unclear"}.isdisjoint(cells(page).values())


def test_a_changed_table_of_the_picture_is_not_drawn(scorecard: Any, tmp_path: Path, read: Any) -> None:
    folder = scorecard()
    (folder / "tables" / "shares.csv").write_text(CELLS.replace("toward", "away"), encoding="utf-8")
    assert cells(read(build_site(tmp_path))) == {}


def test_data_that_changed_since_are_said_to_have_changed(
    scorecard: Any, tmp_path: Path, read: Any, make_run: Any
) -> None:
    folder = scorecard()
    run = (folder / "run.json").read_text(encoding="utf-8")
    table = '{"gone": {"title": "t", "sha256": "00"}}'
    (folder / "run.json").write_text(re.sub(r'"tables": \{\}', f'"tables": {table}', run), encoding="utf-8")
    assert "out of date" in read(build_site(tmp_path)).text


@pytest.fixture
def front(tmp_path: Path, read: Any, small_ledger: Path) -> Any:
    """Read the front page of the site of the small ledger."""

    def of() -> Any:
        text = Site.read(tmp_path, small_ledger).pages()["index.html"]
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        return read(tmp_path / "page.html")

    return of


def test_each_claim_has_a_verdict_a_sentence_and_a_chart(tmp_path: Path, make_run: Any, front: Any) -> None:
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6, "industries_below_history": 9}, **RUN)
    page = front()
    assert "Of 2 claims, 1 supported and 1 not testable." in " ".join(page.text.split())
    assert "No evidence here on “brands are known abroad”." in page.text
    assert "Mean utilization less its history: −1.6 points." in page.text
    assert page.all("svg", "aria-label") == ["Tests: 2 for, 0 unclear, 0 against, 0 missing."]
    assert [each["class"] for tag, each in page.elements if tag == "g"] == ["for", "for"]


def test_missing_runs_are_not_said_to_be_missing_data(
    tmp_path: Path, make_run: Any, read: Any, front: Any
) -> None:
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN)
    text = " ".join(read(build_site(tmp_path)).text.split())
    needed = {test.analysis for claim in ledger.read() for test in claim.tests} - {"overcapacity"}
    assert (
        f"{len(needed)} analyses that they need have no run here. mic2025lab batch default makes them."
        in text
    )
    assert "mic2025lab run sector_scorecard makes it." in text
    assert "not final" not in front().text  # the small ledger needs this run only


def test_a_test_that_decides_nothing_does_not_look_as_if_it_did(
    tmp_path: Path, make_run: Any, front: Any
) -> None:
    notes = {"figure": {"unit": "points", "low": None, "high": None, "note": "Simulated firms"}}
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN | notes)
    make_run(
        tmp_path,
        "o2",
        "2027-01-01T00:00:00+00:00",
        numbers={"utilization_gap": 0.3, "industries_below_history": 1},
        **RUN,
    )
    page = front()
    assert "−1.6" not in page.text
    assert "0.3 points. Unclear." in " ".join(page.text.split())
    assert [each["class"] for tag, each in page.elements if tag == "g"] == ["unclear", "unclear"]


def test_a_test_without_evidence_is_a_dotted_line(tmp_path: Path, make_run: Any, front: Any) -> None:
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN)
    page = front()
    assert [each["class"] for tag, each in page.elements if tag == "g"] == ["for"]
    assert sum(each.get("class") == "missing" for _, each in page.elements) == 1
    assert page.all("svg", "aria-label") == ["Tests: 1 for, 0 unclear, 0 against, 1 missing."]


def test_a_claim_names_its_data_and_who_published_them(
    tmp_path: Path, make_run: Any, small_ledger: Path
) -> None:
    origin = {
        "producer": "NBS",
        "title": "Rates",
        "version": "1",
        "license": "x",
        "citation": "c",
        "url": "https://example.org/nbs",
    }
    table = {"title": "Capacity utilization", "sha256": "00" * 32, "origins": [origin]}
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN)
    make_run(tmp_path, "a1", sources={"capacity_utilization": table})
    claim = Site.read(tmp_path, small_ledger).pages()["claims/half_idle.html"]
    assert (
        '<a href="../data.html#capacity_utilization">Capacity utilization</a>: <a href="https://example.org/nbs"'
        in claim
    )


def found(page: Any, word: str) -> set[str]:
    """Which kinds have an entry with this word, as the script of the page looks for it."""
    kinds = re.split(r'<section class="kind"', page.source)[1:]
    hits = set()
    for kind in kinds:
        name = re.search(r"<h2[^>]*>(\w+)<", kind)[1]
        entries = re.findall(r"<li.*?</li>", kind, re.DOTALL)
        hits |= {name for entry in entries if re.search(rf"\b{word}\b", entry, re.IGNORECASE)}
    return hits


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("semiconductor", {"Sectors", "Products"}),
        ("chip", {"Sectors", "Products"}),
        ("EV", {"Sectors", "Products"}),
        ("Japan", {"Economies"}),
        ("JPN", {"Economies"}),
        ("value_added", {"Tables"}),
        ("market share", {"Analyses"}),
    ],
)
def test_search_finds_by_the_words_that_people_use(
    tmp_path: Path, make_run: Any, read: Any, word: str, kinds: set[str]
) -> None:
    make_run(tmp_path, "a1", finding=["China overtook Japan in 2010."])
    build_site(tmp_path)
    page = read(tmp_path / "search.html")
    assert kinds <= found(page, word)
    assert "economies.html#JPN" in page.links
    assert "economies.html#BRA" not in page.links  # no sentence names it


def test_sources_are_links_and_only_to_the_web(tmp_path: Path, make_run: Any, read: Any) -> None:
    origin = {"producer": "Somebody", "title": "Something", "version": "1", "license": "CC0", "citation": "c"}
    origins = [
        origin | {"url": "https://example.org/data"},
        origin | {"title": "Bad", "url": "javascript:alert(1)"},
    ]
    table = {"title": "A table", "sha256": "ab" * 32, "origins": origins}
    make_run(tmp_path, "a1", sources={"value_added": table})
    build_site(tmp_path)
    for name in ("data.html", "analyses/market_share_shifts.html"):
        page = read(tmp_path / name)
        assert "https://example.org/data" in page.links, name
        assert "Somebody, Bad (1)" in page.text
        assert "javascript" not in "".join(page.links)
