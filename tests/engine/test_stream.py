"""A part of a partitioned table is added up in batches if its metadata allow it, and read whole otherwise."""

import sys
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mic2025lab import metrics
from mic2025lab.engine import cells, groups, partition_files, parts
from mic2025lab.engine import flows as flows_module
from mic2025lab.engine.groups import Reduction, reduce_into
from mic2025lab.engine.partitions import open_folder
from mic2025lab.errors import LabError, TableError
from tests.engine.tables import stored

ECONOMIES = [f"E{n:02d}" for n in range(20)]
PRODUCTS = [f"0{n:05d}" for n in range(60)]

METRICS = {
    "rca": lambda table: metrics.rca(table, over="importer"),
    "hhi": lambda table: metrics.hhi(table),
    "normalized_hhi": lambda table: metrics.normalized_hhi(table),
    "effective_suppliers": lambda table: metrics.effective_suppliers(table),
    "concentration_ratio": lambda table: metrics.concentration_ratio(table, k=1),
    "import_share": lambda table: metrics.import_share(table, supplier=["E03", "E07"]),
    "complexity": lambda table: metrics.complexity(table, over="importer"),
}


def flows(year, rows=4000):
    """Unique flows, sorted by their keys, some of an economy to itself."""
    rng = np.random.default_rng([2015, year])
    key = np.sort(rng.choice(20 * 20 * 60, rows, replace=False))
    return pd.DataFrame(
        {
            "exporter": key // (20 * 60),
            "importer": key // 60 % 20,
            "product": key % 60,
            "value": rng.lognormal(0, 2, rows) + 1e-3,
        }
    )


def written(folder, change=lambda table: table, labels=ECONOMIES, **more):
    """Write two years of changed flows, with more columns that are functions of the rows, and open them."""
    book = {"exporter": labels, "importer": labels, "product": PRODUCTS}
    years = {}
    for year in (2014, 2015):
        table = change(flows(year))
        codes = {name: table[name].to_numpy().astype(np.int16) for name in book}
        value = pa.array(table["value"].to_numpy(), from_pandas=True)
        years[year] = {**codes, "value": value, **{name: make(table) for name, make in more.items()}}
    return stored(folder, years, book)


@pytest.fixture
def taken(monkeypatch):
    """Record for each part whether it was streamed."""
    streamed = []
    stream_sums = cells.stream_sums

    def watched(*args, **options):
        sums = stream_sums(*args, **options)
        streamed.append(sums is not None)
        return sums

    for module in (cells, flows_module):
        monkeypatch.setattr(module, "stream_sums", watched)
    return streamed


def same(streamed, whole, exact=False):
    pd.testing.assert_frame_equal(
        streamed.sort_values(list(streamed.columns[:-1]), ignore_index=True),
        whole[list(streamed.columns)].sort_values(list(streamed.columns[:-1]), ignore_index=True),
        rtol=0 if exact else 1e-9,
        atol=0,
        check_categorical=False,
        check_dtype=False,
    )


@pytest.mark.parametrize("name", METRICS)
def test_a_streamed_part_has_the_same_numbers_to_the_last_bit(name, tmp_path, taken, monkeypatch):
    monkeypatch.setattr(parts, "BATCH", 700)  # many batches, of which the last is shorter
    monkeypatch.setattr(partition_files, "ROW_GROUP", 900)
    assert len(flows(2015).query("exporter == importer"))  # no imports
    table = written(tmp_path)
    streamed = METRICS[name](table)
    alone = METRICS[name](open_folder(tmp_path, labels=2015))  # read in two threads
    assert taken == [True, True, True]
    same(alone, streamed[streamed.year == 2015], exact=True)
    same(streamed, METRICS[name](table.collect()))
    monkeypatch.setattr(parts.Part, "unique", lambda self, columns: False)
    taken.clear()
    same(streamed, METRICS[name](table), exact=True)
    assert True not in taken


def value(rows, number):
    """Give the sixth row another value."""
    return rows.assign(value=rows.value.where(rows.index != 5, number))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"change": lambda rows: value(rows, 0.0)}, None),  # its cell has a row
        ({"change": lambda rows: value(rows, np.nan)}, None),
        ({"value": lambda rows: value(rows, np.nan)["value"].to_numpy()}, None),  # not told by the file
        ({"change": lambda rows: rows.iloc[::-1]}, None),  # nothing is known of repeated rows
        ({"filters": {"product": ["000007", "000008"]}}, None),
        ({"change": lambda rows: value(rows, -1.0)}, "negative"),
        ({"change": lambda rows: value(rows, np.inf)}, "infinite"),
        ({"change": lambda rows: pd.concat([rows.iloc[:5], rows.iloc[4:]])}, "more than one row"),
        ({"unit": lambda rows: pa.array(np.where(rows["product"] < 9, "EUR", "USD"))}, "different units"),
        ({"labels": [*ECONOMIES[:-1], "WLD"]}, "WLD"),
    ],
    ids=["zero", "missing", "nan", "unsorted", "some", "negative", "infinite", "repeated", "units", "world"],
)
def test_what_a_file_does_not_vouch_for_is_read_whole_and_refused_as_in_memory(
    changed, error, tmp_path, taken
):
    filters = changed.pop("filters", None)
    written(tmp_path, **changed)
    table = open_folder(tmp_path, filters=filters)
    within = {"within": ("importer", "year"), "over": "product"} if error == "different units" else {}
    for metric in (lambda t: metrics.rca(t, over="importer"), lambda t: metrics.hhi(t, **within)):
        if error is None:
            same(metric(table), metric(table.collect()))
            continue
        for bad in (table, table.collect()):
            with pytest.raises(TableError, match=error):
                metric(bad)
    assert True not in taken


def test_a_supplier_that_sold_nothing_in_a_year_is_the_error_it_is_in_memory(tmp_path):
    table = written(tmp_path, lambda rows: rows[rows.exporter != 3])
    with pytest.raises(LabError, match=r"Unknown supplier 'E03'.*E02"):
        metrics.import_share(table, supplier="E03")


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_adding_is_to_the_last_bit_what_numpy_adds(kind):
    rng = np.random.default_rng(2015)
    ids, values = rng.integers(0, 50, 5000).astype(kind), rng.lognormal(0, 5, 5000)
    expected, total = np.zeros((2, 50))
    np.add.at(expected, ids, values)
    for rows in (slice(3000), slice(3000, None), slice(0)):
        reduce_into({"": total}, {"": Reduction()}, ids[rows], values[rows], {})
    assert total.tolist() == expected.tolist()
    for wrong in (-1, 50):
        with pytest.raises(IndexError, match="not among 50"):
            reduce_into({"": total}, {"": Reduction()}, np.array([0, wrong], kind), np.ones(2), {})
    with pytest.raises(IndexError, match="1 values in 2 groups"):
        reduce_into({"": total}, {"": Reduction()}, np.array([0, 1], kind), np.ones(1), {})


def test_without_the_loop_of_scipy_numpy_adds(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", None)
    assert groups.adder.__wrapped__() == np.add.at
    wrong = types.SimpleNamespace(csc_matvec=lambda *given: None)
    monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", wrong)
    assert groups.adder.__wrapped__() == np.add.at
