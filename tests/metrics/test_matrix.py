"""Every public metric on every kind of table: the same numbers, and the kind that went in comes out."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mic2025lab import metrics
from mic2025lab.metrics import _kernels

pl = pytest.importorskip("polars")


def _cases(file: str) -> dict[str, Callable[[Callable[[pd.DataFrame], Any]], Any]]:
    spec = importlib.util.spec_from_file_location(file, Path(__file__).with_name(f"{file}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


SHARES = _cases("cases_shares")
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
        ),
    }
    result = empty.get(case, SHARES[case])(KINDS[kind][0])
    table = result if isinstance(result, pa.Table) else result.to_arrow()
    for name in table.column_names:
        if pa.types.is_floating(table[name].type):
            assert not np.isnan(table[name].drop_null().to_numpy()).any()


@pytest.mark.parametrize("case", SHARES)
def test_dense_and_sparse_sums_agree(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = SHARES[case](lambda table: table)
    monkeypatch.setattr(_kernels, "DENSE_FLOOR", 0)
    monkeypatch.setattr(_kernels, "DENSE_PER_ROW", 0)
    sparse = SHARES[case](lambda table: table)
    pd.testing.assert_frame_equal(sparse, dense, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", SHARES)
def test_order_of_rows_does_not_matter(case: str) -> None:
    expected = SHARES[case](lambda table: table)
    reversed_rows = SHARES[case](lambda table: table.iloc[::-1])
    if len(reversed_rows) and reversed_rows.index[0] > reversed_rows.index[-1]:  # same rows as the table
        reversed_rows = reversed_rows.iloc[::-1]
    pd.testing.assert_frame_equal(reversed_rows, expected, rtol=1e-12, atol=1e-12)
