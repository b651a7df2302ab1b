"""`leadership`: the limits of its parameters, and tables that may not be redistributed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.analyses import get, validate
from mic2025lab.catalog.build import build
from mic2025lab.errors import ParameterError


@pytest.mark.parametrize(
    ("values", "message"),
    [({"base_year": 2005}, "2010 to 2019"), ({"comparators": ["USA", "CHN"]}, "comparators includes 'CHN'")],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate("leadership", values)


def test_tables_that_are_asked_for_are_among_those_loaded() -> None:
    analysis = get("leadership")
    assert analysis.loads(analysis.defaults()) == analysis.tables
    assert analysis.loads({**analysis.defaults(), "robots": "robots"}) == (*analysis.tables, "robots")


def test_an_economy_is_compared_by_what_it_has(run_cells: Callable) -> None:
    """The EU has no figure in the solar chain: the measure is missing, and no zero takes its place."""
    results = run_cells("leadership", economy="EU27", comparators=["USA"])
    table = pd.read_csv(results["folder"] / "tables/volume_and_value.csv").set_index("field")
    assert table.loc["solar modules", "by volume"] == "no figure"
    assert "solar_module_share_end" not in results["figures"]
    assert results["figures"]["fields_without_volume"]["value"] == (table["by volume"] == "no figure").sum()
    assert results["figures"]["aerospace_output_share_end"]["value"] > 0


@pytest.mark.mirror
def test_optional_tables_add_fields(
    run_cells: Callable, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    build(["robots", "world_ranking_firms"], mirror=mirror)
    results = run_cells("leadership", robots="robots", rankings="world_ranking_firms")
    found = {name: entry["value"] for name, entry in results["figures"].items()}
    assert (found["fields_led_by_volume"], found["fields_without_value"]) == (10, 10)
    assert "robots_installed_share_end" in found
    largest = pd.read_csv(results["folder"] / "tables/largest_firms.csv").set_index(["economy", "year"])
    assert largest.loc[("WLD", 2025), ["firms", "share of firms", "share of profits"]].tolist() == [
        2000,
        100,
        100,
    ]
