"""`partner_dependence`: its values are those of the raw rows and counts agree with the lines."""

from collections import defaultdict

import pytest


def test_a_higher_threshold_is_never_passed_by_more(run_once):
    third, most = (run_once("partner_dependence", threshold=name) for name in ("third", "two_thirds"))
    counted = "battery_dependent_end made_over_base made_over_last exports_over_last us_products_over"
    for name in counted.split():
        assert third.numbers[name] >= most.numbers[name]
    assert third["figures"]["battery_importers_end"] == most["figures"]["battery_importers_end"]
    for one in (third, most):
        change = one.numbers["made_over_last"] - one.numbers["made_over_base"]
        assert one.numbers["supply_over_change"] == change
    held = most.table("since").set_index("series")
    both = held.dropna()
    assert (both["a third"] <= both["half"]).all()
    assert (both["half"] <= both["two thirds"]).all()
    assert (held["a third"] >= held["first_year"]).all()
    # China's gallium is not listed before 2011: a missing figure is not zero.
    assert held.loc["Gallium, primary", "first_year"] == 2011
    assert not any("Ferrosilicon" in series for series in held.index)


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_once, raw_rows):
    supplied = defaultdict(dict)
    for row in raw_rows("comtrade-ev-battery/comtrade_ev_battery_imports_2018_2024.csv.gz"):
        if row["cmd_code"] == "850760" and row["partner"] != "W00" and float(row["value_usd"]) > 0:
            supplied[row["year"], row["importer"]][row["partner"]] = float(row["value_usd"])
    found = run_once("partner_dependence").numbers
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
        assert found[f"battery_importers_{name}"] == len(large)
        assert found[f"battery_dependent_{name}"] == len(over)
        assert found[f"battery_captive_{name}"] == len(alone)
        assert found[f"battery_china_share_{name}"] == pytest.approx(china)
