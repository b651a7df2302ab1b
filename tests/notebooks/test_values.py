"""The figures and tables of every notebook, at several parameter sets, are those that are stored in `values`."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.analyses import ANALYSES

_spec = importlib.util.spec_from_file_location("compare", Path(__file__).with_name("compare.py"))
assert _spec is not None
assert _spec.loader is not None
compare = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compare)


@pytest.fixture(scope="module")
def recorded(every_report: Path) -> dict[str, Any]:
    return compare.recorded(every_report)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_figures_and_tables_are_the_stored_ones(recorded: dict[str, Any], analysis: str) -> None:
    stored = json.loads((compare.VALUES / f"{analysis}.json").read_text(encoding="utf-8"))
    made = {label: run for label, run in recorded.items() if label.split()[0] == analysis}
    assert sorted(made) == sorted(stored)
    different = {label: compare.differences(run, made[label]) for label, run in stored.items()}
    assert not {label: lines for label, lines in different.items() if lines}


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
