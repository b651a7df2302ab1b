"""An analysis that reads the other runs is made after them, and is another run when they found something else."""

import json
import os
import shutil

import pytest

from mic2025lab import analyses
from mic2025lab.results import files, record
from mic2025lab.runs import batch as batches
from mic2025lab.runs.kernels import kernel
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import run
from tests.runs.conftest import alter, read

FIGURES = {"utilization_gap": -1.6, "industries_below_history": 6}


@pytest.fixture
def order(monkeypatch):
    """Stands in for the kernel: notes what was run, records the figures of overcapacity, and needs no notebook to run."""
    seen = []

    def execute(notebook, output, parameters, *, run_dir, reports, **_):
        seen.append((notebook.stem, reports))
        output.write_bytes(notebook.read_bytes())
        blank = dict.fromkeys(("low", "high", "unit", "note"))
        figures = {name: {"value": value, **blank} for name, value in FIGURES.items()}
        alter(run_dir / record.RESULTS, lambda results: results["figures"].update(figures))

    monkeypatch.setattr(kernel, "execute", execute)
    return seen


def test_it_is_made_last_whatever_the_plan_says(order, tmp_path):
    names = ["scorecard", "overcapacity", "productivity_costs"]
    results = batches.batch([prepare(name, {}) for name in names], reports=tmp_path, jobs=3)
    assert [result.request.analysis for result in results] == names
    assert order[-1] == ("scorecard", tmp_path)
    assert {reports for name, reports in order if name != "scorecard"} == {None}
    details = read(results[0].folder)
    other = f"runs/overcapacity/{results[1].request.run_id}/results.json"
    assert {"claims/ledger.yml", other} <= set(details["files"])
    assert str(tmp_path) not in json.dumps(details)


def test_it_is_another_run_when_they_found_something_else(order, tmp_path, monkeypatch):
    run("overcapacity", reports=tmp_path)
    first = run("scorecard", reports=tmp_path)
    assert run("scorecard", reports=tmp_path).status == "unchanged"
    monkeypatch.setitem(FIGURES, "utilization_gap", -1.7)
    run("overcapacity", reports=tmp_path, force=True)
    second = run("scorecard", reports=tmp_path)
    assert (second.status, second.folder == first.folder) == ("done", False)
    assert analyses.get("scorecard").after
    assert not analyses.get("overcapacity").after


@pytest.mark.heavy
def test_the_page_is_made_of_the_runs_that_are_there(tmp_path, recorded, shared_reports):
    reports = tmp_path / "reports"
    assert recorded("overcapacity")
    place = prepare("overcapacity", {}).folder
    shutil.copytree(place(shared_reports), place(reports))
    made = run("scorecard", reports=reports)
    assert made.error is None
    figures = read(made.folder, record.RESULTS)["figures"]
    numbers = [figures[f"claims_{name}"]["value"] for name in ("supported", "mixed", "not_supported")]
    assert sum(numbers) == 1, numbers  # the claim that overcapacity tests; the others have no run
    assert read(made.folder, record.RESULTS)["order"]["tables"][0] == "claims"
    page = (made.folder / "notebook.html").read_text(encoding="utf-8")
    (source,) = (reports / "runs" / "overcapacity").iterdir()
    assert f'href="../../../runs/overcapacity/{source.name}/notebook.html"' in page
    assert os.environ.get(files.REPORTS_DIR) is None
