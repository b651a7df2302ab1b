"""The explorer: the code it shows makes the chart it shows, with the numbers of the table."""

import sys

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")

from mic2025lab import catalog, exploring
from mic2025lab.catalog.loading import load
from mic2025lab.errors import LabError
from mic2025lab.plots.vega import MIME

INDUSTRY = {"industry": "computers_electronics"}


def drawn(measure, fixed=INDUSTRY, table="value_added", economies=("CHN", "USA")):
    made = {}
    exec(exploring.code(table, measure, fixed, economies, (2010, 2020)), made)
    return pd.DataFrame(made["figure"].vega["data"]["values"])


def test_the_code_draws_the_values_of_the_table():
    found = drawn("value").set_index(["label", "x"])["value"]
    rows = load("value_added", economy=["CHN", "USA"], year=slice(2010, 2020), **INDUSTRY)
    assert len(found) == len(rows) == 22
    assert found["China", 2015] == rows.query("economy == 'CHN' and year == 2015")["value"].item()


def test_the_share_is_that_of_the_world_in_percent():
    found = drawn("share").set_index(["label", "x"])["value"]
    rows = load("value_added", year=2015, **INDUSTRY).set_index("economy")["value"]
    assert found["China", 2015] == pytest.approx(100 * rows["CHN"] / rows["WLD"], rel=1e-12)


def test_concentration_and_specialization_leave_out_sums_of_others():
    rows = load("value_added", year=2015, **INDUSTRY).set_index("economy")["value"].drop(["WLD", "EU27"])
    assert drawn("hhi").set_index("x")["value"][2015] == pytest.approx(((rows / rows.sum()) ** 2).sum())
    assert 'isin(["EU27", "WLD"])' in exploring.code("value_added", "rca", INDUSTRY, ["CHN"], (2010, 2020))
    assert drawn("rca").set_index(["label", "x"])["value"]["China", 2015] > 1


def test_measures_fit_the_unit_and_the_columns():
    assert exploring.measures(catalog.describe("top_cited_articles")) == ["value"]
    assert exploring.measures(catalog.describe("steel")) == ["value", "share", "hhi"]
    assert exploring.measures(catalog.describe("value_added")) == list(exploring.MEASURES)
    assert "capacity_utilization" not in exploring.tables()


def test_a_choice_in_the_widgets_changes_code_and_chart():
    pytest.importorskip("ipywidgets")
    import ipywidgets

    explorer = exploring._Explorer(ipywidgets, "value_added")
    before = explorer.chart.outputs[0]["data"][MIME]
    (industry,) = explorer.fixed.values()
    industry.value = "motor_vehicles"
    explorer.measure.value = "share"
    after = explorer.chart.outputs[0]["data"][MIME]
    assert before != after
    assert 'industry="motor_vehicles"' in explorer.code.value
    made = {}
    exec(explorer.code.value, made)
    assert made["figure"].vega == after
    explorer.table.value = "mineral_production"  # a filter offers only what the others leave
    for widget in explorer.fixed.values():
        for _, value in list(widget.options)[:2]:
            widget.value = value
    assert MIME in explorer.chart.outputs[0]["data"]
    explorer.economies.value = ()
    assert "at least one economy" in explorer.chart.outputs[0]["text"]


def test_what_cannot_be_drawn_is_said(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    explorer = exploring._Explorer(ipywidgets, "official_manufacturing")
    explorer.measure.value = "share"
    assert "negative" in explorer.chart.outputs[0]["text"]
    with pytest.raises(LabError, match="no values by economy and year"):
        exploring.explore("capacity_utilization")


def test_without_ipywidgets_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(LabError, match=r"mic2025lab\[explore\]"):
        exploring.explore()
