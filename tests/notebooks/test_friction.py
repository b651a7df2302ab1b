"""`friction` with tables that may not be redistributed: counted measures, and bilateral flows (simulated ones here)."""

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab


@pytest.fixture
def bilateral(convert_baci, tmp_path, monkeypatch):
    """SIMULATED flows to the United States: after 2017 China sells 70% less of listed products."""
    lists, rng = lab.load("us_tariff_lists"), np.random.default_rng(2025)
    known = set(lab.load("hs_products", hs="HS12", level=6)["code"])
    listed = sorted(set(lists.loc[lists["list"].isin(["1", "3"]), "product"]) & known)[::40]
    codes = [*listed, *sorted(known - set(lists["product"]))[::10]]
    flows = {}
    for year in range(2015, 2021):
        keys = [(seller, 842, code) for seller in (156, 704, 484) for code in codes]
        table = pd.DataFrame(keys, columns=list("ijk"))
        fell = (table["i"] == 156) & table["k"].isin(listed) & (year > 2017)
        table["v"] = 100 * rng.uniform(0.9, 1.1, len(table)) * np.where(fell, 0.3, 1.0)
        flows[year] = table
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    convert_baci(tmp_path / "cache", {156: "CHN", 842: "USA", 704: "VNM", 484: "MEX"}, codes, flows)


@pytest.mark.usefixtures("bilateral")
def test_trade_diverted(run_cells):
    results = run_cells("friction", flows="baci")
    found = results["figures"]["share_diverted"]
    # On the lists a third of the imports before and 0.3 of 2.3 after; elsewhere a third.
    assert found["value"] == pytest.approx(100 * (0.3 / 2.3 - 1 / 3), abs=2)
    assert found["high"] < 0
    takers = results.table("takers").set_index("exporter")["change"]
    assert takers["CHN"] < -15
    assert (takers[["VNM", "MEX"]] > 5).all()


@pytest.mark.mirror
def test_counted_measures(run_cells, built):
    counted = ["trade_interventions", "trade_interventions_pairs", "trade_defense_investigations"]
    built(*counted)
    results = run_cells("friction", measures=counted)
    found = results["figures"]["harmful_measures_change"]
    assert [found["value"], found["low"], found["high"]] == pytest.approx([19.777, -0.631, 48.421], abs=0.001)
    touched = results.table("touched")
    assert touched.loc[0, ["affected", "measures", "most_by", "most"]].tolist() == ["CHN", 282.2, "BRA", 41.0]
