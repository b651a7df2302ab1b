"""The years of the data behind each claim: the last year of every table that the ledger names, without forecasts and unverified rows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab import catalog
from mic2025lab.claims import ledger
from mic2025lab.claims.ledger import Claim
from mic2025lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd


def last_years(claim: Claim) -> dict[str, int]:
    """Return the last observed year of each table of a claim, the newest first. Tables without years, or not on this machine, are left out."""
    found = {}
    for name in claim.tables:
        with suppress(LabError):
            entry = catalog.describe(name)
            if entry.observed is not None:
                found[name] = entry.observed
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
        row = {"number": claim.number, "id": claim.id, "tables": len(years)}
        row |= {"newest": max(years.values(), default=None), "oldest": min(years.values(), default=None)}
        rows.append({**row, "last_years": ", ".join(f"{name} {year}" for name, year in years.items())})
    return pd.DataFrame(rows).astype({"newest": "Int64", "oldest": "Int64"})
