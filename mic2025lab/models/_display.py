"""What the figures of results share."""

from __future__ import annotations

import textwrap
from abc import abstractmethod
from typing import Any

from mic2025lab.models.tables import Tabled


class Drawn(Tabled):
    """A result with a figure."""

    _whole = True  # whole numbers (years, positions) on the horizontal axis

    @abstractmethod
    def _draw(self, ax: Any) -> str:
        """Draw on the axes and return the title."""

    def plot(self, ax: Any = None) -> Any:
        """Draw the result, as its class describes, on `ax` or on new axes, which are returned.

        The title takes as many lines as the width of the figure needs, such as the column of a journal.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots()[1]
        title = self._draw(ax).replace("-", "−")
        room = 72 * ax.figure.get_figwidth() * 0.85 / (0.55 * ax.title.get_fontsize())
        ax.set_title(textwrap.fill(title, int(room)))
        if self._whole:
            from matplotlib.ticker import MaxNLocator

            ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        return ax
