"""`sector_profile`: the same questions for every sector, and no number where nothing stands in for the sector."""

import re

import pytest

import mic2025lab as lab


def tables(results, *names):
    return [results.table(f"{name}") for name in names]


def test_ships_have_no_number_that_no_industry_stands_in_for(run_once):
    results = run_once("sector_profile", sector="ships_ocean_engineering", base_year=2018)
    figures = results["figures"]
    assert results["order"]["figures"][:3] == ["match", "position_change", "import_share_change"]
    assert figures["match"]["value"] == "none"
    missing = {name for name, entry in figures.items() if entry["value"] is None}
    assert missing == {
        "position_change", "utilization_gap", "policy_effect", "volume_change", "chokepoints", "targets_met",
    }  # fmt: skip
    assert all(figures[name]["note"].startswith("No figure: ") for name in missing)
    glance, still_open = results.table("glance"), results.table("open_questions")
    assert set(glance.loc[glance["figure"] == "no figure", "question"]) <= set(still_open["question"])
    assert set(glance.loc[glance["match"] != "good", "question"]) <= set(still_open["question"])
    assert not any(re.search(r"\bnan\b", text) for text in results["finding"])


def test_of_another_economy_tables_of_china_only_give_no_figure(run_once):
    figures = run_once("sector_profile", sector="power_equipment", economy="DEU", base_year=2013)["figures"]
    only = ("import_share_change", "product_imports_change", "utilization_gap", "targets_met")
    assert [figures[name]["value"] for name in only] == [None] * 4
    assert figures["position_change"]["value"] is not None


def test_biomedicine_has_no_import_share_on_pharmaceuticals_alone(run_once):
    results = run_once("sector_profile", sector="biopharma_medical")
    assert results.numbers["match"] == "partial"
    entry = results["figures"]["import_share_change"]
    assert entry["value"] is None
    assert "Medical equipment: 38.3% in 2018 and 29.8% in 2020" in entry["note"]


def test_chemicals_are_no_control_of_the_effect(run_once, run_cells, monkeypatch):
    """Doubling China's chemicals, and manufacturing with them, moves no estimate."""
    found = run_once("sector_profile", sector="rail")["figures"]["policy_effect"]["value"]
    load = lab.load

    def doubled(name, **kwargs):
        table = load(name, **kwargs)
        if name == "value_added":
            late = (table["economy"] == "CHN") & (table["year"] > 2015)
            more = table[late & (table["industry"] == "chemicals")].set_index("year")["value"]
            for industry in ("chemicals", "manufacturing", "kti_manufacturing"):
                rows = late & (table["industry"] == industry)
                table.loc[rows, "value"] += table.loc[rows, "year"].map(more)
        return table

    monkeypatch.setattr(lab, "load", doubled)
    changed = run_cells("sector_profile", sector="rail").numbers["policy_effect"]
    assert changed == pytest.approx(found)
