"""The figures and tables of every notebook, at several parameter sets, are those that are stored in `values`; its sentences make sense."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from mic2025lab.analyses import ANALYSES
from mic2025lab.classifications import sectors
from mic2025lab.runs import manifest
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.run import Request, prepare


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compare, sentences = _module("compare"), _module("sentences")

#: Parameter sets beside those that `every_report` runs; their cells are run in this process.
PLAN = Path(__file__).with_name("plan.yml")
SETS = [
    pytest.param(each["analysis"], each["params"], id=f"{each['analysis']}-{number}")
    for number, each in enumerate(yaml.safe_load(PLAN.read_text(encoding="utf-8"))["runs"])
]
SETS += [
    pytest.param("sector_profile", {"sector": slug}, id=f"sector_profile-{slug}", marks=pytest.mark.heavy)
    for slug in sectors.slugs()
]


def label(request: Request) -> str:
    return compare.label(request.analysis, manifest.changed(request.described(), request.parameters))


def stored(analysis: str) -> dict[str, Any]:
    return json.loads((compare.VALUES / f"{analysis}.json").read_text(encoding="utf-8"))


def check(results: dict[str, Any], folder: Path, expected: dict[str, Any]) -> None:
    assert compare.differences(expected, compare.values(results, folder)) == []
    said = sentences.of(results)
    assert said
    assert [(rules, text) for kind, text in said if (rules := sentences.broken(kind, text))] == []


def test_every_run_of_the_plans_is_stored(root: Path) -> None:
    planned = [*read_plan(root / "notebooks/plans/default.yml"), *read_plan(PLAN)]
    assert sorted(map(label, planned)) == sorted(each for analysis in ANALYSES for each in stored(analysis))
    assert all(len(stored(analysis)) > 1 for analysis in ANALYSES if analysis != "scorecard")


@pytest.mark.slow
@pytest.mark.parametrize("analysis", ANALYSES)
def test_the_runs_of_the_default_plan(every_report: Path, root: Path, analysis: str) -> None:
    folders = {}
    for path in (every_report / "runs" / analysis).glob("*/run.json"):
        folders[compare.label(analysis, json.loads(path.read_text(encoding="utf-8"))["changed"])] = (
            path.parent
        )
    planned = [each for each in read_plan(root / "notebooks/plans/default.yml") if each.analysis == analysis]
    for request in planned[:1] if analysis == "sector_profile" else planned:
        folder = folders[label(request)]
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        check(results, folder, stored(analysis)[label(request)])


@pytest.mark.slow
@pytest.mark.parametrize(("analysis", "parameters"), SETS)
def test_other_parameters(
    run_once: Callable[..., dict[str, Any]], analysis: str, parameters: dict[str, Any]
) -> None:
    request = prepare(analysis, parameters)
    results = run_once(analysis, **request.parameters)
    check(results, results["folder"], stored(analysis)[label(request)])


def test_a_difference_is_seen() -> None:
    run = {
        "figures": {"x": {"value": 1.0, "low": None, "high": None, "unit": "%"}},
        "tables": {"t": "a,b\n1,x\n2,y\n"},
    }
    assert compare.differences(run, run) == []
    assert compare.differences(run, {**run, "figures": {"x": {**run["figures"]["x"], "value": 1.0001}}})
    assert compare.differences(run, {**run, "tables": {"t": "a,b\n1,x\n3,y\n"}})
    assert compare.differences(run, {**run, "tables": {"t": "a,b\n1,x\n"}})
    assert compare.differences(run, {**run, "tables": {}})
