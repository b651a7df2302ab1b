"""Labor productivity decomposition, misallocation and peaks: by hand, by property."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic2025lab.errors import TableError, UnknownName
from mic2025lab.metrics.peaks import peak, peak_sensitivity
from mic2025lab.metrics.productivity import labor_productivity_decomposition, misallocation_gap

SETTINGS = settings(max_examples=40, deadline=None)


def two_years(**columns: object) -> pd.DataFrame:
    base = {
        "economy": "CHN",
        "industry": ["farm", "plant"] * 2,
        "year": [2010, 2010, 2020, 2020],
        "value": [60.0, 160.0, 60.0, 300.0],
        "employment": [60.0, 40.0, 40.0, 60.0],
    }
    return pd.DataFrame(base | columns)


def test_decomposition_by_hand() -> None:
    result = labor_productivity_decomposition(two_years(), start=2010, end=2020).set_index("industry")
    # Shares 0.6, 0.4 -> 0.4, 0.6; productivity 1, 4 -> 1.5, 5; the whole 2.2 -> 3.6.
    # within 0.6*0.5 = 0.3 and 0.4*1 = 0.4; between -0.2*(1 - 2.2) = 0.24 and 0.2*(4 - 2.2) = 0.36;
    # cross -0.2*(0.5 - 1.4) = 0.18 and 0.2*(1 - 1.4) = -0.08. In all 0.7 + 0.6 + 0.1 = 1.4.
    np.testing.assert_allclose(
        result.loc["farm", ["within", "between", "cross"]].astype(float), [0.3, 0.24, 0.18]
    )
    np.testing.assert_allclose(
        result.loc["plant", ["within", "between", "cross"]].astype(float), [0.4, 0.36, -0.08]
    )
    assert result["total"].sum() == pytest.approx(1.4, abs=1e-12)
    assert result["total_share"].sum() == pytest.approx(1.4 / 2.2, abs=1e-12)


positive = st.floats(0.1, 1000)


@SETTINGS
@given(
    st.lists(st.tuples(positive, positive, positive, positive), min_size=1, max_size=6),
    st.sampled_from(["base", "midpoint"]),
)
def test_decomposition_adds_up(items: list[tuple[float, ...]], method: str) -> None:
    table = pd.DataFrame(items, columns=["v0", "l0", "v1", "l1"]).reset_index(names="industry")
    long = pd.concat(
        [
            table[["industry", f"v{i}", f"l{i}"]]
            .set_axis(["industry", "value", "employment"], axis=1)
            .assign(year=i)
            for i in (0, 1)
        ]
    )
    result = labor_productivity_decomposition(long, start=0, end=1, of=None, method=method)
    whole = long.groupby("year")["value"].sum() / long.groupby("year")["employment"].sum()
    scale = max(table["v0"].div(table["l0"]).max(), table["v1"].div(table["l1"]).max())
    assert result["total"].sum() == pytest.approx(whole[1] - whole[0], abs=1e-12 * scale)
    assert (result[["within", "between", "cross"]].sum(axis=1) - result["total"]).abs().max() <= 1e-12 * scale


def test_decomposition_keeps_economies_apart() -> None:
    other = two_years(economy="IND", value=[10.0, 10.0, 20.0, 10.0], employment=10.0)
    both = labor_productivity_decomposition(pd.concat([two_years(), other]), start=2010, end=2020)
    india = both[both["economy"] == "IND"]
    # Labor does not move: all is within, 0.5 * (2 - 1).
    assert india[["within", "between", "cross"]].sum().tolist() == [0.5, 0.0, 0.0]
    assert both[both["economy"] == "CHN"]["total"].sum() == pytest.approx(1.4)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"employment": [60.0, 40.0, 0.0, 60.0]}, "'employment' must be above zero"),
        ({"value": [60.0, np.nan, 60.0, 300.0]}, "'value' is missing"),
        ({"industry": ["farm", "plant", "farm", "office"]}, "is missing in 1 cell"),
        ({"year": [2010, 2010, 2019, 2019]}, "Unknown year 2020"),
    ],
)
def test_decomposition_refuses(columns, words) -> None:
    with pytest.raises(TableError, match=words):
        labor_productivity_decomposition(two_years(**columns), start=2010, end=2020)


def test_decomposition_names() -> None:
    with pytest.raises(UnknownName, match="midpoint"):
        labor_productivity_decomposition(two_years(), start=2010, end=2020, method="middle")
    with pytest.raises(TableError, match="must come before"):
        labor_productivity_decomposition(two_years(), start=2020, end=2010)


def cell(v, labor, capital) -> pd.DataFrame:
    return pd.DataFrame({"industry": range(len(v)), "value": v, "employment": labor, "capital": capital})


def gap(table: pd.DataFrame, **options: object) -> pd.Series:
    return misallocation_gap(table, within=None, **options).iloc[0]


def test_misallocation_by_hand() -> None:
    # Halves of value added; labor 20 and 80, capital 80 and 20 of 100; a = 0.5: f_i = sqrt(0.2 * 0.8) = 0.4 both.
    # sigma 2: 2 * 0.5^2/0.4 = 1.25, to the power 1: gain 25 %.
    table = cell([50.0, 50.0], [20.0, 80.0], [80.0, 20.0])
    result = gap(table, sigma=2.0)
    assert result["gain"] == pytest.approx(0.25)
    assert result["misallocation_gap"] == pytest.approx(math.log(1.25))
    # sigma 1: 0.5 ln(0.5/0.4) * 2 = ln 1.25.
    assert gap(table, sigma=1.0)["misallocation_gap"] == pytest.approx(math.log(1.25))


def reallocated(v, labor, capital, a: float, sigma: float, move: tuple[str, ...]) -> float:
    """ln(Y*/Y) by brute force: build the economy the shares come from, and let a solver move the factors."""
    from scipy.optimize import minimize

    v, labor, capital = (np.asarray(x, float) / np.sum(x) for x in (v, labor, capital))
    r = (sigma - 1) / sigma
    # Y_i = F_i (A_i = 1) and weights that make v_i = w_i Y_i^r / sum: the actual aggregate is 1 up to a constant.
    w = v / (capital**a * labor ** (1 - a)) ** r

    def log_output(parameters: np.ndarray) -> float:
        shares = {"labor": labor, "capital": capital}
        for name, logits in zip(move, parameters.reshape(len(move), -1), strict=True):
            raised = np.exp(np.append(logits, 0.0))
            shares[name] = raised / raised.sum()
        return math.log(np.sum(w * (shares["capital"] ** a * shares["labor"] ** (1 - a)) ** r)) / r

    start = np.zeros(len(move) * (len(v) - 1))
    return (
        -minimize(lambda p: -log_output(p), start, tol=1e-12).fun
        - math.log(w @ (capital**a * labor ** (1 - a)) ** r) / r
    )


@pytest.mark.parametrize("sigma", [0.6, 1.5, 3.0])
@pytest.mark.parametrize("a", [0.3, 0.5])
def test_misallocation_is_what_a_solver_finds(sigma: float, a: float) -> None:
    v, labor, capital = [50.0, 30.0, 20.0], [20.0, 50.0, 30.0], [60.0, 10.0, 30.0]
    result = gap(cell(v, labor, capital), sigma=sigma, capital_share=a)
    assert result["misallocation_gap"] == pytest.approx(
        reallocated(v, labor, capital, a, sigma, ("labor", "capital")), abs=1e-6
    )
    assert result["labor_gap"] == pytest.approx(
        reallocated(v, labor, capital, a, sigma, ("labor",)), abs=1e-6
    )
    assert result["capital_gap"] == pytest.approx(
        reallocated(v, labor, capital, a, sigma, ("capital",)), abs=1e-6
    )


shares = st.lists(st.tuples(positive, positive, positive), min_size=1, max_size=6)


@SETTINGS
@given(shares, st.floats(0, 1), st.floats(0.3, 6))
def test_misallocation_is_zero_only_when_products_are_equal(rows, a: float, sigma: float) -> None:
    v, labor, capital = np.array(rows).T
    result = gap(cell(v, labor, capital), capital_share=a, sigma=sigma)
    assert result["misallocation_gap"] >= -1e-12
    assert -1e-12 <= result["labor_gap"] <= result["misallocation_gap"] + 1e-9
    assert -1e-12 <= result["capital_gap"] <= result["misallocation_gap"] + 1e-9
    equal = gap(cell(v, 3 * v, 0.2 * v), capital_share=a, sigma=sigma)
    assert abs(equal["misallocation_gap"]) < 1e-12
    scaled = gap(cell(v * 7, labor * 1000, capital / 3)[::-1], capital_share=a, sigma=sigma)
    assert scaled["misallocation_gap"] == pytest.approx(result["misallocation_gap"], rel=1e-9, abs=1e-12)


@SETTINGS
@given(shares, st.floats(0, 1))
def test_misallocation_is_continuous_at_sigma_one(rows, a: float) -> None:
    table = cell(*np.array(rows).T)
    names = ["misallocation_gap", "labor_gap", "capital_gap"]
    at_one, near = (gap(table, capital_share=a, sigma=s)[names].astype(float) for s in (1.0, 1.0 + 1e-5))
    np.testing.assert_allclose(near, at_one, rtol=1e-3, atol=1e-9)


def test_misallocation_cells_and_refusals() -> None:
    table = pd.concat(
        [cell([50.0, 50.0], [20.0, 80.0], [1.0, 1.0]).assign(year=y) for y in (2015, 2010)]
    ).assign(economy="CHN")
    result = misallocation_gap(table, capital=None, sigma=2.0)
    assert result["year"].tolist() == [2010, 2015]
    assert result["items"].tolist() == [2, 2]
    assert result["gain"].tolist() == pytest.approx([0.5625, 0.5625])
    assert result["capital_gap"].tolist() == [0, 0]
    for broken, words in (
        (table.assign(value=[1.0, 0.0, 1.0, 1.0]), "'value' must be above zero"),
        (table.assign(employment=[1.0, np.nan, 1.0, 1.0]), "'employment' is missing"),
        (table.assign(industry=0), "more than one row"),
    ):
        with pytest.raises(TableError, match=words):
            misallocation_gap(broken)
    with pytest.raises(TableError, match="sigma must be above zero"):
        misallocation_gap(table, sigma=0)
    with pytest.raises(TableError, match="capital_share must be"):
        misallocation_gap(table, capital_share=50)


def series(values, years=None, **columns: object) -> pd.DataFrame:
    years = range(2010, 2010 + len(values)) if years is None else years
    return pd.DataFrame({"economy": "CHN", "year": years, "value": values} | columns)


def test_peak_by_hand() -> None:
    row = peak(series([9.0, 14.0, np.nan, 18.5, 18.5, 16.5])).iloc[0]
    assert (row["peak_year"], row["peak"], row["first_year"], row["last_year"]) == (2013, 18.5, 2010, 2015)
    assert (row["over_first"], row["over_last"], row["interior"], row["years"]) == (9.5, 2.0, True, 5)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [1.0, 3.0, 3.0], [2.0, 2.0], [5.0]])
def test_a_maximum_at_an_end_is_not_interior(values: list[float]) -> None:
    assert not peak(series(values))["interior"].iloc[0]


@SETTINGS
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_peak_is_over_both_ends(values: list[float], random) -> None:
    table = series(values)
    order = list(range(len(table)))
    random.shuffle(order)
    row = peak(table.iloc[order]).iloc[0]
    assert row["peak"] == max(values)
    assert row["over_first"] == max(values) - values[0]
    assert row["over_last"] >= 0
    assert values[row["peak_year"] - 2010] == max(values)


def test_peak_sensitivity_by_hand() -> None:
    table = pd.concat(
        [
            series([9.0, 18.0, 17.0], vintage="a"),
            series([9.0, 18.0, 17.0, 19.0], vintage="b"),
            series([1.0, 2.0, 1.0], vintage="a", economy="USA"),
        ]
    )
    result = peak_sensitivity(table).set_index("economy")
    assert result.loc["CHN"].tolist() == [2, 2011, 2013, False, False, 0.0, 1.0]
    assert result.loc["USA"].tolist() == [1, 2011, 2011, True, True, 1.0, 1.0]
    common = peak_sensitivity(table, common_years=True).set_index("economy")
    assert common.loc["CHN"].tolist() == [2, 2011, 2011, True, True, 1.0, 1.0]
    apart = pd.concat([series([1.0, 2.0], vintage="a"), series([1.0, 2.0], [2020, 2021], vintage="b")])
    with pytest.raises(TableError, match="no year that all"):
        peak_sensitivity(apart, common_years=True)
    with pytest.raises(TableError, match="has no value"):
        peak(series([np.nan, np.nan]))
    with pytest.raises(TableError, match="name its column in `of`"):
        peak(table)


@pytest.mark.mirror
def test_china_share_of_world_gdp_peaked_in_2021(mirror) -> None:
    """At market rates in the World Economic Outlook, without its forecasts."""
    weo = pd.read_csv(mirror / "imf-weo-2025-10" / "weo_2025_10_long.csv.gz", dtype={"base_year": "str"})
    gdp = weo[(weo["concept"] == "NGDPD") & (weo["year"] <= 2024)].pivot(
        index="year", columns="ref_area", values="value"
    )
    share = (100 * gdp["CHN"] / gdp["G001"]).rename("value").reset_index()
    row = peak(share, of=None).iloc[0]
    assert (row["peak_year"], row["interior"]) == (2021, True)
    assert row["peak"] == pytest.approx(18.52, abs=0.005)
    assert row["over_last"] == pytest.approx(18.52 - 16.87, abs=0.01)


def test_the_gap_of_capital_alone_does_not_depend_on_labor() -> None:
    table = pd.DataFrame(
        {"industry": ["a", "b"], "value": [50.0, 50.0], "capital": [0.2, 0.8], "employment": [3.0, 1.0]}
    )
    by_labor, by_output = (
        gap(table, labor=labor, sigma=1.0)["capital_gap"] for labor in ("employment", "value")
    )
    by_hand = 0.5 * (0.5 * math.log(2.5) + 0.5 * math.log(0.625))
    assert by_labor == pytest.approx(by_hand)
    assert by_output == pytest.approx(by_hand)
