"""Tables and sentences of `foreign_firms`: worked by hand, turned around, with figures left out, and with a file of one's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import own_panels as firms
from mic2025lab.analyses import get, validate
from mic2025lab.analyses.requests_leadership import ForeignFirms
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.evidence import foreign_firms as evidence


def table(growth: tuple[float, float] = (20.0, 10.0), use: str = "series") -> pd.DataFrame:
    """One year: 200 of 1,000, growth of all and of foreign-invested firms as given; and a press figure that must not enter."""
    rows = [
        ("2020", 2020, "all", 1000.0, growth[0], use),
        ("2020", 2020, "foreign_hmt", 200.0, growth[1], use),
        ("2020", 2020, "foreign_hmt", 201.0, float("nan"), "check"),
        ("2015", 2015, "all", 900.0, float("nan"), "check"),
        ("2015", 2015, "foreign_hmt", 300.0, float("nan"), "check"),
        ("2014-01..11", 2014, "foreign_hmt", 150.0, 3.0, "series"),
    ]
    return pd.DataFrame(rows, columns=["period", "year", "ownership", "value", "growth", "use"])


def test_the_share_and_that_of_the_year_before_on_the_same_base_by_hand() -> None:
    found = evidence.profits(table())
    assert found["period"].tolist() == ["2020"]
    row = found.iloc[0]
    assert row["share"] == pytest.approx(20.0)
    # The year before: all 1000 / 1.2, foreign-invested 200 / 1.1.
    assert row["share_before"] == pytest.approx(100 * (200 / 1.1) / (1000 / 1.2))
    assert row["change"] == pytest.approx(20.0 - row["share_before"])


def test_the_words_turn_around() -> None:
    fell, rose = evidence.profits(table((20.0, 10.0))), evidence.profits(table((10.0, 20.0)))
    assert "the share fell: −1.8 points in 2020" in evidence.say_profits(fell)
    assert "the share rose: +1.7 points in 2020" in evidence.say_profits(rose)
    still = evidence.profits(table((10.0, 10.0)))
    assert "the share did not move one way: 0.0 points in 2020" in evidence.say_profits(still)
    less, more = evidence.growth(table((20.0, 10.0))), evidence.growth(table((10.0, 20.0)))
    assert (
        "less than that of all firms in 1 of 1 period for which both are printed: 2020 (+10.0% against +20.0%)"
        in (evidence.say_growth(less))
    )
    assert "in 0 of 1 period" in evidence.say_growth(more)
    assert evidence.title_growth(more).endswith("in 0 of 1 period")


def test_press_figures_enter_nothing_and_what_is_missing_is_no_zero() -> None:
    assert evidence.profits(table(use="check").drop(index=2)).empty
    assert "there is no figure of their share" in evidence.say_profits(
        evidence.profits(table(use="check").drop(index=2))
    )
    growth = evidence.growth(table())
    assert growth["period"].tolist() == ["2014-01..11", "2020"]
    assert pd.isna(growth.loc[0, "all"])
    unknown = evidence.profits(table((float("nan"), 10.0)))
    assert pd.isna(unknown["change"].iloc[0])
    assert "No growth is printed for both" in evidence.say_profits(unknown)
    assert evidence.title_profits(unknown) == "Foreign-invested firms made 20% of industrial profit in 2020"


def test_before_and_after_is_not_testable_without_a_share_on_each_side() -> None:
    found = evidence.profits(table())
    assert "No share of profit up to 2015 may be used" in evidence.say_before(found, base_year=2015)
    assert "No share of profit after 2021 may be used" in evidence.say_before(found, base_year=2021)
    two = pd.concat([found.assign(year=2014, period="2014", share=30.0), found])
    assert "Across 2015 the share went from 30.0% (2014) to 20.0% (2020)" in evidence.say_before(
        two, base_year=2015
    )


def test_what_is_used_is_held_against_the_press() -> None:
    found = evidence.compared(table())
    assert found[["period", "ownership", "difference"]].values.tolist() == [["2020", "foreign_hmt", -1.0]]
    text = evidence.say_compared(found)
    assert text.startswith("1 figure of profit in use")
    assert "differ from it by at most 1.0" in text


def test_the_committed_table() -> None:
    """2021: 22,845.5 of 87,092.1; 2022: 20,039.6 of 84,039.0 (100 million yuan)."""
    found = evidence.profits(lab.load("industrial_profits"))
    assert found.set_index("period")["share"].to_dict() == pytest.approx(
        {"2021": 100 * 22845.5 / 87092.1, "2022": 100 * 20039.6 / 84039.0}
    )
    assert (found["change"] < 0).all()
    assert evidence.compared(lab.load("industrial_profits"))["difference"].abs().max() <= 0.5


# -- a file of one's own -----------------------------------------------------------------------------------------------------------


def own(auto: tuple[float, float] = (50.0, 30.0), total: tuple[float, float] = (24.0, 18.0)) -> pd.DataFrame:
    rows = [
        (year, industry, owner, "output", value)
        for industry, shares in (("all", total), ("auto_parts", auto), ("aircraft", (50.0, 60.0)))
        for year, share in zip((2014, 2023), shares, strict=True)
        for owner, value in (("all", 1000.0), ("foreign_hmt", 10 * share), ("private", 1.0))
    ]
    return pd.DataFrame(rows, columns=["year", "industry", "ownership", "indicator", "value"])


def said(rows: pd.DataFrame, base_year: int = 2015) -> str:
    changes = evidence.before_after(evidence.supplied(rows, name="own.csv"), base_year=base_year)
    return " ".join(evidence.say_supplied(changes, base_year=base_year, name="own.csv"))


def test_a_supplied_table_is_compared_across_the_base_year() -> None:
    assert said(own()) == (
        "By own.csv, the share of foreign-invested firms in output fell in all industry (24.0% in 2014 to 18.0% in 2023) and fell in 1 and "
        "rose in 1 of 2 industries, most in aircraft (+10.0)."
    )
    assert (
        "rose in all industry (18.0% in 2014 to 24.0% in 2023) and fell in 0 and rose in 2 of 2 industries"
        in said(own(auto=(30.0, 50.0), total=(18.0, 24.0)))
    )
    assert "hardly changed in all industry" in said(own(total=(24.0, 24.2)))
    changes = evidence.before_after(evidence.supplied(own(), name="own.csv"), base_year=2015)
    found = {
        name.removeprefix("own_foreign_output_"): value for name, value, _ in evidence.own_figures(changes)
    }
    assert found == pytest.approx({"share_change": -6.0, "fell_in": 50.0, "rose_in": 50.0})


def test_a_supplied_table_without_years_on_both_sides_is_not_testable() -> None:
    assert said(own(), base_year=2023) == (
        "own.csv has no indicator and industry with a year up to 2023 and one after it: not testable."
    )


def test_a_missing_value_gives_no_share_and_no_zero() -> None:
    rows = own()
    rows.loc[
        (rows["industry"] == "aircraft") & (rows["ownership"] == "foreign_hmt") & (rows["year"] == 2023),
        "value",
    ] = float("nan")
    shares = evidence.supplied(rows, name="own.csv")
    assert shares[(shares["industry"] == "aircraft") & (shares["year"] == 2023)].empty
    assert "of 1 industry" in said(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace({"ownership": {"foreign_hmt": "foreign"}}), "own.csv has no row with ownership 'foreign_hmt', only"),
        (lambda t: pd.concat([t, t.head(1)]), "own.csv has 2 rows whose indicator, industry, year and ownership come more than once"),
        (lambda t: t.assign(value=t["value"].mask(t["ownership"] == "foreign_hmt", 5000.0)), "more than all firms in 6 cells"),
    ],
)  # fmt: skip
def test_a_supplied_table_that_cannot_be_is_refused(change, message: str) -> None:
    with pytest.raises(TableError, match=message):
        evidence.supplied(change(own()), name="own.csv")


def test_what_is_not_in_the_file_stays_not_testable() -> None:
    assert evidence.untested([]) == ["output", "sales", "exports"]
    assert evidence.say_untested(["sales", "exports"]).startswith(
        "The share of foreign-invested firms in sales and exports is not testable"
    )
    for column in ForeignFirms.needs:
        assert column in evidence.say_untested(["sales"])
        assert column in set(evidence.wanted()["column"])
    assert evidence.say_untested(evidence.untested(["output", "sales", "exports"])) == (
        "Output, sales and exports are in the file that was given."
    )


def test_the_file_is_read_under_its_own_names_and_names_the_run(tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    own().rename(columns={"ownership": "owner"}).assign(
        industry=lambda t: t["industry"].replace("aircraft", "0370")
    ).to_csv(file, index=False)
    columns = ["ownership=owner"]
    assert validate("foreign_firms", {"path": str(file), "columns": columns})
    panel = firms.read_panel(str(file), columns, ForeignFirms.needs)
    assert set(panel.table["industry"]) == {"all", "auto_parts", "0370"}
    assert panel.label == "owners.csv: 2014–2023"
    analysis = get("foreign_firms")
    assert analysis.files(analysis.defaults()) == {}
    assert set(analysis.files({"path": str(file)})) == {"owners.csv"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"columns": ["ownership=owner"]}, "path = 'none' has none to rename"),
        ({"path": "nowhere.csv"}, "is not a file that exists. Give a file, or leave path out."),
        ({"path": "simulated"}, "says nothing of owners"),
    ],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message.replace("(", r"\(")):
        validate("foreign_firms", values)
