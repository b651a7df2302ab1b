"""The page of a figure: its title, subtitle, and source, and the layout of the drawing on it."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter, StrMethodFormatter
from matplotlib.transforms import Bbox, ScaledTranslation

from mic2025lab.plots._fonts import make_legible
from mic2025lab.plots._letters import Measure
from mic2025lab.plots._style import INK, QUIET, style
from mic2025lab.plots._text import source_text
from mic2025lab.plots.vega import MIME

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _MARGIN = 8.6, 0.012


class _Measuring(FigureCanvasBase):
    """Measures the texts of a figure while it is laid out."""

    def get_renderer(self) -> Measure:
        return Measure(*self.figure.bbox.size, self.figure.dpi)


class _Shown(Figure):
    """A figure that a notebook draws as the value of a cell; IPython draws a plain one only once pyplot has a backend."""

    #: Title, subtitle, and source.
    words: dict[str, str]

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        png = BytesIO()
        self.savefig(png, format="png", dpi=160)
        return png.getvalue(), {"width": int(100 * self.get_figwidth()), "alt": getattr(self, "alt_text", "")}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """With its values on hover where Vega-Lite is rendered; elsewhere the image."""
        spec = getattr(self, "vega", None)
        return {MIME: spec} if spec else {}


@contextmanager
def page(
    title: str, subtitle: str, source: str | Sequence[str], *, height: float = 5.0, panels: int = 1, columns: int = 1
) -> Iterator[tuple[Figure, Any]]:  # fmt: skip
    """Open a figure with its title, subtitle, and source, and panels in so many columns.

    At the end the axes are moved so that their labels fill the width of the page and no more.
    """
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # before the letters are made legible
        figure = _Shown(figsize=(_WIDTH, height))
        _Measuring(figure)
        figure.words = {"title": title, "subtitle": subtitle, "source": source_text(source)}
        bold: dict[str, Any] = {"va": "top", "fontweight": "bold", "linespacing": 1.15}
        under = height - 0.16 - 0.225 * _write(figure, title, 80, height - 0.10, 13.5, balanced=True, **bold)
        sub = _write(figure, subtitle, 108, under, 10, va="top", color=QUIET)
        foot = _write(figure, f"Source: {figure.words['source']}", 128, 0.06, 8, va="bottom", color=QUIET)
        grid = [figure.add_subplot(-(-panels // columns), columns, at + 1) for at in range(panels)]
        top, bottom = under - 0.26 - 0.165 * sub - 0.14 * (panels > 1), 0.46 + 0.13 * foot
        figure.subplots_adjust(0.1, bottom / height, 0.9, top / height, hspace=0.42, wspace=0.10)
        yield figure, grid
        for one in grid:
            one.set(xlabel="", ylabel="")
            below = one.transAxes + ScaledTranslation(0, -23 / 72, figure.dpi_scale_trans)
            for axis, place in ((one.xaxis, (0.5, 0, below)), (one.yaxis, (-0.1, 0.5))):
                axis.set_label_coords(*place)  # a user's label; its place would be measured again and again
                large = np.abs(axis.get_view_interval()).max() >= 10_000  # years are below
                if large and isinstance(axis.get_major_formatter(), ScalarFormatter):
                    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        make_legible(figure)
        _fill_width(figure, grid, columns)
        FigureCanvasAgg(figure)


def _write(
    figure: Figure, text: str, width: int, inches: float, size: float, *, balanced: bool = False, **look: Any
) -> int:
    """Write text at this height in lines of at most `width` letters that fit the page. Return the number of lines."""
    wrap = _balanced if balanced else textwrap.wrap
    lines = wrap(text, width)
    up = inches / figure.get_figheight()
    shown = figure.text(_MARGIN, up, "\n".join(lines), fontsize=size, ha="left", **look)
    while shown.get_window_extent().x1 > (1 - _MARGIN) * figure.bbox.width and width > 40:
        width -= 4
        lines = wrap(text, width)
        shown.set_text("\n".join(lines))
    return len(lines)


def _balanced(text: str, width: int) -> list[str]:
    """Wrap text into as few lines as fit, of about the same length, so that no word stands alone."""
    lines = textwrap.wrap(text, width)
    while width > 20 and len(textwrap.wrap(text, width - 1)) == len(lines):
        width -= 1
        lines = textwrap.wrap(text, width)
    return lines


def _fill_width(figure: Figure, panels: Any, columns: int) -> None:
    # Panels have the same scales, so that the first and the last of a column tell how wide its tick labels are.
    outer = {panels[0], panels[(len(panels) - 1) // columns * columns], *panels[columns - 1 :: columns]}
    boxes = [axes.get_tightbbox() for axes in outer]
    box = Bbox.union(boxes).transformed(figure.transFigure.inverted())
    here = figure.subplotpars
    figure.subplots_adjust(left=here.left + _MARGIN - box.x0, right=here.right + 1 - _MARGIN - box.x1)


def name_items(
    axes: Axes, names: Iterable[str], axis: str = "y", *, first: float = 0, gap: float = 7, **look: Any
) -> None:
    """Name the items on an axis by texts: each tick would have three lines and two texts, most of which are not seen."""
    place, up, side = getattr(axes, f"get_{axis}axis_text1_transform")(gap)
    axes.set(**{f"{axis}ticks": []})
    for at, name in enumerate(names):
        x, y = (0, first + at) if axis == "y" else (first + at, 0)
        axes.text(x, y, name, transform=place, va=up, ha=side, color=INK, **look)


def mark_base_year(axes: Axes, base_year: float | None, *, text: bool = True) -> None:
    """Mark a year by a dotted vertical line with its number."""
    if base_year is not None:
        axes.axvline(base_year, color=QUIET, linewidth=1.0, linestyle=":")
        if text:
            place: Any = (base_year, 1.0), (3, -2), ("data", "axes fraction"), "offset points"
            axes.annotate(f"{base_year:g}", *place, va="top", fontsize=9, color=QUIET)
