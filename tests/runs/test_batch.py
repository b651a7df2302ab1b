"""Many runs: one that fails does not stop the others, and a batch can be stopped, gone on with and asked how it ended."""

import gc
import json
import os
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mic2025lab.errors import RunError
from mic2025lab.runs import batch as batches
from mic2025lab.runs import cluster, summary
from mic2025lab.runs.journal import Asked, Journal
from mic2025lab.runs.kernels import kernel
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import RunResult
from tests.runs.conftest import has, recorded


def ask(*factors):
    return [prepare("toy", {"factor": float(factor)}) for factor in factors]


def ended(results):
    return [result.status for result in results]


def test_a_run_that_fails_or_breaks_does_not_stop_the_others(fake, tmp_path):
    fake({2: "ValueError: no", 3: OSError(28, "No space left on device")})
    told = []
    reports = tmp_path / "r"
    results = batches.batch(
        ask(1, 2, 3, 4), reports=reports, jobs=2, report=lambda n, of, r: told.append((n, of))
    )
    assert ended(results) == ["done", "failed", "failed", "done"]
    assert "No space left" in str(results[2].error)
    assert results[2].folder is None
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert summary.text(results) == "4 runs: 2 done, 0 unchanged, 2 failed"
    assert sorted(p.name for p in reports.iterdir()) == [".batch.jsonl", ".batch.lock", "runs"]
    again = batches.batch(ask(1, 2, 3, 4), reports=reports)
    assert summary.text(again) == "4 runs: 0 done, 2 unchanged, 2 failed"


def test_two_kernels_at_once_do_not_see_each_others_folder(make_toy, tmp_path):
    make_toy(
        "import mic2025lab as lab, os\nlab.record('factor', factor)\n"
        "lab.record('cwd', os.getcwd() == os.environ['MIC2025LAB_RUN_DIR'])"
    )
    results = batches.batch(ask(1, 2), reports=tmp_path / "r", jobs=2)
    assert ended(results) == ["done", "done"]
    assert [recorded(r.folder) for r in results] == [{"factor": n, "cwd": True} for n in (1, 2)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts the open files of Linux")
def test_runs_leave_no_file_open(make_toy, tmp_path):
    make_toy("if factor == 2:\n    raise ValueError\nif factor == 3:\n    import os; os._exit(1)")
    open_files = []

    def count(*_):
        open_files.append(len(os.listdir("/proc/self/fd")))

    gc.disable()  # which closes files in its own time
    try:
        batches.batch(ask(0, 1, 2, 3, 4), reports=tmp_path / "r", report=count)
    finally:
        gc.enable()
    assert set(open_files[1:]) == {open_files[0]}


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(fake, tmp_path):
    died = "DeadKernelError: Kernel died"
    executed = fake(
        {1: [died], 2: [died] * 5, 3: "ParameterError: factor", 4: ["CellTimeoutError: over its time"]}
    )
    again = []
    results = batches.batch(
        ask(1, 2, 3, 4, 5),
        reports=tmp_path,
        retries=2,
        retrying=lambda r, n: again.append((r.request.parameters["factor"], n)),
    )
    assert ended(results) == ["done", "failed", "failed", "done", "done"]
    assert executed == [1, 1, 2, 2, 2, 3, 4, 4, 5]
    assert again == [(1, 2), (2, 2), (2, 3), (4, 2)]
    assert not list((tmp_path / "runs" / "toy").glob(f"{results[0].request.run_id}.failed"))


def test_fail_fast_starts_no_more_and_resume_goes_on(fake, tmp_path):
    executed = fake({2: "ValueError: no"})
    results = batches.batch(ask(1, 2, 3, 4), reports=tmp_path, fail_fast=True, retries=3)
    assert ended(results) == ["done", "failed"]
    assert executed == [1, 2]
    assert Journal.read(tmp_path).finished is False
    again = batches.batch(ask(1, 2, 3, 4), reports=tmp_path, resume=True)
    assert executed == [1, 2, 3, 4]  # what failed is not tried again
    assert ended(again) == ["unchanged", "failed", "done", "done"]
    assert "--retries" in str(again[1].error)
    assert Journal.read(tmp_path).finished is True
    batches.batch(ask(1, 2, 3, 4), reports=tmp_path, resume=True)
    # The last batch came to its end: nothing to go on with, and what failed is made.
    assert executed[4:] == [2]


def test_resume_with_retries_tries_what_failed(fake, tmp_path):
    executed = fake({2: ["ValueError: no"]})
    batches.batch(ask(1, 2, 3), reports=tmp_path, fail_fast=True, force=True)
    results = batches.batch(ask(1, 2, 3), reports=tmp_path, resume=True, retries=1, force=True)
    assert ended(results) == ["unchanged", "done", "done"]
    assert executed == [1, 2, 2, 3]


def test_those_under_way_are_finished_when_one_fails(fake, tmp_path, monkeypatch):
    together = threading.Barrier(2, timeout=20)

    def execute(notebook, output, parameters, **kwargs):
        together.wait()
        output.write_bytes(notebook.read_bytes())
        return "ValueError: no" if parameters["factor"] == 1 else time.sleep(0.3)

    monkeypatch.setattr(kernel, "execute", execute)
    results = batches.batch(ask(1, 2, 3), reports=tmp_path, jobs=2, fail_fast=True)
    assert [(r.request.parameters["factor"], r.status) for r in results] == [(1, "failed"), (2, "done")]


def test_a_request_to_stop_leaves_the_rest(fake, tmp_path):
    executed, stop = fake(), threading.Event()
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
    executed = fake()
    batches.batch(ask(1, 2), reports=tmp_path)
    journal = tmp_path / ".batch.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-3]) + "\n" + lines[-3][:30])
    read = Journal.read(tmp_path)
    assert (len(read.ended), read.finished) == (1, False)
    assert ended(batches.batch(ask(1, 2), reports=tmp_path, resume=True)) == ["unchanged"] * 2
    assert executed == [1, 2]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"asked": 1}', "\x00"])
def test_a_journal_that_is_not_one_starts_nothing(fake, tmp_path, content):
    executed = fake()
    (tmp_path / ".batch.jsonl").write_text(content)
    with pytest.raises(RunError, match="Name the plan"):
        batches.batch(ask(1), reports=tmp_path, resume=True)
    assert executed == []
    assert ended(batches.batch(ask(1), reports=tmp_path)) == ["done"]


def test_a_folder_that_is_moved_away_ends_the_batch(fake, tmp_path):
    executed, reports, moved = fake(), tmp_path / "r", tmp_path / "moved"
    with pytest.raises(batches.Broken, match="moved or removed") as caught:
        batches.batch(
            ask(1, 2, 3), reports=reports, report=lambda n, of, r: reports.rename(moved) if n == 1 else None
        )
    assert len(caught.value.results) + len(caught.value.left) == 3
    assert 1 <= len(executed) <= 2
    # Where it is now, it is as good as before.
    assert ended(batches.batch(ask(1, 2, 3), reports=moved)) == ["unchanged", "done", "done"]


def test_a_cluster_that_cannot_do_the_work_is_refused(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    monkeypatch.setattr(cluster, "_look", lambda mark, digest: "it is not the same as here")
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as made:
        for address, message in {
            "tcp://127.0.0.1:9": "No Dask scheduler answers at tcp:",
            made.scheduler_address: r"These workers .*\n.*not the same as here",
        }.items():
            with pytest.raises(RunError, match=message), cluster.connect(address, tmp_path, patience=2):
                pass


class Hanging(Executor):
    """Workers that begin every run and never end one."""

    def submit(self, *_, **__):
        future = Future()
        future.set_running_or_notify_cancel()
        return future


def test_workers_that_hang_are_given_up(fake, tmp_path, monkeypatch):
    executed, asked = fake(), []
    monkeypatch.setattr(batches, "_SILENCE", 0.5)
    with pytest.raises(batches.Broken, match=r"No run has ended for 0.75 s.*do not answer") as caught:
        batches.batch(ask(1, 2), reports=tmp_path, executor=Hanging(), watch=asked.append, timeout=0.25)
    assert (caught.value.results, caught.value.left) == ([], ask(1, 2))
    assert set(asked) == {False}
    assert executed == []
    assert ended(batches.batch(ask(1, 2), reports=tmp_path, resume=True)) == ["done", "done"]


@pytest.mark.parametrize(("limit", "silence"), [(0, 1.5), (None, 0)])
def test_workers_that_are_slow_are_not(fake, tmp_path, monkeypatch, limit, silence):
    """The wait begins again whenever a run ends, and no batch without a limit gives up."""
    fake()
    do = batches._execute
    monkeypatch.setattr(batches, "_execute", lambda *given: (time.sleep(0.6), do(*given))[1])
    monkeypatch.setattr(batches, "_SILENCE", silence)
    with ThreadPoolExecutor(1) as executor:
        results = batches.batch(
            ask(1, 2, 3), reports=tmp_path, executor=executor, watch=lambda _: None, timeout=limit
        )
    assert ended(results) == ["done"] * 3


def test_machines_are_told_how_a_batch_ended(toy, tmp_path):
    one, two, three = ask(1, 2, 3)
    results = [
        RunResult("done", one, one.folder(tmp_path), 1.5),
        RunResult("unchanged", two, two.folder(tmp_path), 0.0),
        RunResult("failed", three, None, 2.0, "ValueError: <no> & \x1b[31m 'quoted'"),
    ]
    suite = ElementTree.fromstring(summary.as_junit(results, ask(4)))
    assert suite.attrib == {
        "name": "mic2025lab batch", "tests": "4", "failures": "1", "errors": "0", "skipped": "2", "time": "3.500",
    }  # fmt: skip
    assert [case.get("name") for case in suite] == ["toy", *(f"toy factor={n}.0" for n in (2, 3, 4))]
    assert [[child.tag for child in case] for case in suite] == [[], ["skipped"], ["failure"], ["skipped"]]
    assert suite[2][0].get("message") == "ValueError: <no> & \ufffd[31m 'quoted'"
    content = json.loads(summary.as_json(results, ask(4), tmp_path))
    assert content["counts"] == {"done": 1, "unchanged": 1, "failed": 1, "left": 1}
    assert [run["status"] for run in content["runs"]] == ["done", "unchanged", "failed"]
    assert content["runs"][0]["folder"].startswith("runs/toy/")
    assert str(tmp_path) not in json.dumps(content)


def test_no_key_is_in_what_machines_are_told(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-0123456789")
    request = prepare("toy", {"label": "sk-0123456789"})
    results = [RunResult("failed", request, None, 1.0, "ValueError: sk-0123456789")]
    journal = Journal(Asked(plan="sk-0123456789"))
    journal.begin(tmp_path)
    journal.add(tmp_path, results[0])
    for text in (
        summary.as_json(results, [request], tmp_path), summary.as_junit(results, [request]),
        json.dumps(summary.news(results, tmp_path)), (tmp_path / ".batch.jsonl").read_text(),
    ):  # fmt: skip
        has(text, "[hidden: SOME_API_KEY]")
        assert "sk-0123456789" not in text
