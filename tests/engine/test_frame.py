"""The boundary: what is read, what is refused with which words, and what comes out."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.engine import checks
from mic2025lab.engine import codes as coding
from mic2025lab.engine.checks import check_nonnegative, check_same_unit, check_unique
from mic2025lab.engine.frame import columns_of, read
from mic2025lab.engine.groups import combine, group
from mic2025lab.errors import TableError

TABLE = pd.DataFrame(
    {
        "economy": ["USA", "CHN", "USA"],
        "product": pd.Categorical(["8542", "0101", "8542"], categories=["8542", "9999", "0101"]),
        "year": np.array([2022, 2015, 2015], "int32"),
        "value": [3.0, None, 1.0],
        "unit": ["million USD", "million USD", "tonnes"],
    },
    index=[10, 20, 30],
)


def frame(table=TABLE):
    return read(table, columns="economy")


@pytest.mark.parametrize(
    ("column", "codes", "labels"),
    [
        ("economy", [1, 0, 1], ["CHN", "USA"]),
        ("product", [1, 0, 1], ["0101", "8542"]),
        ("year", [1, 0, 0], [2015, 2022]),
    ],
)
def test_codes_are_integers_into_sorted_labels(column, codes, labels):
    found = frame().codes(column)
    assert found.codes.tolist() == codes
    assert found.codes.dtype == np.int64
    assert found.labels == labels


@pytest.mark.parametrize("span", [1, 1 << 24])
@given(values=st.lists(st.integers(-(2**40), 2**40) | st.integers(0, 50), min_size=1))
def test_whole_numbers_are_coded_the_same_by_counting_and_by_sorting(span, values):
    kept = coding._INTEGER_SPAN
    coding._INTEGER_SPAN = span
    try:
        found = coding.integer_codes("year", np.array(values))
    finally:
        coding._INTEGER_SPAN = kept
    assert found.labels == sorted(set(values))
    assert [found.labels[code] for code in found.codes] == values


def test_numbers_are_floats_with_nan_for_missing():
    assert np.array_equal(frame().numbers("value"), [3.0, np.nan, 1.0], equal_nan=True)
    assert frame().numbers("year").dtype == np.float64
    nothing = pa.table({"economy": ["CHN"], "value": pa.nulls(1)})
    assert np.isnan(frame(nothing).numbers("value")).all()


def test_attach_keeps_rows_and_index():
    made = frame().attach({"share": np.array([0.1, np.nan, 0.3])})
    assert made.index.tolist() == [10, 20, 30]
    assert made.columns.tolist() == [*TABLE.columns, "share"]
    assert "share" not in TABLE.columns


def test_build_gives_keys_the_type_of_the_callers_column():
    read_in = frame()
    made = read_in.build(
        {name: read_in.codes(name).decode(np.array([1, 0])) for name in ("economy", "product", "year")}
        | {"rca": np.array([1.5, np.nan])}
    )
    assert made["product"].dtype == TABLE["product"].dtype  # with the categories that no row has
    assert made["economy"].dtype == TABLE["economy"].dtype
    assert made["year"].dtype == np.int32
    assert made["product"].tolist() == ["8542", "0101"]


def test_like_turns_pandas_into_the_callers_kind():
    made = frame(pa.Table.from_pandas(TABLE, preserve_index=False)).like(
        pd.DataFrame({"economy": ["CHN"], "gap": [np.nan]})
    )
    assert isinstance(made, pa.Table)
    assert made["gap"].null_count == 1


def test_keys_too_many_to_number_are_still_told_apart():
    labels = pa.array(np.arange(2**16))  # four columns of so many labels have 2**64 combinations
    wide = [coding.Codes(f"k{number}", np.arange(5) % 3, labels) for number in range(3)]
    wide.append(coding.Codes("last", np.array([0, 1, 2, 0, 0]), labels))
    key, _ = combine(wide)
    assert len(np.unique(key)) == 4  # rows 0 and 3 are the same, row 4 differs in the first two
    groups = group(wide)
    assert groups.size == 4
    assert [code[groups.ids].tolist() for code in groups.codes(groups.present)] == [
        column.raw.tolist() for column in wide
    ]


@pytest.mark.parametrize("map_size", [0, 1 << 28])  # sorted, and marked on a map
@given(keys=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_repeated_keys_are_found_exactly_when_there_are_some(map_size, keys):
    table = pd.DataFrame(keys, columns=["a", "b"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "_BYTE_MAP", map_size)
        if table.duplicated().any():
            with pytest.raises(TableError, match="with more than one row"):
                check_unique(read(table, columns=["a", "b"]), ["b", "a"])
        else:
            check_unique(read(table, columns=["a", "b"]), ["b", "a"])


@pytest.mark.parametrize("order", [["b", "a"], ["a", "b"]])
@pytest.mark.parametrize("again", [False, True])
def test_rows_sorted_by_any_order_of_their_keys_need_no_sorting(order, again, monkeypatch):
    table = pd.DataFrame({"a": np.repeat(np.arange(40), 50), "b": np.tile(np.arange(50), 40)})
    if again:
        table.loc[7] = table.loc[6]
    sorted_rows = read(table.sort_values(order), columns=["a", "b"])
    if again:
        with pytest.raises(TableError, match="One combination of a, b with more than one row: a=0, b=6"):
            check_unique(sorted_rows, ["a", "b"])
        return
    monkeypatch.setattr(checks, "combine", lambda columns: pytest.fail("the keys were counted"))
    check_unique(sorted_rows, ["a", "b"])


def key(dtype):
    """Make a table with a missing key."""
    return TABLE.assign(economy=pd.Series(["CHN", None, "USA"], dtype=dtype, index=TABLE.index))


def number(*values):
    """Make a table with other numbers."""
    return TABLE.assign(value=list(values))


PERIODS = TABLE.assign(year=pd.period_range("2019Q3", periods=3, freq="Q").to_numpy())
MISSING_KEY = r"Key column 'economy' is missing in 1 of 3 rows \(row 1, counted from 0\)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: frame([1, 2]), "a pandas DataFrame, a Polars DataFrame or a pyarrow Table, not list"),
        (lambda: frame(pl.from_pandas(TABLE).lazy()), r"not LazyFrame.*\.collect\(\)"),
        (lambda: frame(TABLE.iloc[:0]), "The table has no rows"),
        (
            lambda: frame(TABLE.rename(columns={"economy": "economies"})),
            r"Unknown column 'economy'\. Did you mean 'economies'\? One of: economies, product",
        ),
        (lambda: frame(TABLE.set_index("economy")), r"It is in the index: call \.reset_index\(\) first"),
        (lambda: frame(pd.DataFrame([[1, 2]], columns=["economy"] * 2)), "two columns of one name"),
        (
            lambda: frame(number("1.5", "n/a", "2")).numbers("value"),
            r"must hold numbers, and it holds text: its first values are '1\.5', 'n/a', '2'",
        ),
        (
            lambda: frame(number(True, False, True)).numbers("value"),
            "must hold numbers, and it holds booleans",
        ),
        (lambda: frame(number(1, "a", None)).numbers("value"), "mixes kinds of values"),
        (
            lambda: frame(number(1.0, np.inf, 2.0)).numbers("value"),
            r"is infinite in 1 row \(row 1, counted from 0\)",
        ),
        (lambda: frame(key("str")).codes("economy"), MISSING_KEY),
        (lambda: frame(key("category")).codes("economy"), MISSING_KEY),
        (lambda: frame(key(object)).codes("economy"), MISSING_KEY),
        (
            lambda: frame(PERIODS).codes("year"),
            "cannot be a key; use text, whole numbers, dates or categories",
        ),
        (lambda: frame().codes("product").find("9999"), r"Unknown product '9999'.* One of: 0101, 8542"),
        (lambda: check_nonnegative(np.array([1.0, -2.0]), "value"), r"-2 \(row 1\)"),
        (
            lambda: check_same_unit(frame(), ["year"]),
            r"cannot be added: 'million USD', 'tonnes' in year=2015\. Convert them",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(call, message):
    with pytest.raises(TableError, match=message):
        call()


def test_what_is_no_error():
    assert columns_of("economy", ("year",), None, ()) == ("economy", "year")
    assert frame().codes("product").find("8542") == 1
    check_nonnegative(np.array([0.0, np.nan]), "value")
    check_same_unit(frame(), ["economy", "year"])
    check_same_unit(frame(), ["unit"])
    check_same_unit(frame(TABLE.drop(columns="unit")))
