"""A batch on a Dask cluster of processes, through the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")

pytestmark = pytest.mark.slow


def test_workers_make_the_runs(call: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "plan.yml").write_text("runs: [{analysis: overcapacity, grid: {threshold: [70, 75]}}]")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        options = ["--scheduler", cluster.scheduler_address, "--reports", "reports"]
        done = call("mic2025lab.cli", "batch", "plan.yml", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 runs: 2 done, 0 unchanged, 0 failed" in done.stdout
    assert len(list((tmp_path / "reports" / "runs" / "overcapacity").iterdir())) == 2
    assert not list((tmp_path / "reports").glob(".tmp-*"))
