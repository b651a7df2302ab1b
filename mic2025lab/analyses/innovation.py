"""Types and limits of the parameters of `innovation`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mic2025lab.analyses.model import Parameters


class Limits(Parameters):
    """Types and limits of the parameters of `innovation`."""

    base_year: Annotated[int, Field(ge=2012, le=2016)]
    years: Annotated[int, Field(ge=3, le=5)]
    families_to: Annotated[int, Field(ge=2018, le=2020)]
    draws: Annotated[int, Field(ge=100, le=10000)]
    seed: Annotated[int, Field(ge=0)]
