"""What the README says that the younger analyses find is what they record on the committed data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mic2025lab.runs.batch import batch
from mic2025lab.runs.kernels.warm import Kernels
from mic2025lab.runs.run import prepare

ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "leadership": ("leadership", {}),
    "foreign": ("foreign_firms", {}),
    "fiscal": ("fiscal_strain", {}),
    "friction": ("friction", {"end": 2019}),
    "friction_2020": ("friction", {"end": 2020}),
    "imports": ("import_dependence", {}),
    "ships": ("sector_profile", {"sector": "ships_ocean_engineering"}),
    "vehicles": ("sector_profile", {"sector": "new_energy_vehicles"}),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The figures of each run: name -> what was recorded."""
    reports = tmp_path_factory.mktemp("readme")
    requests = [prepare(analysis, params) for analysis, params in ASKED.values()]
    with Kernels() as kernels:
        results = batch(requests, reports=reports, jobs=2, kernels=kernels)
    assert [result.error for result in results] == [None] * len(ASKED)
    folders: list[Path] = [result.folder for result in results if result.folder]
    read = [json.loads((folder / "results.json").read_text(encoding="utf-8")) for folder in folders]
    figures = ({name: one["figures"][name] for name in one["order"]["figures"]} for one in read)
    return dict(zip(ASKED, figures, strict=True))


@pytest.mark.slow
def test_the_younger_rows_of_the_readme_are_those_of_the_data(root: Path, found: dict[str, Any]) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")

    def value(run: str, name: str) -> float:
        return found[run][name]["value"]

    lead, value_fields = (
        value("leadership", "fields_led_by_volume"),
        value("leadership", "fields_led_by_value"),
    )
    fields = round(lead / (value("leadership", "fields_led_by_volume_share") / 100))
    with_value = fields - round(value("leadership", "fields_without_value"))
    assert value_fields == 0  # "in none"
    pays = [value("leadership", f"ip_payments_to_receipts_{when}") for when in ("end", "start")]
    changes = [found["foreign"][name]["value"] for name in found["foreign"] if "share_change" in name]
    assert len(changes) == 2
    assert max(changes) < 0  # "falling in two years"
    fell = value("imports", "finer_fell_in") * 16 / 100
    answered = {run: _answered(found[run]) for run in ("ships", "vehicles")}
    for text in (
        f"By volume in {lead:.0f} of {fields} fields, by value in none of the {with_value} that have a figure",
        f"pays {pays[0]:.1f} dollars for technology for each that it receives ({pays[1]:.1f} in 2015)",
        f"{value('foreign', 'foreign_profit_share_2022'):.1f}% of profit in 2022",
        f"{value('friction', 'extra_duty'):.0f} points more duty than the same goods from elsewhere in 2024",
        f"fell {-value('friction', 'exports_change'):.0f}% from 2017 to 2019",
        f"imports' share fell in {fell:.0f} of 16 from 2012 to 2020",
        f"electronic components {value('imports', 'electronic_components_2012'):.1f}% "
        f"to {value('imports', 'electronic_components_2020'):.1f}%",
        f"Ships have a figure for {answered['ships']} of 10 questions, new-energy vehicles for {answered['vehicles']}",
        f"motor vehicles went from {value('vehicles', 'share_base'):.1f}% (2015) to {value('vehicles', 'share_end'):.1f}% (2022)",
    ):
        assert text in readme, text
    # "were largely back in 2020": nearer to 2017 than to 2019.
    assert value("friction_2020", "exports_change") > value("friction", "exports_change") / 2
    # "has not clearly widened since": the interval of the slope after 2015 is not above zero; "government debt quickened".
    assert found["fiscal"]["gap_pace_after"]["low"] <= 0
    assert value("fiscal", "debt_pace_change") > 0


def _answered(figures: dict[str, Any]) -> int:
    """Of the ten questions of a profile, which come first, those that have a figure."""
    ten = [name for name in figures if name != "match"][:10]
    return sum(figures[name]["value"] is not None for name in ten)
