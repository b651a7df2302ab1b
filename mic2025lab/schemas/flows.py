"""Models of trade tables that are built on the user's machine: matrices, chips, batteries, product groups."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import CODES, Model, calendar_year, field, number
from mic2025lab.schemas.trade import HS6
from mic2025lab.sources import comtrade, critical_monthly, growthlab, hs4, wits
from mic2025lab.sources import sitc as divisions

_ECONOMIES = list(economies.ECONOMIES)
HS4 = r"^\d{4}$"


class ChipTrade(Model):
    """Table `chip_trade`."""

    year: Series[int] = calendar_year(2012, 2024)
    economy: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    flow: Series[str] = field("export or import", isin=["export", "import"])
    basket: Series[str] = field("Basket of products", isin=list(growthlab.BASKETS.values()))
    value: Series[float] = field("Trade, current prices", "billion USD", ge=0)
    unit: Series[str] = field("Unit of value", eq="billion USD")

    class Config(Model.Config):
        unique = ("year", "economy", "flow", "basket")


class Hs4Exports(Model):
    """Table `hs4_exports`."""

    edition: Series[str] = field("Source and year", isin=list(hs4.EDITIONS))
    year: Series[int] = calendar_year(2016, 2019)
    exporter: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    product: Series[str] = field("HS 4-digit code", str_matches=HS4)
    hs: Series[str] = field("Revision of the Harmonized System", isin=["HS92", "HS07"])
    value: Series[float] = field("Exports, current prices", "USD", gt=0)
    unit: Series[str] = field("Unit of value", eq=growthlab.USD)

    class Config(Model.Config):
        unique = ("edition", "exporter", "product")


class WorldExportsHs4(Model):
    """Table `world_exports_hs4`."""

    year: Series[int] = calendar_year(1995, 2023)
    product: Series[str] = field("HS 4-digit code", str_matches=HS4)
    hs: Series[str] = field("Revision of the Harmonized System", eq="HS92")
    value: Series[float] = number("World exports, current prices", "USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=growthlab.USD)
    pci: Series[float] = number("Product complexity index of the Growth Lab", "index")
    pci_repository: Series[float] = number("Product complexity index computed by the repository", "index")

    class Config(Model.Config):
        unique = ("year", "product")


class ChipEquipmentTrade(Model):
    """Table `chip_equipment_trade`."""

    year: Series[int] = calendar_year(2016, 2020)
    economy: Series[str] = field("ISO3 code of the reporter", isin=_ECONOMIES)
    flow: Series[str] = field(
        "export, import, and of these again re_export, re_import", isin=list(comtrade.FLOWS.values())
    )
    product: Series[str] = field("HS 6-digit code", str_matches=HS6)
    hs: Series[str] = field(
        "Revision of the Harmonized System", isin=["HS92", "HS96", *comtrade.REVISIONS.values()]
    )
    value: Series[float] = field("Trade with the world, current prices", "USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=comtrade.USD)

    class Config(Model.Config):
        unique = ("year", "economy", "flow", "product")


class EvBatteryImports(Model):
    """Table `ev_battery_imports`."""

    year: Series[int] = calendar_year(2018, 2024)
    importer: Series[str] = field("ISO3 code, EU27 or ASEAN", isin=[*_ECONOMIES, *comtrade.GROUPS.values()])
    importer_level: Series[str] = field("What the importer is", isin=["economy", "group"])
    exporter: Series[str] = field("ISO3 code, WLD, or the source's code of an unspecified area")
    exporter_level: Series[str] = field("What the exporter is", isin=["world", "economy", "unspecified"])
    product: Series[str] = field("HS 6-digit code, or 2510", str_matches=r"^\d{6}$|^2510$")
    hs: Series[str] = field("Revision of the Harmonized System", isin=list(comtrade.REVISIONS.values()))
    value: Series[float] = number("Imports, current prices", "USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=comtrade.USD)
    weight: Series[float] = number("Net weight", "kg", ge=0)
    weight_flag: Series[str] = field("estimated, missing, else empty", isin=["", "estimated", "missing"])

    class Config(Model.Config):
        unique = ("year", "importer", "exporter", "product")

    @pa.dataframe_check(error="an economy has its code, and the world is WLD")
    def codes(cls, frame: pd.DataFrame) -> pd.Series:
        """Each level has codes of its kind."""
        economy = frame["exporter"].isin(_ECONOMIES) == (frame["exporter_level"] == "economy")
        return economy & ((frame["exporter"] == "WLD") == (frame["exporter_level"] == "world"))

    @pa.dataframe_check(error="weight_flag is missing exactly where weight is")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A weight is missing only where the flag says so."""
        return frame["weight"].isna() == (frame["weight_flag"] == "missing")


class TradeByGroup(Model):
    """Table `trade_by_group`."""

    year: Series[int] = calendar_year(1988, 2019)
    economy: Series[str] = field("ISO3 code, WLD, or a group's code", isin=CODES)
    level: Series[str] = field("What the row is", isin=["world", "group", "economy"])
    flow: Series[str] = field("export or import", isin=["export", "import"])
    product_group: Series[str] = field("Sector or stage", str_matches=r"^[a-z_]+$")
    group_kind: Series[str] = field("Partition the group belongs to", isin=["sector", "stage", "total"])
    value: Series[float] = field("Trade, current prices", "thousand USD", ge=0)
    unit: Series[str] = field("Unit of value", eq=wits.UNIT)

    class Config(Model.Config):
        unique = ("year", "economy", "flow", "product_group")


class RareEarthTrade(Model):
    """Table `rare_earth_trade`."""

    year: Series[int] = calendar_year(1995, 2022)
    economy: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    flow: Series[str] = field("export or import", isin=["export", "import"])
    product: Series[str] = field("HS 4-digit code", eq="2846")
    value: Series[float] = field("Trade, current prices", "USD", ge=0)
    unit: Series[str] = field("Unit of value", eq="USD")
    flag: Series[str] = field("zero (none, or no figure), else empty", isin=["", "zero"])

    class Config(Model.Config):
        unique = ("year", "economy", "flow")


class SitcDivisionsTrade(Model):
    """Table `sitc_divisions_trade`."""

    year: Series[int] = calendar_year(divisions.FIRST_YEAR, divisions.LAST_YEAR)
    economy: Series[str] = field("ISO3 code of the reporter", isin=_ECONOMIES)
    partner: Series[str] = field("ISO3 code, or WLD", isin=[*_ECONOMIES, "WLD"])
    flow: Series[str] = field("export or import", isin=list(divisions.FLOWS.values()))
    product: Series[str] = field("Division of the SITC, two digits", str_matches=r"^\d{2}$")
    sitc: Series[str] = field("Revision of the SITC", eq=divisions.REVISION)
    value: Series[float] = field("Trade, current prices", "USD", gt=0)
    unit: Series[str] = field("Unit of value", eq=divisions.USD)
    flag: Series[str] = field(
        "not_every_year where the reporter has the flow in some years only, else empty",
        isin=["", divisions.CHANGING],
    )

    class Config(Model.Config):
        unique = ("year", "economy", "partner", "flow", "product")

    @pa.dataframe_check(error="only China has partners, and the world has exports only")
    def two_parts(cls, frame: pd.DataFrame) -> pd.Series:
        """China with its partners, and everybody with the world."""
        world = frame["partner"] == "WLD"
        return (world & (frame["flow"] == "export")) | (~world & (frame["economy"] == "CHN"))


class CriticalMineralsMonthly(Model):
    """Table `critical_minerals_monthly`."""

    period: Series[str] = field("Month", str_matches=r"^\d{4}-(0[1-9]|1[0-2])$")
    year: Series[int] = calendar_year(2017, 2024)
    exporter: Series[str] = field("ISO3 code", eq="CHN")
    importer: Series[str] = field("ISO3 code", isin=_ECONOMIES)
    product: Series[str] = field("HS 6-digit code", isin=list(critical_monthly.PRODUCTS))
    value: Series[float] = field("Exports, current prices", "USD", gt=0)
    unit: Series[str] = field("Unit of value", eq=critical_monthly.USD)
    weight: Series[float] = number("Net weight", "kg", gt=0)
    weight_flag: Series[str] = field(
        "missing where the source has no weight, else empty", isin=["", "missing"]
    )

    class Config(Model.Config):
        unique = ("period", "importer", "product")

    @pa.dataframe_check(error="weight_flag is missing exactly where weight is")
    def missing_is_flagged(cls, frame: pd.DataFrame) -> pd.Series:
        """A weight is missing only where the flag says so."""
        return frame["weight"].isna() == (frame["weight_flag"] == "missing")
