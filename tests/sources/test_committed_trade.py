"""Sanity figures of the tables for trade, minerals and clean technology, recomputed from what is committed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mic2025lab as lab
import mic2025lab.catalog.build as building
from mic2025lab import catalog
from mic2025lab.errors import TableError
from mic2025lab.sources import TABLES, growthlab, minerals, ustr, wto

LARGEST = 1_400_000
MINE = (
    "critical_materials_exports", "critical_materials", "intermediate_exports", "final_demand_exports", "us_exports_to_china",
    "us_imports", "us_tariff_lists", "wiod_foreign_content", "inter_country_2011", "wiod_codes", "mineral_production", "ev_sales",
    "solar_chain", "solar_wind_capacity", "steel", "official_manufacturing", "product_group_exports",
)  # fmt: skip


def share(table: pd.DataFrame, of: str = "economy", total: str | None = None) -> pd.Series:
    """China's percentage, of a row of the table or of the sum."""
    china = table[table[of] == "CHN"].groupby("year")["value"].sum()
    rows = table if total is None else table[table[of] == total]
    return china / rows.groupby("year")["value"].sum() * 100


@pytest.mark.parametrize("name", MINE)
def test_a_committed_file_is_small_and_warns(name: str) -> None:
    entry = catalog.describe(name)
    assert (entry.folder / entry.file).stat().st_size < LARGEST
    assert entry.where == "embedded"
    assert entry.warnings


def test_rare_earth_metals_of_china() -> None:
    table = lab.load("critical_materials_exports", product="280530")
    cell = share(table, "exporter").round(1)
    assert cell[[2005, 2010, 2015, 2023]].tolist() == [77.4, 76.4, 27.3, 39.4]
    hhi = (table.set_index("year")["value"] ** 2).groupby("year").sum().round(3)
    assert hhi[[2005, 2015, 2023]].tolist() == [0.607, 0.240, 0.263]
    assert "TWN" in set(table["exporter"])


def test_the_baskets_are_flagged_and_described() -> None:
    products = lab.load("critical_materials").set_index("product")
    assert len(products) == 42
    assert products.loc[["280530", "811291", "732690"], "basket"].all()
    assert not products.loc[["250410", "810411"], "basket"].any()
    assert products.loc["261220", "material"] == "thorium"
    exports = lab.load("critical_materials_exports").drop_duplicates("product").set_index("product")
    assert exports["basket"].sort_index().equals(products["basket"].sort_index())


def test_electronics_in_intermediate_exports() -> None:
    cell = share(lab.load("intermediate_exports", industry="C26")).round(1)
    assert cell[[2005, 2010, 2015, 2020]].tolist() == [16.3, 23.6, 27.0, 31.4]
    economies = set(lab.load("final_demand_exports")["economy"])
    assert {"CHN", "HKG", "TWN"} <= economies
    assert len(economies) == 76


def test_us_exports_to_china_by_year_and_product() -> None:
    table = lab.load("us_exports_to_china")
    total = (table.groupby("year")["value"].sum() / 1e9).round(1)
    assert total[[2013, 2017, 2019, 2020]].tolist() == [121.0, 129.0, 106.0, 124.1]
    chips = table[table["product"].str.startswith("8542") & (table["year"] == 2020)]["value"].sum()
    assert round(chips / 1e9, 1) == 10.2
    oil = table[(table["phase_one"] == "crude_oil") & (table["year"] == 2018)]["value"].sum()
    assert round(oil / 1e9, 1) == 5.4


def test_us_imports_and_the_lists_on_them() -> None:
    table = lab.load("us_imports")
    china = table[table["exporter"] == "CHN"]
    assert round(china["value"].sum() / 1e9, 1) == 429.4
    assert round(china["duty"].sum() / china["value"].sum() * 100, 2) == 10.87
    assert round(table.loc[table["flag"] == "", "value"].sum() / 1e9) == 3209
    lists = lab.load("us_tariff_lists")
    assert lists["list"].value_counts().to_dict() == {"3": 5759, "4A": 3229, "1": 817, "4B": 542, "2": 279}
    assert (lists["flag"] == "two_lists").sum() == 2 * 3
    assert set(lists.loc[~lists["applied"], "list"]) == {"4B"}
    assert ustr.SOURCE.redistributable == "yes"


def test_foreign_content_of_china_s_exports() -> None:
    total = (
        lab.load("wiod_foreign_content", economy="CHN")
        .groupby("year")[["gross_exports", "domestic_value_added"]]
        .sum()
    )
    foreign = (100 - total["domestic_value_added"] / total["gross_exports"] * 100).round(1)
    assert foreign[[1995, 2000, 2005, 2008, 2011]].tolist() == [15.7, 17.2, 25.7, 22.8, 21.8]


def test_the_inter_country_table_agrees_with_the_exports_computed_from_it() -> None:
    table = lab.load("inter_country_2011", exporter="CHN")
    abroad = table[table["importer"] != "CHN"].groupby("from_industry")["value"].sum()
    exports = lab.load("wiod_foreign_content", economy="CHN", year=2011).set_index("industry")[
        "gross_exports"
    ]
    both = pd.concat([abroad, exports], axis=1).fillna(0)
    assert ((both["value"] - both["gross_exports"]).abs() <= 1).all()
    output = lab.load("wiod_foreign_content", economy="CHN", year=2011).set_index("industry")["output"]
    assert ((table.groupby("from_industry")["value"].sum() - output).dropna().abs() <= 108).all()
    names = lab.load("wiod_codes").set_index("code")["name"]
    assert names["c14"] == "Electrical & optical equipment"


MINERALS = {
    "rare_earths": (67.8, 69.2, 71.1, 67.6),
    "gallium": (98.1, 98.7, 98.9, 96.6),
    "graphite": (79.1, 79.4, 81.9, 69.6),
    "tungsten": (83.0, 82.7, 81.7, 80.2),
    "antimony": (58.8, 60.0, 33.6, 34.8),
}
_COLUMNS = (("MCS2025", 2023), ("MCS2025", 2024), ("MCS2026", 2024), ("BGS-2023", 2023))


@pytest.mark.parametrize("mineral", list(MINERALS))
def test_china_s_share_of_mine_production(mineral: str) -> None:
    table = lab.load("mineral_production", vintage="all")
    found = tuple(round(minerals.share(table, edition, mineral, year), 1) for edition, year in _COLUMNS)
    assert found == MINERALS[mineral]


def test_germanium_is_in_the_bgs_only() -> None:
    table = lab.load("mineral_production", vintage="all", mineral="germanium")
    assert set(table["source"]) == {"BGS"}
    assert round(minerals.share(table, "BGS-2023", "germanium", 2023), 1) == 94.8
    with pytest.raises(TableError, match="germanium"):
        minerals.share(table, "MCS2026", "germanium", 2024)


def test_the_bgs_has_no_world_and_the_usgs_does() -> None:
    table = lab.load("mineral_production", vintage="all")
    world = table[table["level"] == "world"]
    assert set(world["source"]) == {"USGS"}
    assert set(world["economy"]) == {"WLD"}
    copper = table[
        (table["edition"] == "BGS-2023")
        & (table["mineral"] == "copper")
        & (table["year"] == 2023)
        & table["main"]
    ]
    congo = copper.set_index("economy")["value"]
    assert congo["COD"] > 100 * congo["COG"]


def test_electric_cars_of_2024() -> None:
    table = lab.load("ev_sales", year=2024, indicator="ev_sales", mode="cars", economy=["CHN", "WLD"])
    total = (table.groupby("economy")["value"].sum() / 1e6).round(1)
    assert total.to_dict() == {"CHN": 11.3, "WLD": 17.5}
    assert set(table["flag"]) == {""}


def test_solar() -> None:
    chain = (
        lab.load("solar_chain", economy="CHN", year=[2010, 2021])
        .pivot(index="stage", columns="year", values="value")
        .round(1)
    )
    assert chain.loc[["polysilicon", "wafer", "cell", "module"]].to_numpy().tolist() == [
        [26.3, 77.5], [77.0, 96.0], [63.5, 85.6], [70.1, 79.9],
    ]  # fmt: skip
    stock = lab.load("solar_wind_capacity", technology="solar", year=2023, economy=["CHN", "WLD"]).set_index(
        "economy"
    )["value"]
    assert stock.round(1).to_dict() == {"CHN": 609.9, "WLD": 1419.0}


def test_steel_of_2018() -> None:
    table = lab.load("steel", year=2018)
    china = table.loc[table["economy"] == "CHN", "value"].iloc[0]
    assert round(china / 1000, 1) == 928.3
    assert round(china / table["value"].sum() * 100, 1) == 51.1


def test_official_manufacturing_is_below_the_other_table() -> None:
    table = lab.load("official_manufacturing", industry="manufacturing", economy=["CHN", "WLD"])
    official = share(table, total="WLD").round(1)
    assert official[[2004, 2010, 2014]].tolist() == [8.7, 18.3, 25.2]
    assert 2003 not in table.loc[table["economy"] == "CHN", "year"].tolist()


def test_product_groups() -> None:
    table = lab.load("product_group_exports")
    manufactures = table[(table["product_group"] == "manufactures") & table["economy"].isin(["CHN", "WLD"])]
    cell = share(manufactures, total="WLD").round(1)
    assert cell[[2005, 2010, 2015, 2018]].tolist() == [9.6, 14.8, 18.9, 17.6]
    world = table[table["economy"] == "WLD"].set_index(["year", "product_group"])["value"]
    for year, group in world.index:
        within = next(held for name, held in wto.GROUPS.values() if name == group)
        assert not within or world[year, group] < world[year, within]


@pytest.mark.mirror
def test_local_tables_can_be_built_and_give_the_figures(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    closed = [name for name, table in TABLES.items() if not table.embedded]
    assert [result.name for result in building.build(closed, mirror=mirror)] == closed
    for name in closed:  # as it is read back
        frame = lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name)
        TABLES[name].validated(frame)
    chips = lab.load(
        "chip_trade", year=2018, basket="chips", flow="import", economy=["CHN", "HKG"]
    ).set_index("economy")["value"]
    assert chips.round(0).to_dict() == {"CHN": 133, "HKG": 155}
    assert growthlab.china_share(lab.load("hs4_exports", vintage="all")).round(1).to_dict() == {
        "atlas-2016": 14.8, "atlas-2019": 14.5, "ots-2017": 15.0,
    }  # fmt: skip
    equipment = lab.load("chip_equipment_trade", economy="CHN", flow="import", product="848620").set_index(
        "year"
    )["value"]
    assert (equipment / 1e9).round(2)[[2016, 2018, 2020]].tolist() == [5.25, 11.24, 13.66]
    exports = lab.load("trade_by_group", flow="export", product_group="all_products", level="economy")
    assert share(exports).round(2)[[2000, 2005, 2010, 2015, 2018]].tolist() == [
        3.97,
        7.51,
        10.57,
        14.05,
        13.13,
    ]
    assert lab.load("robots", economy="CHN", year=2023)["value"].tolist() == [276_000]
    batteries = lab.load("ev_battery_imports", product="283691", importer="CHN", exporter="WLD").set_index(
        "year"
    )["weight"]
    assert (batteries / 1e6).round(1)[[2022, 2023, 2024]].tolist() == [136.1, 158.7, 235.0]
    panels = lab.load("solar_trade", year=2023, product="panels", importer="WLD")["capacity"].sum()
    assert round(panels / 1000, 1) == 209.3
    cars = lab.load("car_sales_china", cars="battery_electric", year=2024)["value"].sum()
    assert round(cars / 1e6, 2) == 6.43
    world = lab.load("world_exports_hs4", year=2023)["value"].sum()
    assert 18e12 < world < 25e12
