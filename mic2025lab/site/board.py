"""The picture of the front page: ten sectors by three aims and the costs, from the cells that `sector_scorecard` recorded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from mic2025lab.claims import evidence
from mic2025lab.classifications import sectors
from mic2025lab.errors import LabError
from mic2025lab.results.run import Run
from mic2025lab.site import text

#: The analysis, and its table.
ANALYSIS, TABLE = "sector_scorecard", "cells"

#: The three aims of the plan and the costs, with the columns of the analysis that measure them.
AIMS: Mapping[str, tuple[str, ...]] = {
    "Imports": ("Imports",),
    "Foreign firms": ("Foreign firms",),
    "World position": ("Volume", "Value", "Knowledge", "Partners"),
    "Costs": ("Capacity use", "Price"),
}
#: A sign for each direction, so that color is not needed.
SIGNS = {"toward": "✓", "away": "✗", "unclear": "?", "level": "", "no data": "–"}


def read(runs: Iterable[Run]) -> dict[str, Any] | None:
    """Read the picture of the first good run with default parameters. None if there is none or it has no such table.

    Returns
    -------
    dict
        `run`; `rows`: the ten sectors, each with one cell for each column of `AIMS`; `counts`: direction -> observations, as the run
        recorded them; `stale`: why the data are no longer those of the catalog, empty if they are.
    """
    run = next((one for one in runs if one.analysis == ANALYSIS and one.good and not one.changed), None)
    if run is None:
        return None
    try:
        by_place = {(row["sector"], row["aim"]): row for row in evidence.rows(run, TABLE)}
        aims = [aim for columns in AIMS.values() for aim in columns]
        rows = [(one, [_cell(by_place.get((one.name, aim))) for aim in aims]) for one in sectors.SECTORS]
    except (LabError, KeyError, TypeError):  # changed since, or of another form
        return None
    figures = {
        side: run.results.figures.get(f"observations_{side}") for side in ("toward", "away", "unclear")
    }
    counts = {side: one.value for side, one in figures.items() if one and isinstance(one.value, int)}
    return {"run": run, "rows": rows, "counts": counts, "stale": evidence.stale(run)} if by_place else None


def _cell(row: Mapping[str, str] | None) -> dict[str, Any]:
    """Return a cell: its direction with a sign, the number, what it is in words, and whether the data match the sector only broadly."""
    side, number, broad = "no data", "", False
    words = (row or {}).get("note") or "No data."
    if row is not None and row["color"] in SIGNS and row["measured"]:
        side, broad, change = row["color"], row["match"] == "broad", _number(row["change"])
        end, unit = row["end year"].partition(".")[0], row["unit"]
        if math.isnan(change):
            side, number = "level", f"{_number(row['end']):.0f}%"
            words = f"{row['measured']}: {number} in {end}, a level; {row['match']} match"
        else:
            number = (f"{change:+.0f}" if abs(change) >= 9.95 else f"{change:+.1f}").replace("-", "−")
            told = f"{number}{unit}" if unit.startswith("%") else f"{number} {unit}"
            span = f"{row['start year'].partition('.')[0]} to {end}"
            words = f"{row['measured']}: {told}, {span}; {side}; {row['match']} match"
    return {
        "side": side,
        "sign": SIGNS[side],
        "number": number,
        "words": text.clip(words, 400),
        "broad": broad,
    }


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan
