"""Tables as they are recorded: from pandas, Polars, or Arrow, and without text that a spreadsheet would compute."""

from __future__ import annotations

import re
from typing import Any

from mic2025lab.errors import LabError

#: Text that a spreadsheet would compute: it begins with = @ + - (also as wide as a Chinese letter), and is not a number with a sign.
_FORMULA = re.compile(r"\s*(?:[=@＝＠＋－]|[+-](?!(?:[\d.,]*(?:e[+-]?\d+)?|inf)\s?%?$))", re.IGNORECASE)


def to_pandas(name: str, frame: Any) -> Any:
    import narwhals as nw
    import pandas as pd

    if isinstance(frame, pd.Series):
        return frame.to_frame()
    if isinstance(frame, pd.DataFrame):
        if frame.columns.nlevels > 1:  # a pivot with aggregates; a CSV file has one header row
            names = [" ".join(filter(None, map(str, levels))) for levels in frame.columns]
            return frame.set_axis(names, axis=1)
        return frame
    try:
        return nw.from_native(frame, eager_only=True).to_pandas()
    except TypeError as error:
        raise LabError(
            f"record_table({name!r}): a {type(frame).__name__} is not a table. Give a pandas, Polars or Arrow table."
        ) from error


def inert(table: Any, index: bool) -> Any:
    """Return the table with an apostrophe before each text that a spreadsheet would take for a formula."""
    from pandas.api.types import is_numeric_dtype

    def text(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

    frame = table.rename(columns=text)
    if index:
        frame = frame.rename(index=text).rename_axis(index=text)
    for position, kind in enumerate(frame.dtypes):
        if not is_numeric_dtype(kind):
            frame.isetitem(position, frame.iloc[:, position].map(text))
    return frame


def is_count(index: Any) -> bool:
    import pandas as pd

    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1
