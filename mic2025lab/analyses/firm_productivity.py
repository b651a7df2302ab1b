"""Types and limits of the parameters of `firm_productivity`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab import own_panels
from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters, TextList
from mic2025lab.errors import shown

#: Estimators of a production function, and those that use materials as the proxy for productivity.
METHODS = ("ols", "fe", "op", "lp", "wooldridge", "acf")
PROXY = {"lp", "wooldridge", "acf"}


class Limits(Parameters):
    """Types and limits of the parameters of `firm_productivity`."""

    path: str
    columns: TextList
    logs: bool
    free: TextList
    methods: TextList
    method: Literal["ols", "fe", "lp", "wooldridge", "acf"]
    industry: str
    base_year: int
    degree: Annotated[int, Field(ge=1, le=6)]
    replications: Annotated[int, Field(ge=20, le=5000)]
    seed: Annotated[int, Field(ge=0)]

    def problems(self) -> Iterator[str]:
        yield from checks.list_problems("methods", self.methods)
        yield from checks.list_problems("free", self.free)
        for name in self.methods:
            yield from checks.name_problems("method", name, METHODS)
        if self.methods and self.method not in self.methods:
            yield f"method = {self.method!r} is not in methods ({shown(', '.join(self.methods))}); add it there, or choose one of those."
        reserved = [
            name for name in self.free if name in ("firm", "year", "value_added", "capital", "materials")
        ]
        if reserved:
            yield f"free includes {', '.join(reserved)}, which has another role; name inputs such as labor."
            return
        yield from own_panels.panel_problems(self.path, self.columns, self.needs, self.base_year)

    @property
    def needs(self) -> list[str]:
        """Columns that the panel must have."""
        optional = {
            "materials": bool(PROXY & set(self.methods)),
            "investment": "op" in self.methods,
            "industry": self.industry != "all",
        }
        return [
            "firm",
            "year",
            "value_added",
            *self.free,
            "capital",
            *(name for name, needed in optional.items() if needed),
        ]
