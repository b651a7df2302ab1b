"""The specification of a figure has the numbers of its table, and what a reader sees on hover."""

import json

import numpy as np
import pandas as pd
import pytest

from mic2025lab import plots
from mic2025lab.errors import TableError
from mic2025lab.plots import vega
from mic2025lab.results import record as rec

WORDS = {"title": "China rose", "subtitle": "Share, %", "source": "NCSES"}


def rows(figure):
    json.dumps(figure.vega, allow_nan=False)  # plain values only
    return figure.vega["data"]["values"]


def layers(figure):
    return figure.vega.get("spec", figure.vega)["layer"]


def test_each_kind_carries_its_numbers_and_tells_them_on_hover(kinds):
    for kind, (figure, _, expected) in kinds.items():
        tips = next(one["encoding"]["tooltip"] for one in layers(figure) if "tooltip" in one["encoding"])
        assert {tip["field"] for tip in tips} <= rows(figure)[0].keys(), kind
        for row, (text, *values) in zip(rows(figure), expected, strict=False):
            assert text in (row.get("text"), row.get("number"), row.get("verdict")), kind
            assert all(value in row.values() for value in values), (kind, row)
        assert "$" not in json.dumps({**figure.vega, "$schema": "", "data": ""}).replace('"$schema"', ""), (
            kind
        )


def test_lines_have_every_value_of_the_table_and_its_words(shares):
    shares.loc[4, ["share", "low", "high"]] = np.nan
    figure = plots.lines(
        shares, y="share", by="economy", focus="CHN", unit="%", labels={"CHN": "China"}, band=("low", "high"), base_year=2015, **WORDS
    )  # fmt: skip
    found = pd.DataFrame(rows(figure)).set_index(["label", "x"])
    there = shares.replace({"economy": {"CHN": "China"}}).set_index(["economy", "year"])["share"]
    pd.testing.assert_series_equal(
        found["value"].sort_index(), there.sort_index(), check_names=False, check_index=False
    )
    china = found.loc[("China", 2016)]
    assert (china["text"], china["interval"], china["end"]) == ("27.0%", "26.0% to 28.0%", "China 27.0%")
    assert found.index[-1][0] == "China"  # the focus is drawn on top
    hover = layers(figure)[-1]["encoding"]
    assert [tip["title"] for tip in hover["tooltip"]] == ["economy", "year", "share", "interval"]
    assert hover["x"]["axis"]["values"] == [2014, 2015, 2016]
    copied = [["label", "economy"], ["x", "year"], ["value", "share"], ["low", "low"], ["high", "high"]]
    assert figure.vega["usermeta"]["columns"] == copied
    assert figure.vega["description"] == figure.alt_text
    assert "Source: NCSES" in figure.vega["title"]["subtitle"]


def test_panels_are_facets_in_their_order(shares):
    table = pd.concat([shares.assign(panel=name) for name in ("Ships", "Cars")])
    figure = plots.small_multiples(table, y="share", panel="panel", by="economy", focus="CHN", **WORDS)
    assert figure.vega["facet"]["sort"] == ["Ships", "Cars"]
    assert len(rows(figure)) == 12
    assert [row["end"] for row in rows(figure) if "end" in row] == ["27.0", "27.0"]


def test_bars_keep_order_interval_and_equal_labels_apart():
    table = pd.DataFrame({"item": ["b", "a", "a"], "value": [1.0, -2.0, 3]})
    table = table.assign(low=table["value"] - 1, high=table["value"] + 1)
    look = {"interval": ("low", "high"), "focus": ["b"], "unit": "points"}
    figure = plots.bars(table, item="item", value="value", **look, **WORDS)
    found = rows(figure)
    assert [(row["value"], row["in_focus"]) for row in found] == [(1.0, True), (-2.0, False), (3.0, False)]
    assert found[1]["interval"] == "−3.0 to −1.0"
    assert len({row["label"] for row in found}) == 3
    assert layers(figure)[0]["encoding"]["y"]["sort"] == [row["label"] for row in found]


def test_a_figure_with_too_many_rows_stays_an_image(shares, monkeypatch):
    monkeypatch.setattr(vega, "MOST", 5)
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", **WORDS)
    assert figure.vega is None
    assert figure._repr_mimebundle_() == {}
    with pytest.raises(TableError, match="more than 5 rows"):
        plots.hover(figure)


def test_recording_writes_the_specification_beside_the_image_and_shows_both(shares, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setenv(rec.RUN_DIR, str(tmp_path))
    monkeypatch.setattr(rec, "display", lambda content, metadata=None: shown.append(content))
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", **WORDS)
    rec.record_figure("shares", figure)
    kept = json.loads((tmp_path / "figures/shares.vl.json").read_text(encoding="utf-8"))
    assert kept == figure.vega == shown[0][vega.MIME]
    assert shown[0]["image/png"].startswith(b"\x89PNG")
    image = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["images"]["shares"]
    assert image["vega"] == "figures/shares.vl.json"
