"""What a notebook records: numbers, tables, figures, and sentences, kept in the folder of its run.

A run sets `MIC2025LAB_RUN_DIR`. Without it (in JupyterLab, or under papermill alone) the same calls only display. Each call
rewrites `results.json` as a whole, so a run that stops halfway leaves a valid file. A folder that is moved, removed, or replaced while
the notebook runs ends the run: what was recorded in it would be missing.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import Any

from mic2025lab.errors import LabError, RunError, shown
from mic2025lab.results.display import caption_html, display, inert, is_count, to_html, to_pandas, words
from mic2025lab.results.files import MARK, RESULTS, RUN_DIR, RUN_MARK, digest, dump, load, write

_NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")

#: The end of the name of the table that holds the specifications of a figure.
SPECIFICATIONS = "_specifications"

#: Dots per inch of images.
_DPI = 160

#: What was recorded where there is no run.
_memory: dict[str, Any] = {}

#: Folder of a run -> what this process has last written to its `results.json`.
_written: dict[Path, dict[str, Any]] = {}


def empty(analysis: str | None = None, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the results of a run that has recorded nothing yet."""
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
    """Record a number (or a text, or true or false) under a name.

    Parameters
    ----------
    name : str
        Lower-case letters and digits joined by `_` or `-`, such as `china_share_2022`.
    value : number, str, bool or None
        NumPy scalars are converted. A number that is not finite is stored as null, and the note says so.
    unit : str, optional
        In words, such as "%" or "billion USD".
    low, high : number, optional
        The ends of its interval.
    note : str, optional
        What a reader must know to use it.

    Raises
    ------
    LabError
        If the name is not valid or was used in this run for another value, or JSON has no such value.

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
    """Record a table as `tables/<name>.csv`, and display it.

    Parameters
    ----------
    name : str
        As in `record`.
    frame : pandas, Polars or Arrow table
        Written with every digit. The index is written if it has a name or is not 0, 1, 2, …. A text that a spreadsheet would
        take for a formula ("=1+1", "@sum", "-x") is written with an apostrophe before it. Numbers stay as they are.
    caption : str, optional
        One line: what the rows are, and the unit.

    Raises
    ------
    LabError
        As in `record`, or if `frame` is not a table.
    """
    table = to_pandas(name, frame)
    _write_table(name, table, caption)
    _show(table, caption)


def _show(table: Any, caption: str) -> None:
    html = to_html(table, caption, index=not is_count(table.index))
    display({"text/plain": f"{caption}\n{table!r}".lstrip("\n"), "text/html": html})


def _write_table(name: str, table: Any, caption: str) -> None:
    index = not is_count(table.index)
    data = inert(table, index).to_csv(index=index, lineterminator="\n").encode("utf-8")
    file = f"tables/{_checked(name)}.csv"
    entry = {
        "file": file,
        "caption": caption,
        "rows": len(table),
        "columns": [str(column) for column in table.columns],
        "sha256": sha256(data).hexdigest(),
    }
    _keep("tables", name, entry, {file: data})


def record_specifications(name: str, curve: Any, *, unit: str | None = None, note: str | None = None) -> None:
    """Record an estimand: its headline as a figure, and one estimate for each admissible specification as a table.

    The claims ledger reads both: the figure `<name>` with its interval, and the table `<name>_specifications`.

    Parameters
    ----------
    name : str
        As in `record`.
    curve : SpecificationCurve
        What `lab.models.specification_curve` returned.
    unit, note : str, optional
        As in `record`.

    Raises
    ------
    LabError
        As in `record`.

    Examples
    --------
    >>> from mic2025lab.models import specification_curve
    >>> curve = specification_curve(lambda base_year: (base_year - 2010) / 10, {"base_year": [2012, 2015]}, headline={"base_year": 2015})
    >>> record_specifications("example_change", curve, unit="points")  # doctest: +ELLIPSIS
    <BLANKLINE>
    ...
    """
    low, high = curve.table.loc[curve.table["headline"], ["low", "high"]].to_numpy().tolist()[0]
    ends = {"low": None if math.isnan(low) else low, "high": None if math.isnan(high) else high}
    record(name, curve.estimate, unit=unit, note=note, **ends)
    choices = ", ".join(choice.replace("_", " ") for choice in curve.choices)
    caption = f"{name.replace('_', ' ')}: {curve.n_estimated} specifications by {choices}" + (
        f", {unit}" if unit else ""
    )
    # The page shows the summary by choice; the file holds every specification.
    _write_table(f"{name}{SPECIFICATIONS}", curve.table.drop(columns="note"), caption)
    shown_by_choice = curve.by_choice().drop(columns=["clear"])
    shown_by_choice["choice"] = shown_by_choice["choice"].map(words)
    _show(shown_by_choice.round(3), caption)


def record_figure(name: str, fig: Any, *, alt: str | None = None, caption: str = "") -> None:
    """Record a figure as `figures/<name>.svg` and `.png`, and display it once.

    A figure of `lab.plots` is also recorded as a Vega-Lite specification, `figures/<name>.vl.json`: JupyterLab and the site show its
    values on hover. Elsewhere the image is shown.

    Parameters
    ----------
    name : str
        As in `record`.
    fig : matplotlib Figure, Axes, or seaborn grid
        The figure is closed afterward, so that Jupyter does not display it a second time.
    alt : str, optional
        Alternative text: what the figure shows, in words. The figures of `lab.plots` write their own.
    caption : str, optional
        A line below the figure.

    Raises
    ------
    LabError
        As in `record`, or if there is no alternative text, or `fig` is not a figure.
    """
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    figure = fig if isinstance(fig, Figure) else getattr(fig, "figure", None)
    if not isinstance(figure, Figure):
        raise LabError(
            f"record_figure({name!r}): a {type(fig).__name__} is not a matplotlib figure. Pass the Figure or its Axes."
        )
    alt = getattr(figure, "alt_text", None) if alt is None else alt
    if not isinstance(alt, str) or not alt.strip():
        raise LabError(
            f"record_figure({name!r}): alt = {shown(alt)}. Give alternative text: alt='what the figure shows, in words'. "
            "Only the figures of lab.plots write their own."
        )
    stem = f"figures/{_checked(name)}"
    svg, png = _drawn(figure)
    plt.close(figure)
    entry = {"svg": f"{stem}.svg", "png": f"{stem}.png", "alt": alt, "caption": caption}
    drawn, rendered, spec = {f"{stem}.svg": svg, f"{stem}.png": png}, {}, getattr(figure, "vega", None)
    if spec:
        from mic2025lab.plots.vega import MIME

        entry["vega"], rendered = f"{stem}.vl.json", {MIME: spec}
        drawn[entry["vega"]] = json.dumps(spec, ensure_ascii=False, allow_nan=False).encode()
    _keep("images", name, entry, drawn)
    width, height = (int.from_bytes(png[at : at + 4], "big") // 2 for at in (16, 20))  # for dense screens
    display(
        {"text/plain": f"[figure: {alt}]", "image/png": png, **rendered},
        {"image/png": {"alt": alt, "width": width, "height": height}},
    )
    if caption:
        display({"text/plain": caption, "text/html": caption_html(caption)})


def _drawn(figure: Any) -> tuple[bytes, bytes]:
    """Draw a figure as SVG and PNG, always as the same bytes: one of `lab.plots` with its own settings, any other with the notebook's."""
    if hasattr(figure, "words"):
        from mic2025lab.plots.drawing import svg_and_png

        return svg_and_png(figure, _DPI)
    import matplotlib as mpl

    svg, png = io.BytesIO(), io.BytesIO()
    # Ids in an SVG are random, and both formats carry a date or a version.
    with mpl.rc_context({"svg.hashsalt": "mic2025lab"}):
        figure.savefig(svg, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        figure.savefig(png, format="png", bbox_inches="tight", dpi=_DPI, metadata={"Software": None})
    return svg.getvalue(), png.getvalue()


def record_finding(text: str) -> None:
    """Record a sentence of the answer, composed from the numbers, and display it.

    Parameters
    ----------
    text : str
        One paragraph. Markdown emphasis is kept.

    Raises
    ------
    LabError
        If the text is empty or not a string.
    """
    if not isinstance(text, str) or not text.strip():
        raise LabError(f"record_finding({shown(text)}): give a sentence.")
    recorded = _recorded()
    if text not in recorded["finding"]:
        recorded["finding"].append(text)
        _save(recorded)
    # A value in the sentence that looks like HTML, a link, or an image is displayed as text.
    markdown = escape(text, quote=False).replace("[", "\\[")
    display({"text/plain": text, "text/markdown": markdown})


@contextmanager
def session(
    folder: Path, analysis: str | None = None, parameters: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Begin the results of a run in a folder, and check in the end that it is still the same folder.

    Parameters
    ----------
    folder : Path
        The folder of the run. It holds a mark meanwhile, by which the kernel knows it.
    analysis : str, optional
        The name of the analysis.
    parameters : mapping, optional
        All parameters.

    Raises
    ------
    RunError
        If the folder was moved, removed, or replaced.
    """
    mark = token_hex(16)
    write(folder / MARK, mark)
    write(folder / RESULTS, dump(empty(analysis, parameters)))
    try:
        yield
    except OSError:
        _check(folder, mark)  # tells the cause
        raise
    _check(folder, mark)
    (folder / MARK).unlink()


def _check(folder: Path, mark: str | None) -> None:
    """Raise RunError unless the folder is the one in which the run began."""
    try:
        same = (folder / RESULTS).is_file() and (
            mark is None or (folder / MARK).read_text(encoding="utf-8") == mark
        )
    except OSError:
        same = False
    if not same:
        raise _lost(folder)


def _lost(folder: Path) -> RunError:
    return RunError(
        f"{folder}, the folder of this run, was moved, removed, or changed while the notebook ran, and what was recorded in it is "
        "lost. Run it again, and keep other programs (a cleaner of temporary files) away from the folder of reports."
    )


def hash_tables(folder: Path) -> None:
    """Hash the recorded tables of a folder anew, after their files have changed.

    Raises
    ------
    RunError
        If `results.json` is not valid.
    """
    try:
        recorded = load(folder / RESULTS)
        for table in recorded["tables"].values():
            table["sha256"] = digest(folder / table["file"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"{RESULTS} is not valid ({type(error).__name__}: {error}).") from error
    write(folder / RESULTS, dump(recorded))


def _folder() -> Path | None:
    folder = os.environ.get(RUN_DIR)
    return Path(folder) if folder else None


def _recorded() -> dict[str, Any]:
    """Return what was recorded so far: the run's file, or this process's memory."""
    folder = _folder()
    if folder is None:
        if not _memory:
            _memory.update(empty())
        return _memory
    mark = os.environ.get(RUN_MARK)
    if mark is not None or folder in _written:
        _check(folder, mark)
    path = folder / RESULTS
    recorded = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else empty()
    before = _written.get(folder, empty())
    names = ("figures", "tables", "images")
    kept = all(recorded[kind].get(name) == entry for kind in names for name, entry in before[kind].items())
    if not kept or not set(before["finding"]) <= set(recorded["finding"]):
        raise _lost(folder)
    return recorded


def _save(recorded: dict[str, Any]) -> None:
    folder = _folder()
    if folder is not None:
        write(folder / RESULTS, dump(recorded))
        _written[folder] = recorded


def _keep(kind: str, name: str, entry: dict[str, Any], content: Mapping[str, bytes] | None = None) -> None:
    recorded, folder = _recorded(), _folder()
    earlier = recorded[kind].get(_checked(name))
    # In JupyterLab a cell is run again and again. In a run, one name stands for one value.
    if folder is not None and earlier is not None and earlier != entry:
        raise LabError(
            f"{name!r} was recorded before in this run with another value ({kind}). Give this one another name."
        )
    if folder is not None:
        for file, data in (content or {}).items():
            write(folder / file, data)
    recorded[kind][name] = entry
    if name not in recorded["order"][kind]:
        recorded["order"][kind].append(name)
    _save(recorded)


def _checked(name: Any) -> str:
    if not isinstance(name, str) or len(name) > 100 or not _NAME.fullmatch(name):
        raise LabError(
            f"{shown(name)} cannot be the name of a result. Use lower-case letters and digits joined by _ or -, "
            "such as 'china_share_2022'."
        )
    return name


def _plain(name: str, value: Any) -> tuple[Any, str]:
    """Convert a value to one that JSON has, and say why if it had to become null."""
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
        f"record({name!r}): a {type(value).__name__} cannot be recorded ({shown(value)}). "
        "Give a number, a text, or true or false, or use record_table."
    )
