"""Models of the plan, its targets and sectors, benchmarks, and the utilization of capacity."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import sectors
from mic2025lab.schemas._fields import Model, calendar_year, field, number, text
from mic2025lab.sources import nbs, nsf, reference

_VALUE_ADDED = sorted(nsf.INDUSTRIES.values())
_UTILIZATION = sorted(set(nbs.INDUSTRIES.values()))


class CapacityUtilization(Model):
    """Table `capacity_utilization`."""

    period: Series[str] = field("Quarter (2019Q3) or year (2019)", str_matches=r"^\d{4}(Q[1-4])?$")
    frequency: Series[str] = field("quarter or year", isin=["quarter", "year"])
    year: Series[int] = calendar_year(2013, 2030)
    industry: Series[str] = field("Industry", isin=_UTILIZATION)
    value: Series[float] = number("Actual over potential output in value", "%", ge=30, le=100)
    unit: Series[str] = field("Unit of value", eq="%")
    flag: Series[str] = field(
        "reported as printed, derived from next year's change, or unverified",
        isin=["reported", "derived", "unverified"],
    )
    status: Series[str] = field(
        "How the two transcriptions stand", isin=["agree", "only_a", "only_b", "conflict"]
    )
    source: Series[str] = field("Where the release was read")

    class Config(Model.Config):
        unique = ("period", "industry")

    @pa.dataframe_check(error="a value is missing only in a conflict")
    def missing_is_conflict(cls, frame: pd.DataFrame) -> pd.Series:
        """Only a conflict may leave a value missing."""
        return frame["value"].notna() | (frame["status"] == "conflict")


_VERIFIED = list(reference.VERIFIED)
_SECTORS = list(sectors.slugs())


class Sectors(Model):
    """Table `sectors`."""

    sector: Series[str] = field("Slug of the sector", isin=_SECTORS, unique=True)
    number: Series[int] = field("Its number in the plan", ge=1, le=10, unique=True)
    name: Series[str] = field("English name")
    name_zh: Series[str] = field("Chinese name")
    industries: Series[str] = text("Industries of value_added that stand in for it, '; ' between them")
    match: Series[str] = field("How good the match is", isin=["good", "partial", "poor", "none"])
    match_note: Series[str] = field("What is too much or too little in the match")
    source: Series[str] = field("Document")
    url: Series[str] = text("Address")
    verified: Series[str] = field("Whether the English name was read there", isin=_VERIFIED)
    name_zh_verified: Series[str] = field("Whether the Chinese name was read there", isin=_VERIFIED)

    @pa.dataframe_check(error="industries are those of value_added, and only match 'none' has none")
    def industries_exist(cls, frame: pd.DataFrame) -> pd.Series:
        """Every industry is one of value_added."""
        known = (
            frame["industries"].fillna("").map(lambda text: set(text.split("; ")) - {""} <= set(_VALUE_ADDED))
        )
        return known.astype(bool) & (frame["industries"].isna() == (frame["match"] == "none"))


class Targets(Model):
    """Table `targets`."""

    scope: Series[str] = field(
        "headline indicator of the plan, or sector target", isin=["headline", "sector"]
    )
    sector: Series[str] = text("Slug of the sector; missing for headline", isin=_SECTORS)
    id: Series[str] = text("Short name of a headline indicator; missing for sector")
    dimension: Series[str] = text("Part of the plan's table")
    indicator: Series[str] = field("What is aimed at")
    indicator_zh: Series[str] = text("The same in Chinese")
    market: Series[str] = text("What a sector target is a share or amount of")
    basis: Series[str] = text("level, change vs 2015, or yearly average")
    year: Series[int] = calendar_year(2013, 2035, "Year of the base value or target")
    value: Series[float] = number("Value in the row's unit", "by row")
    value_text: Series[str] = text("The value where it is not a number")
    unit: Series[str] = text("Unit of value")
    source: Series[str] = field("Document")
    url: Series[str] = text("Address")
    verified: Series[str] = field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = text("What else to know")


class TargetActuals(Model):
    """Table `target_actuals`."""

    id: Series[str] = field("Short name of the indicator, as in targets where it is one of them")
    period: Series[str] = field("Year, month or span of years")
    year: Series[int] = calendar_year(2012, 2030, "Last year of period")
    value: Series[float] = number("Value in the row's unit", "by row")
    value_text: Series[str] = text("The value where it is not a number")
    unit: Series[str] = field("Unit of value")
    source: Series[str] = field("Document")
    url: Series[str] = text("Address")
    verified: Series[str] = field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = text("What else to know")


class Benchmarks(Model):
    """Table `benchmarks`."""

    topic: Series[str] = field("What it is about")
    item: Series[str] = field("What is measured")
    period: Series[str] = field("Year, quarter or span of years")
    year: Series[int] = calendar_year(1990, 2030, "Last year of period")
    value: Series[float] = number("Value in the row's unit", "by row")
    value_text: Series[str] = text("The value where it is not a number")
    unit: Series[str] = text("Unit of value")
    source: Series[str] = field("Document")
    url: Series[str] = text("Address")
    verified: Series[str] = field("yes, derived, partial or no", isin=_VERIFIED)
    note: Series[str] = text("What else to know")
    file: Series[str] = field("Raw file of the row")

    @pa.dataframe_check(error="a number or a text, not both and not neither")
    def has_a_value(cls, frame: pd.DataFrame) -> pd.Series:
        """Each row has one value."""
        return frame["value"].notna() != frame["value_text"].notna()
