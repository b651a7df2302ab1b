"""Types and limits of the parameters of `chokepoints`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters
from mic2025lab.errors import unknown_name


class Limits(Parameters):
    """Types and limits of the parameters of `chokepoints`."""

    importer: str
    supplier: str
    base_year: int
    start: int
    share_above: Annotated[float, Field(gt=0, lt=1)]
    hhi_above: Annotated[float, Field(gt=0, lt=1)]
    alternative_above: Annotated[float, Field(gt=0, lt=1)]
    years_needed: Annotated[int, Field(ge=1, le=10)]
    years_window: Annotated[int, Field(ge=1, le=10)]
    table: str
    flows: Literal["embedded", "baci"]

    def problems(self) -> Iterator[str]:
        if self.flows == "baci":
            yield from checks.converted_problems("baci", {})
        yield from checks.table_problems(self.table, "exporter", "importer", "product", "year", "value")
        exporters = checks.values("critical_materials_exports", "exporter")
        for name, value in (("importer", self.importer), ("supplier", self.supplier)):
            if value not in exporters:
                yield f"{name}: {unknown_name('economy', value, exporters)}"
        low, high = checks.years("critical_materials_exports")
        yield from checks.start_problems("critical_materials_exports", self.start, self.base_year, low, high)
        if self.years_needed > self.years_window:
            yield (
                f"years_needed = {self.years_needed} is more than years_window = {self.years_window}; "
                f"choose a years_needed of at most {self.years_window}."
            )
