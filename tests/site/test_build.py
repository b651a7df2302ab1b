"""The front page: every run's answer, the newest in front, nothing hidden and nothing loaded."""

from pathlib import Path

import pytest

from mic2025lab.errors import RunError
from mic2025lab.site.build import build_site

NEW, OLD = "2026-01-02T10:00:00+00:00", "2026-01-01T10:00:00+00:00"
CHANGE = "changes/market_share_shifts/new.html"
RAIL = {"parameters": {"sector": "rail"}, "changed": {"sector": "rail"}}


def test_every_link_is_relative_and_leads_to_a_file(site, tmp_path):
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


def test_the_site_is_the_same_each_time_and_can_be_moved(site_of, tmp_path):
    def contents(folder):
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
    assert build_site(tmp_path / "two") == tmp_path / "two" / "index.html"
    assert contents(tmp_path / "two") == first


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        build_site(tmp_path / "file")


def test_the_site_leads_to_the_documentation_if_it_is_there(site, tmp_path):
    site.run("old", OLD)
    site.build()
    assert "manual/index.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual" / "index.html").write_text("<p>Documentation</p>", encoding="utf-8")
    site.build()
    assert 'href="manual/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="../manual/index.html"' in (tmp_path / "analyses" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "manual" / "index.html").read_text(encoding="utf-8") == "<p>Documentation</p>"


def test_runs_that_cannot_be_compared_are_said_to(site, tmp_path):
    site.run("old", OLD, csv="a,b\n1,2\n")
    site.run("new", NEW, csv="a,b\n1,3\n")
    (tmp_path / "runs/market_share_shifts/old/tables/shares.csv").unlink()
    index = site.build("reports.html")
    page = site.page(CHANGE)
    assert page.missing("These two runs cannot be compared", "shares") == []
    assert "cannot be compared" in index.text
    assert str(tmp_path) not in page.source + index.source
