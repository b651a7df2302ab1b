"""Figures of the tables, computed again from the raw files with the csv module alone, beside published ones where there are any."""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.classifications import economies, products
from mic2025lab.sources import TABLES
from mic2025lab.sources.fetch import locate

pytestmark = pytest.mark.mirror


def rows(mirror: Path, path: str) -> Iterator[dict[str, str]]:
    """Read a raw file row by row."""
    file = mirror / path
    with (
        gzip.open(file, "rt", encoding="utf-8") if path.endswith(".gz") else file.open(encoding="utf-8")
    ) as text:
        yield from csv.DictReader(text)


NSF = "nsf-patents-publications"


def test_exports_of_manufactures(mirror: Path) -> None:
    """The file and table 10759 of another folder agree, and levels of China are those printed."""
    block, raw = "", {}
    for row in rows(mirror, "nsf-kti-trade/10759.csv"):
        if row["2002"] == "":
            block = row["economy"]
        else:
            raw[block, row["economy"]] = row
    table = lab.load("manufactures_exports")
    cell = table.set_index(["industry", "economy", "year"])["value"].sort_index()
    label = next(name for name, _ in raw if name.startswith("Manufacturing"))
    for year in (2002, 2015, 2022):
        share = float(raw[label, "China"][str(year)]) / float(raw[label, "World (75)"][str(year)])
        ours = cell["manufacturing", "CHN", year] / cell["manufacturing", "WLD", year]
        assert ours == pytest.approx(share, rel=1e-12)
    published = {2015: 2_467_374, 2018: 2_741_979, 2022: 3_749_532}  # all industries
    assert cell["all_industries", "CHN"][list(published)].to_dict() == published


@pytest.mark.parametrize(
    ("path", "measure", "year", "economy", "label", "published"),
    [
        (
            "international_patent_families_35_fields_1998_2020.csv.gz",
            "families",
            2015,
            "WLD",
            "World",
            724_539,
        ),
        (
            "international_patent_families_35_fields_1998_2020.csv.gz",
            "families",
            2020,
            "CHN",
            "China",
            456_088,
        ),
        ("uspto_utility_patents_1998_2022.csv", "uspto", 2022, "CHN", "China", 27_769),
        ("uspto_utility_patents_1998_2022.csv", "uspto", 2022, "WLD", "World", 324_698),
    ],
)
def test_patents(
    mirror: Path, path: str, measure: str, year: int, economy: str, label: str, published: int
) -> None:
    raw = [
        float(row["value"])
        for row in rows(mirror, f"{NSF}/{path}")
        if (row["series"], row["economy"], row["year"]) == ("total", label, str(year))
    ]
    ours = lab.load("patents_by_field", measure=measure, year=year, economy=economy, field="total")["value"]
    assert raw == ours.tolist() == [published]


def test_pct_applications_of_the_world_add_up(mirror: Path) -> None:
    path = f"{NSF}/pct_applications_2000_2022.csv"
    raw = sum(
        float(row["value"])
        for row in rows(mirror, path)
        if (row["series"], row["economy"]) == ("total", "World")
    )
    ours = lab.load("patents_by_field", measure="pct", economy="WLD", field="total")["value"].sum()
    assert raw == ours == 4_031_717


def test_fields_within_a_sector_add_up_to_the_total_of_families(mirror: Path) -> None:
    raw: dict[str, float] = defaultdict(float)
    for row in rows(mirror, f"{NSF}/international_patent_families_35_fields_1998_2020.csv.gz"):
        if (row["economy"], row["year"]) == ("China", "2015") and row["series"] != "total":
            raw["all"] += float(row["value"])
            raw["digital"] += float(row["value"]) * (row["series"] == "digital communication")
    china = lab.load("patents_by_field", measure="families", economy="CHN", year=2015).set_index("field")
    assert china["value"].drop("total").sum() == raw["all"]
    assert china.loc["digital_communication", "value"] == raw["digital"]
    assert abs(raw["all"] - china.loc["total", "value"]) <= 5


def test_articles(mirror: Path) -> None:
    path = f"{NSF}/articles_fractional_2003_2022.csv.gz"
    raw = {
        row["economy"]: float(row["value"])
        for row in rows(mirror, path)
        if (row["series"], row["year"]) == ("all fields", "2022")
    }
    ours = lab.load("articles", year=2022, field="total").set_index("economy")["value"]
    assert ours["CHN"] == raw["China"]
    assert round(ours["CHN"]) == 898_949
    assert ours["CHN"] / ours["WLD"] == raw["China"] / raw["World"]


def test_top_cited_articles(mirror: Path) -> None:
    """The table has every estimate of the file, and none for what the file marks ne or na."""
    path = f"{NSF}/top1pct_cited_share_2003_2020.csv"
    raw = {
        (row["series"], row["year"]): row["value"] for row in rows(mirror, path) if row["economy"] == "China"
    }
    ours = lab.load("top_cited_articles", economy="CHN").set_index(["field", "year"])["value"]
    assert ours["total", 2020] == float(raw["all fields (Scopus)", "2020"]) > 1
    assert ours["engineering", 2003] == float(raw["engineering", "2003"])
    assert ours.notna().sum() == sum(value not in ("ne", "na") for value in raw.values())


def test_us_imports_by_industry(mirror: Path) -> None:
    """Totals, duty rates, and shares of industries are those of the raw rows, and those that the compilers state."""
    value: dict[tuple[str, str, str], float] = defaultdict(float)
    duty: dict[tuple[str, str, str], float] = defaultdict(float)
    path = "us-imports-naics-2013-2025/us_imports_naics3_monthly_2013_01_2025_11.csv.gz"
    for row in rows(mirror, path):
        cell = row["partner"], row["naics"], row["month"][:4]
        value[cell] += float(row["imports"])
        duty[cell] += float(row["duty"])
    table = lab.load("us_imports_by_industry")
    years = table.groupby(["partner", "year"])[["imports", "duty"]].sum()
    industries = table.groupby(["naics", "partner", "year"])["imports"].sum()
    for year, bn, rate in (
        (2018, 543.3, 4.03),
        (2019, None, 9.00),
        (2024, 429.4, 10.87),
        (2025, None, 30.59),
    ):
        raw = value["CHINA", "00", str(year)], duty["CHINA", "00", str(year)]
        ours = years.loc[("CHN", year)]
        assert (ours["imports"], ours["duty"]) == raw
        assert round(raw[1] / raw[0] * 100, 2) == rate
        assert bn is None or round(raw[0] / 1e9, 1) == bn
    for naics, before, after in (("334", 45.3, 21.4), ("335", 40.5, 28.5)):
        for year, published in ((2015, before), (2024, after)):
            raw = value["CHINA", naics, str(year)] / value["TOTAL FOR ALL COUNTRIES", naics, str(year)] * 100
            ours = industries[naics, "CHN", year] / industries[naics, "WLD", year] * 100
            assert ours == pytest.approx(raw, rel=1e-12)
            assert round(raw, 1) == published
    # The file's European Union has the United Kingdom until 2017.
    for year in (2013, 2017, 2018):
        raw = (
            value["EUROPEAN UNION", "00", str(year)]
            - (year < 2018) * value["UNITED KINGDOM", "00", str(year)]
        )
        assert years.loc[("EU27", year), "imports"] == raw
    assert years.loc[("EU27", 2018), "imports"] > years.loc[("EU27", 2017), "imports"]


ITC = "itc-china-imports-hs6/china_imports_from_world_hs6_2001_2019.csv.gz"


def built(name: str, mirror: Path) -> pd.DataFrame:
    """Build a table that is not embedded."""
    return TABLES[name](lambda source, path: locate(source, path, mirror=mirror))


def test_china_imports_by_sector(mirror: Path) -> None:
    """Heads are sums of raw lines; integrated circuits are what customs published, in billion USD."""
    raw: dict[tuple[str, str], float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for row in rows(mirror, ITC):
        for year in ("2007", "2015", "2018", "2019"):
            code, value = row["product_code"], float(row[year] or 0) / 1000
            raw[code[:4], year] += value
            total[year] += value * (code[:4] not in ("TOTA", "7108", "9999"))
    table = lab.load("china_imports_by_sector")
    cell = table[table["kind"] != "sector"].set_index(["group", "year"])["value"].sort_index()
    medical = ("9018", "9019", "9020", "9021", "9022")
    for year in (2007, 2015, 2018, 2019):
        chips = raw["8542", str(year)]
        assert cell["integrated_circuits", year] == pytest.approx(chips, rel=1e-12)
        assert cell["chip_tools", year] == pytest.approx(raw["8486", str(year)], rel=1e-12)
        assert cell["aircraft", year] == pytest.approx(raw["8802", str(year)], rel=1e-12)
        devices = sum(raw[heading, str(year)] for heading in medical)
        assert cell["medical_devices", year] == pytest.approx(devices, rel=1e-12)
        assert cell["total_without_gold", year] == pytest.approx(total[str(year)], rel=1e-9)
    assert (cell["integrated_circuits"][[2015, 2018]] / 1000).round(1).tolist() == [231.1, 312.7]
    assert "chip_tools" not in table.loc[table["year"] < 2007, "group"].tolist()


def test_a_sector_s_imports_are_those_of_its_codes(mirror: Path) -> None:
    """Rail inputs of 2015 from the reviewed list itself, which is in HS12 as the imports of that year."""
    listed = {
        row["product"]
        for row in csv.DictReader(products.REVIEWED.open(encoding="utf-8"))
        if (row["sector"], row["hs"]) == ("rail", "HS12")
        and row["role"] in ("input", "material")
        and row["confidence"] in ("high", "medium")
    }
    raw = sum(float(row["2015"]) for row in rows(mirror, ITC) if row["product_code"] in listed)
    ours = lab.load("china_imports_by_sector", group="rail", role="inputs", year=2015)
    assert ours["value"].tolist() == pytest.approx([raw / 1000])
    assert ours["lines"].tolist() == [len(listed)]


def test_china_imports_from_the_united_states_by_quarter(mirror: Path) -> None:
    table = built("china_imports_quarterly", mirror)
    years = table.groupby(["partner", "year"])["value"].sum() / 1e6
    assert years["WLD"][[2016, 2017, 2018, 2019]].round(1).tolist() == [1588.7, 1841.0, 2135.0, 2069.0]
    assert round(years["USA", 2018], 1) == 156.0
    raw = 0.0
    for row in rows(mirror, "itc-hs4-quarterly-china-us/china_imports_hs4_quarterly_2015q3_2020q2.csv"):
        if row["partner"].startswith("United") and row["hs4"] == "8486":
            raw = sum(float(row[f"2018-Q{quarter}"] or 0) for quarter in (1, 2, 3, 4))
    ours = table[(table["partner"] == "USA") & (table["product"] == "8486") & (table["year"] == 2018)]
    assert ours["value"].sum() == raw > 0
    annual = built("china_imports", mirror)
    heading = annual[annual["product"].str.startswith("8542") & (annual["year"] == 2018)]["value"].sum()
    chips = table[(table["partner"] == "WLD") & (table["product"] == "8542") & (table["year"] == 2018)][
        "value"
    ]
    assert abs(chips.sum() - heading) < 1_000


def test_china_imports_by_group(mirror: Path) -> None:
    path = "wto-imports-china-japan-korea/merchandise_imports_product_group_2000_2023.csv"
    raw = {
        (row["Reporting Economy ISO3A Code"], row["Product/Sector Code"], int(row["Year"])): float(
            row["Value"]
        )
        for row in rows(mirror, path)
    }
    ours = (
        lab.load("china_imports_by_group")
        .set_index(["economy", "product_group", "year"])["value"]
        .sort_index()
    )
    assert ours["CHN", "total"][[2015, 2018, 2023]].round().tolist() == [1_679_566, 2_135_748, 2_556_565]
    for economy, code, group in (
        ("CHN", "MAMTOTIC", "electronic_components"),
        ("JPN", "MACHPH", "pharmaceuticals"),
    ):
        for year in (2000, 2022):
            assert ours[economy, group, year] == raw[economy, code, year]
    assert round(ours["CHN", "electronic_components", 2015] / 1000, 1) == 261.0


def test_checked_targets_are_the_targets(mirror: Path) -> None:
    """Every row of targets is there once, with its value; the statuses are counted as the compilers count them."""
    key = ["scope", "sector", "id", "indicator", "market", "year"]
    checked = lab.load("targets_checked")
    both = lab.load("targets").merge(checked, on=key, how="outer", suffixes=("", "_checked"), indicator=True)
    assert len(both) == 104
    assert (both["_merge"] == "both").all()
    assert (both["value"] == both["value_checked"]).all()
    assert (both["verified"] == both["verified_before"]).all()
    actuals = lab.load("target_actuals_checked")
    counts = [table["status"].value_counts().to_dict() for table in (checked, actuals)]
    assert counts[0] == {
        "not found": 52, "verified-secondary": 29, "single-secondary": 15, "verified-official": 5, "conflicting": 3,
    }  # fmt: skip
    assert counts[1] == {
        "verified-official": 48, "not found": 19, "verified-secondary": 18, "single-secondary": 11, "conflicting": 2,
    }  # fmt: skip
    assert checked["decides"].sum() == 49
    assert not actuals.loc[actuals["value"].isna() & actuals["value_text"].isna(), "decides"].any()


@pytest.mark.parametrize(
    ("item", "period", "raw_item", "published"),
    [
        ("broadband", "2020", "broadband", 96),
        ("solid_waste", "2020", "solid_waste", 55.4),
        ("Own-brand industrial robots", "2024", "2 Own-brand industrial robots", 58.5),
        ("NEV annual sales", "2025", "6 NEV annual sales", 16.49),
    ],
)
def test_figures_to_compare_with_targets(
    mirror: Path, item: str, period: str, raw_item: str, published: float
) -> None:
    raw = [
        float(row["value"])
        for row in rows(mirror, "reference-checked/actuals_checked.csv")
        if (row["id_or_sector_item"], row["year"]) == (raw_item, period)
    ]
    assert (
        lab.load("target_actuals_checked", item=item, period=period)["value"].tolist() == raw == [published]
    )


def test_motor_vehicles(mirror: Path) -> None:
    """Totals of production are those that OICA printed; a zero that means no report is missing."""
    total: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows(mirror, "oica-vehicles/production_2006_2022.csv"):
        for who in (row["country"], "all"):
            total[who, row["year"]] += int(float(row["vehicles"] or 0))
    table = lab.load("motor_vehicles", measure="production")
    china = table[table["economy"] == "CHN"].groupby("year")["value"].sum()
    world = table.groupby("year")["value"].sum()
    for year, published in ((2015, 24_503_326), (2019, 25_720_665), (2022, 27_020_615)):
        assert china[year] == total["China", str(year)] == published
    assert world[2022] == total["all", "2022"] == 85_016_728
    germany = table.query("economy == 'DEU' and type == 'commercial'").set_index("year")["flag"]
    assert germany[[2017, 2018, 2019]].tolist() == ["not_reported"] * 3
    sold = {
        (row["year"], row["type"]): float(row["vehicles"])
        for row in rows(mirror, "oica-vehicles/sales_2005_2023.csv")
        if row["iso3"] == "CHN"
    }
    ours = lab.load("motor_vehicles", measure="sales", economy="CHN", year=2023)
    assert ours.set_index("type")["value"].to_dict() == {
        "passenger": sold["2023", "pc"],
        "commercial": sold["2023", "cv"],
    }


def test_steel_to_2024(mirror: Path) -> None:
    raw = {
        (row["transcription"], row["country"], row["year"]): float(row["crude_steel_mt"])
        for row in rows(mirror, "crude-steel-2015-2024/crude_steel_by_country_2015_2024.csv")
    }
    both = lab.load("steel_recent", vintage="all").set_index(["transcription", "economy", "year"])["value"]
    for name in ("wikipedia", "steelorbis"):
        share = raw[name, "China", "2024"] / raw[name, "World", "2024"]
        assert both[name, "CHN", 2024] / both[name, "WLD", 2024] == pytest.approx(share)
        assert 0.532 < share < 0.535
    assert both["wikipedia", "CHN", 2018] == 920.0
    common = both.unstack("transcription").dropna()
    assert len(common) == 84
    assert ((common["wikipedia"] - common["steelorbis"]).abs() < 0.1).sum() == 76
    assert set(lab.load("steel_recent")["transcription"]) == {"wikipedia"}


def test_ships(mirror: Path) -> None:
    """Printed shares, and growth of completions in 2023 as printed (11.8%) from the levels."""
    raw = {
        (row["period"], row["indicator"]): row
        for row in rows(mirror, "china-shipbuilding-shares/shipbuilding_shares_2006_2025.csv")
        if (row["economy"], row["measure"]) == ("China", "dwt")
    }
    dwt = lab.load("ships", economy="CHN", measure="dwt")
    table = dwt.set_index(["period", "indicator"])[["value", "share"]]
    for (period, indicator), row in raw.items():
        assert table.loc[(period, indicator), "share"] == float(row["share_world_pct"])
    level = table["value"].xs("completions", level="indicator")
    assert round((level["2023"] / level["2022"] - 1) * 100, 1) == 11.8
    assert table.loc[("2024", "new_orders"), "share"] == 74.1


def test_manufacturing_value_added_of_the_world_bank(mirror: Path) -> None:
    raw = {
        (row["iso3"], row["year"]): float(row["manufacturing_va_current_usd"])
        for row in rows(mirror, "wdi-manufacturing-va/nv_ind_manf_cd_1960_2021.csv")
    }
    value = lab.load("manufacturing_value_added").set_index(["economy", "year"])["value"]
    for year, published in ((2010, 18.1), (2015, 26.0), (2018, 27.3), (2021, 30.4)):
        share = raw["CHN", str(year)] / raw["WLD", str(year)] * 100
        assert value["CHN", year] / value["WLD", year] * 100 == pytest.approx(share, rel=1e-12)
        assert round(share, 1) == published


def test_foreign_direct_investment_and_terms_of_trade(mirror: Path) -> None:
    raw = {
        (row["indicator"], row["year"]): float(row["value"])
        for row in rows(mirror, "wdi-supplement/wdi_fdi_tot_articles_1995_2025.csv")
        if row["iso3"] == "CHN"
    }
    china = lab.load("wdi_supplement", economy="CHN").set_index(["indicator", "year"])["value"]
    inflow = china["fdi_inflow"]
    assert inflow[2021] == pytest.approx(raw["BX.KLT.DINV.CD.WD", "2021"] / 1e9)
    assert inflow[[2021, 2024]].round(1).tolist() == [344.1, 42.6]
    assert china["terms_of_trade", 2015] == raw["TT.PRI.MRCH.XD.WD", "2015"] == 100
    assert len(china) == len(raw)


def test_growth_accounts(mirror: Path) -> None:
    """Growth of output and capital as published, and productivity by the library equal to that from the raw rows."""
    levels = {
        int(row["year"]): row
        for row in rows(mirror, "pwt-11.0-capital/pwt110_levels_capital.csv.gz")
        if row["countrycode"] == "CHN"
    }
    labor = {
        int(row["year"]): row
        for row in rows(mirror, "pwt-11.0/pwt110_labor_detail.csv.gz")
        if row["countrycode"] == "CHN"
    }
    table = lab.load("growth_accounts", economy="CHN").set_index("year")
    change = {name: table.loc[2019, name] / table.loc[2014, name] - 1 for name in ("rgdpna", "rnna")}
    assert {name: round(100 * value, 1) for name, value in change.items()} == {"rgdpna": 38.3, "rnna": 60.0}
    accounts = lab.metrics.growth_accounting(lab.load("growth_accounts", economy="CHN")).set_index("year")

    def log_change(of: dict[int, dict[str, str]], name: str, year: int) -> float:
        return math.log(float(of[year][name]) / float(of[year - 1][name]))

    for year in range(2015, 2024):
        share = sum(float(labor[when]["labsh"]) for when in (year - 1, year)) / 2
        schooling = math.log(table.loc[year, "hc"] / table.loc[year - 1, "hc"])
        by_hand = (
            log_change(levels, "rgdpna", year)
            - (1 - share) * log_change(levels, "rnna", year)
            - share * (log_change(labor, "emp", year) + schooling)
        )
        assert accounts.loc[year, "tfp_growth"] == pytest.approx(by_hand, abs=1e-12)
    by_version = lab.load("national_accounts", vintage="10.01", economy="CHN").set_index("year")["rgdpna"]
    assert round((by_version[2019] / by_version[2014] - 1) * 100, 1) == 16.2


def test_trade_in_knowledge_intensive_products(mirror: Path) -> None:
    """China's exports of 2015 as stated for both editions, in billion USD; the two parts add up to kti."""
    path_of = "region_country_or_economy_full_path"
    raw = {
        name: float(row["field_2015"])
        for name in ("1992", "1993", "1994", "6234")
        for row in rows(mirror, f"nsf-kti-trade/{name}.csv")
        if row[path_of] in ("Exports -> World -> Asia -> China", "Exports -> World -> China")
    }
    china = lab.load("kti_trade", vintage="all", economy="CHN", year=2015, flow="export")
    value = china.set_index(["edition", "products"])["value"]
    assert value["SEI2020", "kti"] == raw["1992"]
    assert round(value["SEI2020", "kti"] / 1000, 1) == 1112.8
    assert value["SEI2022", "kti"] / 1000 == raw["6234"] == 1087.0
    parts = value["SEI2020", "high_rd_intensive"] + value["SEI2020", "medium_high_rd_intensive"]
    assert parts == raw["1993"] + raw["1994"]
    assert abs(parts - raw["1992"]) <= 2
    everyone = lab.load("kti_trade", vintage="all")
    cell = ["edition", "products", "flow", "year"]
    parts = everyone[everyone["level"].isin(["economy", "rest"])].groupby(cell)["value"].sum()
    world = everyone[everyone["level"] == "world"].set_index(cell)["value"]
    assert (parts / world - 1).abs().max() < 1e-3


def test_japan_trade(mirror: Path) -> None:
    raw = {
        (row["ex_im"], row["goods"], int(row["year"])): float(row["value"])
        for row in rows(mirror, "japan-trade-goods/japan_trade_area_goods_2009_2026.csv.gz")
        if row["area"] == "China"
    }
    ours = lab.load("japan_trade", partner="CHN").set_index(["flow", "goods", "year"])["value"].sort_index()
    years = [2015, 2018, 2024]
    assert ours["export", "total"][years].round().tolist() == [13_223, 15_898, 18_862]
    assert ours["import", "total"][years].round().tolist() == [19_429, 19_194, 25_313]
    assert ours["export", "semicon_machinery_etc"][[2017, 2018, 2024]].round().tolist() == [560, 1_080, 2_177]
    for flow, goods, slug in (("export", "(Ic)", "ic"), ("import", "Machinery", "machinery")):
        assert ours[flow, slug, 2024] == raw[flow, goods, 2024]
    world = lab.load("japan_trade", partner="WLD", goods="total", flow="export").set_index("year")["value"]
    assert world[[2015, 2018]].round().tolist() == [75_614, 81_479]


def test_trade_by_firm_type(mirror: Path) -> None:
    raw = {
        (row["flow"], row["period"], row["firm_type"]): float(row["value"])
        for row in rows(mirror, "china-customs-firm-type/trade_by_firm_type.csv")
        if row["unit"] == "1000 USD"
    }
    table = lab.load("trade_by_firm_type", unit="thousand USD", regime="all")
    value = table.set_index(["flow", "period", "firm_type"])["value"]
    for flow, period, published in (
        ("exports", "2023-01..07", 28.8), ("exports", "2024-01..05", 27.3), ("imports", "2019-01..12", 41.3), ("imports", "2023-01..12", 32.4),
    ):  # fmt: skip
        share = raw[flow, period, "foreign_invested"] / raw[flow, period, "total"] * 100
        ours = value[flow, period, "foreign_invested"] / value[flow, period, "total"] * 100
        assert ours == pytest.approx(share)
        assert round(share, 1) == published


def test_currency_shares(mirror: Path) -> None:
    raw: dict[str, float] = defaultdict(float)
    for row in rows(mirror, "currency-shares/currency_shares.csv"):
        if row["month"] == "2023-08" and row["measure"].startswith("SWIFT") and row["verified"] == "yes":
            raw[row["scope"].split(",")[0]] += float(row["value"])
    month = lab.load("currency_shares", measure="payments", month="2023-08").groupby("scope")["value"].sum()
    assert month.round(2).to_dict() == {"all": 98.15, "without_euro_area": 98.87}
    assert sorted(month) == pytest.approx(sorted(raw.values()))
    renminbi = lab.load("currency_shares", currency="CNY", scope="without_euro_area").set_index("month")[
        "value"
    ]
    assert renminbi[["2019-01", "2021-03", "2023-08", "2025-06"]].tolist() == [1.24, 1.72, 2.59, 2.12]


def test_research_firms(mirror: Path) -> None:
    raw: dict[str, list[float]] = defaultdict(list)
    for row in rows(mirror, "eu-rd-scoreboard-2023/rd_scoreboard_firms_us_eu_china_2023.csv"):
        raw[row["region"]].append(float(row["rd_bn_eur"]))
    ours = lab.load("research_firms").groupby("economy")["value"].agg(["sum", "count"])
    assert ours["count"].to_dict() == {"CHN": 556, "EU27": 1000, "USA": 699}
    for economy, region in (("CHN", "China"), ("USA", "US"), ("EU27", "EU")):
        assert ours.loc[economy, "sum"] == pytest.approx(sum(raw[region]), rel=1e-12)


def test_car_brand_shares(mirror: Path) -> None:
    raw = {
        (row["period"], row["brand_origin"]): float(row["share"])
        for row in rows(mirror, "china-car-brand-shares/brand_origin_shares.csv")
        if row["basis"].startswith("CPCA, passenger")
    }
    retail = lab.load("car_brand_shares", basis="retail").set_index(["period", "brand_origin"])["value"]
    assert retail.to_dict() == raw
    assert retail["2024", "Chinese"] == 61.0
    months = lab.load("car_brand_shares").drop_duplicates("period").set_index("period")["months"]
    assert months[["2024", "2024-12", "2022-01..08"]].tolist() == [12, 1, 8]


def test_city_firms(mirror: Path) -> None:
    raw: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows(mirror, "china-city-yearbook-industry/city_industry_fiscal_2018_2023.csv"):
        for name in ("industrial_firms", "hk_macao_taiwan", "foreign", "industrial_profit_10k_yuan"):
            raw[row["data_year"]][name] += float(row[name] or 0)
    ours = (
        built("city_firms", mirror).groupby("year")[["firms", "hk_macao_taiwan", "foreign", "profit"]].sum()
    )
    for year, firms, outside, trillion in ((2018, 360_819, 45_053, 6.64), (2022, 458_527, 42_943, 8.08)):
        of_year = raw[str(year)]
        assert ours.loc[year, "firms"] == of_year["industrial_firms"] == firms
        assert ours.loc[year, ["foreign", "hk_macao_taiwan"]].sum() == outside
        assert of_year["foreign"] + of_year["hk_macao_taiwan"] == outside
        assert round(ours.loc[year, "profit"] / 1e4, 2) == trillion
        assert ours.loc[year, "profit"] == pytest.approx(of_year["industrial_profit_10k_yuan"] / 1e4)


def test_prefecture_debt(mirror: Path) -> None:
    raw: dict[str, float] = defaultdict(float)
    for row in rows(mirror, "china-prefecture-debt/prefecture_debt_fiscal_2018_2025.csv"):
        if row["check_jump"] != "probable_factor_10":
            raw[row["metric_year"]] += float(row["statutory_debt_balance_100m"] or 0)
    table = built("prefecture_debt", mirror)
    assert (table["flag"] == "factor_10").sum() == 6
    ours = table[table["flag"] != "factor_10"].groupby("year")["debt"].sum()
    for year, trillion in ((2019, 18.67), (2025, 48.75)):
        assert ours[year] == pytest.approx(raw[str(year)])
        assert round(ours[year] / 1e4, 2) == trillion
    cell = table.set_index(["province", "year"])["debt"].sort_index()
    assert cell["beijing", 2018] == 4248.89
    assert cell["tianjin", 2018] == 4078.36


def test_producer_prices_and_profits_by_month(mirror: Path) -> None:
    """Producer prices are what the NBS printed in the two months in which the copies differ."""
    raw = {
        (row["series"], row["month"]): float(row["value"])
        for row in rows(mirror, "china-monthly-ppi-profits/china_monthly_2000_2026.csv")
    }
    ours = built("producer_prices_profits", mirror).set_index(["indicator", "month"])["value"].sort_index()
    assert ours["producer_prices", "2019-12"] == -0.5
    assert round(ours["producer_prices", "2013-06"], 1) == -2.7
    same = raw["ppi_eastmoney_same_month_100", "2024-06"] - 100
    assert ours["producer_prices", "2024-06"] == pytest.approx(same)
    profit = ours["profit_year_to_date"]
    assert profit["2024-12"] == raw["industrial_profit_ytd_yoy_pct", "2024-12"] == -3.3
    assert not profit.index.str.endswith("-01").any()


def test_section_301_rates_and_tariff_events(mirror: Path) -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows(mirror, "gta-us-tariffs-2025/section_301_rates_hs8.csv"):
        counts[row["origin"].removeprefix("List ")[:2].strip(), row["rate"]] += 1
    rates = built("section_301_rates", mirror)
    ours = rates.groupby(["list", "value"]).size()
    assert ours["4A", 7.5] == counts["4A", "7.5"]
    assert ours["3", 25.0] == counts["3", "25"]
    assert rates["list"].isna().sum() == 360
    assert len(rates) == sum(counts.values()) == 10_396
    events = built("tariff_events", mirror).set_index("event")["date"]
    assert len(events) == 48
    assert events["chn_ieepa_topup_0pp"] == "2025-05-13"


def test_published_figures(mirror: Path) -> None:
    raw = {
        (row["topic"], row["economy"], row["period"], row["value"])
        for row in rows(mirror, "spot-values-2/spot_values_2.csv")
        if row["topic"] != "OECD MAGIC"
    }
    table = lab.load("published_figures")
    assert len(table) == len(raw) == 183
    robots = table[(table["topic"] == "robot_density") & (table["economy"] == "CHN")].set_index("period")[
        "value"
    ]
    for period, value in (("2019", 187), ("2022", 402), ("2023", 470)):
        assert robots[period] == value
        assert any(row[:3] == ("robot density", "China", period) and float(row[3]) == value for row in raw)
    assert set(table.loc[table["economy"].isna(), "entity"]).isdisjoint(
        {"China", "World", "European Union (28)"}
    )


def test_battery_dependence(mirror: Path) -> None:
    """Importers over half in 2020 and 2024, with the European Union as one importer; groups and members are never both in a count."""
    members = set(economies.members("EU27"))
    total: dict[tuple[str, str], float] = defaultdict(float)
    china: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows(mirror, "comtrade-ev-battery/comtrade_ev_battery_imports_2018_2024.csv.gz"):
        if (
            row["cmd_code"] == "850760"
            and row["partner"] != "W00"
            and row["importer"] not in {"CHN", "R4", *members}
        ):
            total[row["year"], row["importer"]] += float(row["value_usd"])
            china[row["year"], row["importer"]] += float(row["value_usd"]) * (row["partner"] == "CHN")
    table = lab.load(
        "battery_dependence", good="lithium_ion_batteries", union="one", threshold="half", least_imports=10
    )
    ours = table.set_index("year")
    for year in (2020, 2024):
        large = [cell for cell, value in total.items() if cell[0] == str(year) and value > 10e6]
        over = sum(china[cell] > total[cell] / 2 for cell in large)
        share = 100 * sum(china[cell] for cell in large) / sum(total[cell] for cell in large)
        assert (ours.loc[year, "importers"], ours.loc[year, "dependent"]) == (len(large), over)
        assert ours.loc[year, "china_share"] == pytest.approx(share)
    assert ours.loc[2024, ["importers", "dependent"]].tolist() == [58, 45]
    assert lab.load("battery_dependence")["importers"].min() >= 10
