"""Specification curve: every combination once, refusals kept in sight, summaries by hand."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from mic2025lab.errors import LabError, ParameterError, UnknownName
from mic2025lab.models import against_others, specification_curve


@dataclass(frozen=True)
class Result:
    estimate: float
    p_value: float = 0.5

    def conf_int(self, level):
        return self.estimate - level, self.estimate + level


CHOICES = {"a": [1.0, 2.0, -3.0], "b": ["plus", "minus", "none"]}


def estimator(a, b):
    if b == "none":
        raise LabError("no years are left")
    return Result(a if b == "plus" else a / 10)


def made(estimator=estimator, headline=("plus", 2.0), **options):
    """The curve of an estimator over all choices."""
    return specification_curve(estimator, CHOICES, headline=dict(zip("ba", headline, strict=True)), **options)


def test_by_hand():
    curve = made(level=0.9)
    # 1, 0.1, 2, 0.2, -3, -0.3
    assert (curve.n_specifications, curve.n_estimated) == (9, 6)
    assert curve.estimate == 2.0
    assert curve.median == pytest.approx((0.1 + 0.2) / 2)
    assert (curve.lowest, curve.highest) == (-3.0, 2.0)
    assert curve.same_sign == pytest.approx(4 / 6)
    assert curve.clear == pytest.approx(2 / 6)
    refused = curve.table[curve.table["b"] == "none"]
    assert refused["note"].tolist() == ["no years are left"] * 3
    assert refused["estimate"].isna().all()
    assert curve.table["headline"].sum() == 1


def test_turned_around():
    """Other signs everywhere: the same shares."""
    first, turned = made(level=0.9), made(lambda a, b: estimator(-a, b), level=0.9)
    assert (turned.estimate, turned.median) == (-first.estimate, -first.median)
    assert (turned.lowest, turned.highest) == (-first.highest, -first.lowest)
    assert (turned.same_sign, turned.clear) == (first.same_sign, first.clear)


def test_by_choice():
    curve = made()
    table = curve.by_choice().set_index(["choice", "option"])
    assert table.loc[("a", "-3.0"), "same_sign"] == 0.0
    assert table.loc[("b", "plus"), "n"] == 3
    assert table.loc[("b", "none"), "n"] == 0
    assert math.isnan(table.loc[("b", "none"), "same_sign"])


def test_executor_changes_nothing():
    with ThreadPoolExecutor(2) as threads:
        pd.testing.assert_frame_equal(made().table, made(executor=threads).table)


def test_other_errors_are_raised():
    def broken(a):
        raise ZeroDivisionError("a mistake in the estimator")

    with pytest.raises(ZeroDivisionError):
        specification_curve(broken, {"a": [1]}, headline={"a": 1})


@pytest.mark.parametrize(
    ("choices", "headline", "error", "words"),
    [
        ({}, {}, ParameterError, "at least one choice"),
        ({"a": []}, {"a": 1}, ParameterError, "at least one option"),
        ({"a": [1, 1]}, {"a": 1}, ParameterError, "twice"),
        ({"a": [1, 2]}, {}, ParameterError, "headline must say a"),
        ({"a": [1, 2]}, {"a": 3}, UnknownName, "One of: 1, 2"),
        ({"estimate": [1]}, {"estimate": 1}, ParameterError, "cannot be called"),
    ],
)
def test_refuses(choices, headline, error, words):
    with pytest.raises(error, match=words):
        specification_curve(lambda **options: 1.0, choices, headline=headline)


def test_headline_must_be_estimable():
    with pytest.raises(ParameterError, match="no years are left"):
        made(headline=("none", 1.0))
    with pytest.raises(ParameterError, match="between 0 and 1"):
        made(level=95)


def test_by_default_the_first_option_of_each_choice_is_the_headline():
    """Plain numbers have no intervals."""
    curve = specification_curve(lambda a, b: a + b, {"a": [2, 1], "b": [10, -20]})
    assert (curve.estimate, curve.same_sign) == (12, 0.5)
    assert curve.table["headline"].sum() == 1
    assert curve.table["low"].isna().all()
    assert math.isnan(curve.clear)


OTHERS = pd.Series(np.arange(101.0), [f"E{number}" for number in range(101)])


def changes(own):
    return pd.concat([pd.Series({"CHN": own}), OTHERS])


def test_a_change_against_others_by_hand():
    assert against_others(changes(100.0), "CHN") == (50.0, 5.0, 95.0)  # 5 and 95 are the quantiles
    assert against_others(changes(100.0), "CHN", level=0.5) == (50.0, 25.0, 75.0)
    # Turned around it is the mirror image.
    estimate, low, high = against_others(changes(96.0), "CHN")
    assert against_others(-changes(96.0), "CHN") == (-estimate, -high, -low)


def test_missing_values_are_no_others():
    few = pd.Series({"CHN": 1.0, "USA": 2.0, "JPN": 3.0, "KOR": None})
    with pytest.raises(ParameterError, match="2 others"):
        against_others(few, "CHN")
    with pytest.raises(ParameterError, match="CHN has no change"):
        against_others(changes(np.nan), "CHN")


def test_a_table_is_its_two_columns():
    table = changes(100.0).rename_axis("economy").rename("value").reset_index()
    assert against_others(table, "CHN") == against_others(changes(100.0), "CHN")
    renamed = table.rename(columns={"economy": "who", "value": "change"})
    assert against_others(renamed, "CHN", of="who", value="change") == against_others(changes(100.0), "CHN")
    with pytest.raises(ParameterError, match="CHN has more than one change"):
        against_others(pd.concat([table, table.head(1)]), "CHN")
