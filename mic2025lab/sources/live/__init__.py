"""The interfaces of producers: what each sends now, in the layout of the raw files, so that a table's own cleaning function checks it."""

from mic2025lab.sources.live import census, comtrade, dataverse, files, imf, nbs, usgs, wits, worldbank

_MODULES = (census, comtrade, dataverse, files, imf, nbs, usgs, wits, worldbank)
#: Every interface.
INTERFACES = tuple(interface for module in _MODULES for interface in module.INTERFACES)
