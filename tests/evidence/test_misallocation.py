"""Misallocation between firms: tables by hand, sentences turned around, and the simulated panel labeled as such."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from mic2025lab import own_panels as firms
from mic2025lab.analyses import requests, validate_text
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import before_after
from mic2025lab.evidence import misallocation as evidence
from mic2025lab.evidence.before_after import Change
from mic2025lab.models import FirmTruth

NEEDS = requests.Misallocation.needs


@pytest.fixture(scope="module")
def panel() -> firms.Panel:
    return firms.read_panel("simulated", {}, NEEDS, seed=7)


@pytest.fixture(scope="module")
def result(panel: firms.Panel):
    table = evidence.prepared(panel, base_year=2015)
    return evidence.estimate(table, sigma=FirmTruth().sigma, trim=0.0, draws=60, seed=1)


def widened(panel: firms.Panel, factor: float, since: int = 2016) -> firms.Panel:
    """The same firms, and from a year on the logarithms of value added are `factor` times as far from the industry's mean."""
    table = panel.table.copy()
    logs = np.log(table["value_added"])
    mean = logs.groupby([table["year"], table["industry"]]).transform("mean")
    later = table["year"] >= since
    table.loc[later, "value_added"] = np.exp(mean + factor * (logs - mean))[later]
    return dataclasses.replace(panel, table=table)


def found(panel: firms.Panel) -> tuple:
    table = evidence.prepared(panel, base_year=2015)
    run = evidence.estimate(table, sigma=3.0, trim=0.01, draws=60, seed=1)
    spread = evidence.spread_draws(run, draws=60, seed=1)
    years = evidence.by_year(run, spread)
    gain = before_after.change(years["year"], years["gain"], 100 * run.boot, 2015)
    return run, gain, before_after.change(years["year"], years["sd"], spread, 2015)


def test_change_by_hand_and_turned_around() -> None:
    draws = np.array([[1.0, 1.0, 2.0, 4.0], [1.0, 1.0, 3.0, 5.0], [1.0, 1.0, 2.5, 4.5]])
    up = before_after.change([2014, 2015, 2016, 2017], [1.0, 1.0, 2.0, 4.0], draws, 2015)
    assert (up.before, up.after, up.value, up.clear) == (1.0, 3.0, 2.0, True)
    assert before_after.moved(up).startswith("a rise (+2.0 points")
    down = before_after.change([2014, 2015, 2016, 2017], [-1.0, -1.0, -2.0, -4.0], -draws, 2015)
    assert before_after.moved(down).startswith("a fall (−2.0 points")
    # A year that is missing is left out, and a side without a year gives no comparison.
    hole = before_after.change([2014, 2015, 2016, 2017], [1.0, np.nan, 2.0, 4.0], draws, 2015)
    assert hole.before == 1.0
    none = before_after.change([2016, 2017], [2.0, 4.0], draws[:, 2:], 2015)
    assert before_after.moved(none) == "no comparison, for one side has no year"


def test_a_base_year_outside_the_panel_is_refused(panel: firms.Panel) -> None:
    for year in (2007, 2022, 2030):
        with pytest.raises(ParameterError, match="choose a base_year from 2008 to 2021"):
            evidence.prepared(panel, base_year=year)


def test_industries_are_cut_to_digits(panel: firms.Panel) -> None:
    table = panel.table.assign(industry="3" + panel.table["industry"].str[-1])
    cut = evidence.prepared(dataclasses.replace(panel, table=table), base_year=2015, industry_digits=1)
    assert set(cut["industry"]) == {"3"}
    assert evidence.prepared(panel, base_year=2015)["industry"].nunique() == 4


def test_dispersion_of_the_draws_is_that_of_the_estimate(result) -> None:
    """Each firm drawn once gives the standard deviation itself, but for the one degree of freedom."""
    rows = result.rows
    years = evidence.by_year(result, evidence.spread_draws(result, draws=200, seed=3))
    own = rows.groupby("year")["log_tfpr"].std().to_numpy()
    np.testing.assert_allclose(years["sd"], own, rtol=1e-12)
    assert (years["sd_low"] < years["sd"]).all()
    assert (years["sd_high"] > years["sd"]).all()
    np.testing.assert_allclose(evidence.spread_draws(result, draws=200, seed=3).mean(axis=0), own, rtol=0.02)


def test_contributions_add_up(result) -> None:
    table = evidence.by_industry(result, 2015)
    assert table["contribution"].sum() == pytest.approx(100)
    assert table["value_added_share"].sum() == pytest.approx(100)
    assert table["contribution"].is_monotonic_decreasing


def test_wider_and_narrower_firms_turn_the_sentences(panel: firms.Panel) -> None:
    run, gain, spread = found(widened(panel, 1.5))
    assert gain.clear
    text = " ".join(evidence.answer(panel, run, gain, spread, base_year=2015))
    assert "after 2015 the gain shows a rise" in text
    assert "TFPR a rise" in text
    assert "rose from" in evidence.title_years(panel, gain, 2015)
    run, gain, spread = found(widened(panel, 1.5, since=2000))  # in all years: nothing moves
    text = " ".join(evidence.answer(panel, run, gain, spread, base_year=2015))
    assert "no clear change" in text
    assert "no clear change" in evidence.title_years(panel, gain, 2015)
    turned = widened(widened(panel, 1.5, since=2000), 1 / 1.5)
    run, gain, spread = found(turned)
    assert "after 2015 the gain shows a fall" in " ".join(
        evidence.answer(panel, run, gain, spread, base_year=2015)
    )
    assert "fell from" in evidence.title_years(panel, gain, 2015)


def test_the_truth_is_found_where_there_is_no_error(panel: firms.Panel, result) -> None:
    table = evidence.prepared(panel, base_year=2015)
    truth = evidence.truth(panel, table, result, labor_share="data")
    gains = truth["gain"].to_numpy()
    # With the true elasticity and all firms what is measured is near the truth, and the error in value added adds to it.
    assert abs(gains[0] - gains[3]) < 4
    assert gains[2] > gains[3]
    text = evidence.say_truth(panel, truth)
    assert text is not None
    assert f"{gains[3]:.1f}%" in text
    assert f"moves the gain by +{gains[2] - gains[3]:.1f} points" in text
    # The other way round.
    turned = truth.assign(gain=truth["gain"].to_numpy()[::-1])
    assert "more than" in str(evidence.say_truth(panel, turned.assign(gain=[30.0, 20.0, 20.0, 20.0])))
    assert "less than" in str(evidence.say_truth(panel, turned.assign(gain=[10.0, 20.0, 20.0, 20.0])))
    assert "about as much as" in str(evidence.say_truth(panel, turned.assign(gain=20.0)))


def test_a_real_panel_has_no_truth_and_no_label(panel: firms.Panel, result) -> None:
    real = dataclasses.replace(panel, simulated=False, table=panel.table.drop(columns="true_tfp"))
    truth = evidence.truth(real, real.table, result, labor_share="data")
    assert truth.empty
    assert evidence.say_truth(real, truth) is None
    sentence = evidence.answer(real, result, Change(1, 2, 0.5, 1.5), Change(1, 1, -1, 1), base_year=2015)[0]
    assert sentence.startswith("If a bundle")
    assert real.named("gain") == "gain"


def test_everything_about_simulated_firms_says_so(panel: firms.Panel, result) -> None:
    table = evidence.prepared(panel, base_year=2015)
    gain, spread = Change(10, 11, -1, 3), Change(0.3, 0.3, -0.1, 0.1)
    checks = evidence.checks(table, sigma=3.0, labor_share="data", trim=0.01, base_year=2015)
    corrected, why = evidence.correction(result)
    industries = evidence.by_industry(result, 2015)
    texts = [
        *evidence.answer(panel, result, gain, spread, base_year=2015),
        evidence.say_correction(panel, corrected, why),
        evidence.robustness(panel, checks),
        evidence.say_industries(panel, industries),
        evidence.title_years(panel, gain, 2015),
        evidence.title_industries(panel, industries),
    ]
    assert all(text.startswith("Simulated firms: ") for text in texts)
    assert panel.named("gain").startswith("simulated_")
    assert checks["choice"].iloc[0] == "as above"
    assert {"elasticity 2", "elasticity 5"} <= set(checks["choice"])
    by_sigma = checks.set_index("choice")["gain"]
    assert by_sigma["elasticity 2"] < by_sigma["as above"] < by_sigma["elasticity 5"]


def test_the_correction_is_worded_by_its_interval(panel: firms.Panel, result) -> None:
    corrected, _ = evidence.correction(result)
    assert corrected is not None
    for estimate, words in (
        (1.0, "no error of the kind"),
        (0.5, "a part of the dispersion is error"),
        (2.0, "nothing is taken off"),
    ):
        one = dataclasses.replace(corrected, estimate=estimate, std_error=0.05)
        assert words in evidence.say_correction(panel, one)


def test_a_panel_without_neighboring_years_has_no_correction(panel: firms.Panel) -> None:
    table = panel.table[panel.table["year"] % 2 == 0]
    corrected, why = evidence.correction(evidence.estimate(table, sigma=3.0))
    assert corrected is None
    assert "no correction" in evidence.say_correction(panel, corrected, why)
    assert "two years in a row" in evidence.say_correction(panel, corrected, why)


def test_robustness_counts_both_ways(panel: firms.Panel) -> None:
    table = pd.DataFrame(
        {"choice": ["as above", "b", "c"], "gain": [10.0, 30.0, 9.0], "change": [1.0, -1.0, -2.0]}
    )
    text = evidence.robustness(panel, table)
    assert "up in 1, down in 2" in text
    assert "“b”" in text
    assert "up in 2, down in 1" in evidence.robustness(panel, table.assign(change=-table["change"]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sigma": "1"}, "sigma = 1.0 is out of range; it must be above 1.0"),
        ({"labor_share": "1.5"}, "labor_share"),
        ({"trim": "0.3"}, "trim = 0.3 is out of range"),
        ({"provinces_base_year": "2021"}, "choose a provinces_base_year from 2009 to 2019"),
        ({"path": "no_such_file.parquet"}, "no_such_file.parquet"),
    ],
)
def test_parameters_that_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate_text("misallocation", values)


def test_a_labor_share_may_be_a_number_or_data() -> None:
    assert validate_text("misallocation", {"labor_share": "0.6"}).labor_share == 0.6
    assert validate_text("misallocation", {"labor_share": "data"}).labor_share == "data"
