"""The commands that run notebooks, on a toy analysis: exit status, messages, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.runs import kernel


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
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


def test_a_run_an_unchanged_run_and_another_parameter(
    toy: analyses.Analysis, started: list[Any], tmp_path: Path
) -> None:
    reports = str(tmp_path / "r")
    first = call("run", "toy", "-p", "label=0204", "--reports", reports)
    assert first.exit_code == 0, first.output
    assert started == [{"economy": "CHN", "factor": 1.0, "label": "0204"}]
    assert "toy label=0204: done" in first.stdout
    assert first.stdout.splitlines()[-1] == f"Index: {tmp_path / 'r' / 'index.html'}"

    again = call("run", "toy", "-p", "label=0204", "--reports", reports)
    assert (again.exit_code, len(started)) == (0, 1)
    assert "unchanged, nothing re-run" in again.stdout

    assert call("run", "toy", "-p", "label=0205", "--reports", reports).exit_code == 0
    assert call("run", "toy", "-p", "label=0204", "--reports", reports, "--force").exit_code == 0
    assert [p["label"] for p in started] == ["0204", "0205", "0204"]


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
    ],
)
def test_a_wrong_request_is_exit_2_and_starts_nothing(
    toy: analyses.Analysis, started: list[Any], tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = call(*arguments, *(["--reports", str(tmp_path / "r")] if len(arguments) > 1 else []))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert started == []
    assert not (tmp_path / "r").exists()


def test_debug_shows_the_traceback(toy: analyses.Analysis) -> None:
    result = call("--debug", "run", "tow")
    assert result.exit_code == 1
    assert type(result.exception).__name__ == "ParameterError"


def test_a_failed_run_is_exit_1_and_is_on_the_index(
    toy: analyses.Analysis, started: list[Any], tmp_path: Path
) -> None:
    result = call("run", "toy", "-p", "factor=13", "--reports", str(tmp_path))
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "ValueError: unlucky" in result.stderr
    assert "ValueError: unlucky" in (tmp_path / "index.html").read_text()


def test_a_batch_says_how_each_ended_and_skips_what_is_there(
    toy: analyses.Analysis, started: list[Any], tmp_path: Path
) -> None:
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
    assert "2 runs: 0 done, 2 unchanged, 0 failed; nothing was re-run" in again.stdout
    assert len(started) == 2

    plan.write_text("runs: [{analysis: toy, grid: {factor: [1, 2, 3, 13]}}]")
    more = call("batch", str(plan), *reports)
    assert more.exit_code == 1
    assert "4 runs: 1 done, 2 unchanged, 1 failed" in more.stdout
    assert len(started) == 4

    plan.write_text("runs: [{analysis: toy}, {analysis: toy, params: {factor: x}}]")
    wrong = call("batch", str(plan), "--reports", str(tmp_path / "other"))
    assert (wrong.exit_code, len(started)) == (2, 4)


def test_the_real_kernel_through_the_command_line(make_toy: Callable[..., Any], tmp_path: Path) -> None:
    make_toy(
        "import mic2025lab as lab\nlab.record('x', 1)", "raise RuntimeError('in the middle')", name="toy"
    )
    result = call("run", "toy", "--reports", str(tmp_path))
    assert result.exit_code == 1
    assert "RuntimeError: in the middle" in result.stderr
    (folder,) = (tmp_path / "runs" / "toy").iterdir()
    assert folder.name.endswith(".failed")
    assert "in the middle" in (folder / "notebook.ipynb").read_text()
