"""mic2025lab: what ten years of "Made in China 2025" bought, and what they cost, on real data.

>>> import mic2025lab as lab
>>> va = lab.load("value_added", economy=["CHN", "WLD"], industry="manufacturing", year=2022)
>>> share = lab.metrics.market_share(va, of="economy", within=("industry", "year"), world="WLD")
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The names that notebooks use, and the module of each. They are imported at first use, which keeps `import mic2025lab` fast.
_NAMES = {
    "load": "catalog",
    "scan": "catalog",
    "register": "catalog",
    "datasets": "catalog",
    "describe": "catalog",
    "economies": "catalog.listing",
    "industries": "catalog.listing",
    "sectors": "catalog.listing",
    "search": "searching",
    "parameters": "analyses",
    "record": "results.record",
    "record_table": "results.record",
    "record_specifications": "results.record",
    "record_figure": "results.record",
    "record_finding": "results.record",
}
_MODULES = {
    "claims",
    "metrics",
    "models",
    "plots",
    "catalog",
    "errors",
    "classifications",
    "results",
    "runs",
    "analyses",
}

__all__ = sorted(["__version__", "claims", "metrics", "models", "plots", *_NAMES])


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(import_module(f"mic2025lab.{_NAMES[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"mic2025lab.{name}")
    else:
        raise AttributeError(f"module 'mic2025lab' has no attribute {name!r}; it has: {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
