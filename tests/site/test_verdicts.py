"""The claims stand at the top of the front page with their verdicts, and each figure leads to the run that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mic2025lab.claims import ledger
from mic2025lab.site import verdicts
from mic2025lab.site.build import build_site
from mic2025lab.site.pages import Site

#: A run of the analysis, of today's table.
RUN = {
    "analysis": "overcapacity",
    "parameters": {},
    "sources": {},
    "figure": {"unit": "points", "low": None, "high": None},
}


def test_without_a_figure_there_is_no_table(tmp_path: Path, make_run: Any, read: Any) -> None:
    make_run(tmp_path, "a1")
    assert verdicts.by_kind(tmp_path) == {}
    assert "Verdict" not in read(build_site(tmp_path)).text


def test_every_claim_of_the_package_is_a_row(tmp_path: Path, make_run: Any, read: Any) -> None:
    entries = ledger.read()
    test = next(test for claim in entries for test in claim.tests if not (test.params or test.less))
    make_run(tmp_path, "o1", numbers={test.figure: 1.0}, **RUN | {"analysis": test.analysis})
    text = read(build_site(tmp_path)).text
    assert all(claim.sentence in text for claim in entries)


def test_the_verdict_follows_the_figure(tmp_path: Path, make_run: Any, read: Any, small_ledger: Path) -> None:
    def front() -> Any:
        (tmp_path / "front.html").write_text(
            Site.read(tmp_path, verdicts.by_kind(tmp_path, small_ledger)).pages()["index.html"],
            encoding="utf-8",
        )
        return read(tmp_path / "front.html")

    run = make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN)
    page = front()
    assert f"{run.relative_to(tmp_path).as_posix()}/notebook.html" in page.links
    assert "−1.6 points" in page.text
    assert "● supported" in page.text
    make_run(tmp_path, "o2", "2027-01-01T00:00:00+00:00", numbers={"utilization_gap": 1.6}, **RUN)
    assert "○ not supported" in front().text
