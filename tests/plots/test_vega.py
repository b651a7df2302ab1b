"""The specification of a figure has the numbers of its table, and what a reader sees on hover."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from mic2025lab import plots
from mic2025lab.errors import TableError
from mic2025lab.plots import vega
from mic2025lab.results import record as rec

WORDS = {"title": "China rose", "subtitle": "Share, %", "source": "NCSES"}


@pytest.fixture
def shares() -> pd.DataFrame:
    years = [2014, 2015, 2016]
    table = pd.DataFrame({"economy": ["CHN"] * 3 + ["USA"] * 3, "year": years * 2})
    table["share"] = [25.9, 27.2, 27.0, 17.0, np.nan, 17.1]
    table["low"], table["high"] = table["share"] - 1, table["share"] + 1
    return table.assign(forecast=[False, False, True] * 2)


def rows(figure: Any) -> list[dict[str, Any]]:
    json.dumps(figure.vega, allow_nan=False)  # plain values only
    return figure.vega["data"]["values"]


def marks(spec: dict[str, Any]) -> list[str]:
    layers = spec.get("spec", spec).get("layer", [spec])
    return [layer["mark"]["type"] for layer in layers]


def tips(spec: dict[str, Any]) -> list[str]:
    layers = spec.get("spec", spec)["layer"]
    return next(
        [tip["title"] for tip in layer["encoding"]["tooltip"]]
        for layer in layers[::-1]
        if "tooltip" in layer["encoding"]
    )


def test_lines_have_every_value_of_the_table_and_its_words(shares: pd.DataFrame) -> None:
    figure = plots.lines(
        shares, y="share", by="economy", focus="CHN", unit="%", labels={"CHN": "China"}, band=("low", "high"), base_year=2015, **WORDS
    )  # fmt: skip
    found = pd.DataFrame(rows(figure)).set_index(["label", "x"])
    for one in shares.to_dict("records"):
        there = found.loc[({"CHN": "China"}.get(one["economy"], one["economy"]), one["year"]), "value"]
        assert (pd.isna(there) and pd.isna(one["share"])) or there == one["share"]
    china = found.loc[("China", 2016)]
    assert (china["text"], china["interval"], china["end"]) == ("27.0%", "26.0% to 28.0%", "China 27.0%")
    assert found.index[-1][0] == "China"  # the focus is drawn on top
    assert tips(figure.vega) == ["economy", "year", "share", "interval"]
    fields = ["label", "x", "value", "low", "high"]
    assert figure.vega["usermeta"]["columns"] == [
        list(pair) for pair in zip(fields, ["economy", "year", "share", "low", "high"], strict=True)
    ]
    assert figure.vega["layer"][-1]["encoding"]["x"]["axis"]["values"] == [2014, 2015, 2016]
    assert figure.vega["description"] == figure.alt_text
    assert "Source: NCSES" in figure.vega["title"]["subtitle"]


def test_a_lone_value_is_a_dot_and_dashes_begin_at_the_last_solid_point(shares: pd.DataFrame) -> None:
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", dashed="forecast", **WORDS)
    found = rows(figure)
    assert [(row["label"], row["x"]) for row in found if row.get("alone")] == [("USA", 2014), ("USA", 2016)]
    assert [(row["label"], row["x"]) for row in found if row.get("turn")] == [("USA", 2014), ("CHN", 2015)]
    assert marks(figure.vega).count("line") == 2


def test_panels_are_facets_in_their_order(shares: pd.DataFrame) -> None:
    table = pd.concat([shares.assign(panel=name) for name in ("Ships", "Cars")])
    figure = plots.small_multiples(table, y="share", panel="panel", by="economy", focus="CHN", **WORDS)
    assert figure.vega["facet"]["sort"] == ["Ships", "Cars"]
    assert len(rows(figure)) == 12
    assert [row["end"] for row in rows(figure) if "end" in row] == ["27.0", "27.0"]


def test_bars_keep_order_interval_and_equal_labels_apart() -> None:
    table = pd.DataFrame(
        {"item": ["b", "a", "a"], "value": [1.0, -2.0, 3], "low": [0.5, -3, 2], "high": [1.5, -1, 4]}
    )
    figure = plots.bars(
        table, item="item", value="value", interval=("low", "high"), focus=["b"], unit="points", **WORDS
    )
    found = rows(figure)
    assert [row["value"] for row in found] == list(table["value"])
    assert [row["text"] for row in found] == ["+1.0 points", "−2.0 points", "+3.0 points"]
    assert [row["interval"] for row in found][1] == "−3.0 to −1.0"
    assert len({row["label"] for row in found}) == 3
    assert [row["in_focus"] for row in found] == [True, False, False]
    bar = figure.vega["layer"][0]["encoding"]
    assert bar["y"]["sort"] == [row["label"] for row in found]


def test_each_other_kind_carries_its_numbers() -> None:
    table = pd.DataFrame({"item": ["a", "b"], "one": [1.0, 2.0], "two": [3.0, -1.0], "all": [4.0, 1.0]})
    figure = plots.dumbbells(
        table, item="item", points=["one", "two"], point_labels=["2010", "2020"], **WORDS
    )
    assert [(row["label"], row["point"], row["value"]) for row in rows(figure)] == [
        ("a", "2010", 1.0), ("a", "2020", 3.0), ("b", "2010", 2.0), ("b", "2020", -1.0),
    ]  # fmt: skip
    figure = plots.contributions(
        table, item="item", parts={"one": "First", "two": "Second"}, total="all", **WORDS
    )
    assert [(row["part"], row["value"], row["total"]) for row in rows(figure)][:2] == [
        ("First", 1.0, "total 4.0"), ("Second", 3.0, "total 4.0"),
    ]  # fmt: skip
    forest = pd.DataFrame({"item": ["a", "b"], "at": [0.5, np.nan], "low": [0.1, np.nan], "high": [0.9, np.nan], "margin": [0.1, 0.1],
                           "outcome": ["for", "missing"], "number": ["+2 points", "no data"], "other": [[0.4, 0.6], []]})  # fmt: skip
    names = {
        "item": "item",
        "value": "at",
        "low": "low",
        "high": "high",
        "margin": "margin",
        "outcome": "outcome",
        "number": "number",
    }
    figure = plots.forest(forest, estimates="other", **names, **WORDS)
    assert [(row["value"], row.get("estimates"), row["text"]) for row in rows(figure)] == [
        (0.5, [0.4, 0.6], "+2 points"), (None, None, "no data"),
    ]  # fmt: skip
    cells = pd.DataFrame(
        {"row": ["Ships", "Ships"], "column": ["Share", "Cost"], "v": [3.0, np.nan], "side": [1, 0]}
    )
    figure = plots.heat(cells, row="row", column="column", value="v", toward="side", **WORDS)
    assert [(row["label"], row["column"], row["value"], row["text"]) for row in rows(figure)] == [
        ("Ships", "Share", 3.0, "+3.0"), ("Ships", "Cost", None, "no data"),
    ]  # fmt: skip
    claims = [
        {"number": 1, "kind": "a", "label": "Rose", "verdict": "mixed", "outcomes": ["for", "against"], "coverage": "2 of 3"},
        {"number": 2, "kind": "a", "label": "Fell", "verdict": "not testable", "outcomes": []},
    ]  # fmt: skip
    figure = plots.verdicts(claims, panels=[{"a": "Aims"}], **WORDS)
    assert [(row["label"], row["test"], row["outcome"]) for row in rows(figure)] == [
        ("1 Rose", 1, "for"), ("1 Rose", 2, "against"), ("2 Fell", 1, None),
    ]  # fmt: skip


def test_a_figure_with_too_many_rows_stays_an_image(
    shares: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vega, "MOST", 5)
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", **WORDS)
    assert figure.vega is None
    assert figure._repr_mimebundle_() == {}
    with pytest.raises(TableError, match="more than 5 rows"):
        plots.hover(figure)


def test_recording_writes_the_specification_beside_the_image_and_shows_both(
    shares: pd.DataFrame, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setenv(rec.RUN_DIR, str(tmp_path))
    monkeypatch.setattr(rec, "display", lambda content, metadata=None: shown.append(content))
    figure = plots.lines(shares, y="share", by="economy", focus="CHN", **WORDS)
    rec.record_figure("shares", figure)
    kept = json.loads((tmp_path / "figures/shares.vl.json").read_text(encoding="utf-8"))
    assert kept == figure.vega == shown[0][vega.MIME]
    assert shown[0]["image/png"].startswith(b"\x89PNG")
    image = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["images"]["shares"]
    assert image["vega"] == "figures/shares.vl.json"
