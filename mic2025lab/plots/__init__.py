"""Figures in one style: one message each, the focus in color, the context in gray, lines labeled at their ends.

Matplotlib draws, and seaborn the tiles; these functions add the title (what is seen), the subtitle (unit and scope), the source, direct
labels, and the alternative text. Each takes a tidy pandas table, computes nothing, and returns the matplotlib figure with the attributes
`alt_text` and `vega`: a Vega-Lite specification with the rows that were drawn, which JupyterLab and the site show with values on hover.
Colors are Okabe and Ito's (2008), which color-blind readers can tell apart; widths and markers carry the same difference in gray print.

To explore, call seaborn itself inside `with lab.plots.style():`.
"""

from mic2025lab.plots._style import CONTEXT, FOCUS, PALETTE, SECOND, paper, style
from mic2025lab.plots.bars import bars, contributions, dumbbells
from mic2025lab.plots.forest import forest
from mic2025lab.plots.lines import lines, small_multiples
from mic2025lab.plots.tiles import heat, verdicts
from mic2025lab.plots.vega import hover

__all__ = [
    "CONTEXT", "FOCUS", "PALETTE", "SECOND", "bars", "contributions", "dumbbells", "forest", "heat", "hover", "lines", "paper", "small_multiples",
    "style", "verdicts",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__
