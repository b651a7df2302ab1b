"""Tables and sentences of the market-share analysis: worked by hand, and turned around."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import LabError
from mic2025lab.evidence import market_share as evidence


def pace_row(industry="manufacturing", start=6.75, base=27.2, end=34.3, half=0.3):
    before, after = (base - start) / 13, (end - base) / 7
    return {
        "industry": industry,
        "label": industry,
        "value_start": start,
        "value_at": base,
        "value_end": end,
        "before": before,
        "after": after,
        "change": after - before,
        "low": after - before - half,
        "high": after - before + half,
    }


def sentences(*rows):
    return evidence.answer(pd.DataFrame(rows), economy="CHN", base_year=2015, start=2002, end=2022)


def test_gains_that_went_on_and_slowed():
    first, second, third = sentences(pace_row())
    assert "rose: 6.8% in 2002, 27.2% in 2015, 34.3% in 2022" in first
    assert "+1.57 points a year before 2015 and by +1.01 after: gains went on and slowed." in second
    assert "more than the ordinary ups and downs" in third


def test_a_wide_interval_makes_the_same_gains_cautious():
    _, second, third = sentences(pace_row(half=1.1))
    assert "gains went on and slowed" in second
    assert "is not established" in third


def test_without_an_interval_nothing_is_claimed():
    assert (
        sentences(pace_row(half=float("nan")))[2]
        == "There are too few years for an interval of the difference."
    )


def test_turned_around_the_sentence_turns_around():
    first, second, _ = sentences(pace_row(start=34.3, base=27.2, end=6.75))
    assert "fell:" in first
    assert "losses went on and quickened" in second


def test_every_industry_is_under_its_word_and_clear_ones_are_marked():
    rows = [
        pace_row(),
        pace_row("aerospace", 2.66, 4.93, 9.33),
        pace_row("software", 1.35, 3.42, 2.79, half=0.5),
        pace_row("machinery", 7.55, 29.9, 36.9, half=1.2),
        pace_row("chemicals", 9.34, 27.06, 36.82, half=2.3),
    ]
    text = sentences(*rows)[3]
    assert "gains slowed in machinery" in text
    assert "gains quickened in aerospace (clearly)" in text
    assert "gains turned into losses in software" in text
    assert "gains kept their pace in chemicals" in text
    assert text.count("(clearly)") == 1


def value_added() -> pd.DataFrame:
    """Two industries, three economies, three years; the rest of the world is what is left of WLD."""
    values = {
        ("cars", 2010): {"CHN": 10, "JPN": 30, "EU27": 30, "DEU": 20, "WLD": 100},
        ("cars", 2015): {"CHN": 20, "JPN": 25, "EU27": 30, "DEU": 20, "WLD": 100},
        ("cars", 2020): {"CHN": 45, "JPN": 20, "EU27": 20, "DEU": 10, "WLD": 100},
        ("chips", 2010): {"CHN": 1, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
        ("chips", 2015): {"CHN": 2, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
        ("chips", 2020): {"CHN": 3, "JPN": 2, "EU27": 3, "DEU": 1, "WLD": 10},
    }
    rows = [(y, e, i, float(v), "million USD") for (i, y), cell in values.items() for e, v in cell.items()]
    return pd.DataFrame(rows, columns=["year", "economy", "industry", "value", "unit"])


def test_points_add_up_to_zero_and_the_union_is_counted_once():
    points = evidence.points_by_economy(value_added(), industry="cars", economy="CHN", start=2015, end=2020)
    got = points.set_index("economy")["points"]
    assert got.to_dict() == pytest.approx({"CHN": 25.0, "JPN": -5.0, "EU27": -10.0, "ROW": -10.0})
    assert got.sum() == pytest.approx(0, abs=1e-12)


def test_for_a_member_of_the_union_its_members_stand_apart():
    points = evidence.points_by_economy(value_added(), industry="cars", economy="DEU", start=2015, end=2020)
    assert "EU27" not in set(points["economy"])
    assert points.set_index("economy").loc["DEU", "points"] == pytest.approx(-10.0)


def test_the_headline_of_a_sector_is_the_sum_of_its_industries_and_nothing_else():
    scope = evidence.Scope("both", ("both", "cars", "chips"), ("cars", "chips"), {}, "")
    table = evidence.with_headline(value_added(), scope)
    both = table[(table["industry"] == "both") & (table["year"] == 2020)].set_index("economy")["value"]
    assert both.to_dict() == {"CHN": 48.0, "JPN": 22.0, "EU27": 23.0, "DEU": 11.0, "WLD": 110.0}
    lacking = value_added().query("not (industry == 'chips' and economy == 'JPN' and year == 2020)")
    table = evidence.with_headline(lacking, scope).query("industry == 'both' and year == 2020")
    assert table.set_index("economy")["value"].isna().to_dict()["JPN"]


def test_a_held_exchange_rate_by_hand():
    # In 2020 the currency is worth half of 2015 in dollars: at the rate of 2015 the 45 are 90, and the world 145.
    rates = pd.DataFrame({"economy": "CHN", "year": [2010, 2015, 2020], "xr": [1.0, 1.0, 2.0]})
    table = value_added().query("industry == 'cars' and economy in ('CHN', 'WLD')")
    held = evidence._held_rate(table, rates, "CHN", 2015).set_index("year")["share"]
    assert held[2020] == pytest.approx(100 * 90 / 145)
    assert held[2015] == pytest.approx(20.0)


def test_no_rate_no_check():
    rates = pd.DataFrame({"economy": "CHN", "year": [2010, 2015], "xr": [1.0, 1.0]})
    assert evidence._held_rate(value_added().query("industry == 'cars'"), rates, "CHN", 2015) is None


def test_who_lost_names_the_losers_and_turns_around_for_a_loser():
    table = value_added()
    points = evidence.points_by_economy(table, industry="cars", economy="CHN", start=2015, end=2020)
    text = evidence.who_lost(points, economy="CHN", what="cars", since=2015, until=2020)
    assert "China gained 25.0 points in cars" in text
    assert "the EU-27 (−10.0)" in text
    points = evidence.points_by_economy(table, industry="cars", economy="JPN", start=2015, end=2020)
    text = evidence.who_lost(points, economy="JPN", what="cars", since=2015, until=2020)
    assert "Japan lost 5.0 points in cars; gains elsewhere were largest for China (+25.0)" in text
    assert "Losses were also made by" in text
    assert "the EU-27 (−10.0)" in text


def test_robustness_counts_the_choices_that_agree():
    table = pd.DataFrame(
        {
            "choice": ["headline", "a", "b", "c"],
            "change": [-1.0, -0.5, 0.5, -2.0],
            "low": [-2.0, -1.0, -1.0, -3.0],
            "high": [0.5, 0.5, 2.0, -1.0],
        }
    )
    text = evidence.robustness(table)
    assert "in 2 of 3 other choices; not with b (+0.50)." in text
    assert text.endswith("Its interval leaves zero out with c.")


def test_a_sector_without_an_industry_is_refused_with_the_reason():
    with pytest.raises(LabError, match="C30X"):
        evidence.scope("ships_ocean_engineering")


@pytest.mark.parametrize(
    "sector", [s.slug for s in lab.classifications.sectors.SECTORS if s.industries] + ["all"]
)
def test_every_scope_is_in_the_table(sector):
    scope = evidence.scope(sector)
    present = set(lab.load("value_added")["industry"])
    assert set(scope.industries) - {scope.headline if scope.parts else ""} <= present
    assert set(scope.names) == set(scope.industries)


def test_the_figures_of_the_committed_table():
    """China's share of world value added, %: README of the sources, SKTI-2."""
    table = lab.load("value_added")
    shares = lab.metrics.market_share(table, world="WLD").assign(share=lambda t: 100 * t["share"])
    own = shares[shares["economy"] == "CHN"].set_index(["industry", "year"])["share"]
    expected = {
        ("manufacturing", 2014): 25.9,
        ("manufacturing", 2015): 27.2,
        ("manufacturing", 2022): 34.3,
        ("aerospace", 2015): 4.93,
        ("aerospace", 2022): 9.33,
        ("electrical_equipment", 2022): 54.9,
    }
    for key, value in expected.items():
        assert own[key] == pytest.approx(value, abs=0.05 if value > 10 else 0.005), key
    pace = evidence.pace_table(shares[shares["economy"] == "CHN"], evidence.scope("all"), at=2015).iloc[0]
    assert round(pace["before"], 2) == 1.57
    assert round(pace["after"], 2) == 1.01
