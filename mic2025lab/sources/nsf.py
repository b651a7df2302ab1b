"""NCSES, Science and Engineering Indicators: value added, exports, and trade of knowledge- and technology-intensive (KTI) industries."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources import nsf_innovation
from mic2025lab.sources.columns import CODES, ECONOMIES, PLACE, economy, flag, measured, text, words, year
from mic2025lab.sources.reading import RawTable, codebook, codes, flagged, read, slug
from mic2025lab.sources.table import Raw, Source, coded, columns, source, table

UNIT = "million USD"
#: Column of the tables by region and economy.
PLACE_PATH = "region_country_or_economy_full_path"
BY_INDUSTRY = "10758"

#: Label of an industry in table 10758, without punctuation -> slug.
INDUSTRIES = codebook("nsf_industries")

#: Table of the panel -> edition and industry; a slug of `value_added` only where the definition is the same.
PANEL = codebook("nsf_panel")

# The EU of the 2020 edition includes the United Kingdom; the EU of 2022 does not.
_EU = {"SEI2020": "EU28", "SEI2022": "EU27"}


def _path(table: str) -> str:
    return f"tables/{table}.csv"


SOURCE = source("nsf-kti")


def _read(raw: Raw, source: Source, path: str) -> tuple[RawTable, list[str]]:
    file = read(raw, source, file=path)
    years = [column for column in map(str, file.frame) if re.fullmatch(r"field_\d{4}", column)]
    file.need(bool(years), "no columns field_<year>")
    return file, years


def by_year(file: RawTable, frame: pd.DataFrame, years: list[str], keys: list[str]) -> pd.DataFrame:
    """Put the years, which are columns of the file, into rows."""
    long = frame.melt(id_vars=keys, value_vars=years, var_name="year", value_name="text")
    long["year"] = long["year"].str.removeprefix("field_").astype("int64")
    return long.assign(value=file.numbers(long["text"]))


_ABOVE = (
    "Manufacturing value added differs from the official figures: S&P Global tabulations of 75 economies give China a share well above that of the "
    "UN and the World Bank (see benchmarks)."
)


@table(
    SOURCE,
    _path(BY_INDUSTRY),
    key="year economy industry",
    unit="million current USD at market exchange rates",
    format="csv",
)
@columns(
    year=year(2002, 2022),
    economy=text("ISO3 code, WLD (75 economies) or EU27", isin=CODES),
    industry=text("Industry; industries nest", isin=sorted(INDUSTRIES.values())),
    **measured("Value added, current prices and exchange rates", UNIT, gt=0),
)
def value_added(raw: Raw) -> pd.DataFrame:
    """Value added by industry, the world and eleven economies, 2002-2022.

    Table SKTI-2 of Science and Engineering Indicators 2024: value added of all industries, manufacturing, private services, and
    knowledge- and technology-intensive (KTI) industries. WLD is the source's world of 75 economies.

    Warnings
    --------
    - Nominal dollars: a share moves with the exchange rate as well as with output.
    - {_ABOVE}
    - Four rows of China have no economy label in the source (its KTI services and three ratios) and were assigned to China by
      their block. South Korea's block spells "All ISIC Rev.4, industries" with a comma. The percentage rows are left out.
    - Industries nest: manufacturing includes kti_manufacturing, and kti = kti_manufacturing + kti_services. private_services
      does not include kti, although the source indents it below. EU27 includes DEU, FRA, and ITA, and WLD includes all: never
      sum them with members.
    - rail_other_transport is ISIC C30X, without ships (C301) and aircraft (C303).
    - Never combine with value_added_panel: the editions are three vintages.

    Notes
    -----
    Clean table SKTI-2 (10758): value added of 19 industries, the world and eleven economies, 2002-2022.

    A block of rows begins at its unit row and belongs to one economy. Four rows of China's block have no economy label and get
    the block's. Labels are compared without commas, because one block spells "All ISIC Rev.4, industries". The percentages of
    the analytical ratios are left out.
    """
    file, years = _read(raw, SOURCE, _path(BY_INDUSTRY))
    frame = file.frame
    leaf = frame["industry_full_path"].str.split(" -> ").str[-1]
    block = (leaf == "&nbsp;").cumsum()
    labels = frame["field_economy"].mask(frame["field_economy"] == "")
    one = labels.groupby(block).agg(lambda part: len(set(part.dropna()))) == 1
    file.need(one.all(), "a block of rows that does not have one economy label")
    label = labels.groupby(block).transform("first").str.replace(r"\s*\(.*\)$", "", regex=True)
    leaf = leaf[(leaf != "&nbsp;") & ~leaf.str.contains("(%)", regex=False)].str.replace(",", "")
    frame = frame.assign(economy=codes(label), industry=file.known(leaf, INDUSTRIES)).loc[leaf.index]
    long = by_year(file, frame, years, ["economy", "industry"])
    cells = long["economy"].nunique() * len(INDUSTRIES) * len(years)
    file.need(len(long) == cells, "cells that are missing or repeated")
    return long


@value_added.check("kti = kti_manufacturing + kti_services, but for rounding")
def kti_adds_up(frame: pd.DataFrame) -> bool:
    """The KTI industries are the sum of their two halves."""
    wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")
    if not {"kti", "kti_manufacturing", "kti_services"} <= set(wide):
        return False
    return bool(((wide["kti"] - wide["kti_manufacturing"] - wide["kti_services"]).abs() <= 2).all())


@table(
    SOURCE,
    *(_path(table) for table in PANEL),
    key="edition industry economy year",
    unit="million current USD at market exchange rates",
    vintage="SEI2022",
)
@columns(
    edition=text("Edition of Science and Engineering Indicators", isin=["SEI2020", "SEI2022"]),
    year=year(2002, 2019),
    economy=text(
        "ISO3 code, WLD, EU27 or EU28; a lower-case name for other regions and rests",
        str_matches=r"^[A-Z]{3}$|^EU2[78]$|^[a-z_]+$",
    ),
    level=text("What the row is", isin=["world", "region", "economy", "rest"]),
    industry=text(
        "Industry; named as in value_added only where the definition is the same",
        isin=sorted({industry for _, industry in PANEL.values()}),
    ),
    **measured("Value added, current prices and exchange rates", UNIT, missing="not_reported", ge=0),
    flag=flag("not_reported where the source has a zero that means so, else empty", "not_reported"),
)
def value_added_panel(raw: Raw) -> pd.DataFrame:
    """Value added of KTI industries, 51 to 84 economies and regions, 2002-2018/19.

    Thirty tables of Science and Engineering Indicators 2020 (SEI2020, to 2018) and 2022 (SEI2022, to 2019): KTI industries for
    many economies, with regions and the world. Total manufacturing is not included.

    Warnings
    --------
    - Nominal dollars: a share moves with the exchange rate as well as with output.
    - Rows of level world, region, and rest ("Other Asia") are listed with the economies: filter level == "economy" before
      summing.
    - The EU of SEI2020 includes the United Kingdom (code EU28) and lists 20 members, without HRV, CYP, EST, LVA, LTU, LUX, MLT,
      and SVN. The EU of SEI2022 does not include the United Kingdom (EU27).
    - Never combine editions in one series. SEI2020 has publishing instead of software, no military vehicles, and no medical
      instruments; industries with another definition have other names (publishing, rail_other_transport_without_military,
      kti_with_publishing).
    - Detail may not add up to the total (the source's note).

    Notes
    -----
    Clean the 30 tables "Value added of ..., by region, country, or economy" of two editions.

    A row with rows below it is a region; a leaf that begins with "Other" is the rest of its region. An economy that is zero in
    all years and tables was not reported: its values are missing, with the flag `not_reported`.
    """
    parts = [_panel_table(raw, name, edition, industry) for name, (edition, industry) in PANEL.items()]
    panel = pd.concat(parts, ignore_index=True)
    empty = panel.groupby(["edition", "economy"])["value"].transform("sum") == 0
    return panel.assign(flag=flagged(empty, "not_reported"), value=panel["value"].mask(empty))


def _panel_table(raw: Raw, name: str, edition: str, industry: str) -> pd.DataFrame:
    file, years = _read(raw, SOURCE, _path(name))
    frame = file.frame.assign(**located(file, {"EU": _EU[edition]}))
    file.need(frame["economy"].is_unique, "an economy that is listed twice")
    return by_year(file, frame, years, ["economy", "level"]).assign(edition=edition, industry=industry)


def located(file: RawTable, groups: Mapping[str, str]) -> dict[str, pd.Series]:
    """Read the economy and the level of rows from paths such as "World -> Asia -> Other Asia"; regions and rests get their names.

    A row with rows below it is a region. A leaf that begins with "Other" or "Rest" is the rest of its region, as is one that is no economy.
    """
    parts = file.frame[PLACE_PATH].str.rsplit(" -> ", n=1)
    leaf = parts.str[-1].str.strip()
    known = {label: {"World": "WLD", **groups}.get(label) or economies.find(label) for label in leaf.unique()}
    codes = {
        label: code if code in ECONOMIES or label in {"World", *groups} else slug(label)
        for label, code in known.items()
    }
    economy = leaf.map(codes).astype("str")
    above = file.frame[PLACE_PATH].isin(parts[parts.map(len) > 1].str[0])
    level = np.select(
        [leaf == "World", above, leaf.str.match("Other |Rest ") | ~economy.isin(ECONOMIES)],
        ["world", "region", "rest"],
        "economy",
    )
    return {"economy": economy, "level": pd.Series(level, index=leaf.index)}


@value_added_panel.warns
def _panel_findings(frame: pd.DataFrame) -> str:
    missing = frame[frame["flag"] == "not_reported"]
    names = ", ".join(
        f"{economies.name(str(code))} ({', '.join(sorted(set(part['edition'])))})"
        for code, part in missing.groupby("economy")
    )
    return f"{len(missing)} zeros mean that the value was not reported; they are missing here, with the flag not_reported: {names}."


#: Industry of table SKTI-3 -> slug, as in `value_added`.
EXPORT_INDUSTRIES = {
    "All ISIC, Rev.4, industries": "all_industries",
    "Manufacturing industries": "manufacturing",
    "KTI manufacturing industries: 20, 21, 26, 27, 28, 29, 302, 304 and 309, 303": "kti_manufacturing",
}


@table(
    nsf_innovation.SOURCE,
    nsf_innovation.EXPORTS,
    key="year economy industry",
    unit="million current USD",
    format="csv",
)
@columns(
    year=year(2002, 2022),
    economy=economy("ISO3 code, WLD (75 economies) or EU27", economies.AGGREGATES),
    industry=words("Type of industry; each includes the next", EXPORT_INDUSTRIES),
    **measured("Gross exports, current prices", UNIT, gt=0),
)
def manufactures_exports(raw: Raw) -> pd.DataFrame:
    """Exports of goods by type of industry, the world and eleven economies, 2002-2022.

    Table SKTI-3 of Science and Engineering Indicators 2024: gross exports of all industries, of manufacturing, and of
    knowledge- and technology-intensive (KTI) manufacturing. WLD is the source's world of 75 economies.

    Warnings
    --------
    - Use shares of WLD, not levels: the figures of S&P Global exceed customs (China by 8% in 2015 and 10% in 2018).
    - all_industries includes manufacturing, and manufacturing includes kti_manufacturing. WLD includes all economies and EU27
      DEU, FRA, and ITA: never add them.
    - Exports are gross: re-exports and imported content are counted.
    """
    frame = read(raw, nsf_innovation.SOURCE, "industry economy year value", file=nsf_innovation.EXPORTS).frame
    return frame.assign(economy=frame["economy"].str.replace(" (75)", "", regex=False))


@manufactures_exports.check("each group of industries is within the larger one")
def nested(frame: pd.DataFrame) -> bool:
    """KTI manufacturing is within manufacturing, and manufacturing within all industries."""
    wide = frame.pivot(index=["economy", "year"], columns="industry", values="value")
    wide = wide[list(EXPORT_INDUSTRIES.values())]
    return bool((wide.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None))


KTI_SOURCE = source("nsf-kti-trade")
#: Table -> edition, products, and the factor that makes million USD of its values.
KTI_TABLES = {
    "1992.csv": ("SEI2020", "kti", 1),
    "1993.csv": ("SEI2020", "high_rd_intensive", 1),
    "1994.csv": ("SEI2020", "medium_high_rd_intensive", 1),
    "6234.csv": ("SEI2022", "kti", 1000),
}
_GROUPS = {"EU": "EU28", "Rest of the world": "ROW"}


@table(KTI_SOURCE, key="edition products flow economy year", unit="million current USD", vintage="SEI2020")
@columns(
    edition=text("Edition of Science and Engineering Indicators", isin=["SEI2020", "SEI2022"]),
    year=year(2002, 2018),
    economy=text(
        "ISO3 code, WLD, EU28, ROW, or the lower-case name of a region", str_matches=f"{PLACE}|^EU28$"
    ),
    level=text("What the row is", isin=["world", "region", "economy", "rest"]),
    flow=words("export or import", {"Exports": "export", "Imports": "import"}),
    products=text(
        "kti, or its two parts in SEI2020", isin=["kti", "high_rd_intensive", "medium_high_rd_intensive"]
    ),
    **measured("Trade, current prices", UNIT, ge=0),
)
def kti_trade(raw: Raw) -> pd.DataFrame:
    """Exports and imports of knowledge- and technology-intensive products, 2002-2018.

    Science and Engineering Indicators: trade in products of high and medium-high R&D intensity (SEI2020, 2003-2018, 20
    economies with regions) and of KTI industries (SEI2022, 2002-2018, 28 economies).

    Warnings
    --------
    - China includes Hong Kong, without the trade between the two in SEI2020: levels are not those of customs.
    - Never combine editions: SEI2022 is trade of industries, balanced, with IT services (China's exports 1,087.0 billion USD in
      2015; SEI2020 1,112.8). Its table says million and holds billions, which is corrected here.
    - Regions and rests ("other_asia") are listed with the economies: filter level == "economy" before summing.
    - kti = high_rd_intensive + medium_high_rd_intensive in SEI2020.

    Notes
    -----
    Stack the four tables; a row with rows below it is a region, and another leaf that is no economy a rest.
    """
    return pd.concat([_kti(raw, *each) for each in KTI_TABLES.items()], ignore_index=True)


def _kti(raw: Raw, path: str, about: tuple[str, str, int]) -> pd.DataFrame:
    edition, products, factor = about
    file, years = _read(raw, KTI_SOURCE, path)
    places = file.frame[PLACE_PATH]
    flow = places.str.split(" -> ").str[0]
    frame = file.frame.assign(**located(file, _GROUPS), flow=flow)[places.str.contains(" -> ")]
    made = by_year(file, frame, years, ["economy", "level", "flow"])
    return made.assign(value=made["value"] * factor, edition=edition, products=products)


kti_trade.checks.append(coded())
