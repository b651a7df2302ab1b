"""Types and limits of the parameters of `sector_scorecard`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mic2025lab.analyses.model import Parameters


class Limits(Parameters):
    """Types and limits of the parameters of `sector_scorecard`."""

    base_year: Annotated[int, Field(ge=2012, le=2016)]
    margin: Annotated[float, Field(ge=0, le=20)]
    imports_margin: Annotated[float, Field(ge=0, le=100)]
