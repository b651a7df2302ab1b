"""The style of every figure: colors, type, and the format of a paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.style
import seaborn as sns
from cycler import cycler

from mic2025lab.errors import unknown_name
from mic2025lab.plots._fonts import families

FOCUS = "#D55E00"
SECOND = "#0072B2"
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
CONTEXT = "#9A9A9A"
INK = "#222222"
QUIET = "#5F5F5F"

_RC: dict[Any, Any] = {
    **sns.axes_style("whitegrid"),
    "axes.edgecolor": "#BBBBBB",
    "axes.grid.axis": "y",
    "axes.labelcolor": QUIET,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titley": 1.0,  # where it would be placed anyway, after a measurement of the axes
    "axes.unicode_minus": True,
    "font.size": 11,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "xtick.bottom": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
}

#: Widths in inches: a column of a journal of two, and a page less its margins.
WIDTHS = {"column": 3.3, "page": 6.5}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the package, whatever a user's `matplotlibrc` says; matplotlib's settings are as before afterwards."""
    with mpl.style.context(["default", {**_RC, "font.family": list(families())}]):
        yield


@contextmanager
def paper(width: str | float = "column", *, height: float | None = None) -> Iterator[None]:
    """Draw for a paper: the width of a column or of a page, type of eight points, colors whose grays differ.

    For figures drawn on matplotlib's axes, such as `plot()` of the results of `mic2025lab.models`. The figures of `lab.plots` have a page
    of their own, made for the screen. matplotlib's settings are as before afterwards.

    Parameters
    ----------
    width : {"column", "page"} or float
        3.3 or 6.5 inches, or inches.
    height : float, optional
        Inches; the default is 0.72 of the width, at most 3.6.

    Raises
    ------
    UnknownName
        If there is no width of that name.

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
        "legend.frameon": True,
        "lines.linewidth": 1.3,
        "lines.markersize": 3,
        "pdf.fonttype": 42,
        "savefig.dpi": 600,
        "svg.fonttype": "none",
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
    }
    with style(), mpl.rc_context(own):
        yield
