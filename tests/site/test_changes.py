"""What changed since the previous run: the page says it, the front page, the list and the feed point to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

NEW, OLD = "2026-01-02T10:00:00+00:00", "2026-01-01T10:00:00+00:00"
CHANGES = "changes/market_share_shifts/new.html"


def test_what_moved_is_said_with_before_and_now(site: Any) -> None:
    before = {"share_end": 40.0, "still": 1.0, "gone": 2.0}
    told = ["China’s share rose to 40% in 2022.", "Nothing else."]
    csv = "year,share\n2021,39.0\n2022,40.0\n"
    site.run("old", OLD, numbers=before, finding=told, csv=csv, sha256="11" * 32)
    after = {"share_end": 41.0, "still": 1.0, "come": 3.0}
    told = ["China’s share rose to 41% in 2022.", "Something new altogether!"]
    csv = "year,share\n2021,39.0\n2022,41.0\n2023,42.0\n"
    site.run("new", NEW, numbers=after, finding=told, csv=csv, code="99" * 32)
    index = site.build("reports.html")
    page = site.page(CHANGES)
    words = (
        "What changed since the previous run",
        "3 of 4 numbers, 1 of 1 table, ",
        "Share end % 40 41 +1 (+2.5%)",
        "Come % – 3 new",
        "Gone % 2 – no longer recorded",
        "Shares 1 of 2 cells changed; 1 row added",
        "data value_added sha256 11111111 sha256 abababab",
        "code mic2025lab 0.1.0 cdcdcdcd 0.1.0 99999999",
        "Removed Nothing else.",
        "New Something new altogether!",
    )
    assert page.missing(*words) == []
    assert page.shown("Still") == []
    assert page.source.count("<mark>40%</mark>") == page.source.count("<mark>41%</mark>") == 1
    assert page.reports == [f"../../runs/market_share_shifts/{name}/notebook.html" for name in ("old", "new")]
    assert "1 answer has changed" in site.page("index.html").text
    assert "Changed since the previous run: 3 of 4 numbers" in index.text
    assert index.all("article", "data-status") == ["done changed"]
    assert CHANGES in index.links
    assert "../" + CHANGES in site.page("changes/index.html").links


def test_the_same_results_of_other_code_are_no_change(site: Any) -> None:
    for run_id, started, code in (("old", OLD, "11"), ("new", NEW, "22")):
        site.run(run_id, started, finding=["It rose."], code=code * 32)
    index = site.build("reports.html")
    page = site.page(CHANGES)
    assert page.missing("Nothing changed", "(code differs)") == []
    assert "Unchanged since the previous run" in index.text
    front = site.page("index.html").text
    assert "have changed" not in front
    assert "has changed" not in front
    assert index.all("article", "data-status") == ["done"]


def test_the_run_before_is_the_good_one_before(site: Any, tmp_path: Path) -> None:
    site.run("old", OLD)
    site.run("bad", "2026-01-01T12:00:00+00:00", status="failed", error="no")
    site.run("other", "2026-01-01T12:00:00+00:00", parameters={"sector": "rail"}, changed={"sector": "rail"})
    site.run("new", NEW)
    site.build()
    assert site.page(CHANGES).reports[0].endswith("/old/notebook.html")
    assert [path.name for path in (tmp_path / "changes/market_share_shifts").iterdir()] == ["new.html"]


def test_runs_that_cannot_be_compared_are_said_to(site: Any, tmp_path: Path) -> None:
    site.run("old", OLD, csv="a,b\n1,2\n")
    site.run("new", NEW, csv="a,b\n1,3\n")
    (tmp_path / "runs/market_share_shifts/old/tables/shares.csv").unlink()
    index = site.build("reports.html")
    page = site.page(CHANGES)
    assert page.missing("These two runs cannot be compared", "shares") == []
    assert "cannot be compared" in index.text
    assert str(tmp_path) not in page.source + index.source


@pytest.mark.parametrize("kept", [True, False])
def test_the_page_of_a_run_that_is_no_longer_in_front_goes(site: Any, tmp_path: Path, kept: bool) -> None:
    site.run("old", OLD)
    site.run("new", NEW)
    site.build()
    if not kept:
        (tmp_path / ".site.json").unlink()  # then nobody knows who made the page, and it stays
    site.run("newer", "2026-01-03T10:00:00+00:00")
    site.build()
    assert (tmp_path / CHANGES).exists() != kept
    assert (tmp_path / "changes/market_share_shifts/newer.html").is_file()
