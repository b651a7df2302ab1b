"""Letters that the font of the figures lacks, such as Chinese: from another font of this machine, else transliterated."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import lru_cache

from anyascii import anyascii
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

#: Ships with matplotlib, so that a figure looks the same everywhere.
FONT = "DejaVu Sans"

#: Fonts with Chinese letters, in order of preference. Of a collection, matplotlib reads the first font, which may be the Japanese one.
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Arial Unicode MS",
)  # fmt: skip


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the fonts of the figures: their own, and the first of `CHINESE` that this machine has, for letters that it lacks."""
    there = set(font_manager.get_font_names())
    return (FONT, *[name for name in CHINESE if name in there][:1])


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    fonts = (font_manager.get_font(font_manager.findfont(name)) for name in families())
    return frozenset({ord("\n")}.union(*(font.get_charmap() for font in fonts)))


def make_legible(figure: Figure) -> None:
    """Transliterate the letters of a figure that none of its fonts has; a warning says so once. Ticks have numbers only."""
    for text in _texts(figure):
        if text.get_text() != _legible(text.get_text()):
            text.set_text(_legible(text.get_text()))


def _texts(figure: Figure) -> Iterator[Text]:
    """Yield the texts of a figure except tick labels."""
    for child in figure.get_children():
        for part in child.get_children() if isinstance(child, Axes) else [child]:
            yield from [part.label] if isinstance(part, Axis) else part.findobj(Text)


_said: list[str] = []


def _legible(text: str) -> str:
    lacking = {letter for letter in text if ord(letter) not in _characters()}
    if not lacking:
        return text
    legible = "".join(anyascii(letter) if letter in lacking else letter for letter in text)
    if not _said:
        _said.append(text)
        warnings.warn(
            f"No font for {text!r} on this machine; figures have {legible!r}. Install one, such as Noto Sans CJK SC.",
            stacklevel=2,
        )
    return legible
