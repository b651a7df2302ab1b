"""Run the code of a notebook in this process, which takes a second where a kernel takes five. Images are not drawn."""

import contextlib
import io
import json
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run(analysis, parameters, folder):
    """Run the cells with parameters after the defaults; record in the folder, and return the lines that the cells themselves print."""
    notebook = json.loads((NOTEBOOKS / f"{analysis}.ipynb").read_text(encoding="utf-8"))
    printed = io.StringIO()
    namespace = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setenv("MIC2025LAB_RUN_DIR", str(folder))
        patch.setenv("MPLBACKEND", "Agg")
        patch.setattr("mic2025lab.results.record._drawn", lambda figure: (b"svg", bytes(24)))
        namespace["print"] = lambda *words: print(*words, file=printed)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"{analysis}:{cell['id']}", "exec"), namespace)
            if "parameters" in cell["metadata"].get("tags", []):
                namespace.update(parameters)
    return printed.getvalue().splitlines()
