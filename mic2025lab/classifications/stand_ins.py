"""Which industries of a table stand in for each sector of the plan, and how well.

The choice is this project's. A match is *good* where the industries are mostly the sector and hold most of it, *partial* where
one of the two fails, and *poor* where both do. `value_added` has its own list in `sectors.SECTORS`, and `capacity_utilization` in
`industries.CAPACITY_TARGETED`. The lists are `stand_ins.csv` (by table, or by edition of `industry_supply`) and `nbs_broad.csv`; a note says
what the industries have too much or too little of.

In the inter-country tables (ISIC) aircraft, ships, and trains are one industry. So they are in the OECD's edition of China's input-output
tables (45 industries); medical instruments are in none of its industries, so that the sector is pharmaceuticals alone. The NBS's finer
tables (more than 100 industries) go by name; in them medical equipment is separate from 2018 only, and robots never.
"""

from __future__ import annotations

from typing import Any

from mic2025lab.classifications import lists
from mic2025lab.errors import unknown_name

#: The plan's broad industries in the NBS's tables: name in the tables of 42 industries, and the first and last of its parts where the table is finer.
NBS_BROAD = {row["name"]: (row["first"], row["last"]) for row in lists.read("nbs_broad")}


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

    found = pd.DataFrame(lists.read("stand_ins"))
    if table not in set(found["table"]):
        raise unknown_name("table of stand-ins", table, found["table"].unique())
    return found[found["table"] == table].drop(columns="table").reset_index(drop=True)
