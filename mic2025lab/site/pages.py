"""The pages of the site."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from mic2025lab import __version__
from mic2025lab.analyses import ANALYSES, get, notebook_file
from mic2025lab.claims import BASE_YEARS, Judged, data_years, forest, ledger
from mic2025lab.claims.verdict import VERDICTS, combine
from mic2025lab.classifications import economies, industries, products, sectors
from mic2025lab.classifications.sectors import Sector
from mic2025lab.errors import RunError
from mic2025lab.findings import listing
from mic2025lab.results.run import Figure, read_runs
from mic2025lab.runs.pages import html
from mic2025lab.site import board, search, sources, text
from mic2025lab.site import verdicts as claim_pages
from mic2025lab.site.changes import Story
from mic2025lab.site.reports import Group, Report, group
from mic2025lab.site.verdicts import SIGNS

#: Numbers in the table of sectors, and runs in a history.
COLUMNS, RUNS = 6, 6

#: The documentation, where `make docs` has put it into the folder of reports.
MANUAL = "manual/index.html"

#: The places that every page leads to, as far as they exist: name, title, page.
PLACES = [
    ("index", "Front page", "index.html"),
    ("claims", "Claims", "claims/index.html"),
    ("sectors", "Sectors", "sectors/index.html"),
    ("analyses", "Analyses", "analyses/index.html"),
    ("reports", "Reports", "reports.html"),
    ("data", "Data", "data.html"),
    ("changes", "What changed", "changes/index.html"),
    ("manual", "Documentation", MANUAL),
    ("search", "Search", "search.html"),
    ("feed", "Feed", "atom.xml"),
]

_TEMPLATES = Path(__file__).with_name("templates")
_SCRIPT = Path(__file__).with_name("site.js")


@dataclass(frozen=True)
class Column:
    """A number in the table of sectors."""

    name: str
    unit: str
    note: str
    figures: Sequence[Figure]

    def cell(self, report: Report | None) -> tuple[str, str]:
        """Write the number of a report with the decimals of the column."""
        return text.measured(report.run.results.figures[self.name], self.figures) if report else ("–", "")


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates of the site's pages. Every value is escaped."""
    made = html.environment().overlay(loader=jinja2.FileSystemLoader(_TEMPLATES))
    filters = (
        claim_pages.readable, claim_pages.first_test, claim_pages.why_untested, claim_pages.shown,
        text.begin, text.clip, text.date, text.day, text.emphasis, text.heading, text.measured, text.stamp, text.value, text.when
    )  # fmt: skip
    made.filters = {**made.filters, "quoted": quote, **{each.__name__: each for each in filters}}
    script = _SCRIPT.read_text(encoding="utf-8")
    made.globals = {
        **made.globals,
        "version": __version__,
        "forest": forest,
        "signs": SIGNS,
        "claim_page": claim_pages.page,
        "script": Markup(script),
        "script_hash": f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'",
    }
    return made


@dataclass
class Site:
    """The content of all pages.

    Attributes
    ----------
    groups : list of Group
        The runs by analysis.
    unreadable : dict
        Folder -> reason, for the folders that cannot be read.
    verdicts : mapping
        The claims by kind. Empty if no test has a figure.
    manual : bool
        Whether the folder has the documentation.
    """

    groups: list[Group]
    unreadable: dict[str, str]
    verdicts: Mapping[str, Sequence[Judged]] = field(default_factory=dict)
    manual: bool = False

    @classmethod
    def read(cls, reports: Path, path: Path = ledger.LEDGER) -> Site:
        """Read all runs of a folder of reports, with their results, and judge the claims of a ledger by them."""
        found, unreadable = read_runs(reports)
        good = []
        for run in found:
            try:
                assert run.results
                good.append(run)
            except RunError as error:
                unreadable[run.place] = str(error).replace(f"{reports}/", "")
        manual = (reports / MANUAL).is_file()
        return cls(group(good), dict(sorted(unreadable.items())), claim_pages.by_kind(good, path), manual)

    @property
    def reports(self) -> list[Report]:
        """All reports, by analysis."""
        return [report for group in self.groups for report in group.reports]

    @property
    def _scorecard(self) -> Report | None:
        return next((one.lead for one in self.groups if one.name == "scorecard" and one.lead.run.good), None)

    @cached_property
    def tables(self) -> dict[str, sources.Used]:
        """The tables of the catalog that the reports used."""
        return sources.used(self.groups)

    @cached_property
    def picture(self) -> board.Board | None:
        """The picture of the front page, if there is a run for it."""
        return board.read(board.newest(report.run for report in self.reports))

    @cached_property
    def places(self) -> list[tuple[str, str, str]]:
        """The places that every page leads to: name, title, page."""
        there = {
            "index": True,
            "claims": bool(self.verdicts),
            "changes": any(report.news for report in self.reports),
            "reports": bool(self.groups or self.unreadable),
            "manual": self.manual,
        }
        return [place for place in PLACES if there.get(place[0], bool(self.groups))]

    def render(self, template: str, page: str, **values: Any) -> str:
        """Fill a template for the page at this address."""
        return (
            environment()
            .get_template(template)
            .render(
                root="../" * page.count("/"),
                has_feed=bool(self.groups),
                places=self.places,
                **values,
            )
        )

    def pages(self) -> dict[str, str]:
        """Write all pages except those of single changes."""
        made = {"index.html": self._index(), **self._lists()}
        made |= {f"sectors/{sector.slug}.html": self._sector(sector) for sector in sectors.SECTORS}
        made |= {group.page: self._analysis(group) for group in self.groups}
        made |= self._claims()
        newest_first = sorted(self.reports, key=lambda report: report.run.manifest.started, reverse=True)
        told = sorted((one for one in newest_first if one.news), key=lambda report: not report.changed)
        if told:
            page = "changes/index.html"
            made[page] = self.render(
                "changes.html.j2", page, reports=told, changed=sum(report.changed for report in told)
            )
        return made

    def change(self, story: Story) -> str:
        """Write the page of one report's changes."""
        return self.render(
            "change.html.j2",
            story.report.page,
            story=story,
            report=story.report,
            run=story.report.run,
            before=story.report.earlier[0],
            difference=story.difference,
        )

    def _claims(self) -> dict[str, str]:
        """Write the page of each claim, and the table of their verdicts by base year. None if no test has a figure."""
        rows: list[dict[str, Any]] = [
            {"kind": kind, "judged": one, "years": {year: one.at(year) for year in BASE_YEARS}}
            for kind, judged in self.verdicts.items()
            for one in judged
        ]
        rows.sort(key=lambda row: row["judged"].claim.number)
        for row in rows:
            row["changes"] = any(each.verdict != row["judged"].verdict for each in row["years"].values())
            years = data_years.last_years(row["judged"].claim)
            row["data"] = (min(years.values()), max(years.values())) if years else None
        made = {}
        for row in rows:
            claim, page = row["judged"].claim, claim_pages.page(row["judged"].claim)
            parts = [
                (
                    part,
                    combine(row["judged"].by_part[part.id]),
                    [one for one in row["judged"].tests if one.test.part == part.id],
                )
                for part in claim.parts
            ]
            made[page] = self.render(
                "claim.html.j2", page, **row, claim=claim, parts=parts, rows=rows, tables=self.tables
            )
        if rows:
            page = "claims/index.html"
            made[page] = self.render(
                "claims.html.j2", page, rows=rows, base_years=BASE_YEARS, scorecard=self._scorecard
            )
        return made

    def _index(self) -> str:
        reports = self.reports
        good = [report for report in reports if report.run.good]
        claims = sorted(chain.from_iterable(self.verdicts.values()), key=lambda one: one.claim.number)
        found = Counter(one.verdict for one in claims)
        return self.render(
            "index.html.j2",
            "index.html",
            scripted=bool(self.groups),
            groups=self.groups,
            board=self.picture,
            aims=board.AIMS,
            verdicts=self.verdicts,
            claims=claims,
            tally=listing(f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict]),
            without_run=self._without_run(claims),
            unreadable=self.unreadable,
            updated=max((report.run.manifest.started for report in reports), default=None),
            counts={
                "good": len(good),
                "failed": sum(not report.run.good or report.failure is not None for report in reports),
                "changed": sum(report.changed for report in reports),
                "simulated": sum(report.simulated for report in good),
            },
        )

    def _without_run(self, claims: Sequence[Judged]) -> list[str]:
        """List the analyses that tests need and that have no good run: their data are not missing."""
        run = {report.run.analysis for report in self.reports if report.run.good}
        return sorted({each.test.analysis for one in claims for each in one.tests} - run)

    def _lists(self) -> dict[str, str]:
        """Write the pages that list reports, analyses, sectors, tables, and economies, and the search over all of them."""
        if not self.groups:
            return {"reports.html": self._reports([])} if self.unreadable else {}
        columns, source = self._columns()
        rows = [self._sector_row(sector, columns, source) for sector in sectors.SECTORS]
        tables, named = self.tables, sources.economies_named(self.groups)
        vintages = sources.compared(tables)
        judged = sorted(chain.from_iterable(self.verdicts.values()), key=lambda one: one.claim.number)
        entries = search.entries(self.groups, judged, tables, named)
        made = {
            "reports.html": self._reports(rows),
            "analyses/index.html": self.render("analyses.html.j2", "analyses/index.html", groups=self.groups),
            "sectors/index.html": self.render(
                "sectors.html.j2",
                "sectors/index.html",
                sector_columns=columns,
                sector_source=source,
                sector_rows=rows,
                picture=self.picture,
            ),
            "data.html": self.render(
                "data.html.j2", "data.html", tables=tables, economies=named, vintages=vintages
            ),
            "search.html": self.render("search.html.j2", "search.html", scripted=True, entries=entries),
        }
        for page, found in vintages.items():
            made[page] = self.render("vintage.html.j2", page, found=found)
        if named:
            made["economies.html"] = self.render(
                "economies.html.j2", "economies.html", named=named, names=economies.ECONOMIES
            )
        return made

    def _reports(self, rows: Sequence[Mapping[str, Any]]) -> str:
        return self.render(
            "reports.html.j2",
            "reports.html",
            scripted=True,
            groups=self.groups,
            sector_rows=rows,
            unreadable=self.unreadable,
        )

    def _columns(self) -> tuple[list[Column], Group | None]:
        """Choose the numbers that compare the sectors: those of the analysis with the most reports on one of the ten."""
        by_group = {
            group.name: [one for one in group.reports if one.run.good and one.one_of_ten]
            for group in self.groups
        }
        source = max(self.groups, key=lambda group: len(by_group[group.name]), default=None)
        results = [report.run.results for report in by_group[source.name]] if source else []
        if not results:
            return [], None
        names = [name for name in results[0].order.figures if all(name in each.figures for each in results)]
        return [_column(name, [each.figures[name] for each in results]) for name in names[:COLUMNS]], source

    def _sector_row(self, sector: Sector, columns: Sequence[Column], source: Group | None) -> dict[str, Any]:
        reports = [report for report in self.reports if sector.slug in report.sectors]
        candidates = [
            report for report in reports if source and report.run.analysis == source.name and report.run.good
        ]
        # The report with the fewest other parameters represents the sector.
        chosen = min(candidates, key=lambda report: len(report.run.changed), default=None)
        return {
            "sector": sector,
            "page": f"sectors/{sector.slug}.html",
            "reports": reports,
            "cells": [column.cell(chosen) for column in columns],
        }

    def _sector(self, sector: Sector) -> str:
        by_group = [
            (group, [report for report in group.reports if sector.slug in report.sectors])
            for group in self.groups
        ]
        return self.render(
            "sector.html.j2",
            f"sectors/{sector.slug}.html",
            sector=sector,
            sectors=sectors.SECTORS,
            industries=[industries.VALUE_ADDED[slug] for slug in sector.industries],
            groups=[(group, reports) for group, reports in by_group if reports],
            products=[line for line in products.reviewed() if line.sector == sector.slug],
            elsewhere=[
                (report, sentence)
                for report in self.reports
                if report.run.good and not report.one_of_ten
                for sentence in report.run.results.finding
                if _names(sector, sentence)
            ],
        )

    def _analysis(self, group: Group) -> str:
        known = group.name in ANALYSES
        histories = [history(report) for report in group.reports if report.earlier]
        return self.render(
            "analysis.html.j2",
            group.page,
            group=group,
            groups=self.groups,
            known=known,
            introduction=_introduction(group.name) if known else [],
            parameters=_parameters(group),
            histories=[made for made in histories if made["rows"]],
            unchanged=[made["report"] for made in histories if not made["rows"]],
        )


def history(report: Report) -> dict[str, Any]:
    """Return the numbers of a report in its last runs, oldest first. Only numbers that changed have a row."""
    runs = [*reversed(report.earlier[: RUNS - 1]), report.run]
    rows, same = [], 0
    for name in report.run.results.order.figures:
        figures = [run.results.figures.get(name) for run in runs]
        changed = [False] + [old != new for old, new in pairwise(figures)]
        if not any(changed):
            same += 1
            continue
        cells = [
            (*(text.measured(figure) if figure else ("–", "")), new)
            for figure, new in zip(figures, changed, strict=True)
        ]
        rows.append((name, report.run.results.figures[name].unit or "", cells))
    return {"report": report, "runs": runs, "rows": rows, "same": same}


def _names(sector: Sector, sentence: str) -> bool:
    words = sector.slug.replace("_", " ")
    return re.search(rf"\b{re.escape(words)}\b", sentence, re.IGNORECASE) is not None


def _column(name: str, figures: Sequence[Figure]) -> Column:
    units = {figure.unit or "" for figure in figures}
    unit = units.pop() if len(units) == 1 else ""
    return Column(name, unit, text.shared_end(figure.note for figure in figures), figures)


def _parameters(group: Group) -> list[tuple[str, str, Any]]:
    """List the parameters with description and default, or with the newest values for somebody else's analysis."""
    if group.name not in ANALYSES:
        return [(name, "", value) for name, value in group.lead.run.parameters.items()]
    analysis = get(group.name)
    defaults: Mapping[str, Any] = analysis.defaults()
    return [(name, one.help, defaults[name]) for name, one in analysis.declared.items()]


def _introduction(name: str) -> list[str]:
    """Return the paragraphs under the title of a notebook, before its first code."""
    first, *_ = notebook_file.read(ANALYSES[name]).cells
    below = first.text.partition("\n")[2] if first.cell_type == "markdown" else ""
    return [" ".join(paragraph.split()) for paragraph in below.split("\n\n") if paragraph.strip()]
