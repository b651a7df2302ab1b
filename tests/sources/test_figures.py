"""Known figures of the tables (`figures.toml`), and what several tables say about the same thing."""

import functools
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import mic2025lab as lab
import mic2025lab.catalog.build as building
from mic2025lab.metrics.concordance import convert_products
from mic2025lab.sources import TABLES
from mic2025lab.sources import china_imports as china_imports_module
from mic2025lab.sources.fetch import locate

FIGURES = tomllib.loads(Path(__file__).with_name("figures.toml").read_text(encoding="utf-8"))
RECOMPUTED = tomllib.loads(Path(__file__).with_name("recomputed.toml").read_text(encoding="utf-8"))
CLOSED = [name for name, table in TABLES.items() if not table.embedded]


def whole(name):
    return lab.load(name, vintage="all") if TABLES[name].vintages else lab.load(name)


def computed(table, figure):
    """Add a figure up from the rows of a table, by label."""
    rows = table.assign(rows=1, all="")
    rows = rows.query(figure["where"], engine="python") if "where" in figure else rows
    keys = [figure["by"]] if isinstance(figure.get("by"), str) else figure.get("by", ["all"])

    def added(of, column):
        part = rows.query(figure[of], engine="python") if of in figure else rows
        return (
            pd.to_numeric(part[column], errors="coerce")
            .groupby([part[key].astype(str) for key in keys])
            .sum()
        )

    column = figure.get("column", "value")
    found = added("part", column)
    if "whole" in figure:
        found = 100 * found / added("whole", figure.get("whole_column", column))
    labels = [" ".join(label) if isinstance(label, tuple) else label for label in found.index]
    return found.set_axis(labels)


def compared(table, figure):
    """Return a figure of the table by label, and as it should be."""
    found = (computed(table, figure) * figure.get("times", 1)).round(figure.get("digits", 0)).to_dict()
    expected = (
        figure["is"] if isinstance(figure["is"], dict) else dict.fromkeys(found or ["all"], figure["is"])
    )
    return {label: found.get(label) for label in expected}, expected


@pytest.mark.parametrize("name", sorted(set(FIGURES) - set(CLOSED)))
def test_known_figures(name):
    for figure in FIGURES[name]:
        found, expected = compared(whole(name), figure)
        assert found == expected, figure


@pytest.mark.mirror
@pytest.mark.parametrize("name", CLOSED)
def test_a_table_of_the_user_s_machine_can_be_built_and_gives_its_figures(
    mirror, tmp_path, monkeypatch, name
):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    assert [result.name for result in building.build([name], mirror=mirror)] == [name]
    table = whole(name)  # as it is read back
    TABLES[name].validated(table)
    for figure in FIGURES.get(name, ()):
        found, expected = compared(table, figure)
        assert found == expected, figure


@functools.cache
def raw_rows(path, year, wide):
    """Read a raw file as text; `wide` makes rows of the columns of years, and `year` names the column that begins with it."""
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    if wide:
        years = [name for name in rows if re.match(r"(field_)?\d{4}", name)]
        rows = rows.melt([name for name in rows if name not in years], years, "year")
        year = "year"
    return rows.assign(year=rows[year].str.removeprefix("field_").str[:4]) if year else rows


@pytest.mark.mirror
@pytest.mark.parametrize("name", RECOMPUTED)
def test_figures_are_those_of_the_raw_rows(mirror, name):
    open_ = TABLES[name].embedded
    table = whole(name) if open_ else TABLES[name](lambda source, path: locate(source, path, mirror=mirror))
    for figure in RECOMPUTED[name]:
        of_raw = {key.removeprefix("raw_"): value for key, value in figure.items() if key.startswith("raw_")}
        rows = raw_rows(mirror / figure["raw"], of_raw.get("year", ""), of_raw.get("wide", False))
        about = {key: figure[key] for key in ("by", "column") if figure.get(key) in ("rows", *rows)} | of_raw
        again = computed(rows, about) * of_raw.get("times", 1)
        ours = computed(table, figure)
        assert ours.to_dict() == pytest.approx(again.to_dict(), rel=1e-9, nan_ok=True), figure
        assert len(ours) > 0
        if "is" in figure:
            found, expected = compared(table, figure)
            assert found == expected, figure


@pytest.fixture(scope="module")
def china_imports(mirror):
    """The lines of China's imports, which are not embedded."""
    return TABLES["china_imports"](lambda source, path: locate(source, path, mirror=mirror))


@pytest.mark.mirror
def test_sectors_by_each_year_s_mapping_are_those_of_lines_converted_to_one_revision(china_imports):
    """Two ways across the revisions of 2007 and 2017 agree: the mapping of each revision, and the concordance."""
    known = lab.load("hs_products").set_index(["hs", "code"]).index
    lines = china_imports[pd.MultiIndex.from_frame(china_imports[["hs", "product"]]).isin(known)]
    mapped = lab.load("sector_products", hs="HS12").query("confidence != 'low'")[["sector", "product"]]
    ours = lab.load("china_imports_by_sector", kind="sector").groupby(["group", "year"])["value"].sum()
    concordance = lab.load("hs_concordance")
    for year, revision in ((2006, "HS02"), (2011, "HS07"), (2019, "HS17")):
        one = lines.loc[lines["year"] == year, ["product", "value"]]
        converted = convert_products(one, concordance=concordance, from_hs=revision, to_hs="HS12")
        by_sector = converted.merge(mapped, on="product").groupby("sector")["value"].sum()
        ratio = ours.xs(year, level="year") / (by_sector / 1000)
        assert len(ratio.drop("new_energy_vehicles")) == 9  # its cars have codes from 2017 only
        assert ratio.drop("new_energy_vehicles").between(0.95, 1.05).all(), (year, ratio)


@pytest.mark.mirror
def test_china_imports_agree_with_the_chapters_of_comtrade(china_imports, mirror):
    """Chapters of 2014 and 2018 are within 5 million USD of another download, but for those of gold."""
    path = mirror / "comtrade-china-imports-hs2" / "china_imports_hs2_1996_2018.csv"
    other = pd.read_csv(path, dtype={"Commodity Code": "str"})
    code = other["Commodity Code"].str.zfill(2)
    theirs = other.set_index([code, "Year"])["Trade Value (US$)"] / 1000
    chapters = china_imports.groupby([china_imports["product"].str[:2], "year"])["value"].sum()
    for year in (2014, 2018):
        ours = chapters.xs(year, level="year").drop(["71", "99"], errors="ignore")
        assert len(ours) == 95
        assert (ours - theirs.xs(year, level="Year").reindex(ours.index)).abs().max() < 5_000


@pytest.mark.mirror
def test_no_line_can_be_read_in_the_embedded_sums(mirror):
    """No value of china_imports_by_sector is that of a line, and every value is a sum of three lines or more."""
    table = lab.load("china_imports_by_sector")
    assert table["lines"].min() >= 3
    raw = pd.read_csv(mirror / china_imports_module.SOURCE.id / china_imports_module.SOURCE.only)
    for year in (2001, 2010, 2019):
        assert set(table.loc[table["year"] == year, "value"]).isdisjoint(raw[str(year)].dropna() / 1000)


def test_a_union_with_a_member_too_many_exceeds_the_world():
    """The check of the table refuses the file's own row of the European Union, which has the United Kingdom until 2017."""
    table = lab.load("us_imports_by_industry")
    ((_, check),) = TABLES["us_imports_by_industry"].checks
    assert check(table)
    wide = table.set_index(["partner", "naics", "month"])["imports"]
    union = (table["month"] < "2018") & (table["partner"] == "EU27")
    cells = pd.MultiIndex.from_frame(table.loc[union, ["naics", "month"]])
    table.loc[union, "imports"] += wide["GBR"].reindex(cells, fill_value=0.0).to_numpy()
    assert not check(table)


def test_the_inter_country_table_agrees_with_the_exports_computed_from_it():
    table = lab.load("inter_country_2011", exporter="CHN")
    china = lab.load("wiod_foreign_content", economy="CHN", year=2011).set_index("industry")
    abroad = table[table["importer"] != "CHN"].groupby("from_industry")["value"].sum()
    both = pd.concat([abroad, china["gross_exports"]], axis=1).fillna(0)
    assert ((both["value"] - both["gross_exports"]).abs() <= 1).all()
    sold = table.groupby("from_industry")["value"].sum()
    assert ((sold - china["output"]).dropna().abs() <= 108).all()


def test_research_spending_agrees_with_the_share_in_gdp_of_the_world_bank():
    """Spending over GDP at purchasing power is the World Bank's share of GDP, within a tenth of it."""
    spending = lab.load("research_spending", prices="current", economy="CHN", year=slice(2013, 2022))
    gdp = lab.load("world_economy", economy="CHN", indicator="gdp_ppp").set_index("year")["value"] * 1000
    share = lab.load("world_economy", vintage="wdi-2026-07", economy="CHN", indicator="rd_share")
    ratio = spending.set_index("year")["value"] / gdp * 100 / share.set_index("year")["value"]
    assert len(ratio.dropna()) == 10
    assert (ratio - 1).abs().max() < 0.1
