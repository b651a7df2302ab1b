"""A plan is checked as a whole first; then one run that fails does not stop the others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic2025lab import analyses
from mic2025lab.errors import LabError, ParameterError, RunError
from mic2025lab.runs import batch as batches
from mic2025lab.runs import kernel


@pytest.fixture
def plan(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "plan.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_grid_is_every_combination_and_a_run_is_there_once(
    toy: analyses.Analysis, plan: Callable[[str], Path]
) -> None:
    requests = batches.read_plan(
        plan(
            "runs:\n"
            "  - analysis: toy\n"
            "  - {analysis: toy, params: {label: x}, grid: {economy: [CHN, USA], factor: [1, 2.5]}}\n"
            "  - {analysis: toy, params: {factor: 1.0}}\n"
        )
    )
    assert [(r.parameters["label"], r.parameters["economy"], r.parameters["factor"]) for r in requests] == [
        ("plain", "CHN", 1.0), ("x", "CHN", 1.0), ("x", "CHN", 2.5), ("x", "USA", 1.0), ("x", "USA", 2.5),
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["0204", "NO", "2015-05-08", "1e3", "null", "~", "0x10"])
def test_text_stays_the_text_it_is(toy: analyses.Analysis, plan: Callable[[str], Path], label: str) -> None:
    (request,) = batches.read_plan(plan(f"runs:\n- {{analysis: toy, params: {{label: {label}}}}}\n"))
    assert request.parameters["label"] == label


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("runs: [", "not YAML that can be read"),
        ("runs: []", "must hold one list named runs"),
        ("- analysis: toy", "must hold one list named runs"),
        ("runs: [toy]", "run 1 of .* must name its analysis"),
        ("runs: [{analysis: toy, analysis: toy}]", "'analysis' occurs twice"),
        ("runs: [{analysis: tow}]", "run 1: Unknown analysis 'tow'. Did you mean 'toy'"),
        ("runs: [{analysis: toy, parms: {}}]", "Unknown key 'parms' of a run. Did you mean 'params'"),
        ("runs: [{analysis: toy, params: [1]}]", "params = .* must be a mapping"),
        ("runs: [{analysis: toy, grid: {factor: 2}}]", "grid factor = '2' must be a list"),
        ("runs: [{analysis: toy, grid: {factor: []}}]", "must be a list of values"),
        (
            "runs: [{analysis: toy, grid: {factr: [2]}}]",
            "Unknown parameter 'factr' of toy. Did you mean 'factor'",
        ),
        ("runs: [{analysis: toy, params: {factor: 1}, grid: {factor: [2]}}]", "leave it in one of them"),
        (
            "runs: [{analysis: toy, params: {factor: high}}]",
            r"run 1 \(toy\): factor = 'high' must be a number",
        ),
    ],
)
def test_a_wrong_plan_is_refused(
    toy: analyses.Analysis, plan: Callable[[str], Path], text: str, message: str
) -> None:
    with pytest.raises(LabError, match=message):
        batches.read_plan(plan(text))


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        batches.read_plan(tmp_path / "none.yml")


def test_every_problem_of_a_plan_is_named(toy: analyses.Analysis, plan: Callable[[str], Path]) -> None:
    with pytest.raises(ParameterError) as caught:
        batches.read_plan(
            plan(
                "runs:\n- {analysis: tow}\n- {analysis: toy}\n- {analysis: toy, grid: {factor: [1, a, b]}}\n"
            )
        )
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "run 1",
        "run 3 (toy)",
        "run 3 (toy)",
    ]


def test_a_run_that_fails_or_breaks_does_not_stop_the_others(
    toy: analyses.Analysis, plan: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(notebook: Path, output: Path, parameters: Any, **kwargs: Any) -> str | None:
        if parameters["factor"] == 3.0:
            raise OSError(28, "No space left on device")
        output.write_bytes(notebook.read_bytes())
        return "ValueError: no" if parameters["factor"] == 2.0 else None

    monkeypatch.setattr(kernel, "execute", execute)
    requests = batches.read_plan(plan("runs: [{analysis: toy, grid: {factor: [1, 2, 3, 4]}}]"))
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
    assert batches.summary(results) == "4 runs: 2 done, 0 unchanged, 2 failed"
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == ["runs"]

    again = batches.batch(requests, reports=tmp_path / "r")
    assert batches.summary(again) == "4 runs: 0 done, 2 unchanged, 2 failed"


def test_jobs_go_side_by_side(
    toy: analyses.Analysis, plan: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2, timeout=20)

    def execute(notebook: Path, output: Path, parameters: Any, **kwargs: Any) -> None:
        together.wait()  # breaks, and the run fails, if the other one is not under way
        output.write_bytes(notebook.read_bytes())
        time.sleep(0)

    monkeypatch.setattr(kernel, "execute", execute)
    requests = batches.read_plan(plan("runs: [{analysis: toy, grid: {factor: [1, 2]}}]"))
    results = batches.batch(requests, reports=tmp_path / "r", jobs=2)
    assert [r.status for r in results] == ["done", "done"]


def test_two_kernels_at_once_do_not_see_each_others_folder(
    make_toy: Callable[..., Any], plan: Callable[[str], Path], tmp_path: Path
) -> None:
    make_toy(
        "import mic2025lab as lab, os\nlab.record('economy', economy)\nlab.record('cwd', os.getcwd() == os.environ['MIC2025LAB_RUN_DIR'])"
    )
    requests = batches.read_plan(plan("runs: [{analysis: toy, grid: {economy: [CHN, USA]}}]"))
    results = batches.batch(requests, reports=tmp_path / "r", jobs=2)
    assert [r.error for r in results] == [None, None]
    figures = [json.loads((r.folder / "results.json").read_text())["figures"] for r in results]  # type: ignore[operator]
    assert [f["economy"]["value"] for f in figures] == ["CHN", "USA"]
    assert [f["cwd"]["value"] for f in figures] == [True, True]
