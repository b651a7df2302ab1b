"""Every public metric on every kind of table: the same numbers, and the kind that went in comes out.

A table in partitions is one more kind, wherever it is worked on; what comes out of it is pandas.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.api.types import is_integer_dtype

from mic2025lab import metrics
from mic2025lab.engine import codes, groups
from mic2025lab.engine.partition_files import write_manifest, write_partition
from mic2025lab.engine.partitions import Partitioned, open_folder
from mic2025lab.errors import TableError

pl = pytest.importorskip("polars")


def _cases(file: str) -> dict[str, Callable[[Callable[[pd.DataFrame], Any]], Any]]:
    spec = importlib.util.spec_from_file_location(file, Path(__file__).with_name(f"{file}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


SHARES = {**_cases("cases_shares"), **_cases("cases_dependence")}
CASES = {**SHARES, **_cases("cases_productivity")}


def _category(table: pd.DataFrame) -> pd.DataFrame:
    text = [name for name in table.columns if isinstance(table[name].dtype, pd.StringDtype)]
    # Categories out of order, and one that no row has.
    return table.astype(
        {
            name: pd.CategoricalDtype(["unused", *sorted(table[name].dropna().unique(), reverse=True)])
            for name in text
        }
    )


def _enum(table: pd.DataFrame) -> Any:
    made = pl.from_pandas(table)
    text = [name for name in made.columns if made.schema[name] == pl.String]
    return made.with_columns(
        pl.col(name).cast(pl.Enum(["unused", *made[name].drop_nulls().unique().sort(descending=True)]))
        for name in text
    )


def _dictionary(table: pd.DataFrame) -> pa.Table:
    made = pa.Table.from_pandas(table, preserve_index=False)
    # Two chunks, each with a dictionary of its own.
    halves = [made.slice(0, len(made) // 2), made.slice(len(made) // 2)]
    return pa.concat_tables(
        pa.table(
            {
                name: column.dictionary_encode() if pa.types.is_large_string(column.type) else column
                for name, column in zip(half.column_names, half.columns, strict=True)
            }
        )
        for half in halves
    )


KINDS: dict[str, tuple[Callable[[pd.DataFrame], Any], type]] = {
    "pandas": (lambda table: table, pd.DataFrame),
    "pandas object": (
        lambda table: table.astype({name: object for name in table.columns if table[name].dtype == "str"}),
        pd.DataFrame,
    ),
    "pandas category": (_category, pd.DataFrame),
    "pandas index": (lambda table: table.set_axis(np.arange(len(table))[::-1] * 7, axis=0), pd.DataFrame),
    "polars": (pl.from_pandas, pl.DataFrame),
    "polars categorical": (
        lambda table: pl.from_pandas(table).with_columns(pl.col(pl.String).cast(pl.Categorical)),
        pl.DataFrame,
    ),
    "polars enum": (_enum, pl.DataFrame),
    "arrow": (lambda table: pa.Table.from_pandas(table, preserve_index=False), pa.Table),
    "arrow dictionary": (_dictionary, pa.Table),
}


def _plain(table: Any) -> pd.DataFrame:
    """Any kind as pandas with text keys, missing as nan, to compare."""
    if isinstance(table, pa.Table):
        table = table.to_pandas()
    elif isinstance(table, pl.DataFrame):
        table = table.to_arrow().to_pandas()
    table = table.reset_index(drop=True)
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].astype(object)
    return table


def test_every_public_metric_has_a_case() -> None:
    assert {name.split("/")[0] for name in CASES} == set(metrics.__all__)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pandas"])
@pytest.mark.parametrize("case", CASES)
def test_same_numbers_and_same_kind_out(case: str, kind: str) -> None:
    convert, expected_type = KINDS[kind]
    result = CASES[case](convert)
    expected = CASES[case](lambda table: table)
    assert isinstance(result, expected_type)
    pd.testing.assert_frame_equal(_plain(result), _plain(expected), check_dtype=False, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", SHARES)
def test_keys_keep_the_callers_type(case: str) -> None:
    def is_text(column: pd.Series) -> bool:
        return isinstance(column.dtype, pd.StringDtype)

    plain = SHARES[case](lambda table: table)
    coded = SHARES[case](_category)
    for name in plain.columns:
        if is_text(plain[name]):
            assert isinstance(coded[name].dtype, pd.CategoricalDtype), name
            assert not coded[name].isna().any(), name
        else:
            assert plain[name].dtype == coded[name].dtype, name
    enum = SHARES[case](_enum)
    for name in plain.columns:
        if is_text(plain[name]):
            assert isinstance(enum.schema[name], pl.Enum | pl.Categorical), name


@pytest.mark.parametrize("kind", ["polars", "arrow"])
@pytest.mark.parametrize("case", ["market_share", "rca", "hhi", "grubel_lloyd", "prody"])
def test_missing_is_null_not_nan(case: str, kind: str) -> None:
    empty = {
        "market_share": lambda to: metrics.market_share(
            to(pd.DataFrame({"economy": ["CHN", "USA"], "industry": "a", "year": 1, "value": [None, 1.0]}))
        )
    }
    result = empty.get(case, SHARES[case])(KINDS[kind][0])
    table = result if isinstance(result, pa.Table) else result.to_arrow()
    for name in table.column_names:
        if pa.types.is_floating(table[name].type):
            assert not np.isnan(table[name].drop_null().to_numpy()).any()


@pytest.mark.parametrize("case", SHARES)
def test_dense_and_sparse_sums_agree(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = SHARES[case](lambda table: table)
    monkeypatch.setattr(groups, "DENSE_FLOOR", 0)
    monkeypatch.setattr(groups, "DENSE_PER_ROW", 0)
    sparse = SHARES[case](lambda table: table)
    pd.testing.assert_frame_equal(sparse, dense, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_order_of_rows_does_not_matter(case: str) -> None:
    expected = CASES[case](lambda table: table)
    reversed_rows = CASES[case](lambda table: table.iloc[::-1])
    if len(reversed_rows) and reversed_rows.index[0] > reversed_rows.index[-1]:  # same rows as the table
        reversed_rows = reversed_rows.iloc[::-1]
    pd.testing.assert_frame_equal(reversed_rows, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["pandas category", "polars enum", "arrow dictionary"])
@pytest.mark.parametrize("case", CASES)
def test_labels_that_no_row_has_make_no_difference(
    case: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = CASES[case](lambda table: table)
    monkeypatch.setattr(codes, "_COMPACT", 0)  # as in a table of millions of rows
    result = CASES[case](KINDS[kind][0])
    pd.testing.assert_frame_equal(_plain(result), _plain(expected), check_dtype=False, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("factor", [2.0**-540, 2.0**660], ids=["1e-163", "1e199"])
@pytest.mark.parametrize("case", SHARES)
def test_the_unit_of_money_makes_no_difference(case: str, factor: float) -> None:
    """Multiply all amounts by a power of two, so that nothing is rounded: a result stays, or is multiplied too."""

    def scaled(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{name: factor * table[name] for name in table.select_dtypes("float")})

    plain, made = SHARES[case](lambda table: table), SHARES[case](scaled)
    for name in plain.select_dtypes("number"):
        one, other = plain[name].to_numpy(float), made[name].to_numpy(float)
        assert np.allclose(other, one, rtol=1e-9, atol=1e-12, equal_nan=True) or np.allclose(
            other / factor, one, rtol=1e-9, atol=1e-12, equal_nan=True
        ), name


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
@pytest.mark.parametrize("case", CASES)
def test_years_may_be_floats(case: str, kind: str) -> None:
    """A column of years that was read beside missing values is one of floats."""

    def floats(table: pd.DataFrame) -> Any:
        years = [name for name in ("year", "period") if name in table and is_integer_dtype(table[name])]
        return KINDS[kind][0](table.astype(dict.fromkeys(years, float)))

    expected, made = CASES[case](lambda table: table), CASES[case](floats)
    pd.testing.assert_frame_equal(_plain(made), _plain(expected), check_dtype=False)


# Rows that no metric takes

BY_ROW = {"apparent_consumption", "import_penetration", "self_sufficiency"}
CELLS = [case for case in SHARES if case.split("/")[0] not in BY_ROW | {"pace"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: pd.concat([table, table.iloc[:1]]),
            "with more than one row: .*Add up the repeated rows",
        ),
        (lambda table: table.assign(unit=[f"unit {n}" for n in range(len(table))]), "different units"),
        (
            lambda table: table.assign(**-table.select_dtypes("float")),
            "is negative in .* values of zero or more",
        ),
    ],
    ids=["repeated", "units", "negative"],
)
@pytest.mark.parametrize("case", CELLS)
def test_rows_that_cannot_be_cells_are_refused(case: str, change: Callable[..., Any], message: str) -> None:
    if "negative" in message and case == "remainder":
        return  # a remainder may be negative
    with pytest.raises(TableError, match=message):
        SHARES[case](change)


# In these, no label is added to another; in the cases named "world" the totals are rows.
APART = {"remainder", "localization", "foreign_input_reliance", "world", "location_quotient"}


@pytest.mark.parametrize("case", [case for case in CELLS if not APART & set(case.split("/"))])
def test_an_aggregate_beside_its_parts_is_refused_where_labels_are_added(case: str) -> None:
    def with_total(column: str, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{column: table[column].replace(table[column].iloc[0], "TOTAL")})

    messages = []
    for column in ("exporter", "economy", "product", "industry"):
        try:
            SHARES[case](partial(with_total, column))
        except (TableError, KeyError) as error:
            messages.append(str(error))
    assert any("has 'TOTAL' beside" in message for message in messages)


# Tables in partitions


def _years(table: pd.DataFrame) -> pd.DataFrame:
    """Make a second year of a table that has one, with one row less and other numbers."""
    if "year" not in table or table["year"].nunique() > 1:
        return table
    numbers = {name: 2 * table[name] for name in table.select_dtypes("float")}
    return pd.concat([table, table.assign(year=table["year"] + 1, **numbers).iloc[1:]], ignore_index=True)


def store(table: pd.DataFrame, folder: Path) -> Partitioned:
    """Write a table as a partitioned one, by year (or by period, where it has no year)."""
    key = next((name for name in ("year", "period") if name in table), None)
    assert key is not None
    text = [name for name in table if name != key and isinstance(table[name].dtype, pd.StringDtype)]
    book = {name: sorted(table[name].unique()) for name in text}
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for label, part in table.groupby(key):
        columns = {
            name: np.searchsorted(book[name], part[name].to_numpy(object)).astype(np.int16)
            if name in book
            else pa.Array.from_pandas(part[name])
            for name in table
            if name != key
        }
        entries.append({"label": label, **write_partition(folder / f"{label}.parquet", columns, book)})
    names = [name for name in table if name != key]
    write_manifest(
        folder,
        {"name": "test", "key": key, "columns": names, "partitions": entries, "remedy": "run the test"},
    )
    return open_folder(folder)


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in table if not pd.api.types.is_float_dtype(table[name])]
    plain = _plain(table)
    return plain.sort_values([name for name in keys if table[name].dtype != bool], ignore_index=True)


# These look at one series over its years, so that no year can be computed without the others.
WHOLE = {
    "chokepoints",
    "growth_accounting",
    "growth_by_period",
    "icor",
    "mpk",
    "pace",
    "peak",
    "peak_sensitivity",
    "perpetual_inventory",
    "price_volume",
    "return_on_capital",
    "utilization_gap",
}


def _check_partitions(case: str, folder: Path, executor: Executor | None) -> None:
    made: list[Partitioned] = []

    def partitioned(table: pd.DataFrame) -> Any:
        if not {"year", "period"} & set(table):
            return table  # the second table of a metric of two
        made.append(store(_years(table), folder / str(len(made))).on(executor))
        return made[-1]

    expected = CASES[case](_years)
    if case.split("/")[0] in WHOLE:
        with pytest.raises(TableError, match=r"needs all of them at once.*table\.collect\(\['"):
            CASES[case](partitioned)
        made.clear()
        result = CASES[case](lambda table: partitioned(table).collect()[list(table)])
    else:
        result = CASES[case](partitioned)
        assert not any(isinstance(result[name].dtype, pd.StringDtype) for name in result if name != "period")
    assert isinstance(result, pd.DataFrame)
    assert set(result) == set(expected)
    pd.testing.assert_frame_equal(
        _sorted(result[list(expected)]), _sorted(expected), check_dtype=False, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("case", CASES)
def test_a_table_in_partitions_gives_the_same_numbers(case: str, tmp_path: Path) -> None:
    _check_partitions(case, tmp_path, None)


# Two partitions together, one after the other, row by row, and the whole table: more metrics would send nothing else.
WAYS = ["share_change", "hhi", "apparent_consumption", "icor", "chokepoints/blocs"]


@pytest.mark.parametrize("case", WAYS)
def test_an_executor_gives_the_same_numbers(case: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        _check_partitions(case, tmp_path, pool)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
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
def test_a_dask_cluster_gives_the_same_numbers(case: str, tmp_path: Path, cluster: Any) -> None:
    _check_partitions(case, tmp_path, cluster.get_executor())


class _Killing(Executor):
    """Passes work on, and kills a process when some of it is done."""

    def __init__(self, inner: Executor, pid: int, after: int) -> None:
        self.inner, self.pid, self.after = inner, pid, after
        self.submitted = self.done = self.done_at_kill = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit and watch."""
        future = self.inner.submit(fn, *args, **kwargs)
        self.submitted += 1
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future: Future[Any]) -> None:
        self.done += 1
        if self.done == self.after:
            os.kill(self.pid, signal.SIGKILL)
            self.done_at_kill = self.done


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_does_not_change_the_result(tmp_path: Path, cluster: Any) -> None:
    rng = np.random.default_rng(2015)
    table = pd.DataFrame(
        [(year, f"E{e:02}", f"I{i:02}", f"{k:06}") for year in range(1990, 2020) for e in range(20) for i in range(20)
         for k in range(10)],
        columns=["year", "exporter", "importer", "product"],
    ).assign(value=lambda t: rng.lognormal(size=len(t)))  # fmt: skip
    parts = store(table, tmp_path)
    before = set(cluster.run(os.getpid).values())
    pid = min(before)
    executor = _Killing(cluster.get_executor(), pid, after=4)
    result = metrics.hhi(parts.on(executor))
    assert 0 < executor.done_at_kill < executor.submitted == 30
    deadline = time.monotonic() + 30
    while pid in cluster.run(os.getpid).values() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert pid not in cluster.run(os.getpid).values()
    pd.testing.assert_frame_equal(_sorted(result), _sorted(metrics.hhi(table)), check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda trade: metrics.rca(trade), "name in `over`"),
        (lambda trade: metrics.shift_share(trade, start=2014, end=2015, of="exporter", item="product"), "more than one row"),
        (lambda trade: metrics.lafay(trade, of="exporter"), r"Unknown column 'exports'.* One of: year, "),
        (lambda trade: metrics.peak(trade, of=["exporter", "importer", "product"]), r"table\.collect\(\['exporter'"),
    ],
)  # fmt: skip
def test_a_partitioned_table_that_a_metric_cannot_take_is_refused_with_the_remedy(
    call: Callable[..., Any], message: str, tmp_path: Path
) -> None:
    keys = [(y, e, i, "010121") for y in (2014, 2015) for e in ("CHN", "DEU") for i in ("JPN", "USA")]
    trade = pd.DataFrame(keys, columns=["year", "exporter", "importer", "product"]).assign(value=1.0)
    with pytest.raises(TableError, match=message):
        call(store(trade, tmp_path))
