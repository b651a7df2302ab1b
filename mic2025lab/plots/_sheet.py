"""What every figure shares: the style, the sheet with title, subtitle and source, lines and their labels."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from cycler import cycler
from matplotlib.figure import Figure

from mic2025lab.errors import TableError, unknown_name
from mic2025lab.plots._text import source_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FOCUS = "#D55E00"
SECOND = "#0072B2"
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
CONTEXT = "#9A9A9A"
INK = "#222222"
QUIET = "#5F5F5F"

_RC: dict[Any, Any] = {
    "axes.edgecolor": "#BBBBBB",
    "axes.labelcolor": QUIET,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, so that a figure looks the same everywhere
    "font.size": 11,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "xtick.bottom": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "ytick.left": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the package's style, and leave matplotlib's settings as they were."""
    with sns.axes_style("white"), mpl.rc_context(_RC):
        yield


#: Widths in inches: a column of a journal of two, and a page less its margins.
WIDTHS = {"column": 3.3, "page": 6.5}


@contextmanager
def paper(width: str | float = "column", *, height: float | None = None) -> Iterator[None]:
    """Draw for a paper: the width of a column or of a page, type of eight points, colors whose grays differ.

    For figures drawn on matplotlib's axes, such as `plot()` of the results of `mic2025lab.models`; the figures of this module have a sheet of their
    own, made for the screen. matplotlib's settings are left as they were.

    Parameters
    ----------
    width : {"column", "page"} or float
        3.3 or 6.5 inches, or inches.
    height : float, optional
        Inches; the default is 0.72 of the width, at most 3.6.

    Raises
    ------
    UnknownName
        A width that has no name.

    Examples
    --------
    >>> import matplotlib
    >>> with paper("column"):
    ...     matplotlib.rcParams["figure.figsize"], matplotlib.rcParams["font.size"]
    ([3.3, 2.376], 8.0)

    In a paper: ``with lab.plots.paper(): study.plot().figure.savefig("study.pdf")``. The caption of a paper takes the place of the title:
    ``ax.set_title("")``.
    """
    if isinstance(width, str) and width not in WIDTHS:
        raise unknown_name("width", width, WIDTHS)
    inches = WIDTHS[width] if isinstance(width, str) else float(width)
    own: dict[Any, Any] = {
        "axes.labelsize": 8,
        "axes.linewidth": 0.6,
        # Their grays differ too: dark, light, black, lightest.
        "axes.prop_cycle": cycler(color=[SECOND, PALETTE[4], INK, "#C4C4C4"]),
        "axes.titlelocation": "left",
        "axes.titlesize": 8,
        "figure.constrained_layout.use": True,
        "figure.dpi": 200,
        "figure.figsize": (inches, height or min(0.72 * inches, 3.6)),
        "font.size": 8,
        "grid.linewidth": 0.5,
        "legend.fontsize": 7,
        "lines.linewidth": 1.3,
        "lines.markersize": 3,
        "pdf.fonttype": 42,
        "savefig.dpi": 600,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
    }
    with sns.axes_style("white"), mpl.rc_context({**_RC, **own}):
        yield


def balanced(text: str, width: int) -> list[str]:
    """Wrap text into as few lines as fit, of about the same length, so that no word stands alone."""
    lines = textwrap.wrap(text, width)
    while width > 20 and len(textwrap.wrap(text, width - 1)) == len(lines):
        width -= 1
        lines = textwrap.wrap(text, width)
    return lines


def need(table: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in table]
    if missing:
        raise TableError(f"The figure needs column(s) {missing}; the table has {list(table.columns)}.")
    if table.empty:
        raise TableError(
            "There is nothing to draw: the table has no rows. Look at what the selection left over."
        )


def sheet(
    title: str,
    subtitle: str,
    source: str | Sequence[str],
    *,
    shape: tuple[int, int] = (1, 1),
    height: float = 5.0,
    left: float = 0.07,
    right: float = 0.97,
) -> tuple[Figure, Any]:
    """Make an empty figure with its title, subtitle and foot, and one axes or a grid of them that share their scales."""
    width = 8.6
    figure = Figure(figsize=(width, height))
    head = balanced(title, 80)
    sub = textwrap.wrap(subtitle, 108)
    foot = textwrap.wrap(f"Source: {source_text(source)}", 128)
    inch = 1 / height
    figure.text(
        0.012,
        1 - 0.10 * inch,
        "\n".join(head),
        fontsize=13.5,
        fontweight="bold",
        va="top",
        ha="left",
        linespacing=1.15,
    )
    figure.text(
        0.012,
        1 - (0.16 + 0.225 * len(head)) * inch,
        "\n".join(sub),
        fontsize=10,
        color=QUIET,
        va="top",
        ha="left",
    )
    figure.text(0.012, 0.06 * inch, "\n".join(foot), fontsize=8, color=QUIET, va="bottom", ha="left")
    top = 1 - (0.42 + 0.225 * len(head) + 0.165 * len(sub)) * inch
    bottom = (0.46 + 0.13 * len(foot)) * inch
    axes = figure.subplots(*shape, sharex=shape != (1, 1), sharey=shape != (1, 1))
    figure.subplots_adjust(
        left=left,
        right=right,
        top=top - (0.14 * inch if shape != (1, 1) else 0),
        bottom=bottom,
        hspace=0.42,
        wspace=0.10,
    )
    return figure, axes


def draw_line(
    axes: Axes, part: pd.DataFrame, x: str, y: str, color: str, *, bold: bool, dashed: str | None = None
) -> None:
    look: dict[str, Any] = {
        "color": color,
        "linewidth": 2.6 if bold else 1.2,
        "zorder": 3 if bold else 2,
        "solid_capstyle": "round",
    }
    known = part[y].notna()
    # A value between two missing ones is a line of no length: it needs a dot to be seen.
    alone = known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)
    axes.plot(part.loc[alone, x], part.loc[alone, y], ".", color=color, markersize=5)
    if dashed is None or not part[dashed].any():
        axes.plot(part[x], part[y], **look)
        return
    solid = part[~part[dashed].astype(bool)]
    # The dashed stretch starts at the last solid point, so that the line is not broken.
    tail = part[part[dashed].astype(bool) | (part[x] == (solid[x].max() if len(solid) else np.nan))]
    axes.plot(solid[x], solid[y], **look)
    axes.plot(tail[x], tail[y], **{**look, "linestyle": (0, (2.5, 1.8))})


def mark(axes: Axes, base_year: float | None) -> None:
    if base_year is None:
        return
    axes.axvline(base_year, color=QUIET, linewidth=1.0, linestyle=":")
    axes.annotate(
        f"{base_year:g}",
        (base_year, 1.0),
        (3, -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=9,
        color=QUIET,
        va="top",
    )


def end_labels(axes: Axes, ends: list[tuple[float, float, str, str, bool]]) -> None:
    """Write each label beside the end of its line, pushed apart where they would overlap."""
    low, high = axes.get_ylim()
    height = axes.get_window_extent().height / mpl.rcParams["figure.dpi"]  # inches
    gap = (high - low) * 0.19 / height
    spots = sorted(ends, key=lambda end: end[1])
    heights = [end[1] for end in spots]
    for _ in range(60):
        for i in range(len(heights) - 1):
            short = gap - (heights[i + 1] - heights[i])
            if short > 1e-9:
                heights[i] -= short / 2
                heights[i + 1] += short / 2
    axes.set_ylim(min(low, *(h - gap / 2 for h in heights)) if heights else low, high)
    right = max(end[0] for end in ends)
    for (_, _, text, color, bold), y in zip(spots, heights, strict=True):
        axes.annotate(
            text, (right, y), (7, 0), textcoords="offset points", va="center", fontsize=10 if bold else 9.3,
            color=color if bold else QUIET, fontweight="bold" if bold else "normal", annotation_clip=False,
        )  # fmt: skip


def whole_years(axes: Axes, most: int = 7) -> None:
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(nbins=most, integer=True, min_n_ticks=2))
    axes.margins(x=0.02)
