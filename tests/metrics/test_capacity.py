"""Capacity metrics: by hand, and by property."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics

RATES = {
    "industry": "coal",
    "period": [2017, 2018, 2019, 2020, 2021],
    "value": [68.0, 71.0, 71.0, 70.0, 75.0],
}


def rates(**columns):
    return pd.DataFrame(RATES | columns)


@pytest.mark.parametrize(
    ("reference", "gaps", "deviation"),
    [
        # Mean of 68, 71, 71, 70 = 70; squares 4 + 1 + 1 + 0 = 6 over 3 = 2.
        ("mean", [-2.0, 1.0, 1.0, 0.0, 5.0], math.sqrt(2)),
        ("peak", [-3.0, 0.0, 0.0, -1.0, 4.0], math.sqrt(2)),
        # Slope of 68, 71, 71, 70 on -1.5, -0.5, 0.5, 1.5: (-102 - 35.5 + 35.5 + 105)/5 = 0.6; at 2021 70 + 0.6 * 2.5 = 71.5.
        # Residuals -1.1, 1.3, 0.7, -0.9: squares 1.21 + 1.69 + 0.49 + 0.81 = 4.2 over 2 = 2.1.
        ("trend", [-1.1, 1.3, 0.7, -0.9, 3.5], math.sqrt(2.1)),
    ],
)
def test_utilization_gap_by_hand(reference, gaps, deviation):
    result = metrics.utilization_gap(rates(), history=(2017, 2020), reference=reference)
    assert result["gap"].tolist() == pytest.approx(gaps)
    assert (rates()["value"] - result["reference"]).tolist() == pytest.approx(gaps)
    assert result["gap_sd"].tolist() == pytest.approx([gap / deviation for gap in gaps])


@pytest.mark.parametrize("form", ["{}Q{}", "{}-Q{}", "{}-0{}"])
def test_quarters_and_months_run_through_the_year(form):
    periods = [form.format(year, part) for year in (2018, 2019) for part in (1, 2, 3, 4)]
    step = 0.25 if "Q" in form else 1 / 12
    time = np.add.outer([0.0, 1.0], step * np.arange(4)).ravel()
    table = pd.DataFrame({"industry": "coal", "period": periods, "value": 70 + 4 * time})
    result = metrics.utilization_gap(table, reference="trend")
    np.testing.assert_allclose(result["gap"], 0, atol=1e-9)


def test_short_flat_and_missing_histories():
    table = pd.concat([rates(), rates(industry="food", value=[70.0, np.nan, np.nan, np.nan, 75.0])])
    known = metrics.utilization_gap(table)["gap"].notna().groupby(table["industry"]).all()
    assert known.to_dict() == {"coal": True, "food": False}
    flat = metrics.utilization_gap(rates(value=70.0))
    assert flat["gap"].tolist() == [0.0] * 5
    assert flat["gap_sd"].isna().all()


@given(st.lists(st.floats(10, 100), min_size=5, max_size=5), st.floats(0.01, 10))
def test_gaps_to_the_mean_cancel_and_scale(values, factor):
    result = metrics.utilization_gap(rates(value=values))
    assert result["gap"].sum() == pytest.approx(0, abs=1e-9)
    other = metrics.utilization_gap(rates(value=np.array(values) * factor))
    np.testing.assert_allclose(other["gap_sd"], result["gap_sd"], rtol=1e-6, atol=1e-6)
    assert (metrics.utilization_gap(rates(value=values), reference="peak")["gap"] <= 0).all()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"threshold": 75}, [1 / 3, 1.0]),
        ({"weight": "weight"}, [0.25, 1.0]),
        ({"within": None}, [3 / 5]),
        ({"threshold": 50.0}, [0.0, 0.0]),
    ],
)
def test_share_below_by_hand(options, expected):
    table = pd.DataFrame(
        {"period": ["2022"] * 3 + ["2023"] * 3, "value": [74.9, 75.0, 80.0, 70.0, np.nan, 60.0]}
    )
    table["weight"] = [1.0, 1.0, 2.0, 3.0, 9.0, 1.0]
    result = metrics.share_below(table, **options)
    assert result["share_below"].tolist() == pytest.approx(expected)
    assert result["rows"].tolist() == ([5] if "within" in options else [3, 2])
    assert metrics.share_below(table.assign(value=np.nan), **options)["share_below"].isna().all()


def test_surplus_ratio_by_hand():
    table = pd.DataFrame(
        {"output": [500.0, 100, 0, None], "exports": [210.0, 10, 0, 1], "imports": [10.0, 60, 5, 1]}
    )
    table["demand"] = table["output"] - table["exports"] + table["imports"]
    # (210 - 10)/500; (10 - 60)/100; no output, no ratio.
    for options in ({}, {"demand": "demand"}):
        result = metrics.surplus_ratio(table, **options)["surplus_ratio"]
        assert result.tolist() == pytest.approx([0.4, -0.5, np.nan, np.nan], nan_ok=True)


@given(
    st.lists(st.tuples(*[st.just(0.0) | st.floats(0.1, 1e6)] * 2), min_size=2, max_size=7),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.5, 3.0]),
)
def test_prices_and_volumes(rows, lag, tolerance):
    table = pd.DataFrame(rows, columns=["value", "quantity"]).assign(product="x", year=range(len(rows)))
    table = table[table["year"] != 2]  # a change over a gap is missing
    result = metrics.price_volume(table, lag=lag, tolerance=tolerance)
    known = (table["value"] > 0) & (table["quantity"] > 0)
    price, volume = (table["value"] / table["quantity"]).where(known), table["quantity"].where(known)
    np.testing.assert_allclose(result["unit_value"], price)
    ways = []
    for name, level in (("price", price), ("volume", volume)):
        by_year = np.log(level).set_axis(table["year"])
        change = (by_year - by_year.reindex(by_year.index - lag).to_numpy()).to_numpy()
        np.testing.assert_allclose(result[f"{name}_change"], change, atol=1e-9)
        ways.append(
            [f"{name}_{'up' if one > 0 else 'down'}" if abs(one) > tolerance else "" for one in change]
        )
    for found, change, *pair in zip(result["quadrant"], result["price_change"], *ways, strict=True):
        assert (
            (found == "_".join(pair) if all(pair) else found == "unchanged")
            if np.isfinite(change)
            else pd.isna(found)
        )
