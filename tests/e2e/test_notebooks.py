"""The notebooks as papermill alone runs them."""

import nbformat
import pytest

from mic2025lab.analyses import ANALYSES
from mic2025lab.results.run import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def papermill(call, tmp_path):
    """A function that executes a notebook where it stands: how papermill ended, and the code cells that it wrote."""

    def run(name, *given):
        options = ["-p", *given] if given else []
        words = ["-m", "papermill", str(ANALYSES[name]), "out.ipynb", *options, "--no-progress-bar"]
        ended = call(*words, cwd=tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
        return ended, code_cells(tmp_path / "out.ipynb")

    return run


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def failed(cell):
    return any(output.output_type == "error" for output in cell.outputs)


def texts(cell):
    """Join what the outputs of a cell show as text."""
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        found += [output.get("text", ""), data.get("text/markdown", ""), data.get("text/plain", "")]
    return "\n".join(found)


def test_papermill_alone_finds_what_the_command_finds(papermill, lab_runs):
    ended, bare = papermill("market_share_shifts", "sector", "aerospace")
    assert ended.returncode == 0, ended.stderr
    # The two copies differ in the injected cell alone (the command gives every parameter); their outputs are those of the same code.
    code, other = (
        [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
        for cells in (bare, code_cells(lab_runs.aerospace / "notebook.ipynb"))
    )
    assert [cell.source for cell in code] == [cell.source for cell in other]
    shown = [texts(cell) for cell in code]
    assert shown == [texts(cell) for cell in other]
    run = Run.read(lab_runs.aerospace).results
    assert len(run.figures) >= 4
    for sentence in run.finding:
        assert sentence in "\n".join(shown)
    assert not any(map(failed, bare))


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["overcapacity", "scorecard", "chokepoints", "firm_distress"])
def test_papermill_alone_runs_a_notebook(papermill, name):
    ended, code = papermill(name)
    assert ended.returncode == 0, ended.stderr
    assert all(cell.execution_count for cell in code if cell.source.strip())
    assert not any(map(failed, code))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("market_share_shifts", ["sector", "robotics"], "Did you mean 'machine_tools_robotics'?"),
        pytest.param("overcapacity", ["bsae", "2015"], "Unknown parameter 'bsae'", marks=pytest.mark.heavy),
    ],
    ids=["a sector", "a name"],
)
def test_a_bad_value_stops_papermill_in_the_validating_cell(papermill, name, given, message):
    ended, code = papermill(name, *given)
    assert ended.returncode != 0
    assert "ParameterError" in ended.stderr
    assert message in ended.stderr
    (stopped,) = [at for at, cell in enumerate(code) if failed(cell)]
    assert f'lab.parameters("{name}", globals())' in code[stopped].source
    assert stopped <= 3  # defaults, injected, papermill's own note of the failure, and this one
    assert len(code) > stopped + 3
    assert [cell for cell in code[stopped + 1 :] if cell.outputs or cell.execution_count] == []
