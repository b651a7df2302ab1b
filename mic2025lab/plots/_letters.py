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
_SINGLE = re.compile(r"[ -~¡-¬®-ɏ‐-‧‰-⁞⁰-⃏℀-⋿]+")
_JOINED = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"))
_STEPS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


class Glyph(NamedTuple):
    """The outline of a glyph in type of `SIZE` points, also as SVG has it."""

    name: str
    vertices: Any
    codes: Any
    drawn: str


class Shape(NamedTuple):
    """A text in type of `SIZE` points: its size, and its glyphs with their places."""

    size: tuple[float, float, float]
    glyphs: list[Glyph]
    places: list[float]

    def outline(self) -> Path:
        """Return the outline of all glyphs."""
        moved = [one.vertices + np.array((at, 0)) for one, at in zip(self.glyphs, self.places, strict=True)]
        return Path(np.concatenate(moved), np.concatenate([one.codes for one in self.glyphs]))


@lru_cache(maxsize=4096)
def shape(text: str, prop: FontProperties) -> Shape | None:
    """Shape a line of text; None if only matplotlib can: letters of several fonts, from the right, or joined in writing."""
    like = prop.copy()
    like.set_size(SIZE)  # one search among all fonts, not one for each size
    file = findfont(like)
    font = get_font(file)
    if not _SINGLE.fullmatch(text) or not all(font.get_char_index(ord(letter)) for letter in text):
        return None
    font.set_size(SIZE, text_to_path.DPI)
    places = [x / 64 for x, _ in font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)]
    width, height, below = (part / 64 for part in (*font.get_width_height(), font.get_descent()))
    letters = text
    for apart, joined in _JOINED if len(places) < len(text) else ():
        letters = letters.replace(apart, joined)
    if len(letters) != len(places):
        return None
    return Shape((width, height, below), [_glyph(file, ord(letter)) for letter in letters], places)


@lru_cache(maxsize=4096)
def _glyph(file: str, letter: int) -> Glyph:
    font = get_font(file)
    font.set_size(SIZE, text_to_path.DPI)
    font.load_char(letter, flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    steps = Path(vertices, codes).iter_segments(simplify=False)
    drawn = (
        "z" if step == Path.CLOSEPOLY else _STEPS[step] + " ".join(f"{round(at, 1):g}" for at in points)
        for points, step in steps
    )
    # matplotlib, which draws other texts, names a glyph by the font and a number.
    return Glyph(f"{font.postscript_name}-u{letter:x}", vertices, codes, "".join(drawn))


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
