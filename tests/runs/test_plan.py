"""A plan is checked as a whole before anything starts, and means what it says."""

import json
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic2025lab.errors import LabError, ParameterError, RunError
from mic2025lab.runs import plan as plans


@pytest.fixture
def two(make_toy):
    make_toy("1", name="toy")
    make_toy("2", name="toy_b")


PLANS = tomllib.loads(Path(__file__).with_name("plans.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PLANS["cases"], ids=lambda case: case["name"])
def test_the_runs_of_a_plan(two, plan, case):
    requests = plans.read_plan(plan(case["plan"]))
    values = ([r.parameters[name] for name in ("economy", "factor", "label")] for r in requests)
    found = [" ".join([r.analysis, *map(str, each)]) for r, each in zip(requests, values, strict=True)]
    assert found == case["runs"]


@pytest.mark.parametrize("label", ["0204", "NO", "2015-05-08", "1e3", "null", "~", "0x10"])
def test_text_stays_the_text_it_is(toy, plan, label):
    (request,) = plans.read_plan(plan(f"runs:\n- {{analysis: toy, params: {{label: {label}}}}}\n"))
    assert request.parameters["label"] == label


ITEM = "runs: [{{analysis: toy, {}}}]"


WRONG = PLANS["wrong_plans"] + [[ITEM.format(item), message] for item, message in PLANS["wrong_items"]]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_plan_is_refused(toy, plan, text, message):
    with pytest.raises(LabError, match=message):
        plans.read_plan(plan(text))


def test_every_problem_of_a_plan_is_named(toy, plan):
    text = "runs:\n- {analysis: tow}\n- {analysis: toy}\n- {analysis: toy, grid: {factor: [1, a, b]}}\n"
    with pytest.raises(ParameterError) as caught:
        plans.read_plan(plan(text))
    places = [line.split(":")[0] for line in str(caught.value).splitlines()]
    assert places == ["run 1", "run 3 (toy)", "run 3 (toy)"]


@given(
    economies=st.lists(st.sampled_from(["CHN", "USA", "DEU", "KOR"]), min_size=1, max_size=4, unique=True),
    factors=st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
    data=st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it only registers the analysis
def test_a_grid_without_its_exclusions_is_what_is_left(toy, economies, factors, data):
    combinations = [{"economy": e, "factor": str(f)} for e in economies for f in factors]
    rules = data.draw(st.lists(st.sampled_from(combinations), unique_by=str))
    item = {"grid": {"economy": economies, "factor": [str(f) for f in factors]}, "exclude": rules}
    kept = plans._without(toy, combinations, item["exclude"])
    assert kept == [c for c in combinations if c not in rules]


TAGGED = """
runs:
- {analysis: toy, grid: {economy: [CHN, USA], factor: [1, 2]}, tags: [weekly]}
- {analysis: toy, params: {factor: 1}, tags: [short]}
- {analysis: toy_b, tags: [weekly, short]}
"""


@pytest.mark.parametrize(("only", "expected"), PLANS["only"])
def test_only_chooses_and_what_fits_nothing_is_refused(two, plan, only, expected):
    if isinstance(expected, int):
        assert len(plans.read_plan(plan(TAGGED), only=only)) == expected
    else:
        with pytest.raises(RunError, match=expected):
            plans.read_plan(plan(TAGGED), only=only)


def test_a_plan_that_would_fill_the_memory_is_refused_at_once(toy, plan):
    laughs = "runs: [{analysis: toy, params: &p0 {a: b}}"
    for n in range(1, 12):
        laughs += f", {{analysis: toy, params: &p{n} {{{', '.join(f'k{i}: *p{n - 1}' for i in range(10))}}}}}"
    ten = list(range(10))
    began = time.monotonic()
    with pytest.raises(RunError, match="more than 100,000 values"):
        plans.read_plan(plan(laughs + "]"))
    with pytest.raises(ParameterError, match="more than 10000 combinations"):
        plans.read_plan(
            plan(ITEM.format("grid: {" + ", ".join(f"{n}: {ten}" for n in "abcdefghijklmnopqrst") + "}"))
        )
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "value",
    ["__import__('os').system('touch owned')", "!!python/name:os.system ''", "${HOME}", "{{ 7 * 7 }}"],
)
def test_no_value_is_evaluated(toy, plan, tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    (request,) = plans.read_plan(plan(ITEM.format(f"params: {{label: {json.dumps(value)}}}")))
    assert request.parameters["label"] == value
    with pytest.raises(ParameterError, match="must be text"):
        plans.read_plan(plan(ITEM.format("params: {label: !!python/object/apply:os.system ['touch owned']}")))
    assert not (tmp_path / "owned").exists()


def test_a_merge_counts_as_what_it_stands_for(toy, plan):
    lines = [
        "x-a: &a0 {label: x, factor: 1}",
        *(f"x-a{n}: &a{n} {{<<: [{f'*a{n - 1}, ' * 9}]}}" for n in range(1, 12)),
    ]
    (request,) = plans.read_plan(plan("\n".join([*lines[:2], ITEM.format("params: {<<: *a1, factor: 2}")])))
    assert (request.parameters["label"], request.parameters["factor"]) == ("x", 2)
    with pytest.raises(RunError, match="more than 100,000 values"):
        plans.read_plan(plan("\n".join([*lines, "runs: [{analysis: toy}]"])))
