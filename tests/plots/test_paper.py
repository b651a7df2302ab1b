"""Figures for a paper: inside their width, no label over another, told apart in gray."""

import itertools
import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from mic2025lab import models, plots
from mic2025lab.errors import UnknownName

mpl.use("Agg")
YEARS = range(2002, 2023)


def walks():
    """Random walks, one a unit; u0 gains 3 after 2015: simulated."""
    y = np.cumsum(np.random.default_rng(1).standard_normal((12, 21)), axis=1)
    y[0, 14:] += 3
    table = pd.DataFrame(y, index=[f"u{k}" for k in range(12)], columns=YEARS).rename_axis("unit")
    return table.reset_index().melt("unit", var_name="year", value_name="value").astype({"year": "int64"})


@pytest.fixture(scope="module")
def results():
    line = [1.5 * t - 0.5 * max(t - 13, 0) + math.sin(5 * t) for t in range(21)]
    firms = models.simulated_firms(n_firms=60)
    options = {"of": "unit", "treated": "u0"}
    return {
        "trend": models.segmented_trend(line, YEARS, draws=99),
        "search": models.sup_f(line, YEARS, draws=99),
        "study": models.event_study(walks(), inference="t", **options),
        "double": models.synthetic_control(walks(), **options),
        "curve": models.specification_curve(
            lambda at: models.event_study(walks(), at=at, **options),
            {"at": list(range(2008, 2016))},
            headline={"at": 2015},
        ),
        "acf": models.production_function(
            firms, method="acf", proxy="materials", output="value_added", free="labor", state="capital", degree=2, draws=10
        ),
        "spread": models.hsieh_klenow(firms),
    }  # fmt: skip


def shown(axis, limits):
    """Labels of the ticks within the limits."""
    low, high = sorted(limits)
    pairs = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
    return [label for label, place in pairs if low <= place <= high]


@pytest.mark.parametrize(("width", "inches"), [("column", 3.3), ("page", 6.5), (5.0, 5.0)])
def test_plots_of_results_fit_their_width(results, width, inches):
    for name, result in results.items():
        with plots.paper(width):
            ax = result.plot()
            figure = ax.figure
            figure.canvas.draw()
            assert figure.get_figwidth() == inches
            page = figure.bbox
            if name not in ("acf", "spread"):  # their axes have years
                assert all(float(tick).is_integer() for tick in ax.get_xticks()), name
            across, up = shown(ax.xaxis, ax.get_xlim()), shown(ax.yaxis, ax.get_ylim())
            boxes = [label.get_window_extent() for label in across]
            assert all(one.x1 < two.x0 for one, two in itertools.pairwise(boxes)), name
            for text in [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *across, *up]:
                if text.get_text():
                    box = text.get_window_extent()
                    assert page.x0 - 1 <= box.x0 < box.x1 <= page.x1 + 1, (name, text.get_text())
                    assert text.get_fontsize() >= 7, (name, text.get_text())
        mpl.pyplot.close(figure)


def lightness(color):
    red, green, blue = mpl.colors.to_rgb(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colors_differ_in_gray():
    with plots.paper():
        grays = [lightness(entry["color"]) for entry in mpl.rcParams["axes.prop_cycle"]]
    assert min(abs(one - two) for one, two in itertools.combinations(grays, 2)) > 0.08
    for color in (plots.FOCUS, plots.SECOND):
        assert abs(lightness(color) - lightness(plots.CONTEXT)) > 0.15


def test_a_size_of_ones_own():
    with plots.paper(4.0, height=2.0):
        assert (mpl.rcParams["figure.figsize"], mpl.rcParams["pdf.fonttype"]) == ([4.0, 2.0], 42)
    with pytest.raises(UnknownName, match="column"), plots.paper("colum"):
        pass
