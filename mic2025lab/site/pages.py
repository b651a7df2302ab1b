"""The pages of the site, each from the runs on the shelf."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from mic2025lab import __version__
from mic2025lab.analyses import ANALYSES, get
from mic2025lab.classifications import industries, sectors
from mic2025lab.classifications.sectors import Sector
from mic2025lab.own_panels import SIMULATED
from mic2025lab.runs.pages import html
from mic2025lab.site import text
from mic2025lab.site.changes import Story
from mic2025lab.site.reading import Figure, Run
from mic2025lab.site.shelf import SCORECARD, Group
from mic2025lab.site.verdicts import Row

#: How many numbers stand in the table of sectors, how many runs in a history, how many rows in the scorecard.
COLUMNS, RUNS, ROWS = 6, 6, 60

_TEMPLATES = Path(__file__).with_name("templates")
_SCRIPT = Path(__file__).with_name("site.js")


@dataclass(frozen=True)
class Column:
    """A number that stands in the table of sectors for each of them."""

    name: str
    unit: str
    note: str
    figures: Sequence[Figure]

    def cell(self, run: Run | None) -> tuple[str, str]:
        """Write the number of a run with the decimals of the column."""
        return text.measured(run.results.figures[self.name], self.figures) if run else ("–", "")


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Give the templates of the site's pages; every value is escaped."""
    made = html.environment().overlay(loader=jinja2.FileSystemLoader(_TEMPLATES))
    made.filters = {
        **made.filters,
        "clip": text.clip,
        "emphasis": text.emphasis,
        "heading": text.heading,
        "measured": text.measured,
        "quoted": quote,
        "value": text.value,
    }
    script = _SCRIPT.read_text(encoding="utf-8")
    made.globals = {
        **made.globals,
        "version": __version__,
        "script": Markup(script),
        "script_hash": f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'",
    }
    return made


@dataclass(frozen=True)
class Site:
    """What all pages are made from.

    Attributes
    ----------
    groups : list of Group
        The runs by analysis.
    unreadable : list of (str, str)
        The folders that could not be read, with the reason.
    verdicts : mapping
        The claims by kind, where a test of one has a figure.
    """

    groups: list[Group]
    unreadable: list[tuple[str, str]]
    verdicts: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def front(self) -> list[Run]:
        return [run for group in self.groups for run in group.front]

    def render(self, template: str, page: str, **values: Any) -> str:
        """Fill a template for the page at this address."""
        return (
            environment()
            .get_template(template)
            .render(
                root="../" * page.count("/"),
                has_feed=bool(self.groups),
                has_changes=any(run.news for run in self.front),
                **values,
            )
        )

    def pages(self) -> dict[str, str]:
        """Write every page but those of single changes."""
        made = {"index.html": self._index()}
        made |= {f"sectors/{sector.slug}.html": self._sector(sector) for sector in sectors.SECTORS}
        made |= {group.page: self._analysis(group) for group in self.groups}
        newest_first = sorted(self.front, key=lambda run: run.manifest.started, reverse=True)
        told = sorted((run for run in newest_first if run.news), key=lambda run: not run.changed)
        if told:
            page = "changes/index.html"
            made[page] = self.render(
                "changes.html.j2", page, runs=told, moved=sum(run.changed for run in told)
            )
        return made

    def change(self, story: Story) -> str:
        """Write the page of one run's changes."""
        return self.render(
            "change.html.j2",
            story.run.changes,
            story=story,
            run=story.run,
            before=story.before,
            difference=story.difference,
        )

    def _index(self) -> str:
        front = self.front
        columns, source = self._columns()
        return self.render(
            "index.html.j2",
            "index.html",
            scripted=bool(self.groups),
            groups=self.groups,
            scorecard=self._scorecard(),
            verdicts=self.verdicts,
            unreadable=self.unreadable,
            newest=max(front, key=lambda run: run.manifest.started, default=None),
            sector_columns=columns,
            sector_source=source,
            sector_rows=[self._sector_row(sector, columns, source) for sector in sectors.SECTORS]
            if front
            else [],
            counts={
                "good": sum(run.good for run in front),
                "failed": sum(not run.good or run.failure is not None for run in front),
                "changed": sum(run.changed for run in front),
                # An analysis that takes a file of the user's firms has simulated ones where none is given.
                "simulated": sum(
                    run.good and run.manifest.parameters.get("path") == SIMULATED for run in front
                ),
            },
        )

    def _columns(self) -> tuple[list[Column], Group | None]:
        """Choose the numbers that the sectors are compared by: those of the analysis that knows most of them."""
        by_group = {
            group.name: [run for run in group.front if run.good and _of_ten(run)] for group in self.groups
        }
        source = max(self.groups, key=lambda group: len(by_group[group.name]), default=None)
        runs = by_group[source.name] if source else []
        if source is None or not runs:
            return [], None
        names = [
            name for name in runs[0].results.order.figures if all(name in run.results.figures for run in runs)
        ]
        return [
            _column(name, [run.results.figures[name] for run in runs]) for name in names[:COLUMNS]
        ], source

    def _sector_row(self, sector: Sector, columns: Sequence[Column], source: Group | None) -> dict[str, Any]:
        runs = [run for run in self.front if sector.slug in run.sectors]
        of_source = [run for run in runs if source and run.analysis == source.name and run.good]
        # The one that asks for nothing but the sector speaks for it.
        chosen = min(of_source, key=lambda run: len(run.manifest.changed), default=None)
        return {
            "sector": sector,
            "page": f"sectors/{sector.slug}.html",
            "runs": runs,
            "cells": [column.cell(chosen) for column in columns],
        }

    def _sector(self, sector: Sector) -> str:
        shelves = [
            (group, [run for run in group.front if sector.slug in run.sectors]) for group in self.groups
        ]
        return self.render(
            "sector.html.j2",
            f"sectors/{sector.slug}.html",
            sector=sector,
            sectors=sectors.SECTORS,
            industries=[industries.VALUE_ADDED[slug] for slug in sector.industries],
            shelves=[(group, runs) for group, runs in shelves if runs],
            elsewhere=[
                (run, sentence)
                for run in self.front
                if run.good and not _of_ten(run)
                for sentence in run.results.finding
                if _names(sector, sentence)
            ],
        )

    def _analysis(self, group: Group) -> str:
        known = group.name in ANALYSES
        behind = [run for run in group.front if run.behind]
        histories = [history(run) for run in behind]
        return self.render(
            "analysis.html.j2",
            group.page,
            group=group,
            groups=self.groups,
            known=known,
            intro=_intro(group.name) if known else [],
            parameters=_parameters(group),
            histories=[made for made in histories if made["rows"]],
            steady=[(made["run"], len(made["run"].behind) + 1) for made in histories if not made["rows"]],
        )

    def _scorecard(self) -> dict[str, Any] | None:
        """Give the first table of the newest good scorecard, if there is one."""
        found = next((group.lead for group in self.groups if group.name == SCORECARD), None)
        if found is None or not found.good:
            return None
        names = found.results.order.tables
        if not names:
            return {"run": found, "rows": []}
        table = found.results.tables[names[0]]
        columns, rows = _csv(found.folder / table.file)
        return {"run": found, "columns": columns, "rows": rows, "caption": table.caption}


def history(run: Run) -> dict[str, Any]:
    """Follow the numbers of a run through the good runs behind it, oldest first; only those that moved have a row."""
    runs = [*reversed(run.behind[: RUNS - 1]), run]
    rows, same = [], 0
    for name in run.results.order.figures:
        figures = [one.results.figures.get(name) for one in runs]
        moved = [False] + [old != new for old, new in pairwise(figures)]
        if not any(moved):
            same += 1
            continue
        cells = [
            (*(text.measured(figure) if figure else ("–", "")), changed)
            for figure, changed in zip(figures, moved, strict=True)
        ]
        rows.append((name, run.results.figures[name].unit or "", cells))
    return {"run": run, "runs": runs, "rows": rows, "same": same}


def _of_ten(run: Run) -> bool:
    return any(slug in sectors.slugs() for slug in run.sectors)


def _names(sector: Sector, sentence: str) -> bool:
    words = sector.slug.replace("_", " ")
    return re.search(rf"\b{re.escape(words)}\b", sentence, re.IGNORECASE) is not None


def _column(name: str, figures: Sequence[Figure]) -> Column:
    units = {figure.unit or "" for figure in figures}
    unit = units.pop() if len(units) == 1 else ""
    return Column(name, unit, text.shared_end(figure.note for figure in figures), figures)


def _parameters(group: Group) -> list[tuple[str, str, Any]]:
    """List the parameters with their meaning and default; of an analysis that is not the package's, the newest values."""
    if group.name not in ANALYSES:
        return [(name, "", value) for name, value in group.lead.manifest.parameters.items()]
    analysis = get(group.name)
    defaults: Mapping[str, Any] = analysis.defaults()
    return [(name, one.help, defaults[name]) for name, one in analysis.declared.items()]


def _intro(name: str) -> list[str]:
    """Take what the notebook says of itself before its first code: the paragraphs under its title."""
    path = ANALYSES[name]
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first = "".join(cells[0]["source"]) if cells and cells[0]["cell_type"] == "markdown" else ""
    _, _, below = first.partition("\n")
    return [" ".join(paragraph.split()) for paragraph in below.split("\n\n") if paragraph.strip()]


def _csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read the head of a recorded table; a number is written as a reader reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        columns = next(lines, [])
        rows = [[_cell(cell) for cell in line] for line, _ in zip(lines, range(ROWS), strict=False)]
    return columns, rows


def _cell(written: str) -> str:
    try:
        return html.number(float(written)) if re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", written) else written
    except ValueError:
        return written
