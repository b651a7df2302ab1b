"""Imports over domestic use by sector of the plan, from China's input-output tables; part of `import_dependence`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import sectors
from mic2025lab.evidence._words import counted, each, moved, plain, signed

#: Change in points that is still called none.
MARGIN = 0.5

#: Industries of edition oecd-2021 (45 industries) that stand in for each sector.
INDUSTRIES: Mapping[str, tuple[str, ...]] = {
    "information_technology": ("17", "35"),
    "machine_tools_robotics": ("19",),
    "aerospace": ("21",),
    "ships_ocean_engineering": ("21",),
    "rail": ("21",),
    "new_energy_vehicles": ("20",),
    "power_equipment": ("18",),
    "agricultural_machinery": ("19",),
    "new_materials": ("11",),
    "biopharma_medical": ("12",),
}

#: How much of the industries is the sector: as for `value_added`, but aircraft, ships and trains are one industry here and medical
#: instruments are in none of these.
MATCH: Mapping[str, str] = {
    **{slug: sectors.get(slug).match for slug in INDUSTRIES},
    "aerospace": "poor",
    "ships_ocean_engineering": "poor",
    "rail": "poor",
    "biopharma_medical": "partial",
}

#: The same industries in edition nbs-42, which has other years and 42 industries; all of the sectors together only.
NBS = (
    "Manufacture of chemical products",
    "Manufacture of communication equipment, computers and other electronic equipment",
    "Manufacture of electrical machinery and equipment",
    "Manufacture of general purpose machinery",
    "Manufacture of special purpose machinery",
    "Manufacture of transport equipment",
    "Manufacture of instruments and meters",
)

ALL = "all of the plan"
_FLOWS = ["output", "exports", "imports"]


def by_industry(table: pd.DataFrame) -> pd.DataFrame:
    """Imports over domestic use, percent, of the plan's industries in edition oecd-2021: `industry`, `name`, `year`, `penetration`."""
    plan = sorted({code for codes in INDUSTRIES.values() for code in codes})
    rows = table[(table["edition"] == "oecd-2021") & table["industry"].isin(plan)]
    return _penetration(rows)[["industry", "name", "year", "penetration"]]


def by_sector(table: pd.DataFrame) -> pd.DataFrame:
    """The same by sector, and for `ALL` with every industry once: `sector`, `year`, `penetration`."""
    rows = table[table["edition"] == "oecd-2021"]
    plan = tuple(sorted({code for codes in INDUSTRIES.values() for code in codes}))
    parts = [
        rows[rows["industry"].isin(codes)]
        .groupby("year", as_index=False)[_FLOWS]
        .sum(min_count=len(codes))
        .assign(sector=sector)
        for sector, codes in {ALL: plan, **INDUSTRIES}.items()
    ]
    return _penetration(pd.concat(parts, ignore_index=True))[["sector", "year", "penetration"]]


def nbs(table: pd.DataFrame) -> pd.DataFrame:
    """The same for the industries together in edition nbs-42: `year`, `penetration`."""
    rows = table[(table["edition"] == "nbs-42") & table["name"].isin(NBS)]
    return _penetration(rows.groupby("year", as_index=False)[_FLOWS].sum(min_count=len(NBS)))[
        ["year", "penetration"]
    ]


def changes(table: pd.DataFrame, *, of: str, base: int) -> pd.DataFrame:
    """Compare the first, the base and the last year: the key, `first`, `base`, `last` (percent), `before` and `after` (points)."""
    wide = table.pivot(index=of, columns="year", values="penetration")
    first, last = int(wide.columns.min()), int(wide.columns.max())
    found = pd.DataFrame({"first": wide[first], "base": wide[base], "last": wide[last]})
    return found.assign(
        before=found["base"] - found["first"], after=found["last"] - found["base"]
    ).reset_index()


def sector_table(found: pd.DataFrame) -> pd.DataFrame:
    """Name the sectors, in the order of the plan, with how well their industries match."""
    order = {slug: place for place, slug in enumerate(INDUSTRIES)}
    rows = found[found["sector"].isin(order)].sort_values(
        "sector", key=lambda column: column.map(order), ignore_index=True
    )
    return rows.assign(
        name=rows["sector"].map(lambda slug: sectors.get(slug).name), match=rows["sector"].map(MATCH)
    )


def _penetration(rows: pd.DataFrame) -> pd.DataFrame:
    found = metrics.import_penetration(rows.assign(economy="CHN"))
    return found.assign(penetration=100 * found["import_penetration"])


# -- words -----------------------------------------------------------------------------------------------------------------------


def say(sector: pd.DataFrame, industry: pd.DataFrame, *, base: int) -> str:
    """Say how imports over domestic use moved before and after the base year, and in how many industries."""
    years = sorted(sector["year"].unique())
    whole: Any = changes(sector, of="sector", base=base).set_index("sector").loc[ALL]
    moves = changes(industry, of="name", base=base)
    fell, rose = moves[moves["after"] < -MARGIN], moves[moves["after"] > MARGIN]
    text = (
        f"Of what China used of the plan’s industries {plain(whole['first'])}% was imported in {years[0]}, {plain(whole['base'])}% in {base} and "
        f"{plain(whole['last'])}% in {years[-1]}: it {moved(whole['before'], margin=MARGIN)} before {base} and "
        f"{moved(whole['after'], margin=MARGIN)} after ({signed(whole['after'])} points)."
    )
    return f"{text} After {base} it fell in {_named(fell)} and rose in {_named(rose)}, of {len(moves)}."


def say_nbs(table: pd.DataFrame) -> str:
    """Say how it moved in the NBS tables, which reach further."""
    own: Any = table.set_index("year")["penetration"].sort_index()
    first, last = int(own.index[0]), int(own.index[-1])
    verb = moved(own[last] - own[first], margin=MARGIN)
    return (
        f"By the NBS’s own tables, which count otherwise and cannot be joined to the others, it {verb} from {first} to {last} "
        f"({plain(own[first])}% to {plain(own[last])}%); the last is a year of the pandemic."
    )


def title(found: pd.DataFrame, *, base: int, last: int) -> str:
    """Title of the figure: in how many of the plan's industries the share of imports fell after the base year."""
    down, up = int((found["after"] < -MARGIN).sum()), int((found["after"] > MARGIN).sum())
    return (
        f"From {base} to {last} imports took a smaller share of domestic use in {down} of the plan’s "
        f"{counted(len(found), 'industry', 'industries')}, a larger one in {up}"
    )


def _named(rows: pd.DataFrame) -> str:
    words = [
        f"{row.label} {signed(row.after)}"
        for row in each(rows.rename(columns={"name": "label"}).sort_values("after"))
    ]
    return f"{counted(len(words), 'industry', 'industries')} ({'; '.join(words)})" if words else "none"
