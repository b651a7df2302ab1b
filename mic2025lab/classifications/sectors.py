"""The ten priority sectors of Made in China 2025, and the industries of `value_added` that represent them."""

from __future__ import annotations

from dataclasses import dataclass

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


SECTORS: tuple[Sector, ...] = (
    Sector(
        "information_technology",
        1,
        "New-generation information technology",
        "新一代信息技术产业",
        ("computers_electronics", "it_services", "software"),
        "good",
        "ISIC C26, J62-63 and J582. C26 also holds consumer electronics, watches and optical goods; chips are not apart.",
    ),
    Sector(
        "machine_tools_robotics",
        2,
        "High-end CNC machine tools and robots",
        "高档数控机床和机器人",
        ("machinery",),
        "partial",
        "ISIC C28 is all machinery: machine tools and robots are a small part of it beside engines, pumps, farm and building machines.",
    ),
    Sector(
        "aerospace",
        3,
        "Aerospace equipment",
        "航空航天装备",
        ("aerospace",),
        "good",
        "ISIC C303: civil and military aircraft, spacecraft and their engines and parts.",
    ),
    Sector(
        "ships_ocean_engineering",
        4,
        "Marine engineering equipment and high-tech ships",
        "海洋工程装备及高技术船舶",
        (),
        "none",
        "Ships are ISIC C301, which the table's C30X leaves out, so no industry with data on value added holds them. The MIIT publishes figures.",
    ),
    Sector(
        "rail",
        5,
        "Advanced rail transit equipment",
        "先进轨道交通装备",
        ("rail_other_transport",),
        "partial",
        "ISIC C30X is rail vehicles (C302) with military vehicles (C304) and motorcycles, bicycles and the rest (C309).",
    ),
    Sector(
        "new_energy_vehicles",
        6,
        "Energy-saving and new-energy vehicles",
        "节能与新能源汽车",
        ("motor_vehicles",),
        "partial",
        "ISIC C29 is all motor vehicles and parts, whatever drives them; batteries are in electrical equipment (C27).",
    ),
    Sector(
        "power_equipment",
        7,
        "Power equipment",
        "电力装备",
        ("electrical_equipment",),
        "partial",
        "ISIC C27 is generators, motors and cables, but also batteries, lamps and household appliances; turbines and solar cells are elsewhere.",
    ),
    Sector(
        "agricultural_machinery",
        8,
        "Agricultural machinery and equipment",
        "农机装备",
        ("machinery",),
        "poor",
        "Farm machines are one small class (C2821) of ISIC C28: its share says little about them. The same industry as sector 2.",
    ),
    Sector(
        "new_materials",
        9,
        "New materials",
        "新材料",
        ("chemicals",),
        "poor",
        "ISIC C20 is mostly bulk chemicals, and special steels, alloys, ceramics and composites are not in it.",
    ),
    Sector(
        "biopharma_medical",
        10,
        "Biomedicine and high-performance medical devices",
        "生物医药及高性能医疗器械",
        ("pharmaceuticals", "medical_instruments"),
        "partial",
        "ISIC C21 and C325, mostly pharmaceuticals of every kind; electromedical apparatus (C266) is in computers and electronics.",
    ),
)

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
