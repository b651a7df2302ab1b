"""Figures show what they were given: every mark, label, unit and source is looked for in the figure itself."""

import io
import itertools
import re
import warnings
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from PIL import Image

from mic2025lab import catalog, plots
from mic2025lab.errors import TableError, UnknownName
from mic2025lab.plots import _fonts
from mic2025lab.plots.drawing import svg_and_png
from mic2025lab.results.record import record_figure

WORDS = {"title": "China rose", "subtitle": "Share, %", "source": "NCSES"}


def texts(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_text()]


def test_lines_are_labelled_at_their_ends_and_the_focus_is_drawn_last_and_widest(shares):
    figure = plots.lines(
        shares, y="share", by="economy", focus="CHN", labels={"CHN": "China"}, base_year=2015, **WORDS
    )
    said = {"China 27.0", "USA 17.1", "2015", "China rose", "Share, %", "Source: NCSES"}
    assert said <= set(texts(figure))
    assert figure.axes[0].get_ylim()[0] == 0.0
    drawn = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 2]
    assert drawn[-1].get_color() == plots.FOCUS
    assert drawn[-1].get_linewidth() > max(line.get_linewidth() for line in drawn[:-1])


def test_the_last_panel_of_each_column_has_years(shares):
    table = pd.concat([shares.assign(panel=name) for name in "abcd"])
    figure = plots.small_multiples(
        table, y="share", panel="panel", by="economy", focus="CHN", columns=3, **WORDS
    )
    figure.canvas.draw()
    shown = [any(tick.label1.get_visible() for tick in axes.xaxis.get_major_ticks()) for axes in figure.axes]
    assert shown[:4] == [False, True, True, True]


@pytest.mark.parametrize("size", [1e-6, 1e7])
def test_an_axis_has_no_power_of_ten(shares, size):
    table = shares.assign(share=shares["share"] * size, panel="a")
    figure = plots.small_multiples(table, y="share", panel="panel", by="economy", focus="CHN", **WORDS)
    figure.canvas.draw()
    assert figure.axes[0].yaxis.get_offset_text().get_text() == ""


def test_labels_that_would_overlap_are_pushed_apart():
    table = pd.DataFrame({"economy": list("abcde") * 2, "year": [2014] * 5 + [2015] * 5})
    table["share"] = [5.0, 5.01, 5.02, 5.03, 5.04] * 2
    figure = plots.lines(table, y="share", by="economy", focus="a", **WORDS)
    figure.canvas.draw()
    boxes = sorted(
        (t.get_window_extent() for t in figure.axes[0].texts if t.get_text()[0] in "abcde"),
        key=lambda box: box.y0,
    )
    assert len(boxes) == 5
    assert all(upper.y0 >= lower.y1 - 1.5 for lower, upper in itertools.pairwise(boxes))


def test_a_missing_value_breaks_the_line_a_lone_one_has_a_dot_and_forecasts_are_dashed_and_joined(shares):
    shares.loc[4, "share"] = np.nan
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", dashed="forecast", **WORDS)
    drawn = [
        (line.get_linestyle(), line.get_marker(), *np.where(np.isnan(line.get_ydata()), 0, line.get_xdata()))
        for line in figure.axes[0].lines
    ]
    assert drawn[:3] == [("-", "None", 2014, 0, 0), ("--", "None", 2014, 0, 2016), ("None", ".", 2014, 2016)]
    assert drawn[3:5] == [("-", "None", 2014, 2015, 0), ("--", "None", 0, 2015, 2016)]
    assert [layer["mark"]["type"] for layer in figure.vega["layer"]].count("line") == 2  # solid and dashed
    for look, points in (("alone", [("USA", 2014), ("USA", 2016)]), ("turn", [("USA", 2014), ("CHN", 2015)])):
        found = [row for row in figure.vega["data"]["values"] if row.get(look)]
        assert [(row["label"], row["x"]) for row in found] == points


def test_dumbbells_show_every_point_and_do_not_cut_off_losses():
    table = pd.DataFrame({"item": ["a", "b"], "before": [1.0, 0.2], "after": [0.5, -0.3]})
    figure = plots.dumbbells(
        table, item="item", points=["before", "after"], point_labels=["2002–15", "2015–22"], **WORDS
    )
    assert {"2002–15", "2015–22"} <= set(texts(figure))
    assert figure.axes[0].get_xlim()[0] <= -0.3


def test_contributions_stack_up_and_down_to_the_total_and_equal_totals_are_all_labeled():
    table = pd.DataFrame({"item": ["x", "y"], "capital": [3.0, 1.0], "tfp": [-1.0, 1.0], "total": [2.0, 2.0]})
    figure = plots.contributions(
        table, item="item", parts={"capital": "capital", "tfp": "TFP"}, total="total", **WORDS
    )
    spans = {(bar.get_y(), bar.get_y() + bar.get_height()) for bar in figure.axes[0].patches}
    assert {(0.0, 3.0), (0.0, -1.0), (1.0, 2.0)} <= spans
    assert {"capital", "TFP"} <= set(texts(figure))
    assert texts(figure).count("total 2.0") == figure.alt_text.count("total 2.0") == 2


def test_a_long_title_has_no_word_alone_on_a_line(shares):
    words = WORDS | {
        "title": "China’s share of world manufacturing rose from 6.7% to 34.3% between 2002 and 2022 in the end"
    }
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", **words)
    title = next(text for text in texts(figure) if text.startswith("China’s share"))
    lengths = [len(line) for line in title.splitlines()]
    assert len(lengths) == 2
    assert min(lengths) > 0.6 * max(lengths)


def test_what_cannot_be_drawn_says_why(shares):
    look = {"y": "share", "by": "economy", "focus": "CHN", **WORDS}
    with pytest.raises(TableError, match=r"needs column\(s\) \['shar'\]"):
        plots.lines(shares, **{**look, "y": "shar"})
    with pytest.raises(UnknownName, match="Did you mean 'CHN'"):
        plots.lines(shares, **{**look, "focus": "CHNA"})
    with pytest.raises(TableError, match="no rows"):
        plots.lines(shares.iloc[:0], **look)
    with pytest.raises(TableError, match="missing"):
        plots.bars(shares.assign(share=np.nan), item="economy", value="share", **WORDS)
    with pytest.raises(TableError):
        plots.verdicts([], panels=[{"gain": "Gains"}], **WORDS)


def bar_table(values):
    return pd.DataFrame({"item": [f"item {i}" for i in range(len(values))], "value": values})


def test_a_forest_plot_has_a_row_for_each_estimate_and_names_those_without(kinds):
    axes = kinds["forest"][0].axes[0]
    assert [text.get_text() for text in axes.texts][-3:] == ["", "steel", "coal"]
    (interval,) = (one for one in axes.collections if one.get_segments())
    assert interval.get_segments()[0][:, 0].tolist() == [0.2, 0.9]
    ticks, headline = axes.lines[:2]
    assert (ticks.get_xdata().tolist(), headline.get_xdata().tolist()) == ([0.4, 0.5, 1.0], [0.5])
    assert headline.get_fillstyle() == "full"


def test_every_figure_says_in_words_what_it_shows(kinds):
    for kind, (figure, said, _) in kinds.items():
        for part in (WORDS["title"], *said):
            assert part in figure.alt_text, (kind, figure.alt_text)


def test_alternative_text_is_short_and_counts_what_it_leaves_out():
    figure = plots.bars(bar_table(list(np.linspace(1, 5, 90))), item="item", value="value", **WORDS)
    assert len(figure.alt_text) <= 600
    told = figure.alt_text.count("item ")
    assert 10 < told < 90
    assert f"and {90 - told} more" in figure.alt_text


@pytest.mark.parametrize(
    ("unit", "number", "values", "written"),
    [
        ("%", None, [3.26, 34.3], ["3.3%", "34.3%"]),
        ("%", None, [120.0], ["120%"]),
        ("%", None, [0.123], ["0.12%"]),
        ("%", "{:.2f} %", [34.31], ["34.31 %"]),
        ("points", None, [-0.44, 2.0], ["−0.4", "+2.0"]),
        ("log points", None, [-0.044, 0.2], ["−0.04", "+0.20"]),
        ("billion USD", None, [1250.4], ["1,250"]),
    ],
)
def test_numbers_are_written_as_their_unit_and_size_ask_or_in_a_given_format(unit, number, values, written):
    figure = plots.bars(bar_table(values), item="item", value="value", unit=unit, number=number, **WORDS)
    assert set(written) <= set(texts(figure))


def test_a_source_is_a_catalog_table_several_of_them_or_text():
    def foot(source):
        words = WORDS | {"source": source}
        figure = plots.bars(bar_table([1.0]), item="item", value="value", **words)
        return " ".join(next(text for text in texts(figure) if text.startswith("Source: ")).split())

    one, two = (catalog.describe(name).source_line() for name in ("value_added", "us_imports"))
    assert foot("value_added") == f"Source: {one}"
    assert foot(["value_added", "us_imports", "value_added"]) == f"Source: {one}; {two}"
    assert foot(["value_added", "own estimates"]) == f"Source: {one}; own estimates"
    assert foot("simulated") == "Source: simulated"
    with pytest.raises(UnknownName, match="value_added"):
        foot("value_aded")


@pytest.mark.parametrize("letters", ["plain", "wide"])
def test_what_is_drawn_fills_the_page_and_no_more(each_kind, letters):
    long = {"steel": "An economy with a name that takes most of a line"}
    wide = {"title": "MADE AT HOME, WORN WIDELY " * 4, "subtitle": "WWWW " * 22, "source": "MMMM " * 26}
    for name, (figure, *_) in each_kind(long, wide if letters == "wide" else WORDS).items():
        # The images are the page, so what leaves it would be cut off.
        box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, name
        assert max(box.x0, width - box.x1) < 0.2, name


def test_every_bar_keeps_its_row_color_and_hatch():
    table = pd.DataFrame({"item": ["a", "b", "a"], "value": [3.0, -1.5, 2.0], "poor": [False, True, False]})
    figure = plots.bars(table, item="item", value="value", focus=["a"], hatched="poor", **WORDS)
    drawn = sorted(figure.axes[0].patches, key=lambda bar: bar.get_y())
    assert [(bar.get_x(), bar.get_width()) for bar in drawn] == [(0, 3.0), (0, -1.5), (0, 2.0)]
    assert figure.axes[0].get_xlim()[0] < -1.5 < 3.0 < figure.axes[0].get_xlim()[1]
    assert {"+3.00", "−1.50"} <= set(texts(figure))
    colors = [mpl.colors.to_hex(bar.get_facecolor()).upper() for bar in drawn]
    assert colors == [plots.FOCUS, plots.CONTEXT, plots.FOCUS]
    assert [bar.get_hatch() for bar in drawn] == [None, "////", None]
    rows = [text.get_text() for text in figure.axes[0].texts]
    assert rows[-3:] == ["a", "b", "a"]


HEAT = {"row": "row", "column": "column", "value": "value", "toward": "toward", **WORDS}


def test_heat_colors_the_side_and_hatches_what_is_missing():
    cells = pd.DataFrame(
        {
            "row": ["b", "b", "a", "a"], "column": ["y", "x", "y", "x"], "value": [2.0, -1.0, np.nan, 4.0], "toward": [1, 0, 1, -1],
            "low": [1.0, np.nan, np.nan, 3.0], "high": [3.0, np.nan, np.nan, 5.0],
            "said": ["+2.0 ✓", "", "lost", ""], "years": ["2015–22", "", "lost", ""],
        }
    )  # fmt: skip
    figure = plots.heat(cells, low="low", high="high", **HEAT)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts][-2:] == ["b", "a"]
    found = {text.get_text(): text.get_position() for text in axes.texts}
    assert {"+2.0", "−1.0", "+4.0", "no data", "+1.0 to +3.0", "+3.0 to +5.0"} <= set(found)
    assert found["no data"] == (0.5, 1.5)
    colors = axes.collections[0].get_facecolors().reshape(2, 2, 4)
    blue, pale, orange = colors[0, 0], colors[0, 1], colors[1, 1]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]
    assert pale[:3].min() > 0.9
    figure = plots.heat(cells, text="said", below="years", **HEAT)
    assert {"+2.0 ✓", "2015–22", "no data"} <= set(texts(figure))
    assert "lost" not in texts(figure)
    assert "b: y +2.0 ✓" in figure.alt_text
    assert "a: y no data" in figure.alt_text
    empty = plots.heat(cells.assign(value=np.nan), **HEAT)  # no number anywhere
    assert texts(empty).count("no data") == 4


def test_every_test_of_a_claim_has_a_square_in_its_color():
    outcomes = {"gain": ["for", "against", "missing"], "cost": ["for", "against"]}
    claims = [
        {"number": 1, "kind": kind, "label": "x", "verdict": "mixed", "outcomes": each}
        for kind, each in outcomes.items()
    ]
    figure = plots.verdicts(claims, panels=[{"gain": "Gains"}, {"cost": "Costs"}], **WORDS)
    drawn = [axes.collections[0] for axes in figure.axes]
    assert [len(squares.get_offsets()) for squares in drawn] == [3, 2]
    colors = [mpl.colors.to_hex(color).upper() for color in drawn[0].get_facecolors()]
    assert colors == [plots.SECOND, plots.FOCUS, "#FFFFFF"]


CHINESE = (
    {"steel": "汽车", "coal": "纺织", "Ships": "份额", "TFP": "汽车"},
    {**WORDS, "title": "汽车 rose", "subtitle": "份额 p"},
)


@pytest.fixture
def fonts_anew():
    """Fonts are looked for again, before the test and after it."""
    for at in ("before", "after"):
        _fonts.families.cache_clear()
        _fonts._characters.cache_clear()
        _fonts._said.clear()
        if at == "before":
            yield


@pytest.mark.usefixtures("fonts_anew")
def test_letters_that_no_font_has_are_transliterated_and_it_is_said_once(monkeypatch, each_kind):
    monkeypatch.setattr(_fonts, "CHINESE", ())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for kind, (figure, *_) in each_kind(*CHINESE).items():
            figure.canvas.draw()
            assert "QiChe" in " ".join(texts(figure)), kind
            assert not set("汽车纺织份额") & set("".join(texts(figure))), kind
            assert "汽车" in figure.alt_text, kind
            figure.savefig(io.BytesIO(), format="png")
    (said,) = [str(one.message) for one in caught]
    assert "'FangZhi 17.1%'" in said
    assert "Noto Sans CJK SC" in said


@pytest.mark.usefixtures("fonts_anew")
def test_a_font_that_has_the_letters_is_used_for_these_alone(tmp_path, monkeypatch, each_kind):
    """The font is made here: it has eight letters, each the A of the font of the figures."""
    font = TTFont(font_manager.findfont(_fonts.FONT))
    font["cmap"].tables = [table for table in font["cmap"].tables if table.format == 4]
    for table in font["cmap"].tables:
        table.cmap = dict.fromkeys(map(ord, "汽车纺织份额企业"), "A")
    for entry in font["name"].names:
        entry.string = "Eight Letters" if entry.nameID == 1 else entry.toUnicode()
    font.save(tmp_path / "eight.ttf")
    before = list(font_manager.fontManager.ttflist)
    plain = plots.bars(pd.DataFrame({"i": ["x"], "v": [1.0]}), item="i", value="v", **WORDS)
    try:
        font_manager.fontManager.addfont(tmp_path / "eight.ttf")
        monkeypatch.setattr(_fonts, "CHINESE", ("No Such Font", "Eight Letters"))
        _fonts.families.cache_clear()
        _fonts._characters.cache_clear()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for kind, (figure, *_) in each_kind(*CHINESE).items():
                assert "汽车" in " ".join(texts(figure)), kind
                svg, _ = svg_and_png(figure, 160)
                ids = re.findall(rb' id="([^"]+)"', svg)
                assert len(ids) == len(set(ids)), kind  # also of letters that matplotlib draws
        again = plots.bars(pd.DataFrame({"i": ["x"], "v": [1.0]}), item="i", value="v", **WORDS)
        assert saved(again) == saved(plain)
    finally:
        font_manager.fontManager.ttflist[:] = before


def saved(figure):
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def test_settings_of_a_user_do_not_change_a_recorded_figure(shares, tmp_path, monkeypatch):
    made = []
    own = {
        "text.usetex": True, "font.size": 14, "axes.unicode_minus": False, "font.family": "serif", "xtick.major.size": 9,
        "savefig.facecolor": "red", "savefig.pad_inches": 1, "lines.antialiased": False, "svg.fonttype": "none",
    }  # fmt: skip
    for name, settings in (("without", {}), ("with", own)):
        monkeypatch.setenv("MIC2025LAB_RUN_DIR", str(tmp_path / name))
        with mpl.rc_context(settings):
            record_figure("f", plots.lines(shares, y="share", by="economy", focus="CHN", **WORDS))
        made.append([(tmp_path / name / "figures" / f"f.{kind}").read_bytes() for kind in ("svg", "png")])
    assert made[0] == made[1]


def glyphs_and_rest(svg):
    """Return place, size, and beginning of each glyph of an SVG, and the SVG without them."""
    tree, glyphs, begins = ElementTree.fromstring(svg), [], {}
    for outline in tree.findall(".//{*}path[@id]"):
        assert re.fullmatch(r"(([MLQC][-\d. \n]+|z)\s*)*", outline.get("d") or "")
        size = 1 / 64 if "scale" in outline.get("transform", "") else 1
        begins[outline.get("id")] = [
            size * float(x) for x in re.findall(r"[-\d.]+", outline.get("d", "0 0"))[:2]
        ] or [0, 0]
    groups = [group for group in tree.findall(".//{*}g") if group.get("id", "").startswith("text_")]
    for text, part in [(group, part) for group in groups for part in group if not part.get("id")]:
        if part.tag.endswith("}g"):
            # "translate(80 20) scale(0.1 -0.1)", rotated in between if at all
            x, y, *_, scale, _ = map(float, re.findall(r"-?[\d.]+", part.get("transform")))
            for use in part.findall(".//{*}use"):
                at = use.get("x") or re.findall(r"[\d.]+", use.get("transform", "0"))[0]
                of = next(value for name, value in use.items() if name.endswith("href"))
                glyphs.append((x + scale * float(at), y, scale, *(scale * each for each in begins[of[1:]])))
        if not part.tag.endswith("}path"):  # the path is that of a text with a halo
            text.remove(part)
    assert len(glyphs) > 20
    return glyphs, ElementTree.canonicalize(ElementTree.tostring(tree), strip_text=True)


def test_a_figure_drawn_once_looks_as_matplotlib_draws_it_in_each_format(each_kind):
    words = {**WORDS, "title": "Five “offices” – affluent, efficient"}  # letters that the font joins
    words["subtitle"] = "Percent of X\u20d7"  # an arrow above the letter
    figures = {kind: figure for kind, (figure, *_) in each_kind({}, words).items()}
    figures["image"] = plots.bars(bar_table([2.0, 1.0]), item="item", value="value", **WORDS)
    image = figures["image"].axes[0].imshow(np.eye(3), extent=(0, 1, 0, 1), aspect="auto")
    image.set_clip_path(mpl.patches.Circle((0.5, 0.5), 0.3, transform=image.axes.transData))
    for kind, figure in figures.items():
        with plots.style(), mpl.rc_context({"svg.hashsalt": "mic2025lab"}):
            svg, png = svg_and_png(figure, 160)
            for drawn, form in ((svg, "svg"), (png, "png")):
                as_usual = io.BytesIO()
                about = {"Date": None, "Creator": None} if form == "svg" else {}
                figure.savefig(
                    as_usual, format=form, metadata=about, **({} if form == "svg" else {"dpi": 160})
                )
                if form == "svg" and kind != "image":
                    (ours, shapes), (theirs, others) = map(glyphs_and_rest, (drawn, as_usual.getvalue()))
                    assert shapes == others, kind
                    np.testing.assert_allclose(ours, theirs, atol=0.02, err_msg=kind)
                elif form == "png":
                    pair = [
                        np.asarray(Image.open(io.BytesIO(one)).convert("RGB"), float)
                        for one in (drawn, as_usual.getvalue())
                    ]
                    assert np.abs(pair[0] - pair[1]).max() < 60, kind
                    assert np.abs(pair[0] - pair[1]).mean() < 0.3, kind


def test_a_notebook_draws_a_figure_that_is_the_value_of_a_cell():
    """Also before pyplot has a backend, and with its alternative text."""
    from IPython.core.formatters import DisplayFormatter

    figure = plots.bars(bar_table([2.0, 1.0]), item="item", value="value", **WORDS)
    shown, about = DisplayFormatter().format(figure)
    assert shown["image/png"].startswith(b"\x89PNG")
    assert about["image/png"]["alt"] == figure.alt_text
