"""What a table says about itself in `attrs`: its name, source, and the unit of each column; and what a metric makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Unit -> the columns of metrics that have it; "value" stands for the unit of the metric's input.
_COLUMNS = {
    "fraction": """share share_start share_end concentration_ratio import_share import_penetration self_sufficiency top_share next_share
        main_share outside_share severity_share face_value_share look_through_share home_share_start home_share_end share_below
        surplus_ratio gain total_share""",
    "fraction of output": "face_value look_through foreign_content",
    "fraction a year": "mpk_naive mpk_price_corrected gross_return net_return price_gain return_on_capital",
    "percentage points": """share_change structure structure_product structure_destination structure_joint performance interaction points
        displacement gap""",
    "% of trade": "lafay",
    "log points, 0.01 is about 1%, a year": """output_growth capital_contribution labor_contribution human_capital_contribution tfp_growth""",
    "log points": "price_change volume_change misallocation_gap labor_gap capital_gap",
    "standard deviations": "gap_sd",
    "%": "reference",
    "index": """hhi supplier_hhi world_hhi normalized_hhi theil grubel_lloyd export_similarity trade_complementarity proximity density eci pci
        complexity_outlook nrca rsca tfp_index""",
    "ratio": "rca location_quotient import_export_ratio icor",
    "suppliers": "effective_suppliers suppliers",
    "value": """value apparent_consumption imports_outside imports_inside imports exports severity dependent_imports output output_change
        imports_change demand substitution exports_change substitution_foreign substitution_domestic initial growth reference_growth
        industry_mix competitive value_start value_at value_end peak over_first over_last least_over_last most_over_last capital prody
        expy""",
    "value a year": "before after change low high",
}
_UNITS = {column: unit for unit, columns in _COLUMNS.items() for column in columns.split()}
_INPUTS = (
    "value",
    "income",
    "output",
    "investment",
)  # options that name the column whose unit a result can have


def carry(result: Any, table: Any, options: Mapping[str, Any]) -> None:
    """Describe the result of a metric as its table is described, with the units of its own columns.

    A column of the table keeps its unit, a column of the metric has the metric's, and one whose unit is not known has none.
    """
    about = getattr(table, "attrs", None) or {}
    units = about.get("units")
    if units is None or not hasattr(result, "attrs"):
        return
    known = (
        units[options[name]]
        for name in _INPUTS
        if isinstance(options.get(name), str) and options[name] in units
    )
    own = next(known, None)
    described = {}
    for column in result.columns:
        unit = units.get(column) if column in table.columns else _UNITS.get(column)
        if unit in ("value", "value a year") and column not in units:
            unit = unit.replace("value", own, 1) if own else None
        if unit:
            described[column] = unit
    result.attrs = {**about, "units": described}
