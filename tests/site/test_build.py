"""The index page: every run's answer, the newest in front, nothing hidden and nothing loaded."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.errors import RunError
from mic2025lab.runs import record
from mic2025lab.site.build import build_site

HOSTILE = '"><img src=https://example.org/x onerror=alert(1)>'


class Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, name: str) -> list[str | None]:
        return [attrs.get(name) for found, attrs in self.elements if found == tag]

    @property
    def cards(self) -> list[str]:
        """The links of the cards, in order; the title and the picture of a card lead to the same page."""
        return list(
            dict.fromkeys(str(href) for href in self.all("a", "href") if "notebook.html" in str(href))
        )


def make_run(reports: Path, run_id: str, started: str, *, status: str = "done", **values: Any) -> Path:
    """Write the two files of a run that the index reads."""
    analysis = values.get("analysis", "market_share_shifts")
    parameters = values.get("parameters", {"sector": "all"})
    folder = reports / "runs" / analysis / (run_id if status == "done" else f"{run_id}.failed")
    table = {
        "title": "T",
        "sha256": "ab" * 32,
        "vintages": ["2025-10"],
        "loaded": True,
        "licence": [],
        "versions": [],
    }
    run = {
        "format": 1, "analysis": analysis, "title": f"Title of {analysis}", "question": f"Question of {analysis}?",
        "run_id": run_id, "status": status, "error": values.get("error"), "parameters": parameters,
        "changed": values.get("changed", {}), "tables": {"value_added": table}, "package": {"version": "0.1.0", "sha256": "cd" * 32},
        "started": started, "ended": started, "seconds": 1.0,
    }  # fmt: skip
    results = record.empty(analysis, parameters)
    results["finding"] = values.get("finding", [f"Finding of {run_id}."])
    for number in range(values.get("numbers", 1)):
        name = f"figure_{number}"
        results["figures"][name] = {"value": 34.2987, "unit": "%", "low": 30.0, "high": 40.0, "note": None}
        results["order"]["figures"].append(name)
    if values.get("image"):
        results["images"]["plot"] = {
            "png": "figures/plot.png",
            "svg": "figures/plot.svg",
            "alt": HOSTILE,
            "caption": "",
        }
        results["order"]["images"].append("plot")
    record.write(folder / "run.json", record.dump(run))
    record.write(folder / "results.json", record.dump(results))
    return folder


def test_an_empty_folder_gives_a_page_that_says_how_to_make_a_run(tmp_path: Path) -> None:
    page = build_site(tmp_path / "reports")
    assert page == tmp_path / "reports" / "index.html"
    assert "No run yet" in Page(page).text


def test_a_run_shows_its_question_answer_numbers_and_versions(tmp_path: Path) -> None:
    make_run(
        tmp_path,
        "a1",
        "2026-01-01T10:00:00+00:00",
        image=True,
        changed={"sector": "rail"},
        numbers=8,
        finding=["**Rose** & more.", "Second."],
    )
    page = Page(build_site(tmp_path))
    for words in ("Question of market_share_shifts?", "Sector: rail", "Rose & more.", "Second.", "34.3", "(30 to 40)", "%", "2026-01-01 10:00 UTC",
                  "2025-10", "abababab", "cdcdcdcd", "0.1.0", "2 more numbers", "Figure 7"):  # fmt: skip
        assert words in page.text
    assert page.all("img", "src") == ["runs/market_share_shifts/a1/figures/plot.png"]
    assert page.cards == ["runs/market_share_shifts/a1/notebook.html"]


def test_the_newest_good_run_of_the_same_parameters_is_in_front(tmp_path: Path) -> None:
    make_run(tmp_path, "old", "2026-01-01T10:00:00+00:00")
    make_run(tmp_path, "new", "2026-01-02T10:00:00+00:00")
    make_run(
        tmp_path,
        "rail",
        "2025-12-01T10:00:00+00:00",
        parameters={"sector": "rail"},
        changed={"sector": "rail"},
    )
    page = Page(build_site(tmp_path))
    assert page.cards == [f"runs/market_share_shifts/{name}/notebook.html" for name in ("new", "rail", "old")]
    assert "Finding of new." in page.text
    assert "Finding of old." not in page.text
    assert "1 earlier" in page.text
    assert "2 reports on real data" in page.text


def test_a_failed_run_is_flagged_and_the_good_one_stays(tmp_path: Path) -> None:
    make_run(tmp_path, "good", "2026-01-01T10:00:00+00:00")
    make_run(tmp_path, "bad", "2026-01-02T10:00:00+00:00", status="failed", error="ValueError: <b>no</b>")
    make_run(
        tmp_path,
        "lone",
        "2026-01-02T10:00:00+00:00",
        status="failed",
        error="KeyError: 'x'",
        parameters={"sector": "rail"},
        finding=["Half a finding."],
    )
    page = Page(build_site(tmp_path))
    assert "Finding of good." in page.text
    assert "A later run of the same parameters failed: ValueError: <b>no</b>" in page.text
    assert "KeyError: 'x'" in page.text
    assert "Half a finding" not in page.text  # what a failed run had found is no answer
    assert "1 report on real data; 2 failed" in page.text
    assert "runs/market_share_shifts/bad.failed/notebook.html" in page.cards


def test_a_failure_before_the_good_run_is_behind_it(tmp_path: Path) -> None:
    make_run(tmp_path, "bad", "2026-01-01T10:00:00+00:00", status="failed", error="ValueError: no")
    make_run(tmp_path, "good", "2026-01-02T10:00:00+00:00")
    page = Page(build_site(tmp_path))
    assert "A later run" not in page.text
    assert page.cards[0] == "runs/market_share_shifts/good/notebook.html"
    assert "failed" not in page.text.split("1 earlier")[0].split("Filter")[1]


@pytest.mark.parametrize("content", ["{", "[]", "null", '{"analysis": "x"}'])
@pytest.mark.parametrize("file", ["run.json", "results.json"])
def test_a_folder_that_cannot_be_read_is_listed_and_the_others_stay(
    tmp_path: Path, file: str, content: str
) -> None:
    make_run(tmp_path, "good", "2026-01-01T10:00:00+00:00")
    (make_run(tmp_path, "odd", "2026-01-02T10:00:00+00:00") / file).write_text(content)
    text = Page(build_site(tmp_path)).text
    assert "Finding of good." in text
    assert "runs/market_share_shifts/odd" in text.split("Folders that could not be read")[1]
    assert str(tmp_path) not in text


def test_every_text_is_escaped_and_nothing_is_loaded(tmp_path: Path) -> None:
    make_run(
        tmp_path, "a1", "2026-01-01T10:00:00+00:00", analysis="odd", parameters={HOSTILE: HOSTILE}, changed={HOSTILE: HOSTILE},
        finding=[HOSTILE, "*<i>em</i>* **<u>"], image=True,
    )  # fmt: skip
    make_run(
        tmp_path,
        "a2",
        "2026-01-02T10:00:00+00:00",
        analysis="odd",
        status="failed",
        error=HOSTILE,
        parameters={HOSTILE: HOSTILE},
    )
    page = Page(build_site(tmp_path))
    assert page.all("img", "src") == ["runs/odd/a1/figures/plot.png"]
    assert page.all("img", "onerror") == [None]
    assert page.all("img", "alt") == [HOSTILE]
    assert page.all("script", "src") == [None]
    assert [
        href
        for href in page.all("a", "href") + page.all("link", "href")
        if str(href).startswith(("http", "//"))
    ] == []
    assert not {"i", "u", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert page.text.count(HOSTILE) >= 3


def test_analyses_come_in_their_own_order(tmp_path: Path) -> None:
    for name in ("zzz", "overcapacity", "productivity_costs", "market_share_shifts"):
        make_run(tmp_path, "a1", "2026-01-01T10:00:00+00:00", analysis=name)
    cards = Page(build_site(tmp_path)).cards
    assert [href.split("/")[1] for href in cards] == [
        "market_share_shifts",
        "productivity_costs",
        "overcapacity",
        "zzz",
    ]


def test_the_page_is_the_same_each_time_and_can_be_moved(tmp_path: Path) -> None:
    make_run(tmp_path / "one", "a1", "2026-01-01T10:00:00+00:00", image=True)
    first = build_site(tmp_path / "one").read_text()
    (tmp_path / "one").rename(tmp_path / "two")
    assert build_site(tmp_path / "two").read_text() == first
    assert json.loads((tmp_path / "two/runs/market_share_shifts/a1/run.json").read_text())["run_id"] == "a1"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        build_site(tmp_path / "file")
