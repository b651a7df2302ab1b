"""What holds for the cells of every notebook of the package."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


class Assigned(ast.NodeVisitor):
    """Collect the names that a cell assigns, without those inside functions and comprehensions, which are local."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.add(node.name)

    def _local(self, node: ast.AST) -> None:
        return None

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _local

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)


def assigned(cell: dict[str, Any]) -> set[str]:
    visitor = Assigned()
    visitor.visit(ast.parse("".join(cell["source"])))
    return visitor.names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_gives_a_parameter_another_value(path: Path) -> None:
    """`lab.parameters` reads the variables of the notebook: run again after such a cell, it would check and use the other value."""
    text = path.read_text(encoding="utf-8")
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    parameters = set().union(*map(assigned, tagged))
    for cell in code:
        if cell not in tagged:
            assert not assigned(cell) & parameters, cell["id"]


#: Lines of code of a notebook.
MOST_LINES = 250


def code_lines(path: Path) -> int:
    """Count lines of code without blank lines and comments."""
    cells = [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    lines = [line.strip() for cell in cells for line in "".join(cell["source"]).splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_enough_to_be_read(path: Path) -> None:
    assert code_lines(path) <= MOST_LINES
