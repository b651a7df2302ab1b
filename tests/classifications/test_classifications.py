"""Sectors, the industries that stand in for them, and economies."""

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.classifications import economies, sectors
from mic2025lab.classifications.stand_ins import NBS_BROAD, broad, industries
from mic2025lab.errors import TableError, UnknownName
from mic2025lab.sources import nsf


def test_there_are_ten_sectors_in_the_plan_s_order_with_industries_of_value_added():
    assert [sector.number for sector in sectors.SECTORS] == list(range(1, 11))
    assert len(set(sectors.slugs())) == 10
    for sector in sectors.SECTORS:
        assert sector.match in sectors.MATCHES
        assert set(sector.industries) <= set(nsf.INDUSTRIES.values())
        assert bool(sector.industries) == (sector.match != "none")
        assert sector.match_note


@pytest.mark.parametrize(
    ("find", "name", "message"),
    [
        (sectors.get, "robotics", "Did you mean 'machine_tools_robotics'"),
        (economies.resolve, "Germny", "Did you mean 'Germany'"),
        (economies.name, "XYZ", "XYZ"),
        (economies.members, "EU", "Did you mean 'EU27'"),
        (industries, "oecd-2012", "oecd-2021"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(find, name, message):
    with pytest.raises(UnknownName, match=message):
        find(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China", "CHN"), ("CHN", "CHN"), ("chn", "CHN"), ("Korea", "KOR"), ("South Korea", "KOR"), ("Korea, Rep.", "KOR"),
        ("North Korea", "PRK"), ("Taiwan", "TWN"), ("Taiwan Province of China", "TWN"), ("Czechia", "CZE"), ("Czech Republic", "CZE"),
        ("Turkey", "TUR"), ("Turkiye", "TUR"), ("Cote d'Ivoire", "CIV"), ("the United States", "USA"), ("World", "WLD"), ("EU-27", "EU27"),
        ("AND", "AND"), ("Bosnia & Herzegovina", "BIH"),
        ("G001", "WLD"), ("Hong Kong SAR, China", "HKG"), ("Namibia", "NAM"), ("S19", "TWN"), ("Other Asia, nes", "TWN"), ("ROM", "ROU"),
        ("RoW", "ROW"), ("Congo", "COG"), ("Congo (Kinshasa)", "COD"), ("Korea, North", "PRK"), ("Korea (Rep. of)", "KOR"),
        ("Côte d’Ivoire", "CIV"), ("Macao (SAR of China)", "MAC"),
    ],
)  # fmt: skip
def test_names_resolve(name, code):
    assert economies.resolve(name) == code


def test_every_name_and_code_resolves_to_itself():
    for code, name in {**economies.ECONOMIES, **economies.AGGREGATES}.items():
        assert economies.resolve(code) == code
        assert economies.resolve(name) == code or code.startswith("G")  # two producers, one name: G7, ASEAN-5
        assert economies.name(code) == name


def test_groups_and_aggregates():
    assert len(economies.members("EU27")) == 27
    assert set(economies.members("EU28")) - set(economies.members("EU27")) == {"GBR"}
    for members in economies.GROUPS.values():
        assert set(members) <= set(economies.ECONOMIES)
    assert [economies.is_aggregate(code) for code in ("WLD", "CHN", "ROW")] == [True, False, False]
    every = [*economies.ECONOMIES, *economies.AGGREGATES, *economies.RESTS]
    assert len(set(every)) == len(every)


def test_hong_kong_can_be_asked_for_apart_and_together():
    table = lab.load("intermediate_exports", industry="C26", year=2020)
    both = economies.with_group(table, "CHN+HKG").set_index("economy")["value"]
    assert both["CHN+HKG"] == pytest.approx(both["CHN"] + both["HKG"])
    assert len(both) == len(table) + 1
    with pytest.raises(TableError, match="CHN"):
        lab.metrics.market_share(economies.with_group(table, "CHN+HKG"))


def test_a_group_whose_member_is_missing_in_a_year_has_no_sum_there():
    table = pd.DataFrame(
        {"economy": ["CHN", "HKG", "CHN"], "year": [2017, 2017, 2018], "value": [1.0, 2.0, 3.0]}
    )
    assert economies.with_group(table, "CHN+HKG")["year"].tolist() == [2017, 2017, 2018, 2017]
    with pytest.raises(TableError, match="JPN"):
        economies.with_group(table, "G7")


@pytest.mark.parametrize("table", ["intermediate_exports", "oecd-2021", "nbs"])
def test_every_sector_has_industries_in_the_order_of_the_plan(table):
    found = industries(table)
    assert tuple(found["sector"].unique()) == sectors.slugs()
    assert set(found["match"]) <= {"good", "partial", "poor"}
    assert not found.duplicated(["sector", "industry"]).any()
    assert found.groupby("sector")["match"].nunique().eq(1).all()


def test_the_tables_have_the_industries():
    assert set(industries("intermediate_exports")["industry"]) <= set(
        lab.load("intermediate_exports")["industry"]
    )
    assert set(industries("oecd-2021")["industry"]) <= set(
        lab.load("industry_supply", vintage="oecd-2021")["industry"]
    )
    assert set(industries("nbs")["industry"]) <= set(lab.load("industry_supply", vintage="nbs")["name"])


def test_the_broad_industries_add_up_to_the_official_tables_of_42_industries():
    found = broad(lab.load("industry_supply", vintage="nbs"))
    assert sorted(found["year"].unique()) == [2012, 2015, 2017, 2018, 2020]
    assert found.groupby("year")["name"].nunique().eq(len(NBS_BROAD)).all()
    both = found.merge(
        lab.load("industry_supply", vintage="nbs-42"), on=["year", "name"], suffixes=("", "_42")
    )
    assert len(both) == 3 * len(NBS_BROAD)
    for column in ("output", "exports", "imports"):
        assert both[column].to_numpy() == pytest.approx(both[f"{column}_42"].to_numpy(), rel=1e-3)


def test_labels_and_notes_are_read():
    found = industries("nbs").set_index("label")
    assert found.loc["Ships", "industry"] == "Manufacture of ships and related installations"
    assert "robots" in found.loc["Metal-processing machines", "note"]
