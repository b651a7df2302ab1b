"""Which industries of a table stand in for each sector of the plan, and how well.

The choice is this project's. A match is *good* where the industries are mostly the sector and hold most of it, *partial* where
one of the two fails, and *poor* where both do. `value_added` has its own list in `sectors.SECTORS`, and `capacity_utilization` in
`industries.CAPACITY_TARGETED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mic2025lab.errors import unknown_name

# Table or edition -> lines of "sector | match | industry = label; industry = label | what the industries have too much or too little of".
_TABLES: Mapping[str, str] = {
    # Inter-country tables (ISIC): aircraft, ships, and trains are one industry.
    "intermediate_exports": """
information_technology | partial | C26
machine_tools_robotics | partial | C28
aerospace | poor | C30
ships_ocean_engineering | poor | C30
rail | poor | C30
new_energy_vehicles | partial | C29
power_equipment | partial | C27
agricultural_machinery | poor | C28
new_materials | poor | C20
biopharma_medical | partial | C21
""",
    # The OECD's edition of China's input-output tables (45 industries), as above; medical instruments are in none of these, so that
    # the sector is pharmaceuticals alone.
    "oecd-2021": """
information_technology | good | 17; 35
machine_tools_robotics | partial | 19
aerospace | poor | 21
ships_ocean_engineering | poor | 21
rail | poor | 21
new_energy_vehicles | partial | 20
power_equipment | partial | 18
agricultural_machinery | poor | 19
new_materials | poor | 11
biopharma_medical | partial | 12
""",
    # The NBS's finer tables (more than 100 industries), by name. Medical equipment is separate from 2018 only, and robots never.
    "nbs": """
information_technology | good | Manufacture of electronic components = Electronic components; Manufacture of computers = Computers; \
Manufacture of communication equipment = Communication equipment | Chips are in electronic components; software is in none of them.
machine_tools_robotics | partial | Manufacture of metal-processing machinery = Metal-processing machines | \
Machine tools, with casting and welding machines; robots are elsewhere.
aerospace | partial | Manufacture of other transport equipment = Other transport equipment | \
Aircraft and spacecraft, with motorcycles and bicycles.
ships_ocean_engineering | good | Manufacture of ships and related installations = Ships | \
Ships and floating installations of every kind, high-tech or not.
rail | good | Manufacture of equipment for railway and urban public transport = Rail equipment | \
Railway and urban rail vehicles and their equipment.
new_energy_vehicles | partial | Manufacture of automobiles = Automobiles; Manufacture of auto parts and accessories = Auto parts; \
Manufacture of batteries = Batteries | All vehicles and batteries, whatever drives them and whatever they drive.
power_equipment | partial | Manufacture of boilers and prime movers = Boilers and prime movers; \
Manufacture of electric motors = Motors and generators; \
Manufacture of power transmission and distribution, and control equipment = Transmission and control | \
Prime movers are turbines, but also engines of ships and machines.
agricultural_machinery | good | \
Manufacture of special machinery for agriculture, forestry, animal husbandry and fishery = Farm machinery | \
Machinery for farming, forestry, and fishing.
new_materials | poor | Manufacture of synthetic materials = Synthetic materials | \
Plastics, rubber, and fiber polymers in bulk; alloys, ceramics, and composites are elsewhere.
biopharma_medical | partial | Manufacture of medical products = Pharmaceuticals; \
Manufacture of medical equipment = Medical equipment | \
Pharmaceuticals of every kind; medical equipment is separate only in 2018 and 2020.
""",
}

#: The plan's broad industries in the NBS's tables: name in the tables of 42 industries, and the first and last of its parts where the table is finer.
NBS_BROAD: Mapping[str, tuple[str, str]] = {
    "Manufacture of chemical products": (
        "Manufacture of chemical raw materials",
        "Manufacture of plastic products",
    ),
    "Manufacture of general purpose machinery": (
        "Manufacture of boilers and prime movers",
        "Manufacture of other general machinery",
    ),
    "Manufacture of special purpose machinery": (
        "Manufacture of special equipment for mining, metallurgy and construction",
        "Manufacture of other special machinery",
    ),
    "Manufacture of transport equipment": (
        "Manufacture of automobiles",
        "Manufacture of other transport equipment",
    ),
    "Manufacture of electrical machinery and equipment": (
        "Manufacture of electric motors",
        "Manufacture of other electrical machinery and equipment",
    ),
    "Manufacture of communication equipment, computers and other electronic equipment": (
        "Manufacture of computers",
        "Manufacture of other electronic equipment",
    ),
    "Manufacture of instruments and meters": ("Manufacture of instruments and meters",) * 2,
}


def broad(table: Any) -> Any:
    """Add up edition nbs of `industry_supply` to the plan's broad industries, which are the same in every table from 2012.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of edition nbs; years before 2012 are left out.

    Returns
    -------
    pandas.DataFrame
        `year`, `name` (an industry of `NBS_BROAD`), `output`, `exports`, and `imports`.
    """
    import pandas as pd

    sums = []
    for year, rows in table[table["year"] >= 2012].sort_values("industry").groupby("year"):
        rows = rows.set_index("name")[["output", "exports", "imports"]]
        for name, (first, last) in NBS_BROAD.items():
            parts = rows.loc[[name]] if name in rows.index else rows.loc[first:last]
            sums.append({"year": year, "name": name, **parts.sum()})
    return pd.DataFrame(sums)


def industries(table: str) -> Any:
    """List the industries that stand in for each sector.

    Parameters
    ----------
    table : {"intermediate_exports", "oecd-2021", "nbs"}
        A table, or an edition of `industry_supply`.

    Returns
    -------
    pandas.DataFrame
        A row for each sector and industry, in the order of the plan: `sector`, `industry` (code, or name in edition nbs), `label`
        (a short name, or the code), `match` ("good", "partial", "poor"), and `note`. An industry may stand in for several sectors.

    Raises
    ------
    UnknownName
        Unknown table.

    Examples
    --------
    >>> industries("oecd-2021").head(3)[["sector", "industry", "match"]].to_numpy().tolist()
    [['information_technology', '17', 'good'], ['information_technology', '35', 'good'], ['machine_tools_robotics', '19', 'partial']]
    """
    import pandas as pd

    if table not in _TABLES:
        raise unknown_name("table of stand-ins", table, _TABLES)
    rows = []
    for line in _TABLES[table].strip().splitlines():
        sector, match, names, note = [part.strip() for part in (line + " | ").split("|")[:4]]
        for name in names.split(";"):
            industry, _, label = (part.strip() for part in name.partition("="))
            rows.append((sector, industry, label or industry, match, note))
    return pd.DataFrame(rows, columns=["sector", "industry", "label", "match", "note"])
