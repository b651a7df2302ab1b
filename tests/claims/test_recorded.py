"""What the ledger and the board name is what the notebooks record."""

import ast
import json
import re
from functools import cache

import pytest

from mic2025lab import analyses
from mic2025lab.claims import named_tests

#: The functions whose first argument is the name of a figure.
RECORDERS = ("record", "record_specifications")


@cache
def recorded(analysis):
    """Patterns of the names of the figures that a notebook records."""
    cells = json.loads(analyses.get(analysis).notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    named = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in RECORDERS]
    return [pattern(call.args[0]) for call in named]


def pattern(node):
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return pattern(node.left) + pattern(node.right)
    if isinstance(node, ast.IfExp):
        return f"(?:{pattern(node.body)}|{pattern(node.orelse)})"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "named":
        return pattern(node.args[0])  # "simulated_" before it, if the panel is
    return r"[a-z0-9_-]*"


@pytest.mark.parametrize("analysis", sorted({test.analysis for test in named_tests()}))
def test_every_figure_that_is_named_is_one_that_the_notebook_records(analysis):
    patterns = recorded(analysis)
    assert patterns
    for test in named_tests():
        if test.analysis == analysis:
            assert any(re.fullmatch(known, test.figure) for known in patterns), (analysis, test.figure)


def test_a_name_that_no_notebook_records_is_found_out():
    assert not any(re.fullmatch(known, "utilisation_gap") for known in recorded("overcapacity"))
    assert any(re.fullmatch(known, "utilization_gap_rail") for known in recorded("overcapacity"))
    assert any(re.fullmatch(known, "years_since_peak_ppp") for known in recorded("productivity_costs"))
