"""Analyses on a refreshed vintage beside the older one: the simulated revision shows in the results, and nothing else changes."""

import pytest

from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.results.run import Run
from mic2025lab.runs import run as runs

pytestmark = pytest.mark.heavy


def revised(table, old, new, indicator=None):
    """Keep a vintage of a table in which China's values from 2019 on are 1% higher (simulated)."""
    frame = catalog.load(table, vintage=old)
    up = (frame["economy"] == "CHN") & (frame["year"] >= 2019)
    if indicator:
        up &= frame["indicator"] == indicator
    higher = frame.assign(value=frame["value"].where(~up, frame["value"] * 1.01))
    keep_vintage(table, higher, new, catalog.describe(table).origins)
    assert len(catalog.diff(table, old, new).changes) == up.sum()


def figures(request, reports):
    result = runs.execute(request, reports=reports)
    assert result.status == "done", result.error
    run = Run.read(result.folder)
    return {name: figure.value for name, figure in run.results.figures.items()}, run


def test_productivity_costs_takes_a_newer_outlook(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    revised("world_economy", "weo-2025-10", "weo-2026-10", "gdp_usd")
    old, _ = figures(runs.prepare("productivity_costs", {}), tmp_path / "reports")
    new, run = figures(runs.prepare("productivity_costs", {"vintage": "weo-2026-10"}), tmp_path / "reports")
    assert new["world_share_peak"] == pytest.approx(1.01 * old["world_share_peak"])
    assert new["world_share_past_peak_ppp"] == old["world_share_past_peak_ppp"]
    assert run.manifest.tables["world_economy@weo-2026-10"].sha256 == catalog.digest(
        "world_economy@weo-2026-10"
    )


def test_market_share_shifts_takes_a_newer_edition(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    revised("value_added", "embedded", "SEI2026")
    old, _ = figures(runs.prepare("market_share_shifts", {}), tmp_path / "reports")
    request = runs.prepare("market_share_shifts", {}, vintages={"value_added": "SEI2026"})
    new, run = figures(request, tmp_path / "reports")
    assert new["pace_before"] == old["pace_before"]
    assert new["pace_after"] > old["pace_after"]
    assert run.manifest.pinned == {"value_added": "SEI2026"}
