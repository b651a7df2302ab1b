"""Tables and sentences of the export-specialization analysis."""

from __future__ import annotations

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.evidence import specialization as evidence


def table(before: float, after: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product": ["C26", "C13T15"], "label": ["Computers and electronics", "Textiles and clothing"], "targeted": [True, False],
            "rca_2015": [before, 2.0], "rca_2020": [after, 0.5],
        }
    )  # fmt: skip


def test_what_was_gained_and_lost_is_named():
    text = evidence.say_advantage(table(0.8, 1.9), economy="CHN", base=2015, end=2020)
    assert "in 1 of 2 industries, above all computers and electronics (1.9)" in text
    assert "Since 2015 it gained computers and electronics and lost textiles and clothing." in text
    assert "the advantage rose in computers and electronics, and fell in none" in text


def test_turned_around():
    text = evidence.say_advantage(table(1.9, 0.8), economy="CHN", base=2015, end=2020)
    assert "in none of the industries" in text
    assert "lost computers and electronics and textiles and clothing" in text
    assert "rose in none, and fell in computers and electronics" in text


def test_a_change_within_the_margin_is_none_and_the_margin_is_said():
    words = {"economy": "CHN", "base": 2015, "end": 2020}
    assert "rose in none, and fell in none (by more than 0.1;" in evidence.say_advantage(
        table(1.8, 1.88), **words
    )
    assert "rose by more than 0.1 in 0 of 1 industries" in evidence.title_advantage(table(1.8, 1.88), **words)
    assert "rose by more than 0.1 in 1 of 1 industries" in evidence.title_advantage(table(1.8, 1.92), **words)


def groups(targeted: tuple[float, float], other: tuple[float, float]) -> pd.DataFrame:
    rows = [("targeted", *targeted), ("other", *other)]
    frame = pd.DataFrame(rows, columns=["group", "before", "after"])
    return frame.assign(change=frame["after"] - frame["before"])


def test_groups_are_compared_as_a_difference_of_differences():
    text = evidence.say_groups(groups((0.8, 0.7), (0.7, 0.3)), economy="CHN", base=2015)
    assert "0.30 points a year more in the plan’s industries" in text
    text = evidence.say_groups(groups((0.7, 0.3), (0.8, 0.7)), economy="CHN", base=2015)
    assert "0.30 points a year less in the plan’s industries" in text
    assert "not the effect of the plan" in text


def test_shares_of_the_groups_by_hand():
    rows = [
        (year, exporter, product, value)
        for year, china in ((2010, 10.0), (2015, 20.0), (2020, 40.0))
        for exporter, product, value in (
            ("CHN", "C26", china), ("USA", "C26", 100 - china), ("CHN", "C13T15", 50.0), ("USA", "C13T15", 50.0), ("USA", "A03", 7.0),
        )
    ]  # fmt: skip
    flows = pd.DataFrame(rows, columns=["year", "exporter", "product", "value"])
    found = evidence.groups(flows, economy="CHN", base=2015).set_index("group")
    assert found.loc["targeted", ["before", "after"]].tolist() == pytest.approx([2.0, 4.0])
    assert found.loc["other", ["before", "after"]].tolist() == pytest.approx([0.0, 0.0])


def test_the_figures_of_the_committed_table():
    """China's share of the 76 economies' exports of intermediates, C26: README of the sources."""
    flows = evidence.goods(lab.load("intermediate_exports"))
    found = evidence.by_year(flows, economy="CHN", years=[2005, 2015, 2020]).set_index("product")
    assert found.loc["C26", ["share_2005", "share_2015", "share_2020"]].round(1).tolist() == [
        16.3,
        27.0,
        31.4,
    ]
    ranks = evidence.complexity_by_year(flows[flows["year"].isin([1995, 2020])])
    own = ranks[ranks["exporter"] == "CHN"].set_index("year")
    assert own.loc[2020, "rank"] < own.loc[1995, "rank"]
    assert own["economies"].tolist() == [76, 76]
    assert "(1 is the most complex)" in evidence.say_complexity(
        ranks, economy="CHN", start=1995, base=2015, end=2020
    )
