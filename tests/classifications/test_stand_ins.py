"""Industries that stand in for sectors: every sector has some, and the tables have them."""

import pytest

import mic2025lab as lab
from mic2025lab.classifications import sectors
from mic2025lab.classifications.stand_ins import NBS_BROAD, broad, industries
from mic2025lab.errors import UnknownName


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


def test_an_unknown_table_is_named():
    with pytest.raises(UnknownName, match="oecd-2021"):
        industries("oecd-2012")
