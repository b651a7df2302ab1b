"""The notebooks on firms: simulated firms are labeled everywhere, a file of the user's own is not."""

import numpy as np
import pandas as pd
import pytest

from mic2025lab import models

FEW = {
    "firm_distress": {"draws": 20},
    "misallocation": {"draws": 20},
    "firm_productivity": {"methods": ["ols", "acf"], "replications": 20, "degree": 2},
}
#: What is recorded from official or published figures, by the beginning of its name.
OFFICIAL = ("official", "published", "provinces_")


@pytest.fixture
def own(tmp_path):
    """A file that looks like one of the user's own: a row has no labor, and one no capital."""
    table = models.simulated_firms(n_firms=150, seed=5)
    table = table.drop(columns=[name for name in table if name.startswith("true_") or name == "simulated"])
    table.loc[0, "labor"] = np.nan
    table.loc[1, "capital"] = 0.0
    file = tmp_path / "own.csv"
    table.to_csv(file, index=False)
    return file


@pytest.mark.parametrize("analysis", FEW)
def test_simulated_firms_are_labeled_everywhere(run_once, analysis):
    results = run_once(analysis)
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
def test_a_file_of_ones_own_has_no_label_and_no_truth(run_cells, own, analysis):
    results = run_cells(analysis, path=str(own), **FEW[analysis])
    entries = {k: v for kind in ("figures", "tables", "images") for k, v in results[kind].items()}
    assert "simulated" not in str(entries | {"finding": results["finding"]}).lower()
    assert "truth" not in entries
    if analysis == "firm_productivity":
        remarks = results.table("remarks")["remark"]
        assert remarks.str.contains("2 of .* rows are incomplete").any()
        assert results.table("elasticities")["truth"].isna().all()


def test_more_losses_after_the_base_year_are_found(run_cells, own):
    table = pd.read_csv(own)
    for column in ("profit", "ebit"):
        table[column] -= 0.1 * table["value_added"] * (table["year"] > 2015)
    table.to_csv(own, index=False)
    results = run_cells("firm_distress", path=str(own), draws=20)
    assert results["figures"]["losses_change"]["low"] > 0
    assert any("The share with a loss rose after 2015" in text for text in results["finding"])


def test_logs_give_what_levels_give(run_cells, own):
    options = {"methods": ["ols"], "method": "ols", "replications": 20}
    levels = run_cells("firm_productivity", path=str(own), **options)["figures"]
    table = pd.read_csv(own).query("capital > 0")
    names = ["value_added", "labor", "capital"]
    table[names] = np.log(table[names])
    table.to_csv(own, index=False)
    logs = run_cells("firm_productivity", path=str(own), logs=True, **options)["figures"]
    assert logs["elasticity_labor"]["value"] == pytest.approx(levels["elasticity_labor"]["value"])


def test_chilean_plants(run_cells, mirror):
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
    table = results.table("elasticities")
    ols = table[table["estimator"] == "least squares"]["estimate"].round(3).tolist()
    assert ols[:3] == [0.458, 0.365, 0.321]
    assert "497 firms, 1996–2006" in results["figures"]["elasticity_fx1"]["note"]
