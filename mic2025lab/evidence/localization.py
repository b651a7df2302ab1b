"""Imports in the NBS's finer industries, and whether home output replaced imports; part of `import_dependence` and `sector_profile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mic2025lab import metrics
from mic2025lab.evidence._words import counted, each, listing, moved, plain, signed
from mic2025lab.evidence.penetration import INDUSTRIES, MARGIN

#: All industries of the plan together, each once.
ALL = "all of the plan"
#: The last year of the NBS's tables before the pandemic.
CALM = 2018
_FLOWS = ["output", "exports", "imports"]


@dataclass(frozen=True)
class StandIn:
    """Industries of edition nbs that stand in for a sector of the plan; the choice is ours.

    Attributes
    ----------
    names : mapping
        Name in the table -> label in a figure. The tables are compared by name, as the catalogue's entry allows.
    match : {"good", "partial", "poor"}
        How much of the industries is the sector, and how much of the sector is in them.
    note : str
        What the industries have too much or too little of.
    """

    names: Mapping[str, str]
    match: str
    note: str


#: Sector -> industries. Medical equipment stands apart only from 2018 on, and robots never.
DETAILED: Mapping[str, StandIn] = {
    "information_technology": StandIn(
        {
            "Manufacture of electronic components": "Electronic components",
            "Manufacture of computers": "Computers",
            "Manufacture of communication equipment": "Communication equipment",
        },
        "good",
        "Chips are in electronic components; software is in none of them.",
    ),
    "machine_tools_robotics": StandIn(
        {"Manufacture of metal-processing machinery": "Metal-processing machines"},
        "partial",
        "Machine tools, with casting and welding machines; robots are elsewhere.",
    ),
    "aerospace": StandIn(
        {"Manufacture of other transport equipment": "Other transport equipment"},
        "partial",
        "Aircraft and spacecraft, with motorcycles and bicycles.",
    ),
    "ships_ocean_engineering": StandIn(
        {"Manufacture of ships and related installations": "Ships"},
        "good",
        "Ships and floating installations of every kind, high-tech or not.",
    ),
    "rail": StandIn(
        {"Manufacture of equipment for railway and urban public transport": "Rail equipment"},
        "good",
        "Railway and urban rail vehicles and their equipment.",
    ),
    "new_energy_vehicles": StandIn(
        {
            "Manufacture of automobiles": "Automobiles",
            "Manufacture of auto parts and accessories": "Auto parts",
            "Manufacture of batteries": "Batteries",
        },
        "partial",
        "All vehicles and batteries, whatever drives them and whatever they drive.",
    ),
    "power_equipment": StandIn(
        {
            "Manufacture of boilers and prime movers": "Boilers and prime movers",
            "Manufacture of electric motors": "Motors and generators",
            "Manufacture of power transmission and distribution, and control equipment": "Transmission and control",
        },
        "partial",
        "Prime movers are turbines, but also engines of ships and machines.",
    ),
    "agricultural_machinery": StandIn(
        {
            "Manufacture of special machinery for agriculture, forestry, animal husbandry and fishery": "Farm machinery"
        },
        "good",
        "Machinery for farming, forestry and fishing.",
    ),
    "new_materials": StandIn(
        {"Manufacture of synthetic materials": "Synthetic materials"},
        "poor",
        "Plastics, rubber and fiber polymers in bulk; alloys, ceramics and composites are elsewhere.",
    ),
    "biopharma_medical": StandIn(
        {"Manufacture of medical products": "Pharmaceuticals"},
        "partial",
        "Pharmaceuticals of every kind; medical equipment stands apart only in 2018 and 2020.",
    ),
}


def detailed(table: pd.DataFrame) -> pd.DataFrame:
    """Imports over domestic use, percent, of the plan's industries in edition nbs: `sector`, `name`, `label`, `year`, `import_share`.

    Only the tables with more than a hundred industries have these names, and 2015 is not among them.
    """
    label = {name: label for one in DETAILED.values() for name, label in one.names.items()}
    sector = {name: slug for slug, one in DETAILED.items() for name in one.names}
    rows = table[(table["edition"] == "nbs") & table["name"].isin(label)]
    rows = _share(rows)[["name", "year", "import_share"]]
    return rows.assign(sector=rows["name"].map(sector), label=rows["name"].map(label)).reset_index(drop=True)


def detailed_by_sector(table: pd.DataFrame) -> pd.DataFrame:
    """The same by sector, in the years that have all its industries: `sector`, `year`, `import_share`."""
    rows = table[table["edition"] == "nbs"]
    parts = []
    for slug, one in DETAILED.items():
        own = rows[rows["name"].isin(one.names)].groupby("year")[_FLOWS]
        sums = own.sum(min_count=len(one.names)).dropna().reset_index()
        parts.append(sums.assign(sector=slug))
    return _share(pd.concat(parts, ignore_index=True))[["sector", "year", "import_share"]]


def compare(rows: pd.DataFrame, *, of: str, base: int) -> pd.DataFrame:
    """Compare the last table at or before the base year with the last there is, and with that of `CALM`.

    Returns
    -------
    pandas.DataFrame
        `of`, `first_year` and `before_year` (of the table at or before the base year), `last_year`, `first`, `before`, `calm`, `last` (percent),
        `earlier` (points, first to before) and `after` (points, before to last); largest fall first. Missing where there is no such
        table; what has no table on both sides is left out.
    """
    lines = []
    for key, own in rows.sort_values("year").groupby(of, sort=False):
        values: Any = own.set_index("year")["import_share"].dropna()
        past, later = values[values.index <= base], values[values.index > base]
        if past.empty or later.empty:
            continue
        lines.append(
            {
                of: key,
                "first_year": int(past.index[0]),
                "before_year": int(past.index[-1]),
                "last_year": int(later.index[-1]),
                "first": past.iloc[0] if len(past) > 1 else float("nan"),
                "before": past.iloc[-1],
                "calm": later.get(CALM, float("nan")),
                "last": later.iloc[-1],
            }
        )
    columns = [of, "first_year", "before_year", "last_year", "first", "before", "calm", "last"]
    found = pd.DataFrame(lines, columns=columns)
    found = found.assign(earlier=found["before"] - found["first"], after=found["last"] - found["before"])
    return found.sort_values("after", ignore_index=True)


def decomposition(table: pd.DataFrame, *, base: int) -> pd.DataFrame:
    """Divide the growth of output of the plan's industries (`metrics.localization`, edition oecd-2021), in two windows of equal length.

    Returns
    -------
    pandas.DataFrame
        `industry`, `name`, `window` (before, after the base year), `start`, `end`, and in percent of the output of the start: `output_change`,
        `demand`, `substitution` (imports replaced) and `exports_change`, which add up to the first; `ALL` first.
    """
    plan = sorted({code for codes in INDUSTRIES.values() for code in codes})
    rows = table[(table["edition"] == "oecd-2021") & table["industry"].isin(plan)]
    whole = rows.groupby("year", as_index=False)[_FLOWS].sum(min_count=len(plan))
    rows = pd.concat([whole.assign(industry=ALL, name=ALL), rows[["industry", "name", "year", *_FLOWS]]])
    last = int(rows["year"].max())
    parts = ["output_change", "demand", "substitution", "exports_change"]
    found = []
    for window, start, end in (("before", 2 * base - last, base), ("after", base, last)):
        one = metrics.localization(rows, start=start, end=end, of=("industry", "name"))
        made = one["industry"].map(rows[rows["year"] == start].set_index("industry")["output"])
        one[parts] = 100 * one[parts].div(made, axis=0)
        one = one.assign(window=window, start=start, end=end, order=one["industry"] != ALL)
        found.append(one.sort_values(["order", "industry"]))
    return pd.concat(found, ignore_index=True)[["industry", "name", "window", "start", "end", *parts]]


def _share(rows: pd.DataFrame) -> pd.DataFrame:
    found = metrics.import_penetration(rows)
    return found.assign(import_share=100 * found["import_penetration"])


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_detailed(found: pd.DataFrame, *, base: int) -> str:
    """Say in how many of the finer industries the share of imports fell, from what `compare` gives of `label`."""
    if found.empty:
        return f"The NBS’s finer tables have no year on both sides of {base}."
    start, end = int(found["before_year"].max()), int(found["last_year"].max())
    fell, rose = found[found["after"] < -MARGIN], found[found["after"] > MARGIN]
    text = (
        f"In the finer tables of the NBS the share of imports fell from {start} to {end} in {_named(fell)} and rose in "
        f"{_named(rose.iloc[::-1])}, of {counted(len(found), 'industry', 'industries')} of the plan."
    )
    limits = [f"{start} is the last such table up to {base}, so years before it are in the change"] * (
        start < base
    )
    limits += [f"{end} is a year of the pandemic"] * (end == 2020)
    return f"{text} These are single benchmark years without an interval{''.join(f'; {limit}' for limit in limits)}."


def say_decomposition(found: pd.DataFrame) -> str:
    """Say what replacing imports did to output before and after the base year, from what `decomposition` gives."""
    whole: Any = found[found["industry"] == ALL].set_index("window")
    told = [_window(whole.loc[window]) for window in ("after", "before")]
    single = found[(found["industry"] != ALL) & (found["window"] == "after")]
    up, down = int((single["substitution"] > MARGIN).sum()), int((single["substitution"] < -MARGIN).sum())
    return (
        f"{told[0]}; {told[1][0].lower()}{told[1][1:]}. After {int(whole.loc['after', 'start'])} imports were replaced in {up} of "
        f"{counted(len(single), 'industry', 'industries')} and came back in {down}. The table is in current dollars, so prices and "
        "the exchange rate are in the growth, and two pairs of years have no interval."
    )


def _window(row: Any) -> str:
    part = float(row["substitution"])
    if abs(part) <= MARGIN:
        words = f"imports were neither replaced nor came back ({signed(part)} points of it)"
    elif part > 0:
        words = f"imports replaced by home output gave {signed(part)} points of it"
    else:
        words = f"imports that came back took {plain(-part)} points from it"
    return (
        f"From {int(row['start'])} to {int(row['end'])} output of the plan’s industries {moved(row['output_change'], margin=MARGIN)} "
        f"({signed(row['output_change'])}% in dollars: home demand {signed(row['demand'])}, exports {signed(row['exports_change'])}), and {words}"
    )


def title_detailed(found: pd.DataFrame) -> str:
    """Title of the figure of finer industries."""
    down = int((found["after"] < -MARGIN).sum())
    return (
        f"From {int(found['before_year'].max())} to {int(found['last_year'].max())} imports took a smaller share in {down} of "
        f"{len(found)} finer industries of the plan"
    )


def _named(rows: pd.DataFrame, most: int = 3) -> str:
    if rows.empty:
        return "none"
    words = [
        f"{row.label[0].lower()}{row.label[1:]} {plain(row.before)}% to {plain(row.last)}%"
        for row in each(rows.head(most))
    ]
    more = "most in " if len(rows) > most else ""
    return f"{len(rows)} ({more}{listing(words)})"
