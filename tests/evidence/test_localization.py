"""Imports in finer industries and replaced imports: by hand, turned around, and on the committed table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import localization as evidence
from mic2025lab.evidence import penetration

COMPONENTS = "Manufacture of electronic components"
SHIPS = "Manufacture of ships and related installations"


def nbs(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Industries that export nothing and use 100: imports are the share."""
    table = pd.DataFrame(rows, columns=["name", "year", "imports"])
    return table.assign(edition="nbs", output=100 - table["imports"], exports=0.0)


def oecd(start: float, base: float, last: float) -> pd.DataFrame:
    """Every industry of the plan: used at home 100, 110 and 120; imports as given; exports 10."""
    codes = sorted({code for codes in penetration.INDUSTRIES.values() for code in codes})
    rows = [
        (code, year, used + 10 - bought, bought)
        for code in codes
        for year, used, bought in ((2012, 100, start), (2015, 110, base), (2018, 120, last))
    ]
    table = pd.DataFrame(rows, columns=["industry", "year", "output", "imports"])
    return table.assign(name=table["industry"], edition="oecd-2021", exports=10.0)


def test_the_last_table_before_is_compared_with_the_last_there_is():
    rows = evidence.detailed(
        nbs(
            (COMPONENTS, 2007, 60.0),
            (COMPONENTS, 2012, 50.0),
            (COMPONENTS, 2018, 40.0),
            (COMPONENTS, 2020, 45.0),
        )
    )
    row: Any = evidence.compare(rows, of="label", base=2015).iloc[0]
    assert (row["before_year"], row["last_year"]) == (2012, 2020)
    assert row["earlier"] == pytest.approx(-10.0)
    assert row["after"] == pytest.approx(-5.0)
    assert row["calm"] == pytest.approx(40.0)


def test_what_has_no_table_on_one_side_is_left_out():
    rows = evidence.detailed(nbs((COMPONENTS, 2012, 50.0), (SHIPS, 2018, 5.0), (SHIPS, 2020, 7.0)))
    found = evidence.compare(rows, of="label", base=2015)
    assert found.empty
    assert evidence.say_detailed(found, base=2015).endswith("no year on both sides of 2015.")


@pytest.mark.parametrize(
    ("before", "after", "fell", "rose"),
    [
        (
            (50.0, 2.0),
            (45.0, 7.0),
            "in 1 (electronic components 50.0% to 45.0%)",
            "in 1 (ships 2.0% to 7.0%)",
        ),
        (
            (45.0, 7.0),
            (50.0, 2.0),
            "in 1 (ships 7.0% to 2.0%)",
            "in 1 (electronic components 45.0% to 50.0%)",
        ),
        ((50.0, 2.0), (50.2, 1.8), "in none", "in none"),
    ],
)
def test_the_sentence_of_finer_industries_turns_with_the_numbers(before, after, fell, rose):
    rows = nbs(
        (COMPONENTS, 2012, before[0]), (SHIPS, 2012, before[1]), (COMPONENTS, 2020, after[0]), (SHIPS, 2020, after[1])
    )  # fmt: skip
    text = evidence.say_detailed(evidence.compare(evidence.detailed(rows), of="label", base=2015), base=2015)
    assert f"fell from 2012 to 2020 {fell} and rose {rose}, of 2 industries" in text
    assert "2012 is the last such table up to 2015" in text
    assert "2020 is a year of the pandemic" in text


def test_a_sector_has_a_share_only_where_all_its_industries_stand():
    rows = nbs((COMPONENTS, 2012, 50.0), (SHIPS, 2012, 2.0))
    assert evidence.detailed_by_sector(rows)["sector"].tolist() == ["ships_ocean_engineering"]


@pytest.mark.parametrize(
    ("start", "base", "last", "words"),
    [
        (30, 22, 40, ("came back took", "replaced by home output gave")),
        (22, 30, 20, ("replaced by home output gave", "came back took")),
        (20, 22, 24, ("neither replaced nor came back", "neither replaced nor came back")),
    ],
)
def test_the_sentence_of_replaced_imports_turns_with_the_numbers(start, base, last, words):
    found = evidence.decomposition(oecd(start, base, last), base=2015)
    parts = found[["demand", "substitution", "exports_change"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(found["output_change"].to_numpy())
    after, _, before = evidence.say_decomposition(found).partition("; ")
    assert words[0] in after
    assert words[1] in before.split(". After")[0]
    whole = found[(found["industry"] == evidence.ALL) & (found["window"] == "after")].iloc[0]
    # D 110 -> 120, u 1 - M/D: by hand.
    by_hand = 115 * (base / 110 - last / 120) / (120 - base) * 100
    assert whole["substitution"] == pytest.approx(by_hand)


def test_every_stand_in_is_in_the_table_before_and_after_and_every_sector_has_one():
    rows = evidence.detailed(lab.load("industry_supply", vintage="nbs"))
    assert set(evidence.DETAILED) == set(lab.classifications.sectors.slugs())
    assert not rows.duplicated(["name", "year"]).any()
    for one in evidence.DETAILED.values():
        for name in one.names:
            assert {2012, 2017, 2018, 2020} <= set(rows[rows["name"] == name]["year"]), name


def test_the_figures_of_the_committed_table():
    """Electronic components, as the catalogue's own note has them."""
    rows = evidence.detailed(lab.load("industry_supply", vintage="nbs"))
    own = rows[rows["name"] == COMPONENTS].set_index("year")["import_share"]
    assert own[[2002, 2012, 2017, 2020]].round(1).tolist() == [67.8, 50.8, 41.7, 44.7]
