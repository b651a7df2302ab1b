"""Run the code of a notebook in the process of the test, which takes a second where a kernel takes five."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_cells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A function: the name of an analysis and its parameters -> what its cells recorded, as in `results.json`."""

    def run(analysis: str, **parameters: Any) -> dict[str, Any]:
        folder = tmp_path / f"run_{analysis}_{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        monkeypatch.setenv("MIC2025LAB_RUN_DIR", str(folder))
        monkeypatch.setenv("MPLBACKEND", "Agg")
        notebook = json.loads((ROOT / f"notebooks/{analysis}.ipynb").read_text(encoding="utf-8"))
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"{analysis}:{cell['id']}", "exec"), namespace)
            if "parameters" in cell["metadata"].get("tags", []):
                namespace.update(parameters)
        return json.loads((folder / "results.json").read_text(encoding="utf-8")) | {"folder": folder}

    return run
