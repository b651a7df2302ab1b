"""Labels that stand for a sum of other labels, so that no metric adds a total to its own parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from mic2025lab.engine.codes import Codes
from mic2025lab.errors import TableError

__all__ = ["AGGREGATES", "Aggregates", "check_no_overlap"]

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

# Each label, and the labels that are parts of it; None: every other label is.
AGGREGATES: Mapping[str, Collection[str] | None] = {
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
}

Aggregates = Mapping[str, Collection[str] | None] | Iterable[str]


def check_no_overlap(
    column: Codes, aggregates: Aggregates, *, remedy: str, used: np.ndarray | None = None
) -> None:
    """Raise TableError if a label and one of its parts are both there and would be added.

    Parameters
    ----------
    column
        The column whose labels are added up.
    aggregates
        Labels that are sums and their parts (None, or a plain list of labels: every other label is a part).
    remedy
        What the caller of the metric can do, for the message.
    used
        Mask of the rows that are added (all, if not given).
    """
    known = aggregates if isinstance(aggregates, Mapping) else dict.fromkeys(aggregates)
    if not any(label in known for label in column.labels if isinstance(label, str)):
        return
    raw = column.raw if used is None else column.raw[used]
    there = [column.labels[code] for code in np.flatnonzero(np.bincount(raw, minlength=len(column)))]
    for label in there:
        if label not in known:
            continue
        parts = known[label]
        inside = [other for other in there if other != label and (parts is None or other in parts)]
        if inside:
            shown = ", ".join(map(str, inside[:5])) + (", …" if len(inside) > 5 else "")
            raise TableError(
                f"Column {column.name!r} has {label!r} beside {shown}, which are parts of it: "
                f"adding them would count them twice. {remedy}"
            )
