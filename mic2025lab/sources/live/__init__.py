"""The interfaces of producers: what each sends now, in the layout of the raw files, so that a table's own cleaning function checks it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mic2025lab.sources.live.interface import Interface

#: Every interface; read from the modules when it is first used.
INTERFACES: tuple[Interface, ...]


def __getattr__(name: str) -> Any:
    if name != "INTERFACES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = (getattr(module, "INTERFACES", ()) for module in modules)
    made = globals()["INTERFACES"] = tuple(interface for several in found for interface in several)
    return made
