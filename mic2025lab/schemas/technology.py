"""Models of technology tables that are built on the user's machine: robots, solar, chips, cars."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, number, text
from mic2025lab.sources import ember, eto, ifr, open_ev

_ECONOMIES = list(economies.ECONOMIES)
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class Robots(Model):
    """Table `robots`."""

    year: Series[int] = calendar_year(2011, 2023)
    economy: Series[str] = field("ISO3 code or WLD", isin=[*_ECONOMIES, "WLD"])
    value: Series[float] = field("Robots installed in the year, rounded to thousands", "robots", ge=0)
    unit: Series[str] = field("Unit of value", eq=ifr.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy")


class SolarTrade(Model):
    """Table `solar_trade`."""

    period: Series[str] = field("Month", str_matches=MONTH)
    year: Series[int] = calendar_year(2017, 2025)
    exporter: Series[str] = field("ISO3 code", eq="CHN")
    importer: Series[str] = field(
        "ISO3 code, WLD, EU27, or the lower-case name of a region",
        str_matches=r"^[A-Z]{3}$|^EU27$|^[a-z0-9_]+$",
    )
    level: Series[str] = field("What the importer is", isin=["economy", "region", "rest"])
    product: Series[str] = field("panels, cells or wafers", isin=["panels", "cells", "wafers"])
    value: Series[float] = number("Exports, current prices", "USD", ge=0)
    unit: Series[str] = field("Unit of value", eq="USD")
    capacity: Series[float] = number("Capacity, estimated from value and price", "MW", ge=0)

    class Config(Model.Config):
        unique = ("period", "importer", "product")

    @pa.dataframe_check(error="an economy has its code")
    def codes(cls, frame: pd.DataFrame) -> pd.Series:
        """Codes are those of economies exactly where the level says so."""
        return frame["importer"].isin(_ECONOMIES) == (frame["level"] == "economy")


class SolarBalance(Model):
    """Table `solar_balance`."""

    year: Series[int] = calendar_year(2015, 2024)
    item: Series[str] = field("production, exports or installation", isin=list(ember.ANNUAL))
    value: Series[float] = field("Photovoltaic modules", "GW", gt=0)
    unit: Series[str] = field("Unit of value", eq="GW")
    source: Series[str] = text("Who says so")
    url: Series[str] = text("Address")

    class Config(Model.Config):
        unique = ("year", "item")


class SemiconductorChain(Model):
    """Table `semiconductor_chain`."""

    year: Series[int] = calendar_year(2019, 2025, "Reference year of the share")
    input: Series[str] = field("The source's code of the input", str_matches=r"^[NS]\d+$")
    input_name: Series[str] = field("Name of the input")
    kind: Series[str] = field("Kind of input", str_matches=r"^[a-z_]+$")
    stage: Series[str] = text("Stage of production, where the source names it")
    provider: Series[str] = field("Economy (ISO3), group or company")
    level: Series[str] = field("What the provider is", isin=["economy", "group", "company"])
    economy: Series[str] = text("ISO3 code of the provider or of its home", isin=_ECONOMIES)
    value: Series[float] = number("Share in the market of the input", "%", ge=0, le=100)
    unit: Series[str] = field("Unit of value", eq=eto.UNIT)
    flag: Series[str] = field("minor where the provider has no share, else empty", isin=["", "minor"])

    class Config(Model.Config):
        unique = ("year", "input", "provider", "level")

    @pa.dataframe_check(error="shares of economies and groups in an input add up to at most 103")
    def adds_up(cls, frame: pd.DataFrame) -> bool:
        """Economies and companies are not mixed."""
        part = frame[frame["level"] != "company"]
        return bool((part.groupby(["input", "year"])["value"].sum() <= 103).all())


class CarSalesChina(Model):
    """Table `car_sales_china`."""

    period: Series[str] = field("Month", str_matches=MONTH)
    year: Series[int] = calendar_year(2018, 2026)
    cars: Series[str] = field("all or battery_electric", isin=["all", "battery_electric"])
    brand: Series[str] = field("Brand of battery-electric cars; other for the rest; all for all cars")
    value: Series[float] = field("Cars registered or sold", "cars", ge=0)
    unit: Series[str] = field("Unit of value", eq=open_ev.UNIT)
    flag: Series[str] = field(
        "spread where months share out a yearly figure, else empty", isin=["", "spread"]
    )
    source_url: Series[str] = text("Address of the source's source")

    class Config(Model.Config):
        unique = ("period", "cars", "brand")
