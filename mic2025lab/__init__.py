"""mic2025lab: what ten years of "Made in China 2025" bought, and what they cost, on real data.

>>> import mic2025lab as lab
>>> va = lab.load("value_added", economy=["CHN", "WLD"], industry="manufacturing", year=2022)
>>> share = lab.metrics.market_share(va, of="economy", within=("industry", "year"), world="WLD")
"""

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mic2025lab.version import __version__ as __version__

if TYPE_CHECKING:  # what type checkers and editors know of the names below
    from mic2025lab import claims as claims
    from mic2025lab import metrics as metrics
    from mic2025lab import models as models
    from mic2025lab import plots as plots
    from mic2025lab.analyses import parameters as parameters
    from mic2025lab.catalog import datasets as datasets
    from mic2025lab.catalog import describe as describe
    from mic2025lab.catalog import load as load
    from mic2025lab.catalog import register as register
    from mic2025lab.catalog import scan as scan
    from mic2025lab.catalog.listing import economies as economies
    from mic2025lab.catalog.listing import industries as industries
    from mic2025lab.catalog.listing import sectors as sectors
    from mic2025lab.exploring import explore as explore
    from mic2025lab.results.record import record as record
    from mic2025lab.results.record import record_figure as record_figure
    from mic2025lab.results.record import record_finding as record_finding
    from mic2025lab.results.record import record_specifications as record_specifications
    from mic2025lab.results.record import record_table as record_table
    from mic2025lab.searching import search as search

# The names that notebooks use, by module. They are imported at first use, which keeps `import mic2025lab` fast.
_BY_MODULE = {
    "catalog": "load scan register datasets describe",
    "catalog.listing": "economies industries sectors",
    "searching": "search",
    "exploring": "explore",
    "analyses": "parameters",
    "results.record": "record record_table record_specifications record_figure record_finding",
}
_NAMES = {name: module for module, names in _BY_MODULE.items() for name in names.split()}
_ROOMS = ["claims", "metrics", "models", "plots"]
_OTHER_ROOMS = ["catalog", "errors", "classifications", "results", "runs", "analyses"]

__all__ = sorted(["__version__", *_ROOMS, *_NAMES])


def __getattr__(name: str) -> Any:
    if name not in [*_NAMES, *_ROOMS, *_OTHER_ROOMS]:
        raise AttributeError(f"module 'mic2025lab' has no attribute {name!r}; it has: {', '.join(__all__)}")
    module = f"mic2025lab.{_NAMES.get(name, name)}"
    collects, known = gc.isenabled(), module in sys.modules
    gc.disable()  # imports make many objects and little garbage
    try:
        value = import_module(module)
        if name in _NAMES:
            import_module("pandas")  # what these names need next
            value = getattr(value, name)
    finally:
        # In a forked kernel, all is imported and frozen, and counting what is frozen takes 35 ms.
        if not known and not gc.get_freeze_count():
            gc.freeze()  # moves all objects to the oldest generation, which the next collection
            gc.unfreeze()  # does not go through
        if collects:
            gc.enable()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


# In a notebook: completion knows the names above before they are imported, and the names of tables.
if "IPython" in sys.modules and (_shell := sys.modules["IPython"].get_ipython()):
    import_module("mic2025lab.completion").register(_shell)
