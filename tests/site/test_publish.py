"""Pages appear whole or not at all; a build with nothing to do does nothing; nothing that the site did not make is touched."""

import json
import shutil
from pathlib import Path

import pytest

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.site import publish
from mic2025lab.site.build import build_site

NEW, OLD = "2026-01-02T10:00:00+00:00", "2026-01-01T10:00:00+00:00"


def stamps(reports):
    paths = (path for path in reports.rglob("*") if path.is_file())
    return {str(path.relative_to(reports)): path.stat().st_mtime_ns for path in paths}


@pytest.fixture
def reports(site):
    """A site of an analysis with a run that has one before it, and of another."""
    site.run("old", OLD)
    site.run("new", NEW)
    site.run("o1", OLD, analysis="overcapacity", parameters={})
    site.build()
    return site.folder


def test_a_second_build_writes_nothing_and_reads_no_library(site, reports, monkeypatch):
    before = stamps(reports)
    monkeypatch.setattr("mic2025lab.site.build._build", lambda *_: pytest.fail("it built"))
    build_site(reports)
    assert stamps(reports) == before


def test_one_new_run_writes_only_the_pages_it_is_on(site, reports, make_run):
    before = stamps(reports)
    make_run(reports, "o2", NEW, analysis="overcapacity", parameters={})
    build_site(reports)
    after = stamps(reports)
    written = {name for name in after if after[name] != before.get(name)} - {".site.json"}
    new = {"analyses/overcapacity.html", "changes/index.html", "changes/overcapacity/o2.html"}
    assert new | {"index.html", "atom.xml"} <= written
    assert {"changes/market_share_shifts/new.html", "sectors/rail.html"}.isdisjoint(written)


def test_runs_that_were_compared_are_not_compared_again(reports, make_run, monkeypatch):
    make_run(reports, "z", OLD, analysis="zzz")
    monkeypatch.setattr("mic2025lab.runs.changes.compare.compare", lambda *_: pytest.fail("it compared"))
    build_site(reports)
    assert "2 sentences" in (reports / "changes/index.html").read_text()


def test_a_page_that_was_harmed_is_made_again(reports):
    for page in ("index.html", "atom.xml", "sectors/rail.html", "changes/market_share_shifts/new.html"):
        whole = (reports / page).read_bytes()
        for harm in (Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:999])):
            harm(reports / page)
            build_site(reports)
            assert (reports / page).read_bytes() == whole


def test_stale_pages_go_with_their_folders_and_nothing_that_the_site_did_not_make(reports):
    """A page that was edited by hand is the user's."""
    edited = "analyses/market_share_shifts.html"
    mine = ["notes.html", "analyses/mine.html", "changes/notes.txt", "README.md", edited]
    for name in mine:
        (reports / name).write_text("mine")
    shutil.rmtree(reports / "runs" / "market_share_shifts")
    build_site(reports)
    assert [name for name in mine if (reports / name).read_text() != "mine"] == []
    assert not (reports / "changes/market_share_shifts").exists()
    assert (reports / "analyses/overcapacity.html").is_file()
    assert (reports / "sectors/rail.html").is_file()


def test_a_list_that_names_other_files_is_not_believed(reports):
    outside, inside = reports.parent / "outside.html", reports / "runs/market_share_shifts/new/notebook.html"
    for path in (outside, inside):
        path.write_text("kept")
    entries = json.loads((reports / ".site.json").read_text())
    for name in ("../outside.html", "changes/../../outside.html", "runs/market_share_shifts/new/notebook.html", "/etc/x.html",
                 "sectors/a\n.html", "sectors/a.html\n", "sectors/ä.html"):  # fmt: skip
        pages = {**entries["pages"], name: files.digest(outside)}
        (reports / ".site.json").write_text(json.dumps({**entries, "pages": pages}))
        assert name not in publish.kept(reports).pages
        build_site(reports)
    assert outside.read_text() == inside.read_text() == "kept"
    outside.unlink()


def test_a_list_that_cannot_be_read_makes_the_site_anew(reports):
    whole = (reports / "index.html").read_bytes()
    odd = '{"pages": {"index.html": null}, "changes": [], "inputs": 1}'
    for content in ("", "[]", "{}", '{"pages": 3}', odd, "[" * 100_000):
        (reports / "index.html").write_text("half")
        (reports / ".site.json").write_text(content)
        build_site(reports)
        assert (reports / "index.html").read_bytes() == whole, content[:9]
        assert publish.kept(reports).intact(reports)


def test_without_the_list_nobody_knows_who_made_a_page_and_it_stays(reports, make_run):
    (reports / ".site.json").unlink()
    make_run(reports, "newer", "2026-01-03T10:00:00+00:00")
    build_site(reports)
    assert (reports / "changes/market_share_shifts/new.html").exists()


def test_a_build_that_is_stopped_leaves_whole_pages_and_the_next_one_ends_it(reports, make_run, monkeypatch):
    before = (reports / "index.html").read_bytes()
    make_run(reports, "newer", "2026-01-03T10:00:00+00:00")
    moved = []
    replace = Path.replace

    def stops(self, target):
        if target.suffix == ".html":
            if moved:
                raise OSError(28, "No space left on device")
            moved.append(target)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stops)
        with pytest.raises(RunError, match="No space left on device"):
            build_site(reports)
    assert len(moved) == 1
    assert (reports / "index.html").read_bytes() in (before, moved[0].read_bytes())
    assert all(path.read_text().rstrip().endswith("</html>") for path in reports.glob("*/*.html"))
    assert not list(reports.glob(".tmp-*"))
    build_site(reports)
    assert "Finding of newer." in (reports / "index.html").read_text()
    assert not (reports / "changes/market_share_shifts/new.html").exists()
    assert (reports / "changes/market_share_shifts/newer.html").is_file()
