"""Metrics: a table in, a table out, of the same kind (pandas, Polars or Arrow).

Each function takes the table first and everything else by keyword: `of` (the entity), `within` (the cell in which it is compared),
`value` (the number). Each docstring has the formula, units, the rule for missing values, and the reference.
"""

from types import ModuleType as _ModuleType

# ruff: noqa: F403 - a module's own `__all__` names its metrics
from mic2025lab.engine.by_partition import over_partitions as _over_partitions
from mic2025lab.metrics.capacity import *
from mic2025lab.metrics.complexity import *
from mic2025lab.metrics.concentration import *
from mic2025lab.metrics.decompositions import *
from mic2025lab.metrics.dependence import *
from mic2025lab.metrics.growth import *
from mic2025lab.metrics.intercountry import *
from mic2025lab.metrics.investment import *
from mic2025lab.metrics.productivity import *
from mic2025lab.metrics.series import *
from mic2025lab.metrics.shares import *
from mic2025lab.metrics.specialization import *
from mic2025lab.metrics.strategic_dependence import *
from mic2025lab.metrics.supplier_dominance import *
from mic2025lab.metrics.trade_patterns import *

__all__ = sorted(
    name for name, found in globals().items() if not (name.startswith("_") or isinstance(found, _ModuleType))
)

# Each of them takes a table in partitions too.
for _name in __all__:
    globals()[_name] = _over_partitions(globals()[_name])

# Converts a table rather than measuring it, and takes a whole table only.
from mic2025lab.metrics.concordance import convert_products as convert_products  # noqa: E402


def __dir__() -> list[str]:
    return sorted([*__all__, "convert_products"])
