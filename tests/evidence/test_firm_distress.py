"""Zombies, losses and subsidies: tables by hand, sentences turned around, and the simulated panel labeled as such."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import models
from mic2025lab import own_panels as firms
from mic2025lab.analyses import requests, validate_text
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import firm_distress as evidence
from mic2025lab.evidence.before_after import Change

NEEDS = requests.FirmDistress.needs
DRAWS = {"draws": 60, "seed": 1}


@pytest.fixture(scope="module")
def panel() -> firms.Panel:
    return firms.read_panel("simulated", {}, NEEDS, seed=7)


@pytest.fixture(scope="module")
def rows(panel: firms.Panel) -> pd.DataFrame:
    return evidence.marked(panel, base_year=2015, best_rate=0.0475)


@pytest.fixture(scope="module")
def measured(rows: pd.DataFrame) -> dict:
    return evidence.measure(rows, **DRAWS)


def test_shares_are_those_of_the_models(panel: firms.Panel, measured: dict) -> None:
    losses = models.loss_making_share(panel.table, subsidy="subsidy")
    np.testing.assert_allclose(measured["losses"][0]["value"], 100 * losses["loss_making_share"])
    np.testing.assert_allclose(
        measured["losses_without"][0]["value"], 100 * losses["loss_making_share_without_subsidy"]
    )
    subsidies = models.subsidy_intensity(panel.table)
    np.testing.assert_allclose(measured["subsidies"][0]["value"], 100 * subsidies["subsidy_intensity"])


def test_intervals_hold_the_estimate(measured: dict) -> None:
    for name, (table, draws) in measured.items():
        known = table.dropna()
        assert (known["low"] <= known["value"]).mean() > 0.9, name
        assert (known["high"] >= known["value"]).mean() > 0.9, name
        assert draws.shape == (60, len(table)), name


def test_the_correlation_is_spearman_s(rows: pd.DataFrame, measured: dict) -> None:
    """In one industry and year, without ties, the correlation of the ranks is Spearman's."""
    one = rows[(rows["industry"] == "industry 1") & (rows["year"] == 2015)].dropna(
        subset=["rank", "intensity"]
    )
    own = one.assign(rank=(one["rank"].rank() - 0.5) / len(one))
    found = evidence.measure(own, draws=20, seed=1)["correlation"][0]["value"].iloc[0]
    assert found == pytest.approx(one["intensity"].corr(one["rank"], method="spearman"))


def test_ranks_stay_in_their_cell(rows: pd.DataFrame) -> None:
    cells = rows.groupby(["year", "industry"])["rank"]
    np.testing.assert_allclose(cells.mean(), 0.5)
    assert rows["rank"].between(0, 1).all()


def small() -> pd.DataFrame:
    """One firm seen four years, with three bad ones, and one that is seen from its last two on."""
    old = pd.DataFrame({"firm": "a", "year": [2010, 2011, 2012, 2013], "ebit": [1.0, 1.0, 1.0, 9.0]})
    new = pd.DataFrame({"firm": "b", "year": [2012, 2013], "ebit": [9.0, 9.0]})
    return pd.concat([old, new], ignore_index=True).assign(age=20, interest=2.0)


def test_a_no_of_a_firm_seen_for_less_than_three_years_does_not_count() -> None:
    """A yes needs three years, so that noes from fewer would bring the share of the first years down to nothing."""
    table = small()
    plain = models.zombies(table, method="oecd")["zombie"]
    assert plain.tolist()[3:] == [0.0, 0.0, 0.0]
    mine = evidence.zombies(table, method="oecd", best_rate=0.05)
    np.testing.assert_array_equal(mine, [np.nan, np.nan, 1.0, 0.0, np.nan, np.nan])
    two = evidence.zombies(table, method="oecd", best_rate=0.05, years=2)
    np.testing.assert_array_equal(two, [np.nan, 1.0, 1.0, 0.0, np.nan, 0.0])


def test_the_first_years_are_not_free_of_zombies(measured: dict) -> None:
    table = measured["oecd"][0].set_index("year")["value"]
    assert table.loc[[2008, 2009]].isna().all()
    assert (table.loc[2010:] > 0).all()


def distressed(panel: firms.Panel, shift: float, since: int) -> firms.Panel:
    """The same firms with less earned from a year on, by a part of their value added."""
    table = panel.table.copy()
    later = table["year"] >= since
    for column in ("profit", "ebit"):
        table[column] = table[column] - shift * table["value_added"] * later
    return dataclasses.replace(panel, table=table)


def test_more_losses_turn_the_sentence(panel: firms.Panel) -> None:
    def sentence(shift: float) -> tuple[str, str]:
        of = distressed(panel, shift, 2016)
        found = evidence.measure(evidence.marked(of, base_year=2015, best_rate=0.0475), **DRAWS)
        changes = evidence.changes(found, 2015)
        return evidence.answer(of, found, changes, base_year=2015)[1], evidence.title_losses(
            of, changes, 2015
        )

    worse, title = sentence(0.1)
    assert "the share with a loss shows a rise" in worse
    assert "% after" in title
    better, _ = sentence(-0.1)
    assert "the share with a loss shows a fall" in better
    same, title = sentence(0.0)
    assert "no clear change" in same
    assert "no clear change" in title


def test_subsidies_turned_around(panel: firms.Panel) -> None:
    def sentence(power: float) -> str:
        rows = evidence.marked(panel, base_year=2015, best_rate=0.0475)
        paid = rows["value_added"] * (0.01 + 0.05 * (rows["rank"] if power > 0 else 1 - rows["rank"]))
        of = dataclasses.replace(panel, table=panel.table.assign(subsidy=paid))
        found = evidence.measure(evidence.marked(of, base_year=2015, best_rate=0.0475), **DRAWS)
        return evidence.answer(of, found, evidence.changes(found, 2015), base_year=2015)[2]

    assert "lean to the more productive firms" in sentence(1)
    assert "lean to the less productive firms" in sentence(-1)
    even = dataclasses.replace(
        panel,
        table=panel.table.assign(
            subsidy=np.random.default_rng(1).uniform(0.5, 1, len(panel.table)) * panel.table["value_added"]
        ),
    )
    found = evidence.measure(evidence.marked(even, base_year=2015, best_rate=0.0475), **DRAWS)
    text = evidence.answer(even, found, evidence.changes(found, 2015), base_year=2015)[2]
    assert "do not lean clearly" in text


def test_tests_that_agree_and_disagree(panel: firms.Panel, measured: dict) -> None:
    def verdict(*signs: int) -> tuple[str, str]:
        found = {name: Change(1, 1, -1, 1) for name in measured}
        for test, sign in zip(evidence.TESTS, signs, strict=True):
            if sign:
                found[test] = Change(5, 5 + 2 * sign, min(sign, 3 * sign), max(sign, 3 * sign))
        return (
            evidence.answer(panel, measured, found, base_year=2015)[0],
            evidence.title_zombies(panel, found, 2015),
        )

    assert "no test shows a clear change after 2015" in verdict(0, 0, 0)[0]
    assert "no clear change after 2015" in verdict(0, 0, 0)[1]
    assert "all of them rise clearly" in verdict(1, 1, 1)[0]
    assert "all of them fall clearly" in verdict(-1, -1, -1)[0]
    text, title = verdict(1, 0, -1)
    assert "after 2015 they disagree: OECD shows a rise" in text
    assert "Caballero et al. shows a fall" in text
    assert "2 tests of 3: OECD up and Caballero et al. down" in title


def test_agreement_by_hand(panel: firms.Panel) -> None:
    rows = pd.DataFrame(
        {
            "oecd": [1.0, 1.0, 0.0, np.nan],
            "fukuda_nakamura": [1.0, 0.0, 1.0, 1.0],
            "caballero": [0.0, 0.0, 0.0, 1.0],
            "true_zombie": [True, False, True, True],
        }
    )
    table = evidence.agreement(rows).set_index("test")
    assert table.loc["OECD", "Fukuda–Nakamura"] == 50
    assert table.loc["Fukuda–Nakamura", "OECD"] == 50
    assert table.loc["OECD", "Caballero et al."] == 0
    assert table.loc["OECD", "true_found"] == 50
    assert table.loc["OECD", "true_of_marked"] == 50
    assert table.loc["OECD", "share"] == pytest.approx(200 / 3)
    text = evidence.say_agreement(panel, table.reset_index())
    assert "of those that OECD marks, 0.0% are marked by Caballero et al. too" in text
    assert "The truth is known here" in text
    real = evidence.agreement(rows.drop(columns="true_zombie"))
    assert "truth" not in evidence.say_agreement(panel, real)
    none = evidence.agreement(
        rows.drop(columns="true_zombie").assign(oecd=0.0, fukuda_nakamura=0.0, caballero=0.0)
    )
    assert evidence.say_agreement(panel, none).endswith("no firm is marked by any test.")


def test_everything_about_simulated_firms_says_so(
    panel: firms.Panel, rows: pd.DataFrame, measured: dict
) -> None:
    changes = evidence.changes(measured, 2015)
    checks = evidence.checks(panel, base_year=2015, best_rate=0.0475)
    texts = [
        *evidence.answer(panel, measured, changes, base_year=2015),
        evidence.say_agreement(panel, evidence.agreement(rows)),
        evidence.robustness(panel, checks),
        evidence.title_zombies(panel, changes, 2015),
        evidence.title_losses(panel, changes, 2015),
    ]
    assert all(text.startswith("Simulated firms: ") for text in texts)
    assert panel.named("zombies") == "simulated_zombies"
    assert len(evidence.changes_table(changes)) == len(evidence.MEASURES) + 1
    assert list(evidence.by_year(measured)["year"]) == list(range(2008, 2023))
    real = dataclasses.replace(panel, simulated=False)
    assert evidence.answer(real, measured, changes, base_year=2015)[0].startswith("The share of zombie firms")


def test_official_accounts_and_what_they_do_not_have() -> None:
    table = evidence.official(lab.load("industrial_enterprises"))
    by_year = table.set_index("year")
    assert round(by_year.loc[2014, "margin"], 2) == 6.16
    assert round(by_year.loc[2014, "debt"], 1) == 57.2
    text = evidence.say_official(table, base_year=2015)
    assert "end in 2014" in text
    assert "end in" not in evidence.say_official(table, base_year=2008)
    assert evidence.threshold_year(table) == 2011
    spread = evidence.every_year(table)
    assert list(spread["year"]) == list(range(1998, 2015))
    assert np.isnan(spread.set_index("year").loc[2002, "margin"])
    assert "peaked at 7.6% in 2010" in evidence.title_official(table)
    rising = table.assign(margin=range(len(table)))
    assert "highest in its last year" in evidence.title_official(rising)


def test_published_figures_are_quoted_as_such() -> None:
    table = evidence.published(lab.load("benchmarks"))
    text = evidence.say_published(table, base_year=2015)
    assert text.startswith("Published by others, not computed here")
    assert "nothing here compares before with after" in text
    early = table.assign(year=table["year"].where(table["topic"] == "zombie", 2010))
    assert "of a year up to 2015" in evidence.say_published(early, base_year=2015)
    assert "nothing here" not in evidence.say_published(early, base_year=2015)
    assert (
        evidence.say_published(table.iloc[:0], base_year=2015)
        == "No published share of firms with a loss is at hand."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"best_rate": "0"}, "best_rate = 0.0 is out of range; it must be above 0.0"),
        ({"draws": "5"}, "draws = 5 is out of range"),
        ({"columns": "profit=net"}, "path = .simulated. is no file"),
    ],
)
def test_parameters_that_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate_text("firm_distress", values)
