"""Lists, duties, exports, counts and shares of `friction`: by hand, turned around, and on the committed tables."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.analyses import get, validate
from mic2025lab.errors import ParameterError
from mic2025lab.evidence import friction as evidence
from mic2025lab.evidence import friction_words as words
from mic2025lab.evidence.friction import Estimate
from mic2025lab.runs.run import run
from mic2025lab.sources import baci, gta

LISTS = pd.DataFrame(
    [("1", "01010001", "010100", True), ("3", "01010002", "010100", True), ("3", "02020001", "020200", True),
     ("4B", "02020002", "020200", False), ("4B", "03030001", "030300", False), ("4A", "04040001", "040400", True)],
    columns=["list", "hts8", "product", "applied"],
)  # fmt: skip
CONCORDANCE = pd.DataFrame(
    [("HS22", code, code) for code in ("010100", "020200", "030300", "040400", "050500")]
    + [("HS22", "040411", "040400"), ("HS22", "060600", "010100"), ("HS22", "060600", "020200")],
    columns=["from_hs", "from_code", "to_code"],
)


def imports(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["exporter", "product", "value", "duty"]).assign(flag="")


def sales(values: dict[int, list[float]], phase: tuple[str, ...] = ("meat", "none")) -> pd.DataFrame:
    """Exports of a product in each of as many chapters as there are values, by year."""
    rows = [
        (year, f"{n + 1:02d}0100", phase[n % len(phase)], float(value))
        for year, line in values.items()
        for n, value in enumerate(line)
    ]
    return pd.DataFrame(rows, columns=["year", "product", "phase_one", "value"])


def test_products_are_placed_by_hand() -> None:
    codes = ["010100", "020200", "030300", "040400", "050500", "040411", "060600", "990000"]
    found = evidence.place(codes, LISTS, CONCORDANCE, hs="HS22")
    assert list(found.values()) == [
        evidence.SEVERAL, evidence.MIXED, evidence.SUSPENDED, "list 4A", evidence.UNLISTED,
        "list 4A",  # new in HS22, from one code
        evidence.UNPLACED,  # from two
        evidence.UNPLACED,  # from none
    ]  # fmt: skip
    kinds = [evidence.kind(group) for group in found.values()]
    assert (
        kinds
        == [evidence.ON, evidence.ON, evidence.OFF, evidence.ON, evidence.OFF, evidence.ON]
        + [evidence.UNPLACED] * 2
    )


def test_duties_are_weighted_by_what_the_exporter_sells() -> None:
    rows = imports(
        [("CHN", "010100", 100e9, 25e9), ("MEX", "010100", 10e9, 0.5e9), ("CHN", "050500", 300e9, 3e9),
         ("MEX", "050500", 50e9, 0.5e9), ("CHN", "040400", 7e9, 7e9)]
    )  # fmt: skip
    placed = evidence.place(rows["product"], LISTS, CONCORDANCE, hs="HS22")
    products = evidence.by_product(rows, placed, exporter="CHN")
    # 010100: 25 % against 5 %; 050500: 1 % against 1 %; nobody else sells 040400, which is left out.
    found = evidence.extra_duty(products, draws=200, seed=1)
    assert found.value == pytest.approx(100 * (25 - 5) / 400)
    assert found.low == pytest.approx(0.0, abs=1e-9)  # a draw of the second chapter twice
    assert found.high == pytest.approx(20.0)
    table = evidence.coverage(products).set_index("group")
    assert table.loc[evidence.SEVERAL, ["duty", "duty_others", "extra"]].tolist() == pytest.approx(
        [25, 5, 20]
    )
    assert table.loc[evidence.SEVERAL, "exporter_share"] == pytest.approx(100 * 100 / 110)
    assert np.isnan(table.loc["list 4A", "extra"])
    assert table["share"].sum() == pytest.approx(100)


def test_members_of_the_union_are_not_counted_twice() -> None:
    rows = imports([("CHN", "010100", 1e9, 0.0), ("EU27", "010100", 3e9, 0.0), ("SVK", "010100", 2e9, 0.0)])
    rows.loc[2, "flag"] = "in_EU27"
    products = evidence.by_product(rows, {"010100": "list 1"}, exporter="CHN")
    assert products["other_value"].tolist() == [3e9]


def test_the_duty_turns_with_the_numbers() -> None:
    table = pd.DataFrame({"group": ["list 1", evidence.UNLISTED], "extra": [20.0, 1.0]})
    more = words.say_duty(Estimate(9.0, 7.0, 12.0), table, year=2024)
    assert "were charged 9.0 points of their value more than" in more
    assert "largest for list 1 (+20.0) and smallest for no list (+1.0)" in more
    less = words.say_duty(Estimate(-9.0, -12.0, -7.0), table, year=2024)
    assert "9.0 points of their value less than" in less
    unclear = words.say_duty(Estimate(9.0, -1.0, 12.0), table, year=2024)
    assert "no clear difference" in unclear
    assert "more" not in unclear
    assert "more than the same goods" in words.title_duty(Estimate(9.0, 7.0, 12.0), year=2024)
    assert "less than the same goods" in words.title_duty(Estimate(-9.0, -12.0, -7.0), year=2024)
    assert "do not clearly" in words.title_duty(Estimate(9.0, -1.0, 12.0), year=2024)


def test_exports_by_hand() -> None:
    exports = sales({2015: [10e9, 10e9], 2017: [20e9, 10e9], 2019: [10e9, 5e9]})
    table = evidence.export_changes(exports, base=2017, end=2019, draws=200, seed=1).set_index("goods")
    row = table.loc[evidence.ALL]
    assert (row["before"], row["after"], row["difference"]) == pytest.approx((50, -50, -100))
    assert row["after_low"] == row["after_high"] == pytest.approx(-50)  # the same in both chapters
    assert (row["low"], row["high"]) == pytest.approx((-150, -50))  # one chapter twice, or the other
    assert table.loc[evidence.AGREED, "before"] == pytest.approx(100)
    assert table.loc[evidence.OTHERS, "before"] == pytest.approx(0)
    index = evidence.export_index(exports, base=2017).set_index(["goods", "year"])["index"]
    assert index[evidence.AGREED, 2019] == pytest.approx(50)


@pytest.mark.parametrize(
    ("values", "said", "titled"),
    [
        ({2015: [10] * 8, 2017: [20] * 8, 2019: [10] * 8}, "a turn down", "fell from 2017 to 2019"),
        ({2015: [20] * 8, 2017: [10] * 8, 2019: [20] * 8}, "a turn up", "rose from 2017 to 2019"),
        (
            {2015: [10] * 8, 2017: [10] * 8, 2019: [30, 5, 20, 2, 9, 15, 3, 10]},
            "no clear turn",
            "did not clearly rise or fall",
        ),
    ],
)
def test_exports_turn_with_the_numbers(values: dict, said: str, titled: str) -> None:
    changes = evidence.export_changes(sales(values), base=2017, end=2019, draws=400, seed=1)
    assert said in words.say_exports(changes, base=2017, end=2019)
    assert titled in words.title_exports(changes, base=2017, end=2019)


def test_one_kind_of_goods_is_enough() -> None:
    exports = sales({2016: [1.0, 2.0], 2017: [2.0, 2.0], 2018: [1.0, 1.0]}, phase=("none",))
    table = evidence.export_changes(exports, base=2017, end=2018, draws=100, seed=1)
    assert table["goods"].tolist() == [evidence.ALL, evidence.OTHERS]
    assert "agreement" not in words.say_exports(table, base=2017, end=2018)
    assert "over the year before" in words.title_exports(table, base=2017, end=2018)


@pytest.mark.parametrize(
    ("end", "title"),
    [
        ([5.0, 20.0], "Animals lost most; Meat gained most, 2017 to 2019"),
        ([5.0, 8.0], "Animals lost most, 2017 to 2019"),
        ([15.0, 20.0], "Meat gained most, 2017 to 2019"),
        ([10.0, 10.0], "No chapter moved, 2017 to 2019"),
    ],
)
def test_chapters_that_lost_and_gained(end: list[float], title: str) -> None:
    names = pd.DataFrame(
        {"code": ["01", "02"], "description": ["Animals; live", "Meat and parts thereof, edible"]}
    )
    table = evidence.export_chapters(sales({2017: [10.0, 10.0], 2019: end}), names, base=2017, end=2019)
    assert words.title_chapters(table, base=2017, end=2019) == title


def test_other_years_are_said_by_their_intervals() -> None:
    table = pd.DataFrame(
        {"base": [2016, 2017], "end": [2018, 2019], "low": [-5.0, -9.0], "high": [5.0, -1.0]}
    )
    assert "clearly below zero in 1 and clearly above in 0: below for 2017 to 2019" in words.say_checks(table)
    up = words.say_checks(table.assign(low=[1.0, 1.0], high=[2.0, 2.0]))
    assert up.endswith("below zero in 0 and clearly above in 2.")


def counts(after: dict[str, float]) -> pd.DataFrame:
    """Harmful measures: 10 a year of each member to 2015, then what is given."""
    rows = [
        (year, code, "harmful", 10.0 if year <= 2015 else value)
        for code, value in after.items()
        for year in range(2012, 2019)
    ]
    rows += [(2016, code, "liberalizing", 500.0) for code in after]
    return pd.DataFrame(rows, columns=["year", "economy", "evaluation", "value"])


def test_counts_take_the_union_as_one() -> None:
    table = counts({"CHN": 30, "USA": 20, "DEU": 40, "FRA": 40, "GBR": 40, "ITA": 40})
    before, step = evidence.count_change(table, base=2015, end=2018, draws=200, seed=1)
    assert before == pytest.approx(10)
    assert step.value == pytest.approx((20 + 10 + 30) / 3)
    series = evidence.counts_by_year(table, economy="CHN", end=2017)
    assert series["year"].max() == 2017
    others = series[(series["series"] == "mean of the others") & (series["year"] == 2017)]
    assert others["value"].tolist() == pytest.approx([30.0])


@pytest.mark.parametrize(
    ("after", "said", "titled"),
    [
        ({"CHN": 30, "USA": 20, "IND": 40}, "took more harmful measures", "took more"),
        ({"CHN": 3, "USA": 2, "IND": 4}, "took fewer harmful measures", "took fewer"),
        ({"CHN": 30, "USA": 0, "IND": 12}, "not clearly more or fewer", "no clear change"),
    ],
)
def test_counts_turn_with_the_numbers(after: dict, said: str, titled: str) -> None:
    table = counts(after)
    before, step = evidence.count_change(table, base=2015, end=2018, draws=400, seed=1)
    series = evidence.counts_by_year(table, economy="CHN", end=2018)
    text = words.say_counts(before, step, series, economy="CHN", base=2015, end=2018)
    assert said in text
    assert "Counts are late" in text
    assert titled in words.title_counts(step, base=2015)


def test_who_is_touched_by_hand() -> None:
    pairs = pd.DataFrame(
        [("USA", "CHN", 5), ("DEU", "CHN", 4), ("FRA", "CHN", 4), ("CHN", "USA", 3), ("USA", "BRA", 1)],
        columns=["economy", "affected", "value"],
    ).assign(evaluation="harmful")
    table = evidence.touching(pairs)
    assert table["affected"].tolist() == ["CHN", "USA", "BRA"]
    assert table["measures"].tolist() == [9, 3, 1]  # the union's four are one measure here
    assert "number 1 of 3 by that count; the taker of most, 5, was the United States" in words.say_touching(
        table, economy="CHN", year=2020
    )
    assert "number 3 of 3" in words.say_touching(table, economy="BRA", year=2020)


FLOWS = pd.DataFrame(
    [(year, exporter, product, value)
     for year, china in ((2017, 50.0), (2020, 20.0))
     for product, own in (("010100", china), ("020200", china), ("050500", 50.0), ("030300", 50.0))
     for exporter, value in (("CHN", own), ("VNM", 100.0 - own))],
    columns=["year", "exporter", "product", "value"],
)  # fmt: skip


def test_shares_on_the_lists_and_off_them_by_hand() -> None:
    placed = evidence.place(FLOWS["product"], LISTS, CONCORDANCE, hs="HS22")
    wide = evidence.shares(FLOWS, placed, exporter="CHN").pivot(
        index="year", columns="series", values="share"
    )
    assert wide.loc[2020].to_dict() == pytest.approx({evidence.ON: 20, evidence.OFF: 50})
    ends = {"exporter": "CHN", "base": 2017, "end": 2020}
    found = evidence.diverted(FLOWS, placed, **ends, draws=200, seed=1)
    assert (found.value, found.low, found.high) == pytest.approx((-30, -30, -30))
    gained = evidence.takers(FLOWS, placed, **ends)
    assert gained.set_index("exporter")["change"].to_dict() == pytest.approx({"VNM": 30, "CHN": -30})
    text = words.say_diverted(found, gained, base=2017, end=2020)
    assert "lost 30.0 points in products on an applied list" in text
    assert text.endswith("Vietnam (+30.0).")
    turned = Estimate(30.0, 10.0, 40.0)
    assert "gained 30.0 points" in words.say_diverted(turned, gained, base=2017, end=2020)
    assert "rose 30.0 points" in words.title_diverted(turned, base=2017, end=2020)
    unclear = Estimate(-30.0, -70.0, 10.0)
    assert "did not clearly move otherwise" in words.say_diverted(unclear, gained, base=2017, end=2020)
    assert "no differently" in words.title_diverted(unclear, base=2017, end=2020)


def test_what_a_run_lacks_is_said() -> None:
    text = words.say_missing([], "embedded")
    assert all(name in text for name in evidence.COUNTED)
    assert "mic2025lab data build NAME" in text
    assert "flows=baci" in text
    assert "trade_interventions," not in words.say_missing(["trade_interventions"], "baci")
    assert words.say_missing(list(evidence.COUNTED), "baci") is None
    assert set(evidence.COUNTED) <= {table.name for table in gta.TABLES}


def test_parameters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    analysis = get("friction")
    assert analysis.loads(analysis.defaults()) == analysis.tables
    asked = {"measures": ["trade_interventions"], "flows": "baci"}
    assert analysis.loads(asked)[-2:] == ("trade_interventions", "baci")
    for values, message in [
        ({"end": 2021}, "choose an end from 2018 to 2020"),
        ({"base_year": 2014, "end": 2017}, "choose an end from 2015 to 2015"),
        ({"base_year": 2013}, "choose a base_year from 2014 to 2019"),
        ({"measures": ["trade_intervention"]}, "Did you mean 'trade_interventions'?"),
        ({"measures": ["trade_interventions"]}, "mic2025lab data build trade_interventions"),
        ({"flows": "baci"}, "mic2025lab data baci ZIP_OR_URL"),
    ]:
        with pytest.raises(ParameterError) as caught:
            validate("friction", values)
        assert message in str(caught.value)


def test_the_committed_tables() -> None:
    """The groups add up to all imports from China; duties on the lists stand out and those off them hardly do."""
    lists, rows = lab.load("us_tariff_lists"), lab.load("us_imports")
    concordance = lab.load("hs_concordance", to_hs=evidence.LISTS_HS)
    placed = evidence.place(rows["product"], lists, concordance, hs="HS22")
    products = evidence.by_product(rows, placed, exporter="CHN")
    table = evidence.coverage(products).set_index("group")
    assert table["value"].sum() == pytest.approx(429.4, abs=0.05)
    assert (table.loc[["list 1", "list 2", "list 3"], "extra"] > 15).all()
    assert table.loc[evidence.SUSPENDED, "extra"] < 1
    assert words.sums(table.reset_index()).sum() == pytest.approx(100)
    sizes = evidence.list_sizes(lists, concordance).set_index("list")
    assert sizes.loc["3", "lines"] == 5759
    assert sizes.loc["all applied", "lines"] == lists.loc[lists["applied"], "hts8"].nunique()
    exports = lab.load("us_exports_to_china")
    changes = evidence.export_changes(exports, base=2017, end=2019, draws=100, seed=1).set_index("goods")
    # 129.0 and 106.0 billion USD
    assert changes.loc[evidence.ALL, "after"] == pytest.approx(-17.8, abs=0.05)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SIMULATED flows to the United States in listed and unlisted products, in the producer's format: China loses the listed ones."""
    folder = tmp_path_factory.mktemp("baci")
    lists = lab.load("us_tariff_lists")
    known = set(lab.load("hs_products", hs="HS12", level=6)["code"])
    listed = sorted(set(lists.loc[lists["list"].isin(["1", "3"]), "product"]) & known)[::40]
    others = sorted(known - set(lists["product"]))[::10]
    economies = {156: "CHN", 842: "USA", 704: "VNM", 484: "MEX"}
    draws = np.random.default_rng(2025)
    path = folder / "BACI_HS12_V202501.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        codes = pd.DataFrame({"country_code": list(economies), "country_name": list(economies.values())})
        codes["country_iso2"], codes["country_iso3"] = "XX", list(economies.values())
        archive.writestr("country_codes_V202501.csv", codes.to_csv(index=False))
        names = pd.DataFrame({"code": [*listed, *others], "description": "made by the test"})
        archive.writestr("product_codes_HS12_V202501.csv", names.to_csv(index=False))
        for year in range(2015, 2021):
            rows = [
                (year, i, 842, k, round(100 * draws.uniform(0.9, 1.1) * (0.3 if i == 156 and k in listed and year > 2017 else 1), 3), 1.0)
                for i in economies if i != 842 for k in (*listed, *others)
            ]  # fmt: skip
            table = pd.DataFrame(rows, columns=list("tijkvq"))
            archive.writestr(f"BACI_HS12_Y{year}_V202501.csv", table.to_csv(index=False))
    cache = folder / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_CACHE", str(cache))
        baci.convert(path)
    return cache


@pytest.mark.slow
def test_the_notebook_takes_bilateral_flows(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(store))
    with pytest.raises(ParameterError, match="base_year = 2020 is outside us_exports_to_china"):
        validate("friction", {"flows": "baci", "base_year": 2020})
    result = run("friction", {"flows": "baci"}, reports=tmp_path)
    assert result.status == "done", result.error
    results = json.loads((result.folder / "results.json").read_text(encoding="utf-8"))
    found = results["figures"]["share_diverted"]
    # A third of the imports before; 0.3 of 2.3 after on the lists
    assert found["value"] == pytest.approx(100 * (0.3 / 2.3 - 1 / 3), abs=2)
    assert found["high"] < 0
    assert any("lost" in sentence and "Mexico" in sentence for sentence in results["finding"])
