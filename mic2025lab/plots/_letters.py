"""Texts of figures, shaped once for their size, SVG, and PNG. matplotlib shapes a text anew for each of these, and for each size."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

#: Points of the type in which texts are shaped.
SIZE = 100

#: Letters of which each has a glyph of its own wherever it stands, except those that the font joins.
_SINGLE = re.compile(r"[ -~¡-¬®-ɏ‐-‧‰-⁞⁰-⋿]*")
_JOINED = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"))
_STEPS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "z"}


class Glyph(NamedTuple):
    """The outline of a glyph in type of `SIZE` points, also as SVG has it."""

    vertices: Any
    codes: Any
    drawn: str


class Shape(NamedTuple):
    """A text in type of `SIZE` points: its size, and the number of each glyph of the font with its place."""

    size: tuple[float, float, float]
    font: str
    file: str
    glyphs: list[int]
    places: list[float]

    def outline(self) -> Path:
        """Return the outline of all glyphs."""
        parts = [glyph(self.file, one) for one in self.glyphs]
        moved = [part.vertices + np.array((at, 0)) for part, at in zip(parts, self.places, strict=True)]
        return Path(np.concatenate(moved), np.concatenate([part.codes for part in parts]))


@lru_cache(maxsize=4096)
def shape(text: str, prop: FontProperties) -> Shape | None:
    """Shape a line of text; None if only matplotlib can: letters of several fonts, from the right, or joined in writing."""
    file = findfont(prop)
    font = get_font(file)
    if not _SINGLE.fullmatch(text) or not all(font.get_char_index(ord(letter)) for letter in text):
        return None
    font.set_size(SIZE, text_to_path.DPI)
    places = [x / 64 for x, _ in font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)]
    letters = text
    for apart, joined in _JOINED if len(places) < len(text) else ():
        letters = letters.replace(apart, joined)
    if len(letters) != len(places):
        return None
    (width, height), below = font.get_width_height(), font.get_descent()
    glyphs = [font.get_char_index(ord(letter)) for letter in letters]
    return Shape((width / 64, height / 64, below / 64), font.postscript_name, file, glyphs, places)


@lru_cache(maxsize=4096)
def glyph(file: str, index: int) -> Glyph:
    """Return a glyph of a font."""
    font = get_font(file)
    font.set_size(SIZE, text_to_path.DPI)
    font.load_glyph(index, flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    steps = Path(vertices, codes).iter_segments(simplify=False)
    drawn = "".join(
        _STEPS[step] + " ".join(f"{round(at, 1):g}" for at in (points if step != Path.CLOSEPOLY else ()))
        for points, step in steps
    )
    return Glyph(vertices, codes, drawn)


class Measure(RendererBase):
    """Measures texts and draws nothing."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__()
        self.width, self.height, self.dpi = width, height, dpi

    def draw_path(self, *what: Any, **more: Any) -> None:
        """Draw nothing: seaborn draws a figure to see whether its labels overlap."""

    draw_text = draw_image = draw_path

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        return points * self.dpi / 72

    def get_text_width_height_descent(
        self, text: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        shaped = None if ismath else shape(text, prop)
        if shaped is None:
            return super().get_text_width_height_descent(text, prop, ismath)
        scale = self.points_to_pixels(prop.get_size_in_points() / SIZE)
        return tuple(scale * one for one in shaped.size)
