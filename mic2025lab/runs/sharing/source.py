"""A notebook as its source: cells and parameters, and nothing that a run left in it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any


def source(notebook: Any) -> Any:
    """Return a notebook without outputs, state of widgets, and the parameters cell that papermill added.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        It is not changed.
    """
    made = copy.deepcopy(notebook)
    made.cells = [
        cell for cell in made.cells if "injected-parameters" not in cell.get("metadata", {}).get("tags", ())
    ]
    for cell in made.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    for name in ("papermill", "widgets"):
        made.metadata.pop(name, None)
    return made


def source_bytes(path: Path) -> bytes:
    """Return the file of a notebook without outputs."""
    from mic2025lab.runs.notebook_files import nbformat

    return (nbformat.writes(source(nbformat.read(path, as_version=4))) + "\n").encode()
