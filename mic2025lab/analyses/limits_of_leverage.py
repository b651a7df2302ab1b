"""Types and limits of the parameters of `limits_of_leverage`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from mic2025lab.analyses import checks
from mic2025lab.analyses.model import Parameters


class Limits(Parameters):
    """Types and limits of the parameters of `limits_of_leverage`."""

    base_year: Annotated[int, Field(ge=2012, le=2016)]
    threshold: Annotated[float, Field(ge=34, le=80)]
    chain: Literal["embedded", "semiconductor_chain"]

    def problems(self) -> Iterator[str]:
        if self.chain != "embedded":
            yield from checks.built_problems(self.chain)
