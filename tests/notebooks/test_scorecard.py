"""The scorecard: no evidence without runs, and targets that are met, missed, undecided, or without data."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.claims import board

# id, basis, unit of the target, its value; period, value, unit, and note of the figure; status and gap.
TARGETS = [
    ("above", "level", "%", 50.0, "2020", 52.1, "%", None, "met", 2.1),
    ("equal", "level", "%", 50.0, "2020", 50.0, "%", None, "met", 0.0),
    ("below", "level", "%", 50.0, "2020", 48.0, "%", None, "missed", -2.0),
    ("other year", "level", "%", 50.0, "2021", 55.0, "%", None, "no data", math.nan),
    ("bound below", "level", "%", 50.0, "2020", 48.0, "% (more than)", None, "cannot tell", -2.0),
    ("bound above", "level", "%", 50.0, "2020", 51.0, "% (more than)", None, "met", 1.0),
    ("small fall", "change", "% fall vs 2015", 18.0, "2016-2020", -16.0, "%", None, "missed", -2.0),
    ("large fall", "change", "% fall vs 2015", 18.0, "2016-2020", -19.0, "%", None, "met", 1.0),
    ("late fall", "change", "% fall vs 2015", 18.0, "2019-2020", -19.0, "%", None, "no data", math.nan),
    # 52.1 in 2020 is 4.8 points above 47.3 in 2015; the plan meant 50 - 33 = 17 points.
    ("restated", "level", "%", 50.0, "2020", 52.1, "%", "stated +4.8pp on 2015", "met", 2.1),
    ("same base", "level", "%", 50.0, "2020", 52.1, "%", "stated +19.1pp on 2015", "met", 2.1),
]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the notebook other headline targets and figures, and the sector targets of the package."""
    base = {"scope": "headline", "basis": "level", "unit": "%", "year": 2015, "value": 33.0, "verified": "no"}
    targets, actuals = [], []
    for name, basis, unit, value, period, found, found_unit, note, _, _ in TARGETS:
        own = {"id": name, "indicator": f"{name} (of x), of firms"}
        targets += [own | base, own | base | {"year": 2020, "basis": basis, "unit": unit, "value": value}]
        row = {"id": name, "period": period, "year": int(period[-4:]), "value": found, "unit": found_unit}
        actuals.append(row | {"note": note, "source": "MIIT", "verified": "yes"})
    sector = lab.load("targets").query("scope == 'sector'")
    tables = {"targets": pd.concat([pd.DataFrame(targets), sector]), "target_actuals": pd.DataFrame(actuals)}
    load = lab.load
    monkeypatch.setattr(lab, "load", lambda name, **kw: tables[name] if name in tables else load(name, **kw))


@pytest.fixture
def results(
    run_cells: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, Any]:
    monkeypatch.setenv("MIC2025LAB_REPORTS", str(tmp_path / "no reports"))
    return run_cells("scorecard")


def table(results: dict[str, Any], name: str) -> pd.DataFrame:
    return pd.read_csv(results["folder"] / f"tables/{name}.csv")


@pytest.mark.usefixtures("made_up")
def test_targets_are_met_missed_undecided_or_without_data(results: dict[str, Any]) -> None:
    found = table(results, "targets").set_index("indicator")
    for name, *_, status, gap in TARGETS:
        row = found.loc[name]
        assert row["status"] == status, name
        assert row["gap"] == pytest.approx(gap, nan_ok=True), name
        assert row["not checked"] == "target", name
    restated = found.loc["restated"]
    assert restated["another base"] == "2015: 33 in the plan, 47.3 (stated with 2020)"
    assert (
        restated["change of the planned change"].lstrip("'") == "+4.8 of the +17.0 planned"
    )  # quoted for spreadsheets
    assert pd.isna(found.loc["same base", "another base"])
    assert any("6 met, 2 missed, 1 undecided, and 2 without a figure" in text for text in results["finding"])


def test_without_runs_nothing_is_testable_and_no_figure_is_zero(results: dict[str, Any]) -> None:
    claims = table(results, "claims")
    assert claims["number"].tolist() == list(range(1, 17))
    assert set(claims["verdict"]) == {"not testable"}
    assert table(results, "sectors")["value"].isna().all()
    assert set(table(results, "published")["verdict"]) == {"no data"}
    assert results["figures"]["claims_not_testable"]["value"] == 16
    assert results["figures"]["parts_tested"]["value"] == 0
    assert claims["coverage"].str.startswith("0 of ").all()
    years = table(results, "base_years")
    assert years.columns.tolist()[2:] == ["verdict", "2012", "2013", "2014", "2015", "2016", "changes"]
    assert not years["changes"].any()
    assert set(table(results, "parts")["outcome"]) == {"missing"}
    assert "no claim can be tested" in results["finding"][0]
    assert "make report" in results["finding"][0]


def test_the_targets_of_the_package(results: dict[str, Any]) -> None:
    status = table(results, "targets").set_index(["indicator", "year"])["status"]
    assert status["Numerical-control rate of key processes", 2020] == "met"
    assert status["Fall in energy use per unit of industrial value added", 2020] == "missed"
    assert status["R&D expenditure as share of main-business revenue", 2025] == "cannot tell"
    sector = table(results, "sector_targets")
    vehicles = sector[sector["indicator"].str.startswith("NEV") & (sector["year"] == 2020)]
    assert vehicles["status"].tolist() == ["met"]
    assert vehicles["actual"].iloc[0] == pytest.approx(1.24, abs=0.01)
    assert sector["sector"].nunique() == 3


def test_every_published_finding_is_one_row_of_the_benchmarks() -> None:
    rows = lab.load("benchmarks").groupby(["topic", "item", "period"]).size()
    for pair in board.read().published:
        for item in filter(None, (pair.item, pair.over)):
            assert rows[pair.topic, item, pair.period] == 1, pair.says
