"""Reference tables on the plan, compiled by hand: sectors, targets, official actuals, and published estimates."""

from __future__ import annotations

import re

import pandas as pd

from mic2025lab.classifications import industries
from mic2025lab.classifications import sectors as classification
from mic2025lab.sources.columns import number, text, unit, whole, year
from mic2025lab.sources.reading import RawTable, counted, flagged, read
from mic2025lab.sources.table import Raw, columns, need, source, table

SOURCE = source("reference")

#: yes: read on the page named; derived: computed from such a value; partial: part of it read; no: from memory or not stated.
VERIFIED = ("yes", "derived", "partial", "no")
#: Number of a sector in the plan -> its slug.
BY_NUMBER = {str(sector.number): sector.slug for sector in classification.SECTORS}
#: Columns of several tables: what a target or figure is about, and where it is from.
SCOPE = {
    "scope": text("headline indicator of the plan, or sector target", isin=["headline", "sector"]),
    "sector": text("Slug of the sector; missing for headline", missing=True, isin=classification.slugs()),
    "id": text("Short name of a headline indicator; missing for sector", missing=True),
}
_DOCUMENTED = {
    "source": text("Document"),
    "url": text("Address", missing=True),
    "verified": text("yes, derived, partial or no", isin=VERIFIED),
    "note": text("What else to know", missing=True),
}
NOT_STATED = "verification status not stated by the file"


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Split the column `value`: numbers in `value`, other text ("qualitative", "3-8") in `value_text`."""
    value = pd.to_numeric(frame["value"], errors="coerce").astype("float64")
    text = frame["value"].where(value.isna() & (frame["value"] != ""))
    return frame.assign(value=value, value_text=text.astype("str"))


def resolve_idem(column: pd.Series) -> pd.Series:
    """Replace "idem" or "same" (alone, or followed by more text) by the last entry without it.

    Examples
    --------
    >>> resolve_idem(pd.Series(["CSIS 2022", "idem via energybulletin.org", "idem", "CSET"])).tolist()
    ['CSIS 2022', 'CSIS 2022 via energybulletin.org', 'CSIS 2022', 'CSET']
    """
    more = column.str.extract(r"^(?:idem|same)\b(.*)$", expand=False)
    starts = more.notna()
    base = column.mask(starts).ffill()
    need(base.notna().all(), SOURCE, "?", "idem in the first row has nothing to refer to")
    return base.where(~starts, base + more)


def verification(file: RawTable) -> pd.DataFrame:
    """Reduce `verified` to the four words of `VERIFIED`; a qualified yes ("claim read; low-quality source") is partial."""
    frame = file.frame
    word = frame["verified"].str.extract(r"^(\w+)", expand=False)
    rest = frame["verified"].str.extract(r"\((.+)\)", expand=False)
    file.need(word.isin(VERIFIED).all(), f"verified: {sorted(set(frame['verified']))}")
    verified = word.mask(rest.notna() & (word == "yes"), "partial")
    note = (frame["note"] + "; ").where(frame["note"] != "", "") + rest.fillna("")
    return frame.assign(verified=verified.astype("str"), note=frame["note"].where(rest.isna(), note))


def last_year(period: pd.Series) -> pd.Series:
    """Return the last year that a period names: 2020 for "2020-06" and "2016-2020", 2028 for "2024-28"."""

    def one(text: str) -> int:
        span = re.search(r"(\d{4})-(\d{4})", text) or re.fullmatch(r"(\d{4})-(1[3-9]|[2-9]\d)", text)
        if span:
            return int(span[2]) if len(span[2]) == 4 else int(span[1][:2] + span[2])
        found = re.search(r"\d{4}", text)
        need(found is not None, SOURCE, "?", f"period {text!r} names no year")
        return int(found[0])  # type: ignore[index]

    return period.map(one).astype("int64")


_MEANING = (
    "verified: yes = read on the page named, often a repost; derived = computed from such a value; partial = part of it read, or a poor source; no "
    "= from memory, or not stated. Check the original before quoting, and say so wherever the value is not yes."
)


@table(SOURCE, "sectors.csv", key="sector", order="", unit="none", format="csv")
@columns(
    sector=text("Slug of the sector", isin=classification.slugs(), unique=True),
    number=whole("Its number in the plan", ge=1, le=10, unique=True),
    name=text("English name"),
    name_zh=text("Chinese name"),
    industries=text("Proxy industries of value_added, separated by '; '", missing=True),
    match=text("Quality of the match", isin=["good", "partial", "poor", "none"]),
    match_note=text("What the proxy includes too much or too little of"),
    source=text("Document"),
    url=text("Address", missing=True),
    verified=text("Whether the English name was read there", isin=VERIFIED),
    name_zh_verified=text("Whether the Chinese name was read there", isin=VERIFIED),
)
def sectors(raw: Raw) -> pd.DataFrame:
    """The ten priority sectors of Made in China 2025 and their proxy industries.

    Names of the sectors, the industries of value_added that serve as a proxy for each, and the quality of the match.

    Warnings
    --------
    - A proxy industry is wider than its sector: see match and match_note. Agricultural machinery and machine tools share one
      industry; ships have none.
    - The English names were read on a repost; the Chinese names are from memory (name_zh_verified = no).
    - The match is this project's judgment from the ISIC definitions.

    Notes
    -----
    Join the plan's list of ten sectors with the classification: slug, names, proxy industries, and how good the match is.
    """
    known = pd.DataFrame(
        vars(sector) | {"sector": sector.slug, "industries": "; ".join(sector.industries)}
        for sector in classification.SECTORS
    )
    file = read(raw, SOURCE, has={"name_zh": "name_zh_file"}, file="sectors.csv")
    frame = file.frame
    both = known.merge(frame.assign(number=frame["no"].astype("int64")), on="number", how="outer")
    same = (both["name"] == both["name_en"]) & (both["name_zh"] == both["name_zh_file"])
    other = both.loc[~same, "number"].tolist()
    file.need(not other, f"names that differ from the classification's in sectors {other}")
    both["name_zh_verified"] = both["verified"].str.extract(r"(\w+) \(Chinese\)", expand=False)
    both["verified"] = both["verified"].str.extract(r"(\w+) \(English\)", expand=False)
    return both


@sectors.check("industries exist in value_added, and only match 'none' has none")
def industries_exist(frame: pd.DataFrame) -> pd.Series:
    """Every proxy industry exists in value_added."""
    listed = frame["industries"].fillna("").str.split("; ")
    known = listed.map(lambda names: set(names) <= {*industries.VALUE_ADDED, ""}).astype(bool)
    return known & (frame["industries"].isna() == (frame["match"] == "none"))


@table(
    SOURCE,
    "targets_headline.csv",
    "targets_sector.csv",
    key="scope sector id indicator market basis source year",
    order="",
    format="csv",
)
@columns(
    **SCOPE,
    dimension=text("Part of the plan's table", missing=True),
    indicator=text("What the target refers to"),
    indicator_zh=text("The same in Chinese", missing=True),
    market=text("The whole that a sector target is a share or amount of", missing=True),
    basis=text("level, change vs 2015, or yearly average", missing=True),
    year=year(2013, 2035, "Year of the base value or target"),
    value=number("Value in the row's unit", missing=True),
    value_text=text("The value where it is not a number", missing=True),
    unit=text("Unit of value", missing=True),
    **_DOCUMENTED,
)
def targets(raw: Raw) -> pd.DataFrame:
    """Targets of Made in China 2025: headline indicators and sectors.

    The plan's headline indicators with base values and targets for 2020 and 2025, and sector targets of the plan and its
    roadmap.

    Warnings
    --------
    - {_MEANING}
    - Most targets are from memory; check the State Council text (Guofa [2015] 28).
    - A target may be a level, a change from 2015, or a yearly average: see basis.

    Notes
    -----
    Stack the plan's headline indicators and the targets of its sectors.

    One row for each year of an indicator (`scope` headline, with `id`) or of a sector's item (`scope` sector, with `sector` and
    `market`).
    """
    headline = verification(read(raw, SOURCE, has="indicator_en=indicator", file="targets_headline.csv"))
    items = read(raw, SOURCE, has="sector_no=sector item=indicator", file="targets_sector.csv")
    by_sector = verification(items).assign(sector=items.known("sector", BY_NUMBER))
    both = pd.concat([headline.assign(scope="headline"), by_sector.assign(scope="sector")], ignore_index=True)
    return numbers(both.fillna(dict.fromkeys(both.columns, "")))


@table(SOURCE, "actuals_headline.csv", key="id period unit source", order="", format="csv")
@columns(
    id=text("Short name of the indicator, as in targets where it is one of them"),
    period=text("Year, month or span of years"),
    year=year(2012, 2030, "Last year of period"),
    value=number("Value in the row's unit", missing=True),
    value_text=text("The value where it is not a number", missing=True),
    unit=unit(),
    **_DOCUMENTED,
)
def target_actuals(raw: Raw) -> pd.DataFrame:
    """Official figures on the headline indicators of Made in China 2025.

    Figures reported by ministries and the statistics office on the plan's indicators.

    Warnings
    --------
    - {_MEANING}
    - nc_rate is not comparable with the plan's base year: the reports imply 47.3 for 2015; the plan's table has 33.
    - A unit with words such as (more than) or (about) marks a bound or a rounded figure.

    Notes
    -----
    Clean the official figures on the headline indicators; `year` is the last year of `period`.
    """
    frame = verification(read(raw, SOURCE, has="year=period", file="actuals_headline.csv"))
    return numbers(frame.assign(year=last_year(frame["period"]), url=resolve_idem(frame["url"])))


def _literature(file: RawTable) -> pd.DataFrame:
    source, unit = resolve_idem(file.frame["source"]), file.frame["unit"].str.replace("pct", "%")
    frame = file.frame.rename(columns={"measure": "item"})
    return frame.assign(source=source, unit=unit, verified="no", note=NOT_STATED)


def _ships(file: RawTable) -> pd.DataFrame:
    frame = file.frame.assign(source=resolve_idem(file.frame["source"]))
    measures = ["value_10k_dwt", "world_share_dwt_pct", "world_share_cgt_pct"]
    units = dict(zip(measures, ["10,000 dwt", "% of world, dwt", "% of world, cgt"], strict=True))
    long = frame.melt(["year", "indicator", "kind", "source"], measures, var_name="measure")
    long = long[long["value"] != ""]
    derived = long["kind"].str.startswith("derived")
    return long.assign(
        topic="shipbuilding",
        item="China, " + long["indicator"].str.replace("_", " "),
        unit=long["measure"].map(units),
        verified=flagged(derived, "derived", "no"),
        note=flagged(derived, "from the 2015 figure and its yearly change", NOT_STATED),
    )


def _manufacturing(file: RawTable) -> pd.DataFrame:
    names = {"china_mva_usd": "China", "world_mva_usd": "World"}
    long = file.frame.melt("year", list(names), var_name="who", value_name="value")
    return long.assign(
        topic="manufacturing value added",
        item=long["who"].map(names),
        unit="USD",
        source="World Bank, World Development Indicators",
        verified="no",
        note=NOT_STATED,
    )


def _costs(file: RawTable) -> pd.DataFrame:
    return verification(file).assign(item=resolve_idem(file.frame["item"]))


def _scorecards(file: RawTable) -> pd.DataFrame:
    frame = verification(file).rename(columns={"assessment": "source"})
    return frame.assign(topic="scorecard" + (": " + frame["scope"]).where(frame["scope"] != "", ""))


_PARTS = {
    "benchmarks/literature_benchmarks.csv": _literature,
    "benchmarks/miit_shipbuilding.csv": _ships,
    "benchmarks/wdi_mva_china_world_2004_2018.csv": _manufacturing,
    "costs.csv": _costs,
    "scorecards.csv": _scorecards,
}


@table(SOURCE, *_PARTS, key="file topic item period unit source value value_text", order="", format="csv")
@columns(
    topic=text("What it is about"),
    item=text("What is measured"),
    period=text("Year, quarter or span of years"),
    year=year(1990, 2030, "Last year of period"),
    value=number("Value in the row's unit", missing=True),
    value_text=text("The value where it is not a number", missing=True),
    unit=text("Unit of value", missing=True),
    **_DOCUMENTED,
    file=text("Raw file of the row"),
)
def benchmarks(raw: Raw) -> pd.DataFrame:
    """Published estimates for comparison.

    Costs and size of industrial policy, productivity, scorecards of the plan, shipbuilding, and the World Bank's manufacturing
    value added of China and the world, 2004-2018.

    Warnings
    --------
    - {_MEANING}
    - The three files of benchmarks/ do not say which rows were verified; they count as no.
    - year is the last year of period. Units with words such as (more than) or (about) mark bounds or rounded figures.

    Notes
    -----
    Stack published estimates for comparison: literature, shipbuilding, World Bank manufacturing, costs, scorecards.

    "idem" and "same" are replaced by what they refer to. A figure that is not a number is in `value_text`.
    """
    frames = [clean(read(raw, SOURCE, file=path)).assign(file=path) for path, clean in _PARTS.items()]
    stacked = pd.concat([frame.rename(columns={"year": "period"}) for frame in frames], ignore_index=True)
    return numbers(stacked.assign(year=last_year(stacked["period"])))


@benchmarks.check("every row has either a number or a text")
def has_a_value(frame: pd.DataFrame) -> pd.Series:
    """Each row has one value."""
    return frame["value"].notna() != frame["value_text"].notna()


@targets.warns
@target_actuals.warns
@benchmarks.warns
def _findings(table: pd.DataFrame) -> str:
    return f"Of {len(table)} rows, verified: {counted(table['verified'], VERIFIED)}."
