"""From raw files to clean tables: one module a provider, and the registry of all tables."""

from __future__ import annotations

from mic2025lab.sources import census, cepii, nbs, nsf, oecd, pwt, reference, wiod, world
from mic2025lab.sources.base import Origin, RawFile, Source, Table
from mic2025lab.sources.fetch import locate

__all__ = ["TABLES", "Origin", "RawFile", "Source", "Table", "locate"]

#: Every table there is, by name.
TABLES: dict[str, Table] = {
    table.name: table
    for module in (nsf, pwt, world, nbs, reference, cepii, oecd, census, wiod)
    for table in module.TABLES
}
