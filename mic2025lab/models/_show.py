"""How the results of the trend models look in a notebook."""

from __future__ import annotations

import html as _html
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mic2025lab.models.break_date import SupF
    from mic2025lab.models.breaks import SegmentedTrend


def html(summary: str) -> str:
    """Lines of a summary as a small HTML block."""
    first, *rest = (_html.escape(line) for line in summary.splitlines())
    return f"<p><b>{first}</b></p><p>{'<br>'.join(rest)}</p>"


def _axes(ax: Any) -> Any:
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1]
    return ax


def title(ax: Any, text: str) -> None:
    """Title in as many lines as the figure's width asks for: in the column of a journal it would run out of it."""
    room = 72 * ax.figure.get_figwidth() * 0.85 / (0.55 * ax.title.get_fontsize())
    ax.set_title(textwrap.fill(text.replace("-", "−"), int(room)))


def years(ax: Any) -> None:
    """Whole numbers (years) on the horizontal axis, few enough for a narrow figure."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def plot_trend(trend: SegmentedTrend, ax: Any = None) -> Any:
    """Series as points, the fitted lines, and the old trend carried on as dashes."""
    ax = _axes(ax)
    ax.plot(trend.year, trend.y, "o", color="0.45", markersize=4, label="observed")
    before = trend.year <= trend.at
    ax.plot(trend.year[before], trend.fitted[before], color="C0", label="fitted")
    # The lines meet at the date unless a jump was fitted; then they are drawn apart.
    after = ~before if trend.level_change is not None else trend.year >= trend.at
    ax.plot(trend.year[after], trend.fitted[after], color="C0")
    at_break = trend.fitted[before][-1]
    past = trend.year[trend.year >= trend.at]
    ax.plot(
        past,
        at_break + trend.slope_before * (past - trend.at),
        "--",
        color="C0",
        label="old trend carried on",
    )
    ax.axvline(trend.at, color="0.7", linewidth=0.8)
    low, high = trend.conf_int()
    title(ax, f"Slope change {trend.estimate:+.3g} a year (95 % interval {low:.3g} to {high:.3g})")
    years(ax)
    ax.legend(frameon=False)
    return ax


def plot_search(search: SupF, ax: Any = None) -> Any:
    """F statistic at each date, the largest one marked."""
    ax = _axes(ax)
    ax.plot(search.dates["at"], search.dates["statistic"], color="C0")
    ax.axvline(search.estimate, color="0.7", linewidth=0.8)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("F")
    title(ax, f"Largest F {search.statistic:.3g} at {search.estimate} (p = {search.p_value:.3g})")
    years(ax)
    return ax
