"""Run the code of a notebook in the process of the test, which takes a second where a kernel takes five. Images are not drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from mic2025lab.errors import ParameterError
from mic2025lab.runs.run import is_good, prepare

ROOT = Path(__file__).resolve().parents[2]


Cells = Callable[..., dict[str, Any]]


def _run(analysis: str, parameters: dict[str, Any], folder: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_RUN_DIR", str(folder))
        patch.setenv("MPLBACKEND", "Agg")
        patch.setattr(Figure, "savefig", lambda figure, file, **options: file.write(bytes(24)))
        notebook = json.loads((ROOT / f"notebooks/{analysis}.ipynb").read_text(encoding="utf-8"))
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"{analysis}:{cell['id']}", "exec"), namespace)
            if "parameters" in cell["metadata"].get("tags", []):
                namespace.update(parameters)
    return json.loads((folder / "results.json").read_text(encoding="utf-8")) | {"folder": folder}


@pytest.fixture
def run_cells(tmp_path: Path) -> Cells:
    """A function: the name of an analysis and its parameters -> what its cells recorded, as in `results.json`."""

    def run(analysis: str, **parameters: Any) -> dict[str, Any]:
        folder = tmp_path / f"run_{analysis}_{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return _run(analysis, parameters, folder)

    return run


@pytest.fixture(scope="session")
def run_once(tmp_path_factory: pytest.TempPathFactory, shared_reports: Path) -> Cells:
    """As `run_cells`, once a session for each set of parameters: for tests that replace neither tables nor settings. Read only.

    A run that is among the shared reports already is not made again.
    """
    found: dict[str, dict[str, Any]] = {}

    def kept(analysis: str, parameters: dict[str, Any]) -> Path | None:
        try:
            folder = prepare(analysis, parameters).folder(shared_reports)
        except ParameterError:  # the notebook says it itself
            return None
        return folder if is_good(folder) else None

    def run(analysis: str, **parameters: Any) -> dict[str, Any]:
        request = json.dumps([analysis, parameters], sort_keys=True)
        if request not in found:
            folder = kept(analysis, parameters)
            if folder is None:
                found[request] = _run(analysis, parameters, tmp_path_factory.mktemp(analysis))
            else:
                results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
                found[request] = results | {"folder": folder}
        return found[request]

    return run
