"""The claims stand at the top of the front page with their verdicts, and each figure leads to the run that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mic2025lab.claims import Judged
from mic2025lab.site import verdicts
from mic2025lab.site.build import build_site

#: A run of the analysis, of today's table.
RUN = {
    "analysis": "overcapacity",
    "parameters": {},
    "sources": {},
    "figure": {"unit": "points", "low": None, "high": None},
}


def judged(reports: Path, number: int) -> Judged:
    return next(
        one for found in verdicts.by_kind(reports).values() for one in found if one.claim.number == number
    )


def test_without_a_figure_there_is_no_table(tmp_path: Path, make_run: Any, read: Any) -> None:
    make_run(tmp_path, "a1")
    assert verdicts.by_kind(tmp_path) == {}
    assert "Verdict" not in read(build_site(tmp_path)).text


def test_every_claim_is_a_row_and_the_verdict_follows_the_figure(
    tmp_path: Path, make_run: Any, read: Any
) -> None:
    make_run(tmp_path, "o1", numbers={"utilization_gap": -1.6}, **RUN)
    assert sum(map(len, verdicts.by_kind(tmp_path).values())) == 16
    found = judged(tmp_path, 10)
    assert (found.verdict, found.tests[0].outcome) == ("supported", "for")
    page = read(build_site(tmp_path))
    assert f"{found.tests[0].evidence.run}/notebook.html" in page.links
    assert "−1.6 points" in page.text
    assert "● supported" in page.text
    make_run(tmp_path, "o2", "2027-01-01T00:00:00+00:00", numbers={"utilization_gap": 1.6}, **RUN)
    assert judged(tmp_path, 10).verdict == "not supported"
    assert "○ not supported" in read(build_site(tmp_path)).text
