"""Key columns as integers into sorted labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mic2025lab.errors import TableError, unknown_name

SHOWN = 5  # how many offending rows, keys or values a message names
BLOCK = 1 << 16  # rows
_SAMPLE = 1 << 16  # rows looked at first for the categories in use
# Larger tables keep categories without rows: finding them costs more than keeping them.
_COMPACT = 1 << 20
_INTEGER_SPAN = 1 << 24  # integer keys in a range up to this are coded by counting, wider ones by sorting


@dataclass(frozen=True)
class Decoded:
    """Key labels of a result. `Frame.build` gives them the type of the column they came from."""

    source: str | None  # None: the labels are new, with a type of their own
    array: pa.Array


@dataclass(frozen=True, eq=False)
class Codes:
    """A key column as integers into its sorted labels.

    Attributes
    ----------
    name
        The column.
    raw
        One integer a row, 0 .. len(values) - 1, in the narrowest type the table had; `codes` is the same as int64.
    values
        The labels, sorted, so that no result depends on the order of rows. A large table of categories may have labels without
        rows; `compact` drops them.
    coded_type
        Arrow type of a column that came as a dictionary.
    relabeled
        Some labels are not in the table itself, so they may not fit the column's type there.
    """

    name: str
    raw: np.ndarray
    values: pa.Array
    coded_type: pa.DataType | None = None
    relabeled: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def codes(self) -> np.ndarray:
        """One int64 a row."""
        return self.raw.astype(np.int64)

    @cached_property
    def labels(self) -> list[Any]:
        """The sorted labels as Python values."""
        return self.values.to_pylist()

    def decode(self, codes: np.ndarray) -> Decoded:
        """Turn codes into labels, for `Frame.build`; missing where a code is -1."""
        source = None if self.relabeled else self.name
        mask = codes < 0 if len(codes) and codes.min() < 0 else None
        if self.coded_type is None:
            if mask is not None and pa.types.is_integer(self.values.type):
                source = None  # a column of whole numbers cannot hold missing labels
            return Decoded(source, self.values.take(pa.array(codes, mask=mask)))
        narrow = (codes if mask is None else np.where(mask, 0, codes)).astype(
            self.coded_type.index_type.to_pandas_dtype()
        )
        return Decoded(source, pa.DictionaryArray.from_arrays(pa.array(narrow, mask=mask), self.values))

    def find(self, label: Any, kind: str | None = None) -> int:
        """Code of a label. Raise TableError, listing the labels in use, if no row has it."""
        code = self.labels.index(label) if label in self.labels else -1
        if code >= 0 and bool((self.raw == code).any()):
            return code
        used = [self.labels[code] for code in np.flatnonzero(np.bincount(self.raw, minlength=len(self)))]
        raise unknown_name(kind or self.name, label, used, error=TableError)

    def compact(self) -> Codes:
        """Drop labels that no row has."""
        used, raw = self.ranks(self.raw)
        return (
            self
            if len(used) == len(self)
            else replace(self, raw=raw, values=self.values.take(pa.array(used)))
        )

    def ranks(self, raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """List the codes that some rows have, and number the rows by them, as `numpy.unique` does, without sorting."""
        used = _used(raw, len(self))
        return used, raw if len(used) == len(self) else _ranks(used, len(self), raw.dtype)[raw]

    def keep(self, rows: np.ndarray) -> Codes:
        """Select rows by a mask or by positions."""
        return self.at(self.raw[rows])

    def at(self, raw: np.ndarray) -> Codes:
        """Make a column with the same labels and other rows."""
        return replace(self, raw=raw)

    def relabel(self, raw: np.ndarray, labels: list[Any]) -> Codes:
        """Make a column of other rows and labels: a dictionary if this one is, and of its type unless text replaces numbers."""
        text = pa.types.is_integer(self.values.type) and isinstance(labels[0], str)
        values = pa.array(labels, None if text else self.values.type)
        coded = None if self.coded_type is None else pa.dictionary(pa.int32(), values.type)
        return Codes(self.name, raw, values, coded, relabeled=True)


def encode(name: str, column: pa.Array) -> Codes:
    """Code a key column of any type, which must not be missing in any row."""
    column = _without_nan(column)
    if pa.types.is_integer(column.type) and column.null_count == 0:
        return integer_codes(name, column.to_numpy(zero_copy_only=False))
    coded = pa.types.is_dictionary(column.type)
    if coded and len(column.dictionary) != len(pc.unique(column.dictionary).drop_null()):
        column = column.cast(column.type.value_type)  # a dictionary that repeats a label or holds a null
    try:
        column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    except pa.ArrowNotImplementedError:
        raise TableError(
            f"Column {name!r} is of type {column.type}, which cannot be a key; "
            "use text, whole numbers, dates or categories."
        ) from None
    raw = column.indices
    if column.null_count:
        unsigned = pa.types.is_unsigned_integer(raw.type)
        raw = (raw.cast(pa.int64()) if unsigned else raw).fill_null(-1)
    return sorted_codes(name, raw.to_numpy(zero_copy_only=False), column.dictionary, column, coded=coded)


def _without_nan(column: pa.Array) -> pa.Array:
    """Make nan missing in a key column: Polars and Arrow tell the two apart, and an unknown key is not a group."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not pa.types.is_floating(kind):
        return column
    column = column.cast(kind)
    return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)


def integer_codes(name: str, values: np.ndarray) -> Codes:
    """Code whole numbers, by counting if their range is small and by sorting otherwise."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if low == high:
        return Codes(name, np.zeros(len(values), np.int8), pa.array(np.array([low], values.dtype)))
    if high - low >= _INTEGER_SPAN:
        labels, codes = np.unique(values, return_inverse=True)
        return Codes(name, codes, pa.array(labels))
    narrow = np.int8 if high - low < 1 << 7 else np.int16 if high - low < 1 << 15 else np.int32
    # In the column's own type: an unsigned number above 2**63 is no int64, and differences of two are the same with wraparound.
    least = np.array([low], values.dtype)
    offset = np.subtract(values, least, dtype=np.int64, casting="unsafe").astype(narrow)
    used = _used(offset, high - low + 1)
    labels = used.astype(values.dtype) + least
    if len(used) <= high - low:
        offset = _ranks(used, high - low + 1, narrow)[offset]
    return Codes(name, offset, pa.array(labels))


def whole_years(column: Codes) -> np.ndarray:
    """Years of the labels of a column: whole numbers, also as floats (2015.0).

    Raises
    ------
    TableError
        If a label is not a whole number.
    """
    kind = column.values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        years = column.values.to_numpy(zero_copy_only=False)
        if bool((years == np.floor(years)).all()):
            return years.astype(np.int64)
    raise TableError(
        f"Column {column.name!r} must hold whole years; it holds {kind}, such as {some(column.labels)}. Convert it to whole numbers."
    )


def _ranks(order: np.ndarray, size: int, kind: Any) -> np.ndarray:
    """Place of each of `size` codes in a list of some of them."""
    ranks = np.zeros(size, kind)
    ranks[order] = np.arange(len(order), dtype=kind)
    return ranks


def _used(raw: np.ndarray, size: int) -> np.ndarray:
    """Codes that occur in rows: a filtered table keeps the categories of the whole. Stops once all have been seen."""
    seen = np.zeros(size, np.bool_)
    # A sample first: in a table sorted by this column the last code comes only at the end.
    seen[raw[:: 1 + len(raw) // _SAMPLE]] = True
    if seen.all():
        return np.arange(size)
    for rows in blocks(len(raw)):
        seen[raw[rows]] = True
        if seen.all():
            break
    return np.flatnonzero(seen)


def sorted_codes(name: str, raw: np.ndarray, labels: pa.Array, column: Any, *, coded: bool = True) -> Codes:
    """Check that no key is missing, and sort the labels."""
    if len(raw) and raw.min() < 0:
        rows = np.flatnonzero(raw < 0)
        raise TableError(
            f"Key column {name!r} is missing in {len(rows)} of {len(raw)} rows (row {some(rows)}, counted from 0); "
            "drop those rows or fill in the key."
        )
    compact = coded and len(raw) <= _COMPACT
    used = _used(raw, len(labels)) if compact else np.arange(len(labels))
    try:
        order = used[pc.sort_indices(labels.take(pa.array(used))).to_numpy()]
    except pa.ArrowNotImplementedError:
        raise TableError(
            f"Column {name!r} holds {labels.type}, which cannot be sorted; use text or whole numbers."
        ) from None
    if not np.array_equal(order, np.arange(len(order))):
        raw = _ranks(order, len(labels), raw.dtype)[raw]
    labels = labels.take(pa.array(order))
    index = pa.from_numpy_dtype(raw.dtype)
    if isinstance(column, pa.Array) and coded:
        index = column.type.index_type
    return Codes(name, raw, labels, pa.dictionary(index, labels.type) if coded else None)


def blocks(count: int) -> Iterator[slice]:
    """Cut rows into blocks that stay in the processor's cache while several columns are combined."""
    return (slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK))


def same_labels(column: Codes, other: Codes) -> np.ndarray:
    """Code in another column of each label of a column; -1 where it has none."""
    place = {label: code for code, label in enumerate(other.labels)}
    return np.array([place.get(label, -1) for label in column.labels])


def has_same_label(column: Codes, other: Codes) -> np.ndarray:
    """Mask of the rows with the same label in both columns."""
    one_codebook = column.values.equals(other.values)
    return (column.raw if one_codebook else same_labels(column, other)[column.raw]) == other.raw


def one_array(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return a column as one array, without a copy if it is one already; as it is if it has more text than one array can hold."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def some(values: Sequence[Any] | np.ndarray, separator: str = ", ") -> str:
    """List the first few of many values."""
    return separator.join([*map(str, values[:SHOWN]), *(["…"] if len(values) > SHOWN else [])])


def row_text(columns: Iterable[Codes], row: int) -> str:
    """Name a row by its keys."""
    return ", ".join(f"{key.name}={key.values[int(key.raw[row])].as_py()!r}" for key in columns)


def some_rows(columns: Iterable[Codes], rows: Sequence[int] | np.ndarray, values: Any = None) -> str:
    """Name the first few of many rows by their keys, after the value if one is wrong."""
    columns = list(columns)
    texts = [row_text(columns, row) if columns else f"row {row}" for row in rows[: SHOWN + 1]]
    if values is None:
        return some(texts, "; ")
    return some([f"{values[row]:g} ({text})" for row, text in zip(rows, texts, strict=False)])


def rows_text(count: int) -> str:
    """Number of rows in words."""
    return "1 row" if count == 1 else f"{count} rows"
