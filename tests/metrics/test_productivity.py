"""Labor productivity decomposition, misallocation and peaks: formulas in pandas, a solver, and a published peak."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from mic2025lab import metrics
from tests.metrics.strategies import INDUSTRIES, few, positive, tables


@pytest.mark.parametrize("method", ["base", "midpoint"])
@few
@given(table=tables(INDUSTRIES, positive, ("value", "employment"), full=True))
def test_decomposition_of_labor_productivity(method, table):
    made = metrics.labor_productivity_decomposition(table, start=2015, end=2022, method=method)
    made = made.set_index(["economy", "industry"])
    wide = table.pivot(index=["economy", "industry"], columns="year", values=["value", "employment"])
    sums = wide.groupby("economy").transform("sum")
    y, share, whole = (
        (one / other).set_axis([2015, 2022], axis=1)
        for one, other in (
            (wide["value"], wide["employment"]), (wide["employment"], sums["employment"]), (sums["value"], sums["employment"]),
        )
    )  # fmt: skip
    moved, level, change = (pair[2022] - pair[2015] for pair in (share, y, whole))
    first = (lambda pair: pair[2015]) if method == "base" else (lambda pair: pair.mean(axis=1))
    expected = pd.DataFrame({"within": first(share) * level, "between": moved * (first(y) - first(whole))})
    expected["cross"] = moved * (level - change) if method == "base" else 0.0
    expected["total"] = expected.sum(axis=1)
    scale = wide["value"].max().max() / wide["employment"].min().min()
    np.testing.assert_allclose(
        made[list(expected)] / scale, expected.loc[made.index] / scale, rtol=1e-9, atol=1e-12
    )
    added = expected["total"].groupby("economy").sum() / scale
    np.testing.assert_allclose(added, change.groupby("economy").first() / scale, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(made["total_share"] * whole[2015].loc[made.index], made["total"], rtol=1e-9)


def cell(v, labor, capital):
    return pd.DataFrame({"industry": range(len(v)), "value": v, "employment": labor, "capital": capital})


def gap(table, **options):
    return metrics.misallocation_gap(table, within=None, **options).iloc[0]


GAPS = {"misallocation_gap": ("labor", "capital"), "labor_gap": ("labor",), "capital_gap": ("capital",)}


def reallocated(v, labor, capital, a, sigma, move):
    """ln(Y*/Y) by brute force: build the economy the shares come from, and let a solver move the factors."""
    v, labor, capital = (np.asarray(x, float) / np.sum(x) for x in (v, labor, capital))
    r = (sigma - 1) / sigma
    # Y_i = F_i (A_i = 1) and weights that make v_i = w_i Y_i^r / sum: the actual aggregate is 1 up to a constant.
    w = v / (capital**a * labor ** (1 - a)) ** r

    def log_output(parameters):
        shares = {"labor": labor, "capital": capital}
        for name, logits in zip(move, parameters.reshape(len(move), -1), strict=True):
            raised = np.exp(np.append(logits, 0.0))
            shares[name] = raised / raised.sum()
        return math.log(np.sum(w * (shares["capital"] ** a * shares["labor"] ** (1 - a)) ** r)) / r

    best = minimize(lambda p: -log_output(p), np.zeros(len(move) * (len(v) - 1)), tol=1e-12)
    return -best.fun - math.log(w @ (capital**a * labor ** (1 - a)) ** r) / r


@pytest.mark.parametrize("sigma", [0.6, 1.5, 3.0])
@pytest.mark.parametrize("a", [0.3, 0.5])
def test_misallocation_is_what_a_solver_finds(sigma, a):
    numbers = [50.0, 30.0, 20.0], [20.0, 50.0, 30.0], [60.0, 10.0, 30.0]
    result = gap(cell(*numbers), sigma=sigma, capital_share=a)
    for name, move in GAPS.items():
        assert result[name] == pytest.approx(reallocated(*numbers, a, sigma, move), abs=1e-6)


shares = st.lists(st.tuples(*[st.floats(0.1, 1000)] * 3), min_size=1, max_size=6)


@given(shares, st.floats(0, 1), st.floats(0.3, 6))
def test_misallocation_is_zero_only_when_products_are_equal(rows, a, sigma):
    v, labor, capital = np.array(rows).T
    result = gap(cell(v, labor, capital), capital_share=a, sigma=sigma)
    assert result["items"] == len(rows)
    assert result["gain"] == pytest.approx(np.expm1(result["misallocation_gap"]))
    for name in GAPS:
        assert -1e-12 <= result[name] <= result["misallocation_gap"] + 1e-9
    equal = gap(cell(v, 3 * v, 0.2 * v), capital_share=a, sigma=sigma)
    assert abs(equal["misallocation_gap"]) < 1e-12
    scaled = gap(cell(v * 7, labor * 1000, capital / 3)[::-1], capital_share=a, sigma=sigma)
    assert scaled["misallocation_gap"] == pytest.approx(result["misallocation_gap"], rel=1e-9, abs=1e-12)
    alone = gap(cell(v, labor, capital), capital=None, sigma=sigma)
    assert alone[list(GAPS)].tolist() == pytest.approx([alone["labor_gap"]] * 2 + [0])


@few
@given(shares, st.floats(0, 1))
def test_misallocation_is_continuous_at_sigma_one(rows, a):
    table = cell(*np.array(rows).T)
    at_one, near = (gap(table, capital_share=a, sigma=s)[list(GAPS)].astype(float) for s in (1.0, 1.0 + 1e-5))
    np.testing.assert_allclose(near, at_one, rtol=1e-3, atol=1e-9)


def series(values, years=None, **columns):
    years = range(2010, 2010 + len(values)) if years is None else years
    return pd.DataFrame({"economy": "CHN", "year": years, "value": values} | columns)


@given(
    st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=9).filter(
        lambda values: set(values) != {None}
    )
)
def test_peak(values):
    known = {2010 + n: value for n, value in enumerate(values) if value is not None}
    first, last, top = min(known), max(known), max(known.values())
    year = min(year for year, value in known.items() if value == top)
    over = [top - known[first], top - known[last]]
    made = metrics.peak(series(np.array(values, float))[::-1]).drop(columns="economy").iloc[0]
    assert made.tolist() == [year, top, first, last, *over, min(over) > 0, len(known)]


def test_peak_sensitivity_by_hand():
    table = pd.concat(
        [
            series([9.0, 18.0, 17.0], vintage="a"),
            series([9.0, 18.0, 17.0, 19.0], vintage="b"),
            series([1.0, 2.0, 1.0], vintage="a", economy="USA"),
        ]
    )
    result = metrics.peak_sensitivity(table).set_index("economy")
    assert result.loc["CHN"].tolist() == [2, 2011, 2013, False, False, 0.0, 1.0]
    assert result.loc["USA"].tolist() == [1, 2011, 2011, True, True, 1.0, 1.0]
    common = metrics.peak_sensitivity(table, common_years=True).set_index("economy")
    assert common.loc["CHN"].tolist() == [2, 2011, 2011, True, True, 1.0, 1.0]


@pytest.mark.mirror
def test_china_share_of_world_gdp_peaked_in_2021(mirror):
    """At market rates in the World Economic Outlook, without its forecasts."""
    weo = pd.read_csv(mirror / "imf-weo-2025-10" / "weo_2025_10_long.csv.gz", dtype={"base_year": "str"})
    gdp = weo[(weo["concept"] == "NGDPD") & (weo["year"] <= 2024)]
    gdp = gdp.pivot(index="year", columns="ref_area", values="value")
    share = (100 * gdp["CHN"] / gdp["G001"]).rename("value").reset_index()
    row = metrics.peak(share, of=None).iloc[0]
    assert (row["peak_year"], row["interior"]) == (2021, True)
    assert row["peak"] == pytest.approx(18.52, abs=0.005)
    assert row["over_last"] == pytest.approx(18.52 - 16.87, abs=0.01)
