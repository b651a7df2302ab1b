"""From raw files to clean tables: one module for each provider, and the registry of all tables."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mic2025lab.sources.table import Table

#: The modules of the tables, in the order in which `data build` builds them.
PROVIDERS = (
    *("nsf", "nsf_innovation", "nsf_trade", "pwt", "pwt_growth", "world_economy", "worldbank"),
    *("nbs_capacity", "reference", "reference_checked", "target_judgments"),
    *("cepii", "oecd", "census", "wiod", "minerals", "harmonized_system", "sector_products"),
    *("census_industries", "china_imports", "oica", "shipbuilding", "currencies", "research_firms"),
    *("car_brands", "customs_firms", "japan_customs"),
    *("iea", "nrel", "irena", "worldsteel", "unsd", "ustr", "wto", "nbs_provinces", "nbs_enterprises"),
    *("research_spending", "published_figures", "china_input_output", "battery_dependence"),
    # Built on the user's machine, because their terms do not allow redistribution:
    *("growthlab", "comtrade", "wits", "oec", "ifr", "ember", "eto", "open_ev", "comtrade_sitc"),
    *("comtrade_monthly", "largest_firms", "gta", "gta_tariffs", "china_cities", "nbs_monthly"),
)

#: Every table by name; read from the modules when it is first used.
TABLES: dict[str, Table]


def __getattr__(name: str) -> Any:
    if name != "TABLES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mic2025lab.sources.table import Table

    found = (
        value for provider in PROVIDERS for value in vars(import_module(f"{__name__}.{provider}")).values()
    )
    tables = globals()["TABLES"] = {table.name: table for table in found if isinstance(table, Table)}
    return tables
