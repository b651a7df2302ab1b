"""A run is kept whole or not at all, is made once, and a failure never touches a good one."""

import dataclasses
import os
import shutil
import sys
from pathlib import Path

import pytest

from mic2025lab.errors import RunError
from mic2025lab.results import files, record
from mic2025lab.runs import batch as batches
from mic2025lab.runs import identity
from mic2025lab.runs import run as runs
from tests.runs.conftest import (
    CLOCK,
    HOSTILE,
    SECRET,
    alter,
    contents,
    copied,
    failed,
    has,
    ran,
    read,
    recorded,
)

SAME = {"notebook.html", "results.json", "figures/line.svg", "figures/line.png"}
SAME |= {"tables/by_year.csv", "tables/keys.csv"}


def test_a_run_leaves_its_files_with_what_was_recorded_and_made_it(good_run, toy):
    folder, results, details = good_run, read(good_run, "results.json"), read(good_run)
    assert set(contents(folder)) == CLOCK | SAME
    assert [path.name for path in folder.parents[2].iterdir()] == ["runs"]
    assert folder.parts[-3:] == ("runs", "toy", details["run_id"])
    assert results["analysis"] == "toy"
    assert results["parameters"] == {"economy": "CHN", "factor": 1.0, "label": HOSTILE}
    assert recorded(folder)["total"] == 7.75
    assert (folder / "tables" / "by_year.csv").read_text().splitlines()[1] == "2000,CHN,1.5"
    assert (details["status"], details["changed"]) == ("done", {"label": HOSTILE})
    assert details["tables"]["toy"]["sha256"] == identity.table_digests(toy, {})["toy"]
    assert details["package"]["sha256"] == identity.code_digest()
    assert details["libraries"]["papermill"]
    assert details["started"] <= details["ended"]


def test_an_unchanged_run_is_not_made_again(good_run, fake):
    executed = fake()
    reports = good_run.parents[2]
    before = contents(reports)
    result = runs.run("toy", {"label": HOSTILE}, reports=reports)
    assert (result.status, result.folder, executed) == ("unchanged", good_run, [])
    assert contents(reports) == before


def test_a_forced_run_gives_the_same_results_byte_for_byte(good_run, kept, tmp_path, monkeypatch):
    reports = kept.parents[2]
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 20\nsavefig.facecolor: red\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path))  # settings of the user have no part in a run
    result = ran("toy", {"label": HOSTILE}, reports=reports, force=True)
    old, new = contents(good_run), contents(result.folder)
    assert {name: new[name] for name in SAME} == {name: old[name] for name in SAME}
    assert [p.name for p in reports.iterdir()] == ["runs"]


def test_a_failed_run_is_kept_beside_the_good_one(make_toy, tmp_path):
    flag, reports = tmp_path / "fail", tmp_path / "reports"
    make_toy(
        f"import mic2025lab as lab, pathlib\nlab.record('before', 1)\nif pathlib.Path({str(flag)!r}).exists():\n    1 / 0",
        "lab.record('after', 2)",
    )
    good = ran(reports=reports)
    before = contents(good.folder)
    flag.touch()
    bad = failed(reports=reports, force=True)
    assert bad.error == "ZeroDivisionError: division by zero"
    assert bad.folder == good.folder.with_name(f"{good.request.run_id}.failed")
    assert contents(good.folder) == before
    has((bad.folder / "notebook.ipynb").read_text(), "ZeroDivisionError", "Traceback")
    has((bad.folder / "notebook.html").read_text(), "This run failed")
    assert read(bad.folder)["status"] == "failed"
    assert recorded(bad.folder) == {"before": 1}
    flag.unlink()
    ran(reports=reports, force=True)
    assert not bad.folder.exists()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["import sys\nsys.exit(0)", "1 + 1"], ["ended before cell 5"]),
        (
            ["import mic2025lab as lab\nlab.load('toy'); lab.load('other')"],
            ["loaded 'other', which it does not declare", "`tables`"],
        ),
    ],
    ids=["an exit in the middle", "a table that is not declared"],
)
def test_what_papermill_takes_for_a_good_end_is_a_failure(make_toy, tmp_path, cells, words):
    make_toy(*cells)
    has(failed(reports=tmp_path / "reports").error, *words)


def test_a_kernel_that_dies_while_it_writes_leaves_no_half_file(make_toy, tmp_path):
    make_toy(
        "import os, pathlib, signal, mic2025lab as lab\nlab.record('x', 1)\n"
        "def die(self, target):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "pathlib.Path.replace = os.replace = die",
        "lab.record('y', 2)",
    )
    result = failed(reports=tmp_path / "reports")
    assert [name for name in contents(tmp_path / "reports") if name.endswith(".part")] == []
    assert recorded(result.folder) == {"x": 1}


def test_the_kernel_is_this_python_whatever_the_user_has_installed(make_toy, fresh, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for name, text in {
        ".local/share/jupyter/kernels/python3/kernel.json": (
            '{"argv": ["/nonexistent/python", "{connection_file}"], "display_name": "x", "language": "python"}'
        ),
        ".ipython/profile_default/startup/00.py": "injected_by_startup = 1\n",
    }.items():
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text(text)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MIC2025LAB_DATA", os.path.relpath(os.environ["MIC2025LAB_DATA"]))
    make_toy(
        "import sys, mic2025lab as lab\nlab.record('executable', sys.executable)",
        "lab.record('startup', 'injected_by_startup' in globals())\nlab.load('toy');",
    )
    found = recorded(ran(reports=tmp_path / "reports").folder)
    # A home folder or a checkout is taken out of what is saved, so the beginning may be an ellipsis.
    assert sys.executable.endswith(found["executable"].removeprefix("…"))
    assert found["executable"].endswith(Path(sys.executable).name)
    assert found["startup"] is False


def test_a_reports_folder_that_cannot_be_written_is_refused(toy, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="--reports"):
        runs.run("toy", reports=tmp_path / "file" / "reports")


@pytest.mark.skipif(os.name == "nt", reason="names of folders are Unicode there")
def test_a_reports_folder_whose_name_is_not_utf_8_is_refused(toy, tmp_path):
    reports = os.fsdecode(os.fsencode(tmp_path) + b"/\xc6\xf3\xd2\xb5")
    with pytest.raises(RunError, match="企业, is not UTF-8"):
        runs.run("toy", reports=reports)
    with pytest.raises(RunError, match="is not UTF-8"):
        batches.batch([runs.prepare("toy", {})], reports=reports)
    assert not os.path.exists(reports)


class TestIdentity:
    """What changes a run's identity, and what does not."""

    def test_each_part_counts(self, make_toy, monkeypatch):
        analysis = make_toy("1 + 1")
        params = analysis.defaults()
        base = identity.run_id(analysis, params)
        assert len(base) == 12
        assert identity.run_id(analysis, params) == base
        assert identity.run_id(analysis, {**params, "factor": 2.0}) != base
        assert identity.run_id(dataclasses.replace(analysis, tables=("toy", "other")), params) != base
        for place, name, other in (
            (identity, "code_digest", lambda: "another"),
            (identity.catalog, "digests", lambda name, words: {name: "0" * 64}),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(place, name, other)
                assert identity.run_id(analysis, params) != base

    def test_the_cells_count_and_outputs_do_not(self, make_toy):
        path = make_toy("1 + 1").notebook
        base = identity.notebook_digest(path)
        output = {"output_type": "stream", "name": "stdout", "text": "2"}
        alter(path, lambda nb: nb["cells"][-1].update(outputs=[output], id="other", execution_count=7))
        alter(path, lambda nb: nb["metadata"]["kernelspec"].update(name="other"))
        assert identity.notebook_digest(path) == base
        alter(path, lambda nb: nb["cells"][-1].update(source="1 + 2"))
        assert identity.notebook_digest(path) != base


# What is lost or damaged


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


def test_the_folder_of_a_run_is_known_by_its_mark(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    monkeypatch.setenv(files.RUN_DIR, str(folder))
    with record.session(folder, "toy"):
        monkeypatch.setenv(files.RUN_MARK, (folder / files.MARK).read_text())
        record.record("one", 1)
        monkeypatch.setenv(files.RUN_MARK, "another")
        with pytest.raises(RunError, match="moved, removed, or changed"):
            record.record("two", 2)
    assert sorted(path.name for path in folder.iterdir()) == ["results.json"]


def test_a_folder_without_a_mark_that_lost_what_was_recorded_is_not_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv(files.RUN_DIR, str(tmp_path / "run"))
    record.record("one", 1)
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(RunError, match="moved, removed, or changed"):
        record.record("two", 2)
    assert not (tmp_path / "run").exists()


def test_another_error_of_a_session_is_not_hidden(tmp_path):
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
    monkeypatch.setenv("TOY_API_KEY", SECRET)
    names = contents(good_run)
    assert len(names) > 8
    for number, name in enumerate(names):
        final = copied(good_run, tmp_path / str(number))
        reports = final.parents[2]
        assert runs.run("toy", {"label": HOSTILE}, reports=reports).status == "unchanged"
        DAMAGES[damage](final / name)
        assert not runs.is_good(final), name
        assert runs.run("toy", {"label": HOSTILE}, reports=reports).status == "done"
        assert runs.is_good(final)


def test_a_file_beside_those_of_the_run_is_no_damage(kept):
    (kept / "notes.txt").write_text("mine")
    assert runs.is_good(kept)
    shutil.rmtree(kept / "tables")
    assert not runs.is_good(kept)
