"""A run that loses its folder or a file fails; a run that is damaged later is made again, and never taken for unchanged."""

import os
import shutil

import pytest

from mic2025lab.errors import RunError
from mic2025lab.results import files, record
from mic2025lab.runs import batch as batches
from mic2025lab.runs import run as runs
from tests.runs.conftest import contents, failed, has, ran, recorded

#: Cells that record something of each kind.
RECORD = (
    "import mic2025lab as lab, pandas as pd\nfrom matplotlib import pyplot as plt",
    "lab.record('one', 1)\nlab.record_table('rows', pd.DataFrame({'a': [1]}))\nlab.record_finding('One.')",
    "fig, ax = plt.subplots(figsize=(1, 1))\nlab.record_figure('line', fig, alt='A line.')",
)
PLACES = "import os, pathlib, shutil\nhere = pathlib.Path(os.environ['MIC2025LAB_RUN_DIR'])\nreports = here.parents[1]"

#: Can be noticed only by what is recorded afterward.
AGO = "the results are those of a moment ago"

#: What somebody else does while the notebook runs.
LOSSES = {
    "the workspace is removed": "shutil.rmtree(here.parent)",
    "the folder of the run is removed": "shutil.rmtree(here)",
    "the reports are removed": "shutil.rmtree(reports)",
    "the reports are moved": "reports.rename(reports.with_name('moved'))",
    "the reports are moved, and others begin there": "reports.rename(reports.with_name('moved'))\nhere.mkdir(parents=True)",
    "the folder is made again": "shutil.rmtree(here)\nhere.mkdir()",
    "the results are removed": "(here / 'results.json').unlink()",
    AGO: (
        "(here / 'results.json').write_text((here / 'results.json').read_text().replace('\"one\"', '\"two\"'))"
    ),
}


@pytest.mark.parametrize(
    ("loss", "then"),
    [(loss, then) for loss in LOSSES for then in ("record", "nothing") if (loss, then) != (AGO, "nothing")],
)
def test_a_run_that_loses_what_it_recorded_fails(make_toy, tmp_path, loss, then):
    more = "lab.record('three', 3)" if then == "record" else "1 + 1"
    make_toy(*RECORD, PLACES, LOSSES[loss], more)
    reports = tmp_path / "r"
    result = runs.RunResult("failed", runs.prepare("toy", {}), None, 0.0)
    try:
        (result,) = batches.batch([result.request], reports=reports)
    except batches.Broken as broken:  # the journal is gone too
        results, left = broken.results, broken.left
        assert len(results) + len(left) == 1
        result = results[0] if results else result
        assert "moved" in loss or "reports" in loss
    assert result.status == "failed"
    assert "KeyError" not in str(result.error)
    assert not [folder for folder in reports.glob("runs/toy/*") if not folder.name.endswith(".failed")]


@pytest.mark.parametrize("act", ["unlink()", "write_bytes(b'')"])
def test_a_run_without_files_that_it_recorded_fails(make_toy, tmp_path, act):
    lost = ("tables/rows.csv", "figures/line.svg", "figures/line.png")
    make_toy(*RECORD, PLACES, f"for name in {lost}:\n    (here / name).{act}")
    result = failed(reports=tmp_path)
    has(result.error, *lost)
    assert result.folder.name.endswith(".failed")


def test_a_file_that_is_lost_at_the_last_moment_is_seen(make_toy, tmp_path, monkeypatch):
    from mic2025lab.runs.pages import html

    make_toy(*RECORD)
    page = html.page

    def clean(run, *arguments):
        (run.folder / "figures" / "line.png").unlink()
        return page(run, *arguments)

    monkeypatch.setattr(html, "page", clean)
    (result,) = batches.batch([runs.prepare("toy", {})], reports=tmp_path)
    assert result.status == "failed"
    assert "figures/line.png" in str(result.error)
    assert not (tmp_path / "runs").exists()


def test_another_process_of_the_notebook_can_record_too(make_toy, tmp_path):
    code = "import mic2025lab as lab; lab.record('two', 2)"
    make_toy(
        *RECORD,
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {code!r}], check=True)",
        "lab.record('three', 3)",
    )
    result = ran(reports=tmp_path)
    assert set(recorded(result.folder)) == {"one", "two", "three"}


class TestRecord:
    """`record` alone, in a folder that somebody has named."""

    def test_it_knows_the_folder_by_its_token(self, tmp_path, monkeypatch):
        folder = tmp_path / "run"
        monkeypatch.setenv(files.RUN_DIR, str(folder))
        with record.session(folder, "toy"):
            monkeypatch.setenv(files.RUN_MARK, (folder / files.MARK).read_text())
            record.record("one", 1)
            monkeypatch.setenv(files.RUN_MARK, "another")
            with pytest.raises(RunError, match="moved, removed, or changed"):
                record.record("two", 2)
        assert sorted(path.name for path in folder.iterdir()) == ["results.json"]

    def test_it_misses_what_it_wrote(self, tmp_path, monkeypatch):
        monkeypatch.setenv(files.RUN_DIR, str(tmp_path / "run"))
        record.record("one", 1)
        shutil.rmtree(tmp_path / "run")
        with pytest.raises(RunError, match="moved, removed, or changed"):
            record.record("two", 2)
        assert not (tmp_path / "run").exists()

    def test_another_error_of_a_session_is_not_hidden(self, tmp_path):
        with pytest.raises(OSError, match="No space"), record.session(tmp_path / "run"):
            raise OSError(28, "No space left on device")


DAMAGES = {
    "removed": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "changed": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_run_with_a_damaged_file_is_made_again(good_run, fake, tmp_path, monkeypatch, damage):
    fake()
    monkeypatch.setenv("TOY_API_KEY", good_run.secret)
    names = contents(good_run.folder)
    assert len(names) > 8
    for number, name in enumerate(names):
        reports = good_run.copy(tmp_path / str(number))
        final = good_run.result.request.folder(reports)
        assert runs.run("toy", {"label": good_run.hostile}, reports=reports).status == "unchanged"
        DAMAGES[damage](final / name)
        assert not runs.is_good(final), name
        assert runs.run("toy", {"label": good_run.hostile}, reports=reports).status == "done"
        assert runs.is_good(final)


def test_a_file_beside_those_of_the_run_is_no_damage(good_run, tmp_path):
    final = good_run.result.request.folder(good_run.copy(tmp_path / "r"))
    (final / "notes.txt").write_text("mine")
    assert runs.is_good(final)
    shutil.rmtree(final / "tables")
    assert not runs.is_good(final)
