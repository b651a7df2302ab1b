"""Notebooks as files: `nbformat`, imported in a tenth of the time, and a notebook as its source.

The import leaves out a check of jsonschema that no notebook needs.
Where jupyter_events is installed, jsonschema finds rfc3987_syntax, which compiles grammars of international addresses for a second when it
is imported.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

_modules: dict[str, Any] = sys.modules
_here = "rfc3987_syntax" in _modules
_modules.setdefault("rfc3987_syntax", None)  # as if it were not installed
import nbformat as nbformat  # noqa: E402

if not _here:
    del _modules["rfc3987_syntax"]


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
    return (nbformat.writes(source(nbformat.read(path, as_version=4))) + "\n").encode()
