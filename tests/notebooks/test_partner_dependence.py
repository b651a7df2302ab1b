"""`partner_dependence`: its values are those of the raw rows, counts agree with the lines, and wrong requests are explained."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.analyses import validate
from mic2025lab.errors import ParameterError

RAW = "comtrade-ev-battery/comtrade_ev_battery_imports_2018_2024.csv.gz"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"base_year": 2011}, "base_year"),
        ({"base_year": 2017}, "base_year"),
        ({"threshold": "most"}, "threshold"),
        ({"least_imports": 5}, "least_imports"),
        ({"union": "both"}, "union"),
    ],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate("partner_dependence", values)


def test_a_higher_threshold_is_never_passed_by_more(run_cells: Callable) -> None:
    third, most = (run_cells("partner_dependence", threshold=name) for name in ("third", "two_thirds"))
    for name in (
        "battery_dependent_end",
        "made_over_base",
        "made_over_last",
        "exports_over_last",
        "us_products_over",
    ):
        assert third["figures"][name]["value"] >= most["figures"][name]["value"]
    assert third["figures"]["battery_importers_end"] == most["figures"]["battery_importers_end"]
    for one in (third, most):
        change = one["figures"]["made_over_last"]["value"] - one["figures"]["made_over_base"]["value"]
        assert one["figures"]["supply_over_change"]["value"] == change
    held = pd.read_csv(most["folder"] / most["tables"]["since"]["file"]).set_index("series")
    both = held.dropna()
    assert (both["a third"] <= both["half"]).all()
    assert (both["half"] <= both["two thirds"]).all()
    assert (held["a third"] >= held["first_year"]).all()
    # China's gallium is not listed before 2011: a missing figure is not zero.
    assert held.loc["Gallium, primary", "first_year"] == 2011
    assert not any("Ferrosilicon" in series for series in held.index)


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    supplied: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    with gzip.open(mirror / RAW, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["cmd_code"] == "850760" and row["partner"] != "W00" and float(row["value_usd"]) > 0:
                supplied[row["year"], row["importer"]][row["partner"]] = float(row["value_usd"])
    figures = run_cells("partner_dependence")["figures"]
    for year, name in (("2020", "start"), ("2024", "end")):
        large = [
            sold
            for (when, importer), sold in supplied.items()
            if when == year and importer not in ("CHN", "EUR", "R4") and sum(sold.values()) > 10e6
        ]
        over = [sold for sold in large if sold.get("CHN", 0) > sum(sold.values()) / 2]
        alone = [
            sold
            for sold in over
            if not any(value > sum(sold.values()) / 10 for code, value in sold.items() if code != "CHN")
        ]
        china = 100 * sum(sold.get("CHN", 0) for sold in large) / sum(sum(sold.values()) for sold in large)
        assert figures[f"battery_importers_{name}"]["value"] == len(large)
        assert figures[f"battery_dependent_{name}"]["value"] == len(over)
        assert figures[f"battery_captive_{name}"]["value"] == len(alone)
        assert figures[f"battery_china_share_{name}"]["value"] == pytest.approx(china)
