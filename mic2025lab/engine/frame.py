"""The boundary of the engine: a pandas, Polars or Arrow table in, coded arrays inside, the same kind of table out.

A metric reads key columns as `Codes` (integers into sorted labels) and number columns as float64 arrays, and returns arrays
through `Frame.attach` or `Frame.build`. It does not touch the caller's table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mic2025lab.engine.codes import SHOWN, Codes, Decoded, encode, one_array, rows_text, some, sorted_codes
from mic2025lab.engine.partitions import Partitioned
from mic2025lab.engine.parts import Part
from mic2025lab.errors import TableError, unknown_name


class EmptyTable(TableError):
    """Raised when a table has no rows. Empty partitions are allowed; an empty table is not."""


def columns_of(*names: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return one tuple of the column names given as text or as lists of text; None is skipped."""
    columns: list[str] = []
    for name in names:
        if name is not None:
            columns.extend([name] if isinstance(name, str) else name)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise TableError(
            f"Column {', '.join(map(repr, twice))} is given two roles; each column can have only one."
        )
    return tuple(columns)


def read(table: Any, *, columns: str | Iterable[str], attach: bool = False) -> Frame:
    """Open a table: check that it is of a known kind, has the columns, and has rows.

    Parameters
    ----------
    table
        pandas DataFrame, Polars DataFrame or pyarrow Table; or a `Part` of a partitioned table, of which only these columns
        are read.
    columns
        The columns that are needed.
    attach
        Whether the result is the table with columns added: its rows are then read to where the result stays.

    Raises
    ------
    TableError
        If it is not such a table, has no rows, lacks a column or has two of one name.
    """
    if isinstance(table, Frame):
        table = table.native
    columns = tuple(dict.fromkeys([columns] if isinstance(columns, str) else columns))
    if isinstance(table, Partitioned | Part):
        for name in columns:
            if name not in table.columns:
                raise unknown_name("column", name, table.columns, error=TableError)
    if isinstance(table, Partitioned):
        raise TableError(
            f"The table is in {len(table)} partitions by {table.key!r}, and this needs all of them at once. "
            f"Read the columns it needs into memory first: table.collect({list(columns)!r}). "
            f"A metric that takes `within` goes partition by partition where {table.key!r} is in it."
        )
    part = table if isinstance(table, Part) else None
    if part is not None:
        part = part if attach else replace(part, into=None)
        # In the order of the files, by which their rows are sorted; with the unit, so that mixed units are not added.
        table = part.read([name for name in part.columns if name in (*columns, "unit")])
    frame = Frame(table, part)
    # Narwhals takes longer to wrap a small pandas table than most metrics take to compute.
    if part is None and not (isinstance(table, pd.DataFrame) and table.columns.is_unique):
        try:
            wrapped = frame._wrapped
        except nw.exceptions.DuplicateError as error:
            raise TableError(f"The table has two columns of one name; rename one: {error}") from None
        lazy = isinstance(wrapped, nw.LazyFrame)
        if lazy or str(getattr(wrapped, "implementation", "")) not in {"pandas", "polars", "pyarrow"}:
            raise TableError(
                "A metric takes a table: a pandas DataFrame, a Polars DataFrame or a pyarrow Table, not "
                f"{type(table).__name__}. Turn it into one first, for example with {'.collect()' if lazy else '.to_arrow()'}."
            )
    frame.require(columns)
    if len(frame) == 0:
        raise EmptyTable(
            "The table has no rows, so there is nothing to compute; the filters before this metric may have left none."
        )
    return frame


@dataclass(frozen=True, eq=False)
class Frame:
    """A table of the caller, of whatever kind. Of a `part`, it has the columns that were asked for."""

    native: Any
    part: Part | None = None
    _read: dict[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.native)

    @cached_property
    def _wrapped(self) -> Any:
        return nw.from_native(self.native, pass_through=True)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.native.column_names if self.kind == "pyarrow" else self.native.columns)

    @cached_property
    def kind(self) -> str:
        """Library of the table: pandas, polars or pyarrow."""
        if isinstance(self.native, pd.DataFrame):
            return "pandas"
        return "pyarrow" if isinstance(self.native, pa.Table) else str(self._wrapped.implementation)

    def require(self, columns: str | Iterable[str]) -> None:
        """Raise TableError for the first column that the table does not have."""
        known = self.columns
        for name in [columns] if isinstance(columns, str) else columns:
            if name not in known:
                indexed = self.kind == "pandas" and name in self.native.index.names
                hint = " It is in the index: call .reset_index() first." if indexed else ""
                raise TableError(f"{unknown_name('column', name, known, listing='table.columns')}{hint}")

    def arrow(self, name: str) -> pa.Array | pa.ChunkedArray:
        """One column as Arrow, without a copy where its kind allows."""
        try:
            column = self.native[name]
            if self.kind != "pyarrow":
                column = pa.Array.from_pandas(column) if self.kind == "pandas" else column.to_arrow()
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise TableError(
                f"Column {name!r} mixes kinds of values or has a type that cannot be read ({error}); "
                f"make it one type first. Its first values are {self._first(name)}."
            ) from None
        if isinstance(column, pa.ChunkedArray):
            column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
            column = one_array(column)
            if isinstance(column, pa.ChunkedArray):  # more text than one array can hold
                column = column.dictionary_encode().unify_dictionaries().combine_chunks()
        return column

    def codes(self, name: str) -> Codes:
        """One key column as `Codes`. Categories, dictionaries and small integers are read at almost no cost."""
        if name not in self._read:
            self.require(name)
            self._read[name] = self._encode(name)
        return self._read[name]

    def _encode(self, name: str) -> Codes:
        if self.part is not None and name == self.part.key and len(self.part.pieces) == 1:
            label = self.native[name].chunk(0)[:1]
            if pa.types.is_integer(label.type):
                return Codes(name, np.broadcast_to(np.int8(0), len(self)), label)
        if self.kind == "pandas":
            series = self.native[name]
            if isinstance(series.dtype, pd.CategoricalDtype):
                return sorted_codes(
                    name, series.cat.codes.to_numpy(), pa.array(series.cat.categories), series
                )
        return encode(name, self.arrow(name))

    def numbers(self, name: str) -> np.ndarray:
        """One column of numbers as float64, missing as nan. Text, booleans, and infinite values are an error."""
        self.require(name)
        values = self._float64(name)
        with np.errstate(invalid="ignore", over="ignore"):
            finite = np.isfinite(values.sum())  # one pass over the column
        if not finite:
            rows = np.flatnonzero(np.isinf(values))
            if len(rows):
                raise TableError(
                    f"Column {name!r} is infinite in {rows_text(len(rows))} (row {some(rows)}, counted from 0); "
                    "a value that is not known should be missing."
                )
        return values

    def _float64(self, name: str) -> np.ndarray:
        if self.kind == "pandas":
            dtype = self.native[name].dtype
            if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
                return self.native[name].to_numpy(dtype=np.float64)
        column = self.arrow(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        if pa.types.is_null(kind):
            return np.full(len(column), np.nan)
        raise TableError(
            f"Column {name!r} must hold numbers, and it holds {_type_name(kind)}: its first values are {self._first(name)}. "
            "Convert it to numbers first, with anything that is not a number as missing."
        )

    def _first(self, name: str) -> str:
        values = [value for value in self._wrapped.get_column(name).head(1000).to_list() if value is not None]
        return ", ".join(repr(value) for value in values[:SHOWN])

    def empty(self, name: str) -> np.ndarray:
        """Return an array for a column of numbers that is to be attached."""
        if self.part is not None:
            return self.part.empty(name, np.float64, len(self))
        return np.empty(len(self))

    def attach(self, columns: Mapping[str, np.ndarray]) -> Any:
        """Return the caller's table with columns added. Rows, their order, and a pandas index do not change."""
        for name in columns:
            if name in (self.part or self).columns:
                raise TableError(
                    f"The table has a column {name!r} already, which the result would replace; rename or drop it first."
                )
        if self.part is not None:
            rest = self.part.read([name for name in self.part.columns if name not in self.columns])
            both = {name: (self.native if name in self.columns else rest)[name] for name in self.part.columns}
            return pa.table(both | {name: _nullable(values) for name, values in columns.items()})
        if self.kind == "pandas":
            return self.native.assign(**columns)
        new = [
            nw.new_series(name, _nullable(values), backend=self.kind)  # type: ignore[arg-type]
            for name, values in columns.items()
        ]
        return self._wrapped.with_columns(*new).to_native()

    def build(self, columns: Mapping[str, Any]) -> Any:
        """Make a new table of the caller's kind.

        Columns are arrays, lists, or results of `Codes.decode`, which get the type of their column in the caller's table (text
        stays text, categories keep their categories). nan becomes null in Polars and Arrow.
        """
        if self.kind == "pandas":
            return pd.DataFrame({name: self._for_pandas(values) for name, values in columns.items()})
        table = pa.table({name: _nullable(values) for name, values in columns.items()})
        decoded = {
            name: values.source
            for name, values in columns.items()
            if isinstance(values, Decoded) and values.source is not None
        }
        if self.kind == "polars":
            made = nw.from_arrow(table, backend="polars").to_native()
            return made.cast({name: self.native.schema[source] for name, source in decoded.items()})
        if self.part is not None:
            for name, source in decoded.items():
                column = self._with_labels(table[name], self.native[source])
                table = table.set_column(table.column_names.index(name), name, column)
        return table

    def _for_pandas(self, values: Any) -> Any:
        """Return a result column for pandas: numbers as they are, anything else by way of Arrow."""
        if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
            return values
        column = _nullable(values).to_pandas()
        known = isinstance(values, Decoded) and values.source is not None
        return column.astype(self.native[values.source].dtype) if known else column

    @staticmethod
    def _with_labels(column: pa.ChunkedArray, source: pa.ChunkedArray) -> pa.ChunkedArray:
        """Recode a dictionary to the labels of the column in the files, which are the same in all partitions."""
        if not pa.types.is_dictionary(source.type) or not pa.types.is_dictionary(column.type):
            return column
        labels, chunks = source.chunk(0).dictionary, []
        for chunk in column.chunks:
            if not chunk.dictionary.equals(labels):
                place = pc.index_in(chunk.dictionary, labels).cast(source.type.index_type)
                chunk = pa.DictionaryArray.from_arrays(place.take(chunk.indices), labels)
            chunks.append(chunk)
        return pa.chunked_array(chunks, type=chunks[0].type) if chunks else column

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a pandas DataFrame."""
        return self.native.copy() if self.kind == "pandas" else self._wrapped.to_pandas()

    def like(self, table: pd.DataFrame) -> Any:
        """Return a pandas table as the caller's kind, with the caller's type for columns of the same name."""
        columns: dict[str, Any] = {}
        for name in table.columns:
            array = pa.Array.from_pandas(table[name])
            key = name in self.columns and not pa.types.is_floating(array.type)
            columns[name] = Decoded(name, array) if key else array
        return self.build(columns)


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "booleans" if pa.types.is_boolean(kind) else str(kind)


def _nullable(values: Any) -> Any:
    """Arrow array of a result column, with nan as null."""
    if isinstance(values, Decoded):
        return values.array
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    floats = isinstance(values, np.ndarray) and values.dtype == np.float64
    # Without missing values there is none to look for, and a sum is faster than looking.
    return pa.array(values, from_pandas=not floats or bool(np.isnan(values.sum())))
