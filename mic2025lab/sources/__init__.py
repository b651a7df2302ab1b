"""From raw files to clean tables: one module for each provider. A table in any module of this folder is a table of the package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mic2025lab.sources.table import Table

#: Every table by name, in the order of the modules, which are imported when it is first used.
TABLES: dict[str, Table]


def __getattr__(name: str) -> Any:
    if name != "TABLES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mic2025lab.sources.table import Table

    modules = (each.name for each in iter_modules(__path__) if not each.ispkg)
    found = (value for module in modules for value in vars(import_module(f"{__name__}.{module}")).values())
    tables = globals()["TABLES"] = {table.name: table for table in found if isinstance(table, Table)}
    return tables
