"""Sanity figures, recomputed from the committed tables."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.sources import pwt, world_economy


def china_share(industry: str) -> pd.Series:
    table = lab.load("value_added", economy=["CHN", "WLD"], industry=industry)
    wide = table.pivot(index="year", columns="economy", values="value")
    return (wide["CHN"] / wide["WLD"] * 100).round(1)


def test_china_in_world_manufacturing() -> None:
    shares = {
        2002: 6.7, 2005: 9.7, 2008: 14.9, 2010: 18.8, 2012: 23.2, 2013: 24.9, 2014: 25.9, 2015: 27.2, 2016: 27.0, 2017: 28.0,
        2018: 30.3, 2019: 30.5, 2020: 31.9, 2021: 34.7, 2022: 34.3,
    }  # fmt: skip
    assert china_share("manufacturing")[list(shares)].to_dict() == shares


@pytest.mark.parametrize(
    ("industry", "before", "after"),
    [
        ("computers_electronics", 26.2, 30.9), ("electrical_equipment", 40.9, 54.9), ("machinery", 29.9, 37.0),
        ("motor_vehicles", 23.9, 32.2), ("rail_other_transport", 36.9, 42.3), ("aerospace", 4.9, 9.3), ("pharmaceuticals", 19.4, 23.7),
        ("chemicals", 27.1, 36.8), ("medical_instruments", 13.4, 16.5),
    ],
)  # fmt: skip
def test_china_by_industry(industry: str, before: float, after: float) -> None:
    shares = china_share(industry)
    assert (shares[2015], shares[2022]) == (before, after)


def test_editions_disagree_as_the_source_s_do() -> None:
    panel = lab.load(
        "value_added_panel",
        vintage="all",
        year=2018,
        economy=["CHN", "WLD"],
        industry=["kti", "kti_with_publishing"],
    )
    wide = panel.pivot(index="edition", columns="economy", values="value")
    assert (wide["CHN"] / wide["WLD"] * 100).round(1).to_dict() == {"SEI2020": 24.2, "SEI2022": 24.3}
    assert china_share("kti")[2018] == 23.6
    world_total = panel[panel["economy"] == "WLD"].set_index("edition")["value"]
    assert (world_total / 1000).round(1).to_dict()["SEI2020"] == 9020.7


def test_economies_and_rests_of_an_edition_add_up_to_the_world() -> None:
    panel = lab.load("value_added_panel", vintage="SEI2022", industry="kti")
    parts = panel[panel["level"].isin(["economy", "rest"])].groupby("year")["value"].sum()
    world_row = panel[panel["level"] == "world"].set_index("year")["value"]
    assert ((parts / world_row - 1).abs() < 1e-4).all()


def test_china_in_world_gdp() -> None:
    table = lab.load("world_economy", vintage="all", indicator=["gdp_usd", "gdp_ppp"])
    weo = world_economy.share_of_world(table, "weo-2025-10").round(2)
    expected = {
        2000: 3.56, 2010: 9.16, 2015: 14.91, 2019: 16.50, 2020: 17.55, 2021: 18.52, 2022: 17.88, 2023: 17.08, 2024: 16.87,
        2025: 16.56, 2030: 17.61,
    }  # fmt: skip
    assert weo[list(expected)].to_dict() == expected
    wdi = world_economy.share_of_world(table, "wdi-2026-07").round(2)
    assert wdi[[2015, 2021, 2024, 2025]].tolist() == [14.87, 18.43, 16.77, 16.47]
    assert world_economy.share_of_world(table, "wdi-gdp-csv").round(2)[2021] == 18.27
    ppp = world_economy.share_of_world(table, "weo-2025-10", indicator="gdp_ppp").round(2)
    assert ppp[[2015, 2024]].tolist() == [15.73, 19.31]


def test_china_s_forecasts_begin_after_2024_and_only_in_the_weo() -> None:
    table = lab.load("world_economy", vintage="all", economy=["CHN", "WLD"])
    forecast = table[table["flag"] == "forecast"]
    assert set(forecast["vintage"]) == {"weo-2025-10"}
    assert forecast.loc[forecast["indicator"] == "gdp_usd", "year"].min() == 2025
    assert set(table.loc[table["economy"] == "WLD", "aggregate"]) == {True}


def test_wdi_figures_of_china() -> None:
    table = lab.load("world_economy", vintage="wdi-2026-07", economy=["CHN", "WLD"])
    cell = table.set_index(["economy", "indicator", "year"])["value"].sort_index()
    assert cell["CHN", "rd_share"][[2013, 2020, 2023]].round(2).tolist() == [1.96, 2.36, 2.58]
    assert cell["CHN", "investment_share"][[2013, 2024]].round(2).tolist() == [45.92, 40.48]
    exports = cell["CHN", "merchandise_exports"] / cell["WLD", "merchandise_exports"] * 100
    assert exports[[2013, 2015, 2021, 2024]].round(2).tolist() == [11.59, 13.66, 14.80, 14.52]


def test_pwt_of_china() -> None:
    china = lab.load("national_accounts", vintage="10.01", economy="CHN").set_index("year")
    assert china.loc[2017, "rtfpna"] == 1
    assert round(china.loc[2019, "rtfpna"], 4) == 0.9646
    assert round(china.loc[2019, "ctfp"], 4) == 0.4035


def test_the_constructed_capital_stock_out_of_sample() -> None:
    errors = pwt.capital_errors(lab.load("national_accounts", vintage="all"))
    assert len(errors) == 180
    assert abs(errors["CHN"]) < 0.02
    assert errors.abs().median() < 0.011
    assert errors.abs().quantile(0.9) < 0.05


def test_the_choices_of_the_construction_are_the_better_ones() -> None:
    """Stocks of the end of the year and fixed capital formation meet 10.01's own stocks better than the alternatives."""
    table = lab.load("national_accounts", vintage="all")
    chosen = pwt.capital_errors(table).abs().median()
    start_of_year = table.assign(q_gfcf=table.groupby(["version", "economy"])["q_gfcf"].shift())
    with_inventories = table.assign(q_gfcf=table["q_i"])
    assert chosen < 0.011
    assert pwt.capital_errors(start_of_year).abs().median() > 0.014
    assert pwt.capital_errors(with_inventories).abs().median() > 0.014


def test_the_constructed_stock_begins_as_the_source_s_and_keeps_its_band() -> None:
    table = lab.load("national_accounts", vintage="all", economy="CHN")
    own = table[table["version"] == "10.01"].set_index("year")["rnna"]
    made = table[table["version"] == "11.0"].set_index("year")
    assert (
        (made.loc[:2019, "rnna_constructed"] == own.reindex(made.loc[:2019].index))
        .where(own.notna(), True)
        .all()
    )
    assert made.loc[2020:2023, "capital_flag"].tolist() == ["constructed"] * 4
    width = (made["rnna_constructed_high"] / made["rnna_constructed_low"] - 1).loc[2020:2023]
    assert width.is_monotonic_increasing
    assert 0.05 < width.loc[2023] < 0.10


def test_human_capital_by_the_formula_is_the_source_s_for_china() -> None:
    wide = (
        lab.load("national_accounts", vintage="all", economy="CHN")
        .pivot(index="year", columns="version", values="hc")
        .dropna()
    )
    assert len(wide) > 60
    assert (wide["11.0"] / wide["10.01"] - 1).abs().max() < 1e-3


def test_labor_shares_that_are_carried_are_marked() -> None:
    china = lab.load("national_accounts", vintage="all", economy="CHN").set_index(["version", "year"])[
        "labsh_flag"
    ]
    assert china["11.0"].loc[[2021, 2022, 2023]].tolist() == ["observed", "carried", "carried"]
    assert china["10.01"].loc[[2016, 2017, 2018, 2019]].tolist() == ["", "repeated", "repeated", "repeated"]


def test_capacity_utilization_of_all_industry() -> None:
    table = lab.load("capacity_utilization", industry="total", frequency="year").set_index("period")
    assert table.loc[["2017", "2021", "2023", "2024"], "value"].tolist() == [77.0, 77.5, 75.1, 75.0]
    assert table.loc["2013", "flag"] == table.loc["2025", "flag"] == "unverified"
    everything = lab.load("capacity_utilization")
    assert everything["status"].value_counts().to_dict() == {"agree": 484, "only_a": 211, "only_b": 14}


def test_every_row_of_the_reference_tables_says_whether_it_was_verified() -> None:
    for name in ("targets", "target_actuals", "sectors", "benchmarks"):
        table = lab.load(name)
        assert table["verified"].notna().all()
        assert table["source"].notna().all()
        assert not table.isin(["idem", "same"]).any().any()
    targets = lab.load("targets")
    assert targets.groupby("scope")["verified"].apply(lambda part: (part == "yes").sum()).to_dict() == {
        "headline": 9,
        "sector": 16,
    }


def test_the_world_bank_s_lower_share_stands_in_the_benchmarks() -> None:
    table = lab.load("benchmarks", topic="manufacturing value added")
    wide = table.pivot(index="year", columns="item", values="value")
    share = (wide["China"] / wide["World"] * 100).round(1)
    assert share[[2004, 2010, 2015, 2018]].tolist() == [8.6, 18.2, 26.6, 28.2]
