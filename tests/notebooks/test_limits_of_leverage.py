"""`limits_of_leverage`: its values are those of the raw rows, a higher threshold is passed by fewer, and wrong requests are explained."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from mic2025lab.analyses import validate
from mic2025lab.catalog.build import build
from mic2025lab.errors import ParameterError

#: Currencies and their economies.
HOMES = (
    "AUD AUS CAD CAN CHF CHE CZK CZE GBP GBR HKD HKG JPY JPN MXN MEX MYR MYS PLN POL SAR SAU SEK SWE SGD SGP "
    "THB THA USD USA KRW KOR INR IND BRL BRA VND VNM RUB RUS AED ARE TRY TUR IDR IDN NOK NOR"
)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"base_year": 2011}, "base_year"),
        ({"base_year": 2017}, "base_year"),
        ({"threshold": 33.0}, "threshold"),
        ({"chain": "chips"}, "chain"),
    ],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate("limits_of_leverage", values)


def test_a_higher_threshold_is_passed_by_fewer(run_cells: Callable) -> None:
    low, high = (run_cells("limits_of_leverage", threshold=level)["figures"] for level in (40.0, 75.0))
    for name in (
        "materials_china_base",
        "materials_china_last",
        "materials_others_base",
        "materials_others_last",
    ):
        assert low[name]["value"] >= high[name]["value"]
    assert low["materials_china_last"]["value"] > high["materials_china_last"]["value"]
    assert low["renminbi_weight"] == high["renminbi_weight"]
    assert "chip_tools_beyond_reach" not in low  # only with the user's own table


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    figures = run_cells("limits_of_leverage")["figures"]
    wdi = {
        (row["indicator"], row["iso3"], row["year"]): float(row["value"])
        for row in rows(mirror / "wdi/wdi_indicators_2026-07.csv.gz")
    }
    bought = {"2015": 0.0, "2019": 0.0}
    for row in rows(mirror / "itc-china-imports-hs6/china_imports_from_world_hs6_2001_2019.csv.gz"):
        if row["product_code"].startswith("8486"):
            bought = {year: value + float(row[year] or 0) for year, value in bought.items()}
    over = {year: value / wdi["NY.GDP.MKTP.CD", "CHN", year] for year, value in bought.items()}
    change = 100 * (over["2019"] / over["2015"] - 1)
    assert figures["chip_tools_imports_change"]["value"] == pytest.approx(change, rel=1e-6)
    japan = {
        (row["goods"], row["year"]): float(row["value"])
        for row in rows(mirror / "japan-trade-goods/japan_trade_area_goods_2009_2026.csv.gz")
        if row["ex_im"] == "export" and row["area"] == "China"
    }
    share = {
        year: japan["Semicon Machinery Etc", year] / japan["Grand Total", year] for year in ("2017", "2025")
    }
    change = 100 * (share["2025"] / share["2017"] - 1)
    assert figures["japan_chip_tools_change"]["value"] == pytest.approx(change, rel=1e-6)
    paid, received = (wdi[f"{side}.GSR.ROYL.CD", "CHN", "2025"] for side in ("BM", "BX"))
    assert figures["ip_paid_for_each_received"]["value"] == pytest.approx(paid / received)


@pytest.mark.mirror
def test_the_weight_of_the_renminbi_is_that_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    sold = {
        row["iso3"]: float(row["value"])
        for row in rows(mirror / "wdi/wdi_indicators_2026-07.csv.gz")
        if (row["indicator"], row["year"]) == ("TX.VAL.MRCH.CD.WT", "2023")
    }
    with (mirror / "currency-shares/currency_shares.csv").open(encoding="utf-8") as file:
        listed = {
            row["currency"]: float(row["value"])
            for row in csv.DictReader(file)
            if row["month"] == "2023-08" and row["scope"] == "all payments, with the euro area"
        }
    homes = HOMES.split()
    weights = [
        listed.get(currency, min(listed.values())) / sold[home]
        for currency, home in zip(homes[::2], homes[1::2], strict=True)
    ]
    expected = 100 * (listed["CNY"] / sold["CHN"]) / median(weights)
    assert run_cells("limits_of_leverage")["figures"]["renminbi_weight"]["value"] == pytest.approx(expected)


@pytest.mark.mirror
def test_makers_of_chip_tools_are_those_of_the_raw_rows(
    run_cells: Callable, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    build(["semiconductor_chain"], mirror=mirror)
    folder = mirror / "eto-semiconductors"
    tables = {}
    for name in ("provision", "inputs", "providers"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            tables[name] = list(csv.DictReader(file))
    tools = {row["input_id"] for row in tables["inputs"] if row["type"] == "tool_resource"}
    firms = {row["provider_id"] for row in tables["providers"] if row["provider_type"] == "organization"}
    china: dict[str, tuple[int, float]] = {}
    known = set()
    for row in tables["provision"]:
        tool = row["provided_id"]
        if tool in tools and row["provider_id"] not in firms and row["share_provided"]:
            known.add(tool)
            if row["provider_name"] == "CHN":
                china[tool] = max(china.get(tool, (0, 0.0)), (int(row["year"]), float(row["share_provided"])))
    small = [tool for tool in known if china.get(tool, (0, 0.0))[1] <= 10]
    figure = run_cells("limits_of_leverage", chain="semiconductor_chain")["figures"][
        "chip_tools_beyond_reach"
    ]
    assert figure["value"] == pytest.approx(100 * len(small) / len(known))
