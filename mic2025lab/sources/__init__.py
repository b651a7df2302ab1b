"""From raw files to clean tables: one module a provider, and the registry of all tables."""

from __future__ import annotations

from mic2025lab.sources import (
    census,
    cepii,
    china_io,
    comtrade,
    critical_monthly,
    ember,
    enterprises,
    eto,
    growthlab,
    gta,
    hs,
    hs4,
    hs_sectors,
    iea,
    ifr,
    irena,
    minerals,
    nbs,
    nrel,
    nsf,
    oec,
    oecd,
    open_ev,
    profits,
    provinces,
    pwt,
    rankings,
    reference,
    research,
    sitc,
    spot,
    unsd,
    ustr,
    wiod,
    wits,
    world,
    worldsteel,
    wto,
)
from mic2025lab.sources.base import Origin, RawFile, Source, Table
from mic2025lab.sources.fetch import locate

__all__ = ["TABLES", "Origin", "RawFile", "Source", "Table", "locate"]

_MODULES = (
    *(nsf, pwt, world, nbs, reference),
    *(cepii, oecd, census, wiod, minerals, hs, hs_sectors),
    *(iea, nrel, irena, worldsteel, unsd, ustr, wto, provinces, enterprises),
    *(research, profits, spot, china_io),
    # Built on the user's machine: their terms do not allow more.
    *(growthlab, hs4, comtrade, wits, oec, ifr, ember, eto, open_ev),
    *(sitc, critical_monthly, rankings, gta),
)

#: Every table there is, by name.
TABLES: dict[str, Table] = {table.name: table for module in _MODULES for table in module.TABLES}
