"""What a notebook displays of what it records: tables as HTML with words for column names, captions, and links to runs."""

from __future__ import annotations

import re
import sys
from html import escape
from typing import Any

#: A table cell that names another run. It is displayed as a link.
_RUN = re.compile(r"<td>runs/([a-z0-9_]+)/([0-9a-f]{12})</td>")


def to_html(table: Any, caption: str, index: bool) -> str:
    """Return a table as HTML, with links to the runs that it names."""
    # pandas puts the name of the columns (a pivot leaves one) above the index. Without an index it would head nothing.
    frame = table if index else table.rename_axis(columns=None)
    # The file keeps the names of the columns; a reader sees words.
    frame = frame.rename(columns=words).rename_axis(index=words)
    text = frame.to_html(index=index, border=0, max_rows=60, na_rep="\u2013")
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
