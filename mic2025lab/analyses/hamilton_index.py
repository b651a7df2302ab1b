"""Types and limits of the parameters of `hamilton_index`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mic2025lab.analyses.model import Parameters


class Limits(Parameters):
    """Types and limits of the parameters of `hamilton_index`."""

    year: Annotated[int, Field(ge=2018, le=2022)]
    base_year: Annotated[int, Field(ge=2012, le=2016)]
