"""`foreign_firms` with a file of the user's own."""

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.analyses import get
from mic2025lab.errors import ParameterError, TableError


def shares(auto=(50.0, 30.0), total=(24.0, 18.0)):
    """Output of 1,000 in each industry, and what foreign-invested firms have of it in 2014 and 2023 (percent)."""
    rows = [
        (year, industry, owner, "output", value)
        for industry, part in (("all", total), ("auto_parts", auto), ("0370", (50.0, 60.0)))
        for year, share in zip((2014, 2023), part, strict=True)
        for owner, value in (("all", 1000.0), ("foreign_hmt", 10 * share), ("private", 1.0))
    ]
    return pd.DataFrame(rows, columns=["year", "industry", "owner", "indicator", "value"])


@pytest.fixture
def with_file(run_cells, tmp_path):
    """A function: what the notebook records with a table as the user's own file."""

    def run(table, **more):
        file = tmp_path / "owners.csv"
        table.to_csv(file, index=False)
        return run_cells("foreign_firms", path=str(file), columns=["ownership=owner"], **more)

    return run


def test_shares_of_the_file_are_compared_across_the_base_year(with_file):
    results = with_file(shares())
    assert {name: value for name, value in results.numbers.items() if name.startswith("own_")} == {
        "own_foreign_output_share_change": -6.0,
        "own_foreign_output_auto_parts_change": -20.0,
        "own_foreign_output_fell_in": 50.0,
        "own_foreign_output_rose_in": 50.0,
    }
    changes = results.table("own_shares", dtype={"industry": "str"}).set_index("industry")["change"]
    assert changes.to_dict() == {"all": -6.0, "auto_parts": -20.0, "0370": 10.0}
    assert not any("output" in text and "cannot be tested" in text for text in results["finding"])
    # A field that a claim names has an estimate for each base year; the file begins in 2014.
    table = results.table("own_foreign_output_auto_parts_change_specifications")
    known = table.dropna(subset="estimate").set_index("base_year")["estimate"].to_dict()
    assert known == {2014: -20.0, 2015: -20.0, 2016: -20.0}
    assert not [name for name in results["tables"] if "0370" in name]


def test_a_missing_value_has_no_share_and_is_no_zero(with_file):
    table = shares()
    gone = (table["industry"] == "0370") & (table["year"] == 2023) & (table["owner"] != "all")
    table.loc[gone, "value"] = None
    # Of the one industry that is left:
    assert with_file(table).numbers["own_foreign_output_fell_in"] == 100.0


def test_without_a_year_on_each_side_nothing_is_compared(with_file):
    results = with_file(shares(), base_year=2023)
    assert not [name for name in results["figures"] if name.startswith("own_")]
    assert any("output, sales, and exports cannot be tested" in text for text in results["finding"])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace({"owner": {"foreign_hmt": "foreign"}}),
        lambda t: pd.concat([t, t.head(1)]),
        lambda t: t.assign(value=t["value"].mask(t["owner"] == "foreign_hmt", 5000.0)),
    ],
    ids=["owner missing", "row repeated", "more than all"],
)
def test_a_file_that_cannot_be_right_is_refused(change, with_file):
    with pytest.raises((TableError, ParameterError), match=r"owners\.csv"):
        with_file(change(shares()))


def test_the_share_since_2015_is_shown_and_is_no_evidence(run_once):
    """Press pages have the first half of 2015 and of 2024: 7216.7 of 28441.8, and 8614.9 of 35110.3 (100 million yuan)."""
    figure = run_once("foreign_firms")["figures"]["press_profit_share_change"]
    assert figure["value"] == pytest.approx(100 * (8614.9 / 35110.3 - 7216.7 / 28441.8))
    assert figure["note"].startswith("Unverified")


def test_trade_by_owner_and_brands_of_cars(run_once):
    """A share is a part over the total of the same page; brands are compared by sales to dealers only."""
    results = run_once("foreign_firms")
    trade = lab.load("trade_by_firm_type").query("flow == 'imports' and unit == 'thousand USD'")
    trade = trade.set_index(["period", "firm_type"])["value"]
    early, late = (
        100 * trade[period, "foreign_invested"] / trade[period, "total"]
        for period in ("2019-01..12", "2023-01..12")
    )
    assert results.numbers["foreign_imports_share_change"] == pytest.approx(late - early)
    table = results.table("chinese_car_brands_change_specifications")
    assert set(table["base_year"]) == {2014, 2015, 2016}
    assert set(table["end"]) == {2018, 2019, 2022}  # 2023 and 2024 are sales in China
    assert results.numbers["chinese_car_brands_change"] == pytest.approx(47.8 - 40.9)


def test_the_file_names_the_run(tmp_path):
    file = tmp_path / "owners.csv"
    shares().to_csv(file, index=False)
    assert set(get("foreign_firms").files({"path": str(file)})) == {"owners.csv"}
    assert get("foreign_firms").files({"path": "none"}) == {}
