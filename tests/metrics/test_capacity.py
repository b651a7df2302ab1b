"""Capacity metrics: by hand, by property, and on kinds of bad input."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import TableError, UnknownName
from mic2025lab.metrics.capacity import price_volume, share_below, surplus_ratio, utilization_gap

SETTINGS = settings(max_examples=40, deadline=None)


def rates(**columns: object) -> pd.DataFrame:
    base = {
        "industry": "coal",
        "period": [2017, 2018, 2019, 2020, 2021],
        "value": [68.0, 71.0, 71.0, 70.0, 75.0],
    }
    return pd.DataFrame(base | columns)


def test_gap_to_the_mean_by_hand() -> None:
    result = utilization_gap(rates(), history=(2017, 2020))
    # Mean of 68, 71, 71, 70 = 70; squares 4 + 1 + 1 + 0 = 6 over 3 = 2; 75 is 5 points, 5/sqrt(2) deviations above.
    assert result["reference"].tolist() == [70.0] * 5
    assert result["gap"].tolist() == [-2.0, 1.0, 1.0, 0.0, 5.0]
    assert result["gap_sd"].iloc[4] == pytest.approx(5 / math.sqrt(2))


def test_gap_to_the_peak_and_trend_by_hand() -> None:
    top = utilization_gap(rates(), history=(2017, 2020), reference="peak")
    assert top["gap"].tolist() == [-3.0, 0.0, 0.0, -1.0, 4.0]
    # Slope of 68, 71, 71, 70 on -1.5, -0.5, 0.5, 1.5: (-102 - 35.5 + 35.5 + 105)/5 = 0.6; at 2021 70 + 0.6 * 2.5 = 71.5.
    # Residuals -1.1, 1.3, 0.7, -0.9: squares 1.21 + 1.69 + 0.49 + 0.81 = 4.2 over 2 = 2.1.
    trend = utilization_gap(rates(), history=(2017, 2020), reference="trend").iloc[4]
    assert trend["reference"] == pytest.approx(71.5)
    assert trend["gap"] == pytest.approx(3.5)
    assert trend["gap_sd"] == pytest.approx(3.5 / math.sqrt(2.1))


def test_quarters_run_through_the_year() -> None:
    periods = [f"{year}Q{quarter}" for year in (2018, 2019) for quarter in (1, 2, 3, 4)]
    rising = pd.DataFrame(
        {"industry": "coal", "period": periods, "value": 70 + 0.5 * np.arange(8) + [0.1, -0.1] * 4}
    )
    result = utilization_gap(rising, reference="trend")
    assert np.abs(result["gap"]).max() < 0.2
    shuffled = utilization_gap(rising[::-1], reference="trend").sort_index()
    np.testing.assert_allclose(shuffled["gap"], result["gap"], atol=1e-9)


def test_short_flat_and_missing_histories() -> None:
    table = pd.concat([rates(), rates(industry="food", value=[70.0, np.nan, np.nan, np.nan, 75.0])])
    result = utilization_gap(table)
    assert result[result["industry"] == "food"]["gap"].isna().all()
    assert result[result["industry"] == "coal"]["gap"].notna().all()
    flat = utilization_gap(rates(value=70.0))
    assert flat["gap"].tolist() == [0.0] * 5
    assert flat["gap_sd"].isna().all()


@SETTINGS
@given(st.lists(st.floats(10, 100), min_size=5, max_size=5), st.floats(0.01, 10))
def test_gaps_to_the_mean_cancel_and_scale(values: list[float], factor: float) -> None:
    result = utilization_gap(rates(value=values))
    assert result["gap"].sum() == pytest.approx(0, abs=1e-9)
    other = utilization_gap(rates(value=np.array(values) * factor))
    np.testing.assert_allclose(other["gap_sd"], result["gap_sd"], rtol=1e-6, atol=1e-6)
    assert (utilization_gap(rates(value=values), reference="peak")["gap"] <= 0).all()


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"period": 2017}, {}, "more than one row"),
        ({"period": ["2017", "2018", "2019", "2020", "2021Q1"]}, {}, "mixes frequencies"),
        ({"period": ["2017", "2018", "2019", "2020", "soon"]}, {}, "'soon'"),
        ({"value": -1.0}, {}, "negative"),
        ({}, {"history": (1990, 1999)}, r"history \(1990, 1999\).*2017 to 2021"),
        ({}, {"history": (2017, 2019)}, "No series has 4 values"),
        ({"unit": ["%", "%", "%", "%", "index"]}, {}, "different units"),
    ],
)
def test_utilization_gap_refuses(columns, options, words) -> None:
    with pytest.raises(TableError, match=words):
        utilization_gap(rates(**columns), **options)
    with pytest.raises(UnknownName, match="trend"):
        utilization_gap(rates(), reference="trent")


def test_share_below_by_hand() -> None:
    table = pd.DataFrame(
        {
            "period": ["2022"] * 3 + ["2023"] * 3,
            "value": [74.9, 75.0, 80.0, 70.0, np.nan, 60.0],
            "weight": [1.0, 1.0, 2.0, 3.0, 9.0, 1.0],
        }
    )
    result = share_below(table, threshold=75)
    assert result["share_below"].tolist() == pytest.approx([1 / 3, 1.0])
    assert result[["below", "rows"]].values.tolist() == [[1, 3], [2, 2]]
    assert share_below(table, weight="weight")["share_below"].tolist() == pytest.approx([0.25, 1.0])
    assert share_below(table, within=None)["share_below"].tolist() == pytest.approx([3 / 5])
    empty = share_below(table.assign(value=np.nan))
    assert empty["share_below"].isna().all()
    with pytest.raises(TableError, match="negative"):
        share_below(table.assign(weight=-1.0), weight="weight")


def test_surplus_ratio_by_hand() -> None:
    table = pd.DataFrame(
        {
            "output": [500.0, 100.0, 0.0, np.nan],
            "exports": [210.0, 10.0, 0.0, 1.0],
            "imports": [10.0, 60.0, 5.0, 1.0],
        }
    )
    table["demand"] = table["output"] - table["exports"] + table["imports"]
    # (210 - 10)/500; (10 - 60)/100; no output, no ratio.
    for options in ({}, {"demand": "demand"}):
        result = surplus_ratio(table, **options)["surplus_ratio"]
        assert result.iloc[:2].tolist() == [0.4, -0.5]
        assert result.iloc[2:].isna().all()
    with pytest.raises(TableError, match="'exports' is negative"):
        surplus_ratio(table.assign(exports=-1.0))


def goods(**columns: object) -> pd.DataFrame:
    base = {
        "product": "x",
        "year": [2020, 2021, 2022, 2023],
        "value": 100.0,
        "quantity": [10.0, 20.0, 5.0, 5.0],
    }
    return pd.DataFrame(base | columns)


def test_price_volume_by_hand() -> None:
    result = price_volume(goods())
    # Unit values 10, 5, 20, 20.
    assert result["unit_value"].tolist() == [10.0, 5.0, 20.0, 20.0]
    assert result["price_change"].iloc[1] == pytest.approx(math.log(0.5))
    assert result["volume_change"].iloc[2] == pytest.approx(math.log(0.25))
    assert result["quadrant"].tolist()[1:] == ["price_down_volume_up", "price_up_volume_down", "unchanged"]
    assert pd.isna(result["quadrant"].iloc[0])
    both = price_volume(goods(value=[100.0, 400.0, 80.0, 80.0]))["quadrant"].tolist()
    assert both[1:3] == ["price_up_volume_up", "price_down_volume_down"]
    assert price_volume(goods(), lag=2)["price_change"].round(9).tolist()[2] == round(math.log(2), 9)


def test_price_volume_gaps_zeros_and_tolerance() -> None:
    result = price_volume(goods(year=[2020, 2021, 2023, 2024], quantity=[10.0, 0.0, 5.0, 6.0]))
    assert result["unit_value"].isna().tolist() == [False, True, False, False]
    assert result["quadrant"].isna().tolist() == [True, True, True, False]
    small = goods(value=[100.0, 100.5, 100.0, 100.0], quantity=[10.0, 10.2, 10.0, 10.0])
    assert price_volume(small, tolerance=0.05)["quadrant"].iloc[1] == "unchanged"
    for options in ({"lag": 0}, {"tolerance": -1}):
        with pytest.raises(TableError, match="lag must be"):
            price_volume(goods(), **options)
    with pytest.raises(TableError, match="must not be negative"):
        price_volume(goods(quantity=-1.0))


@SETTINGS
@given(
    st.lists(st.tuples(st.floats(0.1, 1e6), st.floats(0.1, 1e6)), min_size=2, max_size=6),
    st.floats(1e-3, 1e3),
)
def test_price_and_volume_make_value(rows: list[tuple[float, float]], factor: float) -> None:
    table = pd.DataFrame(rows, columns=["value", "quantity"]).assign(product="x")
    table["year"] = np.arange(len(table)) + 2000
    result = price_volume(table)
    np.testing.assert_allclose(
        result["price_change"] + result["volume_change"], np.log(table["value"]).diff(), atol=1e-9
    )
    tons = price_volume(table.assign(quantity=table["quantity"] * factor))
    np.testing.assert_allclose(tons["price_change"], result["price_change"], atol=1e-9)
