"""The claims stand at the top of the front page with their verdicts, and each figure leads to the run that made it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mic2025lab.claims import ledger
from mic2025lab.site.pages import Site

#: A run of the analysis, of today's table.
POINTS = {"unit": "points", "low": None, "high": None}
RUN = {"analysis": "overcapacity", "parameters": {}, "sources": {}, "figure": POINTS}


def test_without_a_figure_there_is_no_table(site: Any) -> None:
    site.run("a1")
    assert Site.read(site.folder).verdicts == {}
    assert "Verdict" not in site.build().text


def test_every_claim_of_the_package_is_a_row(site: Any) -> None:
    entries = ledger.read()
    test = next(test for claim in entries for test in claim.tests if not test.params)
    site.run("o1", numbers={test.figure: 1.0}, **RUN | {"analysis": test.analysis})
    text = site.build().text
    assert all(claim.label in text for claim in entries)
    table = site.page("claims/index.html")
    assert all(claim.sentence in table.text for claim in entries)


def test_the_verdict_follows_the_figure(site: Any, tmp_path: Path) -> None:
    run = site.run("o1", numbers={"utilization_gap": -1.6}, **RUN)
    front = site.of_small_ledger("index.html")
    assert "claims/half_idle.html" in front.links
    assert "Half idle ● supported" in front.text
    claim = site.of_small_ledger("claims/half_idle.html")
    assert f"../{run.relative_to(tmp_path).as_posix()}/notebook.html" in claim.links
    assert "−1.6 points" in claim.text
    site.run("o2", "2027-01-01T00:00:00+00:00", numbers={"utilization_gap": 1.6}, **RUN)
    assert "○ not supported" in site.of_small_ledger("index.html").text
    assert "Not supported: 1 of 2 parts tested" in site.of_small_ledger("claims/half_idle.html").text


def test_the_page_of_a_claim_has_parts_tests_and_limits(site: Any) -> None:
    figures = {"utilization_gap": -1.6, "industries_below_history": 3}
    site.run("o1", numbers=figures, **RUN)
    claim = site.of_small_ledger("claims/half_idle.html")
    for words in (
        "Industry stands idle, and prices fall.", "What critics say it cost", "Idle plants lower utilization.",
        "● Industry stands idle: for", "– Prices fall: no test", "No interval: All industries are counted.",
        "The headline is within the margin.", "A recovery of demand.", "Prices.", "The table of exports has no prices.",
        "2026-11-29: written for tests.", "The verdict is the same with every base year.",
    ):  # fmt: skip
        assert words in claim.text, words
    drawn = claim.all("svg", "aria-label")
    assert drawn[0] == "−1.6 points; supports the claim if below 0 by more than 1: for."
    assert claim.all("svg", "role") == ["img", "img"]
    assert len(claim.all("circle", "cx")) == 2


def test_a_drawn_interval_is_on_the_side_of_the_claim(site: Any) -> None:
    """Below the reference supports the claim, so the headline is right of the line; the interval goes to its left."""
    made = RUN | {"figure": {"unit": "points", "low": -4.0, "high": 1.0}}
    site.run("o1", numbers={"utilization_gap": -2.0}, **made)
    elements = site.of_small_ledger("claims/half_idle.html").elements
    (interval,) = [attrs for _, attrs in elements if attrs.get("class") == "interval"]
    assert (float(interval["x1"]), float(interval["x2"])) == (92.5, 230.0)
    (headline,) = [attrs for _, attrs in elements if attrs.get("class") == "headline"]
    assert float(headline["cx"]) == 175.0


def test_the_table_by_base_year_has_a_row_for_each_claim(site: Any) -> None:
    site.run("o1", numbers={"utilization_gap": -1.6}, **RUN)
    table = site.of_small_ledger("claims/index.html")
    assert "changes the verdict on none of 2 claims" in table.text
    assert table.text.count("● supported") == 1 + 1 + 5  # the key, the verdict, and each base year
    assert "half_idle.html" in table.links


def test_no_name_of_a_figure_reaches_a_page_of_a_claim(site: Any) -> None:
    """The commands that make a run are the only words with underscores."""
    test = next(test for claim in ledger.read() for test in claim.tests if not test.params)
    site.run("o1", numbers={test.figure: 1.0}, **RUN | {"analysis": test.analysis})
    site.build()
    for path in sorted((site.folder / "claims").glob("*.html")):
        text = re.sub(r"mic2025lab (run|data) [\w=., -]+", "", site.page(path).text)
        assert not re.findall(r"[a-z]+_[a-z_]+(?!\w*\.csv)\b", text.replace("china_", "")), path.name
