"""The picture of the front page: ten sectors by three aims and the costs, from the cells that `sector_scorecard` recorded."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mic2025lab.claims import evidence
from mic2025lab.classifications import sectors
from mic2025lab.classifications.sectors import Sector
from mic2025lab.results import files
from mic2025lab.results.run import Run
from mic2025lab.site import text

#: The analysis, its table, and the columns of the table that the picture needs.
ANALYSIS, TABLE = "sector_scorecard", "cells"
_NEEDED = {
    "sector",
    "aim",
    "change",
    "end",
    "end year",
    "start year",
    "color",
    "match",
    "measured",
    "unit",
    "note",
}

#: The three aims of the plan and the costs, with the columns of the analysis that measure them.
AIMS: Mapping[str, tuple[str, ...]] = {
    "Imports": ("Imports",),
    "Foreign firms": ("Foreign firms",),
    "World position": ("Volume", "Value", "Knowledge", "Partners"),
    "Costs": ("Capacity use", "Price"),
}
#: A sign for each direction, so that color is not needed.
SIGNS = {"toward": "✓", "away": "✗", "unclear": "?", "level": "", "no data": "–"}


@dataclass(frozen=True)
class Cell:
    """One cell: its direction, the number as text, what it is in words, and whether the data match the sector only broadly."""

    side: str
    number: str
    words: str
    broad: bool

    @property
    def sign(self) -> str:
        """The sign of the direction."""
        return SIGNS[self.side]


@dataclass(frozen=True)
class Board:
    """The picture.

    Attributes
    ----------
    run : Run
        The run that it is from.
    rows : list of (Sector, list of Cell)
        The ten sectors with one cell for each column of `AIMS`.
    counts : mapping
        Direction -> observations, as the run recorded them.
    stale : str
        Why the data are no longer those of the catalog; empty if they are.
    """

    run: Run
    rows: Sequence[tuple[Sector, Sequence[Cell]]]
    counts: Mapping[str, int]
    stale: str


def read(run: Run | None) -> Board | None:
    """Read the picture of a run. None if it failed or has no such table."""
    table = run.results.tables.get(TABLE) if run is not None and run.good else None
    if run is None or table is None or files.digest(run.folder / table.file) != table.sha256:
        return None
    with (run.folder / table.file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not rows[0].keys() >= _NEEDED:
        return None
    by_place = {(row["sector"], row["aim"]): row for row in rows}
    aims = [aim for columns in AIMS.values() for aim in columns]
    cells = [(one, [_cell(by_place.get((one.name, aim))) for aim in aims]) for one in sectors.SECTORS]
    return Board(run, cells, _counts(run), evidence.stale(run))


def _counts(run: Run) -> dict[str, int]:
    found = {side: run.results.figures.get(f"observations_{side}") for side in ("toward", "away", "unclear")}
    return {side: one.value for side, one in found.items() if one and isinstance(one.value, int)}


def _cell(row: Mapping[str, str] | None) -> Cell:
    if row is None or row["color"] not in SIGNS or not row["measured"]:
        return Cell("no data", "", text.clip((row or {}).get("note") or "No data.", 200), False)
    change, end = _number(row["change"]), _number(row["end"])
    broad = row["match"] == "broad"
    if math.isnan(change):
        words = f"{row['measured']}: {end:.0f}% in {_year(row['end year'])}, a level; {row['match']} match"
        return Cell("level", f"{end:.0f}%", text.clip(words, 400), broad)
    number = f"{change:+.0f}" if abs(change) >= 9.95 else f"{change:+.1f}"
    number = number.replace("-", "−")
    unit = row["unit"] if row["unit"].startswith("%") else f" {row['unit']}"
    span = f"{_year(row['start year'])} to {_year(row['end year'])}"
    words = f"{row['measured']}: {number}{unit}, {span}; {row['color']}; {row['match']} match"
    return Cell(row["color"], number, text.clip(words, 400), broad)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan


def _year(written: str) -> str:
    return written.partition(".")[0]


def newest(runs: Iterable[Run]) -> Run | None:
    """Return the newest good run with default parameters, of runs with the newest first."""
    return next((run for run in runs if run.analysis == ANALYSIS and run.good and not run.changed), None)
