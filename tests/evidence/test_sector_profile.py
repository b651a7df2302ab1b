"""The profile of a sector: all ten on the committed tables, turned around, and what has no figure has no number."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import analyses
from mic2025lab.classifications import sectors
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import localization, sector_costs, sector_dependence, sector_position
from mic2025lab.evidence import sector_profile as evidence
from mic2025lab.evidence.sector_part import NO_FIGURE, Part
from mic2025lab.findings import moved

CHINA = {"economy": "CHN", "base": 2015}
TEN = sectors.slugs()


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {
        name: lab.load(name, vintage=vintage) if vintage else lab.load(name)
        for name, vintage in evidence.TABLES.items()
    }


@pytest.fixture(scope="module")
def profiles(tables) -> dict[str, dict[str, Part]]:
    return {slug: evidence.profile(tables, slug, **CHINA) for slug in TEN}


@pytest.mark.parametrize("slug", TEN)
def test_what_has_no_figure_has_no_number_and_says_what_it_would_take(profiles, slug):
    for part in profiles[slug].values():
        if part.value is None:
            assert part.says.startswith(f"{NO_FIGURE}: ")
            assert f"It would take {part.wanted}." in part.says
            assert (part.low, part.high, part.years, part.span, part.stands, part.more) == (
                None,
                None,
                None,
                "",
                "",
                (),
            )
            assert part.match == "none"
        else:
            assert NO_FIGURE not in part.says
            assert part.value == part.value
            assert part.stands
            assert part.span
            assert part.match in ("good", "partial", "poor")
        assert "nan" not in re.findall(r"[a-z]+", part.says)


@pytest.mark.parametrize("slug", TEN)
def test_every_sentence_goes_the_way_of_its_number(profiles, slug):
    found = {name: part for name, part in profiles[slug].items() if part.value is not None}
    for name, margin in (
        ("position_change", 0.05),
        ("volume_change", 0.05),
        ("import_share_change", localization.MARGIN),
    ):
        if name in found:
            verb = moved(found[name].value, margin=margin)
            assert f" {verb} from " in found[name].says, name
    if "us_exports_change" in found:
        part = found["us_exports_change"]
        assert (
            "better than" if part.value > 1 else "worse than" if part.value < -1 else "about as"
        ) in part.says
    if "utilization_gap" in found and "machine" not in slug:  # of two industries the figure is the mean
        assert ("points below" if found["utilization_gap"].value < 0 else "points above") in found[
            "utilization_gap"
        ].says
    if "policy_effect" in found:
        part = found["policy_effect"]
        if part.low < 0 < part.high:
            assert part.says.startswith("No effect is established")


def test_the_figures_of_the_committed_tables(profiles):
    """As market_share_shifts, import_dependence and overcapacity have them."""
    cars = profiles["new_energy_vehicles"]
    assert "from 23.9% in 2015 to 32.2% in 2022" in cars["position_change"].says
    assert profiles["information_technology"]["import_share_change"].value == pytest.approx(-7.1, abs=0.05)
    assert cars["targets_met"].value == 1
    assert profiles["machine_tools_robotics"]["targets_met"].value == 0
    assert "0 were met and 1 missed" in profiles["machine_tools_robotics"]["targets_met"].says
    assert profiles["new_materials"]["chokepoints"].value == 1


def test_every_sector_records_the_same_figures_first(profiles):
    names = {
        tuple(row[0] for row in evidence.figures(slug, profiles[slug]))[: 1 + len(profiles[slug])]
        for slug in TEN
    }
    assert len(names) == 1
    assert next(iter(names))[0] == "match"
    for slug in TEN:
        every = [row[0] for row in evidence.figures(slug, profiles[slug])]
        assert len(every) == len(set(every))


def test_ships_get_a_page_without_what_no_industry_stands_for(tables, profiles):
    ships = profiles["ships_ocean_engineering"]
    for name in ("position_change", "policy_effect", "utilization_gap"):
        assert ships[name].value is None
    assert ships["import_share_change"].match == "good"
    assert sector_position.shares(tables["value_added"], "ships_ocean_engineering").empty
    assert "**Match: none.**" in evidence.say_match("ships_ocean_engineering")
    coverage = evidence.say_coverage(ships)
    known = sum(part.value is not None for part in ships.values())
    assert coverage.startswith(f"{known} of {len(ships)} questions have a figure")
    assert "None for: Share of world value added;" in coverage
    glance = evidence.glance(ships.values()).set_index("question")
    assert glance.loc["Share of world value added"].tolist() == ["no figure", "–", "–", "none"]


@pytest.mark.parametrize("slug", TEN)
def test_what_is_open_is_what_has_no_figure_or_no_good_match(profiles, slug):
    answers = profiles[slug]
    table = evidence.open_questions(answers.values())
    expected = [one.question for one in answers.values() if one.value is None or one.match != "good"]
    assert table["question"].tolist() == expected + [question for question, _ in evidence.UNANSWERED]
    assert (table["would take"] != "").all()
    without = sum(one.value is None for one in answers.values())
    assert re.match(rf"Open: {without} questions? without a figure, ", evidence.say_open(answers))


def test_a_share_that_falls_is_said_to_fall(tables):
    table = tables["value_added"].copy()
    late = (table["economy"] == "CHN") & (table["year"] > 2015)
    table.loc[late, "value"] *= 0.3
    part = sector_position.position(table, "aerospace", **CHINA)
    assert part.value < 0
    assert "aerospace fell from 4.9% in 2015" in part.says


def test_imports_turn_with_the_numbers(tables):
    table = tables["industry_supply"].copy()
    table["year"] = table["year"].replace({2012: 2020, 2020: 2012})
    before = sector_dependence.dependence(tables["industry_supply"], "rail", **CHINA)
    after = sector_dependence.dependence(table, "rail", **CHINA)
    assert after.value == pytest.approx(-before.value)
    assert " fell from 2.3% in 2012" in before.says
    assert " rose from 1.0% in 2012" in after.says


@pytest.mark.parametrize(("factor", "words"), [(20.0, "better than"), (0.01, "worse than")])
def test_sales_of_the_partner_turn_with_the_numbers(tables, factor, words):
    table, mapping = tables["us_exports_to_china"].copy(), tables["sector_products"]
    own = table["product"].isin(mapping.loc[mapping["sector"] == "rail", "product"])
    table.loc[own & (table["year"] == 2020), "value"] *= factor * 5
    assert words in sector_dependence.partner(table, mapping, "rail", **CHINA).says


def test_a_material_that_it_dominates_itself_is_no_chokepoint(tables):
    materials, mapping = tables["critical_materials"], tables["sector_products"]
    table = tables["critical_materials_exports"]
    own = table.assign(value=table["value"].where(table["exporter"] == "CHN", 1e-9))
    part = sector_dependence.own_chokepoints(own, materials, mapping, "new_materials", **CHINA)
    assert part.value == 0
    assert "0 were chokepoints for China in 2023" in part.says
    nobody = sector_dependence.own_chokepoints(table, materials, mapping, "rail", **CHINA)
    assert nobody.value is None


@pytest.mark.parametrize(("shift", "side"), [(15.0, "above"), (-15.0, "below")])
def test_utilization_turns_with_the_numbers(tables, shift, side):
    table = tables["capacity_utilization"].copy()
    late = (table["industry"] == "motor_vehicles") & (table["year"] > 2019)
    table.loc[late, "value"] += shift
    part = sector_costs.capacity(table, "new_energy_vehicles", economy="CHN")
    assert (part.value > 0) == (shift > 0)
    assert f"points {side} the mean of 2016–2019 (beyond its ordinary ups and downs)" in part.says


@pytest.mark.parametrize("factor", [20.0, 0.05])
def test_an_effect_that_is_there_is_found_and_has_its_sign(tables, factor):
    wide = (
        tables["value_added"]
        .pivot(index=["year", "industry", "unit"], columns="economy", values="value")
        .reset_index()
    )
    late, cars = wide["year"] > 2015, wide["industry"] == "motor_vehicles"
    gain = (wide["CHN"] * (factor - 1)).where(late & cars, 0.0)
    # All manufacturing and the world have it too, so that nobody else loses it.
    gain = gain + (wide["industry"] == "manufacturing") * wide["year"].map(gain.groupby(wide["year"]).sum())
    wide["CHN"] += gain
    wide["WLD"] += gain
    table = wide.melt(["year", "industry", "unit"], var_name="economy", value_name="value").dropna()
    part = sector_costs.policy_effect(table, "new_energy_vehicles", **CHINA)
    assert part.says.startswith("A difference is there: ")
    assert (part.value > 0) == (factor > 1)
    assert (part.low > 0) == (factor > 1)


def test_a_target_is_met_or_missed_by_the_figure_of_its_year(tables):
    met, listed = sector_costs.targets(tables, "new_energy_vehicles", economy="CHN")
    fewer = tables["ev_sales"].assign(value=tables["ev_sales"]["value"] * 0.1)
    missed, _ = sector_costs.targets({**tables, "ev_sales": fewer}, "new_energy_vehicles", economy="CHN")
    assert "1 was met and 0 missed" in met.says
    assert "0 were met and 1 missed" in missed.says
    assert len(listed) == (tables["targets"]["sector"] == "new_energy_vehicles").sum()


@pytest.mark.parametrize("slug", TEN)
def test_a_target_that_was_not_read_at_its_source_is_not_judged(tables, slug):
    _, listed = sector_costs.targets(tables, slug, economy="CHN")
    unread = listed[listed["unverified"].str.contains("target")]
    assert set(unread["status"]) <= {"no data", sector_costs.NOT_JUDGED}
    if slug == "information_technology":
        assert sector_costs.NOT_JUDGED in set(unread["status"])


def test_for_another_economy_tables_of_china_only_give_no_figure(tables):
    answers = evidence.profile(tables, "rail", economy="DEU", base=2015)
    without = {name for name, part in answers.items() if part.value is None}
    assert {"import_share_change", "us_exports_change", "utilization_gap", "targets_met"} <= without
    assert answers["position_change"].says.startswith("Germany’s share")


def test_the_sentence_of_base_years_names_what_turns():
    table = pd.DataFrame(
        {
            "question": ["A", "B"],
            "unit": "points",
            "2014": [1.0, -1.0],
            "2015": [2.0, 1.0],
            "2016": [3.0, 2.0],
        }
    )
    assert "the sign turns for “B”; the others keep it." in evidence.say_base_years(table, base=2015)
    assert "every figure keeps the sign" in evidence.say_base_years(table.head(1), base=2015)


@pytest.mark.parametrize("base", [2013, 2019])
def test_the_first_and_the_last_base_year_give_a_page(tables, base):
    for slug in ("power_equipment", "biopharma_medical", "ships_ocean_engineering"):
        for part in evidence.profile(tables, slug, economy="CHN", base=base).values():
            assert "nan" not in re.findall(r"[a-z]+", part.says), part.name


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sector": "robotics"}, "Did you mean 'machine_tools_robotics'?"),
        ({"sector": "all"}, "Unknown sector 'all'"),
        ({"base_year": 2022}, "base_year = 2022 is outside us_exports_to_china, which covers 2013 to 2020"),
        ({"economy": "EU27"}, "Unknown economy 'EU27'"),
        ({"economy": "WLD"}, "Unknown economy 'WLD'"),
    ],
)
def test_what_cannot_be_asked_is_refused(values, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        analyses.validate("sector_profile", values)


def test_every_sector_can_be_asked():
    for slug in TEN:
        assert analyses.validate("sector_profile", {"sector": slug}).sector == slug
