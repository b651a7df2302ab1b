"""The front page: every run's answer, the newest in front, nothing hidden and nothing loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mic2025lab.errors import RunError
from mic2025lab.site.build import build_site

NEW, OLD = "2026-01-02T10:00:00+00:00", "2026-01-01T10:00:00+00:00"
RAIL = {"parameters": {"sector": "rail"}, "changed": {"sector": "rail"}}


def test_an_empty_folder_gives_a_page_that_says_how_to_make_a_run(site: Any) -> None:
    assert build_site(site.folder) == site.folder / "index.html"
    page = site.page("index.html")
    assert "mic2025lab run" in page.text
    assert not (site.folder / "atom.xml").exists()  # a feed needs a date
    assert "atom.xml" not in page.source


def test_a_run_shows_its_question_answer_numbers_and_versions(site: Any) -> None:
    numbers = {f"figure_{number}": 34.2987 for number in range(8)}
    finding = ["**Rose** & more.", "Second."]
    site.run("a1", image="A line that rises.", **RAIL, numbers=numbers, finding=finding)
    page = site.build("reports.html")
    words = (
        "Question of market_share_shifts?", "Sector: Advanced rail transit equipment", "Rose & more.", "Second.", "34.3", "(30.0 to 40.0)",
        "%", "2026-01-01 10:00 UTC", "2025-10", "abababab", "cdcdcdcd", "0.1.0", "2 more numbers", "Figure 7",
    )  # fmt: skip
    assert page.missing(*words) == []
    assert page.all("img", "src") == ["runs/market_share_shifts/a1/figures/plot.png"]
    assert page.all("img", "alt") == ["A line that rises."]
    assert page.reports == ["runs/market_share_shifts/a1/notebook.html"]


def test_the_newest_good_run_of_the_same_parameters_is_in_front(site: Any) -> None:
    site.run("old", OLD)
    site.run("new", NEW)
    site.run("rail", "2025-12-01T10:00:00+00:00", **RAIL)
    page = site.build("reports.html")
    assert [href.split("/")[2] for href in page.reports] == ["new", "rail", "old"]
    assert "Finding of new." in page.text
    assert "Finding of old." not in page.text
    assert "1 earlier" in page.text
    front = site.page("index.html")
    assert "2 reports." in front.text
    assert front.all("time", "datetime") == ["2026-01-02T10:00:00+00:00"]


def test_reports_on_simulated_firms_are_not_said_to_be_on_real_data(site: Any) -> None:
    site.run("a1")
    site.run("f1", analysis="firm_distress", parameters={"path": "simulated"})
    site.run("f2", analysis="firm_productivity", parameters={"path": "mine.csv"})
    assert "3 reports, 1 on simulated firms (no evidence)." in " ".join(site.build().text.split())
    assert "simulated firms Finding of f1." in " ".join(site.page("analyses/index.html").text.split())
    assert site.page("reports.html").text.count("simulated firms") == 1


def test_a_parameter_that_came_later_has_its_default_in_the_runs_before(site: Any) -> None:
    china = {"economy": "CHN"}
    other = {"parameters": {**china, "source": "intermediate_exports"}, "changed": {"source": "x"}}
    site.run("old", OLD, analysis="policy_effect", parameters=china)
    site.run("new", NEW, analysis="policy_effect", parameters={**china, "source": "value_added"})
    site.run("else", NEW, analysis="policy_effect", **other)
    page = site.build("reports.html")
    assert [href.split("/")[2] for href in page.reports] == ["new", "else", "old"]
    assert "1 earlier" in page.text


def test_a_failed_run_is_flagged_and_the_good_one_stays(site: Any) -> None:
    site.run("good", OLD)
    site.run("bad", NEW, status="failed", error="ValueError: <b>no</b>")
    site.run("lone", NEW, status="failed", error="KeyError: 'x'", finding=["Half a finding."], **RAIL)
    page = site.build("reports.html")
    assert page.missing("Finding of good.", "failed: ValueError: <b>no</b>", "KeyError: 'x'") == []
    assert "Half a finding" not in page.text  # what a failed run had found is no answer
    assert "2 runs failed" in site.page("index.html").text
    assert "runs/market_share_shifts/bad.failed/notebook.html" in page.reports
    assert page.all("article", "data-status") == ["done failed", "failed"]


def test_a_failure_before_the_good_run_is_behind_it(site: Any) -> None:
    site.run("bad", OLD, status="failed", error="ValueError: no")
    site.run("good", NEW)
    page = site.build("reports.html")
    assert "A later run" not in page.text
    assert page.reports[0] == "runs/market_share_shifts/good/notebook.html"
    assert page.all("article", "data-status") == ["done"]


def test_analyses_come_in_their_own_order_and_sectors_in_the_plans(site: Any) -> None:
    for name in ("zzz", "overcapacity", "productivity_costs", "market_share_shifts"):
        site.run("a1", analysis=name)
    for sector in ("aerospace", "rail", "information_technology"):
        site.run(sector, parameters={"sector": sector}, changed={"sector": sector})
    page = site.build("reports.html")
    analyses = list(dict.fromkeys(page.all("article", "data-analysis")))
    assert analyses == ["market_share_shifts", "productivity_costs", "overcapacity", "zzz"]
    assert page.all("article", "data-sector")[:4] == ["all", "information_technology", "aerospace", "rail"]


def test_the_ten_sectors_have_a_page_and_a_row_with_their_numbers(site: Any, tmp_path: Path) -> None:
    notes = {"figure": {"note": "share of the world in it, 2022"}}
    site.run("all", numbers={"share_end": 1.5})
    site.run("rail", numbers={"share_end": 42.268}, **RAIL, **notes)
    air = {"sector": "aerospace"}
    site.run("air", numbers={"share_end": 9.3}, parameters=air, changed=air, **notes)
    told = ["Sales fell in **rail** (−75%).", "Trails are no railways."]
    site.run("dep", analysis="import_dependence", finding=told)
    page = site.build("sectors/index.html")
    # What the notes of all rows have in common heads the column.
    assert (
        page.missing("Share end%, share of the world in it, 2022", "42.3 30.0 to 40.0", "9.3 30.0 to 40.0")
        == []
    )
    assert "../sectors/ships_ocean_engineering.html" in page.links
    assert len(list((tmp_path / "sectors").iterdir())) == 1 + 10
    rail = site.page("sectors/rail.html")
    assert rail.missing("Sector 5 of 10 · 先进轨道交通装备", "a partial match", "Finding of rail.") == []
    assert "Finding of air." not in rail.text
    assert "Sales fell in rail (−75%)." in rail.text
    assert "Trails" not in rail.text
    ships = site.page("sectors/ships_ocean_engineering.html")
    assert ships.reports == []
    assert "mic2025lab run" not in ships.text  # there is none that could be asked for


def test_an_analysis_has_a_page_of_question_runs_parameters_and_data(site: Any) -> None:
    site.run("a1", files={"mine.csv": "12" * 32})
    site.run("rail", **RAIL)
    site.run("z1", analysis="zzz", parameters={"odd": [1, 2]})
    site.build()
    page = site.page("analyses/market_share_shifts.html")
    words = (
        "Question of market_share_shifts?", "was announced in May 2015", "Finding of a1.", "Sector: Advanced rail transit equipment",
        "comparators", "USA, EU27, JPN, KOR, IND", "economy studied", "Somebody, Something (1)", "CC0", "abababababab", "mine.csv 12121212",
    )  # fmt: skip
    assert page.missing(*words) == []
    assert "Numbers over time" not in page.text
    unknown = site.page("analyses/zzz.html")
    assert "1, 2" in unknown.text
    assert "mic2025lab run zzz" not in unknown.text


def test_numbers_are_followed_over_the_runs(site: Any) -> None:
    for day, value in (("01", 30.0), ("08", 30.0), ("15", 31.5)):
        site.run(f"a{day}", f"2026-01-{day}T10:00:00+00:00", numbers={"moving": value, "still": 1.0})
        site.run(f"r{day}", f"2026-01-{day}T10:00:00+00:00", **RAIL)
    site.build()
    page = site.page("analyses/market_share_shifts.html")
    history = page.text.split("Numbers over time")[1].split("Parameters")[0]
    assert history.index("2026-01-01") < history.index("2026-01-08") < history.index("2026-01-15")
    assert "Moving" in history
    assert "Still" not in history
    assert "1 other is the same" in history
    assert "Advanced rail transit equipment: the same numbers in all 3 runs since 2026-01-01." in history
    assert page.source.count("<strong>31.5</strong>") == 1
    assert "<strong>30.0</strong>" not in page.source


def test_a_folder_that_cannot_be_read_is_listed_and_the_others_stay(site: Any) -> None:
    site.run("good")
    contents = ["{", "[]", "null", '{"analysis": "x"}', "[" * 100_000]
    for file in ("run.json", "results.json"):
        for number, content in enumerate(contents):
            (site.run(f"{file[:3]}{number}") / file).write_text(content)
    text = site.build("reports.html").text
    assert "Finding of good." in text
    told = text.split("Folders that cannot be read")[1]
    for name in (f"{kind}{number}" for kind in ("run", "res") for number in range(len(contents))):
        assert f"runs/market_share_shifts/{name}" in told
    assert str(site.folder) not in text


def test_a_folder_without_a_manifest_is_listed(site: Any, tmp_path: Path) -> None:
    (site.run("odd") / "run.json").unlink()
    (tmp_path / "runs" / "market_share_shifts" / ".ipynb_checkpoints").mkdir()  # Jupyter's, not ours
    text = site.build("reports.html").text
    assert "runs/market_share_shifts/odd is not the folder of a run" in text
    assert "checkpoints" not in text


def test_every_link_is_relative_and_leads_to_a_file(site: Any, tmp_path: Path) -> None:
    for run_id, started in (("old", OLD), ("new", NEW)):
        folder = site.run(run_id, started, image="A line.", **RAIL)
        (folder / "figures").mkdir()
        for name in ("notebook.html", "figures/plot.png"):
            (folder / name).touch()
    site.build()
    pages = [path for path in tmp_path.rglob("*.html") if path.name != "notebook.html"]
    # lists, front page, sectors and theirs, analyses and theirs, changes, documentation
    assert len(pages) == 4 + 1 + 10 + 1 + 1 + 2 + 2
    for path in pages:
        page = site.page(path.relative_to(tmp_path))
        for link in [*page.links, *map(str, page.all("img", "src"))]:
            target, _, place = link.partition("#")
            if target and not link.startswith("data:"):
                assert (path.parent / target).is_file(), (path.name, link)
            if place:
                source = (path.parent / target).read_text(encoding="utf-8") if target else page.source
                assert "=" in place or f'id="{place}"' in source, (path.name, link)


def test_the_site_is_the_same_each_time_and_can_be_moved(site_of: Any, tmp_path: Path) -> None:
    def contents(folder: Path) -> dict[Path, bytes]:
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    site = site_of(tmp_path / "one")
    site.run("old", OLD, image="A line.")
    site.run("new", NEW, image="A line.")
    site.build()
    first = contents(site.folder)
    assert Path("changes/market_share_shifts/new.html") in first
    assert not any(str(tmp_path).encode() in content for content in first.values())
    (tmp_path / "one").rename(tmp_path / "two")
    (tmp_path / "two" / ".site.json").unlink()
    build_site(tmp_path / "two")
    assert contents(tmp_path / "two") == first


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        build_site(tmp_path / "file")


def test_the_site_leads_to_the_documentation_if_it_is_there(site: Any, tmp_path: Path) -> None:
    site.run("old", OLD)
    site.build()
    assert "manual/index.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual" / "index.html").write_text("<p>Documentation</p>", encoding="utf-8")
    site.build()
    assert 'href="manual/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="../manual/index.html"' in (tmp_path / "analyses" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "manual" / "index.html").read_text(encoding="utf-8") == "<p>Documentation</p>"
