"""What the tests of figures share: one figure of each kind, with what it must say."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from mic2025lab import plots

WORDS = {"title": "China rose", "subtitle": "Share, %", "source": "NCSES"}


@pytest.fixture(autouse=True)
def settings_are_left_as_they_were():
    before = dict(mpl.rcParams)
    yield
    assert {key for key, value in before.items() if mpl.rcParams[key] != value} == set()


def shares_of_two():
    table = pd.DataFrame({"economy": ["CHN"] * 3 + ["USA"] * 3, "year": [2014, 2015, 2016] * 2})
    table["share"] = [25.9, 27.2, 27.0, 17.0, 17.3, 17.1]
    table["low"], table["high"] = table["share"] - 1, table["share"] + 1
    return table.assign(forecast=[False, False, True] * 2)


@pytest.fixture
def shares():
    return shares_of_two()


@pytest.fixture(scope="session")
def kinds(each_kind):
    """Each kind, to be looked at."""
    return each_kind({}, WORDS)


@pytest.fixture(scope="session")
def each_kind():
    """Draw each kind: kind -> the figure, parts of its alternative text, the first of its rows on hover (the text first)."""

    def draw(names, words):
        a, b, c = (names.get(name, name) for name in ("steel", "coal", "Ships"))
        look = {"by": "economy", "unit": "%", **words}
        lines = shares_of_two().replace({"economy": {"CHN": a, "USA": b}}).assign(panel=c)
        wide = pd.DataFrame({"item": [a, b], "one": [1.25, 0.5], "two": [2.75, -1.0], "lost": [3.0, np.nan]})
        cells = pd.DataFrame({"row": [a, a], "column": [c, b], "value": [4.5, np.nan], "toward": [1, 0]})
        claims = [
            {"number": 1, "kind": "gain", "label": a, "verdict": "mixed", "outcomes": ["for", "against"], "coverage": "2 of 3"},
            {"number": 2, "kind": "gain", "label": b, "verdict": "not testable", "outcomes": []},
        ]  # fmt: skip
        tests = pd.DataFrame(
            {
                "claim": [c, c], "item": [a, b], "value": [0.5, np.nan], "low": [0.2, np.nan], "high": [0.9, np.nan],
                "margin": [0.1, np.nan], "estimates": [[0.4, 0.5, 1.0], []], "outcome": ["for", "missing"],
                "number": ["1.2 points", "no figure"],
            }
        )  # fmt: skip
        own = {
            name: name
            for name in ("item", "value", "low", "high", "margin", "outcome", "number", "estimates")
        }
        heat = {"row": "row", "column": "column", "value": "value", "toward": "toward"}
        parts = {"one": "Capital", "two": names.get("TFP", "TFP")}
        return {
            "lines": (
                plots.lines(lines, y="share", focus=a, **look),
                [f"{a} 25.9% in 2014 to 27.0% in 2016", f"{b} 17.0%"],
                [("17.0%", b, 2014), ("17.3%", b, 2015)],
            ),
            "panels": (
                plots.small_multiples(lines, y="share", panel="panel", focus=a, **look),
                [f"{c} 25.9% in 2014 to 27.0% in 2016"],
                [("17.0%", b, c)],
            ),
            "bars": (
                plots.bars(wide, item="item", value="two", unit="points", **words),
                [f"{a} +2.8; {b} −1.0", "Unit: points"],
                [("+2.8 points", a, 2.75), ("−1.0 points", b, -1.0)],
            ),
            "dumbbells": (
                plots.dumbbells(wide, item="item", points=["one", "lost"], point_labels=["2010", "2020"], **words),
                [f"{a} 1.25, 3.00; {b} 0.50, no data"],
                [("1.25", a, "2010"), ("3.00", a, "2020"), ("0.50", b, "2010"), ("no data", b, "2020", None)],
            ),
            "contributions": (
                plots.contributions(wide, item="item", parts=parts, total="one", **words),
                [f"{a}: total 1.2, Capital 1.2, "],
                [("1.2", a, "Capital", "total 1.2"), ("2.8", a, parts["two"])],
            ),
            "heat": (
                plots.heat(cells, **heat, **words),
                [f"{a}: {c} +4.5, {b} no data"],
                [("+4.5", a, c, 4.5), ("no data", a, b, None)],
            ),
            "verdicts": (
                plots.verdicts(claims, panels=[{"gain": c}, {"cost": "Costs"}], **words),
                [f"1 {a}: mixed (2 of 3); 2 {b}: not testable"],
                [("mixed", f"1 {a}", "2 of 3", "for"), ("mixed", f"1 {a}", 2, "against"), ("not testable", f"2 {b}", None)],
            ),
            "forest": (
                plots.forest(tests, group="claim", **own, **words),
                [f"{a}: for, 1.2 points; {b}: missing, no figure"],
                [("1.2 points", a, 0.5, 0.9), ("no figure", b, None)],
            ),
        }  # fmt: skip

    return draw
