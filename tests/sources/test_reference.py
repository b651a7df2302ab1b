"""The tables compiled by hand."""

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import reference
from mic2025lab.sources.reading import RawTable


def test_same_is_taken_as_a_word_only_and_refers_to_something():
    column = pd.Series(["Spending", "same, PPP", "sameness index"])
    assert reference.resolve_idem(column).tolist() == ["Spending", "Spending, PPP", "sameness index"]
    with pytest.raises(SourceError, match="first row"):
        reference.resolve_idem(pd.Series(["idem", "A"]))


def test_what_is_not_a_number_is_kept_as_text():
    frame = reference.numbers(pd.DataFrame({"value": ["3.5", "-2", "3-8", "qualitative", ""]}))
    assert frame["value"].tolist()[:2] == [3.5, -2.0]
    assert frame["value"].isna().tolist() == [False, False, True, True, True]
    assert frame["value_text"].fillna("").tolist() == ["", "", "3-8", "qualitative", ""]


def test_a_qualified_yes_is_partial_and_keeps_its_reason():
    frame = pd.DataFrame(
        {"verified": ["yes", "yes (claim read; low-quality source)", "no"], "note": ["", "n", ""]}
    )
    made = reference.verification(RawTable(reference.SOURCE, "f", frame))
    assert made["verified"].tolist() == ["yes", "partial", "no"]
    assert made["note"].tolist() == ["", "n; claim read; low-quality source", ""]
    with pytest.raises(SourceError, match="perhaps"):
        reference.verification(RawTable(reference.SOURCE, "f", frame.assign(verified="perhaps")))


@pytest.mark.parametrize(
    ("period", "year"),
    [
        ("2020", 2020), ("2020-06", 2020), ("2016-2020", 2020), ("2024-28", 2028), ("2020Q1", 2020), ("end-2023", 2023),
        ("1999-2008 (ten years before GFC)", 2008),
    ],
)  # fmt: skip
def test_last_year_of_a_period(period, year):
    assert reference.last_year(pd.Series([period])).tolist() == [year]
