"""Names of the industry slugs of `value_added` and `capacity_utilization`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mic2025lab.classifications import lists
from mic2025lab.errors import unknown_name


def _column(column: str, table: str) -> Mapping[str, str]:
    rows = (row for row in lists.read("industries") if row["table"] == table)
    return MappingProxyType({row["code"]: row[column] for row in rows if row[column]})


#: Industries of `value_added`: slug -> name, for use in a sentence.
VALUE_ADDED = _column("name", "value_added")

#: Industries of `capacity_utilization`: slug -> name.
CAPACITY = _column("name", "capacity_utilization")

#: Industries of the OECD's inter-country tables (edition 2023): code -> name.
ICIO = _column("name", "intermediate_exports")

#: Manufacturing industries of `us_imports_by_industry` (NAICS, three digits) that have no name above.
NAICS = _column("name", "us_imports_by_industry")

#: Industries of the OECD's tables that contain sectors of the plan; other manufacturing industries were not among the ten.
ICIO_TARGETED = ("C21", "C26", "C27", "C28", "C29", "C30")

#: Industries of `capacity_utilization` that are sums of others.
CAPACITY_AGGREGATES = ("total", "mining", "manufacturing", "utilities")

#: Industries of `capacity_utilization` that are closest to a sector of the plan: slug -> sector.
CAPACITY_TARGETED = _column("sector", "capacity_utilization")

_SUMS = lists.read("industry_sums")

#: The manufacturing industries of `value_added` that do not overlap, largest first in 2015.
DETAILED_MANUFACTURING = tuple(
    part for row in _SUMS if row["total"] == "kti_manufacturing" for part in row["parts"].split()
)


def _parts(table: str) -> Mapping[str, frozenset[str]]:
    """Read the sums of a table. A part may be a sum of an earlier row, and ends in * where it is nothing but the rest."""
    parts: dict[str, frozenset[str]] = {}
    for row in _SUMS:
        if row["table"] == table:
            smallest = [parts.setdefault(name, frozenset({name})) for name in row["parts"].split()]
            parts[row["total"]] = frozenset[str]().union(*smallest)
    return {slug: own for slug, own in parts.items() if not slug.endswith("*")}


#: For each table whose industries or product groups nest: slug -> the smallest ones that it is the sum of, itself if it is not a sum.
PARTS = tuple(_parts(table) for table in dict.fromkeys(row["table"] for row in _SUMS))


def name(slug: str) -> str:
    """Return the name of an industry slug.

    Examples
    --------
    >>> name("computers_electronics"), name("ferrous_metals"), name("plastics_rubber")
    ('computers and electronics', 'iron and steel', 'plastics and rubber')
    """
    for names in (VALUE_ADDED, CAPACITY, ICIO, NAICS):
        if slug in names:
            return names[slug]
    raise unknown_name("industry", slug, [*VALUE_ADDED, *CAPACITY, *ICIO, *NAICS], listing="lab.industries()")


def names(slugs: Iterable[str]) -> dict[str, str]:
    """Return slug -> name with a capital letter, for the labels of a figure.

    Examples
    --------
    >>> names(["motor_vehicles", "it_services"])
    {'motor_vehicles': 'Motor vehicles', 'it_services': 'IT services'}
    """
    return {slug: name(slug)[0].upper() + name(slug)[1:] for slug in dict.fromkeys(slugs)}
