"""A run is kept whole or not at all, is made once, and a failure never touches a good one."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mic2025lab.errors import ParameterError, RunError
from mic2025lab.runs import folders, identity
from mic2025lab.runs import run as runs
from mic2025lab.runs.batch import batch
from mic2025lab.runs.kernels import kernel
from tests.runs.conftest import CLOCK, alter, contents, failed, has, ran, read, recorded

SAME = {
    "notebook.html",
    "results.json",
    "tables/by_year.csv",
    "tables/keys.csv",
    "figures/line.svg",
    "figures/line.png",
}


@pytest.fixture
def no_kernel(monkeypatch):
    monkeypatch.setattr(kernel, "execute", lambda *_, **__: pytest.fail("a kernel was started"))


def test_a_run_leaves_its_files_with_what_was_recorded_and_made_it(good_run, toy):
    folder, results = good_run.folder, read(good_run.folder, "results.json")
    assert set(contents(folder)) == CLOCK | SAME
    assert [p.name for p in good_run.reports.iterdir()] == ["runs"]
    assert folder == good_run.reports / "runs" / "toy" / good_run.result.request.run_id
    assert results["analysis"] == "toy"
    assert results["parameters"] == {"economy": "CHN", "factor": 1.0, "label": good_run.hostile}
    assert recorded(folder)["total"] == 7.75
    assert (folder / "tables" / "by_year.csv").read_text().splitlines()[1] == "2000,CHN,1.5"
    details = read(folder)
    assert (details["status"], details["changed"]) == ("done", {"label": good_run.hostile})
    assert details["tables"]["toy"]["sha256"] == identity.table_digests(toy, {})["toy"]
    assert details["package"]["sha256"] == identity.code_digest()
    assert details["libraries"]["papermill"]
    assert details["started"] <= details["ended"]


def test_an_unchanged_run_is_not_made_again(good_run, toy, no_kernel):
    before = contents(good_run.reports)
    result = runs.run("toy", {"label": good_run.hostile}, reports=good_run.reports)
    assert (result.status, result.folder) == ("unchanged", good_run.folder)
    assert contents(good_run.reports) == before


def test_a_forced_run_gives_the_same_results_byte_for_byte(good_run, toy, tmp_path, monkeypatch):
    reports = good_run.copy(tmp_path / "reports")
    monkeypatch.setenv("TOY_API_KEY", good_run.secret)
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 20\nsavefig.facecolor: red\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path))  # settings of the user have no part in a run
    result = ran("toy", {"label": good_run.hostile}, reports=reports, force=True)
    old, new = contents(good_run.folder), contents(result.folder)
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


def test_a_wrong_request_starts_no_kernel(toy, tmp_path, no_kernel):
    for analysis, params in [("toy", {"econmy": "CHN"}), ("toy", {"factor": "2"}), ("tow", {})]:
        with pytest.raises(ParameterError):
            runs.run(analysis, params, reports=tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


_KILLED = """
import os, signal, sys
from pathlib import Path
from mic2025lab.runs import folders
final, rename = Path(sys.argv[1]), Path.rename
def killed(self, target):
    if self.name == "run":
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
Path.rename = killed
with folders.workspace(final.parents[2]) as work:
    (work / "run").mkdir()
    (work / "run" / "half").touch()
    folders.publish(work / "run", final, work=work)
"""


def test_what_a_killed_process_left_is_cleaned_and_put_back(good_run, fake, tmp_path):
    reports = good_run.copy(tmp_path / "reports")
    good = contents(reports)
    final = good_run.result.request.folder(reports)
    # Killed after the good run was set aside, and before the new one was in its place.
    subprocess.run([sys.executable, "-c", _KILLED, str(final)], check=False)
    assert not final.exists()
    assert len(list(reports.glob(".tmp-*/run/half"))) == 1
    fake()
    with folders.workspace(reports) as mine:
        other = runs.run("toy", {"factor": 2.0}, reports=reports)
        assert list(reports.glob(".tmp-*")) == [mine]
    kept = {name: data for name, data in contents(reports).items() if other.request.run_id not in name}
    assert kept == good


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
        batch([runs.prepare("toy", {})], reports=reports)
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
