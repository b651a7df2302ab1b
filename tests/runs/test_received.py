"""Runs and folders of reports that come from others: nothing outside them is read, written, moved, or emptied."""

import io
import json
import os
import shutil
import socket
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from mic2025lab import catalog
from mic2025lab.analyses import notebook
from mic2025lab.cli import common, main
from mic2025lab.errors import LabError, RunError
from mic2025lab.results.run import Run
from mic2025lab.runs import folders, lock, trust
from mic2025lab.runs import run as runs
from mic2025lab.runs.sharing import archive
from mic2025lab.runs.sharing.share import share
from mic2025lab.runs.sharing.verify import verify
from mic2025lab.runs.trust import Untrusted
from mic2025lab.site.build import build_site
from tests.runs.conftest import alter, call, contents, has, held, ran, unpacked


@pytest.fixture
def received(kept):
    """A folder of reports with one run."""
    return kept.parents[2]


@pytest.fixture
def private(tmp_path):
    """A folder of the user's own, which nothing may touch."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")
    yield folder
    assert contents(folder) == {"diary.txt": b"dear diary"}


@pytest.mark.parametrize("place", ["tables/by_year.csv", "extra.txt", "deep/folder"])
def test_a_run_with_a_link_is_not_used(received, kept, private, tmp_path, place):
    path = kept / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(private if place == "deep/folder" else private / "diary.txt")
    with pytest.raises(RunError, match="symbolic link"):
        share(kept, tmp_path / "out.zip")
    for words in (["export", kept, "-o", tmp_path / "out.html"], ["verify", kept]):
        has(call(*words, status=2).output, "symbolic link")
    front = build_site(received)
    has(front.read_text(encoding="utf-8"), 'href="reports.html#unreadable"')
    has((front.parent / "reports.html").read_text(encoding="utf-8"), "symbolic link")
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize("file", ["/tmp/x.ipynb", "../x.ipynb", "a/b.ipynb", "..", "C:x.ipynb", ""])
def test_a_notebook_is_named_without_a_folder(kept, tmp_path, file):
    alter(kept / "run.json", lambda details: details["notebook"].update(file=file))
    with pytest.raises(RunError, match=r"notebook\.file"):
        share(kept, tmp_path / "out.zip")


@pytest.mark.parametrize("name", [lock.SITE, lock.BATCH])
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_lock_that_is_another_file_is_refused(received, private, name, link):
    link(private / "diary.txt", received / name)
    with pytest.raises(RunError), lock.hold(received, name):
        raise AssertionError("held")
    call("site", "build", reports=received, status=1 if name == lock.SITE else 0)


@pytest.mark.parametrize("page", ["index.html", "analyses", "sectors", "atom.xml"])
def test_the_site_is_written_in_its_own_folder(received, private, page):
    (received / page).symlink_to(private / "diary.txt" if "." in page else private)
    with pytest.raises(RunError, match="symbolic link"):
        build_site(received)


@pytest.mark.parametrize("how", ["workspace", "lock", "set aside", "analysis"])
def test_what_an_unfinished_run_left_is_not_moved_outside(received, private, how):
    work, old = received / ".tmp-x", received / "runs" / "toy" / ".old-abc-00000000"
    for folder in (work / "replaced", old):
        folder.mkdir(parents=True)
        (folder / "payload").write_text("x")
    if how == "lock":
        (work / ".lock").symlink_to(private / "diary.txt")
    else:
        link = {"workspace": work, "set aside": old, "analysis": old.parent}[how]
        shutil.rmtree(link)
        link.symlink_to(private)
    folders.sweep(received)
    restored = received / "runs" / "toy" / "abc" / "payload"
    assert restored.is_file() == (how not in ("set aside", "analysis"))


def test_a_run_is_not_written_through_a_link(received, private):
    shutil.rmtree(received / "runs" / "toy")
    (received / "runs" / "toy").symlink_to(private)
    with pytest.raises(RunError, match="symbolic link"):
        runs.run("toy", reports=received)


def test_a_notebook_that_makes_links_leaves_none(make_toy, private, tmp_path):
    make_toy(
        f"import os\nos.symlink({str(private)!r}, 'a'); os.symlink({str(private / 'diary.txt')!r}, 'b.txt')"
    )
    result = ran(reports=tmp_path / "reports")
    assert not {"a", "b.txt"} & {path.name for path in result.folder.iterdir()}


def test_a_catalog_names_no_file_outside_its_folder(toy_data, tmp_path, monkeypatch):
    data = shutil.copytree(toy_data, tmp_path / "data")
    text = (data / "catalog.json").read_text().replace('"toy.csv"', json.dumps(str(toy_data / "toy.csv")))
    (data / "catalog.json").write_text(text)
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    with pytest.raises(LabError, match="not the name of a file"):
        catalog.load("toy")


class TestWhatIsShared:
    """The zip has what the manifest lists, and of the package what belongs to it."""

    def test_what_was_put_beside_a_run_later_is_left_out(self, kept, tmp_path):
        before = set(held(share(kept, tmp_path / "a.zip").path))
        for name in (".env", "notes.txt", "tables/mine.csv", ".ipynb_checkpoints/notebook-checkpoint.ipynb"):
            (kept / name).parent.mkdir(exist_ok=True)
            (kept / name).write_text("mine")
        assert set(held(share(kept, tmp_path / "b.zip").path)) == before

    def test_the_manifest_inside_lists_what_is_inside(self, kept, tmp_path):
        share(kept, tmp_path / "a.zip")
        opened = unpacked(tmp_path / "a.zip", tmp_path / "open")
        run = Run.read(opened)
        assert {"notebook.ipynb", "results.json", "tables/by_year.csv"} <= set(run.manifest.contents)
        assert run.damaged() == []
        share(opened, tmp_path / "b.zip")  # it can be passed on

    def test_files_of_any_name_that_a_notebook_wrote_are_listed_and_packed(self, make_toy, tmp_path):
        names = [b"a:b.txt", "\xe9.txt".encode(), b"\xff.txt", b".hidden"]
        make_toy(f"for name in {names!r}:\n    open(name, 'w').write('x')")
        result = ran(reports=tmp_path / "reports")
        own = {name for name in Run.read(result.folder).manifest.contents if name.endswith(".txt")}
        # A hidden one, and one that Windows cannot have, are not passed on.
        assert own == {"\xe9.txt", "?.txt"}
        assert own <= set(held(share(result.folder, tmp_path / "a.zip").path))

    @pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("<svg/>")])
    def test_a_damaged_run_is_not_shared(self, kept, tmp_path, change):
        change(kept / "figures" / "line.svg")
        with pytest.raises(RunError, match=r"figures/line\.svg"):
            share(kept, tmp_path / "a.zip")

    def test_the_package_is_packed_without_what_else_lies_in_its_folder(self, root, tmp_path, monkeypatch):
        clean = archive.package()
        place = tmp_path / "checkout"
        ignore = shutil.ignore_patterns("__pycache__")
        for name in ("mic2025lab", "notebooks", "docs"):
            shutil.copytree(root / name, place / name, ignore=ignore)
        for name in (
            "mic2025lab/.env", "mic2025lab/notes.txt", "mic2025lab/own.csv", "mic2025lab/scratch.ipynb", "notebooks/.env",
            "mic2025lab/runs/.ipynb_checkpoints/run-checkpoint.py", "mic2025lab/.ipynb_checkpoints/x.j2", "notebooks/scratch.ipynb",
            "notebooks/plans/mine.yml", "notebooks/.ipynb_checkpoints/overcapacity-checkpoint.ipynb",
        ):  # fmt: skip
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text("mine")
        used = nbformat.read(place / "notebooks/overcapacity.ipynb", as_version=4)
        code = next(cell for cell in used.cells if cell.cell_type == "code")
        code.outputs, code.execution_count = [nbformat.v4.new_output("stream", text="mine")], 7
        used.metadata["widgets"] = {"state": "mine"}
        nbformat.write(used, place / "notebooks/overcapacity.ipynb")
        monkeypatch.setattr(catalog, "PACKAGE", place / "mic2025lab")
        assert archive.package() == clean

    def test_the_package_is_packed_whole(self, root):
        if not (root / ".git").exists():
            pytest.skip("needs a checkout")
        asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "mic2025lab"]
        tracked = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout.split()
        with zipfile.ZipFile(io.BytesIO(archive.wheel(archive.package(), datetime(2026, 1, 2)))) as wheel:
            packed = {name: wheel.read(name) for name in wheel.namelist()}
        names = set(packed)
        assert set(tracked) <= names
        assert not [name for name in names if "_data/" in name or "__pycache__" in name]
        (record,) = (packed[name].decode() for name in names if name.endswith("/RECORD"))
        assert {line.split(",")[0] for line in record.splitlines()} == names
        assert {f"mic2025lab/_notebooks/{name}.ipynb" for name in notebook.ANALYSES} <= names


class TestForeignCode:
    """What somebody else wrote runs only if the user agrees."""

    @pytest.fixture
    def left(self, make_toy, tmp_path, monkeypatch):
        """Make a run with this cache, of a notebook that leaves a mark; gives its folder and the mark, which is not there."""

        def make(cache):
            monkeypatch.setenv("MIC2025LAB_CACHE", cache if "~" in cache else str(tmp_path / cache))
            mark = tmp_path / "mark"
            cell = f"open({str(mark)!r}, 'a').write('x')\nimport mic2025lab as lab\nlab.record('x', 1)"
            own = make_toy(cell).notebook.rename(tmp_path / "own.ipynb")
            result = ran(str(own), reports=tmp_path / "reports")
            own.unlink()
            mark.unlink()
            return result.folder, mark

        return make

    @pytest.fixture
    def foreign(self, left, tmp_path, monkeypatch):
        """A run from another machine, and the mark."""
        made = left("their cache")
        monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "my cache"))
        return made

    def test_a_foreign_notebook_is_not_run_without_a_word(self, foreign):
        folder, mark = foreign
        with pytest.raises(Untrusted, match="--trust"):
            verify(folder)
        has(call("verify", folder, status=2).output, "--trust")
        assert not mark.exists()
        call("verify", folder, "--trust")
        assert mark.read_text() == "x"

    @pytest.mark.parametrize(("answer", "made"), [("y", True), ("n", False)])
    def test_on_a_terminal_the_user_is_asked(self, foreign, monkeypatch, answer, made):
        folder, mark = foreign
        monkeypatch.setattr(common.click, "confirm", lambda question, err: answer == "y")
        terminal = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})
        monkeypatch.setattr(common.sys, "stdin", terminal())
        with pytest.raises(SystemExit) as stopped:
            main(["verify", str(folder)])
        assert (stopped.value.code == 0, mark.exists()) == (made, made)

    @pytest.mark.parametrize("cache", ["cache", "~nosuchuser/cache"])
    def test_what_this_user_ran_here_needs_no_word_unless_it_cannot_be_remembered(self, left, cache):
        folder, _ = left(cache)
        if "~" in cache:
            with pytest.raises(Untrusted, match="--trust"):
                verify(folder)
        assert verify(folder, trust="~" in cache).agrees

    def test_what_the_tests_run_is_not_among_what_the_tester_trusts(self, own_cache):
        trust.remember("a notebook of the tests")
        assert trust.known("a notebook of the tests")
        assert (own_cache / "trusted.txt").is_file()

    def test_a_parameter_is_no_way_in(self, kept, tmp_path):
        mark = tmp_path / "mark"
        name = f"open({str(mark)!r}, 'w'); x"
        alter(kept / "run.json", lambda details: details["parameters"].update({name: 1}))
        with pytest.raises(RunError, match="does not have"):
            verify(kept)
        assert not mark.exists()

    def test_a_received_journal_starts_nothing(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
        (tmp_path / "plan.yml").write_text("runs: [{analysis: foreign_firms}]")
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.2)
            options = {"scheduler": f"tcp://127.0.0.1:{server.getsockname()[1]}"}
            asked = {"plan": "../plan.yml", "only": [], "options": options}
            (tmp_path / "reports").mkdir()
            (tmp_path / "reports/.batch.jsonl").write_text(json.dumps({"asked": asked}) + "\n")
            told = call("batch", "--resume", reports=tmp_path / "reports", status=2).output
            with pytest.raises(TimeoutError):
                server.accept()
        has(told, "127.0.0.1", "--trust")
        assert not (tmp_path / "reports/runs").exists()
