"""A batch makes its runs, and sends its news, whether or not anything it prints can be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mic2025lab.runs import summary
from tests.runs.conftest import write_notebook

_NOTIFY = "import json, sys; open(sys.argv[1], 'w').write(json.load(sys.stdin)['summary'])"


@pytest.fixture
def batch(tmp_path):
    """A batch of a run that ends well and one that fails, with a notification."""
    cell = "import mic2025lab as lab\nassert factor < 3\nlab.record('x', factor)"
    write_notebook(tmp_path / "mine.ipynb", [cell], tables=())
    (tmp_path / "plan.yml").write_text("runs: [{analysis: mine.ipynb, grid: {factor: [1, 3]}}]")
    notify = f'{sys.executable} -c "{_NOTIFY}" {tmp_path}/news'
    options = ["--reports", str(tmp_path / "r"), "--json", str(tmp_path / "b.json"), "--notify", notify]
    return [sys.executable, "-m", "mic2025lab.cli", "batch", str(tmp_path / "plan.yml"), "--fresh", *options]


@pytest.mark.parametrize(
    "out",
    [
        "reader gone and report full",
        pytest.param("full", marks=pytest.mark.heavy),
        pytest.param("closed", marks=pytest.mark.heavy),
    ],
)
def test_a_batch_whose_output_cannot_be_written_does_its_work(batch, tmp_path, out):
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    if out == "full":
        with open("/dev/full", "wb") as full:
            done = subprocess.run(batch, stdout=full, stderr=full, env=environ, check=False)
    elif out == "closed":
        done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *batch], env=environ, check=False)
    else:
        read, write = os.pipe()
        os.close(read)
        command = [*batch, "--junit", "/dev/full"]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=environ, check=False)
        os.close(write)
        assert b"/dev/full cannot be written" in done.stderr
    assert done.returncode == 1  # a run failed
    counts = json.loads((tmp_path / "b.json").read_text())["counts"]
    assert counts == {"done": 1, "unchanged": 0, "failed": 1, "left": 0}
    assert (tmp_path / "news").read_text() == "2 runs: 1 done, 0 unchanged, 1 failed"
    assert (tmp_path / "r" / "index.html").is_file()


@pytest.mark.parametrize(
    ("asked", "out", "status"),
    [
        ("analyses", "/dev/full", 2),
        ("analyses", "pipe", 0),
        *(
            pytest.param(asked, "/dev/full", 2, marks=pytest.mark.heavy)
            for asked in (
                "data list",
                "data describe targets",
                "schedule print cron notebooks/plans/default.yml --every week",
            )
        ),
    ],
)
def test_a_command_whose_result_is_its_output_fails_without_it(root, asked, out, status):
    command = [sys.executable, "-m", "mic2025lab.cli", *asked.split()]
    if out == "pipe":
        read, write = os.pipe()
        os.close(read)
    else:
        write = os.open(out, os.O_WRONLY)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, cwd=root, check=False)
    os.close(write)
    assert done.returncode == status
    assert (b"cannot be written" in done.stderr) == (status != 0)
    assert b"Traceback" not in done.stderr


def test_a_batch_that_could_not_continue_is_news(tmp_path):
    found = summary.news([], tmp_path, "The disk is full.")
    assert found["events"] == ["failed"]
    assert "The disk is full." in found["summary"]
