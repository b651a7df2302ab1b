"""Figures of the tables, computed again from the raw files with the csv module alone, beside published ones where there are any."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import mic2025lab as lab

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
