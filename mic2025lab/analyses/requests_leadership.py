"""The parameters of `leadership` and `foreign_firms`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from mic2025lab import catalog, own_panels
from mic2025lab.analyses import checks
from mic2025lab.errors import LabError
from mic2025lab.params import Parameters, TextList


class Leadership(Parameters):
    """Parameters of `leadership`."""

    economy: str = Field("CHN", description="whose lead is asked about (ISO 3166-1 alpha-3)")
    comparators: TextList = Field(
        ["USA", "JPN", "DEU", "KOR"], description="economies it is compared with; gaps are to the first"
    )
    base_year: int = Field(2015, description="the year that the last one is compared with")
    robots: Literal["embedded", "robots"] = Field(
        "embedded", description='"embedded" tables only, or "robots": built on this machine'
    )
    rankings: Literal["embedded", "world_ranking_firms"] = Field(
        "embedded", description='"embedded" tables only, or "world_ranking_firms": built on this machine'
    )

    def problems(self) -> Iterator[str]:
        yield from checks.economy_problems(self.economy, self.comparators, ["value_added"])
        low, high = checks.years("value_added")
        first, _ = checks.years("ev_sales")
        low = max(low, first)
        if not low <= self.base_year <= high - checks.SIDE:
            yield (
                f"base_year = {self.base_year} has no figures to compare: they begin in {low} (ev_sales) and value_added ends in {high}; "
                f"choose a base_year from {low} to {high - checks.SIDE}."
            )
        for table in (self.robots, self.rankings):
            if table != "embedded":
                yield from _not_built(table)


def _not_built(table: str) -> Iterator[str]:
    """Say that a table is not on this machine, and how to build it."""
    try:
        catalog.digest(table)
    except LabError as error:
        yield str(error)


class ForeignFirms(Parameters):
    """Parameters of `foreign_firms`; `needs` are the columns of a file of one's own that it cannot do without."""

    needs: ClassVar = ("year", "industry", "ownership", "indicator", "value")
    path: str = Field(
        "none", description='"none", or a file of your own by year, industry, ownership and indicator'
    )
    columns: TextList = Field(
        [], description="what the file calls its columns: ours and theirs, joined by an equals sign"
    )
    base_year: int = Field(2015, description="the year that before and after are measured from")

    def problems(self) -> Iterator[str]:
        if self.path == own_panels.SIMULATED:
            yield "path = 'simulated' is a panel of simulated firms, which says nothing of owners; give a file, or leave path out."
        elif self.path != "none":
            yield from own_panels.panel_problems(self.path, self.columns, self.needs)
        elif self.columns:
            yield "columns renames a file's columns, and path = 'none' has none to rename; leave it out."
