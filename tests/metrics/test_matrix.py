"""Every public metric on every kind of table: the same numbers, and the kind that went in comes out.

A table in partitions is one more kind, wherever it is worked on; what comes out of it is pandas.
"""

import inspect
import os
import signal
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.api.types import is_float_dtype, is_integer_dtype, is_numeric_dtype

from mic2025lab import metrics
from mic2025lab.engine import advantages, codes, groups
from mic2025lab.errors import TableError
from tests.engine.tables import stored
from tests.metrics.cases import CASES, CELLS, SERIES

pl = pytest.importorskip("polars")


def _text(table):
    return [name for name in table if isinstance(table[name].dtype, pd.StringDtype)]


def _category(table):
    # Categories out of order, and one that no row has.
    labels = {name: ["unused", *sorted(table[name].dropna().unique(), reverse=True)] for name in _text(table)}
    return table.astype({name: pd.CategoricalDtype(found) for name, found in labels.items()})


def _enum(table):
    coded = _category(table)
    kinds = {name: pl.Enum(list(coded[name].cat.categories)) for name in _text(table)}
    return pl.from_pandas(table).with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _categorical(table):
    return pl.from_pandas(table).with_columns(pl.col(pl.String).cast(pl.Categorical))


def _arrow(table):
    return pa.Table.from_pandas(table, preserve_index=False)


def _dictionary(table):
    """Two chunks, each with a dictionary of its own."""
    half = len(table) // 2
    coded = [part.astype(dict.fromkeys(_text(part), "category")) for part in (table[:half], table[half:])]
    return pa.concat_tables(map(_arrow, coded))


def _floats(table):
    """Make years floats, as those are that were read beside missing values."""
    years = [name for name in ("year", "period") if name in table and is_integer_dtype(table[name])]
    return table.astype(dict.fromkeys(years, float))


# As in large tables: sums only of the combinations that occur, products block by block, and labels without rows.
SPARSE = {(groups, "DENSE_FLOOR"): 0, (groups, "DENSE_PER_ROW"): 0, (advantages, "_PAIRS"): 1}
LARGE = {(codes, "_COMPACT"): 0}
#: How a pandas table is converted, the type that comes out, and settings of the engine.
KINDS = {
    "object": (lambda table: table.astype(dict.fromkeys(_text(table), object)), pd.DataFrame, {}),
    "category": (_category, pd.DataFrame, {}),
    "large category": (_category, pd.DataFrame, LARGE),
    "index": (lambda table: table.set_axis(np.arange(len(table))[::-1] * 7, axis=0), pd.DataFrame, {}),
    "reversed rows": (lambda table: table.iloc[::-1], pd.DataFrame, {}),
    "sparse": (lambda table: table, pd.DataFrame, SPARSE),
    "float years": (_floats, pd.DataFrame, {}),
    "polars": (pl.from_pandas, pl.DataFrame, {}),
    "polars categorical": (_categorical, pl.DataFrame, {}),
    "polars enum": (_enum, pl.DataFrame, {}),
    "large polars enum": (_enum, pl.DataFrame, LARGE),
    "polars float years": (lambda table: pl.from_pandas(_floats(table)), pl.DataFrame, {}),
    "arrow": (_arrow, pa.Table, {}),
    "arrow dictionary": (_dictionary, pa.Table, {}),
    "large arrow dictionary": (_dictionary, pa.Table, LARGE),
    "arrow float years": (lambda table: _arrow(_floats(table)), pa.Table, {}),
}


def _plain(table):
    """Any kind as pandas with text keys, missing as nan, to compare."""
    table = table.to_arrow() if isinstance(table, pl.DataFrame) else table
    table = (table.to_pandas() if isinstance(table, pa.Table) else table).reset_index(drop=True)
    return table.astype({name: object for name in table if not is_numeric_dtype(table[name])})


def _sorted(table):
    keys = [name for name in table if not is_float_dtype(table[name]) and table[name].dtype != bool]
    return _plain(table).sort_values(keys, ignore_index=True)


def _assert_same(made, expected):
    pd.testing.assert_frame_equal(made, expected, check_dtype=False, rtol=1e-12, atol=1e-12)


def test_every_public_metric_has_a_case():
    assert {name.split("/")[0] for name in CASES} == set(metrics.__all__)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_same_numbers_and_same_kind_out(case, kind, monkeypatch):
    expected = CASES[case]()
    convert, expected_type, settings = KINDS[kind]
    for (module, name), number in settings.items():
        monkeypatch.setattr(module, name, number)
    result = CASES[case](convert)
    assert isinstance(result, expected_type)
    order = _sorted if kind == "reversed rows" else _plain
    _assert_same(order(result), order(expected))
    if expected_type is not pd.DataFrame:  # missing is null, not nan
        made = result.to_arrow() if isinstance(result, pl.DataFrame) else result
        floats = [made[name] for name in made.column_names if pa.types.is_floating(made[name].type)]
        assert not any(np.isnan(column.drop_null().to_numpy()).any() for column in floats)
    if case in CELLS and kind in ("category", "polars enum"):
        coded = pd.CategoricalDtype if kind == "category" else (pl.Enum, pl.Categorical)
        assert all(isinstance(result[name].dtype, coded) for name in _text(expected))
        others = set(expected) - set(_text(expected))
        assert kind != "category" or all(result[name].dtype == expected[name].dtype for name in others)


@pytest.mark.parametrize("factor", [2.0**-540, 2.0**660], ids=["1e-163", "1e199"])
@pytest.mark.parametrize("case", CELLS)
def test_the_unit_of_money_makes_no_difference(case, factor):
    """Multiply all amounts by a power of two, so that nothing is rounded: a result stays, or is multiplied too."""
    plain = CASES[case]().select_dtypes("number")
    scaled = CASES[case](lambda table: table.assign(**factor * table.select_dtypes("float")))
    for name in plain:
        one, other = plain[name].to_numpy(float), scaled[name].to_numpy(float)
        close = partial(np.allclose, b=one, rtol=1e-9, atol=1e-12, equal_nan=True)
        assert close(other) or close(other / factor), name


# Rows that no metric takes

BY_ROW = {"apparent_consumption", "import_penetration", "self_sufficiency", "pace"}
KEYED = [case for case in CELLS if case.split("/")[0] not in BY_ROW]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: pd.concat([t, t.iloc[:1]]), "with more than one row: .*Add up the repeated rows"),
        (lambda t: t.assign(unit=[f"unit {n}" for n in range(len(t))]), "different units"),
        (lambda t: t.assign(**-t.select_dtypes("float")), "is negative in .* values of zero or more"),
    ],
    ids=["repeated", "units", "negative"],
)
@pytest.mark.parametrize("case", KEYED)
def test_rows_that_cannot_be_cells_are_refused(case, change, message):
    if "negative" in message and case == "remainder":
        return  # a remainder may be negative
    with pytest.raises(TableError, match=message):
        CASES[case](change)


def within(case):
    """List the columns of a metric's cells, in each of which units must be the same."""
    metric = inspect.signature(getattr(metrics, case.split("/")[0])).parameters
    given = CELLS[case][1].get("within", metric["within"].default if "within" in metric else ())
    return [given] if isinstance(given, str) else list(given)


@pytest.mark.parametrize("case", [case for case in KEYED if within(case)])
def test_units_may_differ_between_cells(case):
    def units(table):
        table = _years(table)
        return table.assign(unit=table[within(case)].astype(str).agg(" ".join, axis=1))

    result = CASES[case](units)
    _assert_same(_plain(result).drop(columns="unit", errors="ignore"), _plain(CASES[case](_years)))


# In these, no label is added to another; in the cases named "world" the totals are rows.
APART = {"remainder", "localization", "foreign_input_reliance", "world", "location_quotient"}


@pytest.mark.parametrize("case", [case for case in KEYED if not APART & set(case.split("/"))])
def test_an_aggregate_beside_its_parts_is_refused_where_labels_are_added(case):
    table, messages = CELLS[case][0], []
    for column in {"exporter", "economy", "product", "industry"} & set(table):
        changed = table.assign(**{column: table[column].replace(table[column].iloc[0], "TOTAL")})
        try:
            CASES[case](lambda _, changed=changed: changed)
        except TableError as error:
            messages.append(str(error))
    assert any("has 'TOTAL' beside" in message for message in messages)


# Tables in partitions


def _years(table):
    """Make a second year of a table that has one, with one row less and other numbers."""
    if "year" not in table or table["year"].nunique() > 1:
        return table
    more = table.assign(year=table["year"] + 1, **2 * table.select_dtypes("float"))
    return pd.concat([table, more.iloc[1:]], ignore_index=True)


def store(table, folder):
    """Write a table as a partitioned one, by year (or by period, where it has no year)."""
    key = "year" if "year" in table else "period"
    names = [name for name in table if name != key]
    book = {name: sorted(table[name].unique()) for name in _text(table[names])}
    years = {
        label: {
            name: np.searchsorted(book[name], part[name].to_numpy(object)).astype(np.int16)
            if name in book
            else pa.Array.from_pandas(part[name])
            for name in names
        }
        for label, part in table.groupby(key)
    }
    return stored(folder, years, book, key)


# These look at one series over its years, so that no year can be computed without the others.
BY_YEAR = {"labor_productivity_decomposition", "misallocation_gap", "share_below", "surplus_ratio"}
WHOLE = set(SERIES) - BY_YEAR | {"chokepoints", "pace"}


def _check_partitions(case, folder, executor):
    def partitioned(table):
        if not {"year", "period"} & set(table):
            return table
        return store(_years(table), folder).on(executor)

    expected = CASES[case](_years)
    if case.split("/")[0] in WHOLE:
        with pytest.raises(TableError, match=r"needs all of them at once.*table\.collect\(\['"):
            CASES[case](partitioned)
        result = CASES[case](lambda table: partitioned(table).collect()[list(table)])
    else:
        result = CASES[case](partitioned)
        assert not set(_text(result)) - {"period"}
    assert isinstance(result, pd.DataFrame)
    assert set(result) == set(expected)
    _assert_same(_sorted(result[list(expected)]), _sorted(expected))


@pytest.mark.parametrize("case", CASES)
def test_a_table_in_partitions_gives_the_same_numbers(case, tmp_path):
    _check_partitions(case, tmp_path, None)


# Two partitions together, one after the other, row by row, and the whole table: more metrics would send nothing else.
WAYS = ["share_change", "hhi", "apparent_consumption", "icor", "chokepoints/blocs"]


@pytest.mark.parametrize("case", WAYS)
def test_an_executor_gives_the_same_numbers(case, tmp_path):
    with ThreadPoolExecutor(3) as pool:
        _check_partitions(case, tmp_path, pool)


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as running,
        distributed.Client(running) as client,
    ):
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("case", WAYS)
def test_a_dask_cluster_gives_the_same_numbers(case, tmp_path, cluster):
    _check_partitions(case, tmp_path, cluster.get_executor())


class _Killing(Executor):
    """Passes work on, and kills a process when four pieces are done."""

    def __init__(self, inner, pid):
        self.inner, self.pid, self.submitted, self.done = inner, pid, 0, 0

    def submit(self, fn, /, *args, **kwargs):
        """Submit and watch."""
        self.submitted += 1
        future = self.inner.submit(fn, *args, **kwargs)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future):
        self.done += 1
        if self.done == 4:
            os.kill(self.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_does_not_change_the_result(tmp_path, cluster):
    names = ["year", "exporter", "importer", "product"]
    labels = [
        range(1990, 2020),
        [f"E{e:02}" for e in range(20)],
        [f"I{i:02}" for i in range(20)],
        [f"{k:06}" for k in range(10)],
    ]
    table = pd.MultiIndex.from_product(labels, names=names).to_frame(index=False)  # fmt: skip
    table["value"] = np.random.default_rng(2015).lognormal(size=len(table))
    pid = min(cluster.run(os.getpid).values())
    executor = _Killing(cluster.get_executor(), pid)
    result = metrics.hhi(store(table, tmp_path).on(executor))
    assert 4 <= executor.done <= executor.submitted == 30
    deadline = time.monotonic() + 30
    while pid in cluster.run(os.getpid).values() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert pid not in cluster.run(os.getpid).values()
    _assert_same(_sorted(result), _sorted(metrics.hhi(table)))


@pytest.mark.parametrize(
    ("metric", "options", "message"),
    [
        ("rca", {}, "name in `over`"),
        ("shift_share", {"start": 2014, "end": 2015, "of": "exporter", "item": "product"}, "more than one row"),
        ("lafay", {"of": "exporter"}, r"Unknown column 'exports'.* One of: year, "),
        ("peak", {"of": ["exporter", "importer", "product"]}, r"table\.collect\(\['exporter'"),
    ],
)  # fmt: skip
def test_a_partitioned_table_that_a_metric_cannot_take_is_refused_with_the_remedy(
    metric, options, message, tmp_path
):
    keys = [(y, e, i, "010121") for y in (2014, 2015) for e in ("CHN", "DEU") for i in ("JPN", "USA")]
    trade = pd.DataFrame(keys, columns=["year", "exporter", "importer", "product"]).assign(value=1.0)
    with pytest.raises(TableError, match=message):
        getattr(metrics, metric)(store(trade, tmp_path), **options)
