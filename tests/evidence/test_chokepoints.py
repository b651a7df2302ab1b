"""Tables and sentences of the chokepoint analysis: worked by hand, turned around, and against the figures of the sources' README."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import chokepoints as evidence

LIMITS = {"share_above": 0.5, "hhi_above": 0.4, "years_needed": 2, "years_window": 3}
PRODUCTS = pd.DataFrame(
    {"product": ["260500", "280530"], "material": ["cobalt", "rare_earth_metals"], "basket": [False, True]}
)


def exports(cobalt: list[float], earths: list[float]) -> pd.DataFrame:
    """Shares of COD in cobalt and of CHN in rare earths, the rest split between two others."""
    rows = []
    for year, (a, b) in enumerate(zip(cobalt, earths, strict=True), start=2020):
        rows += [
            (year, "COD", "260500", a),
            (year, "AUS", "260500", (1 - a) / 2),
            (year, "CAN", "260500", (1 - a) / 2),
        ]
        rows += [
            (year, "CHN", "280530", b),
            (year, "JPN", "280530", (1 - b) / 2),
            (year, "AUT", "280530", (1 - b) / 2),
        ]
    return pd.DataFrame(rows, columns=["year", "exporter", "product", "value"])


def screen(cobalt, earths, importer="USA", **changes):
    return evidence.materials(exports(cobalt, earths), PRODUCTS, importer=importer, **(LIMITS | changes))


def found(table, year):
    return set(table.loc[(table["year"] == year) & table["chokepoint"], "product"])


@pytest.fixture(autouse=True)
def _with_the_importer_in_the_table(monkeypatch):
    """The screen asks for the importer's own exports: give it a little of everything."""
    original = exports

    def with_usa(cobalt, earths):
        table = original(cobalt, earths)
        own = (
            table.groupby(["year", "product"], as_index=False)["value"]
            .sum()
            .assign(exporter="USA", value=0.001)
        )
        return pd.concat([table, own[table.columns]], ignore_index=True)

    monkeypatch.setitem(globals(), "exports", with_usa)


def test_dominance_counts_from_its_second_year_on():
    table = screen([0.8, 0.8, 0.8], [0.3, 0.3, 0.3])
    assert found(table, 2020) == set()
    assert found(table, 2021) == {"260500"}
    assert table.loc[table["product"] == "260500", "years_dominated"].tolist() == [1, 2, 3]
    assert table.loc[table["product"] == "260500", "share"].iloc[0] == pytest.approx(100 * 0.8 / 1.001)


def test_a_dominance_that_ended_is_no_chokepoint_though_its_past_counts():
    table = screen([0.8, 0.8, 0.2], [0.3, 0.3, 0.3])
    assert found(table, 2021) == {"260500"}
    assert found(table, 2022) == set()


def test_the_dominant_exporter_itself_has_no_chokepoint_there():
    assert found(screen([0.3] * 3, [0.8] * 3), 2022) == {"280530"}
    assert found(screen([0.3] * 3, [0.8] * 3, importer="CHN"), 2022) == set()


def test_the_sentence_counts_and_names_the_exporter():
    table = screen([0.8] * 3, [0.9] * 3)
    text = evidence.say_materials(table, evidence.by_supplier(table), importer="USA", base=2020)
    assert "2 were chokepoints for the United States in 2022" in text
    assert "in 2020 it was 0" in text
    assert "China (1)" in text
    assert "the" in text


def imports() -> pd.DataFrame:
    rows = [
        ("850760", "CHN", 95.0), ("850760", "KOR", 5.0),
        ("854231", "CHN", 10.0), ("854231", "TWN", 60.0), ("854231", "KOR", 30.0),
        ("010121", "CAN", 100.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["product", "exporter", "value"]).assign(year=2024, importer="USA")


MAPPING = pd.DataFrame(
    {"product": ["850760", "854231"], "sector": ["new_energy_vehicles", "information_technology"]}
)


def test_captive_products_by_hand():
    products, sectors = evidence.captive(
        imports(), supplier="CHN", share_above=0.5, alternative_above=0.1, mapping=MAPPING
    )
    rows = sectors.set_index("sector")
    assert rows.loc["new_energy_vehicles", ["share", "captive", "captive_share"]].tolist() == [95.0, 1, 100.0]
    assert rows.loc["information_technology", ["share", "captive", "captive_share"]].tolist() == [
        10.0,
        0,
        0.0,
    ]
    # 95 + 10 of 300; the captive product is 100 of 300.
    assert rows.loc["all products", "share"] == pytest.approx(35.0)
    assert rows.loc["all products", "captive_share"] == pytest.approx(100 / 3)
    assert products["product"].tolist()[0] == "850760"
    text = evidence.say_captive(sectors, importer="USA", supplier="CHN", year=2024, alternative=0.1)
    assert "took 35.0% of the imports in the table from China" in text
    assert "in 1 no other supplier had 10% or more: 33.3% of all imports" in text


def test_a_bloc_and_its_member_are_not_both_counted():
    table = imports().assign(flag="")
    member = table.iloc[:1].assign(exporter="SVK", flag="in_EU27")
    assert "SVK" not in set(evidence.partner_imports(pd.concat([table, member]))["exporter"])


def test_production_uses_the_printed_total_where_there_is_one_and_the_sum_where_there_is_none():
    rows = pd.DataFrame(
        [
            ("MCS", "tungsten", "CHN", "economy", 66.0), ("MCS", "tungsten", "USA", "economy", 4.0), ("MCS", "tungsten", "WLD", "world", 80.0),
            ("MCS", "gallium", "CHN", "economy", 9.0),
            ("BGS", "tungsten", "CHN", "economy", 60.0), ("BGS", "tungsten", "USA", "economy", 20.0),
        ],
        columns=["edition", "mineral", "economy", "level", "value"],
    ).assign(main=True, year=2023)  # fmt: skip
    table = evidence.production(rows, economy="CHN", year=2023).set_index("mineral")
    assert table.loc["tungsten", "MCS"] == pytest.approx(82.5)
    assert table.loc["tungsten", "BGS"] == pytest.approx(75.0)
    assert "gallium" not in table.index, "a world total that is withheld stays missing"


def test_the_figures_of_the_committed_tables():
    """China's share of world exports and production, %, as the sources' README has them."""
    flows = lab.load("critical_materials_exports", product="280530", year=[2005, 2015, 2023])
    earths = lab.metrics.export_dominance(flows, exporter="CHN").set_index("year")
    assert earths["share"].round(3).tolist() == [0.774, 0.273, 0.394]
    assert earths["hhi"].round(3).tolist() == [0.607, 0.240, 0.263]

    mined = lab.load("mineral_production", vintage="all")
    table = evidence.production(mined, economy="CHN", year=2023).set_index("mineral").round(1)
    assert table.loc["rare_earths", "MCS2025"] == 67.8
    assert table.loc["rare_earths", "BGS-2023"] == 67.6
    assert table.loc["gallium", ["MCS2025", "BGS-2023"]].tolist() == [98.1, 96.6]
    assert table.loc["antimony", ["MCS2025", "BGS-2023"]].tolist() == [58.8, 34.8]
    text = evidence.say_production(table.reset_index(), economy="CHN", year=2023)
    assert "for antimony" in text
