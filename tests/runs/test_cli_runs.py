"""The commands that run notebooks, on a toy analysis: exit status, messages, and what is left."""

import json
import re
import shlex
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mic2025lab.cli import main
from mic2025lab.results import record
from mic2025lab.runs import identity
from mic2025lab.runs.kernels import kernel
from tests.runs.conftest import alter, call, has


@pytest.fixture
def started(fake):
    """The factors of the runs that would have started a kernel; that of 13 fails."""
    return fake({13.0: "ValueError: unlucky"})


@pytest.fixture
def four(plan, toy):
    """A plan of four runs, of which the second fails."""
    runs = "{analysis: toy, grid: {factor: [1, 13, 2]}, tags: [all]}, {analysis: toy, params: {label: x}}"
    return plan(f"runs: [{runs}]")


def test_a_run_an_unchanged_run_and_a_forced_one(toy, started, tmp_path):
    command, reports = ("run", "toy", "-p", "label=0204"), tmp_path / "r"
    first = call(*command, reports=reports).stdout
    has(first, "toy label=0204: done")
    assert first.splitlines()[-1] == f"Index: {reports / 'index.html'}"
    has(call(*command, reports=reports).stdout, "unchanged, not run again")
    assert len(started) == 1
    call(*command, "--force", reports=reports)
    assert len(started) == 2


WRONG = tomllib.loads(Path(__file__).with_name("requests.toml").read_text(encoding="utf-8"))["wrong"]


@pytest.mark.parametrize(("command", "message"), WRONG)
def test_a_wrong_request_is_exit_2_and_starts_nothing(toy, started, tmp_path, command, message):
    told = call(*shlex.split(command), reports=None if command == "run" else tmp_path / "r", status=2).stderr
    has(told, message)
    assert "Traceback" not in told
    assert started == []
    assert not (tmp_path / "r").exists()


def test_debug_shows_the_traceback(toy):
    result = CliRunner().invoke(main, ["--debug", "run", "tow"])
    assert (result.exit_code, type(result.exception).__name__) == (1, "ParameterError")


def test_a_failed_run_is_exit_1_and_is_on_the_index(toy, started, tmp_path):
    result = call("run", "toy", "-p", "factor=13", reports=tmp_path, status=1)
    assert "FAILED" in result.stdout
    for text in (result.stderr, (tmp_path / "index.html").read_text()):
        has(text, "ValueError: unlucky")


def test_a_batch_says_how_each_ended_and_skips_what_is_there(toy, started, plan, tmp_path):
    path, reports = plan("runs: [{analysis: toy, grid: {factor: [1, 2]}}]"), tmp_path / "r"
    out = call("batch", path, reports=reports).stdout
    has(out, "[1/2] toy: done", "[2/2] toy factor=2.0: done", "2 runs: 2 done, 0 unchanged, 0 failed\n")
    again = call("batch", path, "--jobs", 2, reports=reports).stdout
    has(again, "2 runs: 0 done, 2 unchanged, 0 failed; nothing was run again")
    wrong = plan("runs: [{analysis: toy}, {analysis: toy, params: {factor: x}}]")
    call("batch", wrong, reports=tmp_path / "other", status=2)
    assert len(started) == 2


def test_people_and_machines_are_told_how_a_batch_goes_and_ended(four, started, tmp_path):
    junit, counted = tmp_path / "out" / "j.xml", tmp_path / "out" / "j.json"
    told = call("batch", four, "--junit", junit, "--json", counted, reports=tmp_path / "r", status=1)
    suite, content = ElementTree.parse(junit).getroot(), json.loads(counted.read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    assert content["counts"] == {"done": 3, "unchanged": 0, "failed": 1, "left": 0}
    assert content["runs"][1]["error"] == "ValueError: unlucky"
    assert re.search(r"^\[1/4\] toy: done \(\d+\.\d s\), about \d+ s left$", told.stdout, flags=re.M)
    assert re.search(r"^\[4/4\] toy label=x: done \(\d+\.\d s\)$", told.stdout, flags=re.M)
    assert not {"\r", "\x1b"} & set(told.stdout)


def test_a_batch_that_stopped_at_a_failure_goes_on(four, started, tmp_path):
    reports = tmp_path / "r"
    first = call("batch", four, "--fail-fast", "--only", "all", reports=reports, status=1)
    has(first.stdout, "3 runs: 1 done, 0 unchanged, 1 failed, 1 not started")
    has(first.stderr, "mic2025lab batch --resume")
    again = call("batch", "--resume", reports=reports, status=1)  # with the plan and the choice of the first
    has(again.stdout, "3 runs: 1 done, 1 unchanged, 1 failed\n")  # what failed has not become good
    assert started == [1.0, 13.0, 2.0]
    has(call("batch", "--resume", reports=reports).stdout, "nothing to resume")


@pytest.fixture
def hook(tmp_path):
    """Make a command for --notify, whose words a shell would take apart; gives the option."""
    script = tmp_path / "tell me; $(touch owned).py"
    script.write_text(
        "import os, sys, pathlib\n"
        "told = pathlib.Path(__file__).with_name('told')\n"
        "told.write_text(os.environ['MIC2025LAB_EVENT'] + ' ' + repr(sys.argv[1:]) + '\\n' + sys.stdin.read())\n"
        "sys.exit(int(sys.argv[1]))\n"
    )
    return lambda status: ["--notify", shlex.join([sys.executable, str(script), status, "a b; touch owned"])]


def test_a_failure_is_told_and_a_hook_that_fails_is_said(four, started, tmp_path, hook, monkeypatch):
    monkeypatch.setenv("TOY_API_KEY", "sk-0123456789")
    monkeypatch.chdir(tmp_path)
    reports = tmp_path / "r"
    call("batch", four, *hook("0"), "--only", "factor=2", reports=reports)
    assert not (tmp_path / "told").exists()  # all good: nothing to tell
    call("batch", four, *hook("0"), reports=reports, status=1)
    first, _, news = (tmp_path / "told").read_text().partition("\n")
    told = json.loads(news)
    assert (first, told["events"]) == ("failed ['0', 'a b; touch owned']", ["failed"])
    (run,) = told["failed"]
    assert (run["parameters"]["factor"], run["error"]) == (13.0, "ValueError: unlucky")
    assert "sk-0123456789" not in news
    assert not (tmp_path / "owned").exists()
    has(
        call("batch", four, *hook("3"), reports=reports, status=1).stderr,
        "nobody was notified (failed)",
        "ended with status 3",
    )


def test_a_figure_that_changed_is_told(toy, plan, tmp_path, hook, monkeypatch):
    def execute(notebook, output, parameters, *, run_dir, **kwargs):
        output.write_bytes(notebook.read_bytes())
        with monkeypatch.context() as patch:
            patch.setenv("MIC2025LAB_RUN_DIR", str(run_dir))
            record.record("total", value, unit="%")

    monkeypatch.setattr(kernel, "execute", execute)
    command, told = ["batch", plan("runs: [{analysis: toy}]"), *hook("0")], tmp_path / "told"
    value = 7.5
    call(*command, reports=tmp_path / "r")
    (earlier,) = (tmp_path / "r" / "runs" / "toy").iterdir()
    alter(earlier / "run.json", lambda details: details.update(started="2025-01-01T00:00:00+00:00"))
    monkeypatch.setattr(identity, "code_digest", lambda: "other code, same figures")
    call(*command, reports=tmp_path / "r")
    assert not told.exists()
    monkeypatch.setattr(identity, "code_digest", lambda: "other code, another figure")
    value = 8.0
    call(*command, reports=tmp_path / "r")
    first, _, news = told.read_text().partition("\n")
    assert first.startswith("changed ")
    (changed,) = json.loads(news)["changed"]
    expected = {"name": "total", "unit": "%", "before": 7.5, "after": 8.0, "status": "changed"}
    assert changed["figures"] == [expected]
    assert (tmp_path / "r" / changed["previous"]).is_dir()
