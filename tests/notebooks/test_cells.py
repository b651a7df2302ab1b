"""What holds for the cells of every notebook of the package."""

import json
from pathlib import Path
from symtable import symtable

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def code(path):
    return [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]


def assigned(cell):
    """Return the names that a cell assigns, without those inside functions and comprehensions, which are local."""
    names = symtable("".join(cell["source"]), cell["id"], "exec").get_symbols()
    return {name.get_name() for name in names if name.is_assigned()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_gives_a_parameter_another_value(path):
    """`lab.parameters` reads the variables of the notebook: run again after such a cell, it would check and use the other value."""
    tagged = [cell for cell in code(path) if "parameters" in cell["metadata"].get("tags", [])]
    parameters = set().union(*map(assigned, tagged))
    for cell in code(path):
        if cell not in tagged:
            assert not assigned(cell) & parameters, cell["id"]


#: Lines of code of a notebook, without blank lines and comments.
MOST_LINES = 250


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_enough_to_be_read(path):
    lines = [line.strip() for cell in code(path) for line in "".join(cell["source"]).splitlines()]
    assert sum(bool(line) and not line.startswith("#") for line in lines) <= MOST_LINES
