"""Folders appear complete or not at all, on any disk, after any end of a process; who is alive is known to the operating system."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mic2025lab import durable
from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import folders, lock
from tests.runs.conftest import contents, failed, ran

_HOLD = """
import sys
from pathlib import Path
from mic2025lab.runs import folders
with folders.workspace(Path(sys.argv[1])) as work:
    print(work, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process, and its workspace."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def filled(folder, text="new"):
    for name in ("run.json", "tables/a.csv", "figures/deep/er/b.png"):
        files.write(folder / name, text)
    return folder


def test_a_workspace_is_swept_when_its_process_has_ended_and_not_before(other, tmp_path):
    process, work = other
    os.utime(work, (0, 0))  # however old it looks
    folders.sweep(tmp_path)
    assert work.is_dir()
    process.kill()
    process.wait()
    folders.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_a_container_leaves_the_workspaces_of_another_alone(tmp_path):
    code = f"from pathlib import Path; from mic2025lab.runs import folders; folders.sweep(Path({str(tmp_path)!r}))"
    with folders.workspace(tmp_path) as work:
        inside = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code]
        if subprocess.run(inside, capture_output=True, check=False).returncode:
            pytest.skip("needs the right to make a process namespace")
        assert work.is_dir()


@pytest.mark.parametrize("busy", [False, True])
def test_a_workspace_that_is_swept_before_it_is_locked_is_made_again(tmp_path, monkeypatch, busy):
    take, first = lock.take, []

    def slow(path):
        monkeypatch.setattr(lock, "take", take)
        first.append(take(path))  # by another process, which removes the workspace
        if not busy:
            folders._remove(path.parent, first[0])
        return take(path)

    monkeypatch.setattr(lock, "take", slow)
    with folders.workspace(tmp_path) as work:
        assert work.is_dir()
        assert lock.take(work / ".lock") is None
    assert not work.exists()


def test_a_workspace_without_a_lock_is_swept_and_what_only_has_its_name_is_left(tmp_path):
    work = tmp_path / ".tmp-17-1700000000-host-abc"
    files.write(work / "replaced" / "run.json", "")
    (tmp_path / ".tmp-link").symlink_to(tmp_path.parent)
    (tmp_path / ".tmp-file").touch()
    folders.sweep(tmp_path)
    assert tmp_path.parent.is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {".tmp-link", ".tmp-file"}


def test_an_empty_temporary_folder_of_a_killed_process_goes_after_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    places = [tmp_path / f"mic2025lab-{name}" for name in ("old", "used", "new")]
    for place in places:
        place.mkdir()
    (places[1] / "socket").touch()
    for place in places[:2]:
        os.utime(place, (0, 0))
    folders.sweep(tmp_path / "reports")
    assert [place.is_dir() for place in places] == [False, True, True]


def together(work, given):
    """Do it in threads at once; an error of one is that of the test."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, given))


def failing(number, message):
    """A call of the operating system that fails."""

    def call(*_):
        raise OSError(number, message)

    return call


def test_a_file_system_without_locks_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "take", failing(38, "Function not implemented"))
    with pytest.raises(RunError, match=r"Function not implemented.*--reports"), folders.workspace(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


class TestPublish:
    """A folder is moved to its place."""

    def test_everything_is_on_the_disk_before_the_folder_has_its_name(self, tmp_path, monkeypatch):
        synced = []
        fsync, rename = os.fsync, Path.rename

        def record(descriptor):
            synced.append(os.fstat(descriptor))
            fsync(descriptor)

        def known(path):
            return any(os.path.samestat(path.stat(), found) for found in synced)

        def checked(self, target):
            if self.name == "run":
                own = [path for path in (self, *self.rglob("*")) if path.name != "link"]
                assert all(map(known, own))
                synced.clear()
            return rename(self, target)

        monkeypatch.setattr(os, "fsync", record)
        monkeypatch.setattr(Path, "rename", checked)
        final = tmp_path / "new" / "runs" / "toy" / "0123"
        with folders.workspace(tmp_path / "new") as work:
            made = filled(work / "run")
            (made / "link").symlink_to("nowhere")
            folders.publish(made, final, work=work)
        assert known(final.parent)  # so is the name
        assert (final / "run.json").read_text() == "new"

    def test_a_disk_that_fills_up_while_it_is_written_keeps_the_earlier_one(self, tmp_path, monkeypatch):
        final = filled(tmp_path / "runs" / "toy" / "0123", "old")
        monkeypatch.setattr(os, "fsync", failing(28, "No space left on device"))
        with folders.workspace(tmp_path) as work, pytest.raises(OSError, match="No space"):
            folders.publish(filled(work / "run"), final, work=work)
        assert (final / "run.json").read_text() == "old"

    def test_a_file_system_without_fsync_is_written_to(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "fsync", failing(22, "Invalid argument"))
        durable.make_folder(tmp_path / "a" / "b")
        durable.write(tmp_path / "a" / "b" / "c", "c")
        durable.sync_folder(tmp_path)

    @pytest.mark.parametrize("error", [PermissionError, KeyboardInterrupt, SystemExit])
    def test_an_earlier_one_is_replaced_and_put_back_if_that_fails(self, tmp_path, monkeypatch, error):
        final, killed = filled(tmp_path / "runs" / "toy" / "0123", "old"), error is SystemExit
        rename = Path.rename

        def broken(self, target):
            if self.name == "run":
                raise error
            return rename(self, target)

        with folders.workspace(tmp_path) as work:
            made = filled(work / "run")
            with monkeypatch.context() as patch:
                patch.setattr(Path, "rename", broken)
                if killed:  # nothing is put back before the next process sweeps
                    patch.setattr(folders, "_restore", lambda old: None)
                with pytest.raises(error):
                    folders.publish(made, final, work=work)
            assert final.exists() != killed
            folders.sweep(tmp_path)
            assert (final / "run.json").read_text() == "old"
            folders.publish(made, final, work=work)
        assert (final / "run.json").read_text() == "new"
        assert [path.name for path in final.parent.iterdir()] == ["0123"]

    def test_processes_that_make_the_same_run_leave_one_that_is_whole(self, tmp_path):
        final, barrier = tmp_path / "runs" / "toy" / "0123", threading.Barrier(8, timeout=20)

        def make(_):
            with folders.workspace(tmp_path) as work:
                made = filled(work / "run")
                barrier.wait()
                folders.publish(made, final, work=work)
                folders.sweep(tmp_path)

        together(make, range(8))
        assert [path.name for path in final.parent.iterdir()] == ["0123"]
        assert len(contents(final)) == 3

    def test_a_folder_that_was_set_aside_is_restored_or_removed(self, tmp_path):
        runs_of = tmp_path / "runs" / "toy"
        filled(runs_of / ".old-0123-00000000", "old")
        filled(runs_of / ".old-4567-00000000", "old")
        filled(runs_of / "4567")
        (runs_of / ".old-89ab-00000000").symlink_to(tmp_path.parent)
        folders.sweep(tmp_path)
        assert (runs_of / "0123" / "run.json").read_text() == "old"
        assert (runs_of / "4567" / "run.json").read_text() == "new"
        assert sorted(path.name for path in runs_of.iterdir()) == [".old-89ab-00000000", "0123", "4567"]


@pytest.fixture
def elsewhere():
    """A folder on another file system than that of the tests."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        pytest.skip("needs a second file system")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_runs_on_another_disk_are_made_replaced_and_cleaned(fake, tmp_path, elsewhere):
    fake({-1.0: "ValueError: no"})
    reports = tmp_path / "r"
    reports.mkdir()
    (reports / "runs").symlink_to(elsewhere)
    filled(elsewhere / "toy" / ".tmp-killed" / "run")
    (elsewhere / "toy" / ".tmp-killed" / ".lock").touch()
    filled(elsewhere / "toy" / ".tmp-of-others")
    for _ in range(2):
        made = ran(reports=reports, force=True)
    bad = failed({"factor": -1.0}, reports=reports)
    names = [".tmp-of-others", made.request.run_id, bad.folder.name]
    assert sorted(path.name for path in (elsewhere / "toy").iterdir()) == sorted(names)
    assert [path.name for path in reports.iterdir()] == ["runs"]


class TestOutput:
    """A file that the user has named is never replaced by something else."""

    def test_a_regular_file_is_replaced_as_a_whole_and_keeps_its_permissions(self, tmp_path):
        path = tmp_path / "out.json"
        path.write_text("a much longer text")
        path.chmod(0o640)
        twin = tmp_path / "twin"
        os.link(path, twin)
        files.write_output(path, "new")
        assert (path.read_text(), twin.read_text()) == ("new", "a much longer text")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_a_link_stays_a_link(self, tmp_path):
        (tmp_path / "to").mkdir()
        for name in ("there", "missing"):
            (tmp_path / name).symlink_to(f"to/{name}.html")
        (tmp_path / "to" / "there.html").write_text("old")
        for name in ("there", "missing"):
            files.write_output(tmp_path / name, "new")
            assert (tmp_path / name).is_symlink()
            assert (tmp_path / "to" / f"{name}.html").read_text() == "new"

    def test_a_fifo_is_written_to(self, tmp_path):
        path, read = tmp_path / "fifo", []
        os.mkfifo(path)
        reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
        reader.start()
        files.write_output(path, b"x" * 300_000)  # more than a pipe holds
        reader.join(20)
        assert read == [b"x" * 300_000]
        assert path.is_fifo()

    @pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
    @pytest.mark.parametrize("out", ["pipe", "file"])
    def test_standard_output_is_written_to_in_its_order(self, tmp_path, out):
        code = (
            "from pathlib import Path; from mic2025lab.results import files\n"
            "print('before'); files.write_output(Path('/dev/stdout'), 'middle\\n'); print('after')"
        )
        with (tmp_path / "out").open("wb") as file:
            where = subprocess.PIPE if out == "pipe" else file
            text = subprocess.run([sys.executable, "-c", code], stdout=where, check=True).stdout
        assert (text or (tmp_path / "out").read_bytes()).split() == [b"before", b"middle", b"after"]

    def test_a_folder_is_an_error(self, tmp_path):
        with pytest.raises(RunError, match="directory"):
            files.write_output(tmp_path, "x")


def test_the_parts_of_two_processes_never_meet(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 1)  # as in two containers

    def write(text):
        for _ in range(200):
            files.write(tmp_path / "a.json", text * 1000)

    together(write, "ab")
    assert (tmp_path / "a.json").read_text() in ("a" * 1000, "b" * 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
