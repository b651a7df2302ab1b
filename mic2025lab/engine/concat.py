"""Results of partitions concatenated into one pandas frame, which is filled as they arrive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_SPARE = 1.1  # reserved rows over expected rows; memory that is reserved and not used costs nothing


class Concatenation:
    """Results of parts, copied to their place so that none is in memory twice.

    Parameters
    ----------
    key
        The column that identifies partitions; its integers become int64, as usual in pandas.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._columns: dict[str, _Numbers | _Labels | _Chunks] = {}

    def add(self, result: pa.Table, done: float = 1.0) -> None:
        """Append the result of the next part. `done` is the fraction of all rows that has been processed then."""
        for name in result.column_names:
            if name not in self._columns:
                self._columns[name] = self._column(result.schema.field(name).type, key=name == self._key)
            for chunk in result[name].chunks:
                self._columns[name].add(chunk, done)

    def frame(self) -> pd.DataFrame:
        """Return the frame. Nothing can be added after that."""
        return pd.DataFrame({name: column.result() for name, column in self._columns.items()}, copy=False)

    @staticmethod
    def _column(kind: pa.DataType, *, key: bool) -> _Numbers | _Labels | _Chunks:
        if pa.types.is_dictionary(kind):
            return _Labels(kind.value_type)
        if pa.types.is_float64(kind) or (key and pa.types.is_integer(kind)):
            return _Numbers(np.int64 if key else np.float64)
        return _Chunks()


class _Numbers:
    """Numbers in one array with spare capacity."""

    def __init__(self, kind: Any) -> None:
        self._buffer, self._rows = np.empty(0, kind), 0

    def add(self, chunk: pa.Array, done: float) -> None:
        self.put(chunk.to_numpy(zero_copy_only=False), done)

    def put(self, values: np.ndarray, done: float) -> None:
        rows = self._rows + len(values)
        if rows > len(self._buffer):
            before = self.result()
            try:
                self._buffer = np.empty(int(rows * _SPARE / done) if done < 1 else rows, before.dtype)
            except MemoryError:  # the estimate was too high: parts may differ much
                self._buffer = np.empty(rows, before.dtype)
            self._buffer[: self._rows] = before
        self._buffer[self._rows : rows] = values
        self._rows = rows

    def widen(self, kind: Any) -> None:
        self._buffer = self._buffer.astype(kind, copy=False)

    def result(self) -> np.ndarray:
        return self._buffer[: self._rows]


class _Labels:
    """Codes of the labels of all parts."""

    def __init__(self, kind: pa.DataType) -> None:
        self._codes, self._labels, self._sorted = _Numbers(np.int16), pa.array([], kind), True

    def add(self, chunk: pa.DictionaryArray, done: float) -> None:
        codes = chunk.indices.cast(pa.int32()).fill_null(-1).to_numpy()
        if not chunk.dictionary.equals(self._labels):
            self._sorted = not len(self._labels)
            self._labels = pc.unique(pa.concat_arrays([self._labels, chunk.dictionary]))
            self._codes.widen(np.int16 if len(self._labels) < 1 << 15 else np.int32)
            place = pc.index_in(chunk.dictionary, self._labels).to_numpy()
            codes = np.append(place, np.int32(-1))[codes]  # the last is for missing labels
        self._codes.put(codes, done)

    def result(self) -> pd.Categorical:
        codes = self._codes.result()
        if not self._sorted:
            order = pc.sort_indices(self._labels).to_numpy()
            rank = np.empty(len(order) + 1, codes.dtype)
            rank[order], rank[-1] = np.arange(len(order)), -1
            codes, self._labels = rank[codes], self._labels.take(pa.array(order))
        kind = pd.CategoricalDtype(self._labels.to_pandas())
        return pd.Categorical.from_codes(codes, dtype=kind, validate=False)


class _Chunks:
    """A column of any other type."""

    def __init__(self) -> None:
        self._chunks: list[pa.Array] = []

    def add(self, chunk: pa.Array, done: float) -> None:
        self._chunks.append(chunk)

    def result(self) -> pd.Series:
        return pa.chunked_array(self._chunks).to_pandas()
