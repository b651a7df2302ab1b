"""The ten priority sectors of Made in China 2025, and the industries of `value_added` that represent them."""

from __future__ import annotations

from dataclasses import dataclass

from mic2025lab.classifications import lists
from mic2025lab.errors import unknown_name

#: How well the industries represent the sector, best first.
MATCHES = ("good", "partial", "poor", "none")


@dataclass(frozen=True)
class Sector:
    """One of the ten priority sectors.

    Attributes
    ----------
    slug : str
        The name used in tables and parameters.
    number : int
        Its number in the plan, 1 to 10.
    name, name_zh : str
        English and Chinese name; the Chinese names were not checked against the plan's text (see the table `sectors`).
    industries : tuple of str
        Industries of the table `value_added` that represent it; empty if there are none.
    match : {"good", "partial", "poor", "none"}
        How closely the industries and the sector coincide.
    match_note : str
        What the industries include too much or too little of.
    """

    slug: str
    number: int
    name: str
    name_zh: str
    industries: tuple[str, ...]
    match: str
    match_note: str


def _sector(row: dict[str, str]) -> Sector:
    number, industries = int(row.pop("number")), tuple(row.pop("industries").split())
    return Sector(number=number, industries=industries, **row)


SECTORS = tuple(map(_sector, lists.read("sectors")))

_BY_SLUG = {sector.slug: sector for sector in SECTORS}


def slugs() -> tuple[str, ...]:
    """Return the ten slugs in the plan's order."""
    return tuple(_BY_SLUG)


def get(slug: str) -> Sector:
    """Find a sector by its slug.

    Raises
    ------
    UnknownName
        If there is no such sector; the message names the nearest.

    Examples
    --------
    >>> get("rail").industries
    ('rail_other_transport',)
    """
    if slug not in _BY_SLUG:
        raise unknown_name("sector", slug, _BY_SLUG)
    return _BY_SLUG[slug]
