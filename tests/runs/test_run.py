"""A run is kept whole or not at all, is made once, and a failure never touches a good one."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.errors import ParameterError, RunError
from mic2025lab.runs import folders, identity
from mic2025lab.runs import run as runs
from mic2025lab.runs.batch import batch
from mic2025lab.runs.kernels import kernel

FILES = {
    "notebook.ipynb", "notebook.html", "results.json", "run.json", "tables/by_year.csv", "tables/keys.csv",
    "figures/line.svg", "figures/line.png", "ro-crate-metadata.json",
}  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def no_kernel(*args: Any, **kwargs: Any) -> None:
    raise AssertionError("a kernel was started")


def test_a_run_leaves_its_files_and_nothing_else(good_run):
    assert set(files(good_run.folder)) == FILES
    assert [p.name for p in good_run.reports.iterdir()] == ["runs"]
    assert good_run.folder == good_run.reports / "runs" / "toy" / good_run.result.request.run_id


def test_the_results_are_what_was_recorded(good_run):
    results = json.loads((good_run.folder / "results.json").read_text())
    assert results["analysis"] == "toy"
    assert results["parameters"] == {"economy": "CHN", "factor": 1.0, "label": good_run.hostile}
    assert results["figures"]["total"]["value"] == 7.75
    assert (good_run.folder / "tables" / "by_year.csv").read_text().splitlines()[1] == "2000,CHN,1.5"


def test_the_manifest_says_which_data_and_code(good_run, toy):
    details = json.loads((good_run.folder / "run.json").read_text())
    assert details["status"] == "done"
    assert details["changed"] == {"label": good_run.hostile}
    assert details["tables"]["toy"]["sha256"] == identity.table_digests(toy, {})["toy"]
    assert details["package"]["sha256"] == identity.code_digest()
    assert details["libraries"]["papermill"]
    assert details["started"] <= details["ended"]


def test_an_unchanged_run_is_not_made_again(good_run, toy, monkeypatch):
    before = files(good_run.reports)
    monkeypatch.setattr(kernel, "execute", no_kernel)
    result = runs.run("toy", {"label": good_run.hostile}, reports=good_run.reports)
    assert (result.status, result.folder) == ("unchanged", good_run.folder)
    assert files(good_run.reports) == before


def test_a_forced_run_gives_the_same_results_byte_for_byte(good_run, toy, tmp_path, monkeypatch):
    reports = good_run.copy(tmp_path / "reports")
    monkeypatch.setenv("TOY_API_KEY", good_run.secret)
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 20\nsavefig.facecolor: red\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path))  # settings of the user have no part in a run
    result = runs.run("toy", {"label": good_run.hostile}, reports=reports, force=True)
    assert result.status == "done"
    old, new = files(good_run.folder), files(result.folder)
    same = (
        FILES
        - {
            "run.json",
            "notebook.ipynb",
            "ro-crate-metadata.json",
        }
    )  # the clock is in the manifest, in papermill's own metadata, and in the crate, which has it from the manifest
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert [p.name for p in reports.iterdir()] == ["runs"]


def test_a_failed_run_is_kept_beside_the_good_one(make_toy, tmp_path):
    flag = tmp_path / "fail"
    make_toy(
        f"import mic2025lab as lab, pathlib\nlab.record('before', 1)\nif pathlib.Path({str(flag)!r}).exists():\n    1 / 0",
        "lab.record('after', 2)",
    )
    reports = tmp_path / "reports"
    good = runs.run("toy", reports=reports)
    assert (good.status, good.error) == ("done", None)
    before = files(good.folder)

    flag.touch()
    bad = runs.run("toy", reports=reports, force=True)
    assert (bad.status, bad.error) == ("failed", "ZeroDivisionError: division by zero")
    assert bad.folder == good.folder.with_name(f"{good.request.run_id}.failed")
    assert files(good.folder) == before
    notebook = (bad.folder / "notebook.ipynb").read_text()
    assert "ZeroDivisionError" in notebook
    assert "Traceback" in notebook
    assert json.loads((bad.folder / "run.json").read_text())["status"] == "failed"
    assert list(json.loads((bad.folder / "results.json").read_text())["figures"]) == ["before"]
    assert "This run failed" in (bad.folder / "notebook.html").read_text()

    flag.unlink()
    assert runs.run("toy", reports=reports, force=True).status == "done"
    assert not bad.folder.exists()


def test_an_exit_in_the_middle_is_a_failure(make_toy, tmp_path):
    make_toy("import sys\nsys.exit(0)", "1 + 1")
    result = runs.run("toy", reports=tmp_path / "reports")
    assert result.status == "failed"
    assert "ended before cell 5" in str(result.error)


def test_a_kernel_that_dies_while_it_writes_leaves_no_half_file(make_toy, tmp_path):
    make_toy(
        "import os, pathlib, signal, mic2025lab as lab\nlab.record('x', 1)\n"
        "def die(self, target):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "pathlib.Path.replace = os.replace = die",
        "lab.record('y', 2)",
    )
    result = runs.run("toy", reports=tmp_path / "reports")
    assert result.status == "failed"
    assert [name for name in files(tmp_path / "reports") if name.endswith(".part")] == []
    recorded = json.loads((result.folder / "results.json").read_text())
    assert list(recorded["figures"]) == ["x"]


def test_a_table_that_is_not_declared_is_a_failure(make_toy, tmp_path):
    make_toy("import mic2025lab as lab\nlab.load('toy'); lab.load('other')")
    result = runs.run("toy", reports=tmp_path / "reports")
    assert result.status == "failed"
    assert "loaded 'other', which it does not declare" in str(result.error)
    assert "`tables`" in str(result.error)


def test_the_kernel_is_this_python_whatever_the_user_has_installed(make_toy, fresh, tmp_path, monkeypatch):
    home = tmp_path / "home"
    fake = home / ".local/share/jupyter/kernels/python3"
    fake.mkdir(parents=True)
    (fake / "kernel.json").write_text(
        json.dumps(
            {"argv": ["/nonexistent/python", "{connection_file}"], "display_name": "x", "language": "python"}
        )
    )
    startup = home / ".ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("injected_by_startup = 1\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MIC2025LAB_DATA", os.path.relpath(os.environ["MIC2025LAB_DATA"]))
    make_toy(
        "import sys, mic2025lab as lab\nlab.record('executable', sys.executable)",
        "lab.record('startup', 'injected_by_startup' in globals())\nlab.load('toy');",
    )
    result = runs.run("toy", reports=tmp_path / "reports")
    assert result.error is None
    figures = json.loads((result.folder / "results.json").read_text())["figures"]
    # A home folder or a checkout is taken out of what is saved, so the beginning may be an ellipsis.
    assert sys.executable.endswith(figures["executable"]["value"].removeprefix("…"))
    assert figures["executable"]["value"].endswith(Path(sys.executable).name)
    assert figures["startup"]["value"] is False


def test_a_wrong_request_starts_no_kernel(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "execute", no_kernel)
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
    good = files(reports)
    final = good_run.result.request.folder(reports)
    # Killed after the good run was set aside, and before the new one was in its place.
    subprocess.run([sys.executable, "-c", _KILLED, str(final)], check=False)
    assert not final.exists()
    assert len(list(reports.glob(".tmp-*/run/half"))) == 1
    fake()
    with folders.workspace(reports) as mine:
        other = runs.run("toy", {"factor": 2.0}, reports=reports)
        assert list(reports.glob(".tmp-*")) == [mine]
    kept = {name: data for name, data in files(reports).items() if other.request.run_id not in name}
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
        monkeypatch.setattr(identity, "code_digest", lambda: "another")
        assert identity.run_id(analysis, params) != base

    def test_a_tables_digest_counts(self, make_toy, monkeypatch):
        analysis = make_toy("1 + 1")
        base = identity.run_id(analysis, {})
        monkeypatch.setattr(identity.catalog, "digests", lambda name, words: {name: "0" * 64})
        assert identity.run_id(analysis, {}) != base

    def test_the_cells_count_and_outputs_do_not(self, make_toy):
        path = make_toy("1 + 1").notebook
        base = identity.notebook_digest(path)
        notebook = json.loads(path.read_text())
        notebook["cells"][-1] |= {
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}],
            "id": "other",
            "execution_count": 7,
        }
        notebook["metadata"]["kernelspec"]["name"] = "other"
        path.write_text(json.dumps(notebook))
        assert identity.notebook_digest(path) == base
        notebook["cells"][-1]["source"] = "1 + 2"
        path.write_text(json.dumps(notebook))
        assert identity.notebook_digest(path) != base
