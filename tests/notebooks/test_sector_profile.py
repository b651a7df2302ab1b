"""`sector_profile`: the same questions for every sector, and no number where nothing stands in for the sector."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest

from mic2025lab import analyses
from mic2025lab.classifications import sectors
from mic2025lab.errors import ParameterError


def tables(results: dict, *names: str) -> list[pd.DataFrame]:
    return [pd.read_csv(results["folder"] / f"tables/{name}.csv") for name in names]


def test_ships_have_no_number_that_no_industry_stands_in_for(run_once: Callable) -> None:
    results = run_once("sector_profile", sector="ships_ocean_engineering", base_year=2018)
    figures = results["figures"]
    assert results["order"]["figures"][:3] == ["match", "position_change", "import_share_change"]
    assert figures["match"]["value"] == "none"
    missing = {name for name, entry in figures.items() if entry["value"] is None}
    assert missing == {
        "position_change", "utilization_gap", "policy_effect", "volume_change", "chokepoints", "targets_met",
    }  # fmt: skip
    assert all(figures[name]["note"].startswith("No figure: ") for name in missing)
    glance, still_open = tables(results, "glance", "open_questions")
    assert set(glance.loc[glance["figure"] == "no figure", "question"]) <= set(still_open["question"])
    assert set(glance.loc[glance["match"] != "good", "question"]) <= set(still_open["question"])
    assert not any(re.search(r"\bnan\b", text) for text in results["finding"])


def test_of_another_economy_tables_of_china_only_give_no_figure(run_once: Callable) -> None:
    figures = run_once("sector_profile", sector="power_equipment", economy="DEU", base_year=2013)["figures"]
    only = ("import_share_change", "product_imports_change", "utilization_gap", "targets_met")
    assert [figures[name]["value"] for name in only] == [None] * 4
    assert figures["position_change"]["value"] is not None


def test_biomedicine_has_no_import_share_on_pharmaceuticals_alone(run_once: Callable) -> None:
    results = run_once("sector_profile", sector="biopharma_medical")
    assert results["figures"]["match"]["value"] == "partial"
    entry = results["figures"]["import_share_change"]
    assert entry["value"] is None
    assert "Medical equipment: 38.3% in 2018 and 29.8% in 2020" in entry["note"]


def test_targets_not_read_at_their_source_are_not_judged(run_once: Callable) -> None:
    results = run_once("sector_profile", sector="information_technology")
    (listed,) = tables(results, "targets")
    unread = listed["not read at its source"].fillna("").str.contains("target")
    assert set(listed.loc[unread, "status"]) == {"no data", "not judged"}
    assert results["figures"]["targets_met"]["value"] is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sector": "robotics"}, "Did you mean 'machine_tools_robotics'?"),
        ({"sector": "all"}, "Unknown sector 'all'"),
        (
            {"base_year": 2022},
            "base_year = 2022 is outside the tables before and after the plan, which covers 2005 to 2018",
        ),
        ({"economy": "EU27"}, "Unknown economy 'EU27'"),
    ],
)
def test_what_cannot_be_asked_is_refused(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        analyses.validate("sector_profile", values)


def test_every_sector_can_be_asked() -> None:
    for slug in sectors.slugs():
        assert analyses.validate("sector_profile", {"sector": slug}).sector == slug
