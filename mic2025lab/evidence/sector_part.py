"""One question about a sector of the plan and its answer, or why there is none; what the parts of `sector_profile` share."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from mic2025lab.classifications import sectors

#: Whose the tables are that are of one economy only.
CHINA = "CHN"
NO_FIGURE = "No figure"


@dataclass(frozen=True)
class Part:
    """The answer to one question about a sector.

    Attributes
    ----------
    name : str
        What its figure is recorded as.
    question : str
        In a few words.
    says : str
        One or two sentences: the answer, or that there is no figure, why, and what would supply it.
    wanted : str
        What would supply the figure, or a better one.
    table : str
        The table of the catalogue that it is from.
    value, low, high : float or None
        The figure and its interval; None where there is none.
    unit, note : str
        Of the figure.
    span : str
        The years that it compares, or is of.
    years : (int, int) or None
        First and last year that the table has of the sector.
    stands : str
        What stands for the sector.
    match : {"good", "partial", "poor", "none"}
        How well.
    more : tuple
        Further figures: (name, value, unit, note, low, high).
    """

    name: str
    question: str
    says: str
    wanted: str
    table: str
    value: float | None = None
    unit: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    span: str = ""
    years: tuple[int, int] | None = None
    stands: str = ""
    match: str = "none"
    more: tuple[tuple[str, float, str, str, float | None, float | None], ...] = ()


def without(part: Part, why: str) -> Part:
    """Give the part without a figure: why, and what would supply it."""
    return dataclasses.replace(part, says=f"{NO_FIGURE}: {why}. It would take {part.wanted}.")


def of_some(slug: str) -> str:
    """How well some of a sector's industries match it: not well, where it has others."""
    own = sectors.get(slug)
    return "partial" if own.match == "good" and len(own.industries) > 1 else own.match
