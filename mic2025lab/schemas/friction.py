"""Models of the trade conflict: duties, tariff lists, measures taken, and exports by product group."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, text
from mic2025lab.schemas.trade import HS6
from mic2025lab.sources import census, gta, wto

_ECONOMIES = list(economies.ECONOMIES)
_EVALUATIONS = list(gta.EVALUATIONS.values())
_GROUPS = [name for name, _ in wto.GROUPS.values()]


class UsImports(Model):
    """Table `us_imports`."""

    year: Series[int] = field("Calendar year", eq=2024)
    importer: Series[str] = field("ISO3 code", eq="USA")
    exporter: Series[str] = field("ISO3 code or EU27", isin=[*economies.ECONOMIES, "EU27"])
    product: Series[str] = field("HS 6-digit code", str_matches=HS6)
    hs: Series[str] = field("Revision of the Harmonized System", eq="HS22")
    value: Series[float] = field("Imports for consumption, customs value", "USD", ge=0)
    duty: Series[float] = field("Calculated duties", "USD", ge=0)
    unit: Series[str] = field("Unit of value and duty", eq=census.UNIT)
    flag: Series[str] = field("in_EU27 where the row is in EU27 as well, else empty", isin=["", "in_EU27"])

    class Config(Model.Config):
        unique = ("exporter", "product")


class UsTariffLists(Model):
    """Table `us_tariff_lists`."""

    list: Series[str] = field("List of the section 301 action", isin=["1", "2", "3", "4A", "4B"])
    hts8: Series[str] = field("Line of the US tariff schedule", str_matches=r"^\d{8}$")
    product: Series[str] = field("HS 6-digit code of the line", str_matches=HS6)
    hs: Series[str] = field("Revision of the Harmonized System", eq="HS17")
    applied: Series[bool] = field("Whether the list was ever applied")
    flag: Series[str] = field(
        "two_lists where the line is on another list too, else empty", isin=["", "two_lists"]
    )

    class Config(Model.Config):
        unique = ("list", "hts8")


class ProductGroupExports(Model):
    """Table `product_group_exports`."""

    year: Series[int] = calendar_year(1990, 2018)
    economy: Series[str] = field("ISO3 code or WLD", isin=[*economies.ECONOMIES, "WLD"])
    product_group: Series[str] = field("Group of products; groups nest", isin=_GROUPS)
    within: Series[str] = text("The group that holds this one; missing for manufactures", isin=_GROUPS)
    value: Series[float] = field("Exports, current prices", "million USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=wto.UNIT)
    flag: Series[str] = field("estimate, break or empty", isin=["", "estimate", "break"])

    class Config(Model.Config):
        unique = ("year", "economy", "product_group")


class TradeInterventions(Model):
    """Table `trade_interventions`."""

    year: Series[int] = calendar_year(
        gta.FIRST_YEAR, gta.LAST_YEAR, "Year in which the measure came into force"
    )
    economy: Series[str] = field("ISO3 code of who took the measure", isin=_ECONOMIES)
    evaluation: Series[str] = field("harmful or liberalizing", isin=_EVALUATIONS)
    value: Series[float] = field("Measures of the year", "interventions", ge=0)
    cumulative: Series[float] = field("Measures since 2009", "interventions", ge=0)
    unit: Series[str] = field("Unit of value and cumulative", eq=gta.UNIT)
    flag: Series[str] = field("part_year for 2020, else empty", isin=["", gta.PART_YEAR])

    class Config(Model.Config):
        unique = ("year", "economy", "evaluation")

    @pa.dataframe_check(error="the measures of the years add up to the cumulative count")
    def adds_up(cls, frame: pd.DataFrame) -> pd.Series:
        """A year's value is the step of the running count."""
        part = frame.sort_values("year")
        running = part.groupby(["economy", "evaluation"])["value"].cumsum()
        return running.reindex(frame.index) == frame["cumulative"]


class TradeInterventionsPairs(Model):
    """Table `trade_interventions_pairs`."""

    year: Series[int] = field("Calendar year, to 21 October", eq=gta.LAST_YEAR)
    economy: Series[str] = field("ISO3 code of who took the measure", isin=_ECONOMIES)
    affected: Series[str] = field("ISO3 code of whom it touches", isin=_ECONOMIES)
    evaluation: Series[str] = field("harmful or liberalizing", isin=_EVALUATIONS)
    value: Series[float] = field("Measures", "interventions", ge=0)
    unit: Series[str] = field("Unit of value", eq=gta.UNIT)

    class Config(Model.Config):
        unique = ("economy", "affected", "evaluation")

    @pa.dataframe_check(error="nobody is affected by its own measure")
    def two_economies(cls, frame: pd.DataFrame) -> pd.Series:
        """A pair is of two."""
        return frame["economy"] != frame["affected"]


class TradeDefenseInvestigations(Model):
    """Table `trade_defense_investigations`."""

    year: Series[int] = calendar_year(gta.FIRST_YEAR, gta.LAST_YEAR)
    instrument: Series[str] = field("Kind of investigation", isin=list(gta.INSTRUMENTS.values()))
    value: Series[float] = field("New investigations, 1 January to 21 October", "investigations", ge=0)
    unit: Series[str] = field("Unit of value", eq="investigations")

    class Config(Model.Config):
        unique = ("year", "instrument")
