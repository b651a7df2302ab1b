"""The industries of a sector and its paces, for `sector_profile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mic2025lab import metrics
from mic2025lab.classifications import industries, sectors
from mic2025lab.errors import LabError
from mic2025lab.findings import listing

WORLD = "WLD"


@dataclass(frozen=True)
class Scope:
    """The industries that an answer is about.

    Attributes
    ----------
    headline : str
        The industry of the first sentence: all manufacturing, the sector's only industry, or the sum of its industries.
    industries : tuple of str
        All that are shown, the headline first.
    parts : tuple of str
        Industries that the headline adds up, where the table has no such row of its own.
    names : mapping
        Industry -> name as it stands in a sentence.
    note : str
        How well the industries stand for the sector; empty for all manufacturing.
    """

    headline: str
    industries: tuple[str, ...]
    parts: tuple[str, ...]
    names: Mapping[str, str]
    note: str

    @property
    def labels(self) -> dict[str, str]:
        """Industry -> name with a capital letter, for figures."""
        labels = {industry: name[0].upper() + name[1:] for industry, name in self.names.items()}
        return labels | ({self.headline: "Whole sector"} if self.parts else {})


def scope(sector: str) -> Scope:
    """Say which industries of `value_added` an analysis of a sector looks at.

    Examples
    --------
    >>> scope("biopharma_medical").industries
    ('biopharma_medical', 'pharmaceuticals', 'medical_instruments')
    """
    if sector == "all":
        shown = ("manufacturing", *industries.DETAILED_MANUFACTURING)
        return Scope("manufacturing", shown, (), {i: industries.name(i) for i in shown}, "")
    found = sectors.get(sector)
    if not found.industries:
        raise LabError(f"No industry of value_added stands for {sector!r}: {found.match_note}")
    note = (
        f"The sector is read from {listing([industries.name(i) for i in found.industries])}, "
        f"a {found.match} match: {found.match_note}"
    )
    names = {i: industries.name(i) for i in found.industries}
    if len(found.industries) == 1:
        return Scope(found.industries[0], found.industries, (), names, note)
    words = f"the sector “{found.name}”"
    return Scope(sector, (sector, *found.industries), found.industries, {sector: words, **names}, note)


def with_headline(table: pd.DataFrame, of: Scope) -> pd.DataFrame:
    """Add the sum of the sector's industries to `value_added`, as an industry named after the sector."""
    if not of.parts:
        return table
    rows = table[table["industry"].isin(of.parts)]
    whole = rows.groupby(["year", "economy", "unit"])["value"]
    # An economy-year that lacks one of the industries has no sum.
    total = whole.sum().where(whole.count() == len(of.parts)).reset_index().assign(industry=of.headline)
    return pd.concat([table, total[table.columns]], ignore_index=True)


def pace_table(own: pd.DataFrame, of: Scope, *, at: int) -> pd.DataFrame:
    """`metrics.pace` of one economy's shares (in percent) for the industries in scope, in their order, with names (`label`)."""
    table = (
        metrics.pace(own, of="industry", at=at).set_index("industry").loc[list(of.industries)].reset_index()
    )
    return table.assign(label=table["industry"].map(of.names))
