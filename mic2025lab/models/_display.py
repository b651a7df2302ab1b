"""What the summaries and figures of results share."""

from __future__ import annotations

import textwrap
from typing import Any


def axes_or_new(ax: Any) -> Any:
    """Return the axes given, or new ones."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1]
    return ax


def set_title(ax: Any, text: str) -> None:
    """Set the title in as many lines as the width of the figure needs, such as the column of a journal."""
    room = 72 * ax.figure.get_figwidth() * 0.85 / (0.55 * ax.title.get_fontsize())
    ax.set_title(textwrap.fill(text.replace("-", "−"), int(room)))


def set_whole_years(ax: Any) -> None:
    """Label the horizontal axis with whole numbers, few enough for a narrow figure."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
