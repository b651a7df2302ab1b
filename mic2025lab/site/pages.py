"""The pages of the site."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from mic2025lab.analyses import ANALYSES, get, notebook_file
from mic2025lab.claims import BASE_YEARS, Judged, data_years, forest, ledger
from mic2025lab.claims.verdict import VERDICTS
from mic2025lab.classifications import economies, industries, products, sectors
from mic2025lab.classifications.sectors import Sector
from mic2025lab.errors import RunError
from mic2025lab.findings import listing
from mic2025lab.results.run import read_runs
from mic2025lab.runs.pages import html
from mic2025lab.site import board, search, sources, text
from mic2025lab.site import verdicts as claim_pages
from mic2025lab.site.changes import Story
from mic2025lab.site.reports import Group, Report, grouped
from mic2025lab.site.verdicts import SIGNS
from mic2025lab.version import __version__

#: Numbers in the table of sectors, runs in a history, and runs in the feed.
COLUMNS, RUNS, FEED = 6, 6, 100

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


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates of the site's pages. Every value is escaped."""
    made = html.environment().overlay(loader=jinja2.FileSystemLoader(_TEMPLATES))
    filters = (
        search.also, claim_pages.readable, claim_pages.first_test, claim_pages.why_untested,
        text.begin, text.clip, text.date, text.day, text.emphasis, text.heading, text.measured, text.plain, text.stamp, text.urn, text.value,
        text.when, text.xml
    )  # fmt: skip
    # Runs record figures of the same names again and again.
    special = {"quoted": quote, "words": lru_cache(maxsize=4096)(html.words)}
    made.filters = {**made.filters, **special, **{each.__name__: each for each in filters}}
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
        return cls(grouped(good), dict(sorted(unreadable.items())), claim_pages.by_kind(good, path), manual)

    @cached_property
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
    def picture(self) -> dict[str, Any] | None:
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

    def render(self, page: str, template: str, **values: Any) -> str:
        """Fill a template for the page at this address."""
        same = {"root": "../" * page.count("/"), "has_feed": bool(self.groups), "places": self.places}
        return environment().get_template(f"{template}.j2").render(**same, **values)

    def pages(self) -> dict[str, str]:
        """Write all pages except those of single changes."""
        return {page: self.render(page, template, **values) for page, template, values in self._contents()}

    def change(self, story: Story) -> str:
        """Write the page of one report's changes."""
        return self.render(
            story.report.page, "change.html", story=story, report=story.report, run=story.report.run
        )

    def _contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield address, template, and content of each page."""
        yield "index.html", "index.html", self._index()
        yield from self._claims()
        if self.groups or self.unreadable:
            named = {slug for report in self.reports for slug in report.sectors}
            told = [sector for sector in sectors.SECTORS if sector.slug in named]
            lists = {"groups": self.groups, "unreadable": self.unreadable, "sectors": told}
            yield "reports.html", "reports.html", {**lists, "scripted": True}
        for sector in sectors.SECTORS:
            yield f"sectors/{sector.slug}.html", "sector.html", self._sector(sector)
        if self.groups:
            yield from self._lists()
            news = {report.run.place: report.news for report in self.reports}
            runs = (run for group in self.groups for run in group.runs)
            newest = sorted(runs, key=lambda run: (run.manifest.ended, run.place), reverse=True)[:FEED]
            yield "atom.xml", "atom.xml", {"runs": newest, "news": news}
        for group in self.groups:
            yield group.page, "analysis.html", self._analysis(group)
        newest_first = sorted(self.reports, key=lambda report: report.run.manifest.started, reverse=True)
        changed = sorted((one for one in newest_first if one.news), key=lambda report: not report.changed)
        if changed:
            count = sum(report.changed for report in changed)
            yield "changes/index.html", "changes.html", {"reports": changed, "changed": count}

    @cached_property
    def _judged(self) -> list[Judged]:
        return sorted(chain.from_iterable(self.verdicts.values()), key=lambda one: one.claim.number)

    def _claims(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield the page of each claim, and the table of their verdicts by base year. None if no test has a figure."""
        rows = []
        for one in self._judged:
            years, last = one.by_base_year(), data_years.last_years(one.claim).values()
            changes = any(each.verdict != one.verdict for each in years.values())
            data = (min(last), max(last)) if last else None
            rows.append({"judged": one, "years": years, "changes": changes, "data": data})
        for row, one in zip(rows, self._judged, strict=True):
            shown = {"claim": one.claim, "kind": claim_pages.KINDS[one.claim.kind], "parts": one.parts}
            yield (
                claim_pages.page(one.claim),
                "claim.html",
                {**row, **shown, "rows": rows, "tables": self.tables},
            )
        if rows:
            shown = {"rows": rows, "base_years": BASE_YEARS, "scorecard": self._scorecard}
            yield "claims/index.html", "claims.html", shown

    def _index(self) -> dict[str, Any]:
        reports, claims = self.reports, self._judged
        good = [report for report in reports if report.run.good]
        found = Counter(one.verdict for one in claims)
        # Analyses without a good run: their data are not missing.
        without = {each.test.analysis for one in claims for each in one.tests} - {
            one.run.analysis for one in good
        }
        return {
            "scripted": bool(self.groups),
            "groups": self.groups,
            "board": self.picture,
            "aims": board.AIMS,
            "verdicts": self.verdicts,
            "claims": claims,
            "tally": listing(f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict]),
            "without_run": without,
            "unreadable": self.unreadable,
            "updated": max((report.run.manifest.started for report in reports), default=None),
            "counts": {
                "good": len(good),
                "failed": sum(not report.run.good or report.failure is not None for report in reports),
                "changed": sum(report.changed for report in reports),
                "simulated": sum(report.simulated for report in good),
            },
        }

    def _lists(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield the pages that list analyses, sectors, tables, and economies, and the search over all of them."""
        tables, named = self.tables, sources.economies_named(self.sentences)
        yield "analyses/index.html", "analyses.html", {"groups": self.groups}
        yield "sectors/index.html", "sectors.html", {**self._sector_numbers(), "picture": self.picture}
        vintages = sources.compared(tables)
        for page, found in vintages.items():
            yield page, "vintage.html", {"found": found}
        about = {"tables": tables, "economies": named, "vintages": vintages, "standing": sources.standing()}
        yield "data.html", "data.html", about
        if named:
            yield "economies.html", "economies.html", {"named": named, "names": economies.ECONOMIES}
        others = [(group, report) for group in self.groups for report in group.reports[1:]]
        listed = {"groups": self.groups, "reports": others, "judged": self._judged, "tables": tables}
        yield "search.html", "search.html", {"scripted": True, "named": named, **listed, **search.known()}

    def _sector_numbers(self) -> dict[str, Any]:
        """Choose the numbers that compare the sectors: those of the analysis with the most reports on one of the ten."""
        by_group = [
            (group, [one for one in group.reports if one.run.good and one.one_of_ten])
            for group in self.groups
        ]
        source, reports = max(by_group, key=lambda pair: len(pair[1]))
        results, columns = [report.run.results for report in reports], []
        order = results[0].order.figures if results else []
        for name in [name for name in order if all(name in each.figures for each in results)][:COLUMNS]:
            figures = [each.figures[name] for each in results]
            units, note = (
                {figure.unit or "" for figure in figures},
                text.shared_end(one.note for one in figures),
            )
            unit = units.pop() if len(units) == 1 else ""
            columns.append({"name": name, "unit": unit, "note": note, "figures": figures})
        rows = []
        for sector in sectors.SECTORS:
            there = [report for report in reports if sector.slug in report.sectors]
            # The report with the fewest other parameters represents the sector.
            rows.append((sector, min(there, key=lambda report: len(report.run.changed), default=None)))
        return {"source": source if results else None, "columns": columns, "rows": rows}

    @cached_property
    def sentences(self) -> list[tuple[Report, str]]:
        """The sentences of the good reports."""
        good = (report for report in self.reports if report.run.good)
        return [(report, sentence) for report in good for sentence in report.run.results.finding]

    def _sector(self, sector: Sector) -> dict[str, Any]:
        by_group = [
            (group, [report for report in group.reports if sector.slug in report.sectors])
            for group in self.groups
        ]
        name = sector.slug.replace("_", " ")
        word = re.compile(rf"\b{name}\b", re.IGNORECASE)
        return {
            "sector": sector,
            "sectors": sectors.SECTORS,
            "industries": [industries.VALUE_ADDED[slug] for slug in sector.industries],
            "groups": [(group, reports) for group, reports in by_group if reports],
            "products": [line for line in products.reviewed() if line.sector == sector.slug],
            "elsewhere": [
                (report, sentence)
                for report, sentence in self.sentences
                if name in sentence.lower() and word.search(sentence) and not report.one_of_ten
            ],
        }

    def _analysis(self, group: Group) -> dict[str, Any]:
        known = group.name in ANALYSES
        histories = [history(report) for report in group.reports if report.earlier]
        return {
            "group": group,
            "groups": self.groups,
            "known": known,
            "introduction": _introduction(group.name) if known else [],
            "parameters": _parameters(group),
            "histories": [made for made in histories if made["rows"]],
            "unchanged": [made["report"] for made in histories if not made["rows"]],
        }


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
