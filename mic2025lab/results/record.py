"""What a notebook says it found: numbers, tables, figures and sentences, kept in the folder of its run.

A run sets `MIC2025LAB_RUN_DIR`; without it (a notebook in JupyterLab, a bare papermill) the same calls only display.
Every call writes `results.json` anew and whole, so that a run that stops halfway leaves one that can be read.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import sys
import zlib
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from mic2025lab.errors import LabError, shown

#: Where a kernel finds the folder of its run.
RUN_DIR = "MIC2025LAB_RUN_DIR"

#: The file of everything recorded.
RESULTS = "results.json"

_NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")

#: A cell that names another run of the folder of reports, which is shown as a link to it.
_RUN = re.compile(r"<td>runs/([a-z0-9_]+)/([0-9a-f]{12})</td>")
_memory: dict[str, Any] = {}


def empty(analysis: str | None = None, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the results of a run that has recorded nothing yet."""
    return {
        "analysis": analysis,
        "parameters": dict(parameters or {}),
        "finding": [],
        "figures": {},
        "tables": {},
        "images": {},
        "order": {"figures": [], "tables": [], "images": []},
    }


def record(
    name: str,
    value: Any,
    *,
    unit: str | None = None,
    low: Any = None,
    high: Any = None,
    note: str | None = None,
) -> None:
    """Keep a figure of the run: a number (or a text, or true or false) under a name.

    Parameters
    ----------
    name : str
        Lower-case letters and digits joined by `_` or `-`, such as `china_share_2022`.
    value : number, str, bool or None
        NumPy scalars are converted. A number that is not finite is kept as null, and the note says so.
    unit : str, optional
        In words, such as "%" or "billion USD".
    low, high : number, optional
        The ends of its interval.
    note : str, optional
        What a reader must know to use it.

    Raises
    ------
    LabError
        If the name is not of that form or was used in this run for something else, or JSON has no such value.

    Examples
    --------
    >>> record("china_share_2022", 34.3, unit="%")
    """
    entry: dict[str, Any] = {"unit": unit, "note": note}
    for key, given in {"value": value, "low": low, "high": high}.items():
        entry[key], why = _plain(name, given)
        if why:
            entry["note"] = "; ".join(filter(None, [entry["note"], f"{key} is {why}"]))
    _keep("figures", name, entry)


def record_table(name: str, frame: Any, *, caption: str = "") -> None:
    """Keep a table of the run as `tables/<name>.csv`, and display it.

    Parameters
    ----------
    name : str
        As in `record`.
    frame : pandas, Polars or Arrow table
        Written with every digit. The index is written if it says something (it has a name or is not 0, 1, 2, …).
    caption : str, optional
        One line: what the rows are, and the unit.

    Raises
    ------
    LabError
        As in `record`, or if it is not a table.
    """
    table = _to_pandas(name, frame)
    index = not _is_count(table.index)
    text = table.to_csv(index=index, lineterminator="\n")
    file = f"tables/{_checked(name)}.csv"
    entry = {
        "file": file,
        "caption": caption,
        "rows": len(table),
        "columns": [str(column) for column in table.columns],
        "sha256": sha256(text.encode("utf-8")).hexdigest(),
    }
    _keep("tables", name, entry, {file: text.encode("utf-8")})
    _display(_Captioned(table, caption, index))


def record_figure(name: str, fig: Any, *, alt: str | None = None, caption: str = "") -> None:
    """Keep a figure of the run as `figures/<name>.svg` and `.png`, and display it once.

    Parameters
    ----------
    name : str
        As in `record`.
    fig : matplotlib Figure, or anything with one (Axes, seaborn grid)
        It is closed afterwards, so that Jupyter does not show it a second time.
    alt : str, optional
        Alternative text: what the figure shows, in words. The figures of `lab.plots` write their own.
    caption : str, optional
        A line below it.

    Raises
    ------
    LabError
        As in `record`, or if there is no alternative text, or it is not a figure.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    figure = fig if isinstance(fig, Figure) else getattr(fig, "figure", None)
    if not isinstance(figure, Figure):
        raise LabError(
            f"record_figure({name!r}): a {type(fig).__name__} is not a matplotlib figure; give the Figure or its Axes."
        )
    alt = getattr(figure, "alt_text", None) if alt is None else alt
    if not isinstance(alt, str) or not alt.strip():
        raise LabError(
            f"record_figure({name!r}): alt = {shown(alt)}. Give alternative text: alt='what the figure shows, in words'. "
            "Only the figures of lab.plots write their own."
        )
    stem = f"figures/{_checked(name)}"
    svg, png = io.BytesIO(), io.BytesIO()
    # "tight" draws the figure twice for each format. Without a layout that moves things when they are drawn, one measure serves for both.
    box: Any = "tight"
    if figure.get_layout_engine() is None:
        box = figure.get_tightbbox().padded(mpl.rcParams["savefig.pad_inches"])
    # Ids in an SVG are random and both formats bear a date or a version: fixed, so that the same figure is the same file.
    with mpl.rc_context({"svg.hashsalt": "mic2025lab"}):
        figure.savefig(svg, format="svg", bbox_inches=box, metadata={"Date": None, "Creator": None})
    # Pillow's own strategy is for photographs: this one makes charts a seventh smaller in less time.
    packed = {"compress_type": zlib.Z_DEFAULT_STRATEGY, "compress_level": 4}
    figure.savefig(
        png, format="png", bbox_inches=box, dpi=160, metadata={"Software": None}, pil_kwargs=packed
    )
    plt.close(figure)
    entry = {"svg": f"{stem}.svg", "png": f"{stem}.png", "alt": alt, "caption": caption}
    _keep("images", name, entry, {f"{stem}.svg": svg.getvalue(), f"{stem}.png": png.getvalue()})
    _display(_Image(png.getvalue(), alt), *([_Caption(caption)] if caption else []))


def record_finding(text: str) -> None:
    """Keep a sentence of the answer, written from the numbers, and display it.

    Parameters
    ----------
    text : str
        One paragraph; Markdown emphasis is kept.

    Raises
    ------
    LabError
        If it is empty or not text.
    """
    if not isinstance(text, str) or not text.strip():
        raise LabError(f"record_finding({shown(text)}): give a sentence.")
    results = _results()
    if text not in results["finding"]:
        results["finding"].append(text)
        _save(results)
    _display(_Markdown(text))


def results() -> dict[str, Any]:
    """Give a copy of everything recorded so far, as `results.json` has it."""
    return json.loads(dump(_results()))


def dump(value: Any) -> str:
    """Write JSON so that the same content is the same text."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or as it was."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # what a full disk left of it


def _folder() -> Path | None:
    folder = os.environ.get(RUN_DIR)
    return Path(folder) if folder else None


def _results() -> dict[str, Any]:
    """Give what was recorded so far: the run's file, else this process's memory."""
    folder = _folder()
    if folder is None:
        if not _memory:
            _memory.update(empty())
        return _memory
    path = folder / RESULTS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else empty()


def _save(results: dict[str, Any]) -> None:
    folder = _folder()
    if folder is not None:
        write(folder / RESULTS, dump(results))


def _keep(kind: str, name: str, entry: dict[str, Any], files: Mapping[str, bytes] | None = None) -> None:
    results, folder = _results(), _folder()
    kept = results[kind].get(_checked(name))
    # In a notebook at work a cell is run again and again; in a run, one name is one thing.
    if folder is not None and kept is not None and kept != entry:
        raise LabError(
            f"{name!r} was recorded before in this run with other content ({kind}); give this one another name."
        )
    if folder is not None:
        for file, data in (files or {}).items():
            write(folder / file, data)
    results[kind][name] = entry
    if name not in results["order"][kind]:
        results["order"][kind].append(name)
    _save(results)


def _checked(name: Any) -> str:
    if not isinstance(name, str) or len(name) > 100 or not _NAME.fullmatch(name):
        raise LabError(
            f"{shown(name)} cannot be the name of a result; use lower-case letters and digits joined by _ or -, "
            "such as 'china_share_2022'."
        )
    return name


def _plain(name: str, value: Any) -> tuple[Any, str]:
    """Turn a value into one that JSON has, and say why if it had to become null."""
    if hasattr(value, "item") and not isinstance(value, str | bytes) and getattr(value, "shape", ()) == ():
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value, ""
    if isinstance(value, float):
        if math.isfinite(value):
            return value, ""
        return None, "not a number" if math.isnan(value) else "infinite"
    if type(value).__name__ in ("NAType", "NaTType"):
        return None, "missing"
    raise LabError(
        f"record({name!r}): a {type(value).__name__} cannot be kept ({shown(value)}); "
        "give a number, a text, true or false, or use record_table."
    )


def _to_pandas(name: str, frame: Any) -> Any:
    import narwhals as nw
    import pandas as pd

    if isinstance(frame, pd.Series):
        return frame.to_frame()
    if isinstance(frame, pd.DataFrame):
        return frame
    try:
        return nw.from_native(frame, eager_only=True).to_pandas()
    except TypeError as error:
        raise LabError(
            f"record_table({name!r}): a {type(frame).__name__} is not a table; give a pandas, Polars or Arrow table."
        ) from error


def _is_count(index: Any) -> bool:
    import pandas as pd

    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1


class _Captioned:
    """A frame with its caption, as Jupyter shows it."""

    def __init__(self, frame: Any, caption: str, index: bool) -> None:
        self.frame, self.caption, self.index = frame, caption, index

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.frame!r}" if self.caption else repr(self.frame)

    def _repr_html_(self) -> str:
        caption = _Caption(self.caption)._repr_html_() if self.caption else ""
        # pandas gives the name of the columns (what a pivot leaves) a column of its own; where no index is shown, it heads nothing.
        frame = self.frame if self.index else self.frame.rename_axis(columns=None)
        table = frame.to_html(index=self.index, border=0, max_rows=60, na_rep="\u2013")
        return caption + _RUN.sub(_link, table)


def _link(cell: re.Match[str]) -> str:
    analysis, run_id = cell.groups()
    return (
        f'<td><a href="../../../runs/{analysis}/{run_id}/notebook.html">{analysis.replace("_", " ")}</a></td>'
    )


class _Caption:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<p class="caption">{escape(self.text)}</p>'


class _Markdown:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        # A sentence is text: a value in it that looks like HTML, a link or an image is shown, not interpreted.
        return escape(self.text, quote=False).replace("[", "\\[")


class _Image:
    """A PNG at half its pixels, which is sharp on dense screens, with its alternative text."""

    def __init__(self, data: bytes, alt: str) -> None:
        self.data, self.alt = data, alt

    def __repr__(self) -> str:
        return f"[figure: {self.alt}]"

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        width, height = (int.from_bytes(self.data[at : at + 4], "big") for at in (16, 20))
        return self.data, {"alt": self.alt, "width": width // 2, "height": height // 2}


def _display(*things: Any) -> None:
    """Show things in a notebook; elsewhere nothing happens."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        for thing in things:
            display(thing)
