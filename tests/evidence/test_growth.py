"""Tables and sentences of the growth counterfactual: turned around, and on the committed accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import UnknownName
from mic2025lab.evidence import growth as evidence


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    return lab.load("national_accounts", vintage="all")


def row(**changes: object) -> pd.DataFrame:
    line = {
        "label": "GDP per worker", "last_year": 2019, "gap": -0.10, "rank": 2, "units": 50, "p_value": 0.04, "gap_p": 0.04, "gap_units": 40,
        "loo_low": -0.12, "loo_high": -0.08, "poor_fit": False, "pre_rmspe": 0.01,
    }  # fmt: skip
    return pd.DataFrame([line | changes])


@pytest.mark.parametrize(
    ("changes", "words", "never"),
    [
        ({}, "China was below its synthetic double in 2016–2019, by 9.5%", "no gap"),
        ({"gap": 0.1, "loo_low": 0.08, "loo_high": 0.12}, "was above its synthetic double", "below"),
        ({"p_value": 0.5}, "no gap beyond chance is established", "was below"),
        ({"gap_p": 0.5}, "no gap beyond chance is established", "was below"),
        ({"poor_fit": True}, "too much to read the gap as an effect", "was below"),
        ({"loo_high": 0.02}, "its sign hangs on single donors", "no gap"),
    ],
)
def test_the_sentence_turns_with_the_numbers(changes: dict, words: str, never: str) -> None:
    text = " ".join(evidence.answer(row(**changes)))
    assert words in text
    assert never not in text


@pytest.mark.parametrize(
    ("estimates", "p_values", "words"),
    [
        ([0.01, 0.02], [0.5, 0.6], "none beyond chance, and none as large"),
        ([0.01, -0.2], [0.5, 0.6], "as large a gap opens without the plan"),
        ([0.01, 0.02], [0.5, 0.05], "not the plan’s alone"),
    ],
)
def test_placebo_dates_turn_with_the_numbers(estimates, p_values, words) -> None:
    dates = pd.DataFrame(
        {
            "at": [2005, 2010, 2015],
            "estimate": [*estimates, -0.1],
            "p_value": [*p_values, 0.5],
            "actual": [False, False, True],
        }
    )
    assert words in evidence.say_placebo_dates(dates)
    assert "no earlier date" in evidence.say_placebo_dates(dates[dates["actual"]])


def test_panel_is_the_quotient(accounts: pd.DataFrame) -> None:
    table = evidence.panel(accounts, evidence.measure("gdp_per_worker"))
    china = accounts[
        (accounts["version"] == "10.01") & (accounts["economy"] == "CHN") & (accounts["year"] == 2015)
    ].iloc[0]
    own = table.query("economy == 'CHN' and year == 2015").iloc[0]
    assert own["value"] == pytest.approx(china["rgdpna"] / china["emp"])
    assert own["csh_i"] == china["csh_i"]
    assert "LUX" not in set(table["economy"])  # 0.6 million people
    with pytest.raises(UnknownName, match="tfp"):
        evidence.measure("tpf")


def test_pools(accounts: pd.DataFrame) -> None:
    table = evidence.panel(accounts, evidence.measure("gdp_per_worker"))
    pools = {name: set(evidence.pool(table, name)) for name in evidence.POOLS}
    assert pools["emerging"] < pools["all"]
    assert pools["growing"] < pools["all"]
    assert not {"CHN", "HKG", "TWN"} & pools["all"]
    assert "USA" not in pools["emerging"]
    wide = table.pivot(index="economy", columns="year", values="value")
    growth = np.log(wide[2015] / wide[1995])
    assert all(growth[code] >= 0.5 * growth["CHN"] for code in pools["growing"])
    with pytest.raises(UnknownName, match="growing"):
        evidence.pool(table, "groving")


def test_the_committed_accounts(accounts: pd.DataFrame) -> None:
    """No outcome has a gap beyond chance; 10.01 and 11.0 differ in sign."""
    results = {
        name: evidence.fit(evidence.panel(accounts, evidence.measure(name))) for name in evidence.MEASURES
    }
    table = evidence.table(results).set_index("measure")
    assert table.loc["tfp", "gap"] == pytest.approx(-0.0236, abs=5e-4)
    assert table.loc["gdp_per_worker", "gap"] == pytest.approx(-0.0199, abs=5e-4)
    assert table.loc["gdp_per_worker_11", "gap"] == pytest.approx(0.1905, abs=5e-4)
    assert table.loc["gdp_per_worker_11", "poor_fit"]
    assert (table["p_value"] > 0.3).all()
    for text in evidence.answer(table.reset_index()):
        assert "no gap beyond chance is established" in text
    dates = evidence.placebo_dates(results["tfp"])
    assert dates["at"].tolist() == [2005, 2010, 2015]
    assert "is not clearly apart" in evidence.title_path(results["tfp"], evidence.measure("tfp"))
    assert "No synthetic double follows" in evidence.title_path(
        results["gdp_per_worker_11"], evidence.measure("gdp_per_worker_11")
    )


def test_donors_and_predictors_are_parameters(accounts: pd.DataFrame) -> None:
    pytest.importorskip("pysyncon")
    table = evidence.panel(accounts, evidence.measure("gdp_per_worker"))
    donors = ["IND", "IDN", "KOR", "MYS", "THA", "VNM", "BRA", "MEX"]
    own = evidence.fit(
        table, donors=donors, predictors=["csh_i", "hc", ("value", [1995, 2005, 2015])], demean=False
    )
    assert set(own.weights["unit"]) == set(donors)
    assert own.balance["predictor"].tolist()[:2] == ["csh_i", "hc"]


def test_a_fall_is_found() -> None:
    """A simulated economy that loses 30% after 2015 among 30 that do not."""
    years = np.arange(1995, 2020)
    y = np.cumsum(0.02 + 0.01 * np.random.default_rng(1).standard_normal((31, len(years))), axis=1)
    y[0] = (
        y[1:6].mean(axis=0)
        + 0.003 * np.random.default_rng(2).standard_normal(len(years))
        - 0.3 * (years > 2015)
    )
    names = ["CHN", *(f"X{number:02d}" for number in range(30))]
    table = (
        pd.DataFrame(np.exp(y), index=names, columns=years)
        .rename_axis("economy")
        .reset_index()
        .melt("economy", var_name="year")
    )
    table = table.astype({"year": "int64"})
    result = evidence.fit(table)
    lines = evidence.table({"tfp": result})
    assert "China was below its synthetic double in 2016–2019, by 2" in evidence.answer(lines)[0]
