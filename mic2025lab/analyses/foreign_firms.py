"""Types and limits of the parameters of `foreign_firms`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from mic2025lab import own_panels
from mic2025lab.analyses.model import Parameters, TextList


class Limits(Parameters):
    """Types and limits of the parameters of `foreign_firms`."""

    needs: ClassVar = ("year", "industry", "ownership", "indicator", "value")
    path: str
    columns: TextList
    base_year: int

    def problems(self) -> Iterator[str]:
        if self.path == own_panels.SIMULATED:
            yield "path = 'simulated' has no data on ownership; give a file, or leave path out."
        elif self.path != "none":
            yield from own_panels.panel_problems(self.path, self.columns, self.needs)
        elif self.columns:
            yield "columns needs a file, and path = 'none'; give a file, or leave columns out."
