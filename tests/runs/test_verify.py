"""A run made again: agrees where it should, does not where it should not, and says why."""

import json
import os
import shutil

import nbformat
import pytest

from mic2025lab.errors import RunError
from mic2025lab.runs import identity
from mic2025lab.runs.notebook_files import source
from mic2025lab.runs.sharing.verify import verify
from tests.runs.conftest import alter, call, contents, has, ran


def test_the_source_is_the_notebook_that_was_executed(good_run, toy, tmp_path):
    executed = nbformat.read(good_run / "notebook.ipynb", as_version=4)
    before = nbformat.writes(executed)
    nbformat.write(source(executed), tmp_path / "source.ipynb")
    assert identity.notebook_digest(tmp_path / "source.ipynb") == identity.notebook_digest(toy.notebook)
    assert nbformat.writes(executed) == before


def test_a_run_agrees_with_itself_and_is_left_as_it_was(kept):
    before, told = contents(kept), []
    verdict = verify(kept, tell=told.append)
    assert (verdict.status, verdict.agrees, verdict.intact, verdict.error) == ("same", True, True, None)
    names = ("results.json", "tables/by_year.csv", "tables/keys.csv", "figures/line.png", "figures/line.svg")
    assert verdict.files == dict.fromkeys(names, "same")
    assert len(told) == 1
    has(verdict.summary(), f"{kept.name} agrees exactly: 2 figures, 2 tables")
    assert contents(kept) == before


def test_a_number_or_a_table_that_was_changed_afterward_is_found(kept):
    alter(kept / "results.json", lambda results: results["figures"]["total"].update(value=99.0))
    path = kept / "tables" / "by_year.csv"
    path.write_text(path.read_text().replace("2.25", "2.5"))
    verdict = verify(kept)
    assert (verdict.status, verdict.agrees) == ("different", False)
    assert verdict.files["results.json"] == "changed"
    has(
        verdict.summary(),
        "does NOT agree",
        "Parameters, data, code",
        "99 → 7.75",
        "table by_year: 1 of 6 cells changed",
    )


def test_rounding_and_a_drawing_of_other_bytes_agree_and_are_said(kept):
    with (kept / "figures" / "line.png").open("ab") as file:
        file.write(b"\0")
    verdict = verify(kept)
    assert verdict.agrees
    assert "other bytes: figures/line.png" in verdict.summary()
    alter(kept / "results.json", lambda results: results["figures"]["total"].update(value=7.75 * (1 + 1e-12)))
    verdict = verify(kept)
    assert (verdict.status, verdict.agrees) == ("rounding", True)
    assert "rounding" in verdict.summary()


def test_an_image_that_only_one_has_is_a_disagreement(kept):
    (kept / "figures" / "line.png").rename(kept / "figures" / "other.png")
    verdict = verify(kept)
    assert not verdict.agrees
    has(verdict.summary(), "Missing in the run: figures/line.png.", "Not made again: figures/other.png.")


def test_other_data_code_and_libraries_are_said_before_it_runs(kept):
    def change(details):
        details["tables"]["toy"]["sha256"] = "0" * 64
        details["package"]["sha256"] = "1" * 64
        details["environment"]["numpy"] = "1.0"
        details["notebook"]["sha256"] = "2" * 64

    alter(kept / "run.json", change)
    told = []
    verdict = verify(kept, tell=told.append)
    assert verdict.inputs.differ == ("data", "code", "environment")
    assert not verdict.intact
    has(told[0], "toy: sha256 00000000", "11111111 →", "numpy: 1.0 →", "not the one in the manifest")
    assert verdict.agrees  # the results are the same all the same


def test_a_notebook_that_does_not_give_the_same_twice(make_toy, tmp_path):
    make_toy("import time, mic2025lab as lab\nlab.record('clock', time.time_ns())")
    verdict = verify(ran(reports=tmp_path / "reports").folder)
    assert verdict.status == "different"
    has(verdict.summary(), "other results each time")


def test_a_run_that_cannot_be_made_again(kept):
    notebook = nbformat.read(kept / "notebook.ipynb", as_version=4)
    notebook.cells[-1].source += "\n1 / 0"
    nbformat.write(notebook, kept / "notebook.ipynb")
    verdict = verify(kept, trust=True)
    assert (verdict.status, verdict.intact, verdict.difference) == ("failed", False, None)
    assert "ZeroDivisionError: division by zero" in verdict.summary()


def test_a_failed_run_is_refused(kept):
    alter(kept / "run.json", lambda details: details.update(status="failed", error="E: no"))
    with pytest.raises(RunError, match="good run"):
        verify(kept)


def test_the_data_beside_a_shared_run_are_used_and_the_variable_is_left_alone(kept, toy_data, monkeypatch):
    shutil.copytree(toy_data, kept / "data")
    monkeypatch.delenv("MIC2025LAB_DATA")
    assert verify(kept).agrees
    assert "MIC2025LAB_DATA" not in os.environ


def test_exit_status(kept):
    reports = kept.parents[2]
    has(call("verify", kept.name[:6], reports=reports).stdout, "agrees exactly")
    alter(kept / "results.json", lambda results: results["figures"]["total"].update(value=1.0))
    bad = call("verify", kept, "--json", status=1)
    assert json.loads(bad.stdout)["agrees"] is False
    call("verify", "nothing", reports=reports, status=2)
