"""`sector_scorecard`: the rule of the color takes both sides alike, and every cell says where it comes from."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks/sector_scorecard.ipynb"


@pytest.fixture
def rule():
    """The function `rule` as it stands in the notebook."""
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "def rule(" in (text := "".join(cell["source"])):
            (found,) = (
                node
                for node in ast.parse(text).body
                if isinstance(node, ast.FunctionDef) and node.name == "rule"
            )
            namespace = {"np": np}
            exec(compile(ast.Module([found], []), "rule", "exec"), namespace)
            return namespace["rule"]
    raise AssertionError("the notebook has no rule")


@pytest.mark.parametrize("side", [1, -1])
def test_turned_data_turn_the_color(rule, side):
    draws = np.random.default_rng(7).normal(0.5, 3, size=(300, 5))
    colors = [rule(changes, changes[3], side, 1.0) for changes in draws]
    assert set(colors) == {-1, 0, 1}
    assert [rule(-changes, -changes[3], side, 1.0) for changes in draws] == [-color for color in colors]
    assert [rule(changes, changes[3], -side, 1.0) for changes in draws] == [-color for color in colors]


def test_a_color_needs_two_thirds_of_three_base_years_and_the_margin(rule):
    assert rule([5, 5, 5, 5, 0], 5, 1, 1.0) == 1
    assert rule([5, 5, 5, 0, 0], 5, 1, 1.0) == 0  # three of five
    assert rule([5, 5, -5], 5, 1, 1.0) == 1  # two of three
    assert rule([5, 5], 5, 1, 1.0) == 0  # two base years
    assert rule([5, 5, 5, 5, 0.5], 0.5, 1, 1.0) == 0  # the number itself is within the margin
    assert rule([5, 5, 5, 5, -5], -5, 1, 1.0) == 0  # and on the other side
    assert rule([1, 1, 1], 1, 1, 1.0) == 0  # beyond means beyond


def test_turned_tables_turn_their_column(run_once, run_cells, monkeypatch):
    """Imports over value added are replaced by their inverse: what fell rises."""
    before = run_once("sector_scorecard").table("cells")
    load = lab.load

    def turned(name, **choices):
        rows = load(name, **choices)
        if name != "china_imports_by_sector":
            return rows
        home = load("value_added", economy="CHN", industry="manufacturing").set_index("year")["value"]
        rows = rows.groupby(["year", "kind", "group"], as_index=False).agg(
            value=("value", "sum"), hs=("hs", "first")
        )
        rows = rows[rows["year"].isin(home.index)].assign(role="inputs")
        return rows.assign(value=rows["year"].map(home) ** 2 / rows["value"])

    monkeypatch.setattr(lab, "load", turned)
    after = run_cells("sector_scorecard").table("cells")
    imports = before["aim"].eq("Imports") & before["color"].isin(["toward", "away"])
    # New-energy vehicles have goods beside inputs from 2017, which the sum above includes.
    imports &= before["sector"] != "Energy-saving and new-energy vehicles"
    other = {"toward": "away", "away": "toward"}
    assert imports.sum() > 5
    assert after.loc[imports, "color"].tolist() == [other[color] for color in before.loc[imports, "color"]]
    rest = before["aim"] != "Imports"
    pd.testing.assert_frame_equal(before[rest], after[rest])
