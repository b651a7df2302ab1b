"""Many runs: one that fails does not stop the others, and a batch can be stopped, gone on with and asked how it ended."""

from __future__ import annotations

import gc
import json
import os
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mic2025lab.errors import RunError
from mic2025lab.runs import batch as batches
from mic2025lab.runs import cluster as cluster_module
from mic2025lab.runs import lock, summary
from mic2025lab.runs import plan as plans
from mic2025lab.runs.journal import Journal
from mic2025lab.runs.kernels import kernel
from mic2025lab.runs.run import RunResult, prepare


def test_a_run_that_fails_or_breaks_does_not_stop_the_others(toy, plan, tmp_path, monkeypatch):
    def execute(notebook: Path, output: Path, parameters: Any, **kwargs: Any) -> str | None:
        if parameters["factor"] == 3.0:
            raise OSError(28, "No space left on device")
        output.write_bytes(notebook.read_bytes())
        return "ValueError: no" if parameters["factor"] == 2.0 else None

    monkeypatch.setattr(kernel, "execute", execute)
    requests = plans.read_plan(plan("runs: [{analysis: toy, grid: {factor: [1, 2, 3, 4]}}]"))
    told: list[tuple[int, int, str]] = []
    results = batches.batch(
        requests, reports=tmp_path / "r", jobs=2, report=lambda n, of, r: told.append((n, of, r.status))
    )
    assert [(r.status, r.request.parameters["factor"]) for r in results] == [
        ("done", 1.0), ("failed", 2.0), ("failed", 3.0), ("done", 4.0),
    ]  # fmt: skip
    assert "No space left" in str(results[2].error)
    assert results[2].folder is None
    assert [(n, of) for n, of, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert summary.text(results) == "4 runs: 2 done, 0 unchanged, 2 failed"
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == [".batch.jsonl", ".batch.lock", "runs"]

    again = batches.batch(requests, reports=tmp_path / "r")
    assert summary.text(again) == "4 runs: 0 done, 2 unchanged, 2 failed"


def test_two_kernels_at_once_do_not_see_each_others_folder(make_toy, plan, tmp_path):
    make_toy(
        "import mic2025lab as lab, os\nlab.record('economy', economy)\nlab.record('cwd', os.getcwd() == os.environ['MIC2025LAB_RUN_DIR'])"
    )
    requests = plans.read_plan(plan("runs: [{analysis: toy, grid: {economy: [CHN, USA]}}]"))
    results = batches.batch(requests, reports=tmp_path / "r", jobs=2)
    assert [r.error for r in results] == [None, None]
    figures = [json.loads((r.folder / "results.json").read_text())["figures"] for r in results]
    assert [f["economy"]["value"] for f in figures] == ["CHN", "USA"]
    assert [f["cwd"]["value"] for f in figures] == [True, True]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts the open files of Linux")
def test_runs_leave_no_file_open(make_toy, plan, tmp_path):
    make_toy("if factor == 2:\n    raise ValueError\nif factor == 3:\n    import os; os._exit(1)")
    requests = plans.read_plan(plan("runs: [{analysis: toy, grid: {factor: [0, 1, 2, 3, 4]}}]"))
    open_files: list[int] = []
    gc.disable()  # which closes files in its own time
    try:
        batches.batch(
            requests,
            reports=tmp_path / "r",
            report=lambda n, of, r: open_files.append(len(os.listdir("/proc/self/fd"))),
        )
    finally:
        gc.enable()
    assert set(open_files[1:]) == {open_files[0]}


def ask(*factors: float) -> list[Any]:
    return [prepare("toy", {"factor": float(factor)}) for factor in factors]


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(fake, tmp_path):
    died = "DeadKernelError: Kernel died"
    executed = fake(
        {1: [died], 2: [died] * 5, 3: "ParameterError: factor", 4: ["CellTimeoutError: over its time"]}
    )
    again: list[Any] = []
    results = batches.batch(
        ask(1, 2, 3, 4, 5),
        reports=tmp_path,
        retries=2,
        retrying=lambda r, n: again.append((r.request.parameters["factor"], n)),
    )
    assert [r.status for r in results] == ["done", "failed", "failed", "done", "done"]
    assert executed == [1, 1, 2, 2, 2, 3, 4, 4, 5]
    assert again == [(1, 2), (2, 2), (2, 3), (4, 2)]
    assert not list((tmp_path / "runs" / "toy").glob(f"{results[0].request.run_id}.failed"))


def test_fail_fast_starts_no_more(fake, tmp_path):
    executed = fake({2: "ValueError: no"})
    results = batches.batch(ask(1, 2, 3, 4), reports=tmp_path, fail_fast=True, retries=3)
    assert [r.status for r in results] == ["done", "failed"]
    assert executed == [1, 2]
    assert Journal.read(tmp_path).finished is False

    again = batches.batch(ask(1, 2, 3, 4), reports=tmp_path, resume=True)
    assert executed == [1, 2, 3, 4]  # what failed is not tried again
    assert [r.status for r in again] == ["unchanged", "failed", "done", "done"]
    assert "--retries" in str(again[1].error)
    assert Journal.read(tmp_path).finished is True
    batches.batch(ask(1, 2, 3, 4), reports=tmp_path, resume=True)
    # The last batch came to its end: nothing to go on with, and what failed is made.
    assert executed[4:] == [2]


def test_resume_with_retries_tries_what_failed(fake, tmp_path):
    executed = fake({2: ["ValueError: no"]})
    batches.batch(ask(1, 2, 3), reports=tmp_path, fail_fast=True, force=True)
    results = batches.batch(ask(1, 2, 3), reports=tmp_path, resume=True, retries=1, force=True)
    assert [r.status for r in results] == ["unchanged", "done", "done"]
    assert executed == [1, 2, 2, 3]


def test_those_under_way_are_finished_when_one_fails(fake, tmp_path, monkeypatch):
    together = threading.Barrier(2, timeout=20)

    def execute(notebook: Path, output: Path, parameters: Any, **kwargs: Any) -> str | None:
        together.wait()
        output.write_bytes(notebook.read_bytes())
        return "ValueError: no" if parameters["factor"] == 1 else time.sleep(0.3)

    monkeypatch.setattr(kernel, "execute", execute)
    results = batches.batch(ask(1, 2, 3), reports=tmp_path, jobs=2, fail_fast=True)
    assert [(r.request.parameters["factor"], r.status) for r in results] == [(1, "failed"), (2, "done")]


def test_a_request_to_stop_leaves_the_rest(fake, tmp_path):
    executed = fake({})
    stop = threading.Event()
    with pytest.raises(batches.Stopped) as caught:
        batches.batch(
            ask(1, 2, 3), reports=tmp_path, stop=stop, report=lambda n, of, r: stop.set() if n == 2 else None
        )
    assert [r.request.parameters["factor"] for r in caught.value.results][:2] == [1, 2]
    assert len(caught.value.results) + len(caught.value.left) == 3
    assert not list(tmp_path.glob(".tmp-*"))
    done = len(executed)
    batches.batch(ask(1, 2, 3), reports=tmp_path, resume=True, force=True)
    assert sorted(executed) == [1, 2, 3] if done < 3 else sorted(executed)[:3]


def test_a_journal_that_was_cut_short_costs_one_look(fake, tmp_path):
    executed = fake({})
    batches.batch(ask(1, 2), reports=tmp_path)
    journal = tmp_path / ".batch.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-3]) + "\n" + lines[-3][:30])
    read = Journal.read(tmp_path)
    assert read is not None
    assert (len(read.ended), read.finished) == (1, False)
    results = batches.batch(ask(1, 2), reports=tmp_path, resume=True)
    assert [r.status for r in results] == ["unchanged", "unchanged"]
    assert executed == [1, 2]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"asked": 1}', "\x00"])
def test_a_journal_that_is_not_one_is_said(fake, tmp_path, content):
    executed = fake({})
    (tmp_path / ".batch.jsonl").write_text(content)
    with pytest.raises(RunError, match="Name the plan"):
        batches.batch(ask(1), reports=tmp_path, resume=True)
    assert executed == []
    assert batches.batch(ask(1), reports=tmp_path)[0].status == "done"


def test_a_folder_that_is_locked_is_refused(fake, tmp_path):
    executed = fake({})
    with (
        lock.hold(tmp_path),
        pytest.raises(RunError, match=rf"Another batch is running in .*: process {os.getpid()} on "),
    ):
        batches.batch(ask(1), reports=tmp_path)
    assert executed == []
    assert batches.batch(ask(1), reports=tmp_path)[0].status == "done"


def test_a_folder_that_is_moved_away_ends_the_batch(fake, tmp_path):
    executed = fake({})
    reports, moved = tmp_path / "r", tmp_path / "moved"
    with pytest.raises(batches.Broken, match="moved or removed") as caught:
        batches.batch(
            ask(1, 2, 3), reports=reports, report=lambda n, of, r: reports.rename(moved) if n == 1 else None
        )
    assert len(caught.value.results) + len(caught.value.left) == 3
    assert 1 <= len(executed) <= 2
    # Where it is now, it is as good as before.
    results = batches.batch(ask(1, 2, 3), reports=moved)
    assert [r.status for r in results] == ["unchanged", "done", "done"]


def test_a_dask_cluster_is_an_executor(make_toy, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    make_toy("import mic2025lab as lab\nlab.record('x', factor)")
    # Workers that are threads, because the toy is an analysis of this process only.
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        cluster_module.connect(cluster.scheduler_address, tmp_path / "r") as (executor, threads, watch),
    ):
        assert threads == 2
        results = batches.batch(
            ask(1, 2), reports=tmp_path / "r", executor=executor, watch=watch, jobs=threads
        )
    assert [r.status for r in results] == ["done", "done"], [r.error for r in results]
    assert not list((tmp_path / "r").glob(".tmp-*"))


def test_a_cluster_that_cannot_do_the_work_is_refused(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    with (
        pytest.raises(RunError, match="No Dask scheduler answers at tcp:"),
        cluster_module.connect("tcp://127.0.0.1:9", tmp_path, patience=0.5),
    ):
        pass
    monkeypatch.setattr(
        cluster_module, "_look", lambda mark, digest: "its mic2025lab is not the same as here"
    )
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster,
        pytest.raises(RunError, match=r"These workers .*\n.*not the same as here"),
        cluster_module.connect(cluster.scheduler_address, tmp_path),
    ):
        pass


class Hanging(Executor):
    """Workers that begin every run and never end one."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        return future


def test_workers_that_hang_are_given_up(fake, tmp_path, monkeypatch):
    executed = fake({})
    monkeypatch.setattr(batches, "_SILENCE", 0.5)
    asked: list[bool] = []
    with pytest.raises(batches.Broken, match=r"No run has ended for 0.75 s.*do not answer") as caught:
        batches.batch(
            ask(1, 2), reports=tmp_path, executor=Hanging(), watch=asked.append, jobs=1, timeout=0.25
        )
    assert (caught.value.results, caught.value.left) == ([], ask(1, 2))
    assert set(asked) == {False}
    assert executed == []
    assert [r.status for r in batches.batch(ask(1, 2), reports=tmp_path, resume=True)] == ["done", "done"]


def test_workers_that_are_slow_are_not(fake, tmp_path, monkeypatch):
    """The wait begins again whenever a run ends, and no batch without a limit gives up."""
    fake({})
    monkeypatch.setattr(
        batches, "_execute", lambda *given, do=batches._execute: (time.sleep(0.6), do(*given))[1]
    )
    for limit in (0, None):
        monkeypatch.setattr(batches, "_SILENCE", 1.5 if limit == 0 else 0)
        with ThreadPoolExecutor(1) as executor:
            results = batches.batch(
                ask(1, 2, 3),
                reports=tmp_path / str(limit),
                executor=executor,
                watch=lambda _: None,
                timeout=limit,
            )
        assert [r.status for r in results] == ["done"] * 3


class TestSummary:
    """How a batch ended, for machines."""

    def results(self, reports: Path) -> list[RunResult]:
        one, two, three = ask(1, 2, 3)
        return [
            RunResult("done", one, one.folder(reports), 1.5),
            RunResult("unchanged", two, two.folder(reports), 0.0),
            RunResult("failed", three, None, 2.0, "ValueError: <no> & \x1b[31m 'quoted'"),
        ]

    def test_junit(self, toy, tmp_path):
        suite = ElementTree.fromstring(summary.as_junit(self.results(tmp_path), ask(4)))
        assert suite.attrib == {
            "name": "mic2025lab batch", "tests": "4", "failures": "1", "errors": "0", "skipped": "2", "time": "3.500",
        }  # fmt: skip
        assert [case.get("name") for case in suite] == ["toy", *(f"toy factor={n}.0" for n in (2, 3, 4))]
        assert [[child.tag for child in case] for case in suite] == [
            [],
            ["skipped"],
            ["failure"],
            ["skipped"],
        ]
        assert suite[2][0].get("message") == "ValueError: <no> & \ufffd[31m 'quoted'"

    def test_json(self, toy, tmp_path):
        content = json.loads(summary.as_json(self.results(tmp_path), ask(4), tmp_path))
        assert content["counts"] == {"done": 1, "unchanged": 1, "failed": 1, "left": 1}
        assert [run["status"] for run in content["runs"]] == ["done", "unchanged", "failed"]
        assert content["runs"][0]["folder"].startswith("runs/toy/")
        assert str(tmp_path) not in json.dumps(content)

    def test_no_key_is_in_any_of_them(self, toy, tmp_path, monkeypatch):
        monkeypatch.setenv("SOME_API_KEY", "sk-0123456789")
        request = prepare("toy", {"label": "sk-0123456789"})
        results = [RunResult("failed", request, None, 1.0, "ValueError: sk-0123456789")]
        journal = Journal({"plan": "sk-0123456789"})
        journal.begin(tmp_path)
        journal.add(tmp_path, results[0])
        for text in (
            summary.as_json(results, [request], tmp_path), summary.as_junit(results, [request]),
            json.dumps(summary.news(results, tmp_path)), (tmp_path / ".batch.jsonl").read_text(),
        ):  # fmt: skip
            assert "[hidden: SOME_API_KEY]" in text
            assert "sk-0123456789" not in text
