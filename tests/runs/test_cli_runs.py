"""The commands that run notebooks, on a toy analysis: exit status, messages, and what is left."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mic2025lab.cli import main
from mic2025lab.results import record
from mic2025lab.runs import identity
from mic2025lab.runs.kernels import kernel


@pytest.fixture
def started(monkeypatch):
    """Run without kernels: gives the parameters of every run that would have started one; factor 13 fails."""
    runs: list[Any] = []

    def execute(notebook: Path, output: Path, parameters: Any, **kwargs: Any) -> str | None:
        runs.append(parameters)
        output.write_bytes(notebook.read_bytes())
        return "ValueError: unlucky" if parameters["factor"] == 13.0 else None

    monkeypatch.setattr(kernel, "execute", execute)
    return runs


def call(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_a_run_an_unchanged_run_and_a_forced_one(toy, started, tmp_path):
    reports = str(tmp_path / "r")
    first = call("run", "toy", "-p", "label=0204", "--reports", reports)
    assert first.exit_code == 0, first.output
    assert started == [{"economy": "CHN", "factor": 1.0, "label": "0204"}]
    assert "toy label=0204: done" in first.stdout
    assert first.stdout.splitlines()[-1] == f"Index: {tmp_path / 'r' / 'index.html'}"

    again = call("run", "toy", "-p", "label=0204", "--reports", reports)
    assert (again.exit_code, len(started)) == (0, 1)
    assert "unchanged, not run again" in again.stdout

    assert call("run", "toy", "-p", "label=0204", "--reports", reports, "--force").exit_code == 0
    assert [p["label"] for p in started] == ["0204", "0204"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "tow"], "Unknown analysis 'tow'. Did you mean 'toy'?"),
        (["run", "toy", "-p", "factr=2"], "Unknown parameter 'factr' of toy. Did you mean 'factor'?"),
        (["run", "toy", "-p", "factor=high"], "factor = 'high' must be a number; the default is 1.0."),
        (["run", "toy", "-p", "factor"], "-p 'factor' must be name=value"),
        (["run", "toy", "-p", "factor=1", "-p", "factor=2"], "-p factor is given more than once"),
        (["batch", "none.yml"], "The plan 'none.yml' cannot be read"),
        (["run"], "Missing argument 'ANALYSIS'"),
        (["batch", "none.yml", "--jobs", "0"], "--jobs"),
        (["batch", "none.yml", "--timeout", "0"], "--timeout"),
        (["batch", "none.yml", "--retries", "-1"], "--retries"),
        (
            ["batch", "none.yml", "--notify", "no-such-program x"],
            "'no-such-program' cannot be found",
        ),
        (["batch", "none.yml", "--notify", "echo 'x"], "cannot be split into words"),
        (["batch", "none.yml", "--notify", ""], "'nothing' cannot be found"),
        (["batch"], "Name a plan"),
        (["batch", "--resume"], "There is no batch in"),
    ],
)
def test_a_wrong_request_is_exit_2_and_starts_nothing(toy, started, tmp_path, arguments, message):
    result = call(*arguments, *(["--reports", str(tmp_path / "r")] if arguments != ["run"] else []))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert started == []
    assert not (tmp_path / "r").exists()


def test_debug_shows_the_traceback(toy):
    result = call("--debug", "run", "tow")
    assert result.exit_code == 1
    assert type(result.exception).__name__ == "ParameterError"


def test_a_failed_run_is_exit_1_and_is_on_the_index(toy, started, tmp_path):
    result = call("run", "toy", "-p", "factor=13", "--reports", str(tmp_path))
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "ValueError: unlucky" in result.stderr
    assert "ValueError: unlucky" in (tmp_path / "index.html").read_text()


def test_a_batch_says_how_each_ended_and_skips_what_is_there(toy, started, tmp_path):
    plan = tmp_path / "plan.yml"
    plan.write_text("runs: [{analysis: toy, grid: {factor: [1, 2]}}]")
    reports = ["--reports", str(tmp_path / "r")]
    first = call("batch", str(plan), *reports)
    assert first.exit_code == 0, first.output
    assert "[1/2] toy: done" in first.stdout
    assert "[2/2] toy factor=2.0: done" in first.stdout
    assert "2 runs: 2 done, 0 unchanged, 0 failed\n" in first.stdout

    again = call("batch", str(plan), *reports, "--jobs", "2")
    assert again.exit_code == 0
    assert "2 runs: 0 done, 2 unchanged, 0 failed; nothing was run again" in again.stdout
    assert len(started) == 2

    plan.write_text("runs: [{analysis: toy}, {analysis: toy, params: {factor: x}}]")
    wrong = call("batch", str(plan), "--reports", str(tmp_path / "other"))
    assert (wrong.exit_code, len(started)) == (2, 2)


@pytest.fixture
def plan(tmp_path, toy):
    path = tmp_path / "plan.yml"
    path.write_text(
        "runs: [{analysis: toy, grid: {factor: [1, 13, 2]}, tags: [all]}, {analysis: toy, params: {label: x}}]"
    )
    return str(path)


def test_machines_are_told_how_a_batch_ended(plan, started, tmp_path):
    files = ["--junit", str(tmp_path / "out" / "j.xml"), "--json", str(tmp_path / "out" / "j.json")]
    assert call("batch", plan, "--reports", str(tmp_path / "r"), *files).exit_code == 1
    suite = ElementTree.parse(tmp_path / "out" / "j.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    content = json.loads((tmp_path / "out" / "j.json").read_text())
    assert content["counts"] == {"done": 3, "unchanged": 0, "failed": 1, "left": 0}
    assert content["runs"][1]["error"] == "ValueError: unlucky"


def test_a_batch_that_stopped_at_a_failure_goes_on(plan, started, tmp_path):
    reports = ["--reports", str(tmp_path / "r")]
    first = call("batch", plan, *reports, "--fail-fast", "--only", "all")
    assert first.exit_code == 1
    assert "3 runs: 1 done, 0 unchanged, 1 failed, 1 not started" in first.stdout
    assert "mic2025lab batch --resume" in first.stderr
    again = call("batch", "--resume", *reports)  # with the plan and the choice of the first
    assert again.exit_code == 1  # what failed has not become good
    assert "3 runs: 1 done, 1 unchanged, 1 failed\n" in again.stdout
    assert [run["factor"] for run in started] == [1.0, 13.0, 2.0]
    over = call("batch", "--resume", *reports)
    assert over.exit_code == 0
    assert "nothing to resume" in over.stdout


def test_plain_progress_says_how_long(plan, started, tmp_path):
    out = call("batch", plan, "--reports", str(tmp_path / "r")).stdout
    assert re.search(r"^\[1/4\] toy: done \(\d+\.\d s\), about \d+ s left$", out, flags=re.M)
    assert re.search(r"^\[4/4\] toy label=x: done \(\d+\.\d s\)$", out, flags=re.M)
    assert "\r" not in out
    assert "\x1b" not in out


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


def test_a_failure_is_told(plan, started, tmp_path, hook, monkeypatch):
    monkeypatch.setenv("TOY_API_KEY", "sk-0123456789")
    monkeypatch.chdir(tmp_path)
    assert call("batch", plan, "--reports", "r", *hook("0"), "--only", "factor=2").exit_code == 0
    assert not (tmp_path / "told").exists()  # all good: nothing to tell
    assert call("batch", plan, "--reports", "r", *hook("0")).exit_code == 1
    first, _, news = (tmp_path / "told").read_text().partition("\n")
    assert first == "failed ['0', 'a b; touch owned']"
    told = json.loads(news)
    assert told["events"] == ["failed"]
    assert [(run["parameters"]["factor"], run["error"]) for run in told["failed"]] == [
        (13.0, "ValueError: unlucky")
    ]
    assert "sk-0123456789" not in news
    assert not (tmp_path / "owned").exists()


def test_a_figure_that_changed_is_told(toy, tmp_path, hook, monkeypatch):
    value = [7.5]

    def execute(notebook: Path, output: Path, parameters: Any, *, run_dir: Path, **kwargs: Any) -> None:
        output.write_bytes(notebook.read_bytes())
        monkeypatch.setenv("MIC2025LAB_RUN_DIR", str(run_dir))
        record.record("total", value[0], unit="%")
        monkeypatch.delenv("MIC2025LAB_RUN_DIR")

    monkeypatch.setattr(kernel, "execute", execute)
    path = tmp_path / "plan.yml"
    path.write_text("runs: [{analysis: toy}]")
    arguments = ["batch", str(path), "--reports", str(tmp_path / "r"), *hook("0")]
    assert call(*arguments).exit_code == 0
    (earlier,) = (tmp_path / "r" / "runs" / "toy").iterdir()
    made = json.loads((earlier / "run.json").read_text())
    (earlier / "run.json").write_text(json.dumps({**made, "started": "2025-01-01T00:00:00+00:00"}))

    monkeypatch.setattr(identity, "code_digest", lambda: "other code, same figures")
    assert call(*arguments).exit_code == 0
    assert not (tmp_path / "told").exists()

    monkeypatch.setattr(identity, "code_digest", lambda: "other code, another figure")
    value[0] = 8.0
    assert call(*arguments).exit_code == 0
    first, _, news = (tmp_path / "told").read_text().partition("\n")
    assert first.startswith("changed ")
    (changed,) = json.loads(news)["changed"]
    assert changed["figures"] == [
        {"name": "total", "unit": "%", "before": 7.5, "after": 8.0, "status": "changed"}
    ]
    assert (tmp_path / "r" / changed["previous"]).is_dir()


def test_a_hook_that_fails_is_said(plan, started, tmp_path, hook):
    result = call("batch", plan, "--reports", str(tmp_path / "r"), *hook("3"))
    assert result.exit_code == 1
    assert "nobody was notified (failed)" in result.stderr
    assert "ended with status 3" in result.stderr
