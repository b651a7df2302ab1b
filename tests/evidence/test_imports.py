"""Tables and sentences of the import-dependence analysis."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import imports as evidence


def content(values: dict[int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"economy": "CHN", "industry": evidence.ALL, "year": list(values), "content": list(values.values())}
    )


def test_foreign_content_is_weighted_by_exports():
    table = pd.DataFrame(
        {
            "year": 2011, "economy": "CHN", "industry": ["c14", "c4"],
            "gross_exports": [300.0, 100.0], "domestic_value_added": [210.0, 90.0], "foreign_share": [0.3, 0.1],
        }
    )  # fmt: skip
    found = evidence.foreign_content(table).set_index("industry")["content"]
    assert found.to_dict() == pytest.approx({"c14": 30.0, "c4": 10.0, evidence.ALL: 25.0})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {1995: 15.7, 2005: 25.7, 2011: 21.8},
            "15.7% in 1995, 25.7% in 2005 and 21.8% in 2011. It fell after 2005",
        ),
        ({1995: 25.7, 2005: 15.7, 2011: 21.8}, "was 25.7% in 1995 and 21.8% in 2011."),
    ],
)
def test_the_sentence_of_foreign_content_turns_with_the_numbers(values, words):
    assert words in evidence.say_content(content(values), economy="CHN")


def exports() -> pd.DataFrame:
    rows = [
        (2015, "HS12", "848620", 10.0), (2015, "HS12", "120190", 90.0), (2015, "HS12", "880000", 20.0),
        (2020, "HS17", "848620", 5.0), (2020, "HS17", "120190", 120.0), (2020, "HS17", "880000", 40.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["year", "hs", "product", "value"]).assign(
        value=lambda t: t["value"] * 1e9
    )


MAPPING = pd.DataFrame(
    {"hs": ["HS12", "HS17"], "product": "848620", "sector": "information_technology", "coverage": [1.0, 0.5]}
)


def test_sectors_use_each_years_revision_the_covered_part_and_the_aircraft_code():
    table = evidence.by_sector(exports(), MAPPING).set_index(["sector", "year"])["value"]
    assert table["information_technology", 2015] == pytest.approx(10.0)
    assert table["information_technology", 2020] == pytest.approx(2.5)
    assert table["aerospace", 2020] == pytest.approx(40.0)
    assert table[evidence.ALL, 2020] == pytest.approx(165.0)


def test_the_sentence_sets_sectors_against_all_exports():
    text = evidence.say_partner(
        evidence.by_sector(exports(), MAPPING), partner="USA", economy="CHN", base=2015
    )
    # 120 -> 165 is +38 %; the sector falls by 75 %, aircraft double.
    assert "the United States to China changed by +38% from 2015 to 2020" in text
    assert "worse than that in information technology (−75%), and better in aerospace (+100%)" in text


def test_movers_leave_out_codes_of_one_year_only():
    table = exports()
    extra = table.iloc[:1].assign(product="854999", year=2020)
    found = evidence.movers(pd.concat([table, extra]), {"120190": "soya"}, start=2015, end=2020, n=1)
    assert found["product"].tolist() == ["120190", "848620"]
    assert found["change"].tolist() == pytest.approx([30_000.0, -5_000.0])


def test_the_figures_of_the_committed_tables():
    """Foreign content of Chinese exports and totals of US exports, as the sources' README has them."""
    table = evidence.foreign_content(lab.load("wiod_foreign_content", economy="CHN"))
    own = table[table["industry"] == evidence.ALL].set_index("year")["content"]
    assert own[[1995, 2000, 2005, 2008, 2011]].round(1).tolist() == [15.7, 17.2, 25.7, 22.8, 21.8]
    sold = lab.load("us_exports_to_china").groupby("year")["value"].sum() / 1e9
    assert sold[[2013, 2017, 2019, 2020]].round(1).tolist() == [121.0, 129.0, 106.0, 124.1]
    movers = evidence.movers(lab.load("us_exports_to_china"), {}, start=2017, end=2019)
    assert movers["product"].iloc[0] == "854231"
    assert movers["product"].iloc[-1] == "880000"


def test_reliance_agrees_with_the_published_foreign_content():
    flows, codes = lab.load("inter_country_2011"), lab.load("wiod_codes")
    found = evidence.reliance(flows, codes, economy="CHN").set_index("industry")
    published = lab.load("wiod_foreign_content", economy="CHN", year=2011).set_index("industry")[
        "foreign_share"
    ]
    both = pd.concat([found["foreign_content"] / 100, published], axis=1).dropna()
    # The published table takes domestic value added in exports; the two agree up to the rounding of the inter-country table.
    assert (both.iloc[:, 0] - both.iloc[:, 1]).abs().max() < 0.005
    assert (found["look_through_share"].dropna() >= 0).all()
    assert found.loc["c14", "look_through_share"] > found.loc["c14", "face_value_share"]
