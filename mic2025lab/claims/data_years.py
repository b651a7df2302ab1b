"""The years of the data behind each claim: the last year of every table that the ledger names, without forecasts and unverified rows."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab import catalog
from mic2025lab.claims import ledger
from mic2025lab.claims.ledger import Claim
from mic2025lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

#: Flags of rows that are not yet observed.
AHEAD = ("forecast", "projection")


def last_years(claim: Claim) -> dict[str, int]:
    """Return the last observed year of each table of a claim, the newest first. Tables without years, or not on this machine, are left out."""
    found = {name: year for name in claim.tables if (year := _last_year(name)) is not None}
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def table(path: str | Path = ledger.LEDGER) -> pd.DataFrame:
    """Return the last year of the data behind each claim of a ledger.

    Parameters
    ----------
    path : path
        The ledger. The package's own by default; give an older one to compare.

    Returns
    -------
    pandas.DataFrame
        One row for each claim: `number`, `id`, `tables` (how many have years), `newest` and `oldest` (the largest and the smallest last year;
        missing if no table has one), and `last_years`, table by table.

    Examples
    --------
    >>> table().set_index("number").loc[13, "newest"]
    np.int64(2025)
    """
    import pandas as pd

    rows = []
    for claim in ledger.read(path):
        years = last_years(claim)
        ends = {"newest": max(years.values(), default=None), "oldest": min(years.values(), default=None)}
        told = ", ".join(f"{name} {year}" for name, year in years.items())
        rows.append(
            {"number": claim.number, "id": claim.id, "tables": len(years), **ends, "last_years": told}
        )
    return pd.DataFrame(rows).astype({"newest": "Int64", "oldest": "Int64"})


def _last_year(name: str) -> int | None:
    try:
        entry = catalog.describe(name)
    except LabError:
        return None
    return _observed(name, entry.sha256) if "year" in entry.coverage else None


@lru_cache(maxsize=256)
def _observed(name: str, checksum: str) -> int:
    """Return the last year with an observed row. `checksum` is in the key so that a table that is built again is read again."""
    entry = catalog.describe(name)
    last = int(entry.coverage["year"][1])
    retrieved = max(int(origin.retrieved[:4]) for origin in entry.origins)
    if last < retrieved and not {"flag", "verified"} & set(entry.columns):
        return last
    rows = catalog.load(name, **({"vintage": "all"} if entry.vintage_column else {}))
    if "flag" in rows:
        rows = rows[~rows["flag"].isin(AHEAD)]
    if "verified" in rows and rows["verified"].eq("yes").any():
        rows = rows[rows["verified"] == "yes"]
    return int(rows.loc[rows["year"] <= retrieved, "year"].max())
