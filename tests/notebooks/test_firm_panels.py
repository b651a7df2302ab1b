"""The notebooks on firms: simulated firms are labeled everywhere, a file of the user's own is not, and requests are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mic2025lab import models
from mic2025lab.analyses import get, validate, validate_text
from mic2025lab.errors import ParameterError

FEW = {
    "firm_distress": {"draws": 20},
    "misallocation": {"draws": 20},
    "firm_productivity": {"methods": ["ols", "acf"], "replications": 20, "degree": 2},
}
#: What is recorded from official or published figures, by the beginning of its name.
OFFICIAL = ("official", "published", "provinces_")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file that looks like one of the user's own: a row has no labor, and one no capital."""
    table = models.simulated_firms(n_firms=150, seed=5)
    table = table.drop(columns=[name for name in table if name.startswith("true_") or name == "simulated"])
    table.loc[0, "labor"] = np.nan
    table.loc[1, "capital"] = 0.0
    file = tmp_path / "own.csv"
    table.to_csv(file, index=False)
    return file


@pytest.mark.parametrize("analysis", FEW)
def test_simulated_firms_are_labeled_everywhere(
    run_once: Callable[..., dict[str, Any]], analysis: str
) -> None:
    results = run_once(analysis, **FEW[analysis])
    about = {
        (kind, name): entry
        for kind in ("figures", "tables", "images")
        for name, entry in results[kind].items()
        if not name.startswith(OFFICIAL)
    }
    for (kind, name), entry in about.items():
        assert name.startswith("simulated_"), (kind, name)
        words = entry[{"figures": "note", "tables": "caption", "images": "alt"}[kind]]
        assert "simulated" in words.lower(), (kind, name)
    labeled = [text for text in results["finding"] if text.startswith("Simulated firms: ")]
    others = [text for text in results["finding"] if text not in labeled]
    assert labeled
    assert not [text for text in others if "firms" in text and "loss-making" not in text]


@pytest.mark.parametrize("analysis", FEW)
def test_a_file_of_ones_own_has_no_label_and_no_truth(
    run_cells: Callable[..., dict[str, Any]], own: Path, analysis: str
) -> None:
    results = run_cells(analysis, path=str(own), **FEW[analysis])
    entries = {k: v for kind in ("figures", "tables", "images") for k, v in results[kind].items()}
    assert "simulated" not in str(entries | {"finding": results["finding"]}).lower()
    assert "truth" not in entries
    if analysis == "firm_productivity":
        remarks = pd.read_csv(results["folder"] / "tables/remarks.csv")["remark"]
        assert remarks.str.contains("2 of .* rows are incomplete").any()
        assert pd.read_csv(results["folder"] / "tables/elasticities.csv")["truth"].isna().all()


def test_more_losses_after_the_base_year_are_found(
    run_cells: Callable[..., dict[str, Any]], own: Path
) -> None:
    table = pd.read_csv(own)
    for column in ("profit", "ebit"):
        table[column] -= 0.1 * table["value_added"] * (table["year"] > 2015)
    table.to_csv(own, index=False)
    results = run_cells("firm_distress", path=str(own), draws=20)
    assert results["figures"]["losses_change"]["low"] > 0
    assert any("The share with a loss rose after 2015" in text for text in results["finding"])


def test_the_first_years_have_no_share_by_the_test_of_three_years(
    run_once: Callable[..., dict[str, Any]],
) -> None:
    """A yes needs three years, so noes from fewer years would make the first shares too small."""
    results = run_once("firm_distress", draws=20)
    share = pd.read_csv(results["folder"] / "tables/simulated_by_year.csv").set_index("year")["oecd"]
    assert share.loc[[2008, 2009]].isna().all()
    assert (share.loc[2010:] > 0).all()


def test_the_parts_add_up_and_only_the_right_estimator_finds_the_truth(
    run_cells: Callable[..., dict[str, Any]],
) -> None:
    results = run_cells("firm_productivity", methods=["ols", "acf"], replications=40)
    figures = {name: entry["value"] for name, entry in results["figures"].items()}
    for period in ("2008_2015", "2015_2022"):
        parts = [figures[f"simulated_{part}_{period}"] for part in ("within", "between", "entry", "exit")]
        assert sum(parts) == pytest.approx(figures[f"simulated_total_{period}"])
    table = pd.read_csv(results["folder"] / "tables/simulated_elasticities.csv")
    holds = table[table["input"] != "returns to scale"].groupby("estimator")["holds"].all()
    assert holds.to_dict() == {"Ackerberg-Caves-Frazer": True, "least squares": False}


def test_logs_give_what_levels_give(run_cells: Callable[..., dict[str, Any]], own: Path) -> None:
    options = {"methods": ["ols"], "method": "ols", "replications": 20}
    levels = run_cells("firm_productivity", path=str(own), **options)["figures"]
    table = pd.read_csv(own).query("capital > 0")
    names = ["value_added", "labor", "capital"]
    table[names] = np.log(table[names])
    table.to_csv(own, index=False)
    logs = run_cells("firm_productivity", path=str(own), logs=True, **options)["figures"]
    assert logs["elasticity_labor"]["value"] == pytest.approx(levels["elasticity_labor"]["value"])


@pytest.mark.parametrize(
    ("analysis", "values", "said"),
    [
        ("firm_productivity", {"methods": ["ols", "afc"]}, "Did you mean 'acf'?"),
        ("firm_productivity", {"methods": ["ols"]}, "method = 'acf' is not in methods ('ols')"),
        ("firm_productivity", {"methods": []}, "methods = [] is empty"),
        ("firm_productivity", {"free": []}, "free = [] is empty"),
        ("firm_productivity", {"free": ["capital"]}, "free includes capital, which has another role"),
        ("firm_productivity", {"free": ["workers"]}, "Unknown column 'workers' of the simulated panel"),
        ("firm_productivity", {"path": "none.csv"}, "path = 'none.csv' does not exist"),
        ("firm_distress", {"columns": ["firm=id"]}, "leave columns out"),
        ("firm_distress", {"best_rate": 0.0}, "best_rate = 0.0 is out of range"),
        ("misallocation", {"base_year": 2022}, "base_year = 2022"),
        ("misallocation", {"provinces_base_year": 1980}, "provinces_base_year = 1980"),
        ("misallocation", {"sigma": 1.0}, "sigma = 1.0 is out of range"),
    ],
)
def test_a_wrong_request_is_refused_before_it_is_run(
    analysis: str, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        validate(analysis, values)
    assert said in str(caught.value)


def test_a_labor_share_is_a_number_or_data() -> None:
    assert validate_text("misallocation", {"labor_share": "0.6"}).labor_share == 0.6
    assert validate_text("misallocation", {"labor_share": "data"}).labor_share == "data"
    with pytest.raises(ParameterError):
        validate_text("misallocation", {"labor_share": "most"})


def test_firm_productivity_loads_no_table() -> None:
    analysis = get("firm_productivity")
    assert analysis.loads(analysis.defaults()) == ()


def test_chilean_plants(run_cells: Callable[..., dict[str, Any]], mirror: Path) -> None:
    """Least squares gives the estimates in the vignette of R's prodest."""
    results = run_cells(
        "firm_productivity",
        path=str(mirror / "plants-chile" / "chilean.csv"),
        columns=["firm=idvar", "year=timevar", "value_added=Y", "capital=sX", "materials=pX"],
        methods=["ols", "lp", "acf"],
        free=["fX1", "fX2"],
        logs=True,
        base_year=2001,
        replications=20,
    )
    table = pd.read_csv(results["folder"] / "tables/elasticities.csv")
    ols = table[table["estimator"] == "least squares"]["estimate"].round(3).tolist()
    assert ols[:3] == [0.458, 0.365, 0.321]
    assert "497 firms, 1996–2006" in results["figures"]["elasticity_fx1"]["note"]
