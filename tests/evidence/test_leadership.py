"""Tables and sentences of `leadership`: worked by hand, turned around, with figures left out, and on the committed tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.analyses import get, validate
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import leadership as evidence
from mic2025lab.evidence import leadership_measures as measures
from mic2025lab.evidence import leadership_words as words
from mic2025lab.evidence.leadership_measures import WORLD, Field, Measure

REQUEST: dict[str, Any] = {"economy": "CHN", "comparators": ["USA", "JPN"]}
CARS = Field("cars", Measure("cars_share", "sold", WORLD))
CHIPS = Field("chips", Measure("chips_share", "value added", WORLD), Measure("fees_share", "fees", WORLD))


def series(**measure: dict[str, list[float]]) -> pd.DataFrame:
    """Values of 2015 and 2020, by measure and economy."""
    rows = [
        (name, year, economy, value)
        for name, by_economy in measure.items()
        for economy, values in by_economy.items()
        for year, value in zip((2015, 2020), values, strict=True)
        if value == value
    ]
    return pd.DataFrame(rows, columns=["measure", "year", "economy", "value"])


def positions(
    table: pd.DataFrame, *, economy: str = "CHN", comparators: tuple[str, ...] = ("USA", "JPN")
) -> pd.DataFrame:
    return evidence.positions(table, [CARS, CHIPS], economy=economy, comparators=comparators, base_year=2015)


DATA = series(
    cars_share={"CHN": [20.0, 60.0], "USA": [30.0, 10.0], "JPN": [10.0, 9.0]},
    chips_share={"CHN": [10.0, 30.0], "USA": [40.0, 25.0], "JPN": [20.0, 10.0]},
    fees_share={"CHN": [4.0, 2.0], "USA": [40.0, 50.0], "JPN": [20.0, 10.0]},
)


def test_positions_by_hand() -> None:
    rows = positions(DATA).set_index(["field", "kind"])
    cars = rows.loc[("cars", "volume")]
    assert cars[["start", "end", "change", "other_value", "leads"]].tolist() == [20.0, 60.0, 40.0, 10.0, 1.0]
    assert cars["other"] == "USA"
    assert rows.loc[("chips", "value"), ["start", "end", "change", "leads"]].tolist() == [4.0, 2.0, -2.0, 0.0]


def test_a_field_without_a_measure_has_no_figure_and_is_not_counted_as_behind() -> None:
    rows = positions(DATA)
    lacking = rows[(rows["field"] == "cars") & (rows["kind"] == "value")].iloc[0]
    assert lacking[["start", "end", "change", "leads"]].isna().all()
    shown = evidence.against(rows).set_index("field")
    assert shown.loc["cars", ["value", "by value"]].tolist() == ["no figure"] * 2
    assert shown.loc["cars", "volume"] == "sold: 20.0% (2015) to 60.0% (2020)"
    assert shown.loc["chips", ["value", "by value"]].tolist() == [
        "fees: 4.0% (2015) to 2.0% (2020)",
        "behind",
    ]
    full = evidence.compared(rows).set_index(["field", "kind"])
    assert ("cars", "value") not in full.index
    assert full.loc[("chips", "value"), ["direction", "other", "compared"]].tolist() == ["fell", "USA", 2]
    said = words.fields(rows, **REQUEST)
    assert "By value China is ahead of the United States and Japan in none of the 1 field" in said[1]
    assert (
        said[2] == "In 1 field no table here has a figure of value (cars): that is no figure, and not a zero."
    )
    names = [name for name, *_ in evidence.figures(rows)]
    assert "cars_share_end" in names
    assert not [name for name in names if name.startswith("None")]


def test_the_sentences_count_and_turn_around() -> None:
    rows = positions(DATA)
    assert words.fields(rows, **REQUEST)[0] == (
        "By volume China is ahead of the United States and Japan in 2 of the 2 fields with a figure."
    )
    assert (
        words.title_fields(rows, economy="CHN")
        == "China leads in 2 of 2 fields by volume and none of 1 field by value"
    )
    assert (
        "2 of 2 measures of volume rose and 0 fell, and 0 of 1 measure of value rose and 1 fell (fees)"
        in words.directions(rows, base_year=2015)
    )
    other = positions(DATA, economy="USA", comparators=("CHN", "JPN"))
    assert words.fields(other, economy="USA", comparators=["CHN", "JPN"])[:2] == [
        "By volume the United States is ahead of China and Japan in none of the 2 fields with a figure.",
        "By value the United States is ahead of China and Japan in 1 of the 1 field with a figure.",
    ]
    assert (
        "0 of 2 measures of volume rose and 2 fell (cars: sold and chips: value added), and 1 of 1 measure of value rose"
        in (words.directions(other, base_year=2015))
    )


def test_a_missing_base_year_takes_the_next_one_and_is_not_counted_among_the_changes() -> None:
    table = DATA[~((DATA["measure"] == "cars_share") & (DATA["year"] == 2015))]
    later = table[table["measure"] == "cars_share"].assign(year=2018, value=lambda t: t["value"] - 5)
    row = positions(pd.concat([table, later])).iloc[0]
    assert row[["start_year", "start", "change"]].tolist() == [2018, 55.0, 5.0]
    assert "1 of 1 measure of volume rose" in words.directions(
        positions(pd.concat([table, later])), base_year=2015
    )
    nothing = positions(table).iloc[0]
    assert nothing["end"] == 60.0
    assert pd.isna(nothing["start"])
    assert pd.isna(nothing["change"])
    assert evidence.direction(nothing["change"], nothing["start"]) == ""


def test_a_last_year_in_which_nobody_else_is_known_is_not_compared() -> None:
    alone = pd.DataFrame({"measure": "chips_share", "year": 2021, "economy": "CHN", "value": [35.0]})
    rows = positions(pd.concat([DATA, alone])).set_index("measure")
    assert rows.loc["chips_share", "end_year"] == 2020
    most = alone.assign(measure="cars_share", value=51.0)  # more than half: nobody can have more
    rows = positions(pd.concat([DATA, most])).set_index("measure")
    assert rows.loc["cars_share", ["end_year", "leads", "compared"]].tolist() == [2021, 1.0, 0.0]


def test_no_measure_at_all_is_said() -> None:
    rows = positions(DATA[DATA["economy"] != "CHN"])
    said = words.fields(rows, **REQUEST)
    assert said[:2] == ["There is no figure of volume to compare.", "There is no figure of value to compare."]
    assert words.directions(rows, base_year=2015).startswith("No measure has a figure for 2015")
    assert "There is no figure for what China pays" in words.payments(rows, economy="CHN")
    assert evidence.figures(rows) == []


@pytest.mark.parametrize(
    ("receipts", "words_of_it"),
    [
        ([5.0, 25.0], "paid 4.00 dollars for the use of technology for each dollar that it received; in 2015 it was 20.00: the balance improved."),
        ([25.0, 5.0], "paid 20.00 dollars for the use of technology for each dollar that it received; in 2015 it was 4.00: the balance worsened."),
        ([25.0, 25.5], "in 2015 it was 4.00: the balance hardly changed."),
    ],
)  # fmt: skip
def test_the_balance_of_payments_follows_its_sign(receipts: list[float], words_of_it: str) -> None:
    field = Field("technology", CARS.volume, Measure("ip_receipts_to_payments", "receipts", "%"))
    table = series(ip_receipts_to_payments={"CHN": receipts, "USA": [300.0, 300.0]})
    rows = evidence.positions(table, [field], base_year=2015, **REQUEST)
    assert words_of_it in words.payments(rows, economy="CHN")
    found = {name: value for name, value, *_ in evidence.figures(rows)}
    assert found["ip_payments_to_receipts_end"] == pytest.approx(100 / receipts[1])


def value_added(china: tuple[float, float], usa: tuple[float, float]) -> pd.DataFrame:
    """The same shares in every industry, of a world of 100."""
    rows = [
        (year, economy, industry, value)
        for industry in (*evidence.GAPS, "manufacturing")
        for economy, values in (("CHN", china), ("USA", usa), ("WLD", (100.0, 100.0)))
        for year, value in zip((2015, 2022), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["year", "economy", "industry", "value"])


@pytest.mark.parametrize(
    ("china", "usa", "said", "title"),
    [
        ((10, 15), (30, 28), "In 2022 China had at least as large a share of the world’s value added as the United States in none of 10 industries; "
                             "in the others the gap, in points from 2015, narrowed in ", "in 10 of them by less than before"),
        ((10, 8), (30, 30), "widened in ", "in 0 of them by less than before"),
        ((10, 10.2), (30, 30), "hardly changed in ", "in 0 of them by less than before"),
        ((30, 30), (10, 5), "as the United States in 10 of 10 industries.",
                            "China trails the United States in none of 10 industries"),
    ],
)  # fmt: skip
def test_gaps_narrow_and_widen_by_their_sign(china, usa, said: str, title: str) -> None:
    gaps = evidence.gaps(value_added(china, usa), economy="CHN", rival="USA", base_year=2015)
    assert gaps["change"].iloc[0] == pytest.approx((china[1] - usa[1]) - (china[0] - usa[0]))
    text = words.momentum(gaps, economy="CHN", rival="USA", base_year=2015, end=2022)
    assert said in text
    assert title in words.title_gaps(gaps, economy="CHN", rival="USA")
    for other in {"narrowed in", "widened in", "hardly changed in"} - {said.split("from 2015, ")[-1].strip()}:
        assert other not in text


def test_plug_in_cars_need_both_kinds_and_no_projection_enters() -> None:
    rows = [
        (year, economy, level, "ev_sales", "cars", kind, flag, value)
        for year, flag in ((2015, ""), (2030, "projection"))
        for economy, level in (("CHN", "economy"), ("USA", "economy"), ("WLD", "world"), ("europe", "region"))
        for kind, value in (("BEV", {"CHN": 30.0, "USA": 5.0, "WLD": 60.0}.get(economy, 9.0)), ("PHEV", {"CHN": 10.0, "WLD": 40.0}.get(economy, 9.0)))
        if (economy, kind) != ("USA", "PHEV")
    ]  # fmt: skip
    columns = ["year", "economy", "level", "indicator", "mode", "powertrain", "flag", "value"]
    found = measures.electric_cars(pd.DataFrame(rows, columns=columns))
    assert found.values.tolist() == [["ev_sales_share", 2015, "CHN", 40.0]]


def test_a_world_of_few_reporters_is_no_world() -> None:
    rows = [
        (year, economy, economy == "WLD", indicator, value)
        for indicator in ("ip_receipts", "ip_payments", "patents_residents", "high_tech_exports", "rd_share")
        for year, there in ((2020, ("CHN", "USA", "JPN", "KOR", "DEU", "WLD")), (2021, ("CHN", "USA", "WLD")))
        for economy, value in (
            (one, 100.0 if one == "WLD" else 40.0 if indicator == "ip_payments" else 10.0) for one in there
        )
    ]
    found = measures.technology(
        pd.DataFrame(rows, columns=["year", "economy", "aggregate", "indicator", "value"])
    )
    own = found[found["economy"] == "CHN"].set_index(["measure", "year"])["value"]
    assert own["ip_receipts_share"].to_dict() == {2020: 10.0}
    assert own["ip_receipts_to_payments"].to_dict() == {2020: 25.0, 2021: 25.0}


def test_the_rival_s_own_spending_is_a_hundred_and_without_it_there_is_no_ratio() -> None:
    rows = [(2020, "CHN", 80.0), (2020, "USA", 160.0), (2021, "CHN", 90.0)]
    table = pd.DataFrame(rows, columns=["year", "economy", "value"]).assign(prices="current", aggregate=False)
    found = measures.research(table, rival="USA").set_index(["economy", "year"])["value"]
    assert found.to_dict() == {("CHN", 2020): 50.0, ("USA", 2020): 100.0}
    assert measures.research(table, rival="IND").empty


def test_solar_leaves_out_what_was_carried_on() -> None:
    chain = evidence.chain(lab.load("solar_chain"), economy="CHN", base_year=2015).set_index("stage")
    assert chain.loc["polysilicon", "end_year"] == 2021
    assert chain.loc["module", "end_year"] == 2022
    text = words.solar(chain.reset_index(), economy="CHN", base_year=2015)
    assert "80% in modules (2022; 75% in 2015: rose)" in text
    turned = chain.reset_index().assign(change=-1.0)
    assert "rose" not in words.solar(turned, economy="CHN", base_year=2015)


def test_optional_tables_are_named_with_the_command() -> None:
    text = words.coverage(["robots"])
    assert "robots (robots installed) is in this run" in text
    assert "world_ranking_firms (number and profits of the world’s largest firms) is not in this run" in text
    assert "`mic2025lab data build world_ranking_firms`" in text
    analysis = get("leadership")
    assert analysis.loads(analysis.defaults()) == analysis.tables
    assert analysis.loads({**analysis.defaults(), "robots": "robots"}) == (*analysis.tables, "robots")


def test_largest_firms_leave_the_other_list_out() -> None:
    rows = [
        (edition, year, economy, indicator, value)
        for edition, year in (("forbes-2000-2022", 2022), ("fortune-500-2019", 2019))
        for economy, values in (("CHN", (30.0, 10.0, 200.0)), ("USA", (70.0, 30.0, 300.0)))
        for indicator, value in zip(("firms", "profit", "revenue"), values, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["edition", "year", "economy", "indicator", "value"])
    found = measures.largest_firms(table)
    assert set(found["year"]) == {2022}
    own = found[found["economy"] == "CHN"].set_index("measure")["value"]
    assert own.to_dict() == {"largest_firms_share": 30.0, "largest_firms_profit_share": 25.0}
    ranked = evidence.rankings(table, economy="CHN", comparators=["USA"]).set_index("economy")
    assert ranked["profit over revenue"].tolist() == pytest.approx([5.0, 10.0, 8.0])


@pytest.fixture(scope="module")
def committed() -> dict[str, pd.DataFrame]:
    names = ["ev_sales", "solar_chain", "solar_wind_capacity", "value_added", "research_spending"]
    found = {name: lab.load(name) for name in (*names, "official_manufacturing")}
    return found | {"world_economy": lab.load("world_economy", vintage="wdi-2026-07")}


def test_the_committed_tables(committed: dict[str, pd.DataFrame]) -> None:
    """Against figures of the sources' README and of the warnings of the tables: 11.3 of 17.5 million cars, 609.9 + 441.9 of 2,436 GW."""
    table = measures.series(committed, rival="USA")
    own = table[table["economy"] == "CHN"].set_index(["measure", "year"])["value"]
    assert own["ev_sales_share"][2024] == pytest.approx(100 * 11.3 / 17.5)
    assert own["solar_wind_power_share"][2023] == pytest.approx(
        100 * (609.9 + 441.9) / (1419.0 + 1017.2), abs=0.1
    )
    assert own["rd_ratio_to_usa"][2021] == pytest.approx(100 * 669.4 / 821.8, abs=0.1)
    chosen = measures.fields("USA")
    assert {field.volume.name for field in chosen} | {
        field.value.name for field in chosen if field.value
    } <= set(table["measure"])
    request = {"economy": "CHN", "comparators": ["USA", "JPN", "DEU", "KOR"]}
    rows = evidence.positions(table, chosen, base_year=2015, **request)
    assert rows.loc[rows["kind"] == "volume", "end"].notna().all()
    found = {name: value for name, value, *_ in evidence.figures(rows)}
    assert found["fields_led_by_volume"] > found["fields_led_by_value"]
    sources = evidence.sources(committed, economy="CHN", rival="USA", base_year=2015)
    assert sources["difference"].abs().max() < 5
    counts = evidence.base_years(table, chosen, around=[2014, 2015, 2016], **request)
    assert "Measures of volume that rose" in words.robustness(sources, counts)


def test_published_figures_have_an_address() -> None:
    found = evidence.published(lab.load("leadership_figures"), economy="CHN", comparators=["USA"])
    assert found["address"].str.startswith("http").all()
    assert {"China", "US"} <= set(found["entity"])


def test_a_base_year_without_figures_is_refused() -> None:
    with pytest.raises(ParameterError, match="choose a base_year from 2010 to 2019"):
        validate("leadership", {"base_year": 2005})
    with pytest.raises(ParameterError, match="comparators holds 'CHN'"):
        validate("leadership", {"comparators": ["USA", "CHN"]})
