"""Metrics: a table in, a table out, of the same kind (pandas, Polars or Arrow).

Each function takes the table first and everything else by keyword: `of` (the entity), `within` (the cell in which it is compared),
`value` (the number). Each docstring has the formula, units, the rule for missing values, and the reference.
"""

from mic2025lab.engine.by_partition import over_partitions as _over_partitions
from mic2025lab.metrics.capacity import price_volume, share_below, surplus_ratio, utilization_gap
from mic2025lab.metrics.complexity import complexity, product_complexity
from mic2025lab.metrics.concentration import (
    concentration_ratio,
    effective_suppliers,
    hhi,
    normalized_hhi,
    theil,
)
from mic2025lab.metrics.decompositions import constant_market_share, shift_share
from mic2025lab.metrics.dependence import (
    apparent_consumption,
    import_penetration,
    import_share,
    localization,
    self_sufficiency,
)
from mic2025lab.metrics.growth import growth_accounting, growth_by_period, perpetual_inventory
from mic2025lab.metrics.intercountry import foreign_input_reliance
from mic2025lab.metrics.investment import icor, mpk, return_on_capital
from mic2025lab.metrics.pace import pace
from mic2025lab.metrics.peaks import peak, peak_sensitivity
from mic2025lab.metrics.product_space import complexity_outlook, density, proximity
from mic2025lab.metrics.productivity import labor_productivity_decomposition, misallocation_gap
from mic2025lab.metrics.shares import displacement, market_share, share_change
from mic2025lab.metrics.sophistication import expy, prody
from mic2025lab.metrics.specialization import location_quotient, nrca, rca, rsca
from mic2025lab.metrics.strategic_dependence import chokepoints, strategic_dependencies
from mic2025lab.metrics.supplier_dominance import export_dominance, main_supplier, reverse_dependence
from mic2025lab.metrics.totals import remainder
from mic2025lab.metrics.trade_patterns import export_similarity, grubel_lloyd, lafay, trade_complementarity

__all__ = [
    "apparent_consumption",
    "chokepoints",
    "complexity",
    "complexity_outlook",
    "concentration_ratio",
    "constant_market_share",
    "density",
    "displacement",
    "effective_suppliers",
    "export_dominance",
    "export_similarity",
    "expy",
    "foreign_input_reliance",
    "growth_accounting",
    "growth_by_period",
    "grubel_lloyd",
    "hhi",
    "icor",
    "import_penetration",
    "import_share",
    "labor_productivity_decomposition",
    "lafay",
    "localization",
    "location_quotient",
    "main_supplier",
    "market_share",
    "misallocation_gap",
    "mpk",
    "normalized_hhi",
    "nrca",
    "pace",
    "peak",
    "peak_sensitivity",
    "perpetual_inventory",
    "price_volume",
    "product_complexity",
    "prody",
    "proximity",
    "rca",
    "remainder",
    "return_on_capital",
    "reverse_dependence",
    "rsca",
    "self_sufficiency",
    "share_below",
    "share_change",
    "shift_share",
    "strategic_dependencies",
    "surplus_ratio",
    "theil",
    "trade_complementarity",
    "utilization_gap",
]

# Each of them takes a table in partitions too.
for _name in __all__:
    globals()[_name] = _over_partitions(globals()[_name])

# Converts a table rather than measuring it, and takes a whole table only.
from mic2025lab.metrics.concordance import convert_products as convert_products  # noqa: E402
