"""Keys at the edges of their types: nan, floats that are whole, unsigned numbers above 2**63."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mic2025lab import metrics, models
from mic2025lab.errors import TableError

KINDS = [pd.DataFrame, pl.DataFrame, pa.table]
LARGE = 2**63


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_nan_is_no_group(make, kind):
    years = np.array([2015, np.nan, 2016, 2016], kind)
    table = make({"exporter": ["CHN", "CHN", "CHN", "USA"], "year": years, "value": [1.0, 5.0, 1.0, 1.0]})
    with pytest.raises(TableError, match="'year' is missing in 1 of 4 rows"):
        metrics.hhi(table, within="year")


def test_nan_in_a_dictionary_is_no_group():
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1, 1]), pa.array([2015.0, float("nan")]))
    table = pa.table({"exporter": ["CHN", "CHN", "USA"], "year": coded, "value": [1.0, 1.0, 1.0]})
    with pytest.raises(TableError, match="'year' is missing in 2 of 3 rows"):
        metrics.hhi(table, within="year")


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize(
    "numbers",
    [
        [LARGE, LARGE + 1, LARGE + 200],
        [LARGE - 2, LARGE, LARGE + 1],
        [0, 1, 2**64 - 1],
        [2**64 - 300, 2**64 - 2, 2**64 - 1],
        [2**64 - 1] * 3,
    ],
    ids=["above", "around", "far", "most", "one"],
)
def test_unsigned_numbers_are_kept(make, numbers):
    table = make({"firm": np.array(numbers, np.uint64), "year": [1, 2, 3], "value": [1.0, 2.0, 4.0]})
    made = metrics.hhi(table, of="year", within="firm")
    found = made["firm"].to_pylist() if isinstance(made, pa.Table) else made["firm"].to_list()
    assert found == sorted(set(numbers))


def test_unsigned_units_of_a_model():
    rows = [(LARGE + unit, year, float(unit * (year % 4))) for unit in range(6) for year in range(2010, 2020)]
    table = pd.DataFrame(rows, columns=["unit", "year", "value"]).astype({"unit": np.uint64})
    small = table.assign(unit=(table["unit"] - np.uint64(LARGE)).astype(np.int64))
    study = models.event_study(table, of="unit", treated=[LARGE + 2])
    assert study.estimate == models.event_study(small, of="unit", treated=[2]).estimate


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize(
    "call",
    [
        lambda table: metrics.utilization_gap(table, period="year"),
        lambda table: metrics.peak(table, of="industry"),
        lambda table: metrics.chokepoints(table, importer="USA"),
    ],
)
def test_a_year_with_a_fraction_is_refused(make, call):
    same = {"industry": "coal", "exporter": "CHN", "importer": "USA", "product": "280461", "value": 70.0}
    rows = {name: [label] * 5 for name, label in same.items()}
    with pytest.raises(TableError, match=r"2015\.5"):
        call(make({**rows, "year": [2015.0, 2015.5, 2016.0, 2017.0, 2018.0]}))


@pytest.mark.parametrize(
    "periods",
    [["2017Q1", "2017-02"], ["2017-Q1", "2017-02"], ["2017", "2017Q1"], ["2017", "2017-01"]],
)
def test_periods_of_two_frequencies_are_refused(periods):
    more = [f"{year}{periods[0][4:]}" for year in range(2018, 2024)]
    table = pd.DataFrame({"industry": "coal", "period": [*periods, *more], "value": np.arange(60.0, 68.0)})
    with pytest.raises(TableError, match=r"mixes frequencies, .*'2017"):
        metrics.utilization_gap(table)
    assert len(metrics.utilization_gap(table[table["period"] != periods[1]])) == 7
