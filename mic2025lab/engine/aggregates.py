"""Labels that are sums of other labels, so that no metric adds a total to its own parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from mic2025lab.engine.codes import Codes
from mic2025lab.errors import TableError

__all__ = ["AGGREGATES", "Aggregates", "Named", "check_no_overlap"]


class Named(dict[str, Any]):
    """A dictionary that prints as its name, so that a signature with it as a default stays legible."""

    def __init__(self, name: str, items: Mapping[str, Any]) -> None:
        super().__init__(items)
        self.name = name

    def __repr__(self) -> str:
        """Return the name."""
        return self.name


# fmt: off
_EU27 = frozenset({
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL",
    "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
})
_KTI_MANUFACTURING = frozenset({
    "aerospace", "chemicals", "computers_electronics", "electrical_equipment", "machinery",
    "medical_instruments", "motor_vehicles", "pharmaceuticals", "rail_other_transport", "weapons",
})
# fmt: on
_KTI_SERVICES = frozenset({"it_services", "scientific_rd", "software"})
_MANUFACTURING = _KTI_MANUFACTURING | {"kti_manufacturing"}

# Each aggregate and its parts. None: every other label of the column is a part.
AGGREGATES = Named(
    "AGGREGATES",
    {
        "WLD": None,
        "W00": None,
        "EU27": _EU27,
        "EUU": _EU27 | {"EU27"},
        "EU28": _EU27 | {"EU27", "EUU", "GBR"},
        "CHN+HKG": frozenset({"CHN", "HKG"}),
        "all_industries": None,
        "manufacturing": _MANUFACTURING,
        "private_services": _KTI_SERVICES | {"kti_services"},
        "kti": _MANUFACTURING | _KTI_SERVICES | {"kti_services", "manufacturing", "private_services"},
        "kti_manufacturing": _KTI_MANUFACTURING,
        "kti_services": _KTI_SERVICES,
        "total": None,
        "TOTAL": None,
    },
)

Aggregates = Mapping[str, Collection[str] | None] | Iterable[str]


def check_no_overlap(
    column: Codes, aggregates: Aggregates, option: str | None = None, *, used: np.ndarray | None = None
) -> None:
    """Raise TableError if an aggregate and one of its parts are both in a column whose labels are added.

    Parameters
    ----------
    column
        The column whose labels are added.
    aggregates
        Aggregates and their parts (None, or a plain list of labels: every other label is a part).
    option
        How the metric takes an aggregate's row as the total, such as ``world=…``, for the message.
    used
        Mask of the rows that are added (all by default).
    """
    known = aggregates if isinstance(aggregates, Mapping) else dict.fromkeys(aggregates)
    if not any(label in known for label in column.labels if isinstance(label, str)):
        return
    raw = column.raw if used is None else column.raw[used]
    present = [column.labels[code] for code in np.flatnonzero(np.bincount(raw, minlength=len(column)))]
    for label in present:
        if label not in known:
            continue
        parts = known[label]
        inside = [other for other in present if other != label and (parts is None or other in parts)]
        if inside:
            listed = ", ".join(map(str, inside[:5])) + (", …" if len(inside) > 5 else "")
            remedy = f"Take its row as the total with {option}, or drop" if option else "Drop"
            raise TableError(
                f"Column {column.name!r} has {label!r} beside {listed}, which are parts of it: adding them would count them "
                f"twice. {remedy} the aggregate or its parts; `aggregates=()` takes every label as it is."
            )
