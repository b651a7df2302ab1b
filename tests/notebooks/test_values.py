"""The figures and tables of every notebook, at several parameter sets, are those that are stored in `values`; its sentences make sense."""

import json
from functools import cache
from pathlib import Path

import compare
import pytest
import sentences
import yaml

from mic2025lab.analyses import ANALYSES
from mic2025lab.classifications import sectors
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.request import changed, prepare

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


@cache
def stored(analysis):
    return json.loads((compare.VALUES / f"{analysis}.json").read_text(encoding="utf-8"))


def label(request):
    return compare.label(request.analysis, changed(request.described(), request.parameters))


def check(request, results, folder):
    expected = stored(request.analysis)[label(request)]
    assert compare.differences(expected, compare.values(results, folder)) == []
    said = sentences.of(results)
    assert said
    assert [(rules, text) for kind, text in said if (rules := sentences.broken(kind, text))] == []


@pytest.fixture(scope="module")
def planned(root):
    return read_plan(root / "notebooks/plans/default.yml")


def test_every_run_of_the_plans_is_stored(planned):
    labels = sorted(map(label, [*planned, *read_plan(PLAN)]))
    assert labels == sorted(each for analysis in ANALYSES for each in stored(analysis))
    assert all(len(stored(analysis)) > 1 for analysis in ANALYSES if analysis != "scorecard")


@pytest.mark.slow
@pytest.mark.parametrize("analysis", ANALYSES)
def test_the_runs_of_the_default_plan(every_report, planned, analysis):
    folders = {
        compare.label(analysis, json.loads(path.read_text(encoding="utf-8"))["changed"]): path.parent
        for path in (every_report / "runs" / analysis).glob("*/run.json")
    }
    chosen = [each for each in planned if each.analysis == analysis]
    for request in chosen[:1] if analysis == "sector_profile" else chosen:
        folder = folders[label(request)]
        check(request, json.loads((folder / "results.json").read_text(encoding="utf-8")), folder)


@pytest.mark.slow
@pytest.mark.parametrize(("analysis", "parameters"), SETS)
def test_other_parameters(run_once, analysis, parameters):
    results = run_once(analysis, **parameters)
    check(prepare(analysis, parameters), results, results.folder)


def test_a_difference_is_seen():
    figure = {"value": 1.0, "low": None, "high": None, "unit": "%"}
    run = {"figures": {"x": figure}, "tables": {"t": "a,b\n1,x\n2,y\n"}}
    assert compare.differences(run, run) == []
    assert compare.differences(run, {**run, "figures": {"x": {**figure, "value": 1.0001}}})
    for other in ({"t": "a,b\n1,x\n3,y\n"}, {"t": "a,b\n1,x\n"}, {}):
        assert compare.differences(run, {**run, "tables": other})
