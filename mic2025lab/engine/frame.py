"""The boundary of the metrics: a pandas, Polars or Arrow table in, coded arrays inside, the same kind of table out.

A metric never touches the caller's table itself. It reads key columns as `Codes` (integers into sorted labels) and number
columns as float64 arrays, works on those, and hands arrays back to `Frame.attach` or `Frame.build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mic2025lab.engine.by_partition import EmptyTable, Part, is_part, is_partitioned, whole_needed
from mic2025lab.engine.codes import (
    SHOWN,
    Codes,
    Decoded,
    combine,
    integer_codes,
    rows_text,
    some,
    sorted_codes,
    strictly_increasing,
)
from mic2025lab.errors import TableError, unknown_name

__all__ = [
    "Codes",
    "Decoded",
    "Frame",
    "check_nonnegative",
    "check_same_unit",
    "check_unique",
    "columns_of",
    "read",
]

_SAMPLE = 1 << 16  # rows that show by which key a table is sorted first
_BYTE_MAP = 1 << 28  # largest map (one byte a key) on which keys are checked to be unique


def columns_of(*names: str | Iterable[str] | None) -> tuple[str, ...]:
    """Make one tuple of the column names given as text, as lists of text, or not at all."""
    found: list[str] = []
    for name in names:
        if name is not None:
            found.extend([name] if isinstance(name, str) else name)
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise TableError(
            f"Column {', '.join(map(repr, twice))} is given two roles; each column can have only one."
        )
    return tuple(found)


def read(table: Any, *, columns: str | Iterable[str]) -> Frame:
    """Read a table at the door of a metric: its kind is known, its columns exist, it has rows.

    Parameters
    ----------
    table
        pandas DataFrame, Polars DataFrame or pyarrow Table; or a `Part` of a partitioned table, of which only the columns
        that are needed are read.
    columns
        The columns the metric needs.

    Raises
    ------
    TableError
        If it is not such a table, has no rows, lacks a column or has two of one name.
    """
    if isinstance(table, Frame):
        table = table.native
    if is_partitioned(table):
        raise whole_needed(table, [columns] if isinstance(columns, str) else columns)
    part = table if is_part(table) else None
    if part is not None:
        table = _read_part(part, columns)
    try:
        wrapped = nw.from_native(table)
    except TypeError:
        raise TableError(
            f"A metric takes a table: a pandas DataFrame, a Polars DataFrame or a pyarrow Table, not {type(table).__name__}."
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise TableError(f"The table has two columns of one name; rename one: {error}") from None
    if isinstance(wrapped, nw.LazyFrame):
        raise TableError(
            f"A metric takes a table in memory, and this {type(table).__module__.split('.')[0]} {type(table).__name__} "
            "is not computed yet; call .collect() first."
        )
    if str(wrapped.implementation) not in {"pandas", "polars", "pyarrow"}:
        raise TableError(
            f"A metric takes pandas, Polars or Arrow tables; this one is {wrapped.implementation}. "
            "Turn it into one of them first, for example with .to_arrow()."
        )
    frame = Frame(table, wrapped, part)
    frame.require(columns)
    if len(frame) == 0:
        raise EmptyTable(
            "The table has no rows, so there is nothing to compute; the filters before this metric may have left none."
        )
    return frame


def _read_part(part: Part, columns: str | Iterable[str]) -> pa.Table:
    wanted = [columns] if isinstance(columns, str) else list(columns)
    for name in wanted:
        if name not in part.columns:
            raise unknown_name("column", name, part.columns, error=TableError)
    wanted.append("unit")  # so that unlike units are not added
    # In the order of the files, in which their rows are sorted.
    return part.read([name for name in part.columns if name in wanted])


@dataclass(frozen=True, eq=False)
class Frame:
    """One table of the caller, whatever its kind; of a `part`, the columns that were asked for."""

    native: Any
    _wrapped: Any
    part: Part | None = None
    _read: dict[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._wrapped)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._wrapped.columns)

    @property
    def kind(self) -> str:
        """Which library the table is of: pandas, polars or pyarrow."""
        return str(self._wrapped.implementation)

    def require(self, columns: str | Iterable[str]) -> None:
        """Raise TableError for the first column that the table does not have."""
        there = self.columns
        for name in [columns] if isinstance(columns, str) else columns:
            if name not in there:
                error = unknown_name("column", name, map(str, there), error=TableError)
                index = list(self.native.index.names) if self.kind == "pandas" else []
                raise (
                    TableError(f"{error} It is in the index: call .reset_index() first.")
                    if name in index
                    else error
                )

    def arrow(self, name: str) -> pa.Array | pa.ChunkedArray:
        """One column as Arrow, without a copy where its kind allows."""
        try:
            column = (
                self.native[name] if self.kind == "pyarrow" else self._wrapped.get_column(name).to_arrow()
            )
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise TableError(
                f"Column {name!r} mixes kinds of values or has a type that cannot be read ({error}); "
                f"make it one type first. It begins {self._first(name)}."
            ) from None
        if isinstance(column, pa.ChunkedArray):
            column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
            column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
            if isinstance(column, pa.ChunkedArray):  # more text than one array can hold
                column = column.dictionary_encode().unify_dictionaries().combine_chunks()
        return column

    def codes(self, name: str) -> Codes:
        """One key column as `Codes`; categories, dictionaries and small integers cost next to nothing."""
        if name not in self._read:
            self.require(name)
            self._read[name] = self._encode(name)
        return self._read[name]

    def _encode(self, name: str) -> Codes:
        if self.kind == "pandas":
            series = self.native[name]
            if isinstance(series.dtype, pd.CategoricalDtype):
                return sorted_codes(
                    name, series.cat.codes.to_numpy(), pa.array(series.cat.categories), series
                )
            if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu":
                return integer_codes(name, series.to_numpy())
        column = self.arrow(name)
        if pa.types.is_integer(column.type) and column.null_count == 0:
            return integer_codes(name, column.to_numpy(zero_copy_only=False))
        coded = pa.types.is_dictionary(column.type)
        if coded and len(column.dictionary) != len(pc.unique(column.dictionary).drop_null()):
            column = column.cast(
                column.type.value_type
            )  # a dictionary that says one label twice, or holds a null
        try:
            column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        except pa.ArrowNotImplementedError:
            raise TableError(
                f"Column {name!r} is of type {column.type}, which cannot be a key; "
                "use text, whole numbers, dates or categories."
            ) from None
        raw = (
            column.indices.fill_null(-1)
            if column.null_count and not pa.types.is_unsigned_integer(column.indices.type)
            else column.indices
        )
        if column.null_count and pa.types.is_unsigned_integer(column.indices.type):
            raw = column.indices.cast(pa.int64()).fill_null(-1)
        return sorted_codes(name, raw.to_numpy(zero_copy_only=False), column.dictionary, column, coded=coded)

    def numbers(self, name: str) -> np.ndarray:
        """One column of numbers as float64, missing as nan; text, truth values and infinities are refused."""
        self.require(name)
        values = self._float64(name)
        with np.errstate(invalid="ignore", over="ignore"):
            finite = np.isfinite(values.sum())  # one pass; only a table that fails it is looked at again
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
            f"Column {name!r} must hold numbers, and it holds {_words(kind)}: it begins {self._first(name)}. "
            "Turn it into numbers first, and what is not a number into missing."
        )

    def _first(self, name: str) -> str:
        values = [value for value in self._wrapped.get_column(name).head(1000).to_list() if value is not None]
        return ", ".join(repr(value) for value in values[:SHOWN])

    def check_free(self, *names: str) -> None:
        """Raise TableError if a column that a metric would add is there already."""
        for name in names:
            if name in (self.columns if self.part is None else self.part.columns):
                raise TableError(
                    f"The table has a column {name!r} already, and the result would replace it; rename or drop it first."
                )

    def attach(self, columns: Mapping[str, np.ndarray]) -> Any:
        """Return the caller's table with columns added; the rows, their order and a pandas index stay as they are."""
        self.check_free(*columns)
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

        Columns are arrays, lists, or what `Codes.decode` returned: those get the type that column has in the caller's
        table (text stays text, categories keep their categories). nan becomes a null in Polars and Arrow.
        """
        table = pa.table({name: _nullable(values) for name, values in columns.items()})
        decoded = {
            name: values.source
            for name, values in columns.items()
            if isinstance(values, Decoded) and values.source is not None
        }
        if self.kind == "pandas":
            made = table.to_pandas()
            types = {name: self.native[source].dtype for name, source in decoded.items()}
            return made.astype({name: kind for name, kind in types.items() if made[name].dtype != kind})
        if self.kind == "polars":
            made = nw.from_arrow(table, backend="polars").to_native()
            return made.cast({name: self.native.schema[source] for name, source in decoded.items()})
        if self.part is not None:
            for name, source in decoded.items():
                column = self._relabelled(table[name], self.native[source])
                table = table.set_column(table.column_names.index(name), name, column)
        return table

    @staticmethod
    def _relabelled(column: pa.ChunkedArray, source: pa.ChunkedArray) -> pa.ChunkedArray:
        """Give a dictionary the labels of the column in the files, which are the same in all partitions."""
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
        """Return the table as pandas, for metrics that are written on small tables."""
        return self.native.copy() if self.kind == "pandas" else self._wrapped.to_pandas()

    def like(self, table: pd.DataFrame) -> Any:
        """Return a pandas table as the caller's kind, columns of a name the caller has in the caller's type."""
        columns: dict[str, Any] = {}
        for name in table.columns:
            array = pa.Array.from_pandas(table[name])
            key = name in self.columns and not pa.types.is_floating(array.type)
            columns[name] = Decoded(name, array) if key else array
        return self.build(columns)


def _words(kind: pa.DataType) -> str:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "truth values" if pa.types.is_boolean(kind) else str(kind)


def _nullable(values: Any) -> Any:
    """Arrow array of a column on its way out, nan as null."""
    if isinstance(values, Decoded):
        return values.array
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    return pa.array(values, from_pandas=True)


def check_unique(frame: Frame, keys: Iterable[str], *, hint: str = "add the repeated rows up first") -> None:
    """Raise TableError if two rows have the same keys, naming the first that do.

    A table that is sorted by its keys, in whatever order of them, passes without sorting; one that is not sorted is counted
    on a map of bits, or sorted where the map would be too large.
    """
    wanted = set(keys)
    names = [name for name in frame.columns if name in wanted]
    if frame.part is not None and frame.part.unique(wanted):
        return
    columns = [frame.codes(name) for name in names]
    rows = len(frame)
    # The key that a table is sorted by first changes least from row to row.
    slowest = sorted(
        columns, key=lambda c: np.count_nonzero(c.raw[1:_SAMPLE] != c.raw[: _SAMPLE - 1][: rows - 1])
    )
    if not names or rows < 2 or strictly_increasing(slowest):
        return
    key, span = combine(columns)
    if span <= min(_BYTE_MAP, 64 * rows):
        met = np.zeros(span, np.bool_)
        met[key] = True
        if np.count_nonzero(met) == rows:
            return
    ordered = np.sort(key)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(again) == 0:
        return
    first = [int(np.flatnonzero(key == value)[0]) for value in again[:SHOWN]]
    shown = "; ".join(_where(frame, names, row) for row in first)
    many = "One combination" if len(again) == 1 else f"{len(again)} combinations"
    raise TableError(
        f"{many} of {', '.join(names)} with more than one row: {shown}{'; …' if len(again) > SHOWN else ''}. "
        f"{hint[0].upper()}{hint[1:]}."
    )


def _where(frame: Frame, names: Iterable[str], row: int) -> str:
    columns = [frame.codes(name) for name in names]
    return ", ".join(f"{column.name}={column.values[int(column.raw[row])].as_py()!r}" for column in columns)


def check_nonnegative(
    values: np.ndarray, name: str, *, frame: Frame | None = None, keys: Iterable[str] = ()
) -> None:
    """Raise TableError if a value is negative, naming the first rows (by their keys where a frame is given)."""
    if len(values) == 0 or not np.fmin.reduce(values) < 0:
        return
    rows = np.flatnonzero(values < 0)
    names = list(keys)
    shown = [
        f"{values[row]:g} ({_where(frame, names, row) if frame is not None and names else f'row {row}'})"
        for row in rows[:SHOWN].tolist()
    ]
    raise TableError(
        f"Column {name!r} is negative in {rows_text(len(rows))}, and this measure is defined for values of zero or more: "
        f"{', '.join(shown)}{', …' if len(rows) > SHOWN else ''}."
    )


def check_same_unit(frame: Frame, within: Iterable[str] = (), *, unit: str = "unit") -> None:
    """Raise TableError if rows that would be added (those with the same `within`) bear different units.

    A table without the column `unit` passes: its unit is in the catalogue entry.
    """
    within = list(within)
    if unit not in frame.columns or unit in within:
        return
    names = within
    units = frame.codes(unit)
    if int(units.raw.min()) == int(units.raw.max()):
        return
    cell, _ = combine([frame.codes(name) for name in names])
    cell = cell if len(cell) else np.zeros(len(frame), np.int64)
    order = np.lexsort((units.raw, cell))
    cells, coded = cell[order], units.raw[order]
    differ = np.flatnonzero((cells[1:] == cells[:-1]) & (coded[1:] != coded[:-1]))
    if len(differ):
        row = int(order[differ[0]])
        met = sorted(repr(units.labels[int(code)]) for code in np.unique(units.raw[cell == cell[row]]))
        place = f" in {_where(frame, names, row)}" if names else ""
        raise TableError(
            f"Values in different units cannot be added: {', '.join(met)}{place}. "
            f"Convert them to one unit, or select one by the column {unit!r}."
        )
