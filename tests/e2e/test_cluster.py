"""A batch on a Dask cluster of processes, through the command."""

import socket
import subprocess
import sys

import pytest

from tests.runs.conftest import recorded, write_notebook

distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def small(tmp_path):
    """A notebook that records a number, and may take its time."""
    parameters = "number: int = 1  # which run\nseconds: float = 0.0  # how long it takes"
    cell = (
        "import os, time\nimport mic2025lab as lab\ntime.sleep(seconds)\nlab.record('worker', os.getppid())"
    )
    write_notebook(tmp_path / "small.ipynb", [cell], (), parameters=parameters)


def test_workers_make_the_runs(call, tmp_path):
    (tmp_path / "plan.yml").write_text("runs: [{analysis: small.ipynb, grid: {number: [1, 2]}}]")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        options = ["--scheduler", cluster.scheduler_address, "--reports", "reports"]
        done = call("-m", "mic2025lab.cli", "batch", "plan.yml", *options, cwd=tmp_path)
        (worker,) = (each.pid for each in cluster.workers.values())
    assert done.returncode == 0, done.stderr
    assert "2 runs: 2 done, 0 unchanged, 0 failed" in done.stdout
    made = tmp_path.glob("reports/runs/small/*")
    assert [recorded(folder)["worker"] for folder in made] == [worker] * 2
    assert not list((tmp_path / "reports").glob(".tmp-*"))


def _start(*command, cwd):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *command], cwd=cwd, **quiet)


@pytest.mark.parametrize("dies", ["worker", pytest.param("scheduler", marks=pytest.mark.heavy)])
def test_a_cluster_that_dies_ends_the_batch_with_one_line(tmp_path, until, dies):
    (tmp_path / "plan.yml").write_text(
        "runs: [{analysis: small.ipynb, grid: {number: [1, 2, 3], seconds: [5]}}]"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    ports = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    threads = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "w")]
    running = {"scheduler": _start("distributed.cli.dask_scheduler", *ports, cwd=tmp_path)}
    running["worker"] = _start("distributed.cli.dask_worker", address, *threads, cwd=tmp_path)
    options = ["--scheduler", address, "--reports", "r", "--timeout", "5"]
    try:
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(1, timeout=60)
        batch = subprocess.Popen(
            [sys.executable, "-m", "mic2025lab.cli", "batch", "plan.yml", *options],
            cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running["batch"] = batch
        until(lambda: batch.poll() is not None or list(tmp_path.glob("r/.tmp-*/run")))
        running[dies].kill()
        out, err = batch.communicate(timeout=60)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    assert batch.returncode == 1, out + err
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if line.startswith("mic2025lab:")]
    assert len(said) == 1
    assert address in said[0]
    assert "--resume" in err
    assert len(err.splitlines()) == 2
