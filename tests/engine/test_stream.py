"""A part of a partitioned table is added up in batches if its metadata allow it, and read whole otherwise."""

from __future__ import annotations

import sys
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mic2025lab import metrics
from mic2025lab.engine import cells, groups, parts
from mic2025lab.engine import flows as flows_module
from mic2025lab.engine.groups import add_into
from mic2025lab.engine.partition_files import write_manifest, write_partition
from mic2025lab.engine.partitions import open_folder
from mic2025lab.errors import LabError, TableError

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


def stored(folder, change=lambda table: table, more=None, labels=ECONOMIES):
    """Write two years and open them."""
    book = {"exporter": labels, "importer": labels, "product": PRODUCTS}
    entries = []
    for year in (2014, 2015):
        table = change(flows(year))
        columns = {name: table[name].to_numpy().astype(np.int16) for name in book}
        columns["value"] = pa.array(table["value"].to_numpy(), from_pandas=True)
        columns |= (more or (lambda table: {}))(table)
        entries.append({"label": year, **write_partition(folder / f"{year}.parquet", columns, book)})
    said = {"name": "flows", "key": "year", "columns": list(columns), "remedy": "write it again"}
    write_manifest(folder, {**said, "partitions": entries})
    return open_folder(folder)


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
    table = stored(tmp_path)
    streamed = METRICS[name](table)
    assert taken == [True, True]
    same(streamed, METRICS[name](table.collect()))
    monkeypatch.setattr(parts.Part, "unique", lambda self, columns: False)
    taken.clear()
    same(streamed, METRICS[name](table), exact=True)
    assert True not in taken


def test_what_an_economy_sells_itself_is_no_import_of_a_streamed_part_either(tmp_path, taken):
    assert len(flows(2015).query("exporter == importer"))
    table = stored(tmp_path)
    found = metrics.import_share(table, supplier="E00")
    assert taken == [True, True]
    same(found, metrics.import_share(table.collect(), supplier="E00"))


@pytest.mark.parametrize("name", ["rca", "hhi", "import_share"])
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.assign(value=rows.value.where(rows.index != 5, 0.0)),  # its cell has a row
        lambda rows: rows.assign(value=rows.value.where(rows.index != 5)),  # missing
        lambda rows: rows.iloc[::-1],  # not in order, so nothing is known of repeated rows
    ],
    ids=["zero", "missing", "unsorted"],
)
def test_what_a_file_does_not_vouch_for_is_read_whole(name, change, tmp_path, taken):
    table = stored(tmp_path, change)
    found = METRICS[name](table)
    assert True not in taken
    same(found, METRICS[name](table.collect()))


def test_a_value_that_is_not_a_number_is_found_although_the_file_does_not_tell(tmp_path, taken):
    table = stored(
        tmp_path, more=lambda rows: {"value": np.where(np.arange(len(rows)) == 5, np.nan, rows.value)}
    )
    found = metrics.hhi(table)
    assert True not in taken
    same(found, metrics.hhi(table.collect()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.assign(value=rows.value.where(rows.index != 5, -1.0)), "negative"),
        (lambda rows: rows.assign(value=rows.value.where(rows.index != 5, np.inf)), "infinite"),
        (lambda rows: pd.concat([rows.iloc[:5], rows.iloc[4:]]), "more than one row"),
    ],
)
def test_bad_rows_are_refused_as_in_memory(change, said, tmp_path):
    table = stored(tmp_path, change)
    for metric in (METRICS["hhi"], METRICS["rca"]):
        with pytest.raises(TableError, match=said):
            metric(table)


def test_unlike_units_aggregates_and_filters_are_looked_at(tmp_path, taken):
    (tmp_path / "unit").mkdir()
    units = stored(
        tmp_path / "unit", more=lambda rows: {"unit": pa.array(np.where(rows.index < 9, "EUR", "USD"))}
    )
    with pytest.raises(TableError, match="different units"):
        metrics.rca(units, over="importer")
    (tmp_path / "world").mkdir()
    world = stored(tmp_path / "world", labels=[*ECONOMIES[:-1], "WLD"])
    with pytest.raises(TableError, match="WLD"):
        metrics.hhi(world)
    (tmp_path / "some").mkdir()
    stored(tmp_path / "some")
    some = open_folder(tmp_path / "some", filters={"product": ["000007", "000008"]})
    same(metrics.hhi(some), metrics.hhi(some.collect()))
    assert True not in taken


def test_a_supplier_that_sold_nothing_in_a_year_is_the_error_it_is_in_memory(tmp_path):
    table = stored(tmp_path, lambda rows: rows[rows.exporter != 3])
    with pytest.raises(LabError, match=r"Unknown supplier 'E03'.*E02"):
        metrics.import_share(table, supplier="E03")


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_adding_is_to_the_last_bit_what_numpy_adds(kind):
    rng = np.random.default_rng(2015)
    ids, values = rng.integers(0, 50, 5000).astype(kind), rng.lognormal(0, 5, 5000)
    expected, total = np.zeros(50), np.zeros(50)
    np.add.at(expected, ids, values)
    add_into(total, ids[:3000], values[:3000])
    add_into(total, ids[3000:], values[3000:])
    add_into(total, ids[:0], values[:0])
    assert total.tolist() == expected.tolist()


@pytest.mark.parametrize("ids", [[0, 3], [-1, 2]])
def test_nothing_is_added_to_a_group_that_is_not_there(ids):
    with pytest.raises(IndexError, match="not among 3"):
        add_into(np.zeros(3), np.array(ids), np.ones(2))


def test_without_the_loop_of_scipy_numpy_adds(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", None)
    assert groups._adder.__wrapped__() == np.add.at
    wrong = types.SimpleNamespace(csc_matvec=lambda *given: None)
    monkeypatch.setitem(sys.modules, "scipy.sparse._sparsetools", wrong)
    assert groups._adder.__wrapped__() == np.add.at
