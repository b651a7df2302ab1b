"""Imports over domestic use by sector: a worked example, the same turned around, and the table of the package."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import penetration as evidence

CODES = sorted({code for codes in evidence.INDUSTRIES.values() for code in codes})


def table(imports: dict[int, float]) -> pd.DataFrame:
    """Every industry makes 100 and exports 20; imports as given by year."""
    rows = [
        ("oecd-2021", year, code, f"Industry {code}", 100.0, 20.0, bought)
        for year, bought in imports.items()
        for code in CODES
    ]
    rows.append(("oecd-2021", 2015, "99", "Another", 100.0, 0.0, 100.0))
    return pd.DataFrame(rows, columns=["edition", "year", "industry", "name", "output", "exports", "imports"])


def test_worked_example() -> None:
    """20 of 100 - 20 + 20 is a fifth; so it is for every sector and for all of them."""
    sectors = evidence.by_sector(table({2015: 20.0, 2018: 80.0}))
    assert sectors[sectors["year"] == 2015]["penetration"].tolist() == pytest.approx([20.0] * 11)
    assert sectors[sectors["year"] == 2018]["penetration"].tolist() == pytest.approx([50.0] * 11)
    changes = evidence.changes(sectors, of="sector", base=2015)
    assert changes["after"].tolist() == pytest.approx([30.0] * 11)
    named = evidence.sector_table(changes)
    assert len(named) == 10
    assert named["match"].iloc[0] == "good"


@pytest.mark.parametrize(
    ("imports", "words", "title"),
    [
        ({2005: 80.0, 2015: 20.0, 2018: 10.0}, "fell before 2015 and fell after (−8.9 points)", "a smaller share of domestic use in 8 of"),
        ({2005: 20.0, 2015: 80.0, 2018: 90.0}, "rose before 2015 and rose after (+2.9 points)", "in 0 of the plan’s 8 industries, a larger one in 8"),
        ({2005: 20.0, 2015: 20.0, 2018: 20.1}, "hardly changed before 2015 and hardly changed after", "8 industries, a larger one in 0"),
    ],
)  # fmt: skip
def test_the_sentence_follows_the_numbers(imports, words, title) -> None:
    sectors, industries = evidence.by_sector(table(imports)), evidence.by_industry(table(imports))
    assert words in evidence.say(sectors, industries, base=2015)
    assert title in evidence.title(evidence.changes(industries, of="name", base=2015), base=2015, last=2018)


def test_an_industry_that_lacks_a_number_leaves_no_sum() -> None:
    rows = table({2015: 20.0, 2018: 20.0})
    rows.loc[(rows["industry"] == "17") & (rows["year"] == 2018), "imports"] = float("nan")
    found = evidence.by_sector(rows).pivot(index="sector", columns="year", values="penetration")
    assert found.loc[["information_technology", evidence.ALL], 2018].isna().all()
    assert found.loc["rail", 2018] == pytest.approx(20.0)


def test_the_table_of_the_package_has_the_industries() -> None:
    supply = lab.load("industry_supply", year=slice(2005, None))
    industries = evidence.by_industry(supply)
    assert set(industries["industry"]) == set(CODES)
    own = industries.set_index(["industry", "year"])["penetration"]
    assert own["17", 2005] == pytest.approx(46.4, abs=0.05)
    assert own["17", 2018] == pytest.approx(21.8, abs=0.05)
    official = evidence.nbs(lab.load("industry_supply", vintage="nbs-42"))
    assert official["year"].tolist() == [2017, 2018, 2020]
    assert "rose from 2017 to 2020" in evidence.say_nbs(official)
    assert "fell from 2017 to 2020" in evidence.say_nbs(official.assign(penetration=-official["penetration"]))
