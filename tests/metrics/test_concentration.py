"""Concentration: worked by hand, properties, plain pandas, errors."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.errors import ParameterError

MEASURES = ["hhi", "normalized_hhi", "concentration_ratio", "effective_suppliers", "theil"]


def flows(values: list[float | None], **columns: object) -> pd.DataFrame:
    table = {
        "exporter": [f"E{n:02d}" for n in range(len(values))],
        "importer": "USA",
        "product": "280530",
        "year": 2015,
    }
    return pd.DataFrame({**table, "value": np.array(values, float), **columns})


def one(measure: str, values: list[float | None], **options: object) -> float:
    made = getattr(metrics, measure)(flows(values), **options)
    assert made.columns.tolist() == ["importer", "product", "year", measure]
    assert len(made) == 1
    return float(made[measure].iloc[0])


def test_by_hand() -> None:
    values = [50.0, 30.0, 20.0]  # shares 0.5, 0.3, 0.2
    assert one("hhi", values) == pytest.approx(0.25 + 0.09 + 0.04)
    assert one("normalized_hhi", values) == pytest.approx((0.38 - 1 / 3) / (1 - 1 / 3))
    assert one("concentration_ratio", values, k=1) == pytest.approx(0.5)
    assert one("concentration_ratio", values, k=2) == pytest.approx(0.8)
    assert one("concentration_ratio", values) == 1
    assert one("effective_suppliers", values) == pytest.approx(1 / 0.38)
    assert one("theil", values) == pytest.approx(0.5 * log(1.5) + 0.3 * log(0.9) + 0.2 * log(0.6))


@pytest.mark.parametrize(
    ("measure", "alone", "equal"),
    [
        ("hhi", 1, 0.25),
        ("normalized_hhi", 1, 0),
        ("concentration_ratio", 1, 1),
        ("effective_suppliers", 1, 4),
        ("theil", 0, 0),
    ],
)
def test_one_supplier_and_equal_suppliers(measure: str, alone: float, equal: float) -> None:
    assert one(measure, [7.0]) == pytest.approx(alone)
    assert one(measure, [7.0, 0.0]) == pytest.approx(alone)  # a supplier of nothing is none
    assert one(measure, [3.0] * 4) == pytest.approx(equal, abs=1e-15)


@pytest.mark.parametrize("measure", MEASURES)
def test_missing_is_left_out_and_nothing_is_missing(measure: str) -> None:
    plain = pytest.approx(one(measure, [50.0, 30.0, 20.0]))
    assert one(measure, [50.0, None, 30.0, 20.0]) == plain
    assert one(measure, [50.0, 0.0, 30.0, 20.0]) == plain
    assert np.isnan(one(measure, [0.0, 0.0]))
    assert np.isnan(one(measure, [None, None]))


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=12))
def test_bounds(values: list[float]) -> None:
    n, slack = len(values), 1e-9
    assert 1 / n - slack <= one("hhi", values) <= 1 + slack
    assert 0 <= one("normalized_hhi", values) <= 1
    assert 1 - slack <= one("effective_suppliers", values) <= n + slack
    assert 0 <= one("theil", values) <= log(n) + slack
    ratios = [one("concentration_ratio", values, k=k) for k in sorted({1, n // 2 + 1, n})]
    assert ratios == sorted(ratios)
    assert ratios[-1] == pytest.approx(1)
    assert ratios[0] == pytest.approx(max(values) / sum(values))


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=1, max_size=10), st.integers(1, 5))
def test_the_largest_are_found_among_ties(values: list[float], k: int) -> None:
    expected = sum(sorted(values)[-k:]) / sum(values) if sum(values) else float("nan")
    assert one("concentration_ratio", values, k=k) == pytest.approx(expected, nan_ok=True)


def _table(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product(
        [[f"E{n}" for n in range(6)], ["USA", "DEU"], ["0101", "8542", "9999"], [2015, 2016]],
        names=["exporter", "importer", "product", "year"],
    )
    table = pd.DataFrame({"value": rng.lognormal(size=len(keys))}, index=keys).reset_index()
    return table.sample(frac=0.8, random_state=seed)


def test_agrees_with_pandas() -> None:
    table = _table()
    cell = ["importer", "product", "year"]
    share = table["value"] / table.groupby(cell)["value"].transform("sum")
    expected = share.pow(2).groupby([table[name] for name in cell]).sum()
    made = metrics.hhi(table).set_index(cell)["hhi"]
    pd.testing.assert_series_equal(made, expected, check_names=False)
    top = share.groupby([table[name] for name in cell]).apply(lambda s: s.nlargest(2).sum())
    made = metrics.concentration_ratio(table, k=2).set_index(cell)["concentration_ratio"]
    pd.testing.assert_series_equal(made, top, check_names=False)


@pytest.mark.parametrize("measure", MEASURES)
def test_summing_over_is_the_same_as_adding_up_first(measure: str) -> None:
    table, options = _table(), {"within": ("product", "year")}
    added = table.groupby(["exporter", "product", "year"], as_index=False)["value"].sum()
    expected = getattr(metrics, measure)(added, **options)
    pd.testing.assert_frame_equal(getattr(metrics, measure)(table, over="importer", **options), expected)
    split = pd.concat(
        [table.assign(value=table["value"] / 4, part=1), table.assign(value=table["value"] * 3 / 4, part=2)]
    )
    pd.testing.assert_frame_equal(
        getattr(metrics, measure)(split, over=("importer", "part"), **options), expected
    )


def test_no_cell_columns_is_one_cell() -> None:
    made = metrics.hhi(flows([3.0, 1.0]), within=())
    assert made.to_dict("list") == {"hhi": [0.625]}


def test_bad_options() -> None:
    for k in (0, 1.5, True):
        with pytest.raises(ParameterError, match="it is a number of suppliers"):
            metrics.concentration_ratio(flows([1.0]), k=k)


@pytest.mark.parametrize(
    "call", [metrics.hhi, metrics.normalized_hhi, metrics.effective_suppliers, metrics.theil]
)
def test_cells_of_very_different_size(call: Callable[..., Any]) -> None:
    shares = [("CHN", 60.0), ("JPN", 30.0), ("FRA", 10.0)]
    sizes = {"a": 1e-310, "b": 1e-200, "c": 1e-162, "d": 1.0, "e": 1e200, "f": 1e305}
    rows = [(e, p, 2015, "USA", size * value) for p, size in sizes.items() for e, value in shares]
    found = call(pd.DataFrame(rows, columns=["exporter", "product", "year", "importer", "value"])).iloc[:, -1]
    assert found.tolist() == pytest.approx([found[3]] * 6, rel=1e-9)
