"""Tables as they are recorded (from pandas, Polars, or Arrow, without text that a spreadsheet would compute) and displayed (as HTML with words
for column names, captions, and links to runs)."""

from __future__ import annotations

import re
import sys
from html import escape
from typing import Any

from mic2025lab.errors import LabError

#: Text that a spreadsheet would compute: it begins with = @ + - (also as wide as a Chinese letter), and is not a number with a sign.
_FORMULA = re.compile(r"\s*(?:[=@＝＠＋－]|[+-](?!(?:[\d.,]*(?:e[+-]?\d+)?|inf)\s?%?$))", re.IGNORECASE)

#: A table cell that names another run. It is displayed as a link.
_RUN = re.compile(r"<td>runs/([a-z0-9_]+)/([0-9a-f]{12})</td>")


def to_html(table: Any, caption: str, index: bool) -> str:
    """Return a table as HTML, with links to the runs that it names."""
    # pandas puts the name of the columns (a pivot leaves one) above the index. Without an index it would head nothing.
    frame = table.rename_axis(index=words) if index else table.rename_axis(columns=None)
    # The file keeps the names of the columns; a reader sees words.
    text = frame.rename(columns=words).to_html(index=index, border=0, max_rows=60, na_rep="\u2013")
    return (caption_html(caption) if caption else "") + _RUN.sub(_link, text)


def words(name: Any) -> Any:
    return name.replace("_", " ") if isinstance(name, str) else name


def _link(cell: re.Match[str]) -> str:
    analysis, run_id = cell.groups()
    address = f"../../../runs/{analysis}/{run_id}/notebook.html"
    return f'<td><a href="{address}">{analysis.replace("_", " ")}</a></td>'


def caption_html(text: str) -> str:
    return f'<p class="caption">{escape(text)}</p>'


def display(content: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Display content in a notebook. Elsewhere nothing happens."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython
    from IPython.display import display as show

    if get_ipython() is not None:
        show(content, metadata=metadata or {}, raw=True)


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
    for position, (_, column) in enumerate(frame.items()):
        if not is_numeric_dtype(column.dtype):
            frame.isetitem(position, column.map(text))
    return frame


def is_count(index: Any) -> bool:
    import pandas as pd

    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1
