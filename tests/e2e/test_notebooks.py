"""The notebooks as papermill alone runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nbformat
import pytest

from mic2025lab.analyses import ANALYSES

pytestmark = pytest.mark.slow

Call = Callable[..., "CompletedProcess[str]"]

# Analysis, parameters given as on the command line, and a run of the same in `lab_runs` where there is one.
DEFAULTS = [
    pytest.param("overcapacity", [], "overcapacity", marks=pytest.mark.heavy, id="overcapacity"),
    pytest.param("market_share_shifts", ["sector", "aerospace"], "aerospace", id="market_share_shifts"),
]


def papermill(call: Call, name: str, folder: Path, *given: str) -> CompletedProcess[str]:
    """Execute a notebook where it stands; only the output is written in `folder`."""
    options = [word for pair in zip(given[::2], given[1::2], strict=True) for word in ("-p", *pair)]
    source = str(ANALYSES[name])
    return call("papermill", source, "out.ipynb", *options, "--no-progress-bar", cwd=folder)


def cells(folder: Path) -> list[Any]:
    return nbformat.read(folder / "out.ipynb", as_version=4).cells


def texts(outputs: list[Any]) -> str:
    """Join what the outputs of a cell show as text."""
    found = []
    for output in outputs:
        data = output.get("data", {})
        found += [output.get("text", ""), data.get("text/markdown", ""), data.get("text/plain", "")]
    return "\n".join(found)


def test_every_notebook_is_an_analysis_and_every_analysis_a_notebook(root: Path) -> None:
    assert {path.name for path in (root / "notebooks").glob("*.ipynb")} == {
        path.name for path in ANALYSES.values()
    }


@pytest.mark.parametrize(("name", "given", "same"), DEFAULTS)
def test_papermill_alone_runs_a_notebook_and_finds_what_the_command_finds(
    call: Call, read_results: Any, lab_runs: Any, tmp_path: Path, name: str, given: list[str], same: str
) -> None:
    done = papermill(call, name, tmp_path, *given)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
    bare, kept = (
        cells(tmp_path),
        nbformat.read(getattr(lab_runs, same) / "notebook.ipynb", as_version=4).cells,
    )
    # The two copies differ in the injected cell alone (the command gives every parameter); their outputs are those of the same code.
    code = [
        cell
        for cell in bare
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
    ]
    other = [
        cell
        for cell in kept
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
    ]
    assert [cell.source for cell in code] == [cell.source for cell in other]
    shown = [texts(cell.outputs) for cell in code]
    assert shown == [texts(cell.outputs) for cell in other]
    run = read_results(getattr(lab_runs, same))
    assert len(run["figures"]) >= 4
    everything = "\n".join(shown)
    for sentence in run["finding"]:
        assert sentence in everything
    assert not [
        output for cell in bare for output in cell.get("outputs", []) if output.output_type == "error"
    ]


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["scorecard", "chokepoints", "firm_distress"])
def test_papermill_alone_runs_a_notebook(call: Call, tmp_path: Path, name: str) -> None:
    done = papermill(call, name, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
    code = [cell for cell in cells(tmp_path) if cell.cell_type == "code" and cell.source.strip()]
    assert all(cell.execution_count for cell in code)
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("market_share_shifts", ["sector", "robotics"], "Did you mean 'machine_tools_robotics'?"),
        pytest.param(
            "productivity_costs",
            ["start", "2030"],
            "start = 2030 is out of range: national_accounts 10.01 covers",
            marks=pytest.mark.heavy,
        ),
        pytest.param("overcapacity", ["bsae", "2015"], "Unknown parameter 'bsae'", marks=pytest.mark.heavy),
    ],
    ids=["a sector", "a year", "a name"],
)
def test_a_bad_value_stops_papermill_in_the_validating_cell(
    call: Call, tmp_path: Path, name: str, given: list[str], message: str
) -> None:
    done = papermill(call, name, tmp_path, *given)
    assert done.returncode != 0
    assert "ParameterError" in done.stderr
    assert message in done.stderr
    code = [cell for cell in cells(tmp_path) if cell.cell_type == "code"]
    (stopped,) = [at for at, cell in enumerate(code) if any(o.output_type == "error" for o in cell.outputs)]
    assert f'lab.parameters("{name}", globals())' in code[stopped].source
    assert stopped <= 3  # defaults, injected, papermill's own note of the failure, and this one
    assert len(code) > stopped + 3
    for cell in code[stopped + 1 :]:
        assert cell.outputs == []
        assert cell.execution_count is None
