"""`limits_of_leverage`: its values are those of the raw rows and a higher threshold is passed by fewer."""

from statistics import median

import pytest

#: Currencies and their economies.
HOMES = (
    "AUD AUS CAD CAN CHF CHE CZK CZE GBP GBR HKD HKG JPY JPN MXN MEX MYR MYS PLN POL SAR SAU SEK SWE SGD SGP "
    "THB THA USD USA KRW KOR INR IND BRL BRA VND VNM RUB RUS AED ARE TRY TUR IDR IDN NOK NOR"
)


def test_a_higher_threshold_is_passed_by_fewer(run_once):
    low, high = (
        run_once("limits_of_leverage", base_year=2012, threshold=level).numbers for level in (40.0, 75.0)
    )
    for group in ("china", "others"):
        for year in ("base", "last"):
            assert low[f"materials_{group}_{year}"] >= high[f"materials_{group}_{year}"]
    assert low["materials_china_last"] > high["materials_china_last"]
    assert low["renminbi_weight"] == high["renminbi_weight"]
    assert "chip_tools_beyond_reach" not in low  # only with the user's own table


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_once, raw_rows):
    found = run_once("limits_of_leverage").numbers
    wdi = {
        (row["indicator"], row["iso3"], row["year"]): float(row["value"])
        for row in raw_rows("wdi/wdi_indicators_2026-07.csv.gz")
    }
    imports = raw_rows("itc-china-imports-hs6/china_imports_from_world_hs6_2001_2019.csv.gz")
    early, late = (
        sum(float(row[year] or 0) for row in imports if row["product_code"].startswith("8486"))
        / wdi["NY.GDP.MKTP.CD", "CHN", year]
        for year in ("2015", "2019")
    )
    assert found["chip_tools_imports_change"] == pytest.approx(100 * (late / early - 1), rel=1e-6)
    japan = {
        (row["goods"], row["year"]): float(row["value"])
        for row in raw_rows("japan-trade-goods/japan_trade_area_goods_2009_2026.csv.gz")
        if row["ex_im"] == "export" and row["area"] == "China"
    }
    early, late = (
        japan["Semicon Machinery Etc", year] / japan["Grand Total", year] for year in ("2017", "2025")
    )
    assert found["japan_chip_tools_change"] == pytest.approx(100 * (late / early - 1), rel=1e-6)
    paid, received = (wdi[f"{side}.GSR.ROYL.CD", "CHN", "2025"] for side in ("BM", "BX"))
    assert found["ip_paid_for_each_received"] == pytest.approx(paid / received)
    # The weight of the renminbi: payments over exports, relative to the median currency.
    listed = {
        row["currency"]: float(row["value"])
        for row in raw_rows("currency-shares/currency_shares.csv")
        if (row["month"], row["scope"]) == ("2023-08", "all payments, with the euro area")
    }
    homes = HOMES.split()
    weights = [
        listed.get(currency, min(listed.values())) / wdi["TX.VAL.MRCH.CD.WT", home, "2023"]
        for currency, home in zip(homes[::2], homes[1::2], strict=True)
    ]
    expected = 100 * (listed["CNY"] / wdi["TX.VAL.MRCH.CD.WT", "CHN", "2023"]) / median(weights)
    assert found["renminbi_weight"] == pytest.approx(expected)


@pytest.mark.mirror
def test_makers_of_chip_tools_are_those_of_the_raw_rows(run_cells, raw_rows, built):
    built("semiconductor_chain")
    provision, inputs, providers = (
        raw_rows(f"eto-semiconductors/{name}.csv") for name in ("provision", "inputs", "providers")
    )
    tools = {row["input_id"] for row in inputs if row["type"] == "tool_resource"}
    firms = {row["provider_id"] for row in providers if row["provider_type"] == "organization"}
    china = {}
    known = set()
    for row in provision:
        tool = row["provided_id"]
        if tool in tools and row["provider_id"] not in firms and row["share_provided"]:
            known.add(tool)
            if row["provider_name"] == "CHN":
                china[tool] = max(china.get(tool, (0, 0.0)), (int(row["year"]), float(row["share_provided"])))
    small = [tool for tool in known if china.get(tool, (0, 0.0))[1] <= 10]
    found = run_cells("limits_of_leverage", chain="semiconductor_chain").numbers["chip_tools_beyond_reach"]
    assert found == pytest.approx(100 * len(small) / len(known))
