"""The style of every figure: colors, type, and the format of a paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style

from mic2025lab.errors import unknown_name
from mic2025lab.plots._fonts import families

FOCUS = "#D55E00"
SECOND = "#0072B2"
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
CONTEXT = "#9A9A9A"
INK = "#222222"
QUIET = "#5F5F5F"

#: Widths in inches: a column of a journal of two, and a page less its margins.
WIDTHS = {"column": 3.3, "page": 6.5}


@lru_cache(maxsize=2)
def _settings(name: str) -> dict[Any, Any]:
    path = Path(__file__).with_name(f"{name}.mplstyle")
    return dict(mpl.rc_params_from_file(path, use_default_template=False))


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the package, whatever a user's `matplotlibrc` says; matplotlib's settings are as before afterward."""
    with mpl.style.context(["default", {**_settings("screen"), "font.family": list(families())}]):
        yield


@contextmanager
def paper(width: str | float = "column", *, height: float | None = None) -> Iterator[None]:
    """Draw for a paper: the width of a column or of a page, 8-point type, colors that stay distinct in grayscale.

    For figures drawn on matplotlib's axes, such as `plot()` of the results of `mic2025lab.models`. The figures of `lab.plots` have their
    own layout, made for the screen. matplotlib's settings are restored afterward.

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
    size = (inches, height or min(0.72 * inches, 3.6))
    with style(), mpl.rc_context({**_settings("paper"), "figure.figsize": size}):
        yield
