"""Figures of the tables, computed again from the raw files with the csv module alone, beside published ones where there are any."""

import csv
import gzip
import math
from collections import defaultdict

import pytest

import mic2025lab as lab
from mic2025lab.classifications import economies, lists
from mic2025lab.sources import TABLES
from mic2025lab.sources.fetch import locate

pytestmark = pytest.mark.mirror


def rows(mirror, path):
    """Read a raw file row by row."""
    file = mirror / path
    with (
        gzip.open(file, "rt", encoding="utf-8") if path.endswith(".gz") else file.open(encoding="utf-8")
    ) as text:
        yield from csv.DictReader(text)


def test_exports_of_manufactures(mirror):
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


ITC = "itc-china-imports-hs6/china_imports_from_world_hs6_2001_2019.csv.gz"


def built(name, mirror):
    """Build a table that is not embedded."""
    return TABLES[name](lambda source, path: locate(source, path, mirror=mirror))


def test_a_sector_s_imports_are_those_of_its_codes(mirror):
    """Rail inputs of 2015 from the reviewed list itself, which is in HS12 as the imports of that year."""
    listed = {
        row["product"]
        for row in lists.read("sector_products")
        if (row["sector"], row["hs"]) == ("rail", "HS12")
        and row["role"] in ("input", "material")
        and row["confidence"] in ("high", "medium")
    }
    raw = sum(float(row["2015"]) for row in rows(mirror, ITC) if row["product_code"] in listed)
    ours = lab.load("china_imports_by_sector", group="rail", role="inputs", year=2015)
    assert ours["value"].tolist() == pytest.approx([raw / 1000])
    assert ours["lines"].tolist() == [len(listed)]


def test_growth_accounts(mirror):
    """Growth of output and capital as published, and productivity by the library equal to that from the raw rows."""
    levels, labor = (
        {int(row["year"]): row for row in rows(mirror, path) if row["countrycode"] == "CHN"}
        for path in ("pwt-11.0-capital/pwt110_levels_capital.csv.gz", "pwt-11.0/pwt110_labor_detail.csv.gz")
    )
    table = lab.load("growth_accounts", economy="CHN").set_index("year")
    change = {name: table.loc[2019, name] / table.loc[2014, name] - 1 for name in ("rgdpna", "rnna")}
    assert {name: round(100 * value, 1) for name, value in change.items()} == {"rgdpna": 38.3, "rnna": 60.0}
    accounts = lab.metrics.growth_accounting(lab.load("growth_accounts", economy="CHN")).set_index("year")

    def log_change(of, name, year):
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


def test_battery_dependence(mirror):
    """Importers over half in 2020 and 2024, with the European Union as one importer; groups and members are never both in a count."""
    members = set(economies.members("EU27"))
    total = defaultdict(float)
    china = defaultdict(float)
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


def test_the_european_union_has_no_united_kingdom_in_any_year(mirror):
    """The file's European Union has the United Kingdom until 2017."""
    raw = defaultdict(float)
    for row in rows(mirror, "us-imports-naics-2013-2025/us_imports_naics3_monthly_2013_01_2025_11.csv.gz"):
        raw[row["partner"], row["month"][:4]] += float(row["imports"]) * (row["naics"] == "00")
    ours = lab.load("us_imports_by_industry", partner="EU27").groupby("year")["imports"].sum()
    for year, with_uk in (("2013", True), ("2017", True), ("2018", False)):
        less = raw["UNITED KINGDOM", year] if with_uk else 0
        assert ours[int(year)] == raw["EUROPEAN UNION", year] - less
    assert ours[2018] > ours[2017]


def test_chips_by_quarter_are_those_of_the_year(mirror):
    quarters, years = built("china_imports_quarterly", mirror), built("china_imports", mirror)
    chips = quarters.query("partner == 'WLD' and product == '8542' and year == 2018")["value"].sum()
    lines = years[years["product"].str.startswith("8542") & (years["year"] == 2018)]["value"].sum()
    assert abs(chips - lines) < 1_000


def test_checked_targets_are_the_targets():
    """Every row of targets is there once, with its value."""
    key, checked = ["scope", "sector", "id", "indicator", "market", "year"], lab.load("targets_checked")
    both = lab.load("targets").merge(checked, on=key, how="outer", suffixes=("", "_checked"), indicator=True)
    assert len(both) == 104
    assert (both["_merge"] == "both").all()
    assert (both["value"] == both["value_checked"]).all()
    assert (both["verified"] == both["verified_before"]).all()
    assert checked["decides"].sum() == 49


def test_transcriptions_of_steel_agree_in_most_cells():
    both = lab.load("steel_recent", vintage="all").set_index(["transcription", "economy", "year"])["value"]
    common = both.unstack("transcription").dropna()
    assert len(common) == 84
    assert ((common["wikipedia"] - common["steelorbis"]).abs() < 0.1).sum() == 76


def test_parts_of_knowledge_intensive_trade_add_up():
    table, cell = lab.load("kti_trade", vintage="all"), ["edition", "products", "flow", "year"]
    parts = table[table["level"].isin(["economy", "rest"])].groupby(cell)["value"].sum()
    world = table[table["level"] == "world"].set_index(cell)["value"]
    assert (parts / world - 1).abs().max() < 1e-3
    china = table.query("economy == 'CHN' and edition == 'SEI2020'")
    wide = china.pivot(index=["flow", "year"], columns="products", values="value")
    assert (wide["kti"] - wide["high_rd_intensive"] - wide["medium_high_rd_intensive"]).abs().max() <= 2


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("china_imports_by_sector", "group == 'chip_tools' and year < 2007"),
        ("target_actuals_checked", "decides and value.isna() and value_text.isna()"),
        ("motor_vehicles", "measure == 'production' and economy == 'DEU' and type == 'commercial' and year > 2016 and value == 0"),
        ("published_figures", "economy.isna() and entity in ['China', 'World', 'European Union (28)']"),
        ("producer_prices_profits", "indicator == 'profit_year_to_date' and month.str.endswith('-01')"),
        ("battery_dependence", "importers < 10"),
    ],
)  # fmt: skip
def test_what_no_row_may_be(mirror, name, rows):
    table = lab.load(name) if TABLES[name].embedded else built(name, mirror)
    assert len(table) > 0
    assert table.query(rows, engine="python").empty
