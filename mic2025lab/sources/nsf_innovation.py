"""NCSES, Science and Engineering Indicators: patents by field, articles, and the articles that are cited most."""

from __future__ import annotations

import html

import pandas as pd

from mic2025lab.classifications import economies
from mic2025lab.sources.columns import ECONOMIES, flag, measured, text, year
from mic2025lab.sources.reading import RawTable, codebook, read, slug
from mic2025lab.sources.table import Raw, coded, columns, source, table

FAMILIES = "international_patent_families_35_fields_1998_2020.csv.gz"
PCT = "pct_applications_2000_2022.csv"
USPTO = "uspto_utility_patents_1998_2022.csv"
ARTICLES = "articles_fractional_2003_2022.csv.gz"
TOP_CITED = "top1pct_cited_share_2003_2020.csv"
EXPORTS = "manufactures_exports_skti3_2002_2022.csv"

SOURCE = source("nsf-patents-publications")

#: Labels that are no names of economies and their codes; regions, which the tables leave out, have none.
_AREAS = codebook("nsf_areas")
#: Patent offices of several economies, an economy that ended, parts of one, and what is not assigned to any.
OTHERS = (
    *("european_patent_office", "eurasian_patent_organization", "gulf_states_patent_office", "african_ipo"),
    *("african_regional_ipo", "wipo", "yugoslavia", "gaza_strip", "west_bank", "unclassified", "unassigned"),
)
_LEVELS = {"WLD": "world", "EU27": "union", "EU28": "union"} | dict.fromkeys(OTHERS, "other")

#: Field of technology -> its sector, as WIPO groups the 35 fields.
_SECTOR_OF = codebook("patent_fields")
_SCIENCES = ("total", "computer_and_information_sciences", "engineering", "materials_science")
_HONG_KONG = "China includes Hong Kong in these tables."
_REGIONS_OUT = (
    "Regions (Asia, Europe, and others) are left out. WLD, EU27, and EU28 (with the United Kingdom) include their members; rows of level other are "
    "patent offices of several economies and what is not assigned to an economy: do not add levels."
)


def _read(raw: Raw, path: str) -> RawTable:
    """Read one file: series, economy, year, value. Regions are dropped, names become codes, and `level` says what a row is."""
    file = read(raw, SOURCE, ["series", "economy", "year", "value"], file=path)
    name = file.frame["economy"].map(html.unescape).str.replace(r"<sup>.*?</sup>", "", regex=True).str.strip()
    names = {label: _AREAS[label] if label in _AREAS else _economy(label) for label in name.unique()}
    frame = file.frame.assign(economy=name.map(names), field=file.frame["series"].map(slug))
    frame = frame[frame["economy"] != ""]
    level = file.known(frame["economy"], dict.fromkeys(ECONOMIES, "economy") | _LEVELS)
    frame = frame.assign(level=level).astype({"year": "int64"})
    return RawTable(SOURCE, path, frame.reset_index(drop=True))


def _economy(label: str) -> str:
    code = economies.find(label)
    return code if code in ECONOMIES else slug(label)


_ECONOMY = text("ISO3 code, WLD, EU27, EU28, or the name of an office", isin=[*ECONOMIES, *_LEVELS])
_LEVEL = text("What the row is", isin=["world", "union", "economy", "other"])
_MEASURES = {"families": FAMILIES, "pct": PCT, "uspto": USPTO}


@table(
    SOURCE, *_MEASURES.values(), key="measure field economy year", unit="number of patents or applications"
)
@columns(
    measure=text("families, pct or uspto", isin=_MEASURES),
    year=year(1998, 2022),
    economy=_ECONOMY,
    level=_LEVEL,
    field=text("Field or sector of technology, or total", isin=["total", "unassigned", *_SECTOR_OF.values(), *_SECTOR_OF]),
    within=text("What contains the field: a sector, or total; missing for total", missing=True, isin=["total", *_SECTOR_OF.values()]),
    **measured("Patents or applications", "number", ge=0),
)  # fmt: skip
def patents_by_field(raw: Raw) -> pd.DataFrame:
    """Patents by field of technology and economy: international families, PCT applications, USPTO patents, 1998-2022.

    Science and Engineering Indicators: families granted in 35 fields (families, 1998-2020), applications under the Patent
    Cooperation Treaty (pct, 2000-2022), and utility patents of the United States by economy of the inventor (uspto, 1998-2022).

    Warnings
    --------
    - A family counts a grant at any office, so patents at home dominate China's: use pct or uspto for quality. The last years
      of grants are incomplete.
    - {_HONG_KONG}
    - {_REGIONS_OUT}
    - families has fields without sectors; pct and uspto have five sectors, and uspto also semiconductors, inside
      electrical_engineering. Fields and unassigned add up to total, but for up to 1% of uspto.
    - The listed economies have 98.6% or more of the world's families and USPTO patents; the rest is not listed.
    - pct is by receiving office: EU27 includes the European Patent Office, where most of its members' firms apply, so the rows
      of DEU or FRA are no measure of their firms.
    - pct is by year of publication; the three measures are different populations and are never added.

    Notes
    -----
    Stack the three measures of patents; `within` is the sector of a field, or total.
    """
    parts = [_read(raw, path).frame.assign(measure=measure) for measure, path in _MEASURES.items()]
    stacked = pd.concat(parts, ignore_index=True)
    field = stacked["field"]
    return stacked.assign(within=field.map(_SECTOR_OF).fillna("total").mask(field == "total"))


@patents_by_field.check("fields add up to the total, but for 1% and rounding")
def fields_add_up(frame: pd.DataFrame) -> bool:
    """Rows within the total, or within its sectors where there are no rows of sectors, add up to the total.

    The office `wipo` is not checked: its fields do not add up in the source.
    """
    frame = frame[frame["economy"] != "wipo"]
    inside = (frame["within"] == "total") | (frame["measure"] == "families")
    cell = ["measure", "year", "economy"]
    parts = frame[inside & (frame["field"] != "total")].groupby(cell)["value"].sum()
    total = frame[frame["field"] == "total"].set_index(cell)["value"]
    return bool(((parts.reindex(total.index) - total).abs() <= 10 + total / 100).all())


@table(SOURCE, ARTICLES, key="field economy year", unit="number of articles, fractional count")
@columns(
    year=year(2003, 2022),
    economy=_ECONOMY,
    level=_LEVEL,
    field=text("Field of science, or total", isin=[*_SCIENCES, "chemistry", "physics"]),
    **measured("Articles", "number", ge=0),
)
def articles(raw: Raw) -> pd.DataFrame:
    """Articles in science and engineering by field and economy, 2003-2022.

    Science and Engineering Indicators 2024: articles in Scopus by fractional count, all fields and five of them.

    Warnings
    --------
    - {_HONG_KONG}
    - {_REGIONS_OUT}
    - total includes fields that are not listed: the five do not add up to it.
    - An article of authors of several economies is divided among them.
    """
    frame = _read(raw, ARTICLES).frame
    return frame.assign(field=frame["field"].replace("all_fields", "total"))


_FLAGS = {"ne": "not_estimated", "na": "not_available"}


@table(SOURCE, TOP_CITED, key="field economy year")
@columns(
    year=year(2003, 2020),
    economy=_ECONOMY,
    level=_LEVEL,
    field=text("Field of science, or total", isin=_SCIENCES),
    **measured("Share among the 1% most cited", "%", missing=tuple(_FLAGS.values()), ge=0, le=100),
    flag=flag("Why a value is missing, else empty", *_FLAGS.values()),
)
def top_cited_articles(raw: Raw) -> pd.DataFrame:
    """Share of an economy's articles among the 1% most cited, by field, 2003-2020.

    Science and Engineering Indicators 2024: the percentage of an economy's articles in Scopus that are among the 1% most cited
    of the world. The world's is 1.

    Warnings
    --------
    - {_HONG_KONG}
    - {_REGIONS_OUT}
    - A share of an economy's own articles: multiply by articles for the number, and never add shares.
    - The share says nothing about who cites: citations from home count.

    Notes
    -----
    Clean the shares of most cited articles; `ne` and `na` are missing with a flag.
    """
    frame = _read(raw, TOP_CITED).frame
    mark = frame["value"].map(_FLAGS).fillna("")
    field = frame["field"].replace("all_fields_scopus", "total")
    return frame.assign(field=field, value=frame["value"].mask(mark != "", ""), flag=mark)


for _table in (patents_by_field, articles, top_cited_articles):
    _table.checks.append(coded())
