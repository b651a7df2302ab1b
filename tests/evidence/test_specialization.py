"""Shares of exports of `sector_profile`."""

from __future__ import annotations

import mic2025lab as lab
from mic2025lab.evidence import specialization as evidence


def test_the_figures_of_the_committed_table():
    """China's share of the 76 economies' exports of intermediates, C26: README of the sources."""
    flows = evidence.goods(lab.load("intermediate_exports"))
    found = evidence.by_year(flows, economy="CHN", years=[2005, 2015, 2020]).set_index("product")
    assert found.loc["C26", ["share_2005", "share_2015", "share_2020"]].round(1).tolist() == [
        16.3,
        27.0,
        31.4,
    ]
