"""A figure of the package drawn once, as SVG and as PNG. By itself matplotlib lays out and draws a figure anew for each format."""

from __future__ import annotations

import zlib
from functools import partialmethod
from io import BytesIO, StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Transform, TransformedBbox, TransformedPath
from PIL import Image

from mic2025lab.plots._letters import SIZE, Measure, shape
from mic2025lab.plots._style import style

#: Units of SVG in an inch.
_POINTS = 72


def svg_and_png(figure: Figure, dpi: int) -> tuple[bytes, bytes]:
    """Draw a figure as SVG, and as PNG of 256 colors and so many dots an inch.

    A figure has few colors, and a third of the bytes takes half of the time. A color differs by at most 14 of 255, where an edge is
    smoothed; the page stays white.
    """
    text, png, before = StringIO(), BytesIO(), figure.dpi
    figure.dpi = _POINTS
    try:
        with style(), mpl.rc_context({"svg.hashsalt": "mic2025lab"}):  # ids would be random
            renderer = _Both(figure, text, dpi)
            figure.draw(renderer)
            renderer.vector.finalize()
    finally:
        figure.dpi = before
    bitmap = renderer.bitmap
    size = int(bitmap.width), int(bitmap.height)
    drawn = Image.frombytes("RGB", size, bitmap.buffer_rgba(), "raw", "RGBX")
    drawn = drawn.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    drawn.putpalette(bytes(255 if part == 254 else part for part in drawn.getpalette() or ()))
    drawn.save(png, format="png", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)  # charts are runs of one color
    return text.getvalue().encode(), png.getvalue()


class _Both(Measure):
    """Draws on both. Places are given in points; on the bitmap they are larger by one factor, as it makes the widths of lines itself."""

    def __init__(self, figure: Figure, text: StringIO, dpi: int) -> None:
        width, height = figure.get_size_inches()
        super().__init__(width * _POINTS, height * _POINTS, _POINTS)
        about = {"Date": None, "Creator": None}
        self.text, self.factor = text, dpi / _POINTS
        self.vector = RendererSVG(self.width, self.height, text, image_dpi=dpi, metadata=about)
        self.bitmap = RendererAgg(width * dpi, height * dpi, dpi)
        self.larger = Affine2D().scale(self.factor)
        self.defined: set[str] = set()

    def get_image_magnification(self) -> float:
        return self.factor

    def open_group(self, *name: Any, **more: Any) -> None:
        self.vector.open_group(*name, **more)

    def close_group(self, name: str) -> None:
        self.vector.close_group(name)

    def _shape(self, method: str, gc: Any, *what: Any, **more: Any) -> None:
        """Draw shapes, whose places are what transforms make of them."""
        getattr(self.vector, method)(gc, *what, **more)
        larger = [one + self.larger if isinstance(one, Transform) else one for one in what]
        getattr(self.bitmap, method)(self._on_bitmap(gc), *larger, **more)

    def _piece(self, method: str, gc: Any, x: float, y: float, *what: Any, **more: Any) -> None:
        """Draw an image or a text at a place."""
        getattr(self.vector, method)(gc, x, y, *what, **more)
        getattr(self.bitmap, method)(self._on_bitmap(gc), x * self.factor, y * self.factor, *what, **more)

    draw_path = partialmethod(_shape, "draw_path")
    draw_markers = partialmethod(_shape, "draw_markers")
    draw_path_collection = partialmethod(_shape, "draw_path_collection")
    draw_quad_mesh = partialmethod(_shape, "draw_quad_mesh")
    draw_image = partialmethod(_piece, "draw_image")

    def draw_text(
        self, gc: Any, x: float, y: float, text: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:  # fmt: skip
        """Draw a text: in the SVG each glyph is defined once, and the bitmap has the outline of the whole."""
        clipped = gc.get_clip_rectangle() is not None or gc.get_clip_path()[0] is not None
        shaped = None if ismath or gc.get_url() or clipped else shape(text, prop.copy())
        if shaped is None:
            self._piece("draw_text", gc, x, y, text, prop, angle, ismath, mtext)
            return
        color, scale = gc.get_rgb(), prop.get_size_in_points() / SIZE
        self.vector.writer.comment(text)  # ends the tag before
        for one in shaped.glyphs:
            if one.name not in self.defined:
                self.defined.add(one.name)
                self.text.write(f'<defs><path id="{one.name}" d="{one.drawn}"/></defs>\n')
        look = f"fill: {to_hex(color)}" + (f"; opacity: {color[3]:g}" if color[3] < 1 else "")
        move = f"translate({x:.3f} {y:.3f}) rotate({-angle:g}) scale({scale:.5g} {-scale:.5g})"
        parts = zip(shaped.glyphs, shaped.places, strict=True)
        uses = "".join(f'<use xlink:href="#{one.name}" x="{at:.1f}"/>' for one, at in parts)
        self.text.write(f'<g style="{look}" transform="{move}">{uses}</g>\n')
        place = Affine2D().scale(scale * self.factor).rotate_deg(angle)
        place.translate(x * self.factor, self.bitmap.height - y * self.factor)
        filled = self._on_bitmap(gc)
        filled.set_linewidth(0)
        filled.set_snap(False)
        self.bitmap.draw_path(filled, shaped.outline(), place, color)

    def _on_bitmap(self, gc: Any) -> GraphicsContextBase:
        """Return how to draw on the bitmap: the same, clipped at its own places."""
        larger: Any = GraphicsContextBase()
        larger.copy_properties(gc)
        if (box := gc.get_clip_rectangle()) is not None:
            larger.set_clip_rectangle(TransformedBbox(box, self.larger))
        path, transform = gc.get_clip_path()
        if path is not None:
            larger.set_clip_path(TransformedPath(path, transform + self.larger))
        return larger
