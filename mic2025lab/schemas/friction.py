"""Models of the trade conflict: duties, tariff lists, and exports by product group."""

from __future__ import annotations

from pandera.typing import Series

from mic2025lab.classifications import economies
from mic2025lab.schemas._fields import Model, calendar_year, field, text
from mic2025lab.schemas.trade import HS6
from mic2025lab.sources import census, wto

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
